//! Generic, NoDefault, and the evaluators of what is known already.

use crate::core::{Layout, R, Ref, Trace, Value};
use crate::native::Args;
use crate::types::generic_alias::type_repr;
use crate::types::object::Object;
use crate::types::str::StrBuilder;
use crate::types::tuple::Tuple;
use crate::types::type_::TypeObject;
use crate::vm::{Vm, intern};

/// typing.Generic has no payload: it can be a base beside any other class.
pub struct Generic;

impl Trace for Generic {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// Abstract base class for generic types.
///
/// On Python 3.12 and newer, generic classes implicitly inherit from Generic
/// when they declare a parameter list after the class's name:
/// class Mapping[KT, VT]: ...
#[taipan_macros::class(name = "Generic", module = "typing", layout = Layout::of::<Object>(), flags(BASETYPE, MADE_LATE))]
impl Generic {
    /// Parameterizes a generic class.
    #[classmethod(sig = "(*args, **kwargs)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, args: Args<'_>) -> R {
        call_typing(vm, "_generic_class_getitem", cls, args)
    }

    /// Function to initialize subclasses.
    #[classmethod(sig = "(*args, **kwargs)")]
    fn __init_subclass__(vm: &Vm, cls: &Value, args: Args<'_>) -> R {
        call_typing(vm, "_generic_init_subclass", cls, args)
    }
}

fn call_typing(vm: &Vm, function: &str, cls: &Value, args: Args<'_>) -> R {
    let f = vm.import_attr("typing", function)?;
    vm.call_prepend(&f, cls, args)
}

/// Only a type; the value is `NoDefault`.
pub struct NoDefaultType;

impl Trace for NoDefaultType {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// The value `typing.NoDefault`.
pub fn no_default(vm: &Vm) -> R {
    vm.interp_static("typing.NoDefault", |_| Ok(Ref::new(NoDefaultType).into_value()))
}

/// The type of the NoDefault singleton.
#[taipan_macros::class(name = "NoDefaultType", module = "typing")]
impl NoDefaultType {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() {
            return Err(vm.type_error("NoDefaultType takes no arguments"));
        }
        no_default(vm)
    }

    #[slot]
    fn repr(_vm: &Vm, _this: &Value) -> &'static str {
        "typing.NoDefault"
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, _this: &Value) -> Value {
        intern("NoDefault").into_value()
    }
}

/// The payload of _ConstEvaluator: a value that was given as such.
#[derive(taipan_macros::Trace)]
pub struct ConstEvaluator {
    value: Value,
}

/// The annotation format that asks for text.
const FORMAT_STRING: i32 = 4;

impl ConstEvaluator {
    pub(super) fn make(value: Value) -> Value {
        Ref::new(ConstEvaluator { value }).into_value()
    }
}

/// Internal type for the evaluators of what was not given lazily.
#[taipan_macros::class(name = "_ConstEvaluator", module = "_typing", flags(GC, NO_NEW))]
impl ConstEvaluator {
    #[slot(call, sig = "(format)")]
    fn call(vm: &Vm, this: &Ref<Self>, format: i32) -> R {
        if format != FORMAT_STRING {
            return Ok(this.value.clone());
        }
        let mut out = StrBuilder::new();
        match this.value.downcast::<Tuple>() {
            None => type_repr(vm, &mut out, &this.value)?,
            Some(t) => {
                out.push_str("(");
                for (i, v) in t.as_slice().iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    type_repr(vm, &mut out, v)?;
                }
                out.push_str(")");
            }
        }
        Ok(out.finish())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        Ok(format!("<constevaluator {}>", vm.repr_string(&this.value)?))
    }
}
