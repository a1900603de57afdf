//! `resource`: what a process has used and may use.

use taipan_host::process::{self as host, Usage};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::int;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

module! {
    name = "resource",
    functions(getrusage, getrlimit, setrlimit, prlimit, getpagesize),
    exec = exec,
}

static CLASS: Spec = Spec {
    name: "resource.struct_rusage",
    doc: "struct_rusage: Result from getrusage.\n\nThis object may be accessed either as a tuple of\n    (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n    nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw)\nor via the attributes ru_utime, ru_stime, ru_maxrss, and so on.",
    fields: &[
        ("ru_utime", "user time used"),
        ("ru_stime", "system time used"),
        ("ru_maxrss", "max. resident set size"),
        ("ru_ixrss", "shared memory size"),
        ("ru_idrss", "unshared data size"),
        ("ru_isrss", "unshared stack size"),
        ("ru_minflt", "page faults not requiring I/O"),
        ("ru_majflt", "page faults requiring I/O"),
        ("ru_nswap", "number of swap outs"),
        ("ru_inblock", "block input operations"),
        ("ru_oublock", "block output operations"),
        ("ru_msgsnd", "IPC messages sent"),
        ("ru_msgrcv", "IPC messages received"),
        ("ru_nsignals", "signals received"),
        ("ru_nvcsw", "voluntary context switches"),
        ("ru_nivcsw", "involuntary context switches"),
    ],
    visible: 16,
    instantiable: true,
};

fn class(vm: &Vm) -> R {
    vm.interp_static("resource.struct_rusage", |vm| structseq::new_type(vm, &CLASS))
}

macro_rules! numbers {
    ($m:expr, $($name:ident)*) => { $($m.set(stringify!($name), libc::$name as i64);)* };
}

/// One more than the greatest limit.
const LIMITS: i32 = 16;

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("struct_rusage", class(vm)?);
    m.set("error", exc::OS_ERROR.value());
    numbers!(m, RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_AS RLIMIT_RSS RLIMIT_NPROC
        RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING
        RUSAGE_SELF RUSAGE_CHILDREN RUSAGE_THREAD);
    m.set("RLIMIT_OFILE", libc::RLIMIT_NOFILE as i64);
    m.set("RLIM_INFINITY", -1);
    Ok(())
}

/// The usage as an object of the module.
pub fn usage(vm: &Vm, u: &Usage) -> R {
    let mut fields = vec![Value::from(u.user), Value::from(u.system), Value::from(u.max_resident)];
    fields.extend(u.others.map(Value::from));
    structseq::new_instance(vm, &class(vm)?, fields)
}

/// What this process, its children or this thread have used.
#[function(sig = "(who, /)")]
fn getrusage(vm: &Vm, who: i32) -> R {
    match host::resource_usage(who) {
        Ok(u) => usage(vm, &u),
        Err(e) if e.0 == libc::EINVAL => Err(vm.value_error("invalid who parameter")),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

fn shown((soft, hard): (u64, u64)) -> Value {
    // No limit is -1 to Python.
    let one = |n: u64| if n == u64::MAX { Value::small(-1) } else { Value::from(n) };
    tuple::from_array([one(soft), one(hard)]).into_value()
}

fn check(vm: &Vm, resource: i32) -> R<()> {
    if (0..LIMITS).contains(&resource) { Ok(()) } else { Err(vm.value_error("invalid resource specified")) }
}

fn limit(vm: &Vm, v: &Value) -> R<u64> {
    let n = int::index(vm, v)?;
    match int::get(&n) {
        Some(n) => match n.to_i64() {
            Some(n) => Ok(n as u64),
            None if n.is_negative() => Err(vm.overflow_error("Python int too large to convert to C rlim_t")),
            None => u64::try_from(n.to_big()).map_err(|_| vm.overflow_error("Python int too large to convert to C rlim_t")),
        },
        None => Ok(0),
    }
}

fn limits(vm: &Vm, v: &Value) -> R<(u64, u64)> {
    let items = vm.collect(v)?;
    match items.as_slice() {
        [soft, hard] => Ok((limit(vm, soft)?, limit(vm, hard)?)),
        _ => Err(vm.value_error("expected a tuple of 2 integers")),
    }
}

/// The soft and the hard limit of a resource.
#[function(sig = "(resource, /)")]
fn getrlimit(vm: &Vm, resource: i32) -> R {
    check(vm, resource)?;
    host::limit(resource).map(shown).map_err(|e| vm.os_error(e.0, None))
}

fn failed(vm: &Vm, e: taipan_host::Errno) -> taipan_runtime::core::Raised {
    match e.0 {
        libc::EINVAL => vm.value_error("current limit exceeds maximum limit"),
        libc::EPERM => vm.value_error("not allowed to raise maximum limit"),
        n => vm.os_error(n, None),
    }
}

/// Sets the soft and the hard limit of a resource.
#[function(sig = "(resource, limits, /)")]
fn setrlimit(vm: &Vm, resource: i32, limits_: &Value) -> R<()> {
    check(vm, resource)?;
    let (soft, hard) = limits(vm, limits_)?;
    host::set_limit(resource, soft, hard).map_err(|e| failed(vm, e))
}

/// Sets and returns the limits of a resource of any process.
#[function(sig = "(pid, resource, limits=None, /)")]
fn prlimit(vm: &Vm, pid: i32, resource: i32, limits_: &Value) -> R {
    check(vm, resource)?;
    let new = if limits_.is_none() { None } else { Some(limits(vm, limits_)?) };
    match host::process_limit(pid, resource, new) {
        Ok(old) => Ok(shown(old)),
        Err(e) if e.0 == libc::EINVAL => Err(vm.value_error("current limit exceeds maximum limit")),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// The number of bytes in a page of memory.
#[function]
fn getpagesize(_vm: &Vm) -> usize {
    taipan_host::system::page_size()
}
