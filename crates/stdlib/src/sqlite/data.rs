//! Values of Python as values of SQL, and the other way.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::bytes::{self, BytesLike, is_bytes_like};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

use super::ffi::Datum;

/// Gives `f` a value as one of SQL; `None` if its type has no such form.
///
/// Raises OverflowError for what is too large, UnicodeEncodeError, and what an object's buffer raises.
#[inline]
pub fn with_datum<T>(vm: &Vm, v: &Value, f: impl FnOnce(Datum<'_>) -> T) -> R<Option<T>> {
    if let Some(n) = v.as_small() {
        return Ok(Some(f(Datum::Int(n))));
    }
    if v.is_none() {
        return Ok(Some(f(Datum::Null)));
    }
    if let Some(s) = v.downcast::<Str>() {
        let s = s.to_utf8(vm)?;
        check_length(vm, s.len(), "string is longer than INT_MAX bytes")?;
        return Ok(Some(f(Datum::Text(s.as_bytes()))));
    }
    if let Some(x) = float::get(v) {
        return Ok(Some(f(Datum::Float(x))));
    }
    if let Some(n) = int::get(v) {
        return match n.to_i64() {
            Some(n) => Ok(Some(f(Datum::Int(n)))),
            None => Err(vm.overflow_error("Python int too large to convert to SQLite INTEGER")),
        };
    }
    if is_bytes_like(v) {
        let b = BytesLike::new(vm, v)?;
        check_length(vm, b.len(), "BLOB longer than INT_MAX bytes")?;
        return Ok(Some(f(Datum::Blob(&b))));
    }
    Ok(None)
}

#[inline]
fn check_length(vm: &Vm, n: usize, message: &str) -> R<()> {
    if n > i32::MAX as usize {
        Err(vm.overflow_error(message))
    } else {
        Ok(())
    }
}

/// Text of the library as a str; `None` if it is no UTF-8.
#[inline]
pub fn text(data: &[u8]) -> Option<Value> {
    std::str::from_utf8(data).ok().map(str::from_str)
}

/// As [`text`].
///
/// Raises UnicodeDecodeError.
pub fn decoded(vm: &Vm, data: &[u8]) -> R {
    match std::str::from_utf8(data) {
        Ok(s) => Ok(str::from_str(s)),
        Err(e) => {
            let at = e.valid_up_to();
            Err(vm.unicode_decode_error("utf-8", data, at, at + 1, "invalid start byte"))
        }
    }
}

/// A value of SQL as one of Python.
///
/// Raises UnicodeDecodeError.
pub fn value(vm: &Vm, d: &Datum<'_>) -> R {
    Ok(match d {
        Datum::Null => Value::NONE,
        Datum::Int(n) => Value::from(*n),
        Datum::Float(x) => Value::from(*x),
        Datum::Text(s) => decoded(vm, s)?,
        Datum::Blob(b) => bytes::from_slice(b).into_value(),
    })
}

/// An int of 32 bits.
///
/// Raises TypeError, OverflowError.
pub fn int32(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::index(vm, v)?;
    let n = int::get(&n)
        .and_then(int::IntRef::to_i64)
        .and_then(|n| i32::try_from(n).ok());
    n.ok_or_else(|| vm.overflow_error("Python int too large to convert to C int"))
}

/// Whether an object can be called.
pub fn callable(v: &Value) -> bool {
    v.ty().slots().call.is_some()
}

/// The message for an argument of a wrong type.
#[cold]
pub fn wrong(vm: &Vm, function: &str, which: &str, expected: &str, given: &Value) -> Raised {
    let given = if given.is_none() {
        "None".to_owned()
    } else {
        given.ty().tp_name()
    };
    vm.type_error(format!(
        "{function}() argument {which} must be {expected}, not {given}"
    ))
}

/// An int of 32 bits without sign.
///
/// Raises TypeError, ValueError for a negative one, OverflowError.
pub fn unsigned32(vm: &Vm, v: &Value) -> R<u32> {
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Ok(0) };
    if n.is_negative() {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    let small = n.to_i64().and_then(|n| u32::try_from(n).ok());
    small.ok_or_else(|| vm.overflow_error("Python int too large for C unsigned int"))
}
