//! The class async_generator, and the awaitables that its methods give.

use std::cell::Cell;

use super::methods::{
    self, Thrown, finalize, ignored, ignored_exit, payload, set_name, share_layout, shown, throw_in, to_method, to_next,
    warn_of_three,
};
use super::{Flavour, Generator, Outcome, State, awaitable, resume};
use crate::core::{Layout, R, Raised, Ref, Value};
use crate::types::exceptions as exc;
use crate::types::generic_alias;
use crate::types::type_::TypeObject;
use crate::vm::{Vm, names};

/// Stands for the class `async_generator`, whose instances have the payload [`Generator`].
#[derive(taipan_macros::Trace)]
pub struct AsyncGenerator {}

/// The payload of async_generator_wrapped_value: what `yield` in an asynchronous generator yields, told from what
/// `await` yields by this type.
#[derive(taipan_macros::Trace)]
pub struct WrappedValue {
    value: Value,
}

/// How far an awaitable is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Init,
    Iterating,
    Closed,
}

/// The payload of async_generator_asend: one step of an asynchronous generator.
#[derive(taipan_macros::Trace)]
pub struct ASend {
    generator: Ref<Generator>,
    sent: Value,
    #[no_trace]
    phase: Cell<Phase>,
}

/// The payload of async_generator_athrow: an exception on its way into an asynchronous generator.
#[derive(taipan_macros::Trace)]
pub struct AThrow {
    generator: Ref<Generator>,
    /// Type, value and traceback; `None` for `aclose()`.
    what: Option<(Value, (Option<Value>, Option<Value>))>,
    #[no_trace]
    phase: Cell<Phase>,
}

/// The payload of anext_awaitable: `anext()` with a default.
#[derive(taipan_macros::Trace)]
pub struct AnextAwaitable {
    wrapped: Value,
    default: Value,
}

/// Wraps a value that an asynchronous generator yields.
pub fn async_gen_wrap(value: Value) -> Value {
    Ref::new(WrappedValue { value }).into_value()
}

/// Whether the value is the awaitable of `__anext__()` or `asend()`, an iterator already.
pub fn is_async_gen_asend(v: &Value) -> bool {
    v.downcast_exact::<ASend>().is_some()
}

/// The awaitable of `anext(iterator, default)`, around the one of `anext(iterator)`.
pub fn anext_default(_vm: &Vm, wrapped: Value, default: Value) -> R {
    Ok(Ref::new(AnextAwaitable { wrapped, default }).into_value())
}

/// Raises StopAsyncIteration.
pub(super) fn stop_async_iteration(vm: &Vm) -> Raised {
    vm.raise_new(exc::STOP_ASYNC_ITERATION.get(), Vec::new())
}

/// Whether the exception being raised is one of those with which an asynchronous generator ends.
fn ends(vm: &Vm) -> bool {
    vm.raised_is(&exc::STOP_ASYNC_ITERATION) || vm.raised_is(&exc::GENERATOR_EXIT)
}

/// Calls the hooks at the first step.
fn first_step(vm: &Vm, g: &Ref<Generator>) -> R<()> {
    if g.hooks_inited.replace(true) {
        return Ok(());
    }
    let (first, finalizer) = vm.asyncgen_hooks.get();
    g.finalizer.set(finalizer);
    match first {
        Some(f) => vm.call(&f, std::slice::from_ref(g.value())).map(drop),
        None => Ok(()),
    }
}

/// What a step of the generator means for the awaitable: a yielded value is its result, what an `await` inside
/// yields is passed on.
fn unwrap(vm: &Vm, g: &Generator, r: R<Outcome>) -> R<Outcome> {
    match r {
        Ok(Outcome::Yielded(v)) => match v.downcast_exact::<WrappedValue>() {
            Some(w) => {
                g.running_async.set(false);
                Ok(Outcome::Returned(w.value.clone()))
            }
            None => Ok(Outcome::Yielded(v)),
        },
        Ok(Outcome::Returned(_)) => {
            g.closed.set(true);
            g.running_async.set(false);
            Err(stop_async_iteration(vm))
        }
        Err(r) => {
            if ends(vm) {
                g.closed.set(true);
            }
            g.running_async.set(false);
            Err(r)
        }
    }
}

/// The result of an awaitable's `close()`, from raising GeneratorExit.
fn closed(vm: &Vm, r: R<Outcome>) -> R<()> {
    match r {
        Ok(Outcome::Yielded(_)) => Err(ignored_exit(vm, Flavour::Coroutine)),
        Ok(Outcome::Returned(_)) => Ok(()),
        Err(r) if ends(vm) || vm.raised_is(&exc::STOP_ITERATION) => {
            drop(vm.catch(r));
            Ok(())
        }
        Err(r) => Err(r),
    }
}

/// An awaitable dies that was never awaited.
fn warn_unawaited(vm: &Vm, g: &Ref<Generator>, method: &str) {
    let name = match vm.repr_string(&g.qualname()) {
        Ok(name) => name,
        Err(r) => return ignored(vm, r, "finalizing async generator", g.value()),
    };
    let text = format!("coroutine method '{method}' of {name} was never awaited");
    if let Err(r) = vm.warn_about(&exc::RUNTIME_WARNING, &text, 1, g.value()) {
        ignored(vm, r, "finalizing async generator", g.value());
    }
}

#[taipan_macros::class(name = "async_generator", layout = Layout::of::<Generator>(), flags(GC, NO_NEW, HAS_WEAKREF))]
impl AsyncGenerator {
    #[shape]
    fn shape(ty: &TypeObject) {
        share_layout(ty);
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Generator>) -> R {
        shown(vm, this)
    }

    #[slot]
    fn aiter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn anext(vm: &Vm, this: &Ref<Generator>) -> R {
        step(vm, this, Value::NONE)
    }

    #[slot(finalize)]
    fn finalize_slot(vm: &Vm, this: &Ref<Generator>) {
        finalize(vm, this);
    }

    /// Gives an awaitable that resumes the generator: the value becomes the result of its yield
    /// expression.
    #[method]
    fn asend(vm: &Vm, this: &Value, arg: &Value) -> R {
        step(vm, payload(vm, this)?, arg.clone())
    }

    /// athrow(value)
    /// athrow(type[,value[,tb]])
    ///
    /// Gives an awaitable that raises an exception in the generator. The form with a type is
    /// deprecated.
    #[method]
    fn athrow(vm: &Vm, this: &Value, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "athrow")?;
        let g = payload(vm, this)?;
        first_step(vm, g)?;
        let what = Some((typ.clone(), (value.cloned(), tb.cloned())));
        Ok(Ref::new(AThrow { generator: g.clone(), what, phase: Cell::new(Phase::Init) }).into_value())
    }

    /// Gives an awaitable that raises GeneratorExit in the generator.
    #[method(sig = "()")]
    fn aclose(vm: &Vm, this: &Value) -> R {
        let g = payload(vm, this)?;
        first_step(vm, g)?;
        Ok(Ref::new(AThrow { generator: g.clone(), what: None, phase: Cell::new(Phase::Init) }).into_value())
    }

    /// Return the size of the generator in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(vm: &Vm, this: &Value) -> R<usize> {
        payload(vm, this).map(|g| methods::size_of(g))
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }

    /// name of the async generator
    #[getter]
    fn __name__(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.name())
    }

    #[setter]
    fn set___name__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        set_name(vm, &payload(vm, this)?.name, value, "__name__")
    }

    /// qualified name of the async generator
    #[getter]
    fn __qualname__(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.qualname())
    }

    #[setter]
    fn set___qualname__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        set_name(vm, &payload(vm, this)?.qualname, value, "__qualname__")
    }

    /// object being awaited on, or None
    #[getter]
    fn ag_await(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.delegate())
    }

    #[getter]
    fn ag_running(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.running_async.get())
    }

    #[getter]
    fn ag_suspended(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.state.get() == State::Suspended)
    }

    #[getter]
    fn ag_frame(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.frame_object(vm, this))
    }

    #[getter]
    fn ag_code(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.code.value().clone())
    }
}

/// The awaitable of `__anext__()` and `asend()`.
fn step(vm: &Vm, g: &Ref<Generator>, sent: Value) -> R {
    first_step(vm, g)?;
    Ok(Ref::new(ASend { generator: g.clone(), sent, phase: Cell::new(Phase::Init) }).into_value())
}

#[taipan_macros::class(name = "async_generator_wrapped_value", flags(GC, NO_NEW))]
impl WrappedValue {}

impl ASend {
    /// The start of a step; `Iterating` when there is one already.
    fn begin(&self, vm: &Vm) -> R<bool> {
        match self.phase.get() {
            Phase::Closed => Err(vm.runtime_error("cannot reuse already awaited __anext__()/asend()")),
            Phase::Iterating => Ok(false),
            Phase::Init if self.generator.running_async.get() => {
                self.phase.set(Phase::Closed);
                Err(vm.runtime_error("anext(): asynchronous generator is already running"))
            }
            Phase::Init => {
                self.phase.set(Phase::Iterating);
                Ok(true)
            }
        }
    }

    fn end(&self, vm: &Vm, r: R<Outcome>) -> R<Outcome> {
        let r = unwrap(vm, &self.generator, r);
        if !matches!(r, Ok(Outcome::Yielded(_))) {
            self.phase.set(Phase::Closed);
        }
        r
    }

    pub(super) fn resume(&self, vm: &Vm, value: &Value) -> R<Outcome> {
        let value = match self.begin(vm)? {
            true if value.is_none() => self.sent.clone(),
            _ => value.clone(),
        };
        self.generator.running_async.set(true);
        self.end(vm, resume(vm, &self.generator, value))
    }

    fn raise(&self, vm: &Vm, what: Thrown<'_>) -> R<Outcome> {
        if self.begin(vm)? {
            self.generator.running_async.set(true);
        }
        self.end(vm, throw_in(vm, &self.generator, what, true))
    }
}

#[taipan_macros::class(name = "async_generator_asend", flags(GC, NO_NEW))]
impl ASend {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn await_(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<ASend>) -> R<Option<Value>> {
        to_next(vm, this.resume(vm, &Value::NONE))
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<ASend>) {
        if this.phase.get() == Phase::Init {
            warn_unawaited(vm, &this.generator, "asend");
        }
    }

    /// Resumes the generator: the value becomes the result of its await expression.
    #[method]
    fn send(vm: &Vm, this: &Ref<ASend>, arg: &Value) -> R {
        to_method(vm, this.resume(vm, arg))
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raises an exception in the generator.
    #[method]
    fn throw(vm: &Vm, this: &Ref<ASend>, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "throw")?;
        to_method(vm, this.raise(vm, Thrown { typ, value, tb }))
    }

    /// Raises GeneratorExit in the generator.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<ASend>) -> R<()> {
        if this.phase.get() == Phase::Closed {
            return Ok(());
        }
        let exit = exc::GENERATOR_EXIT.value();
        closed(vm, this.raise(vm, Thrown { typ: &exit, value: None, tb: None }))
    }
}

impl AThrow {
    fn reused(vm: &Vm) -> Raised {
        vm.runtime_error("cannot reuse already awaited aclose()/athrow()")
    }

    /// Another step of the generator is running.
    fn check_idle(&self, vm: &Vm) -> R<()> {
        if !self.generator.running_async.get() {
            return Ok(());
        }
        self.phase.set(Phase::Closed);
        Err(vm.runtime_error(match self.what {
            None => "aclose(): asynchronous generator is already running",
            Some(_) => "athrow(): asynchronous generator is already running",
        }))
    }

    pub(super) fn resume(&self, vm: &Vm, value: &Value) -> R<Outcome> {
        let g = &self.generator;
        if self.phase.get() == Phase::Closed {
            return Err(Self::reused(vm));
        }
        if g.state.get() == State::Finished {
            self.phase.set(Phase::Closed);
            return Ok(Outcome::Returned(Value::NONE));
        }
        if self.phase.get() == Phase::Iterating {
            let r = resume(vm, g, value.clone());
            return self.end(vm, r);
        }
        self.check_idle(vm)?;
        if g.closed.get() {
            self.phase.set(Phase::Closed);
            return Err(stop_async_iteration(vm));
        }
        if !value.is_none() {
            return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
        }
        self.phase.set(Phase::Iterating);
        g.running_async.set(true);
        let r = match &self.what {
            Some((typ, (value, tb))) => {
                throw_in(vm, g, Thrown { typ, value: value.as_ref(), tb: tb.as_ref() }, false)
            }
            None => {
                g.closed.set(true);
                let exit = exc::GENERATOR_EXIT.value();
                throw_in(vm, g, Thrown { typ: &exit, value: None, tb: None }, false)
            }
        };
        self.end(vm, r)
    }

    /// What a step of the generator means for this awaitable.
    fn end(&self, vm: &Vm, r: R<Outcome>) -> R<Outcome> {
        let g = &self.generator;
        let r = match (&self.what, r) {
            (Some(_), r) => unwrap(vm, g, r),
            // Other awaits inside, on the way to the end, are fine; another yield is not.
            (None, Ok(Outcome::Yielded(v))) if v.downcast_exact::<WrappedValue>().is_none() => Ok(Outcome::Yielded(v)),
            (None, Ok(Outcome::Yielded(_))) => {
                g.running_async.set(false);
                Err(ignored_exit(vm, Flavour::AsyncGenerator))
            }
            (None, Ok(Outcome::Returned(_))) => {
                g.running_async.set(false);
                Ok(Outcome::Returned(Value::NONE))
            }
            (None, Err(r)) => {
                g.running_async.set(false);
                if ends(vm) {
                    drop(vm.catch(r));
                    Ok(Outcome::Returned(Value::NONE))
                } else {
                    Err(r)
                }
            }
        };
        if !matches!(r, Ok(Outcome::Yielded(_))) {
            self.phase.set(Phase::Closed);
        }
        r
    }

    fn raise(&self, vm: &Vm, what: Thrown<'_>) -> R<Outcome> {
        match self.phase.get() {
            Phase::Closed => return Err(Self::reused(vm)),
            Phase::Iterating => {}
            Phase::Init => {
                self.check_idle(vm)?;
                self.phase.set(Phase::Iterating);
                self.generator.running_async.set(true);
            }
        }
        self.end(vm, throw_in(vm, &self.generator, what, true))
    }
}

#[taipan_macros::class(name = "async_generator_athrow", flags(GC, NO_NEW))]
impl AThrow {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn await_(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<AThrow>) -> R<Option<Value>> {
        to_next(vm, this.resume(vm, &Value::NONE))
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<AThrow>) {
        if this.phase.get() == Phase::Init {
            warn_unawaited(vm, &this.generator, if this.what.is_some() { "athrow" } else { "aclose" });
        }
    }

    /// Resumes the generator: the value becomes the result of its await expression.
    #[method]
    fn send(vm: &Vm, this: &Ref<AThrow>, arg: &Value) -> R {
        to_method(vm, this.resume(vm, arg))
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raises an exception in the generator.
    #[method]
    fn throw(vm: &Vm, this: &Ref<AThrow>, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "throw")?;
        to_method(vm, this.raise(vm, Thrown { typ, value, tb }))
    }

    /// Raises GeneratorExit in the generator.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<AThrow>) -> R<()> {
        if this.phase.get() == Phase::Closed {
            return Ok(());
        }
        let exit = exc::GENERATOR_EXIT.value();
        closed(vm, this.raise(vm, Thrown { typ: &exit, value: None, tb: None }))
    }
}

impl AnextAwaitable {
    /// The iterator that does the work.
    fn iterator(&self, vm: &Vm) -> R {
        let it = awaitable(vm, &self.wrapped, 0)?;
        if it.ty().slots().next.is_some() {
            return Ok(it);
        }
        // Only coroutines are no iterators themselves.
        let it = match it.ty().slots().await_ {
            Some(f) => f(vm, &it)?,
            None => it,
        };
        if it.ty().slots().next.is_none() {
            return Err(vm.type_error("__await__ returned a non-iterable"));
        }
        Ok(it)
    }

    /// The end of the asynchronous iterator is the default.
    fn or_default<T>(&self, vm: &Vm, r: R<T>) -> R<T> {
        match r {
            Err(r) if vm.raised_is(&exc::STOP_ASYNC_ITERATION) => {
                drop(vm.catch(r));
                Err(vm.stop_iteration(Some(self.default.clone())))
            }
            r => r,
        }
    }

    fn call(&self, vm: &Vm, method: &Value, args: &[Value]) -> R {
        let it = self.iterator(vm)?;
        let r = vm.call_method_name(&it, method, args);
        self.or_default(vm, r)
    }
}

#[taipan_macros::class(name = "anext_awaitable", flags(GC, NO_NEW))]
impl AnextAwaitable {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn await_(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<AnextAwaitable>) -> R<Option<Value>> {
        let it = this.iterator(vm)?;
        match vm.next_or_stop(&it) {
            Err(r) if vm.raised_is(&exc::STOP_ASYNC_ITERATION) => {
                drop(vm.catch(r));
                vm.set_stop_value(this.default.clone());
                Ok(None)
            }
            r => r.map(Some),
        }
    }

    /// Passes a value on to the awaitable.
    #[method]
    fn send(vm: &Vm, this: &Ref<AnextAwaitable>, arg: &Value) -> R {
        this.call(vm, &names().send, std::slice::from_ref(arg))
    }

    /// Raises an exception in the awaitable.
    #[method]
    fn throw(vm: &Vm, this: &Ref<AnextAwaitable>, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        let args: Vec<Value> = [Some(typ), value, tb].into_iter().flatten().cloned().collect();
        this.call(vm, &names().throw, &args)
    }

    /// Closes the awaitable.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<AnextAwaitable>) -> R {
        this.call(vm, &names().close, &[])
    }
}
