//! The hashes of Python's builtin values, the same numbers as CPython's 64-bit builds.

mod sip;

pub use sip::{HashKey, siphash13};

use dashu_base::Sign;
use dashu_int::IBig;

/// The prime that numeric hashes are reduced by, `sys.hash_info.modulus`.
pub const MODULUS: u64 = (1 << 61) - 1;

/// The hash of positive infinity, `sys.hash_info.inf`.
pub const INFINITY: i64 = 314_159;

/// The multiplier of imaginary parts, `sys.hash_info.imag`.
pub const IMAGINARY: u64 = 1_000_003;

/// -1 says "error" to C extensions, so no hash is -1.
#[inline(always)]
pub fn not_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// The hash of an integer.
#[inline]
pub fn hash_int(value: i64) -> i64 {
    let reduced = (value.unsigned_abs() % MODULUS) as i64;
    not_minus_one(if value < 0 { -reduced } else { reduced })
}

/// The hash of an integer of any size; equal to [`hash_int`] where both can be asked.
pub fn hash_big(value: &IBig) -> i64 {
    let (sign, words) = value.as_sign_words();
    let mut acc: u64 = 0;
    for &word in words.iter().rev() {
        // 2^64 is 8 modulo 2^61 - 1.
        acc = ((u128::from(acc) * 8 + u128::from(word)) % u128::from(MODULUS)) as u64;
    }
    let reduced = acc as i64;
    not_minus_one(if sign == Sign::Negative {
        -reduced
    } else {
        reduced
    })
}

/// The hash of a float; `None` for NaN, whose hash is that of its identity.
pub fn hash_float(value: f64) -> Option<i64> {
    let Some((negative, mantissa, exponent)) = crate::float::integer_ratio(value) else {
        return match value {
            f64::INFINITY => Some(INFINITY),
            f64::NEG_INFINITY => Some(-INFINITY),
            _ => None,
        };
    };
    // 2^61 is 1, so a power of two is a rotation within 61 bits.
    let shift = exponent.rem_euclid(61) as u32;
    let rotated = (u128::from(mantissa % MODULUS) << shift) % u128::from(MODULUS);
    let reduced = rotated as i64;
    Some(not_minus_one(if negative { -reduced } else { reduced }))
}

/// The hash of a complex number from the hashes of its parts.
pub fn hash_complex(real: i64, imaginary: i64) -> i64 {
    let mixed = (real as u64).wrapping_add(IMAGINARY.wrapping_mul(imaginary as u64));
    not_minus_one(mixed as i64)
}

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

/// The hash of a tuple, fed with the hashes of its items: xxHash without its final mixing.
#[derive(Clone, Copy, Debug)]
pub struct TupleHasher {
    acc: u64,
    count: u64,
}

impl Default for TupleHasher {
    fn default() -> Self {
        Self {
            acc: PRIME_5,
            count: 0,
        }
    }
}

impl TupleHasher {
    /// Takes the next item's hash.
    #[inline]
    pub fn add(&mut self, hash: i64) {
        self.acc = self.acc.wrapping_add((hash as u64).wrapping_mul(PRIME_2));
        self.acc = self.acc.rotate_left(31).wrapping_mul(PRIME_1);
        self.count += 1;
    }

    /// The tuple's hash.
    pub fn finish(self) -> i64 {
        Self::close(self.acc.wrapping_add(self.count ^ (PRIME_5 ^ 3_527_539)))
    }

    /// The hash of a slice, in which the number of items does not count: there are always three.
    pub fn finish_unsized(self) -> i64 {
        Self::close(self.acc)
    }

    fn close(acc: u64) -> i64 {
        if acc == u64::MAX {
            1_546_275_796
        } else {
            acc as i64
        }
    }
}

/// The hash of a tuple whose items have these hashes.
pub fn hash_tuple(hashes: impl IntoIterator<Item = i64>) -> i64 {
    let mut hasher = TupleHasher::default();
    hashes.into_iter().for_each(|h| hasher.add(h));
    hasher.finish()
}

/// The hash of a frozenset whose items have these hashes, whatever their order.
pub fn hash_frozenset(hashes: impl IntoIterator<Item = i64>) -> i64 {
    let (mut acc, mut count) = (0u64, 0u64);
    for h in hashes {
        let h = h as u64;
        acc ^= ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
        count += 1;
    }
    acc ^= count.wrapping_add(1).wrapping_mul(1_927_868_237);
    acc ^= (acc >> 11) ^ (acc >> 25);
    acc = acc.wrapping_mul(69_069).wrapping_add(907_133_923);
    if acc == u64::MAX {
        590_923_713
    } else {
        acc as i64
    }
}

/// The hash of an address (identity), as of objects without a hash of their own.
pub fn hash_pointer(address: usize) -> i64 {
    not_minus_one((address as u64).rotate_right(4) as i64)
}

/// The hash of bytes, or of a string's characters in storage order (little-endian units of the
/// string's width); nothing hashes to 0.
pub fn hash_bytes(key: &HashKey, bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        0
    } else {
        not_minus_one(siphash13(key, bytes) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(hash_int(-1), -2);
        assert_eq!(hash_int(1 << 61), 1);
        assert_eq!(hash_int(i64::MIN), -4);
        assert_eq!(hash_big(&IBig::from(10).pow(40)), 1388497483929617590);
        for v in [0, 1, -1, 5, i64::MAX, i64::MIN, 1 << 61] {
            assert_eq!(hash_big(&IBig::from(v)), hash_int(v));
        }
        assert_eq!(hash_float(1.0), Some(1));
        assert_eq!(hash_float(0.5), Some(1 << 60));
        assert_eq!(hash_float(-1.0), Some(-2));
        assert_eq!(hash_float(0.1), Some(230_584_300_921_369_408));
        assert_eq!(hash_float(f64::INFINITY), Some(314_159));
        assert_eq!(hash_float(f64::NAN), None);
        assert_eq!(hash_complex(1, 2), 2_000_007);
    }

    #[test]
    fn containers() {
        assert_eq!(hash_tuple([]), 5_740_354_900_026_072_187);
        assert_eq!(hash_tuple([1, 2, 3]), 529_344_067_295_497_451);
        assert_eq!(hash_frozenset([]), 133146708735736);
        assert_eq!(hash_frozenset([1, 2, 3]), hash_frozenset([3, 1, 2]));
    }

    #[test]
    fn texts() {
        let zero = HashKey::from_seed(0);
        assert_eq!(hash_bytes(&zero, b""), 0);
        assert_eq!(hash_bytes(&zero, b"a"), TEXT_A_SEED_0);
        assert_eq!(
            hash_bytes(&HashKey::from_seed(42), b"hello world"),
            TEXT_SEED_42
        );
    }

    // From CPython with PYTHONHASHSEED set.
    const TEXT_A_SEED_0: i64 = 4644417185603328019;
    const TEXT_SEED_42: i64 = -3893157060480277979;
}
