//! A stream over a descriptor, just enough to write text, until `_io` takes over.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::vm::Vm;

taipan_macros::module! {
    /// The beginning of `_io`.
    name = "_io",
    types(MinimalStream),
}

/// The payload.
#[derive(Trace)]
pub struct MinimalStream {
    fd: i32,
}

/// A stream that only writes.
#[class(name = "MinimalStream", module = "_io", flags(NO_NEW))]
impl MinimalStream {
    #[method(sig = "(text, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, text: &str) -> R<usize> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match taipan_host::fd::write(this.fd, rest) {
                Ok(n) => rest = &rest[n..],
                Err(e) => return Err(vm.os_error(e.0, None)),
            }
        }
        Ok(text.chars().count())
    }

    #[method(sig = "()")]
    fn flush(_vm: &Vm, _this: &Ref<Self>) {}

    #[method(sig = "()")]
    fn fileno(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.fd
    }
}

/// Sets sys.stdout and sys.stderr.
pub fn init_std_streams(vm: &Vm) -> R<()> {
    let sys = vm.interp().sys();
    sys.set_str("stdin", Value::NONE);
    for (name, fd) in [("stdout", 1), ("stderr", 2)] {
        sys.set_str(name, Ref::new(MinimalStream { fd }));
    }
    Ok(())
}

/// Nothing is buffered.
pub fn flush_std_files(_vm: &Vm) -> bool {
    false
}
