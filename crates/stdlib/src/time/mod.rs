//! `time`: clocks, sleeping, broken-down times.

mod clocks;
mod moment;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;

use crate::timearg::{self, Round};

module! {
    /// This module provides various functions to manipulate time values.
    ///
    /// There are two standard representations of time. One is the number of seconds since the Epoch, in UTC (a.k.a. GMT).
    /// It may be an integer or a floating-point number (to represent fractions of seconds). The other representation is
    /// a tuple of 9 integers giving local time.
    name = "time",
    functions(
        clocks::time, clocks::time_ns, clocks::monotonic, clocks::monotonic_ns, clocks::perf_counter, clocks::perf_counter_ns,
        clocks::process_time, clocks::process_time_ns, clocks::thread_time, clocks::thread_time_ns, clocks::clock_gettime,
        clocks::clock_gettime_ns, clocks::clock_settime, clocks::clock_settime_ns, clocks::clock_getres,
        clocks::pthread_getcpuclockid, clocks::get_clock_info,
        sleep, tzset, strptime,
        moment::gmtime, moment::localtime, moment::mktime, moment::asctime, moment::ctime, moment::strftime,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("struct_time", moment::class(vm)?);
    m.set("_STRUCT_TM_ITEMS", 11);
    clocks::add(m);
    zone(m);
    Ok(())
}

fn zone(m: &Module) {
    taipan_host::calendar::reload_zone();
    let z = taipan_host::calendar::zone();
    m.set("timezone", z.west);
    m.set("altzone", z.west - 3600);
    m.set("daylight", i32::from(z.summer));
    let names = z.names.map(|n| crate::posix::fs_decode(n.as_bytes()));
    m.set("tzname", tuple::from_array(names));
}

/// Initialize, or reinitialize, the local timezone to the value stored in the environment variable TZ.
#[function]
fn tzset(vm: &Vm) {
    if let Some(m) = vm.interp().modules().get_str("time")
        && let Some(m) = m.downcast::<Module>()
    {
        zone(m);
    }
}

/// Delay execution for a given number of seconds.
#[function(sig = "(seconds, /)")]
fn sleep(vm: &Vm, seconds: &Value) -> R<()> {
    crate::util::audit(vm, "time.sleep", std::slice::from_ref(seconds))?;
    let n = timearg::nanoseconds(vm, seconds, Round::Ceiling)?;
    if n < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    let deadline = timearg::after(n);
    // A signal that came just before would not wake us.
    vm.poll()?;
    crate::util::system(vm, || taipan_host::clock::sleep_until(deadline))?;
    vm.poll()
}

/// Parse a string to a time tuple according to a format specification.
#[function]
fn strptime(vm: &Vm, args: Args<'_>) -> R {
    let f = vm.import_attr("_strptime", "_strptime_time")?;
    vm.call_args(&f, args)
}

/// A text of the C library.
fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(t) => str::from_str(t),
        Err(_) => crate::posix::fs_decode(bytes),
    }
}
