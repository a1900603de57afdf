//! None, Ellipsis and NotImplemented: values without an object.

use crate::core::{R, StaticType, Trace, Value};
use crate::native::Args;
use crate::types::str;
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&crate::native::TypeDef] = &[NoneType::DEF, EllipsisType::DEF, NotImplementedType::DEF];

macro_rules! singleton {
    ($payload:ident, $place:ident) => {
        /// Only a type; the value lives in the word.
        pub struct $payload;
        impl Trace for $payload {
            fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
        }
        /// The type.
        pub static $place: &StaticType = <$payload as crate::core::Payload>::TYPE;
    };
}
singleton!(NoneType, NONE_TYPE);
singleton!(EllipsisType, ELLIPSIS);
singleton!(NotImplementedType, NOT_IMPLEMENTED);

fn no_args(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R<()> {
    if args.all.is_empty() { Ok(()) } else { Err(vm.type_error(format!("{} takes no arguments", cls.name()))) }
}

/// The type of the None singleton.
#[taipan_macros::class(name = "NoneType", module = "builtins")]
impl NoneType {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        no_args(vm, cls, args).map(|()| Value::NONE)
    }
    #[slot]
    fn repr(_vm: &Vm, _this: &Value) -> R {
        Ok(str::from_str("None"))
    }
    #[slot]
    fn bool(_vm: &Vm, _this: &Value) -> R<bool> {
        Ok(false)
    }
    #[slot]
    fn hash(_vm: &Vm, _this: &Value) -> R<i64> {
        Ok(0xFCA8_6420)
    }
}

/// The type of the Ellipsis singleton.
#[taipan_macros::class(name = "ellipsis", module = "builtins")]
impl EllipsisType {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        no_args(vm, cls, args).map(|()| Value::ELLIPSIS)
    }
    #[slot]
    fn repr(_vm: &Vm, _this: &Value) -> R {
        Ok(str::from_str("Ellipsis"))
    }
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, _this: &Value) -> R {
        Ok(str::from_str("Ellipsis"))
    }
}

/// The type of the NotImplemented singleton.
#[taipan_macros::class(name = "NotImplementedType", module = "builtins")]
impl NotImplementedType {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        no_args(vm, cls, args).map(|()| Value::NOT_IMPLEMENTED)
    }
    #[slot]
    fn repr(_vm: &Vm, _this: &Value) -> R {
        Ok(str::from_str("NotImplemented"))
    }
    #[slot]
    fn bool(vm: &Vm, _this: &Value) -> R<bool> {
        Err(vm.type_error("NotImplemented should not be used in a boolean context"))
    }
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, _this: &Value) -> R {
        Ok(str::from_str("NotImplemented"))
    }
}

