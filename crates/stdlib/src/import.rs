//! Starting the import system, and importing from native code.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::interp;
use taipan_runtime::types::code::{self, Code};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::{self, Module};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

/// The code of a module of the library, with the file name that it is to have.
///
/// Raises SystemError if the image is damaged.
pub fn library_code(vm: &Vm, name: &str, filename: &str) -> R<Option<Ref<Code>>> {
    let Some(find) = vm.interp().config.frozen else { return Ok(None) };
    let Some(m) = find(name) else { return Ok(None) };
    code::from_library(vm, m.code, filename).map(Some)
}

/// Runs a module of the library in a new module object of another name, without the import system.
fn run_frozen(vm: &Vm, library_name: &str, name: &str) -> R<Ref<Module>> {
    let filename = format!("<frozen {library_name}>");
    let Some(code) = library_code(vm, library_name, &filename)? else {
        return Err(vm.raise_msg(&exc::IMPORT_ERROR, &format!("the library has no {library_name}")));
    };
    let m = module::new(name, Value::NONE);
    m.dict.set_name(&names().__builtins__, vm.interp().builtins().into_value());
    m.set("__origname__", str::from_str(library_name));
    vm.interp().modules().set_str(name, m.value().clone());
    interp::eval_code(vm, &code, &m.dict, None, None)?;
    Ok(m)
}

/// A native module, imported if need be.
pub fn native(vm: &Vm, name: &str) -> R {
    if let Some(m) = vm.interp().modules().get_str(name) {
        return Ok(m);
    }
    match vm.interp().native_module(name) {
        Some(def) => Ok(vm.add_native_module(def)?.into_value()),
        None => Err(vm.import_error(format!("no native module named '{name}'"), str::from_str(name), Value::NONE)),
    }
}

/// Sets `builtins`, `sys` and the import system up.
///
/// Raises whatever goes wrong; nothing can be imported then.
pub fn bootstrap(vm: &Vm) -> R<()> {
    let interp = vm.interp();
    let builtins = match native(vm, "builtins")?.downcast::<Module>() {
        Some(m) => m.clone(),
        None => return Err(vm.system_error("builtins is no module")),
    };
    interp.builtins.set(Some(builtins.dict.clone()));
    let sys = match native(vm, "sys")?.downcast::<Module>() {
        Some(m) => m.clone(),
        None => return Err(vm.system_error("sys is no module")),
    };
    interp.sys.set(Some(sys.dict.clone()));
    sys.set("modules", interp.modules());
    let imp = native(vm, "_imp")?;
    for name in ["_thread", "_warnings", "_weakref"] {
        native(vm, name)?;
    }
    let importlib = run_frozen(vm, "importlib._bootstrap", "_frozen_importlib")?;
    interp.importlib.set(Some(importlib.value().clone()));
    vm.call_method(importlib.value(), "_install", &[sys.value().clone(), imp])?;
    let external = run_frozen(vm, "importlib._bootstrap_external", "_frozen_importlib_external")?;
    importlib.set("_bootstrap_external", external.value().clone());
    vm.call_method(external.value(), "_install", &[importlib.value().clone()])?;
    let library = run_frozen(vm, "_taipan_library", "_taipan_library")?;
    vm.call_method(library.value(), "_install", &[])?;
    Ok(())
}

/// `importlib.import_module(name)`.
pub fn import_module(vm: &Vm, name: &str) -> R {
    if let Some(m) = vm.interp().modules().get_str(name).filter(|m| !m.is_none()) {
        return Ok(m);
    }
    let full = str::from_str(name);
    find_and_load(vm, &full)?;
    match vm.interp().modules().get_str(name) {
        Some(m) => Ok(m),
        None => Err(vm.key_error(&full)),
    }
}

fn find_and_load(vm: &Vm, name: &Value) -> R {
    let Some(importlib) = vm.interp().importlib() else {
        return Err(vm.raise_msg(&exc::IMPORT_ERROR, "the import system is not running"));
    };
    let f = vm.get_attr(&importlib, &names()._find_and_load)?;
    let import = vm.interp().builtins().get_name(&names().__import__).unwrap_or(Value::NONE);
    trimmed(vm, vm.call(&f, &[name.clone(), import]))
}

/// Takes the frames of the import system itself, which say nothing to the user, out of a traceback.
fn trimmed(vm: &Vm, r: R) -> R {
    r.map_err(|raised| {
        let e = vm.catch(raised);
        exc::traceback::trim_importlib(vm, &e);
        vm.raise_as_is(e)
    })
}

/// `__import__(name, globals, None, fromlist, level)`.
pub fn import_module_level(vm: &Vm, name: &Value, globals: Option<&Value>, fromlist: Option<&Value>, level: i64) -> R {
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error("module name must be a string"));
    };
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let full = if level > 0 {
        resolve(vm, text, globals, level)?
    } else {
        if text.is_empty() {
            return Err(vm.value_error("Empty module name"));
        }
        taipan_runtime::vm::intern_value(name)
    };
    let modules = vm.interp().modules();
    let m = match modules.get(vm, &full)?.filter(|m| !m.is_none()) {
        Some(m) => {
            wait_until_initialized(vm, &m, &full)?;
            m
        }
        None => find_and_load(vm, &full)?,
    };
    let has_from = match fromlist {
        Some(f) if !f.is_none() => vm.truth(f)?,
        _ => false,
    };
    if has_from {
        let Some(f) = fromlist else { return Ok(m) };
        if vm.get_attr_opt(&m, &names().__path__)?.is_none() {
            return Ok(m);
        }
        let Some(importlib) = vm.interp().importlib() else { return Ok(m) };
        let handle = vm.get_attr(&importlib, &names()._handle_fromlist)?;
        let import = vm.interp().builtins().get_name(&names().__import__).unwrap_or(Value::NONE);
        return trimmed(vm, vm.call(&handle, &[m, f.clone(), import]));
    }
    // `import a.b.c` gives `a`; `from . import` without names gives the part that was asked for.
    if level == 0 || !text.is_empty() {
        let shown = text.to_string_lossy();
        let Some(dot) = shown.find('.') else { return Ok(m) };
        if level == 0 {
            return import_module_level(vm, &str::from_str(&shown[..dot]), None, None, 0);
        }
        let full_text = vm.str_lossy(&full);
        let cut = full_text.len() - (shown.len() - dot);
        let top = &full_text[..cut];
        return match modules.get_str(top) {
            Some(m) => Ok(m),
            None => Err(vm.raise_msg(&exc::KEY_ERROR, &format!("'{top}' not in sys.modules as expected"))),
        };
    }
    Ok(m)
}

/// A module that another thread is still importing is waited for.
fn wait_until_initialized(vm: &Vm, m: &Value, name: &Value) -> R<()> {
    let Some(module) = m.downcast::<Module>() else { return Ok(()) };
    if !vm.module_is_initializing(module) {
        return Ok(());
    }
    let Some(importlib) = vm.interp().importlib() else { return Ok(()) };
    let f = vm.get_attr(&importlib, &names()._lock_unlock_module)?;
    vm.call(&f, std::slice::from_ref(name)).map(drop)
}

/// The absolute name of a relative import.
fn resolve(vm: &Vm, name: &Str, globals: Option<&Value>, level: i64) -> R {
    let Some(g) = globals.filter(|g| !g.is_none()) else {
        return Err(vm.raise_msg(&exc::KEY_ERROR, "'__name__' not in globals"));
    };
    let Some(g) = g.downcast::<Dict>() else { return Err(vm.type_error("globals must be a dict")) };
    let n = names();
    let package = match g.get_name(&n.__package__).filter(|p| !p.is_none()) {
        Some(p) => {
            if p.downcast::<Str>().is_none() {
                return Err(vm.type_error("package must be a string"));
            }
            if let Some(spec) = g.get_name(&n.__spec__).filter(|s| !s.is_none()) {
                let parent = vm.get_attr_str(&spec, "parent")?;
                if !vm.eq(&p, &parent)? {
                    vm.warn(&exc::DEPRECATION_WARNING, "__package__ != __spec__.parent", 1)?;
                }
            }
            p
        }
        None => match g.get_name(&n.__spec__).filter(|s| !s.is_none()) {
            Some(spec) => {
                let p = vm.get_attr_str(&spec, "parent")?;
                if p.downcast::<Str>().is_none() {
                    return Err(vm.type_error("__spec__.parent must be a string"));
                }
                p
            }
            None => {
                let text = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
                vm.warn(&exc::IMPORT_WARNING, text, 1)?;
                let Some(name) = g.get_name(&n.__name__) else {
                    return Err(vm.raise_msg(&exc::KEY_ERROR, "'__name__' not in globals"));
                };
                let text = vm.str_lossy(&name);
                if g.get_name(&n.__path__).is_some() {
                    name
                } else {
                    str::from_str(text.rfind('.').map_or("", |i| &text[..i]))
                }
            }
        },
    };
    let package = vm.str_lossy(&package);
    if package.is_empty() {
        return Err(vm.import_error("attempted relative import with no known parent package", Value::NONE, Value::NONE));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rfind('.') {
            Some(i) => base = &base[..i],
            None => return Err(vm.import_error("attempted relative import beyond top-level package", Value::NONE, Value::NONE)),
        }
    }
    let name = name.to_string_lossy();
    Ok(taipan_runtime::vm::intern(&if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") }).into_value())
}
