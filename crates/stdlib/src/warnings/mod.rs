//! `_warnings`: the natively needed part of `warnings`.

mod show;
mod state;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::object::issubclass;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::warn::WARN;
use taipan_runtime::vm::{Frame, Vm, names};

use self::state::{State, Subject, already_warned};

module! {
    /// _warnings provides basic warning filtering support.
    /// It is a helper module to speed up interpreter start-up.
    name = "_warnings",
    functions(warn, warn_explicit, _filters_mutated_lock_held, _acquire_lock, _release_lock),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[State::DEF];

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let s = state::state(vm)?;
    m.set("filters", s.filters.clone());
    m.set("_onceregistry", s.once.clone());
    m.set("_defaultaction", s.default_action.clone());
    m.set("_warnings_context", s.context.clone());
    if let Some(warn) = m.dict.get_str("warn") {
        vm.interp().statics.borrow_mut().insert(WARN, warn);
    }
    Ok(())
}

#[function]
fn _acquire_lock(vm: &Vm) -> R<()> {
    state::state(vm)?.lock.acquire(vm, Some(None)).map(drop)
}

#[function]
fn _release_lock(vm: &Vm) -> R<()> {
    if state::state(vm)?.lock.release(vm) { Ok(()) } else { Err(vm.runtime_error("cannot release un-acquired lock")) }
}

#[function]
fn _filters_mutated_lock_held(vm: &Vm) -> R<()> {
    let s = state::state(vm)?;
    if !s.lock.is_mine(vm) {
        return Err(vm.runtime_error("warnings._lock must be held"));
    }
    s.version.set(s.version.get() + 1);
    Ok(())
}

/// The category of a warning: that of the message if it is a warning itself.
fn category_of(vm: &Vm, message: &Value, category: &Value) -> R {
    if vm.is_instance(message, &exc::WARNING.value())? {
        return Ok(message.ty().to_value());
    }
    if category.is_none() {
        return Ok(exc::USER_WARNING.value());
    }
    let fits = category.as_type().is_some() && issubclass(vm, category, &exc::WARNING.value())?;
    if !fits {
        let got = category.ty().tp_name();
        return Err(vm.type_error(format!("category must be a Warning subclass, not '{got}'")));
    }
    Ok(category.clone())
}

/// Issue a warning, or maybe ignore it or raise an exception.
///
/// message is the text or an instance of a Warning class; category a Warning class; stacklevel says how far up the
/// call stack the warning is attributed; source is the object that it is about; frames of files whose names start
/// with a prefix of skip_file_prefixes are passed over.
#[function(sig = "(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())")]
fn warn(
    vm: &Vm,
    message: &Value,
    category: &Value,
    stacklevel: isize,
    source: &Value,
    skip_file_prefixes: Option<&Ref<Tuple>>,
) -> R<()> {
    let category = category_of(vm, message, category)?;
    let mut level = stacklevel;
    let mut prefixes = Vec::new();
    for p in skip_file_prefixes.map_or(&[][..], |t| t.as_slice()) {
        let Some(p) = p.downcast::<Str>() else {
            return Err(vm.type_error(format!("Found non-str '{}' in skip_file_prefixes.", p.ty().tp_name())));
        };
        prefixes.push(p.to_wtf8());
        level = level.max(2);
    }
    let place = place(vm, level, &prefixes)?;
    explicit(vm, &Warning {
        category: &category,
        message,
        filename: &place.filename,
        line: place.line,
        module: &place.module,
        registry: &place.registry,
        source,
    })
}

/// Where a warning is attributed to.
struct Place {
    filename: Value,
    line: i64,
    module: Value,
    registry: Value,
}

fn filename(f: &Frame) -> Value {
    f.code().filename.get()
}

/// Whether the frame belongs to the import system.
fn is_internal(f: &Frame) -> bool {
    let name = filename(f);
    let Some(name) = name.downcast::<Str>() else { return false };
    let name = name.to_string_lossy();
    name.contains("importlib") && name.contains("_bootstrap") || name.ends_with("/_taipan_library.py")
}

fn is_skipped(f: &Frame, prefixes: &[Vec<u8>]) -> bool {
    if prefixes.is_empty() {
        return false;
    }
    let name = filename(f);
    let name = name.downcast::<Str>().map(|n| n.to_wtf8()).unwrap_or_default();
    prefixes.iter().any(|p| name.starts_with(p))
}

fn place(vm: &Vm, level: isize, prefixes: &[Vec<u8>]) -> R<Place> {
    let mut frames = vm.stacks.iter();
    let mut frame = frames.next();
    let counts_all = level <= 0 || frame.is_some_and(is_internal);
    let mut left = level - 1;
    while left > 0 && frame.is_some() {
        frame = if counts_all { frames.next() } else { frames.find(|f| !is_internal(f) && !is_skipped(f, prefixes)) };
        left -= 1;
    }
    let (globals, filename, line) = match frame {
        Some(f) => (f.globals().to_ref(), filename(f), i64::from(f.line())),
        None => (vm.interp().sys(), str::from_str("<sys>"), 0),
    };
    let registry = match globals.get_name(&names().__warningregistry__) {
        Some(r) => r,
        None => {
            let r = Ref::new(Dict::new()).into_value();
            globals.set_name(&names().__warningregistry__, r.clone());
            r
        }
    };
    let module = match globals.get_name(&names().__name__) {
        Some(n) if n.is_none() || n.downcast::<Str>().is_some() => n,
        _ => str::from_str("<string>"),
    };
    Ok(Place { filename, line, module, registry })
}

/// Issue a warning, or maybe ignore it or raise an exception; everything about it is given explicitly.
#[function(sig = "(message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)")]
fn warn_explicit(
    vm: &Vm,
    message: &Value,
    category: &Value,
    filename: &Ref<Str>,
    lineno: i32,
    module: Option<&Value>,
    registry: &Value,
    module_globals: &Value,
    source: &Value,
) -> R<()> {
    let category = category_of(vm, message, category)?;
    let line = if module_globals.is_none() {
        Value::NONE
    } else {
        match module_globals.downcast::<Dict>() {
            Some(g) => show::source_line(vm, g, lineno)?,
            None => {
                let got = module_globals.ty().tp_name();
                return Err(vm.type_error(format!("module_globals must be a dict, not '{got}'")));
            }
        }
    };
    let module = match module {
        Some(m) => m.clone(),
        None => module_of(filename),
    };
    let warning = Warning {
        category: &category,
        message,
        filename: filename.value(),
        line: lineno.into(),
        module: &module,
        registry,
        source,
    };
    explicit_with_line(vm, &warning, &line)
}

/// The name of the module in a file, for want of better knowledge.
fn module_of(filename: &Ref<Str>) -> Value {
    let n = filename.len();
    if n == 0 {
        return str::from_str("<unknown>");
    }
    if n >= 3 && filename.substring(n - 3, n).is(".py") {
        return filename.substring(0, n - 3).into_value();
    }
    filename.value().clone()
}

/// A warning with all that is known of it.
pub struct Warning<'a> {
    category: &'a Value,
    message: &'a Value,
    filename: &'a Value,
    line: i64,
    module: &'a Value,
    registry: &'a Value,
    source: &'a Value,
}

fn explicit(vm: &Vm, w: &Warning<'_>) -> R<()> {
    explicit_with_line(vm, w, &Value::NONE)
}

fn explicit_with_line(vm: &Vm, w: &Warning<'_>, source_line: &Value) -> R<()> {
    if w.module.is_none() {
        return Ok(());
    }
    let registry = match w.registry.downcast::<Dict>() {
        Some(r) => Some(r.clone()),
        None if w.registry.is_none() => None,
        None => return Err(vm.type_error("'registry' must be a dict or None")),
    };
    let s = state::state(vm)?;
    s.lock.acquire(vm, Some(None))?;
    let r = decide(vm, &s, w, registry, source_line);
    s.lock.release(vm);
    r
}

fn decide(vm: &Vm, s: &Ref<State>, w: &Warning<'_>, registry: Option<Ref<Dict>>, source_line: &Value) -> R<()> {
    let (text, category, message) = if vm.is_instance(w.message, &exc::WARNING.value())? {
        (vm.str(w.message)?, w.message.ty().to_value(), w.message.clone())
    } else {
        let made = vm.call(w.category, std::slice::from_ref(w.message))?;
        (w.message.clone(), w.category.clone(), made)
    };
    let key = tuple::from_array([text.clone(), category.clone(), Value::from(w.line)]).into_value();
    if let Some(registry) = &registry
        && already_warned(vm, s, registry, &key, false)?
    {
        return Ok(());
    }
    let subject = Subject { category: &category, text: &text, line: w.line, module: w.module };
    let (action, item) = state::action(vm, s, &subject)?;
    let name = action.downcast::<Str>().map(|a| a.to_string_lossy()).unwrap_or_default();
    match name.as_str() {
        "error" => return Err(vm.raise(message)),
        "ignore" => return Ok(()),
        "always" | "all" => {}
        other => {
            if let Some(registry) = &registry {
                registry.set(vm, key, Value::TRUE)?;
            }
            let seen = match other {
                "once" => {
                    let registry = match &registry {
                        Some(r) => r.clone(),
                        None => state::once_registry(vm, s)?,
                    };
                    let key = tuple::from_array([text.clone(), category.clone()]).into_value();
                    already_warned(vm, s, &registry, &key, true)?
                }
                "module" => match &registry {
                    Some(registry) => {
                        let key = tuple::from_array([text.clone(), category.clone(), Value::small(0)]).into_value();
                        already_warned(vm, s, registry, &key, true)?
                    }
                    None => false,
                },
                "default" => false,
                _ => {
                    let (action, item) = (vm.repr_string(&action)?, vm.repr_string(&item)?);
                    let text = format!("Unrecognized action ({action}) in warnings.filters:\n {item}");
                    return Err(vm.runtime_error(text));
                }
            };
            if seen {
                return Ok(());
            }
        }
    }
    show::show(vm, w, &message, &category, &text, source_line)
}
