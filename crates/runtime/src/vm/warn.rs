//! Warnings from native code.

use super::Vm;
use crate::core::{R, StaticType, Value};
use crate::types::str;

/// The key under which `_warnings` leaves its function `warn` with the interpreter: there are warnings also when the
/// modules are gone.
pub const WARN: &str = "_warnings.warn";

impl Vm {
    /// Warns as `warnings.warn` does when it is called by the running Python code; while there is no
    /// `_warnings` module yet, nothing happens.
    ///
    /// Raises the warning where the filters say so.
    #[cold]
    pub fn warn(&self, category: &'static StaticType, message: &str, stacklevel: i32) -> R<()> {
        self.warn_about(category, message, stacklevel, &Value::NONE)
    }

    /// As [`Vm::warn`], about an object (`source`, for `tracemalloc`).
    #[cold]
    pub fn warn_about(&self, category: &'static StaticType, message: &str, stacklevel: i32, source: &Value) -> R<()> {
        let Some(f) = self.interp().statics.borrow().get(WARN).cloned() else { return Ok(()) };
        self.call(&f, &[str::from_str(message), category.value(), Value::small(stacklevel), source.clone()]).map(drop)
    }
}
