//! `_signal`: Python's signal handlers, masks, timers.
//!
//! The system's handler only notes a signal (see `taipan_host::signal`); Python's handlers run in the main thread
//! when the loop looks at its eval breaker.

mod constants;
mod waiting;

pub use self::waiting::signals;

use taipan_host::signal::{self as host, Disposition};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{frame, int, str, tuple};
use taipan_runtime::vm::{Vm, breaker};

use crate::timearg::{self, Round};

module! {
    /// This module provides mechanisms to use signal handlers in Python.
    name = "_signal",
    functions(
        signal, getsignal, default_int_handler, raise_signal, strsignal, set_wakeup_fd, siginterrupt, alarm, setitimer,
        getitimer, pidfd_send_signal, pthread_kill,
        waiting::pause, waiting::pthread_sigmask, waiting::sigpending, waiting::sigwait, waiting::sigwaitinfo,
        waiting::sigtimedwait, waiting::valid_signals,
    ),
    exec = exec,
}

/// The error of the timers.
fn itimer_error(vm: &Vm) -> R {
    vm.interp_static("signal.itimer_error", |vm| crate::util::new_exception(vm, "signal", "itimer_error", &exc::OS_ERROR))
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    constants::add(m);
    m.set("ItimerError", itimer_error(vm)?);
    m.set("struct_siginfo", waiting::info_type(vm)?);
    let table = handlers(vm)?;
    if let Some(f) = m.dict.get_str("default_int_handler") {
        vm.interp().statics.borrow_mut().insert("signal.default_int_handler", f.clone());
        // A program that was started with the handler keeps it as its own.
        if host::current(libc::SIGINT) == Ok(Disposition::Note) && table.get(libc::SIGINT as usize).is_none_or(|h| h.is_none()) {
            put(&table, libc::SIGINT, f);
        }
    }
    Ok(())
}

/// The Python handlers by number; None for what Python did not install.
fn handlers(vm: &Vm) -> R<Ref<List>> {
    let v = vm.interp_static("signal.handlers", |_| {
        let of = |n| match host::current(n) {
            Ok(Disposition::Default) => Value::small(libc::SIG_DFL as i32),
            Ok(Disposition::Ignore) => Value::small(libc::SIG_IGN as i32),
            _ => Value::NONE,
        };
        Ok(list::from_vec((0..host::COUNT).map(of).collect()).into_value())
    })?;
    v.into_ref::<List>().map_err(|_| vm.system_error("the table of signal handlers is lost"))
}

fn put(table: &Ref<List>, signum: i32, handler: Value) -> Value {
    let mut items = table.items().borrow_mut();
    match usize::try_from(signum).ok().and_then(|i| items.get_mut(i)) {
        Some(slot) => std::mem::replace(slot, handler),
        None => Value::NONE,
    }
}

/// Prepares a program: SIGINT raises KeyboardInterrupt, broken pipes and files too large are errors, not ends.
///
/// Raises what importing `_signal` raises.
pub fn install(vm: &Vm) -> R<()> {
    listen(vm);
    for ignored in [libc::SIGPIPE, libc::SIGXFSZ] {
        let _ = host::install(ignored, Disposition::Ignore);
    }
    if host::current(libc::SIGINT) == Ok(Disposition::Default) {
        let _ = host::install(libc::SIGINT, Disposition::Note);
    }
    crate::import::native(vm, "_signal").map(drop)
}

/// Makes signals set this thread's eval breaker.
pub fn listen(vm: &Vm) {
    vm.interp().pending_hook.set(Some(pending));
    // SAFETY: a thread's state forgets the notice when it is dropped.
    unsafe { host::set_notice(vm.eval_breaker.word(), breaker::SIGNAL) };
}

/// Puts signals in order in a fork's child, whose only thread is the main one.
pub fn after_fork(vm: &Vm) {
    host::forget_pending();
    vm.eval_breaker.remove(breaker::SIGNAL);
    if vm.interp().pending_hook.get().is_some() {
        listen(vm);
    }
}

/// What the eval breaker asks for: runs the handlers of the signals that came.
fn pending(vm: &Vm, bits: u32) -> R<()> {
    if bits & breaker::SIGNAL == 0 || !in_main(vm) {
        return Ok(());
    }
    if let Some(e) = host::take_wakeup_error() {
        let raised = vm.os_error(e.0, None);
        vm.unraisable(raised, Some("Exception ignored while trying to write to the signal wakeup fd"), &Value::NONE);
    }
    let table = handlers(vm)?;
    let mut signals = host::take_pending();
    while let Some(signum) = signals.next() {
        let handler = table.get(signum as usize).unwrap_or(Value::NONE);
        if handler.ty().slots().call.is_none() {
            // Somebody has changed the handler since the signal came.
            let text = format!("Signal {signum} ignored due to race condition");
            let raised = vm.raise_msg(&exc::OS_ERROR, &text);
            vm.unraisable(raised, None, &Value::NONE);
            continue;
        }
        let here = frame::current(vm).unwrap_or(Value::NONE);
        if let Err(raised) = vm.call(&handler, &[Value::from(signum), here]) {
            signals.for_each(host::put_back);
            return Err(raised);
        }
    }
    Ok(())
}

/// Notes a signal as if it had come, unless it is ignored or has the default action.
pub fn simulate(vm: &Vm, signum: i32) {
    let Ok(table) = handlers(vm).map_err(|r| drop(vm.catch(r))) else { return };
    let handler = table.get(signum as usize).unwrap_or(Value::NONE);
    if handler.is_none() || handler.ty().slots().call.is_some() {
        let _ = host::simulate(signum);
    }
}

/// At the end of the program: Python's handlers are gone.
pub fn end(vm: &Vm) {
    let Ok(table) = handlers(vm).map_err(|r| drop(vm.catch(r))) else { return };
    for signum in 1..host::COUNT {
        let old = put(&table, signum, Value::NONE);
        if old.ty().slots().call.is_some() {
            let _ = host::install(signum, Disposition::Default);
        }
    }
}

fn check_number(vm: &Vm, signum: i32) -> R<()> {
    if (1..host::COUNT).contains(&signum) { Ok(()) } else { Err(vm.value_error("signal number out of range")) }
}

fn os_error(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}

/// Whether this is the main thread of the main interpreter.
fn in_main(vm: &Vm) -> bool {
    vm.is_main() && vm.interp().is_main()
}

/// Set the action for the given signal.
///
/// The action can be SIG_DFL, SIG_IGN, or a callable Python object. The previous action is returned.
#[function(sig = "(signalnum, handler, /)")]
fn signal(vm: &Vm, signalnum: i32, handler: &Value) -> R {
    if !in_main(vm) {
        return Err(vm.value_error("signal only works in main thread of the main interpreter"));
    }
    check_number(vm, signalnum)?;
    let number = int::get(handler).filter(|_| handler.ty().is(int::INT.get())).and_then(int::IntRef::to_i64);
    let disposition = match number {
        Some(0) => Disposition::Default,
        Some(1) => Disposition::Ignore,
        _ if handler.ty().slots().call.is_none() => {
            let text = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
            return Err(vm.type_error(text));
        }
        _ => Disposition::Note,
    };
    vm.poll()?;
    host::install(signalnum, disposition).map_err(|e| os_error(vm, e))?;
    let old = put(&handlers(vm)?, signalnum, handler.clone());
    if vm.interp().pending_hook.get().is_none() {
        listen(vm);
    }
    Ok(old)
}

/// Return the current action for the given signal.
#[function(sig = "(signalnum, /)")]
fn getsignal(vm: &Vm, signalnum: i32) -> R {
    check_number(vm, signalnum)?;
    Ok(handlers(vm)?.get(signalnum as usize).unwrap_or(Value::NONE))
}

/// The default handler for SIGINT installed by Python: it raises KeyboardInterrupt.
#[function(sig = "(signalnum, frame, /)")]
fn default_int_handler(vm: &Vm, _signalnum: i32, _frame: &Value) -> R {
    Err(vm.raise_new(exc::KEYBOARD_INTERRUPT.get(), Vec::new()))
}

/// Send a signal to the executing process.
#[function(sig = "(signalnum, /)")]
fn raise_signal(vm: &Vm, signalnum: i32) -> R<()> {
    vm.allow_threads(|| host::raise(signalnum)).map_err(|e| os_error(vm, e))?;
    vm.poll()
}

/// Return the system description of the given signal, or None.
#[function(sig = "(signalnum, /)")]
fn strsignal(vm: &Vm, signalnum: i32) -> R<Option<String>> {
    check_number(vm, signalnum)?;
    Ok(host::describe(signalnum))
}

/// Sets the fd to be written to (with the signal number) when a signal comes in; returns the previous one, or -1.
#[function(sig = "(fd, /, *, warn_on_full_buffer=True)")]
fn set_wakeup_fd(vm: &Vm, fd: i32, warn_on_full_buffer: bool) -> R<i32> {
    if !in_main(vm) {
        return Err(vm.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if fd != -1 {
        taipan_host::fs::stat_descriptor(fd).map_err(|e| os_error(vm, e))?;
        if taipan_host::fd::blocking(fd).map_err(|e| os_error(vm, e))? {
            return Err(vm.value_error(format!("the fd {fd} must be in non-blocking mode")));
        }
    }
    Ok(host::set_wakeup(fd, warn_on_full_buffer))
}

/// Change system call restart behaviour: if flag is False, system calls will be restarted when interrupted.
#[function(sig = "(signalnum, flag, /)")]
fn siginterrupt(vm: &Vm, signalnum: i32, flag: i32) -> R<()> {
    check_number(vm, signalnum)?;
    host::interrupts(signalnum, flag != 0).map_err(|e| os_error(vm, e))
}

/// Arrange for SIGALRM to arrive after the given number of seconds.
#[function(sig = "(seconds, /)")]
fn alarm(_vm: &Vm, seconds: i32) -> u32 {
    host::alarm(seconds as u32)
}

/// Seconds, at least as many microseconds as were asked for.
fn timer_seconds(vm: &Vm, v: &Value) -> R<f64> {
    let n = timearg::nanoseconds(vm, v, Round::Ceiling)?;
    let micros = n.div_euclid(1000) + i64::from(n.rem_euclid(1000) != 0);
    Ok(micros as f64 / 1e6)
}

fn timer_error(vm: &Vm, e: taipan_host::Errno) -> Raised {
    let class = match itimer_error(vm) {
        Ok(c) => c,
        Err(r) => return r,
    };
    match class.as_type() {
        Some(t) => {
            let t: &TypeObject = t;
            vm.raise_new(t, vec![Value::from(e.0), str::from_str(&e.message())])
        }
        None => os_error(vm, e),
    }
}

fn pair((a, b): (f64, f64)) -> Value {
    tuple::from_array([Value::from(a), Value::from(b)]).into_value()
}

/// Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).
///
/// The timer will fire after value seconds and after that every interval seconds. The itimer can be cleared by
/// setting seconds to zero. Returns old values as a tuple: (delay, interval).
#[function(sig = "(which, seconds, interval=0.0, /)")]
fn setitimer(vm: &Vm, which: i32, seconds: &Value, interval: Option<&Value>) -> R {
    let delay = timer_seconds(vm, seconds)?;
    let interval = interval.map_or(Ok(0.0), |v| timer_seconds(vm, v))?;
    host::set_timer(which, delay, interval).map(pair).map_err(|e| timer_error(vm, e))
}

/// Returns current value of given itimer.
#[function(sig = "(which, /)")]
fn getitimer(vm: &Vm, which: i32) -> R {
    host::get_timer(which).map(pair).map_err(|e| timer_error(vm, e))
}

/// Send a signal to a process referred to by a pid file descriptor.
#[function(sig = "(pidfd, signalnum, siginfo=None, flags=0, /)")]
fn pidfd_send_signal(vm: &Vm, pidfd: i32, signalnum: i32, siginfo: &Value, flags: i32) -> R<()> {
    if !siginfo.is_none() {
        return Err(vm.type_error("siginfo must be None"));
    }
    taipan_host::process::signal_descriptor(pidfd, signalnum, flags as u32).map_err(|e| os_error(vm, e))?;
    vm.poll()
}

/// Send a signal to a thread.
#[function(sig = "(thread_id, signalnum, /)")]
fn pthread_kill(vm: &Vm, thread_id: u64, signalnum: i32) -> R<()> {
    let audit = [Value::from(thread_id), Value::from(signalnum)];
    crate::util::audit(vm, "signal.pthread_kill", &audit)?;
    host::send_to_thread(thread_id, signalnum).map_err(|e| os_error(vm, e))?;
    vm.poll()
}
