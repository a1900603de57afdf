//! Writing.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::str::codec::Codec;
use taipan_runtime::types::str::{self, Chars, Str, StrBuilder};
use taipan_runtime::vm::{Vm, names};

use super::TextIoWrapper;
use super::coder::Side;
use crate::io::base::plain;
use crate::io::buffered::get_plain;
use crate::io::bytesio::BytesIo;
use crate::io::newline::{has, replace_newlines};
use crate::io::quick;
use crate::io::support::{trap_interrupts, unsupported};

/// `write` of a stream of bytes; what it returns does not matter.
fn write_bytes(vm: &Vm, buffer: &Value, data: &[u8]) -> R<()> {
    if let Some(b) = get_plain(buffer).filter(|b| b.writes()) {
        return trap_interrupts(vm, || b.write_bytes(vm, buffer, data)).map(drop);
    }
    if let Some(b) = plain::<BytesIo>(buffer).filter(|b| !b.is_closed()) {
        return b.put(vm, data).map(drop);
    }
    vm.check_room(data.len())?;
    let data = bytes::from_slice(data).into_value();
    trap_interrupts(vm, || vm.call_method_name(buffer, &names().write, std::slice::from_ref(&data))).map(drop)
}

impl TextIoWrapper {
    /// Writes what waits to the stream of bytes.
    pub(super) fn write_pending(&self, vm: &Vm) -> R<()> {
        if self.pending.borrow().is_empty() {
            return Ok(());
        }
        let Some(buffer) = self.buffer.get() else { return Ok(()) };
        // Whoever writes meanwhile comes after this.
        let data = self.pending.take();
        let r = write_bytes(vm, &buffer, &data);
        let mut data = data;
        let mut pending = self.pending.borrow_mut();
        if pending.is_empty() && data.capacity() <= 4 * super::CHUNK {
            // The memory serves again.
            data.clear();
            *pending = data;
        }
        r
    }

    /// `write(text)`
    #[inline]
    pub fn write_text(&self, vm: &Vm, this: &Value, text: &Ref<Str>) -> R<()> {
        self.check_open(vm, this)?;
        if self.encoding_side.get() == Side::Absent {
            return Err(unsupported(vm, "not writable"));
        }
        let mut flush = false;
        if self.line_buffering.get() || self.newline.get().written().is_some() {
            let newline = has(text.chars(), b'\n');
            flush = self.line_buffering.get() && (newline || has(text.chars(), b'\r'));
            if newline && let Some(with) = self.newline.get().written() {
                vm.check_room(text.memory().saturating_mul(2))?;
                let mut b = StrBuilder::with_capacity(text.len() + 16);
                replace_newlines(text.chars(), with, &mut b);
                self.put(vm, &b.finish_ref())?;
            } else {
                self.put(vm, text)?;
            }
        } else {
            self.put(vm, text)?;
        }
        if flush || self.write_through.get() || self.pending.borrow().len() >= self.chunk.get() {
            self.write_pending(vm)?;
        }
        if flush {
            let buffer = self.below(vm)?;
            flush_buffer(vm, &buffer)?;
        }
        if self.decodes() {
            // What was read ahead does not stand behind the current position any more.
            if self.snapshot.borrow().is_some() {
                self.forget_text();
            }
            self.reset_decoder(vm)?;
        }
        Ok(())
    }

    /// Writes a short ASCII text.
    #[inline]
    pub fn write_ascii(&self, vm: &Vm, this: &Value, text: &str) -> R<()> {
        let native = matches!(self.encoding_side.get(), Side::Native(Codec::Utf8 | Codec::Ascii | Codec::Latin1));
        if !native
            || self.decodes()
            || self.write_through.get()
            || self.newline.get().written().is_some()
            || self.line_buffering.get() && text.contains(['\n', '\r'])
        {
            return self.write_text(vm, this, &str::from_ref(text));
        }
        self.check_open(vm, this)?;
        let chunk = self.chunk.get();
        while self.waits_for(text.len()) {
            self.write_pending(vm)?;
        }
        self.pending.borrow_mut().extend_from_slice(text.as_bytes());
        if self.pending.borrow().len() >= chunk {
            self.write_pending(vm)?;
        }
        Ok(())
    }

    /// Whether so much must be written before so many more bytes may wait.
    #[inline]
    fn waits_for(&self, more: usize) -> bool {
        let waiting = self.pending.borrow().len();
        waiting > 0 && waiting + more > self.chunk.get()
    }

    /// Encodes text and lets it wait; a text that is a chunk by itself goes to the stream at once.
    #[inline]
    fn put(&self, vm: &Vm, text: &Ref<Str>) -> R<()> {
        let chunk = self.chunk.get();
        // The stream of bytes may write to this stream meanwhile.
        while self.waits_for(text.len()) {
            self.write_pending(vm)?;
        }
        if text.len() >= chunk
            && let (Chars::Ascii(t), Side::Native(Codec::Utf8 | Codec::Ascii | Codec::Latin1)) =
                (text.chars(), self.encoding_side.get())
        {
            let buffer = self.below(vm)?;
            return write_bytes(vm, &buffer, t.as_bytes());
        }
        self.encode(vm, text)
    }

    /// `flush()`
    pub fn flush_all(&self, vm: &Vm, this: &Value) -> R<()> {
        let buffer = self.open_buffer(vm, this)?;
        self.telling.set(self.seekable.get());
        self.write_pending(vm)?;
        flush_buffer(vm, &buffer)
    }
}

/// `flush()` of a stream of bytes.
pub(super) fn flush_buffer(vm: &Vm, buffer: &Value) -> R<()> {
    match quick::flush(vm, buffer) {
        Some(r) => r,
        None => vm.call_method_name(buffer, &names().flush, &[]).map(drop),
    }
}
