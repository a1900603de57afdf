//! `faulthandler`: tracebacks of programs that crash or hang.

mod fatal;
mod later;
mod user;

pub use self::later::end;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, dump};

module! {
    /// faulthandler module.
    name = "faulthandler",
    functions(
        enable, disable, is_enabled, dump_traceback, dump_c_stack, later::dump_traceback_later,
        later::cancel_dump_traceback_later, user::register, user::unregister, fatal::_sigsegv, fatal::_sigabrt, fatal::_sigfpe,
        fatal::_read_null,
    ),
}

/// A place for a traceback: the descriptor, and the file that must not be closed meanwhile.
///
/// Raises RuntimeError without `sys.stderr`, ValueError for a negative number, and what the file's methods raise.
fn target(vm: &Vm, file: Option<&Value>) -> R<(i32, Value)> {
    let file = match file.filter(|f| !f.is_none()) {
        Some(f) => f.clone(),
        None => match vm.interp().sys().get_str("stderr") {
            Some(f) if !f.is_none() => f,
            Some(_) => return Err(vm.runtime_error("sys.stderr is None")),
            None => return Err(vm.runtime_error("unable to get sys.stderr")),
        },
    };
    if int::get(&file).is_some() {
        let fd = int::to_i64(vm, &file)?;
        return match i32::try_from(fd) {
            Ok(fd) if fd >= 0 => Ok((fd, Value::NONE)),
            _ => Err(vm.value_error("file is not a valid file descripter")),
        };
    }
    let n = vm.call_method(&file, "fileno", &[])?;
    let fd = int::get(&n).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok());
    let Some(fd) = fd.filter(|fd| *fd >= 0) else {
        return Err(vm.runtime_error("file.fileno() is not a valid file descriptor"));
    };
    if let Err(r) = vm.call_method(&file, "flush", &[]) {
        drop(vm.catch(r));
    }
    Ok((fd, file))
}

/// Keeps a file alive for as long as a handler writes to it.
fn keep(vm: &Vm, key: &'static str, file: Value) {
    let old = vm.interp().statics.borrow_mut().insert(key, file);
    drop(old);
}

/// Enables the fault handler.
///
/// The traceback is written to the file when a fatal signal comes, of all threads unless all_threads is false.
#[function(sig = "(file=sys.stderr, all_threads=True, c_stack=True)")]
fn enable(vm: &Vm, file: Option<&Value>, all_threads: bool, c_stack: bool) -> R<()> {
    // There is no C stack to show.
    let _ = c_stack;
    let (fd, file) = target(vm, file)?;
    keep(vm, "faulthandler.file", file);
    dump::show_threads_of(vm.interp());
    fatal::enable(fd, all_threads).map_err(|e| vm.os_error(e.0, None))
}

/// Enables the handler where the command line or the environment asks for it.
pub fn enable_if_asked(vm: &Vm) {
    let c = &vm.interp().config;
    let option = c.x_options.iter().any(|(k, _)| k == "faulthandler") || c.dev_mode;
    let variable = || c.use_environment && taipan_host::env::get(b"PYTHONFAULTHANDLER").is_some_and(|v| !v.is_empty());
    if option || variable() {
        dump::show_threads_of(vm.interp());
        let _ = fatal::enable(2, true);
    }
}

/// Disables the fault handler. Returns True if it was enabled.
#[function]
fn disable(vm: &Vm) -> bool {
    keep(vm, "faulthandler.file", Value::NONE);
    fatal::disable()
}

/// Return True if the fault handler is enabled, False otherwise.
#[function]
fn is_enabled(_vm: &Vm) -> bool {
    fatal::is_enabled()
}

/// Dump the traceback of the current thread into file, or of all threads if all_threads is true.
#[function(sig = "(file=sys.stderr, all_threads=True)")]
fn dump_traceback(vm: &Vm, file: Option<&Value>, all_threads: bool) -> R<()> {
    let (fd, _file) = target(vm, file)?;
    dump::show_threads_of(vm.interp());
    if all_threads { dump::dump_all(fd, true) } else { dump::dump_current(fd) }
    Ok(())
}

/// Dump the C stack of the current thread into file: that is not known.
#[function(sig = "(file=sys.stderr)")]
fn dump_c_stack(vm: &Vm, file: Option<&Value>) -> R<()> {
    let (fd, _file) = target(vm, file)?;
    dump::put(fd, b"Current thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n");
    Ok(())
}
