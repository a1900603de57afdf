//! Events for trace functions, profile functions and monitoring tools.
//!
//! While somebody listens, [`breaker::TRACE`](crate::vm::breaker::TRACE) is set in the eval breaker and the loop hands
//! over to [`traced`], which does one instruction after the other by the general way and tells of each event before,
//! or after, it. Nothing here costs anything while nobody listens.

mod legacy;
pub mod monitoring;

use taipan_bytecode::{Instr, Op};

pub(crate) use self::legacy::Event;
use self::monitoring::{event, fire};
use super::hot::Next;
use super::{slow, unwind};
use crate::core::{Obj, R, Value};
use crate::types::code::Code;
use crate::vm::{Frame, Vm, breaker};

/// What `Frame::traced_at` holds before the first line.
const NOWHERE: u32 = u32::MAX;

/// Runs the innermost frame, and those that it enters, telling of events, until nobody listens any more or the frame
/// that native code entered ends. Gives the place in the innermost frame to go on at; null: the loop ends.
///
/// # Safety
/// As [`super::run`]; the innermost frame's `pc` is saved.
#[cold]
#[inline(never)]
pub(super) unsafe fn traced(vm: &Vm) -> Next {
    // SAFETY: the caller; `slow::step` keeps the invariants.
    unsafe {
        loop {
            let frame = vm.stacks.record(vm.stacks.len.get() - 1);
            let pc = (*frame).pc;
            if !vm.tracing_active() {
                return Next { pc };
            }
            let w = Instr(*pc);
            if w.opcode() == Op::LoadBody as u8 {
                slow::load_body(frame);
                continue;
            }
            let at = pc.offset_from((*frame).code().instrs()) as usize;
            (*frame).pc = pc.add(1);
            (*frame).skip = 0;
            // Who traces memory wants to know the line that runs, and no more.
            let heard = vm.has_listeners();
            let told = if heard { before(vm, frame, w, at) } else { Ok(()) };
            if heard && told.is_ok() && has_jumped(frame, at) {
                // The setter of `f_lineno` has saved the place behind the word to go on at.
                (*frame).pc = (*frame).pc.sub(1);
                if op_of(w) != Some(Op::Yield) {
                    continue;
                }
                // The value is yielded all the same; the generator goes on there later.
            }
            let next = match told {
                Ok(()) => {
                    let next = slow::step(vm, frame, w);
                    if next.pc.is_null() {
                        return next;
                    }
                    let still = std::ptr::eq(frame, vm.stacks.record(vm.stacks.len.get() - 1));
                    if still {
                        (*frame).pc = next.pc;
                        match if heard { after(vm, &*frame, w, at) } else { Ok(()) } {
                            Ok(()) => next,
                            Err(r) => unwind::unwind(vm, r),
                        }
                    } else {
                        next
                    }
                }
                Err(r) => unwind::unwind(vm, r),
            };
            if next.pc.is_null() {
                return next;
            }
            let frame = vm.stacks.record(vm.stacks.len.get() - 1);
            (*frame).pc = next.pc;
            (*frame).skip = 0;
        }
    }
}

fn op_of(w: Instr) -> Option<Op> {
    Op::from_u8(w.opcode())
}

/// Tells of what is about to happen.
unsafe fn before(vm: &Vm, frame: *mut Frame, w: Instr, at: usize) -> R<()> {
    // SAFETY: the innermost frame.
    let (code, generator) = unsafe { (&*(*frame).code, (*frame).generator().is_some()) };
    let op = op_of(w);
    if op == Some(Op::Resume) {
        let resumed = w.a() != 0;
        // SAFETY: as above. What goes on within a line is no new line.
        unsafe {
            (*frame).traced_line.set(if resumed { code.position(at).line } else { 0 });
            (*frame).traced_at.set(if resumed { at as u32 } else { NOWHERE });
        }
        if w.a() >= 2 && !generator {
            return Ok(());
        }
        fire(vm, code, at, if resumed { event::PY_RESUME } else { event::PY_START }, &[])?;
        let call = if resumed { Event::Resume } else { Event::Call };
        legacy::trace(vm, call, &Value::NONE)?;
        return legacy::profile(vm, call, &Value::NONE);
    }
    // SAFETY: as above.
    unsafe {
        line(vm, &*frame, code, at, op)?;
        if has_jumped(frame, at) {
            return Ok(());
        }
    }
    match op {
        Some(Op::Return | Op::ReturnNone) => {
            let v = if op == Some(Op::ReturnNone) {
                Value::NONE
            } else {
                // SAFETY: a register of the window; zero is told by the instruction itself.
                unsafe {
                    let word = *(*frame).base.add(w.a());
                    if word == 0 {
                        return Ok(());
                    }
                    super::warm::value(&word).clone()
                }
            };
            left(vm, code, at, event::PY_RETURN, &v)
        }
        Some(Op::Yield) => {
            // SAFETY: as above.
            let v = unsafe {
                let word = *(*frame).base.add(w.b());
                if word == 0 {
                    return Ok(());
                }
                super::warm::value(&word).clone()
            };
            left(vm, code, at, event::PY_YIELD, &v)
        }
        _ => Ok(()),
    }
}

fn left(vm: &Vm, code: &Obj<Code>, at: usize, event: u32, v: &Value) -> R<()> {
    fire(vm, code, at, event, std::slice::from_ref(v))?;
    let told = if event == event::PY_YIELD { Event::Yield } else { Event::Return };
    legacy::trace(vm, told, v)?;
    legacy::profile(vm, told, v)
}

/// Whether a trace function has made the frame go on elsewhere than behind the instruction word at `at`.
///
/// # Safety
/// `frame` is the innermost frame, and its `pc` was saved as the word behind `at`.
unsafe fn has_jumped(frame: *const Frame, at: usize) -> bool {
    // SAFETY: the caller.
    unsafe { !std::ptr::eq((*frame).pc, (*frame).code().instrs().add(at + 1)) }
}

/// Tells of a line that begins, and of the instruction.
unsafe fn line(vm: &Vm, frame: &Frame, code: &Obj<Code>, at: usize, op: Option<Op>) -> R<()> {
    let quiet = matches!(op, Some(Op::MakeCell | Op::CopyFreeVars | Op::ReturnGenerator));
    let now = if quiet { 0 } else { code.position(at).line };
    if now != 0 {
        let (was, before) = (frame.traced_line.get(), frame.traced_at.get());
        let back = before != NOWHERE && (at as u32) < before;
        frame.traced_at.set(at as u32);
        if now != was || back {
            frame.traced_line.set(now);
            fire(vm, code, at, event::LINE, &[Value::from(now)])?;
            legacy::trace(vm, Event::Line, &Value::NONE)?;
        }
    }
    fire(vm, code, at, event::INSTRUCTION, &[])?;
    if vm.trace_fn.borrow().is_some() && frame.object != 0 {
        legacy::trace(vm, Event::Opcode, &Value::NONE)?;
    }
    Ok(())
}

/// Tells where a jump has gone.
unsafe fn after(vm: &Vm, frame: &Frame, w: Instr, at: usize) -> R<()> {
    let m = &vm.interp().monitoring;
    if !m.wants(event::JUMP) && !m.wants(event::BRANCH_LEFT) && !m.wants(event::BRANCH_RIGHT) {
        return Ok(());
    }
    let Some(op) = op_of(w) else { return Ok(()) };
    // SAFETY: the saved place lies in the frame's code.
    let to = unsafe { frame.pc.offset_from(frame.code().instrs()) } as usize;
    let through = to == at + 1 + op.info().extra.words();
    let which = match op {
        // The way around a handler, where others put handlers elsewhere.
        Op::Jump if frame.code().body().handlers.iter().any(|h| h.target as usize == at + 1) => return Ok(()),
        Op::Jump | Op::JumpBack => event::JUMP,
        Op::JumpIf | Op::JumpIfNone | Op::JumpLt | Op::JumpLe | Op::JumpEq | Op::JumpNe | Op::JumpGt | Op::JumpGe
        | Op::JumpLtInt | Op::JumpLeInt | Op::JumpEqInt | Op::JumpNeInt | Op::JumpGtInt | Op::JumpGeInt | Op::JumpIs | Op::JumpIn => {
            if through { event::BRANCH_LEFT } else { event::BRANCH_RIGHT }
        }
        // The loop's body is where FOR_ITER jumps to.
        Op::ForIter | Op::ForRange | Op::ForList | Op::ForTuple | Op::ForGen => {
            if through { event::BRANCH_RIGHT } else { event::BRANCH_LEFT }
        }
        _ => return Ok(()),
    };
    fire(vm, frame.code(), at, which, &[Value::from(frame.code().offset_of(to))])
}

/// Tells of an exception that was raised in the innermost frame, or has come into it.
///
/// Raises what a listener raises instead.
#[cold]
pub(super) fn raised(vm: &Vm, e: &Value, at: usize, again: bool) -> R<()> {
    let Some(frame) = vm.stacks.current() else { return Ok(()) };
    fire(vm, frame.code(), at, if again { event::RERAISE } else { event::RAISE }, std::slice::from_ref(e))?;
    if again { Ok(()) } else { legacy::exception(vm, e) }
}

/// Tells that the generator or coroutine that the innermost frame goes through has ended with a value, as of the
/// StopIteration that others would have seen.
#[cold]
pub(super) fn stopped(vm: &Vm, value: &Value) -> R<()> {
    let Some(frame) = vm.stacks.current() else { return Ok(()) };
    let raised = vm.stop_iteration((!value.is_none()).then(|| value.clone()));
    let e = vm.catch(raised);
    fire(vm, frame.code(), frame.lasti(), event::STOP_ITERATION, std::slice::from_ref(&e))?;
    legacy::exception(vm, &e)
}

/// Tells that the innermost frame handles an exception.
#[cold]
pub(super) fn handled(vm: &Vm, e: &Value, at: usize) -> R<()> {
    match vm.stacks.current() {
        Some(frame) => fire(vm, frame.code(), at, event::EXCEPTION_HANDLED, std::slice::from_ref(e)),
        None => Ok(()),
    }
}

/// Tells that the innermost frame is left with an exception.
#[cold]
pub(super) fn unwound(vm: &Vm, e: &Value, at: usize) -> R<()> {
    let Some(frame) = vm.stacks.current() else { return Ok(()) };
    fire(vm, frame.code(), at, event::PY_UNWIND, std::slice::from_ref(e))?;
    legacy::trace(vm, Event::Return, &Value::NONE)?;
    legacy::profile(vm, Event::Return, &Value::NONE)
}

/// Tells that an exception is thrown into the generator of the innermost frame.
pub(super) fn thrown(vm: &Vm, e: &Value) -> R<()> {
    if !vm.tracing_active() {
        return Ok(());
    }
    let Some(frame) = vm.stacks.current() else { return Ok(()) };
    fire(vm, frame.code(), frame.lasti(), event::PY_THROW, std::slice::from_ref(e))?;
    legacy::trace(vm, Event::Call, &Value::NONE)?;
    legacy::profile(vm, Event::Call, &Value::NONE)
}

/// Tells of a call, before it.
#[cold]
pub(super) fn call(vm: &Vm, f: &Value, args: &[Value]) -> R<()> {
    let Some(frame) = vm.stacks.current() else { return Ok(()) };
    if vm.interp().monitoring.wants(event::CALL) {
        let first = monitoring::first_argument(vm, args)?;
        fire(vm, frame.code(), frame.lasti(), event::CALL, &[f.clone(), first])?;
    }
    if is_c_function(f) { legacy::profile(vm, Event::CCall, &bound(f, args)) } else { Ok(()) }
}

/// Tells of the end of a native call.
#[cold]
pub(super) fn returned(vm: &Vm, f: &Value, args: &[Value], done: R) -> R {
    let Some(frame) = vm.stacks.current() else { return done };
    let code = frame.code();
    let tell = |what, which| {
        let first = monitoring::first_argument(vm, args)?;
        fire(vm, code, frame.lasti(), which, &[f.clone(), first])?;
        if is_c_function(f) { legacy::profile(vm, what, &bound(f, args)) } else { Ok(()) }
    };
    match done {
        Ok(v) => {
            tell(Event::CReturn, event::C_RETURN)?;
            Ok(v)
        }
        Err(r) => {
            let e = vm.catch(r);
            tell(Event::CException, event::C_RAISE)?;
            Err(vm.raise_as_is(e))
        }
    }
}

/// What profile functions call a C function.
fn is_c_function(f: &Value) -> bool {
    use crate::types::native_fn::{BuiltinFunction, MethodDescriptor};
    f.downcast_exact::<BuiltinFunction>().is_some() || f.downcast_exact::<MethodDescriptor>().is_some()
}

/// A method that was called with its object, as the bound method that the profile function gets.
fn bound(f: &Value, args: &[Value]) -> Value {
    match (f.downcast_exact::<crate::types::native_fn::MethodDescriptor>(), args.first()) {
        (Some(d), Some(this)) => crate::types::native_fn::bound_native(d.def, this.clone()),
        _ => f.clone(),
    }
}

impl Vm {
    /// Whether somebody listens to events of this thread, and the running code is not theirs.
    #[inline(always)]
    pub(super) fn listens(&self) -> bool {
        self.eval_breaker.get() & breaker::TRACE != 0 && !self.tracing.get()
    }
}

