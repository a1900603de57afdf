//! Memory that a native payload takes outside the heap, counted against the interpreter's limit.

use std::cell::Cell;

use super::{charge_anyway, heap};
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
        if bytes > before {
            charge_anyway(bytes - before);
        } else if bytes < before {
            heap().uncharge(before - bytes);
        }
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
