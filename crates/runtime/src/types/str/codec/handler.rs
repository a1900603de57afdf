//! Error handlers: the standard ones natively, and those that a program registers.

use std::borrow::Cow;

use taipan_text::codec::{ByteOrder, CodecError};
use taipan_text::unicode::names;

use super::super::{Str, StrBuilder, from_ref, push_wtf8};
use super::registry::lookup_error;
use crate::core::{R, Raised, Ref, Value};
use crate::types::bytes::{self, Bytes};
use crate::types::exceptions::{
    self as exc, BaseException, Problem, UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError,
};
use crate::types::int;
use crate::types::tuple::{self, Tuple};
use crate::vm::Vm;

/// What to do where a codec stops.
pub enum Handler {
    /// Raises the exception.
    Strict,
    /// Leaves out what is wrong.
    Ignore,
    /// `?` or U+FFFD.
    Replace,
    /// `\xff`, `\u1234`.
    BackslashReplace,
    /// `&#1234;`
    XmlCharRefReplace,
    /// `\N{...}`
    NameReplace,
    /// Bytes that can't be decoded become lone surrogates, and back.
    SurrogateEscape,
    /// Lone surrogates are encoded like other characters.
    SurrogatePass,
    /// What a program has registered.
    Custom(Value),
}

/// What stands in for characters that can't be encoded.
pub enum Replacement {
    /// Bytes to copy.
    Bytes(Vec<u8>),
    /// Text to encode.
    Text(Ref<Str>),
}

const SURROGATES: std::ops::Range<u32> = 0xd800..0xe000;
const ESCAPED: std::ops::Range<u32> = 0xdc80..0xdd00;

/// The unit and byte order of an encoding that `surrogatepass` knows, by its name in exceptions.
fn unit_of(encoding: &str) -> Option<(usize, ByteOrder)> {
    let name = encoding.to_ascii_lowercase().replace('_', "-");
    let rest = name.strip_prefix("utf-").or_else(|| name.strip_prefix("utf"))?;
    let (unit, rest) = match rest {
        "8" | "8-sig" => return Some((1, ByteOrder::NATIVE)),
        r if r.starts_with("16") => (2, &r[2..]),
        r if r.starts_with("32") => (4, &r[2..]),
        _ => return None,
    };
    let order = match rest {
        "" => ByteOrder::NATIVE,
        "-le" | "le" => ByteOrder::Little,
        "-be" | "be" => ByteOrder::Big,
        _ => return None,
    };
    Some((unit, order))
}

/// A surrogate in an encoding's own form.
fn push_surrogate(out: &mut Vec<u8>, ch: u32, (unit, order): (usize, ByteOrder)) {
    match (unit, order) {
        (1, _) => push_wtf8(out, ch),
        (2, ByteOrder::Little) => out.extend((ch as u16).to_le_bytes()),
        (2, ByteOrder::Big) => out.extend((ch as u16).to_be_bytes()),
        (_, ByteOrder::Little) => out.extend(ch.to_le_bytes()),
        (_, ByteOrder::Big) => out.extend(ch.to_be_bytes()),
    }
}

/// The surrogate at the start of some bytes, in an encoding's own form, with its length.
fn surrogate_at(input: &[u8], (unit, order): (usize, ByteOrder)) -> Option<(u32, usize)> {
    let (ch, n) = match unit {
        1 => match input {
            [a, b, c, ..] if a & 0xf0 == 0xe0 && b & 0xc0 == 0x80 && c & 0xc0 == 0x80 => {
                (u32::from(a & 0x0f) << 12 | u32::from(b & 0x3f) << 6 | u32::from(c & 0x3f), 3)
            }
            _ => return None,
        },
        2 => {
            let pair = input.first_chunk::<2>()?;
            let ch = if order == ByteOrder::Little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
            (u32::from(ch), 2)
        }
        _ => {
            let four = input.first_chunk::<4>()?;
            (if order == ByteOrder::Little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) }, 4)
        }
    };
    SURROGATES.contains(&ch).then_some((ch, n))
}

fn backslash(out: &mut String, ch: u32) {
    out.push_str(&match ch {
        0..0x100 => format!("\\x{ch:02x}"),
        0x100..0x1_0000 => format!("\\u{ch:04x}"),
        _ => format!("\\U{ch:08x}"),
    });
}

impl Handler {
    /// The handler of this name.
    ///
    /// Raises LookupError if there is none.
    pub fn of(vm: &Vm, errors: &str) -> R<Self> {
        match Self::standard(errors) {
            Some(h) => Ok(h),
            None => lookup_error(vm, errors).map(Self::Custom),
        }
    }

    /// The standard handler of this name.
    pub fn standard(errors: &str) -> Option<Self> {
        Some(match errors {
            "strict" => Self::Strict,
            "ignore" => Self::Ignore,
            "replace" => Self::Replace,
            "backslashreplace" => Self::BackslashReplace,
            "xmlcharrefreplace" => Self::XmlCharRefReplace,
            "namereplace" => Self::NameReplace,
            "surrogateescape" => Self::SurrogateEscape,
            "surrogatepass" => Self::SurrogatePass,
            _ => return None,
        })
    }

    /// ASCII text for characters, by one of the handlers that describe them.
    fn describe(&self, chars: impl Iterator<Item = u32>) -> String {
        let mut out = String::new();
        for ch in chars {
            match self {
                Self::Replace => out.push('?'),
                Self::XmlCharRefReplace => out.push_str(&format!("&#{ch};")),
                Self::NameReplace => match names::name(ch) {
                    Some(name) => out.push_str(&format!("\\N{{{name}}}")),
                    None => backslash(&mut out, ch),
                },
                _ => backslash(&mut out, ch),
            }
        }
        out
    }

    /// Answers a codec that can't encode `s[e.start..e.end]`: what stands in, and where to go on.
    ///
    /// Raises UnicodeEncodeError, and what a registered handler raises.
    pub fn on_encode(&self, vm: &Vm, name: &str, s: &Ref<Str>, e: CodecError, unit: usize) -> R<(Replacement, usize)> {
        let fail = || vm.unicode_encode_error(name, s, e.start, e.end, e.reason);
        let wrong = || (e.start..e.end.min(s.len())).map(|i| s.char_at(i));
        let bytes = match self {
            Self::Strict => return Err(fail()),
            Self::Ignore => Vec::new(),
            Self::Replace | Self::BackslashReplace | Self::XmlCharRefReplace | Self::NameReplace => {
                vm.check_room((e.end - e.start).saturating_mul(100))?;
                return Ok((Replacement::Text(from_ref(&self.describe(wrong()))), e.end));
            }
            Self::SurrogateEscape => {
                let bytes: Vec<u8> = wrong().take_while(|c| ESCAPED.contains(c)).map(|c| c as u8).collect();
                if bytes.is_empty() || bytes.len() % unit != 0 {
                    return Err(fail());
                }
                let at = e.start + bytes.len();
                return Ok((Replacement::Bytes(bytes), at));
            }
            Self::SurrogatePass => {
                let Some(form) = unit_of(name) else { return Err(fail()) };
                let mut bytes = Vec::new();
                for ch in wrong() {
                    if !SURROGATES.contains(&ch) {
                        return Err(fail());
                    }
                    push_surrogate(&mut bytes, ch, form);
                }
                bytes
            }
            Self::Custom(f) => {
                let problem = new_error(vm, vm.unicode_encode_error(name, s, e.start, e.end, e.reason));
                let r = vm.call(f, std::slice::from_ref(&problem))?;
                let (v, at) = answer(vm, &r, s.len(), "encoding error handler must return (str/bytes, int) tuple")?;
                if let Some(b) = v.downcast::<Bytes>() {
                    return Ok((Replacement::Bytes(b.as_slice().to_vec()), at));
                }
                return match v.into_ref::<Str>() {
                    Ok(t) => Ok((Replacement::Text(t), at)),
                    Err(_) => Err(vm.type_error("encoding error handler must return (str/bytes, int) tuple")),
                };
            }
        };
        Ok((Replacement::Bytes(bytes), e.end))
    }

    /// Answers a codec that can't decode `input[e.start..e.end]`: writes what stands in, and tells where to go on.
    ///
    /// Raises UnicodeDecodeError, TypeError for a handler that only knows encoding, and what a registered handler
    /// raises; such a one may exchange the input.
    pub fn on_decode(
        &self,
        vm: &Vm,
        name: &str,
        input: &mut Cow<'_, [u8]>,
        e: CodecError,
        out: &mut StrBuilder,
    ) -> R<usize> {
        let end = e.end.min(input.len());
        let wrong = input.get(e.start..end).unwrap_or_default();
        match self {
            Self::Strict => Err(vm.unicode_decode_error(name, input, e.start, end, e.reason)),
            Self::Ignore => Ok(end),
            Self::Replace => {
                out.push(0xfffd);
                Ok(end)
            }
            Self::BackslashReplace => {
                wrong.iter().for_each(|b| out.push_str(&format!("\\x{b:02x}")));
                Ok(end)
            }
            Self::XmlCharRefReplace | Self::NameReplace => {
                Err(vm.type_error("don't know how to handle UnicodeDecodeError in error callback"))
            }
            Self::SurrogateEscape => {
                let n = wrong.iter().take(4).take_while(|b| !b.is_ascii()).count();
                if n == 0 {
                    return Err(vm.unicode_decode_error(name, input, e.start, end, e.reason));
                }
                wrong.iter().take(n).for_each(|b| out.push(0xdc00 + u32::from(*b)));
                Ok(e.start + n)
            }
            Self::SurrogatePass => {
                let rest = input.get(e.start..).unwrap_or_default();
                match unit_of(name).and_then(|form| surrogate_at(rest, form)) {
                    Some((ch, n)) => {
                        out.push(ch);
                        Ok(e.start + n)
                    }
                    None => Err(vm.unicode_decode_error(name, input, e.start, end, e.reason)),
                }
            }
            Self::Custom(f) => {
                let problem = new_error(vm, vm.unicode_decode_error(name, input, e.start, end, e.reason));
                let before = vm.get_attr_str(&problem, "object")?;
                let r = vm.call(f, std::slice::from_ref(&problem))?;
                let after = vm.get_attr_str(&problem, "object")?;
                if !after.is(&before) {
                    let Some(b) = after.downcast::<Bytes>() else {
                        return Err(vm.type_error("exception attribute object must be bytes"));
                    };
                    *input = Cow::Owned(b.as_slice().to_vec());
                }
                let text = "decoding error handler must return (str, int) tuple";
                let (v, at) = answer(vm, &r, input.len(), text)?;
                let Some(s) = v.downcast::<Str>() else { return Err(vm.type_error(text)) };
                out.check_room(vm, s.len())?;
                out.push_obj(s);
                Ok(at)
            }
        }
    }

    /// What a standard handler, called as a function with an exception, returns: a replacement and a position.
    ///
    /// Raises the exception itself where the handler does not help, TypeError for what it does not know.
    pub fn call(&self, vm: &Vm, error: &Value) -> R {
        let unknown = || {
            let ty = error.ty().tp_name();
            vm.type_error(format!("don't know how to handle {ty} in error callback"))
        };
        if matches!(self, Self::Strict) {
            return Err(match error.downcast::<BaseException>() {
                Some(_) => vm.raise(error.clone()),
                None => vm.type_error("codec must pass exception instance"),
            });
        }
        let encoding = error.downcast::<UnicodeEncodeError>().is_some();
        let decoding = error.downcast::<UnicodeDecodeError>().is_some();
        let translating = error.downcast::<UnicodeTranslateError>().is_some();
        let known = match self {
            Self::Ignore | Self::Replace | Self::BackslashReplace => encoding || decoding || translating,
            Self::XmlCharRefReplace | Self::NameReplace => encoding,
            _ => encoding || decoding,
        };
        if !known {
            return Err(unknown());
        }
        let p = Problem::of(vm, error)?;
        let end = p.end.max(p.start);
        let done = |v: Value, at: usize| Ok(tuple::from_array([v, Value::from(at)]).into_value());
        if matches!(self, Self::Ignore) {
            return done(super::super::from_str(""), end);
        }
        let name = match translating {
            true => String::new(),
            false => vm.str_string(&vm.get_attr_str(error, "encoding")?)?,
        };
        let as_is = || vm.raise(error.clone());
        if decoding {
            let Some(b) = p.object.downcast::<Bytes>() else { return Err(unknown()) };
            let input = b.as_slice();
            let mut out = StrBuilder::new();
            match self {
                Self::SurrogateEscape | Self::SurrogatePass => {
                    let wrong = input.get(p.start..end).unwrap_or_default();
                    let e = CodecError::new(p.start, end, "");
                    let helps = match self {
                        Self::SurrogateEscape => wrong.first().is_some_and(|b| !b.is_ascii()),
                        _ => {
                            let rest = input.get(p.start..).unwrap_or_default();
                            unit_of(&name).and_then(|form| surrogate_at(rest, form)).is_some()
                        }
                    };
                    if !helps {
                        return Err(as_is());
                    }
                    let at = self.on_decode(vm, &name, &mut Cow::Borrowed(input), e, &mut out)?;
                    return done(out.finish(), at);
                }
                _ => {
                    let e = CodecError::new(p.start, end, "");
                    let at = self.on_decode(vm, &name, &mut Cow::Borrowed(input), e, &mut out)?;
                    return done(out.finish(), at);
                }
            }
        }
        let Some(s) = p.object.downcast::<Str>() else { return Err(unknown()) };
        let wrong = || (p.start..end.min(s.len())).map(|i| s.char_at(i));
        match self {
            Self::Replace if translating => {
                vm.check_room((end - p.start).saturating_mul(2))?;
                let mut out = StrBuilder::new();
                out.push_repeated(0xfffd, end - p.start);
                done(out.finish(), end)
            }
            Self::SurrogateEscape => {
                if !wrong().all(|c| ESCAPED.contains(&c)) {
                    return Err(as_is());
                }
                let escaped: Vec<u8> = wrong().map(|c| c as u8).collect();
                done(bytes::from_vec(escaped).into_value(), end)
            }
            Self::SurrogatePass => {
                let Some(form) = unit_of(&name) else { return Err(as_is()) };
                if !wrong().all(|c| SURROGATES.contains(&c)) {
                    return Err(as_is());
                }
                let mut out = Vec::new();
                wrong().for_each(|c| push_surrogate(&mut out, c, form));
                done(bytes::from_vec(out).into_value(), end)
            }
            _ => {
                vm.check_room((end - p.start).saturating_mul(100))?;
                done(super::super::from_str(&self.describe(wrong())), end)
            }
        }
    }
}

/// The exception that was just raised, as an object.
fn new_error(vm: &Vm, raised: Raised) -> Value {
    vm.catch(raised)
}

/// Takes a handler's answer apart: the replacement and the position, which counts from the end if negative.
fn answer(vm: &Vm, r: &Value, len: usize, text: &str) -> R<(Value, usize)> {
    let Some([v, at]) = r.downcast::<Tuple>().map(|t| t.as_slice()) else { return Err(vm.type_error(text)) };
    if int::get(at).is_none() {
        return Err(vm.type_error(text));
    }
    let given = int::to_isize(vm, at)?;
    let at = if given < 0 { given.checked_add_unsigned(len).unwrap_or(-1) } else { given };
    match usize::try_from(at) {
        Ok(at) if at <= len => Ok((v.clone(), at)),
        _ => Err(vm.raise_msg(&exc::INDEX_ERROR, &format!("position {at} from error handler out of bounds"))),
    }
}
