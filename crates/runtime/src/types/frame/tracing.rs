//! `sys.settrace` and `sys.setprofile`: calling the functions at the loop's events.

use super::{FrameObject, object_of};
use crate::core::{R, Value};
use crate::types::exceptions::BaseException;
use crate::types::str;
use crate::types::tuple;
use crate::vm::Vm;

fn call(vm: &Vm, f: &Value, frame: &Value, event: &str, arg: Value) -> R {
    vm.tracing.set(true);
    let r = vm.call(f, &[frame.clone(), str::from_str(event), arg]);
    vm.tracing.set(false);
    r
}

/// Reports an exception in the innermost frame to its trace function.
pub fn trace_exception(vm: &Vm, e: &Value) {
    let n = vm.stacks.len.get();
    if n == 0 {
        return;
    }
    let object = object_of(vm, n - 1);
    let Some(f) = object.downcast::<FrameObject>() else { return };
    let Some(trace) = f.trace.get() else { return };
    let tb = e.downcast::<BaseException>().and_then(|b| b.traceback.get()).map_or(Value::NONE, Into::into);
    let arg = tuple::from_array([e.ty().to_value(), e.clone(), tb]).into_value();
    vm.preserving_raised(|| match call(vm, &trace, &object, "exception", arg) {
        Ok(r) => f.trace.set(if r.is_none() { None } else { Some(r) }),
        Err(r) => {
            f.trace.set(None);
            vm.unraisable(r, Some("Exception ignored in trace function"), &trace);
        }
    });
}

/// Reports a new line in the innermost frame to its trace function.
///
/// Raises what the function raises.
pub fn trace_line(vm: &Vm) -> R<()> {
    let n = vm.stacks.len.get();
    if n == 0 {
        return Ok(());
    }
    let object = object_of(vm, n - 1);
    let Some(f) = object.downcast::<FrameObject>() else { return Ok(()) };
    let Some(trace) = f.trace.get() else { return Ok(()) };
    let r = call(vm, &trace, &object, "line", Value::NONE)?;
    f.trace.set(if r.is_none() { None } else { Some(r) });
    Ok(())
}
