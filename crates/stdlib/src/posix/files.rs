//! File descriptors.

use taipan_host::{Errno, fd as host, terminal};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::{bytes, int, list, tuple};
use taipan_runtime::vm::Vm;

use super::paths::{decode, path_arg};
use super::stat::{dir_fd, failed};

/// Runs a call again that a signal interrupted, after the signal's handlers have run.
///
/// Raises OSError, or what a handler raises.
pub(super) fn retry<T: Send>(vm: &Vm, mut f: impl FnMut() -> Result<T, Errno> + Send) -> R<T> {
    loop {
        match vm.allow_threads(&mut f) {
            Ok(v) => return Ok(v),
            Err(Errno(4)) => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
}

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// Open a file for low level IO. Returns a file descriptor (integer).
#[function(sig = "(path, flags, mode=511, *, dir_fd=None)")]
pub fn open(vm: &Vm, path: &Value, flags: i32, mode: Option<i64>, dir_fd: Nullable<&Value>) -> R<i32> {
    let p = path_arg(vm, path, "open: path", false)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    loop {
        let path = &p.path;
        let r = vm.allow_threads(|| host::open(dir, path, flags | 0o2_000_000, mode.unwrap_or(0o777) as u32));
        match r {
            Ok(fd) => return Ok(fd),
            Err(Errno(4)) => vm.poll()?,
            Err(e) => return Err(failed(vm, e, &p)),
        }
    }
}

/// Close a file descriptor.
#[function(sig = "(fd)")]
pub fn close(vm: &Vm, fd: i32) -> R<()> {
    plain(vm, vm.allow_threads(|| host::close(fd)))
}

/// Closes all file descriptors in [fd_low, fd_high), ignoring errors.
#[function(sig = "(fd_low, fd_high, /)")]
pub fn closerange(_vm: &Vm, fd_low: i32, fd_high: i32) {
    host::close_range(fd_low, fd_high);
}

fn buffer(vm: &Vm, length: i64) -> R<Vec<u8>> {
    if length < 0 {
        return Err(vm.os_error(22, None));
    }
    let n = length.min(0x7fff_f000) as usize;
    let mut b = Vec::new();
    if b.try_reserve_exact(n).is_err() {
        return Err(vm.memory_error());
    }
    b.resize(n, 0);
    Ok(b)
}

/// Read from a file descriptor. Returns a bytes object.
#[function(sig = "(fd, length, /)")]
pub fn read(vm: &Vm, fd: i32, length: i64) -> R {
    let mut b = buffer(vm, length)?;
    let n = retry(vm, || host::read(fd, &mut b))?;
    Ok(bytes::from_slice(&b[..n]).into_value())
}

/// Read a number of bytes from a file descriptor starting at a particular offset.
#[function(sig = "(fd, length, offset, /)")]
pub fn pread(vm: &Vm, fd: i32, length: i64, offset: i64) -> R {
    let mut b = buffer(vm, length)?;
    let n = retry(vm, || host::pread(fd, &mut b, offset as u64))?;
    Ok(bytes::from_slice(&b[..n]).into_value())
}

/// Read into a buffer object from a file descriptor.
#[function(sig = "(fd, buffer, /)")]
pub fn readinto(vm: &Vm, fd: i32, buffer: &Value) -> R<usize> {
    let len = vm.len(buffer)?;
    let mut b = self::buffer(vm, len as i64)?;
    let n = retry(vm, || host::read(fd, &mut b))?;
    let slice = taipan_runtime::types::slice::new(Value::small(0), Value::from(n), Value::NONE);
    vm.setitem(buffer, &slice, bytes::from_slice(&b[..n]).value())?;
    Ok(n)
}

/// Write a bytes object to a file descriptor.
#[function(sig = "(fd, data, /)")]
pub fn write(vm: &Vm, fd: i32, data: &Value) -> R<usize> {
    let b = bytes::buffer_bytes(vm, data)?;
    retry(vm, || host::write(fd, &b))
}

/// Write bytes to a file descriptor starting at a particular offset.
#[function(sig = "(fd, buffer, offset, /)")]
pub fn pwrite(vm: &Vm, fd: i32, buffer: &Value, offset: i64) -> R<usize> {
    let b = bytes::buffer_bytes(vm, buffer)?;
    retry(vm, || host::pwrite(fd, &b, offset as u64))
}

/// Set the position of a file descriptor. Return the new position.
#[function(sig = "(fd, position, whence, /)")]
pub fn lseek(vm: &Vm, fd: i32, position: i64, whence: i32) -> R<i64> {
    plain(vm, host::lseek(fd, position, whence))
}

/// Return a duplicate of a file descriptor.
#[function(sig = "(fd, /)")]
pub fn dup(vm: &Vm, fd: i32) -> R<i32> {
    plain(vm, host::dup(fd))
}

/// Duplicate file descriptor.
#[function(sig = "(fd, fd2, inheritable=True)")]
pub fn dup2(vm: &Vm, fd: i32, fd2: i32, inheritable: Option<bool>) -> R<i32> {
    plain(vm, host::dup2(fd, fd2, inheritable.unwrap_or(true)))?;
    Ok(fd2)
}

/// Create a pipe. Returns a tuple of two file descriptors.
#[function]
pub fn pipe(vm: &Vm) -> R {
    let (r, w) = plain(vm, host::pipe(0o2_000_000))?;
    Ok(tuple::from_array([Value::from(r), Value::from(w)]).into_value())
}

/// Create a pipe with flags set atomically.
#[function(sig = "(flags, /)")]
pub fn pipe2(vm: &Vm, flags: i32) -> R {
    let (r, w) = plain(vm, host::pipe(flags))?;
    Ok(tuple::from_array([Value::from(r), Value::from(w)]).into_value())
}

/// A descriptor given as an int or as an object with fileno().
fn descriptor(vm: &Vm, v: &Value) -> R<i32> {
    let n = if int::get(v).is_some() { v.clone() } else { vm.call_method(v, "fileno", &[])? };
    Ok(int::to_i64(vm, &n)? as i32)
}

/// Force write of fd to disk.
#[function(sig = "(fd)")]
pub fn fsync(vm: &Vm, fd: &Value) -> R<()> {
    let fd = descriptor(vm, fd)?;
    retry(vm, || host::sync(fd))
}

/// Force write of fd to disk without forcing update of metadata.
#[function(sig = "(fd)")]
pub fn fdatasync(vm: &Vm, fd: &Value) -> R<()> {
    let fd = descriptor(vm, fd)?;
    retry(vm, || host::sync_data(fd))
}

/// Truncate a file, specified by file descriptor, to a specific length.
#[function(sig = "(fd, length, /)")]
pub fn ftruncate(vm: &Vm, fd: i32, length: i64) -> R<()> {
    if length < 0 {
        return Err(vm.os_error(22, None));
    }
    retry(vm, || host::truncate(fd, length as u64))
}

/// Return True if the fd is connected to a terminal.
#[function(sig = "(fd, /)")]
pub fn isatty(_vm: &Vm, fd: i32) -> bool {
    terminal::is_terminal(fd)
}

/// Get the close-on-exe flag of the specified file descriptor.
#[function(sig = "(fd, /)")]
pub fn get_inheritable(vm: &Vm, fd: i32) -> R<bool> {
    plain(vm, host::inheritable(fd))
}

/// Set the inheritable flag of the specified file descriptor.
#[function(sig = "(fd, inheritable, /)")]
pub fn set_inheritable(vm: &Vm, fd: i32, inheritable: i64) -> R<()> {
    plain(vm, host::set_inheritable(fd, inheritable != 0))
}

/// Get the blocking mode of the file descriptor.
#[function(sig = "(fd, /)")]
pub fn get_blocking(vm: &Vm, fd: i32) -> R<bool> {
    plain(vm, host::blocking(fd))
}

/// Set the blocking mode of the specified file descriptor.
#[function(sig = "(fd, blocking, /)")]
pub fn set_blocking(vm: &Vm, fd: i32, blocking: bool) -> R<()> {
    plain(vm, host::set_blocking(fd, blocking))
}

/// Copy count bytes from file descriptor in_fd to file descriptor out_fd.
#[function(sig = "(out_fd, in_fd, offset, count)")]
pub fn sendfile(vm: &Vm, out_fd: i32, in_fd: i32, offset: Nullable<&Value>, count: usize) -> R<usize> {
    let offset = match offset.0 {
        Some(v) => Some(int::to_i64(vm, v)? as u64),
        None => None,
    };
    retry(vm, || host::send_file(out_fd, in_fd, offset, count))
}

/// Copy count bytes from one file descriptor to another.
#[function(sig = "(src, dst, count, offset_src=None, offset_dst=None)")]
pub fn copy_file_range(vm: &Vm, src: i32, dst: i32, count: i64, offset_src: Nullable<&Value>, offset_dst: Nullable<&Value>) -> R<usize> {
    if count < 0 {
        return Err(vm.value_error("negative value for 'count' not allowed"));
    }
    let at = |v: Nullable<&Value>| -> R<Option<u64>> {
        match v.0 {
            Some(v) => Ok(Some(int::to_i64(vm, v)? as u64)),
            None => Ok(None),
        }
    };
    let (a, b) = (at(offset_src)?, at(offset_dst)?);
    retry(vm, || host::copy_range(src, a, dst, b, count as usize))
}

/// Return the name of the terminal device connected to 'fd'.
#[function(sig = "(fd, /)")]
pub fn ttyname(vm: &Vm, fd: i32) -> R {
    plain(vm, terminal::name(fd)).map(|n| decode(&n))
}

/// Return the size of the terminal window as (columns, lines).
#[function]
pub fn get_terminal_size(vm: &Vm, #[default(1)] fd: i32) -> R {
    let (columns, lines) = plain(vm, terminal::size(fd))?;
    let ty = super::system::terminal_size_type(vm)?;
    taipan_runtime::types::structseq::new_instance(vm, &ty, vec![Value::from(columns), Value::from(lines)])
}

/// Open a pseudo-terminal.
#[function]
pub fn openpty(vm: &Vm) -> R {
    let (a, b) = plain(vm, terminal::open_pair())?;
    Ok(tuple::from_array([Value::from(a), Value::from(b)]).into_value())
}

/// Create an anonymous file in memory.
#[function(sig = "(name, flags=1)")]
pub fn memfd_create(vm: &Vm, name: &Value, flags: Option<u32>) -> R<i32> {
    let p = path_arg(vm, name, "memfd_create: name", false)?;
    plain(vm, host::memory_file(&p.path, flags.unwrap_or(1)))
}

/// Creates and returns an event notification file descriptor.
#[function(sig = "(initval, flags=524288)")]
pub fn eventfd(vm: &Vm, initval: u32, flags: Option<u32>) -> R<i32> {
    plain(vm, host::event_counter(initval, flags.unwrap_or(0o2_000_000)))
}

/// Apply, test or remove a POSIX lock on an open file descriptor.
#[function(sig = "(fd, command, length, /)")]
pub fn lockf(vm: &Vm, fd: i32, command: i32, length: i64) -> R<()> {
    let _ = (fd, command, length, list::from_vec(Vec::new()));
    Err(vm.not_implemented_error("os.lockf is not there yet; fcntl.lockf is"))
}

/// Announce an intention to access data in a specific pattern.
#[function(sig = "(fd, offset, length, advice, /)")]
pub fn posix_fadvise(vm: &Vm, fd: i32, offset: i64, length: i64, advice: i32) -> R<()> {
    retry(vm, || host::advise(fd, offset as u64, length as u64, advice))
}

/// Ensure a file has allocated at least a particular number of bytes on disk.
#[function(sig = "(fd, offset, length, /)")]
pub fn posix_fallocate(vm: &Vm, fd: i32, offset: i64, length: i64) -> R<()> {
    retry(vm, || host::allocate(fd, offset as u64, length as u64))
}
