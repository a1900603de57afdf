//! `_interpreters`: several interpreters in one process.
//!
//! Each has its own heap and lock. What crosses from one to another is made independent of both on its way (see
//! [`cross`]).

mod code;
mod config;
pub mod cross;
pub mod errors;
mod excinfo;
mod life;
mod pickled;
mod run;
mod view;

use std::sync::Arc;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::native::bind::Kwargs;
use taipan_runtime::types::code::Code;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::{self, Member};

pub use self::life::end_others;
use self::run::Ended;
pub use self::view::CrossInterpreterBufferView;

module! {
    /// This module provides primitive operations to manage Python interpreters.
    ///
    /// The 'concurrent.interpreters' module provides a more convenient interface.
    name = "_interpreters",
    functions(
        new_config, create, destroy, list_all, get_current, get_main, is_running, get_config, whence, exec_, call,
        run_string, run_func, set___main___attrs, incref, decref, is_shareable, capture_exception,
    ),
    types(CrossInterpreterBufferView),
    exec = setup,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[CrossInterpreterBufferView::DEF];

fn setup(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let origins = [
        ("WHENCE_UNKNOWN", 0),
        ("WHENCE_RUNTIME", world::WHENCE_RUNTIME),
        ("WHENCE_LEGACY_CAPI", 2),
        ("WHENCE_CAPI", 3),
        ("WHENCE_XI", 4),
        ("WHENCE_STDLIB", world::WHENCE_STDLIB),
    ];
    for (name, n) in origins {
        m.set(name, n);
    }
    m.set("InterpreterError", errors::error(vm)?);
    m.set("InterpreterNotFoundError", errors::not_found_error(vm)?);
    m.set("NotShareableError", errors::not_shareable_error(vm)?);
    Ok(())
}

/// The number of an interpreter.
///
/// Raises TypeError, ValueError if it is negative, OverflowError.
fn id_of(vm: &Vm, v: &Value) -> R<i64> {
    let Ok(index) = int::index(vm, v).map_err(|r| drop(vm.catch(r))) else {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("interpreter ID must be an int, got {given}")));
    };
    let id = int::to_i64(vm, &index)?;
    if id < 0 {
        return Err(vm.value_error(format!("interpreter ID must be a non-negative int, got {id}")));
    }
    Ok(id)
}

fn find(vm: &Vm, v: &Value) -> R<Arc<Member>> {
    let id = id_of(vm, v)?;
    match vm.interp().world.find(id) {
        Some(m) => Ok(m),
        None => Err(errors::raise(vm, errors::not_found_error(vm), &format!("unrecognized interpreter ID {id}"))),
    }
}

/// The interpreter with this number; with `restrict`, only one that this module has made.
fn resolve(vm: &Vm, v: &Value, restrict: bool, what: &str) -> R<Arc<Member>> {
    let m = find(vm, v)?;
    if restrict && m.whence != world::WHENCE_STDLIB {
        return Err(errors::failed(vm, &format!("cannot {what} unrecognized interpreter {}", m.id)));
    }
    Ok(m)
}

fn with_whence(m: &Member) -> Value {
    tuple::from_array([Value::from(m.id), Value::from(m.whence)]).into_value()
}

/// Return a representation of an interpreter's configuration: a types.SimpleNamespace.
///
/// The optional name selects a predefined one: 'isolated' (the default), 'legacy', or 'empty'. Any keyword arguments
/// override its fields.
#[function(sig = "(name='isolated', /, **overrides)")]
fn new_config(vm: &Vm, name: Option<&str>, overrides: Kwargs<'_>) -> R {
    let mut features = config::by_name(vm, name.unwrap_or("isolated"))?;
    let given = Ref::new(Dict::new());
    for (k, v) in overrides {
        given.set(vm, k.clone(), v.clone())?;
    }
    config::update(vm, &mut features, &given, false)?;
    Ok(config::show(features))
}

/// Create a new interpreter and return a unique generated ID.
///
/// The caller is responsible for destroying the interpreter before exiting, typically by using
/// _interpreters.destroy(). This can be managed automatically by passing "reqrefs=True" and then using _incref() and
/// _decref() appropriately.
///
/// "config" must be a valid interpreter config or the name of a predefined config ("isolated" or "legacy"). The
/// default is "isolated".
#[function(sig = "(config=None, *, reqrefs=False)")]
fn create(vm: &Vm, config: &Value, reqrefs: bool) -> R<i64> {
    let features = config::of_argument(vm, config)?;
    let member = life::create(vm, features)?;
    if reqrefs {
        member.require_refs();
    }
    Ok(member.id)
}

/// Destroy the identified interpreter.
///
/// Attempting to destroy the current interpreter raises InterpreterError. So does an unrecognized ID.
#[function(sig = "(id, *, restrict=False)")]
fn destroy(vm: &Vm, id: &Value, restrict: bool) -> R<()> {
    let member = resolve(vm, id, restrict, "destroy")?;
    if Arc::ptr_eq(&member, &vm.interp().member) {
        return Err(errors::failed(vm, "cannot destroy the current interpreter"));
    }
    life::destroy(vm, &member)
}

/// Return a list containing the ID of every existing interpreter, each with its origin.
#[function(sig = "(*, require_ready=False)")]
fn list_all(vm: &Vm, require_ready: bool) -> Ref<list::List> {
    // None is known to others before it is ready.
    let _ = require_ready;
    list::from_vec(vm.interp().world.list().iter().map(|m| with_whence(m)).collect())
}

/// Return the ID of current interpreter, and its origin.
#[function]
fn get_current(vm: &Vm) -> Value {
    with_whence(&vm.interp().member)
}

/// Return the ID of main interpreter, and its origin.
#[function]
fn get_main(_vm: &Vm) -> Value {
    tuple::from_array([Value::from(world::MAIN), Value::from(world::WHENCE_RUNTIME)]).into_value()
}

/// Return whether or not the identified interpreter is running.
#[function(sig = "(id, *, restrict=False)")]
fn is_running(vm: &Vm, id: &Value, restrict: bool) -> R<bool> {
    Ok(resolve(vm, id, restrict, "check if running for")?.is_running())
}

/// Return a representation of the config used to initialize the interpreter.
#[function(sig = "(id, *, restrict=False)")]
fn get_config(vm: &Vm, id: &Value, restrict: bool) -> R {
    let member = if id.is_none() { vm.interp().member.clone() } else { resolve(vm, id, restrict, "get the config of")? };
    Ok(config::show(member.features))
}

/// Return an identifier for where the interpreter was created.
#[function(sig = "(id)")]
fn whence(vm: &Vm, id: &Value) -> R<i32> {
    Ok(find(vm, id)?.whence)
}

fn dict_argument(vm: &Vm, v: &Value, text: &str) -> R<Option<Ref<Dict>>> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Dict>() {
        Some(d) => Ok(Some(d.clone())),
        None => Err(vm.type_error(text)),
    }
}

fn run_script(vm: &Vm, member: &Arc<Member>, script: &Value, shared: &Value) -> R {
    let text = format!("expected 'shared' to be a dict, got {}", shared.ty().tp_name());
    let shared = dict_argument(vm, shared, &text)?;
    let names = shared.map_or(Ok(Vec::new()), |d| run::names(vm, &d))?;
    let script = code::script(vm, script)?;
    let ended = run::exec(vm, member, &script, &names)?;
    run::exc_or_none(vm, &ended)
}

/// Execute the provided code in the identified interpreter.
///
/// This is equivalent to running the builtin exec() under the target interpreter, using the __dict__ of its __main__
/// module as both globals and locals. "code" may be a string containing the text of a Python script, a function, or a
/// code object: neither may take arguments, use a closure, or return anything but None. "shared" is bound in __main__
/// first. Returns None, or a description of the exception that the code has raised.
#[function(name = "exec", sig = "(id, code, shared=None, *, restrict=False)")]
fn exec_(vm: &Vm, id: &Value, code: &Value, shared: &Value, restrict: bool) -> R {
    let member = resolve(vm, id, restrict, "exec code for")?;
    run_script(vm, &member, code, shared)
}

/// Execute the provided string in the identified interpreter.
///
/// (See _interpreters.exec().)
#[function(sig = "(id, script, shared=None, *, restrict=False)")]
fn run_string(vm: &Vm, id: &Value, script: &Value, shared: &Value, restrict: bool) -> R {
    let member = resolve(vm, id, restrict, "run a string in")?;
    if script.downcast::<Str>().is_none() {
        let given = script.ty().tp_name();
        return Err(vm.type_error(format!("run_string() argument 2 must be a string, not {given}")));
    }
    run_script(vm, &member, script, shared)
}

/// Execute the body of the provided function in the identified interpreter.
///
/// Code objects are also supported. In both cases, closures and args are not supported. Methods and other callables
/// are not supported either. (See _interpreters.exec().)
#[function(sig = "(id, func, shared=None, *, restrict=False)")]
fn run_func(vm: &Vm, id: &Value, func: &Value, shared: &Value, restrict: bool) -> R {
    let member = resolve(vm, id, restrict, "run a function in")?;
    if func.downcast::<Function>().is_none() && func.downcast::<Code>().is_none() {
        let given = func.ty().tp_name();
        return Err(vm.type_error(format!("run_func() argument 2 must be a function, not {given}")));
    }
    run_script(vm, &member, func, shared)
}

/// Call the provided object in the identified interpreter.
///
/// Pass the given args and kwargs, if possible. Returns what it has returned, and None or a description of the
/// exception that it has raised; with preserve_exc, the exception itself.
#[function(sig = "(id, callable, args=None, kwargs=None, *, preserve_exc=False, restrict=False)")]
fn call(
    vm: &Vm,
    id: &Value,
    callable: &Value,
    args: &Value,
    kwargs: &Value,
    preserve_exc: bool,
    restrict: bool,
) -> R {
    let _ = preserve_exc;
    let member = resolve(vm, id, restrict, "make a call in")?;
    if callable.ty().slots().call.is_none() {
        let shown = vm.repr(callable)?;
        return Err(vm.type_error(format!("expected a callable, got {}", vm.str_lossy(&shown))));
    }
    let args = if args.is_none() { tuple::from_vec(Vec::new()).into_value() } else { args.clone() };
    if args.downcast::<Tuple>().is_none() {
        return Err(vm.type_error("expected a tuple of args"));
    }
    let kwargs = dict_argument(vm, kwargs, "expected a dict of kwargs")?.filter(|d| !d.is_empty());
    let kwargs = kwargs.map_or(Value::NONE, Ref::into_value);
    let packed = (cross::pack(vm, callable, true)?, cross::pack(vm, &args, true)?, cross::pack(vm, &kwargs, true)?);
    let ended = run::call(vm, &member, &packed.0, &packed.1, &packed.2)?;
    let result = match &ended {
        Ended::Done(c) => cross::unpack(vm, c)?,
        _ => Value::NONE,
    };
    Ok(tuple::from_array([result, run::exc_or_none(vm, &ended)?]).into_value())
}

/// Bind the given attributes in the interpreter's __main__ module.
#[function(sig = "(id, updates, *, restrict=False)")]
#[expect(non_snake_case, reason = "Python's name")]
fn set___main___attrs(vm: &Vm, id: &Value, updates: &Value, restrict: bool) -> R<()> {
    let member = resolve(vm, id, restrict, "update __main__ for")?;
    let Some(updates) = dict_argument(vm, updates, "updates must be a dict")?.filter(|d| !d.is_empty()) else {
        return Err(vm.value_error("arg 2 must be a non-empty mapping"));
    };
    let names = run::names(vm, &updates)?;
    let ended = run::set_main_names(vm, &member, &names)?;
    run::exc_or_none(vm, &ended).map(drop)
}

/// One more reference to the interpreter.
#[function(sig = "(id, *, implieslink=False, restrict=False)")]
fn incref(vm: &Vm, id: &Value, implieslink: bool, restrict: bool) -> R<()> {
    let member = resolve(vm, id, restrict, "incref")?;
    if implieslink {
        member.require_refs();
    }
    member.add_ref();
    Ok(())
}

/// One reference less: an interpreter made with reqrefs=True ends with the last.
#[function(sig = "(id, *, restrict=False)")]
fn decref(vm: &Vm, id: &Value, restrict: bool) -> R<()> {
    let member = resolve(vm, id, restrict, "decref")?;
    if member.drop_ref() {
        life::end(vm, &member);
    }
    Ok(())
}

/// Return True if the object's data may be shared between interpreters and False otherwise.
#[function(sig = "(obj)")]
fn is_shareable(vm: &Vm, obj: &Value) -> bool {
    cross::is_shareable(vm, obj)
}

/// Return a snapshot of an exception.
///
/// If "exc" is None then the current exception, if any, is used (but not cleared). The returned snapshot is the same
/// as what _interpreters.exec() returns.
#[function(sig = "(exc=None)")]
fn capture_exception(vm: &Vm, exc: &Value) -> R {
    let e = if exc.is_none() {
        match vm.current_handled() {
            Some(e) => e,
            None => return Ok(Value::NONE),
        }
    } else {
        exc.clone()
    };
    if e.downcast::<exc::BaseException>().is_none() {
        let shown = vm.repr(&e)?;
        return Err(vm.type_error(format!("expected exception, got {}", vm.str_lossy(&shown))));
    }
    Ok(excinfo::capture(vm, &e).show())
}
