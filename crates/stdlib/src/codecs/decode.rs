//! The built-in decoders.

use std::borrow::Cow;

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::exceptions::DEPRECATION_WARNING;
use taipan_runtime::types::str::codec::{Codec, decode_native, decode_ordered, decode_with};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;
use taipan_text::codec::{self as text, ByteOrder};
use taipan_text::escape::{self, EscapeWarning};

use super::encode::order;
use super::{result, scheme};

/// Evaluates an expression with the characters of a str as a slice of their width.
macro_rules! units {
    ($chars:expr, $t:ident => $e:expr) => {
        match $chars {
            taipan_runtime::types::str::Chars::Ascii(text) => {
                let $t: &[u8] = text.as_bytes();
                $e
            }
            taipan_runtime::types::str::Chars::Latin1($t) => $e,
            taipan_runtime::types::str::Chars::Ucs2($t) => $e,
            taipan_runtime::types::str::Chars::Ucs4($t) => $e,
        }
    };
}
pub(crate) use units;

/// The bytes to decode. What can change while an error handler runs is copied.
///
/// Raises TypeError for what has no buffer.
pub fn input<'a>(vm: &Vm, data: &'a Value) -> R<Cow<'a, [u8]>> {
    match data.downcast::<Bytes>() {
        Some(b) => Ok(Cow::Borrowed(b.as_slice())),
        None => {
            let like = bytes::BytesLike::new(vm, data)?;
            vm.check_room(like.len())?;
            Ok(Cow::Owned(like.to_vec()))
        }
    }
}

/// The bytes of an object with a buffer, or of a str as UTF-8.
pub fn bytes_or_text(vm: &Vm, data: &Value) -> R<Vec<u8>> {
    match data.downcast::<Str>() {
        Some(s) => Ok(s.to_utf8(vm)?.into_owned().into_bytes()),
        None => Ok(input(vm, data)?.into_owned()),
    }
}

fn native(vm: &Vm, data: &Value, errors: Option<&str>, last: bool, codec: Codec) -> R {
    let input = input(vm, data)?;
    let (s, n) = decode_native(vm, &input, codec, scheme(vm, errors)?, last)?;
    result(s, n)
}

macro_rules! decoders {
    ($($(#[$doc:meta])* $name:ident $codec:expr;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(data, errors=None, final=False, /)")]
        pub fn $name(vm: &Vm, data: &Value, errors: Nullable<&str>, last: bool) -> R {
            native(vm, data, errors.0, last, $codec)
        }
    )*};
}

decoders! {
    /// Decodes UTF-8. Without final, an incomplete sequence at the end is left.
    utf_8_decode Codec::Utf8;
    /// Decodes UTF-16, which may start with a byte order mark.
    utf_16_decode Codec::Utf16(None);
    /// Decodes UTF-16 with the lower byte first.
    utf_16_le_decode Codec::Utf16(Some(ByteOrder::Little));
    /// Decodes UTF-16 with the higher byte first.
    utf_16_be_decode Codec::Utf16(Some(ByteOrder::Big));
    /// Decodes UTF-32, which may start with a byte order mark.
    utf_32_decode Codec::Utf32(None);
    /// Decodes UTF-32 with the lowest byte first.
    utf_32_le_decode Codec::Utf32(Some(ByteOrder::Little));
    /// Decodes UTF-32 with the highest byte first.
    utf_32_be_decode Codec::Utf32(Some(ByteOrder::Big));
}

/// Decodes Latin-1.
#[function(sig = "(data, errors=None, /)")]
pub fn latin_1_decode(vm: &Vm, data: &Value, errors: Nullable<&str>) -> R {
    native(vm, data, errors.0, true, Codec::Latin1)
}

/// Decodes ASCII.
#[function(sig = "(data, errors=None, /)")]
pub fn ascii_decode(vm: &Vm, data: &Value, errors: Nullable<&str>) -> R {
    native(vm, data, errors.0, true, Codec::Ascii)
}

/// Decodes and tells the byte order: -1 little, 1 big, 0 if nothing has decided it.
fn ordered(vm: &Vm, data: &Value, errors: Option<&str>, byteorder: i32, last: bool, make: fn(Option<ByteOrder>) -> Codec) -> R {
    let input = input(vm, data)?;
    let mut known = order(byteorder);
    // Only a byte order mark decides; what merely counts as the machine's order stays open.
    let unit = if matches!(make(None), Codec::Utf32(_)) { 4 } else { 2 };
    let marked = known.is_none()
        && match (unit, input.get(..unit)) {
            (2, Some(m)) => matches!(m, [0xff, 0xfe] | [0xfe, 0xff]),
            (_, Some(m)) => matches!(m, [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff]),
            _ => false,
        };
    let fixed = known.is_some();
    let (s, n) = decode_ordered(vm, &input, make(known), scheme(vm, errors)?, last, &mut known)?;
    let number = match known {
        Some(ByteOrder::Little) if fixed || marked => -1,
        Some(ByteOrder::Big) if fixed || marked => 1,
        _ => 0,
    };
    Ok(tuple::from_array([s.into_value(), Value::from(n), Value::small(number)]).into_value())
}

/// Decodes UTF-16 and tells the byte order as a third item.
#[function(sig = "(data, errors=None, byteorder=0, final=False, /)")]
pub fn utf_16_ex_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, byteorder: i32, last: bool) -> R {
    ordered(vm, data, errors.0, byteorder, last, Codec::Utf16)
}

/// Decodes UTF-32 and tells the byte order as a third item.
#[function(sig = "(data, errors=None, byteorder=0, final=False, /)")]
pub fn utf_32_ex_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, byteorder: i32, last: bool) -> R {
    ordered(vm, data, errors.0, byteorder, last, Codec::Utf32)
}

/// Decodes UTF-7.
#[function(sig = "(data, errors=None, final=False, /)")]
pub fn utf_7_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, last: bool) -> R {
    let input = input(vm, data)?;
    vm.check_room(input.len())?;
    let mut out = StrBuilder::with_capacity(input.len());
    let n = decode_with(vm, &input, &|| "utf7", scheme(vm, errors.0)?, &mut out, |input, from, out| {
        text::decode_utf7(input, from, last, out)
    })?;
    result(out.finish(), n)
}

/// Warns about the first escape that means nothing.
pub fn warn_escape(vm: &Vm, w: &EscapeWarning) -> R<()> {
    let text = match w.octal {
        Some(n) => format!("\"\\{n:o}\" is an invalid octal escape sequence"),
        None => format!("\"\\{}\" is an invalid escape sequence", char::from(w.code)),
    };
    vm.warn(&DEPRECATION_WARNING, &text, 1)
}

/// Decodes what `unicode_escape_encode` makes, and all other escapes of string literals.
#[function(sig = "(data, errors=None, final=True, /)")]
pub fn unicode_escape_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, last: bool) -> R {
    let input = bytes_or_text(vm, data)?;
    let mut out = StrBuilder::with_capacity(input.len());
    let mut warnings = Vec::new();
    let n = decode_with(vm, &input, &|| "unicodeescape", scheme(vm, errors.0)?, &mut out, |input, from, out| {
        escape::decode_unicode_escape(input, from, last, &mut warnings, out)
    })?;
    if let Some(w) = warnings.first() {
        warn_escape(vm, w)?;
    }
    result(out.finish(), n)
}

/// Decodes Latin-1 with \uXXXX and \UXXXXXXXX escapes.
#[function(sig = "(data, errors=None, final=True, /)")]
pub fn raw_unicode_escape_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, last: bool) -> R {
    let input = bytes_or_text(vm, data)?;
    let mut out = StrBuilder::with_capacity(input.len());
    let n = decode_with(vm, &input, &|| "rawunicodeescape", scheme(vm, errors.0)?, &mut out, |input, from, out| {
        escape::decode_raw_unicode_escape(input, from, last, out)
    })?;
    result(out.finish(), n)
}
