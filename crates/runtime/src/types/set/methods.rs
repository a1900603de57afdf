//! The slots and methods of set, and those that frozenset shares with it.

use super::{Set, SetData};
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::str::{self, StrBuilder};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{dict, frozenset, list, tuple};
use crate::vm::{Vm, names};

/// A class of sets: what set and frozenset have in common, and then what is special.
macro_rules! any_set {
    ($(#[$doc:meta])* $t:ident, $name:tt, { $($own:item)* }) => {
        $(#[$doc])*
        #[taipan_macros::class(name = $name, flags(BASETYPE, GC, MATCH_SELF, HAS_WEAKREF), sig = "(iterable=(), /)")]
        impl $t {
            #[slot]
            fn repr(vm: &Vm, this: &Value) -> R {
                $crate::types::set::shared::repr(vm, this, $name)
            }

            #[slot]
            fn len(_vm: &Vm, this: &Ref<$t>) -> usize {
                this.data().len()
            }

            #[slot]
            fn iter(_vm: &Vm, this: &Value) -> Ref<$crate::types::set::SetIter> {
                $crate::types::set::SetIter::make(this)
            }

            #[slot]
            fn contains(vm: &Vm, this: &Ref<$t>, object: &Value) -> R<bool> {
                this.data().contains(vm, object)
            }

            #[slot]
            fn richcompare(
                vm: &Vm,
                this: &Value,
                other: &Value,
                op: $crate::types::type_::CmpOp,
            ) -> R {
                $crate::types::set::shared::compare(vm, this, other, op)
            }

            #[slot(binary = Sub)]
            fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
                let Some((x, _)) = $crate::types::set::shared::both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
                Ok($crate::types::set::shared::like(a, $crate::types::set::ops::difference(vm, x, b)?))
            }

            #[slot(binary = And)]
            fn and(vm: &Vm, a: &Value, b: &Value) -> R {
                let Some((x, _)) = $crate::types::set::shared::both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
                Ok($crate::types::set::shared::like(a, $crate::types::set::ops::intersection(vm, x, b)?))
            }

            #[slot(binary = Or)]
            fn or(vm: &Vm, a: &Value, b: &Value) -> R {
                let Some((x, _)) = $crate::types::set::shared::both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
                Ok($crate::types::set::shared::like(a, $crate::types::set::ops::union(vm, x, std::slice::from_ref(b))?))
            }

            #[slot(binary = Xor)]
            fn xor(vm: &Vm, a: &Value, b: &Value) -> R {
                if $crate::types::set::shared::both(a, b).is_none() {
                    return Ok(Value::NOT_IMPLEMENTED);
                }
                Ok($crate::types::set::shared::like(a, $crate::types::set::ops::symmetric_difference(vm, a, b)?))
            }

            /// Return a new set with elements from the set and all others.
            #[method(sig = "(*others)")]
            fn union(vm: &Vm, this: &Ref<$t>, others: &[Value]) -> R {
                let made = $crate::types::set::ops::union(vm, this.data(), others)?;
                Ok($crate::types::set::shared::like(this.value(), made))
            }

            /// Return a new set with elements common to the set and all others.
            #[method(sig = "(*others)")]
            fn intersection(vm: &Vm, this: &Ref<$t>, others: &[Value]) -> R {
                let made = $crate::types::set::ops::intersection_all(vm, this.data(), others)?;
                Ok($crate::types::set::shared::like(this.value(), made))
            }

            /// Return a new set with elements in the set that are not in the others.
            #[method(sig = "(*others)")]
            fn difference(vm: &Vm, this: &Ref<$t>, others: &[Value]) -> R {
                let made = match others.split_first() {
                    None => this.data().copy(vm)?,
                    Some((first, more)) => {
                        let made = $crate::types::set::ops::difference(vm, this.data(), first)?;
                        for o in more {
                            $crate::types::set::ops::difference_update(vm, &made, o)?;
                        }
                        made
                    }
                };
                Ok($crate::types::set::shared::like(this.value(), made))
            }

            /// Return a new set with elements in either the set or other but not both.
            #[method(sig = "(other, /)")]
            fn symmetric_difference(vm: &Vm, this: &Ref<$t>, other: &Value) -> R {
                let made = $crate::types::set::ops::symmetric_difference(vm, this.value(), other)?;
                Ok($crate::types::set::shared::like(this.value(), made))
            }

            /// Return True if two sets have a null intersection.
            #[method(sig = "(other, /)")]
            fn isdisjoint(vm: &Vm, this: &Ref<$t>, other: &Value) -> R<bool> {
                $crate::types::set::ops::isdisjoint(vm, this.data(), other)
            }

            /// Report whether another set contains this set.
            #[method(sig = "(other, /)")]
            fn issubset(vm: &Vm, this: &Ref<$t>, other: &Value) -> R<bool> {
                $crate::types::set::ops::is_subset_of(vm, this.data(), other)
            }

            /// Report whether this set contains another set.
            #[method(sig = "(other, /)")]
            fn issuperset(vm: &Vm, this: &Ref<$t>, other: &Value) -> R<bool> {
                $crate::types::set::ops::is_superset_of(vm, this.data(), other)
            }

            /// Return state information for pickling.
            #[method(sig = "()")]
            fn __reduce__(vm: &Vm, this: &Ref<$t>) -> R {
                $crate::types::set::shared::reduce(vm, this.value())
            }

            /// S.__sizeof__() -> size of S in memory, in bytes.
            #[method(sig = "()")]
            fn __sizeof__(_vm: &Vm, this: &Ref<$t>) -> usize {
                <$t as $crate::core::Payload>::TYPE.get().layout.size + this.data().table().borrow().bytes()
            }

            /// See PEP 585
            #[classmethod(sig = "(object, /)")]
            fn __class_getitem__(vm: &Vm, cls: &$crate::types::type_::TypeObject, object: &Value) -> R {
                $crate::types::generic_alias::new(vm, cls.to_value(), object.clone())
            }

            $($own)*
        }
    };
}
pub(crate) use any_set;

any_set! {
    /// Build an unordered collection of unique elements.
    Set, "set", {
        #[slot]
        fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
            Ok(Ref::new_of(cls, Set::default()).into_value())
        }

        #[slot]
        fn init(vm: &Vm, this: &Ref<Set>, args: Args<'_>) -> R<()> {
            // Not even a subclass's `__new__` may take names that this does not know.
            if !args.names.is_empty() {
                return Err(vm.type_error("set() takes no keyword arguments"));
            }
            if args.all.len() > 1 {
                return Err(vm.type_error(format!("set expected at most 1 argument, got {}", args.all.len())));
            }
            this.data.clear_all();
            match args.all.first() {
                Some(v) => super::ops::update(vm, &this.data, v),
                None => Ok(()),
            }
        }

        #[slot(inplace = Or)]
        fn ior(vm: &Vm, this: &Ref<Set>, other: &Value) -> R {
            if super::data(other).is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            super::ops::update(vm, &this.data, other)?;
            Ok(this.value().clone())
        }

        #[slot(inplace = And)]
        fn iand(vm: &Vm, this: &Ref<Set>, other: &Value) -> R {
            if super::data(other).is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            super::ops::replace(&this.data, super::ops::intersection(vm, &this.data, other)?);
            Ok(this.value().clone())
        }

        #[slot(inplace = Sub)]
        fn isub(vm: &Vm, this: &Ref<Set>, other: &Value) -> R {
            if super::data(other).is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            super::ops::difference_update(vm, &this.data, other)?;
            Ok(this.value().clone())
        }

        #[slot(inplace = Xor)]
        fn ixor(vm: &Vm, this: &Ref<Set>, other: &Value) -> R {
            if super::data(other).is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            super::ops::symmetric_difference_update(vm, &this.data, other)?;
            Ok(this.value().clone())
        }

        /// Return a shallow copy of a set.
        #[method(sig = "()")]
        fn copy(vm: &Vm, this: &Ref<Set>) -> R {
            Ok(shared::like(this.value(), this.data.copy(vm)?))
        }

        /// Add an element to a set.
        ///
        /// This has no effect if the element is already present.
        #[method(name = "add", sig = "(object, /)")]
        fn py_add(vm: &Vm, this: &Ref<Set>, object: &Value) -> R<()> {
            this.data.add(vm, object.clone()).map(drop)
        }

        /// Remove an element from a set if it is a member.
        ///
        /// Unlike set.remove(), the discard() method does not raise an exception when an element is missing.
        #[method(sig = "(object, /)")]
        fn discard(vm: &Vm, this: &Ref<Set>, object: &Value) -> R<()> {
            this.data.discard(vm, object).map(drop)
        }

        /// Remove an element from a set; it must be a member.
        ///
        /// If the element is not a member, raise a KeyError.
        #[method(sig = "(object, /)")]
        fn remove(vm: &Vm, this: &Ref<Set>, object: &Value) -> R<()> {
            if this.data.discard(vm, object)? { Ok(()) } else { Err(vm.key_error(object)) }
        }

        /// Remove and return an arbitrary set element.
        ///
        /// Raises KeyError if the set is empty.
        #[method(sig = "()")]
        fn pop(vm: &Vm, this: &Ref<Set>) -> R {
            match this.data.pop() {
                Some(v) => Ok(v),
                None => Err(vm.key_error(&str::from_str("pop from an empty set"))),
            }
        }

        /// Remove all elements from this set.
        #[method(sig = "()")]
        fn clear(_vm: &Vm, this: &Ref<Set>) {
            this.data.clear_all();
        }

        /// Update the set, adding elements from all others.
        #[method(sig = "(*others)")]
        fn update(vm: &Vm, this: &Ref<Set>, others: &[Value]) -> R<()> {
            for o in others {
                super::ops::update(vm, &this.data, o)?;
            }
            Ok(())
        }

        /// Update the set, keeping only elements found in it and all others.
        #[method(sig = "(*others)")]
        fn intersection_update(vm: &Vm, this: &Ref<Set>, others: &[Value]) -> R<()> {
            let made = super::ops::intersection_all(vm, &this.data, others)?;
            super::ops::replace(&this.data, made);
            Ok(())
        }

        /// Update the set, removing elements found in others.
        #[method(sig = "(*others)")]
        fn difference_update(vm: &Vm, this: &Ref<Set>, others: &[Value]) -> R<()> {
            for o in others {
                super::ops::difference_update(vm, &this.data, o)?;
            }
            Ok(())
        }

        /// Update the set, keeping only elements found in either set, but not in both.
        #[method(sig = "(other, /)")]
        fn symmetric_difference_update(vm: &Vm, this: &Ref<Set>, other: &Value) -> R<()> {
            super::ops::symmetric_difference_update(vm, &this.data, other)
        }
    }
}

/// What the methods of both types call.
pub(crate) mod shared {
    use super::*;
    use crate::types::set::{data, is_frozen, ops};

    /// What both operands hold, if both are sets.
    #[inline]
    pub fn both<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a SetData, &'a SetData)> {
        Some((data(a)?, data(b)?))
    }

    /// A plain set or frozenset, as `v` is one.
    pub fn like(v: &Value, made: SetData) -> Value {
        if is_frozen(v) {
            return frozenset::FrozenSet::of_data(made).into_value();
        }
        Ref::new(Set { data: made }).into_value()
    }

    /// `{1, 2}`, `set()`, `frozenset({1})`; recursive ones show as `set(...)`.
    pub fn repr(vm: &Vm, this: &Value, plain: &str) -> R {
        let Some(d) = data(this) else { return Ok(str::from_str("set()")) };
        let name = this.ty().name();
        let text = vm.repr_guard(this, || {
            if d.is_empty() {
                return Ok(str::from_str(&format!("{name}()")));
            }
            let braces = plain == "set" && name == "set";
            let mut out = StrBuilder::new();
            if !braces {
                out.push_str(&name);
                out.push_str("(");
            }
            for (i, v) in d.to_vec().iter().enumerate() {
                out.push_str(if i == 0 { "{" } else { ", " });
                dict::push_repr(vm, &mut out, v)?;
            }
            out.push_str(if braces { "}" } else { "})" });
            Ok(out.finish())
        })?;
        Ok(text.unwrap_or_else(|| str::from_str(&format!("{name}(...)"))))
    }

    /// The comparisons are those of subsets.
    pub fn compare(vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> R {
        let Some((a, b)) = both(this, other) else { return Ok(Value::NOT_IMPLEMENTED) };
        let holds = match op {
            CmpOp::Eq => equal(vm, this, other)?,
            CmpOp::Ne => !equal(vm, this, other)?,
            CmpOp::Le => ops::is_subset(vm, a, b)?,
            CmpOp::Ge => ops::is_subset(vm, b, a)?,
            CmpOp::Lt => a.len() < b.len() && ops::is_subset(vm, a, b)?,
            CmpOp::Gt => a.len() > b.len() && ops::is_subset(vm, b, a)?,
        };
        Ok(Value::bool(holds))
    }

    fn equal(vm: &Vm, this: &Value, other: &Value) -> R<bool> {
        let Some((a, b)) = both(this, other) else { return Ok(false) };
        if a.len() != b.len() {
            return Ok(false);
        }
        let hashes = (frozenset::known_hash(this), frozenset::known_hash(other));
        if let (Some(x), Some(y)) = hashes
            && x != y
        {
            return Ok(false);
        }
        ops::is_subset(vm, a, b)
    }

    /// `(type, ([elements],), state)`
    pub fn reduce(vm: &Vm, this: &Value) -> R {
        let elements = data(this).map(SetData::to_vec).unwrap_or_default();
        let args = tuple::from_array([list::from_vec(elements).into_value()]).into_value();
        let state = vm.call_method_name(this, &names().__getstate__, &[])?;
        Ok(tuple::from_array([this.ty().to_value(), args, state]).into_value())
    }
}

