//! The class Future.

use taipan_macros::class;
use taipan_memory::flags;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::bind::{Callee, bind};
use taipan_runtime::native::{Args, Param, ParamKind, Signature};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::types::{exceptions as exc, generic_alias};
use taipan_runtime::vm::Vm;

use super::future::{self, Callback, Future, Phase};
use super::iter;
use super::state::{invalid_state, state};
use crate::contextvars;

/// Raises the error for `del f.attribute`.
#[cold]
pub fn no_delete(vm: &Vm) -> Raised {
    vm.raise_msg(&exc::ATTRIBUTE_ERROR, "cannot delete attribute")
}

/// Raises InvalidStateError for an object whose `__init__` was not called.
fn expect_alive(vm: &Vm, this: &Future) -> R<()> {
    if this.event_loop.borrow().is_none() {
        return Err(invalid_state(vm, "Future object is not initialized."));
    }
    Ok(())
}

const CONSTRUCTOR: Callee = Callee {
    owner: "",
    name: "Future",
    sig: Signature { params: &[Param { name: "loop", kind: ParamKind::KwOnly, optional: true }] },
    constructor: true,
};

/// This class is *almost* compatible with concurrent.futures.Future.
///
/// Differences:
///
/// - result() and exception() take no timeout and raise an exception when the future is not done yet.
///
/// - Callbacks registered with add_done_callback() are always called through the event loop's call_soon().
///
/// - It can't be given to the functions wait() and as_completed() of concurrent.futures.
#[class(
    name = "Future",
    module = "_asyncio",
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(*, loop=None)"
)]
impl Future {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        let f = Ref::new_of(cls, Self::empty());
        if f.is_exact() {
            // Nothing is to be said when it dies, until an exception is set.
            f.header().set(flags::FINALIZED);
        }
        Ok(f.into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let event_loop = match (args.all, args.names) {
            ([], []) => None,
            // As loops do it.
            ([l], [name]) if name.is(&state(vm).loop_name) => Some(l),
            _ => {
                let mut given = [None];
                bind(vm, &CONSTRUCTOR, args, &mut given)?;
                given[0]
            }
        };
        this.start(vm, event_loop.cloned().filter(|l| !l.is_none()))
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        this.alive(vm)?;
        state(vm).future_repr(vm, this.value())
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Self>) -> R {
        this.alive(vm)?;
        Ok(iter::over(this))
    }

    #[slot]
    fn await_(vm: &Vm, this: &Ref<Self>) -> R {
        this.alive(vm)?;
        Ok(iter::over(this))
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<Self>) {
        future::finalize(vm, this);
    }

    /// Return the result this future represents.
    ///
    /// If the future has been cancelled, raises CancelledError. If its result isn't available yet, raises
    /// InvalidStateError. If it has an exception set, this exception is raised.
    #[method(sig = "()")]
    fn result(vm: &Vm, this: &Ref<Self>) -> R {
        expect_alive(vm, this)?;
        this.take_result(vm)
    }

    /// Return the exception that was set on this future.
    ///
    /// None if there is none. If the future has been cancelled, raises CancelledError. If it isn't done yet, raises
    /// InvalidStateError.
    #[method(sig = "()")]
    fn exception(vm: &Vm, this: &Ref<Self>) -> R {
        expect_alive(vm, this)?;
        match this.phase.get() {
            Phase::Cancelled => Err(this.raise_cancelled(vm)),
            Phase::Pending => Err(invalid_state(vm, "Exception is not set.")),
            Phase::Finished => {
                this.log_traceback.set(false);
                Ok(if this.failed.get() {
                    this.outcome.get().unwrap_or(Value::NONE)
                } else {
                    Value::NONE
                })
            }
        }
    }

    /// Mark the future done and set its result.
    ///
    /// If it is done already, raises InvalidStateError.
    #[method(sig = "(result, /)")]
    fn set_result(vm: &Vm, this: &Ref<Self>, result: &Value) -> R<()> {
        future::set_result(vm, this, result.clone())
    }

    /// Mark the future done and set an exception.
    ///
    /// If it is done already, raises InvalidStateError.
    #[method(sig = "(exception, /)")]
    fn set_exception(vm: &Vm, this: &Ref<Self>, exception: &Value) -> R<()> {
        future::set_exception(vm, this, exception)
    }

    /// Add a callback to be run when the future becomes done.
    ///
    /// The callback is called with the future as its only argument. If the future is done already, it is scheduled
    /// with call_soon.
    #[method(sig = "(fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(
        vm: &Vm,
        this: &Ref<Self>,
        r#fn: &Value,
        context: Option<&Value>,
    ) -> R<()> {
        let context = match context {
            Some(c) => c.clone(),
            None => contextvars::copy_current(vm).into_value(),
        };
        future::add_done_callback(
            vm,
            this,
            Callback::Call {
                function: r#fn.clone(),
                context,
            },
        )
    }

    /// Remove all instances of a callback from the "call when done" list.
    ///
    /// Returns the number of callbacks removed.
    #[method(sig = "(fn, /)")]
    fn remove_done_callback(vm: &Vm, this: &Ref<Self>, r#fn: &Value) -> R<usize> {
        this.alive(vm)?;
        future::remove_done_callback(vm, this, r#fn)
    }

    /// Cancel the future and schedule callbacks.
    ///
    /// If it is done or cancelled already, return False. Otherwise, make it cancelled, schedule the callbacks and
    /// return True.
    #[method(sig = "(msg=None)")]
    fn cancel(vm: &Vm, this: &Ref<Self>, msg: &Value) -> R<bool> {
        future::cancel(vm, this, Some(msg.clone()))
    }

    /// Return True if the future was cancelled.
    #[method(sig = "()")]
    fn cancelled(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.phase.get() == Phase::Cancelled
    }

    /// Return True if the future is done.
    ///
    /// Done means either that a result or an exception is available, or that the future was cancelled.
    #[method(sig = "()")]
    fn done(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.phase.get() != Phase::Pending
    }

    /// Return the event loop the Future is bound to.
    #[method(sig = "()")]
    fn get_loop(vm: &Vm, this: &Ref<Self>) -> R {
        this.alive(vm)
    }

    /// Create the CancelledError to raise if the Future is cancelled.
    ///
    /// To be called only once for a cancellation, as a saved exception is given away.
    #[method(sig = "()")]
    fn _make_cancelled_error(vm: &Vm, this: &Ref<Self>) -> R {
        this.cancelled_exception(vm)
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }

    #[getter]
    fn _state(vm: &Vm, this: &Ref<Self>) -> R<&'static str> {
        this.alive(vm)?;
        Ok(match this.phase.get() {
            Phase::Pending => "PENDING",
            Phase::Cancelled => "CANCELLED",
            Phase::Finished => "FINISHED",
        })
    }

    #[getter]
    fn _asyncio_future_blocking(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.event_loop.borrow().is_some() && this.blocking.get()
    }

    #[setter]
    fn set__asyncio_future_blocking(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.alive(vm)?;
        let Some(v) = value else {
            return Err(no_delete(vm));
        };
        let blocking = vm.truth(v)?;
        this.blocking.set(blocking);
        Ok(())
    }

    #[getter]
    fn _loop(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.event_loop.get()
    }

    #[getter]
    fn _callbacks(vm: &Vm, this: &Ref<Self>) -> R {
        this.alive(vm)?;
        Ok(future::shown_callbacks(this))
    }

    #[getter]
    fn _result(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.alive(vm)?;
        Ok(this.outcome.get().filter(|_| !this.failed.get()))
    }

    #[getter]
    fn _exception(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.alive(vm)?;
        Ok(this.outcome.get().filter(|_| this.failed.get()))
    }

    #[getter]
    fn _log_traceback(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.alive(vm)?;
        Ok(this.log_traceback.get())
    }

    #[setter]
    fn set__log_traceback(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(no_delete(vm));
        };
        if vm.truth(v)? {
            return Err(vm.value_error("_log_traceback can only be set to False"));
        }
        this.log_traceback.set(false);
        Ok(())
    }

    #[getter]
    fn _source_traceback(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.source_traceback.get()
    }

    #[getter]
    fn _cancel_message(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.cancel_message.get()
    }

    #[setter]
    fn set__cancel_message(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(no_delete(vm));
        };
        this.cancel_message.set(Some(v.clone()));
        Ok(())
    }

    #[getter]
    fn _asyncio_awaited_by(vm: &Vm, this: &Ref<Self>) -> R {
        future::awaited_by(vm, this)
    }
}
