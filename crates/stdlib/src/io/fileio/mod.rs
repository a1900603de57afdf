//! `FileIO`: a file of the operating system.

mod open;
mod transfer;

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::{OVERFLOW_ERROR, RESOURCE_WARNING, WARNING};
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::vm::{Vm, names};

use super::base::{self, IoBase, Stream, allocate};
use super::kinds::{RawIoBase, writable_buffer};
use super::support::{self, DEFAULT_BUFFER_SIZE, Size, offset, retry, unsupported};

/// What `stat` said when the file was opened.
#[derive(Clone, Copy)]
pub struct AtOpen {
    size: i64,
    mode: u32,
    block: i64,
}

/// The payload of `FileIO`.
#[derive(Trace)]
#[repr(C)]
pub struct FileIo {
    base: IoBase,
    /// -1 when closed.
    fd: Cell<i32>,
    created: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    appending: Cell<bool>,
    /// Whether closing the stream closes the descriptor.
    closefd: Cell<bool>,
    /// Whether the file can be seeked, once somebody has tried.
    #[no_trace]
    seekable: Cell<Option<bool>>,
    #[no_trace]
    at_open: Cell<Option<AtOpen>>,
}

impl Stream for FileIo {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

impl Default for FileIo {
    fn default() -> Self {
        Self {
            base: IoBase::default(),
            fd: Cell::new(-1),
            created: Cell::new(false),
            readable: Cell::new(false),
            writable: Cell::new(false),
            appending: Cell::new(false),
            closefd: Cell::new(true),
            seekable: Cell::new(None),
            at_open: Cell::new(None),
        }
    }
}

/// The kind of a file in its mode.
const KIND: u32 = libc::S_IFMT;

impl FileIo {
    /// The descriptor.
    ///
    /// Raises ValueError if the file is closed.
    #[inline]
    pub fn fd(&self, vm: &Vm) -> R<i32> {
        match self.fd.get() {
            fd if fd < 0 => Err(vm.value_error("I/O operation on closed file")),
            fd => Ok(fd),
        }
    }

    /// `flush()`: nothing to do.
    ///
    /// Raises ValueError if the stream is closed.
    pub fn flush(&self, vm: &Vm) -> R<()> {
        if self.base.is_closed() { Err(support::closed_file(vm)) } else { Ok(()) }
    }

    /// Whether the file is closed.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.fd.get() < 0
    }

    /// The descriptor of a file to read from.
    ///
    /// Raises ValueError if it is closed, UnsupportedOperation if it was opened for writing only.
    #[inline]
    pub fn fd_to_read(&self, vm: &Vm) -> R<i32> {
        let fd = self.fd(vm)?;
        if self.readable.get() { Ok(fd) } else { Err(unsupported(vm, "File not open for reading")) }
    }

    /// The descriptor of a file to write to.
    ///
    /// Raises ValueError if it is closed, UnsupportedOperation if it was opened for reading only.
    #[inline]
    pub fn fd_to_write(&self, vm: &Vm) -> R<i32> {
        let fd = self.fd(vm)?;
        if self.writable.get() { Ok(fd) } else { Err(unsupported(vm, "File not open for writing")) }
    }

    /// Whether it was opened for reading.
    ///
    /// Raises ValueError if it is closed.
    pub fn is_readable(&self, vm: &Vm) -> R<bool> {
        self.fd(vm).map(|_| self.readable.get())
    }

    /// Whether it was opened for writing.
    ///
    /// Raises ValueError if it is closed.
    pub fn is_writable(&self, vm: &Vm) -> R<bool> {
        self.fd(vm).map(|_| self.writable.get())
    }

    /// Whether the position can be moved.
    ///
    /// Raises ValueError if it is closed.
    pub fn is_seekable(&self, vm: &Vm) -> R<bool> {
        let fd = self.fd(vm)?;
        Ok(match self.seekable.get() {
            Some(known) => known,
            None => {
                let able = taipan_host::fd::lseek(fd, 0, libc::SEEK_CUR).is_ok();
                self.seekable.set(Some(able));
                able
            }
        })
    }

    /// Moves the position.
    ///
    /// Raises ValueError if the file is closed, OSError.
    pub fn seek_to(&self, vm: &Vm, offset: i64, whence: i32) -> R<i64> {
        let fd = self.fd(vm)?;
        let r = taipan_host::fd::lseek(fd, offset, whence);
        if self.seekable.get().is_none() {
            self.seekable.set(Some(r.is_ok()));
        }
        r.map_err(|e| vm.os_error(e.0, None))
    }

    /// The size of buffers for this file.
    pub fn buffer_size(&self) -> usize {
        let block = self.at_open.get().map_or(0, |s| s.block);
        usize::try_from(block).unwrap_or(0).min(8192 * 1024).max(DEFAULT_BUFFER_SIZE)
    }

    /// Whether it is a terminal; asks the system only if it was a device when it was opened.
    pub fn is_terminal_if_device(&self) -> bool {
        let device = self.at_open.get().is_none_or(|s| s.mode & KIND == libc::S_IFCHR);
        device && taipan_host::terminal::is_terminal(self.fd.get())
    }

    fn mode_text(&self) -> &'static str {
        match (self.created.get(), self.appending.get(), self.readable.get(), self.writable.get()) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }

    /// Closes the descriptor, if it is ours.
    fn close_descriptor(&self, vm: &Vm) -> R<()> {
        let fd = self.fd.replace(-1);
        if fd < 0 {
            return Ok(());
        }
        vm.allow_threads(|| taipan_host::fd::close(fd)).map_err(|e| vm.os_error(e.0, None))
    }
}

/// Warns about a file that is destroyed without having been closed.
pub fn warn_unclosed(vm: &Vm, file: &Value, source: &Value) {
    let warned = vm.repr_string(source).and_then(|shown| {
        vm.warn_about(&RESOURCE_WARNING, &format!("unclosed file {shown}"), 1, source)
    });
    let Err(r) = warned else { return };
    if vm.raised_is(&WARNING) {
        vm.unraisable(r, None, file);
    } else {
        drop(vm.catch(r));
    }
}

/// `close` of a file.
pub fn close(vm: &Vm, this: &Ref<FileIo>) -> R<()> {
    let first = if this.is_exact() && this.base.is_plain() {
        // There is nothing to flush.
        this.base.set_closed();
        None
    } else {
        support::caught(vm, base::base_close(vm, this.value()))
    };
    if !this.closefd.get() {
        this.fd.set(-1);
        return support::chain(vm, first, Ok(Value::NONE)).map(drop);
    }
    if this.base.finalizing.get() && this.fd.get() >= 0 {
        vm.preserving_raised(|| warn_unclosed(vm, this.value(), this.value()));
    }
    let closed = this.close_descriptor(vm).map(|()| Value::NONE);
    support::chain(vm, first, closed).map(drop)
}

/// The place of the attribute that says what was opened.
fn name_name() -> &'static Value {
    &names().name
}

/// Open a file.
///
/// The mode can be 'r' (default), 'w', 'x' or 'a' for reading, writing, exclusive creation or appending. The file will
/// be created if it doesn't exist when opened for writing or appending; it will be truncated when opened for writing.
/// A FileExistsError will be raised if it already exists when opened for creating. Opening a file for creating implies
/// writing so this mode behaves in a similar way to 'w'. Add a '+' to the mode to allow simultaneous reading and
/// writing. A custom opener can be used by passing a callable as *opener*. The underlying file descriptor for the file
/// object is then obtained by calling opener with (*name*, *flags*). *opener* must return an open file descriptor
/// (passing os.open as *opener* results in functionality similar to passing None).
#[class(name = "FileIO", module = "_io", base = RawIoBase, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(file, mode='r', closefd=True, opener=None)")]
impl FileIo {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, file: &Value, mode: Option<&str>, closefd: Option<bool>, opener: &Value) -> R<()> {
        open::init(vm, this, file, mode.unwrap_or("r"), closefd.unwrap_or(true), opener)
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        this.base.dict_op(op, name_name())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let class = this.ty().tp_name();
        if this.is_closed() {
            return Ok(format!("<{class} [closed]>"));
        }
        let (mode, closefd) = (this.mode_text(), if this.closefd.get() { "True" } else { "False" });
        let Some(name) = vm.get_attr_opt(this.value(), name_name())? else {
            return Ok(format!("<{class} fd={} mode='{mode}' closefd={closefd}>", this.fd.get()));
        };
        match vm.repr_guard(this.value(), || vm.repr_string(&name))? {
            Some(name) => Ok(format!("<{class} name={name} mode='{mode}' closefd={closefd}>")),
            None => Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__"))),
        }
    }

    /// What was opened: a path or a file descriptor.
    #[getter]
    fn name(vm: &Vm, this: &Ref<Self>) -> R {
        match this.base.own(name_name()) {
            Some(v) => Ok(v),
            None => base::missing(vm, this.value(), name_name()),
        }
    }

    #[setter]
    fn set_name(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        if this.base.set_own(name_name(), value) {
            return Ok(());
        }
        base::missing(vm, this.value(), name_name()).map(drop)
    }

    /// True if the file is closed
    #[getter]
    fn closed(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.is_closed()
    }

    /// True if the file descriptor will be closed by close().
    #[getter]
    fn closefd(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.closefd.get()
    }

    /// String giving the file mode
    #[getter]
    fn mode(_vm: &Vm, this: &Ref<Self>) -> &'static str {
        this.mode_text()
    }

    #[getter(name = "_blksize")]
    fn block_size(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.at_open.get().map(|s| s.block).filter(|n| *n > 0).unwrap_or(DEFAULT_BUFFER_SIZE as i64)
    }

    #[getter]
    fn _finalizing(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.base.finalizing.get()
    }

    #[setter]
    fn set__finalizing(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.base.finalizing.set(value.map_or(Ok(false), |v| vm.truth(v))?);
        Ok(())
    }

    /// Read at most size bytes, returned as bytes.
    ///
    /// If size is less than 0, read all bytes in the file making multiple read calls. See ``FileIO.readall``.
    ///
    /// Attempts to make only one system call, retrying only per PEP 475 (EINTR). This means less data may be returned
    /// than requested.
    ///
    /// In non-blocking mode, returns None if no data is available. Return an empty bytes object at EOF.
    #[method(sig = "(size=-1, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, #[default(Size(-1))] size: Size) -> R {
        match usize::try_from(size.0) {
            Ok(n) => transfer::read(vm, this, n),
            Err(_) => {
                this.fd_to_read(vm)?;
                vm.call_method_name(this.value(), &names().readall, &[])
            }
        }
    }

    /// Read all data from the file, returned as bytes.
    ///
    /// Reads until either there is an error or read() returns size 0 (indicates EOF). If the file is already at EOF,
    /// returns an empty bytes object.
    ///
    /// In non-blocking mode, returns as much data as could be read before EAGAIN. If no data is available (EAGAIN is
    /// returned before bytes are read) returns None.
    #[method(sig = "()")]
    fn readall(vm: &Vm, this: &Ref<Self>) -> R {
        transfer::readall(vm, this)
    }

    /// Same as RawIOBase.readinto().
    #[method(sig = "(buffer, /)")]
    fn readinto(vm: &Vm, this: &Ref<Self>, buffer: &Value) -> R<Option<usize>> {
        this.fd_to_read(vm)?;
        let mut target = writable_buffer(vm, buffer, "readinto")?;
        transfer::read_into(vm, this, target.as_mut_slice())
    }

    /// Write buffer b to file, return number of bytes written.
    ///
    /// Only makes one system call, so not all of the data may be written. The number of bytes actually written is
    /// returned. In non-blocking mode, returns None if the write would block.
    #[method(sig = "(b, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, b: &Value) -> R<Option<usize>> {
        this.fd_to_write(vm)?;
        let data = BytesLike::new(vm, b)?;
        let n = transfer::write(vm, this, &data)?;
        // A signal may have cut the write short: its handler runs before anybody writes the rest.
        vm.poll()?;
        Ok(n)
    }

    /// Move to new file position and return the file position.
    ///
    /// Argument offset is a byte count. Optional argument whence defaults to SEEK_SET or 0 (offset from start of file,
    /// offset should be >= 0); other values are SEEK_CUR or 1 (move relative to current position, positive or
    /// negative), and SEEK_END or 2 (move relative to end of file, usually negative, although many platforms allow
    /// seeking beyond the end of a file).
    ///
    /// Note that not all file objects are seekable.
    #[method(sig = "(pos, whence=0, /)")]
    fn seek(vm: &Vm, this: &Ref<Self>, pos: &Value, whence: i32) -> R<i64> {
        this.fd(vm)?;
        let pos = offset(vm, pos, &OVERFLOW_ERROR)?;
        this.seek_to(vm, pos, whence)
    }

    /// Current file position.
    ///
    /// Can raise OSError for non seekable files.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        this.seek_to(vm, 0, libc::SEEK_CUR)
    }

    /// Truncate the file to at most size bytes and return the truncated size.
    ///
    /// Size defaults to the current file position, as returned by tell(). The current file position is changed to the
    /// value of size.
    #[method(sig = "(size=None, /)")]
    fn truncate(vm: &Vm, this: &Ref<Self>, size: &Value) -> R {
        this.fd_to_write(vm)?;
        let size = if size.is_none() { Value::from(this.seek_to(vm, 0, libc::SEEK_CUR)?) } else { size.clone() };
        let n = offset(vm, &size, &OVERFLOW_ERROR)?;
        let fd = this.fd(vm)?;
        this.at_open.set(None);
        // A negative length is the system's to refuse.
        match u64::try_from(n) {
            Ok(n) => retry(vm, || taipan_host::fd::truncate(fd, n))?.map_err(|e| vm.os_error(e.0, None))?,
            Err(_) => return Err(vm.os_error(libc::EINVAL, None)),
        }
        Ok(size)
    }

    /// Close the file.
    ///
    /// A closed file cannot be used for further I/O operations. close() may be called more than once without error.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        close(vm, this)
    }

    /// True if file supports random-access.
    #[method(sig = "()")]
    fn seekable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.is_seekable(vm)
    }

    /// True if file was opened in a read mode.
    #[method(sig = "()")]
    fn readable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.is_readable(vm)
    }

    /// True if file was opened in a write mode.
    #[method(sig = "()")]
    fn writable(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.is_writable(vm)
    }

    /// Return the underlying file descriptor (an integer).
    #[method(sig = "()")]
    fn fileno(vm: &Vm, this: &Ref<Self>) -> R<i32> {
        this.fd(vm)
    }

    /// True if the file is connected to a TTY device.
    #[method(sig = "()")]
    fn isatty(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.fd(vm).map(taipan_host::terminal::is_terminal)
    }

    #[method(sig = "()")]
    fn _isatty_open_only(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.is_terminal_if_device()
    }

    #[method(sig = "(source, /)")]
    fn _dealloc_warn(vm: &Vm, this: &Ref<Self>, source: &Value) {
        if this.fd.get() >= 0 && this.closefd.get() {
            vm.preserving_raised(|| warn_unclosed(vm, this.value(), source));
        }
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Value) -> R {
        base::cannot_pickle(vm, this)
    }

    #[method(sig = "(protocol, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Value, _protocol: &Value) -> R {
        base::cannot_pickle(vm, this)
    }
}

pub use self::open::open_exact;
pub use self::transfer::{read_into, readall, write};

/// Raises OSError for a number, with the name of the file.
#[cold]
fn failed(vm: &Vm, errno: i32, name: &Value) -> Raised {
    vm.os_error(errno, Some(name))
}
