//! Terminals.

use taipan_host::{Errno, terminal};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::{structseq, tuple};
use taipan_runtime::vm::Vm;

use super::paths::decode;

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// Return True if the fd is connected to a terminal.
#[function(sig = "(fd, /)")]
pub fn isatty(_vm: &Vm, fd: i32) -> bool {
    terminal::is_terminal(fd)
}

/// Return the name of the terminal device connected to 'fd'.
#[function(sig = "(fd, /)")]
pub fn ttyname(vm: &Vm, fd: i32) -> R {
    plain(vm, terminal::name(fd)).map(|n| decode(&n))
}

/// Return the name of the controlling terminal for this process.
#[function]
pub fn ctermid(_vm: &Vm) -> Value {
    decode(terminal::controlling_path().to_bytes())
}

/// Return the size of the terminal window as (columns, lines).
#[function(sig = "(fd=<unrepresentable>, /)")]
pub fn get_terminal_size(vm: &Vm, #[default(1)] fd: i32) -> R {
    let (columns, lines) = plain(vm, terminal::size(fd))?;
    let class = super::system::terminal_size_type(vm)?;
    structseq::new_instance(vm, &class, vec![Value::from(columns), Value::from(lines)])
}

/// Open a pseudo-terminal.
///
/// Return a tuple of (master_fd, slave_fd) containing open file descriptors for both the master and slave ends.
#[function]
pub fn openpty(vm: &Vm) -> R {
    let (a, b) = plain(vm, terminal::open_pair())?;
    Ok(tuple::from_array([Value::from(a), Value::from(b)]).into_value())
}

/// Open and return a file descriptor for a master pseudo-terminal device.
#[function(sig = "(oflag, /)")]
pub fn posix_openpt(vm: &Vm, oflag: i32) -> R<i32> {
    plain(vm, terminal::open_controlling(oflag | libc::O_CLOEXEC))
}

/// Grant access to the slave pseudo-terminal device.
#[function(sig = "(fd, /)")]
pub fn grantpt(vm: &Vm, fd: i32) -> R<()> {
    plain(vm, terminal::grant(fd))
}

/// Unlock a pseudo-terminal master/slave pair.
#[function(sig = "(fd, /)")]
pub fn unlockpt(vm: &Vm, fd: i32) -> R<()> {
    plain(vm, terminal::unlock(fd))
}

/// Return the name of the slave pseudo-terminal device.
#[function(sig = "(fd, /)")]
pub fn ptsname(vm: &Vm, fd: i32) -> R {
    plain(vm, terminal::controlled_path(fd)).map(|p| decode(&p))
}

/// Prepare the tty of which fd is a file descriptor for a new login session.
#[function(sig = "(fd, /)")]
pub fn login_tty(vm: &Vm, fd: i32) -> R<()> {
    plain(vm, terminal::login(fd))
}

/// Return the process group associated with the terminal specified by fd.
#[function(sig = "(fd, /)")]
pub fn tcgetpgrp(vm: &Vm, fd: i32) -> R<i32> {
    plain(vm, terminal::foreground_group(fd))
}

/// Set the process group associated with the terminal specified by fd.
#[function(sig = "(fd, pgid, /)")]
pub fn tcsetpgrp(vm: &Vm, fd: i32, pgid: i32) -> R<()> {
    plain(vm, terminal::set_foreground_group(fd, pgid))
}

/// Return the actual login name.
#[function]
pub fn getlogin(vm: &Vm) -> R {
    plain(vm, terminal::login_name()).map(|n| decode(&n))
}

/// Return a string describing the encoding of a terminal's file descriptor.
#[function(sig = "(fd)")]
pub fn device_encoding(_vm: &Vm, fd: i32) -> Option<&'static str> {
    terminal::is_terminal(fd).then_some("UTF-8")
}
