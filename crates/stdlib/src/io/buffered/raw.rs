//! What a buffered stream asks of the raw stream below.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions::VALUE_ERROR;
use taipan_runtime::types::memoryview::{self, flags};
use taipan_runtime::types::{bytearray, bytes, int};
use taipan_runtime::vm::{Vm, names};

use super::Buffered;
use crate::io::base::plain;
use crate::io::fileio::{self, FileIo};
use crate::io::support::{self, os_error_from, os_error_text, trap_interrupts};

/// `raw.readinto` for any object: through memory of its own, which the object may keep.
fn read_by_method(vm: &Vm, raw: &Value, to: &mut [u8]) -> R<Option<usize>> {
    vm.check_room(to.len())?;
    let own = bytearray::from_vec(vec![0; to.len()]);
    let r = {
        let view = memoryview::from_object(vm, own.value(), flags::CONTIG)?;
        trap_interrupts(vm, || vm.call_method_name(raw, &names().readinto, std::slice::from_ref(&view)))?
    };
    if r.is_none() {
        return Ok(None);
    }
    let n = match int::to_isize(vm, &r) {
        Ok(n) => n,
        Err(r) => return Err(os_error_from(vm, r, "raw readinto() failed")),
    };
    let copied = usize::try_from(n).ok().and_then(|n| {
        let own = own.view();
        to.get_mut(..n)?.copy_from_slice(own.get(..n)?);
        Some(n)
    });
    match copied {
        Some(n) => Ok(Some(n)),
        None => Err(os_error_text(vm, format!(
            "raw readinto() returned invalid length {n} (should have been between 0 and {})",
            to.len()
        ))),
    }
}

/// `raw.write` for any object.
fn write_by_method(vm: &Vm, raw: &Value, data: &[u8]) -> R<Option<usize>> {
    vm.check_room(data.len())?;
    let own = bytes::from_slice(data);
    let view = memoryview::from_object(vm, own.value(), flags::FULL_RO)?;
    let r = trap_interrupts(vm, || vm.call_method_name(raw, &names().write, std::slice::from_ref(&view)))?;
    if r.is_none() {
        return Ok(None);
    }
    let n = int::to_isize(vm, &r)?;
    match usize::try_from(n).ok().filter(|n| *n <= data.len()) {
        Some(n) => Ok(Some(n)),
        None => Err(os_error_text(vm, format!(
            "raw write() returned invalid length {n} (should have been between 0 and {})",
            data.len()
        ))),
    }
}

impl Buffered {
    /// Reads from the raw stream; `None` if that would have to wait.
    pub(super) fn raw_read(&self, vm: &Vm, to: &mut [u8]) -> R<Option<usize>> {
        let raw = self.below(vm)?;
        let n = match plain::<FileIo>(&raw) {
            Some(f) => fileio::read_into(vm, f, to)?,
            None => read_by_method(vm, &raw, to)?,
        };
        self.advance(n);
        Ok(n)
    }

    /// Writes to the raw stream; `None` if that would have to wait.
    pub(super) fn raw_write(&self, vm: &Vm, data: &[u8]) -> R<Option<usize>> {
        let raw = self.below(vm)?;
        let n = match plain::<FileIo>(&raw) {
            Some(f) => fileio::write(vm, f, data)?,
            None => write_by_method(vm, &raw, data)?,
        };
        self.advance(n);
        Ok(n)
    }

    fn advance(&self, n: Option<usize>) {
        if let Some(n) = n
            && self.abs_pos.get() != -1
        {
            self.abs_pos.set(self.abs_pos.get().saturating_add(n as i64));
        }
    }

    fn checked(&self, vm: &Vm, v: &Value) -> R<i64> {
        let n = support::offset(vm, v, &VALUE_ERROR)?;
        if n < 0 {
            return Err(os_error_text(vm, format!("Raw stream returned invalid position {n}")));
        }
        Ok(n)
    }

    /// Asks the raw stream for its position.
    pub(super) fn raw_tell(&self, vm: &Vm) -> R<i64> {
        let raw = self.below(vm)?;
        self.abs_pos.set(-1);
        let n = match plain::<FileIo>(&raw) {
            Some(f) => f.seek_to(vm, 0, libc::SEEK_CUR)?,
            None => {
                let v = vm.call_method_name(&raw, &names().tell, &[])?;
                self.checked(vm, &v)?
            }
        };
        self.abs_pos.set(n);
        Ok(n)
    }

    /// The raw stream's position as far as it is known, else asked for.
    pub(super) fn known_raw_tell(&self, vm: &Vm) -> R<i64> {
        match self.abs_pos.get() {
            -1 => self.raw_tell(vm),
            n => Ok(n),
        }
    }

    /// Moves the raw stream.
    pub(super) fn raw_seek(&self, vm: &Vm, offset: i64, whence: i32) -> R<i64> {
        let raw = self.below(vm)?;
        self.abs_pos.set(-1);
        let n = match plain::<FileIo>(&raw) {
            Some(f) => f.seek_to(vm, offset, whence)?,
            None => {
                let v = vm.call_method_name(&raw, &names().seek, &[Value::from(offset), Value::from(whence)])?;
                self.checked(vm, &v)?
            }
        };
        self.abs_pos.set(n);
        Ok(n)
    }
}
