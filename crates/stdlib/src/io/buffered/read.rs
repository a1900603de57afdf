//! Reading.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::memoryview::Buffer;
use taipan_runtime::vm::{Vm, names};

use super::Buffered;
use crate::io::base::plain;
use crate::io::fileio::{self, FileIo};
use crate::io::support::trap_interrupts;

impl Buffered {
    /// Takes `n` bytes that were read ahead.
    fn take_ahead(&self, n: usize) -> Ref<Bytes> {
        let pos = self.pos.get() as usize;
        let b = match self.buf.borrow().get(pos..pos + n) {
            Some(part) => bytes::from_slice(part),
            None => bytes::from_slice(b""),
        };
        self.pos.set((pos + b.len()) as isize);
        b
    }

    /// Copies bytes that were read ahead; gives their number.
    fn copy_ahead(&self, to: &mut [u8]) -> usize {
        let n = self.ahead().min(to.len());
        let pos = self.pos.get() as usize;
        let n = match self.buf.borrow().get(pos..pos + n) {
            Some(part) => {
                to[..n].copy_from_slice(part);
                n
            }
            None => 0,
        };
        self.pos.set((pos + n) as isize);
        n
    }

    /// Whether so many bytes (at least one) were read ahead, in a buffer that nobody works on: then not even a closed
    /// stream refuses them.
    #[inline]
    fn can_take(&self, n: usize) -> bool {
        n <= self.ahead() && self.is_ready() && self.lock.is_free()
    }

    /// Reads into what is free of the buffer; `None` if that would have to wait.
    fn fill(&self, vm: &Vm) -> R<Option<usize>> {
        let start = if self.valid_read() { self.read_end.get() as usize } else { 0 };
        let size = self.size.get();
        let mut buf = self.take_buffer(vm, size)?;
        let r = match buf.get_mut(start..size) {
            Some(free) => self.raw_read(vm, free),
            None => Ok(Some(0)),
        };
        self.buf.set(buf);
        let r = r?;
        if let Some(n) = r
            && n > 0
        {
            self.read_end.set((start + n) as isize);
            self.raw_pos.set((start + n) as isize);
        }
        Ok(r)
    }

    /// Before reading: what waits is written.
    fn settle(&self, vm: &Vm) -> R<()> {
        if self.writable.get() { self.flush_and_rewind(vm) } else { Ok(()) }
    }

    /// `read(n)`
    #[inline]
    pub fn read_bytes(&self, vm: &Vm, this: &Value, n: usize) -> R {
        if n > 0 && self.can_take(n) {
            return Ok(self.take_ahead(n).into_value());
        }
        self.read_more(vm, this, n)
    }

    fn read_more(&self, vm: &Vm, this: &Value, n: usize) -> R {
        self.check_open(vm, "read of closed file")?;
        let _held = self.enter(vm, this)?;
        if n <= self.ahead() {
            return Ok(self.take_ahead(n).into_value());
        }
        vm.check_room(n)?;
        let mut out = vec![0; n];
        let mut done = self.copy_ahead(&mut out);
        self.settle(vm)?;
        self.reset_read();
        let finish = |mut out: Vec<u8>, done: usize| {
            out.truncate(done);
            Ok(bytes::from_vec(out).into_value())
        };
        // Whole buffers go past the buffer.
        loop {
            let left = n - done;
            let whole = left - left % self.size.get();
            if whole == 0 {
                break;
            }
            match self.raw_read(vm, &mut out[done..done + whole])? {
                None if done == 0 => return Ok(Value::NONE),
                None | Some(0) => return finish(out, done),
                Some(k) => done += k,
            }
        }
        self.pos.set(0);
        self.raw_pos.set(0);
        self.read_end.set(0);
        while done < n && (self.read_end.get() as usize) < self.size.get() {
            match self.fill(vm)? {
                None if done == 0 => return Ok(Value::NONE),
                None | Some(0) => return finish(out, done),
                Some(_) => done += self.copy_ahead(&mut out[done..]),
            }
        }
        finish(out, done)
    }

    /// `read(-1)`
    pub fn read_all(&self, vm: &Vm, this: &Value) -> R {
        self.check_open(vm, "read of closed file")?;
        let _held = self.enter(vm, this)?;
        let ahead = self.ahead();
        let first = self.take_ahead(ahead);
        self.settle(vm)?;
        self.reset_read();
        let raw = self.below(vm)?;
        let rest = match plain::<FileIo>(&raw) {
            Some(f) => Some(fileio::readall(vm, f)?),
            None => match vm.get_attr_opt(&raw, &names().readall)? {
                Some(f) => Some(vm.call(&f, &[])?),
                None => None,
            },
        };
        if let Some(rest) = rest {
            if self.abs_pos.get() != -1 && rest.downcast::<Bytes>().is_some() {
                // How far it went is not known without asking.
                self.abs_pos.set(-1);
            }
            return join(vm, first, &rest, "readall() should return bytes");
        }
        let mut all = first.as_slice().to_vec();
        loop {
            let part = trap_interrupts(vm, || vm.call_method_name(&raw, &names().read, &[]))?;
            let part = match part.downcast::<Bytes>() {
                Some(b) if !b.is_empty() => b,
                Some(_) => return Ok(bytes::from_vec(all).into_value()),
                None if part.is_none() && all.is_empty() => return Ok(part),
                None if part.is_none() => return Ok(bytes::from_vec(all).into_value()),
                None => return Err(vm.type_error("read() should return bytes")),
            };
            vm.check_room(all.len() + part.len())?;
            all.extend_from_slice(part.as_slice());
            if self.abs_pos.get() != -1 {
                self.abs_pos.set(self.abs_pos.get() + part.len() as i64);
            }
        }
    }

    /// `read1(n)`: at most one read of the raw stream.
    pub fn read_once(&self, vm: &Vm, this: &Value, n: isize) -> R<Ref<Bytes>> {
        self.below(vm)?;
        let n = usize::try_from(n).unwrap_or_else(|_| self.size.get());
        self.check_open(vm, "read of closed file")?;
        if n == 0 {
            return Ok(bytes::from_slice(b""));
        }
        let ahead = self.ahead();
        if ahead > 0 && self.lock.is_free() {
            return Ok(self.take_ahead(n.min(ahead)));
        }
        vm.check_room(n)?;
        let mut out = vec![0; n];
        let _held = self.enter(vm, this)?;
        // Somebody else may have filled the buffer meanwhile.
        let ahead = self.ahead();
        if ahead > 0 {
            return Ok(self.take_ahead(n.min(ahead)));
        }
        self.settle(vm)?;
        self.reset_read();
        let got = self.raw_read(vm, &mut out)?.unwrap_or(0);
        out.truncate(got);
        Ok(bytes::from_vec(out))
    }

    /// `readinto` and, with `once`, `readinto1`; `None` if nothing could be had without waiting.
    pub fn read_into(&self, vm: &Vm, this: &Value, target: &mut Buffer, once: bool) -> R<Option<usize>> {
        self.below(vm)?;
        self.check_open(vm, "readinto of closed file")?;
        let len = target.as_mut_slice().len();
        let mut done = 0;
        if self.lock.is_free() {
            done = self.copy_ahead(target.as_mut_slice());
            if done == len {
                return Ok(Some(done));
            }
        }
        let _held = self.enter(vm, this)?;
        done += self.copy_ahead(&mut target.as_mut_slice()[done..]);
        self.settle(vm)?;
        self.reset_read();
        self.pos.set(0);
        while done < len {
            let left = len - done;
            let n = if left > self.size.get() {
                self.raw_read(vm, &mut target.as_mut_slice()[done..])?
            } else if once && done > 0 {
                // One read was done already.
                Some(0)
            } else {
                match self.fill(vm)? {
                    Some(n) if n > 0 => Some(self.copy_ahead(&mut target.as_mut_slice()[done..])),
                    other => other,
                }
            };
            match n {
                Some(0) => break,
                None if done > 0 => break,
                None => return Ok(None),
                Some(n) => done += n,
            }
            if once {
                break;
            }
        }
        Ok(Some(done))
    }

    /// `peek`: what was read ahead, or what one read gives.
    pub fn look_ahead(&self, vm: &Vm, this: &Value) -> R<Ref<Bytes>> {
        self.check_open(vm, "peek of closed file")?;
        let _held = self.enter(vm, this)?;
        self.settle(vm)?;
        let ahead = self.ahead();
        let pos = self.pos.get() as usize;
        if ahead > 0 {
            return Ok(bytes::from_slice(self.buf.borrow().get(pos..pos + ahead).unwrap_or_default()));
        }
        self.reset_read();
        let n = self.fill(vm)?.unwrap_or(0);
        self.pos.set(0);
        Ok(bytes::from_slice(self.buf.borrow().get(..n).unwrap_or_default()))
    }

    /// How many of the bytes that were read ahead make the line, and whether it is whole.
    fn line_ahead(&self, most: usize) -> (usize, bool) {
        let pos = self.pos.get() as usize;
        let n = self.ahead().min(most);
        let buf = self.buf.borrow();
        let part = buf.get(pos..pos + n).unwrap_or_default();
        match memchr::memchr(b'\n', part) {
            Some(i) => (i + 1, true),
            None => (n, n == most),
        }
    }

    /// `readline(limit)`
    #[inline]
    pub fn read_line(&self, vm: &Vm, this: &Value, limit: isize) -> R<Ref<Bytes>> {
        if self.can_take(1) {
            let (n, whole) = self.line_ahead(usize::try_from(limit).unwrap_or(usize::MAX));
            if whole {
                return Ok(self.take_ahead(n));
            }
        }
        self.read_long_line(vm, this, limit)
    }

    fn read_long_line(&self, vm: &Vm, this: &Value, limit: isize) -> R<Ref<Bytes>> {
        self.below(vm)?;
        self.check_open(vm, "readline of closed file")?;
        let mut most = usize::try_from(limit).unwrap_or(usize::MAX);
        let _held = self.enter(vm, this)?;
        let mut line = Vec::new();
        loop {
            let (n, whole) = self.line_ahead(most);
            if whole && line.is_empty() {
                return Ok(self.take_ahead(n));
            }
            vm.check_room(line.len() + n)?;
            let pos = self.pos.get() as usize;
            line.extend_from_slice(self.buf.borrow().get(pos..pos + n).unwrap_or_default());
            self.pos.set((pos + n) as isize);
            if whole {
                break;
            }
            most -= n;
            self.settle(vm)?;
            self.reset_read();
            let got = self.fill(vm)?.unwrap_or(0);
            if got == 0 {
                break;
            }
            self.pos.set(0);
        }
        Ok(bytes::from_vec(line))
    }
}

/// What was read ahead and what came then.
fn join(vm: &Vm, first: Ref<Bytes>, rest: &Value, wrong: &str) -> R {
    if rest.is_none() {
        return Ok(if first.is_empty() { Value::NONE } else { first.into_value() });
    }
    let Some(rest) = rest.downcast::<Bytes>() else { return Err(vm.type_error(wrong)) };
    if first.is_empty() {
        return Ok(rest.value().clone());
    }
    vm.check_room(first.len() + rest.len())?;
    Ok(bytes::from_vec([first.as_slice(), rest.as_slice()].concat()).into_value())
}
