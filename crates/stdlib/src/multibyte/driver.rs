//! Runs the encodings of the crate `taipan-multibyte`, with error handlers, at once or piece by piece.

use std::borrow::Cow;
use std::cell::Cell;

use taipan_macros::Trace;
use taipan_multibyte::{Encoding, State};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::str::codec::{Handler, Replacement};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::{Vm, intern};

use super::codec::MultibyteCodec;
use crate::codecs::units;

/// How many characters an encoder may keep back.
const PENDING_CHARS: usize = 2;
/// How many bytes a decoder may keep back.
pub const PENDING_BYTES: usize = 8;

/// How far a call goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// More text may follow.
    Part,
    /// The last text: everything is written and the state ends.
    Last,
}

/// Encodes a text; gives the bytes and how many characters were taken.
///
/// Raises UnicodeEncodeError, LookupError for an unknown handler, and what handlers raise.
pub fn encode(
    vm: &Vm,
    encoding: &Encoding,
    s: &Ref<Str>,
    state: &mut State,
    errors: &str,
    extent: Extent,
) -> R<(Vec<u8>, usize)> {
    let last = extent == Extent::Last;
    vm.check_room(s.len().saturating_mul(2))?;
    let mut out = Vec::with_capacity(s.len() + s.len() / 2);
    let mut from = 0;
    let mut handler = None;
    let step = |s: &Str, from, flush, state: &mut State, out: &mut Vec<u8>| {
        units!(s.chars(), t => encoding.encode(t, from, flush, state, out))
    };
    let end = loop {
        let e = match step(s, from, last, state, &mut out) {
            Ok(end) => break end,
            Err(e) => e,
        };
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        let (replacement, at) = match handler.on_encode(vm, encoding.name(), s, e, 1) {
            Ok(found) => found,
            Err(raised) => return Err(handler_error(vm, handler, raised)),
        };
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) => {
                if let Err(e) = step(&t, 0, true, state, &mut out) {
                    if !matches!(handler, Handler::Replace) {
                        return Err(vm.unicode_encode_error(encoding.name(), &t, e.start, e.end, e.reason));
                    }
                    out.push(b'?');
                }
            }
        }
        vm.check_room(out.len())?;
        from = at;
    };
    if last {
        encoding.reset_encoder(state, &mut out);
    }
    Ok((out, end))
}

/// These encodings say "str" where the others say "str/bytes", and no position is too large to look at.
#[cold]
fn handler_error(vm: &Vm, handler: &Handler, raised: Raised) -> Raised {
    if !matches!(handler, Handler::Custom(_)) {
        return raised;
    }
    let e = vm.catch(raised);
    if e.ty().is(exc::OVERFLOW_ERROR.get()) {
        return vm.raise_msg(&exc::INDEX_ERROR, "position -1 from error handler out of bounds");
    }
    let text = match vm.str_string(&e) {
        Ok(text) => text,
        Err(raised) => return raised,
    };
    if text == "encoding error handler must return (str/bytes, int) tuple" {
        return vm.type_error("encoding error handler must return (str, int) tuple");
    }
    vm.raise_as_is(e)
}

/// Decodes bytes; gives how many were taken.
///
/// Raises UnicodeDecodeError, LookupError for an unknown handler, and what handlers raise.
pub fn decode(
    vm: &Vm,
    encoding: &Encoding,
    data: &[u8],
    state: &mut State,
    errors: &str,
    last: bool,
    out: &mut StrBuilder,
) -> R<usize> {
    vm.check_room(data.len().saturating_mul(2))?;
    let mut from = 0;
    let mut handler = None;
    loop {
        let e = match encoding.decode(data, from, last, state, out) {
            Ok(end) => return Ok(end),
            Err(e) => e,
        };
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        // A handler can't exchange the input.
        let mut input = Cow::Borrowed(data);
        let at = handler.on_decode(vm, encoding.name(), &mut input, e, out);
        let at = at.map_err(|raised| handler_error(vm, handler, raised))?;
        if at > data.len() {
            let text = format!("position {at} from error handler out of bounds");
            return Err(vm.raise_msg(&exc::INDEX_ERROR, &text));
        }
        from = at;
        out.check_room(vm, 0)?;
    }
}

/// The encoding that the class of an encoder or decoder names.
///
/// Raises AttributeError without the attribute, TypeError if it is no codec.
pub fn encoding_of(vm: &Vm, class: &Value) -> R<&'static Encoding> {
    let codec = vm.get_attr_str(class, "codec")?;
    match codec.downcast::<MultibyteCodec>() {
        Some(codec) => Ok(codec.encoding()),
        None => Err(vm.type_error("codec is unexpected type")),
    }
}

/// The attribute `errors`.
#[derive(Trace)]
pub struct Errors {
    name: PyCell<Ref<Str>>,
}

impl Errors {
    pub fn new(name: Option<&Ref<Str>>) -> Self {
        Self {
            name: PyCell::new(name.cloned().unwrap_or_else(|| intern("strict"))),
        }
    }

    pub fn get(&self) -> Ref<Str> {
        self.name.get()
    }

    /// Raises AttributeError for deletion, TypeError for what is no str.
    pub fn set(&self, vm: &Vm, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(vm.raise_msg(&exc::ATTRIBUTE_ERROR, "cannot delete attribute"));
        };
        let Some(s) = v.downcast::<Str>() else { return Err(vm.type_error("errors must be a string")) };
        self.name.set(s.clone());
        Ok(())
    }
}

/// An encoder that goes on where it stopped.
#[derive(Trace)]
pub struct Encoder {
    #[no_trace]
    pub encoding: &'static Encoding,
    pub errors: Errors,
    #[no_trace]
    pub state: Cell<State>,
    pub pending: PyCell<Option<Ref<Str>>>,
}

impl Encoder {
    /// Raises as [`encoding_of`].
    pub fn new(vm: &Vm, class: &Value, errors: Option<&Ref<Str>>) -> R<Self> {
        let encoding = encoding_of(vm, class)?;
        Ok(Self {
            encoding,
            errors: Errors::new(errors),
            state: Cell::new(encoding.encoder_state()),
            pending: PyCell::new(None),
        })
    }

    /// Encodes the next text. What was kept back stays if that fails.
    pub fn feed(&self, vm: &Vm, text: &Value, extent: Extent) -> R<Ref<Bytes>> {
        let s = as_text(vm, text)?;
        let pending = self.pending.get();
        let s = match &pending {
            None => s,
            Some(kept) => {
                let mut both = StrBuilder::with_capacity(kept.len() + s.len());
                both.push_obj(kept);
                both.push_obj(&s);
                both.finish_ref()
            }
        };
        let mut state = self.state.get();
        let errors = self.errors.get();
        let r = encode(vm, self.encoding, &s, &mut state, &errors.to_utf8(vm)?, extent);
        self.state.set(state);
        let (out, end) = r?;
        let kept = s.len() - end.min(s.len());
        if kept > PENDING_CHARS {
            return Err(vm.raise_msg(&exc::UNICODE_ERROR, "pending buffer overflow"));
        }
        self.pending.set((kept > 0).then(|| s.substring(end, s.len())));
        Ok(bytes::from_vec(out))
    }
}

/// A decoder that goes on where it stopped.
#[derive(Trace)]
pub struct Decoder {
    #[no_trace]
    pub encoding: &'static Encoding,
    pub errors: Errors,
    #[no_trace]
    pub state: Cell<State>,
    #[no_trace]
    pub pending: PyCell<Vec<u8>>,
}

impl Decoder {
    /// Raises as [`encoding_of`].
    pub fn new(vm: &Vm, class: &Value, errors: Option<&Ref<Str>>) -> R<Self> {
        let encoding = encoding_of(vm, class)?;
        Ok(Self {
            encoding,
            errors: Errors::new(errors),
            state: Cell::new(encoding.decoder_state()),
            pending: PyCell::new(Vec::new()),
        })
    }

    /// Decodes the next bytes. What was kept back stays if that fails.
    pub fn feed(&self, vm: &Vm, data: &[u8], last: bool) -> R<Ref<Str>> {
        let mut input = self.pending.get();
        let input = if input.is_empty() {
            data
        } else {
            input.extend_from_slice(data);
            &input[..]
        };
        let mut state = self.state.get();
        let errors = self.errors.get();
        let mut out = StrBuilder::with_capacity(input.len());
        let r = decode(vm, self.encoding, input, &mut state, &errors.to_utf8(vm)?, last, &mut out);
        self.state.set(state);
        let end = r?;
        let rest = input.get(end..).unwrap_or_default();
        if rest.len() > PENDING_BYTES {
            return Err(vm.raise_msg(&exc::UNICODE_ERROR, "pending buffer overflow"));
        }
        self.pending.set(rest.to_vec());
        Ok(out.finish_ref())
    }

    /// Back to the start.
    pub fn reset(&self) {
        let mut state = self.state.get();
        self.encoding.reset_decoder(&mut state);
        self.state.set(state);
        self.pending.set(Vec::new());
    }
}

/// An object as a str.
///
/// Raises what `str` raises.
pub fn as_text(vm: &Vm, v: &Value) -> R<Ref<Str>> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s.clone()),
        None => vm.str(v)?.into_ref::<Str>().map_err(|_| vm.type_error("couldn't convert the object to str.")),
    }
}
