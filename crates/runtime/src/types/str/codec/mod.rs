//! str to bytes and back: UTF-8, ASCII, Latin-1, UTF-16 and UTF-32 with all standard error handlers natively,
//! everything else through the registry of the module `_codecs`.
//!
//! The two drivers, [`encode_with`] and [`decode_with`], run any codec of the text crate and ask an error handler
//! where it stops; `_codecs` uses them for the codecs that str itself does not know.

mod handler;
mod registry;

use std::borrow::Cow;

use taipan_text::codec as text;
use taipan_text::codec::{ByteOrder, CodecError};

pub use self::handler::{Handler, Replacement};
pub use self::registry::{lookup_codec, lookup_error, through_registry};
use super::{Chars, Str, StrBuilder, from_latin1, from_ref, units};
use crate::core::{R, Ref, Value};
use crate::types::bytes::{self, Bytes};
use crate::vm::Vm;

/// A codec that is known natively.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// Latin-1.
    Latin1,
    /// UTF-16: in this order, or with a byte order mark.
    Utf16(Option<ByteOrder>),
    /// UTF-32: in this order, or with a byte order mark.
    Utf32(Option<ByteOrder>),
}

impl Codec {
    /// The codec of this name, in any of the spellings that need no look at the registry.
    pub fn find(encoding: &str) -> Option<Self> {
        // The common ones without a copy.
        match encoding {
            "utf-8" | "utf8" | "UTF-8" => return Some(Self::Utf8),
            "ascii" => return Some(Self::Ascii),
            "latin-1" | "latin1" => return Some(Self::Latin1),
            _ => {}
        }
        if encoding.len() > 20 {
            return None;
        }
        let mut name = String::with_capacity(encoding.len());
        let mut gap = false;
        for c in encoding.chars() {
            if c.is_ascii_alphanumeric() || c == '.' {
                if gap && !name.is_empty() {
                    name.push('_');
                }
                gap = false;
                name.push(c.to_ascii_lowercase());
            } else {
                gap = true;
            }
        }
        Some(match name.as_str() {
            "utf_8" | "utf8" => Self::Utf8,
            "ascii" | "us_ascii" => Self::Ascii,
            "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" => Self::Latin1,
            "utf_16" | "utf16" => Self::Utf16(None),
            "utf_16_le" | "utf_16le" => Self::Utf16(Some(ByteOrder::Little)),
            "utf_16_be" | "utf_16be" => Self::Utf16(Some(ByteOrder::Big)),
            "utf_32" | "utf32" => Self::Utf32(None),
            "utf_32_le" | "utf_32le" => Self::Utf32(Some(ByteOrder::Little)),
            "utf_32_be" | "utf_32be" => Self::Utf32(Some(ByteOrder::Big)),
            _ => return None,
        })
    }

    /// The name in the exceptions of encoding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
            Self::Utf16(None) => "utf-16",
            Self::Utf16(Some(ByteOrder::Little)) => "utf-16-le",
            Self::Utf16(Some(ByteOrder::Big)) => "utf-16-be",
            Self::Utf32(None) => "utf-32",
            Self::Utf32(Some(ByteOrder::Little)) => "utf-32-le",
            Self::Utf32(Some(ByteOrder::Big)) => "utf-32-be",
        }
    }

    /// Bytes of a unit: what an error handler gives as bytes must be whole units.
    fn unit(self) -> usize {
        match self {
            Self::Utf8 | Self::Ascii | Self::Latin1 => 1,
            Self::Utf16(_) => 2,
            Self::Utf32(_) => 4,
        }
    }
}

/// A str as bytes.
///
/// `value` is a str. Raises LookupError for an unknown encoding or error handler, UnicodeEncodeError.
pub fn encode(vm: &Vm, value: &Value, encoding: &str, errors: Option<&str>) -> R {
    let Some(s) = value.downcast::<Str>() else {
        return Err(vm.type_error(format!("expected str, got {}", value.ty().tp_name())));
    };
    if vm.interp().config.dev_mode {
        check_names(vm, encoding, errors)?;
    }
    match Codec::find(encoding) {
        Some(codec) => encode_native(vm, s, codec, errors.unwrap_or("strict")),
        None => registry::encode(vm, value, encoding, errors),
    }
}

/// In development mode, unknown names are errors also where nobody needs the codec or the handler.
#[cold]
fn check_names(vm: &Vm, encoding: &str, errors: Option<&str>) -> R<()> {
    if Codec::find(encoding).is_none() {
        lookup_codec(vm, encoding)?;
    }
    match errors {
        None | Some("strict") => Ok(()),
        Some(errors) => lookup_error(vm, errors).map(drop),
    }
}

/// Bytes as a str.
///
/// `value` is any bytes-like object. Raises LookupError for an unknown encoding or error handler,
/// UnicodeDecodeError, TypeError for what is not bytes-like.
pub fn decode(vm: &Vm, value: &Value, encoding: &str, errors: Option<&str>) -> R {
    if vm.interp().config.dev_mode {
        check_names(vm, encoding, errors)?;
    }
    let Some(codec) = Codec::find(encoding) else {
        let data = match value.downcast_exact::<Bytes>() {
            Some(b) => b.clone(),
            None => bytes::from_slice(&bytes::buffer_bytes(vm, value)?),
        };
        return registry::decode(vm, data.value(), encoding, errors);
    };
    let data = bytes::BytesLike::new(vm, value)?;
    Ok(decode_native(vm, &data, codec, errors.unwrap_or("strict"), true)?.0.into_value())
}

/// A str as bytes by a native codec; gives a bytes object.
pub fn encode_native(vm: &Vm, s: &Ref<Str>, codec: Codec, errors: &str) -> R {
    match (s.chars(), codec) {
        (Chars::Ascii(t), Codec::Utf8 | Codec::Ascii | Codec::Latin1) => return bytes::new(vm, t.as_bytes()),
        (Chars::Latin1(t), Codec::Latin1) => return bytes::new(vm, t),
        _ => {}
    }
    vm.check_room(s.len().saturating_mul(codec.unit().max(3)))?;
    let order = match codec {
        Codec::Utf16(o) | Codec::Utf32(o) => o.unwrap_or(ByteOrder::NATIVE),
        _ => ByteOrder::NATIVE,
    };
    let mut out = Vec::with_capacity(s.len() + s.len() / 2);
    match (codec, order) {
        (Codec::Utf16(None), ByteOrder::Little) => out.extend([0xff, 0xfe]),
        (Codec::Utf16(None), ByteOrder::Big) => out.extend([0xfe, 0xff]),
        (Codec::Utf32(None), ByteOrder::Little) => out.extend([0xff, 0xfe, 0, 0]),
        (Codec::Utf32(None), ByteOrder::Big) => out.extend([0, 0, 0xfe, 0xff]),
        _ => {}
    }
    encode_with(vm, s, codec.name(), errors, codec.unit(), &mut out, |s, from, out| {
        units!(s.chars(), t => match codec {
            Codec::Utf8 => text::encode_utf8(t, from, out),
            Codec::Ascii => text::encode_ascii(t, from, out),
            Codec::Latin1 => text::encode_latin_1(t, from, out),
            Codec::Utf16(_) => text::encode_utf16(t, from, order, out),
            Codec::Utf32(_) => text::encode_utf32(t, from, order, out),
        })
    })?;
    Ok(bytes::from_vec(out).into_value())
}

/// Runs an encoder over a text, error handlers included.
///
/// `name` is that of the encoding in exceptions, `unit` the bytes of one unit. `step` appends the characters from
/// a position on and stops at the first that it can't encode. Raises UnicodeEncodeError, LookupError for an unknown
/// handler, and what handlers raise.
pub fn encode_with(
    vm: &Vm,
    s: &Ref<Str>,
    name: &str,
    errors: &str,
    unit: usize,
    out: &mut Vec<u8>,
    mut step: impl FnMut(&Str, usize, &mut Vec<u8>) -> Result<(), CodecError>,
) -> R<()> {
    let mut from = 0;
    let mut handler = None;
    while let Err(e) = step(s, from, out) {
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        let (replacement, at) = handler.on_encode(vm, name, s, e, unit)?;
        let fail = || vm.unicode_encode_error(name, s, e.start, e.end, e.reason);
        match replacement {
            Replacement::Bytes(b) if b.len() % unit == 0 => out.extend_from_slice(&b),
            Replacement::Bytes(_) => return Err(fail()),
            Replacement::Text(t) => {
                let strictly = matches!(name.as_bytes().get(..4), Some(b"utf-")) && t.as_ascii().is_none();
                if strictly || step(&t, 0, out).is_err() {
                    return Err(fail());
                }
            }
        }
        vm.check_room(out.len())?;
        from = at;
    }
    Ok(())
}

/// Bytes as a str by a native codec: the text and how many bytes it took (all of them if `last`).
pub fn decode_native(vm: &Vm, data: &[u8], codec: Codec, errors: &str, last: bool) -> R<(Ref<Str>, usize)> {
    match codec {
        Codec::Utf8 | Codec::Ascii if data.is_ascii() => {
            vm.check_room(data.len())?;
            return Ok((from_latin1(data), data.len()));
        }
        Codec::Utf8 => {
            if let Ok(s) = std::str::from_utf8(data) {
                vm.check_room(data.len().saturating_mul(2))?;
                return Ok((from_ref(s), data.len()));
            }
        }
        Codec::Latin1 => {
            vm.check_room(data.len())?;
            return Ok((from_latin1(data), data.len()));
        }
        _ => {}
    }
    let mut order = match codec {
        Codec::Utf16(o) | Codec::Utf32(o) => o,
        _ => None,
    };
    decode_ordered(vm, data, codec, errors, last, &mut order)
}

/// As [`decode_native`]; for UTF-16 and UTF-32 without a fixed order, `order` then says which one it was.
pub fn decode_ordered(
    vm: &Vm,
    data: &[u8],
    codec: Codec,
    errors: &str,
    last: bool,
    order: &mut Option<ByteOrder>,
) -> R<(Ref<Str>, usize)> {
    vm.check_room(data.len().saturating_mul(4 / codec.unit()))?;
    let mut out = StrBuilder::with_capacity(data.len() / codec.unit());
    let shared = std::cell::Cell::new(*order);
    let name = || match (codec, shared.get()) {
        (Codec::Utf16(_), Some(ByteOrder::Big)) => "utf-16-be",
        (Codec::Utf16(_), _) => "utf-16-le",
        (Codec::Utf32(_), Some(ByteOrder::Big)) => "utf-32-be",
        (Codec::Utf32(_), _) => "utf-32-le",
        _ => codec.name(),
    };
    let end = decode_with(vm, data, &name, errors, &mut out, |input, from, out| match codec {
        Codec::Utf8 => text::decode_utf8(input, from, last, out),
        Codec::Ascii => text::decode_ascii(input, from, out),
        Codec::Latin1 => Ok(text::decode_latin_1(input, from, out)),
        Codec::Utf16(_) | Codec::Utf32(_) => {
            let mut order = shared.get();
            let r = match codec {
                Codec::Utf16(_) => text::decode_utf16(input, from, last, &mut order, out),
                _ => text::decode_utf32(input, from, last, &mut order, out),
            };
            shared.set(order);
            r
        }
    })?;
    *order = shared.get();
    Ok((out.finish_ref(), end))
}

/// Runs a decoder over bytes, error handlers included; gives the position up to which the input was consumed.
///
/// `name` tells the encoding's name for exceptions. `step` appends what it decodes from a position on and stops at
/// the first sequence that is wrong. Raises UnicodeDecodeError, LookupError for an unknown handler, and what
/// handlers raise.
pub fn decode_with(
    vm: &Vm,
    data: &[u8],
    name: &dyn Fn() -> &'static str,
    errors: &str,
    out: &mut StrBuilder,
    mut step: impl FnMut(&[u8], usize, &mut StrBuilder) -> Result<usize, CodecError>,
) -> R<usize> {
    let mut from = 0;
    let mut handler = None;
    // A handler may exchange the input.
    let mut input = Cow::Borrowed(data);
    loop {
        let e = match step(&input, from, out) {
            Ok(end) => return Ok(end),
            Err(e) => e,
        };
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        from = handler.on_decode(vm, name(), &mut input, e, out)?;
        out.check_room(vm, 0)?;
    }
}
