//! Reading and writing.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::vm::Vm;

use super::FileIo;
use crate::io::support::{DEFAULT_BUFFER_SIZE, retry};

/// What a call would have to wait for is no error but `None`.
fn unless_waiting(vm: &Vm, r: taipan_host::Result<usize>) -> R<Option<usize>> {
    match r {
        Ok(n) => Ok(Some(n)),
        Err(e) if e.0 == libc::EAGAIN => Ok(None),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// A vector of `n` zeros.
///
/// Raises MemoryError.
pub fn zeros(vm: &Vm, n: usize) -> R<Vec<u8>> {
    vm.check_room(n)?;
    Ok(vec![0; n])
}

/// Reads into memory; `None` if that would have to wait.
///
/// Raises ValueError for a closed file, UnsupportedOperation, OSError, and what signal handlers raise.
pub fn read_into(vm: &Vm, this: &Ref<FileIo>, to: &mut [u8]) -> R<Option<usize>> {
    let fd = this.fd_to_read(vm)?;
    let r = retry(vm, || taipan_host::fd::read(fd, to))?;
    unless_waiting(vm, r)
}

/// Writes; `None` if that would have to wait.
///
/// Raises as [`read_into`].
pub fn write(vm: &Vm, this: &Ref<FileIo>, data: &[u8]) -> R<Option<usize>> {
    let fd = this.fd_to_write(vm)?;
    let r = retry(vm, || taipan_host::fd::write(fd, data))?;
    unless_waiting(vm, r)
}

/// `read(n)`: one call of the system.
pub fn read(vm: &Vm, this: &Ref<FileIo>, n: usize) -> R {
    this.fd_to_read(vm)?;
    let mut data = zeros(vm, n)?;
    Ok(match read_into(vm, this, &mut data)? {
        Some(n) => {
            data.truncate(n);
            bytes::from_vec(data).into_value()
        }
        None => Value::NONE,
    })
}

/// How much there probably is to read, and one byte more: the call that finds the end needs room too.
fn expected(this: &FileIo) -> usize {
    let Some(at_open) = this.at_open.get().filter(|s| s.size > 0) else { return DEFAULT_BUFFER_SIZE };
    let mut left = at_open.size;
    if left > 65_536
        && let Ok(at) = taipan_host::fd::lseek(this.fd.get(), 0, libc::SEEK_CUR)
        && at <= left
    {
        left -= at;
    }
    usize::try_from(left).unwrap_or(0).saturating_add(1)
}

/// `readall()`
pub fn readall(vm: &Vm, this: &Ref<FileIo>) -> R {
    this.fd_to_read(vm)?;
    let mut data = zeros(vm, expected(this))?;
    let mut len = 0;
    loop {
        if len == data.len() {
            // A quarter more, and not less than a buffer.
            let more = (len / 4).max(DEFAULT_BUFFER_SIZE);
            let Some(size) = len.checked_add(more).filter(|n| *n <= isize::MAX as usize) else {
                return Err(vm.overflow_error("unbounded read returned more bytes than a Python bytes object can hold"));
            };
            vm.check_room(size)?;
            data.resize(size, 0);
        }
        match read_into(vm, this, &mut data[len..])? {
            Some(0) => break,
            Some(n) => len += n,
            None if len > 0 => break,
            None => return Ok(Value::NONE),
        }
    }
    data.truncate(len);
    Ok(bytes::from_vec(data).into_value())
}
