//! The class Context.

use std::cell::Cell;

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, generic_getattr, generic_setattr};

use super::arith::{self, Pick};
use super::context::{self, Context, DEFAULT, NAMES};
use super::decimal_class::same_quantum;
use super::more::{self, Logic};
use super::number::{self, Kind, Num};
use super::object::{Decimal, Mode, apply, construct, expect, float_or_int, wrap};
use super::round::{Ctx, finalize, flag};
use super::{signals, transcend};

#[inline]
fn unary_in(vm: &Vm, c: &Context, x: &Value, f: impl Fn(&Num, &Ctx, &mut u32) -> Num) -> R {
    let a = expect(vm, x)?;
    let mut st = 0;
    let n = f(&a, &c.settings(), &mut st);
    c.finish(vm, n, st)
}

/// The arguments of a function that takes exactly so many.
fn exactly<'a, const N: usize>(vm: &Vm, args: Args<'a>) -> R<&'a [Value; N]> {
    let given = args.positional();
    if let Some((name, _)) = args.named().next() {
        return Err(context::unexpected(vm, name));
    }
    <&[Value; N]>::try_from(given)
        .map_err(|_| vm.type_error(format!("function takes exactly {N} arguments ({} given)", given.len())))
}

#[inline]
fn binary_in(vm: &Vm, c: &Context, args: Args<'_>, f: impl Fn(&Num, &Num, &Ctx, &mut u32) -> Num) -> R {
    let [x, y] = exactly::<2>(vm, args)?;
    let (a, b) = (expect(vm, x)?, expect(vm, y)?);
    let mut st = 0;
    let n = f(&a, &b, &c.settings(), &mut st);
    c.finish(vm, n, st)
}

/// The context affects almost all operations and controls rounding, Over/Underflow, raising of exceptions and much
/// more.
///
///     >>> Context(prec=4).divide(1, 7)
///     Decimal('0.1429')
#[class(
    name = "Context",
    module = "decimal",
    flags(BASETYPE, GC, IMMUTABLE),
    sig = "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)"
)]
impl Context {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        let (flags, traps) = (signals::new_dict(vm, 0)?, signals::new_dict(vm, flag::DEFAULT_TRAPS)?);
        let c = Context { ctx: Cell::new(DEFAULT), capitals: Cell::new(true), flags, traps };
        let c = Ref::new_of(cls, c);
        // What is not given is as in DefaultContext.
        if let Some(d) = context::default_context_if_made(vm)
            && let Some(d) = d.downcast::<Context>()
        {
            c.ctx.set(d.settings());
            c.capitals.set(d.capitals.get());
            c.traps.bits.set(d.traps.bits.get());
        }
        Ok(c.into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        let given = args.positional();
        if given.len() + args.names.len() > NAMES.len() {
            let n = given.len() + args.names.len();
            return Err(vm.type_error(format!("function takes at most 8 arguments ({n} given)")));
        }
        let names: Vec<(Value, Value)> = (given.iter().zip(NAMES))
            .map(|(v, name)| (taipan_runtime::vm::intern(name).into_value(), v.clone()))
            .chain(args.named().map(|(n, v)| (n.clone(), v.clone())))
            .collect();
        context::apply_names(vm, this, &names)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let c = this.settings();
        format!(
            "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
            c.prec,
            c.rounding.name(),
            c.emin,
            c.emax,
            u8::from(this.capitals.get()),
            u8::from(c.clamp),
            signals::names(this.flags.bits.get()),
            signals::names(this.traps.bits.get()),
        )
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Value, name: &Value) -> R {
        if let Some(s) = name.downcast::<Str>().and_then(|s| s.as_ascii())
            && matches!(s, "flags" | "traps")
            && let Some(c) = this.downcast::<Context>()
            && let Some(v) = c.setting(s)
        {
            return Ok(v);
        }
        generic_getattr(vm, this, name)
    }

    #[slot]
    fn setattro(vm: &Vm, this: &Value, name: &Value, value: Option<&Value>) -> R<()> {
        if let Some(s) = name.downcast::<Str>().and_then(|s| s.as_ascii())
            && let Some(i) = NAMES.iter().position(|n| *n == s)
            && let Some(c) = this.downcast::<Context>()
        {
            return match value {
                Some(v) => c.change(vm, i, v),
                None => Err(context::not_deleted(vm)),
            };
        }
        generic_setattr(vm, this, name, value)
    }

    #[getter]
    fn prec(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("prec")
    }

    #[setter]
    fn set_prec(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 0, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    #[getter]
    fn rounding(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("rounding")
    }

    #[setter]
    fn set_rounding(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 1, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    #[getter(name = "Emin")]
    fn emin(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("Emin")
    }

    #[setter(name = "Emin")]
    fn set_emin(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 2, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    #[getter(name = "Emax")]
    fn emax(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("Emax")
    }

    #[setter(name = "Emax")]
    fn set_emax(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 3, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    #[getter]
    fn capitals(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("capitals")
    }

    #[setter]
    fn set_capitals(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 4, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    #[getter]
    fn clamp(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setting("clamp")
    }

    #[setter]
    fn set_clamp(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.change(vm, 5, v),
            None => Err(context::not_deleted(vm)),
        }
    }

    /// Return the value of the (natural) exponential function e**x at the given number.
    #[method(sig = "(x, /)")]
    fn exp(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| transcend::exp(a, ctx, st))
    }

    /// Return the natural (base e) logarithm of the operand, correctly rounded.
    #[method(sig = "(x, /)")]
    fn ln(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| transcend::ln(a, ctx, st))
    }

    /// Return the base ten logarithm of the operand, correctly rounded.
    #[method(sig = "(x, /)")]
    fn log10(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| transcend::log10(a, ctx, st))
    }

    /// Return the largest number that the context can represent and that is smaller than the operand.
    #[method(sig = "(x, /)")]
    fn next_minus(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| more::next(a, false, ctx, st))
    }

    /// Return the smallest number that the context can represent and that is larger than the operand.
    #[method(sig = "(x, /)")]
    fn next_plus(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| more::next(a, true, ctx, st))
    }

    /// Return the number in its simplest form: without zeros at its end.
    #[method(sig = "(x, /)")]
    fn normalize(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::reduce(a, ctx, st))
    }

    /// Return the square root of the argument to full precision.
    #[method(sig = "(x, /)")]
    fn sqrt(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| transcend::sqrt(a, ctx, st))
    }

    /// Return the exponent of the first digit as a Decimal.
    #[method(sig = "(x, /)")]
    fn logb(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| more::logb(a, ctx, st))
    }

    /// Return the digit-wise inversion of the (logical) operand.
    #[method(sig = "(x, /)")]
    fn logical_invert(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| more::logical_invert(a, ctx, st))
    }

    /// Return the absolute value of x.
    #[method(sig = "(x, /)")]
    fn abs(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::abs(a, ctx, st))
    }

    /// Minus corresponds to the unary prefix minus operator in Python, but applies the context to the result.
    #[method(sig = "(x, /)")]
    fn minus(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::plus(a, true, ctx, st))
    }

    /// Plus corresponds to the unary prefix plus operator in Python, but applies the context to the result.
    #[method(sig = "(x, /)")]
    fn plus(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::plus(a, false, ctx, st))
    }

    /// Round to an integer. Signal if the result is rounded or inexact.
    #[method(sig = "(x, /)")]
    fn to_integral_exact(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::to_integral(a, true, ctx, st))
    }

    /// Round to an integer.
    #[method(sig = "(x, /)")]
    fn to_integral_value(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::to_integral(a, false, ctx, st))
    }

    /// Identical to to_integral_value(x).
    #[method(sig = "(x, /)")]
    fn to_integral(vm: &Vm, this: &Ref<Self>, x: &Value) -> R {
        unary_in(vm, this, x, |a, ctx, st| arith::to_integral(a, false, ctx, st))
    }

    /// Compare two numbers: -1, 0, 1 or NaN.
    #[method(sig = "(x, y, /)")]
    fn compare(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::compare(a, b, false, ctx, st))
    }

    /// Compare two numbers; all NaNs signal.
    #[method(sig = "(x, y, /)")]
    fn compare_signal(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::compare(a, b, true, ctx, st))
    }

    /// Return the larger number; a number wins against a quiet NaN.
    #[method(sig = "(x, y, /)")]
    fn max(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::pick(a, b, Pick { max: true, magnitude: false }, ctx, st))
    }

    /// Like max(), but the signs do not count.
    #[method(sig = "(x, y, /)")]
    fn max_mag(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::pick(a, b, Pick { max: true, magnitude: true }, ctx, st))
    }

    /// Return the smaller number; a number wins against a quiet NaN.
    #[method(sig = "(x, y, /)")]
    fn min(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::pick(a, b, Pick { max: false, magnitude: false }, ctx, st))
    }

    /// Like min(), but the signs do not count.
    #[method(sig = "(x, y, /)")]
    fn min_mag(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::pick(a, b, Pick { max: false, magnitude: true }, ctx, st))
    }

    /// Return the neighbour of the first operand in the direction of the second one.
    #[method(sig = "(x, y, /)")]
    fn next_toward(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::next_toward(a, b, ctx, st))
    }

    /// Return the remainder to the nearest multiple of the second operand.
    #[method(sig = "(x, y, /)")]
    fn remainder_near(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::rem_near(a, b, ctx, st))
    }

    /// Return the digit-wise "and" of two (logical) operands.
    #[method(sig = "(x, y, /)")]
    fn logical_and(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::logical(a, b, Logic::And, ctx, st))
    }

    /// Return the digit-wise "or" of two (logical) operands.
    #[method(sig = "(x, y, /)")]
    fn logical_or(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::logical(a, b, Logic::Or, ctx, st))
    }

    /// Return the digit-wise "exclusive or" of two (logical) operands.
    #[method(sig = "(x, y, /)")]
    fn logical_xor(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::logical(a, b, Logic::Xor, ctx, st))
    }

    /// Return the first operand with its digits rotated by the second one.
    #[method(sig = "(x, y, /)")]
    fn rotate(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::rotate(a, b, ctx, st))
    }

    /// Return the first operand with its exponent changed by the second one.
    #[method(sig = "(x, y, /)")]
    fn scaleb(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::scaleb(a, b, ctx, st))
    }

    /// Return the first operand with its digits shifted by the second one.
    #[method(sig = "(x, y, /)")]
    fn shift(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| more::shift(a, b, ctx, st))
    }

    /// Compare two representations by the abstract total order: -1, 0 or 1.
    ///
    ///     >>> Decimal('4.0').compare_total(Decimal(4))
    ///     Decimal('-1')
    #[method(sig = "(x, y, /)")]
    fn compare_total(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, _, _| Num::int(arith::cmp_total(a, b) as i64))
    }

    /// Compare two representations by the abstract total order, ignoring signs.
    #[method(sig = "(x, y, /)")]
    fn compare_total_mag(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, _, _| Num::int(arith::total_abs(a, b) as i64))
    }

    /// Return the first operand with the sign of the second one.
    ///
    ///     >>> Decimal(7).copy_sign(Decimal(-2))
    ///     Decimal('-7')
    #[method(sig = "(x, y, /)")]
    fn copy_sign(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, _, _| a.clone().with_sign(b.neg))
    }

    /// Return the sum of x and y.
    #[method(sig = "(x, y, /)")]
    fn add(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::add(a, b, false, ctx, st))
    }

    /// Return the difference between x and y.
    #[method(sig = "(x, y, /)")]
    fn subtract(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::add(a, b, true, ctx, st))
    }

    /// Return the product of x and y.
    #[method(sig = "(x, y, /)")]
    fn multiply(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::mul(a, b, ctx, st))
    }

    /// Return x divided by y.
    #[method(sig = "(x, y, /)")]
    fn divide(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::div(a, b, ctx, st))
    }

    /// Return x divided by y, truncated to an integer.
    #[method(sig = "(x, y, /)")]
    fn divide_int(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::div_int(a, b, ctx, st))
    }

    /// Return the remainder from integer division. The sign of the result, if non-zero, is that of the dividend.
    #[method(sig = "(x, y, /)")]
    fn remainder(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::rem(a, b, ctx, st))
    }

    /// Return a value equal to x (rounded), having the exponent of y.
    #[method(sig = "(x, y, /)")]
    fn quantize(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        binary_in(vm, this, args, |a, b, ctx, st| arith::quantize(a, b, ctx, st))
    }

    /// Return True if x is finite, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_finite(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.is_finite())
    }

    /// Return True if x is infinite, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_infinite(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.is_inf())
    }

    /// Return True if x is a (quiet or signaling) NaN, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_nan(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.is_nan())
    }

    /// Return True if x is a quiet NaN, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_qnan(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.kind == Kind::Nan)
    }

    /// Return True if x is a signaling NaN, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_snan(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.kind == Kind::Snan)
    }

    /// Return True if x is negative, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_signed(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.neg)
    }

    /// Return True if x is a zero, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_zero(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        let a = expect(vm, x)?;
        Ok(a.is_zero())
    }

    /// Return True if x is a normal number, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_normal(vm: &Vm, this: &Ref<Self>, x: &Value) -> R<bool> {
        let (a, ctx) = (&*expect(vm, x)?, &this.settings());
        Ok(a.is_finite() && !a.coef.is_zero() && !more::is_subnormal(a, ctx))
    }

    /// Return True if x is subnormal, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_subnormal(vm: &Vm, this: &Ref<Self>, x: &Value) -> R<bool> {
        let (a, ctx) = (&*expect(vm, x)?, &this.settings());
        Ok(more::is_subnormal(a, ctx))
    }

    /// Return quotient and remainder of the integer division.
    #[method(sig = "(x, y, /)")]
    fn divmod(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let [x, y] = exactly::<2>(vm, args)?;
        let (a, b) = (expect(vm, x)?, expect(vm, y)?);
        let mut st = 0;
        let (q, r) = arith::div_mod(&a, &b, &this.settings(), &mut st);
        this.note(vm, st)?;
        Ok(tuple::from_array([Decimal::make(q), Decimal::make(r)]).into_value())
    }

    /// Compute a**b; with modulo, (a**b) % modulo of integers.
    #[method(sig = "(a, b, modulo=None)")]
    fn power(vm: &Vm, this: &Ref<Self>, a: &Value, b: &Value, modulo: &Value) -> R {
        let (a, b) = (expect(vm, a)?, expect(vm, b)?);
        let mut st = 0;
        let n = if modulo.is_none() {
            transcend::pow(&a, &b, &this.settings(), &mut st)
        } else {
            transcend::pow_mod(&a, &b, &*expect(vm, modulo)?, &this.settings(), &mut st)
        };
        this.finish(vm, n, st)
    }

    /// Return x multiplied by y, plus z.
    #[method(sig = "(x, y, z, /)")]
    fn fma(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let [x, y, z] = exactly::<3>(vm, args)?;
        let (a, b, c) = (expect(vm, x)?, expect(vm, y)?, expect(vm, z)?);
        let mut st = 0;
        let n = arith::fma(&a, &b, &c, &this.settings(), &mut st);
        this.finish(vm, n, st)
    }

    /// Return a value equal to Emin - prec + 1, which is the minimum exponent value for subnormal results.
    #[method(sig = "()")]
    fn Etiny(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.settings().etiny()
    }

    /// Return a value equal to Emax - prec + 1, the largest exponent of a coefficient of full length.
    #[method(sig = "()")]
    fn Etop(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.settings().etop()
    }

    /// Return 10.
    #[method(sig = "()")]
    fn radix(_vm: &Vm, _this: &Ref<Self>) -> Value {
        Decimal::make(Num::int(10))
    }

    /// Return True if x is canonical, False otherwise.
    #[method(sig = "(x, /)")]
    fn is_canonical(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R<bool> {
        match x.downcast::<Decimal>() {
            Some(_) => Ok(true),
            None => Err(vm.type_error("argument must be a Decimal")),
        }
    }

    /// Return a new instance of x.
    #[method(sig = "(x, /)")]
    fn canonical(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R {
        match x.downcast::<Decimal>() {
            Some(_) => Ok(x.clone()),
            None => Err(vm.type_error("argument must be a Decimal")),
        }
    }

    /// Apply the context to a Decimal.
    #[method(sig = "(object, /)")]
    fn _apply(vm: &Vm, this: &Ref<Self>, object: &Value) -> R {
        let a = expect(vm, object)?;
        apply(vm, &a, this)
    }

    /// Return a copy of x with the sign set to 0.
    #[method(sig = "(x, /)")]
    fn copy_abs(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R {
        Ok(Decimal::make(expect(vm, x)?.clone().with_sign(false)))
    }

    /// Return a copy of Decimal x.
    #[method(sig = "(x, /)")]
    fn copy_decimal(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R {
        if x.downcast::<Decimal>().is_some() {
            return Ok(x.clone());
        }
        Ok(Decimal::make(expect(vm, x)?.clone()))
    }

    /// Return a copy of x with the sign inverted.
    #[method(sig = "(x, /)")]
    fn copy_negate(vm: &Vm, _this: &Ref<Self>, x: &Value) -> R {
        let a = expect(vm, x)?;
        Ok(Decimal::make(a.clone().with_sign(!a.neg)))
    }

    /// Return an indication of the class of x.
    #[method(sig = "(x, /)")]
    fn number_class(vm: &Vm, this: &Ref<Self>, x: &Value) -> R<&'static str> {
        Ok(more::class(&*expect(vm, x)?, &this.settings()))
    }

    /// Convert a number to a string using scientific notation.
    #[method(sig = "(x, /)")]
    fn to_sci_string(vm: &Vm, this: &Ref<Self>, x: &Value) -> R<String> {
        Ok(number::to_text(&*expect(vm, x)?, false, this.capitals.get()))
    }

    /// Convert a number to a string, using engineering notation.
    #[method(sig = "(x, /)")]
    fn to_eng_string(vm: &Vm, this: &Ref<Self>, x: &Value) -> R<String> {
        Ok(number::to_text(&*expect(vm, x)?, true, this.capitals.get()))
    }

    /// Return True if the two operands have the same exponent.
    #[method(sig = "(x, y, /)")]
    fn same_quantum(vm: &Vm, _this: &Ref<Self>, args: Args<'_>) -> R<bool> {
        let [x, y] = exactly::<2>(vm, args)?;
        Ok(same_quantum(&*expect(vm, x)?, &*expect(vm, y)?))
    }

    /// Reset all flags to False.
    #[method(sig = "()")]
    fn clear_flags(_vm: &Vm, this: &Ref<Self>) {
        this.flags.bits.set(0);
    }

    /// Set all traps to False.
    #[method(sig = "()")]
    fn clear_traps(_vm: &Vm, this: &Ref<Self>) {
        this.traps.bits.set(0);
    }

    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Context>> {
        context::copy(vm, this)
    }

    /// Return a duplicate of the context with its own flags and traps.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R<Ref<Context>> {
        context::copy(vm, this)
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let mut parts = Vec::new();
        for name in &NAMES[..6] {
            parts.push(this.setting(name).unwrap_or(Value::NONE));
        }
        parts.push(signals::as_list(vm, this.flags.bits.get(), false)?);
        parts.push(signals::as_list(vm, this.traps.bits.get(), false)?);
        Ok(tuple::from_array([this.ty().to_value(), tuple::from_vec(parts).into_value()]).into_value())
    }

    /// Create a new Decimal instance from num, using self as the context.
    #[method(sig = "(num='0', /)")]
    fn create_decimal(vm: &Vm, this: &Ref<Self>, num: Option<&Value>) -> R {
        let class = Decimal::DEF.place.get();
        match num {
            Some(v) => construct(vm, class, v, this, Mode::Rounded),
            None => Ok(wrap(class, Num::int(0))),
        }
    }

    /// Create a new Decimal instance from float f, rounded by the context.
    #[method(sig = "(f, /)")]
    fn create_decimal_from_float(vm: &Vm, this: &Ref<Self>, f: &Value) -> R {
        let Some(n) = float_or_int(vm, f)? else { return Err(vm.type_error("argument must be int or float")) };
        let mut st = 0;
        let n = finalize(n, &this.settings(), &mut st);
        this.finish(vm, n, st)
    }
}
