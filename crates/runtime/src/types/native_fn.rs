//! The objects that native functions become: builtin functions, method descriptors, slot wrappers,
//! computed attributes, members of `__slots__`, and bound methods of Python functions.

mod bound;
mod builtin;
mod descriptors;

pub use self::bound::{BoundMethod, bind_method};
pub use self::builtin::{bound_native, BuiltinFunction, class_method_bound, function, is_print, native_new, native_new_owner, static_method};
pub use self::descriptors::{
    ClassMethodDescriptor, GetSetDescriptor, MemberDescriptor, MethodDescriptor, MethodWrapper, SlotWrapper, class_method, getset,
    is_generic_getattribute, is_getset, is_native_method, is_slot_wrapper, member, method, slot_wrapper,
};
use crate::native::TypeDef;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[
    BuiltinFunction::DEF,
    MethodDescriptor::DEF,
    ClassMethodDescriptor::DEF,
    GetSetDescriptor::DEF,
    MemberDescriptor::DEF,
    SlotWrapper::DEF,
    MethodWrapper::DEF,
    BoundMethod::DEF,
];
