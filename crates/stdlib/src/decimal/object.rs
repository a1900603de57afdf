//! Decimal objects: their payload, and what other objects become as decimals.

use std::ops::Deref;

use dashu_int::{IBig, UBig};
use taipan_runtime::core::{R, Raised, Ref, Trace, Value};
use taipan_runtime::types::int::{self, IntRef};
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::float;
use taipan_runtime::vm::Vm;

use super::context::Context;
use super::number::{self, Coef, Kind, Num};
use super::round::{Ctx, finalize, flag};
use super::transcend;

/// The payload of Decimal.
pub struct Decimal {
    /// The number.
    pub num: Num,
}

impl Trace for Decimal {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Decimal {
    /// A payload.
    #[inline]
    pub fn payload(num: Num) -> Self {
        Self { num }
    }

    /// A new Decimal.
    #[inline]
    pub fn make(num: Num) -> Value {
        Ref::new(Self::payload(num)).into_value()
    }
}

/// A number that an object holds or that was made from one.
pub enum Operand<'a> {
    /// A Decimal's own.
    Ref(&'a Num),
    /// From an int.
    Own(Num),
}

impl Deref for Operand<'_> {
    type Target = Num;
    #[inline(always)]
    fn deref(&self) -> &Num {
        match self {
            Self::Ref(n) => n,
            Self::Own(n) => n,
        }
    }
}

/// A Decimal or an int as an operand.
#[inline]
pub fn operand<'a>(vm: &Vm, v: &'a Value) -> R<Option<Operand<'a>>> {
    if let Some(d) = v.downcast::<Decimal>() {
        return Ok(Some(Operand::Ref(&d.num)));
    }
    match int::get(v) {
        Some(n) => Ok(Some(Operand::Own(from_int(vm, n)?))),
        None => Ok(None),
    }
}

/// The same, where nothing else is possible.
///
/// Raises TypeError.
#[inline]
pub fn expect<'a>(vm: &Vm, v: &'a Value) -> R<Operand<'a>> {
    match operand(vm, v)? {
        Some(n) => Ok(n),
        None => Err(unsupported(vm, v)),
    }
}

/// The error for an object that does not become a Decimal.
#[cold]
pub fn unsupported(vm: &Vm, v: &Value) -> Raised {
    vm.type_error(format!("conversion from {} to Decimal is not supported", v.ty().tp_name()))
}

/// An int as a number, exactly.
pub fn from_int(vm: &Vm, n: IntRef<'_>) -> R<Num> {
    match n {
        IntRef::Small(n) => Ok(Num::int(n)),
        IntRef::Big(b) => {
            let neg = n.is_negative();
            let coef = match i128::try_from(b) {
                Ok(v) => Coef::from_u128(v.unsigned_abs()),
                Err(_) => {
                    let text = int::large::to_decimal(vm, &b.clone().into_parts().1)?;
                    Coef::parse(text.as_bytes())
                }
            };
            Ok(Num::new(neg, coef, 0))
        }
    }
}

/// An integer as an int; its exponent is not negative.
pub fn to_int(vm: &Vm, n: &Num) -> R {
    if n.coef.is_zero() {
        return Ok(Value::from(0));
    }
    if n.exp > 2_000_000_000 {
        return Err(vm.memory_error());
    }
    let coef = n.coef.shift_left(n.exp);
    if let Some(v) = coef.value() {
        let v = v as i128;
        return Ok(int::from_i128(if n.neg { -v } else { v }));
    }
    let text = coef.text();
    let Some(u) = int::large::parse(vm, &text, 10)? else { return Err(vm.system_error("digits expected")) };
    let b = IBig::from(u);
    Ok(int::from_big(if n.neg { -b } else { b }))
}

/// A float as a number, exactly.
pub fn from_f64(x: f64) -> Num {
    let neg = x.is_sign_negative();
    if x.is_nan() {
        return Num::nan().with_sign(neg);
    }
    if x.is_infinite() {
        return Num::inf(neg);
    }
    let bits = x.to_bits();
    let (fraction, e) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7FF) as i64);
    let (mut m, mut e) = if e == 0 { (fraction, -1074) } else { (fraction | 1 << 52, e - 1075) };
    if m == 0 {
        return Num::zero(neg, 0);
    }
    let zeros = m.trailing_zeros().min(e.min(0).unsigned_abs() as u32);
    m >>= zeros;
    e += i64::from(zeros);
    if e >= 0 {
        let coef = if e < 64 { Coef::from_u128((m as u128) << e) } else { transcend::from_big(&(UBig::from(m) << e as usize)) };
        return Num::new(neg, coef, 0);
    }
    // m / 2^k is m * 5^k / 10^k.
    let k = -e as usize;
    let coef = match 5u128.checked_pow(k as u32).and_then(|p| p.checked_mul(m as u128)) {
        Some(c) => Coef::from_u128(c),
        None => transcend::from_big(&(UBig::from(m) * UBig::from(5u8).pow(k))),
    };
    Num::new(neg, coef, e)
}

/// The number of a float or int for `from_float`; `None` for other objects.
pub fn float_or_int(vm: &Vm, v: &Value) -> R<Option<Num>> {
    if let Some(x) = float::get(v) {
        return Ok(Some(from_f64(x)));
    }
    match int::get(v) {
        Some(n) => Ok(Some(from_int(vm, n)?)),
        None => Ok(None),
    }
}

/// Text as ASCII for the parser: digits of other scripts become ASCII ones; with `lenient`, spaces around and
/// underscores are dropped. `None` if there are other characters.
fn ascii(s: &Str, lenient: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len());
    let space = |c: u32| taipan_text::unicode::is_space(c);
    let chars: Vec<u32> = s.iter().collect();
    let mut part = chars.as_slice();
    if lenient {
        while let [c, rest @ ..] = part
            && space(*c)
        {
            part = rest;
        }
        while let [rest @ .., c] = part
            && space(*c)
        {
            part = rest;
        }
    }
    for &c in part {
        match c {
            0x5F if lenient => {}
            0..0x80 => out.push(c as u8),
            _ => out.push(b'0' + taipan_text::unicode::numeric::decimal(c)?),
        }
    }
    Some(out)
}

/// How a number is made from an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As the constructor does it: what can't be represented exactly is an error.
    Exact,
    /// As `Context.create_decimal` does it: rounded.
    Rounded,
}

/// The number that a text stands for.
pub fn from_str(vm: &Vm, s: &Str, c: &Context, mode: Mode) -> R<Num> {
    let parsed = match s.as_ascii() {
        // The usual case without a copy.
        Some(t) if t.bytes().all(|b| b != b'_' && b > b' ') => number::parse(t.as_bytes()),
        _ => ascii(s, mode == Mode::Exact).and_then(|t| number::parse(&t)),
    };
    checked(vm, parsed, c, mode)
}

/// A parsed number, made to fit; `None` is a syntax error.
fn checked(vm: &Vm, parsed: Option<Num>, c: &Context, mode: Mode) -> R<Num> {
    let Some(n) = parsed else {
        c.note(vm, flag::CONVERSION_SYNTAX)?;
        return Ok(Num::nan());
    };
    let ctx = if mode == Mode::Exact { Ctx::MAX } else { c.settings() };
    if n.is_nan() && !n.coef.is_zero() && n.coef.digits() > ctx.prec - i64::from(ctx.clamp) {
        c.note(vm, flag::CONVERSION_SYNTAX)?;
        return Ok(Num::nan());
    }
    let mut st = 0;
    let n = finalize(n, &ctx, &mut st);
    if mode == Mode::Exact {
        if st & (flag::INEXACT | flag::ROUNDED | flag::CLAMPED) != 0 {
            c.note(vm, flag::INVALID_OPERATION)?;
            return Ok(Num::nan());
        }
        return Ok(n);
    }
    c.note(vm, st)?;
    Ok(n)
}

fn items(v: &Value) -> Option<Vec<Value>> {
    if let Some(t) = v.downcast::<Tuple>() {
        return Some(t.as_slice().to_vec());
    }
    v.downcast::<List>().map(|l| l.to_vec())
}

/// The number of `(sign, digits, exponent)`.
fn from_tuple(vm: &Vm, parts: &[Value], c: &Context, mode: Mode) -> R<Num> {
    let [sign, digits, exponent] = parts else {
        return Err(vm.value_error("argument must be a sequence of length 3"));
    };
    let sign = match int::get(sign).and_then(IntRef::to_i64) {
        Some(n @ (0 | 1)) => n == 1,
        _ => return Err(vm.value_error("sign must be an integer with the value 0 or 1")),
    };
    let mut kind = Kind::Finite;
    let mut exp = 0;
    if let Some(s) = exponent.downcast::<Str>() {
        kind = match s.as_ascii() {
            Some("F") => Kind::Inf,
            Some("n") => Kind::Nan,
            Some("N") => Kind::Snan,
            _ => return Err(vm.value_error("string argument in the third position must be 'F', 'n' or 'N'")),
        };
    } else {
        let Some(n) = int::get(exponent) else { return Err(vm.value_error("exponent must be an integer")) };
        exp = n.to_i64().ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))?;
        exp = exp.clamp(-number::FAR, number::FAR);
    }
    let wrong = || vm.value_error("coefficient must be a tuple of digits");
    let mut text = Vec::new();
    for d in items(digits).ok_or_else(wrong)? {
        match int::get(&d).and_then(IntRef::to_i64) {
            Some(d @ 0..=9) => text.push(b'0' + d as u8),
            _ => return Err(wrong()),
        }
    }
    let coef = if kind == Kind::Inf { Coef::ZERO } else { Coef::parse(&text) };
    checked(vm, Some(Num { coef, exp, neg: sign, kind }), c, mode)
}

/// The Decimal for any object that the constructor takes, as an object of `cls`.
///
/// Raises TypeError, ValueError, OverflowError and the exceptions of conditions.
pub fn construct(vm: &Vm, cls: &TypeObject, v: &Value, c: &Context, mode: Mode) -> R {
    let num = if let Some(s) = v.downcast::<Str>() {
        from_str(vm, s, c, mode)?
    } else if let Some(d) = v.downcast::<Decimal>() {
        if mode == Mode::Exact && std::ptr::eq(cls, Decimal::DEF.place.ptr()) && d.is_exact() {
            return Ok(v.clone());
        }
        if mode == Mode::Exact { d.num.clone() } else { return apply(vm, &d.num, c) }
    } else if let Some(n) = int::get(v) {
        rounded(vm, from_int(vm, n)?, c, mode)?
    } else if let Some(parts) = items(v) {
        from_tuple(vm, &parts, c, mode)?
    } else if let Some(x) = float::get(v) {
        c.note(vm, flag::FLOAT_OPERATION)?;
        rounded(vm, from_f64(x), c, mode)?
    } else {
        return Err(unsupported(vm, v));
    };
    Ok(wrap(cls, num))
}

/// As an object of a class.
pub fn wrap(cls: &TypeObject, num: Num) -> Value {
    Ref::new_of(cls, Decimal::payload(num)).into_value()
}

fn rounded(vm: &Vm, n: Num, c: &Context, mode: Mode) -> R<Num> {
    if mode == Mode::Exact {
        return Ok(n);
    }
    let mut st = 0;
    let n = finalize(n, &c.settings(), &mut st);
    c.note(vm, st)?;
    Ok(n)
}

/// A number as a context has it, from a Decimal.
pub fn apply(vm: &Vm, n: &Num, c: &Context) -> R {
    let ctx = c.settings();
    if n.is_nan() && !n.coef.is_zero() && n.coef.digits() > ctx.prec - i64::from(ctx.clamp) {
        c.note(vm, flag::CONVERSION_SYNTAX)?;
        return Ok(Decimal::make(Num::nan()));
    }
    let mut st = 0;
    let n = finalize(n.clone(), &ctx, &mut st);
    c.finish(vm, n, st)
}
