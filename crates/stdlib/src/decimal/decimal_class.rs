//! The class Decimal.

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::complex;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::types::{int, str};
use taipan_runtime::vm::Vm;

use super::arith::{self, Pick};
use super::compare::{hash, richcompare};
use super::context::{self, Context};
use super::more::{self, Logic};
use super::number::{self, Coef, Kind, Num};
use super::object::{self, Decimal, Mode, construct, expect, float_or_int, operand, to_int, wrap};
use super::round::{Ctx, Rounding};
use super::{format, transcend};

/// An operation on a number in a context, an argument or the current one.
#[inline]
fn unary(vm: &Vm, a: &Num, context: Option<&Value>, f: impl Fn(&Num, &Ctx, &mut u32) -> Num) -> R {
    let c = context::given(vm, context)?;
    let mut st = 0;
    let n = f(a, &c.settings(), &mut st);
    c.finish(vm, n, st)
}

/// An operation on two numbers in a context, an argument or the current one.
#[inline]
fn binary(
    vm: &Vm,
    a: &Num,
    other: &Value,
    context: Option<&Value>,
    f: impl Fn(&Num, &Num, &Ctx, &mut u32) -> Num,
) -> R {
    let c = context::given(vm, context)?;
    let b = expect(vm, other)?;
    let mut st = 0;
    let n = f(a, &b, &c.settings(), &mut st);
    c.finish(vm, n, st)
}

/// An operator.
#[inline(always)]
fn operator(vm: &Vm, a: &Value, b: &Value, f: impl Fn(&Num, &Num, &Ctx, &mut u32) -> Num) -> R {
    let (Some(x), Some(y)) = (operand(vm, a)?, operand(vm, b)?) else { return Ok(Value::NOT_IMPLEMENTED) };
    let c = context::current(vm)?;
    let mut st = 0;
    let n = f(&x, &y, &c.settings(), &mut st);
    c.finish(vm, n, st)
}

/// The number as an int, rounded.
fn as_int(vm: &Vm, n: &Num, rounding: Rounding) -> R {
    if n.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer"));
    }
    if n.is_inf() {
        return Err(vm.overflow_error("cannot convert Infinity to integer"));
    }
    to_int(vm, &arith::to_int(n, rounding))
}

fn as_float(vm: &Vm, n: &Num) -> R<f64> {
    match n.kind {
        Kind::Snan => Err(vm.value_error("cannot convert signaling NaN to float")),
        Kind::Nan => Ok(if n.neg { -f64::NAN } else { f64::NAN }),
        _ => Ok(number::to_text(n, false, true).parse().unwrap_or(f64::NAN)),
    }
}

/// A way of rounding given as an argument.
fn in_context(vm: &Vm, rounding: Option<&Value>, c: &Context) -> R<Ctx> {
    match rounding {
        Some(r) if !r.is_none() => Ok(c.settings().with_rounding(context::rounding(vm, r)?)),
        _ => Ok(c.settings()),
    }
}

fn integral(vm: &Vm, n: &Num, exact: bool, rounding: Option<&Value>, context: Option<&Value>) -> R {
    let c = context::given(vm, context)?;
    let ctx = in_context(vm, rounding, &c)?;
    let mut st = 0;
    let n = arith::to_integral(n, exact, &ctx, &mut st);
    c.finish(vm, n, st)
}

/// Construct a new Decimal object. 'value' can be an integer, string, tuple, or another Decimal object. If no value is
/// given, return Decimal('0'). The context does not affect the conversion and is only passed to determine if the
/// InvalidOperation trap is active.
#[class(name = "Decimal", module = "decimal", flags(BASETYPE, IMMUTABLE), sig = "(value='0', context=None)")]
impl Decimal {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, value: Option<&Value>, context: Option<&Value>) -> R {
        let c = context::given(vm, context)?;
        match value {
            Some(v) => construct(vm, cls, v, &c, Mode::Exact),
            None => Ok(wrap(cls, Num::int(0))),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        Ok(format!("Decimal('{}')", number::to_text(&this.num, false, context::current(vm)?.capitals.get())))
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        let mut buffer = [0; 64];
        if let Some(text) = number::plain_text(&this.num, &mut buffer) {
            return Ok(str::from_latin1(text).into_value());
        }
        Ok(str::from_str(&number::to_text(&this.num, false, context::current(vm)?.capitals.get())))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        hash(vm, this)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        richcompare(vm, this, other, op)
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, |a, b, ctx, st| arith::add(a, b, false, ctx, st))
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, |a, b, ctx, st| arith::add(a, b, true, ctx, st))
    }

    #[slot(binary = Mul)]
    fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, arith::mul)
    }

    #[slot(binary = TrueDiv)]
    fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, arith::div)
    }

    #[slot(binary = FloorDiv)]
    fn floordiv(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, arith::div_int)
    }

    #[slot(binary = Mod)]
    fn modulo(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, arith::rem)
    }

    #[slot(binary = DivMod)]
    fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
        let (Some(x), Some(y)) = (operand(vm, a)?, operand(vm, b)?) else { return Ok(Value::NOT_IMPLEMENTED) };
        let c = context::current(vm)?;
        let mut st = 0;
        let (q, r) = arith::div_mod(&x, &y, &c.settings(), &mut st);
        c.note(vm, st)?;
        Ok(tuple::from_array([Decimal::make(q), Decimal::make(r)]).into_value())
    }

    #[slot(binary = Pow)]
    fn pow(vm: &Vm, a: &Value, b: &Value) -> R {
        operator(vm, a, b, transcend::pow)
    }

    #[slot]
    fn pow3(vm: &Vm, a: &Value, b: &Value, m: &Value) -> R {
        if m.is_none() {
            return Self::pow(vm, a, b);
        }
        let (Some(x), Some(y), Some(m)) = (operand(vm, a)?, operand(vm, b)?, operand(vm, m)?) else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        let c = context::current(vm)?;
        let mut st = 0;
        let n = transcend::pow_mod(&x, &y, &m, &c.settings(), &mut st);
        c.finish(vm, n, st)
    }

    #[slot]
    fn neg(vm: &Vm, this: &Ref<Self>) -> R {
        unary(vm, &this.num, None, |a, ctx, st| arith::plus(a, true, ctx, st))
    }

    #[slot]
    fn pos(vm: &Vm, this: &Ref<Self>) -> R {
        unary(vm, &this.num, None, |a, ctx, st| arith::plus(a, false, ctx, st))
    }

    #[slot]
    fn abs(vm: &Vm, this: &Ref<Self>) -> R {
        unary(vm, &this.num, None, arith::abs)
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Ref<Self>) -> bool {
        !this.num.is_zero()
    }

    #[slot]
    fn int(vm: &Vm, this: &Ref<Self>) -> R {
        as_int(vm, &this.num, Rounding::Down)
    }

    #[slot]
    fn float(vm: &Vm, this: &Ref<Self>) -> R<Value> {
        Ok(Value::from(as_float(vm, &this.num)?))
    }

    /// Return the value of the (natural) exponential function e**x at the given number.
    #[method(sig = "(context=None)")]
    fn exp(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| transcend::exp(a, ctx, st))
    }

    /// Return the natural (base e) logarithm of the operand, correctly rounded.
    #[method(sig = "(context=None)")]
    fn ln(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| transcend::ln(a, ctx, st))
    }

    /// Return the base ten logarithm of the operand, correctly rounded.
    #[method(sig = "(context=None)")]
    fn log10(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| transcend::log10(a, ctx, st))
    }

    /// Return the largest number that the context can represent and that is smaller than the operand.
    #[method(sig = "(context=None)")]
    fn next_minus(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| more::next(a, false, ctx, st))
    }

    /// Return the smallest number that the context can represent and that is larger than the operand.
    #[method(sig = "(context=None)")]
    fn next_plus(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| more::next(a, true, ctx, st))
    }

    /// Return the number in its simplest form: without zeros at its end.
    #[method(sig = "(context=None)")]
    fn normalize(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| arith::reduce(a, ctx, st))
    }

    /// Return the square root of the argument to full precision.
    #[method(sig = "(context=None)")]
    fn sqrt(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| transcend::sqrt(a, ctx, st))
    }

    /// Return the exponent of the first digit as a Decimal.
    #[method(sig = "(context=None)")]
    fn logb(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| more::logb(a, ctx, st))
    }

    /// Return the digit-wise inversion of the (logical) operand.
    #[method(sig = "(context=None)")]
    fn logical_invert(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R {
        unary(vm, &this.num, context, |a, ctx, st| more::logical_invert(a, ctx, st))
    }

    /// Compare two numbers: -1, 0, 1 or NaN.
    #[method(sig = "(other, context=None)")]
    fn compare(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::compare(a, b, false, ctx, st))
    }

    /// Compare two numbers; all NaNs signal.
    #[method(sig = "(other, context=None)")]
    fn compare_signal(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::compare(a, b, true, ctx, st))
    }

    /// Return the larger number; a number wins against a quiet NaN.
    #[method(sig = "(other, context=None)")]
    fn max(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::pick(a, b, Pick { max: true, magnitude: false }, ctx, st))
    }

    /// Like max(), but the signs do not count.
    #[method(sig = "(other, context=None)")]
    fn max_mag(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::pick(a, b, Pick { max: true, magnitude: true }, ctx, st))
    }

    /// Return the smaller number; a number wins against a quiet NaN.
    #[method(sig = "(other, context=None)")]
    fn min(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::pick(a, b, Pick { max: false, magnitude: false }, ctx, st))
    }

    /// Like min(), but the signs do not count.
    #[method(sig = "(other, context=None)")]
    fn min_mag(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::pick(a, b, Pick { max: false, magnitude: true }, ctx, st))
    }

    /// Return the neighbour of the first operand in the direction of the second one.
    #[method(sig = "(other, context=None)")]
    fn next_toward(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::next_toward(a, b, ctx, st))
    }

    /// Return the remainder to the nearest multiple of the second operand.
    #[method(sig = "(other, context=None)")]
    fn remainder_near(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| arith::rem_near(a, b, ctx, st))
    }

    /// Return the digit-wise "and" of two (logical) operands.
    #[method(sig = "(other, context=None)")]
    fn logical_and(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::logical(a, b, Logic::And, ctx, st))
    }

    /// Return the digit-wise "or" of two (logical) operands.
    #[method(sig = "(other, context=None)")]
    fn logical_or(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::logical(a, b, Logic::Or, ctx, st))
    }

    /// Return the digit-wise "exclusive or" of two (logical) operands.
    #[method(sig = "(other, context=None)")]
    fn logical_xor(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::logical(a, b, Logic::Xor, ctx, st))
    }

    /// Return the first operand with its digits rotated by the second one.
    #[method(sig = "(other, context=None)")]
    fn rotate(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::rotate(a, b, ctx, st))
    }

    /// Return the first operand with its exponent changed by the second one.
    #[method(sig = "(other, context=None)")]
    fn scaleb(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::scaleb(a, b, ctx, st))
    }

    /// Return the first operand with its digits shifted by the second one.
    #[method(sig = "(other, context=None)")]
    fn shift(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, ctx, st| more::shift(a, b, ctx, st))
    }

    /// Compare two representations by the abstract total order: -1, 0 or 1.
    ///
    ///     >>> Decimal('4.0').compare_total(Decimal(4))
    ///     Decimal('-1')
    #[method(sig = "(other, context=None)")]
    fn compare_total(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, _, _| Num::int(arith::cmp_total(a, b) as i64))
    }

    /// Compare two representations by the abstract total order, ignoring signs.
    #[method(sig = "(other, context=None)")]
    fn compare_total_mag(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, _, _| Num::int(arith::total_abs(a, b) as i64))
    }

    /// Return the first operand with the sign of the second one.
    ///
    ///     >>> Decimal(7).copy_sign(Decimal(-2))
    ///     Decimal('-7')
    #[method(sig = "(other, context=None)")]
    fn copy_sign(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R {
        binary(vm, &this.num, other, context, |a, b, _, _| a.clone().with_sign(b.neg))
    }

    /// Return True if the argument is finite and False otherwise.
    #[method(sig = "()")]
    fn is_finite(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.is_finite()
    }

    /// Return True if the argument is infinite and False otherwise.
    #[method(sig = "()")]
    fn is_infinite(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.is_inf()
    }

    /// Return True if the argument is a (quiet or signaling) NaN and False otherwise.
    #[method(sig = "()")]
    fn is_nan(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.is_nan()
    }

    /// Return True if the argument is a quiet NaN and False otherwise.
    #[method(sig = "()")]
    fn is_qnan(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.kind == Kind::Nan
    }

    /// Return True if the argument is a signaling NaN and False otherwise.
    #[method(sig = "()")]
    fn is_snan(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.kind == Kind::Snan
    }

    /// Return True if the argument is negative and False otherwise.
    #[method(sig = "()")]
    fn is_signed(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.neg
    }

    /// Return True if the argument is a zero and False otherwise.
    #[method(sig = "()")]
    fn is_zero(_vm: &Vm, this: &Ref<Self>) -> bool {
        let a = &this.num;
        a.is_zero()
    }

    /// Return True if the argument is a normal number and False otherwise.
    #[method(sig = "(context=None)")]
    fn is_normal(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R<bool> {
        let (a, ctx) = (&this.num, &context::given(vm, context)?.settings());
        Ok(a.is_finite() && !a.coef.is_zero() && !more::is_subnormal(a, ctx))
    }

    /// Return True if the argument is subnormal and False otherwise.
    #[method(sig = "(context=None)")]
    fn is_subnormal(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R<bool> {
        let (a, ctx) = (&this.num, &context::given(vm, context)?.settings());
        Ok(more::is_subnormal(a, ctx))
    }

    /// Round to an integer without signaling Inexact or Rounded.
    #[method(sig = "(rounding=None, context=None)")]
    fn to_integral(vm: &Vm, this: &Ref<Self>, rounding: Option<&Value>, context: Option<&Value>) -> R {
        integral(vm, &this.num, false, rounding, context)
    }

    /// Round to an integer without signaling Inexact or Rounded.
    #[method(sig = "(rounding=None, context=None)")]
    fn to_integral_value(vm: &Vm, this: &Ref<Self>, rounding: Option<&Value>, context: Option<&Value>) -> R {
        integral(vm, &this.num, false, rounding, context)
    }

    /// Round to an integer, signaling Inexact or Rounded if rounding occurs.
    #[method(sig = "(rounding=None, context=None)")]
    fn to_integral_exact(vm: &Vm, this: &Ref<Self>, rounding: Option<&Value>, context: Option<&Value>) -> R {
        integral(vm, &this.num, true, rounding, context)
    }

    /// Return a value equal to the first operand after rounding and having the exponent of the second operand.
    ///
    ///     >>> Decimal('2.71828').quantize(Decimal('0.001'))
    ///     Decimal('2.718')
    #[method(sig = "(exp, rounding=None, context=None)")]
    fn quantize(vm: &Vm, this: &Ref<Self>, exp: &Value, rounding: Option<&Value>, context: Option<&Value>) -> R {
        let c = context::given(vm, context)?;
        let ctx = in_context(vm, rounding, &c)?;
        let b = expect(vm, exp)?;
        let mut st = 0;
        let n = arith::quantize(&this.num, &b, &ctx, &mut st);
        c.finish(vm, n, st)
    }

    /// Fused multiply-add: self*other+third with no rounding of the intermediate product.
    ///
    ///     >>> Decimal(4).fma(6, 1)
    ///     Decimal('25')
    #[method(sig = "(other, third, context=None)")]
    fn fma(vm: &Vm, this: &Ref<Self>, other: &Value, third: &Value, context: Option<&Value>) -> R {
        let c = context::given(vm, context)?;
        let (b, d) = (expect(vm, other)?, expect(vm, third)?);
        let mut st = 0;
        let n = arith::fma(&this.num, &b, &d, &c.settings(), &mut st);
        c.finish(vm, n, st)
    }

    /// Test whether self and other have the same exponent or whether both are NaN.
    #[method(sig = "(other, context=None)")]
    fn same_quantum(vm: &Vm, this: &Ref<Self>, other: &Value, context: Option<&Value>) -> R<bool> {
        context::given(vm, context)?;
        Ok(same_quantum(&this.num, &*expect(vm, other)?))
    }

    /// Return True if the argument is canonical; it always is.
    #[method(sig = "()")]
    fn is_canonical(_vm: &Vm, _this: &Ref<Self>) -> bool {
        true
    }

    /// Return the adjusted exponent of the number; 0 for special numbers.
    #[method(sig = "()")]
    fn adjusted(_vm: &Vm, this: &Ref<Self>) -> i64 {
        if this.num.is_finite() { this.num.adjusted() } else { 0 }
    }

    /// Return the canonical encoding of the argument.
    #[method(sig = "()")]
    fn canonical(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    /// Return self.
    #[method(sig = "()")]
    fn conjugate(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    /// Return Decimal(10), the base of the numbers.
    #[method(sig = "()")]
    fn radix(_vm: &Vm, _this: &Ref<Self>) -> Value {
        Decimal::make(Num::int(10))
    }

    /// Return the absolute value of the argument, unaffected by the context.
    #[method(sig = "()")]
    fn copy_abs(_vm: &Vm, this: &Ref<Self>) -> Value {
        Decimal::make(this.num.clone().with_sign(false))
    }

    /// Return the negation of the argument, unaffected by the context.
    #[method(sig = "()")]
    fn copy_negate(_vm: &Vm, this: &Ref<Self>) -> Value {
        Decimal::make(this.num.clone().with_sign(!this.num.neg))
    }

    /// Return a string describing the class of the operand.
    #[method(sig = "(context=None)")]
    fn number_class(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R<&'static str> {
        Ok(more::class(&this.num, &context::given(vm, context)?.settings()))
    }

    /// Convert to an engineering-type string.
    #[method(sig = "(context=None)")]
    fn to_eng_string(vm: &Vm, this: &Ref<Self>, context: Option<&Value>) -> R<String> {
        let c = context::given(vm, context)?;
        Ok(number::to_text(&this.num, true, c.capitals.get()))
    }

    /// Class method that converts a float or int to a decimal number, exactly.
    ///
    ///     >>> Decimal.from_float(0.375)
    ///     Decimal('0.375')
    #[classmethod(sig = "(f, /)")]
    fn from_float(vm: &Vm, cls: &TypeObject, f: &Value) -> R {
        match float_or_int(vm, f)? {
            Some(n) => of_class(vm, cls, n),
            None => Err(vm.type_error("argument must be int or float")),
        }
    }

    /// Class method that converts a real number to a decimal number, exactly.
    ///
    ///     >>> Decimal.from_number(2.5)
    ///     Decimal('2.5')
    #[classmethod(sig = "(number, /)")]
    fn from_number(vm: &Vm, cls: &TypeObject, number: &Value) -> R {
        if let Some(d) = number.downcast::<Decimal>() {
            if std::ptr::eq(cls, Decimal::DEF.place.ptr()) && d.is_exact() {
                return Ok(number.clone());
            }
            return of_class(vm, cls, d.num.clone());
        }
        match float_or_int(vm, number)? {
            Some(n) => of_class(vm, cls, n),
            None => Err(object::unsupported(vm, number)),
        }
    }

    /// Return a tuple representation of the number.
    #[method(sig = "()")]
    fn as_tuple(vm: &Vm, this: &Ref<Self>) -> R {
        let n = &this.num;
        let text = if n.is_nan() && n.coef.is_zero() { String::new() } else { n.coef.text() };
        let digits: Vec<Value> = text.bytes().map(|d| Value::from(i64::from(d - b'0'))).collect();
        let exponent = match n.kind {
            Kind::Finite => Value::from(n.exp),
            Kind::Inf => str::from_str("F"),
            Kind::Nan => str::from_str("n"),
            Kind::Snan => str::from_str("N"),
        };
        let class = super::decimal_tuple(vm)?;
        vm.call(&class, &[Value::from(i64::from(n.neg)), tuple::from_vec(digits).into_value(), exponent])
    }

    /// Return a pair of integers, whose ratio is exactly equal to the number, in lowest terms.
    #[method(sig = "()")]
    fn as_integer_ratio(vm: &Vm, this: &Ref<Self>) -> R {
        let n = &this.num;
        if n.is_nan() {
            return Err(vm.value_error("cannot convert NaN to integer ratio"));
        }
        if n.is_inf() {
            return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
        }
        if n.exp >= 0 || n.coef.is_zero() {
            return Ok(tuple::from_array([as_int(vm, n, Rounding::Down)?, Value::from(1)]).into_value());
        }
        if n.exp < -2_000_000_000 {
            return Err(vm.memory_error());
        }
        let zeros = n.coef.trailing_zeros().min(-n.exp);
        let (top, k) = (transcend::to_big(&n.coef.shift_right(zeros).0), (-n.exp - zeros) as usize);
        // The denominator is 2^k * 5^k: common factors are counted, not searched.
        let (top, twos) = transcend::without_factor(top, 2, k);
        let (top, fives) = transcend::without_factor(top, 5, k);
        let low = (transcend::power_of(5, k - fives)) << (k - twos);
        let top = dashu_int::IBig::from(top);
        let top = if n.neg { -top } else { top };
        Ok(tuple::from_array([int::from_big(top), int::from_big(low.into())]).into_value())
    }

    #[method(sig = "()")]
    fn __copy__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    #[method(sig = "(object, /)")]
    fn __deepcopy__(_vm: &Vm, this: &Ref<Self>, _object: &Value) -> Value {
        this.to_value()
    }

    #[method(sig = "(fmtarg, override=<unrepresentable>, /)")]
    fn __format__(vm: &Vm, this: &Ref<Self>, fmtarg: &Value, over: Option<&Value>) -> R {
        let Some(spec) = fmtarg.downcast::<Str>() else { return Err(vm.type_error("format arg must be str")) };
        format::format(vm, &this.num, spec, over)
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let text = vm.str(this.value())?;
        Ok(tuple::from_array([this.ty().to_value(), tuple::from_array([text]).into_value()]).into_value())
    }

    #[method(sig = "(ndigits=<unrepresentable>, /)")]
    fn __round__(vm: &Vm, this: &Ref<Self>, ndigits: Option<&Value>) -> R {
        let Some(n) = ndigits else { return as_int(vm, &this.num, Rounding::HalfEven) };
        let Some(n) = int::get(n) else { return Err(vm.type_error("optional arg must be an integer")) };
        let n = n.to_i64().ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))?;
        let exp = n.checked_neg().unwrap_or(i64::MAX);
        let c = context::current(vm)?;
        let mut st = 0;
        let q = Num::new(false, Coef::ONE, exp);
        let n = arith::quantize(&this.num, &q, &c.settings(), &mut st);
        c.finish(vm, n, st)
    }

    #[method(sig = "()")]
    fn __ceil__(vm: &Vm, this: &Ref<Self>) -> R {
        as_int(vm, &this.num, Rounding::Ceiling)
    }

    #[method(sig = "()")]
    fn __floor__(vm: &Vm, this: &Ref<Self>) -> R {
        as_int(vm, &this.num, Rounding::Floor)
    }

    #[method(sig = "()")]
    fn __trunc__(vm: &Vm, this: &Ref<Self>) -> R {
        as_int(vm, &this.num, Rounding::Down)
    }

    #[method(sig = "()")]
    fn __complex__(vm: &Vm, this: &Ref<Self>) -> R {
        Ok(complex::from_parts(as_float(vm, &this.num)?, 0.0))
    }

    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Self>) -> usize {
        let outside = match &this.num.coef {
            Coef::Small(..) => 0,
            Coef::Big(v) => v.len() * 8,
        };
        size_of::<Decimal>() + 16 + outside
    }

    #[getter]
    fn real(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    #[getter]
    fn imag(_vm: &Vm, _this: &Ref<Self>) -> Value {
        Decimal::make(Num::int(0))
    }
}

/// A number as an object of a class, which its constructor makes unless it is Decimal.
pub fn of_class(vm: &Vm, cls: &TypeObject, n: Num) -> R {
    let made = Decimal::make(n);
    if std::ptr::eq(cls, Decimal::DEF.place.ptr()) { Ok(made) } else { vm.call(&cls.to_value(), &[made]) }
}

/// Whether both have the same exponent, or are special in the same way.
pub fn same_quantum(a: &Num, b: &Num) -> bool {
    if a.is_finite() && b.is_finite() {
        return a.exp == b.exp;
    }
    a.is_nan() && b.is_nan() || a.is_inf() && b.is_inf()
}
