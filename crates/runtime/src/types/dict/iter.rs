//! Iterators over a dict: keys, values and items, forwards and backwards.

use std::cell::Cell;

use super::{Dict, Entry};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::tuple::{self, Recycled};
use crate::types::{iterators, list};
use crate::vm::Vm;

/// Where an iterator stands.
#[derive(taipan_macros::Trace)]
pub struct Cursor {
    /// `None` when exhausted.
    dict: PyCell<Option<Ref<Dict>>>,
    /// Index of the next entry (forwards), or the index behind it (backwards).
    at: Cell<usize>,
    /// The dict's length at the start, or [`CHANGED`].
    expected: Cell<usize>,
    /// Items left.
    left: Cell<usize>,
}

/// No dict has this length: once its size has changed, every further step fails.
const CHANGED: usize = usize::MAX;

/// What a step finds.
enum Step<T> {
    Item(T),
    End,
    SizeChanged,
    KeysChanged,
}

impl Cursor {
    fn forwards(dict: &Ref<Dict>) -> Self {
        let n = dict.len();
        Self { dict: PyCell::new(Some(dict.clone())), at: Cell::new(0), expected: Cell::new(n), left: Cell::new(n) }
    }

    fn backwards(dict: &Ref<Dict>) -> Self {
        let cursor = Self::forwards(dict);
        cursor.at.set(dict.table().borrow().entries.len());
        cursor
    }

    fn copy(&self) -> Self {
        Self {
            dict: PyCell::new(self.dict.get()),
            at: self.at.clone(),
            expected: self.expected.clone(),
            left: self.left.clone(),
        }
    }

    /// The next entry in order of insertion.
    #[inline(always)]
    fn forward<T>(&self, vm: &Vm, pick: impl Fn(&Value, &Value) -> T) -> R<Option<T>> {
        self.step(vm, true, |entries| {
            let mut i = self.at.get();
            while let Some(e) = entries.get(i) {
                i += 1;
                if let (Some(k), Some(v)) = (&e.key, &e.value) {
                    self.at.set(i);
                    return Some(pick(k, v));
                }
            }
            None
        })
    }

    /// The next entry against the order of insertion.
    #[inline(always)]
    fn backward<T>(&self, vm: &Vm, pick: impl Fn(&Value, &Value) -> T) -> R<Option<T>> {
        self.step(vm, false, |entries| {
            let mut i = self.at.get().min(entries.len());
            while i > 0 {
                i -= 1;
                if let Some(Entry { key: Some(k), value: Some(v), .. }) = entries.get(i) {
                    self.at.set(i);
                    return Some(pick(k, v));
                }
            }
            None
        })
    }

    #[inline(always)]
    fn step<T>(&self, vm: &Vm, counted: bool, next: impl FnOnce(&[Entry]) -> Option<T>) -> R<Option<T>> {
        let step = {
            let dict = self.dict.borrow();
            let Some(dict) = &*dict else { return Ok(None) };
            let table = dict.table().borrow();
            if table.used != self.expected.get() {
                Step::SizeChanged
            } else {
                match next(&table.entries) {
                    None => Step::End,
                    // As many keys as before, but more are left than there were: others have come.
                    Some(_) if counted && self.left.get() == 0 => Step::KeysChanged,
                    Some(item) => {
                        self.left.set(self.left.get().saturating_sub(1));
                        Step::Item(item)
                    }
                }
            }
        };
        match step {
            Step::Item(item) => Ok(Some(item)),
            Step::End => {
                self.dict.set(None);
                Ok(None)
            }
            Step::SizeChanged => {
                self.expected.set(CHANGED);
                Err(vm.runtime_error("dictionary changed size during iteration"))
            }
            Step::KeysChanged => {
                self.dict.set(None);
                Err(vm.runtime_error("dictionary keys changed during iteration"))
            }
        }
    }

    fn hint(&self) -> usize {
        let dict = self.dict.get();
        match dict {
            Some(d) if d.len() == self.expected.get() => self.left.get(),
            _ => 0,
        }
    }
}

/// `(iter, ([what is left],))`
fn reduce(vm: &Vm, mut next: impl FnMut() -> R<Option<Value>>) -> R {
    let iter = iterators::builtin(vm, "iter")?;
    let mut left = Vec::new();
    while let Some(v) = next()? {
        left.push(v);
    }
    let args = tuple::from_array([list::from_vec(left).into_value()]);
    Ok(tuple::from_array([iter, args.into_value()]).into_value())
}

fn key(k: &Value, _: &Value) -> Value {
    k.clone()
}

fn value(_: &Value, v: &Value) -> Value {
    v.clone()
}

fn item(k: &Value, v: &Value) -> (Value, Value) {
    (k.clone(), v.clone())
}

/// What a step gives, as the iterator's item.
trait Item {
    fn into_item(self, recycled: &Recycled) -> Value;
}

impl Item for Value {
    #[inline(always)]
    fn into_item(self, _: &Recycled) -> Value {
        self
    }
}

impl Item for (Value, Value) {
    #[inline(always)]
    fn into_item(self, recycled: &Recycled) -> Value {
        recycled.tuple([self.0, self.1])
    }
}

macro_rules! iterator {
    ($(#[$doc:meta])* $t:ident, $name:tt, $start:ident, $step:ident, $pick:path) => {
        $(#[$doc])*
        #[derive(taipan_macros::Trace)]
        pub struct $t {
            cursor: Cursor,
            recycled: Recycled,
        }

        impl $t {
            /// A new iterator over a dict.
            pub fn make(dict: &Ref<Dict>) -> Ref<$t> {
                Ref::new($t { cursor: Cursor::$start(dict), recycled: Recycled::default() })
            }

            /// The next item.
            ///
            /// Raises RuntimeError when the dict has changed.
            #[inline(always)]
            pub fn advance(&self, vm: &Vm) -> R<Option<Value>> {
                let item = self.cursor.$step(vm, $pick)?;
                Ok(item.map(|item| item.into_item(&self.recycled)))
            }
        }

        #[taipan_macros::class(name = $name, flags(GC, NO_NEW))]
        impl $t {
            #[slot]
            fn iter(_vm: &Vm, this: &Value) -> R {
                Ok(this.clone())
            }

            #[slot]
            fn next(vm: &Vm, this: &Ref<$t>) -> R<Option<Value>> {
                this.advance(vm)
            }

            /// Return an estimate of the number of items that are left.
            #[method(sig = "()")]
            fn __length_hint__(_vm: &Vm, this: &Ref<$t>) -> usize {
                this.cursor.hint()
            }

            /// Return what pickle and copy need.
            #[method(sig = "()")]
            fn __reduce__(vm: &Vm, this: &Ref<$t>) -> R {
                let copy = this.cursor.copy();
                // Every item a tuple of its own: nothing is recycled while the list grows.
                reduce(vm, || Ok(copy.$step(vm, $pick)?.map(|item| item.into_item(&Recycled::default()))))
            }
        }
    };
}

iterator!(
    /// Over the keys.
    KeyIter, "dict_keyiterator", forwards, forward, key
);
iterator!(
    /// Over the values.
    ValueIter, "dict_valueiterator", forwards, forward, value
);
iterator!(
    /// Over the items.
    ItemIter, "dict_itemiterator", forwards, forward, item
);
iterator!(
    /// Over the keys, last first.
    ReverseKeyIter, "dict_reversekeyiterator", backwards, backward, key
);
iterator!(
    /// Over the values, last first.
    ReverseValueIter, "dict_reversevalueiterator", backwards, backward, value
);
iterator!(
    /// Over the items, last first.
    ReverseItemIter, "dict_reverseitemiterator", backwards, backward, item
);
