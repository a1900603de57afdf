//! `from module import name` where there is no such name: the many things that may be wrong.

use super::set_extra;
use super::named::IMPORT_ERROR;
use crate::core::{R, Raised, Ref, Value};
use crate::types::module::Module;
use crate::types::str::Str;
use crate::vm::{Vm, names};

/// Raises the ImportError for a name that a module does not have. `package` is the module's name, if it has one.
#[cold]
pub fn import_from_failed(vm: &Vm, module: &Value, package: Option<Value>, name: &Value) -> Raised {
    let (text, origin) = match explain(vm, module, package.as_ref(), name) {
        Ok(x) => x,
        Err(r) => return r,
    };
    let r = vm.raise_msg(&IMPORT_ERROR, &text);
    if let Some(e) = vm.peek_raised() {
        set_extra(&e, "name", package.unwrap_or(Value::NONE));
        set_extra(&e, "path", origin.unwrap_or(Value::NONE));
        set_extra(&e, "name_from", name.clone());
    }
    r
}

fn explain(vm: &Vm, module: &Value, package: Option<&Value>, name: &Value) -> R<(String, Option<Value>)> {
    let shown = vm.repr_string(name)?;
    let from = match package {
        Some(p) => vm.repr_string(p)?,
        None => "'<unknown module name>'".to_owned(),
    };
    let Some(spec) = vm.get_attr_opt(module, &names().__spec__)?.filter(|s| !s.is_none()) else {
        return Ok((format!("cannot import name {shown} from {from} (unknown location)"), None));
    };
    let origin = origin(vm, module, &spec)?;
    let place = origin.as_ref().map(|o| vm.str_lossy(o));
    let shadowing = match &place {
        Some(place) => possibly_shadowing(vm, place),
        None => false,
    };
    if shadowing && is_library_module(vm, package)? {
        let file = vm.repr_string(origin.as_ref().unwrap_or(&Value::NONE))?;
        let text = format!(
            "cannot import name {shown} from {from} (consider renaming {file} since it has the same name as the \
             standard library module named {from} and prevents importing that standard library module)"
        );
        return Ok((text, origin));
    }
    let initializing = match vm.get_attr_opt(&spec, &names()._initializing)? {
        Some(v) => vm.truth(&v)?,
        None => false,
    };
    let text = match (initializing, &place) {
        (true, Some(_)) if shadowing => {
            let file = vm.repr_string(origin.as_ref().unwrap_or(&Value::NONE))?;
            format!(
                "cannot import name {shown} from {from} (consider renaming {file} if it has the same name as a \
                 library you intended to import)"
            )
        }
        (true, Some(place)) => format!(
            "cannot import name {shown} from partially initialized module {from} (most likely due to a circular \
             import) ({place})"
        ),
        (true, None) => format!(
            "cannot import name {shown} from partially initialized module {from} (most likely due to a circular \
             import)"
        ),
        (false, Some(place)) => format!("cannot import name {shown} from {from} ({place})"),
        (false, None) => format!("cannot import name {shown} from {from} (unknown location)"),
    };
    Ok((text, origin))
}

/// Raises the AttributeError for a name that a module does not have.
#[cold]
pub fn no_module_attribute(vm: &Vm, module: &Ref<Module>, name: &Value) -> Raised {
    match explain_attribute(vm, module, name) {
        Ok(text) => vm.attribute_error(module.value(), name, text),
        Err(r) => r,
    }
}

fn explain_attribute(vm: &Vm, module: &Ref<Module>, name: &Value) -> R<String> {
    let shown = vm.str_lossy(name);
    let own_name = module.dict.get_name(&names().__name__).filter(|n| n.downcast::<Str>().is_some());
    let Some(own_name) = own_name else { return Ok(format!("module has no attribute '{shown}'")) };
    let own = vm.str_lossy(&own_name);
    let plain = format!("module '{own}' has no attribute '{shown}'");
    let spec = module.dict.get_name(&names().__spec__).filter(|s| !s.is_none());
    let Some(spec) = spec else { return Ok(plain) };
    let place = located(vm, &spec)?.map(|o| vm.str_lossy(&o));
    let shadowing = place.as_ref().is_some_and(|place| possibly_shadowing(vm, place));
    let file = || place.clone().unwrap_or_default();
    if shadowing && is_library_module(vm, Some(&own_name))? {
        let file = file();
        return Ok(format!(
            "{plain} (consider renaming '{file}' since it has the same name as the standard library module named \
             '{own}' and prevents importing that standard library module)"
        ));
    }
    if vm.module_is_initializing(module) {
        if shadowing {
            let file = file();
            return Ok(format!(
                "{plain} (consider renaming '{file}' if it has the same name as a library you intended to import)"
            ));
        }
        let from = place.map_or_else(String::new, |p| format!(" from '{p}'"));
        return Ok(format!(
            "partially initialized module '{own}'{from} has no attribute '{shown}' (most likely due to a circular import)"
        ));
    }
    let pending = match vm.get_attr_opt(&spec, &names()._uninitialized_submodules)? {
        Some(list) => vm.contains(&list, name)?,
        None => false,
    };
    Ok(if pending {
        format!("cannot access submodule '{shown}' of module '{own}' (most likely due to a circular import)")
    } else {
        plain
    })
}

/// The file that a spec names.
fn located(vm: &Vm, spec: &Value) -> R<Option<Value>> {
    let located = match vm.get_attr_str_opt(spec, "has_location")? {
        Some(v) => vm.truth(&v)?,
        None => false,
    };
    if !located {
        return Ok(None);
    }
    Ok(vm.get_attr_str_opt(spec, "origin")?.filter(|o| o.downcast::<Str>().is_some()))
}

/// The file that the module comes from.
fn origin(vm: &Vm, module: &Value, spec: &Value) -> R<Option<Value>> {
    if let Some(o) = located(vm, spec)? {
        return Ok(Some(o));
    }
    let file = module.downcast::<Module>().and_then(|m| m.dict.get_name(&names().__file__));
    Ok(file.filter(|f| f.downcast::<Str>().is_some()))
}

fn is_library_module(vm: &Vm, name: Option<&Value>) -> R<bool> {
    let names = vm.interp().sys.get().and_then(|sys| sys.get_str("stdlib_module_names"));
    match (names, name) {
        (Some(names), Some(name)) => vm.contains(&names, name),
        _ => Ok(false),
    }
}

/// Whether a module's file lies in the directory that the program's start has put first on `sys.path`, where
/// files with the names of other modules are found by accident. Whoever sets up `sys.path` keeps that directory
/// as the interpreter's static object `"sys_path_0"`; without it nothing shadows.
pub fn possibly_shadowing(vm: &Vm, origin: &str) -> bool {
    let first = vm.interp().statics.borrow().get("sys_path_0").cloned();
    let Some(first) = first.filter(|_| !vm.interp().config.safe_path) else { return false };
    let Some((mut root, file)) = origin.rsplit_once('/') else { return false };
    if file == "__init__.py" {
        match root.rsplit_once('/') {
            Some((parent, _)) => root = parent,
            None => return false,
        }
    }
    let first = vm.str_lossy(&first);
    if first.is_empty() {
        return taipan_host::fs::current_directory().is_ok_and(|cwd| cwd.as_bytes() == root.as_bytes());
    }
    root == first
}
