//! Starting a program by fork and exec, as `subprocess` wants it.

use crate::process::pointers;
use crate::{Errno, Result, check};
use std::ffi::{CStr, CString};

/// What the new process is like.
pub struct ForkExec<'a> {
    /// The program, at each place where it may be.
    pub candidates: &'a [CString],
    /// Its arguments, the first one included.
    pub arguments: &'a [CString],
    /// Its environment as `NAME=value`; `None` passes the present one on.
    pub environment: Option<&'a [CString]>,
    /// Its directory.
    pub directory: Option<&'a CStr>,
    /// The child's and the parent's end of each standard stream, -1 for none: input, output, errors.
    pub streams: [(i32, i32); 3],
    /// The pipe by which the child tells of errors: the parent's and the child's end.
    pub error_pipe: (i32, i32),
    /// Close all other descriptors but these, which are in order.
    pub keep: Option<&'a [i32]>,
    /// Descriptors that the program inherits, in order.
    pub inherit: &'a [i32],
    /// Signals that Python ignores have their default action.
    pub restore_signals: bool,
    /// It starts a session.
    pub new_session: bool,
    /// Its process group, 0 for a new one.
    pub process_group: Option<i32>,
    /// Further groups of users.
    pub groups: Option<&'a [u32]>,
    /// Its group of users.
    pub gid: Option<u32>,
    /// Its user.
    pub uid: Option<u32>,
    /// Its mask of permissions.
    pub umask: Option<u32>,
}

/// What the child tells its parent when the program does not start.
enum Failure {
    /// A call failed; the text says before what.
    Call(Errno, &'static [u8]),
    /// The caller's own function failed.
    Own,
}

/// Forks and starts the program; gives the child's number. `before_exec` runs in the child.
///
/// # Safety
/// As [`crate::process::fork`]; without `before_exec` the child makes system calls only.
pub unsafe fn fork_exec(options: &ForkExec<'_>, before_exec: Option<&mut dyn FnMut() -> bool>) -> Result<i32> {
    // All memory that the child needs is there before the fork: another thread may hold the allocator's lock.
    let arguments = pointers(options.arguments);
    let environment = options.environment.map(pointers);
    // SAFETY: the caller.
    let pid = check(unsafe { libc::fork() })?;
    if pid != 0 {
        return Ok(pid);
    }
    let failure = child(options, &arguments, environment.as_deref(), before_exec);
    tell(options.error_pipe.1, &failure);
    // SAFETY: ends the process at once.
    unsafe { libc::_exit(255) }
}

fn call(value: i32, before: &'static [u8]) -> std::result::Result<i32, Failure> {
    if value == -1 { Err(Failure::Call(Errno::last(), before)) } else { Ok(value) }
}

const BEFORE_EXEC: &[u8] = b"noexec";

fn child(
    o: &ForkExec<'_>,
    arguments: &[*const libc::c_char],
    environment: Option<&[*const libc::c_char]>,
    before_exec: Option<&mut dyn FnMut() -> bool>,
) -> Failure {
    if let Err(failure) = prepare(o, before_exec) {
        return failure;
    }
    if let Some(keep) = o.keep {
        close_others(keep);
    }
    let mut first = Errno(0);
    for candidate in o.candidates {
        // SAFETY: the lists are of texts ended by zeros, and end with nulls.
        unsafe {
            match environment {
                Some(e) => libc::execve(candidate.as_ptr(), arguments.as_ptr(), e.as_ptr()),
                None => libc::execv(candidate.as_ptr(), arguments.as_ptr()),
            }
        };
        let error = Errno::last();
        if error.0 != libc::ENOENT && error.0 != libc::ENOTDIR && first.0 == 0 {
            first = error;
        }
    }
    Failure::Call(if first.0 == 0 { Errno::last() } else { first }, b"")
}

fn inheritable(fd: i32) -> std::result::Result<(), Failure> {
    // SAFETY: changes a flag of a descriptor.
    let flags = call(unsafe { libc::fcntl(fd, libc::F_GETFD) }, BEFORE_EXEC)?;
    if flags & libc::FD_CLOEXEC != 0 {
        // SAFETY: as above.
        call(unsafe { libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC) }, BEFORE_EXEC)?;
    }
    Ok(())
}

fn prepare(o: &ForkExec<'_>, before_exec: Option<&mut dyn FnMut() -> bool>) -> std::result::Result<(), Failure> {
    for &fd in o.inherit {
        if fd != o.error_pipe.1 {
            inheritable(fd)?;
        }
    }
    let [(input, _), (mut output, _), (mut errors, _)] = o.streams;
    // SAFETY (all of this function): system calls with numbers and with texts and lists that are there to be read.
    unsafe {
        for (_, parents) in o.streams {
            if parents >= 0 {
                call(libc::close(parents), BEFORE_EXEC)?;
            }
        }
        call(libc::close(o.error_pipe.0), BEFORE_EXEC)?;
        // An end that stands where another one is to go moves away first.
        if output == 0 {
            output = call(libc::dup(output), BEFORE_EXEC)?;
        }
        while errors == 0 || errors == 1 {
            errors = call(libc::dup(errors), BEFORE_EXEC)?;
        }
        for (from, to) in [(input, 0), (output, 1), (errors, 2)] {
            if from == to {
                inheritable(from)?;
            } else if from >= 0 {
                call(libc::dup2(from, to), BEFORE_EXEC)?;
            }
        }
        if let Some(directory) = o.directory {
            call(libc::chdir(directory.as_ptr()), b"noexec:chdir")?;
        }
        if let Some(mask) = o.umask {
            libc::umask(mask as _);
        }
        if o.restore_signals {
            for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
        if o.new_session {
            call(libc::setsid(), BEFORE_EXEC)?;
        }
        if let Some(group) = o.process_group {
            call(libc::setpgid(0, group), BEFORE_EXEC)?;
        }
        if let Some(groups) = o.groups {
            call(libc::setgroups(groups.len() as _, groups.as_ptr()), BEFORE_EXEC)?;
        }
        if let Some(gid) = o.gid {
            call(libc::setregid(gid, gid), BEFORE_EXEC)?;
        }
        if let Some(uid) = o.uid {
            call(libc::setreuid(uid, uid), BEFORE_EXEC)?;
        }
    }
    if let Some(f) = before_exec
        && !f()
    {
        return Err(Failure::Own);
    }
    Ok(())
}

/// Closes all descriptors from 3 on but these.
fn close_others(keep: &[i32]) {
    let mut low = 3;
    for &fd in keep {
        if fd >= low {
            if fd > low {
                close_range(low, fd - 1);
            }
            low = fd.saturating_add(1);
        }
    }
    close_range(low, i32::MAX);
}

fn close_range(low: i32, high: i32) {
    // SAFETY: system calls with numbers only.
    unsafe {
        if libc::syscall(libc::SYS_close_range, low as libc::c_uint, high as libc::c_uint, 0) == 0 {
            return;
        }
        // An old kernel.
        let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as i32;
        for fd in low..=high.min(most) {
            libc::close(fd);
        }
    }
}

fn tell(fd: i32, failure: &Failure) {
    let put = |bytes: &[u8]| {
        // SAFETY: the bytes are there to be read.
        unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
    };
    match failure {
        Failure::Own => put(b"SubprocessError:0:Exception occurred in preexec_fn."),
        Failure::Call(error, before) => {
            put(b"OSError:");
            let mut digits = [0u8; 8];
            let mut at = digits.len();
            let mut n = error.0 as u32;
            loop {
                at -= 1;
                digits[at] = b"0123456789ABCDEF"[(n & 15) as usize];
                n >>= 4;
                if n == 0 {
                    break;
                }
            }
            put(&digits[at..]);
            put(b":");
            put(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options<'a>(candidates: &'a [CString], arguments: &'a [CString], pipe: (i32, i32)) -> ForkExec<'a> {
        ForkExec {
            candidates,
            arguments,
            environment: None,
            directory: None,
            streams: [(-1, -1); 3],
            error_pipe: pipe,
            keep: None,
            inherit: &[],
            restore_signals: true,
            new_session: false,
            process_group: None,
            groups: None,
            gid: None,
            uid: None,
            umask: None,
        }
    }

    #[test]
    fn starts_and_fails() {
        let arguments = [c"sh", c"-c", c"exit 5"].map(CStr::to_owned);
        for (path, status, text) in [(c"/bin/sh", 5, ""), (c"/no/such", 255, "OSError:2:")] {
            let pipe = crate::fd::pipe(libc::O_CLOEXEC).unwrap();
            let candidates = [path.to_owned()];
            // SAFETY: the child makes system calls only.
            let pid = unsafe { fork_exec(&options(&candidates, &arguments, pipe), None) }.unwrap();
            crate::fd::close(pipe.1).unwrap();
            // The child writes its report piece by piece; the end of the pipe is the end of it.
            let mut report = Vec::new();
            let mut buffer = [0; 32];
            loop {
                match crate::fd::read(pipe.0, &mut buffer).unwrap() {
                    0 => break,
                    n => report.extend_from_slice(&buffer[..n]),
                }
            }
            assert_eq!(report, text.as_bytes());
            let (_, raw) = crate::process::wait(pid, 0).unwrap();
            assert_eq!(crate::process::read_status(raw), crate::process::Status::Exited(status));
            crate::fd::close(pipe.0).unwrap();
        }
    }
}
