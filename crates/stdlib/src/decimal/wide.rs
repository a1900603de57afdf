//! Arithmetic with 256 bits, enough for products and dividends of small coefficients.

/// `high * 2^128 + low`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wide {
    /// The upper half.
    pub high: u128,
    /// The lower half.
    pub low: u128,
}

/// The product.
#[inline]
pub fn mul(a: u128, b: u128) -> Wide {
    let (a1, a0) = (a >> 64, a as u64 as u128);
    let (b1, b0) = (b >> 64, b as u64 as u128);
    let low = a0 * b0;
    if a1 | b1 == 0 {
        return Wide { high: 0, low };
    }
    // Each sum stays below 2^128: a product is at most (2^64 - 1)^2.
    let m1 = a1 * b0 + (low >> 64);
    let m0 = a0 * b1 + m1 as u64 as u128;
    Wide { high: a1 * b1 + (m1 >> 64) + (m0 >> 64), low: m0 << 64 | low as u64 as u128 }
}

impl Wide {
    /// Quotient and remainder, if the quotient fits 128 bits; the divisor is not zero.
    pub fn div_rem(self, d: u128) -> Option<(u128, u128)> {
        if self.high == 0 {
            return Some((self.low / d, self.low % d));
        }
        if self.high >= d {
            return None;
        }
        if d >> 64 == 0 {
            // The upper half is below d, so below 2^64.
            let n1 = self.high << 64 | self.low >> 64;
            let (q1, r1) = (n1 / d, n1 % d);
            let n0 = r1 << 64 | self.low as u64 as u128;
            return Some((q1 << 64 | n0 / d, n0 % d));
        }
        // Two steps of long division with 64-bit digits, the divisor's top bit set.
        let s = d.leading_zeros();
        let v = d << s;
        let (v1, v0) = (v >> 64, v as u64 as u128);
        let (mut high, low) = (self.high, self.low);
        if s > 0 {
            high = high << s | low >> (128 - s);
        }
        let low = low << s;
        let (q1, r) = step(high, low >> 64, v, v1, v0);
        let (q0, r) = step(r, low as u64 as u128, v, v1, v0);
        Some((q1 << 64 | q0, r >> s))
    }
}

impl Wide {
    /// The integer square root and whether it is exact; `None` for numbers of 250 bits and more.
    pub fn sqrt(self) -> Option<(u128, bool)> {
        if self.high >> 122 != 0 {
            return None;
        }
        let n = self.high as f64 * 2f64.powi(128) + self.low as f64;
        let mut x = (n.sqrt() as u128).max(1);
        // Newton's steps from 52 right bits.
        for _ in 0..3 {
            let (q, _) = self.div_rem(x)?;
            x = (x + q) / 2;
        }
        // Now at most one off.
        let below = |x: u128| {
            let s = mul(x, x);
            (s.high, s.low) <= (self.high, self.low)
        };
        while !below(x) {
            x -= 1;
        }
        while below(x + 1) {
            x += 1;
        }
        Some((x, mul(x, x) == self))
    }
}

/// One digit of the quotient: `(high * 2^64 + next) / v`, where `high < v`.
#[inline(always)]
fn step(high: u128, next: u128, v: u128, v1: u128, v0: u128) -> (u128, u128) {
    let (mut q, mut r) = if high >> 64 >= v1 {
        let q = u64::MAX as u128;
        (q, high.wrapping_sub(q.wrapping_mul(v1)))
    } else {
        (high / v1, high % v1)
    };
    while r >> 64 == 0 && q * v0 > (r << 64 | next) {
        q -= 1;
        r += v1;
    }
    // Modulo 2^128, where the true remainder fits.
    (q, (high << 64 | next).wrapping_sub(q.wrapping_mul(v)))
}

/// 10^0 to 10^19, their top bits moved to bit 63, and the reciprocals for divisions by them.
static DIVISORS: [(u64, u32, u64); 20] = {
    let mut t = [(0, 0, 0); 20];
    let mut p = 1u64;
    let mut i = 0;
    while i < 20 {
        let s = p.leading_zeros();
        let d = p << s;
        t[i] = (d, s, (u128::MAX / d as u128 - (1 << 64)) as u64);
        if i < 19 {
            p *= 10;
        }
        i += 1;
    }
    t
};

/// Two words by one whose top bit is set (Möller and Granlund); `high < d`.
#[inline(always)]
fn two_by_one(high: u64, low: u64, d: u64, v: u64) -> (u64, u64) {
    let q = (v as u128 * high as u128).wrapping_add((high as u128) << 64 | low as u128);
    let mut q1 = ((q >> 64) as u64).wrapping_add(1);
    let mut r = low.wrapping_sub(q1.wrapping_mul(d));
    if r > q as u64 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(d);
    }
    if r >= d {
        q1 = q1.wrapping_add(1);
        r -= d;
    }
    (q1, r)
}

/// Quotient and remainder by 10^k, for `k` up to 38.
#[inline]
pub fn div_pow10(n: u128, k: usize) -> (u128, u128) {
    if k > 19 {
        let (q, low) = div_pow10(n, 19);
        let (q, high) = div_pow10(q, k - 19);
        return (q, high * 10_000_000_000_000_000_000 + low);
    }
    let (d, s, v) = DIVISORS[k];
    let (high, low) = ((n >> 64) as u64, n as u64);
    // Three words, the highest below the divisor.
    let (u2, u1, u0) = if s == 0 { (0, high, low) } else { (high >> (64 - s), high << s | low >> (64 - s), low << s) };
    let (q1, r) = two_by_one(u2, u1, d, v);
    let (q0, r) = two_by_one(r, u0, d, v);
    ((q1 as u128) << 64 | q0 as u128, (r >> s) as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten() {
        let mut n = 3u128;
        for i in 0..5000u32 {
            n = n.wrapping_mul(0x2360ED051FC65DA44385DF649FCCF645).wrapping_add(12345);
            let m = n >> (i % 120);
            for k in 0..39 {
                let p = 10u128.pow(k);
                assert_eq!(div_pow10(m, k as usize), (m / p, m % p));
            }
        }
        assert_eq!(div_pow10(u128::MAX, 19), (u128::MAX / 10u128.pow(19), u128::MAX % 10u128.pow(19)));
    }

    #[test]
    fn undoes() {
        let mut seed = 1u128;
        let mut next = || {
            seed = seed.wrapping_mul(0x2360ED051FC65DA44385DF649FCCF645).wrapping_add(0x5851F42D4C957F2D14057B7EF767814F);
            match seed >> 125 {
                0 => u128::MAX - (seed & 3),
                1 => (seed & u64::MAX as u128) << 64 | u64::MAX as u128,
                2 => seed >> 64 & 0xFFFF_FFFF,
                _ => seed,
            }
        };
        for _ in 0..20_000 {
            let (q, d, r) = (next(), next().max(1), next());
            let r = r % d;
            let p = mul(q, d);
            let (low, o) = p.low.overflowing_add(r);
            let n = Wide { high: p.high + u128::from(o), low };
            assert_eq!(n.div_rem(d), Some((q, r)));
        }
    }
}
