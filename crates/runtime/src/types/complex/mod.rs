//! complex: two floats.

mod arith;
mod convert;
mod methods;
mod parse;

pub use self::arith::{power, product, quotient, real_quotient};
pub use self::convert::to_parts;
pub use self::methods::COMPLEX;
use crate::core::{Ref, Trace, Value};
use crate::native::TypeDef;

/// The types of this folder.
pub const TYPES: &[&TypeDef] = &[Complex::DEF];

/// The payload of complex.
pub struct Complex {
    re: f64,
    im: f64,
}

impl Trace for Complex {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Complex {
    /// A payload.
    pub const fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    /// The real and the imaginary part.
    pub const fn parts(&self) -> (f64, f64) {
        (self.re, self.im)
    }
}

/// A complex number.
pub fn from_parts(re: f64, im: f64) -> Value {
    Ref::new(Complex::new(re, im)).into_value()
}

/// The parts, if the value is complex or an instance of a subclass.
#[inline]
pub fn get(v: &Value) -> Option<(f64, f64)> {
    v.downcast::<Complex>().map(|c| c.parts())
}

/// The parts, if the value's type is complex itself.
pub fn get_exact(v: &Value) -> Option<(f64, f64)> {
    v.downcast_exact::<Complex>().map(|c| c.parts())
}
