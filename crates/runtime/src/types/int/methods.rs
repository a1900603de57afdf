//! The type object of int: its slots and methods.

use super::{
    Int, IntRef, arith, bytes, compare, convert, exact, get, pow, round, shift, text,
    to_isize_clamped,
};
use crate::core::{R, Ref, Value};
use crate::native::bind::{Callee, Nullable, bind_array};
use crate::native::{Args, Param, ParamKind, Signature};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{self, tuple};
use crate::vm::Vm;

/// The number of the object that a method was called with.
#[inline(always)]
fn number(this: &Value) -> IntRef<'_> {
    // Methods and slots are only called for ints.
    get(this).unwrap_or(IntRef::Small(0))
}

/// The object as an exact int.
#[inline(always)]
fn plain(this: &Value) -> Value {
    exact(this).unwrap_or(Value::small(0))
}

const PARAMS: &[Param] = &[
    Param { name: "x", kind: ParamKind::PosOnly, optional: true },
    Param { name: "base", kind: ParamKind::Any, optional: true },
];

const CALLEE: &Callee = &Callee { owner: "", name: "int", sig: Signature { params: PARAMS }, constructor: true };

/// `int(x)` or `int(x, base)` as an exact int.
fn construct(vm: &Vm, x: Option<&Value>, base: Option<&Value>) -> R {
    let Some(base) = base else {
        return x.map_or(Ok(Value::small(0)), |x| convert::to_int(vm, x));
    };
    let Some(x) = x else {
        return Err(vm.type_error("int() missing string argument"));
    };
    let base = match to_isize_clamped(vm, base)? {
        b @ (0 | 2..=36) => b as u32,
        _ => return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    let text = x.downcast::<types::str::Str>().is_some()
        || x.downcast::<types::bytes::Bytes>().is_some()
        || x.downcast::<types::bytearray::ByteArray>().is_some();
    match if text {
        convert::from_text(vm, x, base)?
    } else {
        None
    } {
        Some(n) => Ok(n),
        None => Err(vm.type_error("int() can't convert non-string with explicit base")),
    }
}

/// int([x]) -> integer
/// int(x, base=10) -> integer
///
/// Integers of any size.
///
/// int(x) makes one from a number, cutting off the fraction, or from its decimal digits in a str, bytes or
/// bytearray; int(x, base) reads digits in that base, 2 to 36, or in the base that a prefix tells (0).
/// int() is 0.
///
/// >>> int('-0b1101', base=0)
/// -13
#[taipan_macros::class(name = "int", place = INT, flags(BASETYPE, INT_SUB, MATCH_SELF))]
impl Int {
    #[slot(new)]
    fn new_slot(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if args.names.is_empty() && args.all.len() > PARAMS.len() {
            return Err(vm.type_error(format!("int expected at most 2 arguments, got {}", args.all.len())));
        }
        let [x, base] = bind_array::<2>(vm, CALLEE, args)?;
        let n = construct(vm, x, base)?;
        if cls.is(INT.get()) {
            return Ok(n);
        }
        Ok(Ref::new_of(cls, Int::new(number(&n).to_big())).into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Value) -> R {
        text::repr(vm, number(this))
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Value) -> i64 {
        compare::hash_value(number(this))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> R {
        compare::rich(vm, this, other, op)
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::add(vm, a, b)
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::sub(vm, a, b)
    }

    #[slot(binary = Mul)]
    fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::mul(vm, a, b)
    }

    #[slot(binary = FloorDiv)]
    fn floordiv(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::floordiv(vm, a, b)
    }

    #[slot(binary = Mod)]
    fn modulo(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::modulo(vm, a, b)
    }

    #[slot(binary = DivMod)]
    fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
        Ok(match arith::divmod(vm, a, b)? {
            Some((q, r)) => tuple::from_array([q, r]).into_value(),
            None => Value::NOT_IMPLEMENTED,
        })
    }

    #[slot(binary = TrueDiv)]
    fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
        super::truediv(vm, a, b)
    }

    #[slot(binary = Pow)]
    fn pow(vm: &Vm, a: &Value, b: &Value) -> R {
        pow::pow(vm, a, b)
    }

    #[slot]
    fn pow3(vm: &Vm, a: &Value, b: &Value, c: &Value) -> R {
        pow::pow_mod(vm, a, b, c)
    }

    #[slot(binary = LShift)]
    fn lshift(vm: &Vm, a: &Value, b: &Value) -> R {
        shift::lshift(vm, a, b)
    }

    #[slot(binary = RShift)]
    fn rshift(vm: &Vm, a: &Value, b: &Value) -> R {
        shift::rshift(vm, a, b)
    }

    #[slot(binary = And)]
    fn and(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::and(vm, a, b)
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::or(vm, a, b)
    }

    #[slot(binary = Xor)]
    fn xor(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::xor(vm, a, b)
    }

    #[slot]
    fn neg(_vm: &Vm, this: &Value) -> Value {
        arith::neg(number(this))
    }

    #[slot]
    fn pos(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    #[slot]
    fn abs(_vm: &Vm, this: &Value) -> Value {
        arith::abs(number(this))
    }

    #[slot]
    fn invert(_vm: &Vm, this: &Value) -> Value {
        arith::invert(number(this))
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Value) -> bool {
        !number(this).is_zero()
    }

    #[slot]
    fn int(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    #[slot]
    fn index(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    #[slot]
    fn float(vm: &Vm, this: &Value) -> R {
        convert::to_float(vm, this)
    }

    /// The number itself: it is its own complex conjugate.
    #[method(sig = "()")]
    fn conjugate(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// How many bits the number takes in binary, without sign and leading zeros.
    ///
    /// >>> (1000).bit_length()
    /// 10
    /// >>> (0).bit_length()
    /// 0
    #[method(sig = "()")]
    fn bit_length(_vm: &Vm, this: &Value) -> usize {
        number(this).bits()
    }

    /// How many ones the absolute value has in binary.
    ///
    /// >>> (-0b10110).bit_count()
    /// 3
    #[method(sig = "()")]
    fn bit_count(_vm: &Vm, this: &Value) -> usize {
        round::bit_count(number(this))
    }

    /// A pair of integers whose ratio is the number: itself and 1.
    ///
    /// >>> (-7).as_integer_ratio()
    /// (-7, 1)
    #[method(sig = "()")]
    fn as_integer_ratio(_vm: &Vm, this: &Value) -> Value {
        tuple::from_array([plain(this), Value::small(1)]).into_value()
    }

    /// True: an int has no fraction.
    #[method(sig = "()")]
    fn is_integer(_vm: &Vm, _this: &Value) -> bool {
        true
    }

    /// The number as an array of bytes.
    ///
    /// length: how many bytes; OverflowError is raised if they are too few.
    /// byteorder: 'big' puts the most significant byte first, 'little' last.
    /// signed: whether two's complement is used; without it, negative numbers raise OverflowError.
    #[method(sig = "(length=1, byteorder='big', *, signed=False)")]
    fn to_bytes(vm: &Vm, this: &Value, length: isize, byteorder: &str, signed: bool) -> R {
        let order = bytes::order(vm, byteorder)?;
        let Ok(length) = usize::try_from(length) else {
            return Err(vm.value_error("length argument must be non-negative"));
        };
        let out = bytes::to_bytes(vm, number(this), length, order, signed)?;
        Ok(types::bytes::from_vec(out).into_value())
    }

    /// The number that an array of bytes stands for.
    ///
    /// bytes: a bytes-like object or an iterable of byte values.
    /// byteorder: 'big' if the most significant byte comes first, 'little' if it comes last.
    /// signed: whether two's complement is used.
    #[classmethod(sig = "(bytes, byteorder='big', *, signed=False)")]
    fn from_bytes(vm: &Vm, cls: &TypeObject, bytes: &Value, byteorder: &str, signed: bool) -> R {
        let order = bytes::order(vm, byteorder)?;
        let data = bytes::of_object(vm, bytes)?;
        let n = bytes::from_bytes(&data, order, signed);
        if cls.is(INT.get()) {
            Ok(n)
        } else {
            vm.call(&cls.to_value(), &[n])
        }
    }

    /// The number itself: there is no fraction to cut off.
    #[method(sig = "()")]
    fn __trunc__(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// The number itself.
    #[method(sig = "()")]
    fn __floor__(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// The number itself.
    #[method(sig = "()")]
    fn __ceil__(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// Rounded to a multiple of a power of ten: 10 for -1, 100 for -2.
    #[method(sig = "(ndigits=None, /)")]
    fn __round__(vm: &Vm, this: &Value, ndigits: Nullable<&Value>) -> R {
        match ndigits.0 {
            None => Ok(plain(this)),
            Some(digits) => round::round(vm, this, number(this), digits),
        }
    }

    /// The number as text, by a format specification.
    #[method(sig = "(format_spec, /)")]
    fn __format__(vm: &Vm, this: &Value, format_spec: &Value) -> R {
        text::format_value(vm, this, format_spec)
    }

    #[method(sig = "()")]
    fn __getnewargs__(_vm: &Vm, this: &Value) -> Value {
        tuple::from_array([plain(this)]).into_value()
    }

    /// Bytes in memory as CPython has them: 24, four for 30 bits, and what a subclass adds.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Value) -> usize {
        let added = this.ty().size.get().saturating_sub(INT.get().size.get());
        24 + added as usize + 4 * number(this).bits().div_ceil(30).max(1)
    }

    /// The real part: the number itself.
    #[getter]
    fn real(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// The imaginary part: 0.
    #[getter]
    fn imag(_vm: &Vm, _this: &Value) -> i64 {
        0
    }

    /// The number itself.
    #[getter]
    fn numerator(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// 1
    #[getter]
    fn denominator(_vm: &Vm, _this: &Value) -> i64 {
        1
    }
}
