//! Writing.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions::BLOCKING_IO_ERROR;
use taipan_runtime::vm::Vm;

use super::{Buffered, NONE};
use crate::io::support::would_block;

const WOULD_BLOCK: &str = "write could not complete without blocking";

impl Buffered {
    /// Writes what waits. The lock is held.
    ///
    /// Raises BlockingIOError if not all could be written without waiting; the rest still waits then.
    pub(super) fn flush_pending(&self, vm: &Vm) -> R<()> {
        if !self.valid_write() || self.write_pos.get() == self.write_end.get() {
            self.reset_write();
            return Ok(());
        }
        // The raw stream must stand where the first waiting byte belongs.
        let back = self.raw_offset() + (self.pos.get() - self.write_pos.get());
        if back != 0 {
            self.raw_seek(vm, -(back as i64), 1)?;
            self.raw_pos.set(self.raw_pos.get() - back);
        }
        while self.write_pos.get() < self.write_end.get() {
            let (from, to) = (self.write_pos.get() as usize, self.write_end.get() as usize);
            let buf = self.buf.take();
            let r = self.raw_write(vm, buf.get(from..to).unwrap_or_default());
            self.buf.set(buf);
            let Some(n) = r? else { return Err(would_block(vm, WOULD_BLOCK, 0)) };
            self.write_pos.set((from + n) as isize);
            self.raw_pos.set((from + n) as isize);
            // Only a part was written, perhaps because a signal came in between.
            vm.poll()?;
        }
        self.reset_write();
        Ok(())
    }

    /// Writes what waits and moves the raw stream to where this one stands.
    pub(super) fn flush_and_rewind(&self, vm: &Vm) -> R<()> {
        self.flush_pending(vm)?;
        if self.readable.get() {
            // Without this, what was read ahead would be read again by somebody else.
            let r = self.raw_seek(vm, -(self.raw_offset() as i64), 1);
            self.reset_read();
            r?;
        }
        Ok(())
    }

    /// Puts bytes into the buffer at the stream's position, where there is room for them.
    fn put(&self, vm: &Vm, data: &[u8]) -> R<()> {
        let pos = self.pos.get() as usize;
        let end = pos + data.len();
        let wanted = end.next_power_of_two().min(self.size.get()).max(end);
        let mut buf = self.take_buffer(vm, wanted)?;
        buf[pos..end].copy_from_slice(data);
        self.buf.set(buf);
        if !self.valid_write() || self.write_pos.get() > pos as isize {
            self.write_pos.set(pos as isize);
        }
        self.move_to(end as isize);
        if self.write_end.get() < end as isize {
            self.write_end.set(end as isize);
        }
        Ok(())
    }

    /// `write`: takes all of the bytes, or raises.
    ///
    /// Raises ValueError for a closed stream, BlockingIOError if a raw stream that does not wait can't take them.
    pub fn write_bytes(&self, vm: &Vm, this: &Value, data: &[u8]) -> R<usize> {
        let _held = self.enter(vm, this)?;
        if !self.is_surely_open() {
            self.below(vm)?;
        }
        if self.is_closed(vm)? {
            return Err(vm.value_error("write to closed file"));
        }
        if !self.valid_read() && !self.valid_write() {
            self.pos.set(0);
            self.raw_pos.set(0);
        }
        let size = self.size.get();
        let room = size.saturating_sub(self.pos.get() as usize);
        if data.len() <= room && data.len() < size {
            self.put(vm, data)?;
            return Ok(data.len());
        }
        if let Err(r) = self.flush_pending(vm) {
            if !vm.raised_is(&BLOCKING_IO_ERROR) {
                return Err(r);
            }
            return self.keep(vm, r, data);
        }
        let offset = self.raw_offset();
        if offset != 0 {
            self.raw_seek(vm, -(offset as i64), 1)?;
            self.raw_pos.set(self.raw_pos.get() - offset);
        }
        // What is larger than the buffer goes past it.
        let mut done = 0;
        while data.len() - done > size {
            match self.raw_write(vm, &data[done..])? {
                Some(n) => done += n,
                None => {
                    self.keep_first(vm, &data[done..done + size])?;
                    return Err(would_block(vm, WOULD_BLOCK, done + size));
                }
            }
            vm.poll()?;
        }
        if self.readable.get() {
            self.reset_read();
        }
        self.keep_first(vm, &data[done..])?;
        self.raw_pos.set(0);
        Ok(data.len())
    }

    /// Makes some bytes all that the buffer holds.
    fn keep_first(&self, vm: &Vm, data: &[u8]) -> R<()> {
        let wanted = data.len().next_power_of_two().min(self.size.get()).max(data.len());
        let mut buf = self.take_buffer(vm, wanted)?;
        buf[..data.len()].copy_from_slice(data);
        self.buf.set(buf);
        self.write_pos.set(0);
        self.raw_pos.set(0);
        self.write_end.set(data.len() as isize);
        self.move_to(data.len() as isize);
        Ok(())
    }

    /// The raw stream takes nothing now: keeps as much as there is room for behind what waits already.
    #[cold]
    fn keep(&self, vm: &Vm, raised: taipan_runtime::core::Raised, data: &[u8]) -> R<usize> {
        if self.readable.get() {
            self.reset_read();
        }
        let (from, to) = (self.write_pos.get() as usize, self.write_end.get().max(0) as usize);
        let size = self.size.get();
        let mut buf = self.take_buffer(vm, size)?;
        if from <= to && to <= buf.len() {
            buf.copy_within(from..to, 0);
        }
        let waiting = to.saturating_sub(from);
        let n = data.len().min(size.saturating_sub(waiting));
        buf[waiting..waiting + n].copy_from_slice(&data[..n]);
        self.buf.set(buf);
        if self.raw_pos.get() != NONE {
            self.raw_pos.set(self.raw_pos.get() - from as isize);
        }
        self.write_pos.set(0);
        self.write_end.set((waiting + n) as isize);
        self.move_to((waiting + n) as isize);
        if n == data.len() {
            drop(vm.catch(raised));
            return Ok(n);
        }
        drop(vm.catch(raised));
        Err(would_block(vm, WOULD_BLOCK, n))
    }
}
