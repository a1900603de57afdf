//! What happens when a count falls to zero: finalizer, weak references, contents, block.
//!
//! A chain of objects is freed without native recursion: below a certain depth, objects wait in the
//! thread's list until the outer deallocation is done.

use std::cell::Cell;

use taipan_memory::{Header, TypeHead, Tracer, flags};

use super::{Vm, heap, try_current};
use crate::core::{Obj, Trace, Value};
use crate::types::type_::{TypeObject, tflag};

const MAX_DEPTH: u32 = 40;

/// Deallocates an object whose count is zero.
///
/// # Safety
/// Nobody refers to the object any more.
#[cold]
#[inline(never)]
pub unsafe fn dealloc(h: &Header) {
    // SAFETY: a live object's type is live.
    unsafe {
        let f = (*h.ty()).dealloc.get();
        f(h);
    }
}

unsafe fn dealloc_object(h: *const Header) {
    // SAFETY: called through the type's head for its own instance, with count zero.
    unsafe {
        let Some(vm) = try_current() else { return };
        if vm.dealloc_depth.get() >= MAX_DEPTH {
            // A collection must not find it while it waits.
            heap().untrack(h);
            (*h).set(flags::DYING);
            (*vm.dealloc_later.get()).push(h);
            return;
        }
        vm.dealloc_depth.set(vm.dealloc_depth.get() + 1);
        free_one(vm, h);
        vm.dealloc_depth.set(vm.dealloc_depth.get() - 1);
        if vm.dealloc_depth.get() == 0 {
            drain(vm);
        }
    }
}

/// [`dealloc_object`] for instances of a builtin type without finalizer, known at compile time, whose payload holds no
/// values: so nothing else dies with it.
///
/// # Safety
/// The object's payload is a `T`, its count is zero.
pub unsafe fn dealloc_leaf<T: Trace>(h: *const Header) {
    // SAFETY: the caller; nobody refers to the payload any more.
    unsafe {
        if (*h).has(flags::WEAKREFS) {
            return dealloc_object(h);
        }
        std::ptr::drop_in_place(h.cast_mut().cast::<Obj<T>>());
        heap().free(h);
    }
}

/// As [`dealloc_leaf`], where the payload may hold values.
///
/// # Safety
/// As [`dealloc_leaf`].
pub unsafe fn dealloc_plain<T: Trace>(h: *const Header) {
    // SAFETY: as above; the depth is bounded as in `dealloc_object`.
    unsafe {
        let Some(vm) = try_current() else { return };
        let depth = vm.dealloc_depth.get();
        if depth >= MAX_DEPTH || (*h).has(flags::WEAKREFS) {
            return dealloc_object(h);
        }
        vm.dealloc_depth.set(depth + 1);
        heap().untrack(h);
        std::ptr::drop_in_place(h.cast_mut().cast::<Obj<T>>());
        heap().free(h);
        vm.dealloc_depth.set(depth);
        if depth == 0 {
            drain(vm);
        }
    }
}

#[inline]
unsafe fn drain(vm: &Vm) {
    // SAFETY: the list holds dead objects that wait for their turn.
    unsafe {
        while let Some(h) = (*vm.dealloc_later.get()).pop() {
            vm.dealloc_depth.set(1);
            (*h).unset(flags::DYING);
            free_one(vm, h);
            vm.dealloc_depth.set(0);
        }
    }
}

unsafe fn free_one(vm: &Vm, h: *const Header) {
    // SAFETY: count zero, type live until the end of this function (its count is ours).
    unsafe {
        let ty = (*h).ty().cast::<TypeObject>();
        let tracked = (*ty).has(tflag::GC);
        if (*ty).slots().finalize.is_some() && !(*h).has(flags::FINALIZED) && !finalize(vm, h) {
            heap().track(h, tracked);
            return;
        }
        if (*h).has(flags::WEAKREFS) {
            (*h).set_count(1);
            super::weak::clear_for_dealloc(vm, &*h);
            if (*h).count() > 1 {
                // A callback of another weak reference got hold of the object by other means.
                let _ = (*h).release();
                heap().track(h, tracked);
                return;
            }
            (*h).set_count(0);
        }
        // The finalizer may have changed the class.
        let ty = &*(*h).ty().cast::<TypeObject>();
        heap().untrack(h);
        drop_contents(h, ty);
        heap().free(h);
        if ty.has(tflag::HEAP) && ty.header().release() {
            dealloc(ty.header());
        }
    }
}

/// Runs the finalizer; false if the object lives on.
#[cold]
unsafe fn finalize(vm: &Vm, h: *const Header) -> bool {
    // SAFETY: the count is raised while Python code sees the object.
    unsafe {
        (*h).set(flags::FINALIZED);
        (*h).set_count(1);
        let v = Value::from_raw(h.expose_provenance() as u64);
        if let Some(f) = v.ty().slots().finalize {
            // Finalizers run as at the top: what waits for deallocation is not theirs to see.
            let depth = vm.dealloc_depth.replace(1);
            vm.preserving_raised(|| f(vm, &v));
            vm.dealloc_depth.set(depth);
        }
        let _ = v.into_raw();
        let resurrected = (*h).count() > 1;
        if resurrected {
            let _ = (*h).release();
        } else {
            (*h).set_count(0);
        }
        !resurrected
    }
}

unsafe fn drop_contents(h: *const Header, ty: &TypeObject) {
    // SAFETY: as `free_one`; extra words are zero or owned.
    unsafe {
        let start = ty.layout.size;
        let end = super::attr::extra_end(&*h, ty);
        if end > start && ty.has(tflag::HEAP) {
            let words = h.cast::<u8>().add(start).cast::<u64>().cast_mut();
            for i in 0..(end - start) / 8 {
                let w = std::mem::replace(&mut *words.add(i), 0);
                if w != 0 {
                    drop(Value::from_raw(w));
                }
            }
        }
        (ty.layout.drop)(h);
    }
}

unsafe fn trace_object(h: *const Header, ty: *const TypeHead, tracer: &mut Tracer<'_>) {
    // SAFETY: called by the collector for a live object with its real type.
    unsafe {
        let ty = &*ty.cast::<TypeObject>();
        (ty.layout.trace)(h, tracer);
        if ty.has(tflag::HEAP) {
            tracer.visit(ty.header());
            let start = ty.layout.size;
            let end = super::attr::extra_end(&*h, ty);
            let words = h.cast::<u8>().add(start).cast::<u64>();
            for i in 0..(end - start) / 8 {
                let w = *words.add(i);
                if w & 7 == 0 && w != 0 {
                    tracer.visit(std::ptr::with_exposed_provenance(w as usize));
                }
            }
        }
    }
}

unsafe fn clear_object(h: *const Header) {
    // SAFETY: called by the collector for a live object.
    unsafe {
        let ty = &*(*h).ty().cast::<TypeObject>();
        let mut out = Vec::new();
        (ty.layout.clear)(h, &mut out);
        if ty.has(tflag::HEAP) {
            let start = ty.layout.size;
            let end = super::attr::extra_end(&*h, ty);
            let words = h.cast::<u8>().add(start).cast::<u64>().cast_mut();
            for i in 0..(end - start) / 8 {
                let w = std::mem::replace(&mut *words.add(i), 0);
                if w != 0 {
                    out.push(Value::from_raw(w));
                }
            }
        }
        drop(out);
    }
}

/// The functions that the heap needs, the same for all types.
pub fn init_type_head(header: Header) -> TypeHead {
    TypeHead {
        header,
        trace: Cell::new(trace_object),
        clear: Cell::new(clear_object),
        dealloc: Cell::new(dealloc_object),
    }
}
