//! Cursors: statements at work.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{list, tuple};
use taipan_runtime::vm::{Vm, try_current};

use super::connection::{self, Connection, LEGACY};
use super::errors::{self, Kind};
use super::ffi::{Datum, Stmt};
use super::statement::{Statement, length_limit};
use super::{adapt, data};

const PARSE_DECLTYPES: i32 = 1;
const PARSE_COLNAMES: i32 = 2;
const ROW: i32 = libsqlite3_sys::SQLITE_ROW;
const DONE: i32 = libsqlite3_sys::SQLITE_DONE;

/// The payload of Cursor.
#[derive(Trace)]
pub struct Cursor {
    connection: PyCell<Option<Value>>,
    pub(super) description: PyCell<Value>,
    /// The converters of the columns; empty if there are none.
    converters: PyCell<Vec<Value>>,
    lastrowid: PyCell<Value>,
    pub(super) row_factory: PyCell<Value>,
    arraysize: Cell<u32>,
    rowcount: Cell<i64>,
    /// The statement that stands on a row.
    #[no_trace]
    statement: PyCell<Option<Statement>>,
    /// Whether the statement is in use further down.
    locked: Cell<bool>,
    closed: Cell<bool>,
}

/// A new cursor of the class itself.
pub fn new(connection: &Ref<Connection>) -> Value {
    let c = Cursor::empty();
    c.connection.set(Some(connection.to_value()));
    Ref::new(c).into_value()
}

impl Cursor {
    fn empty() -> Self {
        Self {
            connection: PyCell::new(None),
            description: PyCell::new(Value::NONE),
            converters: PyCell::new(Vec::new()),
            lastrowid: PyCell::new(Value::NONE),
            row_factory: PyCell::new(Value::NONE),
            arraysize: Cell::new(1),
            rowcount: Cell::new(-1),
            statement: PyCell::new(None),
            locked: Cell::new(false),
            closed: Cell::new(false),
        }
    }

    fn link(&self, vm: &Vm) -> R<Ref<Connection>> {
        let c = self
            .connection
            .borrow()
            .as_ref()
            .and_then(|c| c.downcast::<Connection>().cloned());
        c.ok_or_else(|| Kind::Programming.raise(vm, "Base Cursor.__init__ not called."))
    }

    fn check_lock(&self, vm: &Vm) -> R<()> {
        if self.locked.get() {
            return Err(Kind::Programming.raise(vm, "Recursive use of cursors not allowed."));
        }
        Ok(())
    }

    /// The connection, if the cursor can be used.
    fn usable(&self, vm: &Vm) -> R<Ref<Connection>> {
        let c = self.link(vm)?;
        if self.closed.get() {
            return Err(Kind::Programming.raise(vm, "Cannot operate on a closed cursor."));
        }
        self.check_lock(vm)?;
        c.checked(vm)?;
        Ok(c)
    }

    /// Ends with a statement: the connection may use it again.
    fn release(&self, vm: &Vm, c: &Ref<Connection>, mut s: Statement) {
        if let Some(raw) = &mut s.raw {
            raw.reset(vm, c.value());
        }
        c.give_back(s);
    }
}

/// A statement that stood on a row can be used again.
impl Drop for Cursor {
    fn drop(&mut self) {
        let (Some(s), Some(c)) = (self.statement.take(), self.connection.get()) else {
            return;
        };
        if let (Some(vm), Some(c)) = (try_current(), c.downcast::<Connection>())
            && c.is_open()
        {
            vm.preserving_raised(|| self.release(vm, c, s));
        }
    }
}

/// Says that the cursor is in use, as long as it lives.
struct Lock<'a>(&'a Cursor);

impl<'a> Lock<'a> {
    fn new(c: &'a Cursor) -> Self {
        c.locked.set(true);
        Self(c)
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        self.0.locked.set(false);
    }
}

/// The converter for the name of a column (`name [type]`).
fn named_converter(vm: &Vm, name: &str) -> R<Option<Value>> {
    let Some((_, rest)) = name.split_once('[') else {
        return Ok(None);
    };
    match rest.split_once(']') {
        Some((ty, _)) => adapt::converter(vm, ty),
        None => Ok(None),
    }
}

fn converters(vm: &Vm, raw: &mut Stmt, detect: i32) -> R<Vec<Value>> {
    if detect == 0 {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for i in 0..raw.columns() {
        let mut found = None;
        if detect & PARSE_COLNAMES != 0
            && let Some(name) = raw.column_name(i)
        {
            found = named_converter(vm, &name)?;
        }
        if found.is_none()
            && detect & PARSE_DECLTYPES != 0
            && let Some(ty) = raw.column_type(i)
        {
            let end = ty.find([' ', '(']).unwrap_or(ty.len());
            found = adapt::converter(vm, &ty[..end])?;
        }
        all.push(found.unwrap_or(Value::NONE));
    }
    Ok(all)
}

fn description(raw: &mut Stmt, detect: i32) -> Value {
    let columns = (0..raw.columns()).map(|i| {
        let name = raw.column_name(i).unwrap_or_default();
        let shown = match name.find('[') {
            Some(at) if detect & PARSE_COLNAMES != 0 => {
                let head = &name[..at];
                head.strip_suffix(' ').unwrap_or(head)
            }
            _ => &name,
        };
        const N: Value = Value::NONE;
        tuple::from_array([str::from_str(shown), N, N, N, N, N, N]).into_value()
    });
    tuple::from_vec(columns.collect()).into_value()
}

#[cold]
fn undecodable(vm: &Vm, raw: &mut Stmt, i: i32, text: &[u8]) -> Raised {
    let name = raw.column_name(i).unwrap_or_default();
    let text: String = text
        .iter()
        .map(|&b| if b < 128 { char::from(b) } else { '\u{fffd}' })
        .collect();
    Kind::Operational.raise(
        vm,
        format!("Could not decode to UTF-8 column '{name}' with text '{text}'"),
    )
}

/// The row at hand where no converters and no factories are at work.
#[inline]
fn plain_row(vm: &Vm, raw: &mut Stmt, n: i32) -> R {
    let mut bad = None;
    let row = tuple::filled(n as usize, |row| {
        for i in 0..n {
            row.push(match raw.column(i) {
                Datum::Null => Value::NONE,
                Datum::Int(n) => Value::from(n),
                Datum::Float(x) => Value::from(x),
                Datum::Text(s) => data::text(s).unwrap_or_else(|| {
                    bad = bad.or(Some(i));
                    Value::NONE
                }),
                Datum::Blob(b) => bytes::from_slice(b).into_value(),
            });
        }
    });
    let Some(i) = bad else {
        return Ok(row.into_value());
    };
    let text = raw.column_bytes(i).unwrap_or_default().to_vec();
    Err(undecodable(vm, raw, i, &text))
}

/// The row at hand.
fn row(vm: &Vm, this: &Cursor, c: &Connection, raw: &mut Stmt) -> R {
    let n = raw.row();
    let factory = c.text_factory.get();
    let is_str = factory.is(&Str::TYPE.value());
    if is_str && this.converters.borrow().is_empty() {
        return plain_row(vm, raw, n);
    }
    let mut items = Vec::with_capacity(n as usize);
    for i in 0..n {
        let converter = this.converters.borrow().get(i as usize).cloned();
        if let Some(f) = converter.filter(|f| !f.is_none()) {
            let data = raw
                .column_bytes(i)
                .map(|b| bytes::from_slice(b).into_value());
            items.push(match data {
                Some(data) => vm.call(&f, &[data])?,
                None => Value::NONE,
            });
            continue;
        }
        let text = match raw.column(i) {
            Datum::Text(s) if is_str => match data::text(s) {
                Some(v) => {
                    items.push(v);
                    continue;
                }
                None => s.to_vec(),
            },
            Datum::Text(s) => s.to_vec(),
            other => {
                items.push(data::value(vm, &other)?);
                continue;
            }
        };
        if is_str {
            return Err(undecodable(vm, raw, i, &text));
        }
        let text = bytes::from_vec(text).into_value();
        let same = factory.is(&Bytes::TYPE.value());
        items.push(if same {
            text
        } else {
            vm.call(&factory, &[text])?
        });
    }
    Ok(tuple::from_vec(items).into_value())
}

fn text_of<'a>(vm: &Vm, function: &str, which: &str, sql: &'a Value) -> R<&'a Ref<Str>> {
    sql.downcast::<Str>()
        .ok_or_else(|| data::wrong(vm, function, which, "str", sql))
}

/// One round of a statement: binds, steps, and says whether it stands on a row.
fn round(
    vm: &Vm,
    this: &Cursor,
    c: &Ref<Connection>,
    s: &mut Statement,
    parameters: &Value,
) -> R<bool> {
    s.bind(vm, parameters)?;
    let detect = c.detect_types.get();
    let Some(raw) = &mut s.raw else {
        return Ok(false);
    };
    let code = raw.step(vm, c.value());
    c.raise_pending(vm)?;
    if code != DONE && code != ROW {
        return Err(errors::raise(vm, &raw.db().fault()));
    }
    let converters = converters(vm, raw, detect)?;
    drop(this.converters.replace(converters));
    if this.description.borrow().is_none() && raw.columns() > 0 {
        this.description.set(description(raw, detect));
    }
    if code == DONE && s.dml {
        this.rowcount.set(this.rowcount.get() + raw.db().changes());
    }
    Ok(code == ROW)
}

enum Sets<'a> {
    One(&'a Value),
    Many(&'a Value),
}

/// All rounds of a statement; gives whether it stands on a row.
fn rounds(
    vm: &Vm,
    this: &Cursor,
    c: &Ref<Connection>,
    s: &mut Statement,
    sets: &Sets<'_>,
) -> R<bool> {
    match sets {
        Sets::One(parameters) => round(vm, this, c, s, parameters),
        Sets::Many(source) => {
            while let Some(parameters) = vm.next(source)? {
                round(vm, this, c, s, &parameters)?;
                if let Some(raw) = &mut s.raw {
                    raw.reset(vm, c.value());
                }
            }
            Ok(false)
        }
    }
}

fn execute(vm: &Vm, this: &Ref<Cursor>, function: &str, sql: &Value, sets: Sets<'_>) -> R {
    let sql = text_of(vm, function, "1", sql)?;
    let c = this.usable(vm)?;
    let _lock = Lock::new(this);
    let source;
    let sets = match sets {
        Sets::Many(v) => {
            source = vm.iter(v)?;
            Sets::Many(&source)
        }
        one => one,
    };
    if !this.description.borrow().is_none() {
        this.description.set(Value::NONE);
    }
    if let Some(old) = this.statement.take() {
        this.release(vm, &c, old);
    }
    let db = c.open(vm)?;
    let mut s = match c.statement(vm, c.value(), &db, sql) {
        Ok(s) => s,
        Err(raised) => {
            this.rowcount.set(-1);
            return Err(raised);
        }
    };
    let many = matches!(sets, Sets::Many(_));
    let start = |s: &mut Statement| {
        if many && s.raw.as_ref().is_none_or(Stmt::readonly) {
            return Err(
                Kind::Programming.raise(vm, "executemany() can only execute DML statements.")
            );
        }
        this.rowcount.set(if s.dml { 0 } else { -1 });
        if c.autocommit.get() == LEGACY && s.dml && c.isolation.get().is_some() && db.autocommit() {
            connection::begin(vm, &c, &db)?;
        }
        rounds(vm, this, &c, s, &sets)
    };
    match start(&mut s) {
        Ok(on_row) => {
            if !many {
                this.lastrowid.set(Value::from(db.last_insert_rowid()));
            }
            if on_row && s.raw.as_ref().is_some_and(Stmt::busy) {
                drop(this.statement.replace(Some(s)));
            } else {
                this.release(vm, &c, s);
            }
            Ok(this.to_value())
        }
        Err(raised) => {
            let e = vm.catch(raised);
            this.release(vm, &c, s);
            this.rowcount.set(-1);
            Err(vm.raise_as_is(e))
        }
    }
}

/// The next row.
fn next(vm: &Vm, this: &Ref<Cursor>) -> R<Option<Value>> {
    let c = this.usable(vm)?;
    let Some(mut s) = this.statement.take() else {
        return Ok(None);
    };
    let lock = Lock::new(this);
    let got = match &mut s.raw {
        Some(raw) if raw.row() > 0 => row(vm, this, &c, raw),
        _ => {
            drop(lock);
            this.release(vm, &c, s);
            return Ok(None);
        }
    };
    let row = match got {
        Ok(row) => row,
        Err(raised) => {
            // The statement stays where it is, as a row that can't be made is no end.
            drop(lock);
            drop(this.statement.replace(Some(s)));
            return Err(raised);
        }
    };
    let factory = this.row_factory.get();
    let row = if factory.is_none() {
        Ok(row)
    } else if factory.is(&super::row::Row::TYPE.value()) {
        super::row::of_cursor(vm, this, row)
    } else {
        vm.call(&factory, &[this.to_value(), row])
    };
    let row = match row {
        Ok(row) => row,
        Err(raised) => {
            drop(lock);
            drop(this.statement.replace(Some(s)));
            return Err(raised);
        }
    };
    let Some(raw) = &mut s.raw else {
        return Ok(Some(row));
    };
    let code = raw.step(vm, c.value());
    let failed = match c.raise_pending(vm) {
        Err(raised) => Some(raised),
        Ok(()) if code != ROW && code != DONE => Some(errors::raise(vm, &raw.db().fault())),
        Ok(()) => None,
    };
    if let Some(raised) = failed {
        let e = vm.catch(raised);
        drop(lock);
        this.release(vm, &c, s);
        return Err(vm.raise_as_is(e));
    }
    if code == DONE {
        if s.dml {
            this.rowcount.set(raw.db().changes());
        }
        this.release(vm, &c, s);
    } else {
        drop(this.statement.replace(Some(s)));
    }
    drop(lock);
    Ok(Some(row))
}

fn script(vm: &Vm, this: &Ref<Cursor>, sql: &Value) -> R {
    let sql = text_of(vm, "executescript", "", sql)?;
    let text = sql.to_utf8(vm)?;
    let Some(text) = super::ffi::c_string(text.as_bytes()) else {
        return Err(vm.value_error("embedded null character"));
    };
    let c = this.usable(vm)?;
    let db = c.open(vm)?;
    if text.count_bytes() > length_limit(&db) {
        return Err(Kind::Data.raise(vm, "query string is too large"));
    }
    if c.autocommit.get() == LEGACY && !db.autocommit() {
        connection::run(vm, &c, &db, c"COMMIT")?;
    }
    let host = c.value();
    let failed = || {
        c.raise_pending(vm)?;
        Err(errors::raise(vm, &db.fault()))
    };
    let mut rest = text.as_c_str();
    while !rest.is_empty() {
        let Ok((stmt, at)) = db.prepare(vm, host, rest) else {
            return failed();
        };
        if let Some(mut stmt) = stmt {
            while stmt.step(vm, host) == ROW {}
            if stmt.finalize(vm, host) != 0 || c.is_pending() {
                return failed();
            }
        }
        let bytes = rest.to_bytes_with_nul();
        match std::ffi::CStr::from_bytes_with_nul(&bytes[at..]) {
            Ok(tail) if at > 0 => rest = tail,
            _ => break,
        }
    }
    Ok(this.to_value())
}

/// SQLite database cursor class.
#[class(name = "Cursor", module = "sqlite3", flags(BASETYPE, GC, HAS_WEAKREF))]
impl Cursor {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Self::empty()).into_value())
    }

    #[slot(init, sig = "(connection, /)")]
    fn init(vm: &Vm, this: &Ref<Self>, connection: &Ref<Connection>) -> R<()> {
        this.check_lock(vm)?;
        connection.check_thread(vm)?;
        let old = this.statement.take();
        drop(old);
        this.connection.set(Some(connection.to_value()));
        this.description.set(Value::NONE);
        this.lastrowid.set(Value::NONE);
        this.row_factory.set(Value::NONE);
        this.arraysize.set(1);
        this.rowcount.set(-1);
        this.closed.set(false);
        Ok(())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        next(vm, this)
    }

    /// Executes an SQL statement.
    #[method(sig = "(sql, parameters=(), /)")]
    fn execute(vm: &Vm, this: &Ref<Self>, sql: &Value, parameters: Option<&Value>) -> R {
        match parameters {
            Some(p) => execute(vm, this, "execute", sql, Sets::One(p)),
            None => execute(
                vm,
                this,
                "execute",
                sql,
                Sets::One(&tuple::from_vec(Vec::new()).into_value()),
            ),
        }
    }

    /// Repeatedly executes an SQL statement.
    #[method]
    fn executemany(vm: &Vm, this: &Ref<Self>, sql: &Value, seq_of_parameters: &Value) -> R {
        execute(vm, this, "executemany", sql, Sets::Many(seq_of_parameters))
    }

    /// Executes multiple SQL statements at once.
    #[method]
    fn executescript(vm: &Vm, this: &Ref<Self>, sql_script: &Value) -> R {
        script(vm, this, sql_script)
    }

    /// Fetches one row from the resultset.
    #[method(sig = "()")]
    fn fetchone(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        next(vm, this)
    }

    /// Fetches several rows from the resultset.
    ///
    ///   size
    ///     The default value is set by the Cursor.arraysize attribute.
    #[method(sig = "(size=1)")]
    fn fetchmany(vm: &Vm, this: &Ref<Self>, size: Option<u32>) -> R {
        let mut left = size.unwrap_or_else(|| this.arraysize.get());
        let mut rows = Vec::new();
        while left > 0 {
            let Some(row) = next(vm, this)? else { break };
            rows.push(row);
            left -= 1;
        }
        Ok(list::from_vec(rows).into_value())
    }

    /// Fetches all rows from the resultset.
    #[method(sig = "()")]
    fn fetchall(vm: &Vm, this: &Ref<Self>) -> R {
        let mut rows = Vec::new();
        while let Some(row) = next(vm, this)? {
            rows.push(row);
        }
        Ok(list::from_vec(rows).into_value())
    }

    /// Required by DB-API. Does nothing in sqlite3.
    #[method]
    fn setinputsizes(_vm: &Vm, _this: &Ref<Self>, _sizes: &Value) {}

    /// Required by DB-API. Does nothing in sqlite3.
    #[method(sig = "(size, column=None, /)")]
    fn setoutputsize(_vm: &Vm, _this: &Ref<Self>, _size: &Value, _column: &Value) {}

    /// Closes the cursor.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.check_lock(vm)?;
        let c = this.link(vm)?;
        c.checked(vm)?;
        if let Some(s) = this.statement.take() {
            this.release(vm, &c, s);
        }
        this.closed.set(true);
        Ok(())
    }

    #[getter(member)]
    fn connection(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.connection.get()
    }

    #[getter(member)]
    fn description(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.description.get()
    }

    #[getter(member)]
    fn lastrowid(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.lastrowid.get()
    }

    #[getter(member)]
    fn rowcount(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.rowcount.get()
    }

    #[getter]
    fn arraysize(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.arraysize.get()
    }

    #[setter]
    fn set_arraysize(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else {
            return Err(vm.type_error("cannot delete attribute"));
        };
        this.arraysize.set(data::unsigned32(vm, v)?);
        Ok(())
    }

    #[getter(member)]
    fn row_factory(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.row_factory.get()
    }

    #[setter]
    fn set_row_factory(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        this.row_factory.set(value.cloned().unwrap_or(Value::NONE));
    }
}
