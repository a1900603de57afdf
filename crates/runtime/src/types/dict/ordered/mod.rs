//! OrderedDict: a dict whose order can be changed.
//!
//! The order is that of the dict's own table, in which an entry can move to either end; so there is no second list of
//! the keys. What dict's own methods do to such an object behind its back shows in [`OrderedDict::is_whole`].

mod class;
mod iter;
mod views;

use std::cell::Cell;

pub use self::iter::OrderedIter;
pub use self::views::{OrderedItems, OrderedKeys, OrderedValues};
use super::{Dict, Place, hash_key};
use crate::core::{PyCell, R, Ref, Value};
use crate::vm::Vm;

/// The payload of OrderedDict: a dict's, then what iterators look at.
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct OrderedDict {
    dict: Dict,
    /// Changes with every key that comes, goes or moves.
    state: Cell<u64>,
    /// How many keys there are as far as the methods of this class have seen.
    known: Cell<usize>,
    attributes: PyCell<Option<Ref<Dict>>>,
}

impl OrderedDict {
    /// An empty one.
    fn new() -> Self {
        Self { dict: Dict::new(), state: Cell::new(0), known: Cell::new(0), attributes: PyCell::new(None) }
    }

    /// Whether no key has been taken out by a method of dict itself.
    pub fn is_whole(&self) -> bool {
        self.known.get() <= self.dict.len()
    }

    fn changed(&self) {
        self.state.set(self.state.get().wrapping_add(1));
        self.known.set(self.dict.len());
    }

    /// Sets a key.
    fn set(&self, vm: &Vm, key: Value, value: Value) -> R<()> {
        let hash = hash_key(vm, &key)?;
        match self.dict.place(vm, &key, hash)? {
            Place::At(n) => drop(self.dict.replace_at(n, value)),
            Place::Absent => {
                self.dict.keys_changed();
                self.dict.table.borrow_mut().insert_new(hash, key, value);
                self.changed();
            }
        }
        Ok(())
    }

    /// Takes a key out; `None` if it is absent.
    fn remove(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = hash_key(vm, key)?;
        let Some(n) = self.dict.find(vm, key, hash)? else { return Ok(None) };
        Ok(Some(self.take(n).1))
    }

    /// Takes an entry out.
    fn take(&self, n: usize) -> (Value, Value) {
        self.dict.keys_changed();
        let pair = self.dict.table.borrow_mut().remove(n);
        self.changed();
        pair
    }

    /// The first or last entry.
    fn end(&self, last: bool) -> Option<usize> {
        let mut table = self.dict.table.borrow_mut();
        if last { table.last() } else { table.first() }
    }

    /// Moves a key to an end.
    ///
    /// Raises KeyError if it is absent.
    fn move_key(&self, vm: &Vm, key: &Value, last: bool) -> R<()> {
        let hash = hash_key(vm, key)?;
        let Some(n) = self.dict.find(vm, key, hash)? else { return Err(vm.key_error(key)) };
        if self.end(last) != Some(n) {
            self.dict.keys_changed();
            let mut table = self.dict.table.borrow_mut();
            if last { table.move_last(n) } else { table.move_first(n) }
            drop(table);
            self.changed();
        }
        Ok(())
    }

    /// The value of a key that an iterator has come upon.
    ///
    /// Raises KeyError where the key can't be found any more: its hash has changed, or a method of dict has taken out
    /// keys.
    fn value_of(&self, vm: &Vm, key: &Value, value: Value) -> R {
        if !self.is_whole() {
            return Err(vm.key_error(&Value::NONE));
        }
        if !key.ty().has(crate::types::type_::tflag::HEAP) {
            return Ok(value);
        }
        match self.dict.get(vm, key)? {
            Some(v) => Ok(v),
            None => Err(vm.key_error(key)),
        }
    }

    /// All pairs in order, found as iterators find them.
    fn pairs(&self, vm: &Vm) -> R<Vec<(Value, Value)>> {
        let mut pairs = self.dict.items();
        for (k, v) in &mut pairs {
            *v = self.value_of(vm, k, v.clone())?;
        }
        Ok(pairs)
    }
}
