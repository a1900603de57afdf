//! StopIteration and SystemExit: exceptions that carry a value.

use super::base::{BASE_EXCEPTION, BaseException, ExceptionPayload};
use super::declare::exception;
use super::simple::EXCEPTION;
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::tuple;
use crate::vm::Vm;

exception! {
    /// An iterator has ended.
    class "StopIteration", STOP_ITERATION, StopIteration: EXCEPTION;
    members {
        value set_value "What the generator has returned."
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        this.value.set(args.positional().first().cloned());
        Ok(())
    }
}

exception! {
    /// The program is to end.
    class "SystemExit", SYSTEM_EXIT, SystemExit: BASE_EXCEPTION;
    members {
        code set_code "The exit status, or a message that stands for failure."
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        match args.positional() {
            [] => {}
            [one] => this.code.set(Some(one.clone())),
            more => this.code.set(Some(tuple::from_slice(more).into_value())),
        }
        Ok(())
    }
}

impl StopIteration {
    /// A new exception, without arguments if there is no value.
    pub fn with_value(value: Option<Value>) -> Ref<Self> {
        let e = Self::around(BaseException::with_args(value.as_slice()));
        e.value.set(value);
        Ref::new(e)
    }
}

/// The value of a StopIteration: what the generator has returned, or None.
pub fn stop_iteration_value(e: &Value) -> Value {
    e.downcast::<StopIteration>().and_then(|e| e.value.get()).unwrap_or(Value::NONE)
}
