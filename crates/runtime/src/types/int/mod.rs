//! int: 63 bits in the word, beyond that `dashu_int::IBig` on the heap.
//!
//! Invariant: an exact int that fits 63 bits is always in the word; only instances of subclasses hold
//! small numbers in a payload.

mod arith;
mod bytes;
mod compare;
mod convert;
mod divide;
pub mod large;
mod methods;
mod pow;
mod round;
mod shift;
mod text;

use dashu_int::IBig;

pub use self::arith::*;
pub use self::compare::{cmp, cmp_float, hash_small, hash_value};
pub(crate) use self::convert::{contents, trim};
pub use self::convert::{from_f64, from_text, to_int};
pub use self::divide::{compose, nearest, quotient, truediv};
pub use self::methods::INT;
pub use self::pow::{pow, pow_mod};
pub use self::shift::{lshift, rshift};
pub use self::text::{decimal, format_value, locale};
pub(crate) use self::text::{format_spec, locale_of};
use crate::core::{R, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::types::type_::tflag;
use crate::vm::Vm;

/// The types of this folder.
pub const TYPES: &[&TypeDef] = &[Int::DEF];

/// The payload of int.
pub struct Int {
    value: IBig,
}

impl Trace for Int {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Int {
    /// A payload; for exact ints use [`from_big`], which keeps small ones in the word.
    #[inline]
    pub fn new(value: IBig) -> Self {
        Self { value }
    }

    /// The number.
    pub fn value(&self) -> &IBig {
        &self.value
    }
}

/// A number that may be in the word or on the heap.
#[derive(Clone, Copy)]
pub enum IntRef<'a> {
    /// At most 63 bits.
    Small(i64),
    /// On the heap (it may be small in an instance of a subclass).
    Big(&'a IBig),
}

impl<'a> IntRef<'a> {
    /// Bits of the magnitude.
    #[inline]
    pub fn bits(self) -> usize {
        match self {
            Self::Small(n) => 64 - n.unsigned_abs().leading_zeros() as usize,
            Self::Big(b) => bits(b),
        }
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        match self {
            Self::Small(n) => n == 0,
            Self::Big(b) => b.is_zero(),
        }
    }

    /// Whether it is odd.
    #[inline]
    pub fn is_odd(self) -> bool {
        match self {
            Self::Small(n) => n & 1 != 0,
            Self::Big(b) => b.as_sign_words().1.first().is_some_and(|w| w & 1 != 0),
        }
    }

    /// As the text crate sees it.
    #[inline]
    pub fn text(self) -> taipan_text::int::IntRef<'a> {
        match self {
            Self::Small(n) => taipan_text::int::IntRef::Small(n),
            Self::Big(b) => taipan_text::int::IntRef::Big(b),
        }
    }

    /// As a big number.
    pub fn to_big(self) -> IBig {
        match self {
            Self::Small(n) => IBig::from(n),
            Self::Big(b) => b.clone(),
        }
    }

    /// As i64, if it fits.
    pub fn to_i64(self) -> Option<i64> {
        match self {
            Self::Small(n) => Some(n),
            Self::Big(b) => i64::try_from(b).ok(),
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        match self {
            Self::Small(n) => n < 0,
            Self::Big(b) => *b < IBig::ZERO,
        }
    }
}

/// Bits of the magnitude.
#[inline]
pub fn bits(n: &IBig) -> usize {
    match n.as_sign_words().1 {
        [.., last] => n.as_sign_words().1.len() * 64 - last.leading_zeros() as usize,
        [] => 0,
    }
}

/// The number of an int (or bool, or instance of a subclass).
#[inline]
pub fn get(v: &Value) -> Option<IntRef<'_>> {
    if let Some(n) = v.as_small() {
        return Some(IntRef::Small(n));
    }
    if let Some(b) = v.as_bool() {
        return Some(IntRef::Small(i64::from(b)));
    }
    if v.is_object() && v.ty().has(tflag::INT_SUB) {
        // SAFETY: the flag marks types with the layout of int.
        return Some(IntRef::Big(&unsafe { v.downcast_unchecked::<Int>() }.value));
    }
    None
}

/// An int that does not fit the word.
#[cold]
pub fn boxed_i64(n: i64) -> Value {
    Ref::new(Int::new(IBig::from(n))).into_value()
}

/// An int of at most 128 bits.
#[inline]
pub fn from_i128(n: i128) -> Value {
    match i64::try_from(n) {
        Ok(n) => Value::from(n),
        Err(_) => Ref::new(Int::new(IBig::from(n))).into_value(),
    }
}

/// An int of any size.
pub fn from_big(n: IBig) -> Value {
    match i64::try_from(&n) {
        Ok(small) if (small << 1) >> 1 == small => Value::from(small),
        _ => Ref::new(Int::new(n)).into_value(),
    }
}

/// The integer that `v` is or gives by `__index__`, as an exact int.
///
/// Raises TypeError for what is no integer; warns of an `__index__` that gives an instance of a subclass.
#[inline]
pub fn index(vm: &Vm, v: &Value) -> R {
    match exact(v) {
        Some(n) => Ok(n),
        None => index_slow(vm, v),
    }
}

#[cold]
fn index_slow(vm: &Vm, v: &Value) -> R {
    match v.ty().slots().index {
        Some(f) => {
            let r = f(vm, v)?;
            convert::exactly(vm, r, "__index__")
        }
        None => Err(vm.type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            v.ty().tp_name()
        ))),
    }
}

/// As i64 through `__index__`.
///
/// Raises TypeError, or OverflowError beyond 64 bits.
#[inline]
pub fn to_i64(vm: &Vm, v: &Value) -> R<i64> {
    if let Some(n) = v.as_small() {
        return Ok(n);
    }
    let n = index(vm, v)?;
    match get(&n).and_then(IntRef::to_i64) {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error("Python int too large to convert to C long")),
    }
}

/// As isize through `__index__`.
///
/// Raises TypeError, or OverflowError beyond 64 bits.
#[inline]
pub fn to_isize(vm: &Vm, v: &Value) -> R<isize> {
    if let Some(n) = v.as_small() {
        return Ok(n as isize);
    }
    let n = index(vm, v)?;
    match get(&n).and_then(IntRef::to_i64) {
        Some(n) => Ok(n as isize),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

/// As isize through `__index__`, clamped to the range (as slices and indices are).
pub fn to_isize_clamped(vm: &Vm, v: &Value) -> R<isize> {
    if let Some(n) = v.as_small() {
        return Ok(n as isize);
    }
    let n = index(vm, v)?;
    Ok(match get(&n) {
        Some(n) => n.to_i64().map_or(
            if n.is_negative() {
                isize::MIN
            } else {
                isize::MAX
            },
            |n| n as isize,
        ),
        None => 0,
    })
}
