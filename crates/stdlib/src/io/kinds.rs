//! `_RawIOBase`, `_BufferedIOBase` and `_TextIOBase`: the kinds of streams.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Layout, R, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::types::{bytearray, int};
use taipan_runtime::vm::{Vm, names};

use super::base::IoBase;
use super::support::{DEFAULT_BUFFER_SIZE, Size, unsupported};

/// A buffer to write to, for an argument.
///
/// Raises TypeError for what has none.
pub fn writable_buffer(vm: &Vm, v: &Value, function: &str) -> R<Buffer> {
    let wrong = || {
        let given = v.ty().tp_name();
        vm.type_error(format!("{function}() argument must be read-write bytes-like object, not {given}"))
    };
    if v.ty().slots().buffer.is_none() {
        return Err(wrong());
    }
    match vm.buffer(v, flags::WRITABLE) {
        Ok(b) => Ok(b),
        Err(r) => {
            drop(vm.catch(r));
            Err(wrong())
        }
    }
}

/// Copies bytes to the start of a buffer that has room for them.
pub fn fill(target: &mut Buffer, data: &[u8]) {
    if let Some(to) = target.as_mut_slice().get_mut(..data.len()) {
        to.copy_from_slice(data);
    }
}

/// Stands for the class `_RawIOBase`.
#[derive(Trace)]
pub struct RawIoBase {}

/// Base class for raw binary I/O.
#[class(name = "_RawIOBase", module = "_io", base = IoBase, layout = Layout::of::<IoBase>(),
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl RawIoBase {
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, this: &Value, #[default(Size(-1))] size: Size) -> R {
        let Ok(n) = usize::try_from(size.0) else { return vm.call_method_name(this, &names().readall, &[]) };
        vm.check_room(n)?;
        let target = bytearray::from_vec(vec![0; n]);
        let r = vm.call_method_name(this, &names().readinto, &[target.value().clone()])?;
        if r.is_none() {
            return Ok(r);
        }
        let got = int::to_isize(vm, &r)?;
        let len = target.len();
        match usize::try_from(got) {
            Ok(got) if got <= len => bytes::new(vm, &target.view()[..got]),
            _ => Err(vm.value_error(format!("readinto returned {got} outside buffer size {len}"))),
        }
    }

    /// Read until EOF, using multiple read() call.
    #[method(sig = "()")]
    fn readall(vm: &Vm, this: &Value) -> R {
        let mut all = Vec::new();
        let mut any = false;
        loop {
            let data = vm.call_method_name(this, &names().read, &[Value::from(DEFAULT_BUFFER_SIZE)])?;
            if data.is_none() {
                if !any {
                    return Ok(data);
                }
                break;
            }
            let Some(data) = data.downcast::<Bytes>() else { return Err(vm.type_error("read() should return bytes")) };
            if data.is_empty() {
                break;
            }
            any = true;
            vm.check_room(all.len() + data.len())?;
            all.extend_from_slice(data.as_slice());
        }
        Ok(bytes::from_vec(all).into_value())
    }

    #[method]
    fn readinto(vm: &Vm, _this: &Value, _args: &[Value]) -> R {
        Err(vm.raise_new(taipan_runtime::types::exceptions::NOT_IMPLEMENTED_ERROR.get(), Vec::new()))
    }

    #[method]
    fn write(vm: &Vm, _this: &Value, _args: &[Value]) -> R {
        Err(vm.raise_new(taipan_runtime::types::exceptions::NOT_IMPLEMENTED_ERROR.get(), Vec::new()))
    }
}

/// Stands for the class `_BufferedIOBase`.
#[derive(Trace)]
pub struct BufferedIoBase {}

/// `readinto` by a method that returns bytes.
fn readinto_by(vm: &Vm, this: &Value, target: &Value, function: &str, method: &Value) -> R<usize> {
    let mut target = writable_buffer(vm, target, function)?;
    let data = vm.call_method_name(this, method, &[Value::from(target.len())])?;
    let Some(data) = data.downcast::<Bytes>() else { return Err(vm.type_error("read() should return bytes")) };
    let (asked, got) = (target.len(), data.len());
    match target.as_mut_slice().get_mut(..got) {
        Some(to) => {
            to.copy_from_slice(data.as_slice());
            Ok(got)
        }
        None => Err(vm.value_error(format!("read() returned too much data: {asked} bytes requested, {got} returned"))),
    }
}

/// Base class for buffered IO objects.
///
/// The main difference with RawIOBase is that the read() method supports omitting the size argument, and does not have
/// a default implementation that defers to readinto().
///
/// In addition, read(), readinto() and write() may raise BlockingIOError if the underlying raw stream is in
/// non-blocking mode and not ready; unlike their raw counterparts, they will never return None.
///
/// A typical implementation should not inherit from a RawIOBase implementation, but wrap one.
#[class(name = "_BufferedIOBase", module = "_io", base = IoBase, layout = Layout::of::<IoBase>(),
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl BufferedIoBase {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable state.
    #[method(sig = "()")]
    fn detach(vm: &Vm, _this: &Value) -> R {
        Err(unsupported(vm, "detach"))
    }

    /// Read and return up to size bytes.
    ///
    /// If the size argument is omitted, None, or negative, read and return all data until EOF. Return an empty bytes
    /// object on EOF.
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, _this: &Value, #[default(Size(-1))] _size: Size) -> R {
        Err(unsupported(vm, "read"))
    }

    /// Read and return up to size bytes, with at most one read() call to the underlying raw stream.
    ///
    /// Return an empty bytes object on EOF. A short result does not imply that EOF is imminent.
    #[method(sig = "(size=-1, /)")]
    fn read1(vm: &Vm, _this: &Value, #[default(Size(-1))] _size: Size) -> R {
        Err(unsupported(vm, "read1"))
    }

    #[method(sig = "(buffer, /)")]
    fn readinto(vm: &Vm, this: &Value, buffer: &Value) -> R<usize> {
        readinto_by(vm, this, buffer, "readinto", &names().read)
    }

    #[method(sig = "(buffer, /)")]
    fn readinto1(vm: &Vm, this: &Value, buffer: &Value) -> R<usize> {
        readinto_by(vm, this, buffer, "readinto1", &names().read1)
    }

    /// Write buffer b to the IO stream.
    ///
    /// Return the number of bytes written, which is always the length of b in bytes. Raise BlockingIOError if the
    /// buffer is full and the underlying raw stream cannot accept more data at the moment.
    #[method(sig = "(b, /)")]
    fn write(vm: &Vm, _this: &Value, _b: &Value) -> R {
        Err(unsupported(vm, "write"))
    }
}

/// Stands for the class `_TextIOBase`.
#[derive(Trace)]
pub struct TextIoBase {}

/// Base class for text I/O.
///
/// This class provides a character and line based interface to stream I/O. There is no readinto method because
/// Python's character strings are immutable.
#[class(name = "_TextIOBase", module = "_io", base = IoBase, layout = Layout::of::<IoBase>(),
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl TextIoBase {
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an unusable state.
    #[method(sig = "()")]
    fn detach(vm: &Vm, _this: &Value) -> R {
        Err(unsupported(vm, "detach"))
    }

    /// Read at most size characters from stream.
    ///
    /// Read from underlying buffer until we have size characters or we hit EOF. If size is negative or omitted, read
    /// until EOF.
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, _this: &Value, _size: Option<&Value>) -> R {
        Err(unsupported(vm, "read"))
    }

    /// Read until newline or EOF.
    ///
    /// Return an empty string if EOF is hit immediately. If size is specified, at most size characters will be read.
    #[method(sig = "(size=-1, /)")]
    fn readline(vm: &Vm, _this: &Value, _size: Option<&Value>) -> R {
        Err(unsupported(vm, "readline"))
    }

    /// Write string s to stream.
    ///
    /// Return the number of characters written (which is always equal to the length of the string).
    #[method(sig = "(s, /)")]
    fn write(vm: &Vm, _this: &Value, _s: &Value) -> R {
        Err(unsupported(vm, "write"))
    }

    /// Encoding of the text stream. Subclasses should override.
    #[getter]
    fn encoding(_vm: &Vm, _this: &Value) {}

    /// Line endings translated so far. Only line endings translated during reading are considered.
    #[getter]
    fn newlines(_vm: &Vm, _this: &Value) {}

    /// The error setting of the decoder or encoder. Subclasses should override.
    #[getter]
    fn errors(_vm: &Vm, _this: &Value) {}
}
