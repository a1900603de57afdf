//! What happens to exceptions that nobody has caught: `sys.excepthook` and what it does by default.

use super::base::BaseException;
use super::traceback::Traceback;
use super::values::SystemExit;
use super::plain;
use crate::core::{R, Value};
use crate::types::{int, str};
use crate::vm::{Vm, names};

/// Shows an exception on `sys.stderr`, by `traceback.py` or, where that is impossible, by plainer means.
/// Never raises.
pub fn display(vm: &Vm, e: &Value) {
    vm.preserving_raised(|| {
        if e.downcast::<BaseException>().is_some() {
            match by_library(vm, e) {
                Ok(()) => return,
                Err(r) => drop(vm.catch(r)),
            }
        }
        write_stderr(vm, &plain::exception(vm, e));
    });
}

/// What [`display`] shows when `traceback.py` can't help, without writing it anywhere.
pub fn plain_text(vm: &Vm, e: &Value) -> String {
    plain::exception(vm, e)
}

/// Lets `traceback.py` do it.
fn by_library(vm: &Vm, e: &Value) -> R<()> {
    let module = match vm.interp().modules().get_str("traceback") {
        Some(m) if !m.is_none() => m,
        _ if vm.interp().finalizing.get() => return Err(vm.runtime_error("nothing can be imported any more")),
        _ => match vm.interp().builtins().get_name(&names().__import__) {
            Some(import) => vm.call(&import, &[str::from_str("traceback")])?,
            None => return Err(vm.runtime_error("nothing can be imported yet")),
        },
    };
    vm.call_method(&module, "_print_exception_bltin", std::slice::from_ref(e))?;
    Ok(())
}

/// Writes to `sys.stderr`; if there is none, or it fails, to descriptor 2. Never raises.
pub fn write_stderr(vm: &Vm, text: &str) {
    let file = vm.interp().sys.get().and_then(|sys| sys.get_name(&names().stderr));
    if let Some(file) = file {
        if file.is_none() {
            return;
        }
        let written = vm.call_method(&file, "write", &[str::from_str(text)]).and_then(|_| vm.call_method(&file, "flush", &[]));
        match written {
            Ok(_) => return,
            Err(r) => drop(vm.catch(r)),
        }
    }
    write_descriptor(text.as_bytes());
}

fn write_descriptor(mut text: &[u8]) {
    while !text.is_empty() {
        match taipan_host::fd::write(2, text) {
            Ok(n) if n > 0 => text = &text[n..],
            Err(e) if e.name() == Some("EINTR") => {}
            // There is nobody left to tell.
            _ => return,
        }
    }
}

/// `sys.excepthook(type, value, traceback)`
pub fn excepthook(vm: &Vm, _ty: &Value, value: &Value, traceback: &Value) {
    if let (Some(e), Some(tb)) = (value.downcast::<BaseException>(), traceback.downcast::<Traceback>())
        && e.traceback.borrow().is_none()
    {
        e.traceback.set(Some(tb.clone()));
    }
    display(vm, value);
}

/// Type, value and traceback of an exception, as hooks and `__exit__` get them.
pub fn parts(e: &Value) -> [Value; 3] {
    let tb = e.downcast::<BaseException>().and_then(|b| b.traceback.get()).map_or(Value::NONE, Into::into);
    [e.ty().to_value(), e.clone(), tb]
}

/// Gives an exception that nobody has caught to `sys.excepthook`, after setting `sys.last_exc` and its parts.
/// The exit status that the hook wants, if it raises SystemExit.
pub fn print_exception(vm: &Vm, e: &Value) -> Option<i32> {
    let parts = parts(e);
    let Some(sys) = vm.interp().sys.get() else {
        display(vm, e);
        return None;
    };
    let n = names();
    sys.set_name(&n.last_exc, e.clone());
    for (name, part) in [&n.last_type, &n.last_value, &n.last_traceback].into_iter().zip(&parts) {
        sys.set_name(name, part.clone());
    }
    let Some(hook) = sys.get_name(&n.excepthook) else {
        write_stderr(vm, "sys.excepthook is missing\n");
        display(vm, e);
        return None;
    };
    let told = if vm.is_audited() {
        let [ty, value, tb] = parts.clone();
        match vm.audit("sys.excepthook", &[hook.clone(), ty, value, tb]) {
            Err(r) if vm.raised_is(&super::RUNTIME_ERROR) => {
                drop(vm.catch(r));
                return None;
            }
            told => told,
        }
    } else {
        Ok(())
    };
    match told.and_then(|()| vm.call(&hook, &parts)) {
        Ok(_) => None,
        Err(r) => {
            let second = vm.catch(r);
            if let Some(status) = exit_status(vm, &second) {
                return Some(status);
            }
            write_stderr(vm, "Error in sys.excepthook:\n");
            display(vm, &second);
            write_stderr(vm, "\nOriginal exception was:\n");
            display(vm, e);
            None
        }
    }
}

/// The exit status that a SystemExit asks for; a code that is no int is shown on `sys.stderr` and stands for
/// failure. `None` for other exceptions.
pub fn exit_status(vm: &Vm, e: &Value) -> Option<i32> {
    e.downcast::<SystemExit>()?;
    let code = match vm.get_attr(e, &names().code) {
        Ok(code) => code,
        Err(r) => {
            drop(vm.catch(r));
            e.clone()
        }
    };
    if code.is_none() {
        return Some(0);
    }
    if let Some(n) = int::get(&code) {
        return Some(n.to_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(-1));
    }
    vm.preserving_raised(|| match vm.str_string(&code) {
        Ok(text) => write_stderr(vm, &format!("{text}\n")),
        Err(r) => drop(vm.catch(r)),
    });
    Some(1)
}

/// What a program does with the exception that ends it: SystemExit gives its status, anything else is shown and
/// gives 1.
pub fn uncaught(vm: &Vm, e: &Value) -> i32 {
    match exit_status(vm, e) {
        Some(status) => status,
        None => print_exception(vm, e).unwrap_or(1),
    }
}
