//! Statements.

use super::*;

/// A statement.
pub struct Stmt {
    pub(super) st: NonNull<c::sqlite3_stmt>,
    pub(super) db: Arc<Db>,
}
// SAFETY: the invariants.
unsafe impl Send for Stmt {}

impl Drop for Stmt {
    fn drop(&mut self) {
        let st = Sent(self.st);
        // SAFETY: nobody else has the handle.
        ending(|| unsafe {
            c::sqlite3_finalize(st.get().as_ptr());
        });
    }
}

impl Stmt {
    fn raw(&self) -> *mut c::sqlite3_stmt {
        self.st.as_ptr()
    }

    /// The database.
    pub fn db(&self) -> &Arc<Db> {
        &self.db
    }

    /// Runs to the next row; gives a code.
    pub fn step(&mut self, vm: &Vm, host: &Value) -> i32 {
        let st = Sent(self.st);
        // SAFETY: the statement is ours alone.
        calling(vm, host, || unsafe { c::sqlite3_step(st.get().as_ptr()) })
    }

    /// Back to the start; gives the code of the last step.
    pub fn reset(&mut self, vm: &Vm, host: &Value) -> i32 {
        let st = Sent(self.st);
        // SAFETY: as above.
        calling(vm, host, || unsafe { c::sqlite3_reset(st.get().as_ptr()) })
    }

    /// Ends it; gives the code of the last step.
    pub fn finalize(self, vm: &Vm, host: &Value) -> i32 {
        let this = std::mem::ManuallyDrop::new(self);
        let st = Sent(this.st);
        // SAFETY: the destructor does not run; the database is taken out once.
        unsafe {
            let db = ptr::read(&this.db);
            let code = calling(vm, host, || c::sqlite3_finalize(st.get().as_ptr()));
            drop(db);
            code
        }
    }

    /// Whether it is between its first row and its end.
    pub fn busy(&self) -> bool {
        // SAFETY: a live statement, here and below.
        unsafe { c::sqlite3_stmt_busy(self.raw()) != 0 }
    }

    /// Whether it changes nothing.
    pub fn readonly(&self) -> bool {
        // SAFETY: a statement that is ours.
        unsafe { c::sqlite3_stmt_readonly(self.raw()) != 0 }
    }

    /// How many parameters it has.
    pub fn parameters(&self) -> i32 {
        // SAFETY: a statement that is ours.
        unsafe { c::sqlite3_bind_parameter_count(self.raw()) }
    }

    /// The name of a parameter, counted from 1, with what it starts with.
    pub fn parameter_name(&self, i: i32) -> Option<&str> {
        // SAFETY: the name lives as long as the statement.
        unsafe {
            let p = c::sqlite3_bind_parameter_name(self.raw(), i);
            if p.is_null() {
                None
            } else {
                Some(CStr::from_ptr(p).to_str().unwrap_or("?"))
            }
        }
    }

    /// Binds a parameter; gives a code. Text and blobs are copied.
    pub fn bind(&mut self, i: i32, v: Datum<'_>) -> i32 {
        let copied = c::SQLITE_TRANSIENT();
        let _guard = self.db.guard();
        // SAFETY: the memory is copied before the call returns.
        unsafe {
            match v {
                Datum::Null => c::sqlite3_bind_null(self.raw(), i),
                Datum::Int(n) => c::sqlite3_bind_int64(self.raw(), i, n),
                Datum::Float(x) => c::sqlite3_bind_double(self.raw(), i, x),
                Datum::Text(s) => {
                    let utf8 = c::SQLITE_UTF8 as u8;
                    c::sqlite3_bind_text64(
                        self.raw(),
                        i,
                        filled(s).cast(),
                        s.len() as u64,
                        copied,
                        utf8,
                    )
                }
                Datum::Blob(b) => {
                    c::sqlite3_bind_blob64(self.raw(), i, filled(b).cast(), b.len() as u64, copied)
                }
            }
        }
    }

    /// How many columns its rows have.
    pub fn columns(&self) -> i32 {
        // SAFETY: a statement that is ours.
        unsafe { c::sqlite3_column_count(self.raw()) }
    }

    /// How many columns the row at hand has: 0 if there is none.
    pub fn row(&self) -> i32 {
        // SAFETY: a statement that is ours.
        unsafe { c::sqlite3_data_count(self.raw()) }
    }

    /// The name of a column.
    pub fn column_name(&mut self, i: i32) -> Option<String> {
        let _guard = self.db.guard();
        // SAFETY: a statement that is ours.
        text(unsafe { c::sqlite3_column_name(self.raw(), i) })
    }

    /// The type of a column as the table declares it.
    pub fn column_type(&mut self, i: i32) -> Option<String> {
        let _guard = self.db.guard();
        // SAFETY: a statement that is ours.
        text(unsafe { c::sqlite3_column_decltype(self.raw(), i) })
    }

    /// What stands in a column.
    #[inline]
    pub fn column(&mut self, i: i32) -> Datum<'_> {
        let st = self.raw();
        let _guard = self.db.guard();
        // SAFETY: the memory stays in place until the statement is used again, for which the borrow has to end.
        unsafe {
            match c::sqlite3_column_type(st, i) {
                c::SQLITE_INTEGER => Datum::Int(c::sqlite3_column_int64(st, i)),
                c::SQLITE_FLOAT => Datum::Float(c::sqlite3_column_double(st, i)),
                c::SQLITE_TEXT => {
                    let p = c::sqlite3_column_text(st, i);
                    Datum::Text(bytes(p.cast(), c::sqlite3_column_bytes(st, i)))
                }
                c::SQLITE_NULL => Datum::Null,
                _ => {
                    let p = c::sqlite3_column_blob(st, i);
                    Datum::Blob(bytes(p, c::sqlite3_column_bytes(st, i)))
                }
            }
        }
    }

    /// What stands in a column as bytes; `None` for NULL and for empty blobs, which the library shows as that.
    pub fn column_bytes(&mut self, i: i32) -> Option<&[u8]> {
        let st = self.raw();
        let _guard = self.db.guard();
        // SAFETY: as above.
        unsafe {
            let p = c::sqlite3_column_blob(st, i);
            if p.is_null() {
                return None;
            }
            Some(bytes(p, c::sqlite3_column_bytes(st, i)))
        }
    }
}
