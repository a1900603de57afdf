//! The basic operations: sums, products, quotients, rounding to an exponent, comparisons.

use std::cmp::Ordering;

use super::number::{Coef, Kind, Lost, Num, POW10, cmp, cmp_abs};
use super::round::{Ctx, Rounding, finalize, flag, invalid, nan_result};
use super::wide;

/// `a + b`, or `a - b` if `minus`.
#[inline]
pub fn add(a: &Num, b: &Num, minus: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if !a.is_finite() || !b.is_finite() {
        return add_special(a, b, minus, ctx, st);
    }
    let b_neg = b.neg != minus;
    if a.exp == b.exp
        && let (Coef::Small(x, 0), Coef::Small(y, 0)) = (&a.coef, &b.coef)
    {
        let (x, y) = (*x as i128, *y as i128);
        let s = if a.neg { -x } else { x } + if b_neg { -y } else { y };
        if s != 0 {
            return finalize(Num::new(s < 0, Coef::small(s.unsigned_abs()), a.exp), ctx, st);
        }
    }
    add_finite(a, b, b_neg, ctx, st)
}

fn add_special(a: &Num, b: &Num, minus: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    match (a.is_inf(), b.is_inf()) {
        (true, true) if a.neg != (b.neg != minus) => invalid(st, flag::INVALID_OPERATION),
        (true, _) => Num::inf(a.neg),
        _ => Num::inf(b.neg != minus),
    }
}

fn add_finite(a: &Num, b: &Num, b_neg: bool, ctx: &Ctx, st: &mut u32) -> Num {
    let exp = a.exp.min(b.exp);
    match (a.coef.is_zero(), b.coef.is_zero()) {
        (true, true) => {
            let neg = if a.neg == b_neg { a.neg } else { ctx.rounding == Rounding::Floor };
            return finalize(Num::zero(neg, exp), ctx, st);
        }
        (true, false) => return padded(b, b_neg, exp, ctx, st),
        (false, true) => return padded(a, a.neg, exp, ctx, st),
        _ => {}
    }
    // `high` has the larger exponent.
    let ((high, high_neg), (low, low_neg)) =
        if a.exp >= b.exp { ((a, a.neg), (b, b_neg)) } else { ((b, b_neg), (a, a.neg)) };
    let mut exp = low.exp;
    let mut low_coef = None;
    if high.exp != low.exp {
        // Far below the last place of the result only the sign of the low one matters.
        let limit = high.exp + (high.coef.digits() - ctx.prec - 2).min(-1);
        if low.adjusted() < limit {
            low_coef = Some(Coef::ONE);
            exp = limit;
        }
    }
    let low_coef = low_coef.as_ref().unwrap_or(&low.coef);
    if !room(high.exp - exp, st) {
        return Num::nan();
    }
    let shifted;
    let high_coef = if high.exp == exp {
        &high.coef
    } else {
        shifted = high.coef.shift_left(high.exp - exp);
        &shifted
    };
    let (neg, coef) = if high_neg == low_neg {
        (high_neg, high_coef.add(low_coef))
    } else {
        match high_coef.cmp(low_coef) {
            Ordering::Equal => return finalize(Num::zero(ctx.rounding == Rounding::Floor, exp), ctx, st),
            Ordering::Greater => (high_neg, high_coef.sub(low_coef)),
            Ordering::Less => (low_neg, low_coef.sub(high_coef)),
        }
    };
    finalize(Num::new(neg, coef, exp), ctx, st)
}

/// A number plus a zero with a smaller or equal exponent.
fn padded(n: &Num, neg: bool, exp: i64, ctx: &Ctx, st: &mut u32) -> Num {
    // No more zeros than can matter.
    let exp = exp.max(n.exp + (n.coef.digits() - ctx.prec - 2).min(-1)).min(n.exp);
    if !room(n.exp - exp, st) {
        return Num::nan();
    }
    finalize(Num::new(neg, n.coef.shift_left(n.exp - exp), exp), ctx, st)
}

/// The exact product, of numbers that are no NaNs.
fn product(a: &Num, b: &Num, st: &mut u32) -> Num {
    let neg = a.neg != b.neg;
    if !a.is_finite() || !b.is_finite() {
        if a.is_zero() || b.is_zero() {
            return invalid(st, flag::INVALID_OPERATION);
        }
        return Num::inf(neg);
    }
    Num::new(neg, a.coef.mul(&b.coef), a.exp + b.exp)
}

/// `a * b`
#[inline]
pub fn mul(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if a.is_finite() && b.is_finite() {
        let (neg, exp) = (a.neg != b.neg, a.exp + b.exp);
        if let (Coef::Small(x, 0), Coef::Small(y, 0)) = (&a.coef, &b.coef) {
            let p = *x as u128 * *y as u128;
            if p < POW10[38] {
                return finalize(Num::new(neg, Coef::small(p), exp), ctx, st);
            }
        }
        if let (Some(x), Some(y)) = (a.coef.value(), b.coef.value())
            && ctx.prec <= 36
        {
            let p = wide::mul(x, y);
            if p.high == 0 && p.low < POW10[38] {
                return finalize(Num::new(neg, Coef::small(p.low), exp), ctx, st);
            }
            // So many digits that the rest is below one more than the precision.
            let drop = (a.coef.digits() + b.coef.digits() - ctx.prec - 2).clamp(1, 38);
            if let Some((mut q, r)) = p.div_rem(POW10[drop as usize])
                && q < POW10[38]
            {
                // A last digit that rounding can't take for exact or half.
                if r != 0 && q % 5 == 0 {
                    q += 1;
                }
                let n = finalize(Num::new(neg, Coef::small(q), exp + drop), ctx, st);
                return n;
            }
        }
        return finalize(Num::new(neg, a.coef.mul(&b.coef), exp), ctx, st);
    }
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    product(a, b, st)
}

/// `a * b + c` with one rounding.
pub fn fma(a: &Num, b: &Num, c: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    let factors = [a, b];
    if factors.iter().any(|n| n.kind == Kind::Snan)
        && let Some(n) = nan_result(a, Some(b), ctx, st)
    {
        return n;
    }
    if let Some(n) = factors.iter().find(|n| n.is_nan()) {
        return add(n, c, false, ctx, st);
    }
    let mut own = 0;
    let p = product(a, b, &mut own);
    *st |= own;
    if own != 0 {
        return p;
    }
    add(&p, c, false, ctx, st)
}

/// `a / b`
pub fn div(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    let neg = a.neg != b.neg;
    if !a.is_finite() || !b.is_finite() {
        if let Some(n) = nan_result(a, Some(b), ctx, st) {
            return n;
        }
        return match (a.is_inf(), b.is_inf()) {
            (true, true) => invalid(st, flag::INVALID_OPERATION),
            (true, false) => Num::inf(neg),
            _ => {
                *st |= flag::CLAMPED;
                Num::zero(neg, ctx.etiny())
            }
        };
    }
    if b.coef.is_zero() {
        if a.coef.is_zero() {
            return invalid(st, flag::DIVISION_UNDEFINED);
        }
        *st |= flag::DIVISION_BY_ZERO;
        return Num::inf(neg);
    }
    let ideal = a.exp - b.exp;
    if a.coef.is_zero() {
        return finalize(Num::zero(neg, ideal), ctx, st);
    }
    if !room(ctx.prec, st) {
        return Num::nan();
    }
    let (mut coef, exact, shift) = quotient(&a.coef, &b.coef, ctx.prec);
    let mut exp = ideal - shift;
    if !exact {
        if coef.last_digit() % 5 == 0 {
            coef = coef.add(&Coef::ONE);
        }
    } else if exp < ideal {
        let zeros = coef.trailing_zeros().min(ideal - exp);
        coef = coef.shift_right(zeros).0;
        exp += zeros;
    }
    finalize(Num::new(neg, coef, exp), ctx, st)
}

/// `a * 10^shift / b` with at least one digit more than the precision; tells whether it is exact.
fn quotient(a: &Coef, b: &Coef, prec: i64) -> (Coef, bool, i64) {
    let shift = b.digits() - a.digits() + prec + 1;
    if let (Some(x), Some(y)) = (a.value(), b.value())
        && (0..=38).contains(&shift)
        && let Some((q, r)) = wide::mul(x, POW10[shift as usize]).div_rem(y)
    {
        return (Coef::from_u128(q), r == 0, shift);
    }
    let (q, r) = if shift >= 0 {
        a.shift_left(shift).div_rem(b)
    } else {
        a.div_rem(&b.shift_left(-shift))
    };
    (q, r.is_zero(), shift)
}

/// Whether there is room for a coefficient of so many digits; else that is noted as a condition.
pub fn room(digits: i64, st: &mut u32) -> bool {
    if digits > MOST_DIGITS || digits > CHECKED_DIGITS && !allocates(digits) {
        *st |= flag::MALLOC_ERROR;
        return false;
    }
    true
}

/// Whether the memory for a few numbers of that length can be had.
#[cold]
fn allocates(digits: i64) -> bool {
    let limbs = digits as usize / super::limbs::DIGITS;
    Vec::<u64>::new().try_reserve_exact(limbs.saturating_mul(4)).is_ok()
}

/// From this length on the memory is asked for before.
const CHECKED_DIGITS: i64 = 10_000_000;


/// The most digits that a coefficient may get by shifting.
const MOST_DIGITS: i64 = 1_000_000_000;

/// Integer quotient and remainder of finite numbers, the divisor not zero; `None` if the quotient has more digits
/// than the precision.
fn divide_int(a: &Num, b: &Num, ctx: &Ctx) -> Option<(Num, Num)> {
    let neg = a.neg != b.neg;
    let exp = a.exp.min(b.exp);
    if a.coef.is_zero() {
        return Some((Num::zero(neg, 0), Num::zero(a.neg, exp)));
    }
    let gap = a.adjusted() - b.adjusted();
    if gap <= -2 {
        return Some((Num::zero(neg, 0), Num::new(a.neg, a.coef.shift_left(a.exp - exp), exp)));
    }
    if gap > ctx.prec || a.exp - exp > MOST_DIGITS || b.exp - exp > MOST_DIGITS {
        return None;
    }
    let (x, y) = (a.coef.shift_left(a.exp - exp), b.coef.shift_left(b.exp - exp));
    let (q, r) = x.div_rem(&y);
    if q.digits() > ctx.prec {
        return None;
    }
    Some((Num::new(neg, q, 0), Num::new(a.neg, r, exp)))
}

/// What is asked of a division with an integer quotient.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Quotient,
    Remainder,
}

fn division_by_special(a: &Num, b: &Num, part: Part, ctx: &Ctx, st: &mut u32) -> Option<Num> {
    if !a.is_finite() || !b.is_finite() {
        if let Some(n) = nan_result(a, Some(b), ctx, st) {
            return Some(n);
        }
        return match (a.is_inf(), part) {
            (true, Part::Remainder) => Some(invalid(st, flag::INVALID_OPERATION)),
            (true, Part::Quotient) if b.is_inf() => Some(invalid(st, flag::INVALID_OPERATION)),
            (true, Part::Quotient) => Some(Num::inf(a.neg != b.neg)),
            (false, Part::Quotient) => Some(Num::zero(a.neg != b.neg, 0)),
            (false, Part::Remainder) => Some(finalize(a.clone(), ctx, st)),
        };
    }
    if b.coef.is_zero() {
        return Some(match (a.coef.is_zero(), part) {
            (true, _) => invalid(st, flag::DIVISION_UNDEFINED),
            (false, Part::Remainder) => invalid(st, flag::INVALID_OPERATION),
            (false, Part::Quotient) => {
                *st |= flag::DIVISION_BY_ZERO;
                Num::inf(a.neg != b.neg)
            }
        });
    }
    None
}

/// `a // b`, truncated.
pub fn div_int(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = division_by_special(a, b, Part::Quotient, ctx, st) {
        return n;
    }
    match divide_int(a, b, ctx) {
        Some((q, _)) => finalize(q, ctx, st),
        None => invalid(st, flag::DIVISION_IMPOSSIBLE),
    }
}

/// `a % b`, with the sign of `a`.
pub fn rem(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = division_by_special(a, b, Part::Remainder, ctx, st) {
        return n;
    }
    match divide_int(a, b, ctx) {
        Some((_, r)) => finalize(r, ctx, st),
        None => invalid(st, flag::DIVISION_IMPOSSIBLE),
    }
}

/// Both.
pub fn div_mod(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> (Num, Num) {
    if !a.is_finite() || !b.is_finite() {
        if let Some(n) = nan_result(a, Some(b), ctx, st) {
            return (n.clone(), n);
        }
        if a.is_inf() {
            let q = if b.is_inf() { Num::nan() } else { Num::inf(a.neg != b.neg) };
            return (q, invalid(st, flag::INVALID_OPERATION));
        }
        return (Num::zero(a.neg != b.neg, 0), finalize(a.clone(), ctx, st));
    }
    if b.coef.is_zero() {
        if a.coef.is_zero() {
            return (Num::nan(), invalid(st, flag::DIVISION_UNDEFINED));
        }
        *st |= flag::DIVISION_BY_ZERO | flag::INVALID_OPERATION;
        return (Num::inf(a.neg != b.neg), Num::nan());
    }
    match divide_int(a, b, ctx) {
        Some((q, r)) => (finalize(q, ctx, st), finalize(r, ctx, st)),
        None => (Num::nan(), invalid(st, flag::DIVISION_IMPOSSIBLE)),
    }
}

/// The remainder to the nearest multiple (the even one of two).
pub fn rem_near(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = division_by_special(a, b, Part::Remainder, ctx, st) {
        return n;
    }
    let exp = a.exp.min(b.exp);
    if a.coef.is_zero() {
        return finalize(Num::zero(a.neg, exp), ctx, st);
    }
    let gap = a.adjusted() - b.adjusted();
    if gap >= ctx.prec + 1 {
        return invalid(st, flag::DIVISION_IMPOSSIBLE);
    }
    if gap <= -2 {
        return finalize(Num::new(a.neg, a.coef.shift_left(a.exp - exp), exp), ctx, st);
    }
    if !room(a.exp - exp, st) || !room(b.exp - exp, st) {
        return Num::nan();
    }
    let (x, y) = (a.coef.shift_left(a.exp - exp), b.coef.shift_left(b.exp - exp));
    let (mut q, mut r) = x.div_rem(&y);
    let mut neg = a.neg;
    let twice = r.add(&r);
    let order = twice.cmp(&y);
    if order.is_gt() || order.is_eq() && q.is_odd() {
        r = y.sub(&r);
        q = q.add(&Coef::ONE);
        neg = !neg;
    }
    if q.digits() > ctx.prec {
        return invalid(st, flag::DIVISION_IMPOSSIBLE);
    }
    finalize(Num::new(if r.is_zero() { a.neg } else { neg }, r, exp), ctx, st)
}

/// `+a`, or `-a` if `minus`: rounded, and zeros lose their sign.
pub fn plus(a: &Num, minus: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    let neg = a.neg != minus && (!a.is_zero() || ctx.rounding == Rounding::Floor);
    finalize(a.clone().with_sign(neg), ctx, st)
}

/// `abs(a)`, rounded.
pub fn abs(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    match nan_result(a, None, ctx, st) {
        Some(n) => n,
        None => finalize(a.clone().with_sign(false), ctx, st),
    }
}

/// A finite number with another exponent, not yet checked against the context; digits may be lost.
fn rescaled(a: &Num, exp: i64, rounding: Rounding) -> (Num, Lost) {
    if a.coef.is_zero() {
        return (Num::zero(a.neg, exp), Lost::Nothing);
    }
    if a.exp >= exp {
        return (Num::new(a.neg, a.coef.shift_left(a.exp - exp), exp), Lost::Nothing);
    }
    let (coef, lost) = a.coef.shift_right(exp - a.exp);
    let coef = if rounding.up(a.neg, &coef, lost) { coef.add(&Coef::ONE) } else { coef };
    (Num::new(a.neg, coef, exp), lost)
}

/// `a` rounded to the exponent of `b`.
pub fn quantize(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if !a.is_finite() || !b.is_finite() {
        if let Some(n) = nan_result(a, Some(b), ctx, st) {
            return n;
        }
        if a.is_inf() && b.is_inf() {
            return a.clone();
        }
        return invalid(st, flag::INVALID_OPERATION);
    }
    to_exponent(a, b.exp, ctx, st)
}

/// A finite number rounded to an exponent that must be within the context's bounds.
pub fn to_exponent(a: &Num, exp: i64, ctx: &Ctx, st: &mut u32) -> Num {
    if exp > ctx.emax || exp < ctx.etiny() {
        return invalid(st, flag::INVALID_OPERATION);
    }
    if a.coef.is_zero() {
        return finalize(Num::zero(a.neg, exp), ctx, st);
    }
    if a.exp - exp > 0 && a.coef.digits() + (a.exp - exp) > ctx.prec {
        return invalid(st, flag::INVALID_OPERATION);
    }
    if !room(a.exp - exp, st) {
        return Num::nan();
    }
    let (n, lost) = rescaled(a, exp, ctx.rounding);
    if !n.coef.is_zero() && (n.adjusted() > ctx.emax || n.coef.digits() > ctx.prec) {
        return invalid(st, flag::INVALID_OPERATION);
    }
    let mut own = 0;
    if exp > a.exp {
        own |= flag::ROUNDED;
        if lost != Lost::Nothing {
            own |= flag::INEXACT;
        }
    }
    if !n.coef.is_zero() && n.adjusted() < ctx.emin {
        own |= flag::SUBNORMAL;
    }
    let r = finalize(n, ctx, &mut own);
    // A rounding to an exponent within the bounds does not underflow.
    *st |= own & !flag::UNDERFLOW;
    r
}

/// The number without zeros at its end.
pub fn reduce(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    if a.is_inf() {
        return a.clone();
    }
    let mut n = finalize(a.clone(), ctx, st);
    if !n.is_finite() {
        return n;
    }
    if n.coef.is_zero() {
        n.exp = 0;
        return n;
    }
    let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
    let zeros = n.coef.trailing_zeros().min(most - n.exp).max(0);
    if zeros > 0 {
        n.coef = n.coef.shift_right(zeros).0;
        n.exp += zeros;
    }
    n
}

/// The number as an integer; flags are raised only if `exact`.
pub fn to_integral(a: &Num, exact: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    if a.is_inf() || a.exp >= 0 {
        return a.clone();
    }
    if a.coef.is_zero() {
        return Num::zero(a.neg, 0);
    }
    let (n, lost) = rescaled(a, 0, ctx.rounding);
    if exact {
        *st |= flag::ROUNDED;
        if lost != Lost::Nothing {
            *st |= flag::INEXACT;
        }
    }
    n
}

/// The integer below (or above) a finite number.
pub fn to_int(a: &Num, rounding: Rounding) -> Num {
    let n = if a.exp >= 0 { a.clone() } else { rescaled(a, 0, rounding).0 };
    Num { exp: n.exp.max(0), ..n }
}

/// The order as a number, or a NaN; any NaN signals if `signal`.
pub fn compare(a: &Num, b: &Num, signal: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        if signal {
            *st |= flag::INVALID_OPERATION;
        }
        return n;
    }
    Num::int(cmp(a, b) as i64)
}

/// The total order of all representations.
pub fn cmp_total(a: &Num, b: &Num) -> Ordering {
    if a.neg != b.neg {
        return b.neg.cmp(&a.neg);
    }
    let order = total_abs(a, b);
    if a.neg { order.reverse() } else { order }
}

/// The total order without regard to signs.
pub fn total_abs(a: &Num, b: &Num) -> Ordering {
    let rank = |n: &Num| match n.kind {
        Kind::Finite | Kind::Inf => 0,
        Kind::Snan => 1,
        Kind::Nan => 2,
    };
    let order = rank(a).cmp(&rank(b));
    if order.is_ne() {
        return order;
    }
    if a.is_nan() {
        return a.coef.cmp(&b.coef);
    }
    let order = cmp_abs(a, b);
    if order.is_ne() || a.is_inf() { order } else { a.exp.cmp(&b.exp) }
}

/// Which of the two is wanted by min and max.
#[derive(Clone, Copy)]
pub struct Pick {
    /// The greater one.
    pub max: bool,
    /// By magnitude.
    pub magnitude: bool,
}

/// The lesser or greater one.
pub fn pick(a: &Num, b: &Num, which: Pick, ctx: &Ctx, st: &mut u32) -> Num {
    // A number counts before a quiet NaN.
    if a.kind == Kind::Nan && !b.is_nan() {
        return finalize(b.clone(), ctx, st);
    }
    if b.kind == Kind::Nan && !a.is_nan() {
        return finalize(a.clone(), ctx, st);
    }
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let mut order = if which.magnitude { cmp_abs(a, b) } else { cmp(a, b) };
    if order.is_eq() && which.magnitude {
        order = cmp(a, b);
    }
    if order.is_eq() {
        order = cmp_total(a, b);
    }
    let first = if which.max { order.is_gt() } else { order.is_lt() };
    finalize(if first { a } else { b }.clone(), ctx, st)
}

