//! `float(...)`: from numbers, text and bytes.

use std::borrow::Cow;

use crate::core::{R, Raised, Value};
use crate::types::exceptions as exc;
use crate::types::int;
use crate::types::str::{Str, units};
use crate::vm::Vm;

/// The number that a `__float__` gave.
///
/// Raises TypeError for what is no float; warns of instances of subclasses.
pub(super) fn given(vm: &Vm, from: &Value, r: &Value) -> R<f64> {
    let (owner, name) = (from.ty().tp_name(), r.ty().tp_name());
    let Some(x) = super::get(r) else {
        return Err(vm.type_error(format!(
            "{owner}.__float__ returned non-float (type {name})"
        )));
    };
    if !r.ty().is(super::FLOAT.get()) {
        let text = format!(
            "{owner}.__float__ returned non-float (type {name}).  The ability to return an instance of a strict \
             subclass of float is deprecated, and may not be supported in a future version of Python."
        );
        vm.warn(&exc::DEPRECATION_WARNING, &text, 1)?;
    }
    Ok(x)
}

/// `float(v)` for any value: `__float__`, `__index__`, text, bytes.
///
/// Raises TypeError for what is none of these, ValueError for text that is no number, OverflowError.
pub(super) fn to_float(vm: &Vm, v: &Value) -> R<f64> {
    if let Some(x) = v.as_inline_float() {
        return Ok(x);
    }
    if let Some(n) = v.as_small() {
        return Ok(n as f64);
    }
    let slots = v.ty().slots();
    if let Some(f) = slots.float {
        let r = f(vm, v)?;
        return given(vm, v, &r);
    }
    if slots.index.is_some() {
        let n = int::index(vm, v)?;
        if let Some(n) = int::get(&n) {
            return super::from_int(vm, n);
        }
    }
    match from_text(vm, v)? {
        Some(x) => Ok(x),
        None => Err(vm.type_error(format!(
            "float() argument must be a string or a real number, not '{}'",
            v.ty().tp_name()
        ))),
    }
}

/// A number written in text or bytes; `None` for values that are neither.
fn from_text(vm: &Vm, v: &Value) -> R<Option<f64>> {
    if let Some(s) = v.downcast::<Str>() {
        let ascii = match s.as_ascii() {
            Some(text) if text.bytes().all(|b| b > b' ') => Cow::Borrowed(text.as_bytes()),
            _ => Cow::Owned(units!(s.chars(), t => taipan_text::int::to_ascii(t))),
        };
        return taipan_text::float::parse(&ascii)
            .map(Some)
            .ok_or_else(|| bad_text(vm, v));
    }
    match int::contents(vm, v)? {
        Some(bytes) => taipan_text::float::parse(int::trim(&bytes))
            .map(Some)
            .ok_or_else(|| bad_text(vm, v)),
        None => Ok(None),
    }
}

#[cold]
fn bad_text(vm: &Vm, v: &Value) -> Raised {
    match vm.repr_string(v) {
        Ok(shown) => vm.value_error(format!("could not convert string to float: {shown}")),
        Err(raised) => raised,
    }
}

/// `float.fromhex`
///
/// Raises ValueError for what is no hexadecimal float, OverflowError.
pub(super) fn from_hex(vm: &Vm, text: &Value) -> R<f64> {
    use taipan_text::float::HexError;
    let Some(s) = text.downcast::<Str>() else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    let parsed = match s.as_ascii() {
        Some(ascii) => taipan_text::float::from_hex(int::trim(ascii.as_bytes())),
        None => Err(HexError::Invalid),
    };
    parsed.map_err(|e| match e {
        HexError::Invalid => vm.value_error(e.message()),
        HexError::TooLarge => vm.overflow_error(e.message()),
    })
}
