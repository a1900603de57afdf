//! Copies of databases.

use super::*;

/// A copy of a database that is being made.
pub struct Backup {
    handle: Option<Sent<NonNull<c::sqlite3_backup>>>,
    _dbs: [Arc<Db>; 2],
}

impl Drop for Backup {
    fn drop(&mut self) {
        if let Some(h) = self.handle.take() {
            // SAFETY: nobody else has the handle.
            ending(|| unsafe {
                c::sqlite3_backup_finish(h.get().as_ptr());
            });
        }
    }
}

impl Backup {
    /// Starts one; `None` if that can't be, which the target's last error explains.
    pub fn new(vm: &Vm, host: &Value, to: &Arc<Db>, from: &Arc<Db>, name: &CStr) -> Option<Self> {
        let (target, source) = (Sent(to.raw()), Sent(from.raw()));
        // SAFETY: open handles, which the result owns.
        let h = calling(vm, host, || unsafe {
            Sent(c::sqlite3_backup_init(
                target.get(),
                c"main".as_ptr(),
                source.get(),
                name.as_ptr(),
            ))
        });
        let handle = NonNull::new(h.get())?;
        Some(Self {
            handle: Some(Sent(handle)),
            _dbs: [to.clone(), from.clone()],
        })
    }

    fn raw(&self) -> *mut c::sqlite3_backup {
        self.handle.map_or(ptr::null_mut(), |h| h.get().as_ptr())
    }

    /// Copies pages; gives a code.
    pub fn step(&mut self, vm: &Vm, host: &Value, pages: i32) -> i32 {
        let h = Sent(self.raw());
        // SAFETY: an open handle, here and below.
        calling(vm, host, || unsafe {
            c::sqlite3_backup_step(h.get(), pages)
        })
    }

    /// Pages left.
    pub fn remaining(&self) -> i32 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_backup_remaining(self.raw()) }
    }

    /// Pages in all.
    pub fn pages(&self) -> i32 {
        // SAFETY: an open handle.
        unsafe { c::sqlite3_backup_pagecount(self.raw()) }
    }

    /// Ends it; gives a code.
    pub fn finish(mut self, vm: &Vm, host: &Value) -> i32 {
        let h = Sent(self.raw());
        self.handle = None;
        // SAFETY: the handle was taken out.
        calling(vm, host, || unsafe { c::sqlite3_backup_finish(h.get()) })
    }
}
