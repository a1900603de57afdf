//! What the module keeps for the interpreter, and what `warnings` may have put in its place.

use std::cell::Cell;

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::int;
use taipan_runtime::types::object::issubclass;
use taipan_runtime::vm::Vm;

use crate::contextvars::{self, ContextVar};
use crate::thread::RawRLock;

/// The payload of the state.
#[derive(taipan_macros::Trace)]
pub struct State {
    pub filters: Value,
    pub once: Value,
    pub default_action: Value,
    pub context: Ref<ContextVar>,
    /// Changes with the filters: registries of another version are out of date.
    pub version: Cell<i64>,
    #[no_trace]
    pub lock: RawRLock,
}

#[class(name = "_State", module = "_warnings", flags(GC, NO_NEW))]
impl State {}

fn filter(action: &str, category: &'static taipan_runtime::core::StaticType, module: Option<&str>) -> Value {
    let module = module.map_or(Value::NONE, str::from_str);
    tuple::from_array([str::from_str(action), Value::NONE, category.value(), module, Value::small(0)]).into_value()
}

/// The state of the interpreter.
pub fn state(vm: &Vm) -> R<Ref<State>> {
    let v = vm.interp_static("_warnings.state", |_| {
        let filters = vec![
            filter("default", &exc::DEPRECATION_WARNING, Some("__main__")),
            filter("ignore", &exc::DEPRECATION_WARNING, None),
            filter("ignore", &exc::PENDING_DEPRECATION_WARNING, None),
            filter("ignore", &exc::IMPORT_WARNING, None),
            filter("ignore", &exc::RESOURCE_WARNING, None),
        ];
        Ok(Ref::new(State {
            filters: list::from_vec(filters).into_value(),
            once: Ref::new(Dict::new()).into_value(),
            default_action: str::from_str("default"),
            context: contextvars::new_var(str::from_str("warnings_context"), None),
            version: Cell::new(0),
            lock: RawRLock::default(),
        })
        .into_value())
    })?;
    v.into_ref::<State>().map_err(|_| vm.system_error("the state of _warnings is lost"))
}

/// An attribute of the module `warnings`, if that was imported (or can be now, where that is wanted).
pub fn attribute(vm: &Vm, name: &str, import: bool) -> R<Option<Value>> {
    let module = match vm.interp().modules().get_str("warnings").filter(|m| !m.is_none()) {
        Some(m) => m,
        None if import && !vm.interp().finalizing.get() => match vm.import_module("warnings") {
            Ok(m) => m,
            Err(r) if vm.raised_is(&exc::IMPORT_ERROR) => {
                drop(vm.catch(r));
                return Ok(None);
            }
            Err(r) => return Err(r),
        },
        None => return Ok(None),
    };
    vm.get_attr_str_opt(&module, name)
}

/// The filters of the current context, where warnings depend on contexts.
fn context_filters(vm: &Vm, state: &State) -> R<Option<Ref<List>>> {
    let flags = vm.interp().sys().get_str("flags");
    let aware = match &flags {
        Some(f) => vm.get_attr_str_opt(f, "context_aware_warnings")?,
        None => None,
    };
    if !matches!(aware, Some(a) if vm.truth(&a)?) {
        return Ok(None);
    }
    let given = attribute(vm, "_warnings_context", false)?;
    let var = match given.as_ref().map(|v| v.downcast_exact::<ContextVar>()) {
        None => &state.context,
        Some(Some(v)) => v,
        Some(None) => return Err(vm.type_error("warnings._warnings_context must be a ContextVar")),
    };
    let Some(context) = contextvars::get_var(vm, var)?.filter(|c| !c.is_none()) else { return Ok(None) };
    let Some(filters) = vm.get_attr_str_opt(&context, "_filters")? else { return Ok(None) };
    match filters.into_ref::<List>() {
        Ok(l) => Ok(Some(l)),
        Err(_) => Err(vm.value_error("_filters of warnings._warnings_context must be a list")),
    }
}

/// The registry of warnings that are shown once.
///
/// Raises TypeError if somebody has replaced it by something else than a dict.
pub fn once_registry(vm: &Vm, state: &State) -> R<Ref<Dict>> {
    let v = attribute(vm, "onceregistry", false)?.unwrap_or_else(|| state.once.clone());
    v.into_ref::<Dict>().map_err(|v| {
        vm.type_error(format!("_warnings.onceregistry must be a dict, not '{}'", v.ty().tp_name()))
    })
}

fn default_action(vm: &Vm, state: &State) -> R {
    let v = attribute(vm, "defaultaction", false)?.unwrap_or_else(|| state.default_action.clone());
    if v.downcast::<Str>().is_none() {
        return Err(vm.type_error(format!("_warnings.defaultaction must be a string, not '{}'", v.ty().tp_name())));
    }
    Ok(v)
}

/// A warning, as the filters see it.
pub struct Subject<'a> {
    /// The class.
    pub category: &'a Value,
    /// The text.
    pub text: &'a Value,
    /// The line.
    pub line: i64,
    /// The module's name.
    pub module: &'a Value,
}

fn matches(vm: &Vm, pattern: &Value, text: &Value) -> R<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if pattern.downcast_exact::<Str>().is_some() {
        return vm.eq(pattern, text);
    }
    let found = vm.call_method(pattern, "match", std::slice::from_ref(text))?;
    vm.truth(&found)
}

fn filter_matches(vm: &Vm, subject: &Subject<'_>, parts: &[Value]) -> R<bool> {
    let [_, message, category, module, line] = parts else { return Ok(false) };
    if !matches(vm, message, subject.text)? || !matches(vm, module, subject.module)? {
        return Ok(false);
    }
    if !issubclass(vm, subject.category, category)? {
        return Ok(false);
    }
    let line = int::to_isize(vm, line)? as i64;
    Ok(line == 0 || line == subject.line)
}

fn search(vm: &Vm, subject: &Subject<'_>, filters: &Ref<List>) -> R<Option<(Value, Value)>> {
    let mut i = 0;
    while let Some(item) = filters.get(i) {
        let parts = match item.downcast::<Tuple>() {
            Some(t) if t.len() == 5 => t.as_slice(),
            _ => return Err(vm.value_error(format!("warnings.filters item {i} isn't a 5-tuple"))),
        };
        let action = &parts[0];
        if action.downcast::<Str>().is_none() {
            return Err(vm.type_error(format!("action must be a string, not '{}'", action.ty().tp_name())));
        }
        if filter_matches(vm, subject, parts)? {
            return Ok(Some((action.clone(), item.clone())));
        }
        i += 1;
    }
    Ok(None)
}

/// What the filters say to a warning: the action, and the filter that said so.
///
/// Raises ValueError and TypeError where the filters are no filters.
pub fn action(vm: &Vm, state: &State, subject: &Subject<'_>) -> R<(Value, Value)> {
    if let Some(filters) = context_filters(vm, state)?
        && let Some(found) = search(vm, subject, &filters)?
    {
        return Ok(found);
    }
    let filters = attribute(vm, "filters", false)?.unwrap_or_else(|| state.filters.clone());
    let Ok(filters) = filters.into_ref::<List>() else { return Err(vm.value_error("_warnings.filters must be a list")) };
    if let Some(found) = search(vm, subject, &filters)? {
        return Ok(found);
    }
    Ok((default_action(vm, state)?, Value::NONE))
}

/// Whether a registry knows a key already; a registry of other filters is emptied first.
pub fn already_warned(vm: &Vm, state: &State, registry: &Ref<Dict>, key: &Value, set: bool) -> R<bool> {
    let version = registry.get_str("version").and_then(|v| v.as_small());
    if version == Some(state.version.get()) {
        if let Some(seen) = registry.get(vm, key)?
            && vm.truth(&seen)?
        {
            return Ok(true);
        }
    } else {
        registry.clear_all();
        registry.set_str("version", state.version.get());
    }
    if set {
        registry.set(vm, key.clone(), Value::TRUE)?;
    }
    Ok(false)
}
