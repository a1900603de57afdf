//! The register stack and the frame records of a thread.
//!
//! Both live in address ranges reserved once, so that pointers into them stay valid while they grow.
//! Invariants: registers at or above `top` hold no object (stale small ints and zeros only); every
//! register below that holds an object owns a count of it; `frames[..len]` are the running frames,
//! innermost last, each with `base + nregs <= ` the next one's limit.

use std::cell::Cell;

use crate::core::{Obj, Ref, Value};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;

/// Registers per thread: 64 Mi words reserved, touched as needed.
const REGISTERS: usize = 1 << 25;
/// Frame records per thread.
const FRAMES: usize = 1 << 20;

/// What happens when a frame ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FrameKind {
    /// The result goes to the caller's register.
    Call,
    /// An `__init__` called by a class: the result must be None, the instance goes to the caller's register.
    Init,
    /// Called from native code: the loop returns to it.
    Entry,
    /// A generator's frame resumed by the loop's own FOR_ITER or SEND.
    Generator,
}

/// One running Python frame.
pub struct Frame {
    /// The code; kept alive by the function or by `owner`.
    pub code: *const Obj<Code>,
    /// Register 0.
    pub base: *mut u64,
    /// The next instruction, while the frame is not the innermost one or native code runs.
    pub pc: *const u64,
    /// Global namespace.
    pub globals: *const Obj<Dict>,
    /// Builtins namespace.
    pub builtins: *const Obj<Dict>,
    /// The function, for frames made from one.
    pub func: Option<Ref<Function>>,
    /// The local namespace of module and class bodies (0 for functions).
    pub locals: Option<Value>,
    /// The frame object, once somebody has asked for it.
    pub object: Option<Value>,
    /// The generator that this frame belongs to.
    pub generator: Option<Value>,
    /// Owner of the code for frames without a function.
    pub code_owner: Option<Ref<Code>>,
    /// The caller's register for the result.
    pub ret: u16,
    /// What happens at the end.
    pub kind: FrameKind,
    /// First register of the caller's call run that must be released after the call.
    pub run: u16,
    /// Line last reported to a trace function.
    pub traced_line: u32,
}

/// The two stacks of a thread.
pub struct Stacks {
    registers: *mut u64,
    records: *mut Frame,
    /// Number of running frames.
    pub len: Cell<usize>,
    /// First register not in use.
    pub top: Cell<*mut u64>,
}

impl Stacks {
    /// Reserves the address ranges.
    pub fn new() -> Self {
        let registers = taipan_host::memory::reserve(REGISTERS * 8).cast::<u64>();
        let records = taipan_host::memory::reserve(FRAMES * size_of::<Frame>()).cast::<Frame>();
        Self { registers, records, len: Cell::new(0), top: Cell::new(registers) }
    }

    /// The frame record at a depth below `len` (or the place of the next one).
    #[inline(always)]
    pub fn record(&self, i: usize) -> *mut Frame {
        // SAFETY: `i <= len < FRAMES`, checked by `room`.
        unsafe { self.records.add(i) }
    }

    /// The innermost frame.
    #[inline(always)]
    pub fn current(&self) -> Option<&Frame> {
        let n = self.len.get();
        // SAFETY: records below `len` are initialised.
        if n == 0 { None } else { Some(unsafe { &*self.record(n - 1) }) }
    }

    /// Whether a frame with `nregs` registers from `base` on fits.
    #[inline(always)]
    pub fn room(&self, base: *mut u64, nregs: usize) -> bool {
        // SAFETY: only addresses are compared.
        self.len.get() + 2 < FRAMES && (base.addr() - self.registers.addr()) / 8 + nregs + 4096 < REGISTERS
    }
}

impl Default for Stacks {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Stacks {
    fn drop(&mut self) {
        taipan_host::memory::release(self.registers.cast(), REGISTERS * 8);
        taipan_host::memory::release(self.records.cast(), FRAMES * size_of::<Frame>());
    }
}

impl Frame {
    /// The code.
    #[inline(always)]
    pub fn code(&self) -> &Obj<Code> {
        // SAFETY: the function, generator or `code_owner` keeps it alive while the frame runs.
        unsafe { &*self.code }
    }

    /// The global namespace.
    #[inline(always)]
    pub fn globals(&self) -> &Obj<Dict> {
        // SAFETY: as `code`.
        unsafe { &*self.globals }
    }

    /// The index of the instruction that is running, as far as it was saved.
    pub fn lasti(&self) -> usize {
        // SAFETY: `pc` points into (or just behind) the code's instructions.
        let n = unsafe { self.pc.offset_from(self.code().instrs()) };
        (n - 1).max(0) as usize
    }

    /// The line that is running.
    pub fn line(&self) -> u32 {
        self.code().position(self.lasti()).line
    }
}
