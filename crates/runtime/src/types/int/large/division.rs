//! Division, by the method of Burnikel and Ziegler above the size that the library divides at once.

use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};

use super::product::product;
use super::{split, up};
use crate::core::R;
use crate::vm::Vm;

/// Up to so many words a divisor is left to the library.
const LEAF: usize = 1 << 13;

/// Up to this product of quotient words and divisor words, a division is left to the library.
const AT_ONCE: usize = 1 << 28;

/// `(x / y, x % y)`; `y` is not zero.
///
/// Raises what a signal handler raises.
pub fn div_rem(vm: &Vm, x: &UBig, y: &UBig) -> R<(UBig, UBig)> {
    let (xs, ys) = (x.as_words().len(), y.as_words().len());
    if xs.saturating_sub(ys).saturating_mul(ys) <= AT_ONCE {
        return Ok(x.div_rem(y));
    }
    if ys <= LEAF {
        return blocks(vm, x, AT_ONCE / ys, |part| Ok(part.div_rem(y)));
    }
    // Both are moved up so that the divisor's highest bit is set, and its words can be halved down to a leaf.
    let halvings = ys.div_ceil(LEAF).next_power_of_two().trailing_zeros();
    let n = ys.next_multiple_of(1 << halvings);
    let shift = n * 64 - super::bits(y);
    let (x, y) = (x << shift, y << shift);
    let (q, r) = blocks(vm, &x, n, |part| two_by_one(vm, part, &y, n))?;
    Ok((q, r >> shift))
}

/// Divides from the top down, `size` words at a time, by `divide`, which gets the last remainder with the next
/// words below it.
fn blocks(
    vm: &Vm,
    x: &UBig,
    size: usize,
    divide: impl Fn(UBig) -> R<(UBig, UBig)>,
) -> R<(UBig, UBig)> {
    let words = x.as_words();
    let mut quotient = vec![0u64; words.len().next_multiple_of(size)];
    let mut rest = UBig::ZERO;
    for (i, part) in words.chunks(size).enumerate().rev() {
        vm.poll()?;
        let (q, r) = divide(up(rest, size) + UBig::from_words(part))?;
        let digits = q.as_words();
        quotient[i * size..][..digits.len()].copy_from_slice(digits);
        rest = r;
    }
    Ok((UBig::from_words(&quotient), rest))
}

/// `x / y` where `y` has `n` words with its highest bit set, and the quotient has at most `n` words.
fn two_by_one(vm: &Vm, x: UBig, y: &UBig, n: usize) -> R<(UBig, UBig)> {
    if n <= LEAF || n % 2 == 1 {
        vm.poll()?;
        return Ok(x.div_rem(y));
    }
    let half = n / 2;
    let (y0, y1) = split(y, half);
    let (x0, x1) = split(&x, half);
    let (q1, r) = three_by_two(vm, x1, y, &y1, &y0, half)?;
    let (q0, r) = three_by_two(vm, up(r, half) + x0, y, &y1, &y0, half)?;
    Ok((up(q1, half) + q0, r))
}

/// `x / y` where `y` is `y1` and `y0` of `n` words each, `x` has three times as many, and the quotient at most `n`.
fn three_by_two(vm: &Vm, x: UBig, y: &UBig, y1: &UBig, y0: &UBig, n: usize) -> R<(UBig, UBig)> {
    let (x0, top) = split(&x, n);
    let (_, x2) = split(&top, n);
    let (mut q, c) = if x2 < *y1 {
        two_by_one(vm, top, y1, n)?
    } else {
        // The estimate is capped at the largest number of n words.
        let q = UBig::ones(n * 64);
        let c = top + y1 - up(y1.clone(), n);
        (q, c)
    };
    let mut r = IBig::from(up(c, n) + x0) - IBig::from(product(vm, &q, y0)?);
    // The estimate is too large by two at most.
    while r < IBig::ZERO {
        q -= UBig::ONE;
        r += y;
    }
    Ok((q, r.into_parts().1))
}
