//! generator, coroutine, async_generator: a suspended frame that owns its registers.

mod asyncgen;
mod methods;
mod registers;

use std::cell::Cell;

use taipan_bytecode::{CodeFlags, Instr, Op};
use taipan_memory::Tracer;

pub use self::asyncgen::{anext_default, async_gen_wrap, is_async_gen_asend};
pub use self::methods::{TYPES, throw_exception};
pub(crate) use self::methods::finalize;
use crate::core::{Obj, PyCell, R, Raised, Ref, Trace, Value, tag};
use crate::interp;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::function::Function;
use crate::types::type_::slotdefs::is_python_next;
use crate::vm::{Frame, Vm, names};

/// Where a generator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not resumed yet.
    Created,
    /// At a yield.
    Suspended,
    /// Its frame is on the stack.
    Running,
    /// Returned, raised or closed.
    Finished,
}

/// What it is; all three share payload and machinery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// `def` with `yield`.
    Generator,
    /// `async def`.
    Coroutine,
    /// `async def` with `yield`.
    AsyncGenerator,
}

/// The payload of generator, coroutine and async_generator.
pub struct Generator {
    /// The code.
    pub code: Ref<Code>,
    /// Whose call made it; keeps the namespaces alive.
    func: Ref<Function>,
    /// Whether the words behind the payload are the registers, see [`registers`].
    registers_saved: Cell<bool>,
    /// Index of the word to go on at.
    pub resume_at: Cell<u32>,
    /// Register that gets the sent value.
    sent_reg: Cell<u16>,
    /// Suspended inside `yield from` or `await`.
    delegating: Cell<bool>,
    /// See [`State`].
    pub state: Cell<State>,
    /// See [`Flavour`].
    pub flavour: Flavour,
    /// `__name__` where it is not the code's.
    name: PyCell<Option<Value>>,
    /// `__qualname__` where it is not the code's.
    qualname: PyCell<Option<Value>>,
    /// The exception that the generator itself handles, while suspended.
    handled: PyCell<Option<Value>>,
    /// The exception that the resumer handles, while running.
    caller_handled: PyCell<Option<Value>>,
    frame_object: PyCell<Option<Value>>,
    /// `cr_origin`
    pub origin: PyCell<Value>,
    /// For asynchronous generators: hooks have run, closing, a step is running, finalizer.
    pub(super) hooks_inited: Cell<bool>,
    pub(super) closed: Cell<bool>,
    pub(super) running_async: Cell<bool>,
    pub(super) finalizer: PyCell<Option<Value>>,
}

impl Trace for Generator {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.code.trace(tracer);
        self.func.trace(tracer);
        self.origin.trace(tracer);
        for f in [&self.name, &self.qualname, &self.handled, &self.caller_handled, &self.frame_object, &self.finalizer] {
            f.trace(tracer);
        }
        for w in self.registers() {
            if tag::is_object(w.get()) {
                tracer.visit(std::ptr::with_exposed_provenance(w.get() as usize));
            }
        }
    }

    fn clear(&self, out: &mut Vec<Value>) {
        if self.state.get() != State::Running {
            self.state.set(State::Finished);
            out.extend(self.take_registers(usize::MAX).into_iter().flatten());
        }
        out.extend(self.handled.take());
        if let Some(f) = self.frame_object.take() {
            // The object may outlive this one.
            if let Some(f) = f.downcast::<crate::types::frame::FrameObject>() {
                f.forget_generator();
            }
            out.push(f);
        }
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        if crate::vm::try_current().is_some() {
            self.drop_frame();
        }
    }
}

/// What resuming gave.
pub enum Outcome {
    /// A yielded value.
    Yielded(Value),
    /// The return value: finished.
    Returned(Value),
}

/// Makes the generator of the innermost frame, taking its registers over.
pub(crate) fn from_frame(vm: &Vm, frame: *mut Frame) -> R {
    // SAFETY: the innermost frame; its registers move to the generator.
    unsafe {
        let f = &mut *frame;
        let code = f.code().to_ref();
        let flavour = if code.has(CodeFlags::COROUTINE) {
            Flavour::Coroutine
        } else if code.has(CodeFlags::ASYNC_GENERATOR) {
            Flavour::AsyncGenerator
        } else {
            Flavour::Generator
        };
        if f.func.is_null() {
            return Err(vm.system_error("a generator's code runs without a function"));
        }
        let func = (*f.func).to_ref();
        let other = |now: &PyCell<Value>, code: &Value| (!now.borrow().is(code)).then(|| now.get());
        let (name, qualname) = (other(&func.name, &code.name), other(&func.qualname, &code.qualname));
        let origin = if flavour == Flavour::Coroutine { methods::origin(vm) } else { Value::NONE };
        let payload = Generator {
            registers_saved: Cell::new(false),
            resume_at: Cell::new(f.pc.offset_from(code.instrs()) as u32),
            sent_reg: Cell::new(u16::MAX),
            delegating: Cell::new(false),
            state: Cell::new(State::Created),
            flavour,
            name: PyCell::new(name),
            qualname: PyCell::new(qualname),
            handled: PyCell::new(None),
            caller_handled: PyCell::new(None),
            frame_object: PyCell::new(None),
            origin: PyCell::new(origin),
            hooks_inited: Cell::new(false),
            closed: Cell::new(false),
            running_async: Cell::new(false),
            finalizer: PyCell::new(None),
            func,
            code,
        };
        let g = methods::allocate(payload);
        g.save_registers(f.base);
        Ok(g.into_value())
    }
}

impl Generator {
    /// The function's address for the frame record.
    pub(crate) fn function_ptr(&self) -> *const Obj<Function> {
        &raw const *self.func
    }

    /// Global namespace.
    pub fn globals(&self) -> &Ref<Dict> {
        &self.func.globals
    }

    /// Builtins namespace.
    pub fn builtins(&self) -> &Ref<Dict> {
        &self.func.builtins
    }

    /// `__name__`
    pub fn name(&self) -> Value {
        self.name.get().unwrap_or_else(|| self.code.name.clone())
    }

    /// `__qualname__`
    pub fn qualname(&self) -> Value {
        self.qualname.get().unwrap_or_else(|| self.code.qualname.clone())
    }

    /// Moves the frame object to the running frame with this index.
    pub(crate) fn take_frame_object(&self, _vm: &Vm, index: usize) -> u64 {
        match self.frame_object.take() {
            Some(f) => {
                crate::types::frame::attach(&f, index);
                f.into_raw()
            }
            None => 0,
        }
    }

    /// Takes the registers of a frame that yields and marks the generator as suspended.
    ///
    /// # Safety
    /// `frame` is the innermost frame and this generator's.
    #[inline(always)]
    pub(crate) unsafe fn save(&self, vm: &Vm, frame: *mut Frame, resume: u32, sent_reg: u16, delegating: bool) {
        self.resume_at.set(resume);
        self.sent_reg.set(sent_reg);
        self.delegating.set(delegating);
        // SAFETY: the caller.
        unsafe { self.take_frame(frame) };
        self.leave(vm, State::Suspended);
    }

    /// Takes registers and frame object of its frame, which is left suspended where it was.
    ///
    /// # Safety
    /// `frame` is the innermost frame and this generator's.
    #[inline(always)]
    pub(crate) unsafe fn take_frame(&self, frame: *mut Frame) {
        // SAFETY: the caller; counts move.
        unsafe {
            let f = &mut *frame;
            self.save_registers(f.base);
            let object = std::mem::replace(&mut f.object, 0);
            if object != 0 {
                let v = Value::from_raw(object);
                crate::types::frame::suspend(&v, self.lasti());
                self.frame_object.set(Some(v));
            }
        }
    }

    #[inline(always)]
    fn leave(&self, vm: &Vm, state: State) {
        self.state.set(state);
        if state == State::Finished
            && let Some(f) = self.frame_object.take()
            && let Some(f) = f.downcast::<crate::types::frame::FrameObject>()
        {
            f.forget_generator();
        }
        // Usually nobody handles anything; then all stays as it is.
        if self.caller_handled.borrow().is_none() && vm.handled.borrow().is_none() {
            return;
        }
        let caller = self.caller_handled.take();
        if caller.is_some() {
            vm.handled_outside.set(vm.handled_outside.get() - 1);
        }
        let mine = vm.handled.replace(caller);
        self.handled.set(if state == State::Suspended { mine } else { None });
    }

    /// Whether the loop may resume it without native recursion.
    pub(crate) fn can_inline(&self) -> bool {
        matches!(self.state.get(), State::Created | State::Suspended) && self.flavour != Flavour::AsyncGenerator
    }

    /// Marks the generator as running for a resumption that sends `value`.
    ///
    /// Raises TypeError for a value sent to one that was just made.
    #[inline(always)]
    pub(crate) fn start(&self, vm: &Vm, value: &Value) -> R<()> {
        if self.state.get() == State::Created && !value.is_none() {
            return Err(self.not_started(vm));
        }
        self.enter(vm);
        Ok(())
    }

    #[cold]
    fn not_started(&self, vm: &Vm) -> Raised {
        let what = match self.flavour {
            Flavour::Generator => "generator",
            Flavour::Coroutine => "coroutine",
            Flavour::AsyncGenerator => "async generator",
        };
        vm.type_error(format!("can't send non-None value to a just-started {what}"))
    }

    #[inline(always)]
    fn enter(&self, vm: &Vm) {
        self.state.set(State::Running);
        if vm.handled.borrow().is_none() && self.handled.borrow().is_none() {
            return;
        }
        let caller = vm.handled.replace(self.handled.take());
        if caller.is_some() {
            vm.handled_outside.set(vm.handled_outside.get() + 1);
        }
        self.caller_handled.set(caller);
    }

    /// Enters for an exception that is raised inside: what the generator itself handles becomes its context.
    pub(crate) fn enter_with(&self, vm: &Vm, e: &Value) {
        self.enter(vm);
        if let Some(handled) = vm.handled.get()
            && let Some(e) = e.downcast::<exc::BaseException>()
        {
            exc::set_context_avoiding_cycles(e, handled);
        }
    }

    /// Marks the suspended generator as running while `f` works on what it delegates to.
    fn busy<T>(&self, f: impl FnOnce() -> T) -> T {
        self.state.set(State::Running);
        let r = f();
        // What was raised inside may have ended it.
        if self.state.get() == State::Running {
            self.state.set(State::Suspended);
        }
        r
    }

    /// Ends it without running it any more.
    fn abandon(&self) {
        self.state.set(State::Finished);
        drop(self.handled.take());
        self.drop_frame();
    }

    /// Gives the suspended frame up; its variables move to its frame object if others hold that.
    fn drop_frame(&self) {
        if let Some(v) = self.frame_object.take()
            && let Some(f) = v.downcast::<crate::types::frame::FrameObject>()
        {
            f.forget_generator();
            if v.header().is_some_and(|h| !h.unique()) {
                f.keep_variables(self.take_registers(self.code.nlocals as usize));
            }
        }
        self.drop_registers();
    }

    /// Whether no handler inside would see an exception (but StopIteration) raised where it is suspended.
    fn is_unguarded(&self) -> bool {
        let mut at = self.lasti();
        // A handler's own code may have a handler; two steps are what delegation needs.
        for _ in 0..3 {
            let covers = |h: &&taipan_bytecode::ExcEntry| (h.start as usize) <= at && at < h.end as usize;
            let Some(h) = self.code.body().handlers.iter().find(covers) else { return true };
            at = h.target as usize;
            if at >= self.code.len() {
                return false;
            }
            // SAFETY: the target is an index below the code's length.
            let w = unsafe { Instr(*self.code.instrs().add(at)) };
            match w.op() {
                // It passes on what is no StopIteration.
                Some(Op::CleanupThrow) => {}
                Some(Op::CallIntrinsic) => return w.c() == taipan_bytecode::Intrinsic::StopIterationError as usize,
                _ => return false,
            }
        }
        false
    }

    /// Takes [`Generator::start`] back when the frame could not be pushed.
    pub(crate) fn start_failed(&self, vm: &Vm) {
        self.leave(vm, State::Suspended);
    }

    /// Puts the sent value into its register.
    pub(crate) fn put_sent(&self, value: Value) {
        self.set_register(self.sent_reg.get() as usize, Some(value));
    }

    /// Index of the instruction at which it is suspended.
    pub fn lasti(&self) -> usize {
        (self.resume_at.get() as usize).saturating_sub(1)
    }

    /// The exception that the resumer handles, while running.
    pub fn caller_handled(&self) -> Option<Value> {
        self.caller_handled.get()
    }

    /// What a `yield from` or `await` in progress delegates to.
    pub fn delegate(&self) -> Option<Value> {
        if self.state.get() != State::Suspended || !self.delegating.get() {
            return None;
        }
        // Behind the YIELD comes RESUME and a jump back to the SEND, which names the register.
        let at = self.resume_at.get() as usize;
        // SAFETY: compiled code ends its delegation loops like this; checked step by step.
        unsafe {
            let code = self.code.instrs();
            let n = self.code.len();
            let mut pc = at;
            while pc < n {
                let w = Instr(*code.add(pc));
                match w.op()? {
                    Op::Resume | Op::Nop => pc += 1,
                    Op::Jump | Op::JumpBack => pc = (pc as i64 + 1 + w.bc_signed()) as usize,
                    Op::Send => {
                        return self.register(w.b());
                    }
                    _ => return None,
                }
            }
        }
        None
    }

    /// The frame object, made on demand, while suspended.
    pub fn frame_object(&self, vm: &Vm, this: &Value) -> Option<Value> {
        match self.state.get() {
            State::Finished => None,
            State::Running => {
                let i = (0..vm.stacks.len.get()).rev().find(|&i| {
                    // SAFETY: records below `len` are running frames.
                    unsafe { (*vm.stacks.record(i)).generator == this.raw() }
                });
                match i {
                    Some(i) => Some(crate::types::frame::object_of(vm, i)),
                    // It only waits for what it delegates to.
                    None => Some(self.suspended_frame(this)),
                }
            }
            State::Created | State::Suspended => Some(self.suspended_frame(this)),
        }
    }

    fn suspended_frame(&self, this: &Value) -> Value {
        if let Some(f) = self.frame_object.get() {
            return f;
        }
        let f = crate::types::frame::for_generator(self, this);
        self.frame_object.set(Some(f.clone()));
        f
    }
}

/// The frame of a generator ended by returning.
pub(crate) fn finished(vm: &Vm, g: &Ref<Generator>) {
    // There is nothing left for the finalizer to do.
    g.header().set(taipan_memory::flags::FINALIZED);
    g.leave(vm, State::Finished);
}

/// The frame of a generator ended by an exception.
pub(crate) fn failed(vm: &Vm, g: &Ref<Generator>) {
    g.leave(vm, State::Finished);
}

fn already_running(vm: &Vm, g: &Generator) -> Raised {
    vm.value_error(match g.flavour {
        Flavour::Generator => "generator already executing",
        Flavour::Coroutine => "coroutine already executing",
        Flavour::AsyncGenerator => "async generator already executing",
    })
}

/// Resumes with a sent value.
///
/// Raises what the generator raises; a finished one gives `Returned(None)`, a finished coroutine RuntimeError.
pub fn resume(vm: &Vm, g: &Ref<Generator>, value: Value) -> R<Outcome> {
    match g.state.get() {
        State::Running => return Err(already_running(vm, g)),
        State::Finished => {
            if g.flavour == Flavour::Coroutine {
                return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
            }
            return Ok(Outcome::Returned(Value::NONE));
        }
        State::Created | State::Suspended => {}
    }
    g.start(vm, &value)?;
    g.put_sent(value);
    let r = interp::resume_generator(vm, g);
    outcome(vm, g, r)
}

fn outcome(vm: &Vm, g: &Ref<Generator>, r: R) -> R<Outcome> {
    if r.is_err() && g.state.get() == State::Running {
        // The frame could not be pushed at all.
        g.leave(vm, State::Finished);
        g.drop_registers();
    }
    let v = r?;
    Ok(if g.state.get() == State::Suspended { Outcome::Yielded(v) } else { Outcome::Returned(v) })
}

/// Raises an exception at the point where the generator is suspended.
pub fn throw(vm: &Vm, g: &Ref<Generator>, e: Value) -> R<Outcome> {
    match g.state.get() {
        State::Running => return Err(already_running(vm, g)),
        State::Finished => {
            if g.flavour == Flavour::Coroutine {
                return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
            }
            return Err(vm.raise_as_is(e));
        }
        State::Created | State::Suspended => {}
    }
    g.enter_with(vm, &e);
    let raised = vm.raise_as_is(e);
    let r = interp::throw_into_generator(vm, g, raised);
    outcome(vm, g, r)
}

/// `it.send(value)`, or `next(it)` for None; StopIteration becomes `Returned`.
pub fn send(vm: &Vm, it: &Value, value: Value) -> R<Outcome> {
    if let Some(g) = it.downcast::<Generator>()
        && g.flavour != Flavour::AsyncGenerator
    {
        return resume(vm, g, value);
    }
    if let Some(w) = methods::wrapped_coroutine(it) {
        return resume(vm, &w, value);
    }
    let r = if value.is_none() {
        match it.ty().slots().next {
            Some(next) if !is_python_next(next) => {
                vm.forget_stop_value();
                match next(vm, it) {
                    Ok(Some(v)) => return Ok(Outcome::Yielded(v)),
                    // Native iterators end without an exception.
                    Ok(None) => return Ok(Outcome::Returned(vm.take_stop_value())),
                    Err(r) => Err(r),
                }
            }
            _ => vm.next_or_stop(it),
        }
    } else {
        vm.call_method_name(it, &names().send, &[value])
    };
    match r {
        Ok(v) => Ok(Outcome::Yielded(v)),
        Err(r) if vm.raised_is(&exc::STOP_ITERATION) => {
            let e = vm.catch(r);
            Ok(Outcome::Returned(exc::stop_iteration_value(&e)))
        }
        Err(r) => Err(r),
    }
}

/// The iterator that `await` uses.
///
/// `after`: 1 behind `__aenter__`, 2 behind `__aexit__`, for the message. Raises TypeError.
pub fn awaitable(vm: &Vm, o: &Value, after: usize) -> R {
    if let Some(g) = o.downcast::<Generator>() {
        if g.flavour == Flavour::Coroutine {
            return Ok(o.clone());
        }
        if g.code.has(CodeFlags::ITERABLE_COROUTINE) {
            return Ok(o.clone());
        }
    }
    if let Some(f) = o.ty().slots().await_ {
        let it = f(vm, o)?;
        if let Some(g) = it.downcast::<Generator>()
            && (g.flavour == Flavour::Coroutine || g.code.has(CodeFlags::ITERABLE_COROUTINE))
        {
            return Err(vm.type_error("__await__() returned a coroutine"));
        }
        if it.ty().slots().next.is_none() {
            return Err(vm.type_error(format!("__await__() returned non-iterator of type '{}'", it.ty().tp_name())));
        }
        return Ok(it);
    }
    Err(match after {
        1 => vm.type_error(format!("'async with' received an object from __aenter__ that does not implement __await__: {}", o.ty().tp_name())),
        2 => vm.type_error(format!("'async with' received an object from __aexit__ that does not implement __await__: {}", o.ty().tp_name())),
        _ => vm.type_error(format!("'{}' object can't be awaited", o.ty().tp_name())),
    })
}

/// The iterator that `yield from` uses inside `code`.
pub fn yield_from_iter(vm: &Vm, o: &Value, code: &Code) -> R {
    if let Some(g) = o.downcast::<Generator>() {
        if g.flavour == Flavour::Coroutine {
            if code.has(CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE) {
                return Ok(o.clone());
            }
            return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        if g.flavour == Flavour::Generator {
            return Ok(o.clone());
        }
    }
    vm.iter(o)
}

/// What an exception that leaves a generator becomes: StopIteration (and StopAsyncIteration in
/// asynchronous generators) turns into RuntimeError (PEP 479).
pub fn stop_iteration_error(vm: &Vm, e: Value, code: &Code) -> R {
    let stop = e.ty().is_subtype_of(exc::STOP_ITERATION.get());
    let stop_async = e.ty().is_subtype_of(exc::STOP_ASYNC_ITERATION.get());
    let msg = if code.has(CodeFlags::ASYNC_GENERATOR) {
        if stop {
            "async generator raised StopIteration"
        } else if stop_async {
            "async generator raised StopAsyncIteration"
        } else {
            return Ok(e);
        }
    } else if !stop {
        return Ok(e);
    } else if code.has(CodeFlags::COROUTINE) {
        "coroutine raised StopIteration"
    } else {
        "generator raised StopIteration"
    };
    let r = vm.runtime_error(msg);
    let new = vm.catch(r);
    exc::set_cause(&new, e.clone());
    exc::set_context(&new, e);
    Ok(new)
}
