//! The other operations: neighbours, shifts, logical operations, exponents, classes.

use super::arith::{add, room};
use super::number::{Coef, Kind, Num, cmp};
use super::round::{Ctx, Rounding, finalize, flag, invalid, low_digits, nan_result};

/// The value of an integer with exponent 0 between bounds.
fn small_int(n: &Num, most: i64) -> Option<i64> {
    if !n.is_finite() || n.exp != 0 {
        return None;
    }
    let v = i64::try_from(n.coef.value()?).ok().filter(|v| *v <= most)?;
    Some(if n.neg { -v } else { v })
}

/// `a * 10^b`
pub fn scaleb(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let Some(by) = small_int(b, 2 * (ctx.emax + ctx.prec)) else { return invalid(st, flag::INVALID_OPERATION) };
    if a.is_inf() {
        return a.clone();
    }
    finalize(Num::new(a.neg, a.coef.clone(), a.exp + by), ctx, st)
}

/// The digits moved to the left or, by a negative number, to the right.
pub fn shift(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let Some(by) = small_int(b, ctx.prec) else { return invalid(st, flag::INVALID_OPERATION) };
    if a.is_inf() {
        return a.clone();
    }
    let coef = low_digits(&a.coef, ctx.prec);
    if !room(by, st) {
        return Num::nan();
    }
    let coef = if by >= 0 { low_digits(&coef.shift_left(by), ctx.prec) } else { coef.shift_right(-by).0 };
    Num::new(a.neg, coef, a.exp)
}

/// The digits, as many as the precision has, rotated.
pub fn rotate(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let Some(by) = small_int(b, ctx.prec) else { return invalid(st, flag::INVALID_OPERATION) };
    if a.is_inf() {
        return a.clone();
    }
    let left = if by >= 0 { by } else { ctx.prec + by };
    if !room(left, st) {
        return Num::nan();
    }
    let coef = low_digits(&a.coef, ctx.prec);
    let (high, _) = coef.shift_right(ctx.prec - left);
    Num::new(a.neg, low_digits(&coef, ctx.prec - left).shift_left(left).add(&high), a.exp)
}

/// The exponent as a number.
pub fn logb(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    if a.is_inf() {
        return Num::inf(false);
    }
    if a.is_zero() {
        *st |= flag::DIVISION_BY_ZERO;
        return Num::inf(true);
    }
    finalize(Num::int(a.adjusted()), ctx, st)
}

/// The next number that the context can represent, above or below.
pub fn next(a: &Num, up: bool, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, None, ctx, st) {
        return n;
    }
    if a.is_inf() {
        if a.neg != up {
            return a.clone();
        }
        if !room(ctx.prec, st) {
            return Num::nan();
        }
        return Num::new(a.neg, Coef::nines(ctx.prec), ctx.etop());
    }
    let ctx = ctx.with_rounding(if up { Rounding::Ceiling } else { Rounding::Floor });
    let mut ignored = 0;
    let n = finalize(a.clone(), &ctx, &mut ignored);
    if cmp(&n, a).is_ne() {
        return n;
    }
    let step = Num::new(!up, Coef::ONE, ctx.etiny() - 1);
    let n = add(a, &step, false, &ctx, &mut ignored);
    *st |= ignored & flag::MALLOC_ERROR;
    n
}

/// The neighbour of `a` in the direction of `b`.
pub fn next_toward(a: &Num, b: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    if let Some(n) = nan_result(a, Some(b), ctx, st) {
        return n;
    }
    let order = cmp(a, b);
    if order.is_eq() {
        return a.clone().with_sign(b.neg);
    }
    let n = next(a, order.is_lt(), ctx, st);
    if n.is_inf() {
        *st |= flag::OVERFLOW | flag::ROUNDED | flag::INEXACT;
    } else if n.is_zero() || n.adjusted() < ctx.emin {
        *st |= flag::UNDERFLOW | flag::SUBNORMAL | flag::ROUNDED | flag::INEXACT;
        if n.is_zero() {
            *st |= flag::CLAMPED;
        }
    }
    n
}

/// A logical operation on digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Logic {
    And, Or, Xor,
}

/// The digits of an operand of logical operations.
fn bits(n: &Num) -> Option<Vec<u8>> {
    if !n.is_finite() || n.neg || n.exp != 0 {
        return None;
    }
    let text = n.coef.text().into_bytes();
    text.iter().all(|d| matches!(d, b'0' | b'1')).then_some(text)
}

/// The last digits of both, combined.
pub fn logical(a: &Num, b: &Num, op: Logic, ctx: &Ctx, st: &mut u32) -> Num {
    let (Some(x), Some(y)) = (bits(a), bits(b)) else { return invalid(st, flag::INVALID_OPERATION) };
    let n = x.len().max(y.len()).min(usize::try_from(ctx.prec).unwrap_or(usize::MAX));
    let digit = |v: &[u8], i: usize| v.len().checked_sub(i + 1).is_some_and(|i| v[i] == b'1');
    let out: Vec<u8> = (0..n)
        .rev()
        .map(|i| {
            let (p, q) = (digit(&x, i), digit(&y, i));
            b'0' + u8::from(match op {
                Logic::And => p && q,
                Logic::Or => p || q,
                Logic::Xor => p != q,
            })
        })
        .collect();
    Num::new(false, Coef::parse(&out), 0)
}

/// All digits, as many as the precision has, exchanged.
pub fn logical_invert(a: &Num, ctx: &Ctx, st: &mut u32) -> Num {
    let Some(x) = bits(a) else { return invalid(st, flag::INVALID_OPERATION) };
    if !room(ctx.prec, st) {
        return Num::nan();
    }
    let n = ctx.prec as usize;
    let mut out = vec![b'1'; n];
    for (o, d) in out.iter_mut().rev().zip(x.iter().rev()) {
        *o = b'0' + b'1' - d;
    }
    Num::new(false, Coef::parse(&out), 0)
}

/// Whether the number is below the normal ones.
pub fn is_subnormal(a: &Num, ctx: &Ctx) -> bool {
    a.is_finite() && !a.coef.is_zero() && a.adjusted() < ctx.emin
}

/// What kind of number it is.
pub fn class(a: &Num, ctx: &Ctx) -> &'static str {
    match (a.kind, a.neg) {
        (Kind::Nan, _) => "NaN",
        (Kind::Snan, _) => "sNaN",
        (Kind::Inf, false) => "+Infinity",
        (Kind::Inf, true) => "-Infinity",
        (_, neg) => match (a.coef.is_zero(), is_subnormal(a, ctx), neg) {
            (true, _, false) => "+Zero",
            (true, _, true) => "-Zero",
            (_, true, false) => "+Subnormal",
            (_, true, true) => "-Subnormal",
            (_, _, false) => "+Normal",
            (_, _, true) => "-Normal",
        },
    }
}
