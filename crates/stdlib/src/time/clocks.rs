//! The clocks.

use taipan_host::clock;
use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{namespace, str};
use taipan_runtime::vm::Vm;

use crate::timearg::{self, Round};

/// Sets the numbers of the clocks.
pub fn add(m: &Ref<Module>) {
    for (name, n) in [
        ("CLOCK_REALTIME", libc::CLOCK_REALTIME),
        ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC),
        ("CLOCK_MONOTONIC_RAW", libc::CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID),
        ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", libc::CLOCK_BOOTTIME),
        ("CLOCK_TAI", libc::CLOCK_TAI),
    ] {
        m.set(name, n);
    }
}

fn seconds(nanoseconds: i64) -> f64 {
    if nanoseconds % 1_000_000_000 == 0 { (nanoseconds / 1_000_000_000) as f64 } else { nanoseconds as f64 / 1e9 }
}

macro_rules! clocks {
    ($($(#[$doc:meta])* $name:ident $ns:ident = $get:expr;)*) => {$(
        $(#[$doc])*
        #[function]
        pub fn $name(_vm: &Vm) -> f64 {
            seconds($get)
        }

        $(#[$doc])*
        ///
        /// In nanoseconds, as an int.
        #[function]
        pub fn $ns(_vm: &Vm) -> i64 {
            $get
        }
    )*};
}

clocks! {
    /// Return the current time in seconds since the Epoch.
    time time_ns = clock::real();
    /// Monotonic clock, cannot go backward.
    monotonic monotonic_ns = clock::monotonic();
    /// Performance counter for benchmarking.
    perf_counter perf_counter_ns = clock::monotonic();
    /// Process time for profiling: sum of the kernel and user-space CPU time.
    process_time process_time_ns = clock::process();
    /// Thread time for profiling: sum of the kernel and user-space CPU time.
    thread_time thread_time_ns = clock::thread();
}

fn failed(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}

/// Return the time of the specified clock clk_id as a float.
#[function(sig = "(clk_id, /)")]
pub fn clock_gettime(vm: &Vm, clk_id: i32) -> R<f64> {
    clock::get(clk_id).map(seconds).map_err(|e| failed(vm, e))
}

/// Return the time of the specified clock clk_id as nanoseconds (int).
#[function(sig = "(clk_id, /)")]
pub fn clock_gettime_ns(vm: &Vm, clk_id: i32) -> R<i64> {
    clock::get(clk_id).map_err(|e| failed(vm, e))
}

/// Set the time of the specified clock clk_id.
#[function(sig = "(clk_id, time, /)")]
pub fn clock_settime(vm: &Vm, clk_id: i32, time: &Value) -> R<()> {
    let n = timearg::nanoseconds(vm, time, Round::Floor)?;
    clock::set(clk_id, n).map_err(|e| failed(vm, e))
}

/// Set the time of the specified clock clk_id with nanoseconds.
#[function(sig = "(clk_id, time, /)")]
pub fn clock_settime_ns(vm: &Vm, clk_id: i32, time: i64) -> R<()> {
    clock::set(clk_id, time).map_err(|e| failed(vm, e))
}

/// Return the resolution (precision) of the specified clock clk_id.
#[function(sig = "(clk_id, /)")]
pub fn clock_getres(vm: &Vm, clk_id: i32) -> R<f64> {
    clock::resolution(clk_id).map(|n| n as f64 / 1e9).map_err(|e| failed(vm, e))
}

/// Return the clk_id of a thread's CPU time clock.
#[function(sig = "(thread_id, /)")]
pub fn pthread_getcpuclockid(vm: &Vm, thread_id: u64) -> R<i32> {
    clock::of_thread(thread_id).map_err(|e| failed(vm, e))
}

/// Get information of the specified clock.
#[function(sig = "(name, /)")]
pub fn get_clock_info(vm: &Vm, name: &str) -> R {
    let (id, shown, monotonic, adjustable) = match name {
        "time" => (libc::CLOCK_REALTIME, "CLOCK_REALTIME", false, true),
        "monotonic" | "perf_counter" => (libc::CLOCK_MONOTONIC, "CLOCK_MONOTONIC", true, false),
        "process_time" => (libc::CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID", true, false),
        "thread_time" => (libc::CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID", true, false),
        _ => return Err(vm.value_error("unknown clock")),
    };
    let resolution = clock::resolution(id).map_err(|e| failed(vm, e))? as f64 / 1e9;
    Ok(namespace::new(&[
        ("implementation", str::from_str(&format!("clock_gettime({shown})"))),
        ("monotonic", Value::bool(monotonic)),
        ("adjustable", Value::bool(adjustable)),
        ("resolution", Value::from(resolution)),
    ]))
}
