//! The type object of complex: its slots and methods.

use taipan_text::format::{SpecKind, format_complex, parse_spec, repr_complex};
use taipan_text::hash::hash_complex;

use super::arith::{self, Operand, operand};
use super::{Complex, convert, from_parts, get};
use crate::core::{R, Raised, Ref, Value};
use crate::native::bind::{Callee, bind_array};
use crate::native::{Args, Param, ParamKind, Signature};
use crate::types::float::hash_in;
use crate::types::str::format::format_error;
use crate::types::str::{StrBuilder, units};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{float, int, tuple};
use crate::vm::Vm;

static CONSTRUCTOR: Callee = Callee {
    owner: "",
    name: "complex",
    sig: Signature {
        params: &[
            Param {
                name: "real",
                kind: ParamKind::Any,
                optional: true,
            },
            Param {
                name: "imag",
                kind: ParamKind::Any,
                optional: true,
            },
        ],
    },
    constructor: true,
};

/// An operator on two numbers; `NotImplemented` if one is none.
#[inline(always)]
fn binary(vm: &Vm, a: &Value, b: &Value, f: impl FnOnce(Operand, Operand) -> R) -> R {
    let Some(x) = operand(vm, a)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let Some(y) = operand(vm, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    f(x, y)
}

#[cold]
fn zero_division(vm: &Vm) -> Raised {
    vm.zero_division_error("division by zero")
}

/// Whether the number is equal to a value; `None` for what is no number.
fn equals((re, im): (f64, f64), other: &Value) -> Option<bool> {
    if let Some((x, y)) = get(other) {
        return Some(re == x && im == y);
    }
    if let Some(x) = float::get(other) {
        return Some(re == x && im == 0.0);
    }
    let n = int::get(other)?;
    Some(im == 0.0 && int::cmp_float(n, re).is_some_and(std::cmp::Ordering::is_eq))
}

/// A complex number: a real part and an imaginary part, both floats.
///
/// complex(real, imag) makes one from two numbers, complex(x) from a number or from text such as '1+2j'.
#[taipan_macros::class(name = "complex", place = COMPLEX, flags(BASETYPE), sig = "(real=0, imag=0)")]
impl Complex {
    #[slot(new)]
    fn new_slot(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let exact = cls.is(COMPLEX.get());
        let (re, im) = match (args.all, args.names) {
            ([], _) => (0.0, 0.0),
            ([v], []) if exact && v.ty().is(cls) => return Ok(v.clone()),
            ([v], []) => convert::of_one(vm, v)?,
            _ => {
                let [real, imag] = bind_array::<2>(vm, &CONSTRUCTOR, args)?;
                convert::of_two(vm, real, imag)?
            }
        };
        Ok(if exact {
            from_parts(re, im)
        } else {
            Ref::new_of(cls, Complex::new(re, im)).into_value()
        })
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        repr_complex(this.re, this.im)
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<Self>) -> i64 {
        hash_complex(
            hash_in(this.value(), this.re),
            hash_in(this.value(), this.im),
        )
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> Value {
        match (op, equals(this.parts(), other)) {
            (CmpOp::Eq, Some(same)) => Value::bool(same),
            (CmpOp::Ne, Some(same)) => Value::bool(!same),
            _ => Value::NOT_IMPLEMENTED,
        }
    }

    #[slot(binary = Add)]
    fn add(vm: &Vm, a: &Value, b: &Value) -> R {
        use Operand::{Complex, Real};
        binary(vm, a, b, |x, y| {
            Ok(match (x, y) {
                (Complex(a, b), Complex(c, d)) => from_parts(a + c, b + d),
                (Complex(a, b), Real(x)) | (Real(x), Complex(a, b)) => from_parts(a + x, b),
                _ => Value::NOT_IMPLEMENTED,
            })
        })
    }

    #[slot(binary = Sub)]
    fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
        use Operand::{Complex, Real};
        binary(vm, a, b, |x, y| {
            Ok(match (x, y) {
                (Complex(a, b), Complex(c, d)) => from_parts(a - c, b - d),
                (Complex(a, b), Real(x)) => from_parts(a - x, b),
                (Real(x), Complex(a, b)) => from_parts(x - a, -b),
                _ => Value::NOT_IMPLEMENTED,
            })
        })
    }

    #[slot(binary = Mul)]
    fn mul(vm: &Vm, a: &Value, b: &Value) -> R {
        use Operand::{Complex, Real};
        binary(vm, a, b, |x, y| {
            Ok(match (x, y) {
                (Complex(a, b), Complex(c, d)) => {
                    let (re, im) = arith::product((a, b), (c, d));
                    from_parts(re, im)
                }
                (Complex(a, b), Real(x)) | (Real(x), Complex(a, b)) => from_parts(a * x, b * x),
                _ => Value::NOT_IMPLEMENTED,
            })
        })
    }

    #[slot(binary = TrueDiv)]
    fn truediv(vm: &Vm, a: &Value, b: &Value) -> R {
        use Operand::{Complex, Real};
        binary(vm, a, b, |x, y| {
            let result = match (x, y) {
                (Complex(a, b), Complex(c, d)) => arith::quotient((a, b), (c, d)),
                (Complex(a, b), Real(x)) => (x != 0.0).then(|| (a / x, b / x)),
                (Real(x), Complex(c, d)) => arith::real_quotient(x, (c, d)),
                _ => return Ok(Value::NOT_IMPLEMENTED),
            };
            match result {
                Some((re, im)) => Ok(from_parts(re, im)),
                None => Err(zero_division(vm)),
            }
        })
    }

    #[slot(binary = Pow)]
    fn pow(vm: &Vm, a: &Value, b: &Value) -> R {
        let parts = |x: Operand| match x {
            Operand::Complex(a, b) => (a, b),
            Operand::Real(x) => (x, 0.0),
        };
        binary(vm, a, b, |x, y| arith::power(vm, parts(x), parts(y)))
    }

    #[slot]
    fn pow3(vm: &Vm, a: &Value, b: &Value, _c: &Value) -> R {
        binary(vm, a, b, |_, _| Err(vm.value_error("complex modulo")))
    }

    #[slot]
    fn neg(_vm: &Vm, this: &Ref<Self>) -> Value {
        from_parts(-this.re, -this.im)
    }

    #[slot]
    fn pos(_vm: &Vm, this: &Ref<Self>) -> Value {
        if this.is_exact() {
            this.value().clone()
        } else {
            from_parts(this.re, this.im)
        }
    }

    #[slot]
    fn abs(vm: &Vm, this: &Ref<Self>) -> R<f64> {
        arith::magnitude(this.parts()).ok_or_else(|| vm.overflow_error("absolute value too large"))
    }

    #[slot]
    fn bool(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.re != 0.0 || this.im != 0.0
    }

    /// Makes a complex number from a number; unlike complex(), no text is taken.
    #[classmethod(sig = "(number, /)")]
    fn from_number(vm: &Vm, cls: &TypeObject, number: &Value) -> R {
        let exact = cls.is(COMPLEX.get());
        if exact && number.ty().is(cls) {
            return Ok(number.clone());
        }
        let (re, im) = convert::to_parts(vm, number)?;
        let made = from_parts(re, im);
        if exact {
            Ok(made)
        } else {
            vm.call(&cls.to_value(), &[made])
        }
    }

    /// The number with the sign of its imaginary part changed.
    #[method(sig = "()")]
    fn conjugate(_vm: &Vm, this: &Ref<Self>) -> Value {
        from_parts(this.re, -this.im)
    }

    /// The number as an instance of complex itself.
    #[method(sig = "()")]
    fn __complex__(_vm: &Vm, this: &Ref<Self>) -> Value {
        if this.is_exact() {
            this.value().clone()
        } else {
            from_parts(this.re, this.im)
        }
    }

    #[method(sig = "()")]
    fn __getnewargs__(_vm: &Vm, this: &Ref<Self>) -> Value {
        tuple::from_array([Value::from(this.re), Value::from(this.im)]).into_value()
    }

    /// The number as text, by a format specification.
    #[method(sig = "(format_spec, /)")]
    fn __format__(vm: &Vm, this: &Ref<Self>, format_spec: &Value) -> R {
        let spec = int::format_spec(vm, format_spec)?;
        if spec.is_empty() {
            return vm.str(this.value());
        }
        let name = this.ty().tp_name();
        let spec = units!(spec.chars(), t => parse_spec(t, SpecKind::Float, &name))
            .map_err(|e| format_error(vm, e))?;
        let mut out = StrBuilder::new();
        out.check_room(vm, spec.length_bound())?;
        format_complex(
            this.re,
            this.im,
            &spec,
            &name,
            &int::locale_of(spec.code),
            &mut out,
        )
        .map_err(|e| format_error(vm, e))?;
        Ok(out.finish())
    }

    /// the real part of a complex number
    #[getter(member)]
    fn real(_vm: &Vm, this: &Ref<Self>) -> f64 {
        this.re
    }

    /// the imaginary part of a complex number
    #[getter(member)]
    fn imag(_vm: &Vm, this: &Ref<Self>) -> f64 {
        this.im
    }
}
