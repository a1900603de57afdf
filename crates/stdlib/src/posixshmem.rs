//! `_posixshmem`: named memory.

use taipan_host::semaphore as host;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use crate::posix::paths;

module! {
    /// POSIX shared memory module
    name = "_posixshmem",
    functions(shm_open, shm_unlink),
}

/// The name of shared memory.
fn name(vm: &Vm, v: &Value, function: &str) -> R<std::ffi::CString> {
    let Some(s) = v.downcast::<Str>() else {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("{function}() argument 'path' must be str, not {given}")));
    };
    std::ffi::CString::new(paths::encode(vm, s)?).map_err(|_| vm.value_error("embedded null character"))
}

/// Open a shared memory object. Returns a file descriptor (integer).
#[function(sig = "(path, flags, mode=511)")]
fn shm_open(vm: &Vm, path: &Value, flags: i32, mode: i32) -> R<i32> {
    let name = name(vm, path, "shm_open")?;
    loop {
        match vm.allow_threads(|| host::open_memory(&name, flags, mode as u32)) {
            Ok(fd) => return Ok(fd),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, Some(path))),
        }
    }
}

/// Remove a shared memory object (similar to unlink()).
///
/// Remove a shared memory object name, and, once all processes have unmapped the object, de-allocates and destroys the
/// contents of the associated memory region.
#[function(sig = "(path)")]
fn shm_unlink(vm: &Vm, path: &Value) -> R<()> {
    let name = name(vm, path, "shm_unlink")?;
    loop {
        match vm.allow_threads(|| host::unlink_memory(&name)) {
            Ok(()) => return Ok(()),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, Some(path))),
        }
    }
}
