//! What an interpreter knows of codecs: search functions, what they found, error handlers.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::vm::{Vm, intern};

use super::{empty_list, handlers, is_entry};

/// The registry of an interpreter.
#[derive(Trace)]
pub struct Registry {
    /// Search functions, in order.
    pub search: Ref<List>,
    /// What they have found, by normalised name.
    pub cache: Ref<Dict>,
    /// Error handlers by name.
    pub handlers: Ref<Dict>,
    /// Whether the package `encodings`, which brings the first search function, was imported.
    started: Cell<bool>,
}

/// Never seen by Python programs.
#[class(name = "codec_registry", module = "_codecs", flags(GC, NO_NEW))]
impl Registry {}

/// The registry of the running interpreter.
pub fn registry(vm: &Vm) -> R<Ref<Registry>> {
    let v = vm.interp_static("_codecs.registry", |_| {
        let handlers = Ref::new(Dict::new());
        for (name, f) in handlers::all() {
            handlers.set_str(name, f);
        }
        let cache = Ref::new(Dict::new());
        Ok(Ref::new(Registry { search: empty_list(), cache, handlers, started: Cell::new(false) }).into_value())
    })?;
    v.into_ref::<Registry>().map_err(|_| vm.system_error("the registry of codecs is gone"))
}

impl Registry {
    /// Makes sure that the standard codecs can be found. They are imported when somebody first asks for a codec, not
    /// when the interpreter starts: the usual ones are native.
    pub fn start(&self, vm: &Vm) -> R<()> {
        if self.started.replace(true) {
            return Ok(());
        }
        let imported = vm.import_module("encodings");
        if imported.is_err() {
            self.started.set(false);
        }
        imported.map(drop)
    }
}

/// The name by which search functions are asked and results are remembered: lower case, with `_` for every run of
/// what is neither a letter, nor a digit, nor a dot.
fn normalize(encoding: &str) -> String {
    let mut out = String::with_capacity(encoding.len());
    let mut gap = false;
    for c in encoding.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// The entry of a codec: a 4-tuple, most often a `CodecInfo`.
///
/// Raises LookupError if no search function knows it, TypeError if one gives something else, and what they raise.
pub fn lookup(vm: &Vm, encoding: &str) -> R {
    let registry = registry(vm)?;
    registry.start(vm)?;
    let name = intern(&normalize(encoding));
    if let Some(found) = registry.cache.get_name(name.value()) {
        return Ok(found);
    }
    if registry.search.is_empty() {
        return Err(vm.lookup_error("no codec search functions registered: can't find encoding"));
    }
    let mut i = 0;
    while let Some(f) = registry.search.get(i) {
        i += 1;
        let found = vm.call(&f, &[name.value().clone()])?;
        if found.is_none() {
            continue;
        }
        if !is_entry(&found) {
            return Err(vm.type_error("codec search functions must return 4-tuples"));
        }
        registry.cache.set_name(name.value(), found.clone());
        return Ok(found);
    }
    Err(vm.lookup_error(format!("unknown encoding: {encoding}")))
}

/// The error handler of a name.
///
/// Raises LookupError if there is none.
pub fn lookup_error(vm: &Vm, name: &str) -> R {
    match registry(vm)?.handlers.get_str(name) {
        Some(f) => Ok(f),
        None => Err(vm.lookup_error(format!("unknown error handler name '{name}'"))),
    }
}

/// Whether a value can be called.
pub fn call_is_possible(v: &Value) -> bool {
    v.ty().slots().call.is_some()
}

