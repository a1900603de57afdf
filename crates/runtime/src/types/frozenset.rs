//! frozenset: a set that can't be changed and so has a hash.

use std::cell::Cell;

use crate::core::{Payload, R, Ref, Value};
use crate::native::TypeDef;
use crate::types::set::{self, SetData, any_set};
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[FrozenSet::DEF];

/// The payload of frozenset.
#[derive(taipan_macros::Trace)]
pub struct FrozenSet {
    data: SetData,
    /// [`UNKNOWN`] until it is asked for.
    hash: Cell<i64>,
}

/// Nothing has this hash.
const UNKNOWN: i64 = -1;

impl FrozenSet {
    /// What it holds.
    #[inline(always)]
    pub fn data(&self) -> &SetData {
        &self.data
    }

    /// A frozenset object with these elements.
    pub fn of_data(data: SetData) -> Ref<FrozenSet> {
        Ref::new(FrozenSet { data, hash: Cell::new(UNKNOWN) })
    }
}

/// A frozenset of values.
///
/// Raises what hashing and comparing raise.
pub fn from_vec(vm: &Vm, items: Vec<Value>) -> R {
    let data = SetData::default();
    for v in items {
        data.add(vm, v)?;
    }
    Ok(FrozenSet::of_data(data).into_value())
}

/// The elements of an exact frozenset.
pub fn items_exact(v: &Value) -> Option<Vec<Value>> {
    v.downcast_exact::<FrozenSet>().map(|s| s.data.to_vec())
}

/// The hash of a frozenset if it was asked for before.
pub(crate) fn known_hash(v: &Value) -> Option<i64> {
    let hash = v.downcast::<FrozenSet>()?.hash.get();
    (hash != UNKNOWN).then_some(hash)
}

any_set! {
    /// Build an immutable unordered collection of unique elements.
    FrozenSet, "frozenset", {
        #[slot]
        fn new(vm: &Vm, cls: &TypeObject, iterable: Option<&Value>) -> R {
            let exact = cls.is(FrozenSet::TYPE.get());
            let data = SetData::default();
            if let Some(v) = iterable {
                if exact && v.downcast_exact::<FrozenSet>().is_some() {
                    return Ok(v.clone());
                }
                set::ops::update(vm, &data, v)?;
            }
            Ok(Ref::new_of(cls, FrozenSet { data, hash: Cell::new(UNKNOWN) }).into_value())
        }

        #[slot]
        fn hash(_vm: &Vm, this: &Ref<FrozenSet>) -> i64 {
            if this.hash.get() == UNKNOWN {
                let table = this.data.table().borrow();
                let hashes = table.entries().iter().filter(|e| e.key.is_some()).map(|e| e.hash);
                this.hash.set(taipan_text::hash::hash_frozenset(hashes));
            }
            this.hash.get()
        }

        /// Return a shallow copy of a set.
        #[method(sig = "()")]
        fn copy(vm: &Vm, this: &Ref<FrozenSet>) -> R {
            if this.is_exact() {
                return Ok(this.value().clone());
            }
            Ok(FrozenSet::of_data(this.data.copy(vm)?).into_value())
        }
    }
}
