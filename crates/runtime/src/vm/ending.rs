//! The end of an interpreter: what its objects hold outside its heap is given back.

use taipan_memory::Header;

use super::{Interp, VM, dump, swap_heap};
use crate::types::type_::TypeObject;

impl Drop for Interp {
    /// Drops the payloads of all objects that there still are. No count matters any more, and no Python code can run:
    /// each payload gives back what it has from the system and leaves others alone.
    fn drop(&mut self) {
        dump::forget_threads_of(self);
        let vm = VM.replace(std::ptr::null());
        let before = swap_heap(&raw const *self.heap);
        let mut doomed: Vec<(*const Header, unsafe fn(*const Header))> = Vec::new();
        self.heap.for_each(|h| {
            // SAFETY: live objects, whose types are live; the count and the type's layout stay readable until the
            // heap itself goes, which is after all of this.
            unsafe {
                (*h).immortalize();
                doomed.push((h, (*(*h).ty().cast::<TypeObject>()).layout.drop));
            }
        });
        for (h, drop) in doomed {
            // SAFETY: each payload is dropped once; the objects that it refers to are immortal now, so that dropping
            // its references touches nothing but their counts.
            unsafe { drop(h) };
        }
        let ended = &raw const *self.heap;
        swap_heap(if std::ptr::eq(before, ended) { std::ptr::null() } else { before });
        // SAFETY: the state of the thread that runs here, if any, is live.
        VM.set(if !vm.is_null() && unsafe { std::ptr::eq((*vm).interp, self) } { std::ptr::null() } else { vm });
    }
}
