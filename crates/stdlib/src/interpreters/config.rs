//! What interpreters may do: `new_config` and back.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{namespace, str};
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::Features;

use super::errors;

type Field = (&'static str, fn(&mut Features) -> &mut bool);

const FIELDS: [Field; 6] = [
    ("use_main_obmalloc", |f| &mut f.use_main_obmalloc),
    ("allow_fork", |f| &mut f.allow_fork),
    ("allow_exec", |f| &mut f.allow_exec),
    ("allow_threads", |f| &mut f.allow_threads),
    ("allow_daemon_threads", |f| &mut f.allow_daemon_threads),
    ("check_multi_interp_extensions", |f| &mut f.check_multi_interp_extensions),
];

/// Settings by name.
///
/// Raises ValueError for an unknown name.
pub(super) fn by_name(vm: &Vm, name: &str) -> R<Features> {
    match name {
        "" | "default" | "isolated" => Ok(Features::ISOLATED),
        "legacy" => Ok(Features::LEGACY),
        "empty" => Ok(Features::EMPTY),
        _ => Err(vm.value_error(format!("unsupported config name '{name}'"))),
    }
}

/// As a types.SimpleNamespace.
pub(super) fn show(mut f: Features) -> Value {
    let mut items: Vec<(&str, Value)> = FIELDS.iter().map(|(name, field)| (*name, Value::from(*field(&mut f)))).collect();
    items.push(("gil", str::from_str(f.gil)));
    namespace::new(&items)
}

/// Sets what the dictionary names. With `all`, nothing may be missing.
///
/// Raises TypeError for values of wrong types, ValueError for wrong names and values.
pub(super) fn update(vm: &Vm, f: &mut Features, given: &Ref<Dict>, all: bool) -> R<()> {
    let mut used = 0;
    for (name, field) in FIELDS {
        match given.get_str(name) {
            Some(v) if v.is(&Value::TRUE) || v.is(&Value::FALSE) => *field(f) = v.is(&Value::TRUE),
            Some(_) => return Err(vm.type_error(format!("invalid config value for '{name}'"))),
            None if all => return Err(missing(vm, name)),
            None => continue,
        }
        used += 1;
    }
    match given.get_str("gil") {
        Some(v) => {
            let Some(s) = v.downcast::<Str>() else {
                return Err(vm.type_error("invalid config value for 'gil'"));
            };
            f.gil = match &*s.to_string_lossy() {
                "default" => "default",
                "shared" => "shared",
                "own" => "own",
                other => return Err(vm.value_error(format!("unsupported interpreter config .gil value '{other}'"))),
            };
            used += 1;
        }
        None if all => return Err(missing(vm, "gil")),
        None => {}
    }
    let extra = given.len().saturating_sub(used);
    if extra > 0 {
        return Err(vm.value_error(format!("config has {extra} unknown keys")));
    }
    Ok(())
}

fn missing(vm: &Vm, name: &str) -> taipan_runtime::core::Raised {
    vm.value_error(format!("missing config key: '{name}'"))
}

/// The settings that `create` was given: None, a name, or a namespace.
///
/// Raises TypeError, ValueError; InterpreterError for what no interpreter can be.
pub(super) fn of_argument(vm: &Vm, v: &Value) -> R<Features> {
    let features = if v.is_none() {
        Features::ISOLATED
    } else if let Some(name) = v.downcast::<Str>() {
        by_name(vm, &name.to_string_lossy())?
    } else {
        let Some(dict) = vm.get_attr_str_opt(v, "__dict__")?.and_then(|d| d.into_ref::<Dict>().ok()) else {
            return Err(vm.type_error(format!("bad config {}", vm.str_lossy(&vm.repr(v)?))));
        };
        let mut f = Features::EMPTY;
        update(vm, &mut f, &dict, true)?;
        f
    };
    if !features.use_main_obmalloc && !features.check_multi_interp_extensions {
        let text = "per-interpreter obmalloc does not support single-phase init extension modules";
        return Err(errors::failed(vm, text));
    }
    if features.gil == "own" && features.use_main_obmalloc {
        return Err(errors::failed(vm, "per-interpreter obmalloc requires a per-interpreter GIL"));
    }
    Ok(features)
}
