//! cmp_to_key: a comparison function as a key function.

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::bind::{Callee, bind_array, given};
use taipan_runtime::native::{Args, Param, ParamKind, Signature};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::Vm;

/// The payload of the key function and of the keys that it makes.
#[derive(Trace)]
pub struct KeyWrapper {
    cmp: Value,
    /// What a key stands for; the key function itself has none.
    obj: PyCell<Option<Value>>,
}

/// The key function's parameter.
static K: Callee = Callee {
    owner: "",
    name: "K",
    sig: Signature { params: &[Param { name: "obj", kind: ParamKind::Any, optional: false }] },
    constructor: false,
};

/// Convert a cmp= function into a key= function.
///
///   mycmp
///     Function that compares two objects.
#[function(sig = "(mycmp)")]
pub fn cmp_to_key(_vm: &Vm, mycmp: &Value) -> R {
    Ok(Ref::new(KeyWrapper { cmp: mycmp.clone(), obj: PyCell::new(None) }).into_value())
}

#[class(name = "KeyWrapper", module = "functools", flags(GC, NO_NEW))]
impl KeyWrapper {
    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let obj = match args.all {
            [v] if args.names.is_empty() => v,
            _ => given(bind_array::<1>(vm, &K, args)?[0]),
        };
        Ok(Ref::new(KeyWrapper { cmp: this.cmp.clone(), obj: PyCell::new(Some(obj.clone())) }).into_value())
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<KeyWrapper>() else {
            return Err(vm.type_error("other argument must be K instance"));
        };
        let (Some(x), Some(y)) = (this.obj.get(), other.obj.get()) else {
            return Err(vm.raise_msg(&exc::ATTRIBUTE_ERROR, "object"));
        };
        let r = vm.call(&this.cmp, &[x, y])?;
        vm.compare(&r, &Value::small(0), op)
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "(obj)"
    }

    /// Value wrapped by a key function.
    #[getter(member)]
    fn obj(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.obj.get()
    }

    #[setter]
    fn set_obj(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.obj.set(value.cloned());
        Ok(())
    }
}
