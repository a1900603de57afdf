//! Reading.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::exceptions::BLOCKING_IO_ERROR;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::vm::{Vm, names};

use super::TextIoWrapper;
use crate::codecs::units;
use crate::io::buffered::get_plain;
use crate::io::support::{trap_interrupts, unsupported};

impl TextIoWrapper {
    /// Reads and decodes a chunk, in place of what was decoded before. False at the end.
    ///
    /// `want` is how many characters are asked for, 0 if that is not known.
    pub(super) fn read_chunk(&self, vm: &Vm, want: usize) -> R<bool> {
        if !self.decodes() {
            return Err(unsupported(vm, "not readable"));
        }
        let buffer = self.below(vm)?;
        // The state before this chunk, to which `tell` goes back.
        let state = if self.telling.get() { Some(self.decoder_state(vm)?) } else { None };
        let hint = (self.ratio.get().max(1.0) * want as f64) as usize;
        let size = self.chunk.get().max(hint);
        let method = if self.has_read1.get() { &names().read1 } else { &names().read };
        let input = match get_plain(&buffer).filter(|b| b.reads()) {
            Some(b) => trap_interrupts(vm, || b.read_once(vm, &buffer, size as isize))?.into_value(),
            None => trap_interrupts(vm, || vm.call_method_name(&buffer, method, &[Value::from(size)]))?,
        };
        if !bytes::is_bytes_like(&input) {
            let (function, given) = (vm.str_lossy(method), input.ty().tp_name());
            return Err(vm.type_error(format!(
                "underlying {function}() should have returned a bytes-like object, not '{given}'"
            )));
        }
        let n = bytes::with_bytes_like(vm, &input, |b| b.len())?;
        let text = self.decode(vm, &input, n == 0)?;
        let chars = text.len();
        self.ratio.set(if chars > 0 { n as f64 / chars as f64 } else { 0.0 });
        self.set_decoded(Some(text));
        if let Some((waiting, flags)) = state {
            let all = match input.downcast_exact::<Bytes>() {
                Some(b) if waiting.is_empty() => b.clone(),
                _ => {
                    let mut all = waiting.as_slice().to_vec();
                    bytes::with_bytes_like(vm, &input, |b| all.extend_from_slice(b))?;
                    bytes::from_vec(all)
                }
            };
            self.snapshot_flags.set(flags);
            self.snapshot.set(Some(all));
        }
        Ok(n > 0 || chars > 0)
    }

    /// Takes up to `n` characters of what was decoded.
    fn take_decoded(&self, n: usize) -> Option<Ref<Str>> {
        let text = self.decoded.get()?;
        let used = self.used.get();
        let end = used.saturating_add(n).min(text.len());
        if used >= end {
            return None;
        }
        self.used.set(end);
        Some(if used == 0 && end == text.len() { text } else { text.substring(used, end) })
    }

    /// `read(n)`; all of it if `n` is negative.
    pub fn read_text(&self, vm: &Vm, this: &Value, n: isize) -> R<Ref<Str>> {
        self.check_open(vm, this)?;
        if !self.decodes() {
            return Err(unsupported(vm, "not readable"));
        }
        self.write_pending(vm)?;
        let Ok(n) = usize::try_from(n) else { return self.read_all(vm) };
        let Some(first) = self.take_decoded(n) else {
            if n == 0 {
                return Ok(str::from_ref(""));
            }
            return self.read_more(vm, StrBuilder::new(), n);
        };
        if first.len() == n {
            return Ok(first);
        }
        let mut all = StrBuilder::new();
        all.push_obj(&first);
        self.read_more(vm, all, n)
    }

    fn read_more(&self, vm: &Vm, mut all: StrBuilder, n: usize) -> R<Ref<Str>> {
        while all.len() < n {
            if !self.read_chunk(vm, n - all.len())? {
                break;
            }
            if let Some(part) = self.take_decoded(n - all.len()) {
                if all.is_empty() && part.len() == n {
                    return Ok(part);
                }
                all.check_room(vm, part.len())?;
                all.push_obj(&part);
            }
        }
        Ok(all.finish_ref())
    }

    fn read_all(&self, vm: &Vm) -> R<Ref<Str>> {
        let buffer = self.below(vm)?;
        let input = match get_plain(&buffer).filter(|b| b.reads()) {
            Some(b) => b.read_all(vm, &buffer)?,
            None => vm.call_method_name(&buffer, &names().read, &[])?,
        };
        if input.is_none() {
            return Err(vm.raise_msg(&BLOCKING_IO_ERROR, "Read returned None."));
        }
        let rest = self.decode(vm, &input, true)?;
        let first = self.take_decoded(usize::MAX);
        self.forget_text();
        let Some(first) = first else { return Ok(rest) };
        str::concat(&first, &rest).ok_or_else(|| vm.memory_error())
    }

    /// The next line if it is decoded already.
    #[inline]
    fn line_decoded(&self, limit: isize) -> Option<Ref<Str>> {
        let text = self.decoded.borrow();
        let text = text.as_ref()?;
        let used = self.used.get();
        let newline = self.newline.get();
        let n = units!(text.chars(), t => newline.line_end(t.get(used..)?).ok())?;
        let n = usize::try_from(limit).map_or(n, |limit| n.min(limit));
        self.used.set(used + n);
        Some(text.substring(used, used + n))
    }

    /// `readline(limit)`
    pub fn read_line(&self, vm: &Vm, limit: isize) -> R<Ref<Str>> {
        self.write_pending(vm)?;
        if let Some(line) = self.line_decoded(limit) {
            return Ok(line);
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut line = StrBuilder::new();
        // Characters at the end of `line` that may belong to a line ending which the next chunk completes.
        let mut checked = 0;
        loop {
            if let Some(text) = self.take_decoded(most - line.len()) {
                line.check_room(vm, text.len())?;
                line.push_obj(&text);
                let newline = self.newline.get();
                let found = units!(line.chars(), t => newline.line_end(&t[checked..]));
                match found {
                    Ok(n) => {
                        // What stands behind the line is given back.
                        let end = checked + n;
                        self.used.set(self.used.get().saturating_sub(line.len() - end));
                        let chars = line.chars();
                        let mut whole = StrBuilder::new();
                        whole.push_chars(chars.slice(0, end));
                        return Ok(whole.finish_ref());
                    }
                    Err(n) => checked += n,
                }
            }
            if line.len() >= most {
                return Ok(line.finish_ref());
            }
            self.set_decoded(None);
            loop {
                if !self.read_chunk(vm, 0)? {
                    self.forget_text();
                    return Ok(line.finish_ref());
                }
                if self.decoded.borrow().as_ref().is_some_and(|t| !t.is_empty()) {
                    break;
                }
            }
        }
    }

    /// The next line of the iteration, `None` at the end.
    pub fn next_line(&self, vm: &Vm) -> R<Option<Ref<Str>>> {
        self.telling.set(false);
        let line = self.read_line(vm, -1)?;
        if line.is_empty() {
            self.end_iteration();
            return Ok(None);
        }
        Ok(Some(line))
    }

    /// The iteration is over: `tell` is possible again.
    pub fn end_iteration(&self) {
        self.forget_snapshot();
        self.telling.set(self.seekable.get());
    }
}
