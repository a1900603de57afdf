//! Everything that the loop does not do in its own arms.

mod arith;
pub(super) mod attrs;
mod build;
mod calls;
pub(super) use calls::call_run;
mod exc;
pub(super) mod gens;
mod iter;
mod matching;
pub(super) mod misc;
pub(super) mod names;
pub(in crate::interp) use names::IN_GLOBALS;

use taipan_bytecode::{Instr, Op, flag};

use super::hot::Next;
use super::unwind;
use crate::core::{R, Value};
use crate::vm::{Frame, Vm, breaker};

/// Where to go on after an instruction.
pub(super) enum Flow {
    /// The next instruction.
    Next,
    /// That many words from the next instruction.
    Jump(isize),
    /// The innermost frame's saved place (a frame was entered or left).
    Frame,
    /// This place in the innermost frame.
    At(*const u64),
    /// The loop ends; the result is in the thread.
    Exit,
}

/// One instruction being done.
pub(super) struct Cx<'a> {
    pub vm: &'a Vm,
    pub frame: *mut Frame,
    pub base: *mut u64,
    pub w: Instr,
}

impl<'a> Cx<'a> {
    /// The value in a register.
    ///
    /// Raises UnboundLocalError if it is empty.
    #[inline(always)]
    pub fn read(&self, r: usize) -> R<&'a Value> {
        // SAFETY: a register of the window; a word that is not zero is a valid value, which stays
        // until this instruction changes the register.
        unsafe {
            let slot = self.base.add(r);
            if *slot == 0 { Err(self.unbound(r)) } else { Ok(&*slot.cast::<Value>()) }
        }
    }

    /// The value in a register that may be empty.
    pub fn read_opt(&self, r: usize) -> Option<&'a Value> {
        // SAFETY: as `read`.
        unsafe {
            let slot = self.base.add(r);
            if *slot == 0 { None } else { Some(&*slot.cast::<Value>()) }
        }
    }

    #[cold]
    fn unbound(&self, r: usize) -> crate::core::Raised {
        // SAFETY: the frame is running.
        let code = unsafe { (*self.frame).code() };
        match code.register_name(r) {
            Some(n) => {
                let n = self.vm.str_lossy(&n);
                self.vm.unbound_local_error(format!("cannot access local variable '{n}' where it is not associated with a value"))
            }
            None => self.vm.system_error("empty register"),
        }
    }

    /// Takes a register's value out.
    pub fn take(&self, r: usize) -> R {
        // SAFETY: a register of the window; its count moves to the result.
        unsafe {
            let w = std::mem::replace(&mut *self.base.add(r), 0);
            if w == 0 { Err(self.unbound(r)) } else { Ok(Value::from_raw(w)) }
        }
    }

    /// Takes a register's value out, if there is one.
    pub fn take_opt(&self, r: usize) -> Option<Value> {
        // SAFETY: as `take`.
        unsafe {
            let w = std::mem::replace(&mut *self.base.add(r), 0);
            if w == 0 { None } else { Some(Value::from_raw(w)) }
        }
    }

    /// The value of an operand as an owned one: taken out if this is its last use.
    pub fn take_or_clone(&self, r: usize, kill: u8) -> R {
        if self.w.flags() & kill != 0 { self.take(r) } else { self.read(r).cloned() }
    }

    /// Writes a register.
    #[inline(always)]
    pub fn put(&self, r: usize, v: Value) {
        // SAFETY: a register of the window.
        unsafe { super::words::put(self.base, r, v.into_raw()) };
    }

    /// Gives up operand registers whose last use this was.
    #[inline(always)]
    pub fn kill(&self) {
        let f = self.w.flags();
        if f & (flag::KILL_A | flag::KILL_B | flag::KILL_C) == 0 {
            return;
        }
        for (bit, r) in [(flag::KILL_A, self.w.a()), (flag::KILL_B, self.w.b()), (flag::KILL_C, self.w.c())] {
            if f & bit != 0 {
                drop(self.take_opt(r));
            }
        }
    }

    /// Whether operand `b` dies here.
    pub fn kills_b(&self) -> bool {
        self.w.flags() & flag::KILL_B != 0
    }

    /// The name operand with index `i`.
    pub fn name(&self, i: usize) -> &'a Value {
        // SAFETY: the frame is running; names live as long as its code.
        unsafe { &(*(*self.frame).code).names[i] }
    }

    /// The first extra word.
    pub fn extra(&self) -> *mut u64 {
        // SAFETY: the frame's pc points behind the instruction word.
        unsafe { (*self.frame).pc.cast_mut() }
    }

    /// Rewrites the instruction's opcode in place.
    pub fn specialise(&self, op: Op) {
        // SAFETY: the word before pc is this instruction, in this interpreter's own copy.
        unsafe { *self.extra().sub(1) = self.w.with_op(op).0 };
    }
}

/// How many extra words each opcode has.
static WORDS: [u8; 256] = {
    let mut words = [0; 256];
    let mut i = 0;
    while i < Op::ALL.len() {
        words[i] = Op::ALL[i].info().extra.words() as u8;
        i += 1;
    }
    words
};

/// Does one instruction; `frame.pc` points behind its word.
///
/// # Safety
/// As [`super::run`].
#[inline(never)]
pub(super) unsafe fn step(vm: &Vm, frame: *mut Frame, w: Instr) -> Next {
    // SAFETY: the frame is the innermost one.
    unsafe {
        let cx = Cx { vm, frame, base: (*frame).base, w };
        let op = std::mem::transmute::<u8, Op>(w.opcode());
        flow(vm, frame, w, dispatch(&cx, op))
    }
}

/// Where the loop goes on after an instruction.
///
/// # Safety
/// As [`step`].
#[inline(always)]
unsafe fn flow(vm: &Vm, frame: *mut Frame, w: Instr, done: R<Flow>) -> Next {
    // SAFETY: the caller.
    unsafe {
        match done {
            Ok(Flow::Next) => Next { pc: (*frame).pc.add(WORDS[w.opcode() as usize] as usize) },
            Ok(Flow::Jump(d)) => {
                let pc = (*frame).pc.add(WORDS[w.opcode() as usize] as usize).offset(d);
                (*frame).pc = pc;
                if d < 0
                    && vm.eval_breaker.get() != 0
                    && let Err(r) = vm.handle_breaker()
                {
                    return unwind::unwind(vm, r);
                }
                Next { pc }
            }
            Ok(Flow::Frame) => Next { pc: (*vm.stacks.record(vm.stacks.len.get() - 1)).pc },
            Ok(Flow::At(pc)) => Next { pc },
            Ok(Flow::Exit) => Next { pc: std::ptr::null() },
            Err(r) => unwind::unwind(vm, r),
        }
    }
}

/// What the loop returns to native code.
pub(super) fn finish(vm: &Vm) -> R {
    match vm.loop_result.take() {
        Some(v) => Ok(v),
        None => Err(crate::core::Raised::new()),
    }
}

#[inline(always)]
fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    match op {
        Op::Nop => Ok(Flow::Next),
        Op::Resume => {
            cx.vm.handle_breaker()?;
            Ok(Flow::Next)
        }
        Op::Add | Op::Sub | Op::Mul | Op::TrueDiv | Op::FloorDiv | Op::Mod | Op::Pow | Op::MatMul | Op::LShift | Op::RShift
        | Op::BitAnd | Op::BitOr | Op::BitXor => arith::binary(cx, op),
        Op::AddInt | Op::SubInt | Op::MulInt | Op::FloorDivInt | Op::ModInt | Op::AndInt | Op::LShiftInt | Op::RShiftInt => {
            arith::binary_int(cx, op)
        }
        Op::Neg | Op::Pos | Op::Invert | Op::Not => arith::unary(cx, op),
        Op::Lt | Op::Le | Op::Eq | Op::Ne | Op::Gt | Op::Ge | Op::Is | Op::In => arith::compare(cx, op),
        Op::Jump | Op::JumpBack | Op::JumpIf | Op::JumpIfNone | Op::JumpLt | Op::JumpLe | Op::JumpEq | Op::JumpNe | Op::JumpGt
        | Op::JumpGe | Op::JumpLtInt | Op::JumpLeInt | Op::JumpEqInt | Op::JumpNeInt | Op::JumpGtInt | Op::JumpGeInt
        | Op::JumpIs | Op::JumpIn => arith::jump(cx, op),
        Op::LoadConst | Op::LoadInt | Op::Move | Op::Clear | Op::DeleteFast | Op::LoadFastAndClear | Op::StoreFastMaybeNull
        | Op::Swap | Op::MakeCell | Op::CopyFreeVars | Op::LoadDeref | Op::StoreDeref | Op::DeleteDeref
        | Op::LoadFromDictOrDeref | Op::LoadFromDictOrGlobals | Op::LoadBuildClass | Op::LoadCommon | Op::LoadGlobal
        | Op::LoadGlobalModule | Op::LoadGlobalBuiltin | Op::StoreGlobal | Op::DeleteGlobal | Op::LoadName | Op::StoreName
        | Op::DeleteName | Op::LoadLocals => names::dispatch(cx, op),
        Op::LoadAttr | Op::LoadAttrSlot | Op::LoadAttrType | Op::LoadAttrClass | Op::LoadAttrModule | Op::LoadAttrProperty
        | Op::LoadAttrGetset => {
            attrs::load(cx)
        }
        Op::StoreAttr | Op::StoreAttrSlot => attrs::store(cx),
        Op::DeleteAttr => attrs::delete(cx),
        Op::LoadMethod | Op::LoadMethodCached => attrs::load_method(cx),
        Op::LoadSuperAttr | Op::LoadSuperMethod => attrs::load_super(cx, op),
        Op::LoadSpecial => attrs::load_special(cx),
        Op::LoadSubscr | Op::LoadSubscrInt | Op::StoreSubscr | Op::DeleteSubscr | Op::LoadSlice | Op::StoreSlice => {
            build::subscript(cx, op)
        }
        Op::GetIter | Op::ForIter | Op::ForRange | Op::ForList | Op::ForTuple | Op::ForGen | Op::UnpackSequence | Op::UnpackEx => {
            iter::dispatch(cx, op)
        }
        Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildMap | Op::BuildString | Op::BuildSlice | Op::ListAppend
        | Op::SetAdd | Op::MapAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate | Op::DictMerge | Op::ListToTuple
        | Op::FormatSimple | Op::FormatWithSpec | Op::Convert | Op::BuildInterpolation | Op::BuildTemplate => {
            build::dispatch(cx, op)
        }
        Op::Call => calls::call(cx),
        Op::CallKw => calls::call_kw(cx),
        Op::CallEx => calls::call_ex(cx),
        Op::CallGlobal | Op::CallGlobalModule | Op::CallGlobalBuiltin | Op::CallLen | Op::CallIsinstance | Op::CallNext => calls::call_global(cx),
        Op::CallAttr | Op::CallAttrCached | Op::CallAttrModule | Op::CallListAppend | Op::CallListPop | Op::CallSend => calls::call_attr(cx),
        Op::Return => {
            let v = cx.take_or_clone(cx.w.a(), flag::KILL_A)?;
            calls::leave(cx.vm, v)
        }
        Op::ReturnNone => calls::leave(cx.vm, Value::NONE),
        Op::MakeFunction | Op::SetFunctionAttr | Op::ImportName | Op::ImportFrom | Op::ImportStar | Op::SetupAnnotations
        | Op::CallIntrinsic => misc::dispatch(cx, op),
        Op::Raise | Op::Reraise | Op::PushExcInfo | Op::PopExcept | Op::CheckExcMatch | Op::CheckEgMatch | Op::WithExceptStart => {
            exc::dispatch(cx, op)
        }
        Op::Yield => gens::suspend(cx),
        Op::Send => gens::send(cx),
        Op::CleanupThrow | Op::ReturnGenerator | Op::GetAwaitable | Op::GetYieldFromIter | Op::GetAiter
        | Op::GetAnext | Op::EndAsyncFor => gens::dispatch(cx, op),
        Op::MatchClass | Op::MatchMapping | Op::MatchSequence | Op::MatchKeys | Op::GetLen => matching::dispatch(cx, op),
        Op::LoadBody => {
            // SAFETY: the frame is running.
            unsafe { load_body(cx.frame) };
            // SAFETY: as above.
            Ok(Flow::At(unsafe { (*cx.frame).pc }))
        }
    }
}

/// A frame that stands at the beginning of code without its body gets it.
///
/// # Safety
/// The frame is the innermost one, and has not run yet.
pub(super) unsafe fn load_body(frame: *mut Frame) {
    // SAFETY: the caller.
    unsafe {
        let code = (*frame).code();
        code.body();
        (*frame).consts = code.consts.as_ptr().cast();
        (*frame).pc = code.instrs();
    }
}

impl Vm {
    /// Does what the eval breaker asks for.
    #[cold]
    pub fn handle_breaker(&self) -> R<()> {
        let bits = self.eval_breaker.get();
        if bits & breaker::MEMORY != 0 {
            self.eval_breaker.remove(breaker::MEMORY);
            if !self.collect_for_room() {
                return Err(self.memory_error());
            }
        }
        if bits & breaker::GC != 0 {
            self.collect_due();
        }
        if bits & breaker::GIL != 0 {
            self.hand_over();
        }
        if bits & breaker::ASYNC_EXC != 0 {
            self.eval_breaker.remove(breaker::ASYNC_EXC);
            if let Some(cls) = self.async_exc.take() {
                let e = if cls.as_type().is_some() { self.call(&cls, &[])? } else { cls };
                return Err(self.raise(e));
            }
        }
        self.interp().run_pending(self, bits)
    }

    /// What native code does at each step into a structure or an iterator that may be deep or endless: see
    /// [`Vm::check_native_stack`] and [`Vm::poll`].
    ///
    /// Raises RecursionError and what a signal handler raises.
    #[inline(always)]
    pub fn native_step(&self) -> R<()> {
        self.check_native_stack()?;
        self.poll()
    }

    /// Gives signals and other threads their turn during long native work.
    ///
    /// Raises what a signal handler raises.
    #[inline]
    pub fn poll(&self) -> R<()> {
        if self.eval_breaker.get() & !(breaker::GC | breaker::TRACE) == 0 { Ok(()) } else { self.handle_poll() }
    }

    #[cold]
    #[inline(never)]
    fn handle_poll(&self) -> R<()> {
        // No collection in the middle of native work.
        if self.eval_breaker.get() & breaker::MEMORY != 0 {
            self.eval_breaker.remove(breaker::MEMORY);
            return Err(self.memory_error());
        }
        if self.eval_breaker.get() & breaker::GC == 0 {
            return self.handle_breaker();
        }
        self.eval_breaker.remove(breaker::GC);
        let r = self.handle_breaker();
        self.break_eval(breaker::GC);
        r
    }
}

