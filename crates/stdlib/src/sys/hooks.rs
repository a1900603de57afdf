//! Hooks: display, exceptions, audit, tracing.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::exceptions::{self as exc, display, unraisable};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::{Vm, names};

pub(super) fn add(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("UnraisableHookArgs", unraisable::args_type(vm)?);
    for name in ["displayhook", "excepthook", "unraisablehook", "breakpointhook"] {
        if let Some(f) = m.dict.get_str(name) {
            m.set(&format!("__{name}__"), f);
        }
    }
    Ok(())
}

/// Print an object to sys.stdout and also save it in builtins._
#[function(sig = "(object, /)")]
pub fn displayhook(vm: &Vm, object: &Value) -> R<()> {
    if object.is_none() {
        return Ok(());
    }
    let builtins = vm.interp().builtins();
    builtins.set_str("_", Value::NONE);
    let Some(out) = vm.interp().sys().get_name(&names().stdout).filter(|o| !o.is_none()) else {
        return Err(vm.runtime_error("lost sys.stdout"));
    };
    let text = vm.repr(object)?;
    match vm.call_method_name(&out, &names().write, std::slice::from_ref(&text)) {
        Ok(_) => {}
        Err(r) if vm.raised_is(&exc::UNICODE_ENCODE_ERROR) => {
            drop(vm.catch(r));
            let encoding = vm.get_attr(&out, &names().encoding)?;
            let bytes = vm.call_method(&text, "encode", &[encoding.clone(), str::from_str("backslashreplace")])?;
            let shown = vm.call_method(&bytes, "decode", &[encoding, str::from_str("strict")])?;
            vm.call_method_name(&out, &names().write, &[shown])?;
        }
        Err(r) => return Err(r),
    }
    vm.call_method_name(&out, &names().write, &[str::from_str("\n")])?;
    builtins.set_str("_", object.clone());
    Ok(())
}

/// Handle an exception by displaying it with a traceback on sys.stderr.
#[function(sig = "(exctype, value, traceback, /)")]
pub fn excepthook(vm: &Vm, exctype: &Value, value: &Value, traceback: &Value) {
    display::excepthook(vm, exctype, value, traceback);
}

/// Handle an unraisable exception.
#[function(sig = "(unraisable, /)")]
pub fn unraisablehook(vm: &Vm, unraisable: &Value) -> R<()> {
    unraisable::unraisablehook(vm, unraisable)
}

/// This hook function is called by built-in breakpoint().
///
/// The environment variable PYTHONBREAKPOINT names what it calls: pdb.set_trace by default, nothing for "0".
#[function]
pub fn breakpointhook(vm: &Vm, args: Args<'_>) -> R {
    let asked = vm.interp().config.use_environment.then(|| taipan_host::env::get(b"PYTHONBREAKPOINT")).flatten();
    let asked = asked.map(|s| String::from_utf8_lossy(&s).into_owned()).filter(|s| !s.is_empty());
    let path = asked.as_deref().unwrap_or("pdb.set_trace");
    if path == "0" {
        return Ok(Value::NONE);
    }
    let (module, name) = path.rsplit_once('.').unwrap_or(("builtins", path));
    let found = match crate::import::import_module(vm, module) {
        Ok(m) => vm.get_attr_str(&m, name),
        Err(r) => Err(r),
    };
    match found {
        Ok(f) => vm.call_args(&f, args),
        Err(r) => {
            if !vm.raised_is(&exc::IMPORT_ERROR) && !vm.raised_is(&exc::ATTRIBUTE_ERROR) && !vm.raised_is(&exc::VALUE_ERROR) {
                return Err(r);
            }
            drop(vm.catch(r));
            vm.warn(&exc::RUNTIME_WARNING, &format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{path}\""), 0)?;
            Ok(Value::NONE)
        }
    }
}

/// Passes the event to any hooks that are attached.
#[function]
pub fn audit(vm: &Vm, args: Args<'_>) -> R<()> {
    let Some(event) = args.positional().first() else {
        return Err(vm.type_error("audit expected at least 1 argument, got 0"));
    };
    if event.downcast::<str::Str>().is_none() {
        return Err(vm.type_error(format!("expected str for argument 'event', not {}", event.ty().tp_name())));
    }
    if !vm.is_audited() {
        return Ok(());
    }
    vm.tell_hooks(event, &taipan_runtime::types::tuple::from_slice(&args.positional()[1..]).into_value())
}

/// Adds a new audit hook callback.
#[function(sig = "(hook)")]
pub fn addaudithook(vm: &Vm, hook: &Value) -> R<()> {
    vm.add_audit_hook(hook)
}

/// Set the global debug tracing function.
#[function(sig = "(function, /)")]
pub fn settrace(vm: &Vm, function: &Value) -> R<()> {
    vm.audit("sys.settrace", &[])?;
    vm.trace_fn.set(Some(function.clone()).filter(|f| !f.is_none()));
    vm.update_tracing();
    Ok(())
}

/// Return the global debug tracing function set with sys.settrace.
#[function]
pub fn gettrace(vm: &Vm) -> Option<Value> {
    vm.trace_fn.get()
}

/// Set the profiling function.
#[function(sig = "(function, /)")]
pub fn setprofile(vm: &Vm, function: &Value) -> R<()> {
    vm.audit("sys.setprofile", &[])?;
    vm.profile_fn.set(Some(function.clone()).filter(|f| !f.is_none()));
    vm.update_tracing();
    Ok(())
}

/// Return the profiling function set with sys.setprofile.
#[function]
pub fn getprofile(vm: &Vm) -> Option<Value> {
    vm.profile_fn.get()
}

/// Set the global debug tracing function in all running threads.
#[function(sig = "(function, /)")]
pub fn _settraceallthreads(vm: &Vm, function: &Value) -> R<()> {
    vm.audit("sys.settrace", &[])?;
    for thread in vm.interp().threads.all() {
        thread.trace_fn.set(Some(function.clone()).filter(|f| !f.is_none()));
        thread.update_tracing();
    }
    Ok(())
}

/// Set the profiling function in all running threads.
#[function(sig = "(function, /)")]
pub fn _setprofileallthreads(vm: &Vm, function: &Value) -> R<()> {
    vm.audit("sys.setprofile", &[])?;
    for thread in vm.interp().threads.all() {
        thread.profile_fn.set(Some(function.clone()).filter(|f| !f.is_none()));
        thread.update_tracing();
    }
    Ok(())
}
