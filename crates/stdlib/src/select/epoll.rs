//! `select.epoll`

use std::cell::Cell;

use taipan_host::poll::{self as host, EpollChange};
use taipan_macros::class;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{list, str, tuple};
use taipan_runtime::vm::Vm;

use super::{is_over, milliseconds};
use crate::timearg::{self, Round};
use crate::util::file_descriptor;

/// The payload of epoll.
#[derive(taipan_macros::Trace)]
pub struct Epoll {
    /// The set's descriptor, -1 when closed.
    fd: Cell<i32>,
}

const DEFAULT: u32 = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;

impl Epoll {
    fn close_set(&self) -> taipan_host::Result<()> {
        let fd = self.fd.replace(-1);
        if fd >= 0 { taipan_host::fd::close(fd) } else { Ok(()) }
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        let _ = self.close_set();
    }
}

fn open(vm: &Vm, this: &Ref<Epoll>) -> R<i32> {
    match this.fd.get() {
        -1 => Err(vm.value_error("I/O operation on closed epoll object")),
        fd => Ok(fd),
    }
}

fn failed(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}

fn change(vm: &Vm, this: &Ref<Epoll>, fd: &Value, what: EpollChange) -> R<()> {
    let set = open(vm, this)?;
    let fd = file_descriptor(vm, fd)?;
    vm.allow_threads(|| host::epoll_control(set, fd, what)).map_err(|e| failed(vm, e))
}

/// The time-out in seconds as a point of the monotonic clock.
fn deadline(vm: &Vm, timeout: &Value) -> R<Option<i64>> {
    if timeout.is_none() {
        return Ok(None);
    }
    let n = timearg::nanoseconds(vm, timeout, Round::Up).map_err(|r| {
        if !vm.raised_is(&exc::TYPE_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        vm.type_error("timeout must be an integer or None")
    })?;
    if n / 1_000_000 > i64::from(i32::MAX) {
        return Err(vm.overflow_error("timeout is too large"));
    }
    Ok(if n < 0 { None } else { Some(timearg::after(n)) })
}

/// Returns an epolling object.
///
/// sizehint must be a positive integer or -1 for the default size; it is otherwise ignored. flags is deprecated and
/// must be 0 or EPOLL_CLOEXEC, which is always used.
#[class(name = "epoll", module = "select", sig = "(sizehint=-1, flags=0)")]
impl Epoll {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, sizehint: i32, flags: i32) -> R {
        if sizehint != -1 && sizehint <= 0 {
            return Err(vm.value_error("negative sizehint"));
        }
        if flags != 0 && flags != libc::EPOLL_CLOEXEC {
            return Err(vm.raise_new(exc::OS_ERROR.get(), vec![str::from_str("invalid flags")]));
        }
        let fd = host::epoll_create().map_err(|e| failed(vm, e))?;
        Ok(Ref::new(Epoll { fd: Cell::new(fd) }).into_value())
    }

    /// Create an epoll object from a given control fd.
    #[classmethod(sig = "(fd, /)")]
    fn fromfd(_vm: &Vm, _cls: &TypeObject, fd: i32) -> Ref<Epoll> {
        Ref::new(Epoll { fd: Cell::new(fd) })
    }

    /// Close the epoll control file descriptor. Further operations on the epoll object will raise an exception.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Epoll>) -> R<()> {
        this.close_set().map_err(|e| failed(vm, e))
    }

    /// True if the epoll handler is closed
    #[getter]
    fn closed(_vm: &Vm, this: &Ref<Epoll>) -> bool {
        this.fd.get() < 0
    }

    /// Return the epoll control file descriptor.
    #[method(sig = "()")]
    fn fileno(vm: &Vm, this: &Ref<Epoll>) -> R<i32> {
        open(vm, this)
    }

    /// Registers a new fd or raises an OSError if the fd is already registered.
    #[method(sig = "(fd, eventmask=<unrepresentable>)")]
    fn register(vm: &Vm, this: &Ref<Epoll>, fd: &Value, #[default(Mask(DEFAULT))] eventmask: Mask) -> R<()> {
        change(vm, this, fd, EpollChange::Add(eventmask.0))
    }

    /// Modify event mask for a registered file descriptor.
    #[method(sig = "(fd, eventmask)")]
    fn modify(vm: &Vm, this: &Ref<Epoll>, fd: &Value, eventmask: Mask) -> R<()> {
        change(vm, this, fd, EpollChange::Modify(eventmask.0))
    }

    /// Remove a registered file descriptor from the epoll object.
    #[method(sig = "(fd)")]
    fn unregister(vm: &Vm, this: &Ref<Epoll>, fd: &Value) -> R<()> {
        change(vm, this, fd, EpollChange::Remove)
    }

    /// Wait for events on the epoll file descriptor, at most `timeout` seconds; at most maxevents are reported.
    ///
    /// Returns a list containing any descriptors that have events to report, as a list of (fd, events) 2-tuples.
    #[method(sig = "(timeout=None, maxevents=-1)")]
    fn poll(vm: &Vm, this: &Ref<Epoll>, timeout: &Value, maxevents: i32) -> R {
        open(vm, this)?;
        let deadline = deadline(vm, timeout)?;
        let most = match maxevents {
            -1 => 1023,
            n if n < 1 => return Err(vm.value_error(format!("maxevents must be greater than 0, got {n}"))),
            n => n as usize,
        };
        loop {
            let set = open(vm, this)?;
            let wait = milliseconds(deadline);
            match vm.allow_threads(|| host::epoll_wait(set, most, wait)) {
                Ok(events) if events.is_empty() && (deadline.is_none() || !is_over(deadline)) => {}
                Ok(events) => {
                    let pair = |(fd, events): (i32, u32)| tuple::from_array([Value::from(fd), Value::from(events)]).into_value();
                    return Ok(list::from_vec(events.into_iter().map(pair).collect()).into_value());
                }
                Err(e) if e.0 == libc::EINTR => vm.poll()?,
                Err(e) => return Err(failed(vm, e)),
            }
        }
    }

    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Epoll>) -> R {
        open(vm, this)?;
        Ok(this.value().clone())
    }

    #[method(sig = "(exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(vm: &Vm, this: &Ref<Epoll>, _exc_type: &Value, _exc_value: &Value, _exc_tb: &Value) -> R<()> {
        this.close_set().map_err(|e| failed(vm, e))
    }
}

/// Bits of events: any int.
struct Mask(u32);

impl<'a> taipan_runtime::native::FromArg<'a> for Mask {
    fn from_arg(vm: &Vm, v: &'a Value, at: taipan_runtime::native::At) -> R<Self> {
        i64::from_arg(vm, v, at).map(|n| Self(n as u32))
    }
}
