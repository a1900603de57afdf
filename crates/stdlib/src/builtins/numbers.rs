//! Numbers and characters.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::type_::BinOp;
use taipan_runtime::types::{bytearray::ByteArray, bytes::Bytes, int, str};
use taipan_runtime::vm::{Vm, names};
use taipan_text::int::Radix;

/// Return the absolute value of the argument.
#[function(sig = "(number, /)")]
pub fn abs(vm: &Vm, number: &Value) -> R {
    vm.absolute(number)
}

fn radix(vm: &Vm, v: &Value, radix: Radix, prefix: &str) -> R {
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Err(vm.type_error("not an integer")) };
    let text = match n {
        int::IntRef::Small(n) => taipan_text::int::to_radix(taipan_text::int::IntRef::Small(n), radix),
        int::IntRef::Big(b) => taipan_text::int::to_radix(taipan_text::int::IntRef::Big(b), radix),
    };
    Ok(str::from_str(&match text.strip_prefix('-') {
        Some(digits) => format!("-{prefix}{digits}"),
        None => format!("{prefix}{text}"),
    }))
}

/// Return the binary representation of an integer.
///
/// >>> bin(11)
/// '0b1011'
#[function(sig = "(number, /)")]
pub fn bin(vm: &Vm, number: &Value) -> R {
    radix(vm, number, Radix::Binary, "0b")
}

/// Return the hexadecimal representation of an integer.
///
/// >>> hex(48879)
/// '0xbeef'
#[function(sig = "(number, /)")]
pub fn hex(vm: &Vm, number: &Value) -> R {
    radix(vm, number, Radix::Hex, "0x")
}

/// Return the octal representation of an integer.
///
/// >>> oct(493)
/// '0o755'
#[function(sig = "(number, /)")]
pub fn oct(vm: &Vm, number: &Value) -> R {
    radix(vm, number, Radix::Octal, "0o")
}

/// Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.
#[function(sig = "(i, /)")]
pub fn chr(vm: &Vm, i: &Value) -> R {
    match int::to_isize_clamped(vm, i)? {
        n @ 0..=0x10_ffff => Ok(str::from_char(n as u32).into_value()),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

/// Return the Unicode code point for a one-character string.
#[function(sig = "(character, /)")]
pub fn ord(vm: &Vm, character: &Value) -> R<u32> {
    let n = if let Some(s) = character.downcast::<str::Str>() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        s.len()
    } else if let Some(b) = character.downcast::<Bytes>() {
        if let [b] = b.as_slice() {
            return Ok(u32::from(*b));
        }
        b.as_slice().len()
    } else if character.downcast::<ByteArray>().is_some() {
        let b = taipan_runtime::types::bytes::buffer_bytes(vm, character)?;
        if let [b] = b[..] {
            return Ok(u32::from(b));
        }
        b.len()
    } else {
        return Err(vm.type_error(format!("ord() expected string of length 1, but {} found", character.ty().tp_name())));
    };
    Err(vm.type_error(format!("ord() expected a character, but string of length {n} found")))
}

/// Return the tuple (x//y, x%y).
#[function(sig = "(x, y, /)")]
pub fn divmod(vm: &Vm, x: &Value, y: &Value) -> R {
    vm.binary(x, y, BinOp::DivMod)
}

/// Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.
#[function(sig = "(base, exp, mod=None)")]
pub fn pow(vm: &Vm, base: &Value, exp: &Value, r#mod: Option<&Value>) -> R {
    vm.power(base, exp, r#mod.unwrap_or(&Value::NONE))
}

/// Round a number to a given precision in decimal digits.
#[function(sig = "(number, ndigits=None)")]
pub fn round(vm: &Vm, number: &Value, ndigits: Nullable<&Value>) -> R {
    let args = ndigits.0.map_or(&[][..], std::slice::from_ref);
    match vm.call_special(number, &names().__round__, args)? {
        Some(v) => Ok(v),
        None => Err(vm.type_error(format!("type {} doesn't define __round__ method", number.ty().tp_name()))),
    }
}
