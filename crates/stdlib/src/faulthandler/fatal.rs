//! Signals that end the process.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

use taipan_host::signal::{self as host, Saved};
use taipan_macros::function;
use taipan_runtime::core::R;
use taipan_runtime::vm::{Vm, dump};

const SIGNALS: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

static ENABLED: AtomicBool = AtomicBool::new(false);
static FD: AtomicI32 = AtomicI32::new(2);
static ALL: AtomicBool = AtomicBool::new(true);
/// A crash while the traceback is written is not written about.
static WRITING: AtomicBool = AtomicBool::new(false);
static SAVED: [AtomicPtr<Saved>; SIGNALS.len()] = [const { AtomicPtr::new(std::ptr::null_mut()) }; SIGNALS.len()];

/// Whether a signal is one of these.
pub fn is_fatal(signal: i32) -> bool {
    SIGNALS.iter().any(|(n, _)| *n == signal)
}

fn put_back(i: usize) {
    let saved = SAVED[i].load(Ordering::Acquire);
    if !saved.is_null() {
        // SAFETY: never freed.
        host::put_saved(SIGNALS[i].0, unsafe { &*saved });
    }
}

extern "C" fn handler(signal: i32) {
    let Some(i) = SIGNALS.iter().position(|(n, _)| *n == signal) else { return };
    put_back(i);
    if !WRITING.swap(true, Ordering::SeqCst) {
        let fd = FD.load(Ordering::Relaxed);
        dump::put(fd, b"Fatal Python error: ");
        dump::put(fd, SIGNALS[i].1.as_bytes());
        dump::put(fd, b"\n\n");
        if ALL.load(Ordering::Relaxed) { dump::dump_all(fd, true) } else { dump::dump_current(fd) }
        WRITING.store(false, Ordering::SeqCst);
    }
    let _ = host::raise(signal);
    // Rust's own handler for exhausted stacks only puts the default action in place and expects the fault to come again.
    let _ = host::raise(signal);
}

/// Installs the handlers.
pub fn enable(fd: i32, all_threads: bool) -> taipan_host::Result<()> {
    FD.store(fd, Ordering::Relaxed);
    ALL.store(all_threads, Ordering::Relaxed);
    if ENABLED.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    for (i, (signal, _)) in SIGNALS.iter().enumerate() {
        let saved = host::install_immediate(*signal, handler, false)?;
        // A handler may be using the old one: it is never freed.
        SAVED[i].store(Box::into_raw(Box::new(saved)), Ordering::Release);
    }
    Ok(())
}

/// Takes the handlers away; whether there were any.
pub fn disable() -> bool {
    let was = ENABLED.swap(false, Ordering::SeqCst);
    if was {
        (0..SIGNALS.len()).for_each(put_back);
    }
    was
}

/// Whether the handlers are installed.
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

fn raise(vm: &Vm, signal: i32) -> R<()> {
    raise_until_down(signal).map_err(|e| vm.os_error(e.0, None))
}

/// Raises a signal again when the first one comes back: the runtime library of Rust has a handler of its own that lets
/// what it does not know happen once more.
fn raise_until_down(signal: i32) -> taipan_host::Result<()> {
    host::raise(signal)?;
    host::raise(signal)
}

/// Raise a SIGSEGV signal.
#[function(sig = "(release_gil=False, /)")]
pub fn _sigsegv(vm: &Vm, release_gil: bool) -> R<()> {
    if release_gil {
        return vm.allow_threads(|| raise_until_down(libc::SIGSEGV)).map_err(|e| vm.os_error(e.0, None));
    }
    raise(vm, libc::SIGSEGV)
}

/// Raise a SIGABRT signal.
#[function]
pub fn _sigabrt(vm: &Vm) -> R<()> {
    raise(vm, libc::SIGABRT)
}

/// Raise a SIGFPE signal.
#[function]
pub fn _sigfpe(vm: &Vm) -> R<()> {
    raise(vm, libc::SIGFPE)
}

/// Read from NULL, raise a SIGSEGV signal.
#[function]
pub fn _read_null(vm: &Vm) -> R<()> {
    raise(vm, libc::SIGSEGV)
}
