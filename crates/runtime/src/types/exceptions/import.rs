//! `from module import name` where there is no such name: the many things that may be wrong.

use super::set_extra;
use super::named::IMPORT_ERROR;
use crate::core::{R, Raised, Value};
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

/// The file that the module comes from.
fn origin(vm: &Vm, module: &Value, spec: &Value) -> R<Option<Value>> {
    let located = match vm.get_attr_str_opt(spec, "has_location")? {
        Some(v) => vm.truth(&v)?,
        None => false,
    };
    if located && let Some(o) = vm.get_attr_str_opt(spec, "origin")?.filter(|o| o.downcast::<Str>().is_some()) {
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
