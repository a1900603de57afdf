//! The system as a whole.

use taipan_host::system as host;
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::{bytes, str, tuple};
use taipan_runtime::vm::Vm;

use super::paths::path_arg;
use crate::util::audit;

static TERMINAL_SIZE: Spec = Spec {
    name: "os.terminal_size",
    doc: "A tuple of (columns, lines) for holding terminal window size",
    fields: &[("columns", "width of the terminal window in characters"), ("lines", "height of the terminal window in characters")],
    visible: 2,
    instantiable: true,
};

static UNAME: Spec = Spec {
    name: "posix.uname_result",
    doc: "uname_result: Result from os.uname().\n\nThis object may be accessed either as a tuple of\n  (sysname, nodename, release, version, machine),\nor via the attributes sysname, nodename, release, version, and machine.\n\nSee os.uname for more information.",
    fields: &[
        ("sysname", "operating system name"),
        ("nodename", "name of machine on network (implementation-defined)"),
        ("release", "operating system release"),
        ("version", "operating system version"),
        ("machine", "hardware identifier"),
    ],
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

fn room(vm: &Vm, n: usize) -> R<Vec<u8>> {
    vm.check_room(n)?;
    let mut b = Vec::new();
    if taipan_memory::cache::refusing(|| b.try_reserve_exact(n)).is_err() {
        return Err(vm.memory_error());
    }
    b.resize(n, 0u8);
    Ok(b)
}

/// Return a bytes object containing random bytes suitable for cryptographic use.
#[function(sig = "(size, /)")]
pub fn urandom(vm: &Vm, size: isize) -> R {
    let Ok(n) = usize::try_from(size) else { return Err(vm.value_error("negative argument not allowed")) };
    let mut b = room(vm, n)?;
    vm.allow_threads(|| taipan_host::random::fill(&mut b)).map_err(|e| vm.os_error(e.0, None))?;
    Ok(bytes::from_vec(b).into_value())
}

/// Obtain a series of random bytes.
#[function(sig = "(size, flags=0)")]
pub fn getrandom(vm: &Vm, size: isize, flags: i32) -> R {
    let Ok(n) = usize::try_from(size) else { return Err(vm.os_error(libc::EINVAL, None)) };
    let mut b = room(vm, n)?;
    let n = super::files::retry(vm, || taipan_host::random::get(&mut b, flags as u32))?;
    b.truncate(n);
    Ok(bytes::from_vec(b).into_value())
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

/// Return average recent system load information.
#[function]
pub fn getloadavg(vm: &Vm) -> R {
    match host::load_average() {
        Ok([a, b, c]) => Ok(tuple::from_array([Value::from(a), Value::from(b), Value::from(c)]).into_value()),
        Err(_) => Err(vm.raise_msg(&taipan_runtime::types::exceptions::OS_ERROR, "Load averages are unobtainable")),
    }
}

/// The environment as a dict of bytes.
pub(super) fn environment(vm: &Vm) -> R<Ref<Dict>> {
    let d = Ref::new(Dict::new());
    for (k, v) in taipan_host::env::all() {
        // Of a name that stands there twice the first one counts.
        d.set_default(vm, bytes::from_slice(&k).into_value(), bytes::from_slice(&v).into_value())?;
    }
    Ok(d)
}

/// Create the environment dictionary.
#[function]
pub fn _create_environ(vm: &Vm) -> R<Ref<Dict>> {
    environment(vm)
}

/// Change or add an environment variable.
#[function(sig = "(name, value, /)")]
pub fn putenv(vm: &Vm, name: &Value, value: &Value) -> R<()> {
    let (n, v) = (path_arg(vm, name, "putenv: name", false)?, path_arg(vm, value, "putenv: value", false)?);
    if n.path.as_bytes().contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    audit(vm, "os.putenv", &[name.clone(), value.clone()])?;
    taipan_host::env::set(n.path.as_bytes(), v.path.as_bytes()).map_err(|e| vm.os_error(e.0, None))
}

/// Delete an environment variable.
#[function(sig = "(name, /)")]
pub fn unsetenv(vm: &Vm, name: &Value) -> R<()> {
    let n = path_arg(vm, name, "unsetenv: name", false)?;
    audit(vm, "os.unsetenv", &[name.clone()])?;
    taipan_host::env::unset(n.path.as_bytes()).map_err(|e| vm.os_error(e.0, None))
}

#[function]
pub fn _inputhook(_vm: &Vm) {}

#[function]
pub fn _is_inputhook_installed(_vm: &Vm) -> bool {
    false
}
