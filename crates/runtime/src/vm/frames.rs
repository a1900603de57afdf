//! The register stack and the frame records of a thread.
//!
//! Both live in address ranges reserved once, so that pointers into them stay valid while they grow.
//! Invariants: registers at or above `top` hold no object (stale small ints and zeros only); every
//! register below that holds an object owns a count of it; `frames[..len]` are the running frames,
//! innermost last, each with `base + nregs <= ` the next one's limit.

use std::cell::Cell;

use crate::core::Obj;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;

/// Registers per thread: 32 Mi words reserved, touched as needed.
const REGISTERS: usize = 1 << 25;
/// Frame records per thread.
const FRAMES: usize = 1 << 20;

/// What happens when a frame ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FrameKind {
    /// The result goes to the caller's register `ret`; the callee in register `run` is released.
    Call,
    /// An `__init__` called by a class: the result must be None, the instance in `extra` goes to `ret`.
    Init,
    /// Called from native code: the loop returns to it.
    Entry,
    /// A generator resumed by native code (`next`, `send`, `throw`): the loop returns to it.
    GenEntry,
    /// A generator resumed by FOR_ITER or SEND of the caller: a yielded value goes to `ret`.
    GenInline,
}

/// One running Python frame. Fields that are words are zero or own a value.
#[repr(C)]
pub struct Frame {
    /// The code; kept alive by the function, the generator or `code_owner`.
    pub code: *const Obj<Code>,
    /// Register 0.
    pub base: *mut u64,
    /// The code's constants.
    pub consts: *const u64,
    /// The next instruction, as far as it was saved.
    pub pc: *const u64,
    /// Global namespace.
    pub globals: *const Obj<Dict>,
    /// Builtins namespace.
    pub builtins: *const Obj<Dict>,
    /// The function, borrowed; null for frames without one.
    pub func: *const Obj<Function>,
    /// Local namespace of module and class bodies (owned); for [`FrameKind::Init`] the new instance (owned).
    pub extra: u64,
    /// The frame object, once somebody has asked for it (owned).
    pub object: u64,
    /// The generator that this frame belongs to (borrowed).
    pub generator: u64,
    /// The caller's register for the result.
    pub ret: u16,
    /// The caller's register that holds the callee.
    pub run: u16,
    /// How many words `pc` lies behind the word of the call in progress, plus its own.
    pub skip: u8,
    /// What happens at the end.
    pub kind: FrameKind,
    /// Line last reported to a trace function.
    pub traced_line: Cell<u32>,
    /// Index of the instruction last seen by tracing.
    pub traced_at: Cell<u32>,
}

/// The two stacks of a thread.
pub struct Stacks {
    registers: *mut u64,
    records: *mut Frame,
    _ranges: [taipan_host::memory::Reserve; 2],
    /// Number of running frames.
    pub len: Cell<usize>,
    /// Number of frames that must not be exceeded (the recursion limit).
    pub limit: Cell<usize>,
    /// Registers from here on must not be used.
    pub end: *mut u64,
}

impl Stacks {
    /// Reserves the address ranges; None if there is no room.
    pub fn try_new() -> Option<Self> {
        let reserve = |bytes| taipan_host::memory::Reserve::new(bytes).ok();
        let (a, b) = (reserve(REGISTERS * 8)?, reserve(FRAMES * size_of::<Frame>())?);
        let (registers, records) = (a.address().as_ptr().cast::<u64>(), b.address().as_ptr().cast::<Frame>());
        // SAFETY: within the reserved range; a margin is left for frames entered while handling overflow.
        let end = unsafe { registers.add(REGISTERS - (1 << 17)) };
        Some(Self { registers, records, _ranges: [a, b], len: Cell::new(0), limit: Cell::new(1000), end })
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

    /// First register that no running frame uses.
    #[inline(always)]
    pub fn top(&self) -> *mut u64 {
        match self.current() {
            // SAFETY: the window of a running frame lies in the range.
            Some(f) => unsafe { f.base.add(f.code().nregs as usize) },
            None => self.registers,
        }
    }

    /// Whether a frame with `nregs` registers from `base` on fits.
    #[inline(always)]
    pub fn room(&self, base: *mut u64, nregs: usize) -> bool {
        self.len.get() < Self::MAX_FRAMES && base.wrapping_add(nregs) < self.end
    }

    /// The running frames, innermost first.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        // SAFETY: records below `len` are initialised.
        (0..self.len.get()).rev().map(|i| unsafe { &*self.record(i) })
    }

    /// Most frames that the reserved range can hold.
    pub const MAX_FRAMES: usize = FRAMES - 64;
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
        (n - 1 - isize::from(self.skip)).max(0) as usize
    }

    /// The line that is running.
    pub fn line(&self) -> u32 {
        self.code().position(self.lasti()).line
    }
}
