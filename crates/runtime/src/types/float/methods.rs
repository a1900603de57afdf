//! The type object of float: its slots and methods.

use std::cmp::Ordering;

use dashu_int::{IBig, UBig};
use taipan_text::float::integer_ratio;
use taipan_text::format::{SpecKind, format_float_spec, parse_spec};
use taipan_text::hash::{hash_float, hash_pointer};

use super::{Float, arith, convert, get};
use crate::core::{R, Ref, Value};
use crate::native::bind::Nullable;
use crate::types::str::format::format_error;
use crate::types::str::{Str, StrBuilder, from_str, units};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{int, tuple};
use crate::vm::Vm;

/// The number of the object that a method was called with.
#[inline(always)]
fn number(this: &Value) -> f64 {
    // Methods and slots are only called for floats.
    get(this).unwrap_or(f64::NAN)
}

/// The object as an exact float.
#[inline]
fn plain(this: &Value) -> Value {
    if this.ty().is(FLOAT.get()) {
        this.clone()
    } else {
        Value::from(number(this))
    }
}

/// `made` for `float` itself, what the class makes of it for a subclass.
fn of_class(vm: &Vm, cls: &TypeObject, made: Value) -> R {
    if cls.is(FLOAT.get()) {
        Ok(made)
    } else {
        vm.call(&cls.to_value(), &[made])
    }
}

/// How two numbers compare, one of them a float; `None` inside for NaN, outside for what is no number.
fn order(a: f64, b: &Value) -> Option<Option<Ordering>> {
    if let Some(y) = get(b) {
        return Some(a.partial_cmp(&y));
    }
    let n = int::get(b)?;
    Some(int::cmp_float(n, a).map(Ordering::reverse))
}

/// `hash(x)`; NaN hashes as the object that holds it.
pub(crate) fn hash_in(holder: &Value, x: f64) -> i64 {
    hash_float(x).unwrap_or_else(|| hash_pointer(holder.id() as usize))
}

/// `format(x, spec)` for a specification that is not empty.
///
/// Raises ValueError for a wrong specification.
fn format(vm: &Vm, x: f64, spec: &Str, type_name: &str) -> R {
    let spec = units!(spec.chars(), t => parse_spec(t, SpecKind::Float, type_name))
        .map_err(|e| format_error(vm, e))?;
    let mut out = StrBuilder::new();
    out.check_room(vm, spec.length_bound())?;
    format_float_spec(x, &spec, type_name, &int::locale_of(spec.code), &mut out)
        .map_err(|e| format_error(vm, e))?;
    Ok(out.finish())
}

/// A number that may have a fraction, held in 64 bits.
///
/// float(x) makes one from a number or from text, such as '1.5', '1e-3', 'inf' or 'nan'.
#[taipan_macros::class(name = "float", place = FLOAT, flags(BASETYPE, MATCH_SELF), sig = "(x=0, /)")]
impl Float {
    #[slot(new)]
    fn new_slot(vm: &Vm, cls: &TypeObject, x: Option<&Value>) -> R {
        let exact = cls.is(FLOAT.get());
        let x = match x {
            None => 0.0,
            // The object stays the same: NaN compares by it in containers.
            Some(x) if exact && x.ty().is(cls) => return Ok(x.clone()),
            Some(x) => convert::to_float(vm, x)?,
        };
        Ok(if exact {
            Value::from(x)
        } else {
            Ref::new_of(cls, Float::new(x)).into_value()
        })
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Value) -> Value {
        from_str(&taipan_text::float::repr(number(this)))
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Value) -> i64 {
        hash_in(this, number(this))
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> Value {
        match order(number(this), other) {
            Some(Some(o)) => Value::bool(op.matches(o)),
            Some(None) => Value::bool(op == CmpOp::Ne),
            None => Value::NOT_IMPLEMENTED,
        }
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| Ok(Value::from(x + y)))
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| Ok(Value::from(x - y)))
    }

    #[slot(binary = Mul)]
    fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| Ok(Value::from(x * y)))
    }

    #[slot(binary = TrueDiv)]
    fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| {
            if y == 0.0 {
                Err(arith::zero_division(vm))
            } else {
                Ok(Value::from(x / y))
            }
        })
    }

    #[slot(binary = FloorDiv)]
    fn floordiv(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| {
            if y == 0.0 {
                Err(arith::zero_division(vm))
            } else {
                Ok(Value::from(arith::divmod(x, y).0))
            }
        })
    }

    #[slot(binary = Mod)]
    fn modulo(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| {
            if y == 0.0 {
                Err(arith::zero_division(vm))
            } else {
                Ok(Value::from(arith::modulo(x, y)))
            }
        })
    }

    #[slot(binary = DivMod)]
    fn divmod(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| {
            if y == 0.0 {
                return Err(arith::zero_division(vm));
            }
            let (q, r) = arith::divmod(x, y);
            Ok(tuple::from_array([Value::from(q), Value::from(r)]).into_value())
        })
    }

    #[slot(binary = Pow)]
    fn pow(vm: &Vm, a: &Value, b: &Value) -> R {
        arith::binary(vm, a, b, |x, y| arith::power(vm, x, y))
    }

    #[slot]
    fn pow3(vm: &Vm, _a: &Value, _b: &Value, _c: &Value) -> R {
        Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
    }

    #[slot]
    fn neg(_vm: &Vm, this: &Value) -> Value {
        Value::from(-number(this))
    }

    #[slot]
    fn pos(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    #[slot]
    fn abs(_vm: &Vm, this: &Value) -> Value {
        Value::from(number(this).abs())
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Value) -> bool {
        number(this) != 0.0
    }

    #[slot]
    fn int(vm: &Vm, this: &Value) -> R {
        int::from_f64(vm, number(this))
    }

    #[slot]
    fn float(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// Makes a float from a real number; unlike float(), no text is taken.
    #[classmethod(sig = "(number, /)")]
    fn from_number(vm: &Vm, cls: &TypeObject, number: &Value) -> R {
        if number.ty().is(FLOAT.get()) {
            return of_class(vm, cls, number.clone());
        }
        let x = super::to_f64(vm, number)?;
        of_class(vm, cls, Value::from(x))
    }

    /// The number itself: it is its own complex conjugate.
    #[method(sig = "()")]
    fn conjugate(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// The number as an int, without its fraction.
    #[method(sig = "()")]
    fn __trunc__(vm: &Vm, this: &Value) -> R {
        int::from_f64(vm, number(this))
    }

    /// The greatest int that is not above the number.
    #[method(sig = "()")]
    fn __floor__(vm: &Vm, this: &Value) -> R {
        int::from_f64(vm, number(this).floor())
    }

    /// The least int that is not below the number.
    #[method(sig = "()")]
    fn __ceil__(vm: &Vm, this: &Value) -> R {
        int::from_f64(vm, number(this).ceil())
    }

    /// The nearest int, or, with ndigits, the nearest float with so many decimal places; ties go to even.
    #[method(sig = "(ndigits=None, /)")]
    fn __round__(vm: &Vm, this: &Value, ndigits: Nullable<&Value>) -> R {
        let x = number(this);
        let Some(digits) = ndigits.0 else {
            return int::from_f64(vm, x.round_ties_even());
        };
        let places = int::to_isize_clamped(vm, digits)?;
        match taipan_text::float::round_to(x, places as i64) {
            Some(r) => Ok(Value::from(r)),
            None => Err(vm.overflow_error("rounded value too large to represent")),
        }
    }

    /// A pair of integers whose ratio is exactly the number, the second one positive, in lowest terms.
    ///
    /// Raises OverflowError for infinities and ValueError for NaN.
    ///
    /// >>> (-2.75).as_integer_ratio()
    /// (-11, 4)
    #[method(sig = "()")]
    fn as_integer_ratio(vm: &Vm, this: &Value) -> R {
        let x = number(this);
        let Some((negative, mantissa, exponent)) = integer_ratio(x) else {
            return Err(if x.is_nan() {
                vm.value_error("cannot convert NaN to integer ratio")
            } else {
                vm.overflow_error("cannot convert Infinity to integer ratio")
            });
        };
        let power = |e: i32| UBig::ONE << e.max(0) as usize;
        let top = IBig::from(UBig::from(mantissa) * power(exponent));
        let top = int::from_big(if negative { -top } else { top });
        Ok(tuple::from_array([top, int::from_big(power(-exponent).into())]).into_value())
    }

    /// Whether the number has no fraction.
    #[method(sig = "()")]
    fn is_integer(_vm: &Vm, this: &Value) -> bool {
        let x = number(this);
        x.is_finite() && x == x.floor()
    }

    /// The number in hexadecimal, such as '0x1.8000000000000p+1'.
    ///
    /// >>> (-6.5).hex()
    /// '-0x1.a000000000000p+2'
    #[method(sig = "()")]
    fn hex(_vm: &Vm, this: &Value) -> String {
        taipan_text::float::to_hex(number(this))
    }

    /// Makes a float from hexadecimal text, as hex() writes it.
    ///
    /// >>> float.fromhex('0x1.4p3')
    /// 10.0
    /// >>> float.fromhex('-0x.8')
    /// -0.5
    #[classmethod(sig = "(string, /)")]
    fn fromhex(vm: &Vm, cls: &TypeObject, string: &Value) -> R {
        let x = convert::from_hex(vm, string)?;
        of_class(vm, cls, Value::from(x))
    }

    /// How the machine stores a C 'double' or 'float'.
    #[classmethod(sig = "(typestr, /)")]
    fn __getformat__(vm: &Vm, _cls: &TypeObject, typestr: &str) -> R<&'static str> {
        match typestr {
            "double" | "float" if cfg!(target_endian = "big") => Ok("IEEE, big-endian"),
            "double" | "float" => Ok("IEEE, little-endian"),
            _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
        }
    }

    /// The number as text, by a format specification.
    #[method(sig = "(format_spec, /)")]
    fn __format__(vm: &Vm, this: &Value, format_spec: &Value) -> R {
        let spec = int::format_spec(vm, format_spec)?;
        if spec.is_empty() {
            return vm.str(this);
        }
        format(vm, number(this), spec, &this.ty().tp_name())
    }

    #[method(sig = "()")]
    fn __getnewargs__(_vm: &Vm, this: &Value) -> Value {
        tuple::from_array([plain(this)]).into_value()
    }

    /// The real part: the number itself.
    #[getter]
    fn real(_vm: &Vm, this: &Value) -> Value {
        plain(this)
    }

    /// The imaginary part: 0.0.
    #[getter]
    fn imag(_vm: &Vm, _this: &Value) -> f64 {
        0.0
    }
}
