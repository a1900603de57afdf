//! Exceptions that can't be raised anywhere, such as those of `__del__`: `sys.unraisablehook`.

use super::base::BaseException;
use super::display::{parts, write_stderr};
use super::{plain, traceback};
use crate::core::{R, Value};
use crate::types::str::{self, Str};
use crate::types::structseq::{self, Spec};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

static ARGS: Spec = Spec {
    name: "sys.UnraisableHookArgs",
    doc: "Type used to pass arguments to sys.unraisablehook.",
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("err_msg", "Error message"),
        ("object", "Object causing the exception"),
    ],
    visible: 5,
    instantiable: false,
};

/// `sys.UnraisableHookArgs`
pub fn args_type(vm: &Vm) -> R {
    vm.interp_static("UnraisableHookArgs", |vm| structseq::new_type(vm, &ARGS))
}

/// Gives an exception to `sys.unraisablehook`. The object (None for none) becomes part of the message; without a
/// message that is `Exception ignored in: object`. Never raises, and leaves a raised exception alone.
pub fn report(vm: &Vm, e: Value, message: Option<&str>, object: &Value) {
    vm.preserving_raised(|| {
        if let Some(b) = e.downcast::<BaseException>()
            && b.traceback.borrow().is_none()
        {
            b.traceback.set(traceback::here(vm));
        }
        let [exc_type, exc_value, exc_traceback] = parts(&e);
        let (message, object) = match message {
            Some(m) if !object.is_none() => (str::from_str(&format!("{m} {}", shown(vm, object))), Value::NONE),
            Some(m) => (str::from_str(m), Value::NONE),
            None => (Value::NONE, object.clone()),
        };
        give(vm, [exc_type, exc_value, exc_traceback, message, object]);
    });
}

fn give(vm: &Vm, fields: [Value; 5]) {
    let hook = vm.interp().sys.get().and_then(|sys| sys.get_str("unraisablehook"));
    let Some(hook) = hook else { return show(vm, &fields) };
    if hook.is_none() {
        return;
    }
    let made = args_type(vm).and_then(|ty| structseq::new_instance(vm, &ty, fields.to_vec()));
    let args = match made {
        Ok(args) => args,
        Err(r) => {
            drop(vm.catch(r));
            return show(vm, &fields);
        }
    };
    if let Err(r) = vm.call(&hook, &[args]) {
        let [exc_type, exc_value, exc_traceback] = parts(&vm.catch(r));
        let message = str::from_str("Exception ignored in sys.unraisablehook");
        show(vm, &[exc_type, exc_value, exc_traceback, message, hook]);
    }
}

/// `sys.unraisablehook(unraisable)` and `sys.__unraisablehook__`
///
/// Raises TypeError for an argument that is no UnraisableHookArgs.
pub fn unraisablehook(vm: &Vm, unraisable: &Value) -> R<()> {
    let ty = args_type(vm)?;
    let right = ty.as_type().is_some_and(|t| unraisable.ty().is(t));
    match unraisable.downcast::<Tuple>().and_then(|t| <&[Value; 5]>::try_from(t.as_slice()).ok()) {
        Some(fields) if right => {
            show(vm, fields);
            Ok(())
        }
        _ => Err(vm.type_error("sys.unraisablehook argument type must be UnraisableHookArgs")),
    }
}

fn shown(vm: &Vm, object: &Value) -> String {
    vm.repr_string(object).unwrap_or_else(|r| {
        drop(vm.catch(r));
        "<object repr() failed>".to_owned()
    })
}

fn show(vm: &Vm, [exc_type, exc_value, exc_traceback, message, object]: &[Value; 5]) {
    let mut out = String::new();
    let message = message.downcast::<Str>().map(|m| m.to_string_lossy());
    if !object.is_none() {
        out.push_str(message.as_deref().unwrap_or("Exception ignored in"));
        out.push_str(&format!(": {}\n", shown(vm, object)));
    } else if let Some(message) = message {
        out.push_str(&format!("{message}:\n"));
    }
    if let Some(tb) = exc_traceback.downcast::<traceback::Traceback>() {
        plain::traceback(vm, tb, &mut out);
    }
    if let Some(ty) = exc_type.as_type() {
        out.push_str(&plain::class_name(vm, ty));
        if !exc_value.is_none() {
            let text = vm.str_string(exc_value).unwrap_or_else(|r| {
                drop(vm.catch(r));
                "<exception str() failed>".to_owned()
            });
            out.push_str(&format!(": {text}"));
        }
        out.push('\n');
    }
    write_stderr(vm, &out);
}
