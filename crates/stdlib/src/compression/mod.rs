//! The compression modules: `zlib`, `_bz2`, `_lzma`, `_zstd`.

pub mod bz2;
mod feeder;
pub mod lzma;
mod output;
pub mod zlib;
pub mod zstd;

use taipan_runtime::vm::Vm;
use taipan_runtime::core::{PyCell, R};

use crate::thread::raw::RawLock;

/// Work on less than this many bytes is done without giving the interpreter's lock up.
const MUCH: usize = 4096;

/// Runs `f`, and lets other threads run meanwhile if the work is large.
#[inline]
fn unlocked<T: Send>(vm: &Vm, size: usize, f: impl FnOnce() -> T + Send) -> T {
    if size < MUCH { f() } else { vm.allow_threads(f) }
}

/// Something that one thread uses at a time, perhaps without the interpreter's lock.
struct Guarded<T> {
    lock: RawLock,
    state: PyCell<T>,
}

impl<T> Guarded<T> {
    /// Nobody uses it yet.
    fn new(state: T) -> Self {
        Self { lock: RawLock::new(), state: PyCell::new(state) }
    }

    /// Runs `f`, which runs no Python code, as soon as no other thread uses the state.
    ///
    /// Raises what `f` raises, and what signal handlers raise before.
    fn with<U>(&self, vm: &Vm, f: impl FnOnce(&mut T) -> R<U>) -> R<U> {
        struct Release<'a>(&'a RawLock);
        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.release();
            }
        }
        self.lock.acquire(vm, None)?;
        let _release = Release(&self.lock);
        f(&mut self.state.borrow_mut())
    }
}
