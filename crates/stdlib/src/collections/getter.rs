//! Counting, and the fields of named tuples.

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::{BinOp, TypeObject, lookup};
use taipan_runtime::vm::{Vm, intern};

/// Whether reading and writing of items is that of dict itself.
fn counts_as_dict(mapping: &Value) -> bool {
    let dict = Dict::TYPE.get();
    mapping.ty().is(dict)
        || ["get", "__setitem__"].iter().all(|name| {
            let name = intern(name);
            matches!((lookup(mapping.ty(), name.value()), lookup(dict, name.value())), (Some(a), Some(b)) if a.is(&b))
        })
}

/// Count elements in the iterable, updating the mapping.
#[function(sig = "(mapping, iterable, /)")]
pub fn _count_elements(vm: &Vm, mapping: &Value, iterable: &Value) -> R<()> {
    let one = Value::small(1);
    if let Some(d) = mapping.downcast::<Dict>().filter(|_| counts_as_dict(mapping)) {
        return vm.for_each(iterable, |k| {
            let hash = vm.hash(&k)?;
            let n = match d.get_hashed(vm, &k, hash)? {
                Some(n) => match n.as_small() {
                    Some(n) => Value::from(n + 1),
                    None => vm.binary(&n, &one, BinOp::Add)?,
                },
                None => one.clone(),
            };
            d.set_hashed(vm, k, hash, n)
        });
    }
    let get = vm.get_attr_str(mapping, "get")?;
    vm.for_each(iterable, |k| {
        let n = vm.call(&get, &[k.clone(), Value::small(0)])?;
        let n = vm.binary(&n, &one, BinOp::Add)?;
        vm.setitem(mapping, &k, &n)
    })
}

/// The payload of _tuplegetter.
#[derive(Trace)]
pub struct TupleGetter {
    index: usize,
    doc: PyCell<Value>,
}

/// A field of a named tuple.
#[class(name = "_tuplegetter", module = "_collections", flags(GC), sig = "(index, doc, /)")]
impl TupleGetter {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, index: usize, doc: &Value) -> R {
        Ok(Ref::new(TupleGetter { index, doc: PyCell::new(doc.clone()) }).into_value())
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        match obj.downcast::<Tuple>() {
            Some(t) => match t.as_slice().get(this.index) {
                Some(v) => Ok(v.clone()),
                None => Err(vm.index_error("tuple index out of range")),
            },
            None if obj.is_none() => Ok(this.value().clone()),
            None => Err(vm.type_error(format!(
                "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
                this.index,
                obj.ty().tp_name()
            ))),
        }
    }

    #[slot]
    fn descr_set(vm: &Vm, _this: &Ref<Self>, _obj: &Value, value: Option<&Value>) -> R<()> {
        let what = if value.is_some() { "can't set attribute" } else { "can't delete attribute" };
        Err(vm.raise_msg(&taipan_runtime::types::exceptions::ATTRIBUTE_ERROR, what))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        Ok(format!("_tuplegetter({}, {})", this.index, vm.repr_string(&this.doc.get())?))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.doc.get())
    }

    #[setter]
    fn set___doc__(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.doc.set(value.cloned().unwrap_or(Value::NONE));
        Ok(())
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let args = tuple::from_array([Value::from(this.index), this.doc.get()]);
        Ok(tuple::from_array([this.ty().to_value(), args.into_value()]).into_value())
    }
}
