//! Type codes: what the items of an array are, and how they become values and back.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::float;
use taipan_runtime::types::int::{self, IntRef};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::Vm;

use crate::structs::widen;

/// All type codes.
pub const CODES: &str = "bBuwhHiIlLqQfd";

/// A type code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(u8);

impl Code {
    /// The code of a character.
    pub fn new(c: u32) -> Option<Self> {
        let c = u8::try_from(c).ok()?;
        CODES.as_bytes().contains(&c).then_some(Self(c))
    }

    /// The character.
    pub fn char(self) -> char {
        char::from(self.0)
    }

    /// Bytes of an item.
    #[inline(always)]
    pub fn size(self) -> usize {
        1 << self.shift()
    }

    /// The size as a power of two.
    #[inline(always)]
    pub fn shift(self) -> u32 {
        match self.0 {
            b'b' | b'B' => 0,
            b'h' | b'H' => 1,
            b'u' | b'w' | b'i' | b'I' | b'f' => 2,
            _ => 3,
        }
    }

    /// Whether items are characters.
    #[inline(always)]
    pub fn is_text(self) -> bool {
        matches!(self.0, b'u' | b'w')
    }

    /// Whether items are floats.
    #[inline(always)]
    pub fn is_float(self) -> bool {
        matches!(self.0, b'f' | b'd')
    }

    /// Whether items are ints.
    pub fn is_int(self) -> bool {
        !self.is_text() && !self.is_float()
    }

    /// Whether items are ints that may be negative.
    pub fn is_signed(self) -> bool {
        matches!(self.0, b'b' | b'h' | b'i' | b'l' | b'q')
    }

    /// The format of the buffer protocol.
    pub fn format(self) -> &'static str {
        match self.0 {
            b'u' => "w",
            c => CODES.as_bytes().iter().position(|x| *x == c).and_then(|i| CODES.get(i..=i)).unwrap_or("B"),
        }
    }

    /// The number of the machine's format, for pickles.
    pub fn machine_format(self) -> i64 {
        let big = i64::from(cfg!(target_endian = "big"));
        let signed = i64::from(self.is_signed());
        match (self.0, self.shift()) {
            (b'f', _) => 14 + big,
            (b'd', _) => 16 + big,
            (b'u' | b'w', _) => 20 + big,
            (_, 0) => signed,
            (_, shift) => 2 + 4 * (i64::from(shift) - 1) + 2 * signed + big,
        }
    }

    /// Item `data` as a value; it has as many bytes as an item.
    ///
    /// Raises ValueError for what is no character.
    #[inline(always)]
    pub fn get(self, vm: &Vm, data: &[u8]) -> R {
        macro_rules! read {
            ($t:ty) => {
                <$t>::from_ne_bytes(data.first_chunk().copied().unwrap_or_default())
            };
        }
        Ok(match self.0 {
            b'b' => Value::from(read!(i8)),
            b'B' => Value::from(read!(u8)),
            b'h' => Value::from(read!(i16)),
            b'H' => Value::from(read!(u16)),
            b'i' => Value::from(read!(i32)),
            b'I' => Value::from(read!(u32)),
            b'l' | b'q' => Value::from(read!(i64)),
            b'L' | b'Q' => Value::from(read!(u64)),
            b'd' => Value::from(read!(f64)),
            b'f' => Value::from(widen(read!(u32))),
            c => {
                let ch = read!(u32);
                if ch > 0x10_ffff {
                    return Err(match c {
                        b'u' => bad_char(vm, ch),
                        _ => vm.value_error("chr() arg not in range(0x110000)"),
                    });
                }
                str::from_char(ch).into_value()
            }
        })
    }

    /// The bytes of a value as an item (the first ones of the result), and how many they are.
    ///
    /// Raises TypeError and OverflowError for what does not fit.
    #[inline(always)]
    pub fn put(self, vm: &Vm, v: &Value) -> R<[u8; 8]> {
        let quick = match self.0 {
            b'd' => v.as_inline_float().map(f64::to_bits),
            _ => v.as_small().and_then(|n| self.small(n)),
        };
        match quick {
            Some(bits) => Ok(bits.to_ne_bytes()),
            None => self.put_slow(vm, v),
        }
    }

    /// The bits of a small int for an item that is an int, if it is in range.
    #[inline(always)]
    fn small(self, n: i64) -> Option<u64> {
        let (bits, fits) = match self.0 {
            b'b' => (n as u8 as u64, n == n as i8 as i64),
            b'B' => (n as u8 as u64, n == n as u8 as i64),
            b'h' => (n as u16 as u64, n == n as i16 as i64),
            b'H' => (n as u16 as u64, n == n as u16 as i64),
            b'i' => (n as u32 as u64, n == n as i32 as i64),
            b'I' => (n as u32 as u64, n == n as u32 as i64),
            b'l' | b'q' => (n as u64, true),
            b'L' | b'Q' => (n as u64, n >= 0),
            _ => (0, false),
        };
        fits.then_some(bits << if cfg!(target_endian = "big") { 64 - 8 * self.size() } else { 0 })
    }

    fn put_slow(self, vm: &Vm, v: &Value) -> R<[u8; 8]> {
        let mut out = [0; 8];
        match self.0 {
            b'd' => out = float::to_f64(vm, v)?.to_ne_bytes(),
            b'f' => {
                let x = float::to_f64(vm, v)?;
                // As C does it: beyond the range of singles there is infinity, without a word.
                let bits = crate::structs::narrow(x).unwrap_or((x as f32).to_bits());
                out[..4].copy_from_slice(&bits.to_ne_bytes());
            }
            b'u' | b'w' => {
                let wrong = |what: String| vm.type_error(format!("array item must be a unicode character, not {what}"));
                let Some(s) = v.downcast::<Str>() else { return Err(wrong(v.ty().tp_name())) };
                if s.len() != 1 {
                    return Err(wrong(format!("a string of length {}", s.len())));
                }
                out[..4].copy_from_slice(&s.char_at(0).to_ne_bytes());
            }
            _ => {
                let index = int::index(vm, v)?;
                let Some(n) = int::get(&index) else { return Ok(out) };
                let small = n.to_i64();
                let bits = match small.and_then(|n| self.small(n)) {
                    Some(bits) => bits,
                    None => match u64::try_from(n.to_big()) {
                        Ok(n) if matches!(self.0, b'L' | b'Q') => n,
                        _ => return Err(self.out_of_range(vm, n, small)),
                    },
                };
                out = bits.to_ne_bytes();
            }
        }
        Ok(out)
    }

    /// What CPython says about an int that does not fit.
    #[cold]
    fn out_of_range(self, vm: &Vm, n: IntRef<'_>, small: Option<i64>) -> Raised {
        let side = if n.is_negative() { "less than minimum" } else { "greater than maximum" };
        let text = match (self.0, small) {
            (b'q', _) => "int too big to convert".to_owned(),
            (b'Q', _) if n.is_negative() => "can't convert negative int to unsigned".to_owned(),
            (b'Q', _) => "int too big to convert".to_owned(),
            (b'I' | b'L', _) if n.is_negative() => "can't convert negative value to unsigned int".to_owned(),
            (b'I', _) if u64::try_from(n.to_big()).is_ok() => format!("unsigned int is {side}"),
            (b'I' | b'L', _) => "Python int too large to convert to C unsigned long".to_owned(),
            (_, None) | (b'l', _) => "Python int too large to convert to C long".to_owned(),
            (b'b', Some(n)) if i16::try_from(n).is_ok() => format!("signed char is {side}"),
            (b'b' | b'h', _) => format!("signed short integer is {side}"),
            (b'B', _) => format!("unsigned byte integer is {side}"),
            (b'H', Some(n)) if i32::try_from(n).is_ok() => format!("unsigned short is {side}"),
            _ => format!("signed integer is {side}"),
        };
        vm.overflow_error(text)
    }
}

/// Raises ValueError for a number that is no character, in the words of wide strings.
#[cold]
pub fn bad_char(vm: &Vm, ch: u32) -> Raised {
    vm.value_error(format!("character U+{ch:x} is not in range [U+0000; U+10ffff]"))
}
