//! `_imp`: what importlib needs from the interpreter.

use std::sync::atomic::{AtomicBool, Ordering};

use taipan_macros::{class, function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes;
use taipan_runtime::types::code::Code;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::{Vm, names};

use crate::thread::RawRLock;

module! {
    /// (Extremely) low-level import machinery bits as used by importlib.
    name = "_imp",
    functions(
        lock_held, acquire_lock, release_lock, get_frozen_object, is_frozen_package, create_builtin, exec_builtin,
        is_builtin, is_frozen, find_frozen, extension_suffixes, _fix_co_filename, source_hash, create_dynamic, exec_dynamic,
        _override_frozen_modules_for_tests, _override_multi_interp_extensions_check, _frozen_module_names,
        _library_find, _library_code, _library_source, _library_list, _library_data, _library_data_names, _program,
    ),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("check_hash_based_pycs", str::from_str("default"));
    m.set("pyc_magic_number_token", PYC_MAGIC);
    Ok(())
}

/// Taipan's own number in the head of `.pyc` files, as importlib reads it ("\r\n" behind it): the compiler's, from
/// the build script. CPython's are below 0x8000.
const PYC_MAGIC: i64 = {
    let mut n = 0u64;
    let digits = env!("TAIPAN_CODE_NUMBER").as_bytes();
    let mut i = 0;
    while i < digits.len() {
        n = n.wrapping_mul(10).wrapping_add((digits[i] - b'0') as u64);
        i += 1;
    }
    0x0a0d_8000 | (n & 0x7fff) as i64
};

/// The payload of the import lock.
#[derive(taipan_macros::Trace)]
pub struct ImportLock {
    #[no_trace]
    lock: RawRLock,
}

#[class(name = "_ImportLock", module = "_imp", flags(NO_NEW))]
impl ImportLock {}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[ImportLock::DEF];

fn import_lock(vm: &Vm) -> R<Ref<ImportLock>> {
    let v = vm.interp_static("_imp.lock", |_| Ok(Ref::new(ImportLock { lock: RawRLock::default() }).into_value()))?;
    v.into_ref::<ImportLock>().map_err(|_| vm.system_error("the import lock is lost"))
}

/// Takes the import lock before a fork, so that no import is half done in the child.
pub fn before_fork(vm: &Vm) -> R<()> {
    import_lock(vm)?.lock.acquire(vm, Some(None)).map(drop)
}

/// Gives the import lock back after a fork, on both sides.
pub fn after_fork(vm: &Vm) {
    if let Ok(l) = import_lock(vm) {
        l.lock.release(vm);
    }
}

/// Return True if the import lock is currently held, else False.
#[function]
fn lock_held(vm: &Vm) -> R<bool> {
    Ok(import_lock(vm)?.lock.is_held())
}

/// Acquires the interpreter's import lock for the current thread.
#[function]
fn acquire_lock(vm: &Vm) -> R<()> {
    import_lock(vm)?.lock.acquire(vm, Some(None)).map(drop)
}

/// Release the interpreter's import lock.
#[function]
fn release_lock(vm: &Vm) -> R<()> {
    if import_lock(vm)?.lock.release(vm) { Ok(()) } else { Err(vm.runtime_error("not holding the import lock")) }
}

/// Create a code object for a frozen module.
#[function]
fn get_frozen_object(vm: &Vm, name: &str, data: Option<&Value>) -> R {
    if data.is_some_and(|d| !d.is_none()) {
        // Whatever it is, it was not frozen by Taipan.
        return Err(vm.import_error(format!("Frozen object named '{name}' is invalid"), str::from_str(name), Value::NONE));
    }
    if let Some(f) = Frozen::find(name)
        && let Some(code) = crate::import::library_code(vm, f.source(), &format!("<frozen {}>", f.source()))?
    {
        return Ok(code.into_value());
    }
    Err(vm.import_error(format!("No such frozen object named {name}"), str::from_str(name), Value::NONE))
}

/// Whether only what must be frozen is.
static EXAMPLES_HIDDEN: AtomicBool = AtomicBool::new(false);

/// A module that is frozen in the sense of importlib.
struct Frozen {
    name: &'static str,
    package: bool,
    /// The module of the library that it is, or stands for; a "<" before it tells the `__init__` of a package.
    origin: Option<&'static str>,
}

impl Frozen {
    const fn new(name: &'static str, package: bool, origin: &'static str) -> Self {
        Self { name, package, origin: Some(origin) }
    }

    fn find(name: &str) -> Option<&'static Self> {
        let hidden = name.starts_with("__") && EXAMPLES_HIDDEN.load(Ordering::Relaxed);
        FROZEN.iter().find(|f| f.name == name && !hidden)
    }

    /// The module of the library with its code.
    fn source(&self) -> &'static str {
        self.origin.unwrap_or(self.name).trim_start_matches('<')
    }
}

/// Only the import system itself is frozen, and what CPython freezes for tests of it; all else is found on `sys.path`,
/// in the library's folder.
static FROZEN: &[Frozen] = &[
    Frozen::new("_frozen_importlib", false, "importlib._bootstrap"),
    Frozen::new("_frozen_importlib_external", false, "importlib._bootstrap_external"),
    Frozen::new("_taipan_library", false, "_taipan_library"),
    Frozen::new("zipimport", false, "zipimport"),
    Frozen::new("__hello__", false, "__hello__"),
    Frozen::new("__hello_alias__", false, "__hello__"),
    Frozen { name: "__hello_only__", package: false, origin: None },
    Frozen::new("__phello__", true, "__phello__"),
    Frozen::new("__phello__.__init__", false, "<__phello__"),
    Frozen::new("__phello__.ham", true, "__phello__.ham"),
    Frozen::new("__phello__.ham.__init__", false, "<__phello__.ham"),
    Frozen::new("__phello__.ham.eggs", false, "__phello__.ham.eggs"),
    Frozen::new("__phello__.spam", false, "__phello__.spam"),
    Frozen::new("__phello_alias__", true, "__hello__"),
    Frozen::new("__phello_alias__.spam", false, "__hello__"),
];

/// A module's name as UTF-8; what is none is the name of no module of Taipan's own.
fn text(name: &Str) -> std::borrow::Cow<'_, str> {
    name.to_utf8_opt().unwrap_or_default()
}

/// Whether the frozen module is a package.
#[function]
fn is_frozen_package(vm: &Vm, name: &str) -> R<bool> {
    if let Some(f) = Frozen::find(name) {
        return Ok(f.package);
    }
    Err(vm.import_error(format!("No such frozen object named {name}"), str::from_str(name), Value::NONE))
}

/// Whether the name is that of a frozen module.
#[function]
fn is_frozen(_vm: &Vm, name: &Ref<Str>) -> bool {
    Frozen::find(&text(name)).is_some()
}

/// Return info about a frozen module: (data, is_package, origname), or None.
#[function(sig = "(name, /, *, withdata=False)")]
fn find_frozen(_vm: &Vm, name: &Ref<Str>, withdata: Option<bool>) -> R {
    let _ = withdata;
    let Some(f) = Frozen::find(&text(name)) else { return Ok(Value::NONE) };
    let origin = f.origin.map_or(Value::NONE, str::from_str);
    Ok(tuple::from_array([Value::NONE, Value::bool(f.package), origin]).into_value())
}

#[function]
fn _frozen_module_names(_vm: &Vm) -> R {
    Ok(list::from_vec(FROZEN.iter().map(|f| str::from_str(f.name)).collect()).into_value())
}

/// Create a native module for a spec.
#[function]
fn create_builtin(vm: &Vm, spec: &Value) -> R {
    let name = vm.get_attr(spec, &names().name)?;
    let text = vm.str_lossy(&name);
    if let Some(m) = vm.interp().modules().get_str(&text) {
        return Ok(m);
    }
    match vm.interp().native_module(&text) {
        Some(def) => Ok(taipan_runtime::types::module::from_def(vm, def)?.into_value()),
        None => Ok(Value::NONE),
    }
}

/// Initialize a native module. Nothing is left to do: creating it did all.
#[function]
fn exec_builtin(_vm: &Vm, _mod: &Value) -> i32 {
    0
}

/// 1 if there is a native module of this name, else 0.
#[function]
fn is_builtin(vm: &Vm, name: &Ref<Str>) -> i32 {
    i32::from(vm.interp().native_module(&text(name)).is_some())
}

/// Return the list of file suffixes used to identify extension modules: none, since Taipan loads none.
#[function]
fn extension_suffixes(_vm: &Vm) -> R {
    Ok(list::from_vec(Vec::new()).into_value())
}

#[function]
fn create_dynamic(vm: &Vm, spec: &Value, _file: Option<&Value>) -> R {
    let name = vm.get_attr(spec, &names().name)?;
    Err(vm.import_error(
        format!("Taipan can't load extension modules written for CPython's C API ('{}')", vm.str_lossy(&name)),
        name,
        Value::NONE,
    ))
}

#[function]
fn exec_dynamic(_vm: &Vm, _mod: &Value) -> i32 {
    0
}

/// Changes code.co_filename to specify the passed-in file path, in nested code as well.
#[function]
fn _fix_co_filename(_vm: &Vm, code: &Ref<Code>, path: &Value) {
    fn fix(code: &Ref<Code>, path: &Value) {
        code.filename.set(path.clone());
        for c in code.consts() {
            if let Some(inner) = c.downcast_exact::<Code>() {
                fix(inner, path);
            }
        }
    }
    fix(code, path);
}

/// The hash of a source file for hash-based `.pyc` files: siphash-1-3 with the given key.
#[function(sig = "(key, source)")]
fn source_hash(vm: &Vm, key: i64, source: &Value) -> R {
    let data = bytes::buffer_bytes(vm, source)?;
    let h = taipan_text::hash::siphash13(&taipan_text::hash::HashKey { k0: key as u64, k1: 0 }, &data);
    Ok(bytes::from_slice(&h.to_le_bytes()).into_value())
}

#[function]
fn _override_frozen_modules_for_tests(_vm: &Vm, _override: i64) {
    EXAMPLES_HIDDEN.store(_override < 0, Ordering::Relaxed);
}

#[function]
fn _override_multi_interp_extensions_check(_vm: &Vm, _override: i64) -> i64 {
    0
}

/// 1 for a module of the library, 2 for a package, None for neither.
#[function]
fn _library_find(vm: &Vm, name: &Ref<Str>) -> Option<i64> {
    let find = vm.interp().config.frozen?;
    find(&text(name)).map(|m| if m.is_package { 2 } else { 1 })
}

/// The code of a module of the library.
#[function]
fn _library_code(vm: &Vm, name: &str, path: &str) -> R {
    match crate::import::library_code(vm, name, path)? {
        Some(c) => Ok(c.into_value()),
        None => Err(vm.import_error(format!("the library has no module named '{name}'"), str::from_str(name), Value::NONE)),
    }
}

/// The source bytes of a module of the library, or None.
#[function]
fn _library_source(vm: &Vm, name: &str) -> R {
    let source = vm.interp().config.frozen_source.and_then(|f| f(name));
    Ok(source.map_or(Value::NONE, |s| bytes::from_slice(&s).into_value()))
}

/// The bytes of a file of the library that is no module, or None.
#[function]
fn _library_data(vm: &Vm, path: &str) -> Value {
    vm.interp().config.frozen_data.and_then(|f| f(path)).map_or(Value::NONE, |s| bytes::from_slice(&s).into_value())
}

/// The paths of the library's files that are no modules.
#[function]
fn _library_data_names(vm: &Vm) -> Value {
    let names = vm.interp().config.frozen_data_names.map(|f| f()).unwrap_or_default();
    list::from_vec(names.iter().map(|n| str::from_str(n)).collect()).into_value()
}

/// The code and the text of a program that is in no file, or None.
#[function]
fn _program(vm: &Vm) -> Option<Value> {
    vm.interp().statics.borrow().get(crate::lifecycle::PROGRAM).cloned()
}

/// (name, is_package) of the modules directly below a prefix such as `json.`.
#[function]
fn _library_list(vm: &Vm, prefix: &str) -> R {
    let mut out = Vec::new();
    for name in vm.interp().config.frozen_names.map(|f| f()).unwrap_or_default() {
        if let Some(rest) = name.strip_prefix(prefix)
            && !rest.is_empty()
            && !rest.contains('.')
        {
            let pkg = vm.interp().config.frozen.and_then(|f| f(&name)).is_some_and(|m| m.is_package);
            out.push(tuple::from_array([str::from_str(rest), Value::bool(pkg)]).into_value());
        }
    }
    Ok(list::from_vec(out).into_value())
}
