//! What a connection is made of: its database, its statements, its callbacks, its transactions.

use std::cell::Cell;
use std::ffi::CStr;
use std::sync::{Arc, Weak};

use taipan_macros::{Drain, Trace};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{float, str};
use taipan_runtime::vm::Vm;

use super::errors::{self, Kind};
use super::ffi::{Blob, Db, Role};
use super::statement::Statement;
use super::{args, data};
use crate::util::audit;

/// `LEGACY_TRANSACTION_CONTROL`
pub const LEGACY: i32 = -1;

/// A Python function that the library knows by a number.
#[derive(Trace, Drain)]
pub struct Hook {
    key: usize,
    name: String,
    /// The number of arguments, or -2 for a collation.
    n: i32,
    function: Value,
}

/// The payload of Connection.
#[derive(Trace)]
pub struct Connection {
    #[no_trace]
    db: PyCell<Option<Arc<Db>>>,
    pub(super) initialized: Cell<bool>,
    pub(super) detect_types: Cell<i32>,
    /// `None` if no transaction is to be opened unasked.
    #[no_trace]
    pub(super) isolation: Cell<Option<&'static str>>,
    pub(super) autocommit: Cell<i32>,
    check_same_thread: Cell<bool>,
    thread: Cell<u64>,
    /// Statements that nobody uses, the one used last at the end.
    #[no_trace]
    cache: PyCell<Vec<Statement>>,
    cache_size: Cell<usize>,
    pub(super) row_factory: PyCell<Value>,
    pub(super) text_factory: PyCell<Value>,
    hooks: PyCell<Vec<Hook>>,
    pub(super) authorizer: PyCell<Option<Value>>,
    pub(super) progress: PyCell<Option<Value>>,
    pub(super) tracer: PyCell<Option<Value>>,
    /// Aggregates at work, by number.
    instances: PyCell<Vec<(u64, Value)>>,
    next: Cell<u64>,
    /// An exception of a callback, to be raised by the call that led there.
    pending: PyCell<Option<Value>>,
    #[no_trace]
    blobs: PyCell<Vec<Weak<Blob>>>,
}

impl Connection {
    /// Not connected.
    pub fn empty() -> Self {
        Self {
            db: PyCell::new(None),
            initialized: Cell::new(false),
            detect_types: Cell::new(0),
            isolation: Cell::new(None),
            autocommit: Cell::new(LEGACY),
            check_same_thread: Cell::new(true),
            thread: Cell::new(0),
            cache: PyCell::new(Vec::new()),
            cache_size: Cell::new(0),
            row_factory: PyCell::new(Value::NONE),
            text_factory: PyCell::new(Str::TYPE.value()),
            hooks: PyCell::new(Vec::new()),
            authorizer: PyCell::new(None),
            progress: PyCell::new(None),
            tracer: PyCell::new(None),
            instances: PyCell::new(Vec::new()),
            next: Cell::new(1),
            pending: PyCell::new(None),
            blobs: PyCell::new(Vec::new()),
        }
    }

    /// The connection that a value is.
    pub fn of(v: &Value) -> Option<&Ref<Self>> {
        v.downcast::<Self>()
    }

    /// Raises ProgrammingError on a thread that is not the connection's, if only that may use it.
    #[inline]
    pub fn check_thread(&self, vm: &Vm) -> R<()> {
        let here = vm.thread_id.get();
        if !self.initialized.get() || !self.check_same_thread.get() || here == self.thread.get() {
            return Ok(());
        }
        let made = self.thread.get();
        Err(Kind::Programming.raise(
            vm,
            format!(
                "SQLite objects created in a thread can only be used in that same thread. The object was created in \
                 thread id {made} and this is thread id {here}."
            ),
        ))
    }

    /// The database.
    ///
    /// Raises ProgrammingError if there is none.
    #[inline]
    pub fn open(&self, vm: &Vm) -> R<Arc<Db>> {
        if let Some(db) = &*self.db.borrow()
            && self.initialized.get()
        {
            return Ok(db.clone());
        }
        let what = if self.initialized.get() {
            "Cannot operate on a closed database."
        } else {
            "Base Connection.__init__ not called."
        };
        Err(Kind::Programming.raise(vm, what))
    }

    /// [`Connection::check_thread`] and [`Connection::open`].
    #[inline]
    pub fn checked(&self, vm: &Vm) -> R<Arc<Db>> {
        self.check_thread(vm)?;
        self.open(vm)
    }

    /// Whether there is a database.
    pub fn is_open(&self) -> bool {
        self.db.borrow().is_some()
    }

    /// The function of a number.
    pub fn hook(&self, key: usize) -> Option<Value> {
        self.hooks
            .borrow()
            .iter()
            .find(|h| h.key == key)
            .map(|h| h.function.clone())
    }

    fn fresh(&self) -> u64 {
        let n = self.next.get();
        self.next.set(n.wrapping_add(1).max(1));
        n
    }

    /// An aggregate at work.
    pub fn instance(&self, number: u64) -> Option<Value> {
        self.instances
            .borrow()
            .iter()
            .find(|i| i.0 == number)
            .map(|i| i.1.clone())
    }

    /// A new aggregate; gives its number.
    pub fn add_instance(&self, v: Value) -> u64 {
        let n = self.fresh();
        self.instances.borrow_mut().push((n, v));
        n
    }

    /// An aggregate ends.
    pub fn take_instance(&self, number: u64) -> Option<Value> {
        let mut all = self.instances.borrow_mut();
        let i = all.iter().position(|i| i.0 == number)?;
        Some(all.swap_remove(i).1)
    }

    /// Whether an exception waits.
    pub fn is_pending(&self) -> bool {
        self.pending.borrow().is_some()
    }

    /// Keeps an exception for the call that led to it.
    pub fn set_pending(&self, e: Value) {
        self.pending.set(Some(e));
    }

    /// Raises what callbacks have left.
    #[inline]
    pub fn raise_pending(&self, vm: &Vm) -> R<()> {
        if !self.is_pending() {
            return Ok(());
        }
        match self.pending.take() {
            Some(e) => Err(vm.raise_as_is(e)),
            None => Ok(()),
        }
    }

    /// Remembers a blob, which closes with the connection.
    pub fn add_blob(&self, blob: &Arc<Blob>) {
        let mut blobs = self.blobs.borrow_mut();
        blobs.retain(|b| b.strong_count() > 0);
        blobs.push(Arc::downgrade(blob));
    }

    /// Statements are kept for reuse: one for some text, which is the caller's own until it is given back.
    pub fn statement(&self, vm: &Vm, host: &Value, db: &Arc<Db>, sql: &Ref<Str>) -> R<Statement> {
        {
            let mut cache = self.cache.borrow_mut();
            let same = |s: &Statement| {
                s.sql.is(sql.value())
                    || s.sql
                        .downcast::<Str>()
                        .is_some_and(|text| text.same_text(sql))
            };
            if let Some(i) = cache.iter().rposition(same) {
                return Ok(cache.remove(i));
            }
        }
        Statement::new(vm, host, db, sql)
    }

    /// Gives a statement back, which must have been reset.
    pub fn give_back(&self, s: Statement) {
        let size = self.cache_size.get();
        let ours = s.raw.as_ref().is_none_or(|raw| {
            self.db
                .borrow()
                .as_ref()
                .is_some_and(|db| Arc::ptr_eq(db, raw.db()))
        });
        if size == 0 || !ours {
            return;
        }
        let old = {
            let mut cache = self.cache.borrow_mut();
            let old = if cache.len() >= size {
                Some(cache.remove(0))
            } else {
                None
            };
            cache.push(s);
            old
        };
        drop(old);
    }
}

/// Runs a statement that is no one's concern.
///
/// Raises what the library says.
pub fn run(vm: &Vm, this: &Ref<Connection>, db: &Arc<Db>, sql: &CStr) -> R<()> {
    let host = this.value();
    let (stmt, _) = db
        .prepare(vm, host, sql)
        .map_err(|_| errors::raise(vm, &db.fault()))?;
    let Some(mut stmt) = stmt else { return Ok(()) };
    stmt.step(vm, host);
    match stmt.finalize(vm, host) {
        0 => Ok(()),
        _ => Err(errors::raise(vm, &db.fault())),
    }
}

/// Opens a transaction as the isolation level says.
pub fn begin(vm: &Vm, this: &Ref<Connection>, db: &Arc<Db>) -> R<()> {
    let sql = match this.isolation.get() {
        Some("IMMEDIATE") => c"BEGIN IMMEDIATE",
        Some("EXCLUSIVE") => c"BEGIN EXCLUSIVE",
        Some("DEFERRED") => c"BEGIN DEFERRED",
        _ => c"BEGIN ",
    };
    run(vm, this, db, sql)
}

/// Ends the transaction (`COMMIT` or `ROLLBACK`).
pub fn end(vm: &Vm, this: &Ref<Connection>, how: &CStr) -> R<()> {
    let db = this.checked(vm)?;
    match this.autocommit.get() {
        LEGACY if db.autocommit() => Ok(()),
        LEGACY => run(vm, this, &db, how),
        0 => {
            run(vm, this, &db, how)?;
            run(vm, this, &db, c"BEGIN")
        }
        _ => Ok(()),
    }
}

/// Sets what depends on whether transactions are opened by themselves.
pub fn set_autocommit(vm: &Vm, this: &Ref<Connection>, v: &Value) -> R<()> {
    let db = this.checked(vm)?;
    let mode = autocommit_mode(vm, v)?;
    match mode {
        0 if db.autocommit() => run(vm, this, &db, c"BEGIN")?,
        1 if !db.autocommit() => run(vm, this, &db, c"COMMIT")?,
        _ => {}
    }
    this.autocommit.set(mode);
    Ok(())
}

fn autocommit_mode(vm: &Vm, v: &Value) -> R<i32> {
    match (v.as_bool(), v.as_small()) {
        (Some(b), _) => Ok(b.into()),
        (None, Some(-1)) => Ok(LEGACY),
        _ => Err(
            vm.value_error("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL")
        ),
    }
}

/// A level of isolation.
///
/// Raises TypeError, ValueError.
pub fn isolation_level(vm: &Vm, v: &Value) -> R<Option<&'static str>> {
    if v.is_none() {
        return Ok(None);
    }
    let Some(s) = v.downcast::<Str>() else {
        return Err(vm.type_error("isolation_level must be str or None"));
    };
    let s = s.to_utf8(vm)?;
    if s.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    let level = ["", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"]
        .into_iter()
        .find(|l| l.eq_ignore_ascii_case(&s));
    level.map(Some).ok_or_else(|| {
        vm.value_error("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")
    })
}

const PARAMETERS: [&str; 9] = [
    "database",
    "timeout",
    "detect_types",
    "isolation_level",
    "check_same_thread",
    "factory",
    "cached_statements",
    "uri",
    "autocommit",
];

/// `Connection.__init__`
pub fn init(vm: &Vm, this: &Ref<Connection>, call: Args<'_>) -> R<()> {
    args::warn_positional(vm, "_sqlite3.Connection", call)?;
    let [
        database,
        timeout,
        detect,
        level,
        check,
        _,
        cached,
        uri,
        autocommit,
    ] = args::bound(vm, "Connection", call, PARAMETERS, 1, 8)?;
    let database = database.unwrap_or(Value::NONE);
    let timeout = timeout.map_or(Ok(5.0), |v| float::to_f64(vm, &v))?;
    let detect = detect.map_or(Ok(0), |v| data::int32(vm, &v))?;
    let level = level.map_or(Ok(Some("")), |v| isolation_level(vm, &v))?;
    let check = check.map_or(Ok(true), |v| vm.truth(&v))?;
    let cached = cached.map_or(Ok(128), |v| data::int32(vm, &v))?;
    let uri = uri.map_or(Ok(false), |v| vm.truth(&v))?;
    let autocommit = autocommit.map_or(Ok(LEGACY), |v| autocommit_mode(vm, &v))?;
    audit(vm, "sqlite3.connect", std::slice::from_ref(&database))?;
    if this.initialized.get() {
        this.initialized.set(false);
        clear(this);
        shut(vm, this)?;
    }
    let path = crate::io::path::fs_encode(vm, &database)?;
    let timeout = (timeout * 1000.0) as i32;
    let db = Db::open(vm, &path, uri, timeout, !check).map_err(|fault| errors::raise(vm, &fault))?;
    drop(this.db.replace(Some(db.clone())));
    this.detect_types.set(detect);
    this.isolation.set(level);
    this.autocommit.set(autocommit);
    this.check_same_thread.set(check);
    this.thread.set(vm.thread_id.get());
    this.cache_size.set(usize::try_from(cached).unwrap_or(0));
    this.row_factory.set(Value::NONE);
    this.text_factory.set(Str::TYPE.value());
    this.initialized.set(true);
    audit(
        vm,
        "sqlite3.connect/handle",
        std::slice::from_ref(this.value()),
    )?;
    if autocommit == 0 {
        run(vm, this, &db, c"BEGIN")?;
    }
    Ok(())
}

/// Ends what belongs to the connection.
fn clear(this: &Ref<Connection>) {
    for blob in this.blobs.take() {
        if let Some(blob) = blob.upgrade() {
            blob.close();
        }
    }
    drop(this.cache.take());
}

/// Closes the database.
fn shut(vm: &Vm, this: &Ref<Connection>) -> R<()> {
    let Some(db) = this.db.take() else {
        return Ok(());
    };
    let mut done = Ok(());
    if this.autocommit.get() == 0 && !db.autocommit() {
        done = run(vm, this, &db, c"ROLLBACK");
    }
    drop(db);
    let old = (
        this.authorizer.take(),
        this.progress.take(),
        this.tracer.take(),
    );
    drop(old);
    done
}

/// `Connection.close`
pub fn close(vm: &Vm, this: &Ref<Connection>) -> R<()> {
    this.check_thread(vm)?;
    if !this.initialized.get() {
        return Err(Kind::Programming.raise(vm, "Base Connection.__init__ not called."));
    }
    clear(this);
    shut(vm, this)
}

/// The end of a connection that nobody has closed.
pub fn finalize(vm: &Vm, this: &Ref<Connection>) {
    if this.is_open() {
        vm.preserving_raised(|| {
            let text = format!(
                "unclosed database in {}",
                vm.repr_string(this.value()).unwrap_or_default()
            );
            if let Err(raised) = vm.warn_about(&exc::RESOURCE_WARNING, &text, 1, this.value()) {
                vm.unraisable(raised, None, this.value());
            }
            clear(this);
            if let Err(raised) = shut(vm, this) {
                vm.unraisable(raised, None, this.value());
            }
        });
    }
}

/// A name for the library.
///
/// Raises TypeError, ValueError.
pub fn c_name(vm: &Vm, function: &str, which: &str, v: &Value) -> R<std::ffi::CString> {
    let Some(s) = v.downcast::<Str>() else {
        return Err(data::wrong(vm, function, which, "str", v));
    };
    let s = s.to_utf8(vm)?;
    super::ffi::c_string(s.as_bytes()).ok_or_else(|| vm.value_error("embedded null character"))
}

/// Gives the library a function for a name, or takes it away; gives a code.
pub fn set_function(
    vm: &Vm,
    this: &Ref<Connection>,
    db: &Db,
    name: &CStr,
    n: i32,
    (role, flags): (Option<Role>, i32),
    f: &Value,
) -> i32 {
    let key = (!f.is_none()).then(|| this.fresh() as usize);
    let lower = name.to_string_lossy().to_ascii_lowercase();
    // The library may call it from now on; what it calls until then is known by another number.
    if let Some(key) = key {
        this.hooks.borrow_mut().push(Hook {
            key,
            name: lower.clone(),
            n,
            function: f.clone(),
        });
    }
    let code = match role {
        Some(role) => db.set_function(vm, this.value(), name, n, role, flags, key),
        None => db.set_collation(vm, this.value(), name, key),
    };
    let stale = |h: &Hook| {
        if code == 0 {
            h.name == lower && h.n == n && Some(h.key) != key
        } else {
            Some(h.key) == key
        }
    };
    let mut old = Vec::new();
    {
        let mut hooks = this.hooks.borrow_mut();
        let mut i = 0;
        while i < hooks.len() {
            if stale(&hooks[i]) {
                old.push(hooks.swap_remove(i));
            } else {
                i += 1;
            }
        }
    }
    drop(old);
    code
}

/// Text as a value, for the getters.
pub fn level_value(level: Option<&'static str>) -> Value {
    level.map_or(Value::NONE, str::from_str)
}
