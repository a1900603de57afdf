//! Roots, exponentials and logarithms, correctly rounded, and powers.
//!
//! Exponentials and logarithms are computed in binary fixed point with a few digits more than wanted, and again with
//! more if these do not decide the rounding.

use std::sync::Mutex;

use dashu_base::{DivRem, Signed, SquareRoot, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::arith::{div, mul, room};
use super::number::{Coef, Num, POW10, cmp};
use super::round::{Ctx, Rounding, finalize, flag, invalid, nan_result, overflow};
use super::wide;

/// A coefficient as a binary number.
pub fn to_big(c: &Coef) -> UBig {
    match c.value() {
        Some(n) => UBig::from(n),
        None => UBig::from_str_radix(&c.text(), 10).unwrap_or(UBig::ZERO),
    }
}

/// A binary number as a coefficient.
pub fn from_big(n: &UBig) -> Coef {
    match u128::try_from(n) {
        Ok(n) => Coef::from_u128(n),
        Err(_) => Coef::parse(n.in_radix(10).to_string().as_bytes()),
    }
}

fn ten_to(n: i64) -> UBig {
    let n = n.max(0) as usize;
    // A power of five is faster than one of ten.
    UBig::from(5u8).pow(n) << n
}

/// `n * 10^e`, rounded down.
fn scale_ten(n: IBig, e: i64) -> IBig {
    if e >= 0 { n * IBig::from(ten_to(e)) } else { n / IBig::from(ten_to(-e)) }
}

/// `n / 2^w`, rounded to the nearest integer.
fn nearest(n: IBig, w: usize) -> IBig {
    (n + (IBig::ONE << (w - 1))) >> w
}

fn bits_for(digits: i64) -> usize {
    (digits.max(0) as usize) * 10 / 3 + 8
}

/// `exp(r)`, both scaled by `2^w`, for numbers of small magnitude.
fn exp_fixed(r: &IBig, w: usize) -> IBig {
    let k = w.isqrt().max(4);
    let p = w + 2 * k + 16;
    let t = (r << (p - w)) >> k;
    let one = IBig::ONE << p;
    let mut sum = &one + &t;
    let mut term = t.clone();
    for n in 2u32.. {
        term = ((term * &t) >> p) / IBig::from(n);
        if term.is_zero() || term == -IBig::ONE {
            break;
        }
        sum += &term;
    }
    for _ in 0..k {
        sum = (&sum * &sum) >> p;
    }
    sum >> (p - w)
}

/// `atanh(1 / n) * 2^w`
fn atanh_inverse(n: u32, w: usize) -> IBig {
    let square = IBig::from(n) * IBig::from(n);
    let mut power = (IBig::ONE << w) / IBig::from(n);
    let mut sum = power.clone();
    for k in 1u32.. {
        power /= &square;
        if power.is_zero() {
            break;
        }
        sum += &power / IBig::from(2 * k + 1);
    }
    sum
}

/// `ln(10) * 2^w`; the longest one so far is kept.
fn ln10(w: usize) -> IBig {
    static KEPT: Mutex<Option<(usize, IBig)>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((have, v)) = kept.as_ref()
        && *have >= w
    {
        return v >> (have - w);
    }
    let p = w + 32;
    let sum = atanh_inverse(31, p) * IBig::from(46) + atanh_inverse(49, p) * IBig::from(34)
        + atanh_inverse(161, p) * IBig::from(20);
    let v = sum >> 32;
    *kept = Some((w, v.clone()));
    v
}

/// `ln(v)`, both scaled by `2^w`, for `v` from 1 to 10.
fn ln_fixed(v: &IBig, w: usize) -> IBig {
    // Halley's steps triple the bits.
    let mut sizes = vec![w];
    while let Some(&last) = sizes.last()
        && last > 45
    {
        sizes.push(last / 3 + 12);
    }
    let start = sizes.pop().unwrap_or(w);
    let top = v >> (w - start.min(w));
    let x = i64::try_from(&top).unwrap_or(1) as f64 / (start as f64).exp2();
    let mut y = IBig::from((x.ln() * (start as f64).exp2()) as i64);
    let mut have = start;
    for &size in sizes.iter().rev() {
        let y0 = y << (size - have);
        let x = v >> (w - size);
        let e = exp_fixed(&y0, size);
        let step = ((&x - &e) << (size + 1)) / (x + e);
        y = y0 + step;
        have = size;
    }
    y
}

/// The result of a computation that is never exact: `compute` gives a coefficient that is wrong by less than one and
/// its exponent, for a number of digits beyond the precision.
fn ziv(ctx: &Ctx, st: &mut u32, compute: impl Fn(i64) -> (IBig, i64)) -> Num {
    let mut extra = 3;
    loop {
        let (c, exp) = compute(extra);
        let neg = c.is_negative();
        let coef = from_big(&c.unsigned_abs());
        let over = coef.digits() - ctx.prec;
        let decided = over >= 1 && {
            let (_, lost) = coef.shift_right(over - 1);
            let (high, _) = coef.shift_right(over - 1);
            !(lost == super::number::Lost::Nothing && high.last_digit() % 5 == 0)
        };
        if decided {
            return finalize(Num::new(neg, coef, exp), &ctx.with_rounding(Rounding::HalfEven), st);
        }
        extra += extra.max(3);
    }
}

/// `e^a`
pub fn exp(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    if a.is_inf() {
        return if a.neg { Num::zero(false, 0) } else { a.clone() };
    }
    if a.coef.is_zero() {
        return Num::int(1);
    }
    let even = ctx.with_rounding(Rounding::HalfEven);
    let p = ctx.prec;
    let adjusted = a.adjusted();
    let digits = |n: i64| super::number::digits128(n.unsigned_abs().into());
    if !a.neg && adjusted > digits(ctx.emax.saturating_add(1).saturating_mul(3)) {
        return finalize(Num::new(false, Coef::ONE, ctx.emax + 1), &even, st);
    }
    if a.neg && adjusted > digits((-ctx.etiny()).saturating_add(1).saturating_mul(3)) {
        return finalize(Num::new(false, Coef::ONE, ctx.etiny() - 1), &even, st);
    }
    if !room(p, st) {
        return Num::nan();
    }
    if adjusted < -p - 1 {
        // 1 and a bit, or just below 1.
        let n = if a.neg {
            Num::new(false, Coef::nines(p + 1), -p - 1)
        } else {
            Num::new(false, Coef::power(p).shift_left(1).add(&Coef::ONE), -p - 1)
        };
        return finalize(n, &even, st);
    }
    let c = IBig::from(to_big(&a.coef));
    let c = if a.neg { -c } else { c };
    ziv(ctx, st, |extra| {
        let p = p + extra;
        let w = bits_for(p) + 16;
        let more = ((adjusted + 2).max(0) * 4) as usize;
        let x = scale_ten(&c << (w + more), a.exp);
        let l = ln10(w + more);
        let (mut q, mut r) = (&x).div_rem(&l);
        if r.is_negative() {
            r += &l;
            q -= IBig::ONE;
        }
        let y = exp_fixed(&(r >> more), w);
        let q = i64::try_from(&q).unwrap_or(i64::MAX / 2);
        (nearest(y * IBig::from(ten_to(p)), w), q - p)
    })
}

/// A bound from below for the exponent of `|ln(a)|`, where `a` is positive and not 1.
fn ln_bound(a: &Num) -> i64 {
    let one = Coef::power(-a.exp);
    match a.adjusted() {
        0 if a.exp < 0 => a.coef.sub(&one).digits() + a.exp - 2,
        0 => -1,
        -1 => one.sub(&a.coef).digits() + a.exp - 1,
        _ => 0,
    }
}

/// `ln` of a coefficient scaled to 1 to 10, times `2^w`.
fn ln_mantissa(a: &Num, w: usize) -> IBig {
    let v = scale_ten(IBig::from(to_big(&a.coef)) << w, 1 - a.coef.digits());
    ln_fixed(&v, w)
}

/// Whether the number is 1.
fn is_one(a: &Num) -> bool {
    a.is_finite() && cmp(a, &Num::int(1)).is_eq()
}

/// The natural logarithm.
pub fn ln(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = ln_special(a, ctx, st) {
        return n;
    }
    if is_one(a) {
        return Num::int(0);
    }
    if !room(ctx.prec, st) {
        return Num::nan();
    }
    let f = a.adjusted();
    let bound = ln_bound(a);
    ziv(ctx, st, |extra| {
        let places = ctx.prec - bound + extra;
        let w = bits_for(places) + 80;
        let y = ln_mantissa(a, w) + ln10(w) * IBig::from(f);
        (nearest(y * IBig::from(ten_to(places)), w), -places)
    })
}

fn ln_special(a: &Num, ctx: &Ctx, st: &mut u32) -> Option<Num> {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return Some(n);
    }
    if a.is_zero() {
        return Some(Num::inf(true));
    }
    if a.neg {
        return Some(invalid(st, flag::INVALID_OPERATION));
    }
    a.is_inf().then(|| Num::inf(false))
}

/// The logarithm to base 10.
pub fn log10(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = ln_special(a, ctx, st) {
        return n;
    }
    let f = a.adjusted();
    if a.coef.trailing_zeros() == a.coef.digits() - 1 && a.coef.shift_right(a.coef.digits() - 1).0.is_one() {
        return finalize(Num::int(f), &ctx.with_rounding(Rounding::HalfEven), st);
    }
    if !room(ctx.prec, st) {
        return Num::nan();
    }
    let bound = ln_bound(a) - 1;
    ziv(ctx, st, |extra| {
        let places = ctx.prec - bound + extra;
        let w = bits_for(places) + 80;
        let y = (ln_mantissa(a, w) << w) / ln10(w) + (IBig::from(f) << w);
        (nearest(y * IBig::from(ten_to(places)), w), -places)
    })
}

/// The square root.
pub fn sqrt(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    let even = ctx.with_rounding(Rounding::HalfEven);
    if a.is_inf() && !a.neg {
        return a.clone();
    }
    if a.is_zero() {
        return finalize(Num::zero(a.neg, a.exp >> 1), &even, st);
    }
    if a.neg {
        return invalid(st, flag::INVALID_OPERATION);
    }
    if !room(ctx.prec, st) {
        return Num::nan();
    }
    let odd = a.exp & 1;
    let len = a.coef.digits();
    let half = if odd == 1 { (len >> 1) + 1 } else { (len + 1) >> 1 };
    let shift = ctx.prec + 1 - half;
    let up = odd + 2 * shift;
    let (mut root, mut exact) = root(&a.coef, up);
    let mut exp = (a.exp >> 1) - shift;
    if up < 0 {
        exact &= a.coef.trailing_zeros() >= -up;
    }
    if exact {
        if shift >= 0 {
            // The ideal exponent, so far as the digits allow.
            let zeros = root.trailing_zeros().min(shift);
            root = root.shift_right(zeros).0;
            exp += zeros;
        } else {
            root = root.shift_left(-shift);
            exp += shift;
        }
    } else if root.last_digit() % 5 == 0 {
        root = root.add(&Coef::ONE);
    }
    finalize(Num::new(false, root, exp), &even, st)
}

/// The integer root of `c * 10^up`, and whether it is exact (for what was not cut).
fn root(c: &Coef, up: i64) -> (Coef, bool) {
    if let Some(n) = c.value()
        && (0..=38).contains(&up)
        && let Some((r, exact)) = wide::mul(n, POW10[up as usize]).sqrt()
    {
        return (Coef::from_u128(r), exact);
    }
    let n = if up >= 0 { c.shift_left(up) } else { c.shift_right(-up).0 };
    let n = to_big(&n);
    let r = n.sqrt();
    let exact = &r * &r == n;
    (from_big(&r), exact)
}

/// A bound from below for the exponent of `|log10(a)|`, where `a` is positive and not 1.
fn log10_bound(a: &Num) -> i64 {
    let digits = |n: i64| super::number::digits128(n.unsigned_abs().into());
    match a.adjusted() {
        n @ 1.. => digits(n) - 1,
        n @ ..=-2 => digits(n + 1) - 1,
        _ => ln_bound(a) - 1,
    }
}

/// The power, if a look at the exponents shows that it is out of their range.
fn out_of_bounds(magnitude: &Num, b: &Num, neg: bool, ctx: &Ctx, st: &mut u32) -> Option<Num> {
    let digits = |n: i64| super::number::digits128(n.unsigned_abs().into());
    let bound = log10_bound(magnitude) + b.adjusted();
    let large = (magnitude.adjusted() >= 0) != b.neg;
    let end = if large { ctx.emax } else { ctx.etiny() };
    if digits(end).max(1) >= bound {
        return None;
    }
    let exp = if large { ctx.emax + 1 } else { ctx.etiny() - 1 };
    Some(finalize(Num::new(neg, Coef::ONE, exp), ctx, st))
}

/// `a ** b`
pub fn pow(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let integer = b.is_integer();
    let neg = a.neg && integer && b.is_odd();
    if a.is_zero() {
        return match () {
            () if b.is_zero() => invalid(st, flag::INVALID_OPERATION),
            () if b.neg => Num::inf(neg),
            () => Num::zero(neg, 0),
        };
    }
    if a.neg && !integer {
        return invalid(st, flag::INVALID_OPERATION);
    }
    if b.is_inf() {
        let order = cmp(a, &Num::int(1));
        if order.is_eq() {
            *st |= flag::INEXACT | flag::ROUNDED;
            return one_with_zeros(false, ctx.prec - 1, st);
        }
        return if order.is_gt() != b.neg { Num::inf(false) } else { Num::zero(false, 0) };
    }
    if a.is_inf() {
        return match () {
            () if b.is_zero() => Num::int(1),
            () if b.neg => Num::zero(neg, 0),
            () => Num::inf(neg),
        };
    }
    if b.is_zero() {
        return Num::int(1);
    }
    let magnitude = a.clone().with_sign(false);
    if is_one(&magnitude) {
        return power_of_one(a, b, neg, integer, ctx, st);
    }
    if let Some(n) = out_of_bounds(&magnitude, b, neg, ctx, st) {
        return n;
    }
    if integer {
        power_int(a, b, neg, ctx, st)
    } else {
        let prec = a.coef.digits().max(ctx.prec) + 4 + 19;
        let work = Ctx::MAX.with_prec(prec);
        let mut ignored = 0;
        let l = ln(a, &work, &mut ignored);
        let product = mul(&l, b, &work, &mut ignored);
        let r = exp(&product, &work, st);
        *st |= flag::INEXACT | flag::ROUNDED;
        let r = if is_one(&r) { one_with_zeros(false, ctx.prec - 1, st) } else { r };
        if r.is_inf() { overflow(false, ctx, st) } else { finalize(r, ctx, st) }
    }
}

/// 1 with zeros behind the point.
fn one_with_zeros(neg: bool, zeros: i64, st: &mut u32) -> Num {
    if !room(zeros, st) {
        return Num::nan();
    }
    Num::new(neg, Coef::power(zeros), -zeros)
}

fn power_of_one(a: &Num, b: &Num, neg: bool, integer: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if !integer {
        *st |= flag::INEXACT | flag::ROUNDED;
        return one_with_zeros(false, ctx.prec - 1, st);
    }
    if b.neg {
        return Num::new(neg, Coef::ONE, 0);
    }
    // 1.000 ** 3 is 1.000000000.
    let times = if b.exp <= 40 { b.coef.shift_left(b.exp).shift_right(-b.exp).0 } else { Coef::nines(40) };
    let times = times.value().and_then(|v| i64::try_from(v).ok()).unwrap_or(i64::MAX);
    let mut zeros = (-a.exp).max(0).saturating_mul(times);
    if zeros > ctx.prec - 1 {
        zeros = ctx.prec - 1;
        *st |= flag::ROUNDED;
    }
    one_with_zeros(neg, zeros, st)
}

fn power_int(a: &Num, b: &Num, neg: bool, ctx: &Ctx, st: &mut u32) -> Num {
    let mut prec = ctx.prec + b.coef.digits() + b.exp + 2;
    if b.neg {
        prec += 1;
    }
    let work = Ctx { prec, rounding: Rounding::HalfEven, clamp: false, ..*ctx };
    let base = if b.neg { div(&Num::int(1), a, &work, st) } else { a.clone() };
    let mut own = 0;
    let exponent = b.coef.shift_left(b.exp.max(0)).shift_right(-b.exp).0;
    let mut r;
    if let Some(n) = exponent.value().and_then(|v| u64::try_from(v).ok()) {
        r = base.clone();
        let mut bit = 1u64 << (63 - n.leading_zeros());
        loop {
            bit >>= 1;
            if bit == 0 {
                break;
            }
            r = mul(&r, &r, &work, &mut own);
            if n & bit != 0 {
                r = mul(&r, &base, &work, &mut own);
            }
            if !r.is_finite() || r.coef.is_zero() && own & flag::CLAMPED != 0 {
                break;
            }
        }
    } else {
        let mut n = to_big(&exponent);
        let mut square = base;
        r = Num::int(1);
        while n != UBig::ZERO {
            if n.as_words().first().is_some_and(|w| w & 1 == 1) {
                r = mul(&r, &square, &work, &mut own);
                if !r.is_finite() || r.coef.is_zero() && own & flag::CLAMPED != 0 {
                    break;
                }
            }
            square = mul(&square, &square, &work, &mut own);
            if !square.is_finite() || square.coef.is_zero() && own & flag::CLAMPED != 0 {
                r = mul(&r, &square, &work, &mut own);
                break;
            }
            n >>= 1;
        }
    }
    *st |= own;
    if r.is_inf() {
        // Directed rounding wants the largest number instead.
        return overflow(neg, ctx, st);
    }
    finalize(r.with_sign(neg), ctx, st)
}

/// A number without powers of a small factor, at most so many, and how many these are.
pub fn without_factor(mut n: UBig, factor: u8, most: usize) -> (UBig, usize) {
    let mut count = 0;
    if n == UBig::ZERO {
        return (n, 0);
    }
    let f = UBig::from(factor);
    while count < most {
        let (q, r) = (&n).div_rem(&f);
        if r != UBig::ZERO {
            break;
        }
        n = q;
        count += 1;
    }
    (n, count)
}

/// A power of a small number.
pub fn power_of(base: u8, n: usize) -> UBig {
    UBig::from(base).pow(n)
}

/// `a ** b % m` of integers.
pub fn pow_mod(a: &Num, b: &Num, m: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    let signaling = [a, b, m].into_iter().find(|n| n.kind == super::number::Kind::Snan);
    if let Some(nan) = signaling.or_else(|| [a, b, m].into_iter().find(|n| n.is_nan())) {
        return nan_result(nan, None, ctx, st).unwrap_or_else(Num::nan);
    }
    if ![a, b, m].iter().all(|n| n.is_integer())
        || b.neg && !b.is_zero()
        || m.is_zero()
        || m.adjusted() >= ctx.prec
        || a.is_zero() && b.is_zero()
    {
        return invalid(st, flag::INVALID_OPERATION);
    }
    // What stands before the power of ten; for the modulus, all of it.
    let whole = |n: &Num| to_big(&n.coef.shift_right(-n.exp).0);
    let m = to_big(&m.coef.shift_left(m.exp).shift_right(-m.exp).0);
    let ten = UBig::from(10u8);
    let zeros = UBig::from(a.exp.max(0).unsigned_abs());
    let base = whole(a) % &m * power_modulo(ten.clone() % &m, &zeros, &m) % &m;
    let mut r = power_modulo(base, &whole(b), &m);
    for _ in 0..b.exp {
        if r == UBig::ZERO || r == UBig::ONE {
            break;
        }
        r = power_modulo(r, &ten, &m);
    }
    Num::new(a.neg && b.is_odd(), from_big(&r), 0)
}

/// `base ** n % m`, where the base is below the modulus.
fn power_modulo(base: UBig, n: &UBig, m: &UBig) -> UBig {
    let mut r = UBig::ONE % m;
    for word in n.as_words().iter().rev() {
        for bit in (0..64).rev() {
            r = r.sqr() % m;
            if word >> bit & 1 == 1 {
                r = r * &base % m;
            }
        }
    }
    r
}

#[cfg(test)]
mod tests {
    use super::super::arith::div_mod;
    use super::super::number::{parse, to_text};
    use super::*;

    const CTX: Ctx = Ctx { prec: 28, emax: 999_999, emin: -999_999, rounding: Rounding::HalfEven, clamp: false };

    fn check(f: fn(&Num, &Ctx, &mut u32) -> Num, x: &str, want: &str) {
        let n = parse(x.as_bytes()).expect("a number");
        assert_eq!(to_text(&f(&n, &CTX, &mut 0), false, true), want);
    }

    #[test]
    fn values() {
        check(exp, "1", "2.718281828459045235360287471");
        check(exp, "-1e-40", "1.000000000000000000000000000");
        check(ln, "10", "2.302585092994045684017991455");
        check(ln, "0.5", "-0.6931471805599453094172321215");
        check(log10, "2", "0.3010299956639811952137388947");
        check(sqrt, "2", "1.414213562373095048801688724");
        check(sqrt, "100", "10");
        let (q, r) = div_mod(&Num::int(7), &Num::int(2), &CTX, &mut 0);
        assert_eq!((to_text(&q, false, true), to_text(&r, false, true)), ("3".into(), "1".into()));
    }
}
