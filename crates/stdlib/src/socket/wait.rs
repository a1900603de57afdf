//! Calls that may wait: time-outs, signals, other threads.

use taipan_host::Errno;
use taipan_host::poll::{PollEntry, poll};
use taipan_runtime::core::{R, Raised};
use taipan_runtime::vm::Vm;

use super::object::Socket;
use crate::timearg;

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum For {
    /// Something to read, or somebody who connects.
    Reading,
    /// Room to write.
    Writing,
}

/// Why a call did not succeed.
pub enum Failure {
    /// A signal's handler has raised.
    Raised(Raised),
    /// The system refused.
    System(Errno),
    /// Time is up.
    TimedOut,
}

impl Failure {
    /// As an exception.
    #[cold]
    pub fn raise(self, vm: &Vm) -> Raised {
        match self {
            Self::Raised(r) => r,
            Self::System(e) => super::failed(vm, e),
            Self::TimedOut => vm.raise_msg(&taipan_runtime::types::exceptions::TIMEOUT_ERROR, "timed out"),
        }
    }
}

/// When a call has to be done.
#[derive(Clone, Copy)]
pub struct Limit {
    /// The socket's time-out in nanoseconds: negative for none, 0 for not waiting at all.
    timeout: i64,
    /// The point of the monotonic clock, once the clock was looked at.
    deadline: Option<i64>,
}

impl Limit {
    /// That of a socket, from now.
    pub fn of(socket: &Socket) -> Self {
        Self { timeout: socket.timeout.get(), deadline: None }
    }

    /// Whether there is an end to the waiting.
    pub fn is_some(&self) -> bool {
        self.timeout > 0
    }

    /// Whether time is up.
    pub fn is_over(&mut self) -> bool {
        self.is_some() && self.left() == 0
    }

    /// Milliseconds left, rounded up, -1 for ever.
    fn left(&mut self) -> i32 {
        if self.timeout < 0 {
            return -1;
        }
        let deadline = *self.deadline.get_or_insert_with(|| timearg::after(self.timeout));
        let left = deadline.saturating_sub(taipan_host::clock::monotonic()).max(0);
        i32::try_from(left.saturating_add(999_999) / 1_000_000).unwrap_or(i32::MAX)
    }
}

/// Waits until a socket is ready.
pub fn ready(vm: &Vm, socket: &Socket, what: For, limit: &mut Limit) -> Result<(), Failure> {
    loop {
        let fd = socket.fd.get();
        if fd < 0 {
            // The call itself will say what is wrong.
            return Ok(());
        }
        let events = if what == For::Reading { libc::POLLIN } else { libc::POLLOUT };
        let mut entry = [PollEntry { fd, events, returned: 0 }];
        let most = limit.left();
        match vm.allow_threads(|| poll(&mut entry, most)) {
            Ok(0) if most == i32::MAX => {}
            Ok(0) => return Err(Failure::TimedOut),
            Ok(_) => return Ok(()),
            Err(e) if e.0 == libc::EINTR => vm.poll().map_err(Failure::Raised)?,
            Err(e) => return Err(Failure::System(e)),
        }
    }
}

/// Makes a call on a socket with the flags that it shall have, again and again until it is not to wait any more.
///
/// A socket with a time-out is asked first and waited for only if it is not ready: `MSG_DONTWAIT` keeps the call itself
/// from waiting, even if somebody else has made the descriptor blocking. With `first` it is waited for first, for
/// calls that have no flags.
pub fn attempt<T: Send>(
    vm: &Vm,
    socket: &Socket,
    what: For,
    limit: &mut Limit,
    first: bool,
    mut call: impl FnMut(i32, i32) -> taipan_host::Result<T> + Send,
) -> Result<T, Failure> {
    let flags = if limit.is_some() { libc::MSG_DONTWAIT } else { 0 };
    if first && limit.is_some() {
        ready(vm, socket, what, limit)?;
    }
    loop {
        let fd = socket.fd.get();
        match vm.allow_threads(|| call(fd, flags)) {
            Ok(v) => return Ok(v),
            Err(e) if e.0 == libc::EINTR => vm.poll().map_err(Failure::Raised)?,
            Err(e) if e.0 == libc::EAGAIN && limit.is_some() => ready(vm, socket, what, limit)?,
            Err(e) => return Err(Failure::System(e)),
        }
    }
}

/// As [`attempt`], within the socket's time-out.
///
/// Raises OSError, TimeoutError, and what signal handlers raise.
pub fn call<T: Send>(
    vm: &Vm,
    socket: &Socket,
    what: For,
    f: impl FnMut(i32, i32) -> taipan_host::Result<T> + Send,
) -> R<T> {
    attempt(vm, socket, what, &mut Limit::of(socket), false, f).map_err(|e| e.raise(vm))
}
