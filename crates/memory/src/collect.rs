//! Finding cycles: trial deletion over a set of candidates.
//!
//! Each candidate's references from inside the set are subtracted from its count; what keeps a
//! positive rest is held from outside, and so is everything reachable from it. The rest is garbage.

use crate::header::{Header, TypeHead, flags};

enum Mode<'a> {
    Subtract(&'a mut [u32]),
    Mark {
        rest: &'a mut [u32],
        work: &'a mut Vec<u32>,
    },
    Call(&'a mut dyn FnMut(*const Header)),
}

/// Receives every reference that a traced object owns.
pub struct Tracer<'a> {
    mode: Mode<'a>,
}

impl<'a> Tracer<'a> {
    /// A tracer that calls `f` with each referent.
    pub fn calling(f: &'a mut dyn FnMut(*const Header)) -> Self {
        Self {
            mode: Mode::Call(f),
        }
    }

    /// One owned reference.
    #[inline]
    pub fn visit(&mut self, h: *const Header) {
        if let Mode::Call(f) = &mut self.mode {
            f(h);
            return;
        }
        // SAFETY: traced references are live (invariant 1).
        let header = unsafe { &*h };
        if !header.has(flags::COLLECTING) {
            return;
        }
        let i = header.ty().addr();
        match &mut self.mode {
            Mode::Subtract(rest) => {
                debug_assert!(rest[i] > 0, "more references to an object than are counted");
                rest[i] = rest[i].saturating_sub(1);
            }
            Mode::Mark { rest, work } => {
                if rest[i] != REACHED {
                    rest[i] = REACHED;
                    work.push(i as u32);
                }
            }
            Mode::Call(_) => {}
        }
    }
}

const REACHED: u32 = u32::MAX;

/// What a collection found.
pub struct Candidates {
    /// Objects held from outside.
    pub reachable: Vec<*const Header>,
    /// Objects that only hold one another.
    pub unreachable: Vec<*const Header>,
}

/// Splits live, tracked candidates into reachable and unreachable ones.
///
/// # Safety
/// Every pointer is a live object of one heap, each stands in the list once, and no other thread
/// touches the heap meanwhile. Trace functions must neither allocate nor change objects.
pub unsafe fn find_unreachable(objects: Vec<*const Header>) -> Candidates {
    // SAFETY: the caller; types are put back before this function returns.
    unsafe {
        let types: Vec<*const TypeHead> = objects.iter().map(|&o| (*o).ty()).collect();
        let mut rest: Vec<u32> = objects
            .iter()
            .map(|&o| {
                if (*o).is_immortal() {
                    REACHED - 1
                } else {
                    (*o).count()
                }
            })
            .collect();
        for (i, &o) in objects.iter().enumerate() {
            (*o).set(flags::COLLECTING);
            (*o).set_ty(std::ptr::without_provenance(i));
        }
        for (i, &o) in objects.iter().enumerate() {
            trace(
                o,
                types[i],
                &mut Tracer {
                    mode: Mode::Subtract(&mut rest),
                },
            );
        }
        let mut work: Vec<u32> = Vec::new();
        for (i, r) in rest.iter_mut().enumerate() {
            if *r != 0 {
                *r = REACHED;
                work.push(i as u32);
            }
        }
        while let Some(i) = work.pop() {
            let i = i as usize;
            trace(
                objects[i],
                types[i],
                &mut Tracer {
                    mode: Mode::Mark {
                        rest: &mut rest,
                        work: &mut work,
                    },
                },
            );
        }
        drop(work);
        // The list becomes that of the reachable ones: there may be very many.
        let mut objects = objects;
        let mut unreachable = Vec::new();
        let mut i = 0;
        objects.retain(|&o| {
            (*o).unset(flags::COLLECTING);
            (*o).set_ty(types[i]);
            let reached = rest[i] == REACHED;
            if !reached {
                unreachable.push(o);
            }
            i += 1;
            reached
        });
        Candidates { reachable: objects, unreachable }
    }
}

unsafe fn trace(o: *const Header, ty: *const TypeHead, tracer: &mut Tracer<'_>) {
    // SAFETY: `ty` is the object's type; the type object itself may be a candidate, but its trace
    // function stays in place while its header's type field is borrowed.
    unsafe {
        ((*ty).trace.get())(o, ty, tracer);
    }
}
