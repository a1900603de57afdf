//! Positions.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions::VALUE_ERROR;
use taipan_runtime::vm::{Vm, names};

use super::Buffered;
use crate::io::base::check_seekable;
use crate::io::support::{offset, unsupported};

/// Seeking to data and to holes.
const SEEK_DATA: i32 = libc::SEEK_DATA;
const SEEK_HOLE: i32 = libc::SEEK_HOLE;

impl Buffered {
    /// `tell()`
    pub fn position(&self, vm: &Vm) -> R<i64> {
        let at = self.raw_tell(vm)? - self.raw_offset() as i64;
        // A raw stream that somebody else has moved back.
        Ok(at.max(0))
    }

    /// `seek(target, whence)`
    pub fn go_to(&self, vm: &Vm, this: &Value, target: &Value, whence: i32) -> R<i64> {
        let raw = self.below(vm)?;
        if !matches!(whence, 0..=2 | SEEK_DATA | SEEK_HOLE) {
            return Err(vm.value_error(format!("whence value {whence} unsupported")));
        }
        self.check_open(vm, "seek of closed file")?;
        check_seekable(vm, &raw)?;
        let mut target = offset(vm, target, &VALUE_ERROR)?;
        if whence < 2 && self.readable.get() {
            // Perhaps the target lies in the buffer.
            let current = self.known_raw_tell(vm)?;
            let ahead = self.ahead() as i64;
            if ahead > 0 {
                let by = if whence == 0 { target - (current - self.raw_offset() as i64) } else { target };
                if by >= -(self.pos.get() as i64) && by <= ahead {
                    self.pos.set(self.pos.get() + by as isize);
                    return Ok((current - ahead + by).max(0));
                }
            }
        }
        let _held = self.enter(vm, this)?;
        if self.writable.get() {
            self.flush_pending(vm)?;
        }
        if whence == 1 {
            target -= self.raw_offset() as i64;
        }
        let at = self.raw_seek(vm, target, whence)?;
        self.raw_pos.set(-1);
        if self.readable.get() {
            self.reset_read();
        }
        Ok(at)
    }

    /// `truncate(pos)`
    pub fn cut(&self, vm: &Vm, this: &Value, pos: &Value) -> R {
        let raw = self.below(vm)?;
        self.check_open(vm, "truncate of closed file")?;
        if !self.writable.get() {
            return Err(unsupported(vm, "truncate"));
        }
        let _held = self.enter(vm, this)?;
        self.flush_and_rewind(vm)?;
        let r = vm.call_method_name(&raw, &names().truncate, std::slice::from_ref(pos))?;
        // The known position may not hold any more.
        if let Err(r) = self.raw_tell(vm) {
            drop(vm.catch(r));
        }
        Ok(r)
    }
}
