//! list: a growable array of values.

mod iter;
mod merge;
mod methods;
pub mod seq;
mod slices;
mod sort;

pub use self::iter::{ListIter, ReverseListIter};
pub use self::methods::extend;
pub use self::sort::sort_values;
use crate::core::{PyCell, Ref, Value};
use crate::native::TypeDef;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[List::DEF, ListIter::DEF, ReverseListIter::DEF];

/// The payload of list.
#[derive(taipan_macros::Trace, Default)]
pub struct List {
    items: PyCell<Vec<Value>>,
}

impl Drop for List {
    fn drop(&mut self) {
        drop_backwards(self.items.take());
    }
}

/// Drops items, the last one first as CPython does.
pub fn drop_backwards(mut items: Vec<Value>) {
    while let Some(v) = items.pop() {
        drop(v);
    }
}

/// Makes room for one more item; false if there is none. Small lists always find some.
#[cold]
#[inline(never)]
fn make_room(items: &mut Vec<Value>) -> bool {
    items.len() < 4096 || seq::reserve(items, 1)
}

impl List {
    /// A list payload.
    pub const fn new(items: Vec<Value>) -> Self {
        Self { items: PyCell::new(items) }
    }

    /// The items, for short looks that run no Python code.
    #[inline(always)]
    pub const fn items(&self) -> &PyCell<Vec<Value>> {
        &self.items
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at an index, if there is one.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Value> {
        self.items.borrow().get(i).cloned()
    }

    /// Appends. Where there is no room for a large list to grow, the item is dropped, and MemoryError follows at the
    /// next eval-breaker point.
    #[inline(always)]
    pub fn push(&self, v: Value) {
        let mut items = self.items.borrow_mut();
        if items.len() == items.capacity() && !make_room(&mut items) {
            drop(items);
            drop(v);
            return crate::vm::over_limit();
        }
        items.push(v);
    }

    /// Appends copies of all items.
    pub fn push_all(&self, items: &[Value]) {
        self.items.borrow_mut().extend_from_slice(items);
    }

    /// Takes all items out.
    pub fn take_all(&self) -> Vec<Value> {
        self.items.take()
    }

    /// A copy of the items.
    pub fn to_vec(&self) -> Vec<Value> {
        self.items.borrow().clone()
    }
}

/// A list object of owned values.
#[inline]
pub fn from_vec(items: Vec<Value>) -> Ref<List> {
    Ref::new(List::new(items))
}
