//! Decimal digits of numbers too long for the library to write or read at once.

use dashu_int::UBig;

use super::bits;
use super::division::div_rem;
use super::product::product;
use crate::core::R;
use crate::vm::Vm;

/// Up to so many bits the library writes a number.
const WRITTEN_AT_ONCE: usize = 1 << 21;

/// Up to so many digits the library reads a number.
const READ_AT_ONCE: usize = 1 << 20;

/// `base ** exponent`
fn power(vm: &Vm, base: u32, exponent: usize) -> R<UBig> {
    if exponent <= 1 << 16 {
        return Ok(UBig::from(base).pow(exponent));
    }
    let root = power(vm, base, exponent / 2)?;
    let square = product(vm, &root, &root)?;
    Ok(if exponent % 2 == 1 {
        square * base
    } else {
        square
    })
}

/// The decimal digits.
///
/// Raises MemoryError, and what a signal handler raises.
pub fn to_decimal(vm: &Vm, n: &UBig) -> R<String> {
    let mut out = String::new();
    write(vm, n, 0, &mut out)?;
    Ok(out)
}

/// Writes a number, with zeros before it up to a width.
fn write(vm: &Vm, n: &UBig, width: usize, out: &mut String) -> R<()> {
    if bits(n) <= WRITTEN_AT_ONCE {
        vm.poll()?;
        let digits = if n.is_zero() && width > 0 {
            String::new()
        } else {
            n.to_string()
        };
        out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
        out.push_str(&digits);
        return Ok(());
    }
    // About half of the digits, so that both parts are of like size.
    let half = (bits(n) as f64 * std::f64::consts::LOG10_2 / 2.0) as usize;
    let (high, low) = div_rem(vm, n, &power(vm, 10, half)?)?;
    write(vm, &high, width.saturating_sub(half), out)?;
    write(vm, &low, half, out)
}

/// The number that digits in a base stand for; `None` if one is no digit of the base.
///
/// Raises MemoryError, and what a signal handler raises.
pub fn parse(vm: &Vm, digits: &str, base: u32) -> R<Option<UBig>> {
    if digits.len() <= READ_AT_ONCE {
        vm.poll()?;
        return Ok(UBig::from_str_radix(digits, base).ok());
    }
    let low = digits.len() / 2;
    let Some((high, rest)) = digits.split_at_checked(digits.len() - low) else {
        return Ok(None);
    };
    let (Some(high), Some(rest)) = (parse(vm, high, base)?, parse(vm, rest, base)?) else {
        return Ok(None);
    };
    Ok(Some(product(vm, &high, &power(vm, base, low)?)? + rest))
}
