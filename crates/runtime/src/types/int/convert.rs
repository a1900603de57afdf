//! `int(...)`: from numbers, text and bytes.

use std::borrow::Cow;

use dashu_int::{IBig, UBig};
use taipan_text::float::integer_ratio;
use taipan_text::int::{IntError, ParsedInt};

use super::{INT, IntRef, exact, from_big, get, large};
use crate::core::{R, Raised, Value};
use crate::types::bytes::{BytesLike, is_bytes_like};
use crate::types::exceptions as exc;
use crate::types::float;
use crate::types::str::{Str, units};
use crate::vm::Vm;

/// `int(v)` for any value: `__int__`, `__index__`, text, bytes.
///
/// Raises TypeError for what is none of these, ValueError for text that is no number.
pub fn to_int(vm: &Vm, v: &Value) -> R {
    if v.as_small().is_some() {
        return Ok(v.clone());
    }
    if let Some(x) = v.as_inline_float() {
        return from_f64(vm, x);
    }
    let slots = v.ty().slots();
    if let Some(f) = slots.int {
        let r = f(vm, v)?;
        return exactly(vm, r, "__int__");
    }
    if let Some(f) = slots.index {
        let r = f(vm, v)?;
        return exactly(vm, r, "__index__");
    }
    match from_text(vm, v, 10)? {
        Some(n) => Ok(n),
        None => Err(vm.type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            v.ty().tp_name()
        ))),
    }
}

/// What a special method gave, as an exact int.
///
/// Raises TypeError for what is no int; warns of instances of subclasses.
pub(super) fn exactly(vm: &Vm, r: Value, method: &str) -> R {
    if r.ty().is(INT.get()) {
        return Ok(r);
    }
    let name = r.ty().tp_name();
    let Some(n) = exact(&r) else {
        return Err(vm.type_error(format!("{method} returned non-int (type {name})")));
    };
    let text = format!(
        "{method} returned non-int (type {name}).  The ability to return an instance of a strict subclass of int \
         is deprecated, and may not be supported in a future version of Python."
    );
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)?;
    Ok(n)
}

/// A float without its fraction.
///
/// Raises OverflowError for infinities, ValueError for NaN.
pub fn from_f64(vm: &Vm, x: f64) -> R {
    // Truncation within 63 bits is what the cast does.
    if x.abs() < (1u64 << 62) as f64 {
        return Ok(Value::from(x as i64));
    }
    let Some((negative, mantissa, exponent)) = integer_ratio(x) else {
        return Err(if x.is_nan() {
            vm.value_error("cannot convert float NaN to integer")
        } else {
            vm.overflow_error("cannot convert float infinity to integer")
        });
    };
    // So far out there is no fraction: the exponent is positive.
    let n = IBig::from(UBig::from(mantissa) << exponent.max(0) as usize);
    Ok(from_big(if negative { -n } else { n }))
}

/// A number written in text or bytes; `None` for values that are neither.
///
/// Raises ValueError for what is no number in that base, or has too many digits.
pub fn from_text(vm: &Vm, v: &Value, base: u32) -> R<Option<Value>> {
    if let Some(s) = v.downcast::<Str>() {
        if base == 10
            && let Some(n) = s.as_ascii().and_then(|t| few_digits(t.as_bytes()))
        {
            return Ok(Some(Value::from(n)));
        }
        let ascii = match s.as_ascii() {
            Some(text) => Cow::Borrowed(
                text.trim_matches(|c: char| c.is_ascii() && is_space(c as u8))
                    .as_bytes(),
            ),
            None => Cow::Owned(units!(s.chars(), t => taipan_text::int::to_ascii(t))),
        };
        return parse(vm, v, &ascii, base).map(Some);
    }
    match contents(vm, v)? {
        Some(bytes) => parse(vm, v, trim(&bytes), base).map(Some),
        None => Ok(None),
    }
}

/// Text of nothing but a few digits.
fn few_digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0i64, |n, b| {
        let digit = b.wrapping_sub(b'0');
        (digit < 10).then(|| n * 10 + i64::from(digit))
    })
}

/// The contents of a bytes-like object; `None` for other objects.
///
/// Raises BufferError for what lies scattered.
pub(crate) fn contents<'a>(vm: &Vm, v: &'a Value) -> R<Option<BytesLike<'a>>> {
    if is_bytes_like(v) {
        BytesLike::new(vm, v).map(Some)
    } else {
        Ok(None)
    }
}

/// What `str.isspace` takes for a space in ASCII.
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r' | 0x1c..=0x1f)
}

/// Bytes without C's whitespace around them.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let space = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
    let start = bytes.iter().position(|b| !space(b)).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|b| !space(b))
        .map_or(start, |i| i + 1);
    &bytes[start..end]
}

fn parse(vm: &Vm, shown: &Value, text: &[u8], base: u32) -> R {
    let limit = vm.interp().int_max_str_digits.get();
    if text.len() > 1 << 20
        && (limit == 0 || text.len() <= limit)
        && let Some(n) = parse_long(vm, text, base)?
    {
        return Ok(n);
    }
    match taipan_text::int::parse(text, base, limit) {
        Ok(ParsedInt::Small(n)) => Ok(Value::from(n)),
        Ok(ParsedInt::Big(n)) => Ok(from_big(n)),
        Err(IntError::Literal) => Err(bad_literal(vm, shown, base)),
        Err(e) => Err(vm.value_error(e.to_string())),
    }
}

/// Plain digits, so many that reading takes its time; `None` for what is no number or has anything but digits.
#[cold]
fn parse_long(vm: &Vm, text: &[u8], base: u32) -> R<Option<Value>> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if base < 2 || base.is_power_of_two() || !digits.iter().all(u8::is_ascii_alphanumeric) {
        return Ok(None);
    }
    let Ok(digits) = std::str::from_utf8(digits) else {
        return Ok(None);
    };
    let n = large::parse(vm, digits, base)?.map(IBig::from);
    Ok(n.map(|n| from_big(if negative { -n } else { n })))
}

#[cold]
fn bad_literal(vm: &Vm, shown: &Value, base: u32) -> Raised {
    match vm.repr(shown) {
        Ok(text) => {
            let text: String = vm.str_lossy(&text).chars().take(200).collect();
            vm.value_error(format!(
                "invalid literal for int() with base {base}: {text}"
            ))
        }
        Err(raised) => raised,
    }
}

/// An int as the nearest float.
///
/// Raises OverflowError beyond the range.
pub(super) fn to_float(vm: &Vm, v: &Value) -> R {
    match get(v) {
        Some(IntRef::Small(n)) => Ok(Value::from(n as f64)),
        Some(n) => float::from_int(vm, n).map(Value::from),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}
