//! `sys.stderr` as long as there is no text stream yet.

use taipan_runtime::core::{R, Ref};
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

/// Writes text to descriptor 2 as it comes: what the import system says while it starts.
#[derive(taipan_macros::Trace)]
pub struct StdPrinter;

#[taipan_macros::class(name = "stderrprinter", module = "builtins", flags(NO_NEW))]
impl StdPrinter {
    /// Write the text to the standard error stream.
    #[method(sig = "(text, /)")]
    fn write(_vm: &Vm, _this: &Ref<Self>, text: &Ref<Str>) -> R<usize> {
        let bytes = text.to_wtf8();
        // Nobody could be told of an error.
        let _ = taipan_host::fd::write(2, &bytes);
        Ok(text.len())
    }

    /// There is nothing to write out.
    #[method(sig = "()")]
    fn flush(_vm: &Vm, _this: &Ref<Self>) {}

    /// The number of the standard error stream.
    #[method(sig = "()")]
    fn fileno(_vm: &Vm, _this: &Ref<Self>) -> i32 {
        2
    }
}
