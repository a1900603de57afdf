//! Small helpers that several modules share.

use taipan_runtime::core::{R, Ref, StaticType, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::{int, str, tuple, type_};
use taipan_runtime::vm::Vm;

/// A new exception class `module.name`.
///
/// Raises what making a class raises.
pub fn new_exception(vm: &Vm, module: &str, name: &str, base: &StaticType) -> R {
    let dict = Ref::new(Dict::new());
    dict.set_str("__module__", str::from_str(module));
    let bases = tuple::from_array([base.value()]).into_value();
    vm.call(&type_::TYPE_PLACE().value(), &[str::from_str(name), bases, dict.into_value()])
}

/// Tells the audit hooks, if there are any, of an event.
///
/// Raises what a hook raises.
#[inline]
pub fn audit(vm: &Vm, event: &str, args: &[Value]) -> R<()> {
    vm.audit(event, args)
}

/// Repeats a system call that signals interrupt, without the interpreter's lock; handlers run in between.
///
/// Raises OSError, and what signal handlers raise.
pub fn system<T: Send>(vm: &Vm, call: impl Fn() -> taipan_host::Result<T> + Sync) -> R<T> {
    let call = &call;
    loop {
        match vm.allow_threads(call) {
            Ok(v) => return Ok(v),
            Err(e) if e.0 == libc::EINTR => vm.poll()?,
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
}

/// A file descriptor: an int, or what the method `fileno` of an object gives.
///
/// Raises TypeError for anything else, ValueError for a negative number, and what `fileno` raises.
pub fn file_descriptor(vm: &Vm, v: &Value) -> R<i32> {
    let number = if int::get(v).is_some() {
        if v.as_bool().is_some() {
            vm.warn(&exc::RUNTIME_WARNING, "bool is used as a file descriptor", 1)?;
        }
        v.clone()
    } else {
        let Some(f) = vm.get_attr_str_opt(v, "fileno")? else {
            return Err(vm.type_error("argument must be an int, or have a fileno() method."));
        };
        let n = vm.call(&f, &[])?;
        if int::get(&n).is_none() {
            return Err(vm.type_error("fileno() returned a non-integer"));
        }
        n
    };
    let fd = int::get(&number).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok());
    match fd {
        Some(fd) if fd >= 0 => Ok(fd),
        Some(fd) => Err(vm.value_error(format!("file descriptor cannot be a negative integer ({fd})"))),
        None => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}
