//! `fcntl`: `fcntl`, `ioctl` and locks of files.

use taipan_host::fd as host;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::int;
use taipan_runtime::types::memoryview::flags;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use crate::util::{file_descriptor, system};

module! {
    /// This module performs file control and I/O control on file descriptors.
    ///
    /// It is an interface to the fcntl() and ioctl() Unix routines. File descriptors can be obtained with the fileno()
    /// method of a file or socket object.
    name = "fcntl",
    functions(fcntl, ioctl, flock, lockf),
    exec = exec,
}

macro_rules! numbers {
    ($m:expr, $($name:ident)*) => { $($m.set(stringify!($name), libc::$name as i64);)* };
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    numbers!(m, LOCK_SH LOCK_EX LOCK_NB LOCK_UN F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW
        F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK F_UNLCK F_SETLEASE F_GETLEASE F_NOTIFY
        F_SETPIPE_SZ F_GETPIPE_SZ FD_CLOEXEC F_ADD_SEALS F_GET_SEALS F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE);
    // What the C headers have and the libc crate has not.
    for (name, n) in [
        ("LOCK_MAND", 32), ("LOCK_READ", 64), ("LOCK_WRITE", 128), ("LOCK_RW", 192), ("F_GETLK64", 5), ("F_SETLK64", 6),
        ("F_SETLKW64", 7), ("F_EXLCK", 4), ("F_SHLCK", 8), ("F_GETSIG", 11), ("F_SETSIG", 10), ("F_GETOWN_EX", 16),
        ("F_SETOWN_EX", 15), ("F_OWNER_TID", 0), ("F_OWNER_PID", 1), ("F_OWNER_PGRP", 2), ("F_SEAL_FUTURE_WRITE", 16),
        ("F_GET_RW_HINT", 1035), ("F_SET_RW_HINT", 1036), ("F_GET_FILE_RW_HINT", 1037), ("F_SET_FILE_RW_HINT", 1038),
        ("RWH_WRITE_LIFE_NOT_SET", 0), ("RWH_WRITE_LIFE_NONE", 1), ("RWH_WRITE_LIFE_SHORT", 2), ("RWH_WRITE_LIFE_MEDIUM", 3),
        ("RWH_WRITE_LIFE_LONG", 4), ("RWH_WRITE_LIFE_EXTREME", 5), ("FASYNC", 8192), ("DN_ACCESS", 1), ("DN_MODIFY", 2),
        ("DN_CREATE", 4), ("DN_DELETE", 8), ("DN_RENAME", 16), ("DN_ATTRIB", 32), ("DN_MULTISHOT", 0x8000_0000i64),
        ("FICLONE", 0x4004_9409), ("FICLONERANGE", 0x4020_940d),
    ] {
        m.set(name, n);
    }
    Ok(())
}

/// The longest buffer, and the room behind it that the system may write to.
const LONGEST: usize = 1024;

/// An argument of `fcntl` and `ioctl`.
enum Argument {
    Number(i64),
    Bytes(Vec<u8>),
}

/// The low bits of an int, which may be a signed or an unsigned number to the system.
fn bits(vm: &Vm, v: &Value) -> R<i64> {
    let n = int::index(vm, v)?;
    Ok(match int::get(&n) {
        Some(n) => match n.to_i64() {
            Some(n) => n,
            None => {
                let low = n.to_big() & dashu_int::IBig::from(u64::MAX);
                u64::try_from(low).unwrap_or(0) as i64
            }
        },
        None => 0,
    })
}

fn argument(vm: &Vm, v: Option<&Value>, what: &str) -> R<Argument> {
    let Some(v) = v else { return Ok(Argument::Number(0)) };
    let data = if let Some(s) = v.downcast::<Str>() {
        s.to_utf8(vm)?.into_owned().into_bytes()
    } else if bytes::is_bytes_like(v) {
        bytes::buffer_bytes(vm, v)?
    } else {
        return Ok(Argument::Number(bits(vm, v)?));
    };
    if data.len() > LONGEST {
        return Err(vm.value_error(format!("{what} string arg too long")));
    }
    Ok(Argument::Bytes(data))
}

/// With room behind it: what the system writes may be longer than what it was given.
fn with_room(data: &[u8]) -> Vec<u8> {
    let mut buffer = data.to_vec();
    buffer.resize(LONGEST.max(data.len()) + LONGEST, 0);
    buffer
}

/// Perform the operation `cmd` on file descriptor fd.
///
/// The values used for `cmd` are operating system dependent, and are available as constants in the fcntl module, using
/// the same names as used in the relevant C header files. The argument arg is optional, and defaults to 0; it may be an
/// int or a string. If arg is given as a string, the return value of fcntl is a string of that length, containing the
/// resulting value put in the arg buffer by the operating system.
#[function(sig = "(fd, cmd, arg=0, /)")]
fn fcntl(vm: &Vm, fd: &Value, cmd: i32, arg: Option<&Value>) -> R {
    let fd = file_descriptor(vm, fd)?;
    crate::util::audit(vm, "fcntl.fcntl", &[Value::from(fd), Value::from(cmd), arg.cloned().unwrap_or(Value::small(0))])?;
    match argument(vm, arg, "fcntl")? {
        Argument::Number(n) => {
            let n = i64::from(n as u32);
            // SAFETY: the program vouches that the command takes a number, as in C.
            system(vm, || unsafe { host::fcntl(fd, cmd, n) }).map(Value::from)
        }
        Argument::Bytes(data) => loop {
            let mut buffer = with_room(&data);
            // SAFETY: the program vouches for the length; there is room for the structures of all commands.
            match vm.allow_threads(|| unsafe { host::fcntl_buffer(fd, cmd, &mut buffer) }) {
                Ok(_) => return Ok(bytes::from_slice(&buffer[..data.len()]).into_value()),
                Err(e) if e.0 == libc::EINTR => vm.poll()?,
                Err(e) => return Err(vm.os_error(e.0, None)),
            }
        },
    }
}

/// Perform the operation request on file descriptor fd.
///
/// The argument arg may be an int, a read-only buffer (then the buffer that the system returns is returned), or a
/// writable buffer, which is changed unless mutate_flag is false.
#[function(sig = "(fd, request, arg=0, mutate_flag=True, /)")]
fn ioctl(vm: &Vm, fd: &Value, request: &Value, arg: Option<&Value>, mutate_flag: bool) -> R {
    let fd = file_descriptor(vm, fd)?;
    let code = bits(vm, request)? as u64;
    crate::util::audit(vm, "fcntl.ioctl", &[Value::from(fd), Value::from(code), arg.cloned().unwrap_or(Value::small(0))])?;
    if let Some(v) = arg
        && mutate_flag
        && v.downcast::<bytes::Bytes>().is_none()
        && bytes::is_bytes_like(v)
        && let Some(mut target) = writable(vm, v)?
    {
        let mut buffer = with_room(target.as_slice());
        // SAFETY: as in `fcntl`.
        let r = vm.allow_threads(|| unsafe { host::ioctl_buffer(fd, code, &mut buffer) });
        let slice = target.as_mut_slice();
        let n = slice.len();
        slice.copy_from_slice(&buffer[..n]);
        return r.map(Value::from).map_err(|e| vm.os_error(e.0, None));
    }
    match argument(vm, arg, "ioctl")? {
        Argument::Number(n) => {
            let Ok(n) = i32::try_from(n) else {
                let text = if n < 0 { "signed integer is less than minimum" } else { "signed integer is greater than maximum" };
                return Err(vm.overflow_error(text));
            };
            // SAFETY: as in `fcntl`.
            let r = vm.allow_threads(|| unsafe { host::ioctl(fd, code, n.into()) });
            r.map(Value::from).map_err(|e| vm.os_error(e.0, None))
        }
        Argument::Bytes(data) => {
            let mut buffer = with_room(&data);
            // SAFETY: as in `fcntl`.
            match vm.allow_threads(|| unsafe { host::ioctl_buffer(fd, code, &mut buffer) }) {
                Ok(_) => Ok(bytes::from_slice(&buffer[..data.len()]).into_value()),
                Err(e) => Err(vm.os_error(e.0, None)),
            }
        }
    }
}

/// The buffer to write to, if it can be written to.
fn writable(vm: &Vm, v: &Value) -> R<Option<taipan_runtime::types::memoryview::Buffer>> {
    match vm.buffer(v, flags::WRITABLE) {
        Ok(b) => Ok(Some(b)),
        Err(r) if vm.raised_is(&taipan_runtime::types::exceptions::BUFFER_ERROR) => {
            drop(vm.catch(r));
            Ok(None)
        }
        Err(r) => Err(r),
    }
}

/// Perform the lock operation `operation` on file descriptor `fd`.
#[function(sig = "(fd, operation, /)")]
fn flock(vm: &Vm, fd: &Value, operation: i32) -> R<()> {
    let fd = file_descriptor(vm, fd)?;
    crate::util::audit(vm, "fcntl.flock", &[Value::from(fd), Value::from(operation)])?;
    system(vm, || host::flock(fd, operation))
}

/// A wrapper around the fcntl() locking calls.
///
/// cmd is LOCK_UN, LOCK_SH or LOCK_EX, perhaps with LOCK_NB; len, start and whence say what part of the file is locked.
#[function(sig = "(fd, cmd, len=0, start=0, whence=0, /)")]
fn lockf(vm: &Vm, fd: &Value, cmd: i32, len: Option<&Value>, start: Option<&Value>, whence: i32) -> R<()> {
    let fd = file_descriptor(vm, fd)?;
    let kind = if cmd & libc::LOCK_UN != 0 {
        libc::F_UNLCK
    } else if cmd & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if cmd & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(vm.value_error("unrecognized lockf argument"));
    };
    let len = len.map_or(Ok(0), |v| int::to_i64(vm, v))?;
    let start = start.map_or(Ok(0), |v| int::to_i64(vm, v))?;
    let wait = cmd & libc::LOCK_NB == 0;
    system(vm, || host::lock_range(fd, kind as i32, wait, whence, start, len))
}
