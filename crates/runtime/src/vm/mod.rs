//! The state of a thread and of an interpreter, and what can be done with objects.

mod attr;
mod audit;
mod call;
mod charge;
mod dealloc;
pub mod dump;
mod ending;
mod errors;
pub mod frames;
mod gc;
pub mod gil;
mod image;
mod import;
mod intern;
mod interp;
mod iterate;
mod names;
mod ops;
pub mod sites;
pub mod warn;
pub(crate) mod weak;
pub mod world;
mod state;
pub use self::state::read_file;

use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

use taipan_memory::{Header, Heap, TypeHead};

pub use self::attr::{existing_dict, instance_set, is_hidden, new_with_members, new_with_values, value_of_key, generic_getattr, generic_getattr_opt, generic_setattr, instance_dict};
pub(crate) use self::attr::{DICT_MADE, dict_snapshot, extra_word, hide, inline_offset_of, instance_get, made_dict, set_instance_dict, store_inline};
pub use self::charge::Charge;
pub use self::call::{gather, prepend};
pub use self::dealloc::{dealloc, dealloc_leaf, dealloc_plain, init_type_head};
pub use self::frames::{Frame, FrameKind};
pub use self::gc::gc_debug;
pub(crate) use self::image::{empty_str, extend_image};
pub use self::image::{empty_tuple, hash_bytes, hash_key_from_seed, image, single_char, single_char_value};
pub use self::intern::{intern, intern_value};
pub use self::interp::{Config, FrozenModule, Interp, new_interpreter};
pub use self::names::{Names, names};
use crate::core::{PyCell, Value};

thread_local! {
    static VM: Cell<*const Vm> = const { Cell::new(std::ptr::null()) };
    static HEAP: Cell<*const Heap> = const { Cell::new(std::ptr::null()) };
}

/// The state of one Python thread. Always passed as `&Vm`; everything in it is a cell.
/// Only `eval_breaker` may be touched without the interpreter's lock.
pub struct Vm {
    interp: *const Interp,
    gil: std::sync::Arc<gil::Gil>,
    /// The exception that is being raised.
    raised: PyCell<Option<Value>>,
    /// The exception that is being handled (`sys.exception()`), or `None`.
    pub handled: PyCell<Option<Value>>,
    /// The exception being raised keeps its traceback as it is in the innermost frame.
    pub(crate) reraising: Cell<bool>,
    /// What the loop ended with; `None` if it raised.
    pub(crate) loop_result: PyCell<Option<Value>>,
    /// The register stack and the frame records.
    pub stacks: frames::Stacks,
    /// Nesting of native calls into Python, for `RecursionError`.
    pub depth: Cell<usize>,
    /// Lowest address that native code may use before it must raise `RecursionError`, as long as no Python code
    /// is called.
    pub native_limit: Cell<usize>,
    /// Lowest address that native code may use at all.
    native_end: Cell<usize>,
    /// Set when something wants attention: signals, GIL requests, pending calls, collection, memory.
    pub eval_breaker: gil::EvalBreaker,
    /// Objects whose deallocation waits for the outer one to end.
    pub dealloc_depth: Cell<u32>,
    /// See `dealloc_depth`.
    pub dealloc_later: UnsafeCell<Vec<*const Header>>,
    /// Objects whose `repr` is running.
    pub repr_running: PyCell<Vec<u64>>,
    /// The trace function (`sys.settrace`).
    pub trace_fn: PyCell<Option<Value>>,
    /// The profile function (`sys.setprofile`).
    pub profile_fn: PyCell<Option<Value>>,
    /// Whether either is set and not running itself.
    pub tracing: Cell<bool>,
    /// While a trace function runs: the index of the frame that it is told about, and of what it is told.
    pub(crate) trace_event: Cell<Option<(usize, crate::interp::TraceEvent)>>,
    /// The current context (`contextvars`).
    pub context: PyCell<Option<Value>>,
    /// The event loop that runs in this thread, and the task that it runs (`asyncio`).
    pub running_loop: PyCell<Option<Value>>,
    /// See `running_loop`.
    pub running_task: PyCell<Option<Value>>,
    /// What the module `_asyncio` keeps for the interpreter, close at hand.
    pub asyncio: PyCell<Option<Value>>,
    /// The current context of the module `_decimal`, if it was asked for since context variables changed.
    pub decimal: PyCell<Option<Value>>,
    /// Hooks of asynchronous generators (`sys.set_asyncgen_hooks`): first iteration, finalizer.
    pub asyncgen_hooks: PyCell<(Option<Value>, Option<Value>)>,
    /// Origin tracking depth of coroutines.
    pub coroutine_origin_depth: Cell<u32>,
    /// A number that no other thread of the process ever had.
    pub id: u64,
    /// An identifier of the thread, as the system knows it.
    pub thread_id: Cell<u64>,
    /// Weak references to objects that keep something for this thread and are told when it ends.
    pub on_exit: PyCell<Vec<Value>>,
    /// The exception set by another thread (`PyThreadState_SetAsyncExc`).
    pub async_exc: PyCell<Option<Value>>,
    /// How many running generators were resumed while an exception was being handled.
    pub(crate) handled_outside: Cell<usize>,
    /// What the native iterator that ended last has returned, if it was not None.
    stop_value: PyCell<Option<Value>>,
}

/// Native stack for what runs without Python code in between (comparing nested containers, pickling them):
/// such nesting is data, and must not use up what nested calls of Python code need.
const NATIVE_RUN: usize = 24 << 20;

/// Bits of [`Vm::eval_breaker`].
pub mod breaker {
    /// A signal has arrived (main thread).
    pub const SIGNAL: u32 = 1;
    /// Another thread wants the GIL.
    pub const GIL: u32 = 2;
    /// A young collection is due.
    pub const GC: u32 = 4;
    /// Pending calls wait.
    pub const PENDING: u32 = 8;
    /// An exception set by another thread.
    pub const ASYNC_EXC: u32 = 16;
    /// The heap has crossed its limit.
    pub const MEMORY: u32 = 32;
    /// Tracing or profiling is on.
    pub const TRACE: u32 = 64;
}

impl Vm {
    /// A thread of an interpreter; None if the address space has no room for its stacks.
    pub fn new(interp: &Interp) -> Option<Box<Vm>> {
        frames::Stacks::try_new().map(|stacks| Self::with_stacks(interp, stacks))
    }

    fn with_stacks(interp: &Interp, stacks: frames::Stacks) -> Box<Vm> {
        let vm = Box::new(Vm {
            interp,
            gil: interp.gil.clone(),
            raised: PyCell::new(None),
            handled: PyCell::new(None),
            reraising: Cell::new(false),
            loop_result: PyCell::new(None),
            stacks,
            depth: Cell::new(0),
            native_limit: Cell::new(0),
            native_end: Cell::new(0),
            eval_breaker: gil::EvalBreaker::new(),
            dealloc_depth: Cell::new(0),
            dealloc_later: UnsafeCell::new(Vec::new()),
            repr_running: PyCell::new(Vec::new()),
            trace_fn: PyCell::new(None),
            profile_fn: PyCell::new(None),
            tracing: Cell::new(false),
            trace_event: Cell::new(None),
            context: PyCell::new(None),
            running_loop: PyCell::new(None),
            running_task: PyCell::new(None),
            asyncio: PyCell::new(None),
            decimal: PyCell::new(None),
            asyncgen_hooks: PyCell::new((None, None)),
            coroutine_origin_depth: Cell::new(0),
            id: next_thread(),
            thread_id: Cell::new(0),
            on_exit: PyCell::new(Vec::new()),
            async_exc: PyCell::new(None),
            handled_outside: Cell::new(0),
            stop_value: PyCell::new(None),
        });
        vm.stacks.limit.set(interp.recursion_limit.get().min(frames::Stacks::MAX_FRAMES));
        vm
    }

    /// The interpreter.
    #[inline(always)]
    pub fn interp(&self) -> &Interp {
        // SAFETY: an interpreter outlives its threads.
        unsafe { &*self.interp }
    }

    /// Makes this the running thread: allocations go to its interpreter's heap. Call with the GIL held.
    pub fn attach(&self) {
        VM.set(self);
        let heap = &self.interp().heap;
        HEAP.set(&raw const **heap);
        heap.account().set_notice(over_limit);
        heap.account().open();
    }

    /// Ends [`Vm::attach`].
    pub fn detach(&self) {
        VM.set(std::ptr::null());
        HEAP.set(std::ptr::null());
        taipan_memory::Account::close();
    }

    /// Records how much native stack this thread may use, counted from here.
    pub fn set_native_stack(&self, bytes: usize) {
        let here = 0u8;
        let top = (&raw const here).addr();
        self.native_end.set(top.saturating_sub(bytes));
        self.native_limit.set(top.saturating_sub(bytes.min(NATIVE_RUN)));
    }

    /// This thread's code runs on the native stack of another state's, which waits for it meanwhile.
    pub fn share_native_stack(&self, other: &Vm) {
        self.native_end.set(other.native_end.get());
        self.native_limit.set(other.native_limit.get());
    }

    /// Gives native code that the loop calls from here on its share of the stack; gives what
    /// `native_limit` must be again afterwards.
    #[inline(always)]
    pub(crate) fn begin_native_run(&self) -> usize {
        let here = 0u8;
        let limit = (&raw const here).addr().saturating_sub(NATIVE_RUN);
        self.native_limit.replace(limit.max(self.native_end.get()))
    }

    /// Raises RecursionError when little native stack is left.
    #[inline(always)]
    pub fn check_native_stack(&self) -> crate::core::R<()> {
        let here = 0u8;
        if (&raw const here).addr() < self.native_limit.get() {
            return Err(self.native_overflow());
        }
        Ok(())
    }

    #[cold]
    fn native_overflow(&self) -> crate::core::Raised {
        // A little room for the handler of this very error.
        self.recursion_error("maximum recursion depth exceeded")
    }

    /// Sets bits of the eval breaker.
    #[inline(always)]
    pub fn break_eval(&self, bits: u32) {
        self.eval_breaker.insert(bits);
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        taipan_host::signal::forget_notice(self.eval_breaker.word());
        // What still dies after this thread's state finds no thread, and is left to the heap's end.
        self.clear();
        if std::ptr::eq(VM.get(), self) {
            VM.set(std::ptr::null());
        }
        taipan_memory::cache::flush();
    }
}

/// The running thread, if Python runs on this one.
#[inline(always)]
pub fn try_current() -> Option<&'static Vm> {
    let vm = VM.get();
    if vm.is_null() {
        None
    } else {
        // SAFETY: set by `attach`, cleared by `detach`; used only while attached.
        Some(unsafe { &*vm })
    }
}

/// The running thread.
///
/// # Panics
/// If no Python runs on this thread, which is an error of the caller.
#[inline(always)]
pub fn current() -> &'static Vm {
    try_current().expect("a Python thread is attached")
}

/// Changes where allocations of this thread go.
pub(crate) fn swap_heap(heap: *const Heap) -> *const Heap {
    HEAP.replace(heap)
}

/// Where allocations of this thread go while the image is built.
pub(crate) fn set_heap(heap: *const Heap) {
    HEAP.set(heap);
}

/// A block from the running interpreter's heap. Beyond the limit the request is still served (from what
/// the system has) and MemoryError is raised at the next eval-breaker point; large requests are
/// checked by their callers first.
///
/// # Safety
/// As [`Heap::alloc`].
#[inline(always)]
pub unsafe fn alloc(size: usize, ty: *const TypeHead, tracked: bool) -> NonNull<Header> {
    // SAFETY: `HEAP` points to the attached interpreter's heap.
    unsafe {
        let heap = &*HEAP.get();
        match heap.alloc(size, ty, tracked) {
            Some(h) => {
                if tracked && heap.young_due() {
                    gc_due();
                }
                h
            }
            None => alloc_over_limit(size, ty, tracked),
        }
    }
}

#[cold]
fn gc_due() {
    if let Some(vm) = try_current() {
        vm.break_eval(breaker::GC);
    }
}

#[cold]
unsafe fn alloc_over_limit(size: usize, ty: *const TypeHead, tracked: bool) -> NonNull<Header> {
    over_limit();
    // SAFETY: as `alloc`.
    unsafe {
        let heap = &*HEAP.get();
        heap.alloc_beyond(size, ty, tracked).unwrap_or_else(|| std::alloc::handle_alloc_error(std::alloc::Layout::new::<u64>()))
    }
}

/// Memory was taken beyond the limit: MemoryError follows at the next eval-breaker point.
pub(crate) fn over_limit() {
    if let Some(vm) = try_current() {
        vm.break_eval(breaker::MEMORY);
    }
}

impl Vm {
    /// Makes sure that a result of so many bytes can be had, before work on it starts.
    ///
    /// Raises MemoryError if the heap's limit or the system refuses.
    #[inline]
    pub fn check_room(&self, bytes: usize) -> crate::core::R<()> {
        if bytes < 1 << 20 { Ok(()) } else { self.check_much_room(bytes) }
    }

    #[cold]
    fn check_much_room(&self, bytes: usize) -> crate::core::R<()> {
        if !heap().account().has_room(bytes) || Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
            return Err(self.memory_error());
        }
        Ok(())
    }
}

/// The heap of the running interpreter.
#[inline(always)]
pub(crate) fn heap() -> &'static Heap {
    // SAFETY: as `alloc`.
    unsafe { &*HEAP.get() }
}

fn next_thread() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A number that was never given out before in this process, for versions of types and dict keys.
pub fn next_version() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    // After four billion versions caches just stop being valid for new ones; 0 means "no version".
    if n == 0 { NEXT.fetch_add(1, Ordering::Relaxed) } else { n }
}
