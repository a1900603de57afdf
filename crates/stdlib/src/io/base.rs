//! `_IOBase`: what all streams can do, and how they end.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::ATTRIBUTE_ERROR;
use taipan_runtime::types::list;
use taipan_runtime::types::object;
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::vm::{Vm, names};

use super::support::{self, Size, ask, closed_file, os_error_text, truth_of, unsupported};

/// What the payload of every stream starts with.
#[derive(Trace, Default)]
#[repr(C)]
pub struct IoBase {
    /// `__dict__`, once somebody wants it.
    dict: PyCell<Option<Ref<Dict>>>,
    /// The one attribute that native code sets (a file's `name`, a text stream's `mode`), until there is a `__dict__`.
    own: PyCell<Option<Value>>,
    /// Whether `_IOBase.close` was called.
    closed: Cell<bool>,
    /// Whether the finalizer is running: closing then warns about an unclosed file.
    pub finalizing: Cell<bool>,
}

/// A payload that starts with [`IoBase`].
pub trait Stream: Payload {
    /// What it starts with.
    fn base(&self) -> &IoBase;
}

/// The stream as a `T`, if it is exactly that and no attribute of the instance can hide a method.
#[inline(always)]
pub fn plain<T: Stream>(v: &Value) -> Option<&Ref<T>> {
    v.downcast_exact::<T>().filter(|s| s.base().is_plain())
}

impl IoBase {
    /// Whether the instance has no attributes that could hide methods.
    #[inline(always)]
    pub fn is_plain(&self) -> bool {
        self.dict.borrow().is_none()
    }

    /// Whether an attribute of the instance hides a method of this name.
    pub fn hides(&self, name: &Value) -> bool {
        self.dict.borrow().as_ref().is_some_and(|d| d.find_name(name).is_some())
    }

    /// Whether `_IOBase.close` was called.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Marks the stream as closed.
    pub fn set_closed(&self) {
        self.closed.set(true);
    }

    /// The slot `dict` of a type whose native code sets the attribute `name`.
    pub fn dict_op(&self, op: DictOp, name: &Value) -> Option<Ref<Dict>> {
        if self.own.borrow().is_some()
            && !matches!(op, DictOp::Get)
            && let Some(v) = self.own.take()
            && let Some(d) = DictOp::Make.on(&self.dict)
        {
            d.set_name(name, v);
        }
        op.on(&self.dict)
    }

    /// The attribute that native code sets.
    pub fn own(&self, name: &Value) -> Option<Value> {
        if let Some(v) = self.own.get() {
            return Some(v);
        }
        self.dict.borrow().as_ref()?.get_name(name)
    }

    /// Sets it, or deletes it. False if it was not there.
    pub fn set_own(&self, name: &Value, value: Option<&Value>) -> bool {
        let dict = self.dict.get();
        match (dict, value) {
            (Some(d), Some(v)) => {
                d.set_name(name, v.clone());
                true
            }
            (Some(d), None) => d.remove_name(name).is_some(),
            (None, v) => {
                let old = self.own.replace(v.cloned());
                v.is_some() || old.is_some()
            }
        }
    }
}

impl Stream for IoBase {
    fn base(&self) -> &IoBase {
        self
    }
}

/// A new instance of a class whose payload starts with [`IoBase`], for slots `new` that take any arguments.
pub fn allocate<T: Stream>(vm: &Vm, cls: &TypeObject, payload: T) -> R {
    object::check_concrete(vm, cls)?;
    Ok(Ref::new_of(cls, payload).into_value())
}

/// Raises ValueError if the stream says that it is closed.
pub fn check_closed(vm: &Vm, stream: &Value) -> R<()> {
    if is_closed(vm, stream)? { Err(closed_file(vm)) } else { Ok(()) }
}

/// What the stream's `closed` says.
pub fn is_closed(vm: &Vm, stream: &Value) -> R<bool> {
    match super::quick::closed(vm, stream) {
        Some(r) => r,
        None => truth_of(vm, stream, &names().closed),
    }
}

/// Raises UnsupportedOperation unless the stream's method `name` says True.
pub fn check_ability(vm: &Vm, stream: &Value, name: &Value, text: &str) -> R<()> {
    let able = match super::quick::ability(vm, stream, name) {
        Some(r) => r?,
        None => vm.call_method_name(stream, name, &[])?.is_true(),
    };
    if able { Ok(()) } else { Err(unsupported(vm, text)) }
}

/// `_checkReadable`
pub fn check_readable(vm: &Vm, stream: &Value) -> R<()> {
    check_ability(vm, stream, &names().readable, "File or stream is not readable.")
}

/// `_checkWritable`
pub fn check_writable(vm: &Vm, stream: &Value) -> R<()> {
    check_ability(vm, stream, &names().writable, "File or stream is not writable.")
}

/// `_checkSeekable`
pub fn check_seekable(vm: &Vm, stream: &Value) -> R<()> {
    check_ability(vm, stream, &names().seekable, "File or stream is not seekable.")
}

/// `_IOBase.close`: flushes unless it is closed already.
///
/// Raises what `flush` raises; the stream is closed then all the same.
pub fn base_close(vm: &Vm, stream: &Value) -> R<()> {
    let Some(base) = stream.downcast::<IoBase>() else { return Ok(()) };
    if base.closed.get() {
        return Ok(());
    }
    let r = vm.call_method_name(stream, &names().flush, &[]);
    base.closed.set(true);
    r.map(drop)
}

/// Closes a stream that nobody refers to any more.
fn finalize(vm: &Vm, stream: &Value) {
    if super::quick::ends_quietly(stream) {
        return;
    }
    let closed = is_closed(vm, stream);
    let open = match closed {
        Ok(closed) => !closed,
        Err(r) => {
            // A stream that can't say so is in no state to be closed.
            drop(vm.catch(r));
            false
        }
    };
    if !open {
        return;
    }
    if let Some(base) = stream.downcast::<IoBase>() {
        base.finalizing.set(true);
    }
    if let Err(r) = vm.call_method_name(stream, &names().close, &[]) {
        let text = vm.preserving_raised(|| match vm.repr_string(stream) {
            Ok(shown) => format!("Exception ignored while finalizing file {shown}"),
            Err(r) => {
                drop(vm.catch(r));
                "Exception ignored while finalizing file".to_owned()
            }
        });
        vm.unraisable(r, Some(&text), &Value::NONE);
    }
}

/// Reads a line by the stream's own `peek` and `read`.
fn readline(vm: &Vm, stream: &Value, limit: isize) -> R<Vec<u8>> {
    let peek = vm.get_attr_opt(stream, &names().peek)?;
    let mut line = Vec::new();
    while limit < 0 || line.len() < limit as usize {
        let mut want = 1;
        if let Some(peek) = &peek {
            let ahead = support::expect_bytes(vm.call(peek, &[Value::small(1)])?, |v| {
                let given = v.ty().tp_name();
                os_error_text(vm, format!("peek() should have returned a bytes object, not '{given}'"))
            })?;
            let ahead = ahead.as_slice();
            if !ahead.is_empty() {
                let most = if limit < 0 { usize::MAX } else { limit as usize - line.len() };
                let seen = &ahead[..ahead.len().min(most)];
                want = memchr::memchr(b'\n', seen).map_or(seen.len(), |i| i + 1);
            }
        }
        let data = support::expect_bytes(vm.call_method_name(stream, &names().read, &[Value::from(want)])?, |v| {
            let given = v.ty().tp_name();
            os_error_text(vm, format!("read() should have returned a bytes object, not '{given}'"))
        })?;
        if data.is_empty() {
            break;
        }
        line.extend_from_slice(data.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(line)
}

/// `readlines` over any stream: all lines, or as many as reach `hint` bytes or characters.
pub fn readlines(vm: &Vm, stream: &Value, hint: isize) -> R {
    let mut lines = Vec::new();
    if hint <= 0 {
        lines = vm.collect(stream)?;
        return Ok(list::from_vec(lines).into_value());
    }
    let it = vm.iter(stream)?;
    let mut total = 0usize;
    while let Some(line) = vm.next(&it)? {
        let n = vm.len(&line)?;
        lines.push(line);
        total = total.saturating_add(n);
        if total > hint as usize {
            break;
        }
    }
    Ok(list::from_vec(lines).into_value())
}

/// The abstract base class for all I/O classes.
///
/// This class provides dummy implementations for many methods that derived classes can override selectively; the
/// default implementations represent a file that cannot be read, written or seeked.
///
/// Streams can be iterated over, which yields lines, and are context managers that close themselves.
#[class(name = "_IOBase", module = "_io", flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl IoBase {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() && object::has_object_init(cls) {
            return Err(vm.type_error(format!("{}() takes no arguments", cls.name())));
        }
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot(finalize)]
    fn finalize_slot(vm: &Vm, this: &Value) {
        finalize(vm, this);
    }

    #[slot]
    fn iter(vm: &Vm, this: &Value) -> R {
        check_closed(vm, this)?;
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Value) -> R<Option<Value>> {
        let line = vm.call_method_name(this, &names().readline, &[])?;
        Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
    }

    /// Change the stream position to the given byte offset.
    ///
    ///   offset
    ///     The stream position, relative to 'whence'.
    ///   whence
    ///     The relative position to seek from: os.SEEK_SET or 0 is the start of the stream (offset should be zero or
    ///     positive), os.SEEK_CUR or 1 the current position (offset may be negative), os.SEEK_END or 2 the end of the
    ///     stream (offset is usually negative).
    ///
    /// Return the new absolute position.
    #[method(sig = "(offset, whence=0, /)")]
    fn seek(vm: &Vm, _this: &Value, _offset: &Value, _whence: Option<&Value>) -> R {
        Err(unsupported(vm, "seek"))
    }

    /// Return current stream position.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Value) -> R {
        vm.call_method_name(this, &names().seek, &[Value::small(0), Value::small(1)])
    }

    /// Truncate file to size bytes.
    ///
    /// File pointer is left unchanged. Size defaults to the current IO position as reported by tell(). Return the new
    /// size.
    #[method(sig = "(size=None, /)")]
    fn truncate(vm: &Vm, _this: &Value, _size: &Value) -> R {
        Err(unsupported(vm, "truncate"))
    }

    /// Flush write buffers, if applicable.
    ///
    /// This is not implemented for read-only and non-blocking streams.
    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R<()> {
        if this.closed.get() { Err(closed_file(vm)) } else { Ok(()) }
    }

    /// Flush and close the IO object.
    ///
    /// This method has no effect if the file is already closed.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Value) -> R<()> {
        base_close(vm, this)
    }

    #[getter]
    fn closed(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.closed.get()
    }

    /// Return whether object supports random access.
    ///
    /// If False, seek(), tell() and truncate() will raise OSError. This method may need to do a test seek().
    #[method(sig = "()")]
    fn seekable(_vm: &Vm, _this: &Value) -> bool {
        false
    }

    /// Return whether object was opened for reading.
    ///
    /// If False, read() will raise OSError.
    #[method(sig = "()")]
    fn readable(_vm: &Vm, _this: &Value) -> bool {
        false
    }

    /// Return whether object was opened for writing.
    ///
    /// If False, write() will raise OSError.
    #[method(sig = "()")]
    fn writable(_vm: &Vm, _this: &Value) -> bool {
        false
    }

    #[method(name = "_checkClosed", sig = "()")]
    fn check_closed(vm: &Vm, this: &Value) -> R<()> {
        check_closed(vm, this)
    }

    #[method(name = "_checkSeekable", sig = "()")]
    fn check_seekable(vm: &Vm, this: &Value) -> R<bool> {
        check_seekable(vm, this).map(|()| true)
    }

    #[method(name = "_checkReadable", sig = "()")]
    fn check_readable(vm: &Vm, this: &Value) -> R<bool> {
        check_readable(vm, this).map(|()| true)
    }

    #[method(name = "_checkWritable", sig = "()")]
    fn check_writable(vm: &Vm, this: &Value) -> R<bool> {
        check_writable(vm, this).map(|()| true)
    }

    /// Return underlying file descriptor if one exists.
    ///
    /// Raise OSError if the IO object does not use a file descriptor.
    #[method(sig = "()")]
    fn fileno(vm: &Vm, _this: &Value) -> R {
        Err(unsupported(vm, "fileno"))
    }

    /// Return whether this is an 'interactive' stream.
    ///
    /// Return False if it can't be determined.
    #[method(sig = "()")]
    fn isatty(vm: &Vm, this: &Value) -> R<bool> {
        check_closed(vm, this)?;
        Ok(false)
    }

    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Value) -> R {
        check_closed(vm, this)?;
        Ok(this.clone())
    }

    #[method]
    fn __exit__(vm: &Vm, this: &Value, _args: &[Value]) -> R {
        vm.call_method_name(this, &names().close, &[])
    }

    /// Read and return a line from the stream.
    ///
    /// If size is specified, at most size bytes will be read.
    ///
    /// The line terminator is always b'\n' for binary files; for text files, the newlines argument to open can be used
    /// to select the line terminator(s) recognized.
    #[method(sig = "(size=-1, /)")]
    fn readline(vm: &Vm, this: &Value, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
        readline(vm, this, size.0).map(bytes::from_vec)
    }

    /// Return a list of lines from the stream.
    ///
    /// hint can be specified to control the number of lines read: no more lines will be read if the total size (in
    /// bytes/characters) of all lines so far exceeds hint.
    #[method(sig = "(hint=-1, /)")]
    fn readlines(vm: &Vm, this: &Value, #[default(Size(-1))] hint: Size) -> R {
        readlines(vm, this, hint.0)
    }

    /// Write a list of lines to stream.
    ///
    /// Line separators are not added, so it is usual for each of the lines provided to have a line separator at the end.
    #[method(sig = "(lines, /)")]
    fn writelines(vm: &Vm, this: &Value, lines: &Value) -> R<()> {
        check_closed(vm, this)?;
        let it = vm.iter(lines)?;
        while let Some(line) = vm.next(&it)? {
            vm.call_method_name(this, &names().write, std::slice::from_ref(&line))?;
        }
        Ok(())
    }
}

/// Raises the TypeError for pickling.
pub fn cannot_pickle(vm: &Vm, this: &Value) -> R {
    Err(vm.type_error(format!("cannot pickle '{}' instances", this.ty().name())))
}

/// The AttributeError for an attribute that the instance does not have.
pub fn missing(vm: &Vm, this: &Value, name: &Value) -> R {
    Err(vm.no_attribute(this, name))
}

/// `_dealloc_warn` of the stream below, errors ignored: it warns that `source` was not closed.
pub fn warn_below(vm: &Vm, below: &Value, source: &Value) {
    let warn = vm.get_attr_opt(below, &names()._dealloc_warn);
    let r = match warn {
        Ok(Some(f)) => vm.call(&f, std::slice::from_ref(source)),
        Ok(None) => return,
        Err(r) => Err(r),
    };
    if let Err(r) = r {
        drop(vm.catch(r));
    }
}

/// What a method says that may be missing: False then.
pub fn ask_optional(vm: &Vm, stream: &Value, name: &Value) -> R<bool> {
    let r = ask(vm, stream, name);
    Ok(vm.ignore(r, &ATTRIBUTE_ERROR)?.unwrap_or(false))
}
