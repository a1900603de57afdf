//! Where the library calls us: functions, collations, the authorizer, progress and trace.

use super::*;

/// The call of a function by the library, for its result.
pub struct Context<'a>(&'a mut c::sqlite3_context);

impl Context<'_> {
    /// The number that the function was set with.
    pub fn key(&mut self) -> usize {
        // SAFETY: the context of the call that is running, here and below.
        unsafe { c::sqlite3_user_data(self.0).addr() }
    }

    /// A number of the aggregate's own, at first 0; `None` if memory runs out, or if nothing was added yet and
    /// `make` is false.
    pub fn number(&mut self, make: bool) -> Option<&Cell<u64>> {
        // SAFETY: the memory is zeroed, and lives until the aggregate ends.
        unsafe {
            let p = c::sqlite3_aggregate_context(self.0, if make { 8 } else { 0 });
            p.cast::<Cell<u64>>().as_ref()
        }
    }

    /// The result.
    pub fn result(&mut self, v: Datum<'_>) {
        let copied = c::SQLITE_TRANSIENT();
        // SAFETY: the memory is copied before the call returns.
        unsafe {
            match v {
                Datum::Null => c::sqlite3_result_null(self.0),
                Datum::Int(n) => c::sqlite3_result_int64(self.0, n),
                Datum::Float(x) => c::sqlite3_result_double(self.0, x),
                Datum::Text(s) => {
                    let utf8 = c::SQLITE_UTF8 as u8;
                    c::sqlite3_result_text64(
                        self.0,
                        filled(s).cast(),
                        s.len() as u64,
                        copied,
                        utf8,
                    );
                }
                Datum::Blob(b) => {
                    c::sqlite3_result_blob64(self.0, filled(b).cast(), b.len() as u64, copied)
                }
            }
        }
    }

    /// The result is an error.
    pub fn fail(&mut self, message: &str) {
        let n = c_int::try_from(message.len()).unwrap_or(c_int::MAX);
        // SAFETY: the library's call, with what its types promise.
        unsafe { c::sqlite3_result_error(self.0, message.as_ptr().cast(), n) }
    }

    /// There is not enough memory for the result.
    pub fn no_memory(&mut self) {
        // SAFETY: the library's call, with what its types promise.
        unsafe { c::sqlite3_result_error_nomem(self.0) }
    }

    /// The result is too large.
    pub fn too_big(&mut self) {
        // SAFETY: the library's call, with what its types promise.
        unsafe { c::sqlite3_result_error_toobig(self.0) }
    }
}

pub(super) type StepFn =
    unsafe extern "C" fn(*mut c::sqlite3_context, c_int, *mut *mut c::sqlite3_value);
pub(super) type FinalFn = unsafe extern "C" fn(*mut c::sqlite3_context);
pub(super) type CompareFn =
    unsafe extern "C" fn(*mut c_void, c_int, *const c_void, c_int, *const c_void) -> c_int;
pub(super) type AuthFn = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_char,
    *const c_char,
    *const c_char,
    *const c_char,
) -> c_int;
pub(super) type ProgressFn = unsafe extern "C" fn(*mut c_void) -> c_int;
pub(super) type TraceFn =
    unsafe extern "C" fn(c_uint, *mut c_void, *mut c_void, *mut c_void) -> c_int;

/// The arguments of a function.
///
/// # Safety
/// They are those of the call that is running.
unsafe fn arguments<'a>(n: c_int, argv: *mut *mut c::sqlite3_value) -> Vec<Datum<'a>> {
    let n = usize::try_from(n).unwrap_or(0);
    (0..n)
        // SAFETY: the library's call, with what its types promise.
        .map(|i| unsafe {
            let v = *argv.add(i);
            match c::sqlite3_value_type(v) {
                c::SQLITE_INTEGER => Datum::Int(c::sqlite3_value_int64(v)),
                c::SQLITE_FLOAT => Datum::Float(c::sqlite3_value_double(v)),
                c::SQLITE_TEXT => {
                    let p = c::sqlite3_value_text(v);
                    Datum::Text(bytes(p.cast(), c::sqlite3_value_bytes(v)))
                }
                c::SQLITE_NULL => Datum::Null,
                _ => {
                    let p = c::sqlite3_value_blob(v);
                    Datum::Blob(bytes(p, c::sqlite3_value_bytes(v)))
                }
            }
        })
        .collect()
}

// SAFETY of all that follow: the library calls them with what their types promise, on the thread that has called it.

pub(super) unsafe extern "C" fn scalar(
    ctx: *mut c::sqlite3_context,
    n: c_int,
    argv: *mut *mut c::sqlite3_value,
) {
    // SAFETY: the library's call, with what its types promise.
    called(|vm, host| unsafe {
        callbacks::scalar(vm, host, &mut Context(&mut *ctx), &arguments(n, argv))
    });
}

pub(super) unsafe extern "C" fn step(
    ctx: *mut c::sqlite3_context,
    n: c_int,
    argv: *mut *mut c::sqlite3_value,
) {
    // SAFETY: the library's call, with what its types promise.
    called(|vm, host| unsafe {
        callbacks::step(
            vm,
            host,
            &mut Context(&mut *ctx),
            "step",
            &arguments(n, argv),
        )
    });
}

pub(super) unsafe extern "C" fn inverse(
    ctx: *mut c::sqlite3_context,
    n: c_int,
    argv: *mut *mut c::sqlite3_value,
) {
    // SAFETY: the library's call, with what its types promise.
    called(|vm, host| unsafe {
        callbacks::step(
            vm,
            host,
            &mut Context(&mut *ctx),
            "inverse",
            &arguments(n, argv),
        )
    });
}

pub(super) unsafe extern "C" fn value(ctx: *mut c::sqlite3_context) {
    // SAFETY: the library's call, with what its types promise.
    called(|vm, host| unsafe { callbacks::value(vm, host, &mut Context(&mut *ctx)) });
}

pub(super) unsafe extern "C" fn finish(ctx: *mut c::sqlite3_context) {
    // SAFETY: the library's call, with what its types promise.
    called(|vm, host| unsafe { callbacks::finish(vm, host, &mut Context(&mut *ctx)) });
}

pub(super) unsafe extern "C" fn collate(
    key: *mut c_void,
    n: c_int,
    a: *const c_void,
    m: c_int,
    b: *const c_void,
) -> c_int {
    called(|vm, host| callbacks::collate(vm, host, key.addr(), bytes(a, n), bytes(b, m)))
        .unwrap_or(0)
}

pub(super) unsafe extern "C" fn authorize(
    _: *mut c_void,
    action: c_int,
    a: *const c_char,
    b: *const c_char,
    name: *const c_char,
    source: *const c_char,
) -> c_int {
    let told = [a, b, name, source].map(text);
    called(|vm, host| callbacks::authorize(vm, host, action, &told)).unwrap_or(c::SQLITE_DENY)
}

pub(super) unsafe extern "C" fn progress(_: *mut c_void) -> c_int {
    called(callbacks::progress).unwrap_or(false).into()
}

pub(super) unsafe extern "C" fn trace(
    event: c_uint,
    _: *mut c_void,
    st: *mut c_void,
    _: *mut c_void,
) -> c_int {
    if event != c::SQLITE_TRACE_STMT as c_uint {
        return 0;
    }
    // SAFETY: the library's call, with what its types promise.
    let (expanded, plain) = unsafe {
        let st = st.cast::<c::sqlite3_stmt>();
        let p = c::sqlite3_expanded_sql(st);
        let expanded = text(p);
        c::sqlite3_free(p.cast());
        (expanded, text(c::sqlite3_sql(st)).unwrap_or_default())
    };
    called(|vm, host| callbacks::trace(vm, host, expanded, plain));
    0
}
