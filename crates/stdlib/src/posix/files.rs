//! File descriptors.

use taipan_host::{Errno, fd as host};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::memoryview::flags as buffer_flags;
use taipan_runtime::types::{bytes, int, tuple};
use taipan_runtime::vm::Vm;

use super::paths::{dir_fd, path_arg};
use super::stat::failed;
use crate::util::{audit, file_descriptor};

/// Runs a call again that a signal interrupted, after the signal's handlers have run.
///
/// Raises OSError, or what a handler raises.
pub(super) fn retry<T: Send>(vm: &Vm, mut f: impl FnMut() -> Result<T, Errno> + Send) -> R<T> {
    loop {
        match vm.allow_threads(&mut f) {
            Ok(v) => return Ok(v),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
}

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// Open a file for low level IO. Returns a file descriptor (integer).
#[function(sig = "(path, flags, mode=511, *, dir_fd=None)")]
pub fn open(vm: &Vm, path: &Value, flags: i32, mode: i32, dir_fd: Nullable<&Value>) -> R<i32> {
    let p = path_arg(vm, path, "open: path", false)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    audit(vm, "open", &[p.object.clone(), Value::NONE, Value::from(flags)])?;
    loop {
        let path = &p.path;
        match vm.allow_threads(|| host::open(dir, path, flags | libc::O_CLOEXEC, mode as u32)) {
            Ok(fd) => return Ok(fd),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(failed(vm, e, &p)),
        }
    }
}

/// Close a file descriptor.
#[function(sig = "(fd)")]
pub fn close(vm: &Vm, fd: i32) -> R<()> {
    match vm.allow_threads(|| host::close(fd)) {
        // The descriptor is closed all the same.
        Err(e) if e.0 == libc::EINTR => vm.poll(),
        r => plain(vm, r),
    }
}

/// Closes all file descriptors in [fd_low, fd_high), ignoring errors.
#[function(sig = "(fd_low, fd_high, /)")]
pub fn closerange(vm: &Vm, fd_low: i32, fd_high: i32) {
    vm.allow_threads(|| host::close_range(fd_low, fd_high));
}

/// The most that one call reads or writes.
const MOST: usize = 0x7fff_f000;

fn room(vm: &Vm, length: isize) -> R<Vec<u8>> {
    let Ok(n) = usize::try_from(length) else { return Err(vm.os_error(libc::EINVAL, None)) };
    let n = n.min(MOST);
    vm.check_room(n)?;
    let mut b = Vec::new();
    if taipan_memory::cache::refusing(|| b.try_reserve_exact(n)).is_err() {
        return Err(vm.memory_error());
    }
    b.resize(n, 0);
    Ok(b)
}

/// Read from a file descriptor. Returns a bytes object.
#[function(sig = "(fd, length, /)")]
pub fn read(vm: &Vm, fd: i32, length: isize) -> R {
    let mut b = room(vm, length)?;
    let n = retry(vm, || host::read(fd, &mut b))?;
    b.truncate(n);
    Ok(bytes::from_vec(b).into_value())
}

/// Read a number of bytes from a file descriptor starting at a particular offset.
#[function(sig = "(fd, length, offset, /)")]
pub fn pread(vm: &Vm, fd: i32, length: isize, offset: i64) -> R {
    let mut b = room(vm, length)?;
    let n = retry(vm, || host::pread(fd, &mut b, offset as u64))?;
    b.truncate(n);
    Ok(bytes::from_vec(b).into_value())
}

/// Read into a buffer object from a file descriptor.
///
/// The buffer should be mutable and bytes-like. On success, returns the number of bytes read.
#[function(sig = "(fd, buffer, /)")]
pub fn readinto(vm: &Vm, fd: i32, buffer: &Value) -> R<usize> {
    let mut b = vm.buffer(buffer, buffer_flags::WRITABLE)?;
    let slice = b.as_mut_slice();
    retry(vm, || host::read(fd, slice))
}

/// Write a bytes object to a file descriptor.
#[function(sig = "(fd, data, /)")]
pub fn write(vm: &Vm, fd: i32, data: &Value) -> R<usize> {
    let b = vm.buffer(data, buffer_flags::SIMPLE)?;
    let data = &b.as_slice()[..b.len().min(MOST)];
    retry(vm, || host::write(fd, data))
}

/// Write bytes to a file descriptor starting at a particular offset.
#[function(sig = "(fd, buffer, offset, /)")]
pub fn pwrite(vm: &Vm, fd: i32, buffer: &Value, offset: i64) -> R<usize> {
    let b = vm.buffer(buffer, buffer_flags::SIMPLE)?;
    let data = b.as_slice();
    retry(vm, || host::pwrite(fd, data, offset as u64))
}

/// Set the position of a file descriptor. Return the new position.
#[function(sig = "(fd, position, whence, /)")]
pub fn lseek(vm: &Vm, fd: i32, position: &Value, whence: i32) -> R<i64> {
    let position = int::to_i64(vm, position)?;
    plain(vm, vm.allow_threads(|| host::lseek(fd, position, whence)))
}

/// Return a duplicate of a file descriptor.
#[function(sig = "(fd, /)")]
pub fn dup(vm: &Vm, fd: i32) -> R<i32> {
    plain(vm, host::dup(fd))
}

/// Duplicate file descriptor.
#[function(sig = "(fd, fd2, inheritable=True)")]
pub fn dup2(vm: &Vm, fd: i32, fd2: i32, inheritable: bool) -> R<i32> {
    if fd < 0 || fd2 < 0 {
        return Err(vm.os_error(libc::EBADF, None));
    }
    plain(vm, vm.allow_threads(|| host::dup2(fd, fd2, inheritable)))
}

fn pair((a, b): (i32, i32)) -> Value {
    tuple::from_array([Value::from(a), Value::from(b)]).into_value()
}

/// Create a pipe. Returns a tuple of two file descriptors: (read_fd, write_fd)
#[function]
pub fn pipe(vm: &Vm) -> R {
    plain(vm, host::pipe(libc::O_CLOEXEC)).map(pair)
}

/// Create a pipe with flags set atomically. Returns a tuple of two file descriptors: (read_fd, write_fd)
#[function(sig = "(flags, /)")]
pub fn pipe2(vm: &Vm, flags: i32) -> R {
    plain(vm, host::pipe(flags)).map(pair)
}

/// Force write of fd to disk.
#[function(sig = "(fd)")]
pub fn fsync(vm: &Vm, fd: &Value) -> R<()> {
    let fd = file_descriptor(vm, fd)?;
    retry(vm, || host::sync(fd))
}

/// Force write of fd to disk without forcing update of metadata.
#[function(sig = "(fd)")]
pub fn fdatasync(vm: &Vm, fd: &Value) -> R<()> {
    let fd = file_descriptor(vm, fd)?;
    retry(vm, || host::sync_data(fd))
}

/// Truncate a file, specified by file descriptor, to a specific length.
#[function(sig = "(fd, length, /)")]
pub fn ftruncate(vm: &Vm, fd: i32, length: i64) -> R<()> {
    audit(vm, "os.truncate", &[Value::from(fd), Value::from(length)])?;
    let Ok(length) = u64::try_from(length) else { return Err(vm.os_error(libc::EINVAL, None)) };
    retry(vm, || host::truncate(fd, length))
}

/// Get the close-on-exe flag of the specified file descriptor.
#[function(sig = "(fd, /)")]
pub fn get_inheritable(vm: &Vm, fd: i32) -> R<bool> {
    plain(vm, host::inheritable(fd))
}

/// Set the inheritable flag of the specified file descriptor.
#[function(sig = "(fd, inheritable, /)")]
pub fn set_inheritable(vm: &Vm, fd: i32, inheritable: i32) -> R<()> {
    plain(vm, host::set_inheritable(fd, inheritable != 0))
}

/// Get the blocking mode of the file descriptor.
///
/// Return False if the O_NONBLOCK flag is set, True if the flag is cleared.
#[function(sig = "(fd, /)")]
pub fn get_blocking(vm: &Vm, fd: i32) -> R<bool> {
    plain(vm, host::blocking(fd))
}

/// Set the blocking mode of the specified file descriptor.
#[function(sig = "(fd, blocking, /)")]
pub fn set_blocking(vm: &Vm, fd: i32, blocking: bool) -> R<()> {
    plain(vm, host::set_blocking(fd, blocking))
}

/// Create an anonymous file in memory.
#[function(sig = "(name, flags=MFD_CLOEXEC)")]
pub fn memfd_create(vm: &Vm, name: &Value, #[default(1)] flags: u32) -> R<i32> {
    let p = path_arg(vm, name, "memfd_create: name", false)?;
    plain(vm, host::memory_file(&p.path, flags))
}

/// Apply, test or remove a POSIX lock on an open file descriptor.
#[function(sig = "(fd, command, length, /)")]
pub fn lockf(vm: &Vm, fd: i32, command: i32, length: i64) -> R<()> {
    audit(vm, "os.lockf", &[Value::from(fd), Value::from(command), Value::from(length)])?;
    let (write, unlock, current) = (i32::from(libc::F_WRLCK as i16), i32::from(libc::F_UNLCK as i16), libc::SEEK_CUR);
    match command {
        libc::F_LOCK => retry(vm, || host::lock_range(fd, write, true, current, 0, length)),
        libc::F_TLOCK => retry(vm, || host::lock_range(fd, write, false, current, 0, length)),
        libc::F_ULOCK => retry(vm, || host::lock_range(fd, unlock, false, current, 0, length)),
        libc::F_TEST => match plain(vm, host::other_lock(fd, write, current, 0, length))? {
            false => Ok(()),
            true => Err(vm.os_error(libc::EACCES, None)),
        },
        _ => Err(vm.os_error(libc::EINVAL, None)),
    }
}

/// Announce an intention to access data in a specific pattern.
#[function(sig = "(fd, offset, length, advice, /)")]
pub fn posix_fadvise(vm: &Vm, fd: i32, offset: i64, length: i64, advice: i32) -> R<()> {
    retry(vm, || host::advise(fd, offset as u64, length as u64, advice))
}

/// Ensure a file has allocated at least a particular number of bytes on disk.
#[function(sig = "(fd, offset, length, /)")]
pub fn posix_fallocate(vm: &Vm, fd: i32, offset: i64, length: i64) -> R<()> {
    if offset < 0 || length <= 0 {
        return Err(vm.os_error(libc::EINVAL, None));
    }
    retry(vm, || host::allocate(fd, offset as u64, length as u64))
}
