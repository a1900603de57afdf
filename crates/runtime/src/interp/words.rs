//! Words, registers and jumps: what the loop's arms are made of, none of it a call.
//!
//! Safety, for all of them: words and registers are as the invariants of `vm::frames` say.

use taipan_bytecode::{Instr, flag};
use taipan_memory::Header;

use super::warm;
use crate::core::{Obj, Payload, Value, tag};
use crate::types::str::Str;
use crate::vm::{Frame, Vm};

/// The object behind a pointer word.
///
/// # Safety
/// See the module.
#[inline(always)]
pub(super) unsafe fn header(w: u64) -> *const Header {
    std::ptr::with_exposed_provenance(w as usize)
}

/// The address of its type.
///
/// # Safety
/// See the module.
#[inline(always)]
pub(super) unsafe fn type_of(w: u64) -> *const () {
    // SAFETY: `w` is a pointer word.
    unsafe { (*header(w)).ty().cast() }
}

/// Counts one more owner of what a word stands for.
///
/// # Safety
/// See the module.
#[inline(always)]
pub(super) unsafe fn retain(w: u64) {
    if w & 7 == 0 {
        // SAFETY: not zero (callers check), so a pointer word.
        unsafe { (*header(w)).retain() };
    }
}

/// Gives up an owned word, which may be zero.
#[inline(always)]
pub(super) unsafe fn release(w: u64) {
    if w & 7 == 0 && w != 0 {
        // SAFETY: an owned pointer word.
        unsafe {
            if (*header(w)).release() {
                crate::vm::dealloc(&*header(w));
            }
        }
    }
}

/// Writes an owned word into a register and gives up the old one.
#[inline(always)]
pub(super) unsafe fn put(base: *mut u64, r: usize, w: u64) {
    // SAFETY: `r` is a register of the window.
    unsafe {
        let old = std::mem::replace(&mut *base.add(r), w);
        release(old);
    }
}

/// An operand's word as an owned one: taken out if this is its last use, else retained. Not for empty registers.
#[inline(always)]
pub(super) unsafe fn take(base: *mut u64, r: usize, kill: bool) -> u64 {
    // SAFETY: `r` is a register of the window.
    unsafe {
        let w = *base.add(r);
        if kill {
            *base.add(r) = 0;
        } else {
            retain(w);
        }
        w
    }
}

/// Gives up an operand whose last use this was.
#[inline(always)]
pub(super) unsafe fn done(base: *mut u64, r: usize, kill: bool) {
    if kill {
        // SAFETY: `r` is a register of the window.
        unsafe { release(std::mem::replace(&mut *base.add(r), 0)) };
    }
}

/// The place behind an instruction word, and the registers as they are. Opaque to the optimizer, which otherwise keeps
/// both places in machine registers and `base` in memory.
#[inline(always)]
pub(super) unsafe fn behind(pc: *const u64, base: *mut u64) -> (*const u64, *mut u64) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let (mut pc, mut base) = (pc, base);
        // SAFETY: adds to one register; another instruction word follows (codes end with a return).
        unsafe { std::arch::asm!("add {}, 8", "/* {} */", inout(reg) pc, inout(reg) base, options(pure, nomem, nostack)) };
        (pc, base)
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    // SAFETY: the caller.
    unsafe {
        (pc.add(1), base)
    }
}

/// [`warm::equal`], with the everyday case of two names in place.
#[inline(always)]
pub(super) unsafe fn equal(x: u64, y: u64) -> u8 {
    // SAFETY: words of registers.
    unsafe {
        if tag::is_object(x) && tag::is_object(y) {
            let str_type: *const () = Str::TYPE.ptr().cast();
            if type_of(x) == str_type && type_of(y) == str_type {
                if x == y {
                    return 1;
                }
                if (*header(x).cast::<Obj<Str>>()).differs(&*header(y).cast::<Obj<Str>>()) {
                    return 0;
                }
            }
        }
        warm::equal(x, y)
    }
}

/// The truth of a word that needs no call.
#[inline(always)]
pub(super) fn quick_truth(w: u64) -> Option<bool> {
    if w == tag::TRUE {
        return Some(true);
    }
    if w == tag::FALSE || w == tag::NONE {
        return Some(false);
    }
    if tag::is_int(w) {
        return Some(w != tag::from_int(0));
    }
    None
}

/// Replaces a global that the cache (keys version | index << 32) knows; false if it does not.
///
/// # Safety
/// `frame` is the innermost frame, with its registers at `base`; `w` is its STORE_NAME or STORE_GLOBAL.
#[inline(always)]
pub(super) unsafe fn store_global(frame: *mut Frame, base: *mut u64, w: Instr, cache: u64) -> bool {
    // SAFETY: the caller; a version vouches for the place of every key.
    unsafe {
        let dict = (*frame).globals;
        if cache as u32 == 0 || (*dict).current_version() != cache as u32 || *base.add(w.a()) == 0 {
            return false;
        }
        let v = Value::from_raw(take(base, w.a(), w.flags() & flag::KILL_A != 0));
        drop((*dict).replace_at((cache >> 32) as usize, v));
        true
    }
}

/// Takes a fused comparison's jump; false if the eval breaker wants attention first.
#[inline(always)]
pub(super) unsafe fn jump16(vm: &Vm, w: Instr, t: bool, pc: &mut *const u64) -> bool {
    if t == (w.flags() & flag::SENSE != 0) {
        let d = w.c_imm() as isize;
        if d < 0 && vm.eval_breaker.get() != 0 {
            return false;
        }
        // SAFETY: jumps stay within the code.
        *pc = unsafe { pc.offset(d) };
    }
    true
}
