//! Single items: from memory to values and back, by the native formats of the module struct.

use crate::core::{R, Value};
use crate::types::{bytes, float, int};
use crate::vm::Vm;

/// The type of an item: one character of the module struct, with the machine's sizes, or with the standard sizes
/// and an order of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    /// The character.
    pub code: u8,
    /// Bytes of an item.
    pub size: usize,
    /// Whether the highest byte comes first.
    pub big: bool,
}

impl Format {
    /// A native format: one character, perhaps behind an `@`.
    pub fn native(text: &str) -> Option<Self> {
        let code = match *text.as_bytes() {
            [c] => c,
            [b'@', c] => c,
            _ => return None,
        };
        let size = match code {
            b'c' | b'b' | b'B' | b'?' => 1,
            b'h' | b'H' | b'e' => 2,
            b'i' | b'I' | b'f' => 4,
            b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
            _ => return None,
        };
        Some(Self { code, size, big: cfg!(target_endian = "big") })
    }

    /// A native format, or one with the standard sizes behind `=`, `<`, `>` or `!`.
    pub fn any(text: &str) -> Option<Self> {
        let (order, code) = match *text.as_bytes() {
            [o @ (b'=' | b'<' | b'>' | b'!'), c] => (o, c),
            _ => return Self::native(text),
        };
        let size = match code {
            b'l' | b'L' => 4,
            b'n' | b'N' | b'P' => return None,
            c => Self::native(std::str::from_utf8(&[c]).ok()?)?.size,
        };
        let big = match order {
            b'=' => cfg!(target_endian = "big"),
            o => o != b'<',
        };
        Some(Self { code, size, big })
    }

    /// Whether items are single bytes.
    pub fn is_byte(self) -> bool {
        matches!(self.code, b'b' | b'B' | b'c')
    }

    /// The item's bits as an unsigned number.
    fn bits(self, data: [u8; 8]) -> u64 {
        let mut out = [0u8; 8];
        for (i, o) in out.iter_mut().take(self.size).enumerate() {
            *o = data[if self.big { self.size - 1 - i } else { i }];
        }
        u64::from_le_bytes(out)
    }

    fn put(self, bits: u64) -> [u8; 8] {
        let from = bits.to_le_bytes();
        let mut out = [0u8; 8];
        for (i, o) in out.iter_mut().take(self.size).enumerate() {
            *o = from[if self.big { self.size - 1 - i } else { i }];
        }
        out
    }

    /// The value of an item, whose bytes come first in `data`.
    pub fn unpack(self, data: [u8; 8]) -> Value {
        let bits = self.bits(data);
        match (self.code, self.size) {
            (b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' | b'P', _) => Value::from(bits),
            (b'b', _) => Value::from(bits as u8 as i8),
            (b'h', _) => Value::from(bits as u16 as i16),
            (b'i' | b'l', 4) => Value::from(bits as u32 as i32),
            (b'f', _) => Value::from(f64::from(f32::from_bits(bits as u32))),
            (b'd', _) => Value::from(f64::from_bits(bits)),
            (b'e', _) => Value::from(half_to_f64(bits as u16)),
            (b'?', _) => Value::bool(bits != 0),
            (b'c', _) => bytes::from_slice(&[bits as u8]).into_value(),
            _ => Value::from(bits as i64),
        }
    }

    /// The bytes of a value as an item; `text` is the format in messages.
    ///
    /// Raises TypeError and ValueError for what does not fit the format.
    pub fn pack(self, vm: &Vm, v: &Value, text: &str) -> R<[u8; 8]> {
        let wrong_type = || vm.type_error(format!("memoryview: invalid type for format '{text}'"));
        let wrong_value = || vm.value_error(format!("memoryview: invalid value for format '{text}'"));
        match self.code {
            b'?' => return Ok(self.put(u64::from(vm.truth(v)?))),
            b'c' => {
                return match bytes::get(v) {
                    Some([b]) => Ok(self.put(u64::from(*b))),
                    Some(_) => Err(wrong_value()),
                    None => Err(wrong_type()),
                };
            }
            b'f' | b'd' | b'e' => {
                let r = float::to_f64(vm, v);
                let Some(x) = vm.ignore(r, &crate::types::exceptions::TYPE_ERROR)? else { return Err(wrong_type()) };
                let bits = match self.code {
                    b'd' => x.to_bits(),
                    b'f' => {
                        let y = x as f32;
                        if y.is_infinite() && x.is_finite() {
                            return Err(vm.overflow_error("float too large to pack with f format"));
                        }
                        u64::from(y.to_bits())
                    }
                    _ => match half_from_f64(x) {
                        Some(h) => u64::from(h),
                        None => return Err(vm.overflow_error("float too large to pack with e format")),
                    },
                };
                return Ok(self.put(bits));
            }
            _ => {}
        }
        let r = int::index(vm, v);
        let Some(n) = vm.ignore(r, &crate::types::exceptions::TYPE_ERROR)? else { return Err(wrong_type()) };
        let n = match int::get(&n) {
            Some(int::IntRef::Small(n)) => i128::from(n),
            Some(n) => i128::try_from(n.to_big()).map_err(|_| wrong_value())?,
            None => return Err(wrong_type()),
        };
        let bits = 8 * self.size as u32;
        let (low, high) = match self.code {
            b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' | b'P' => (0, (1i128 << bits) - 1),
            _ => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        };
        if !(low..=high).contains(&n) {
            return Err(wrong_value());
        }
        Ok(self.put(n as u64))
    }
}

/// A float of 16 bits.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        // The payload of a NaN goes along.
        0x1f if bits & 0x3ff != 0 => {
            f64::from_bits(u64::from(bits & 0x8000) << 48 | 0x7ff << 52 | u64::from(bits & 0x3ff) << 42)
        }
        0x1f => sign * f64::INFINITY,
        e => sign * (1.0 + fraction / 1024.0) * 2f64.powi(e - 15),
    }
}

/// The nearest float of 16 bits, ties to even; `None` if that would be infinite and the number is not.
pub fn half_from_f64(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        let fraction = (x.to_bits() >> 42 & 0x3ff) as u16;
        return Some(sign | 0x7c00 | if fraction == 0 { 0x200 } else { fraction });
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let x = x.abs();
    // In units of the last place: exact, since only the exponent changes.
    let exponent = if x < 2f64.powi(-14) { -14 } else { (x.to_bits() >> 52) as i32 - 1023 };
    let units = (x * 2f64.powi(10 - exponent)).round_ties_even();
    if exponent > 15 || (exponent == 15 && units >= 2048.0) {
        return None;
    }
    let units = units as u16;
    // A fraction that was rounded up to the next power of two carries into the exponent by itself.
    let biased = if x < 2f64.powi(-14) { 0 } else { ((exponent + 15) as u16 - 1) << 10 };
    Some(sign | (biased + units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for bits in 0..=u16::MAX {
            let x = half_to_f64(bits);
            assert_eq!(half_from_f64(x), Some(bits), "{bits:#x}");
        }
        assert_eq!(half_from_f64(65520.0), None);
        assert_eq!(half_from_f64(65519.99), Some(0x7bff));
        assert_eq!(half_from_f64(2f64.powi(-25)), Some(0));
        assert_eq!(half_from_f64(1.0 + 2f64.powi(-11)), Some(0x3c00));
    }

    #[test]
    fn formats() {
        assert_eq!(Format::native("@l").map(|f| f.size), Some(8));
        assert_eq!(Format::any("<l").map(|f| f.size), Some(4));
        assert_eq!(Format::native("ll"), None);
        let f = Format::any(">H").unwrap();
        assert_eq!(f.put(0x0102)[..2], [1, 2]);
        assert_eq!(f.bits([1, 2, 9, 9, 9, 9, 9, 9]), 0x0102);
    }
}
