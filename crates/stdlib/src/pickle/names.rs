//! Objects that are written by name: modules, dotted names, Python 2's old names, and the extension registry.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{exceptions as exc, tuple};
use taipan_runtime::vm::Vm;

use super::pickling_error;

/// The name of an object's class, with its module where that helps.
pub fn type_name(vm: &Vm, v: &Value) -> String {
    let ty = v.ty().to_value();
    let text = |name: &str| match vm.get_attr_str(&ty, name) {
        Ok(v) => v.downcast::<Str>().map(|s| s.to_string_lossy()),
        Err(r) => {
            drop(vm.catch(r));
            None
        }
    };
    let name = text("__qualname__").unwrap_or_else(|| v.ty().name());
    match text("__module__") {
        Some(m) if m != "builtins" && m != "__main__" => format!("{m}.{name}"),
        _ => name,
    }
}

/// Adds a note to the exception on its way.
#[cold]
pub fn noted(vm: &Vm, r: Raised, note: impl FnOnce() -> String) -> Raised {
    let e = vm.catch(r);
    let note = str::from_str(&note());
    if let Err(other) = vm.call_method(&e, "add_note", &[note]) {
        drop(vm.catch(other));
    }
    vm.raise_as_is(e)
}

/// Follows a dotted name from an object; `None` if an attribute is missing.
///
/// Raises what attributes raise, except AttributeError.
pub fn follow(vm: &Vm, from: &Value, path: &Value) -> R<Option<Value>> {
    let Some(s) = path.downcast::<Str>() else { return Ok(None) };
    if !s.as_ascii().is_some_and(|t| t.contains('.')) && !s.iter().any(|c| c == u32::from(b'.')) {
        return vm.get_attr_opt(from, &vm.attr_name(path)?);
    }
    let mut v = from.clone();
    for part in s.to_string_lossy().split('.') {
        match vm.get_attr_str_opt(&v, part)? {
            Some(next) => v = next,
            None => return Ok(None),
        }
    }
    Ok(Some(v))
}

/// The module of a name, from `sys.modules` or imported.
pub fn module(vm: &Vm, name: &Value) -> R {
    if let Some(m) = vm.interp().modules().get(vm, name)?.filter(|m| !m.is_none()) {
        return Ok(m);
    }
    let Some(import) = vm.interp().builtins().get_name(&vm.n().__import__) else {
        return Err(vm.import_error("__import__ not found", Value::NONE, Value::NONE));
    };
    vm.call_kw(&import, std::slice::from_ref(name), &[("level", Value::small(0))])?;
    match vm.interp().modules().get(vm, name)? {
        Some(m) => Ok(m),
        None => Err(vm.key_error(name)),
    }
}

fn reason(vm: &Vm, obj: &Value, why: impl std::fmt::Display) -> Raised {
    match vm.repr_string(obj) {
        Ok(text) => pickling_error(vm, format!("Can't pickle {text}: {why}")),
        Err(r) => r,
    }
}

/// The name of the module in which `obj` is found under `name`.
///
/// Raises PicklingError if there is none.
pub fn which_module(vm: &Vm, obj: &Value, name: &Value) -> R {
    let path = name.downcast::<Str>().map(|s| s.to_string_lossy()).unwrap_or_default();
    let own = vm.get_attr_opt(obj, &vm.n().__module__)?;
    if path.contains('<') && path.split('.').any(|p| p == "<locals>") {
        let text = vm.repr_string(obj)?;
        return Err(pickling_error(vm, format!("Can't pickle local object {text}")));
    }
    let module_name = match own.filter(|m| !m.is_none()) {
        Some(m) => m,
        None => search(vm, obj, name)?.unwrap_or_else(|| str::from_str("__main__")),
    };
    let shown = || vm.str_lossy(&module_name);
    let m = match module(vm, &module_name) {
        Ok(m) => m,
        Err(r) => {
            for class in [&exc::IMPORT_ERROR, &exc::VALUE_ERROR, &exc::KEY_ERROR] {
                if vm.raised_is(class) {
                    let e = vm.catch(r);
                    let text = vm.str_string(&e)?;
                    let raised = reason(vm, obj, text);
                    return Err(with_context(vm, raised, e));
                }
            }
            return Err(r);
        }
    };
    match follow(vm, &m, name)? {
        None => Err(reason(vm, obj, format_args!("it's not found as {}.{path}", shown()))),
        Some(found) if found.is(obj) => Ok(module_name),
        Some(_) => Err(reason(vm, obj, format_args!("it's not the same object as {}.{path}", shown()))),
    }
}

fn with_context(vm: &Vm, raised: Raised, context: Value) -> Raised {
    let e = vm.catch(raised);
    for name in ["__context__", "__cause__"] {
        if let Err(r) = vm.set_attr_str(&e, name, &context) {
            drop(vm.catch(r));
        }
    }
    vm.raise_as_is(e)
}

fn search(vm: &Vm, obj: &Value, name: &Value) -> R<Option<Value>> {
    for (key, m) in vm.interp().modules().items() {
        let skipped = key.downcast::<Str>().is_some_and(|k| k.is("__main__") || k.is("__mp_main__"));
        if skipped || m.is_none() {
            continue;
        }
        if follow(vm, &m, name)?.is_some_and(|v| v.is(obj)) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

/// A look into a table of `_compat_pickle` or `copyreg`.
pub fn table(vm: &Vm, module: &str, name: &str, key: &Value) -> R<Option<Value>> {
    let t = vm.import_attr(module, name)?;
    match t.downcast::<Dict>() {
        Some(d) => d.get(vm, key),
        None => Err(vm.runtime_error(format!("{module}.{name} should be a dict, not {}", t.ty().tp_name()))),
    }
}

/// A module and a name in it by other names: those of Python 2 for Python 3's, or the reverse.
pub fn translated(vm: &Vm, names: &str, modules: &str, module: &Value, name: &Value) -> R<(Value, Value)> {
    let key = tuple::from_array([module.clone(), name.clone()]).into_value();
    if let Some(pair) = table(vm, "_compat_pickle", names, &key)? {
        return match pair.downcast::<tuple::Tuple>().map(|t| t.as_slice()) {
            Some([m, n]) => Ok((m.clone(), n.clone())),
            _ => Err(vm.runtime_error(format!("_compat_pickle.{names} values should be 2-tuples"))),
        };
    }
    let module = table(vm, "_compat_pickle", modules, module)?.unwrap_or_else(|| module.clone());
    Ok((module, name.clone()))
}
