//! method: a Python function (or any callable) bound to an object.

use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::str;
use crate::types::type_::{CmpOp, TypeObject, lookup};
use crate::vm::{Vm, generic_getattr, names};

/// The payload of method.
#[derive(taipan_macros::Trace)]
pub struct BoundMethod {
    /// `__func__`
    pub func: Value,
    /// `__self__`
    pub this: Value,
}

/// A callable bound to an object.
pub fn bind_method(func: Value, this: Value) -> Value {
    Ref::new(BoundMethod { func, this }).into_value()
}

/// Create a bound instance method object.
#[taipan_macros::class(name = "method", module = "builtins", flags(GC, HAS_WEAKREF), sig = "(function, instance, /)")]
impl BoundMethod {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("method() takes no keyword arguments"));
        }
        let [func, this] = args.all else {
            return Err(vm.type_error(format!("method expected 2 arguments, got {}", args.all.len())));
        };
        if func.ty().slots().call.is_none() {
            return Err(vm.type_error("first argument must be callable"));
        }
        if this.is_none() {
            return Err(vm.type_error("instance must not be None"));
        }
        Ok(bind_method(func.clone(), this.clone()))
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<BoundMethod>, args: Args<'_>) -> R {
        if this.func.downcast_exact::<BoundMethod>().is_some() {
            return call_nested(vm, this, args);
        }
        vm.call_prepend(&this.func, &this.this, args)
    }

    #[slot]
    fn descr_get(_vm: &Vm, this: &Ref<BoundMethod>, _obj: Option<&Value>, _cls: Option<&Value>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Ref<BoundMethod>, name: &Value) -> R {
        let v = this.value();
        if let Some(d) = lookup(v.ty(), name) {
            return match d.ty().slots().descr_get {
                Some(get) => get(vm, &d, Some(v), Some(&v.ty().to_value())),
                None => Ok(d),
            };
        }
        if this.func.is_none() {
            return generic_getattr(vm, v, name);
        }
        vm.get_attr(&this.func, name)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<BoundMethod>) -> R {
        let n = names();
        let name = match vm.get_attr_opt(&this.func, &n.__qualname__)? {
            Some(q) => Some(q),
            None => vm.get_attr_opt(&this.func, &n.__name__)?,
        };
        let name = name.filter(|v| v.downcast::<str::Str>().is_some()).map_or_else(|| "?".to_owned(), |v| vm.str_lossy(&v));
        let of = vm.repr_string(&this.this)?;
        Ok(str::from_str(&format!("<bound method {name} of {of}>")))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<BoundMethod>) -> R<i64> {
        let h = vm.hash(&this.func)? ^ (this.this.id() as i64).rotate_right(4);
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<BoundMethod>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<BoundMethod>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let same = this.this.is(&o.this) && vm.eq(&this.func, &o.func)?;
        Ok(Value::bool(same == (op == CmpOp::Eq)))
    }

    #[getter(member)]
    fn __func__(_vm: &Vm, this: &Ref<BoundMethod>) -> R {
        Ok(this.func.clone())
    }

    #[getter(member)]
    fn __self__(_vm: &Vm, this: &Ref<BoundMethod>) -> R {
        Ok(this.this.clone())
    }

    #[getter]
    fn __doc__(vm: &Vm, this: &Ref<BoundMethod>) -> R {
        vm.get_attr(&this.func, &names().__doc__)
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<BoundMethod>) -> R {
        let getattr = vm.interp().builtins().get_str("getattr").unwrap_or(Value::NONE);
        let name = vm.get_attr(&this.func, &names().__name__)?;
        let args = crate::types::tuple::from_array([this.this.clone(), name]);
        Ok(crate::types::tuple::from_array([getattr, args.into_value()]).into_value())
    }
}

/// Calls a method bound to methods: each level would copy all arguments of those around it, so they are put
/// together once.
#[cold]
fn call_nested(vm: &Vm, method: &Ref<BoundMethod>, args: Args<'_>) -> R {
    let (mut f, mut all) = (method.func.clone(), vec![method.this.clone()]);
    while let Some(inner) = f.downcast_exact::<BoundMethod>() {
        vm.poll()?;
        all.push(inner.this.clone());
        let next = inner.func.clone();
        f = next;
    }
    all.reverse();
    all.extend_from_slice(args.all);
    vm.call_args(&f, Args { all: &all, names: args.names })
}
