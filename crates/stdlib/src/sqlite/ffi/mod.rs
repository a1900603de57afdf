//! The library SQLite behind a safe face. All unsafe code of the module is here.
//!
//! Invariants:
//! - The library is built thread-safe ("serialized"): handles may be used by any thread, so [`Db`] is `Send` and `Sync`.
//! - A [`Db`] closes its handle when its last owner is gone. Statements, blobs and backups own one, so that no handle
//!   outlives what it belongs to.
//! - A [`Stmt`] has one owner at a time. What it shows (columns) is borrowed from it mutably, so nothing can move the
//!   memory behind a slice while it is in use.
//! - The library never holds a Python value: what it is given for its callbacks are numbers, which the connection
//!   object maps to functions. A number of something that is gone is looked up in vain.
//! - Everything that may call back runs in [`calling`], which notes the thread and the connection and gives the
//!   interpreter's lock up; a callback ([`called`]) takes the lock first and gives it up before it returns. A callback
//!   without such a note does nothing.
//! - Nobody waits for a database's mutex while it holds the interpreter's lock, as a callback may wait for that with the
//!   mutex held: calls that stay short keep the lock, but go through [`Db::guard`] where threads share a connection.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, Once, PoisonError};

use libsqlite3_sys as c;
use taipan_runtime::core::Value;
use taipan_runtime::vm::{Vm, try_current};

use super::callbacks;

mod backup;
mod blob;
mod entries;
mod memory;
mod statement;

pub use self::backup::Backup;
pub use self::blob::Blob;
pub use self::entries::Context;
use self::entries::{
    AuthFn, CompareFn, FinalFn, ProgressFn, StepFn, TraceFn, authorize, collate, finish, inverse,
    progress, scalar, step, trace, value,
};
use self::memory::MEMORY;
pub use self::statement::Stmt;

unsafe extern "C" {
    // The bindings leave it out.
    fn sqlite3_close_v2(db: *mut c::sqlite3) -> c_int;
}

/// Who has called the library on this thread.
#[derive(Clone, Copy)]
struct Caller {
    vm: *const Vm,
    /// Null if callbacks are of no use any more.
    host: *const Value,
}

const NOBODY: Caller = Caller {
    vm: ptr::null(),
    host: ptr::null(),
};

thread_local! {
    static CALLER: Cell<Caller> = const { Cell::new(NOBODY) };
}

/// Puts the caller before this one back.
struct Restore(Caller);

impl Drop for Restore {
    fn drop(&mut self) {
        CALLER.set(self.0);
    }
}

/// Runs `f`, which calls the library for the connection `host`, without the interpreter's lock.
pub fn calling<T: Send>(vm: &Vm, host: &Value, f: impl FnOnce() -> T + Send) -> T {
    let _restore = Restore(CALLER.replace(Caller { vm, host }));
    vm.allow_threads(f)
}

/// Runs `f` for a callback, with the interpreter's lock; `None` if nobody waits for it.
fn called<T>(f: impl FnOnce(&Vm, &Value) -> T) -> Option<T> {
    struct Leave<'a>(&'a Vm);
    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            self.0.leave();
        }
    }
    let caller = CALLER.get();
    if caller.host.is_null() {
        return None;
    }
    // SAFETY: `calling` is running further down on this thread's stack, and borrows both.
    let (vm, host) = unsafe { (&*caller.vm, &*caller.host) };
    vm.enter();
    let _leave = Leave(vm);
    let _restore = Restore(CALLER.replace(NOBODY));
    Some(vm.preserving_raised(|| f(vm, host)))
}

/// Ends a handle of the library, whose callbacks nobody wants to hear of any more.
fn ending(f: impl FnOnce() + Send) {
    let _restore = Restore(CALLER.replace(NOBODY));
    match try_current() {
        Some(vm) => vm.allow_threads(f),
        None => f(),
    }
}

/// A pointer that may go to another thread; see the invariants.
#[derive(Clone, Copy)]
struct Sent<T>(T);
// SAFETY: the library is thread-safe.
unsafe impl<T> Send for Sent<T> {}
// SAFETY: the library is thread-safe.
unsafe impl<T> Sync for Sent<T> {}

impl<T> Sent<T> {
    fn get(self) -> T {
        self.0
    }
}

/// An error of the library.
pub struct Fault {
    /// The primary code.
    pub code: i32,
    /// The extended code.
    pub extended: i32,
    /// What it says.
    pub message: String,
}

fn text(p: *const c_char) -> Option<String> {
    // SAFETY: the library gives strings that end in NUL, or null.
    (!p.is_null()).then(|| unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned())
}

fn c_name(name: Option<&CStr>) -> *const c_char {
    name.map_or(ptr::null(), CStr::as_ptr)
}

fn bytes<'a>(p: *const c_void, n: c_int) -> &'a [u8] {
    match usize::try_from(n) {
        // SAFETY: the callers pass what the library has given for one value; they bound the lifetime.
        Ok(n) if n > 0 && !p.is_null() => unsafe { std::slice::from_raw_parts(p.cast(), n) },
        _ => &[],
    }
}

/// The version of the library.
pub fn version() -> String {
    // SAFETY: takes nothing.
    text(unsafe { c::sqlite3_libversion() }).unwrap_or_default()
}

/// What a code says.
pub fn describe(code: i32) -> String {
    // SAFETY: takes any number.
    text(unsafe { c::sqlite3_errstr(code) }).unwrap_or_default()
}

/// Whether text ends in a complete statement; `None` if memory runs out.
pub fn complete(sql: &CStr) -> Option<bool> {
    // SAFETY: a string that ends in NUL.
    match unsafe { c::sqlite3_complete(sql.as_ptr()) } {
        c::SQLITE_NOMEM => None,
        n => Some(n != 0),
    }
}

/// A database.
pub struct Db {
    handle: NonNull<c::sqlite3>,
    /// Whether several threads may use it.
    shared: bool,
}
// SAFETY: the invariants.
unsafe impl Send for Db {}
// SAFETY: the invariants.
unsafe impl Sync for Db {}

impl Drop for Db {
    fn drop(&mut self) {
        let db = Sent(self.handle);
        // SAFETY: nobody else has the handle.
        ending(|| unsafe {
            sqlite3_close_v2(db.get().as_ptr());
        });
    }
}

/// A mutex of the library that this thread holds, or null.
struct Guard(*mut c::sqlite3_mutex);

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: `guard_shared` has taken it on this thread.
            unsafe { c::sqlite3_mutex_leave(self.0) }
        }
    }
}

/// What a number given to the library stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A function of each row.
    Scalar,
    /// An aggregate.
    Aggregate,
    /// An aggregate over windows.
    Window,
}

impl Db {
    fn raw(&self) -> *mut c::sqlite3 {
        self.handle.as_ptr()
    }

    /// The mutex, held while this lives. The interpreter's lock is given up while another thread has it.
    #[inline]
    fn guard(&self) -> Guard {
        if self.shared {
            self.guard_shared()
        } else {
            Guard(ptr::null_mut())
        }
    }

    fn guard_shared(&self) -> Guard {
        // SAFETY: an open handle has a mutex, which a thread may take several times.
        unsafe {
            let mutex = c::sqlite3_db_mutex(self.raw());
            if c::sqlite3_mutex_try(mutex) != c::SQLITE_OK {
                let sent = Sent(mutex);
                match try_current() {
                    Some(vm) => vm.allow_threads(|| c::sqlite3_mutex_enter(sent.get())),
                    None => c::sqlite3_mutex_enter(mutex),
                }
            }
            Guard(mutex)
        }
    }

    /// Opens a database.
    pub fn open(
        vm: &Vm,
        path: &CStr,
        uri: bool,
        timeout: i32,
        shared: bool,
    ) -> Result<Arc<Self>, Fault> {
        static START: Once = Once::new();
        let flags = c::SQLITE_OPEN_READWRITE
            | c::SQLITE_OPEN_CREATE
            | if uri { c::SQLITE_OPEN_URI } else { 0 };
        let (code, db) = vm.allow_threads(|| {
            let mut db = ptr::null_mut();
            // SAFETY: the library is not in use yet when it is configured; the strings end in NUL.
            unsafe {
                START.call_once(|| {
                    c::sqlite3_config(c::SQLITE_CONFIG_URI, 0 as c_int);
                    c::sqlite3_config(c::SQLITE_CONFIG_MALLOC, &raw const MEMORY.0);
                });
                let code = c::sqlite3_open_v2(path.as_ptr(), &mut db, flags, ptr::null());
                (code, Sent(db))
            }
        });
        let Some(db) = NonNull::new(db.get()).map(|handle| Self { handle, shared }) else {
            return Err(Fault {
                code: c::SQLITE_NOMEM,
                extended: c::SQLITE_NOMEM,
                message: describe(c::SQLITE_NOMEM),
            });
        };
        if code != c::SQLITE_OK {
            return Err(db.fault());
        }
        // The library is built to check foreign keys and to load extensions by default, which CPython's is not.
        let _ = db.config(c::SQLITE_DBCONFIG_ENABLE_FKEY, Some(false));
        db.enable_load_extension(false);
        // SAFETY: an open handle.
        unsafe { c::sqlite3_busy_timeout(db.raw(), timeout) };
        Ok(Arc::new(db))
    }

    /// The last error.
    pub fn fault(&self) -> Fault {
        // The mutex keeps the message in place while it is copied.
        let _guard = self.guard();
        // SAFETY: an open handle.
        unsafe {
            Fault {
                code: c::sqlite3_errcode(self.raw()),
                extended: c::sqlite3_extended_errcode(self.raw()),
                message: text(c::sqlite3_errmsg(self.raw())).unwrap_or_default(),
            }
        }
    }

    /// Compiles the first statement of some text: the statement (`None` for nothing but space), and where the rest
    /// starts.
    pub fn prepare(
        self: &Arc<Self>,
        vm: &Vm,
        host: &Value,
        sql: &CStr,
    ) -> Result<(Option<Stmt>, usize), i32> {
        let len = c_int::try_from(sql.count_bytes()).unwrap_or(c_int::MAX - 1) + 1;
        let db = Sent(self.raw());
        let (code, st, rest) = calling(vm, host, || {
            let (mut st, mut rest) = (ptr::null_mut(), ptr::null());
            // SAFETY: an open handle; the length counts the NUL.
            let code =
                unsafe { c::sqlite3_prepare_v2(db.get(), sql.as_ptr(), len, &mut st, &mut rest) };
            (code, Sent(st), rest.addr())
        });
        if code != c::SQLITE_OK {
            return Err(code);
        }
        let rest = rest
            .saturating_sub(sql.as_ptr().addr())
            .min(sql.count_bytes());
        Ok((
            NonNull::new(st.get()).map(|st| Stmt {
                st,
                db: self.clone(),
            }),
            rest,
        ))
    }

    /// Whether no transaction is open.
    pub fn autocommit(&self) -> bool {
        // SAFETY: an open handle, here and below.
        unsafe { c::sqlite3_get_autocommit(self.raw()) != 0 }
    }

    /// Rows changed by the last statement.
    pub fn changes(&self) -> i64 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_changes64(self.raw()) }
    }

    /// Rows changed so far.
    pub fn total_changes(&self) -> i64 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_total_changes64(self.raw()) }
    }

    /// The row that was inserted last.
    pub fn last_insert_rowid(&self) -> i64 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_last_insert_rowid(self.raw()) }
    }

    /// Ends what is going on.
    pub fn interrupt(&self) {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_interrupt(self.raw()) }
    }

    /// Sets a limit (negative: only looks) and gives the one before; negative if there is no such limit.
    pub fn limit(&self, category: i32, limit: i32) -> i32 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_limit(self.raw(), category, limit) }
    }

    /// Sets a switch (`None`: only looks) and gives its state. The switch must be one that takes these arguments.
    pub fn config(&self, op: i32, on: Option<bool>) -> Result<bool, i32> {
        let _guard = self.guard();
        let mut state: c_int = 0;
        // SAFETY: all switches from 1002 to 1017 take a number and the address of one.
        let code = match op {
            1002..=1017 => unsafe {
                c::sqlite3_db_config(self.raw(), op, on.map_or(-1, c_int::from), &raw mut state)
            },
            _ => c::SQLITE_ERROR,
        };
        if code == c::SQLITE_OK {
            Ok(state != 0)
        } else {
            Err(code)
        }
    }

    /// Sets or takes away a function. `key` is what callbacks will tell.
    pub fn set_function(
        &self,
        vm: &Vm,
        host: &Value,
        name: &CStr,
        n: i32,
        role: Role,
        flags: i32,
        key: Option<usize>,
    ) -> i32 {
        let db = Sent(self.raw());
        let data = Sent(ptr::without_provenance_mut::<c_void>(key.unwrap_or(0)));
        let on = key.is_some();
        let flags = c::SQLITE_UTF8 | flags;
        let destroy = None;
        // SAFETY: an open handle; the callbacks are those of the role, their data is a number.
        calling(vm, host, || unsafe {
            let (db, data) = (db.get(), data.get());
            let step: StepFn = if role == Role::Scalar { scalar } else { step };
            let step = on.then_some(step);
            let last: FinalFn = finish;
            let last = on.then_some(last);
            match role {
                Role::Scalar => c::sqlite3_create_function_v2(
                    db,
                    name.as_ptr(),
                    n,
                    flags,
                    data,
                    step,
                    None,
                    None,
                    destroy,
                ),
                Role::Aggregate => c::sqlite3_create_function_v2(
                    db,
                    name.as_ptr(),
                    n,
                    flags,
                    data,
                    None,
                    step,
                    last,
                    destroy,
                ),
                Role::Window => {
                    let value: FinalFn = value;
                    let inverse: StepFn = inverse;
                    let (value, inverse) = (on.then_some(value), on.then_some(inverse));
                    let name = name.as_ptr();
                    c::sqlite3_create_window_function(
                        db, name, n, flags, data, step, last, value, inverse, destroy,
                    )
                }
            }
        })
    }

    /// Sets or takes away a collation.
    pub fn set_collation(&self, vm: &Vm, host: &Value, name: &CStr, key: Option<usize>) -> i32 {
        let db = Sent(self.raw());
        let data = Sent(ptr::without_provenance_mut::<c_void>(key.unwrap_or(0)));
        let on = key.is_some();
        // SAFETY: as above.
        calling(vm, host, || unsafe {
            let f: CompareFn = collate;
            c::sqlite3_create_collation_v2(
                db.get(),
                name.as_ptr(),
                c::SQLITE_UTF8,
                data.get(),
                on.then_some(f),
                None,
            )
        })
    }

    /// Sets or takes away the authorizer.
    pub fn set_authorizer(&self, vm: &Vm, host: &Value, on: bool) -> i32 {
        let db = Sent(self.raw());
        // SAFETY: as above.
        calling(vm, host, || unsafe {
            let f: AuthFn = authorize;
            c::sqlite3_set_authorizer(db.get(), on.then_some(f), ptr::null_mut())
        })
    }

    /// Sets or takes away the progress handler, to be called every `n` instructions.
    pub fn set_progress(&self, vm: &Vm, host: &Value, n: Option<i32>) {
        let db = Sent(self.raw());
        // SAFETY: as above.
        calling(vm, host, || unsafe {
            let f: ProgressFn = progress;
            c::sqlite3_progress_handler(db.get(), n.unwrap_or(0), n.map(|_| f), ptr::null_mut());
        });
    }

    /// Sets or takes away the callback for statements.
    pub fn set_trace(&self, vm: &Vm, host: &Value, on: bool) -> i32 {
        let db = Sent(self.raw());
        // SAFETY: as above.
        calling(vm, host, || unsafe {
            let f: TraceFn = trace;
            let mask = if on {
                c::SQLITE_TRACE_STMT as c_uint
            } else {
                0
            };
            c::sqlite3_trace_v2(db.get(), mask, on.then_some(f), ptr::null_mut())
        })
    }

    /// The contents as they would be in a file.
    pub fn serialize(&self, vm: &Vm, host: &Value, name: &CStr) -> Option<Vec<u8>> {
        let db = Sent(self.raw());
        // SAFETY: the memory is ours until it is freed.
        calling(vm, host, || unsafe {
            let mut size = 0;
            let p = c::sqlite3_serialize(db.get(), name.as_ptr(), &mut size, 0);
            if p.is_null() {
                return None;
            }
            let data = std::slice::from_raw_parts(p, usize::try_from(size).unwrap_or(0)).to_vec();
            c::sqlite3_free(p.cast());
            Some(data)
        })
    }

    /// Replaces the contents; gives a code.
    pub fn deserialize(&self, vm: &Vm, host: &Value, name: &CStr, data: &[u8]) -> i32 {
        let db = Sent(self.raw());
        // SAFETY: the library gets memory of its own, which it frees in any case.
        unsafe {
            let p = c::sqlite3_malloc64(data.len() as u64).cast::<u8>();
            if p.is_null() {
                return c::SQLITE_NOMEM;
            }
            p.copy_from_nonoverlapping(data.as_ptr(), data.len());
            let (p, n) = (Sent(p), data.len() as i64);
            calling(vm, host, || {
                let flags = (c::SQLITE_DESERIALIZE_FREEONCLOSE | c::SQLITE_DESERIALIZE_RESIZEABLE)
                    as c_uint;
                c::sqlite3_deserialize(db.get(), name.as_ptr(), p.get(), n, n, flags)
            })
        }
    }

    /// Allows or forbids extensions.
    pub fn enable_load_extension(&self, on: bool) -> i32 {
        let _guard = self.guard();
        // SAFETY: an open handle.
        unsafe { c::sqlite3_enable_load_extension(self.raw(), on.into()) }
    }

    /// Loads an extension; `Err` is what went wrong.
    pub fn load_extension(
        &self,
        vm: &Vm,
        host: &Value,
        file: &CStr,
        entry: Option<&CStr>,
    ) -> Result<(), String> {
        let db = Sent(self.raw());
        calling(vm, host, || {
            let mut message = ptr::null_mut();
            // SAFETY: an open handle; the message is ours to free.
            unsafe {
                let code =
                    c::sqlite3_load_extension(db.get(), file.as_ptr(), c_name(entry), &mut message);
                let said = text(message);
                c::sqlite3_free(message.cast());
                if code == c::SQLITE_OK {
                    Ok(())
                } else {
                    Err(said.unwrap_or_else(|| describe(code)))
                }
            }
        })
    }

    /// Opens a blob of a row.
    pub fn blob(
        self: &Arc<Self>,
        vm: &Vm,
        host: &Value,
        at: [&CStr; 3],
        row: i64,
        write: bool,
    ) -> Result<Blob, i32> {
        let db = Sent(self.raw());
        let (code, blob) = calling(vm, host, || {
            let mut blob = ptr::null_mut();
            let [name, table, column] = at.map(CStr::as_ptr);
            // SAFETY: an open handle, strings that end in NUL.
            let code = unsafe {
                c::sqlite3_blob_open(db.get(), name, table, column, row, write.into(), &mut blob)
            };
            (code, Sent(blob))
        });
        match NonNull::new(blob.get()) {
            Some(blob) if code == c::SQLITE_OK => Ok(Blob {
                handle: Mutex::new(Some(Sent(blob))),
                db: self.clone(),
            }),
            _ => Err(code),
        }
    }
}

/// What stands in a column, or what a function is given.
pub enum Datum<'a> {
    /// NULL
    Null,
    /// INTEGER
    Int(i64),
    /// REAL
    Float(f64),
    /// TEXT, UTF-8 as far as the database is sane.
    Text(&'a [u8]),
    /// BLOB
    Blob(&'a [u8]),
}

/// The address of bytes, which is not null (that would be NULL).
fn filled(b: &[u8]) -> *const u8 {
    if b.is_empty() {
        c"".as_ptr().cast()
    } else {
        b.as_ptr()
    }
}

/// Text for the library.
pub fn c_string(s: &[u8]) -> Option<CString> {
    CString::new(s).ok()
}
