//! `select.poll`

use std::cell::Cell;

use taipan_host::poll::PollEntry;
use taipan_macros::{class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::{list, tuple};
use taipan_runtime::vm::Vm;

use super::wait;
use crate::timearg::{self, Round};
use crate::util::file_descriptor;

/// The payload of poll.
#[derive(taipan_macros::Trace)]
pub struct Poll {
    /// Descriptors and what is waited for, in the order of registration.
    #[no_trace]
    entries: PyCell<Vec<(i32, u16)>>,
    running: Cell<bool>,
}

/// Returns a polling object, which supports registering and unregistering file descriptors, and then polling them for
/// I/O events.
#[function]
pub fn poll(_vm: &Vm) -> Ref<Poll> {
    Ref::new(Poll { entries: PyCell::new(Vec::new()), running: Cell::new(false) })
}

/// The time-out of `poll` in milliseconds as a point of the monotonic clock.
///
/// Raises TypeError for what is no number, OverflowError for what is too large.
fn deadline(vm: &Vm, timeout: &Value) -> R<Option<i64>> {
    if timeout.is_none() {
        return Ok(None);
    }
    let n = timearg::milliseconds(vm, timeout, Round::Up).map_err(|r| {
        if !vm.raised_is(&exc::TYPE_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        vm.type_error("timeout must be an integer or None")
    })?;
    if n / 1_000_000 > i64::from(i32::MAX) || n / 1_000_000 < i64::from(i32::MIN) {
        return Err(vm.overflow_error("timeout is too large"));
    }
    Ok(if n < 0 { None } else { Some(timearg::after(n)) })
}

#[class(name = "poll", module = "select", flags(NO_NEW))]
impl Poll {
    /// Register a file descriptor with the polling object.
    #[method(sig = "(fd, eventmask=<unrepresentable>, /)")]
    fn register(vm: &Vm, this: &Ref<Poll>, fd: &Value, #[default(7)] eventmask: u16) -> R<()> {
        let fd = file_descriptor(vm, fd)?;
        let mut entries = this.entries.borrow_mut();
        match entries.iter_mut().find(|e| e.0 == fd) {
            Some(e) => e.1 = eventmask,
            None => entries.push((fd, eventmask)),
        }
        Ok(())
    }

    /// Modify an already registered file descriptor.
    #[method(sig = "(fd, eventmask, /)")]
    fn modify(vm: &Vm, this: &Ref<Poll>, fd: &Value, eventmask: u16) -> R<()> {
        let fd = file_descriptor(vm, fd)?;
        let known = match this.entries.borrow_mut().iter_mut().find(|e| e.0 == fd) {
            Some(e) => {
                e.1 = eventmask;
                true
            }
            None => false,
        };
        if known { Ok(()) } else { Err(vm.os_error(libc::ENOENT, None)) }
    }

    /// Remove a file descriptor being tracked by the polling object.
    #[method(sig = "(fd, /)")]
    fn unregister(vm: &Vm, this: &Ref<Poll>, fd: &Value) -> R<()> {
        let fd = file_descriptor(vm, fd)?;
        let mut entries = this.entries.borrow_mut();
        let known = entries.iter().position(|e| e.0 == fd);
        if let Some(i) = known {
            entries.remove(i);
            return Ok(());
        }
        drop(entries);
        Err(vm.key_error(&Value::from(fd)))
    }

    /// Polls the registered file descriptors, at most `timeout` milliseconds.
    ///
    /// Returns a list containing any descriptors that have events or errors to report, as a list of (fd, event)
    /// 2-tuples.
    #[method(sig = "(timeout=None, /)")]
    fn poll(vm: &Vm, this: &Ref<Poll>, timeout: &Value) -> R {
        let deadline = deadline(vm, timeout)?;
        if this.running.replace(true) {
            return Err(vm.runtime_error("concurrent poll() invocation"));
        }
        let of = |&(fd, events): &(i32, u16)| PollEntry { fd, events: events as i16, returned: 0 };
        let mut entries: Vec<PollEntry> = this.entries.borrow().iter().map(of).collect();
        let r = wait(vm, &mut entries, deadline);
        this.running.set(false);
        r?;
        let ready = entries.iter().filter(|e| e.returned != 0);
        let pair = |e: &PollEntry| {
            tuple::from_array([Value::from(e.fd), Value::from(i64::from(e.returned as u16))]).into_value()
        };
        Ok(list::from_vec(ready.map(pair).collect()).into_value())
    }
}
