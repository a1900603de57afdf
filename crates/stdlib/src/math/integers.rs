//! Functions of ints: divisors, roots, combinations.

use dashu_int::{IBig, UBig};
use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::int::{self, IntRef, large};
use taipan_runtime::vm::Vm;

/// The absolute value of an argument.
fn magnitude(vm: &Vm, v: &Value) -> R<UBig> {
    let n = int::index(vm, v)?;
    Ok(int::get(&n).map_or(UBig::ZERO, |n| n.to_big().into_parts().1))
}

fn gcd_small(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn gcd_of(vm: &Vm, a: UBig, b: UBig) -> R<UBig> {
    match (u64::try_from(&a), u64::try_from(&b)) {
        (Ok(a), Ok(b)) => Ok(gcd_small(a, b).into()),
        _ => large::gcd(vm, a, b),
    }
}

/// The greatest common divisor; 0 if there is no argument but 0.
#[function(sig = "(*integers)")]
pub fn gcd(vm: &Vm, integers: &[Value]) -> R {
    if let [a, b] = integers
        && let (Some(a), Some(b)) = (a.as_small(), b.as_small())
    {
        return Ok(Value::from(gcd_small(a.unsigned_abs(), b.unsigned_abs())));
    }
    let mut result = UBig::ZERO;
    for v in integers {
        let n = magnitude(vm, v)?;
        result = gcd_of(vm, result, n)?;
        vm.poll()?;
    }
    Ok(int::from_big(result.into()))
}

/// The least common multiple; 1 without arguments, 0 if one of them is 0.
#[function(sig = "(*integers)")]
pub fn lcm(vm: &Vm, integers: &[Value]) -> R {
    let mut result = UBig::ONE;
    for v in integers {
        let n = magnitude(vm, v)?;
        if n.is_zero() || result.is_zero() {
            result = UBig::ZERO;
            continue;
        }
        let shared = gcd_of(vm, result.clone(), n.clone())?;
        let (factor, _) = large::div_rem(vm, &result, &shared)?;
        result = large::product(vm, &factor, &n)?;
        vm.poll()?;
    }
    Ok(int::from_big(result.into()))
}

fn bits(n: &UBig) -> usize {
    dashu_int::ops::BitTest::bit_len(n)
}

/// The greatest int whose square is not above n.
#[function(sig = "(n, /)")]
pub fn isqrt(vm: &Vm, n: &Value) -> R {
    let n = int::index(vm, n)?;
    let n = match int::get(&n) {
        Some(n) if n.is_negative() => {
            return Err(vm.value_error("isqrt() argument must be nonnegative"));
        }
        Some(IntRef::Small(n)) => return Ok(Value::from(n.isqrt())),
        Some(n) => n.to_big().into_parts().1,
        None => UBig::ZERO,
    };
    large::sqrt(vm, &n).map(|root| int::from_big(root.into()))
}

/// `n * (n - 1) * ...`, `k` factors, the last of which is positive.
fn falling(vm: &Vm, n: &UBig, k: u64) -> R<UBig> {
    if k <= 16 {
        let mut product = UBig::ONE;
        let mut factor = n.clone();
        for _ in 0..k {
            product *= &factor;
            factor -= UBig::ONE;
        }
        return Ok(product);
    }
    vm.poll()?;
    // Factors of like size multiply fastest.
    let half = k / 2;
    let upper = falling(vm, n, half)?;
    let lower = falling(vm, &(n - half), k - half)?;
    large::product(vm, &upper, &lower)
}

/// As [`falling`], if the result has a size that memory can hold.
///
/// Raises MemoryError.
fn product(vm: &Vm, n: &UBig, k: u64) -> R<UBig> {
    let estimate = (bits(n) as u64).saturating_mul(k);
    large::room(vm, usize::try_from(estimate).unwrap_or(usize::MAX))?;
    falling(vm, n, k)
}

fn factorial_of(vm: &Vm, n: u64) -> R<UBig> {
    if n <= 33 {
        // 33! is the last that fits.
        return Ok((1..=u128::from(n)).product::<u128>().into());
    }
    product(vm, &n.into(), n)
}

/// The product of all ints from 1 to n.
#[function(sig = "(n, /)")]
pub fn factorial(vm: &Vm, n: &Value) -> R {
    let n = int::index(vm, n)?;
    let n = int::get(&n).unwrap_or(IntRef::Small(0));
    if n.is_negative() {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    match n.to_i64() {
        Some(n) => factorial_of(vm, n as u64).map(|n| int::from_big(n.into())),
        None => Err(vm.overflow_error(format!(
            "factorial() argument should not exceed {}",
            i64::MAX
        ))),
    }
}

#[cold]
fn negative(vm: &Vm, name: &str) -> Raised {
    vm.value_error(format!("{name} must be a non-negative integer"))
}

/// An argument that must not be negative.
fn natural(vm: &Vm, v: &Value) -> R<IBig> {
    let n = int::index(vm, v)?;
    Ok(int::get(&n).map_or(IBig::ZERO, IntRef::to_big))
}

/// How many ways there are to choose k of n items in order; of all n without k.
#[function(sig = "(n, k=None, /)")]
pub fn perm(vm: &Vm, n: &Value, k: Nullable<&Value>) -> R {
    let Some(k) = k.0 else {
        return factorial(vm, n);
    };
    let (n, k) = (natural(vm, n)?, natural(vm, k)?);
    if n < IBig::ZERO {
        return Err(negative(vm, "n"));
    }
    if k < IBig::ZERO {
        return Err(negative(vm, "k"));
    }
    if k > n {
        return Ok(Value::small(0));
    }
    let Ok(k) = i64::try_from(&k) else {
        return Err(vm.overflow_error(format!("k must not exceed {}", i64::MAX)));
    };
    product(vm, &n.into_parts().1, k as u64).map(|n| int::from_big(n.into()))
}

/// How many ways there are to choose k of n items, whatever their order.
#[function(sig = "(n, k, /)")]
pub fn comb(vm: &Vm, n: &Value, k: &Value) -> R {
    let (n, k) = (natural(vm, n)?, natural(vm, k)?);
    if n < IBig::ZERO {
        return Err(negative(vm, "n"));
    }
    if k < IBig::ZERO {
        return Err(negative(vm, "k"));
    }
    if k > n {
        return Ok(Value::small(0));
    }
    // As many ways to choose as to leave out.
    let fewer = (&n - &k).min(k);
    let Ok(k) = i64::try_from(&fewer) else {
        return Err(vm.overflow_error(format!("min(n - k, k) must not exceed {}", i64::MAX)));
    };
    let (n, k) = (n.into_parts().1, k as u64);
    if let Ok(n) = u64::try_from(&n)
        && let Some(c) = comb_small(n, k)
    {
        return Ok(int::from_big(c.into()));
    }
    let (top, bottom) = (product(vm, &n, k)?, factorial_of(vm, k)?);
    large::div_rem(vm, &top, &bottom).map(|(c, _)| int::from_big(c.into()))
}

/// The binomial coefficient, if all steps fit 128 bits.
fn comb_small(n: u64, k: u64) -> Option<u128> {
    if k > 64 {
        return None;
    }
    let mut c = 1u128;
    for i in 0..k {
        // c is the coefficient of n and i, so the division leaves no rest.
        c = c.checked_mul(u128::from(n - i))? / u128::from(i + 1);
    }
    Some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(gcd_small(12, 18), 6);
        assert_eq!(gcd_small(0, 5), 5);
        assert_eq!(comb_small(5, 2), Some(10));
        assert_eq!(comb_small(64, 32), Some(1832624140942590534));
        assert_eq!(comb_small(u64::MAX, 40), None);
    }
}
