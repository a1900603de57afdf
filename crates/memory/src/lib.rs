//! The private heap of one interpreter: object headers and counts, size-class pools, the cycle collector.
//!
//! Knows nothing of Python. What an object contains is known through three functions that its type
//! carries ([`TypeHead`]): trace, clear, dealloc.
//!
//! Invariants (all `unsafe` here leans on these):
//! 1. A `*const Header` that somebody owns a count of points to a live block of this heap or to a
//!    static immortal object.
//! 2. A heap and everything in it is touched by one thread at a time (the interpreter's GIL).
//! 3. The flag `LIVE` of a block is set exactly between `alloc` and `free`; a free block keeps its
//!    `LOGGED` flag, because the log of young objects may still name it.

mod account;
mod arenas;
pub mod cache;
mod collect;
pub mod foreign;
mod header;
mod heap;

pub use account::{Account, Mode, Traced};
pub use collect::{Candidates, Tracer, find_unreachable};
pub use header::{Header, TypeHead, flags};
pub use heap::{ClassStats, Heap, HeapStats, SMALL_MAX};
