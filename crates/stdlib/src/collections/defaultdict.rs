//! defaultdict: a dict that makes what is missing.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{BinOp, TypeObject};
use taipan_runtime::vm::Vm;

/// The payload of defaultdict: a dict's, then the factory.
#[derive(Trace)]
#[repr(C)]
pub struct DefaultDict {
    dict: Dict,
    factory: PyCell<Value>,
}

/// defaultdict(default_factory=None, /, [...]) --> dict with default factory
#[class(name = "defaultdict", module = "collections", base = Dict, flags(BASETYPE, GC))]
impl DefaultDict {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, DefaultDict { dict: Dict::new(), factory: PyCell::new(Value::NONE) }).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let rest = match args.positional() {
            [] => args,
            [f, ..] => {
                if !f.is_none() && f.ty().slots().call.is_none() {
                    return Err(vm.type_error("first argument must be callable or None"));
                }
                this.factory.set(f.clone());
                args.rest()
            }
        };
        match <Dict as taipan_runtime::core::Payload>::TYPE.get().slots().init {
            Some(init) => init(vm, this.value(), rest),
            None => Ok(()),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let f = this.factory.get();
        let shown = vm.repr_guard(this.value(), || vm.repr_string(&f))?.unwrap_or_else(|| "...".to_owned());
        let plain = this.dict.copy().into_value();
        Ok(format!("{}({shown}, {})", this.ty().name(), vm.repr_string(&plain)?))
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        let (Some(x), Some(_)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else { return Ok(Value::NOT_IMPLEMENTED) };
        let base = match a.downcast::<DefaultDict>().or_else(|| b.downcast::<DefaultDict>()) {
            Some(d) => d,
            None => return Ok(Value::NOT_IMPLEMENTED),
        };
        let new = vm.call(&base.ty().to_value(), &[base.factory.get(), x.value().clone()])?;
        vm.inplace(&new, b, BinOp::Or)
    }

    /// Called by __getitem__ for missing keys.
    #[method(sig = "(key, /)")]
    fn __missing__(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        let f = this.factory.get();
        if f.is_none() {
            return Err(vm.key_error(key));
        }
        let v = vm.call(&f, &[])?;
        vm.setitem(this.value(), key, &v)?;
        Ok(v)
    }

    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call(&this.ty().to_value(), &[this.factory.get(), this.value().clone()])
    }

    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R {
        vm.call(&this.ty().to_value(), &[this.factory.get(), this.value().clone()])
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let f = this.factory.get();
        let args = if f.is_none() { taipan_runtime::vm::empty_tuple() } else { tuple::from_array([f]) };
        let items = vm.call_method(this.value(), "items", &[])?;
        let it = vm.iter(&items)?;
        Ok(tuple::from_vec(vec![this.ty().to_value(), args.into_value(), Value::NONE, Value::NONE, it]).into_value())
    }

    #[getter]
    fn default_factory(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.factory.get())
    }

    #[setter]
    fn set_default_factory(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.factory.set(value.cloned().unwrap_or(Value::NONE));
        Ok(())
    }
}
