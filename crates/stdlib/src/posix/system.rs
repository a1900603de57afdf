//! The system as a whole.

use taipan_host::system as host;
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::{bytes, set, str, tuple};
use taipan_runtime::vm::Vm;

use super::paths::path_arg;

static TERMINAL_SIZE: Spec = Spec {
    name: "os.terminal_size",
    doc: "A tuple of (columns, lines) for holding terminal window size",
    fields: &[("columns", "width of the terminal window in characters"), ("lines", "height of the terminal window in characters")],
    visible: 2,
    instantiable: true,
};

static UNAME: Spec = Spec {
    name: "posix.uname_result",
    doc: "uname_result: Result from os.uname().",
    fields: &[("sysname", ""), ("nodename", ""), ("release", ""), ("version", ""), ("machine", "")],
    visible: 5,
    instantiable: true,
};

/// The class of terminal sizes.
pub(super) fn terminal_size_type(vm: &Vm) -> R {
    vm.interp_static("os.terminal_size", |vm| structseq::new_type(vm, &TERMINAL_SIZE))
}

fn uname_type(vm: &Vm) -> R {
    vm.interp_static("posix.uname_result", |vm| structseq::new_type(vm, &UNAME))
}

pub(super) fn add_types(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("terminal_size", terminal_size_type(vm)?);
    m.set("uname_result", uname_type(vm)?);
    Ok(())
}

/// Return a bytes object containing random bytes suitable for cryptographic use.
#[function(sig = "(size, /)")]
pub fn urandom(vm: &Vm, size: i64) -> R {
    let Ok(n) = usize::try_from(size) else { return Err(vm.value_error("negative argument not allowed")) };
    let mut b = Vec::new();
    if b.try_reserve_exact(n).is_err() {
        return Err(vm.memory_error());
    }
    b.resize(n, 0u8);
    taipan_host::random::fill(&mut b).map_err(|e| vm.os_error(e.0, None))?;
    Ok(bytes::from_slice(&b).into_value())
}

/// Obtain a series of random bytes.
#[function(sig = "(size, flags=0)")]
pub fn getrandom(vm: &Vm, size: i64, flags: Option<u32>) -> R {
    let Ok(n) = usize::try_from(size) else { return Err(vm.os_error(22, None)) };
    let mut b = vec![0u8; n.min(1 << 25)];
    let n = taipan_host::random::get(&mut b, flags.unwrap_or(0)).map_err(|e| vm.os_error(e.0, None))?;
    Ok(bytes::from_slice(&b[..n]).into_value())
}

/// Return an object identifying the current operating system.
#[function]
pub fn uname(vm: &Vm) -> R {
    let n = host::name();
    let fields = [n.system, n.node, n.release, n.version, n.machine];
    structseq::new_instance(vm, &uname_type(vm)?, fields.iter().map(|s| str::from_str(s)).collect())
}

/// Translate an error code to a message string.
#[function(sig = "(code, /)")]
pub fn strerror(_vm: &Vm, code: i32) -> String {
    taipan_host::errno::Errno(code).message()
}

/// Return the number of logical CPUs in the system.
#[function]
pub fn cpu_count(_vm: &Vm) -> Option<usize> {
    host::cpu_count()
}

#[function]
pub fn _get_cpu_count(_vm: &Vm) -> Option<usize> {
    host::cpu_count()
}

/// Return the affinity of the process identified by pid (or the current process if zero).
#[function(sig = "(pid, /)")]
pub fn sched_getaffinity(vm: &Vm, pid: i32) -> R {
    let cpus = host::affinity(pid).map_err(|e| vm.os_error(e.0, None))?;
    let s = set::new_empty();
    for c in cpus {
        s.add(vm, Value::from(c))?;
    }
    Ok(s.into_value())
}

/// Voluntarily relinquish the CPU.
#[function]
pub fn sched_yield(vm: &Vm) {
    vm.allow_threads(host::yield_processor);
}

/// Return average recent system load information.
#[function]
pub fn getloadavg(vm: &Vm) -> R {
    match host::load_average() {
        Ok([a, b, c]) => Ok(tuple::from_array([Value::from(a), Value::from(b), Value::from(c)]).into_value()),
        Err(_) => Err(vm.raise_msg(&taipan_runtime::types::exceptions::OS_ERROR, "Load averages are unobtainable")),
    }
}

/// Return an integer-valued system configuration variable.
#[function(sig = "(name, /)")]
pub fn sysconf(vm: &Vm, name: &Value) -> R<i64> {
    let n = match name.downcast::<str::Str>() {
        Some(s) => match super::constants::SYSCONF.iter().find(|(k, _)| Some(*k) == s.as_ascii()) {
            Some((_, n)) => *n,
            None => return Err(vm.value_error("unrecognized configuration name")),
        },
        None => taipan_runtime::types::int::to_i64(vm, name)? as i32,
    };
    match host::configuration(n) {
        Ok(v) => Ok(v.unwrap_or(-1)),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Change or add an environment variable.
#[function(sig = "(name, value, /)")]
pub fn putenv(vm: &Vm, name: &Value, value: &Value) -> R<()> {
    let (n, v) = (path_arg(vm, name, "putenv: name", false)?, path_arg(vm, value, "putenv: value", false)?);
    if n.path.as_bytes().contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    taipan_host::env::set(n.path.as_bytes(), v.path.as_bytes()).map_err(|e| vm.os_error(e.0, None))
}

/// Delete an environment variable.
#[function(sig = "(name, /)")]
pub fn unsetenv(vm: &Vm, name: &Value) -> R<()> {
    let n = path_arg(vm, name, "unsetenv: name", false)?;
    taipan_host::env::unset(n.path.as_bytes()).map_err(|e| vm.os_error(e.0, None))
}

/// Return a string describing the encoding of a terminal's file descriptor.
#[function(sig = "(fd)")]
pub fn device_encoding(_vm: &Vm, fd: i32) -> Option<&'static str> {
    taipan_host::terminal::is_terminal(fd).then_some("utf-8")
}

#[function]
pub fn _inputhook(_vm: &Vm) {}

#[function]
pub fn _is_inputhook_installed(_vm: &Vm) -> bool {
    false
}
