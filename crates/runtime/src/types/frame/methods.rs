//! The class `frame`.

use super::FrameObject;
use crate::core::{R, Ref, Value};
use crate::types::str;
use crate::vm::Vm;

/// The type of frame objects.
#[taipan_macros::class(name = "frame", module = "builtins", flags(GC, NO_NEW))]
impl FrameObject {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(str::from_str(&format!(
            "<frame at {:#x}, file {}, line {}, code {}>",
            Ref::value(this).id(),
            vm.repr_string(&this.code.filename.get())?,
            this.line(vm),
            vm.str_lossy(&this.code.name)
        )))
    }

    #[getter]
    fn f_code(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(this.code.clone().into_value())
    }

    #[getter]
    fn f_globals(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(this.globals.clone().into_value())
    }

    #[getter]
    fn f_builtins(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(crate::types::dict::foreign::shown(&this.builtins))
    }

    #[getter]
    fn f_locals(vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(super::locals::f_locals(vm, this))
    }

    #[getter]
    fn f_back(vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(this.back(vm).unwrap_or(Value::NONE))
    }

    #[getter]
    fn f_lasti(vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(Value::from(this.code.offset_of(this.lasti(vm))))
    }

    #[getter]
    fn f_lineno(vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(match this.line(vm) {
            // A module begins before its first line.
            0 if this.is_at_start(vm) => Value::small(0),
            0 => Value::NONE,
            n => Value::from(n),
        })
    }

    #[setter]
    fn set_f_lineno(vm: &Vm, this: &Ref<FrameObject>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.raise_msg(&crate::types::exceptions::ATTRIBUTE_ERROR, "cannot delete attribute")) };
        this.jump(vm, v)
    }

    #[getter]
    fn f_trace(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(this.trace.get().unwrap_or(Value::NONE))
    }

    #[setter]
    fn set_f_trace(_vm: &Vm, this: &Ref<FrameObject>, value: Option<&Value>) -> R<()> {
        this.trace.set(value.filter(|v| !v.is_none()).cloned());
        Ok(())
    }

    #[getter]
    fn f_trace_lines(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(Value::bool(this.trace_lines.get()))
    }

    #[setter]
    fn set_f_trace_lines(vm: &Vm, this: &Ref<FrameObject>, value: Option<&Value>) -> R<()> {
        match value.and_then(Value::as_bool) {
            Some(b) => this.trace_lines.set(b),
            None => return Err(vm.type_error("attribute value type must be bool")),
        }
        Ok(())
    }

    #[getter]
    fn f_trace_opcodes(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(Value::bool(this.trace_opcodes.get()))
    }

    #[setter]
    fn set_f_trace_opcodes(vm: &Vm, this: &Ref<FrameObject>, value: Option<&Value>) -> R<()> {
        match value.and_then(Value::as_bool) {
            Some(b) => this.trace_opcodes.set(b),
            None => return Err(vm.type_error("attribute value type must be bool")),
        }
        Ok(())
    }

    #[getter]
    fn f_generator(_vm: &Vm, this: &Ref<FrameObject>) -> R {
        Ok(this.generator().map_or(Value::NONE, Ref::into_value))
    }

    #[method(sig = "()")]
    fn clear(vm: &Vm, this: &Ref<FrameObject>) -> R<()> {
        this.clear_finished(vm)
    }
}
