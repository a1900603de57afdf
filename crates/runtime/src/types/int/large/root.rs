//! Square roots.

use dashu_int::UBig;
use dashu_int::ops::SquareRoot;

use super::bits;
use super::division::div_rem;
use super::product::product;
use crate::core::R;
use crate::vm::Vm;

/// Up to so many bits the library takes the root.
const AT_ONCE: usize = 1 << 22;

/// The greatest number whose square is not above `n`.
///
/// Raises MemoryError, and what a signal handler raises.
pub fn sqrt(vm: &Vm, n: &UBig) -> R<UBig> {
    if bits(n) <= AT_ONCE {
        return Ok(n.sqrt());
    }
    // Newton's method with twice the digits each time: `root` is within one of the root of the number's highest
    // 2 * (have + 1) bits or so, and one division by it gives the next digits.
    let whole = (bits(n) - 1) / 2;
    let mut root = UBig::ONE;
    let mut have = 0;
    for s in (0..usize::BITS - whole.leading_zeros()).rev() {
        let want = whole >> s;
        let part = n >> (2 * whole - have - want + 1);
        root = (&root << (want - have - 1)) + div_rem(vm, &part, &root)?.0;
        have = want;
    }
    if product(vm, &root, &root)? > *n {
        root -= UBig::ONE;
    }
    Ok(root)
}
