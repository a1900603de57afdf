//! Encoders and decoders.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::codec::{Codec, decode_native, encode_native, lookup_codec};
use taipan_runtime::types::str::{self, Chars, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::{Vm, names};
use taipan_text::codec::ByteOrder;

use super::{TextIoWrapper, decodes_natively};
use crate::codecs::units;
use crate::io::newline::{Newline, NewlineDecoder, expect_text, state_parts};
use crate::io::quick;
use crate::io::support::{ask, plain_text, unsupported};

/// Who encodes or decodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nobody: the stream of bytes can't be written or read.
    Absent,
    /// Native code.
    Native(Codec),
    /// An object of the codec.
    Object,
}

/// The entry of a text encoding.
///
/// Raises LookupError if there is none, or it is no text encoding.
fn lookup_text_codec(vm: &Vm, encoding: &str) -> R {
    let info = lookup_codec(vm, encoding)?;
    if info.downcast_exact::<Tuple>().is_none()
        && let Some(flag) = vm.get_attr_str_opt(&info, "_is_text_encoding")?
        && !vm.truth(&flag)?
    {
        return Err(vm.lookup_error(format!(
            "'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
        )));
    }
    Ok(info)
}

fn able(vm: &Vm, buffer: &Value, name: &Value) -> R<bool> {
    match quick::ability(vm, buffer, name) {
        Some(r) => r,
        None => ask(vm, buffer, name),
    }
}

impl TextIoWrapper {
    /// Finds the encoder and the decoder.
    ///
    /// Raises LookupError, and what the codec raises.
    pub(super) fn choose_coders(&self, vm: &Vm, buffer: &Value, encoding: &Str, errors: &Ref<Str>, newline: Newline) -> R<()> {
        let name = encoding.to_utf8(vm)?;
        errors.to_utf8(vm)?;
        if name.contains('\0') {
            return Err(vm.lookup_error(format!("unknown encoding: {name}")));
        }
        let native = Codec::find(&name);
        let info = match native {
            Some(codec) if decodes_natively(codec) => None,
            _ => Some(lookup_text_codec(vm, &name)?),
        };
        let errors = errors.value();
        self.decoding_side.set(Side::Absent);
        drop(self.decoder.take());
        if able(vm, buffer, &names().readable)? {
            match (&info, native) {
                (Some(info), _) => {
                    let make = vm.get_attr(info, &names().incrementaldecoder)?;
                    let mut decoder = vm.call(&make, std::slice::from_ref(errors))?;
                    if newline.is_universal() {
                        decoder = NewlineDecoder::behind(decoder, newline == Newline::Translate).into_value();
                    }
                    self.decoder.set(Some(decoder));
                    self.decoding_side.set(Side::Object);
                }
                (None, Some(codec)) => self.decoding_side.set(Side::Native(codec)),
                (None, None) => {}
            }
        }
        self.endings.reset();
        self.partial.borrow_mut().clear();
        self.encoding_side.set(Side::Absent);
        drop(self.encoder.take());
        if able(vm, buffer, &names().writable)? {
            match (&info, native) {
                (_, Some(codec)) => self.encoding_side.set(Side::Native(codec)),
                (Some(info), None) => {
                    let make = vm.get_attr(info, &names().incrementalencoder)?;
                    self.encoder.set(Some(vm.call(&make, std::slice::from_ref(errors))?));
                    self.encoding_side.set(Side::Object);
                }
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// Tells the encoder whether it writes at the start of the stream.
    pub(super) fn fix_encoder(&self, vm: &Vm, buffer: &Value) -> R<()> {
        if !self.seekable.get() || self.encoding_side.get() == Side::Absent {
            return Ok(());
        }
        let marks = match self.encoding_side.get() {
            Side::Native(codec) => matches!(codec, Codec::Utf16(None) | Codec::Utf32(None)),
            _ => true,
        };
        // Where the stream stands matters to nobody else, and asking a native stream has no effect.
        if !marks && crate::io::buffered::get_plain(buffer).is_some() {
            return Ok(());
        }
        let at = vm.call_method_name(buffer, &names().tell, &[])?;
        let start = vm.eq(&at, &Value::small(0))?;
        self.at_start.set(start);
        if !start {
            self.encoder_restart(vm, false)?;
        }
        Ok(())
    }

    /// Starts encoding anew, at the start of the stream or elsewhere.
    pub(super) fn encoder_restart(&self, vm: &Vm, start: bool) -> R<()> {
        self.at_start.set(start);
        let Some(encoder) = self.encoder.get() else { return Ok(()) };
        if start {
            vm.call_method_name(&encoder, &names().reset, &[])?;
        } else {
            vm.call_method_name(&encoder, &names().setstate, &[Value::small(0)])?;
        }
        Ok(())
    }

    fn error_name(&self) -> Ref<Str> {
        self.errors.get().unwrap_or_else(|| str::from_ref("strict"))
    }

    /// Appends encoded text to what waits.
    ///
    /// Raises UnicodeEncodeError, and what encoders and error handlers raise.
    pub(super) fn encode(&self, vm: &Vm, text: &Ref<Str>) -> R<()> {
        let codec = match self.encoding_side.get() {
            Side::Native(codec) => codec,
            Side::Object => {
                let Some(encoder) = self.encoder.get() else { return Err(unsupported(vm, "not writable")) };
                let b = vm.call_method_name(&encoder, &names().encode, std::slice::from_ref(text.value()))?;
                let Some(b) = b.downcast::<Bytes>() else {
                    let given = b.ty().tp_name();
                    return Err(vm.type_error(format!("encoder should return a bytes object, not '{given}'")));
                };
                return self.append(vm, b.as_slice());
            }
            Side::Absent => return Err(unsupported(vm, "not writable")),
        };
        match (text.chars(), codec) {
            (Chars::Ascii(t), Codec::Utf8 | Codec::Ascii | Codec::Latin1) => return self.append(vm, t.as_bytes()),
            (Chars::Latin1(t), Codec::Latin1) => return self.append(vm, t),
            (chars, Codec::Utf8) => {
                vm.check_room(text.len().saturating_mul(3))?;
                let mut pending = self.pending.borrow_mut();
                let before = pending.len();
                if units!(chars, t => taipan_text::codec::encode_utf8(t, 0, &mut pending)).is_ok() {
                    return Ok(());
                }
                pending.truncate(before);
            }
            _ => {}
        }
        let codec = match codec {
            Codec::Utf16(None) if !self.at_start.replace(false) => Codec::Utf16(Some(ByteOrder::NATIVE)),
            Codec::Utf32(None) if !self.at_start.replace(false) => Codec::Utf32(Some(ByteOrder::NATIVE)),
            codec => codec,
        };
        let errors = plain_text(vm, &self.error_name())?;
        let b = encode_native(vm, text, codec, &errors)?;
        self.append(vm, bytes::get(&b).unwrap_or_default())
    }

    #[inline]
    fn append(&self, vm: &Vm, data: &[u8]) -> R<()> {
        vm.check_room(data.len())?;
        self.pending.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    /// Decodes bytes; with `last` nothing is kept back.
    ///
    /// Raises UnicodeDecodeError, and what decoders and error handlers raise.
    pub(super) fn decode(&self, vm: &Vm, input: &Value, last: bool) -> R<Ref<Str>> {
        match self.decoding_side.get() {
            Side::Native(codec) => match input.downcast::<Bytes>() {
                Some(b) => self.decode_slice(vm, codec, b.as_slice(), last),
                // Error handlers may change anything but bytes.
                None => self.decode_slice(vm, codec, &bytes::buffer_bytes(vm, input)?, last),
            },
            Side::Object => {
                let Some(decoder) = self.decoder.get() else { return Err(unsupported(vm, "not readable")) };
                if let Some(d) = decoder.downcast_exact::<NewlineDecoder>() {
                    return d.run(vm, input, last);
                }
                let text = vm.call_method_name(&decoder, &names().decode, &[input.clone(), Value::bool(last)])?;
                expect_text(vm, text)
            }
            Side::Absent => Err(unsupported(vm, "not readable")),
        }
    }

    fn decode_slice(&self, vm: &Vm, codec: Codec, data: &[u8], last: bool) -> R<Ref<Str>> {
        let text = self.decode_chars(vm, codec, data, last)?;
        Ok(match self.newline.get() {
            Newline::Translate => self.endings.feed(text, true, last),
            Newline::Universal => self.endings.feed(text, false, last),
            _ => text,
        })
    }

    fn decode_chars(&self, vm: &Vm, codec: Codec, data: &[u8], last: bool) -> R<Ref<Str>> {
        let waiting = !self.partial.borrow().is_empty();
        if !waiting && data.is_ascii() {
            vm.check_room(data.len())?;
            return Ok(str::from_latin1(data));
        }
        let errors = plain_text(vm, &self.error_name())?;
        if !waiting {
            let (text, n) = decode_native(vm, data, codec, &errors, last)?;
            if let Some(rest) = data.get(n..) {
                self.partial.borrow_mut().extend_from_slice(rest);
            }
            return Ok(text);
        }
        let mut all = self.partial.get();
        vm.check_room(all.len() + data.len())?;
        all.extend_from_slice(data);
        // What waits is only given up when it was decoded: on an error it stays.
        let (text, n) = decode_native(vm, &all, codec, &errors, last)?;
        all.drain(..n.min(all.len()));
        self.partial.set(all);
        Ok(text)
    }

    /// The decoder's state: bytes that wait, and a number.
    pub(super) fn decoder_state(&self, vm: &Vm) -> R<(Ref<Bytes>, u64)> {
        match self.decoding_side.get() {
            Side::Native(_) => {
                let pending = u64::from(self.endings.pending.get());
                Ok((bytes::from_slice(&self.partial.borrow()), pending))
            }
            _ => {
                let Some(decoder) = self.decoder.get() else { return Err(unsupported(vm, "not readable")) };
                let state = vm.call_method_name(&decoder, &names().getstate, &[])?;
                let (buffer, flags) = state_parts(vm, &state, "illegal decoder state")?;
                match buffer.into_ref::<Bytes>() {
                    Ok(b) => Ok((b, flags)),
                    Err(v) => {
                        let given = v.ty().tp_name();
                        Err(vm.type_error(format!(
                            "illegal decoder state: the first item should be a bytes object, not '{given}'"
                        )))
                    }
                }
            }
        }
    }

    /// Puts the decoder into a state.
    pub(super) fn set_decoder_state(&self, vm: &Vm, waiting: &Ref<Bytes>, flags: u64) -> R<()> {
        match self.decoding_side.get() {
            Side::Native(_) => {
                self.partial.set(waiting.as_slice().to_vec());
                self.endings.pending.set(self.newline.get().is_universal() && flags & 1 != 0);
                Ok(())
            }
            _ => {
                let Some(decoder) = self.decoder.get() else { return Ok(()) };
                let state = tuple::from_array([waiting.value().clone(), Value::from(flags)]).into_value();
                vm.call_method_name(&decoder, &names().setstate, &[state]).map(drop)
            }
        }
    }

    /// Starts decoding anew.
    pub(super) fn reset_decoder(&self, vm: &Vm) -> R<()> {
        match self.decoding_side.get() {
            Side::Native(_) => {
                self.partial.borrow_mut().clear();
                self.endings.reset();
                Ok(())
            }
            _ => match self.decoder.get() {
                Some(decoder) => vm.call_method_name(&decoder, &names().reset, &[]).map(drop),
                None => Ok(()),
            },
        }
    }

    /// Whether anything can be read.
    pub(super) fn decodes(&self) -> bool {
        self.decoding_side.get() != Side::Absent
    }
}
