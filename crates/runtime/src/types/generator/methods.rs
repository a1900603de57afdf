//! The classes generator, coroutine and coroutine_wrapper, and what they share with async_generator.

use super::asyncgen::{self, ASend, AThrow, AnextAwaitable, AsyncGenerator, WrappedValue};
use super::{Flavour, Generator, Outcome, State, resume, throw};
use crate::core::{Layout, Payload, R, Raised, Ref, Value};
use crate::interp;
use crate::native::TypeDef;
use crate::types::exceptions::{self as exc, BaseException};
use crate::types::str::{self, Str};
use crate::types::type_::TypeObject;
use crate::types::{generic_alias, tuple};
use crate::vm::{Vm, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[
    Generator::DEF,
    Coroutine::DEF,
    CoroutineWrapper::DEF,
    AsyncGenerator::DEF,
    WrappedValue::DEF,
    ASend::DEF,
    AThrow::DEF,
    AnextAwaitable::DEF,
];

/// Makes the object, of the type that its flavour asks for.
pub(super) fn allocate(payload: Generator) -> Ref<Generator> {
    let place = match payload.flavour {
        Flavour::Generator => Generator::TYPE,
        Flavour::Coroutine => Coroutine::TYPE,
        Flavour::AsyncGenerator => AsyncGenerator::TYPE,
    };
    payload.place(place)
}

/// Lets a type whose instances have the payload [`Generator`] be known as one that has.
pub(super) fn share_layout(ty: &TypeObject) {
    ty.solid.set(Generator::TYPE.ptr());
}

/// `cr_origin`: file, line and name for the callers of the coroutine's function, innermost first.
pub(super) fn origin(vm: &Vm) -> Value {
    let depth = vm.coroutine_origin_depth.get() as usize;
    if depth == 0 {
        return Value::NONE;
    }
    // The innermost frame is the coroutine's own.
    let entries = vm.stacks.iter().skip(1).take(depth).map(|f| {
        let code = f.code();
        tuple::from_array([code.filename.get(), Value::from(f.line()), code.name.clone()]).into_value()
    });
    tuple::from_vec(entries.collect()).into_value()
}

/// The coroutine behind what its `__await__` gave.
pub(super) fn wrapped_coroutine(v: &Value) -> Option<Ref<Generator>> {
    v.downcast_exact::<CoroutineWrapper>().map(|w| w.coroutine.clone())
}

/// The payload of an object whose type was checked already.
pub(super) fn payload<'a>(vm: &Vm, this: &'a Value) -> R<&'a Ref<Generator>> {
    this.downcast::<Generator>().ok_or_else(|| vm.system_error("no generator"))
}

/// The result of a method: a return value becomes StopIteration.
pub(super) fn to_method(vm: &Vm, r: R<Outcome>) -> R {
    match r? {
        Outcome::Yielded(v) => Ok(v),
        Outcome::Returned(v) => Err(vm.stop_iteration(Some(v))),
    }
}

/// The result of a slot `next`.
pub(super) fn to_next(vm: &Vm, r: R<Outcome>) -> R<Option<Value>> {
    match r? {
        Outcome::Yielded(v) => Ok(Some(v)),
        Outcome::Returned(v) => {
            vm.set_stop_value(v);
            Ok(None)
        }
    }
}

/// The error for a generator that yields when it is to end.
pub(super) fn ignored_exit(vm: &Vm, flavour: Flavour) -> Raised {
    vm.runtime_error(match flavour {
        Flavour::Generator => "generator ignored GeneratorExit",
        Flavour::Coroutine => "coroutine ignored GeneratorExit",
        Flavour::AsyncGenerator => "async generator ignored GeneratorExit",
    })
}

/// Warns of `throw(type, value, traceback)`.
pub(super) fn warn_of_three(vm: &Vm, value: Option<&Value>, method: &str) -> R<()> {
    if value.is_none() {
        return Ok(());
    }
    let text = format!(
        "the (type, exc, tb) signature of {method}() is deprecated, use the single-arg signature instead."
    );
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)
}

/// What `throw()` is called with.
#[derive(Clone, Copy)]
pub(super) struct Thrown<'a> {
    pub typ: &'a Value,
    pub value: Option<&'a Value>,
    pub tb: Option<&'a Value>,
}

impl Thrown<'_> {
    fn is_generator_exit(self) -> bool {
        let exit = exc::GENERATOR_EXIT.get();
        self.typ.as_type().unwrap_or_else(|| self.typ.ty()).is_subtype_of(exit)
    }

    /// Passes it on to what a generator delegates to; `None` if that has no method `throw`.
    fn into_delegate(self, vm: &Vm, g: &Ref<Generator>, to: &Value, close_on_exit: bool) -> Option<R<Outcome>> {
        let inner = to.downcast::<Generator>().filter(|i| i.flavour != Flavour::AsyncGenerator);
        let method = match inner {
            Some(_) => None,
            None => match vm.get_attr_opt(to, &names().throw) {
                Ok(None) => return None,
                Ok(m) => m,
                Err(r) => return Some(Err(r)),
            },
        };
        let f = || match (inner, method) {
            (Some(inner), _) => to_method(vm, throw_in(vm, inner, self, close_on_exit)),
            (None, Some(m)) => {
                let args: Vec<Value> = [Some(self.typ), self.value, self.tb].into_iter().flatten().cloned().collect();
                vm.call(&m, &args)
            }
            (None, None) => Ok(Value::NONE),
        };
        let r = g.busy(|| interp::throw_through_generator(vm, g, f));
        Some(r.map(|v| match g.state.get() {
            State::Finished => Outcome::Returned(v),
            _ => Outcome::Yielded(v),
        }))
    }
}

/// `throw()`: raises inside what the generator delegates to, or where it is suspended (PEP 380).
///
/// `close_on_exit`: GeneratorExit closes the delegate first. Raises TypeError for arguments that make no exception.
pub(super) fn throw_in(vm: &Vm, g: &Ref<Generator>, what: Thrown<'_>, close_on_exit: bool) -> R<Outcome> {
    vm.check_native_stack()?;
    if let Some(to) = g.delegate() {
        if close_on_exit && what.is_generator_exit() {
            if let Err(r) = g.busy(|| close_iterator(vm, &to)) {
                return throw(vm, g, vm.catch(r));
            }
        } else if let Some(r) = what.into_delegate(vm, g, &to, close_on_exit) {
            return r;
        }
    }
    let e = exc::raise::thrown(vm, what.typ, what.value, what.tb)?;
    throw(vm, g, e)
}

/// `g.throw(e)` with an exception object.
pub fn throw_exception(vm: &Vm, g: &Ref<Generator>, e: &Value) -> R<Outcome> {
    throw_in(vm, g, Thrown { typ: e, value: None, tb: None }, true)
}

/// Closes what a generator delegates to.
fn close_iterator(vm: &Vm, it: &Value) -> R<()> {
    if let Some(g) = it.downcast::<Generator>().filter(|g| g.flavour != Flavour::AsyncGenerator) {
        return close(vm, g).map(drop);
    }
    match vm.get_attr_opt(it, &names().close) {
        Ok(Some(f)) => vm.call(&f, &[]).map(drop),
        Ok(None) => Ok(()),
        Err(r) => {
            vm.unraisable(r, None, it);
            Ok(())
        }
    }
}

/// `close()`: raises GeneratorExit inside; gives what the generator returns then.
///
/// Raises RuntimeError if it yields instead, and what else it raises.
pub(super) fn close(vm: &Vm, g: &Ref<Generator>) -> R {
    vm.check_native_stack()?;
    match g.state.get() {
        State::Finished => return Ok(Value::NONE),
        State::Created => {
            g.abandon();
            return Ok(Value::NONE);
        }
        State::Suspended | State::Running => {}
    }
    let e = match g.delegate().map_or(Ok(()), |it| g.busy(|| close_iterator(vm, &it))) {
        Ok(()) => {
            if g.state.get() == State::Suspended && g.is_unguarded() && !vm.tracing_active() {
                g.abandon();
                return Ok(Value::NONE);
            }
            Ref::new_of(exc::GENERATOR_EXIT.get(), BaseException::default()).into_value()
        }
        Err(r) => vm.catch(r),
    };
    match throw(vm, g, e) {
        Ok(Outcome::Yielded(v)) => {
            drop(v);
            Err(ignored_exit(vm, g.flavour))
        }
        Ok(Outcome::Returned(_)) if g.flavour == Flavour::AsyncGenerator => Err(asyncgen::stop_async_iteration(vm)),
        Ok(Outcome::Returned(v)) => Ok(v),
        Err(r) if vm.raised_is(&exc::GENERATOR_EXIT) => {
            drop(vm.catch(r));
            Ok(Value::NONE)
        }
        Err(r) => Err(r),
    }
}

/// What happens when nobody refers to it any more: it is closed.
pub(crate) fn finalize(vm: &Vm, g: &Ref<Generator>) {
    if matches!(g.state.get(), State::Finished | State::Running) {
        return;
    }
    let (r, what) = match g.flavour {
        Flavour::AsyncGenerator if !g.closed.get() && g.finalizer.borrow().is_some() => {
            let f = g.finalizer.get().unwrap_or(Value::NONE);
            (vm.call(&f, std::slice::from_ref(g.value())), "finalizing")
        }
        Flavour::Coroutine if g.state.get() == State::Created => return warn_unawaited(vm, g),
        _ => (close(vm, g), "closing"),
    };
    if let Err(r) = r {
        ignored(vm, r, &format!("{what} generator"), g.value());
    }
}

/// Reports an exception as `Exception ignored while ... <object>`.
pub(super) fn ignored(vm: &Vm, r: Raised, doing: &str, object: &Value) {
    let e = vm.catch(r);
    let shown = vm.repr_string(object).unwrap_or_else(|r| {
        drop(vm.catch(r));
        "<object repr() failed>".to_owned()
    });
    exc::unraisable::report(vm, e, Some(&format!("Exception ignored while {doing} {shown}")), &Value::NONE);
}

/// A coroutine that never ran: `warnings` has a function that warns of it, with the place where it was made.
fn warn_unawaited(vm: &Vm, g: &Ref<Generator>) {
    let warn = |vm: &Vm| -> R<bool> {
        let module = match vm.interp().modules().get_str("warnings") {
            Some(m) => m,
            None if vm.interp().finalizing.get() => return Ok(false),
            None => vm.import_module("warnings")?,
        };
        let Some(f) = vm.get_attr_str_opt(&module, "_warn_unawaited_coroutine")? else { return Ok(false) };
        vm.call(&f, std::slice::from_ref(g.value())).map(|_| true)
    };
    let warned = match warn(vm) {
        Ok(warned) => warned,
        Err(r) => {
            let warned = vm.raised_is(&exc::RUNTIME_WARNING);
            ignored(vm, r, "finalizing coroutine", g.value());
            warned
        }
    };
    if !warned {
        let text = format!("coroutine '{}' was never awaited", vm.str_lossy(&g.qualname()));
        if let Err(r) = vm.warn_about(&exc::RUNTIME_WARNING, &text, 1, g.value()) {
            ignored(vm, r, "finalizing coroutine", g.value());
        }
    }
}

/// `<generator object f at 0x...>`
pub(super) fn shown(vm: &Vm, g: &Ref<Generator>) -> R {
    let mut out = str::StrBuilder::new();
    out.push_str(match g.flavour {
        Flavour::Generator => "<generator object ",
        Flavour::Coroutine => "<coroutine object ",
        Flavour::AsyncGenerator => "<async_generator object ",
    });
    match g.qualname().downcast::<Str>() {
        Some(s) => out.push_obj(s),
        None => return Err(vm.system_error("a generator's name is no str")),
    }
    out.push_str(&format!(" at {:#x}>", g.value().id()));
    Ok(out.finish())
}

/// Sets `__name__` or `__qualname__`.
pub(super) fn set_name(vm: &Vm, place: &crate::core::PyCell<Option<Value>>, value: Option<&Value>, what: &str) -> R<()> {
    match value {
        Some(v) if v.downcast::<Str>().is_some() => {
            place.set(Some(v.clone()));
            Ok(())
        }
        _ => Err(vm.type_error(format!("{what} must be set to a string object"))),
    }
}

/// Bytes of the object and its saved registers.
pub(super) fn size_of(g: &Generator) -> usize {
    Generator::TYPE.get().layout.size + g.code.nregs as usize * 8
}

#[taipan_macros::class(name = "generator", flags(GC, NO_NEW, HAS_WEAKREF))]
impl Generator {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Generator>) -> R {
        shown(vm, this)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Generator>) -> R<Option<Value>> {
        to_next(vm, resume(vm, this, Value::NONE))
    }

    #[slot(finalize)]
    fn finalize_slot(vm: &Vm, this: &Ref<Generator>) {
        finalize(vm, this);
    }

    /// Sends a value into generator code: it becomes the result of the yield expression.
    /// Returns the next yielded value or raises StopIteration.
    #[method(name = "send")]
    fn send_method(vm: &Vm, this: &Value, arg: &Value) -> R {
        to_method(vm, resume(vm, payload(vm, this)?, arg.clone()))
    }

    /// throw(value)
    /// throw(type[,value[,tb]])
    ///
    /// Raises an exception in generator code and returns the next yielded value, or raises
    /// StopIteration. The form with a type is deprecated.
    #[method(name = "throw")]
    fn throw_method(vm: &Vm, this: &Value, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "throw")?;
        to_method(vm, throw_in(vm, payload(vm, this)?, Thrown { typ, value, tb }, true))
    }

    /// Raises GeneratorExit inside generator code.
    #[method(name = "close", sig = "()")]
    fn close_method(vm: &Vm, this: &Value) -> R {
        close(vm, payload(vm, this)?)
    }

    /// Return the size of the generator in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(vm: &Vm, this: &Value) -> R<usize> {
        payload(vm, this).map(|g| size_of(g))
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }

    /// name of the generator
    #[getter]
    fn __name__(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.name())
    }

    #[setter]
    fn set___name__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        set_name(vm, &payload(vm, this)?.name, value, "__name__")
    }

    /// qualified name of the generator
    #[getter]
    fn __qualname__(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.qualname())
    }

    #[setter]
    fn set___qualname__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        set_name(vm, &payload(vm, this)?.qualname, value, "__qualname__")
    }

    /// object being iterated by yield from, or None
    #[getter]
    fn gi_yieldfrom(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.delegate())
    }

    #[getter]
    fn gi_running(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.state.get() == State::Running)
    }

    #[getter]
    fn gi_suspended(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.state.get() == State::Suspended)
    }

    #[getter]
    fn gi_frame(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.frame_object(vm, this))
    }

    #[getter]
    fn gi_code(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.code.value().clone())
    }
}

/// Stands for the class `coroutine`, whose instances have the payload [`Generator`].
#[derive(taipan_macros::Trace)]
pub struct Coroutine {}

#[taipan_macros::class(name = "coroutine", layout = Layout::of::<Generator>(), flags(GC, NO_NEW, HAS_WEAKREF))]
impl Coroutine {
    #[shape]
    fn shape(ty: &TypeObject) {
        share_layout(ty);
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Generator>) -> R {
        shown(vm, this)
    }

    #[slot]
    fn await_(_vm: &Vm, this: &Ref<Generator>) -> R {
        Ok(Ref::new(CoroutineWrapper { coroutine: this.clone() }).into_value())
    }

    #[slot(finalize)]
    fn finalize_slot(vm: &Vm, this: &Ref<Generator>) {
        finalize(vm, this);
    }

    /// Sends a value into coroutine code: it becomes the result of the await expression.
    /// Returns the next value of what is awaited or raises StopIteration.
    #[method]
    fn send(vm: &Vm, this: &Value, arg: &Value) -> R {
        to_method(vm, resume(vm, payload(vm, this)?, arg.clone()))
    }

    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raises an exception in coroutine code and returns the next value of what it awaits, or
    /// raises StopIteration. The form with a type is deprecated.
    #[method(name = "throw")]
    fn throw_method(vm: &Vm, this: &Value, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "throw")?;
        to_method(vm, throw_in(vm, payload(vm, this)?, Thrown { typ, value, tb }, true))
    }

    /// Raises GeneratorExit inside coroutine code.
    #[method(name = "close", sig = "()")]
    fn close_method(vm: &Vm, this: &Value) -> R {
        close(vm, payload(vm, this)?)
    }

    /// Return the size of the coroutine in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(vm: &Vm, this: &Value) -> R<usize> {
        payload(vm, this).map(|g| size_of(g))
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }

    /// name of the coroutine
    #[getter]
    fn __name__(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.name())
    }

    #[setter]
    fn set___name__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        set_name(vm, &payload(vm, this)?.name, value, "__name__")
    }

    /// qualified name of the coroutine
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
    fn cr_await(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.delegate())
    }

    #[getter]
    fn cr_running(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.state.get() == State::Running)
    }

    #[getter]
    fn cr_suspended(vm: &Vm, this: &Value) -> R<bool> {
        Ok(payload(vm, this)?.state.get() == State::Suspended)
    }

    #[getter]
    fn cr_frame(vm: &Vm, this: &Value) -> R<Option<Value>> {
        Ok(payload(vm, this)?.frame_object(vm, this))
    }

    #[getter]
    fn cr_code(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.code.value().clone())
    }

    #[getter]
    fn cr_origin(vm: &Vm, this: &Value) -> R {
        Ok(payload(vm, this)?.origin.get())
    }
}

/// The payload of coroutine_wrapper, which a coroutine's `__await__` gives.
#[derive(taipan_macros::Trace)]
pub struct CoroutineWrapper {
    coroutine: Ref<Generator>,
}

/// An iterator over what a coroutine awaits.
#[taipan_macros::class(name = "coroutine_wrapper", flags(GC, NO_NEW))]
impl CoroutineWrapper {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<CoroutineWrapper>) -> R<Option<Value>> {
        to_next(vm, resume(vm, &this.coroutine, Value::NONE))
    }

    /// Sends a value into coroutine code: it becomes the result of the await expression.
    /// Returns the next value of what is awaited or raises StopIteration.
    #[method]
    fn send(vm: &Vm, this: &Ref<CoroutineWrapper>, arg: &Value) -> R {
        to_method(vm, resume(vm, &this.coroutine, arg.clone()))
    }

    /// throw(value)
    /// throw(type[,value[,traceback]])
    ///
    /// Raises an exception in coroutine code and returns the next value of what it awaits, or
    /// raises StopIteration. The form with a type is deprecated.
    #[method(name = "throw")]
    fn throw_method(vm: &Vm, this: &Ref<CoroutineWrapper>, typ: &Value, value: Option<&Value>, tb: Option<&Value>) -> R {
        warn_of_three(vm, value, "throw")?;
        to_method(vm, throw_in(vm, &this.coroutine, Thrown { typ, value, tb }, true))
    }

    /// Raises GeneratorExit inside coroutine code.
    #[method(name = "close", sig = "()")]
    fn close_method(vm: &Vm, this: &Ref<CoroutineWrapper>) -> R {
        close(vm, &this.coroutine)
    }
}
