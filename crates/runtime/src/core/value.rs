//! One 64-bit word for every Python value.
//!
//! Low-bit tags: `xx1` an int of 63 bits; `x10` a float whose exponent is everyday; `100` one of the
//! singletons; `000` a pointer to an object. The word is never zero, so `Option<Value>` and
//! `Result<Value, Raised>` are one word too.

use std::marker::PhantomData;
use std::num::NonZeroU64;

use taipan_memory::Header;

use super::object::{Payload, Ref};
use crate::types::type_::TypeObject;

/// The singletons' words, and the tests on raw words that the loop uses.
pub mod tag {
    /// `None`
    pub const NONE: u64 = 0b0100;
    /// `False`
    pub const FALSE: u64 = 0b1_0100;
    /// `True`
    pub const TRUE: u64 = 0b1_1100;
    /// `Ellipsis`
    pub const ELLIPSIS: u64 = 0b10_0100;
    /// `NotImplemented`
    pub const NOT_IMPLEMENTED: u64 = 0b10_1100;
    /// `0.0`, which the float encoding can't express.
    pub const ZERO: u64 = 0b11_0100;
    /// `-0.0`
    pub const NEG_ZERO: u64 = 0b11_1100;
    const FLOAT_BIAS: u64 = 1 << 60;

    /// Whether the word is a small int.
    #[inline(always)]
    pub const fn is_int(w: u64) -> bool {
        w & 1 != 0
    }

    /// Whether both words are small ints.
    #[inline(always)]
    pub const fn both_int(a: u64, b: u64) -> bool {
        a & b & 1 != 0
    }

    /// Whether the word is a float held in the word (zeros are not, see [`is_zero`]).
    #[inline(always)]
    pub const fn is_float(w: u64) -> bool {
        w & 3 == 2
    }

    /// Whether the word is `0.0` or `-0.0`.
    #[inline(always)]
    pub const fn is_zero(w: u64) -> bool {
        w & !0b1000 == ZERO
    }

    /// Whether the word is a pointer (zero, the empty register, is none).
    #[inline(always)]
    pub const fn is_object(w: u64) -> bool {
        w & 7 == 0 && w != 0
    }

    /// The word of a small int; the caller knows that it fits 63 bits.
    #[inline(always)]
    pub const fn from_int(n: i64) -> u64 {
        (n << 1) as u64 | 1
    }

    /// The small int in a word.
    #[inline(always)]
    pub const fn to_int(w: u64) -> i64 {
        w as i64 >> 1
    }

    /// The word of a bool.
    #[inline(always)]
    pub const fn from_bool(b: bool) -> u64 {
        FALSE | (b as u64) << 3
    }

    /// The word of a float, if it has one.
    #[inline(always)]
    pub const fn from_float(x: f64) -> Option<u64> {
        let bits = x.to_bits();
        let w = bits.wrapping_add(FLOAT_BIAS).rotate_left(3);
        if w & 3 == 2 {
            return Some(w);
        }
        if bits << 1 == 0 {
            return Some(if bits == 0 { ZERO } else { NEG_ZERO });
        }
        None
    }

    /// The float in a word for which [`is_float`] holds.
    #[inline(always)]
    pub const fn to_float(w: u64) -> f64 {
        f64::from_bits(w.rotate_right(3).wrapping_sub(FLOAT_BIAS))
    }
}

/// The marker that an exception was raised; the exception itself waits in the thread's state.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Raised(PhantomData<*const ()>);

impl Raised {
    /// Only the thread state makes these, having stored the exception.
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// What everything that can raise returns.
pub type R<T = Value> = Result<T, Raised>;

/// An owned Python value: cloning retains, dropping releases.
#[repr(transparent)]
pub struct Value(NonZeroU64, PhantomData<*const ()>);

const _: () = assert!(size_of::<R>() == 8 && size_of::<Option<Value>>() == 8);

impl Value {
    /// `None`
    pub const NONE: Value = Self::immediate(tag::NONE);
    /// `True`
    pub const TRUE: Value = Self::immediate(tag::TRUE);
    /// `False`
    pub const FALSE: Value = Self::immediate(tag::FALSE);
    /// `Ellipsis`
    pub const ELLIPSIS: Value = Self::immediate(tag::ELLIPSIS);
    /// `NotImplemented`
    pub const NOT_IMPLEMENTED: Value = Self::immediate(tag::NOT_IMPLEMENTED);

    const fn immediate(w: u64) -> Self {
        match NonZeroU64::new(w) {
            Some(w) => Self(w, PhantomData),
            None => panic!("a tagged word is not zero"),
        }
    }

    /// Takes over a word and its count.
    ///
    /// # Safety
    /// `w` is not zero and is a valid word whose count, if it is a pointer, now belongs to the result.
    #[inline(always)]
    pub unsafe fn from_raw(w: u64) -> Self {
        // SAFETY: the caller.
        Self(unsafe { NonZeroU64::new_unchecked(w) }, PhantomData)
    }

    /// The word; the value still owns its count.
    #[inline(always)]
    pub fn raw(&self) -> u64 {
        self.0.get()
    }

    /// The word; whoever gets it owns the count.
    #[inline(always)]
    pub fn into_raw(self) -> u64 {
        let w = self.0.get();
        std::mem::forget(self);
        w
    }

    /// A small int.
    #[inline(always)]
    pub fn small(n: i32) -> Self {
        Self::immediate(tag::from_int(n as i64))
    }

    /// The int in the word, if it is one of at most 63 bits that is no bool.
    #[inline(always)]
    pub fn as_small(&self) -> Option<i64> {
        if tag::is_int(self.raw()) { Some(tag::to_int(self.raw())) } else { None }
    }

    /// A bool.
    #[inline(always)]
    pub fn bool(b: bool) -> Self {
        Self::immediate(tag::from_bool(b))
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.raw() == tag::NONE
    }

    /// Whether this is `True`.
    #[inline(always)]
    pub fn is_true(&self) -> bool {
        self.raw() == tag::TRUE
    }

    /// Whether this is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.raw() == tag::NOT_IMPLEMENTED
    }

    /// The bool, if it is one.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        if self.raw() & !0b1000 == tag::FALSE { Some(self.raw() == tag::TRUE) } else { None }
    }

    /// The float in the word, if there is one (heap floats are looked at by `types::float`).
    #[inline(always)]
    pub fn as_inline_float(&self) -> Option<f64> {
        let w = self.raw();
        if tag::is_float(w) {
            Some(tag::to_float(w))
        } else if tag::is_zero(w) {
            Some(if w == tag::ZERO { 0.0 } else { -0.0 })
        } else {
            None
        }
    }

    /// Whether the word points to an object.
    #[inline(always)]
    pub fn is_object(&self) -> bool {
        self.raw() & 7 == 0
    }

    /// The object's header, if the word points to one.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        if self.is_object() {
            // SAFETY: invariant 1 of `core`.
            Some(unsafe { &*std::ptr::with_exposed_provenance::<Header>(self.raw() as usize) })
        } else {
            None
        }
    }

    /// The type.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObject {
        match self.header() {
            // SAFETY: a live object's type is live.
            Some(h) => unsafe { &*h.ty().cast::<TypeObject>() },
            None => self.immediate_type(),
        }
    }

    #[inline(always)]
    fn immediate_type(&self) -> &'static TypeObject {
        use crate::types;
        let w = self.raw();
        if tag::is_int(w) {
            types::int::INT.get()
        } else if tag::is_float(w) {
            types::float::FLOAT.get()
        } else {
            match w {
                tag::NONE => types::singletons::NONE_TYPE.get(),
                tag::TRUE | tag::FALSE => types::bool::BOOL.get(),
                tag::ELLIPSIS => types::singletons::ELLIPSIS.get(),
                tag::NOT_IMPLEMENTED => types::singletons::NOT_IMPLEMENTED.get(),
                _ => types::float::FLOAT.get(),
            }
        }
    }

    /// Whether both are the same object.
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.raw() == other.raw()
    }

    /// The object as a `T`, if its type is `T`'s or derives from it.
    #[inline(always)]
    pub fn downcast<T: Payload>(&self) -> Option<&Ref<T>> {
        let h = self.header()?;
        let ty = T::TYPE.ptr();
        let mine = h.ty().cast::<TypeObject>();
        // SAFETY: invariants 1 and 2 of `core`.
        unsafe {
            if std::ptr::eq(mine, ty) || (*mine).has_layout_of(&*ty) {
                return Some(self.downcast_unchecked());
            }
        }
        None
    }

    /// The object as a `T`, if its type is exactly `T`'s.
    #[inline(always)]
    pub fn downcast_exact<T: Payload>(&self) -> Option<&Ref<T>> {
        let h = self.header()?;
        if std::ptr::eq(h.ty().cast::<TypeObject>(), T::TYPE.ptr()) {
            // SAFETY: invariant 2 of `core`.
            return Some(unsafe { self.downcast_unchecked() });
        }
        None
    }

    /// The object as a `T` without a look at its type.
    ///
    /// # Safety
    /// The value is an object whose type is `T`'s or derives from it.
    #[inline(always)]
    pub unsafe fn downcast_unchecked<T: Payload>(&self) -> &Ref<T> {
        // SAFETY: the caller; `Ref` is one word with the same ownership as a value that is a pointer.
        unsafe { &*std::ptr::from_ref(self).cast::<Ref<T>>() }
    }

    /// Borrowed words seen as values.
    ///
    /// # Safety
    /// None of the words is zero, and each is owned by somebody for as long as the result lives.
    #[inline(always)]
    pub unsafe fn slice_from_raw<'a>(first: *const u64, len: usize) -> &'a [Value] {
        // SAFETY: the caller; a `Value` is one word.
        unsafe { std::slice::from_raw_parts(first.cast::<Value>(), len) }
    }

    /// The value as an owned `Ref<T>`, or back if it is something else.
    #[inline]
    pub fn into_ref<T: Payload>(self) -> Result<Ref<T>, Value> {
        if self.downcast::<T>().is_some() {
            // SAFETY: just checked; the count moves along.
            Ok(unsafe { Ref::from_raw(self.into_raw()) })
        } else {
            Err(self)
        }
    }

    /// A number that is unique among the objects alive (`id`).
    pub fn id(&self) -> u64 {
        self.raw()
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Self {
        if let Some(h) = self.header() {
            h.retain();
        }
        Self(self.0, PhantomData)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(h) = self.header()
            && h.release()
        {
            // SAFETY: the count is zero: nobody else refers to the object.
            unsafe { crate::vm::dealloc(h) };
        }
    }
}

impl From<bool> for Value {
    #[inline(always)]
    fn from(b: bool) -> Self {
        Self::bool(b)
    }
}

impl From<f64> for Value {
    #[inline(always)]
    fn from(x: f64) -> Self {
        match tag::from_float(x) {
            Some(w) => Self::immediate(w),
            None => crate::types::float::boxed(x),
        }
    }
}

impl From<i64> for Value {
    #[inline(always)]
    fn from(n: i64) -> Self {
        if (n << 1) >> 1 == n { Self::immediate(tag::from_int(n)) } else { crate::types::int::boxed_i64(n) }
    }
}

macro_rules! from_small {
    ($($t:ty)*) => {$(
        impl From<$t> for Value {
            #[inline(always)]
            fn from(n: $t) -> Self { Self::from(n as i64) }
        }
    )*};
}
from_small!(i8 u8 i16 u16 i32 u32);

impl From<u64> for Value {
    fn from(n: u64) -> Self {
        match i64::try_from(n) {
            Ok(n) => Self::from(n),
            Err(_) => crate::types::int::from_big(n.into()),
        }
    }
}

impl From<usize> for Value {
    #[inline(always)]
    fn from(n: usize) -> Self {
        Self::from(n as u64)
    }
}

impl From<isize> for Value {
    #[inline(always)]
    fn from(n: isize) -> Self {
        Self::from(n as i64)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} {:#x}>", self.ty().name(), self.raw())
    }
}

impl PartialEq for Value {
    /// Identity, not Python's equality.
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}
