//! Positions: a number that says where in the bytes to start, in which state of the decoder, and how much of the text
//! to skip then.

use dashu_int::{IBig, UBig};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, names};

use super::TextIoWrapper;
use super::coder::Side;
use crate::io::support::{os_error_text, unsupported};

/// A position taken apart.
#[derive(Default)]
struct Cookie {
    start: u64,
    flags: u32,
    /// How many bytes to feed to the decoder.
    feed: u32,
    /// How many characters to skip then.
    skip: u32,
    /// Whether the decoder must be told that the input ends there.
    end: bool,
}

/// Bytes of a packed position.
const PACKED: usize = 21;

impl Cookie {
    fn pack(&self) -> Value {
        if self.flags == 0 && self.feed == 0 && self.skip == 0 && !self.end {
            return Value::from(self.start);
        }
        let mut out = [0; PACKED];
        out[..8].copy_from_slice(&self.start.to_le_bytes());
        out[8..12].copy_from_slice(&self.flags.to_le_bytes());
        out[12..16].copy_from_slice(&self.feed.to_le_bytes());
        out[16..20].copy_from_slice(&self.skip.to_le_bytes());
        out[20] = u8::from(self.end);
        int::from_big(IBig::from(UBig::from_le_bytes(&out)))
    }

    fn unpack(vm: &Vm, v: &Value) -> R<Self> {
        let index = int::index(vm, v)?;
        let Some(n) = int::get(&index) else { return Err(vm.type_error("an integer is required")) };
        if n.is_negative() {
            let shown = vm.repr_string(v)?;
            return Err(vm.value_error(format!("negative seek position {shown}")));
        }
        let big = UBig::try_from(n.to_big()).unwrap_or_default();
        let data = big.to_le_bytes();
        if data.len() > PACKED {
            return Err(vm.overflow_error("int too big to convert"));
        }
        let mut all = [0; PACKED];
        all[..data.len()].copy_from_slice(&data);
        let four = |i: usize| u32::from_le_bytes([all[i], all[i + 1], all[i + 2], all[i + 3]]);
        Ok(Self {
            start: u64::from(four(0)) | u64::from(four(4)) << 32,
            flags: four(8),
            feed: four(12),
            skip: four(16),
            end: all[20] != 0,
        })
    }
}

/// A number that fits its place in a position.
fn narrow(vm: &Vm, n: usize) -> R<u32> {
    u32::try_from(n).map_err(|_| os_error_text(vm, "can't reconstruct logical file position"))
}

impl TextIoWrapper {
    /// `tell()`
    pub fn position(&self, vm: &Vm, this: &Value) -> R {
        let buffer = self.open_buffer(vm, this)?;
        if !self.seekable.get() {
            return Err(unsupported(vm, "underlying stream is not seekable"));
        }
        if !self.telling.get() {
            return Err(os_error_text(vm, "telling position disabled by next() call"));
        }
        self.write_pending(vm)?;
        vm.call_method_name(this, &names().flush, &[])?;
        let at = vm.call_method_name(&buffer, &names().tell, &[])?;
        let Some(input) = self.snapshot.get().filter(|_| self.decodes()) else { return Ok(at) };
        let at = int::to_i64(vm, &at)?;
        // Back to the snapshot.
        let start = u64::try_from(at).unwrap_or(0).saturating_sub(input.len() as u64);
        let flags = self.snapshot_flags.get();
        let used = self.used.get();
        let none = self.decoded.borrow().is_none();
        if used == 0 || none {
            return Ok(Cookie { start, flags: flags as u32, ..Cookie::default() }.pack());
        }
        let saved = self.decoder_state(vm)?;
        let found = self.walk(vm, &input, start, flags, used);
        // The decoder gets its state back, whatever happened.
        let found = match found {
            Ok(c) => c,
            Err(r) => {
                let e = vm.catch(r);
                if let Err(second) = self.set_decoder_state(vm, &saved.0, saved.1) {
                    drop(vm.catch(second));
                }
                return Err(vm.raise_as_is(e));
            }
        };
        self.set_decoder_state(vm, &saved.0, saved.1)?;
        Ok(found.pack())
    }

    /// Feeds the decoder from the snapshot on until it has given `used` characters, and notes the last point before
    /// that where it had nothing to wait for: there a reader can start.
    fn walk(&self, vm: &Vm, input: &Ref<Bytes>, start: u64, flags: u64, used: usize) -> R<Cookie> {
        let data = input.as_slice();
        let empty = bytes::from_slice(b"");
        let feed = |range: std::ops::Range<usize>| -> R<usize> {
            let part = bytes::from_slice(data.get(range).unwrap_or_default());
            Ok(self.decode(vm, part.value(), false)?.len())
        };
        let (mut flags, mut left) = (flags, used);
        // A good guess saves feeding single bytes: for most encodings it is right at once.
        let mut skip = ((self.ratio.get() * left as f64) as usize).min(data.len());
        let mut back = 1;
        loop {
            if skip == 0 {
                self.set_decoder_state(vm, &empty, flags)?;
                break;
            }
            self.set_decoder_state(vm, &empty, flags)?;
            let n = feed(0..skip)?;
            if n <= left {
                let (waiting, now) = self.decoder_state(vm)?;
                if waiting.is_empty() {
                    flags = now;
                    left -= n;
                    break;
                }
                // Before the character that is cut in two.
                skip = skip.saturating_sub(waiting.len());
                back = 1;
            } else {
                skip = skip.saturating_sub(back);
                back *= 2;
            }
        }
        let mut cookie = Cookie { start: start + skip as u64, flags: flags as u32, ..Cookie::default() };
        let (mut fed, mut chars) = (0, 0);
        let mut i = skip;
        while chars < left {
            if i == data.len() {
                // Perhaps the end of the input brings the rest out.
                chars += self.decode(vm, empty.value(), true)?.len();
                cookie.end = true;
                if chars < left {
                    return Err(os_error_text(vm, "can't reconstruct logical file position"));
                }
                break;
            }
            chars += feed(i..i + 1)?;
            fed += 1;
            i += 1;
            let (waiting, now) = self.decoder_state(vm)?;
            if waiting.is_empty() && chars <= left {
                cookie.start += fed as u64;
                cookie.flags = now as u32;
                left -= chars;
                (fed, chars) = (0, 0);
            }
        }
        cookie.feed = narrow(vm, fed)?;
        cookie.skip = narrow(vm, left)?;
        if left == 0 {
            cookie.feed = 0;
            cookie.end = false;
        }
        Ok(cookie)
    }

    /// `seek(cookie, whence)`
    pub fn go_to(&self, vm: &Vm, this: &Value, cookie: &Value, whence: i32) -> R {
        let buffer = self.open_buffer(vm, this)?;
        if !self.seekable.get() {
            return Err(unsupported(vm, "underlying stream is not seekable"));
        }
        let is_zero = || vm.eq(cookie, &Value::small(0));
        let mut cookie = cookie.clone();
        match whence {
            0 => {}
            1 => {
                if !is_zero()? {
                    return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
                }
                // To where it stands, which brings the stream of bytes there too.
                cookie = vm.call_method_name(this, &names().tell, &[])?;
            }
            2 => {
                if !is_zero()? {
                    return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
                }
                return self.seek_end(vm, this, &buffer);
            }
            _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
        }
        let c = Cookie::unpack(vm, &cookie)?;
        vm.call_method_name(this, &names().flush, &[])?;
        vm.call_method_name(&buffer, &names().seek, &[Value::from(c.start)])?;
        self.forget_text();
        let flags = u64::from(c.flags);
        let start = c.start == 0 && c.flags == 0;
        if self.decodes() {
            if start {
                self.reset_decoder(vm)?;
            } else {
                self.set_decoder_state(vm, &bytes::from_slice(b""), flags)?;
            }
        }
        if c.skip > 0 {
            let input = vm.call_method_name(&buffer, &names().read, &[Value::from(c.feed)])?;
            let Some(input) = input.downcast::<Bytes>() else {
                let given = input.ty().tp_name();
                return Err(vm.type_error(format!(
                    "underlying read() should have returned a bytes object, not '{given}'"
                )));
            };
            self.snapshot_flags.set(flags);
            self.snapshot.set(Some(input.clone()));
            let text = self.decode(vm, input.value(), c.end)?;
            let len = text.len();
            self.set_decoded(Some(text));
            if len < c.skip as usize {
                return Err(os_error_text(vm, "can't restore logical file position"));
            }
            self.used.set(c.skip as usize);
        } else {
            self.snapshot_flags.set(flags);
            self.snapshot.set(Some(bytes::from_slice(b"")));
        }
        if self.encoding_side.get() != Side::Absent {
            self.encoder_restart(vm, start)?;
        }
        Ok(cookie)
    }

    fn seek_end(&self, vm: &Vm, this: &Value, buffer: &Value) -> R {
        vm.call_method_name(this, &names().flush, &[])?;
        self.forget_text();
        if self.decodes() {
            self.reset_decoder(vm)?;
        }
        let at = vm.call_method_name(buffer, &names().seek, &[Value::small(0), Value::small(2)])?;
        if self.encoding_side.get() != Side::Absent {
            let start = vm.eq(&at, &Value::small(0))?;
            self.encoder_restart(vm, start)?;
        }
        Ok(at)
    }
}
