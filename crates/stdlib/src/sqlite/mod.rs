//! `_sqlite3`: what the package `sqlite3` is made from, on the library SQLite.

mod adapt;
mod args;
mod backup;
mod blob;
mod callbacks;
mod connection;
mod connection_class;
mod constants;
mod cursor;
mod data;
mod errors;
mod ffi;
mod row;
mod statement;

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload as _, R, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use self::adapt::PrepareProtocol;
use self::blob::BlobObject;
use self::connection::Connection;
use self::cursor::Cursor;
use self::row::Row;
use self::statement::StatementObject;

/// The classes of this module.
pub const TYPES: &[&TypeDef] =
    &[Connection::DEF, Cursor::DEF, Row::DEF, BlobObject::DEF, PrepareProtocol::DEF, StatementObject::DEF];

module! {
    /// DB-API 2.0 interface for SQLite databases.
    name = "_sqlite3",
    functions(
        adapt::adapt, adapt::register_adapter, adapt::register_converter, complete_statement, connect,
        enable_callback_tracebacks
    ),
    types(Connection, Cursor, Row, BlobObject, PrepareProtocol),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    constants::add(m);
    errors::add(vm, m)?;
    m.set("adapters", adapt::adapters(vm)?.into_value());
    m.set("converters", adapt::converters(vm)?.into_value());
    m.set("PARSE_DECLTYPES", 1);
    m.set("PARSE_COLNAMES", 2);
    m.set("LEGACY_TRANSACTION_CONTROL", connection::LEGACY);
    m.set("sqlite_version", str::from_str(&ffi::version()));
    // Threads may share the module, connections and cursors.
    m.set("threadsafety", 3);
    Ok(())
}

/// Open a connection to the SQLite database file 'database'.
///
/// You can use ":memory:" to open a database connection to a database that resides in RAM instead of on disk.
#[function(
    sig = "(database, timeout=5.0, detect_types=0, isolation_level='', check_same_thread=True, factory=ConnectionType, cached_statements=128, uri=False, *, autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)"
)]
fn connect(vm: &Vm, args: Args<'_>) -> R {
    args::warn_positional(vm, "sqlite3.connect", args)?;
    let named = args.names.iter().position(|n| vm.str_lossy(n) == "factory");
    let factory = match named {
        Some(i) => args.all.get(args.positional().len() + i),
        None => args.positional().get(5),
    };
    match factory {
        Some(f) => vm.call_args(f, args),
        None => vm.call_args(&Connection::TYPE.value(), args),
    }
}

/// Checks if a string contains a complete SQL statement.
#[function(sig = "(statement)")]
fn complete_statement(vm: &Vm, statement: &Value) -> R<bool> {
    let sql = connection::c_name(vm, "complete_statement", "'statement'", statement)?;
    ffi::complete(&sql).ok_or_else(|| vm.memory_error())
}

/// Enable or disable callback functions throwing errors to stderr.
#[function]
fn enable_callback_tracebacks(vm: &Vm, enable: bool) {
    callbacks::show_tracebacks(vm, enable);
}
