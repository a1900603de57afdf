//! Counters and timers that are descriptors.

use taipan_host::{fd as host_fd, timer};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

use super::files::retry;
use crate::timearg::{self, Round};
use crate::util::file_descriptor;

/// Creates and returns an event notification file descriptor.
#[function(sig = "(initval, flags=524288)")]
pub fn eventfd(vm: &Vm, initval: u32, #[default(0x8_0000)] flags: i32) -> R<i32> {
    host_fd::event_counter(initval, flags as u32).map_err(|e| vm.os_error(e.0, None))
}

/// Read eventfd value.
#[function(sig = "(fd)")]
pub fn eventfd_read(vm: &Vm, fd: &Value) -> R<u64> {
    let fd = file_descriptor(vm, fd)?;
    let mut buffer = [0u8; 8];
    retry(vm, || host_fd::read(fd, &mut buffer))?;
    Ok(u64::from_ne_bytes(buffer))
}

/// Write eventfd value.
#[function(sig = "(fd, value)")]
pub fn eventfd_write(vm: &Vm, fd: &Value, value: u64) -> R<()> {
    let fd = file_descriptor(vm, fd)?;
    retry(vm, || host_fd::write(fd, &value.to_ne_bytes())).map(drop)
}

/// Create and return a timer file descriptor.
#[function(sig = "(clockid, /, *, flags=524288)")]
pub fn timerfd_create(vm: &Vm, clockid: i32, #[default(0x8_0000)] flags: i32) -> R<i32> {
    timer::create(clockid, flags | libc::TFD_CLOEXEC).map_err(|e| vm.os_error(e.0, None))
}

fn seconds((value, interval): (i64, i64)) -> Value {
    let of = |n: i64| Value::from(n as f64 / 1e9);
    tuple::from_array([of(value), of(interval)]).into_value()
}

fn nanoseconds((value, interval): (i64, i64)) -> Value {
    tuple::from_array([Value::from(value), Value::from(interval)]).into_value()
}

/// Alter a timer file descriptor's internal timer in seconds.
#[function(sig = "(fd, /, *, flags=0, initial=0.0, interval=0.0)")]
pub fn timerfd_settime(vm: &Vm, fd: &Value, flags: i32, initial: Option<&Value>, interval: Option<&Value>) -> R {
    let fd = file_descriptor(vm, fd)?;
    let of = |v: Option<&Value>| v.map_or(Ok(0), |v| timearg::nanoseconds(vm, v, Round::Floor));
    let (initial, interval) = (of(initial)?, of(interval)?);
    timer::set(fd, flags, initial, interval).map(seconds).map_err(|e| vm.os_error(e.0, None))
}

/// Alter a timer file descriptor's internal timer in nanoseconds.
#[function(sig = "(fd, /, *, flags=0, initial=0, interval=0)")]
pub fn timerfd_settime_ns(vm: &Vm, fd: &Value, flags: i32, initial: i64, interval: i64) -> R {
    let fd = file_descriptor(vm, fd)?;
    timer::set(fd, flags, initial, interval).map(nanoseconds).map_err(|e| vm.os_error(e.0, None))
}

/// Return a tuple of a timer file descriptor's (interval, next expiration) in float seconds.
#[function(sig = "(fd, /)")]
pub fn timerfd_gettime(vm: &Vm, fd: &Value) -> R {
    let fd = file_descriptor(vm, fd)?;
    timer::get(fd).map(seconds).map_err(|e| vm.os_error(e.0, None))
}

/// Return a tuple of a timer file descriptor's (interval, next expiration) in nanoseconds.
#[function(sig = "(fd, /)")]
pub fn timerfd_gettime_ns(vm: &Vm, fd: &Value) -> R {
    let fd = file_descriptor(vm, fd)?;
    timer::get(fd).map(nanoseconds).map_err(|e| vm.os_error(e.0, None))
}
