//! float: in the word for everyday magnitudes, else on the heap.

mod arith;
mod convert;
mod methods;

pub(crate) use self::arith::operand;
pub use self::arith::{divmod, modulo, power};
pub use self::methods::FLOAT;
pub(crate) use self::methods::hash_in;
use crate::core::{R, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::types::int;
use crate::vm::Vm;

/// The types of this folder.
pub const TYPES: &[&TypeDef] = &[Float::DEF];

/// The payload of a float that the word can't hold, or of an instance of a subclass.
pub struct Float {
    value: f64,
}

impl Trace for Float {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Float {
    /// A payload.
    pub const fn new(value: f64) -> Self {
        Self { value }
    }

    /// The number.
    pub const fn value(&self) -> f64 {
        self.value
    }
}

/// A float on the heap.
#[cold]
pub fn boxed(x: f64) -> Value {
    Ref::new(Float::new(x)).into_value()
}

/// The number, if the value is a float or an instance of a subclass.
#[inline]
pub fn get(v: &Value) -> Option<f64> {
    if let Some(x) = v.as_inline_float() {
        return Some(x);
    }
    v.downcast::<Float>().map(|f| f.value)
}

/// An int as the nearest float.
///
/// Raises OverflowError beyond the range.
pub fn from_int(vm: &Vm, n: int::IntRef<'_>) -> R<f64> {
    match n {
        int::IntRef::Small(n) => Ok(n as f64),
        int::IntRef::Big(b) => {
            let x = int::nearest(b);
            if x.is_finite() {
                Ok(x)
            } else {
                Err(vm.overflow_error("int too large to convert to float"))
            }
        }
    }
}

/// As f64: a float, an int, or what `__float__` or `__index__` gives.
///
/// Raises TypeError ("must be real number, not str") or OverflowError.
#[inline]
pub fn to_f64(vm: &Vm, v: &Value) -> R<f64> {
    if let Some(x) = v.as_inline_float() {
        return Ok(x);
    }
    to_f64_slow(vm, v)
}

#[cold]
fn to_f64_slow(vm: &Vm, v: &Value) -> R<f64> {
    if let Some(x) = get(v) {
        return Ok(x);
    }
    if let Some(f) = v.ty().slots().float {
        let r = f(vm, v)?;
        return convert::given(vm, v, &r);
    }
    if v.ty().slots().index.is_some() {
        let n = int::index(vm, v)?;
        if let Some(n) = int::get(&n) {
            return from_int(vm, n);
        }
    }
    Err(vm.type_error(format!("must be real number, not {}", v.ty().tp_name())))
}
