//! tuple: items behind the payload (or in a block of their own, for instances of subclasses).

mod iter;
mod methods;

use std::cell::Cell;

pub use self::iter::TupleIter;
use crate::core::{PyCell, Ref, Trace, Value};
use crate::native::TypeDef;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Tuple::DEF, TupleIter::DEF];

/// The payload of tuple.
///
/// Invariants: `items` points to `len` owned values that never change after construction; they lie right behind the
/// payload, or else are a `Box<[Value]>` of its own.
pub struct Tuple {
    len: usize,
    items: Cell<*const Value>,
    /// 0 until it was asked for.
    hash: Cell<i64>,
}

impl Trace for Tuple {
    fn trace(&self, tracer: &mut taipan_memory::Tracer<'_>) {
        for v in self.as_slice() {
            v.trace(tracer);
        }
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        // SAFETY: the items are owned by this payload and dropped once, the last one first as in CPython; a block
        // of its own came from a boxed slice.
        unsafe {
            let items = self.items.get().cast_mut();
            for i in (0..self.len).rev() {
                std::ptr::drop_in_place(items.add(i));
            }
            let behind = std::ptr::from_ref(self).wrapping_add(1).cast::<Value>();
            if self.len != 0 && !std::ptr::eq(items, behind) {
                let block = std::ptr::slice_from_raw_parts_mut(items.cast::<std::mem::MaybeUninit<Value>>(), self.len);
                drop(Box::from_raw(block));
            }
        }
    }
}

impl Tuple {
    /// The items.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Value] {
        // SAFETY: the invariant; an empty tuple's pointer dangles but is aligned.
        unsafe { std::slice::from_raw_parts(self.items.get(), self.len) }
    }

    /// The hash, if it was told to [`Tuple::remember_hash`].
    #[inline(always)]
    pub(crate) fn known_hash(&self) -> Option<i64> {
        Some(self.hash.get()).filter(|h| *h != 0)
    }

    /// Keeps the hash. Not for tuples that interpreters share.
    #[inline(always)]
    pub(crate) fn remember_hash(&self, hash: i64) {
        self.hash.set(hash);
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A payload for an instance of a subclass.
    pub fn boxed(items: Vec<Value>) -> Tuple {
        let items = Box::leak(items.into_boxed_slice());
        Tuple { len: items.len(), items: Cell::new(items.as_ptr()), hash: Cell::new(0) }
    }
}

/// A tuple that takes over `len` values starting at `from`.
///
/// # Safety
/// The values are owned by the caller, who must not use them afterwards.
pub unsafe fn take_raw(from: *const u64, len: usize) -> Ref<Tuple> {
    if len == 0 {
        return crate::vm::empty_tuple();
    }
    let r = Ref::new_sized(Tuple { len, items: Cell::new(std::ptr::dangling()), hash: Cell::new(0) }, len * 8);
    // SAFETY: there is room for `len` words behind the payload.
    unsafe {
        let to = r.tail().cast::<u64>().cast_mut();
        std::ptr::copy_nonoverlapping(from, to, len);
        r.items.set(to.cast());
    }
    r
}

/// Beyond this number of items the vector's block is kept instead of being copied.
const KEEP: usize = 1 << 12;

/// A tuple of owned values.
pub fn from_vec(items: Vec<Value>) -> Ref<Tuple> {
    if items.len() >= KEEP {
        return Ref::new(Tuple::boxed(items));
    }
    let mut items = std::mem::ManuallyDrop::new(items);
    // SAFETY: the values move; only the vector's memory is freed.
    unsafe {
        let r = take_raw(items.as_ptr().cast(), items.len());
        items.set_len(0);
        drop(std::mem::ManuallyDrop::into_inner(items));
        r
    }
}

/// A tuple of copies.
pub fn from_slice(items: &[Value]) -> Ref<Tuple> {
    if items.is_empty() {
        return crate::vm::empty_tuple();
    }
    let r = Ref::new_sized(Tuple { len: items.len(), items: Cell::new(std::ptr::dangling()), hash: Cell::new(0) }, items.len() * 8);
    // SAFETY: as in `take_raw`.
    unsafe {
        let to = r.tail().cast::<Value>().cast_mut();
        for (i, v) in items.iter().enumerate() {
            to.add(i).write(v.clone());
        }
        r.items.set(to);
    }
    r
}

/// A tuple of an array.
#[inline]
pub fn from_array<const N: usize>(items: [Value; N]) -> Ref<Tuple> {
    if N == 0 {
        return crate::vm::empty_tuple();
    }
    let r = Ref::new_sized(Tuple { len: N, items: Cell::new(std::ptr::dangling()), hash: Cell::new(0) }, N * 8);
    // SAFETY: as in `take_raw`. One by one, for most often the items stand in registers.
    unsafe {
        let to = r.tail().cast::<Value>().cast_mut();
        for (i, v) in items.into_iter().enumerate() {
            to.add(i).write(v);
        }
        r.items.set(to);
    }
    r
}

/// Takes the items of a tuple that is being made.
pub struct Filler {
    to: *mut Value,
    left: usize,
}

impl Filler {
    /// The next item. What is one too many is dropped.
    #[inline(always)]
    pub fn push(&mut self, v: Value) {
        if self.left > 0 {
            // SAFETY: there is room for `left` values from `to` on; what is overwritten is None, which nobody has to
            // drop.
            unsafe {
                self.to.write(v);
                self.to = self.to.add(1);
            }
            self.left -= 1;
        }
    }
}

/// A tuple of `len` values, which `fill` gives one by one; those that it leaves out are None. It runs no Python code.
#[inline]
pub fn filled(len: usize, fill: impl FnOnce(&mut Filler)) -> Ref<Tuple> {
    if len == 0 {
        return crate::vm::empty_tuple();
    }
    if len >= KEEP {
        let mut items = vec![Value::NONE; len];
        fill(&mut Filler { to: items.as_mut_ptr(), left: len });
        return from_vec(items);
    }
    let r = Ref::new_sized(Tuple { len, items: Cell::new(std::ptr::dangling()), hash: Cell::new(0) }, len * 8);
    // SAFETY: as in `take_raw`. The tuple is whole before anybody else can see it.
    unsafe {
        let to = r.tail().cast::<Value>().cast_mut();
        for i in 0..len {
            to.add(i).write(Value::NONE);
        }
        r.items.set(to);
        fill(&mut Filler { to, left: len });
    }
    r
}

/// Where an iterator keeps the tuple that it gave out last, to fill it again when nobody else holds it.
#[derive(taipan_macros::Trace, Default)]
pub struct Recycled {
    last: PyCell<Option<Ref<Tuple>>>,
}

impl Recycled {
    /// A tuple of an array: the last one with new items, or a new one.
    #[inline(always)]
    pub fn tuple<const N: usize>(&self, items: [Value; N]) -> Value {
        let idle = self.last.borrow().as_ref().filter(|t| t.header().unique() && t.len == N).cloned();
        if let Some(t) = idle {
            t.hash.set(0);
            let to = t.items.get().cast_mut();
            for (i, v) in items.into_iter().enumerate() {
                // SAFETY: only this place held the tuple, so nobody sees its `N` items change. One by one, for most
                // often the new ones stand in registers.
                let old = unsafe { to.add(i).replace(v) };
                // Its death may run Python code, which can't get at the tuple: two hold it now.
                drop(old);
            }
            return t.into_value();
        }
        self.fresh(items)
    }

    #[inline(never)]
    fn fresh<const N: usize>(&self, items: [Value; N]) -> Value {
        let t = from_array(items);
        if self.last.borrow().is_none() {
            self.last.set(Some(t.clone()));
        }
        t.into_value()
    }
}

/// The empty tuple's payload, for the image.
pub(crate) fn empty_payload() -> Tuple {
    Tuple { len: 0, items: Cell::new(std::ptr::dangling()), hash: Cell::new(0) }
}
