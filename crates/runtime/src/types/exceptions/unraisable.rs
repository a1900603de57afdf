//! Exceptions that can't be raised anywhere, such as those of `__del__`: `sys.unraisablehook`.

use super::base::BaseException;
use super::display::write_stderr;
use super::plain;
use super::traceback::Traceback;
use crate::core::{R, Ref, Value};
use crate::types::str::{self, Str};
use crate::vm::Vm;

/// What `sys.unraisablehook` gets.
#[derive(taipan_macros::Trace)]
pub struct UnraisableHookArgs {
    exc_type: Value,
    exc_value: Value,
    exc_traceback: Value,
    err_msg: Value,
    object: Value,
}

/// Type used to pass arguments to sys.unraisablehook.
#[taipan_macros::class(name = "UnraisableHookArgs", module = "sys", flags(GC, NO_NEW), place = UNRAISABLE_HOOK_ARGS)]
impl UnraisableHookArgs {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let parts = [
            ("exc_type", &this.exc_type),
            ("exc_value", &this.exc_value),
            ("exc_traceback", &this.exc_traceback),
            ("err_msg", &this.err_msg),
            ("object", &this.object),
        ];
        let mut shown = Vec::new();
        for (name, value) in parts {
            shown.push(format!("{name}={}", vm.repr_string(value)?));
        }
        Ok(format!("UnraisableHookArgs({})", shown.join(", ")))
    }

    /// Exception type
    #[getter]
    fn exc_type(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.exc_type.clone()
    }

    /// Exception value
    #[getter]
    fn exc_value(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.exc_value.clone()
    }

    /// Exception traceback
    #[getter]
    fn exc_traceback(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.exc_traceback.clone()
    }

    /// Error message
    #[getter]
    fn err_msg(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.err_msg.clone()
    }

    /// Object causing the exception
    #[getter]
    fn object(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.object.clone()
    }
}

/// Gives an exception to `sys.unraisablehook`. Without a message it is `Exception ignored in: object`; `object`
/// may be None. Never raises, and leaves a raised exception alone.
pub fn report(vm: &Vm, e: Value, message: Option<&str>, object: &Value) {
    vm.preserving_raised(|| {
        let [exc_type, exc_value, exc_traceback] = super::display::parts(&e);
        let err_msg = message.map_or(Value::NONE, str::from_str);
        let args = Ref::new(UnraisableHookArgs { exc_type, exc_value, exc_traceback, err_msg, object: object.clone() });
        let hook = vm.interp().sys.get().and_then(|sys| sys.get_str("unraisablehook"));
        match hook {
            Some(hook) if hook.is_none() => {}
            Some(hook) => {
                if let Err(r) = vm.call(&hook, &[args.value().clone()]) {
                    let [exc_type, exc_value, exc_traceback] = super::display::parts(&vm.catch(r));
                    let err_msg = str::from_str("Exception ignored in sys.unraisablehook");
                    show(vm, &UnraisableHookArgs { exc_type, exc_value, exc_traceback, err_msg, object: hook });
                }
            }
            None => show(vm, &args),
        }
    });
}

/// `sys.unraisablehook(unraisable)` and `sys.__unraisablehook__`
///
/// Raises TypeError for an argument that is no UnraisableHookArgs.
pub fn unraisablehook(vm: &Vm, unraisable: &Value) -> R<()> {
    match unraisable.downcast::<UnraisableHookArgs>() {
        Some(args) => {
            show(vm, args);
            Ok(())
        }
        None => Err(vm.type_error("sys.unraisablehook argument type must be UnraisableHookArgs")),
    }
}

fn show(vm: &Vm, args: &UnraisableHookArgs) {
    let mut out = String::new();
    let message = args.err_msg.downcast::<Str>().map(|m| m.to_string_lossy());
    if !args.object.is_none() {
        let shown = vm.repr_string(&args.object).unwrap_or_else(|r| {
            drop(vm.catch(r));
            "<object repr() failed>".to_owned()
        });
        out.push_str(message.as_deref().unwrap_or("Exception ignored in"));
        out.push_str(&format!(": {shown}\n"));
    } else if let Some(message) = message {
        out.push_str(&format!("{message}:\n"));
    }
    if let Some(tb) = args.exc_traceback.downcast::<Traceback>() {
        plain::traceback(vm, tb, &mut out);
    }
    if let Some(ty) = args.exc_type.as_type() {
        out.push_str(&plain::class_name(vm, ty));
        if !args.exc_value.is_none() {
            out.push_str(": ");
            out.push_str(&vm.str_string(&args.exc_value).unwrap_or_else(|r| {
                drop(vm.catch(r));
                "<exception str() failed>".to_owned()
            }));
        }
        out.push('\n');
    }
    write_stderr(vm, &out);
}

/// An exception's traceback, if it has one.
pub fn traceback_of(e: &Value) -> Option<Ref<Traceback>> {
    e.downcast::<BaseException>()?.traceback.get()
}
