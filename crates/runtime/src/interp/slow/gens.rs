//! Generators and coroutines.

use taipan_bytecode::{Instr, Op, flag};

use super::{Cx, Flow};
use crate::core::{Obj, R, Ref, Value};
use crate::interp::enter;
use crate::types::exceptions as exc;
use crate::types::generator::{self, Generator, Outcome};

use crate::vm::{Frame, FrameKind, Vm};

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::ReturnGenerator => {
            let g = generator::from_frame(vm, cx.frame)?;
            super::calls::leave(vm, g)
        }
        Op::GetAwaitable => {
            let o = cx.read(w.b())?;
            let it = generator::awaitable(vm, o, w.c())?;
            if let Some(g) = it.downcast::<Generator>()
                && g.flavour == generator::Flavour::Coroutine
                && g.delegate().is_some()
            {
                return Err(vm.runtime_error("coroutine is being awaited already"));
            }
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), it);
            Ok(Flow::Next)
        }
        Op::GetYieldFromIter => {
            let o = cx.read(w.b())?;
            // SAFETY: the frame is running.
            let it = generator::yield_from_iter(vm, o, unsafe { (*cx.frame).code() })?;
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), it);
            Ok(Flow::Next)
        }
        Op::GetAiter => {
            let o = cx.read(w.b())?;
            let Some(f) = o.ty().slots().aiter else {
                return Err(vm.type_error(format!("'async for' requires an object with __aiter__ method, got {}", o.ty().tp_name())));
            };
            let it = f(vm, o)?;
            if it.ty().slots().anext.is_none() {
                return Err(vm.type_error(format!("'async for' received an object from __aiter__ that does not implement __anext__: {}", it.ty().tp_name())));
            }
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), it);
            Ok(Flow::Next)
        }
        Op::GetAnext => {
            let o = cx.read(w.b())?;
            let Some(f) = o.ty().slots().anext else {
                return Err(vm.type_error(format!("'async for' requires an iterator with __anext__ method, got {}", o.ty().tp_name())));
            };
            let next = f(vm, o)?;
            let awaitable = if generator::is_async_gen_asend(&next) {
                next
            } else {
                match generator::awaitable(vm, &next, 0) {
                    Ok(a) => a,
                    Err(r) => {
                        let cause = vm.catch(r);
                        let r = vm.type_error(format!("'async for' received an invalid object from __anext__: {}", next.ty().tp_name()));
                        let e = vm.catch(r);
                        exc::set_context(&e, cause.clone());
                        exc::set_cause(&e, cause);
                        return Err(vm.raise_as_is(e));
                    }
                }
            };
            cx.put(w.a(), awaitable);
            Ok(Flow::Next)
        }
        Op::EndAsyncFor => {
            let e = cx.take_or_clone(w.b(), flag::KILL_B)?;
            if e.ty().is_subtype_of(exc::STOP_ASYNC_ITERATION.get()) {
                drop(cx.take_opt(w.a()));
                return Ok(Flow::Next);
            }
            Err(vm.reraise(e))
        }
        _ => {
            let e = cx.take_or_clone(w.c(), flag::KILL_C)?;
            if e.ty().is_subtype_of(exc::STOP_ITERATION.get()) {
                drop(cx.take_opt(w.b()));
                cx.put(w.a(), exc::stop_iteration_value(&e));
                // SAFETY: the extra word is the jump.
                return Ok(Flow::Jump(unsafe { *cx.extra() } as i64 as isize));
            }
            Err(vm.reraise(e))
        }
    }
}

/// Ends the resumption with a yielded value.
pub(super) fn suspend(cx: &Cx<'_>) -> R<Flow> {
    let (vm, w) = (cx.vm, cx.w);
    let v = cx.take_or_clone(w.b(), flag::KILL_B)?;
    // SAFETY: the innermost frame is a generator's; it is taken off, its registers go to the generator, which
    // whoever resumed it keeps alive.
    unsafe {
        let frame = cx.frame;
        let Some(g) = (*frame).generator_ref() else { return Err(vm.system_error("yield outside a generator")) };
        if (*frame).kind == FrameKind::GenInline {
            return Ok(Flow::At(suspend_inline(vm, frame, w, v.into_raw())));
        }
        let resume = (*frame).pc.offset_from((*(*frame).code).instrs());
        g.save(vm, frame, resume as u32, w.a() as u16, w.c() != 0);
        vm.stacks.len.set(vm.stacks.len.get() - 1);
        vm.loop_result.set(Some(v));
        Ok(Flow::Exit)
    }
}

/// The caller's instruction that resumed an inline generator (FOR_ITER, SEND, or a call of `next` or `send`): its word,
/// and its first extra word's address.
unsafe fn caller_instr(vm: &Vm) -> (*mut Frame, Instr, *const u64) {
    // SAFETY: the caller's saved pc points at the extra word behind its FOR_ITER or SEND.
    unsafe {
        let caller = vm.stacks.record(vm.stacks.len.get() - 1);
        let pc = (*caller).pc;
        (caller, Instr(*pc.sub(1)), pc)
    }
}

/// An inline generator returned: FOR_ITER ends its loop, SEND takes the value and jumps, a call raises StopIteration.
pub(super) unsafe fn inline_finished(vm: &Vm, left: *mut Frame, v: Value) -> R<()> {
    // SAFETY: as `caller_instr`.
    unsafe {
        let (caller, w, pc) = caller_instr(vm);
        let base = (*caller).base;
        let op = w.opcode();
        if op == Op::CallNext as u8 || op == Op::CallSend as u8 {
            return Err(vm.stop_iteration((!v.is_none()).then_some(v)));
        }
        // Its record is free for the frames of who listens.
        let ret = (*left).ret as usize;
        if vm.listens() {
            crate::interp::events::stopped(vm, &v)?;
        }
        if op == Op::Send as u8 {
            crate::interp::words::put(base, ret, v.into_raw());
            (*caller).pc = pc.add(1).offset(*pc as i64 as isize);
        } else {
            drop(v);
            crate::interp::words::release(std::mem::replace(&mut *base.add(w.b()), 0));
            (*caller).pc = pc.add(1);
        }
    }
    Ok(())
}

/// Pushes a generator's frame above the innermost one, whose instruction with the result register `ret` resumes it.
/// Takes the word that is sent; gives the place to go on at.
///
/// Raises TypeError for a value sent too early, RecursionError.
///
/// # Safety
/// `frame` is the innermost frame, the generator can run in the loop, `sent` is an owned word.
#[inline(never)]
pub(in crate::interp) unsafe fn resume_inline(vm: &Vm, frame: *mut Frame, g: &Obj<Generator>, sent: u64, ret: usize) -> R<*const u64> {
    // SAFETY: the caller; the generator is marked as running.
    unsafe {
        let sent = Value::from_raw(sent);
        g.start(vm, &sent)?;
        g.put_sent(sent);
        match enter::push_generator_above(vm, frame, g, ret) {
            Some(pc) => Ok(pc),
            None => {
                g.start_failed(vm);
                Err(vm.recursion_error("maximum recursion depth exceeded"))
            }
        }
    }
}

/// Pushes a generator's frame so that the loop goes on in it.
pub(super) fn enter_inline(cx: &Cx<'_>, g: &Ref<Generator>, sent: Value, ret: usize) -> R<Flow> {
    // SAFETY: `cx.frame` is the innermost frame.
    unsafe { resume_inline(cx.vm, cx.frame, g, sent.into_raw(), ret).map(Flow::At) }
}

/// Suspends a generator that native code resumed.
///
/// # Safety
/// `frame` is the innermost frame, of kind `GenEntry`.
#[inline(never)]
pub(in crate::interp) unsafe fn suspend_entry(vm: &Vm, frame: *mut Frame, w: Instr) {
    // SAFETY: the caller; whoever resumed the generator keeps it alive.
    unsafe {
        let g = &*std::ptr::with_exposed_provenance::<Obj<Generator>>((*frame).generator as usize);
        let resume = (*frame).pc.offset_from((*(*frame).code).instrs());
        g.save(vm, frame, resume as u32, w.a() as u16, w.c() != 0);
        vm.stacks.len.set(vm.stacks.len.get() - 1);
    }
}

/// Suspends a generator that the loop resumed; its value goes to the resuming instruction. Gives the place to go on at.
///
/// # Safety
/// `frame` is the innermost frame, of kind `GenInline`, and `v` an owned word.
#[inline(never)]
pub(in crate::interp) unsafe fn suspend_inline(vm: &Vm, frame: *mut Frame, w: Instr, v: u64) -> *const u64 {
    // SAFETY: the caller; whoever resumed the generator keeps it alive.
    unsafe {
        let g = (*frame).generator as usize;
        let g = &*std::ptr::with_exposed_provenance::<Obj<Generator>>(g);
        let resume = (*frame).pc.offset_from((*(*frame).code).instrs());
        g.save(vm, frame, resume as u32, w.a() as u16, w.c() != 0);
        vm.stacks.len.set(vm.stacks.len.get() - 1);
        // The caller's saved pc points at the extra word behind its FOR_ITER or SEND.
        let caller = frame.sub(1);
        let (pc, base, ret) = ((*caller).pc, (*caller).base, (*frame).ret as usize);
        let by = Instr(*pc.sub(1));
        let op = by.opcode();
        if op == Op::CallNext as u8 || op == Op::CallSend as u8 {
            // The call took its argument.
            crate::interp::words::release(std::mem::replace(&mut *base.add(by.a() + 1), 0));
            crate::interp::words::put(base, ret, v);
            return pc.add(3);
        }
        crate::interp::words::put(base, ret, v);
        if op == Op::Send as u8 { pc.add(1) } else { pc.add(1).offset(*pc as i64 as isize) }
    }
}

pub(super) fn send(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    let v = cx.take(w.c())?;
    let it = cx.read(w.b())?;
    if let Some(g) = it.downcast::<Generator>()
        && g.can_inline()
    {
        return enter_inline(cx, g, v, w.a());
    }
    match generator::send(vm, it, v)? {
        Outcome::Yielded(v) => {
            cx.put(w.a(), v);
            Ok(Flow::Next)
        }
        Outcome::Returned(v) => {
            if vm.listens() {
                crate::interp::events::stopped(vm, &v)?;
            }
            cx.put(w.a(), v);
            // SAFETY: the extra word is the jump.
            Ok(Flow::Jump(unsafe { *cx.extra() } as i64 as isize))
        }
    }
}

