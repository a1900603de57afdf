//! The class Connection.

use taipan_macros::class;
use taipan_runtime::core::{Payload as _, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::args::{bound, warn_named};
use super::connection::{self, Connection};
use super::cursor::{self, Cursor};
use super::errors::{self, Kind};
use super::ffi::Role;
use super::statement::{self, Statement};
use super::{backup, blob, data};
use crate::util::audit;

/// `SQLITE_DETERMINISTIC`
const DETERMINISTIC: i32 = 0x800;

/// Sets a function after checks of its number of arguments, whose name is told.
fn set(
    vm: &Vm,
    this: &Ref<Connection>,
    method: &str,
    [name, n, f]: [&Value; 3],
    count_name: &str,
    how: (Role, i32),
) -> R<()> {
    let db = this.checked(vm)?;
    let name = connection::c_name(
        vm,
        method,
        if method == "create_window_function" {
            "1"
        } else {
            "'name'"
        },
        name,
    )?;
    let n = data::int32(vm, n)?;
    let most = db.limit(libsqlite3_sys::SQLITE_LIMIT_FUNCTION_ARG, -1);
    if n < -1 || n > most {
        let text = format!("'{count_name}' must be between -1 and {most}, not {n}");
        return Err(Kind::Programming.raise(vm, text));
    }
    let role = how.0;
    match connection::set_function(vm, this, &db, &name, n, (Some(role), how.1), f) {
        0 => Ok(()),
        _ if role == Role::Window => Err(errors::raise(vm, &db.fault())),
        _ if role == Role::Aggregate => {
            Err(Kind::Operational.raise(vm, "Error creating aggregate"))
        }
        _ => Err(Kind::Operational.raise(vm, "Error creating function")),
    }
}

fn given(v: &Option<Value>) -> Value {
    v.clone().unwrap_or(Value::NONE)
}

fn error_class(vm: &Vm, kind: Kind) -> R {
    kind.class(vm)
}

/// SQLite database connection object.
#[class(
    name = "Connection",
    module = "sqlite3",
    flags(BASETYPE, GC, HAS_WEAKREF)
)]
impl Connection {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Self::empty()).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        connection::init(vm, this, args)
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<Self>) {
        connection::finalize(vm, this);
    }

    /// Makes a statement of some text.
    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("sqlite3.Connection() takes no keyword arguments"));
        }
        let db = this.checked(vm)?;
        let [sql] = args.all else {
            let n = args.all.len();
            return Err(vm.type_error(format!("function takes exactly 1 argument ({n} given)")));
        };
        let Some(sql) = sql.downcast::<Str>() else {
            return Err(vm.type_error(format!(
                "argument 1 must be str, not {}",
                sql.ty().tp_name()
            )));
        };
        Ok(statement::object(Statement::new(
            vm,
            this.value(),
            &db,
            sql,
        )?))
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "(sql, /)"
    }

    /// Return a cursor for the connection.
    #[method(sig = "(factory=<unrepresentable>)")]
    fn cursor(vm: &Vm, this: &Ref<Self>, factory: Option<&Value>) -> R {
        this.checked(vm)?;
        let cursor = match factory {
            Some(factory) => vm.call(factory, std::slice::from_ref(this.value()))?,
            None => cursor::new(this),
        };
        let Some(c) = cursor.downcast::<Cursor>() else {
            return Err(vm.type_error(format!(
                "factory must return a cursor, not {}",
                cursor.ty().tp_name()
            )));
        };
        let row_factory = this.row_factory.get();
        if !row_factory.is_none() {
            c.row_factory.set(row_factory);
        }
        Ok(cursor)
    }

    /// Open and return a BLOB object.
    #[method(sig = "(table, column, row, /, *, readonly=False, name='main')")]
    fn blobopen(
        vm: &Vm,
        this: &Ref<Self>,
        table: &Value,
        column: &Value,
        row: i64,
        readonly: Option<bool>,
        name: Option<&Value>,
    ) -> R {
        blob::open(
            vm,
            this,
            [table, column],
            row,
            readonly.unwrap_or(false),
            name,
        )
    }

    /// Close the database connection.
    ///
    /// Any pending transaction is not committed implicitly.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        connection::close(vm, this)
    }

    /// Commit any pending transaction to the database.
    #[method(sig = "()")]
    fn commit(vm: &Vm, this: &Ref<Self>) -> R<()> {
        connection::end(vm, this, c"COMMIT")
    }

    /// Roll back to the start of any pending transaction.
    #[method(sig = "()")]
    fn rollback(vm: &Vm, this: &Ref<Self>) -> R<()> {
        connection::end(vm, this, c"ROLLBACK")
    }

    /// Executes an SQL statement.
    #[method(sig = "(sql, parameters=<unrepresentable>, /)")]
    fn execute(vm: &Vm, this: &Ref<Self>, sql: &Value, parameters: Option<&Value>) -> R {
        let c = Self::cursor(vm, this, None)?;
        match parameters {
            Some(p) => vm.call_method(&c, "execute", &[sql.clone(), p.clone()]),
            None => vm.call_method(&c, "execute", std::slice::from_ref(sql)),
        }
    }

    /// Repeatedly executes an SQL statement.
    #[method]
    fn executemany(vm: &Vm, this: &Ref<Self>, sql: &Value, parameters: &Value) -> R {
        let c = Self::cursor(vm, this, None)?;
        vm.call_method(&c, "executemany", &[sql.clone(), parameters.clone()])
    }

    /// Executes multiple SQL statements at once.
    #[method]
    fn executescript(vm: &Vm, this: &Ref<Self>, sql_script: &Value) -> R {
        let c = Self::cursor(vm, this, None)?;
        vm.call_method(&c, "executescript", std::slice::from_ref(sql_script))
    }

    /// Creates a new function.
    #[method(sig = "(name, narg, func, *, deterministic=False)")]
    fn create_function(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        const NAMES: [&str; 4] = ["name", "narg", "func", "deterministic"];
        warn_named(vm, "create_function", args, &NAMES, 3)?;
        let v = bound(vm, "create_function", args, NAMES, 3, 3)?;
        let [name, n, f, deterministic] = v.each_ref().map(given);
        let flags = if vm.truth(&deterministic)? {
            DETERMINISTIC
        } else {
            0
        };
        set(
            vm,
            this,
            "create_function",
            [&name, &n, &f],
            "narg",
            (Role::Scalar, flags),
        )
    }

    /// Creates a new aggregate.
    #[method(sig = "(name, n_arg, aggregate_class)")]
    fn create_aggregate(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        const NAMES: [&str; 3] = ["name", "n_arg", "aggregate_class"];
        warn_named(vm, "create_aggregate", args, &NAMES, 3)?;
        let v = bound(vm, "create_aggregate", args, NAMES, 3, 3)?;
        let [name, n, f] = v.each_ref().map(given);
        set(
            vm,
            this,
            "create_aggregate",
            [&name, &n, &f],
            "n_arg",
            (Role::Aggregate, 0),
        )
    }

    /// Creates or redefines an aggregate window function. Not available for SQLite older than 3.25.0.
    ///
    ///   name
    ///     The name of the SQL aggregate window function to be created or redefined.
    ///   num_params
    ///     The number of arguments the step and inverse methods takes.
    ///   aggregate_class
    ///     A class with step(), finalize(), value(), and inverse() methods. Set to None to clear the window function.
    #[method]
    fn create_window_function(
        vm: &Vm,
        this: &Ref<Self>,
        name: &Value,
        num_params: &Value,
        aggregate_class: &Value,
    ) -> R<()> {
        let what = [name, num_params, aggregate_class];
        set(
            vm,
            this,
            "create_window_function",
            what,
            "num_params",
            (Role::Window, 0),
        )
    }

    /// Creates a collation function.
    #[method]
    fn create_collation(vm: &Vm, this: &Ref<Self>, name: &Value, callback: &Value) -> R<()> {
        let db = this.checked(vm)?;
        let name = connection::c_name(vm, "create_collation", "1", name)?;
        if !callback.is_none() && !data::callable(callback) {
            return Err(vm.type_error("parameter must be callable"));
        }
        match connection::set_function(vm, this, &db, &name, -2, (None, 0), callback) {
            0 => Ok(()),
            _ => Err(errors::raise(vm, &db.fault())),
        }
    }

    /// Set authorizer callback.
    #[method(sig = "(authorizer_callback)")]
    fn set_authorizer(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        const NAMES: [&str; 1] = ["authorizer_callback"];
        warn_named(vm, "set_authorizer", args, &NAMES, 1)?;
        let [f] = bound(vm, "set_authorizer", args, NAMES, 1, 1)?;
        let db = this.checked(vm)?;
        let f = f.filter(|f| !f.is_none());
        let on = f.is_some();
        let old = this.authorizer.replace(f);
        let code = db.set_authorizer(vm, this.value(), on);
        drop(old);
        if code == 0 {
            Ok(())
        } else {
            Err(Kind::Operational.raise(vm, "Error setting authorizer callback"))
        }
    }

    /// Set progress handler callback.
    ///
    ///   progress_handler
    ///     A callable that takes no arguments. If it returns non-zero, the current query is terminated, and an
    ///     exception is raised.
    ///   n
    ///     The number of SQLite virtual machine instructions that are executed between invocations of it.
    ///
    /// If 'progress_handler' is None or 'n' is 0, the progress handler is disabled.
    #[method(sig = "(progress_handler, n)")]
    fn set_progress_handler(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        const NAMES: [&str; 2] = ["progress_handler", "n"];
        warn_named(vm, "set_progress_handler", args, &NAMES, 1)?;
        let [f, n] = bound(vm, "set_progress_handler", args, NAMES, 2, 2)?;
        let n = data::int32(vm, &given(&n))?;
        let db = this.checked(vm)?;
        let f = f.filter(|f| !f.is_none());
        let n = f.is_some().then_some(n);
        let old = this.progress.replace(f);
        db.set_progress(vm, this.value(), n);
        drop(old);
        Ok(())
    }

    /// Set a trace callback called for each SQL statement (passed as unicode).
    #[method(sig = "(trace_callback)")]
    fn set_trace_callback(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        const NAMES: [&str; 1] = ["trace_callback"];
        warn_named(vm, "set_trace_callback", args, &NAMES, 1)?;
        let [f] = bound(vm, "set_trace_callback", args, NAMES, 1, 1)?;
        let db = this.checked(vm)?;
        let f = f.filter(|f| !f.is_none());
        let on = f.is_some();
        let old = this.tracer.replace(f);
        db.set_trace(vm, this.value(), on);
        drop(old);
        Ok(())
    }

    /// Enable dynamic loading of SQLite extension modules.
    #[method]
    fn enable_load_extension(vm: &Vm, this: &Ref<Self>, enable: bool) -> R<()> {
        audit(
            vm,
            "sqlite3.enable_load_extension",
            &[this.to_value(), Value::bool(enable)],
        )?;
        let db = this.checked(vm)?;
        if db.enable_load_extension(enable) == 0 {
            return Ok(());
        }
        Err(Kind::Operational.raise(vm, "Error enabling load extension"))
    }

    /// Load SQLite extension module.
    #[method(sig = "(name, /, *, entrypoint=None)")]
    fn load_extension(
        vm: &Vm,
        this: &Ref<Self>,
        name: &Value,
        entrypoint: Option<&Value>,
    ) -> R<()> {
        audit(
            vm,
            "sqlite3.load_extension",
            &[this.to_value(), name.clone()],
        )?;
        let db = this.checked(vm)?;
        let file = connection::c_name(vm, "load_extension", "1", name)?;
        let entry = entrypoint.filter(|v| !v.is_none());
        let entry = entry
            .map(|v| connection::c_name(vm, "load_extension", "'entrypoint'", v))
            .transpose()?;
        let done = db.load_extension(vm, this.value(), &file, entry.as_deref());
        done.map_err(|message| Kind::Operational.raise(vm, message))
    }

    /// Abort any pending database operation.
    #[method(sig = "()")]
    fn interrupt(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.open(vm)?.interrupt();
        Ok(())
    }

    /// Returns iterator to the dump of the database in an SQL text format.
    ///
    ///   filter
    ///     An optional LIKE pattern for database objects to dump
    #[method(sig = "(*, filter=None)")]
    fn iterdump(vm: &Vm, this: &Ref<Self>, filter: Option<&Value>) -> R {
        this.open(vm)?;
        let dump = vm.import_attr("sqlite3.dump", "_iterdump")?;
        let filter = filter.cloned().unwrap_or(Value::NONE);
        vm.call_kw(
            &dump,
            std::slice::from_ref(this.value()),
            &[("filter", filter)],
        )
    }

    /// Makes a backup of the database.
    #[method(sig = "(target, *, pages=-1, progress=None, name='main', sleep=0.25)")]
    fn backup(
        vm: &Vm,
        this: &Ref<Self>,
        target: &Ref<Connection>,
        pages: Option<i32>,
        progress: Option<&Value>,
        name: Option<&Value>,
        sleep: Option<f64>,
    ) -> R<()> {
        backup::backup(
            vm,
            this,
            target,
            pages.unwrap_or(-1),
            progress,
            name,
            sleep.unwrap_or(0.25),
        )
    }

    /// Serialize a database into a byte string.
    ///
    ///   name
    ///     Which database to serialize.
    ///
    /// For an ordinary on-disk database file, the serialization is just a copy of the disk file. For an in-memory
    /// database or a "temp" database, the serialization is the same sequence of bytes which would be written to disk
    /// if that database were backed up to disk.
    #[method(sig = "(*, name='main')")]
    fn serialize(vm: &Vm, this: &Ref<Self>, name: Option<&Value>) -> R<Ref<Bytes>> {
        let db = this.checked(vm)?;
        let main = str::from_str("main");
        let name = name.unwrap_or(&main);
        let c_name = connection::c_name(vm, "serialize", "'name'", name)?;
        match db.serialize(vm, this.value(), &c_name) {
            Some(data) => Ok(bytes::from_vec(data)),
            None => Err(Kind::Operational
                .raise(vm, format!("unable to serialize '{}'", vm.str_lossy(name)))),
        }
    }

    /// Load a serialized database.
    ///
    ///   data
    ///     The serialized database content.
    ///   name
    ///     Which database to reopen with the deserialization.
    ///
    /// The deserialize interface causes the database connection to disconnect from the target database, and then
    /// reopen it as an in-memory database based on the given serialized data.
    #[method(sig = "(data, /, *, name='main')")]
    fn deserialize(vm: &Vm, this: &Ref<Self>, data: &Value, name: Option<&Value>) -> R<()> {
        let db = this.checked(vm)?;
        let name = match name {
            Some(name) => connection::c_name(vm, "deserialize", "'name'", name)?,
            None => c"main".to_owned(),
        };
        let code = match data.downcast::<Str>() {
            Some(s) => db.deserialize(vm, this.value(), &name, s.to_utf8(vm)?.as_bytes()),
            None => {
                let data = BytesLike::new(vm, data)?;
                db.deserialize(vm, this.value(), &name, &data)
            }
        };
        match code {
            0 => Ok(()),
            libsqlite3_sys::SQLITE_NOMEM => Err(vm.memory_error()),
            _ => Err(errors::raise(vm, &db.fault())),
        }
    }

    /// Get connection run-time limits.
    ///
    ///   category
    ///     The limit category to be queried.
    #[method]
    fn getlimit(vm: &Vm, this: &Ref<Self>, category: i32) -> R<i32> {
        Self::setlimit(vm, this, category, -1)
    }

    /// Set connection run-time limits.
    ///
    ///   category
    ///     The limit category to be set.
    ///   limit
    ///     The new limit. If the new limit is a negative number, the limit is unchanged.
    ///
    /// Attempts to increase a limit above its hard upper bound are silently truncated to the hard upper bound.
    /// Regardless of whether or not the limit was changed, the prior value of the limit is returned.
    #[method]
    fn setlimit(vm: &Vm, this: &Ref<Self>, category: i32, limit: i32) -> R<i32> {
        let old = this.checked(vm)?.limit(category, limit);
        if old < 0 {
            Err(Kind::Programming.raise(vm, "'category' is out of bounds"))
        } else {
            Ok(old)
        }
    }

    /// Query a boolean connection configuration option.
    ///
    ///   op
    ///     The configuration verb; one of the sqlite3.SQLITE_DBCONFIG codes.
    #[method]
    fn getconfig(vm: &Vm, this: &Ref<Self>, op: i32) -> R<bool> {
        let db = this.checked(vm)?;
        check_op(vm, op)?;
        db.config(op, None)
            .map_err(|_| errors::raise(vm, &db.fault()))
    }

    /// Set a boolean connection configuration option.
    ///
    ///   op
    ///     The configuration verb; one of the sqlite3.SQLITE_DBCONFIG codes.
    #[method(sig = "(op, enable=True, /)")]
    fn setconfig(vm: &Vm, this: &Ref<Self>, op: i32, enable: Option<bool>) -> R<()> {
        let db = this.checked(vm)?;
        check_op(vm, op)?;
        let enable = enable.unwrap_or(true);
        match db.config(op, Some(enable)) {
            Ok(now) if now == enable => Ok(()),
            Ok(_) => Err(Kind::Operational.raise(vm, "Unable to set config")),
            Err(_) => Err(errors::raise(vm, &db.fault())),
        }
    }

    /// Called when the connection is used as a context manager.
    ///
    /// Returns itself as a convenience to the caller.
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Self>) -> R {
        this.open(vm)?;
        Ok(this.to_value())
    }

    /// Called when the connection is used as a context manager.
    ///
    /// If there was any exception, a rollback takes place; otherwise we commit.
    #[method(sig = "(type, value, traceback, /)")]
    fn __exit__(
        vm: &Vm,
        this: &Ref<Self>,
        r#type: &Value,
        _value: &Value,
        _traceback: &Value,
    ) -> R<bool> {
        if !r#type.is_none() {
            connection::end(vm, this, c"ROLLBACK")?;
            return Ok(false);
        }
        let Err(raised) = connection::end(vm, this, c"COMMIT") else {
            return Ok(false);
        };
        // The database must not stay locked.
        let e = vm.catch(raised);
        if let Err(raised) = connection::end(vm, this, c"ROLLBACK") {
            let second = vm.catch(raised);
            if let Some(second) = vm.exc_ref(&second) {
                second.context.set(Some(e));
            }
            return Err(vm.raise_as_is(second));
        }
        Err(vm.raise_as_is(e))
    }

    #[getter]
    fn isolation_level(vm: &Vm, this: &Ref<Self>) -> R {
        this.open(vm)?;
        Ok(connection::level_value(this.isolation.get()))
    }

    #[setter]
    fn set_isolation_level(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            let name = str::from_str("isolation_level");
            return Err(vm.attribute_error(this.value(), &name, "cannot delete attribute"));
        };
        let level = connection::isolation_level(vm, v)?;
        this.isolation.set(level);
        // Whoever wants no transactions ends the one that is open.
        if level.is_none() {
            connection::end(vm, this, c"COMMIT")
        } else {
            Ok(())
        }
    }

    #[getter]
    fn autocommit(vm: &Vm, this: &Ref<Self>) -> R {
        this.checked(vm)?;
        Ok(match this.autocommit.get() {
            connection::LEGACY => Value::small(connection::LEGACY),
            n => Value::bool(n != 0),
        })
    }

    #[setter]
    fn set_autocommit(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        connection::set_autocommit(vm, this, value.unwrap_or(&Value::NONE))
    }

    #[getter]
    fn total_changes(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        Ok(this.open(vm)?.total_changes())
    }

    #[getter]
    fn in_transaction(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        Ok(!this.open(vm)?.autocommit())
    }

    #[getter(member)]
    fn row_factory(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.row_factory.get()
    }

    #[setter]
    fn set_row_factory(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        this.row_factory.set(value.cloned().unwrap_or(Value::NONE));
    }

    #[getter(member)]
    fn text_factory(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.text_factory.get()
    }

    #[setter]
    fn set_text_factory(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        this.text_factory
            .set(value.cloned().unwrap_or_else(|| Str::TYPE.value()));
    }

    #[getter(member, name = "Warning")]
    fn warning(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Warning)
    }

    #[getter(member, name = "Error")]
    fn error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Error)
    }

    #[getter(member, name = "InterfaceError")]
    fn interface_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Interface)
    }

    #[getter(member, name = "DatabaseError")]
    fn database_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Database)
    }

    #[getter(member, name = "DataError")]
    fn data_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Data)
    }

    #[getter(member, name = "OperationalError")]
    fn operational_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Operational)
    }

    #[getter(member, name = "IntegrityError")]
    fn integrity_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Integrity)
    }

    #[getter(member, name = "InternalError")]
    fn internal_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Internal)
    }

    #[getter(member, name = "ProgrammingError")]
    fn programming_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::Programming)
    }

    #[getter(member, name = "NotSupportedError")]
    fn not_supported_error(vm: &Vm, _this: &Ref<Self>) -> R {
        error_class(vm, Kind::NotSupported)
    }
}

fn check_op(vm: &Vm, op: i32) -> R<()> {
    if (1002..=1017).contains(&op) {
        return Ok(());
    }
    Err(vm.value_error(format!("unknown config 'op': {op}")))
}
