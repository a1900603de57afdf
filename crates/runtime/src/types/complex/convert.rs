//! `complex(...)`.

use std::borrow::Cow;

use super::{COMPLEX, get, parse};
use crate::core::{R, Value};
use crate::types::exceptions as exc;
use crate::types::float;
use crate::types::str::{Str, units};
use crate::types::type_::TypeObject;
use crate::vm::{Vm, names};

/// The name of a type as messages about arguments show it: with its module, if that is not `builtins`.
fn shown(ty: &TypeObject) -> String {
    let name = ty.qualname.get().to_string_lossy();
    match ty
        .dict
        .get_name(&names().__module__)
        .as_ref()
        .and_then(|m| m.downcast::<Str>())
    {
        Some(m) if !m.is("builtins") => format!("{}.{name}", m.to_string_lossy()),
        _ => name,
    }
}

/// What `__complex__` gives, if the type has it.
///
/// Raises TypeError for what is not complex; warns of instances of subclasses.
fn special(vm: &Vm, v: &Value) -> R<Option<(f64, f64)>> {
    if !v.is_object() || v.ty().is(COMPLEX.get()) {
        return Ok(get(v));
    }
    let Some(r) = vm.call_special(v, &names().__complex__, &[])? else {
        return Ok(None);
    };
    let name = r.ty().tp_name();
    let Some(parts) = get(&r) else {
        return Err(vm.type_error(format!("__complex__ returned non-complex (type {name})")));
    };
    if !r.ty().is(COMPLEX.get()) {
        let text = format!(
            "__complex__ returned non-complex (type {name}).  The ability to return an instance of a strict subclass \
             of complex is deprecated, and may not be supported in a future version of Python."
        );
        vm.warn(&exc::DEPRECATION_WARNING, &text, 1)?;
    }
    Ok(Some(parts))
}

fn is_real(v: &Value) -> bool {
    let slots = v.ty().slots();
    slots.float.is_some() || slots.index.is_some()
}

/// A value as a complex number: what it is, or what `__complex__`, `__float__` or `__index__` gives.
///
/// Raises TypeError for what is no number, OverflowError.
pub fn to_parts(vm: &Vm, v: &Value) -> R<(f64, f64)> {
    if let Some(parts) = get(v) {
        return Ok(parts);
    }
    if let Some(parts) = special(vm, v)? {
        return Ok(parts);
    }
    Ok((float::to_f64(vm, v)?, 0.0))
}

/// `complex(v)`
///
/// Raises TypeError for what is neither text nor number, ValueError for text that is no number.
pub(super) fn of_one(vm: &Vm, v: &Value) -> R<(f64, f64)> {
    if let Some(s) = v.downcast::<Str>() {
        let ascii = match s.as_ascii() {
            Some(text) => Cow::Borrowed(text.as_bytes()),
            None => Cow::Owned(units!(s.chars(), t => taipan_text::int::to_ascii(t))),
        };
        return parse::parse(&ascii)
            .ok_or_else(|| vm.value_error("complex() arg is a malformed string"));
    }
    if let Some(parts) = special(vm, v)? {
        return Ok(parts);
    }
    if let Some(parts) = get(v) {
        return Ok(parts);
    }
    if is_real(v) {
        return Ok((float::to_f64(vm, v)?, 0.0));
    }
    Err(vm.type_error(format!(
        "complex() argument must be a string or a number, not {}",
        shown(v.ty())
    )))
}

/// `complex(real, imag)`; a complex argument is deprecated and adds both of its parts.
///
/// Raises TypeError for what is no number.
pub(super) fn of_two(vm: &Vm, real: Option<&Value>, imag: Option<&Value>) -> R<(f64, f64)> {
    let refuse = |name: &str, v: &Value| {
        format!(
            "complex() argument '{name}' must be a real number, not {}",
            shown(v.ty())
        )
    };
    let first = match real {
        None => None,
        Some(v) => Some((v, special(vm, v)?.or_else(|| get(v)))),
    };
    for (name, v, number) in [
        ("real", real, first.as_ref().is_some_and(|f| f.1.is_some())),
        ("imag", imag, imag.is_some_and(|v| get(v).is_some())),
    ] {
        if let Some(v) = v
            && !number
            && !is_real(v)
        {
            return Err(vm.type_error(refuse(name, v)));
        }
    }
    let complex = first.as_ref().is_some_and(|f| f.1.is_some());
    let (re, im) = match first {
        None => (0.0, 0.0),
        Some((v, Some(parts))) => {
            if !is_real(v) {
                vm.warn(&exc::DEPRECATION_WARNING, &refuse("real", v), 1)?;
            }
            parts
        }
        Some((v, None)) => (float::to_f64(vm, v)?, 0.0),
    };
    let Some(v) = imag else { return Ok((re, im)) };
    let (x, y) = match get(v) {
        Some(parts) => {
            vm.warn(&exc::DEPRECATION_WARNING, &refuse("imag", v), 1)?;
            parts
        }
        None => (float::to_f64(vm, v)?, 0.0),
    };
    // real + (x + yj) * j, without adding zeros where there is nothing to add, so that -0.0 stays.
    let re = if get(v).is_some() { re - y } else { re };
    Ok((re, if complex { x + im } else { x }))
}
