//! What `keys()`, `values()` and `items()` of an OrderedDict give: dict's views, with iterators that notice moves.

use super::OrderedDict;
use super::iter::{Kind, OrderedIter};
use crate::core::{R, Ref, Value};
use crate::types::dict::views::{DictItems, DictKeys, DictValues};
use crate::vm::Vm;

macro_rules! view {
    ($(#[$doc:meta])* $t:ident, $base:ident, $name:tt, $kind:expr) => {
        $(#[$doc])*
        #[derive(taipan_macros::Trace)]
        #[repr(C)]
        pub struct $t {
            view: $base,
        }

        impl $t {
            pub(super) fn of(od: &Ref<OrderedDict>) -> Option<Ref<$t>> {
                let dict = od.value().downcast::<super::Dict>()?.clone();
                Some(Ref::new($t { view: $base { dict } }))
            }

            fn iterate(this: &Ref<$t>, reversed: bool) -> Value {
                match this.view.dict.value().downcast::<OrderedDict>() {
                    Some(od) => OrderedIter::over(od, $kind, reversed).into_value(),
                    None => Value::NONE,
                }
            }
        }

        #[taipan_macros::class(name = $name, base = $base, flags(GC, NO_NEW))]
        impl $t {
            #[slot]
            fn iter(_vm: &Vm, this: &Ref<$t>) -> R {
                Ok(Self::iterate(this, false))
            }

            /// Return a reverse iterator over the dict.
            #[method(sig = "()")]
            fn __reversed__(_vm: &Vm, this: &Ref<$t>) -> Value {
                Self::iterate(this, true)
            }
        }
    };
}

view!(
    /// `OrderedDict.keys()`
    OrderedKeys, DictKeys, "odict_keys", Kind::Keys
);
view!(
    /// `OrderedDict.values()`
    OrderedValues, DictValues, "odict_values", Kind::Values
);
view!(
    /// `OrderedDict.items()`
    OrderedItems, DictItems, "odict_items", Kind::Items
);
