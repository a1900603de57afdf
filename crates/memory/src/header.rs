//! The 16 bytes before every object, and the counting.

use std::cell::Cell;

use crate::Tracer;

/// Bits of [`Header::flags`].
pub mod flags {
    /// The block is in use.
    pub const LIVE: u32 = 1;
    /// The collector looks at this object.
    pub const TRACKED: u32 = 2;
    /// The block stands in a generation's log.
    pub const LOGGED: u32 = 4;
    /// The finalizer has run (PEP 442).
    pub const FINALIZED: u32 = 8;
    /// There are weak references to this object, in the interpreter's side table.
    pub const WEAKREFS: u32 = 16;
    /// Candidate of the running collection: the type field holds the candidate's index.
    pub const COLLECTING: u32 = 32;
    /// Generation, two bits: 0 young, 1, 2, 3 = frozen.
    pub const GEN_SHIFT: u32 = 6;
    /// Mask of the generation bits.
    pub const GEN_MASK: u32 = 3 << GEN_SHIFT;
    /// The block is larger than the pools serve.
    pub const LARGE: u32 = 256;
    /// Being deallocated: the count is not to be looked at.
    pub const DYING: u32 = 512;
    /// Made while the interpreter started, and most likely to stay to its end: usual collections pass over it.
    pub const SETTLED: u32 = 1024;
    /// First bit free for the runtime's own use.
    pub const USER_SHIFT: u32 = 16;
}

/// The first thing in every type object: what the heap must know about the type's instances.
#[repr(C)]
pub struct TypeHead {
    /// A type is an object.
    pub header: Header,
    /// Shows every reference that the instance owns to the tracer.
    pub trace: Cell<unsafe fn(*const Header, *const TypeHead, &mut Tracer<'_>)>,
    /// Gives up references that can be part of a cycle, keeping the object valid.
    pub clear: Cell<unsafe fn(*const Header)>,
    /// Called when the count has fallen to zero: finalizes, drops the contents and frees the block.
    pub dealloc: Cell<unsafe fn(*const Header)>,
}

/// Count, flags and type. The count is not atomic: the GIL guards it.
#[repr(C)]
pub struct Header {
    count: Cell<u32>,
    flags: Cell<u32>,
    ty: Cell<*const TypeHead>,
}

/// Counts with this bit never change.
const IMMORTAL: u32 = 0x8000_0000;

impl Header {
    /// A header with count 1.
    pub const fn new(ty: *const TypeHead, flags: u32) -> Self {
        Self {
            count: Cell::new(1),
            flags: Cell::new(flags),
            ty: Cell::new(ty),
        }
    }

    /// A header whose object is never freed.
    pub const fn immortal(ty: *const TypeHead) -> Self {
        Self {
            count: Cell::new(IMMORTAL),
            flags: Cell::new(flags::LIVE),
            ty: Cell::new(ty),
        }
    }

    /// One more owner.
    #[inline(always)]
    pub fn retain(&self) {
        let n = self.count.get();
        if (n as i32) >= 0 {
            self.count.set(n + 1);
        }
    }

    /// One owner less; true if that was the last one and the object must be deallocated.
    #[inline(always)]
    #[must_use]
    pub fn release(&self) -> bool {
        let n = self.count.get();
        if (n as i32) < 0 {
            return false;
        }
        debug_assert!(n != 0, "released once too often");
        self.count.set(n.wrapping_sub(1));
        n == 1
    }

    /// The count; immortal objects answer with a very large one.
    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.count.get()
    }

    /// Whether exactly one owner holds the object.
    #[inline(always)]
    pub fn unique(&self) -> bool {
        self.count.get() == 1
    }

    /// Whether the object is never freed.
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        (self.count.get() as i32) < 0
    }

    /// Makes the object immortal.
    pub fn immortalize(&self) {
        self.count.set(IMMORTAL);
    }

    /// Sets the count of an object that is being deallocated or resurrected.
    ///
    /// # Safety
    /// The caller accounts for every owner.
    pub unsafe fn set_count(&self, n: u32) {
        self.count.set(n);
    }

    /// The type.
    #[inline(always)]
    pub fn ty(&self) -> *const TypeHead {
        self.ty.get()
    }

    /// Changes the type (`__class__` assignment, or the collector's index).
    ///
    /// # Safety
    /// The new type must describe the same layout, or the caller restores the old one before
    /// anybody looks.
    #[inline(always)]
    pub unsafe fn set_ty(&self, ty: *const TypeHead) {
        self.ty.set(ty);
    }

    /// All flags.
    #[inline(always)]
    pub fn flags(&self) -> u32 {
        self.flags.get()
    }

    /// Whether any of `bits` is set.
    #[inline(always)]
    pub fn has(&self, bits: u32) -> bool {
        self.flags.get() & bits != 0
    }

    /// Sets `bits`.
    #[inline(always)]
    pub fn set(&self, bits: u32) {
        self.flags.set(self.flags.get() | bits);
    }

    /// Clears `bits`.
    #[inline(always)]
    pub fn unset(&self, bits: u32) {
        self.flags.set(self.flags.get() & !bits);
    }

    /// The generation, 0 to 3.
    pub fn generation(&self) -> u32 {
        (self.flags.get() & flags::GEN_MASK) >> flags::GEN_SHIFT
    }

    /// Moves the object to a generation.
    pub fn set_generation(&self, generation: u32) {
        self.flags
            .set(self.flags.get() & !flags::GEN_MASK | generation << flags::GEN_SHIFT);
    }
}
