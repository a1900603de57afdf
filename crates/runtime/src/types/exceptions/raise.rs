//! The `raise` statement, and `throw()` of generators.

use super::base::BaseException;
use super::is_exception_class;
use super::traceback::Traceback;
use crate::core::{R, Raised, Value};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// `raise`, `raise e` or `raise e from cause`: classes are called; context, cause and traceback are set.
///
/// Always raises: the exception, or TypeError for what is none, or RuntimeError when there is nothing to raise
/// again.
#[cold]
pub fn statement(vm: &Vm, e: Option<&Value>, cause: Option<&Value>) -> Raised {
    let Some(e) = e else {
        return match vm.handled.get() {
            Some(e) if !e.is_none() => vm.raise_as_is(e),
            _ => vm.runtime_error("No active exception to reraise"),
        };
    };
    match prepared(vm, e, cause) {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

fn prepared(vm: &Vm, e: &Value, cause: Option<&Value>) -> R {
    let e = instance(vm, e, "exceptions must derive from BaseException")?;
    let Some(cause) = cause else { return Ok(e) };
    let cause = match cause.is_none() {
        true => None,
        false => Some(instance(vm, cause, "exception causes must derive from BaseException")?),
    };
    if let Some(b) = e.downcast::<BaseException>() {
        b.set_cause(cause);
    }
    Ok(e)
}

/// The exception itself, or a new one of the class.
fn instance(vm: &Vm, v: &Value, otherwise: &str) -> R {
    if v.downcast::<BaseException>().is_some() {
        return Ok(v.clone());
    }
    if !is_exception_class(v) {
        return Err(vm.type_error(otherwise));
    }
    let made = vm.call(v, &[])?;
    if made.downcast::<BaseException>().is_some() {
        return Ok(made);
    }
    Err(not_made(vm, v, &made))
}

/// The class has made something else.
#[cold]
fn not_made(vm: &Vm, class: &Value, made: &Value) -> Raised {
    let texts = vm.repr_string(class).and_then(|c| Ok((c, vm.repr_string(&made.ty().to_value())?)));
    match texts {
        Ok((class, made)) => {
            vm.type_error(format!("calling {class} should have returned an instance of BaseException, not {made}"))
        }
        Err(r) => r,
    }
}

/// The exception for `throw(typ[, value[, tb]])` of generators and coroutines, ready to be raised.
///
/// Raises TypeError for arguments that make none.
pub fn thrown(vm: &Vm, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
    let tb = match tb.filter(|tb| !tb.is_none()) {
        None => None,
        Some(tb) => match tb.downcast::<Traceback>() {
            Some(tb) => Some(tb.clone()),
            None => return Err(vm.type_error("throw() third argument must be a traceback object")),
        },
    };
    let e = if is_exception_class(typ) {
        // What goes wrong while the class is called is thrown instead.
        created(vm, typ, value).unwrap_or_else(|r| vm.catch(r))
    } else if typ.downcast::<BaseException>().is_some() {
        if value.is_some_and(|v| !v.is_none()) {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        typ.clone()
    } else {
        let given = typ.ty().tp_name();
        let text = format!("exceptions must be classes or instances deriving from BaseException, not {given}");
        return Err(vm.type_error(text));
    };
    if let (Some(b), Some(tb)) = (e.downcast::<BaseException>(), tb) {
        b.traceback.set(Some(tb));
    }
    Ok(e)
}

/// An exception of a class from what goes with it: an instance stays, a tuple holds arguments, None is nothing.
pub fn created(vm: &Vm, class: &Value, value: Option<&Value>) -> R {
    let made = match value.filter(|v| !v.is_none()) {
        None => vm.call(class, &[])?,
        Some(v) if v.downcast::<BaseException>().is_some() && class.as_type().is_some_and(|t| v.ty().is_subtype_of(t)) => {
            v.clone()
        }
        Some(v) => match v.downcast::<Tuple>() {
            Some(args) => vm.call(class, args.as_slice())?,
            None => vm.call(class, std::slice::from_ref(v))?,
        },
    };
    if made.downcast::<BaseException>().is_some() {
        return Ok(made);
    }
    Err(not_made(vm, class, &made))
}
