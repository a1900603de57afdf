//! Tracebacks written by signal handlers and watchdogs: nothing is allocated, nothing is locked, and what is being
//! changed just now may come out wrong.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::{Frame, Interp, Vm, try_current};
use crate::types::str::Str;

/// The interpreter whose threads are shown.
static SHOWN: AtomicPtr<Interp> = AtomicPtr::new(std::ptr::null_mut());

/// Frames of one thread that are shown.
const FRAMES: usize = 100;
/// Characters of a name that are shown.
const NAME: usize = 500;

/// Lets [`dump`] show the threads of this interpreter.
pub fn show_threads_of(interp: &Interp) {
    SHOWN.store(std::ptr::from_ref(interp).cast_mut(), Ordering::Release);
}

/// An interpreter ends, whose threads are not to be shown any more.
pub(super) fn forget_threads_of(interp: &Interp) {
    let none = std::ptr::null_mut();
    let _ = SHOWN.compare_exchange(std::ptr::from_ref(interp).cast_mut(), none, Ordering::AcqRel, Ordering::Relaxed);
}

/// Writes text to a descriptor; errors are nobody's business.
pub fn put(fd: i32, text: &[u8]) {
    let mut left = text;
    while !left.is_empty() {
        match taipan_host::fd::write(fd, left) {
            Ok(n) if n > 0 => left = &left[n..],
            _ => return,
        }
    }
}

fn put_number(fd: i32, mut n: u64, base: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while n > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b"0123456789abcdef"[(n % base) as usize];
        n /= base;
    }
    put(fd, &digits[at.min(digits.len() - width.min(20))..]);
}

fn put_name(fd: i32, s: &Str) {
    for ch in s.iter().take(NAME) {
        match ch {
            0x20..0x7f => put(fd, &[ch as u8]),
            0..0x100 => {
                put(fd, b"\\x");
                put_number(fd, ch.into(), 16, 2);
            }
            0x100..0x1_0000 => {
                put(fd, b"\\u");
                put_number(fd, ch.into(), 16, 4);
            }
            _ => {
                put(fd, b"\\U");
                put_number(fd, ch.into(), 16, 8);
            }
        }
    }
    if s.len() > NAME {
        put(fd, b"...");
    }
}

fn line(f: &Frame) -> u32 {
    let (at, mut end) = (f.lasti(), 0usize);
    for (n, p) in taipan_bytecode::runs(f.code().body().line_table()) {
        end += n as usize;
        if at < end {
            return p.line;
        }
    }
    0
}

fn put_frames(fd: i32, vm: &Vm) {
    let mut n = 0;
    for f in vm.stacks.iter() {
        if n == FRAMES {
            put(fd, b"  ...\n");
            return;
        }
        n += 1;
        put(fd, b"  File ");
        // SAFETY: nobody changes the name of a file while its code runs, but for `_fix_co_filename`.
        match unsafe { &*f.code().filename.as_ptr() }.downcast::<Str>() {
            Some(s) => {
                put(fd, b"\"");
                put_name(fd, s);
                put(fd, b"\"");
            }
            None => put(fd, b"???"),
        }
        put(fd, b", line ");
        put_number(fd, line(f).into(), 10, 1);
        put(fd, b" in ");
        match f.code().name.downcast::<Str>() {
            Some(s) => put_name(fd, s),
            None => put(fd, b"???"),
        }
        put(fd, b"\n");
    }
    if n == 0 {
        put(fd, b"  <no Python frame>\n");
    }
}

/// Writes the traceback of the running thread.
pub fn dump_current(fd: i32) {
    put(fd, b"Stack (most recent call first):\n");
    match try_current().or_else(of_this_thread) {
        Some(vm) => put_frames(fd, vm),
        None => put(fd, b"  <no Python frame>\n"),
    }
}

/// The thread that runs here but has given the interpreter's lock up.
fn of_this_thread() -> Option<&'static Vm> {
    // SAFETY: set while the interpreter lives.
    let interp = unsafe { SHOWN.load(Ordering::Acquire).as_ref() }?;
    let here = taipan_host::signal::this_thread();
    interp.threads.all_unlocked().find(|vm| vm.thread_id.get() == here)
}

/// Writes the tracebacks of all threads, newest first. `known`: one of them is the current one.
pub fn dump_all(fd: i32, known: bool) {
    // SAFETY: set while the interpreter lives.
    let Some(interp) = (unsafe { SHOWN.load(Ordering::Acquire).as_ref() }) else { return dump_current(fd) };
    let here = taipan_host::signal::this_thread();
    let mut first = true;
    for vm in interp.threads.all_unlocked() {
        if !first {
            put(fd, b"\n");
        }
        first = false;
        let current = known && vm.thread_id.get() == here;
        put(fd, if current { b"Current thread 0x" } else { b"Thread 0x" });
        put_number(fd, vm.thread_id.get(), 16, 16);
        put(fd, b" (most recent call first):\n");
        if current && interp.gc.collecting.get() {
            put(fd, b"  Garbage-collecting\n");
        }
        put_frames(fd, vm);
    }
}
