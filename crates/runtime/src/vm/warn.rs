//! Warnings from native code.

use super::Vm;
use crate::core::{R, StaticType, Value};
use crate::types::str;

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
        let Some(warnings) = self.interp().modules().get_str("_warnings") else { return Ok(()) };
        let f = self.get_attr_str(&warnings, "warn")?;
        self.call(&f, &[str::from_str(message), category.value(), Value::small(stacklevel), source.clone()]).map(drop)
    }
}
