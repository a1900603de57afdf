//! `_csv`: reading and writing of comma-separated values.

mod dialect;
mod reader;
mod writer;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{exceptions as exc, int};
use taipan_runtime::vm::Vm;

use self::dialect::{Dialect, Quoting, make};
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Dialect::DEF, reader::Reader::DEF, writer::Writer::DEF];

module! {
    /// CSV parsing and writing.
    name = "_csv",
    functions(list_dialects, register_dialect, unregister_dialect, get_dialect, field_size_limit, reader_, writer_),
    types(Dialect),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for (name, q) in [
        ("QUOTE_MINIMAL", Quoting::Minimal),
        ("QUOTE_ALL", Quoting::All),
        ("QUOTE_NONNUMERIC", Quoting::NonNumeric),
        ("QUOTE_NONE", Quoting::None),
        ("QUOTE_STRINGS", Quoting::Strings),
        ("QUOTE_NOTNULL", Quoting::NotNull),
    ] {
        m.set(name, q as i32);
    }
    m.set("Reader", reader::Reader::DEF.place.value());
    m.set("Writer", writer::Writer::DEF.place.value());
    m.set("_dialects", dialects(vm)?.into_value());
    m.set("Error", error_class(vm)?);
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("csv.Error", |vm| new_exception(vm, "_csv", "Error", &exc::EXCEPTION))
}

/// Raises `csv.Error`.
#[cold]
fn error(vm: &Vm, text: impl AsRef<str>) -> Raised {
    match error_class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text.as_ref())]),
            None => vm.type_error(text.as_ref()),
        },
        Err(r) => r,
    }
}

/// The registered dialects, by name.
fn dialects(vm: &Vm) -> R<Ref<Dict>> {
    let d = vm.interp_static("csv.dialects", |_| Ok(Ref::new(Dict::new()).into_value()))?;
    d.into_ref::<Dict>().map_err(|_| vm.system_error("the dialects are no dict"))
}

/// The longest field that a reader takes.
fn limit(vm: &Vm) -> R<usize> {
    let v = vm.interp_static("csv.limit", |_| Ok(taipan_runtime::types::list::from_vec(vec![Value::from(131_072)]).into_value()))?;
    let n = vm.getitem(&v, &Value::from(0))?;
    Ok(n.as_small().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX))
}

fn named(vm: &Vm, name: &Value) -> R {
    match dialects(vm)?.get(vm, name)? {
        Some(d) => Ok(d),
        None => Err(error(vm, "unknown dialect")),
    }
}

/// Return a list of all known dialect names.
#[function]
fn list_dialects(vm: &Vm) -> R {
    Ok(taipan_runtime::types::list::from_vec(dialects(vm)?.keys()).into_value())
}

/// Create a mapping from a string name to a CVS dialect.
#[function]
fn register_dialect(vm: &Vm, args: Args<'_>) -> R<()> {
    let (name, dialect) = match args.positional() {
        [name] => (name, None),
        [name, d] => (name, Some(d)),
        more => {
            let bound = if more.is_empty() { "at least 1 argument" } else { "at most 2 arguments" };
            return Err(vm.type_error(format!("register_dialect expected {bound}, got {}", more.len())));
        }
    };
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let d = make(vm, dialect, &args)?;
    dialects(vm)?.set(vm, name.clone(), d.into_value())
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
    named(vm, name)
}

/// Sets an upper limit on parsed fields, and returns the old one.
#[function(sig = "(new_limit=<unrepresentable>)")]
fn field_size_limit(vm: &Vm, new_limit: Option<&Value>) -> R {
    let old = limit(vm)?;
    if let Some(v) = new_limit {
        let Some(n) = int::get(v) else { return Err(vm.type_error("limit must be an integer")) };
        if n.to_i64().is_none() {
            return Err(vm.overflow_error("Python int too large to convert to C long"));
        }
        let place = vm.interp_static("csv.limit", |_| Ok(Value::NONE))?;
        vm.setitem(&place, &Value::from(0), v)?;
    }
    Ok(Value::from(old as i64))
}

/// Return a reader object that will process lines from the given iterable.
///
/// The "iterable" argument can be any object that returns a line of input for each iteration, such as a file object or
/// a list. The optional "dialect" argument defines a CSV dialect; keyword arguments override its settings.
#[function(name = "reader")]
fn reader_(vm: &Vm, args: Args<'_>) -> R {
    let (source, dialect) = source_and_dialect(vm, &args, "reader")?;
    let lines = vm.iter(source)?;
    Ok(reader::new(lines, make(vm, dialect, &args)?).into_value())
}

/// Return a writer object that will write user data on the given file object.
///
/// The "fileobj" argument can be any object that supports the file API. The optional "dialect" argument defines a CSV
/// dialect; keyword arguments override its settings.
#[function(name = "writer")]
fn writer_(vm: &Vm, args: Args<'_>) -> R {
    let (file, dialect) = source_and_dialect(vm, &args, "writer")?;
    let write = vm.get_attr_opt(file, &taipan_runtime::vm::names().write)?;
    match write.filter(|w| w.ty().slots().call.is_some()) {
        Some(write) => Ok(writer::new(write, make(vm, dialect, &args)?).into_value()),
        None => Err(vm.type_error("argument 1 must have a \"write\" method")),
    }
}

fn source_and_dialect<'a>(vm: &Vm, args: &Args<'a>, function: &str) -> R<(&'a Value, Option<&'a Value>)> {
    match args.positional() {
        [v] => Ok((v, None)),
        [v, d] => Ok((v, Some(d))),
        [] => Err(vm.type_error(format!("{function} expected at least 1 argument, got 0"))),
        more => Err(vm.type_error(format!("{function} expected at most 2 arguments, got {}", more.len()))),
    }
}
