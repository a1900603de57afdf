//! The iterator over a memoryview of one dimension.

use std::cell::Cell;

use super::methods::item_at;
use super::object::MemoryView;
use crate::core::{PyCell, R, Ref, Value};
use crate::vm::Vm;

/// The view, until it is exhausted, and the index of the next item.
#[derive(taipan_macros::Trace)]
pub struct MemoryIter {
    source: PyCell<Option<Ref<MemoryView>>>,
    at: Cell<usize>,
    len: usize,
}

impl MemoryIter {
    /// At the start of a view with so many items.
    pub(super) fn new(source: Ref<MemoryView>, len: usize) -> Self {
        Self { source: PyCell::new(Some(source)), at: Cell::new(0), len }
    }
}

/// Iterates over a memoryview.
#[taipan_macros::class(name = "memory_iterator", module = "builtins", flags(GC, NO_NEW))]
impl MemoryIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<MemoryIter>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<MemoryIter>) -> R<Option<Value>> {
        let at = this.at.get();
        if at >= this.len {
            this.source.set(None);
            return Ok(None);
        }
        match &*this.source.borrow() {
            Some(source) => {
                this.at.set(at + 1);
                item_at(vm, source, at as isize).map(Some)
            }
            None => Ok(None),
        }
    }
}
