//! Masks, and waiting for signals.

use taipan_host::signal::{self as host, SignalInfo};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::{int, set};
use taipan_runtime::vm::Vm;

use super::os_error;
use crate::timearg::{self, Round};

static INFO: Spec = Spec {
    name: "signal.struct_siginfo",
    doc: "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\nThis object may be accessed either as a tuple of\n(si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band),\nor via the attributes si_signo, si_code, and so on.",
    fields: &[
        ("si_signo", "signal number"),
        ("si_code", "signal code"),
        ("si_errno", "errno associated with this signal"),
        ("si_pid", "sending process ID"),
        ("si_uid", "real user ID of sending process"),
        ("si_status", "exit value or signal"),
        ("si_band", "band event for SIGPOLL"),
    ],
    visible: 7,
    instantiable: true,
};

/// The class of what comes with a signal.
pub fn info_type(vm: &Vm) -> R {
    vm.interp_static("signal.struct_siginfo", |vm| structseq::new_type(vm, &INFO))
}

fn info(vm: &Vm, i: SignalInfo) -> R {
    let fields = vec![
        Value::from(i.signal),
        Value::from(i.code),
        Value::from(i.errno),
        Value::from(i.pid),
        Value::from(i.uid),
        Value::from(i.status),
        Value::from(i.band),
    ];
    structseq::new_instance(vm, &info_type(vm)?, fields)
}

/// Numbers of signals from an iterable.
///
/// Raises ValueError for a number that is no signal.
pub fn signals(vm: &Vm, v: &Value) -> R<Vec<i32>> {
    let mut out = Vec::new();
    vm.for_each(v, |item| {
        let n = int::index(vm, &item)?;
        let n = int::get(&n).and_then(int::IntRef::to_i64).unwrap_or(-1);
        if !(1..i64::from(host::COUNT)).contains(&n) {
            let most = host::COUNT - 1;
            return Err(vm.value_error(format!("signal number {n} out of range [1; {most}]")));
        }
        out.push(n as i32);
        Ok(())
    })?;
    Ok(out)
}

fn as_set(vm: &Vm, signals: Vec<i32>) -> R {
    Ok(set::from_vec(vm, signals.into_iter().map(Value::from).collect())?.into_value())
}

/// Wait until a signal arrives.
#[function]
pub fn pause(vm: &Vm) -> R<()> {
    vm.allow_threads(host::pause);
    vm.poll()
}

/// Fetch and/or change the signal mask of the calling thread.
#[function(sig = "(how, mask, /)")]
pub fn pthread_sigmask(vm: &Vm, how: i32, mask: &Value) -> R {
    let mask = signals(vm, mask)?;
    let old = host::mask(how, &mask).map_err(|e| os_error(vm, e))?;
    // A signal that was blocked may have come at once.
    vm.poll()?;
    as_set(vm, old)
}

/// Examine pending signals: those that were raised while they were blocked.
#[function]
pub fn sigpending(vm: &Vm) -> R {
    let list = host::blocked_pending().map_err(|e| os_error(vm, e))?;
    as_set(vm, list)
}

/// Wait for a signal of the set, and return its number.
#[function(sig = "(sigset, /)")]
pub fn sigwait(vm: &Vm, sigset: &Value) -> R<i32> {
    let list = signals(vm, sigset)?;
    vm.allow_threads(|| host::wait(&list)).map_err(|e| os_error(vm, e))
}

/// Wait synchronously until one of the signals in the set is delivered; return what came with it.
#[function(sig = "(sigset, /)")]
pub fn sigwaitinfo(vm: &Vm, sigset: &Value) -> R {
    let list = signals(vm, sigset)?;
    loop {
        match vm.allow_threads(|| host::wait_info(&list, None)) {
            Ok(i) => return info(vm, i),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(os_error(vm, e)),
        }
    }
}

/// Like sigwaitinfo(), but with a timeout in seconds; None when it is over.
#[function(sig = "(sigset, timeout, /)")]
pub fn sigtimedwait(vm: &Vm, sigset: &Value, timeout: &Value) -> R {
    let list = signals(vm, sigset)?;
    let n = timearg::nanoseconds(vm, timeout, Round::Ceiling)?;
    if n < 0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    let deadline = timearg::after(n);
    loop {
        let left = deadline.saturating_sub(taipan_host::clock::monotonic()).max(0);
        match vm.allow_threads(|| host::wait_info(&list, Some(left))) {
            Ok(i) => return info(vm, i),
            Err(e) if e.0 == libc::EAGAIN => return Ok(Value::NONE),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(os_error(vm, e)),
        }
    }
}

/// Return a set of valid signal numbers on this platform.
#[function]
pub fn valid_signals(vm: &Vm) -> R {
    as_set(vm, host::valid_signals())
}
