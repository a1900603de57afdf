//! classmethod and staticmethod.

use super::is_abstract;
use crate::core::{PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::native_fn;
use crate::types::type_::{DictOp, TypeObject};
use crate::vm::{Vm, names};

/// The payload of classmethod.
#[derive(taipan_macros::Trace)]
pub struct ClassMethod {
    callable: PyCell<Option<Value>>,
    dict: PyCell<Option<Ref<Dict>>>,
}

/// The payload of staticmethod.
#[derive(taipan_macros::Trace)]
pub struct StaticMethod {
    callable: PyCell<Option<Value>>,
    dict: PyCell<Option<Ref<Dict>>>,
}

/// A static method for a class's dictionary.
pub fn static_method(f: Value) -> Value {
    Ref::new(StaticMethod { callable: PyCell::new(Some(f)), dict: PyCell::new(None) }).into_value()
}

/// A class method for a class's dictionary.
pub fn class_method(f: Value) -> Value {
    Ref::new(ClassMethod { callable: PyCell::new(Some(f)), dict: PyCell::new(None) }).into_value()
}

/// The only argument of the constructor.
fn callable_arg<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<&'a Value> {
    if !args.names.is_empty() {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    match args.all {
        [f] => Ok(f),
        all => Err(vm.type_error(format!("{name} expected 1 argument, got {}", all.len()))),
    }
}

/// The wrapper looks like what it wraps.
fn copy_attributes(vm: &Vm, dict: &PyCell<Option<Ref<Dict>>>, f: &Value) -> R<()> {
    let n = names();
    for name in [&n.__module__, &n.__name__, &n.__qualname__, &n.__doc__] {
        if let Some(v) = vm.get_attr_opt(f, name)?
            && let Some(d) = DictOp::Make.on(dict)
        {
            d.set_name(name, v);
        }
    }
    Ok(())
}

fn callable(vm: &Vm, cell: &PyCell<Option<Value>>, what: &str) -> R {
    cell.get().ok_or_else(|| vm.runtime_error(format!("uninitialized {what} object")))
}

/// `__annotations__` or `__annotate__`: the function's, kept once it was asked for.
fn wrapped_attribute(vm: &Vm, dict: &PyCell<Option<Ref<Dict>>>, callable: R, name: &Value) -> R {
    let Some(d) = DictOp::Make.on(dict) else { return callable };
    if let Some(v) = d.get_name(name) {
        return Ok(v);
    }
    let v = vm.get_attr(&callable?, name)?;
    d.set_name(name, v.clone());
    Ok(v)
}

fn set_wrapped_attribute(
    vm: &Vm,
    this: &Value,
    dict: &PyCell<Option<Ref<Dict>>>,
    name: &Value,
    value: Option<&Value>,
) -> R<()> {
    let Some(d) = DictOp::Make.on(dict) else { return Ok(()) };
    match value {
        Some(v) => d.set_name(name, v.clone()),
        None => {
            if d.remove_name(name).is_none() {
                return Err(vm.no_attribute(this, name));
            }
        }
    }
    Ok(())
}

/// Convert a function to be a class method.
///
/// A class method receives the class as implicit first argument,
/// just like an instance method receives the instance.
#[taipan_macros::class(name = "classmethod", flags(BASETYPE, GC, HAS_DICT), sig = "(function, /)")]
impl ClassMethod {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> Ref<Self> {
        Ref::new_of(cls, Self { callable: PyCell::new(None), dict: PyCell::new(None) })
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let f = callable_arg(vm, "classmethod", args)?;
        this.callable.set(Some(f.clone()));
        copy_attributes(vm, &this.dict, f)
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, cls: Option<&Value>) -> R {
        let f = callable(vm, &this.callable, "classmethod")?;
        let cls = match (cls, obj) {
            (Some(c), _) => c.clone(),
            (None, Some(o)) => o.ty().to_value(),
            (None, None) => Value::NONE,
        };
        Ok(native_fn::bind_method(f, cls))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let f = this.callable.get().unwrap_or(Value::NONE);
        Ok(format!("<classmethod({})>", vm.repr_string(&f)?))
    }

    #[getter(member)]
    fn __func__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.callable.get()
    }

    #[getter(member)]
    fn __wrapped__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __isabstractmethod__(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.callable.get().map_or(Ok(false), |f| is_abstract(vm, &f))
    }

    #[getter]
    fn __annotations__(vm: &Vm, this: &Ref<Self>) -> R {
        wrapped_attribute(vm, &this.dict, callable(vm, &this.callable, "classmethod"), &names().__annotations__)
    }

    #[setter]
    fn set___annotations__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_wrapped_attribute(vm, this.value(), &this.dict, &names().__annotations__, value)
    }

    #[getter]
    fn __annotate__(vm: &Vm, this: &Ref<Self>) -> R {
        wrapped_attribute(vm, &this.dict, callable(vm, &this.callable, "classmethod"), &names().__annotate__)
    }

    #[setter]
    fn set___annotate__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_wrapped_attribute(vm, this.value(), &this.dict, &names().__annotate__, value)
    }
}

/// Convert a function to be a static method.
///
/// A static method does not receive an implicit first argument. It can be called
/// on the class or on an instance, and like a function by itself.
#[taipan_macros::class(name = "staticmethod", flags(BASETYPE, GC, HAS_DICT), sig = "(function, /)")]
impl StaticMethod {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> Ref<Self> {
        Ref::new_of(cls, Self { callable: PyCell::new(None), dict: PyCell::new(None) })
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let f = callable_arg(vm, "staticmethod", args)?;
        this.callable.set(Some(f.clone()));
        copy_attributes(vm, &this.dict, f)
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Self>, _obj: Option<&Value>, _cls: Option<&Value>) -> R {
        callable(vm, &this.callable, "staticmethod")
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let f = callable(vm, &this.callable, "staticmethod")?;
        vm.call_args(&f, args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let f = this.callable.get().unwrap_or(Value::NONE);
        Ok(format!("<staticmethod({})>", vm.repr_string(&f)?))
    }

    #[getter(member)]
    fn __func__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.callable.get()
    }

    #[getter(member)]
    fn __wrapped__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.callable.get()
    }

    #[getter]
    fn __isabstractmethod__(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.callable.get().map_or(Ok(false), |f| is_abstract(vm, &f))
    }

    #[getter]
    fn __annotations__(vm: &Vm, this: &Ref<Self>) -> R {
        wrapped_attribute(vm, &this.dict, callable(vm, &this.callable, "staticmethod"), &names().__annotations__)
    }

    #[setter]
    fn set___annotations__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_wrapped_attribute(vm, this.value(), &this.dict, &names().__annotations__, value)
    }

    #[getter]
    fn __annotate__(vm: &Vm, this: &Ref<Self>) -> R {
        wrapped_attribute(vm, &this.dict, callable(vm, &this.callable, "staticmethod"), &names().__annotate__)
    }

    #[setter]
    fn set___annotate__(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_wrapped_attribute(vm, this.value(), &this.dict, &names().__annotate__, value)
    }
}
