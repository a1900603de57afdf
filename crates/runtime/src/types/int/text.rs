//! repr and format.

use taipan_text::format::{Locale, SpecKind, format_float_spec, format_int, parse_spec};
use taipan_text::int::IntError;

use super::{IntRef, arith, large};
use crate::core::{R, Raised, Value};
use crate::types::float;
use crate::types::str::format::format_error;
use crate::types::str::{Str, StrBuilder, from_latin1, from_str, units};
use crate::vm::Vm;

/// The decimal digits.
///
/// Raises ValueError beyond the limit of `sys.set_int_max_str_digits`.
pub fn decimal(vm: &Vm, n: IntRef<'_>) -> R<String> {
    let limit = vm.interp().int_max_str_digits.get();
    match n {
        IntRef::Small(n) => Ok(n.to_string()),
        // So long that even writing takes its time. The limit's error comes from below, for it comes at once.
        IntRef::Big(b) if n.bits() > 1 << 21 && (limit == 0 || n.bits() / 4 < limit) => {
            let digits = large::to_decimal(vm, &arith::magnitude(b))?;
            if limit != 0 && digits.len() > limit {
                return Err(vm.value_error(IntError::TooLong { limit }.to_string()));
            }
            Ok(if n.is_negative() {
                format!("-{digits}")
            } else {
                digits
            })
        }
        n => {
            taipan_text::int::to_decimal(n.text(), limit).map_err(|e| vm.value_error(e.to_string()))
        }
    }
}

/// `repr(n)`
///
/// Raises ValueError beyond the limit of `sys.set_int_max_str_digits`.
pub(super) fn repr(vm: &Vm, n: IntRef<'_>) -> R {
    match n {
        IntRef::Small(n) => Ok(small(n)),
        n => Ok(from_str(&decimal(vm, n)?)),
    }
}

/// The digits of a small int, written from the end of a buffer.
fn small(n: i64) -> Value {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut left = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    from_latin1(&buffer[at..]).into_value()
}

/// How the process's locale writes numbers of the format type `n`.
pub fn locale() -> Locale {
    let c = taipan_host::locale::conventions();
    let text = |b: Vec<u8>| String::from_utf8_lossy(&b).into_owned();
    Locale {
        point: text(c.decimal_point).into(),
        separator: text(c.thousands_separator).into(),
        groups: c.grouping,
    }
}

/// The locale that a specification asks for.
pub(crate) fn locale_of(code: Option<u32>) -> Locale {
    if code == Some(u32::from(b'n')) {
        locale()
    } else {
        Locale::default()
    }
}

/// `int.__format__(v, spec)`
///
/// Raises TypeError if the specification is no str, and what [`format`] raises.
pub fn format_value(vm: &Vm, v: &Value, spec: &Value) -> R {
    let spec = format_spec(vm, spec)?;
    if spec.is_empty() {
        return vm.str(v);
    }
    let n = super::get(v).unwrap_or(IntRef::Small(0));
    if let IntRef::Small(n) = n
        && let Some(made) = format_plainly(n, spec)
    {
        return Ok(made);
    }
    format(vm, n, spec, &v.ty().tp_name())
}

/// `n.__format__(spec)` for a specification that is not empty; `type_name` is for the messages.
///
/// Raises ValueError for a wrong specification, OverflowError for a float type and a number beyond floats.
pub(super) fn format(vm: &Vm, n: IntRef<'_>, spec: &Str, type_name: &str) -> R {
    let spec = units!(spec.chars(), t => parse_spec(t, SpecKind::Int, type_name))
        .map_err(|e| format_error(vm, e))?;
    let mut out = StrBuilder::new();
    out.check_room(vm, spec.length_bound())?;
    let code = spec.code.and_then(char::from_u32);
    let done = if matches!(code, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) {
        let x = float::from_int(vm, n)?;
        format_float_spec(x, &spec, type_name, &locale_of(spec.code), &mut out)
    } else {
        let limit = vm.interp().int_max_str_digits.get();
        format_int(
            n.text(),
            &spec,
            type_name,
            limit,
            &locale_of(spec.code),
            &mut out,
        )
    };
    done.map_err(|e| format_error(vm, e))?;
    Ok(out.finish())
}

/// The commonest of specifications: a width below 100, with or without a zero before it, and `d` or nothing.
fn format_plainly(n: i64, spec: &Str) -> Option<Value> {
    let spec = spec.as_ascii()?.as_bytes();
    let spec = spec.strip_suffix(b"d").unwrap_or(spec);
    let (zero, spec) = match spec {
        [b'0', rest @ ..] => (true, rest),
        _ => (false, spec),
    };
    let width = match spec {
        [] => 0,
        [a @ b'1'..=b'9'] => usize::from(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9'] => usize::from(a - b'0') * 10 + usize::from(b - b'0'),
        _ => return None,
    };
    let mut buffer = [if zero { b'0' } else { b' ' }; 120];
    let mut at = buffer.len();
    let mut left = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    let start = buffer.len() - width;
    if n < 0 {
        // Zeros stand behind the sign.
        at = if zero { (at - 1).min(start) } else { at - 1 };
        buffer[at] = b'-';
    }
    Some(from_latin1(&buffer[at.min(start)..]).into_value())
}

/// `str` itself, or the error for what is none, as `__format__` takes it.
pub(crate) fn format_spec<'a>(vm: &Vm, spec: &'a Value) -> Result<&'a Str, Raised> {
    match spec.downcast::<Str>() {
        Some(s) => Ok(s),
        None => Err(vm.type_error(format!(
            "__format__() argument must be str, not {}",
            spec.ty().tp_name()
        ))),
    }
}
