//! What a payload owns: derived with `#[derive(Trace)]`, so that no field is forgotten.

use std::cell::{Cell, OnceCell, RefCell};

use taipan_memory::Tracer;

use super::cell::PyCell;
use super::object::{Payload, Ref};
use super::value::Value;

/// Shows and gives up the references that a piece of data owns.
pub trait Trace {
    /// Whether the data can hold no reference at all.
    const LEAF: bool = false;

    /// Shows every owned reference to the tracer. Must not allocate or change anything.
    fn trace(&self, tracer: &mut Tracer<'_>);

    /// Moves references that can be part of a cycle into `out`, leaving valid data behind.
    /// Data behind no cell can't be changed and keeps its references.
    fn clear(&self, _out: &mut Vec<Value>) {}
}

impl Trace for Value {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(h) = self.header() {
            tracer.visit(h);
        }
    }
}

impl<T: Payload> Trace for Ref<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.visit(self.header());
    }
}

impl<T: Trace> Trace for Option<T> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(t) = self {
            t.trace(tracer);
        }
    }
}

impl<T: Trace> Trace for Vec<T> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for t in self {
            t.trace(tracer);
        }
    }
}

impl<T: Trace> Trace for std::collections::VecDeque<T> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for t in self {
            t.trace(tracer);
        }
    }
}

impl<T: Trace> Trace for Box<[T]> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for t in self {
            t.trace(tracer);
        }
    }
}

impl<T: Trace, const N: usize> Trace for [T; N] {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for t in self {
            t.trace(tracer);
        }
    }
}

impl<A: Trace, B: Trace> Trace for (A, B) {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
        self.1.trace(tracer);
    }
}

impl<T: Trace> Trace for PyCell<T>
where
    T: Drain,
{
    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector runs no Python code while it traces, and starts only where no borrow is held.
        unsafe { (*self.as_ptr()).trace(tracer) }
    }

    fn clear(&self, out: &mut Vec<Value>) {
        self.borrow_mut().drain(out);
    }
}

/// Data in a cell that can give up its references; defined for every payload field type: what can't be drained stays.
pub trait Drain {
    /// Moves references into `out` if the type allows it.
    fn drain(&mut self, _out: &mut Vec<Value>) {}
}

impl Drain for Value {
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.push(std::mem::replace(self, Value::NONE));
    }
}

impl<T: Drain> Drain for Option<T> {
    fn drain(&mut self, out: &mut Vec<Value>) {
        if let Some(mut t) = self.take() {
            t.drain(out);
        }
    }
}

impl<T: Drain> Drain for Vec<T> {
    fn drain(&mut self, out: &mut Vec<Value>) {
        for mut t in std::mem::take(self) {
            t.drain(out);
        }
    }
}

impl<T: Drain> Drain for std::collections::VecDeque<T> {
    fn drain(&mut self, out: &mut Vec<Value>) {
        for mut t in std::mem::take(self) {
            t.drain(out);
        }
    }
}

impl<T: Payload> Drain for Ref<T> {
    // A typed pointer alone can't be replaced; inside an `Option` it is dropped with the option.
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.push(self.to_value());
    }
}

impl<A: Drain, B: Drain> Drain for (A, B) {
    fn drain(&mut self, out: &mut Vec<Value>) {
        self.0.drain(out);
        self.1.drain(out);
    }
}

macro_rules! leaf {
    ($($t:ty)*) => {$(
        impl Trace for $t { fn trace(&self, _: &mut Tracer<'_>) {} }
        impl Drain for $t {}
    )*};
}
leaf!(() bool i8 u8 i16 u16 i32 u32 i64 u64 i128 u128 isize usize f32 f64 char String &'static str Box<str>
    Cell<bool> Cell<i32> Cell<u32> Cell<i64> Cell<u64> Cell<usize> Cell<isize> Cell<u8> Cell<u16> Cell<f64> Cell<i8>
    dashu_int::IBig dashu_int::UBig std::rc::Rc<str> std::time::Duration);

impl<T: Trace> Trace for OnceCell<T> {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(t) = self.get() {
            t.trace(tracer);
        }
    }
}

impl<T> Trace for std::marker::PhantomData<T> {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// A field that owns no Python reference, said explicitly.
pub struct NoTrace<T>(pub T);

impl<T> Trace for NoTrace<T> {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl<T> Drain for NoTrace<T> {}

impl<T> std::ops::Deref for NoTrace<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for NoTrace<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Trace for RefCell<NoTrace<T>> {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl<T: Drain> Drain for Box<[T]> {
    fn drain(&mut self, out: &mut Vec<Value>) {
        for t in self {
            t.drain(out);
        }
    }
}
