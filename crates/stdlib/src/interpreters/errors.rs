//! The exceptions of `_interpreters`, which each interpreter has its own of.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{self as exc, BaseException};
use taipan_runtime::types::{str, tuple, type_};
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::Refused;

/// A new exception class with a docstring.
///
/// Raises what making a class raises.
pub(crate) fn new_class(vm: &Vm, module: &str, name: &str, bases: &[Value], doc: &str) -> R {
    let dict = Ref::new(Dict::new());
    dict.set_str("__module__", str::from_str(module));
    if !doc.is_empty() {
        dict.set_str("__doc__", str::from_str(doc));
    }
    let bases = tuple::from_slice(bases).into_value();
    vm.call(&type_::TYPE_PLACE().value(), &[str::from_str(name), bases, dict.into_value()])
}

const MODULE: &str = "concurrent.interpreters";

/// InterpreterError
pub fn error(vm: &Vm) -> R {
    vm.interp_static("interpreters.InterpreterError", |vm| {
        new_class(vm, MODULE, "InterpreterError", &[exc::EXCEPTION.value()], "A cross-interpreter operation failed")
    })
}

/// InterpreterNotFoundError
pub fn not_found_error(vm: &Vm) -> R {
    vm.interp_static("interpreters.InterpreterNotFoundError", |vm| {
        new_class(vm, MODULE, "InterpreterNotFoundError", &[error(vm)?], "An interpreter was not found")
    })
}

/// NotShareableError
pub fn not_shareable_error(vm: &Vm) -> R {
    vm.interp_static("interpreters.NotShareableError", |vm| {
        new_class(vm, MODULE, "NotShareableError", &[exc::TYPE_ERROR.value()], "")
    })
}

/// Raises an exception of a class that had to be made.
pub(crate) fn raise(vm: &Vm, class: R, text: &str) -> Raised {
    match class {
        Ok(c) => match c.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text)]),
            None => vm.runtime_error(text),
        },
        Err(r) => r,
    }
}

/// InterpreterError.
pub fn failed(vm: &Vm, text: &str) -> Raised {
    raise(vm, error(vm), text)
}

/// NotShareableError, caused by another exception.
pub fn not_shareable(vm: &Vm, text: &str, cause: Option<Value>) -> Raised {
    let r = raise(vm, not_shareable_error(vm), text);
    let Some(cause) = cause else { return r };
    let e = vm.catch(r);
    if let Some(b) = e.downcast::<BaseException>() {
        drop(b.cause.replace(Some(cause)));
        b.suppress_context.set(true);
    }
    vm.raise_as_is(e)
}

/// What an interpreter that could not be entered means to who wanted to run code in it.
pub(super) fn refused(vm: &Vm, id: i64, why: Refused) -> Raised {
    match why {
        Refused::Running => failed(vm, "interpreter already running"),
        Refused::Gone => raise(vm, not_found_error(vm), &format!("unrecognized interpreter ID {id}")),
    }
}
