//! What all streams share: arguments, errors, and the questions that one stream asks another.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{self as exc, BLOCKING_IO_ERROR, BaseException, OS_ERROR, OsError};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TYPE_PLACE;
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::{Vm, names};

/// What `io.DEFAULT_BUFFER_SIZE` says.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// `errno` of a call that a signal interrupted.
pub const EINTR: i32 = libc::EINTR;

/// A size that may be None, which is -1.
pub struct Size(pub isize);

impl<'a> FromArg<'a> for Size {
    #[inline]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        size(vm, v).map(Size)
    }
}

/// A size, -1 for None.
///
/// Raises TypeError for what is no integer, OverflowError for what no index can be.
#[inline]
pub fn size(vm: &Vm, v: &Value) -> R<isize> {
    if let Some(n) = v.as_small() {
        return Ok(n as isize);
    }
    if v.is_none() {
        return Ok(-1);
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("argument should be integer or None, not '{given}'")));
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n as isize),
        None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
    }
}

/// A position in a file.
///
/// Raises TypeError for what is no integer, and an exception of class `overflow` for what does not fit.
pub fn offset(vm: &Vm, v: &Value, overflow: &'static taipan_runtime::core::StaticType) -> R<i64> {
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n),
        None => {
            if std::ptr::eq(overflow, &exc::OVERFLOW_ERROR) {
                return Err(vm.overflow_error("Python int too large to convert to C long"));
            }
            let given = v.ty().tp_name();
            Err(vm.raise_msg(overflow, &format!("cannot fit '{given}' into an offset-sized integer")))
        }
    }
}

/// The class `io.UnsupportedOperation` of this interpreter.
pub fn unsupported_operation(vm: &Vm) -> R {
    vm.interp_static("_io.UnsupportedOperation", |vm| {
        let bases = tuple::from_array([OS_ERROR.value(), exc::VALUE_ERROR.value()]).into_value();
        let dict = Ref::new(Dict::new());
        dict.set_name(&names().__module__, str::from_str("io"));
        vm.call(&TYPE_PLACE().value(), &[str::from_str("UnsupportedOperation"), bases, dict.into_value()])
    })
}

/// Raises UnsupportedOperation.
#[cold]
pub fn unsupported(vm: &Vm, text: &str) -> Raised {
    match unsupported_operation(vm) {
        Ok(ty) => match ty.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text)]),
            None => vm.raise_msg(&OS_ERROR, text),
        },
        Err(r) => r,
    }
}

/// Raises ValueError for a closed file.
#[cold]
pub fn closed_file(vm: &Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// Raises OSError.
#[cold]
pub fn os_error_text(vm: &Vm, text: impl AsRef<str>) -> Raised {
    vm.raise_msg(&OS_ERROR, text.as_ref())
}

/// Raises BlockingIOError with how much was written before.
#[cold]
pub fn would_block(vm: &Vm, text: &str, written: usize) -> Raised {
    let args = vec![Value::small(libc::EAGAIN), str::from_str(text), Value::from(written)];
    vm.raise_new(BLOCKING_IO_ERROR.get(), args)
}

/// Whether an attribute of a stream is true, where natives do not answer themselves.
pub fn truth_of(vm: &Vm, stream: &Value, name: &Value) -> R<bool> {
    let v = vm.get_attr(stream, name)?;
    vm.truth(&v)
}

/// What a method without arguments says, as a bool.
pub fn ask(vm: &Vm, stream: &Value, name: &Value) -> R<bool> {
    let v = vm.call_method_name(stream, name, &[])?;
    vm.truth(&v)
}

/// Calls `f` again as long as a signal interrupts it; signal handlers run in between, other threads meanwhile.
///
/// Raises what signal handlers raise.
#[inline]
pub fn retry<T: Send>(vm: &Vm, mut f: impl FnMut() -> taipan_host::Result<T> + Send) -> R<taipan_host::Result<T>> {
    loop {
        match vm.allow_threads(&mut f) {
            Err(e) if e.0 == EINTR => vm.poll()?,
            other => return Ok(other),
        }
    }
}

/// Runs `f` again as long as it raises the error of an interrupted call.
pub fn trap_interrupts<T>(vm: &Vm, mut f: impl FnMut() -> R<T>) -> R<T> {
    loop {
        match f() {
            Err(r) if vm.raised_is(&OS_ERROR) => {
                let e = vm.catch(r);
                if e.downcast::<OsError>().and_then(|e| e.number()) != Some(EINTR) {
                    return Err(vm.raise_as_is(e));
                }
                vm.poll()?;
            }
            other => return other,
        }
    }
}

/// An exception that was raised while another one is already on its way: it gets that one as its context.
pub fn chain(vm: &Vm, first: Option<Value>, second: R<Value>) -> R {
    match (first, second) {
        (None, r) => r,
        (Some(e), Ok(_)) => Err(vm.raise_as_is(e)),
        (Some(e), Err(r)) => {
            let new = vm.catch(r);
            if let Some(b) = new.downcast::<BaseException>() {
                exc::set_context_avoiding_cycles(b, e);
            }
            Err(vm.raise_as_is(new))
        }
    }
}

/// Splits a result into the value and the exception, which is put aside.
pub fn caught<T>(vm: &Vm, r: R<T>) -> Option<Value> {
    r.err().map(|r| vm.catch(r))
}

/// Raises an OSError whose cause is the exception that is being raised.
#[cold]
pub fn os_error_from(vm: &Vm, raised: Raised, text: &str) -> Raised {
    let cause = vm.catch(raised);
    let raised = os_error_text(vm, text);
    let e = vm.catch(raised);
    exc::set_context(&e, cause.clone());
    exc::set_cause(&e, cause);
    vm.raise_as_is(e)
}

/// The bytes object that a method has returned.
///
/// Raises the error that `wrong` makes.
pub fn expect_bytes(v: Value, wrong: impl FnOnce(&Value) -> Raised) -> R<Ref<Bytes>> {
    v.into_ref::<Bytes>().map_err(|v| wrong(&v))
}

/// Text without lone surrogates and zeros, for names of encodings and the like.
pub fn plain_text(vm: &Vm, s: &Str) -> R<String> {
    let text = s.to_utf8(vm)?.into_owned();
    if text.contains('\0') {
        return Err(vm.value_error("embedded null character"));
    }
    Ok(text)
}
