//! Products, by Karatsuba's method above the size that the library multiplies within seconds.

use dashu_int::UBig;

use super::{bits, split, up};
use crate::core::R;
use crate::vm::Vm;

/// Products of up to so many bits are left to the library.
const PIECE: usize = 1 << 26;

/// Products and powers of more bits than this are refused: the work takes many times their memory.
const MAX: usize = 1 << 33;

/// Makes sure that there is room for a result of so many bits that takes work beyond writing it down.
///
/// Raises MemoryError.
#[inline]
pub fn room(vm: &Vm, bits: usize) -> R<()> {
    if bits < 1 << 20 {
        return Ok(());
    }
    if bits > MAX {
        return Err(vm.memory_error());
    }
    // The work needs about as much again for its intermediate results.
    vm.check_room(bits / 4)
}

/// `x * y`
///
/// Raises MemoryError, and what a signal handler raises.
pub fn product(vm: &Vm, x: &UBig, y: &UBig) -> R<UBig> {
    room(vm, bits(x).saturating_add(bits(y)))?;
    multiply(vm, x, y)
}

fn multiply(vm: &Vm, x: &UBig, y: &UBig) -> R<UBig> {
    let same = std::ptr::eq(x, y);
    if bits(x) + bits(y) <= PIECE {
        return Ok(if same { x.sqr() } else { x * y });
    }
    vm.poll()?;
    let (short, long) = if x.as_words().len() < y.as_words().len() {
        (x, y)
    } else {
        (y, x)
    };
    let n = short.as_words().len();
    if long.as_words().len() >= n.saturating_mul(2) {
        return uneven(vm, short, long);
    }
    let half = long.as_words().len().div_ceil(2);
    let (low, high, middle) = if same {
        let (x0, x1) = split(x, half);
        let sum = &x0 + &x1;
        (
            multiply(vm, &x0, &x0)?,
            multiply(vm, &x1, &x1)?,
            multiply(vm, &sum, &sum)?,
        )
    } else {
        let ((x0, x1), (y0, y1)) = (split(x, half), split(y, half));
        let (a, b) = (&x0 + &x1, &y0 + &y1);
        (
            multiply(vm, &x0, &y0)?,
            multiply(vm, &x1, &y1)?,
            multiply(vm, &a, &b)?,
        )
    };
    let middle = middle - &low - &high;
    Ok(up(high, 2 * half) + up(middle, half) + low)
}

/// The long factor in pieces of the short one's size, but not tiny ones.
fn uneven(vm: &Vm, short: &UBig, long: &UBig) -> R<UBig> {
    let size = short.as_words().len().max(PIECE / 128);
    let mut result = UBig::ZERO;
    for (i, words) in long.as_words().chunks(size).enumerate().rev() {
        let part = multiply(vm, short, &UBig::from_words(words))?;
        result += up(part, i * size);
    }
    Ok(result)
}
