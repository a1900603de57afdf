//! Operators on ints, as the loop and the slots call them: both operands may be in the word, on the heap,
//! bools, or instances of subclasses. What is no int gives `NotImplemented`.

use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};

use super::{IntRef, bits, from_big, from_i128, get, large};
use crate::core::{R, Raised, Value, tag};
use crate::vm::Vm;

/// Both operands as numbers.
#[inline(always)]
pub(super) fn both<'a>(a: &'a Value, b: &'a Value) -> Option<(IntRef<'a>, IntRef<'a>)> {
    Some((get(a)?, get(b)?))
}

/// Calls `f` with both numbers as big ones.
#[inline]
pub(super) fn with_big<T>(x: IntRef<'_>, y: IntRef<'_>, f: impl FnOnce(&IBig, &IBig) -> T) -> T {
    match (x, y) {
        (IntRef::Big(x), IntRef::Big(y)) => f(x, y),
        (IntRef::Small(x), IntRef::Big(y)) => f(&IBig::from(x), y),
        (IntRef::Big(x), IntRef::Small(y)) => f(x, &IBig::from(y)),
        (IntRef::Small(x), IntRef::Small(y)) => f(&IBig::from(x), &IBig::from(y)),
    }
}

/// The error for a zero divisor.
#[cold]
pub(super) fn zero_division(vm: &Vm) -> Raised {
    vm.zero_division_error("division by zero")
}

/// `a + b`
#[inline]
pub fn add(_vm: &Vm, a: &Value, b: &Value) -> R {
    Ok(match both(a, b) {
        // Words hold 63 bits, so the sum fits 64.
        Some((IntRef::Small(x), IntRef::Small(y))) => Value::from(x.wrapping_add(y)),
        Some((x, y)) => from_big(with_big(x, y, |x, y| x + y)),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `a - b`
#[inline]
pub fn sub(_vm: &Vm, a: &Value, b: &Value) -> R {
    Ok(match both(a, b) {
        Some((IntRef::Small(x), IntRef::Small(y))) => Value::from(x.wrapping_sub(y)),
        Some((x, y)) => from_big(with_big(x, y, |x, y| x - y)),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `a * b`
///
/// Raises MemoryError for absurd sizes.
#[inline]
pub fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
    Ok(match both(a, b) {
        Some((IntRef::Small(x), IntRef::Small(y))) => match x.checked_mul(y) {
            Some(n) => Value::from(n),
            None => from_i128(i128::from(x) * i128::from(y)),
        },
        Some((x, y)) => from_big(with_big(x, y, |x, y| product(vm, x, y))?),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// The magnitude as a number of its own.
pub(super) fn magnitude(n: &IBig) -> UBig {
    UBig::from_words(n.as_sign_words().1)
}

/// `x * y`; the same number twice is squared, which takes less time.
///
/// Raises MemoryError for absurd sizes, and, where it takes long, what a signal handler raises.
pub fn product(vm: &Vm, x: &IBig, y: &IBig) -> R<IBig> {
    let same = std::ptr::eq(x, y);
    if bits(x) + bits(y) < 1 << 20 {
        return Ok(if same { x.sqr().into() } else { x * y });
    }
    let sign = x.as_sign_words().0 * y.as_sign_words().0;
    let first = magnitude(x);
    let size = if same {
        large::product(vm, &first, &first)?
    } else {
        large::product(vm, &first, &magnitude(y))?
    };
    Ok(IBig::from_parts(sign, size))
}

/// Quotient and remainder, rounded towards zero; the divisor is not zero.
fn divide(vm: &Vm, x: &IBig, y: &IBig) -> R<(IBig, IBig)> {
    if bits(x) < 1 << 20 {
        return Ok(x.div_rem(y));
    }
    let ((s, x), (t, y)) = (
        (x.as_sign_words().0, magnitude(x)),
        (y.as_sign_words().0, magnitude(y)),
    );
    let (q, r) = large::div_rem(vm, &x, &y)?;
    Ok((IBig::from_parts(s * t, q), IBig::from_parts(s, r)))
}

/// Quotient and remainder as Python rounds them: the remainder has the divisor's sign.
#[inline]
fn divmod_small(x: i64, y: i64) -> (i64, i64) {
    let (q, r) = (x.wrapping_div(y), x.wrapping_rem(y));
    if r != 0 && (r ^ y) < 0 {
        (q - 1, r + y)
    } else {
        (q, r)
    }
}

/// Quotient and remainder as Python rounds them; the divisor is not zero.
///
/// Raises, where it takes long, what a signal handler raises.
pub fn divmod_big(vm: &Vm, x: &IBig, y: &IBig) -> R<(IBig, IBig)> {
    let (q, r) = divide(vm, x, y)?;
    Ok(if !r.is_zero() && (r < IBig::ZERO) != (*y < IBig::ZERO) {
        (q - IBig::ONE, r + y)
    } else {
        (q, r)
    })
}

/// `a // b`
///
/// Raises ZeroDivisionError.
#[inline]
pub fn floordiv(vm: &Vm, a: &Value, b: &Value) -> R {
    Ok(match both(a, b) {
        Some((_, y)) if y.is_zero() => return Err(zero_division(vm)),
        Some((IntRef::Small(x), IntRef::Small(y))) => Value::from(divmod_small(x, y).0),
        Some((x, y)) => from_big(with_big(x, y, |x, y| divmod_big(vm, x, y))?.0),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `a % b`
///
/// Raises ZeroDivisionError.
#[inline]
pub fn modulo(vm: &Vm, a: &Value, b: &Value) -> R {
    Ok(match both(a, b) {
        Some((_, y)) if y.is_zero() => return Err(zero_division(vm)),
        Some((IntRef::Small(x), IntRef::Small(y))) => Value::from(divmod_small(x, y).1),
        Some((x, y)) => from_big(with_big(x, y, |x, y| modulo_big(vm, x, y))?),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// `x % y` as Python has it; the divisor is not zero.
///
/// Raises, where it takes long, what a signal handler raises.
pub fn modulo_big(vm: &Vm, x: &IBig, y: &IBig) -> R<IBig> {
    let r = if bits(x) < 1 << 20 {
        x % y
    } else {
        divide(vm, x, y)?.1
    };
    Ok(if !r.is_zero() && (r < IBig::ZERO) != (*y < IBig::ZERO) {
        r + y
    } else {
        r
    })
}

/// Quotient and remainder as two values.
///
/// Raises ZeroDivisionError; `None` for what is no int.
pub fn divmod(vm: &Vm, a: &Value, b: &Value) -> R<Option<(Value, Value)>> {
    Ok(match both(a, b) {
        Some((_, y)) if y.is_zero() => return Err(zero_division(vm)),
        Some((IntRef::Small(x), IntRef::Small(y))) => {
            let (q, r) = divmod_small(x, y);
            Some((Value::from(q), Value::from(r)))
        }
        Some((x, y)) => {
            let (q, r) = with_big(x, y, |x, y| divmod_big(vm, x, y))?;
            Some((from_big(q), from_big(r)))
        }
        None => None,
    })
}

macro_rules! bitwise {
    ($(#[$doc:meta] $name:ident $op:tt;)*) => {$(
        #[$doc]
        #[inline]
        pub fn $name(_vm: &Vm, a: &Value, b: &Value) -> R {
            Ok(match both(a, b) {
                Some((IntRef::Small(x), IntRef::Small(y))) => Value::from(x $op y),
                Some((x, y)) => from_big(with_big(x, y, |x, y| x $op y)),
                None => Value::NOT_IMPLEMENTED,
            })
        }
    )*};
}
bitwise! {
    #[doc = "`a & b`"] and &;
    #[doc = "`a | b`"] or |;
    #[doc = "`a ^ b`"] xor ^;
}

/// `-n`
#[inline]
pub fn neg(n: IntRef<'_>) -> Value {
    match n {
        IntRef::Small(n) => Value::from(n.wrapping_neg()),
        IntRef::Big(b) => from_big(-b),
    }
}

/// `abs(n)`
#[inline]
pub fn abs(n: IntRef<'_>) -> Value {
    match n {
        IntRef::Small(n) => Value::from(n.wrapping_abs()),
        IntRef::Big(b) => from_big(dashu_int::ops::Abs::abs(b)),
    }
}

/// `~n`
#[inline]
pub fn invert(n: IntRef<'_>) -> Value {
    match n {
        IntRef::Small(n) => Value::from(!n),
        IntRef::Big(b) => from_big(!b),
    }
}

/// The number itself as an exact int, whatever class it is of.
#[inline]
pub fn exact(v: &Value) -> Option<Value> {
    if tag::is_int(v.raw()) {
        return Some(v.clone());
    }
    match get(v)? {
        IntRef::Small(n) => Some(Value::from(n)),
        IntRef::Big(_) if v.ty().is(super::INT.get()) => Some(v.clone()),
        IntRef::Big(b) => Some(from_big(b.clone())),
    }
}

/// How often 2 divides the number, which is not zero.
pub(super) fn twos(n: &IBig) -> usize {
    let words = n.as_sign_words().1;
    match words.iter().position(|w| *w != 0) {
        Some(i) => i * 64 + words[i].trailing_zeros() as usize,
        None => 0,
    }
}

/// Set bits of the magnitude.
pub(super) fn ones(n: &IBig) -> usize {
    n.as_sign_words()
        .1
        .iter()
        .map(|w| w.count_ones() as usize)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding() {
        for (x, y, q, r) in [
            (7, 2, 3, 1),
            (-7, 2, -4, 1),
            (7, -2, -4, -1),
            (-7, -2, 3, -1),
            (6, -3, -2, 0),
        ] {
            assert_eq!(divmod_small(x, y), (q, r));
        }
    }

    #[test]
    fn counting() {
        let n = IBig::from(12) << 200;
        assert_eq!((bits(&n), twos(&n), ones(&n)), (204, 202, 2));
        assert_eq!((bits(&IBig::ZERO), bits(&IBig::from(-8))), (0, 4));
    }
}
