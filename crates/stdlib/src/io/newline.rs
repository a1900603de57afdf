//! Line endings: finding them, translating them, and `IncrementalNewlineDecoder`.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::{self, Chars, Str, StrBuilder};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, int};
use taipan_runtime::vm::{Vm, names};
use taipan_text::CodeUnit;

use crate::codecs::units;

const CR: u8 = 1;
const LF: u8 = 2;
const CRLF: u8 = 4;

/// The parameter `newline` of text streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Newline {
    /// None: all endings end lines and are read as `\n`.
    Translate,
    /// `''`: all endings end lines and stay as they are.
    Universal,
    /// `\n`
    Lf,
    /// `\r`
    Cr,
    /// `\r\n`
    CrLf,
}

impl Newline {
    /// From the text that was given.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        Some(match text {
            None => Self::Translate,
            Some("") => Self::Universal,
            Some("\n") => Self::Lf,
            Some("\r") => Self::Cr,
            Some("\r\n") => Self::CrLf,
            Some(_) => return None,
        })
    }

    /// As it was given.
    pub fn text(self) -> Option<&'static str> {
        match self {
            Self::Translate => None,
            Self::Universal => Some(""),
            Self::Lf => Some("\n"),
            Self::Cr => Some("\r"),
            Self::CrLf => Some("\r\n"),
        }
    }

    /// Whether a decoder must look for all endings.
    pub fn is_universal(self) -> bool {
        matches!(self, Self::Translate | Self::Universal)
    }

    /// What `\n` is written as, if it is something else (the system's own ending is `\n`).
    pub fn written(self) -> Option<&'static str> {
        match self {
            Self::Cr => Some("\r"),
            Self::CrLf => Some("\r\n"),
            _ => None,
        }
    }

    /// Finds the end of the first line: `Ok` the index behind its ending, `Err` how many characters need not be
    /// looked at again when more text has come.
    pub fn line_end<C: CodeUnit>(self, text: &[C]) -> Result<usize, usize> {
        let all = Err(text.len());
        match self {
            Self::Translate | Self::Lf => find(text, 10).map_or(all, |i| Ok(i + 1)),
            Self::Cr => find(text, 13).map_or(all, |i| Ok(i + 1)),
            Self::Universal => {
                let first = match C::bytes(text) {
                    Some(b) => memchr::memchr2(b'\n', b'\r', b),
                    None => text.iter().position(|c| matches!(c.code(), 10 | 13)),
                };
                // The decoder keeps a `\r` at the end back, so the pair is never cut in two.
                first.map_or(all, |i| {
                    let pair = text[i].code() == 13 && text.get(i + 1).is_some_and(|c| c.code() == 10);
                    Ok(i + 1 + usize::from(pair))
                })
            }
            Self::CrLf => {
                let mut from = 0;
                while let Some(i) = find(&text[from..], 13) {
                    let at = from + i;
                    match text.get(at + 1) {
                        Some(c) if c.code() == 10 => return Ok(at + 2),
                        Some(_) => from = at + 1,
                        None => return Err(at),
                    }
                }
                all
            }
        }
    }
}

/// The place of a character.
#[inline]
pub fn find<C: CodeUnit>(text: &[C], code: u8) -> Option<usize> {
    match C::bytes(text) {
        Some(b) => memchr::memchr(code, b),
        None => text.iter().position(|c| c.code() == u32::from(code)),
    }
}

/// Whether a text has a character.
#[inline]
pub fn has(text: Chars<'_>, code: u8) -> bool {
    units!(text, t => find(t, code).is_some())
}

/// `text` with something else for every `\n`.
pub fn replace_newlines(text: Chars<'_>, with: &str, out: &mut StrBuilder) {
    let mut from = 0;
    while let Some(i) = units!(text, t => find(&t[from..], b'\n')) {
        out.push_chars(text.slice(from, from + i));
        out.push_str(with);
        from += i + 1;
    }
    out.push_chars(text.slice(from, text.len()));
}

/// What a reader of text knows of line endings.
#[derive(Default)]
pub struct Endings {
    /// A `\r` at the end of what came so far, kept back: the next character may be `\n`.
    pub pending: Cell<bool>,
    seen: Cell<u8>,
}

impl Endings {
    /// Forgets everything.
    pub fn reset(&self) {
        self.pending.set(false);
        self.seen.set(0);
    }

    /// The attribute `newlines`.
    pub fn shown(&self) -> Value {
        let all = [(CR, "\r"), (LF, "\n"), (CRLF, "\r\n")];
        let seen: Vec<Value> =
            all.iter().filter(|(bit, _)| self.seen.get() & bit != 0).map(|(_, s)| str::from_str(s)).collect();
        match seen.len() {
            0 => Value::NONE,
            1 => seen[0].clone(),
            _ => tuple::from_vec(seen).into_value(),
        }
    }

    /// Takes in decoded text: remembers what ends lines, and makes all of it `\n` if asked. With `last` nothing is kept
    /// back.
    pub fn feed(&self, text: Ref<Str>, translate: bool, last: bool) -> Ref<Str> {
        let mut text = text;
        if self.pending.get() && (last || !text.is_empty()) {
            self.pending.set(false);
            let mut b = StrBuilder::with_capacity(text.len() + 1);
            b.push(13);
            b.push_obj(&text);
            text = b.finish_ref();
        }
        if !last && !text.is_empty() && text.char_at(text.len() - 1) == 13 {
            self.pending.set(true);
            text = text.substring(0, text.len() - 1);
        }
        if !has(text.chars(), b'\r') {
            if self.seen.get() & LF == 0 && has(text.chars(), b'\n') {
                self.seen.set(self.seen.get() | LF);
            }
            return text;
        }
        let (seen, translated) = match text.chars() {
            Chars::Ucs2(t) => {
                let (seen, out) = scan(t, translate);
                (seen, out.map(|v| str::from_ucs2(&v)))
            }
            Chars::Ucs4(t) => {
                let (seen, out) = scan(t, translate);
                (seen, out.map(|v| str::from_ucs4(&v)))
            }
            narrow => {
                let (seen, out) = scan(narrow.narrow().unwrap_or_default(), translate);
                (seen, out.map(|v| str::from_latin1(&v)))
            }
        };
        self.seen.set(self.seen.get() | seen);
        translated.unwrap_or(text)
    }
}

/// The endings in a text, and the text with `\n` for all of them.
fn scan<C: CodeUnit>(text: &[C], translate: bool) -> (u8, Option<Vec<C>>) {
    let mut seen = 0;
    let mut out = translate.then(|| Vec::with_capacity(text.len()));
    let lf = C::from_code(10).unwrap_or_default();
    let mut from = 0;
    while let Some(i) = find(&text[from..], b'\r') {
        let at = from + i;
        let part = &text[from..at];
        if seen & LF == 0 && find(part, b'\n').is_some() {
            seen |= LF;
        }
        let pair = text.get(at + 1).is_some_and(|c| c.code() == 10);
        seen |= if pair { CRLF } else { CR };
        if let Some(out) = &mut out {
            out.extend_from_slice(part);
            out.push(lf);
        }
        from = at + 1 + usize::from(pair);
    }
    let part = &text[from..];
    if find(part, b'\n').is_some() {
        seen |= LF;
    }
    if let Some(out) = &mut out {
        out.extend_from_slice(part);
    }
    (seen, out)
}

/// The payload of `IncrementalNewlineDecoder`.
#[derive(Trace, Default)]
pub struct NewlineDecoder {
    /// The decoder before this one, or None; nothing before `__init__`.
    decoder: PyCell<Option<Value>>,
    translate: Cell<bool>,
    #[no_trace]
    endings: Endings,
}

impl NewlineDecoder {
    /// One behind another decoder.
    pub fn behind(decoder: Value, translate: bool) -> Ref<Self> {
        let this = Self::default();
        this.decoder.set(Some(decoder));
        this.translate.set(translate);
        Ref::new(this)
    }

    fn inner(&self, vm: &Vm) -> R {
        self.decoder.get().ok_or_else(|| vm.value_error("IncrementalNewlineDecoder.__init__() not called"))
    }

    /// What the decoder before this one makes of the input, with line endings as wanted.
    pub fn run(&self, vm: &Vm, input: &Value, last: bool) -> R<Ref<Str>> {
        let inner = self.inner(vm)?;
        let output = if inner.is_none() {
            input.clone()
        } else {
            vm.call_method_name(&inner, &names().decode, &[input.clone(), Value::bool(last)])?
        };
        let text = expect_text(vm, output)?;
        Ok(self.endings.feed(text, self.translate.get(), last))
    }
}

/// The str that a decoder has returned.
pub fn expect_text(vm: &Vm, v: Value) -> R<Ref<Str>> {
    v.into_ref::<Str>().map_err(|v| {
        let given = v.ty().tp_name();
        vm.type_error(format!("decoder should return a string result, not '{given}'"))
    })
}

/// Takes a decoder's state apart: bytes that wait, and a number.
pub fn state_parts(vm: &Vm, state: &Value, text: &str) -> R<(Value, u64)> {
    let Some([buffer, flag]) = state.downcast::<Tuple>().map(|t| t.as_slice()) else { return Err(vm.type_error(text)) };
    if int::get(flag).is_none() {
        return Err(vm.type_error(text));
    }
    let flag = int::get(flag).and_then(int::IntRef::to_i64).unwrap_or(0);
    Ok((buffer.clone(), flag as u64))
}

/// Codec used when reading a file in universal newlines mode.
///
/// It wraps another incremental decoder, translating \r\n and \r into \n. It also records the types of newlines
/// encountered. When used with translate=False, it ensures that the newline sequence is returned in one piece. When
/// used with decoder=None, it expects unicode strings as decode input and translates newlines without first invoking an
/// external decoder.
#[class(name = "IncrementalNewlineDecoder", module = "_io", flags(BASETYPE, GC),
    sig = "(decoder, translate, errors='strict')")]
impl NewlineDecoder {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Self::default()).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, this: &Ref<Self>, decoder: &Value, translate: bool, _errors: Option<&Value>) {
        this.decoder.set(Some(decoder.clone()));
        this.translate.set(translate);
        this.endings.reset();
    }

    #[method(sig = "(input, final=False)")]
    fn decode(vm: &Vm, this: &Ref<Self>, input: &Value, last: bool) -> R<Ref<Str>> {
        this.run(vm, input, last)
    }

    #[method(sig = "()")]
    fn getstate(vm: &Vm, this: &Ref<Self>) -> R {
        let inner = this.inner(vm)?;
        let (buffer, flag) = if inner.is_none() {
            (bytes::from_slice(b"").into_value(), 0)
        } else {
            let state = vm.call_method_name(&inner, &names().getstate, &[])?;
            state_parts(vm, &state, "illegal decoder state")?
        };
        let flag = flag << 1 | u64::from(this.endings.pending.get());
        Ok(tuple::from_array([buffer, Value::from(flag)]).into_value())
    }

    #[method(sig = "(state, /)")]
    fn setstate(vm: &Vm, this: &Ref<Self>, state: &Value) -> R {
        let inner = this.inner(vm)?;
        if state.downcast::<Tuple>().is_none() {
            return Err(vm.type_error("state argument must be a tuple"));
        }
        let (buffer, flag) = state_parts(vm, state, "setstate(): illegal state argument")?;
        this.endings.pending.set(flag & 1 != 0);
        if inner.is_none() {
            return Ok(Value::NONE);
        }
        let state = tuple::from_array([buffer, Value::from(flag >> 1)]).into_value();
        vm.call_method_name(&inner, &names().setstate, &[state])
    }

    #[method(sig = "()")]
    fn reset(vm: &Vm, this: &Ref<Self>) -> R {
        let inner = this.inner(vm)?;
        this.endings.reset();
        if inner.is_none() { Ok(inner) } else { vm.call_method_name(&inner, &names().reset, &[]) }
    }

    #[getter]
    fn newlines(vm: &Vm, this: &Ref<Self>) -> R {
        this.inner(vm)?;
        Ok(this.endings.shown())
    }
}
