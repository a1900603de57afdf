//! `_csv`: reading and writing of tables as text.

mod dialect;
mod reader;
mod writer;

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload, R, Raised, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{exceptions as exc, int, list};
use taipan_runtime::vm::Vm;

use self::dialect::Dialect;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Dialect::DEF, reader::Reader::DEF, writer::Writer::DEF];

module! {
    /// CSV parsing and writing.
    name = "_csv",
    functions(
        field_size_limit, get_dialect, list_dialects, reader, register_dialect, unregister_dialect, writer
    ),
    types(Dialect),
    exec = exec,
}

/// When the writer puts quotes around fields, and which unquoted fields the reader converts.
#[expect(missing_docs, reason = "named as in Python")]
pub mod quote {
    pub const MINIMAL: i32 = 0;
    pub const ALL: i32 = 1;
    pub const NONNUMERIC: i32 = 2;
    pub const NONE: i32 = 3;
    pub const STRINGS: i32 = 4;
    pub const NOTNULL: i32 = 5;
}

const DEFAULT_LIMIT: i64 = 128 * 1024;

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("Reader", reader::Reader::TYPE.value());
    m.set("Writer", writer::Writer::TYPE.value());
    m.set("Error", error_class(vm)?);
    m.set("_dialects", dialects(vm)?.into_value());
    for (name, value) in [
        ("QUOTE_MINIMAL", quote::MINIMAL),
        ("QUOTE_ALL", quote::ALL),
        ("QUOTE_NONNUMERIC", quote::NONNUMERIC),
        ("QUOTE_NONE", quote::NONE),
        ("QUOTE_STRINGS", quote::STRINGS),
        ("QUOTE_NOTNULL", quote::NOTNULL),
    ] {
        m.set(name, value);
    }
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("_csv.Error", |vm| new_exception(vm, "_csv", "Error", &exc::EXCEPTION))
}

/// Raises _csv.Error.
#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    let class = match error_class(vm) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match class.as_type() {
        Some(class) => vm.raise_new(class, vec![str::from_str(message.as_ref())]),
        None => vm.value_error(message),
    }
}

/// The registered dialects by name.
fn dialects(vm: &Vm) -> R<Ref<Dict>> {
    let dict = vm.interp_static("_csv.dialects", |_| Ok(Ref::new(Dict::new()).into_value()))?;
    dict.into_ref().map_err(|_| vm.system_error("the dialects are no dict"))
}

/// A registered dialect.
///
/// Raises Error if there is none of this name.
fn registered(vm: &Vm, name: &Value) -> R {
    match dialects(vm)?.get(vm, name)? {
        Some(d) => Ok(d),
        None => Err(error(vm, "unknown dialect")),
    }
}

/// The most characters that a field may have.
fn limit(vm: &Vm) -> R<i64> {
    let v = vm.interp_static("_csv.limit", |_| Ok(Value::from(DEFAULT_LIMIT)))?;
    Ok(int::get(&v).and_then(int::IntRef::to_i64).unwrap_or(DEFAULT_LIMIT))
}

/// The dialect that the arguments of `reader` and its kin ask for: the second one, changed by named ones.
fn given_dialect(vm: &Vm, args: Args<'_>) -> R<Ref<Dialect>> {
    let named = args.all.len() - args.names.len();
    let from = if named >= 2 { 1 } else { named };
    let made = vm.call_args(&Dialect::TYPE.value(), Args { all: &args.all[from..], names: args.names })?;
    made.into_ref().map_err(|_| vm.type_error("a dialect is expected"))
}

/// Checks the number of positional arguments of `reader` and its kin.
fn check_count(vm: &Vm, name: &str, args: Args<'_>) -> R<()> {
    let n = args.positional().len();
    let (how, limit) = match n {
        0 => ("at least", "1 argument"),
        1 | 2 => return Ok(()),
        _ => ("at most", "2 arguments"),
    };
    Err(vm.type_error(format!("{name} expected {how} {limit}, got {n}")))
}

/// Return a reader object that will process lines from the given iterable.
///
/// The iterable can be any object that returns a line of input for each iteration, such as a file object or a list.
/// The optional 'dialect' names the set of parameters; each may also be given by name.
///
/// The returned object is an iterator; each iteration returns a row of the table as a list of strings.
#[function(sig = "(iterable, /, dialect='excel', **fmtparams)")]
fn reader(vm: &Vm, args: Args<'_>) -> R {
    check_count(vm, "reader", args)?;
    let lines = vm.iter(&args.all[0])?;
    let dialect = given_dialect(vm, args)?;
    Ok(reader::new(lines, dialect))
}

/// Return a writer object that will write user data on the given file object.
///
/// 'fileobj' has a method write() that takes a string. The optional 'dialect' names the set of parameters; each may
/// also be given by name.
#[function(sig = "(fileobj, /, dialect='excel', **fmtparams)")]
fn writer(vm: &Vm, args: Args<'_>) -> R {
    check_count(vm, "writer", args)?;
    let write = vm.get_attr_str_opt(&args.all[0], "write")?.filter(|w| w.ty().slots().call.is_some());
    let Some(write) = write else {
        return Err(vm.type_error("argument 1 must have a \"write\" method"));
    };
    let dialect = given_dialect(vm, args)?;
    Ok(writer::new(write, dialect))
}

/// Create a mapping from a string name to a CSV dialect.
///
/// The optional 'dialect' is the base, or the name of one; each parameter may be given by name.
#[function(sig = "(name, /, dialect='excel', **fmtparams)")]
fn register_dialect(vm: &Vm, args: Args<'_>) -> R<()> {
    check_count(vm, "register_dialect", args)?;
    let name = &args.all[0];
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = given_dialect(vm, args)?;
    dialects(vm)?.set(vm, name.clone(), dialect.into_value())
}

/// Delete the name/dialect mapping associated with a string name.
#[function(sig = "(name)")]
fn unregister_dialect(vm: &Vm, name: &Value) -> R<()> {
    match dialects(vm)?.remove(vm, name)? {
        Some(_) => Ok(()),
        None => Err(error(vm, "unknown dialect")),
    }
}

/// Return the dialect instance associated with name.
#[function(sig = "(name)")]
fn get_dialect(vm: &Vm, name: &Value) -> R {
    registered(vm, name)
}

/// Return a list of all known dialect names.
#[function(sig = "()")]
fn list_dialects(vm: &Vm) -> R {
    Ok(list::from_vec(dialects(vm)?.keys()).into_value())
}

/// Sets an upper limit on parsed fields.
///
/// Returns old limit. If limit is not given, no new limit is set and the old limit is returned.
#[function(sig = "(new_limit=<unrepresentable>)")]
fn field_size_limit(vm: &Vm, new_limit: Option<&Value>) -> R<i64> {
    let old = limit(vm)?;
    if let Some(new) = new_limit {
        if !new.ty().is(int::INT.get()) {
            return Err(vm.type_error("limit must be an integer"));
        }
        let new = int::to_isize(vm, new)?;
        let before = vm.interp().statics.borrow_mut().insert("_csv.limit", Value::from(new));
        drop(before);
    }
    Ok(old)
}
