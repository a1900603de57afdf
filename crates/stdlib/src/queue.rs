//! `_queue`: a queue that threads wait at.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

use taipan_host::thread::{wait, wake};
use taipan_macros::{Trace, class, module};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{exceptions as exc, generic_alias};
use taipan_runtime::vm::Vm;

use crate::timearg::{self, Round};
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[SimpleQueue::DEF];

module! {
    /// C implementation of the Python queue module.
    ///
    /// This module is an implementation detail, please do not use it directly.
    name = "_queue",
    types(SimpleQueue),
    exec = exec,
}

fn empty_class(vm: &Vm) -> R {
    vm.interp_static("_queue.Empty", |vm| {
        let class = new_exception(vm, "_queue", "Empty", &exc::EXCEPTION)?;
        let doc = taipan_runtime::types::str::from_str("Exception raised by Queue.get(block=0)/get_nowait().");
        vm.set_attr_str(&class, "__doc__", &doc)?;
        Ok(class)
    })
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("Empty", empty_class(vm)?);
    Ok(())
}

#[cold]
fn empty(vm: &Vm) -> Raised {
    match empty_class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, Vec::new()),
            None => vm.lookup_error("empty"),
        },
        Err(r) => r,
    }
}

/// The payload of SimpleQueue. Everything but the word is touched with the interpreter's lock held only.
#[derive(Trace)]
pub struct SimpleQueue {
    items: PyCell<VecDeque<Value>>,
    /// Changes with every item that comes while somebody waits.
    #[no_trace]
    arrivals: AtomicU32,
    waiting: Cell<usize>,
}

impl SimpleQueue {
    fn push(&self, item: Value) {
        self.items.borrow_mut().push_back(item);
        if self.waiting.get() > 0 {
            self.arrivals.fetch_add(1, Ordering::Release);
            wake(&self.arrivals, 1);
        }
    }

    fn pop(&self) -> Option<Value> {
        self.items.borrow_mut().pop_front()
    }

    /// Waits for an item until the monotonic clock reaches `deadline`.
    ///
    /// Raises what signal handlers raise meanwhile.
    fn pop_waiting(&self, vm: &Vm, deadline: Option<i64>) -> R<Option<Value>> {
        loop {
            if let Some(v) = self.pop() {
                return Ok(Some(v));
            }
            // Nothing can arrive before the lock is given up, so what has arrived by then is noticed.
            let (word, seen) = (&self.arrivals, self.arrivals.load(Ordering::Acquire));
            self.waiting.set(self.waiting.get() + 1);
            let r = vm.allow_threads(move || wait(word, seen, deadline));
            self.waiting.set(self.waiting.get() - 1);
            match r {
                Err(e) if e.name() == Some("ETIMEDOUT") => return Ok(self.pop()),
                Err(e) if e.name() == Some("EINTR") => vm.poll()?,
                _ => {}
            }
        }
    }
}

fn get(vm: &Vm, this: &Ref<SimpleQueue>, block: bool, timeout: &Value) -> R {
    if timeout.is_none()
        && let Some(v) = this.pop()
    {
        return Ok(v);
    }
    let mut deadline = None;
    if block && !timeout.is_none() {
        let n = timearg::nanoseconds(vm, timeout, Round::Ceiling).map_err(|r| {
            if !vm.raised_is(&exc::OVERFLOW_ERROR) {
                return r;
            }
            drop(vm.catch(r));
            vm.overflow_error("timeout value is too large")
        })?;
        if n < 0 {
            return Err(vm.value_error("'timeout' must be a non-negative number"));
        }
        deadline = Some(timearg::after(n));
    }
    // The object must not die while this thread waits.
    let queue = this.clone();
    let item = if block { queue.pop_waiting(vm, deadline)? } else { queue.pop() };
    item.ok_or_else(|| empty(vm))
}

/// Simple, unbounded, reentrant FIFO queue.
#[class(name = "SimpleQueue", module = "_queue", flags(BASETYPE, GC, HAS_WEAKREF), sig = "()")]
impl SimpleQueue {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let new = SimpleQueue {
            items: PyCell::new(VecDeque::new()),
            arrivals: AtomicU32::new(0),
            waiting: Cell::new(0),
        };
        let new = Ref::new_of(cls, new);
        if new.is_exact() && !args.all.is_empty() {
            return Err(vm.type_error("SimpleQueue() takes no arguments"));
        }
        Ok(new.into_value())
    }

    /// Put the item on the queue.
    ///
    /// The optional 'block' and 'timeout' arguments are ignored, as this method never blocks. They are provided for
    /// compatibility with the Queue class.
    #[method(sig = "(item, block=True, timeout=None)")]
    fn put(_vm: &Vm, this: &Ref<Self>, item: &Value, block: bool, timeout: &Value) {
        let _ = (block, timeout);
        this.push(item.clone());
    }

    /// Put an item into the queue without blocking.
    ///
    /// This is exactly equivalent to `put(item)` and is only provided for compatibility with the Queue class.
    #[method(sig = "(item)")]
    fn put_nowait(_vm: &Vm, this: &Ref<Self>, item: &Value) {
        this.push(item.clone());
    }

    /// Remove and return an item from the queue.
    ///
    /// If optional args 'block' is true and 'timeout' is None (the default), block if necessary until an item is
    /// available. If 'timeout' is a non-negative number, it blocks at most 'timeout' seconds and raises the Empty
    /// exception if no item was available within that time. Otherwise ('block' is false), return an item if one is
    /// immediately available, else raise the Empty exception ('timeout' is ignored in that case).
    #[method(sig = "(block=True, timeout=None)")]
    fn get(vm: &Vm, this: &Ref<Self>, block: bool, timeout: &Value) -> R {
        get(vm, this, block, timeout)
    }

    /// Remove and return an item from the queue without blocking.
    ///
    /// Only get an item if one is immediately available. Otherwise raise the Empty exception.
    #[method(sig = "()")]
    fn get_nowait(vm: &Vm, this: &Ref<Self>) -> R {
        get(vm, this, false, &Value::NONE)
    }

    /// Return True if the queue is empty, False otherwise (not reliable!).
    #[method(sig = "()")]
    fn empty(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.items.borrow().is_empty()
    }

    /// Return the approximate size of the queue (not reliable!).
    #[method(sig = "()")]
    fn qsize(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.items.borrow().len()
    }

    /// Returns size in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.ty().size.get() as usize + this.items.borrow().capacity() * size_of::<Value>()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }
}
