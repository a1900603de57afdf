//! Memory that a library written in another language takes for a native payload, counted against the interpreter's limit.
//! (What Rust code takes is counted where it is taken, by the allocator.)

use std::cell::Cell;

use crate::core::{Trace, Tracer};

/// How much a payload has been charged for; gives it back when it is dropped.
#[derive(Default)]
pub struct Charge(Cell<usize>);

impl Charge {
    /// Makes `bytes` the charged amount. What crosses the limit is told at the next eval-breaker point: check large
    /// amounts with [`super::Vm::check_room`] before.
    #[inline]
    pub fn set(&self, bytes: usize) {
        let before = self.0.replace(bytes);
        taipan_memory::cache::count_foreign(before, bytes);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl Trace for Charge {
    fn trace(&self, _: &mut Tracer<'_>) {}
}
