//! Products of long numbers by transforms modulo three primes (number-theoretic Fourier transforms).

use super::limbs::{BASE, split};

/// From this number of limbs of the shorter factor on the transforms are worth it.
pub const WORTH: usize = 600;

/// The largest primes `k * 2^32 + 1` below 2^63.
const PRIMES: [u64; 3] = [0x7ffffff900000001, 0x7fffffe900000001, 0x7fffffdb00000001];

const fn mul_slow(a: u64, b: u64, p: u64) -> u64 {
    (a as u128 * b as u128 % p as u128) as u64
}

const fn pow_slow(mut a: u64, mut e: u64, p: u64) -> u64 {
    let mut r = 1;
    while e > 0 {
        if e & 1 == 1 {
            r = mul_slow(r, a, p);
        }
        a = mul_slow(a, a, p);
        e >>= 1;
    }
    r
}

/// Arithmetic modulo an odd prime below 2^63 in Montgomery's form.
#[derive(Clone, Copy)]
struct Field {
    p: u64,
    /// `-1 / p` modulo 2^64
    inverse: u64,
    /// 2^128 modulo p
    square: u64,
}

impl Field {
    const fn new(p: u64) -> Self {
        let mut inv = 1u64;
        let mut i = 0;
        while i < 6 {
            inv = inv.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inv)));
            i += 1;
        }
        let r = ((1u128 << 64) % p as u128) as u64;
        Self { p, inverse: inv.wrapping_neg(), square: mul_slow(r, r, p) }
    }

    #[inline(always)]
    fn mul(self, a: u64, b: u64) -> u64 {
        let t = a as u128 * b as u128;
        let m = (t as u64).wrapping_mul(self.inverse);
        let r = ((t + m as u128 * self.p as u128) >> 64) as u64;
        if r >= self.p { r - self.p } else { r }
    }

    #[inline(always)]
    fn add(self, a: u64, b: u64) -> u64 {
        let s = a + b;
        if s >= self.p { s - self.p } else { s }
    }

    #[inline(always)]
    fn sub(self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.p - b }
    }

    fn enter(self, a: u64) -> u64 {
        self.mul(a % self.p, self.square)
    }

    fn pow(self, mut a: u64, mut e: u64) -> u64 {
        let mut r = self.enter(1);
        while e > 0 {
            if e & 1 == 1 {
                r = self.mul(r, a);
            }
            a = self.mul(a, a);
            e >>= 1;
        }
        r
    }

    /// An element of order `n`, a power of two up to 2^32.
    fn root(self, n: usize) -> u64 {
        let minus_one = self.p - self.enter(1);
        for candidate in 2.. {
            let g = self.enter(candidate);
            if self.pow(g, (self.p - 1) / 2) == minus_one {
                return self.pow(g, (self.p - 1) / n as u64);
            }
        }
        0
    }

    /// Transforms; the result is in bit-reversed order.
    fn forward(self, a: &mut [u64], root: u64) {
        let (mut half, mut w) = (a.len() / 2, root);
        let mut powers = vec![0; half.max(1)];
        while half > 0 {
            self.powers(&mut powers[..half], w);
            for block in a.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((x, y), &f) in low.iter_mut().zip(high).zip(&powers[..half]) {
                    let d = self.sub(*x, *y);
                    *x = self.add(*x, *y);
                    *y = self.mul(d, f);
                }
            }
            half /= 2;
            w = self.mul(w, w);
        }
    }

    /// Undoes [`Self::forward`] but for a factor of the length; takes the inverse of its root.
    fn backward(self, a: &mut [u64], root: u64) {
        let n = a.len();
        let mut powers = vec![0; (n / 2).max(1)];
        let mut half = 1;
        while half < n {
            self.powers(&mut powers[..half], self.pow(root, (n / (2 * half)) as u64));
            for block in a.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((x, y), &f) in low.iter_mut().zip(high).zip(&powers[..half]) {
                    let t = self.mul(*y, f);
                    *y = self.sub(*x, t);
                    *x = self.add(*x, t);
                }
            }
            half *= 2;
        }
    }

    fn powers(self, out: &mut [u64], w: u64) {
        let mut x = self.enter(1);
        for o in out {
            *o = x;
            x = self.mul(x, w);
        }
    }

    /// The cyclic convolution of length `n`, not in Montgomery's form.
    fn convolve(self, a: &[u64], b: &[u64], n: usize) -> Vec<u64> {
        let load = |v: &[u64]| {
            let mut t: Vec<u64> = Vec::with_capacity(n);
            t.extend(v.iter().map(|&x| self.enter(x)));
            t.resize(n, 0);
            t
        };
        let root = self.root(n);
        let mut x = load(a);
        self.forward(&mut x, root);
        if std::ptr::eq(a, b) {
            x.iter_mut().for_each(|x| *x = self.mul(*x, *x));
        } else {
            let mut y = load(b);
            self.forward(&mut y, root);
            x.iter_mut().zip(&y).for_each(|(x, y)| *x = self.mul(*x, *y));
        }
        self.backward(&mut x, self.pow(root, n as u64 - 1));
        // Divides by the length and leaves Montgomery's form in one product.
        let scale = self.mul(self.pow(self.enter(n as u64), self.p - 2), 1);
        x.iter_mut().for_each(|x| *x = self.mul(*x, scale));
        x
    }
}

/// The product into `out`, whose `a.len() + b.len()` limbs are zeros.
pub fn mul_into(out: &mut [u64], a: &[u64], b: &[u64]) {
    let n = (a.len() + b.len()).next_power_of_two();
    const F: [Field; 3] = [Field::new(PRIMES[0]), Field::new(PRIMES[1]), Field::new(PRIMES[2])];
    let [x, y, z] = F.map(|f| f.convolve(a, b, n));
    let [p, q, r] = F.map(|f| f.p);
    // Garner: v = x + p * (s + q * t).
    let p_in_q = F[1].enter(pow_slow(p % q, q - 2, q));
    let q_in_r = F[2].enter(pow_slow(q % r, r - 2, r));
    let p_in_r = F[2].enter(pow_slow(p % r, r - 2, r));
    let mut carry: [u64; 3] = [0; 3];
    for (i, o) in out.iter_mut().enumerate() {
        let (x, y, z) = (x[i], y[i], z[i]);
        let s = F[1].mul(F[1].sub(y, x % q), p_in_q);
        let t = F[2].mul(F[2].sub(F[2].mul(F[2].sub(z, x % r), p_in_r), s % r), q_in_r);
        // s + q * t, then times p, plus x and the carry, as 192 bits.
        let inner = q as u128 * t as u128 + s as u128;
        let low = (inner as u64) as u128 * p as u128 + x as u128;
        let high = (inner >> 64) * p as u128 + (low >> 64);
        let mut w = [low as u64, high as u64, (high >> 64) as u64];
        let mut c = false;
        for (w, k) in w.iter_mut().zip(carry) {
            let (s, o1) = w.overflowing_add(k);
            let (s, o2) = s.overflowing_add(u64::from(c));
            *w = s;
            c = o1 || o2;
        }
        // By the base, from the top; the top word is far below it.
        let (q1, r1) = split((w[2] as u128) << 64 | w[1] as u128);
        let (q0, r0) = split((r1 as u128) << 64 | w[0] as u128);
        *o = r0;
        carry = [q0, q1, 0];
    }
    debug_assert!(out.iter().all(|x| *x < BASE));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_digits() {
        // (B^n - 1)^2 = B^2n - 2 B^n + 1
        let a = vec![BASE - 1; 700];
        let mut out = vec![0; 1400];
        mul_into(&mut out, &a, &a);
        assert_eq!(out[0], 1);
        assert!(out[1..700].iter().all(|x| *x == 0));
        assert_eq!(out[700], BASE - 2);
        assert!(out[701..].iter().all(|x| *x == BASE - 1));
    }
}
