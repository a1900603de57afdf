//! `BytesIO`: bytes in memory as a file.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::dict::{self, Dict};
use taipan_runtime::types::memoryview::{self, Buffer, flags};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, list};
use taipan_runtime::vm::{Vm, instance_dict};

use super::base::{IoBase, Stream, allocate};
use super::kinds::{BufferedIoBase, fill, writable_buffer};
use super::support::{Size, closed_file};

/// The contents: of one's own, or shared with a bytes object.
enum Store {
    Own(Vec<u8>),
    Shared(Ref<Bytes>),
}

impl Store {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Own(v) => v,
            Self::Shared(b) => b.as_slice(),
        }
    }
}

/// The payload of `BytesIO`.
#[derive(Trace)]
#[repr(C)]
pub struct BytesIo {
    base: IoBase,
    #[no_trace]
    store: PyCell<Store>,
    pos: Cell<usize>,
    closed: Cell<bool>,
    /// Buffers in use: as long as there are any, the contents are our own and stay where they are.
    exports: Cell<usize>,
}

impl Stream for BytesIo {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

impl Default for BytesIo {
    fn default() -> Self {
        Self {
            base: IoBase::default(),
            store: PyCell::new(Store::Own(Vec::new())),
            pos: Cell::new(0),
            closed: Cell::new(false),
            exports: Cell::new(0),
        }
    }
}

impl BytesIo {
    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    #[inline]
    fn check_open(&self, vm: &Vm) -> R<()> {
        if self.closed.get() { Err(closed_file(vm)) } else { Ok(()) }
    }

    fn check_resizable(&self, vm: &Vm) -> R<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    /// Changes the contents by `f`, which must not run Python code.
    fn change<T>(&self, f: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut store = self.store.borrow_mut();
        if let Store::Shared(b) = &*store {
            let own = b.as_slice().to_vec();
            *store = Store::Own(own);
        }
        let Store::Own(v) = &mut *store else { unreachable!("made our own just now") };
        f(v)
    }

    fn replace(&self, store: Store) {
        self.store.set(store);
    }

    /// All contents as a bytes object; afterwards they are shared with it.
    fn contents(&self, vm: &Vm) -> R<Ref<Bytes>> {
        let own = match &mut *self.store.borrow_mut() {
            Store::Shared(b) => return Ok(b.clone()),
            Store::Own(v) if self.exports.get() > 0 => {
                vm.check_room(v.len())?;
                return Ok(bytes::from_slice(v));
            }
            Store::Own(v) => std::mem::take(v),
        };
        let b = bytes::from_vec(own);
        self.replace(Store::Shared(b.clone()));
        Ok(b)
    }

    fn len(&self) -> usize {
        self.store.borrow().as_slice().len()
    }

    /// Takes up to `n` bytes from the current position on.
    fn take(&self, vm: &Vm, n: usize) -> R<Ref<Bytes>> {
        let (len, pos) = (self.len(), self.pos.get());
        let n = n.min(len.saturating_sub(pos));
        if n > 1 && n == len && pos == 0 && self.exports.get() == 0 {
            self.pos.set(len);
            return self.contents(vm);
        }
        vm.check_room(n)?;
        let b = match self.store.borrow().as_slice().get(pos..pos + n) {
            Some(part) if n > 0 => bytes::from_slice(part),
            _ => bytes::from_slice(b""),
        };
        self.pos.set(pos + n);
        Ok(b)
    }

    /// Where the line that starts at the current position ends, as a number of bytes.
    fn line(&self, limit: isize) -> usize {
        let store = self.store.borrow();
        let rest = store.as_slice().get(self.pos.get()..).unwrap_or_default();
        let rest = match usize::try_from(limit) {
            Ok(n) => &rest[..n.min(rest.len())],
            Err(_) => rest,
        };
        memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
    }

    /// Writes at the current position.
    pub fn put(&self, vm: &Vm, data: &[u8]) -> R<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        let pos = self.pos.get();
        let end = pos.checked_add(data.len()).filter(|n| *n <= isize::MAX as usize);
        let Some(end) = end else { return Err(vm.overflow_error("new buffer size too large")) };
        if end > self.len() {
            self.check_resizable(vm)?;
            vm.check_room(end)?;
        }
        self.change(|v| {
            if pos == v.len() {
                v.extend_from_slice(data);
                return;
            }
            if end > v.len() {
                v.resize(end, 0);
            }
            v[pos..end].copy_from_slice(data);
        });
        self.pos.set(end);
        Ok(data.len())
    }

    /// `write(b)`
    fn write_value(&self, vm: &Vm, b: &Value) -> R<usize> {
        self.check_open(vm)?;
        self.check_resizable(vm)?;
        let data = BytesLike::new(vm, b)?;
        // Getting the buffer may have run Python code.
        self.check_open(vm)?;
        self.put(vm, &data)
    }
}

/// Ends the use of a buffer.
fn release(owner: &Value) {
    if let Some(b) = owner.downcast::<BytesIoBuffer>() {
        let exports = &b.source.exports;
        exports.set(exports.get().saturating_sub(1));
    }
}

/// The object behind the memoryview that `getbuffer` gives.
#[derive(Trace)]
pub struct BytesIoBuffer {
    source: Ref<BytesIo>,
}

#[class(name = "_BytesIOBuffer", module = "_io", flags(GC, NO_NEW))]
impl BytesIoBuffer {
    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, asked: u32) -> R<Buffer> {
        let source = &this.source;
        let (ptr, len) = source.change(|v| (v.as_mut_ptr(), v.len()));
        let b = Buffer::of_bytes(vm, this.value(), ptr, len, false, asked, Some(release))?;
        source.exports.set(source.exports.get() + 1);
        Ok(b)
    }
}

/// Buffered I/O implementation using an in-memory bytes buffer.
#[class(name = "BytesIO", module = "_io", base = BufferedIoBase, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(initial_bytes=b'')")]
impl BytesIo {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, initial_bytes: Option<&Value>) -> R<()> {
        this.check_resizable(vm)?;
        this.pos.set(0);
        match initial_bytes {
            None => this.replace(Store::Own(Vec::new())),
            Some(v) if v.is_none() => this.replace(Store::Own(Vec::new())),
            Some(v) => match v.downcast_exact::<Bytes>() {
                Some(b) => this.replace(Store::Shared(b.clone())),
                None => {
                    this.replace(Store::Own(Vec::new()));
                    this.write_value(vm, v)?;
                    this.pos.set(0);
                }
            },
        }
        Ok(())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> Value {
        this.clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.check_open(vm)?;
        match this.line(-1) {
            0 => Ok(None),
            n => this.take(vm, n).map(|b| Some(b.into_value())),
        }
    }

    /// True if the file is closed.
    #[getter]
    fn closed(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.closed.get()
    }

    /// Returns True if the IO object can be read.
    #[method(sig = "()")]
    fn readable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check_open(vm).map(|()| true)
    }

    /// Returns True if the IO object can be written.
    #[method(sig = "()")]
    fn writable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check_open(vm).map(|()| true)
    }

    /// Returns True if the IO object can be seeked.
    #[method(sig = "()")]
    fn seekable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check_open(vm).map(|()| true)
    }

    /// Does nothing.
    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.check_open(vm)
    }

    /// Get a read-write view over the contents of the BytesIO object.
    #[method(sig = "()")]
    fn getbuffer(vm: &Vm, this: &Ref<Self>) -> R {
        this.check_open(vm)?;
        let buffer = Ref::new(BytesIoBuffer { source: this.clone() });
        memoryview::from_object(vm, buffer.value(), flags::FULL_RO)
    }

    /// Retrieve the entire contents of the BytesIO object.
    #[method(sig = "()")]
    fn getvalue(vm: &Vm, this: &Ref<Self>) -> R<Ref<Bytes>> {
        this.check_open(vm)?;
        this.contents(vm)
    }

    /// Always returns False.
    ///
    /// BytesIO objects are not connected to a TTY-like device.
    #[method(sig = "()")]
    fn isatty(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.check_open(vm).map(|()| false)
    }

    /// Current file position, an integer.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        this.check_open(vm).map(|()| this.pos.get())
    }

    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative, read until EOF is reached. Return an empty bytes object at EOF.
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
        this.check_open(vm)?;
        this.take(vm, usize::try_from(size.0).unwrap_or(usize::MAX))
    }

    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative or omitted, read until EOF is reached. Return an empty bytes object at EOF.
    #[method(sig = "(size=-1, /)")]
    fn read1(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
        this.check_open(vm)?;
        this.take(vm, usize::try_from(size.0).unwrap_or(usize::MAX))
    }

    /// Next line from the file, as a bytes object.
    ///
    /// Retain newline. A non-negative size argument limits the maximum number of bytes to return (an incomplete line
    /// may be returned then). Return an empty bytes object at EOF.
    #[method(sig = "(size=-1, /)")]
    fn readline(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
        this.check_open(vm)?;
        this.take(vm, this.line(size.0))
    }

    /// List of bytes objects, each a line from the file.
    ///
    /// Call readline() repeatedly and return a list of the lines so read. The optional size argument, if given, is an
    /// approximate bound on the total number of bytes in the lines returned.
    #[method(sig = "(size=None, /)")]
    fn readlines(vm: &Vm, this: &Ref<Self>, size: &Value) -> R {
        this.check_open(vm)?;
        let most = if size.is_none() {
            0
        } else if int::get(size).is_some() {
            int::to_isize(vm, size)?
        } else {
            let given = size.ty().tp_name();
            return Err(vm.type_error(format!("integer argument expected, got '{given}'")));
        };
        let (mut lines, mut total) = (Vec::new(), 0);
        loop {
            let n = this.line(-1);
            if n == 0 {
                break;
            }
            lines.push(this.take(vm, n)?.into_value());
            total += n as isize;
            if most > 0 && total >= most {
                break;
            }
        }
        Ok(list::from_vec(lines).into_value())
    }

    /// Read bytes into buffer.
    ///
    /// Returns number of bytes read (0 for EOF), or None if the object is set not to block and has no data to read.
    #[method(sig = "(buffer, /)")]
    fn readinto(vm: &Vm, this: &Ref<Self>, buffer: &Value) -> R<usize> {
        let mut target = writable_buffer(vm, buffer, "readinto")?;
        this.check_open(vm)?;
        let pos = this.pos.get();
        let n = target.len().min(this.len().saturating_sub(pos));
        // The target may be our own memory: then the bytes go through a vector.
        let own = this.exports.get() > 0;
        let part = {
            let store = this.store.borrow();
            let part = store.as_slice().get(pos..pos + n).unwrap_or_default();
            if own {
                part.to_vec()
            } else {
                fill(&mut target, part);
                Vec::new()
            }
        };
        if own {
            fill(&mut target, &part);
        }
        this.pos.set(pos + n);
        Ok(n)
    }

    /// Truncate the file to at most size bytes.
    ///
    /// Size defaults to the current file position, as returned by tell(). The current file position is unchanged.
    /// Returns the new size.
    #[method(sig = "(size=None, /)")]
    fn truncate(vm: &Vm, this: &Ref<Self>, size: &Value) -> R<isize> {
        this.check_open(vm)?;
        this.check_resizable(vm)?;
        let size = if size.is_none() { this.pos.get() as isize } else { super::support::size(vm, size)? };
        let Ok(n) = usize::try_from(size) else { return Err(vm.value_error(format!("negative size value {size}"))) };
        if n < this.len() {
            this.change(|v| {
                v.truncate(n);
                if v.capacity() / 2 > n {
                    v.shrink_to(n);
                }
            });
        }
        Ok(size)
    }

    /// Change stream position.
    ///
    /// Seek to byte offset pos relative to position indicated by whence: 0, the start of stream (the default; pos
    /// should be >= 0), 1, the current position (pos may be negative), 2, the end of stream (pos usually negative).
    /// Returns the new absolute position.
    #[method(sig = "(pos, whence=0, /)")]
    fn seek(vm: &Vm, this: &Ref<Self>, pos: isize, whence: i32) -> R<isize> {
        this.check_open(vm)?;
        let from = match whence {
            0 if pos < 0 => return Err(vm.value_error(format!("negative seek value {pos}"))),
            0 => 0,
            1 => this.pos.get() as isize,
            2 => this.len() as isize,
            _ => return Err(vm.value_error(format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
        };
        let Some(at) = from.checked_add(pos) else { return Err(vm.overflow_error("new position too large")) };
        let at = at.max(0);
        this.pos.set(at as usize);
        Ok(at)
    }

    /// Write bytes to file.
    ///
    /// Return the number of bytes written.
    #[method(sig = "(b, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, b: &Value) -> R<usize> {
        this.write_value(vm, b)
    }

    /// Write lines to the file.
    ///
    /// Note that newlines are not added. lines can be any iterable object producing bytes-like objects. This is
    /// equivalent to calling write() for each element.
    #[method(sig = "(lines, /)")]
    fn writelines(vm: &Vm, this: &Ref<Self>, lines: &Value) -> R<()> {
        this.check_open(vm)?;
        vm.for_each(lines, |line| this.write_value(vm, &line).map(drop))
    }

    /// Disable all I/O operations.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        this.check_resizable(vm)?;
        this.closed.set(true);
        this.replace(Store::Own(Vec::new()));
        Ok(())
    }

    #[method(sig = "()")]
    fn __getstate__(vm: &Vm, this: &Ref<Self>) -> R {
        this.check_open(vm)?;
        let value = this.contents(vm)?;
        Ok(tuple::from_array([value.into_value(), Value::from(this.pos.get()), attributes(this.value())]).into_value())
    }

    #[method(sig = "(state, /)")]
    fn __setstate__(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some([value, pos, attributes]) = state.downcast::<Tuple>().map(|t| t.as_slice()) else {
            let given = state.ty().tp_name();
            let class = this.ty().tp_name();
            return Err(vm.type_error(format!("{class}.__setstate__ argument should be 3-tuple, got {given}")));
        };
        this.check_resizable(vm)?;
        this.pos.set(0);
        this.replace(Store::Own(Vec::new()));
        this.write_value(vm, value)?;
        this.pos.set(0);
        let pos = state_position(vm, pos, "second", "not ")?;
        this.pos.set(pos);
        restore_attributes(vm, this.value(), attributes, "third")
    }

    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Self>) -> usize {
        let own = match &*this.store.borrow() {
            Store::Own(v) => v.capacity(),
            Store::Shared(_) => 0,
        };
        16 + size_of::<Self>() + own
    }
}

/// A copy of the instance's attributes for a state, or None.
pub fn attributes(stream: &Value) -> Value {
    let made = stream.downcast::<IoBase>().is_some_and(|b| !b.is_plain());
    match instance_dict(stream).filter(|_| made) {
        Some(d) => d.copy().into_value(),
        None => Value::NONE,
    }
}

/// Takes attributes from a state.
///
/// Raises TypeError if they are no dict.
pub fn restore_attributes(vm: &Vm, stream: &Value, v: &Value, which: &str) -> R<()> {
    if v.is_none() {
        return Ok(());
    }
    if v.downcast::<Dict>().is_none() {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("{which} item of state should be a dict, got a {given}")));
    }
    match instance_dict(stream) {
        Some(d) => dict::update(vm, &d, v),
        None => Ok(()),
    }
}

/// A position from a state.
///
/// Raises TypeError for what is no int, ValueError for a negative one.
pub fn state_position(vm: &Vm, v: &Value, which: &str, word: &str) -> R<usize> {
    if int::get(v).is_none() {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("{which} item of state must be an integer, {word}{given}")));
    }
    let n = int::to_isize(vm, v)?;
    usize::try_from(n).map_err(|_| vm.value_error("position value cannot be negative"))
}
