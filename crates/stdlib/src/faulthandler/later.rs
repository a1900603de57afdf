//! Tracebacks of programs that take too long.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::{Vm, dump};

use super::{keep, target};
use crate::timearg::{self, Round};

#[derive(Default)]
struct Stop {
    wanted: Mutex<bool>,
    changed: Condvar,
}

struct Watchdog {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
    /// The interpreter that it belongs to, by its number.
    home: i64,
}

static RUNNING: Mutex<Option<Watchdog>> = Mutex::new(None);

/// A thread's state on its way to its thread.
struct Parcel(Box<Vm>);

// SAFETY: it is given away whole.
unsafe impl Send for Parcel {}

/// How long the watchdog waits for the interpreter's lock before it looks without it.
const PATIENCE: Duration = Duration::from_millis(500);

fn shown(microseconds: u64) -> String {
    let (seconds, micros) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if micros == 0 { format!("Timeout ({h}:{m:02}:{s:02})!\n") } else { format!("Timeout ({h}:{m:02}:{s:02}.{micros:06})!\n") }
}

fn watch(vm: &Vm, stop: &Stop, time: Duration, repeat: bool, fd: i32, exit: bool, header: &str) {
    let mut wanted = stop.wanted.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let r = stop.changed.wait_timeout_while(wanted, time, |w| !*w).unwrap_or_else(PoisonError::into_inner);
        wanted = r.0;
        if *wanted {
            return;
        }
        // The threads stand still while we have the lock, or one of them hangs and so stands still as well.
        let taken = vm.interp().gil.take_within(vm, PATIENCE);
        dump::put(fd, header.as_bytes());
        dump::dump_all(fd, false);
        if taken {
            vm.interp().gil.release(vm);
        }
        if exit {
            taipan_host::process::exit_now(1);
        }
        if !repeat {
            return;
        }
    }
}

fn cancel() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(w) = running {
        *w.stop.wanted.lock().unwrap_or_else(PoisonError::into_inner) = true;
        w.stop.changed.notify_all();
        let _ = w.thread.join();
    }
}

/// Dump the traceback of all threads in timeout seconds, or each timeout seconds if repeat is True.
///
/// If exit is True, call _exit(1) which is not safe.
#[function(sig = "(timeout, repeat=False, file=sys.stderr, exit=False)")]
pub fn dump_traceback_later(vm: &Vm, timeout: &Value, repeat: bool, file: Option<&Value>, exit: bool) -> R<()> {
    let n = timearg::nanoseconds(vm, timeout, Round::Up)?;
    if n <= 0 {
        return Err(vm.value_error("timeout must be greater than 0"));
    }
    let microseconds = (n as u64).div_ceil(1000);
    let (fd, file) = target(vm, file)?;
    vm.allow_threads(cancel);
    keep(vm, "faulthandler.later_file", file);
    dump::show_threads_of(vm.interp());
    let header = shown(microseconds);
    let time = Duration::from_micros(microseconds);
    let stop = Arc::new(Stop::default());
    let Some(state) = Vm::new(vm.interp()) else {
        return Err(vm.runtime_error("unable to start watchdog thread"));
    };
    let (mine, parcel) = (stop.clone(), Parcel(state));
    let spawned = std::thread::Builder::new().spawn(move || {
        let parcel = parcel;
        watch(&parcel.0, &mine, time, repeat, fd, exit, &header);
    });
    match spawned {
        Ok(thread) => {
            *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(Watchdog { stop, thread, home: vm.interp().member.id });
            Ok(())
        }
        Err(_) => Err(vm.runtime_error("unable to start watchdog thread")),
    }
}

/// Cancel the previous call to dump_traceback_later().
#[function]
pub fn cancel_dump_traceback_later(vm: &Vm) {
    vm.allow_threads(cancel);
    keep(vm, "faulthandler.later_file", Value::NONE);
}

/// Stops the watchdog before its interpreter ends.
pub fn end(vm: &Vm) {
    let home = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|w| w.home);
    if vm.interp().is_main() || home == Some(vm.interp().member.id) {
        vm.allow_threads(cancel);
    }
}
