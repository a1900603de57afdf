//! File descriptors: open, read, write, seek, duplicate, lock.

use crate::{Errno, Result, borrow, check};
use rustix::fs::{Advice, FallocateFlags, FlockOperation, Mode, OFlags};
use rustix::io::FdFlags;
use std::ffi::CStr;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::IntoRawFd as _;

/// Opens a file relative to the directory `dir` ([`AT_CURRENT`](crate::AT_CURRENT) for none).
/// `flags` are the `O_*` numbers; `O_CLOEXEC` is the caller's to give.
pub fn open(dir: i32, path: &CStr, flags: i32, mode: u32) -> Result<i32> {
    let flags = OFlags::from_bits_retain(flags as u32);
    let fd = rustix::fs::openat(borrow(dir)?, path, flags, Mode::from_raw_mode(mode))?;
    Ok(fd.into_raw_fd())
}

/// Closes a descriptor. It is closed even where an error is returned.
pub fn close(fd: i32) -> Result<()> {
    // SAFETY: plain system call; who else uses the number is Python's affair, as with `os.close`.
    check(unsafe { libc::close(fd) }).map(drop)
}

/// Reads at the file's position; 0 at its end.
pub fn read(fd: i32, buffer: &mut [u8]) -> Result<usize> {
    Ok(rustix::io::read(borrow(fd)?, buffer)?)
}

/// Reads at `offset`; the position stays.
pub fn pread(fd: i32, buffer: &mut [u8], offset: u64) -> Result<usize> {
    Ok(rustix::io::pread(borrow(fd)?, buffer, offset)?)
}

/// Reads into several buffers.
pub fn readv(fd: i32, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
    Ok(rustix::io::readv(borrow(fd)?, buffers)?)
}

/// Reads into several buffers at `offset`.
pub fn preadv(fd: i32, buffers: &mut [IoSliceMut<'_>], offset: u64) -> Result<usize> {
    Ok(rustix::io::preadv(borrow(fd)?, buffers, offset)?)
}

/// Writes at the file's position; returns how many bytes were taken.
pub fn write(fd: i32, buffer: &[u8]) -> Result<usize> {
    Ok(rustix::io::write(borrow(fd)?, buffer)?)
}

/// Writes at `offset`; the position stays.
pub fn pwrite(fd: i32, buffer: &[u8], offset: u64) -> Result<usize> {
    Ok(rustix::io::pwrite(borrow(fd)?, buffer, offset)?)
}

/// Writes several buffers.
pub fn writev(fd: i32, buffers: &[IoSlice<'_>]) -> Result<usize> {
    Ok(rustix::io::writev(borrow(fd)?, buffers)?)
}

/// Writes several buffers at `offset`.
pub fn pwritev(fd: i32, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
    Ok(rustix::io::pwritev(borrow(fd)?, buffers, offset)?)
}

/// As [`preadv`], with flags (`RWF_*`).
pub fn preadv_flags(fd: i32, buffers: &mut [IoSliceMut<'_>], offset: i64, flags: i32) -> Result<usize> {
    // SAFETY: `IoSliceMut` is laid out as `iovec`; the buffers are there to be written.
    let n = unsafe { libc::preadv2(fd, buffers.as_mut_ptr().cast(), buffers.len() as _, offset, flags) };
    check(n).map(|n| n as usize)
}

/// As [`pwritev`], with flags (`RWF_*`).
pub fn pwritev_flags(fd: i32, buffers: &[IoSlice<'_>], offset: i64, flags: i32) -> Result<usize> {
    // SAFETY: `IoSlice` is laid out as `iovec`; the buffers are there to be read.
    let n = unsafe { libc::pwritev2(fd, buffers.as_ptr().cast(), buffers.len() as _, offset, flags) };
    check(n).map(|n| n as usize)
}

/// Moves the file's position; `whence` is one of the `SEEK_*` numbers. Returns the new position.
pub fn lseek(fd: i32, offset: i64, whence: i32) -> Result<i64> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::lseek(fd, offset, whence) })
}

/// A copy of the descriptor, not inherited by programs that are executed.
pub fn dup(fd: i32) -> Result<i32> {
    Ok(rustix::io::fcntl_dupfd_cloexec(borrow(fd)?, 0)?.into_raw_fd())
}

/// Makes `to` a copy of `fd`, closing what `to` was.
pub fn dup2(fd: i32, to: i32, inheritable: bool) -> Result<i32> {
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    // dup3 refuses equal numbers, dup2 does nothing then.
    if fd == to || inheritable {
        // SAFETY: plain system call with numbers only.
        let out = check(unsafe { libc::dup2(fd, to) })?;
        if !inheritable {
            set_inheritable(out, false)?;
        }
        return Ok(out);
    }
    // SAFETY: as above.
    check(unsafe { libc::dup3(fd, to, flags) })
}

/// A pipe: its reading and its writing end. `flags` are `O_CLOEXEC`, `O_NONBLOCK` and the like.
pub fn pipe(flags: i32) -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two numbers.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) })?;
    Ok((ends[0], ends[1]))
}

/// Whether executed programs inherit the descriptor.
pub fn inheritable(fd: i32) -> Result<bool> {
    Ok(!rustix::io::fcntl_getfd(borrow(fd)?)?.contains(FdFlags::CLOEXEC))
}

/// Sets whether executed programs inherit the descriptor.
pub fn set_inheritable(fd: i32, inheritable: bool) -> Result<()> {
    let fd = borrow(fd)?;
    let mut flags = rustix::io::fcntl_getfd(fd)?;
    flags.set(FdFlags::CLOEXEC, !inheritable);
    Ok(rustix::io::fcntl_setfd(fd, flags)?)
}

/// Whether reads and writes wait.
pub fn blocking(fd: i32) -> Result<bool> {
    Ok(!rustix::fs::fcntl_getfl(borrow(fd)?)?.contains(OFlags::NONBLOCK))
}

/// Sets whether reads and writes wait.
pub fn set_blocking(fd: i32, blocking: bool) -> Result<()> {
    let fd = borrow(fd)?;
    let mut flags = rustix::fs::fcntl_getfl(fd)?;
    flags.set(OFlags::NONBLOCK, !blocking);
    Ok(rustix::fs::fcntl_setfl(fd, flags)?)
}

/// The file's status flags (`F_GETFL`).
pub fn status_flags(fd: i32) -> Result<i32> {
    Ok(rustix::fs::fcntl_getfl(borrow(fd)?)?.bits() as i32)
}

/// `fcntl` with a number.
///
/// # Safety
/// The command must not take the number for an address, or the address must be valid for it.
pub unsafe fn fcntl(fd: i32, command: i32, argument: libc::c_long) -> Result<i32> {
    // SAFETY: the caller vouches for command and argument.
    check(unsafe { libc::fcntl(fd, command, argument) })
}

/// `fcntl` with a buffer that is read and written.
///
/// # Safety
/// The buffer must be as long as the command wants it.
pub unsafe fn fcntl_buffer(fd: i32, command: i32, buffer: &mut [u8]) -> Result<i32> {
    // SAFETY: the caller vouches for the buffer's length.
    check(unsafe { libc::fcntl(fd, command, buffer.as_mut_ptr()) })
}

/// `ioctl` with a number.
///
/// # Safety
/// The request must not take the number for an address, or the address must be valid for it.
pub unsafe fn ioctl(fd: i32, request: u64, argument: libc::c_long) -> Result<i32> {
    // SAFETY: the caller vouches for request and argument.
    check(unsafe { libc::ioctl(fd, request as _, argument) })
}

/// `ioctl` with a buffer that is read and written.
///
/// # Safety
/// The buffer must be as long as the request wants it.
pub unsafe fn ioctl_buffer(fd: i32, request: u64, buffer: &mut [u8]) -> Result<i32> {
    // SAFETY: the caller vouches for the buffer's length.
    check(unsafe { libc::ioctl(fd, request as _, buffer.as_mut_ptr()) })
}

/// A lock of the whole file: `operation` is made of `LOCK_SH`, `LOCK_EX`, `LOCK_UN`, `LOCK_NB`.
pub fn flock(fd: i32, operation: i32) -> Result<()> {
    let none = operation & libc::LOCK_NB != 0;
    let operation = match (operation & !libc::LOCK_NB, none) {
        (libc::LOCK_SH, false) => FlockOperation::LockShared,
        (libc::LOCK_SH, true) => FlockOperation::NonBlockingLockShared,
        (libc::LOCK_EX, false) => FlockOperation::LockExclusive,
        (libc::LOCK_EX, true) => FlockOperation::NonBlockingLockExclusive,
        (libc::LOCK_UN, false) => FlockOperation::Unlock,
        (libc::LOCK_UN, true) => FlockOperation::NonBlockingUnlock,
        _ => return Err(Errno(libc::EINVAL)),
    };
    Ok(rustix::fs::flock(borrow(fd)?, operation)?)
}

/// A lock of a part of the file for this process: `kind` is `F_RDLCK`, `F_WRLCK` or `F_UNLCK`;
/// `length` 0 reaches to the end of the file.
pub fn lock_range(
    fd: i32,
    kind: i32,
    wait: bool,
    whence: i32,
    start: i64,
    length: i64,
) -> Result<()> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = whence as _;
    lock.l_start = start;
    lock.l_len = length;
    let command = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    // SAFETY: the command reads the structure that it is given.
    check(unsafe { libc::fcntl(fd, command, &lock) }).map(drop)
}

/// Whether another process has a lock that stands in the way of this one.
pub fn other_lock(fd: i32, kind: i32, whence: i32, start: i64, length: i64) -> Result<bool> {
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = whence as _;
    lock.l_start = start;
    lock.l_len = length;
    // SAFETY: the command reads and writes the structure that it is given.
    check(unsafe { libc::fcntl(fd, libc::F_GETLK, &mut lock) })?;
    Ok(i32::from(lock.l_type) != i32::from(libc::F_UNLCK as i16))
}

/// Cuts or extends the file to a length in bytes.
pub fn truncate(fd: i32, length: u64) -> Result<()> {
    Ok(rustix::fs::ftruncate(borrow(fd)?, length)?)
}

/// Writes the file's data and metadata to the disk.
pub fn sync(fd: i32) -> Result<()> {
    Ok(rustix::fs::fsync(borrow(fd)?)?)
}

/// Writes the file's data to the disk, metadata only where reading needs it.
pub fn sync_data(fd: i32) -> Result<()> {
    Ok(rustix::fs::fdatasync(borrow(fd)?)?)
}

/// Makes room for `length` bytes at `offset`.
pub fn allocate(fd: i32, offset: u64, length: u64) -> Result<()> {
    Ok(rustix::fs::fallocate(
        borrow(fd)?,
        FallocateFlags::empty(),
        offset,
        length,
    )?)
}

/// Tells how a part of the file will be read: one of the `POSIX_FADV_*` numbers.
pub fn advise(fd: i32, offset: u64, length: u64, advice: i32) -> Result<()> {
    let advice = match advice {
        libc::POSIX_FADV_NORMAL => Advice::Normal,
        libc::POSIX_FADV_SEQUENTIAL => Advice::Sequential,
        libc::POSIX_FADV_RANDOM => Advice::Random,
        libc::POSIX_FADV_NOREUSE => Advice::NoReuse,
        libc::POSIX_FADV_WILLNEED => Advice::WillNeed,
        libc::POSIX_FADV_DONTNEED => Advice::DontNeed,
        _ => return Err(Errno(libc::EINVAL)),
    };
    Ok(rustix::fs::fadvise(
        borrow(fd)?,
        offset,
        std::num::NonZeroU64::new(length),
        advice,
    )?)
}

/// Copies from one descriptor to another within the kernel; with an offset the position of `from`
/// stays. Returns the number of bytes.
pub fn send_file(to: i32, from: i32, offset: Option<u64>, count: usize) -> Result<usize> {
    let mut offset = offset;
    Ok(rustix::fs::sendfile(
        borrow(to)?,
        borrow(from)?,
        offset.as_mut(),
        count,
    )?)
}

/// Copies between files within the kernel; with offsets the positions stay.
pub fn copy_range(
    from: i32,
    from_offset: Option<u64>,
    to: i32,
    to_offset: Option<u64>,
    count: usize,
) -> Result<usize> {
    let (mut a, mut b) = (from_offset, to_offset);
    let (from, to) = (borrow(from)?, borrow(to)?);
    Ok(rustix::fs::copy_file_range(
        from,
        a.as_mut(),
        to,
        b.as_mut(),
        count,
    )?)
}

/// Moves bytes between a pipe and a descriptor within the kernel.
pub fn splice(
    from: i32,
    from_offset: Option<u64>,
    to: i32,
    to_offset: Option<u64>,
    count: usize,
    flags: u32,
) -> Result<usize> {
    let (mut a, mut b) = (from_offset, to_offset);
    let flags = rustix::pipe::SpliceFlags::from_bits_retain(flags);
    let (from, to) = (borrow(from)?, borrow(to)?);
    Ok(rustix::pipe::splice(
        from,
        a.as_mut(),
        to,
        b.as_mut(),
        count,
        flags,
    )?)
}

/// A file in memory only. `flags` are the `MFD_*` numbers.
pub fn memory_file(name: &CStr, flags: u32) -> Result<i32> {
    let flags = rustix::fs::MemfdFlags::from_bits_retain(flags);
    Ok(rustix::fs::memfd_create(name, flags)?.into_raw_fd())
}

/// A counter to wait for. `flags` are the `EFD_*` numbers.
pub fn event_counter(initial: u32, flags: u32) -> Result<i32> {
    let flags = rustix::event::EventfdFlags::from_bits_retain(flags);
    Ok(rustix::event::eventfd(initial, flags)?.into_raw_fd())
}

/// Closes all descriptors from `low` up to but not including `high`, errors ignored.
pub fn close_range(low: i32, high: i32) {
    if low >= high {
        return;
    }
    let (first, last) = (low.max(0) as u32, (high - 1).max(0) as u32);
    // SAFETY: plain system call with numbers only.
    if unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) } == 0 {
        return;
    }
    for fd in first as i32..high {
        // Most of these are not open.
        let _ = close(fd);
    }
}

/// The first `limit` bytes of a file, which is opened and closed here.
pub fn read_file(path: &CStr, limit: usize) -> Result<Vec<u8>> {
    let fd = open(crate::AT_CURRENT, path, libc::O_RDONLY | libc::O_CLOEXEC, 0)?;
    let (mut out, mut buffer) = (Vec::new(), vec![0; 0x1_0000]);
    let result = loop {
        match read(fd, &mut buffer) {
            Ok(0) => break Ok(out),
            Ok(n) => out.extend_from_slice(&buffer[..n.min(limit - out.len())]),
            Err(Errno(libc::EINTR)) => {}
            Err(e) => break Err(e),
        }
        if out.len() == limit {
            break Ok(out);
        }
    };
    // Nothing was written, so nothing can be lost by a failing close.
    let _ = close(fd);
    result
}

/// Which of the descriptors 0, 1 and 2 were closed when the process started, as bits.
static CLOSED_AT_START: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);

/// Runs before `main`: Rust's own start-up opens the null device for each of the three that is closed.
extern "C" fn look_at_standard_descriptors() {
    for fd in 0..3 {
        // SAFETY: plain system call with numbers only.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
            CLOSED_AT_START.fetch_or(1 << fd, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

// SAFETY: the loader calls the functions of this section once, before `main`; ours touches nothing but an atomic.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look_at_standard_descriptors;

/// Whether a descriptor (0, 1 or 2) was closed when the process started; what it is now is nobody's choice.
pub fn was_closed_at_start(fd: i32) -> bool {
    (0..3).contains(&fd) && CLOSED_AT_START.load(std::sync::atomic::Ordering::Relaxed) & 1 << fd != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_and_copies() {
        let (r, w) = pipe(libc::O_CLOEXEC).unwrap();
        assert_eq!(write(w, b"abc"), Ok(3));
        let copy = dup(r).unwrap();
        assert_eq!(inheritable(copy), Ok(false));
        set_inheritable(copy, true).unwrap();
        assert_eq!(inheritable(copy), Ok(true));
        let mut buffer = [0; 8];
        assert_eq!(read(copy, &mut buffer), Ok(3));
        set_blocking(r, false).unwrap();
        assert_eq!(
            (blocking(r), read(r, &mut buffer)),
            (Ok(false), Err(Errno(libc::EAGAIN)))
        );
        for fd in [r, w, copy] {
            close(fd).unwrap();
        }
        assert_eq!(read(-1, &mut buffer), Err(Errno(libc::EBADF)));
        assert_eq!(close(-5), Err(Errno(libc::EBADF)));
    }

    #[test]
    fn files_in_memory() {
        let fd = memory_file(c"test", 0).unwrap();
        assert_eq!(pwrite(fd, b"hello", 2), Ok(5));
        assert_eq!(lseek(fd, 0, libc::SEEK_END), Ok(7));
        truncate(fd, 4).unwrap();
        let mut buffer = [1; 8];
        assert_eq!(pread(fd, &mut buffer, 0), Ok(4));
        assert_eq!(&buffer[..4], b"\0\0he");
        lock_range(fd, libc::F_WRLCK, false, libc::SEEK_SET, 0, 0).unwrap();
        close(fd).unwrap();
    }
}
