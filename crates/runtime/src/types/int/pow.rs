//! Powers, with and without a modulus.

use dashu_int::fast_div::ConstDivisor;
use dashu_int::modular::Reduced;
use dashu_int::{IBig, UBig};

use super::arith::{both, modulo_big, product, twos, with_big};
use super::shift::shifted;
use super::{IntRef, bits, from_big, from_i128, get, large};
use crate::core::{R, Raised, Value};
use crate::types::float;
use crate::vm::Vm;

/// `a ** b`; a negative exponent makes it a float.
///
/// Raises ZeroDivisionError (0 to a negative power), OverflowError, MemoryError, and what a signal handler
/// raises.
pub fn pow(vm: &Vm, a: &Value, b: &Value) -> R {
    let Some((x, y)) = both(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if y.is_negative() {
        return float::power(vm, float::from_int(vm, x)?, float::from_int(vm, y)?);
    }
    if let (IntRef::Small(x), IntRef::Small(y)) = (x, y)
        && let Ok(y) = u32::try_from(y)
        && let Some(n) = x.checked_pow(y)
    {
        return Ok(Value::from(n));
    }
    power(vm, x, y).map(from_big)
}

/// `x ** y` for `y >= 0`.
pub(super) fn power(vm: &Vm, x: IntRef<'_>, y: IntRef<'_>) -> R<IBig> {
    let base = x.to_big();
    let odd = y.is_odd();
    if y.is_zero() {
        return Ok(IBig::ONE);
    }
    // 0, 1 and -1 have no size to worry about.
    if x.bits() <= 1 {
        return Ok(if odd || base.is_zero() {
            base
        } else {
            IBig::ONE
        });
    }
    let Some(y) = y.to_i64().map(|y| y as u64) else {
        return Err(vm.memory_error());
    };
    // Powers of two are set aside: they only shift.
    let zeros = twos(&base) as u64;
    let core = base >> zeros as usize;
    let Some(shift) = zeros.checked_mul(y) else {
        return Err(vm.memory_error());
    };
    let raised = raise(vm, &core, y)?;
    if shift == 0 {
        Ok(raised)
    } else {
        shifted(vm, IntRef::Big(&raised), shift)
    }
}

fn raise(vm: &Vm, base: &IBig, y: u64) -> R<IBig> {
    let size = bits(base);
    if size <= 1 {
        return Ok(if y & 1 == 1 { base.clone() } else { IBig::ONE });
    }
    let estimate = (size as u64 - 1).saturating_mul(y);
    // What memory can't hold is refused at once; what only takes too long ends when somebody stops it.
    vm.check_room(usize::try_from(estimate / 8).unwrap_or(usize::MAX))?;
    if estimate < 1 << 14 {
        return Ok(base.pow(y as usize));
    }
    // From the exponent's highest bit down, so that signals get their turn between the steps.
    let mut result = base.clone();
    for bit in (0..u64::BITS - 1 - y.leading_zeros()).rev() {
        vm.poll()?;
        result = product(vm, &result, &result)?;
        if y >> bit & 1 == 1 {
            result = product(vm, &result, base)?;
        }
    }
    Ok(result)
}

#[cold]
fn not_invertible(vm: &Vm) -> Raised {
    vm.value_error("base is not invertible for the given modulus")
}

/// `pow(a, b, c)`; `NotImplemented` for what is no int.
///
/// Raises ValueError for a modulus of 0, or a negative exponent of a base that has no inverse.
pub fn pow_mod(vm: &Vm, a: &Value, b: &Value, c: &Value) -> R {
    let (Some((x, y)), Some(m)) = (both(a, b), get(c)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    if let (IntRef::Small(x), IntRef::Small(y), IntRef::Small(m)) = (x, y, m)
        && y >= 0
    {
        return Ok(from_i128(small_pow(x, y as u64, m)));
    }
    let modulus = m.to_big();
    if bits(&modulus) == 1 {
        return Ok(Value::small(0));
    }
    let magnitude = modulus.clone().into_parts().1;
    let mut base = with_big(x, IntRef::Big(&IBig::from(magnitude.clone())), |x, m| {
        modulo_big(vm, x, m)
    })?
    .into_parts()
    .1;
    let exponent = y.to_big();
    if y.is_negative() {
        base = large::inverse(vm, &base, &magnitude)?.ok_or_else(|| not_invertible(vm))?;
    }
    let result = ring_power(vm, &base, &exponent.into_parts().1, magnitude)?;
    modulo_big(vm, &result.into(), &modulus).map(from_big)
}

fn small_pow(x: i64, mut y: u64, m: i64) -> i128 {
    let modulus = i128::from(m.unsigned_abs());
    let mut base = i128::from(x).rem_euclid(modulus);
    let mut result = 1 % modulus;
    while y > 0 {
        if y & 1 == 1 {
            result = result * base % modulus;
        }
        y >>= 1;
        if y > 0 {
            base = base * base % modulus;
        }
    }
    if m < 0 && result != 0 {
        result + i128::from(m)
    } else {
        result
    }
}

/// Moduli of more words than this are divided by in pieces.
const LONG_MODULUS: usize = 1 << 14;

/// `base ** exponent` modulo `m`, which is above 1.
fn ring_power(vm: &Vm, base: &UBig, exponent: &UBig, m: UBig) -> R<UBig> {
    if exponent.is_zero() {
        return Ok(UBig::ONE);
    }
    let words = m.as_words().len();
    if words > LONG_MODULUS {
        let times = |x: &UBig, y: &UBig| Ok(large::div_rem(vm, &large::product(vm, x, y)?, &m)?.1);
        return windows(vm, base, exponent, UBig::ONE, times);
    }
    let ring = ConstDivisor::new(m.clone());
    let base = ring.reduce(base.clone());
    let work = words
        .saturating_mul(words)
        .saturating_mul(exponent.as_words().len());
    if work < 1 << 16 {
        return Ok(base.pow(exponent).residue());
    }
    // A product with itself is a square, which takes less time.
    fn times<'r>(x: &Reduced<'r>, y: &Reduced<'r>) -> R<Reduced<'r>> {
        Ok(if std::ptr::eq(x, y) { x.sqr() } else { x * y })
    }
    windows(vm, &base, exponent, ring.reduce(UBig::ONE), times).map(|r| r.residue())
}

/// A power in windows of four bits of the exponent, between which signals get their turn.
fn windows<T: Clone>(
    vm: &Vm,
    base: &T,
    exponent: &UBig,
    one: T,
    times: impl Fn(&T, &T) -> R<T>,
) -> R<T> {
    let mut table = vec![one.clone(), base.clone()];
    for i in 2..16 {
        let next = times(&table[i - 1], base)?;
        table.push(next);
    }
    let mut result = None;
    for word in exponent.as_words().iter().rev() {
        for nibble in (0..16).rev() {
            vm.poll()?;
            let digit = (word >> (nibble * 4) & 15) as usize;
            result = match result {
                // Nothing to square before the first digit.
                None if digit == 0 => None,
                None => Some(table[digit].clone()),
                Some(mut r) => {
                    for _ in 0..4 {
                        r = times(&r, &r)?;
                    }
                    Some(if digit == 0 {
                        r
                    } else {
                        times(&r, &table[digit])?
                    })
                }
            };
        }
    }
    Ok(result.unwrap_or(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_moduli() {
        assert_eq!(small_pow(2, 10, 1000), 24);
        assert_eq!(small_pow(2, 3, -5), -2);
        assert_eq!(small_pow(-2, 3, 7), 6);
        assert_eq!(small_pow(0, 0, 1), 0);
        assert_eq!(small_pow(3, 0, 7), 1);
        assert_eq!(small_pow(i64::MIN >> 1, u64::MAX >> 2, i64::MIN >> 1), 0);
    }
}
