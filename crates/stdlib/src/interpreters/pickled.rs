//! What has no way of its own to another interpreter goes by pickle.
//!
//! The program's own module is another one there. What is missing from it is looked for in the program's file, which is
//! run once more for that, as a module of another name.

use std::sync::Arc;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::{self, Module};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::bytes;
use taipan_runtime::vm::Vm;

use super::errors;

/// A pickled value.
#[derive(Clone)]
pub struct Pickled {
    data: Arc<[u8]>,
    /// The program's file, where it was pickled.
    program: Option<Arc<str>>,
}

/// The module that the program's file is run as.
const STAND_IN: &str = "<fake __main__>";
const FILE: &str = "interpreters.program";

fn main_module(vm: &Vm) -> Option<Value> {
    vm.interp().modules().get_str("__main__").filter(|m| !m.is_none())
}

fn program(vm: &Vm) -> R<Option<Arc<str>>> {
    if let Some(v) = vm.interp().statics.borrow().get(FILE).cloned() {
        return Ok(v.downcast::<Str>().map(|s| s.to_string_lossy().into()));
    }
    let Some(main) = main_module(vm) else { return Ok(None) };
    let file = match main.downcast::<Module>() {
        Some(m) => m.dict.get_str("__file__"),
        None => vm.get_attr_str_opt(&main, "__file__")?,
    };
    Ok(file.and_then(|f| f.downcast::<Str>().map(|s| s.to_string_lossy().into())))
}

/// Pickles a value.
///
/// Raises what pickling raises.
pub(super) fn dump(vm: &Vm, v: &Value) -> R<Pickled> {
    let pickle = crate::import::import_module(vm, "pickle")?;
    let data = vm.call_method(&pickle, "dumps", std::slice::from_ref(v))?;
    let data = bytes::get(&data).unwrap_or(&[]).into();
    Ok(Pickled { data, program: program(vm)? })
}

fn mentions(data: &[u8], name: &str) -> bool {
    data.windows(name.len()).any(|w| w == name.as_bytes())
}

fn loads(vm: &Vm, data: &[u8]) -> R {
    let pickle = crate::import::import_module(vm, "pickle")?;
    vm.call_method(&pickle, "loads", &[bytes::from_slice(data).into_value()])
}

/// Runs `f` while `sys.modules[name]` is another module.
fn with_module(vm: &Vm, name: &str, m: &Value, f: impl FnOnce() -> R) -> R {
    let modules = vm.interp().modules();
    let key = str::from_str(name);
    let before = modules.get_str(name);
    modules.set_str(name, m.clone());
    let r = f();
    match before {
        Some(old) => modules.set_str(name, old),
        None => vm.preserving_raised(|| drop(modules.remove(vm, &key).map_err(|r| drop(vm.catch(r))))),
    }
    r
}

/// The module in which the program's file was run once more.
fn stand_in(vm: &Vm, file: &str) -> R {
    let modules = vm.interp().modules();
    if let Some(m) = modules.get_str(STAND_IN).filter(|m| !m.is_none()) {
        return Ok(m);
    }
    let runpy = crate::import::import_module(vm, "runpy")?;
    let run = vm.get_attr_str(&runpy, "run_path")?;
    let namespace = vm.call_kw(&run, &[str::from_str(file)], &[("run_name", str::from_str(STAND_IN))])?;
    let m = module::new(STAND_IN, Value::NONE);
    vm.call_method(m.dict.value(), "update", &[namespace])?;
    vm.interp().statics.borrow_mut().insert(FILE, str::from_str(file));
    modules.set_str(STAND_IN, m.value().clone());
    Ok(m.into_value())
}

fn load_here(vm: &Vm, p: &Pickled) -> R {
    // Instances of the program's classes come back from where the program's module has another name.
    if mentions(&p.data, STAND_IN)
        && vm.interp().modules().get_str(STAND_IN).is_none()
        && let Some(main) = main_module(vm)
    {
        return with_module(vm, STAND_IN, &main, || loads(vm, &p.data));
    }
    let Some(file) = p.program.as_deref().filter(|_| mentions(&p.data, "__main__")) else {
        return loads(vm, &p.data);
    };
    if let Some(m) = vm.interp().modules().get_str(STAND_IN).filter(|m| !m.is_none()) {
        return with_module(vm, "__main__", &m, || loads(vm, &p.data));
    }
    let elsewhere = program(vm)?.as_deref() != Some(file);
    match loads(vm, &p.data) {
        Err(r) if elsewhere && vm.raised_is(&exc::ATTRIBUTE_ERROR) => {
            let first = vm.catch(r);
            match stand_in(vm, file) {
                Ok(m) => with_module(vm, "__main__", &m, || loads(vm, &p.data)),
                Err(r) => {
                    drop(vm.catch(r));
                    Err(vm.raise_as_is(first))
                }
            }
        }
        r => r,
    }
}

/// The value.
///
/// Raises NotShareableError.
pub(super) fn load(vm: &Vm, p: &Pickled) -> R {
    load_here(vm, p).map_err(|r| {
        let cause = vm.catch(r);
        errors::not_shareable(vm, "object could not be unpickled", Some(cause))
    })
}
