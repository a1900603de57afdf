//! The iterator over bytes; that of bytearray is made the same way.

use std::cell::Cell;

use super::Bytes;
use crate::core::{PyCell, Payload, R, Ref, Value};
use crate::types::{int, iterators, tuple};
use crate::vm::Vm;

/// What is iterated over.
pub trait ByteSource: Payload {
    /// The byte at an index.
    fn byte(&self, i: usize) -> Option<u8>;
    /// The number of bytes now.
    fn size(&self) -> usize;
}

impl ByteSource for Bytes {
    #[inline]
    fn byte(&self, i: usize) -> Option<u8> {
        self.as_slice().get(i).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }
}

/// The object, until it is exhausted, and the index of the next byte.
#[derive(taipan_macros::Trace)]
pub struct State<T: Payload> {
    source: PyCell<Option<Ref<T>>>,
    at: Cell<usize>,
}

impl<T: ByteSource> State<T> {
    /// At the start.
    pub fn new(source: Ref<T>) -> Self {
        Self { source: PyCell::new(Some(source)), at: Cell::new(0) }
    }

    /// The next byte.
    #[inline]
    pub fn advance(&self) -> Option<Value> {
        let at = self.at.get();
        let byte = self.source.borrow().as_ref().and_then(|s| s.byte(at));
        match byte {
            Some(b) => {
                self.at.set(at + 1);
                Some(Value::small(i32::from(b)))
            }
            None => {
                self.source.set(None);
                None
            }
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.source.borrow().as_ref().map_or(0, |s| s.size().saturating_sub(self.at.get()))
    }

    /// For pickling: `(iter, (object,), index)`, or an iterator over nothing.
    pub fn reduce(&self, vm: &Vm) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        Ok(match self.source.get() {
            Some(s) => tuple::from_array([iter, tuple::from_array([s.into_value()]).into_value(), Value::from(self.at.get())]),
            None => tuple::from_array([iter, tuple::from_array([crate::vm::empty_tuple().into_value()]).into_value()]),
        }
        .into_value())
    }

    /// Takes the index from a pickle.
    pub fn set_state(&self, vm: &Vm, state: &Value) -> R<()> {
        let at = usize::try_from(int::to_isize(vm, state)?).unwrap_or(0);
        let size = self.source.borrow().as_ref().map(|s| s.size());
        if let Some(size) = size {
            self.at.set(at.min(size));
        }
        Ok(())
    }
}

macro_rules! byte_iterator {
    ($(#[$doc:meta])* $ty:ident, $source:ty, $name:literal) => {
        $(#[$doc])*
        #[derive(taipan_macros::Trace)]
        pub struct $ty {
            /// Where it stands.
            pub state: $crate::types::bytes::iter::State<$source>,
        }

        #[taipan_macros::class(name = $name, flags(GC, NO_NEW))]
        impl $ty {
            #[slot]
            fn iter(_vm: &$crate::vm::Vm, this: &$crate::core::Ref<$ty>) -> $crate::core::Value {
                this.value().clone()
            }

            #[slot]
            fn next(_vm: &$crate::vm::Vm, this: &$crate::core::Ref<$ty>) -> Option<$crate::core::Value> {
                this.state.advance()
            }

            /// Private method returning an estimate of len(list(it)).
            #[method(sig = "()")]
            fn __length_hint__(_vm: &$crate::vm::Vm, this: &$crate::core::Ref<$ty>) -> usize {
                this.state.left()
            }

            /// Return state information for pickling.
            #[method(sig = "()")]
            fn __reduce__(vm: &$crate::vm::Vm, this: &$crate::core::Ref<$ty>) -> $crate::core::R {
                this.state.reduce(vm)
            }

            /// Set state information for unpickling.
            #[method(sig = "(state, /)")]
            fn __setstate__(
                vm: &$crate::vm::Vm,
                this: &$crate::core::Ref<$ty>,
                state: &$crate::core::Value,
            ) -> $crate::core::R<()> {
                this.state.set_state(vm, state)
            }
        }
    };
}
pub(crate) use byte_iterator;

byte_iterator! {
    /// Iterates over bytes.
    BytesIter, Bytes, "bytes_iterator"
}
