//! What an `except` clause catches.

use super::base::{BASE_EXCEPTION, BaseException};
use crate::core::{R, Value};
use crate::types::tuple::Tuple;
use crate::types::type_::tflag;
use crate::vm::Vm;

/// Whether the value is a class that derives from BaseException.
#[inline]
pub fn is_exception_class(v: &Value) -> bool {
    v.as_type().is_some_and(|t| t.has(tflag::EXC_SUB) || t.is_subtype_of(BASE_EXCEPTION.get()))
}

/// Whether an exception's class is `classes`, derives from it, or from one in the tuple that it may be.
/// `__subclasscheck__` is not asked.
pub fn is_instance_of(e: &Value, classes: &Value) -> bool {
    if let Some(t) = classes.as_type() {
        return e.downcast::<BaseException>().is_some() && e.ty().is_subtype_of(t);
    }
    match classes.downcast::<Tuple>() {
        // Only flat tuples pass `check_catchable`.
        Some(t) => t.as_slice().iter().any(|c| c.as_type().is_some_and(|c| e.ty().is_subtype_of(c))),
        None => false,
    }
}

/// Raises TypeError unless this is a class of exceptions or a tuple of such classes.
pub fn check_catchable(vm: &Vm, classes: &Value) -> R<()> {
    let fine = match classes.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().all(is_exception_class),
        None => is_exception_class(classes),
    };
    if fine {
        return Ok(());
    }
    Err(vm.type_error("catching classes that do not inherit from BaseException is not allowed"))
}

/// Whether `except classes` catches the exception.
///
/// Raises TypeError for what can't be caught at all.
#[inline]
pub fn matches(vm: &Vm, e: &Value, classes: &Value) -> R<bool> {
    check_catchable(vm, classes)?;
    Ok(is_instance_of(e, classes))
}
