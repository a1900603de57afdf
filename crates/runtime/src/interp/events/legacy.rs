//! `sys.settrace` and `sys.setprofile`: calling the functions at the loop's events.

use crate::core::{R, Value};
use crate::types::exceptions::BaseException;
use crate::types::frame::{FrameObject, object_of};
use crate::types::tuple;
use crate::vm::{Vm, breaker};

/// What a trace or profile function is told about the innermost frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Call,
    Resume,
    Line,
    Return,
    Yield,
    Exception,
    Opcode,
    CCall,
    CReturn,
    CException,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Call | Self::Resume => "call",
            Self::Line => "line",
            Self::Return | Self::Yield => "return",
            Self::Exception => "exception",
            Self::Opcode => "opcode",
            Self::CCall => "c_call",
            Self::CReturn => "c_return",
            Self::CException => "c_exception",
        }
    }
}

/// Calls a function with the innermost frame; no events come from what it runs.
fn call(vm: &Vm, f: &Value, event: Event, arg: &Value) -> R {
    let index = vm.stacks.len.get() - 1;
    let frame = object_of(vm, index);
    vm.tracing.set(true);
    let told = vm.trace_event.replace(Some((index, event)));
    let r = vm.call(f, &[frame, crate::vm::intern(event.name()).into_value(), arg.clone()]);
    vm.trace_event.set(told);
    vm.tracing.set(false);
    r
}

/// Tells the trace function: the thread's own for a call, else the frame's. What it returns takes the frame's place.
///
/// Raises what the function raises; then there is no tracing any more.
pub(super) fn trace(vm: &Vm, event: Event, arg: &Value) -> R<()> {
    let n = vm.stacks.len.get();
    if n == 0 || vm.tracing.get() {
        return Ok(());
    }
    let Some(global) = vm.trace_fn.get() else { return Ok(()) };
    let object = object_of(vm, n - 1);
    let Some(frame) = object.downcast::<FrameObject>() else { return Ok(()) };
    let f = match event {
        Event::Call | Event::Resume => global,
        Event::Line if !frame.trace_lines.get() => return Ok(()),
        Event::Opcode if !frame.trace_opcodes.get() => return Ok(()),
        _ => match frame.trace.get() {
            Some(f) => f,
            None => return Ok(()),
        },
    };
    match call(vm, &f, event, arg) {
        Ok(r) => {
            if !r.is_none() {
                frame.trace.set(Some(r));
            }
            Ok(())
        }
        Err(raised) => {
            let e = vm.catch(raised);
            drop(vm.trace_fn.take());
            drop(frame.trace.take());
            vm.update_tracing();
            Err(vm.raise_as_is(e))
        }
    }
}

/// Tells the profile function.
///
/// Raises what the function raises; then there is no profiling any more.
pub(super) fn profile(vm: &Vm, event: Event, arg: &Value) -> R<()> {
    if vm.stacks.len.get() == 0 || vm.tracing.get() {
        return Ok(());
    }
    let Some(f) = vm.profile_fn.get() else { return Ok(()) };
    match call(vm, &f, event, arg) {
        Ok(_) => Ok(()),
        Err(raised) => {
            let e = vm.catch(raised);
            drop(vm.profile_fn.take());
            vm.update_tracing();
            Err(vm.raise_as_is(e))
        }
    }
}

/// Tells the trace function of an exception in the innermost frame.
pub(super) fn exception(vm: &Vm, e: &Value) -> R<()> {
    if vm.trace_fn.borrow().is_none() {
        return Ok(());
    }
    let tb = e.downcast::<BaseException>().and_then(|b| b.traceback.get()).map_or(Value::NONE, Into::into);
    trace(vm, Event::Exception, &tuple::from_array([e.ty().to_value(), e.clone(), tb]).into_value())
}


impl Vm {
    /// Whether there are functions or tools that want to be told of events.
    #[inline]
    pub(super) fn has_listeners(&self) -> bool {
        self.trace_fn.borrow().is_some() || self.profile_fn.borrow().is_some() || self.interp().monitoring.active()
    }

    /// Lets the loop tell of events, or not, as the functions and tools of now want it.
    pub fn update_tracing(&self) {
        let precise = self.interp().heap.account().mode().has(taipan_memory::Mode::TRACE);
        if precise || self.has_listeners() {
            if self.eval_breaker.get() & breaker::TRACE == 0 {
                // What is left of the lines that run now is no new line.
                for frame in self.stacks.iter() {
                    frame.traced_line.set(frame.line());
                    frame.traced_at.set(frame.lasti() as u32);
                }
            }
            self.break_eval(breaker::TRACE);
        } else {
            self.eval_breaker.remove(breaker::TRACE);
        }
    }
}
