//! The iterators over the characters of a str.

use std::cell::Cell;

use super::{Chars, Str, from_char, from_str};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::{int, iterators, tuple};
use crate::vm::Vm;

/// What both iterators hold: the text, until it is exhausted, and the index of the next character.
#[derive(taipan_macros::Trace)]
pub struct State {
    text: PyCell<Option<Ref<Str>>>,
    at: Cell<usize>,
}

impl State {
    fn new(text: Ref<Str>) -> Self {
        Self { text: PyCell::new(Some(text)), at: Cell::new(0) }
    }

    /// The next character.
    #[inline(always)]
    pub fn advance(&self) -> Option<Value> {
        let at = self.at.get();
        let ch = match &*self.text.borrow() {
            Some(s) => match s.chars() {
                Chars::Ascii(t) => t.as_bytes().get(at).map(|&b| crate::vm::single_char_value(b)),
                wide => (at < wide.len()).then(|| from_char(wide.at(at)).into_value()),
            },
            None => None,
        };
        match ch {
            Some(ch) => {
                self.at.set(at + 1);
                Some(ch)
            }
            None => {
                self.text.set(None);
                None
            }
        }
    }

    fn left(&self) -> usize {
        self.text.borrow().as_ref().map_or(0, |s| s.len().saturating_sub(self.at.get()))
    }

    fn reduce(&self, vm: &Vm) -> R {
        let iter = iterators::builtin(vm, "iter")?;
        Ok(match self.text.get() {
            Some(s) => tuple::from_array([iter, tuple::from_array([s.into_value()]).into_value(), Value::from(self.at.get())]),
            None => tuple::from_array([iter, tuple::from_array([from_str("")]).into_value()]),
        }
        .into_value())
    }

    fn set_state(&self, vm: &Vm, state: &Value) -> R<()> {
        let at = int::to_isize(vm, state)?;
        let len = self.text.borrow().as_ref().map(|s| s.len());
        if let Some(len) = len {
            self.at.set(usize::try_from(at).unwrap_or(0).min(len));
        }
        Ok(())
    }
}

macro_rules! iterator {
    ($(#[$doc:meta])* $ty:ident, $name:literal) => {
        $(#[$doc])*
        #[derive(taipan_macros::Trace)]
        pub struct $ty {
            /// Where it stands.
            pub state: State,
        }

        #[taipan_macros::class(name = $name, flags(GC))]
        impl $ty {
            #[slot]
            fn iter(_vm: &Vm, this: &Ref<$ty>) -> Value {
                this.value().clone()
            }

            #[slot]
            fn next(_vm: &Vm, this: &Ref<$ty>) -> Option<Value> {
                this.state.advance()
            }

            /// Private method returning an estimate of len(list(it)).
            #[method(sig = "()")]
            fn __length_hint__(_vm: &Vm, this: &Ref<$ty>) -> usize {
                this.state.left()
            }

            /// Return state information for pickling.
            #[method(sig = "()")]
            fn __reduce__(vm: &Vm, this: &Ref<$ty>) -> R {
                this.state.reduce(vm)
            }

            /// Set state information for unpickling.
            #[method(sig = "(state, /)")]
            fn __setstate__(vm: &Vm, this: &Ref<$ty>, state: &Value) -> R<()> {
                this.state.set_state(vm, state)
            }
        }
    };
}

iterator! {
    /// Iterates over ASCII text.
    AsciiIter, "str_ascii_iterator"
}
iterator! {
    /// Iterates over any text.
    StrIter, "str_iterator"
}

/// `iter(s)`
pub fn new(s: Ref<Str>) -> Value {
    if s.as_ascii().is_some() {
        Ref::new(AsciiIter { state: State::new(s) }).into_value()
    } else {
        Ref::new(StrIter { state: State::new(s) }).into_value()
    }
}
