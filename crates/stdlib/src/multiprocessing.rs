//! `_multiprocessing`: semaphores that processes share.

use std::cell::Cell;
use std::ffi::CString;

use taipan_host::semaphore::{self as host, Semaphore};
use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Nullable, TypeDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

module! {
    /// Semaphores for multiprocessing.
    name = "_multiprocessing",
    functions(sem_unlink),
    types(SemLock),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[SemLock::DEF];

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    let flags = Ref::new(Dict::new());
    flags.set_str("HAVE_SEM_OPEN", 1);
    flags.set_str("HAVE_SEM_TIMEDWAIT", 1);
    m.set("flags", flags.into_value());
    Ok(())
}

#[cold]
fn failed(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}

fn c_name(vm: &Vm, name: &str) -> R<CString> {
    CString::new(name).map_err(|_| vm.value_error("embedded null character"))
}

/// Takes the name of a semaphore away.
#[function(sig = "(name, /)")]
fn sem_unlink(vm: &Vm, name: &str) -> R<()> {
    host::unlink(&c_name(vm, name)?).map_err(|e| failed(vm, e))
}

/// Kinds: a thread that has taken the first may take it again.
const RECURSIVE_MUTEX: i32 = 0;
const SEMAPHORE: i32 = 1;

/// The payload of SemLock.
#[derive(Trace)]
pub struct SemLock {
    #[no_trace]
    semaphore: Semaphore,
    kind: i32,
    most: i32,
    name: Option<String>,
    /// How often this process has taken it, less how often it has given it back.
    count: Cell<i32>,
    /// The thread that took it last.
    owner: Cell<u64>,
}

impl SemLock {
    fn around(semaphore: Semaphore, kind: i32, most: i32, name: Option<String>) -> Self {
        Self { semaphore, kind, most, name, count: Cell::new(0), owner: Cell::new(0) }
    }

    fn mine(&self, vm: &Vm) -> bool {
        self.count.get() > 0 && self.owner.get() == vm.thread_id.get()
    }

    fn taken(&self, vm: &Vm) {
        self.count.set(self.count.get().saturating_add(1));
        self.owner.set(vm.thread_id.get());
    }

    /// Takes it; false where that would last too long. `deadline` is a point of the real-time clock.
    fn take(&self, vm: &Vm, block: bool, deadline: Option<i64>) -> R<bool> {
        if self.kind == RECURSIVE_MUTEX && self.mine(vm) {
            self.count.set(self.count.get().saturating_add(1));
            return Ok(true);
        }
        loop {
            // Most are free: no other thread needs to run for that.
            let semaphore = &self.semaphore;
            let r = match semaphore.try_wait() {
                Err(e) if e.0 == libc::EAGAIN && block => vm.allow_threads(|| match deadline {
                    Some(at) => semaphore.wait_until(at),
                    None => semaphore.wait(),
                }),
                r => r,
            };
            match r {
                Ok(()) => {
                    self.taken(vm);
                    return Ok(true);
                }
                Err(e) if e.0 == libc::EINTR => vm.poll()?,
                Err(e) if e.0 == libc::EAGAIN || e.0 == libc::ETIMEDOUT => return Ok(false),
                Err(e) => return Err(failed(vm, e)),
            }
        }
    }
}

/// A time-out in seconds as a point of the real-time clock.
fn deadline(vm: &Vm, v: &Value) -> R<i64> {
    let seconds = float::to_f64(vm, v)?.max(0.0);
    let now = taipan_host::clock::real();
    // What is too long is for ever.
    Ok(now.saturating_add((seconds * 1e9 + 0.5) as i64))
}

/// Semaphore/Mutex type
#[class(name = "SemLock", module = "_multiprocessing", flags(BASETYPE), sig = "(kind, value, maxvalue, name, unlink)")]
impl SemLock {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, kind: i32, value: i32, maxvalue: i32, name: &str, unlink: bool) -> R {
        if kind != RECURSIVE_MUTEX && kind != SEMAPHORE {
            return Err(vm.value_error("unrecognized kind"));
        }
        let path = c_name(vm, name)?;
        let semaphore = Semaphore::create(&path, 0o600, value as u32).map_err(|e| failed(vm, e))?;
        if unlink {
            host::unlink(&path).map_err(|e| failed(vm, e))?;
        }
        // A name that is gone is none.
        let name = (!unlink).then(|| name.to_owned());
        Ok(Ref::new_of(cls, Self::around(semaphore, kind, maxvalue, name)).into_value())
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        ty.dict.set_str("SEM_VALUE_MAX", i32::MAX);
    }

    #[classmethod(sig = "(handle, kind, maxvalue, name, /)")]
    fn _rebuild(vm: &Vm, cls: &TypeObject, handle: &Value, kind: i32, maxvalue: i32, name: Nullable<&str>) -> R {
        int::index(vm, handle)?;
        let Some(name) = name.0 else {
            // A number from somewhere can't be trusted to be the place of a semaphore.
            return Err(vm.value_error("a semaphore without a name can't be rebuilt"));
        };
        let semaphore = Semaphore::open(&c_name(vm, name)?).map_err(|e| failed(vm, e))?;
        Ok(Ref::new_of(cls, Self::around(semaphore, kind, maxvalue, Some(name.to_owned()))).into_value())
    }

    /// Acquire the semaphore/lock.
    #[method(sig = "(block=True, timeout=None)")]
    fn acquire(vm: &Vm, this: &Ref<Self>, block: bool, timeout: &Value) -> R<bool> {
        let deadline = if timeout.is_none() { None } else { Some(deadline(vm, timeout)?) };
        this.take(vm, block, deadline)
    }

    /// Release the semaphore/lock.
    #[method(sig = "()")]
    fn release(vm: &Vm, this: &Ref<Self>) -> R<()> {
        if this.kind == RECURSIVE_MUTEX {
            if !this.mine(vm) {
                return Err(vm.assertion_error("attempt to release recursive lock not owned by thread"));
            }
            if this.count.get() > 1 {
                this.count.set(this.count.get() - 1);
                return Ok(());
            }
        } else if this.semaphore.value().map_err(|e| failed(vm, e))? >= this.most {
            return Err(vm.value_error("semaphore or lock released too many times"));
        }
        this.semaphore.post().map_err(|e| failed(vm, e))?;
        this.count.set(this.count.get().saturating_sub(1));
        Ok(())
    }

    /// Num of `acquire()`s minus num of `release()`s for this process.
    #[method(sig = "()")]
    fn _count(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.count.get()
    }

    /// Whether the lock is owned by this thread.
    #[method(sig = "()")]
    fn _is_mine(vm: &Vm, this: &Ref<Self>) -> bool {
        this.mine(vm)
    }

    /// Get the value of the semaphore.
    #[method(sig = "()")]
    fn _get_value(vm: &Vm, this: &Ref<Self>) -> R<i32> {
        this.semaphore.value().map(|n| n.max(0)).map_err(|e| failed(vm, e))
    }

    /// Return whether semaphore has value zero.
    #[method(sig = "()")]
    fn _is_zero(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.semaphore.value().map(|n| n == 0).map_err(|e| failed(vm, e))
    }

    /// Rezero the net acquisition count after fork().
    #[method(sig = "()")]
    fn _after_fork(_vm: &Vm, this: &Ref<Self>) {
        this.count.set(0);
    }

    /// Enter the semaphore/lock.
    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.take(vm, true, None)
    }

    /// Exit the semaphore/lock.
    #[method(sig = "(exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(vm: &Vm, this: &Ref<Self>, _exc_type: &Value, _exc_value: &Value, _exc_tb: &Value) -> R {
        vm.call_method(this.value(), "release", &[])
    }

    #[getter(member)]
    fn handle(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.semaphore.address()
    }

    #[getter(member)]
    fn kind(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.kind
    }

    #[getter(member)]
    fn maxvalue(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.most
    }

    #[getter(member)]
    fn name(_vm: &Vm, this: &Ref<Self>) -> Option<String> {
        this.name.clone()
    }
}
