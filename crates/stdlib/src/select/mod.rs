//! `select`: waiting for file descriptors.

mod epoll;
mod poll;

use taipan_host::poll::{PollEntry, poll as host_poll};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

use self::epoll::Epoll;
use crate::timearg::{self, Round};

module! {
    /// This module supports asynchronous I/O on multiple file descriptors.
    name = "select",
    functions(select, poll::poll),
    types(Epoll),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[poll::Poll::DEF, Epoll::DEF];

macro_rules! numbers {
    ($m:expr, $($name:ident)*) => { $($m.set(stringify!($name), libc::$name as u32);)* };
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("error", exc::OS_ERROR.value());
    numbers!(m, PIPE_BUF POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND
        POLLRDHUP EPOLLIN EPOLLOUT EPOLLPRI EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLET EPOLLONESHOT EPOLLRDNORM EPOLLRDBAND
        EPOLLWRNORM EPOLLWRBAND EPOLLMSG EPOLLEXCLUSIVE EPOLL_CLOEXEC);
    m.set("POLLMSG", 0x400);
    Ok(())
}

/// Milliseconds until a point of the monotonic clock, as `poll` takes them: -1 for ever.
fn milliseconds(deadline: Option<i64>) -> i32 {
    let Some(deadline) = deadline else { return -1 };
    let left = deadline.saturating_sub(taipan_host::clock::monotonic()).max(0);
    i32::try_from(left / 1_000_000 + i64::from(left % 1_000_000 != 0)).unwrap_or(i32::MAX)
}

fn is_over(deadline: Option<i64>) -> bool {
    deadline.is_some_and(|d| taipan_host::clock::monotonic() >= d)
}

/// Waits for descriptors until the monotonic clock reaches `deadline`. Signal handlers run meanwhile.
///
/// Raises OSError, and what signal handlers raise.
fn wait(vm: &Vm, entries: &mut [PollEntry], deadline: Option<i64>) -> R<usize> {
    loop {
        let most = milliseconds(deadline);
        match vm.allow_threads(|| host_poll(entries, most)) {
            // A very long wait takes several calls.
            Ok(0) if deadline.is_none() || !is_over(deadline) => {}
            Ok(n) => return Ok(n),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
}

/// Descriptors that `select` can take.
const FD_SETSIZE: i32 = 1024;

fn descriptors(vm: &Vm, v: &Value) -> R<Vec<(Value, i32)>> {
    let slots = v.ty().slots();
    if slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error("arguments 1-3 must be sequences"));
    }
    // A list is looked at as it is now and now: `fileno` may change it.
    let list = match v.downcast::<List>() {
        Some(l) => l.clone(),
        None => list::from_vec(vm.collect(v)?),
    };
    let mut out = Vec::new();
    while let Some(item) = list.get(out.len()) {
        let fd = crate::util::file_descriptor(vm, &item)?;
        if fd >= FD_SETSIZE || out.len() >= FD_SETSIZE as usize {
            return Err(vm.value_error(if fd >= FD_SETSIZE {
                "filedescriptor out of range in select()"
            } else {
                "too many file descriptors in select()"
            }));
        }
        out.push((item, fd));
    }
    Ok(out)
}

const READ: i16 = libc::POLLRDNORM | libc::POLLRDBAND | libc::POLLIN | libc::POLLHUP | libc::POLLERR;
const WRITE: i16 = libc::POLLWRBAND | libc::POLLWRNORM | libc::POLLOUT | libc::POLLERR;
const EXCEPT: i16 = libc::POLLPRI;

/// Wait until one or more file descriptors are ready for some kind of I/O.
///
/// The first three arguments are iterables of file descriptors to be waited for: for reading, for writing, for an
/// "exceptional condition". The optional timeout is in seconds; None waits for ever. The return value is a tuple of
/// three lists corresponding to the first three arguments; each contains the descriptors that are ready.
#[function(sig = "(rlist, wlist, xlist, timeout=None, /)")]
fn select(vm: &Vm, rlist: &Value, wlist: &Value, xlist: &Value, timeout: &Value) -> R {
    let deadline = if timeout.is_none() {
        None
    } else {
        let n = timearg::nanoseconds(vm, timeout, Round::Up).map_err(|r| {
            if !vm.raised_is(&exc::TYPE_ERROR) {
                return r;
            }
            drop(vm.catch(r));
            vm.type_error("timeout must be a float or None")
        })?;
        if n < 0 {
            return Err(vm.value_error("timeout must be non-negative"));
        }
        Some(timearg::after(n))
    };
    let lists = [descriptors(vm, rlist)?, descriptors(vm, wlist)?, descriptors(vm, xlist)?];
    let asked = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    let mut entries: Vec<PollEntry> = Vec::new();
    for (list, events) in lists.iter().zip(asked) {
        for (_, fd) in list {
            match entries.iter_mut().find(|e| e.fd == *fd) {
                Some(e) => e.events |= events,
                None => entries.push(PollEntry { fd: *fd, events, returned: 0 }),
            }
        }
    }
    wait(vm, &mut entries, deadline)?;
    if entries.iter().any(|e| e.returned & libc::POLLNVAL != 0) {
        return Err(vm.os_error(libc::EBADF, None));
    }
    let of = |list: &[(Value, i32)], mask: i16| {
        let ready = |fd: i32| entries.iter().any(|e| e.fd == fd && e.returned & mask != 0);
        list::from_vec(list.iter().filter(|(_, fd)| ready(*fd)).map(|(v, _)| v.clone()).collect()).into_value()
    };
    let [r, w, x] = &lists;
    Ok(tuple::from_array([of(r, READ), of(w, WRITE), of(x, EXCEPT)]).into_value())
}
