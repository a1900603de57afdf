//! The class Task.

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::bind::{Callee, bind};
use taipan_runtime::native::{Args, Param, ParamKind, Signature};
use taipan_runtime::types::generic_alias;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::future::Future;
use super::future_class::no_delete;
use super::state::state;
use super::task::{self, Task};

const fn by_name(name: &'static str) -> Param {
    Param { name, kind: ParamKind::KwOnly, optional: true }
}

const CONSTRUCTOR: Callee = Callee {
    owner: "",
    name: "Task",
    sig: Signature {
        params: &[
            Param { name: "coro", kind: ParamKind::Any, optional: false },
            by_name("loop"),
            by_name("name"),
            by_name("context"),
            by_name("eager_start"),
        ],
    },
    constructor: true,
};

/// A coroutine wrapped in a Future.
#[class(name = "Task", module = "_asyncio", base = Future, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
        sig = "(coro, *, loop=None, name=None, context=None, eager_start=False)")]
impl Task {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Self::empty()).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let none = &Value::NONE;
        match (args.all, args.names) {
            ([coro], []) => task::init(vm, this, coro, [none; 3], false),
            // As loops do it.
            ([coro, l], [name]) if name.is(&state(vm).loop_name) => task::init(vm, this, coro, [l, none, none], false),
            _ => {
                let mut given = [None; 5];
                bind(vm, &CONSTRUCTOR, args, &mut given)?;
                let [coro, event_loop, name, context, eager] = given;
                let eager = eager.map_or(Ok(false), |v| vm.truth(v))?;
                let others = [event_loop, name, context].map(|v| v.unwrap_or(none));
                task::init(vm, this, coro.unwrap_or(none), others, eager)
            }
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        this.future.alive(vm)?;
        state(vm).task_repr(vm, this.value())
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<Self>) {
        task::finalize(vm, this);
    }

    /// Request that this task cancel itself.
    ///
    /// A CancelledError is thrown into the wrapped coroutine on the next cycle through the event loop. The coroutine
    /// then has a chance to clean up or even deny the request using try/except/finally.
    ///
    /// So this does not guarantee that the task will be cancelled, as Future.cancel does: the exception might be
    /// caught and acted upon, which delays or prevents cancellation. The task may also return a value or raise a
    /// different exception.
    ///
    /// Immediately after this method is called, Task.cancelled() will not return True (unless the task was already
    /// cancelled). A task is marked as cancelled when the wrapped coroutine ends with a CancelledError (even if
    /// cancel() was not called).
    ///
    /// This also increases the task's count of cancellation requests.
    #[method(sig = "(msg=None)")]
    fn cancel(vm: &Vm, this: &Ref<Self>, msg: &Value) -> R<bool> {
        task::cancel(vm, this, msg)
    }

    /// Return the count of the task's cancellation requests.
    ///
    /// It is incremented by cancel() and may be decremented by uncancel().
    #[method(sig = "()")]
    fn cancelling(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.cancels.get()
    }

    /// Decrement the task's count of cancellation requests.
    ///
    /// To be used by tasks that catch CancelledError and wish to go on until they are cancelled again. Returns what
    /// remains.
    #[method(sig = "()")]
    fn uncancel(_vm: &Vm, this: &Ref<Self>) -> u32 {
        let n = this.cancels.get();
        if n > 0 {
            this.cancels.set(n - 1);
            if n == 1 {
                this.must_cancel.set(false);
            }
        }
        this.cancels.get()
    }

    /// Return the list of stack frames for this task's coroutine.
    ///
    /// If the coroutine is not done, this is the stack where it is suspended. If it has completed successfully or was
    /// cancelled, the list is empty. If it was ended by an exception, this is the list of traceback frames.
    ///
    /// The frames are ordered from oldest to newest. The limit gives the maximum number of frames: the newest of a
    /// stack, but the oldest of a traceback. Only one frame is returned for a suspended coroutine.
    #[method(sig = "(*, limit=None)")]
    fn get_stack(vm: &Vm, this: &Ref<Self>, limit: &Value) -> R {
        let f = vm.import_attr("asyncio.base_tasks", "_task_get_stack")?;
        vm.call(&f, &[this.value().clone(), limit.clone()])
    }

    /// Print the stack or traceback for this task's coroutine.
    ///
    /// The output is like that of the traceback module, for the frames of get_stack(), to which the limit is passed.
    /// It goes to the stream 'file'; by default to sys.stderr.
    #[method(sig = "(*, limit=None, file=None)")]
    fn print_stack(vm: &Vm, this: &Ref<Self>, limit: &Value, file: &Value) -> R {
        let f = vm.import_attr("asyncio.base_tasks", "_task_print_stack")?;
        vm.call(&f, &[this.value().clone(), limit.clone(), file.clone()])
    }

    #[method(sig = "(result, /)")]
    fn set_result(vm: &Vm, _this: &Ref<Self>, result: &Value) -> R<()> {
        let _ = result;
        Err(vm.runtime_error("Task does not support set_result operation"))
    }

    #[method(sig = "(exception, /)")]
    fn set_exception(vm: &Vm, _this: &Ref<Self>, exception: &Value) -> R<()> {
        let _ = exception;
        Err(vm.runtime_error("Task does not support set_exception operation"))
    }

    #[method(sig = "()")]
    fn get_coro(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.coroutine.get()
    }

    #[method(sig = "()")]
    fn get_context(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.context()
    }

    #[method(sig = "()")]
    fn get_name(vm: &Vm, this: &Ref<Self>) -> R {
        task::name(vm, this)
    }

    #[method(sig = "(value, /)")]
    fn set_name(vm: &Vm, this: &Ref<Self>, value: &Value) -> R<()> {
        let name = if value.downcast_exact::<Str>().is_some() {
            value.clone()
        } else {
            vm.str(value)?
        };
        this.name.set(Some(name));
        Ok(())
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }

    #[getter]
    fn _log_destroy_pending(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.log_destroy_pending.get()
    }

    #[setter]
    fn set__log_destroy_pending(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(no_delete(vm));
        };
        let log = vm.truth(v)?;
        this.log_destroy_pending.set(log);
        Ok(())
    }

    #[getter]
    fn _must_cancel(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.must_cancel.get()
    }

    #[getter]
    fn _coro(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.coroutine.get()
    }

    #[getter]
    fn _fut_waiter(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.waiter.get()
    }
}
