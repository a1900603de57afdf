//! Greatest common divisors and inverses, by Lehmer's method.

use dashu_int::ops::Gcd;
use dashu_int::{IBig, UBig};

use super::bits;
use super::division::div_rem;
use super::product::product;
use crate::core::R;
use crate::vm::Vm;

/// Numbers of up to so many bits are left to the library.
const AT_ONCE: usize = 1 << 19;

/// Several steps of Euclid's algorithm at once: the next pair is `(a * x + b * y, c * x + d * y)`.
struct Steps {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
}

/// As many steps as the highest bits of both numbers decide; `None` if they decide not even one.
fn steps(x: &UBig, y: &UBig) -> Option<Steps> {
    let shift = bits(x).checked_sub(62)?;
    let top = |n: &UBig| i64::try_from(n >> shift).ok();
    let (mut x, mut y) = (i128::from(top(x)?), i128::from(top(y)?));
    let (mut a, mut b, mut c, mut d) = (1i128, 0i128, 0i128, 1i128);
    while y + c != 0 && y + d != 0 {
        // The quotient is certain where both extremes of what the lower bits may be agree on it.
        let q = (x + a) / (y + c);
        if q != (x + b) / (y + d) {
            break;
        }
        (a, c) = (c, a - q * c);
        (b, d) = (d, b - q * d);
        (x, y) = (y, x - q * y);
    }
    let small = |n: i128| i64::try_from(n).ok();
    (b != 0).then_some(())?;
    Some(Steps {
        a: small(a)?,
        b: small(b)?,
        c: small(c)?,
        d: small(d)?,
    })
}

impl Steps {
    fn apply(&self, x: &IBig, y: &IBig) -> (IBig, IBig) {
        (x * self.a + y * self.b, x * self.c + y * self.d)
    }
}

/// Euclid's algorithm until the smaller number has at most `enough` bits. With each number goes a factor by which
/// a first number would be multiplied to get it, as far as a second one is not counted.
fn reduce(
    vm: &Vm,
    pair: (UBig, UBig),
    mut factors: Option<(IBig, IBig)>,
    enough: usize,
) -> R<(UBig, UBig, Option<(IBig, IBig)>)> {
    let (mut x, mut y) = if pair.0 < pair.1 {
        (pair.1, pair.0)
    } else {
        pair
    };
    let magnitude = |n: IBig| n.into_parts().1;
    while bits(&y) > enough {
        vm.poll()?;
        match steps(&x, &y) {
            Some(s) => {
                let (next_x, next_y) = s.apply(&x.into(), &y.into());
                factors = factors.map(|(f, g)| s.apply(&f, &g));
                (x, y) = (magnitude(next_x), magnitude(next_y));
            }
            None => {
                let (q, r) = div_rem(vm, &x, &y)?;
                if let Some((f, g)) = factors.take() {
                    let (sign, size) = g.clone().into_parts();
                    let taken = IBig::from_parts(sign, product(vm, &size, &q)?);
                    factors = Some((g, f - taken));
                }
                (x, y) = (y, r);
            }
        }
    }
    Ok((x, y, factors))
}

/// The greatest common divisor.
///
/// Raises what a signal handler raises.
pub fn gcd(vm: &Vm, x: UBig, y: UBig) -> R<UBig> {
    if x.is_zero() || y.is_zero() {
        return Ok(x + y);
    }
    let (x, y, _) = reduce(vm, (x, y), None, AT_ONCE)?;
    if y.is_zero() {
        return Ok(x);
    }
    let (_, x) = div_rem(vm, &x, &y)?;
    Ok(if x.is_zero() { y } else { x.gcd(&y) })
}

/// The inverse of `x` modulo `m`, if there is one; `x` is below `m`, which is above 1.
///
/// Raises what a signal handler raises.
pub fn inverse(vm: &Vm, x: &UBig, m: &UBig) -> R<Option<UBig>> {
    if bits(m) <= AT_ONCE {
        let ring = dashu_int::fast_div::ConstDivisor::new(m.clone());
        return Ok(ring.reduce(x.clone()).inv().map(|i| i.residue()));
    }
    let (g, _, factors) = reduce(vm, (m.clone(), x.clone()), Some((IBig::ZERO, IBig::ONE)), 0)?;
    let Some((f, _)) = factors.filter(|_| g.is_one()) else {
        return Ok(None);
    };
    let f = if f < IBig::ZERO { f + m } else { f };
    Ok(Some(f.into_parts().1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_steps() {
        let (x, y) = (UBig::from(3u8).pow(200), UBig::from(7u8).pow(110));
        let s = steps(&x, &y).expect("the highest bits decide");
        let (a, b) = s.apply(&x.clone().into(), &y.clone().into());
        let (mut u, mut v) = (IBig::from(x), IBig::from(y));
        while u != a {
            (u, v) = (v.clone(), u % v);
        }
        assert_eq!(v, b);
    }
}
