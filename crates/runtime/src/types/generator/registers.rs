//! The registers of a suspended frame. They lie behind the payload in the generator's own block, which is made
//! large enough for its code; while the frame runs, they are on the stack and the words here mean nothing.

use std::cell::Cell;

use super::Generator;
use crate::core::{Ref, StaticType, Value};

/// Moves registers, leaving zeros.
///
/// # Safety
/// `n` words can be read at `from` and written at both places.
#[inline(always)]
unsafe fn move_words(from: *mut u64, to: *mut u64, n: usize) {
    // SAFETY: the caller.
    unsafe {
        if n > 64 {
            std::ptr::copy_nonoverlapping(from, to, n);
            std::ptr::write_bytes(from, 0, n);
            return;
        }
        for i in 0..n {
            // Word by word: the words were written one by one just now, and wider reads would have to wait for
            // the writes to reach the cache (with `memcpy`, resuming took a fifth longer).
            to.add(i).write(from.add(i).read_volatile());
            from.add(i).write(0);
        }
    }
}

impl Generator {
    /// Makes the object with room for the registers behind it.
    pub(super) fn place(self, ty: &'static StaticType) -> Ref<Generator> {
        debug_assert!(!self.registers_saved.get());
        let room = self.code.nregs as usize * size_of::<u64>();
        Ref::new_static_sized(ty, self, room)
    }

    fn words(&self) -> *mut u64 {
        std::ptr::with_exposed_provenance_mut((&raw const *self).addr() + size_of::<Self>())
    }

    /// The registers, zero or owned values; empty while they are on the stack.
    pub(super) fn registers(&self) -> &[Cell<u64>] {
        if !self.registers_saved.get() {
            return &[];
        }
        // SAFETY: every generator is made by `place`; `save_registers` has filled the words.
        unsafe { std::slice::from_raw_parts(self.words().cast::<Cell<u64>>(), self.code.nregs as usize) }
    }

    /// Takes the registers from the window at `base`, leaving zeros.
    ///
    /// # Safety
    /// `base` is the window of this generator's frame.
    pub(super) unsafe fn save_registers(&self, base: *mut u64) {
        let n = self.code.nregs as usize;
        // SAFETY: the caller; there is room for `n` words behind the payload. The counts move.
        unsafe { move_words(base, self.words(), n) };
        self.registers_saved.set(true);
    }

    /// Moves the registers to the stack.
    ///
    /// # Safety
    /// There is room for the code's registers at `window`, where no values are.
    pub(crate) unsafe fn restore_registers(&self, window: *mut u64) {
        debug_assert!(self.registers_saved.get());
        let (n, from) = (self.code.nregs as usize, self.words());
        for i in 0..n {
            // SAFETY: the caller; the counts move: the words here mean nothing from now on. One by one as in `move_words`.
            unsafe { window.add(i).write(from.add(i).read_volatile()) };
        }
        self.registers_saved.set(false);
    }

    /// Takes the first `n` registers out.
    pub(super) fn take_registers(&self, n: usize) -> Vec<Option<Value>> {
        // SAFETY: words that are not zero are owned.
        let value = |w: u64| (w != 0).then(|| unsafe { Value::from_raw(w) });
        self.registers().iter().take(n).map(|r| value(r.replace(0))).collect()
    }

    /// Drops what is in the registers.
    pub(super) fn drop_registers(&self) {
        let registers = self.registers();
        // Dropping can run Python code; it finds no registers any more.
        self.registers_saved.set(false);
        for r in registers.iter().rev() {
            let w = r.replace(0);
            if w != 0 {
                // SAFETY: an owned word.
                drop(unsafe { Value::from_raw(w) });
            }
        }
    }

    /// A copy of a register while suspended.
    pub(crate) fn register(&self, i: usize) -> Option<Value> {
        let w = self.registers().get(i)?.get();
        if w == 0 {
            return None;
        }
        // SAFETY: an owned word, cloned without giving it up.
        let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(w) });
        Some(Value::clone(&v))
    }

    /// Writes a register while suspended.
    pub(crate) fn set_register(&self, i: usize, v: Option<Value>) {
        let Some(r) = self.registers().get(i) else { return };
        let old = r.replace(v.map_or(0, Value::into_raw));
        if old != 0 {
            // SAFETY: an owned word.
            drop(unsafe { Value::from_raw(old) });
        }
    }
}
