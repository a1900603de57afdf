//! Raising: finding the handler, adding traceback entries, leaving frames.

use super::{enter, events};
use super::hot::Next;
use crate::core::{Raised, tag};
use crate::types::exceptions;
use crate::vm::{Frame, FrameKind, Vm};

/// Goes on at the innermost handler for the exception being raised; a null `pc` means that the
/// frame native code entered was left with the exception.
///
/// # Safety
/// As [`super::run`].
#[cold]
#[inline(never)]
pub(super) unsafe fn unwind(vm: &Vm, raised: Raised) -> Next {
    let mut e = vm.catch(raised);
    // SAFETY: the innermost frame is running; registers as in the invariants of `vm::frames`.
    unsafe {
        loop {
            let frame = vm.stacks.record(vm.stacks.len.get() - 1);
            let code = &*(*frame).code;
            let at = (*frame).lasti();
            let again = vm.reraising.replace(false);
            if !again {
                let object = crate::types::frame::object_of(vm, vm.stacks.len.get() - 1);
                let line = code.position(at).line;
                exceptions::traceback::add_traceback(vm, &e, object, at, line);
            }
            if vm.listens() {
                // What a listener raises takes the exception's place.
                if let Err(r) = events::raised(vm, &e, at, again) {
                    e = vm.catch(r);
                }
            }
            let handler = code.body().handlers.iter().find(|h| (h.start as usize) <= at && at < h.end as usize);
            if let Some(h) = handler {
                if vm.listens()
                    && let Err(r) = events::handled(vm, &e, at)
                {
                    e = vm.catch(r);
                }
                if code.position(at).line != 0 {
                    crate::types::frame::note_raise(&*frame, at);
                }
                let base = (*frame).base;
                for r in (h.depth as usize).max(code.nlocals as usize)..code.nregs as usize {
                    let x = *base.add(r);
                    if tag::is_object(x) {
                        *base.add(r) = 0;
                        super::words::release(x);
                    }
                }
                super::words::put(base, h.exc_reg as usize, e.into_raw());
                let pc = code.instrs().add(h.target as usize).cast_const();
                (*frame).pc = pc;
                return Next { pc };
            }
            if again && code.position(at).line == 0 {
                stand_where_raised(frame);
            }
            if vm.listens()
                && let Err(r) = events::unwound(vm, &e, at)
            {
                e = vm.catch(r);
            }
            if let Some(g) = (*frame).generator() {
                crate::types::generator::failed(vm, &g);
            }
            let kind = (*frame).kind;
            let extra = enter::pop(vm, frame);
            drop(extra);
            match kind {
                FrameKind::Entry | FrameKind::GenEntry => {
                    let raised = vm.raise_as_is(e);
                    let _ = raised;
                    drop(vm.loop_result.take());
                    return Next { pc: std::ptr::null() };
                }
                // An exception that leaves a generator resumed by FOR_ITER or SEND is the caller's, there.
                FrameKind::Call | FrameKind::Init | FrameKind::GenInline => {}
            }
        }
    }
}

/// A frame that is left by the clean-up code of a handler, which has no line, stands where the handler was
/// entered from (`f_lineno` of a frame in a traceback).
///
/// # Safety
/// `frame` is the innermost frame.
unsafe fn stand_where_raised(frame: *mut Frame) {
    // SAFETY: the caller; a noted index is one of the code's words.
    unsafe {
        if let Some(i) = crate::types::frame::noted_raise(&*frame) {
            (*frame).skip = 0;
            (*frame).pc = (*frame).code().instrs().add(i + 1).cast_const();
        }
    }
}
