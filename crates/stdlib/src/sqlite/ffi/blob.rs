//! Blobs of a row.

use super::*;

/// A blob of a row, which several may hold and any of them may close.
pub struct Blob {
    pub(super) handle: Mutex<Option<Sent<NonNull<c::sqlite3_blob>>>>,
    pub(super) db: Arc<Db>,
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.close();
    }
}

impl Blob {
    fn with<T: Send>(
        &self,
        vm: &Vm,
        f: impl FnOnce(*mut c::sqlite3_blob) -> T + Send,
    ) -> Option<T> {
        vm.allow_threads(|| {
            let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
            handle.map(|h| f(h.get().as_ptr()))
        })
    }

    /// The database.
    pub fn db(&self) -> &Arc<Db> {
        &self.db
    }

    /// Closes it.
    pub fn close(&self) {
        ending(|| {
            let handle = self
                .handle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(h) = handle {
                // SAFETY: it was taken out, so nobody else has it.
                unsafe { c::sqlite3_blob_close(h.get().as_ptr()) };
            }
        });
    }

    /// The number of bytes; `None` if it is closed.
    pub fn len(&self, vm: &Vm) -> Option<i32> {
        // SAFETY: an open handle, which the mutex keeps so.
        self.with(vm, |h| unsafe { c::sqlite3_blob_bytes(h) })
    }

    /// Fills memory from a place on; `None` if it is closed, `Err` is a code.
    pub fn read(&self, vm: &Vm, at: i32, n: usize) -> Option<Result<Vec<u8>, i32>> {
        self.with(vm, |h| {
            let mut data = vec![0; n];
            let len = c_int::try_from(n).unwrap_or(c_int::MAX);
            // SAFETY: as above; the library checks the place.
            match unsafe { c::sqlite3_blob_read(h, data.as_mut_ptr().cast(), len, at) } {
                c::SQLITE_OK => Ok(data),
                code => Err(code),
            }
        })
    }

    /// Writes bytes from a place on; `None` if it is closed, `Err` is a code.
    pub fn write(&self, vm: &Vm, at: i32, data: &[u8]) -> Option<Result<(), i32>> {
        self.with(vm, |h| {
            let len = c_int::try_from(data.len()).unwrap_or(c_int::MAX);
            // SAFETY: as above.
            match unsafe { c::sqlite3_blob_write(h, data.as_ptr().cast(), len, at) } {
                c::SQLITE_OK => Ok(()),
                code => Err(code),
            }
        })
    }
}
