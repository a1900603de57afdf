//! A lock for a stream, which a thread holds while it waits for the system without the interpreter's lock.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::Vm;

/// The lock. All but `gate` is guarded by the interpreter's lock.
#[derive(Default)]
pub struct Lock {
    /// The thread that holds it, 0 for none.
    owner: Cell<u64>,
    waiting: Cell<u32>,
    /// Counts releases, for those who wait.
    gate: Mutex<u64>,
    released: Condvar,
}

/// The lock is held as long as this lives.
pub struct Held<'a>(&'a Lock);

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.owner.set(0);
        if self.0.waiting.get() > 0 {
            self.0.wake();
        }
    }
}

impl Lock {
    /// Whether nobody holds it.
    #[inline(always)]
    pub fn is_free(&self) -> bool {
        self.owner.get() == 0
    }

    /// Takes the lock, waiting if need be.
    ///
    /// Raises RuntimeError if this thread holds it already, as it does when a signal handler uses the stream that it
    /// has interrupted.
    #[inline]
    pub fn enter(&self, vm: &Vm, stream: &Value) -> R<Held<'_>> {
        if self.owner.get() != 0 {
            self.wait(vm, stream)?;
        }
        self.owner.set(vm.id);
        Ok(Held(self))
    }

    #[cold]
    fn wait(&self, vm: &Vm, stream: &Value) -> R<()> {
        while self.owner.get() != 0 {
            if self.owner.get() == vm.id {
                let shown = vm.repr_string(stream)?;
                return Err(vm.runtime_error(format!("reentrant call inside {shown}")));
            }
            let owner = self.owner.get();
            // After a fork, or at the end of the program, the owner may be gone.
            if !vm.interp().threads.all().iter().any(|t| t.id == owner) {
                return Ok(());
            }
            if vm.interp().finalizing.get() {
                let shown = vm.repr_string(stream)?;
                let text = "at interpreter shutdown, possibly due to daemon threads";
                return Err(vm.runtime_error(format!("could not acquire lock for {shown} {text}")));
            }
            self.waiting.set(self.waiting.get() + 1);
            let seen = *self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let (gate, released) = (&self.gate, &self.released);
            vm.allow_threads(|| {
                let count = gate.lock().unwrap_or_else(PoisonError::into_inner);
                // The time limit only serves the looks at the owner above.
                let limit = Duration::from_millis(200);
                drop(released.wait_timeout_while(count, limit, |count| *count == seen));
            });
            self.waiting.set(self.waiting.get() - 1);
        }
        Ok(())
    }

    #[cold]
    fn wake(&self) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.released.notify_all();
    }
}
