//! Tracebacks on signals that a user sends.

use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, Ordering};

use taipan_host::signal::{self as host, Saved};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::{Vm, dump};

use super::{fatal, keep, target};

const COUNT: usize = host::COUNT as usize;
const ON: u8 = 1;
const ALL: u8 = 2;
const CHAIN: u8 = 4;

static FLAGS: [AtomicU8; COUNT] = [const { AtomicU8::new(0) }; COUNT];
static FDS: [AtomicI32; COUNT] = [const { AtomicI32::new(-1) }; COUNT];
static SAVED: [AtomicPtr<Saved>; COUNT] = [const { AtomicPtr::new(std::ptr::null_mut()) }; COUNT];

extern "C" fn handler(signal: i32) {
    let Some(i) = usize::try_from(signal).ok().filter(|i| *i < COUNT) else { return };
    let flags = FLAGS[i].load(Ordering::Acquire);
    if flags & ON == 0 {
        return;
    }
    let fd = FDS[i].load(Ordering::Relaxed);
    let kept = taipan_host::Errno::last();
    if flags & ALL != 0 { dump::dump_all(fd, true) } else { dump::dump_current(fd) }
    if flags & CHAIN != 0 {
        let saved = SAVED[i].load(Ordering::Acquire);
        if !saved.is_null() {
            // SAFETY: never freed.
            host::put_saved(signal, unsafe { &*saved });
            let _ = host::raise(signal);
            let _ = host::install_immediate(signal, handler, false);
        }
    }
    kept.set_last();
}

fn check(vm: &Vm, signum: i32) -> R<usize> {
    if fatal::is_fatal(signum) {
        return Err(vm.runtime_error(format!("signal {signum} cannot be registered, use enable() instead")));
    }
    match usize::try_from(signum) {
        Ok(i) if (1..COUNT).contains(&i) => Ok(i),
        _ => Err(vm.value_error("signal number out of range")),
    }
}

/// Register a handler for the signal 'signum'.
///
/// Dump the traceback of the current thread, or of all threads if all_threads is True, into file. With chain the
/// handler that was there before is called as well.
#[function(sig = "(signum, file=sys.stderr, all_threads=True, chain=False)")]
pub fn register(vm: &Vm, signum: i32, file: Option<&Value>, all_threads: bool, chain: bool) -> R<()> {
    let i = check(vm, signum)?;
    let (fd, file) = target(vm, file)?;
    keep(vm, "faulthandler.user_file", file);
    dump::show_threads_of(vm.interp());
    FDS[i].store(fd, Ordering::Relaxed);
    let flags = ON | if all_threads { ALL } else { 0 } | if chain { CHAIN } else { 0 };
    if FLAGS[i].swap(flags, Ordering::SeqCst) & ON == 0 {
        let saved = host::install_immediate(signum, handler, !chain).map_err(|e| vm.os_error(e.0, None))?;
        SAVED[i].store(Box::into_raw(Box::new(saved)), Ordering::Release);
    }
    Ok(())
}

/// Unregister the handler of the signal 'signum' registered by register(). Returns whether there was one.
#[function(sig = "(signum, /)")]
pub fn unregister(vm: &Vm, signum: i32) -> R<bool> {
    let i = check(vm, signum)?;
    if FLAGS[i].swap(0, Ordering::SeqCst) & ON == 0 {
        return Ok(false);
    }
    let saved = SAVED[i].load(Ordering::Acquire);
    if !saved.is_null() {
        // SAFETY: never freed.
        host::put_saved(signum, unsafe { &*saved });
    }
    Ok(true)
}
