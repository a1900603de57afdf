//! Natural numbers as vectors of limbs in base 10^19, the lowest first and the highest not zero; zero is empty.

use std::cmp::Ordering;

/// The base: the largest power of ten in 64 bits. Its top bit is set, which the divisions by it rely on.
pub const BASE: u64 = 10_000_000_000_000_000_000;
/// Decimal digits of a limb.
pub const DIGITS: usize = 19;

/// `floor((2^128 - 1) / BASE) - 2^64`
const RECIPROCAL: u64 = (u128::MAX / BASE as u128 - (1 << 64)) as u64;

/// 10^0 to 10^19.
pub static POW: [u64; 20] = {
    let mut t = [1; 20];
    let mut i = 1;
    while i < 20 {
        t[i] = t[i - 1] * 10;
        i += 1;
    }
    t
};

/// From this size on products are split in three (Karatsuba).
const KARATSUBA: usize = 40;
/// From this size of the divisor on divisions are done by halves.
const RECURSIVE: usize = 80;

/// Quotient and remainder of a number below `BASE * 2^64` by the base (Möller and Granlund, without a division).
#[inline(always)]
pub fn split(n: u128) -> (u64, u64) {
    let (u1, u0) = ((n >> 64) as u64, n as u64);
    let q = (RECIPROCAL as u128 * u1 as u128).wrapping_add(n);
    let mut q1 = ((q >> 64) as u64).wrapping_add(1);
    let mut r = u0.wrapping_sub(q1.wrapping_mul(BASE));
    if r > q as u64 {
        q1 = q1.wrapping_sub(1);
        r = r.wrapping_add(BASE);
    }
    if r >= BASE {
        q1 = q1.wrapping_add(1);
        r -= BASE;
    }
    (q1, r)
}

/// Decimal digits of a limb; none for 0.
#[inline]
pub fn digits64(n: u64) -> usize {
    if n == 0 {
        return 0;
    }
    let guess = ((64 - n.leading_zeros() as usize) * 1233) >> 12;
    guess + usize::from(guess < 20 && n >= POW[guess])
}

/// Drops zeros at the top.
pub fn trim(v: &mut Vec<u64>) {
    while v.last() == Some(&0) {
        v.pop();
    }
}

/// The part of a slice below zeros at the top.
fn significant(mut a: &[u64]) -> &[u64] {
    while let [rest @ .., 0] = a {
        a = rest;
    }
    a
}

/// Decimal digits; none for zero.
pub fn digits(a: &[u64]) -> usize {
    match a {
        [.., top] => (a.len() - 1) * DIGITS + digits64(*top),
        [] => 0,
    }
}

/// Compares two numbers without zeros at the top.
pub fn cmp(a: &[u64], b: &[u64]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Adds to the lower end of `a`, which is at least as long; gives what is carried out.
fn add_to(a: &mut [u64], b: &[u64]) -> bool {
    let mut carry = false;
    let (low, high) = a.split_at_mut(b.len());
    for (x, &y) in low.iter_mut().zip(b) {
        // Below 2^65, so that one subtraction of the base suffices.
        let (s, o) = x.overflowing_add(y + u64::from(carry));
        carry = o || s >= BASE;
        *x = if carry { s.wrapping_sub(BASE) } else { s };
    }
    for x in high {
        if !carry {
            break;
        }
        carry = *x == BASE - 1;
        *x = if carry { 0 } else { *x + 1 };
    }
    carry
}

/// Subtracts from the lower end of `a`, which is at least as long; gives what is borrowed.
fn sub_from(a: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = false;
    let (low, high) = a.split_at_mut(b.len());
    for (x, &y) in low.iter_mut().zip(b) {
        let (d, o) = x.overflowing_sub(y + u64::from(borrow));
        borrow = o;
        *x = if o { d.wrapping_add(BASE) } else { d };
    }
    for x in high {
        if !borrow {
            break;
        }
        borrow = *x == 0;
        *x = if borrow { BASE - 1 } else { *x - 1 };
    }
    borrow
}

/// The sum.
pub fn add(a: &[u64], b: &[u64]) -> Vec<u64> {
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut out = Vec::with_capacity(a.len() + 1);
    out.extend_from_slice(a);
    if add_to(&mut out, b) {
        out.push(1);
    }
    out
}

/// The difference of a number and one that is not greater.
pub fn sub(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = a.to_vec();
    sub_from(&mut out, b);
    trim(&mut out);
    out
}

/// `out += a * k`; gives the limb behind.
fn add_mul(out: &mut [u64], a: &[u64], k: u64) -> u64 {
    let mut carry = 0;
    for (o, &x) in out.iter_mut().zip(a) {
        let (hi, lo) = split(x as u128 * k as u128 + *o as u128 + carry as u128);
        *o = lo;
        carry = hi;
    }
    carry
}

/// `a * k` in place; gives the limb behind.
pub fn scale(a: &mut [u64], k: u64) -> u64 {
    let mut carry = 0;
    for x in a {
        (carry, *x) = split(*x as u128 * k as u128 + carry as u128);
    }
    carry
}

/// `a / k` in place; gives the remainder.
pub fn shrink(a: &mut [u64], k: u64) -> u64 {
    let mut r = 0;
    for x in a.iter_mut().rev() {
        let n = r as u128 * BASE as u128 + *x as u128;
        *x = (n / k as u128) as u64;
        r = (n % k as u128) as u64;
    }
    r
}

/// The product.
pub fn mul(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = vec![0; a.len() + b.len()];
    mul_into(&mut out, a, b);
    trim(&mut out);
    out
}

/// The product into `out`, whose `a.len() + b.len()` limbs are zeros.
fn mul_into(out: &mut [u64], a: &[u64], b: &[u64]) {
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if b.len() < KARATSUBA {
        for (i, &k) in b.iter().enumerate() {
            if k != 0 {
                out[i + a.len()] = add_mul(&mut out[i..i + a.len()], a, k);
            }
        }
        return;
    }
    if b.len() >= super::ntt::WORTH {
        super::ntt::mul_into(out, a, b);
        return;
    }
    if a.len() > b.len() + b.len() / 2 {
        // Pieces of equal length.
        for (i, piece) in a.chunks(b.len()).enumerate() {
            let part = mul(piece, b);
            add_to(&mut out[i * b.len()..], &part);
        }
        return;
    }
    let half = a.len().div_ceil(2);
    let ((a0, a1), (b0, b1)) = (a.split_at(half), b.split_at(half.min(b.len())));
    let sums = mul(&sum_of(a0, a1), &sum_of(b0, b1));
    let (low, high) = (mul(a0, b0), mul(a1, b1));
    let mut middle = sums;
    sub_from(&mut middle, &low);
    sub_from(&mut middle, &high);
    trim(&mut middle);
    out[..low.len()].copy_from_slice(&low);
    out[2 * half..2 * half + high.len()].copy_from_slice(&high);
    add_to(&mut out[half..], &middle);
}

fn sum_of(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut s = add(a, b);
    trim(&mut s);
    s
}

/// Quotient and remainder; the divisor is not zero.
pub fn div_rem(a: &[u64], b: &[u64]) -> (Vec<u64>, Vec<u64>) {
    if cmp(a, b).is_lt() {
        return (Vec::new(), a.to_vec());
    }
    if let [k] = b {
        let mut q = a.to_vec();
        let r = shrink(&mut q, *k);
        trim(&mut q);
        return (q, if r == 0 { Vec::new() } else { vec![r] });
    }
    // A divisor whose top limb is at least half the base.
    let top = b.last().copied().unwrap_or(1);
    let f = (BASE as u128 / (top as u128 + 1)) as u64;
    let mut v = b.to_vec();
    scale(&mut v, f);
    let mut u = a.to_vec();
    let carry = scale(&mut u, f);
    u.push(carry);
    let mut q = divide(&mut u, &v);
    trim(&mut q);
    trim(&mut u);
    shrink(&mut u, f);
    trim(&mut u);
    (q, u)
}

/// Divides `u` by `v`, whose top limb is at least half the base; `u` becomes the remainder.
fn divide(u: &mut Vec<u64>, v: &[u64]) -> Vec<u64> {
    let n = v.len();
    if n < RECURSIVE || significant(u).len() < n + RECURSIVE / 2 {
        let m = u.len().saturating_sub(n);
        let mut q = vec![0; m];
        schoolbook(u, v, &mut q);
        u.truncate(n);
        return q;
    }
    // From the top in blocks as long as the divisor.
    let blocks = u.len().div_ceil(n);
    let mut q = vec![0; blocks * n];
    let mut rest: Vec<u64> = Vec::new();
    for i in (0..blocks).rev() {
        let mut part = u[i * n..u.len().min(i * n + n)].to_vec();
        part.extend_from_slice(&rest);
        let digit = two_by_one(part, v);
        q[i * n..i * n + digit.0.len()].copy_from_slice(&digit.0);
        rest = digit.1;
    }
    *u = rest;
    q
}

/// A number of at most twice the divisor's limbs, whose quotient has no more limbs than the divisor, by it:
/// quotient and remainder (Burnikel and Ziegler).
fn two_by_one(mut u: Vec<u64>, v: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let n = v.len();
    trim(&mut u);
    if cmp(&u, v).is_lt() {
        return (Vec::new(), u);
    }
    if n % 2 != 0 || n < RECURSIVE {
        if n < RECURSIVE {
            u.push(0);
            let mut q = vec![0; u.len().saturating_sub(n)];
            schoolbook(&mut u, v, &mut q);
            trim(&mut u);
            trim(&mut q);
            return (q, u);
        }
        // An even length: both times the base.
        let mut w = vec![0];
        w.extend_from_slice(v);
        u.insert(0, 0);
        let (q, mut r) = two_by_one(u, &w);
        if !r.is_empty() {
            r.remove(0);
        }
        return (q, r);
    }
    let h = n / 2;
    let low = u.len().min(h);
    let high = u.split_off(low);
    let (q1, mut r) = three_by_two(high, v);
    // The remainder stands above the lowest part.
    u.resize(h, 0);
    u.append(&mut r);
    let (q0, r) = three_by_two(u, v);
    let mut q = q0;
    if !q1.is_empty() {
        q.resize(h, 0);
        q.extend_from_slice(&q1);
    }
    trim(&mut q);
    (q, r)
}

/// A number of three halves of the divisor's length by it.
fn three_by_two(mut u: Vec<u64>, v: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let h = v.len() / 2;
    let (v0, v1) = v.split_at(h);
    trim(&mut u);
    if cmp(&u, v).is_lt() {
        return (Vec::new(), u);
    }
    let mut high = u.split_off(u.len().min(h));
    trim(&mut high);
    let over = high.len() >= 2 * h && cmp(&high[h..], v1).is_ge();
    let (mut q, mut r) = if over {
        // The estimate is the largest number of that length.
        let r = add(&sub(&high, &shifted(v1, h)), v1);
        (vec![BASE - 1; h], r)
    } else {
        two_by_one(high, v1)
    };
    let product = mul(&q, significant(v0));
    // r * B^h + low - product, made positive by at most two steps.
    let mut low = u;
    low.resize(h, 0);
    low.append(&mut r);
    trim(&mut low);
    while cmp(&low, &product).is_lt() {
        low = add(&low, v);
        sub_from(&mut q, &[1]);
        trim(&mut q);
    }
    (q, sub(&low, &product))
}

fn shifted(a: &[u64], limbs: usize) -> Vec<u64> {
    let mut out = vec![0; limbs];
    out.extend_from_slice(a);
    out
}

/// Knuth's algorithm D: `q.len() == u.len() - v.len()`, and the top of `u` is below `v`.
fn schoolbook(u: &mut [u64], v: &[u64], q: &mut [u64]) {
    let n = v.len();
    let (v1, v2) = (v[n - 1] as u128, v[n - 2] as u128);
    let base = BASE as u128;
    for j in (0..q.len()).rev() {
        let top = u[j + n] as u128 * base + u[j + n - 1] as u128;
        let (mut guess, mut rest) = (top / v1, top % v1);
        while guess >= base || guess * v2 > rest * base + u[j + n - 2] as u128 {
            guess -= 1;
            rest += v1;
            if rest >= base {
                break;
            }
        }
        let guess = guess as u64;
        if guess != 0 && sub_mul(&mut u[j..=j + n], v, guess) {
            q[j] = guess - 1;
            let (low, _) = u[j..=j + n].split_at_mut(n);
            // The carry out of the sum cancels what was borrowed.
            add_to(low, v);
            u[j + n] = 0;
        } else {
            q[j] = guess;
        }
    }
}

/// `u -= v * k`, where `u` has one limb more; tells whether it went below zero.
fn sub_mul(u: &mut [u64], v: &[u64], k: u64) -> bool {
    let (mut carry, mut borrow) = (0u64, false);
    let n = v.len();
    for (x, &y) in u[..n].iter_mut().zip(v) {
        let (hi, lo) = split(y as u128 * k as u128 + carry as u128);
        carry = hi;
        let (d, o) = x.overflowing_sub(lo + u64::from(borrow));
        borrow = o;
        *x = if o { d.wrapping_add(BASE) } else { d };
    }
    let (d, o) = u[n].overflowing_sub(carry + u64::from(borrow));
    u[n] = if o { d.wrapping_add(BASE) } else { d };
    o
}

/// The number times a power of ten; not for zero.
pub fn shift_left(a: &[u64], n: usize) -> Vec<u64> {
    let (words, small) = (n / DIGITS, n % DIGITS);
    let mut out = Vec::with_capacity(a.len() + words + 1);
    out.resize(words, 0);
    out.extend_from_slice(a);
    if small > 0 {
        let carry = scale(&mut out[words..], POW[small]);
        if carry > 0 {
            out.push(carry);
        }
    }
    out
}

/// The number without its last digits, which tell as (the first of them, whether any behind it is not zero).
pub fn shift_right(a: &[u64], n: usize) -> (Vec<u64>, u64, bool) {
    if n == 0 {
        return (a.to_vec(), 0, false);
    }
    let digit = digit_at(a, n - 1);
    let rest = any_below(a, n - 1);
    let (words, small) = (n / DIGITS, n % DIGITS);
    let mut out = a.get(words..).unwrap_or(&[]).to_vec();
    if small > 0 {
        let (low, high) = (POW[small], POW[DIGITS - small]);
        let mut from_above = 0;
        for x in out.iter_mut().rev() {
            let r = *x % low;
            *x = *x / low + from_above * high;
            from_above = r;
        }
    }
    trim(&mut out);
    (out, digit, rest)
}

/// The digit for 10^i.
pub fn digit_at(a: &[u64], i: usize) -> u64 {
    a.get(i / DIGITS).map_or(0, |x| x / POW[i % DIGITS] % 10)
}

/// Whether any of the last `n` digits is not zero.
pub fn any_below(a: &[u64], n: usize) -> bool {
    let (words, small) = (n / DIGITS, n % DIGITS);
    a.iter().take(words).any(|&x| x != 0) || a.get(words).is_some_and(|x| x % POW[small] != 0)
}

/// Zeros at the end of a number that is not zero.
pub fn trailing_zeros(a: &[u64]) -> usize {
    let words = a.iter().take_while(|x| **x == 0).count();
    let mut n = words * DIGITS;
    if let Some(&x) = a.get(words) {
        let mut x = x;
        while x != 0 && x % 10 == 0 {
            x /= 10;
            n += 1;
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: &mut u64, len: usize) -> Vec<u64> {
        let mut v: Vec<u64> = (0..len)
            .map(|_| {
                *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                match *seed >> 61 {
                    0 => 0,
                    1 => BASE - 1,
                    _ => (*seed >> 1) % BASE,
                }
            })
            .collect();
        if let Some(top) = v.last_mut() {
            *top = (*top).max(1);
        }
        v
    }

    #[test]
    fn division_undoes_multiplication() {
        let mut seed = 7;
        for (m, n) in [(1, 1), (2, 1), (3, 2), (50, 20), (100, 90), (200, 81), (400, 160), (333, 161), (500, 200)] {
            for _ in 0..5 {
                let (a, b) = (number(&mut seed, m), number(&mut seed, n));
                let (q, r) = div_rem(&a, &b);
                assert!(cmp(&r, &b).is_lt());
                let mut back = add(&mul(&q, &b), &r);
                trim(&mut back);
                assert_eq!(back, a);
            }
        }
    }

    #[test]
    fn shifts() {
        let a = [BASE - 1, 12, 5];
        let (b, digit, rest) = shift_right(&shift_left(&a, 45), 45);
        assert_eq!((b.as_slice(), digit, rest), (&a[..], 0, false));
        assert_eq!(digits(&a), 39);
    }
}
