//! Contexts as plain data, the conditions, and the rounding of results.

use super::arith::room;
use super::number::{Coef, Kind, Lost, MAX_EMAX, MAX_PREC, MIN_EMIN, Num};

/// Conditions, as bits.
pub mod flag {
    /// An exponent was changed to fit.
    pub const CLAMPED: u32 = 0x1;
    /// A text that is no number.
    pub const CONVERSION_SYNTAX: u32 = 0x2;
    /// Division of a number by zero.
    pub const DIVISION_BY_ZERO: u32 = 0x4;
    /// An integer quotient too long.
    pub const DIVISION_IMPOSSIBLE: u32 = 0x8;
    /// 0 / 0
    pub const DIVISION_UNDEFINED: u32 = 0x10;
    /// Digits other than zeros were lost.
    pub const INEXACT: u32 = 0x40;
    /// A context that an operation does not take.
    pub const INVALID_CONTEXT: u32 = 0x80;
    /// Anything else that is not allowed.
    pub const INVALID_OPERATION: u32 = 0x100;
    /// No memory.
    pub const MALLOC_ERROR: u32 = 0x200;
    /// Floats mixed with decimals.
    pub const FLOAT_OPERATION: u32 = 0x400;
    /// An exponent too large.
    pub const OVERFLOW: u32 = 0x800;
    /// Digits were lost.
    pub const ROUNDED: u32 = 0x1000;
    /// An exponent below that of normal numbers.
    pub const SUBNORMAL: u32 = 0x2000;
    /// Subnormal and inexact.
    pub const UNDERFLOW: u32 = 0x4000;
    /// All that the signal InvalidOperation stands for.
    pub const ALL_INVALID: u32 = CONVERSION_SYNTAX
        | DIVISION_IMPOSSIBLE
        | DIVISION_UNDEFINED
        | 0x20
        | INVALID_CONTEXT
        | INVALID_OPERATION
        | MALLOC_ERROR;
    /// What the default context traps.
    pub const DEFAULT_TRAPS: u32 = ALL_INVALID | DIVISION_BY_ZERO | OVERFLOW;
}

/// How to round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Up, Down, Ceiling, Floor, HalfUp, HalfDown, HalfEven, ZeroFiveUp,
}

impl Rounding {
    /// All, in the order of libmpdec's numbers.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Up, "ROUND_UP"),
        (Self::Down, "ROUND_DOWN"),
        (Self::Ceiling, "ROUND_CEILING"),
        (Self::Floor, "ROUND_FLOOR"),
        (Self::HalfUp, "ROUND_HALF_UP"),
        (Self::HalfDown, "ROUND_HALF_DOWN"),
        (Self::HalfEven, "ROUND_HALF_EVEN"),
        (Self::ZeroFiveUp, "ROUND_05UP"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(r, _)| *r == self).map_or("", |(_, name)| name)
    }

    /// Whether the magnitude that is kept grows by one.
    #[inline]
    pub fn up(self, neg: bool, coef: &Coef, lost: Lost) -> bool {
        if lost == Lost::Nothing {
            return false;
        }
        match self {
            Self::Up => true,
            Self::Down => false,
            Self::Ceiling => !neg,
            Self::Floor => neg,
            Self::HalfUp => matches!(lost, Lost::Half | Lost::More),
            Self::HalfDown => lost == Lost::More,
            Self::HalfEven => lost == Lost::More || lost == Lost::Half && coef.is_odd(),
            Self::ZeroFiveUp => coef.last_digit() % 5 == 0,
        }
    }
}

/// The settings that results depend on.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    /// The most digits of results.
    pub prec: i64,
    /// The largest adjusted exponent.
    pub emax: i64,
    /// The smallest adjusted exponent of normal numbers.
    pub emin: i64,
    /// How to round.
    pub rounding: Rounding,
    /// Whether large exponents are brought down by zeros at the end of the coefficient.
    pub clamp: bool,
}

impl Ctx {
    /// In which everything that can be represented is exact.
    pub const MAX: Ctx =
        Ctx { prec: MAX_PREC, emax: MAX_EMAX, emin: MIN_EMIN, rounding: Rounding::HalfEven, clamp: false };

    /// The smallest exponent.
    #[inline]
    pub fn etiny(&self) -> i64 {
        self.emin - (self.prec - 1)
    }

    /// The largest exponent of a coefficient of full length.
    #[inline]
    pub fn etop(&self) -> i64 {
        self.emax - (self.prec - 1)
    }

    /// With another precision.
    pub fn with_prec(self, prec: i64) -> Self {
        Self { prec, ..self }
    }

    /// With another way of rounding.
    pub fn with_rounding(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }
}

/// Cuts a coefficient and rounds it; tells whether digits other than zeros were lost.
#[inline]
fn cut(coef: &Coef, n: i64, neg: bool, rounding: Rounding) -> (Coef, bool) {
    let (kept, lost) = coef.shift_right(n);
    let kept = if rounding.up(neg, &kept, lost) { kept.add(&Coef::ONE) } else { kept };
    (kept, lost != Lost::Nothing)
}

/// The number as the context allows it; conditions are added to `st`.
#[inline]
pub fn finalize(n: Num, ctx: &Ctx, st: &mut u32) -> Num {
    if n.kind == Kind::Finite {
        // Everyday numbers fit as they are.
        let digits = n.coef.digits();
        let adjusted = n.exp + digits - 1;
        if digits <= ctx.prec && adjusted <= ctx.emax && adjusted >= ctx.emin && !ctx.clamp {
            return n;
        }
        return fit(n, digits, adjusted, ctx, st);
    }
    fix_nan(n, ctx, st)
}

/// A NaN whose payload is not too long.
pub fn fix_nan(mut n: Num, ctx: &Ctx, _st: &mut u32) -> Num {
    let most = ctx.prec - i64::from(ctx.clamp);
    if !n.coef.is_zero() && n.coef.digits() > most {
        n.coef = low_digits(&n.coef, most);
    }
    n
}

/// The last digits of a coefficient.
pub fn low_digits(coef: &Coef, n: i64) -> Coef {
    if n <= 0 {
        return Coef::ZERO;
    }
    let (high, _) = coef.shift_right(n);
    coef.sub(&high.shift_left(n))
}

#[cold]
#[inline(never)]
fn fit(mut n: Num, digits: i64, adjusted: i64, ctx: &Ctx, st: &mut u32) -> Num {
    let etiny = ctx.etiny();
    if n.coef.is_zero() {
        let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
        let exp = n.exp.clamp(etiny, most.max(etiny));
        if exp != n.exp {
            *st |= flag::CLAMPED;
            n.exp = exp;
        }
        return n;
    }
    if adjusted > ctx.emax {
        return overflow(n.neg, ctx, st);
    }
    if adjusted < ctx.emin {
        *st |= flag::SUBNORMAL;
        if n.exp < etiny {
            let (coef, inexact) = cut(&n.coef, etiny - n.exp, n.neg, ctx.rounding);
            n.coef = coef;
            n.exp = etiny;
            *st |= flag::ROUNDED;
            if inexact {
                *st |= flag::INEXACT | flag::UNDERFLOW;
                if n.coef.is_zero() {
                    *st |= flag::CLAMPED;
                }
            }
        }
        // Rounding may have brought it to more digits than allowed, with precision 1.
    }
    let mut digits = if n.exp == etiny { n.coef.digits() } else { digits };
    if digits > ctx.prec {
        let shift = digits - ctx.prec;
        let (coef, inexact) = cut(&n.coef, shift, n.neg, ctx.rounding);
        n.coef = coef;
        n.exp += shift;
        *st |= flag::ROUNDED;
        if inexact {
            *st |= flag::INEXACT;
        }
        if n.coef.digits() > ctx.prec {
            // All nines became one and zeros.
            n.coef = n.coef.shift_right(1).0;
            n.exp += 1;
        }
        digits = ctx.prec;
        if n.exp + digits - 1 > ctx.emax {
            return overflow(n.neg, ctx, st);
        }
    }
    let etop = ctx.etop();
    if ctx.clamp && n.exp > etop {
        if !room(n.exp - etop, st) {
            return Num::nan();
        }
        n.coef = n.coef.shift_left(n.exp - etop);
        n.exp = etop;
        *st |= flag::CLAMPED;
    }
    n
}

/// The result of an operation whose exponent is too large.
pub fn overflow(neg: bool, ctx: &Ctx, st: &mut u32) -> Num {
    *st |= flag::OVERFLOW | flag::INEXACT | flag::ROUNDED;
    let infinite = match ctx.rounding {
        Rounding::Down | Rounding::ZeroFiveUp => false,
        Rounding::Ceiling => !neg,
        Rounding::Floor => neg,
        _ => true,
    };
    match infinite {
        true => Num::inf(neg),
        false if room(ctx.prec, st) => Num::new(neg, Coef::nines(ctx.prec), ctx.etop()),
        false => Num::nan(),
    }
}

/// A result that is invalid for the given reason.
#[cold]
pub fn invalid(st: &mut u32, why: u32) -> Num {
    *st |= why;
    Num::nan()
}

/// The result if one of the operands is a NaN: a signaling one counts before a quiet one, the first before the
/// second.
#[inline]
pub fn nan_result(a: &Num, b: Option<&Num>, ctx: &Ctx, st: &mut u32) -> Option<Num> {
    if a.kind != Kind::Nan && a.kind != Kind::Snan && !b.is_some_and(Num::is_nan) {
        return None;
    }
    let signaling = [Some(a), b].into_iter().flatten().find(|n| n.kind == Kind::Snan);
    if signaling.is_some() {
        *st |= flag::INVALID_OPERATION;
    }
    let n = signaling.or_else(|| [Some(a), b].into_iter().flatten().find(|n| n.is_nan()))?;
    let mut n = fix_nan(n.clone(), ctx, st);
    n.kind = Kind::Nan;
    Some(n)
}
