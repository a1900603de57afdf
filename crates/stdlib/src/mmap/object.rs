//! The class `mmap`.

use std::cell::Cell;

use taipan_host::memory::Map;
use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::{At, FromArg, Nullable};
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::int;
use taipan_runtime::types::memoryview::Buffer;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::{COPY, DEFAULT, READ, WRITE, parts};
use crate::util::audit;

/// The payload of mmap.
#[derive(Trace)]
pub struct Mmap {
    /// None when closed.
    #[no_trace]
    pub(super) map: PyCell<Option<Map>>,
    /// Where `read` and `write` go on.
    pub(super) position: Cell<usize>,
    /// Buffers in use, during which the memory must stay.
    exports: Cell<usize>,
    /// A descriptor of our own, -1 for none.
    fd: Cell<i32>,
    /// Whether the descriptor was kept, so that the file can be asked and resized.
    tracked: bool,
    offset: i64,
    access: i32,
}

impl Drop for Mmap {
    fn drop(&mut self) {
        let fd = self.fd.get();
        if fd >= 0 {
            // Nobody is there to hear of an error.
            let _ = taipan_host::fd::close(fd);
        }
    }
}

#[cold]
fn failed(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}

#[cold]
fn closed(vm: &Vm) -> Raised {
    vm.value_error("mmap closed or invalid")
}

impl Mmap {
    /// The number of bytes.
    ///
    /// Raises ValueError if it is closed.
    pub(super) fn size(&self, vm: &Vm) -> R<usize> {
        match &*self.map.borrow() {
            Some(m) => Ok(m.len()),
            None => Err(closed(vm)),
        }
    }

    /// The bytes, for a function that runs no Python code.
    ///
    /// Raises ValueError if it is closed.
    pub(super) fn with<T>(&self, vm: &Vm, f: impl FnOnce(&[u8]) -> T) -> R<T> {
        let map = self.map.borrow();
        let Some(m) = &*map else { return Err(closed(vm)) };
        // SAFETY: the mapping lives as long as the borrow. Other processes may change it meanwhile, as any memory that
        // is lent out as a buffer.
        let bytes = unsafe { std::slice::from_raw_parts(m.address().as_ptr(), m.len()) };
        Ok(f(bytes))
    }

    /// Raises TypeError if it must not be written to.
    pub(super) fn check_writable(&self, vm: &Vm) -> R<()> {
        if self.access == READ {
            return Err(vm.type_error("mmap can't modify a readonly memory map."));
        }
        Ok(())
    }

    /// Writes bytes at a place.
    ///
    /// Raises ValueError if it is closed, OSError.
    pub(super) fn put(&self, vm: &Vm, at: usize, data: &[u8]) -> R<()> {
        match &mut *self.map.borrow_mut() {
            Some(m) => m.write(at, data).map_err(|e| failed(vm, e)),
            None => Err(closed(vm)),
        }
    }

    fn check_resizable(&self, vm: &Vm) -> R<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
        }
        if !self.tracked {
            return Err(vm.value_error("mmap can't resize with trackfd=False."));
        }
        if self.access != WRITE && self.access != DEFAULT {
            return Err(vm.type_error("mmap can't resize a readonly or copy-on-write memory map."));
        }
        Ok(())
    }

    /// What is left behind the position.
    fn rest(&self, size: usize) -> usize {
        size.saturating_sub(self.position.get())
    }

    fn release(&self) -> taipan_host::Result<()> {
        let map = self.map.take();
        drop(map);
        match self.fd.replace(-1) {
            fd if fd >= 0 => taipan_host::fd::close(fd),
            _ => Ok(()),
        }
    }
}

/// A place or a length, `name` for messages.
struct Limits {
    size: usize,
}

impl Limits {
    /// A place as `find` takes it: from the end if it is negative, within the memory.
    fn clamp(&self, n: isize) -> usize {
        let size = self.size as isize;
        let n = if n < 0 { n.saturating_add(size).max(0) } else { n };
        n.min(size) as usize
    }
}

/// A length that may be None.
struct Length(Option<isize>);

impl<'a> FromArg<'a> for Length {
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        if v.is_none() {
            return Ok(Self(None));
        }
        if v.ty().slots().index.is_none() {
            let given = v.ty().tp_name();
            return Err(vm.type_error(format!("argument should be integer or None, not '{given}'")));
        }
        int::to_isize(vm, v).map(|n| Self(Some(n)))
    }
}

/// How the memory may be used, from all that says so: protection, flags, access.
fn mode(vm: &Vm, flags: i32, prot: i32, access: i32) -> R<(i32, i32, i32)> {
    let both = libc::PROT_READ | libc::PROT_WRITE;
    if access != DEFAULT && (flags != libc::MAP_SHARED || prot != both) {
        return Err(vm.value_error("mmap can't specify both access and flags, prot."));
    }
    Ok(match access {
        READ => (libc::PROT_READ, libc::MAP_SHARED, READ),
        WRITE => (both, libc::MAP_SHARED, WRITE),
        COPY => (both, libc::MAP_PRIVATE, COPY),
        DEFAULT if prot & both == both => (prot, flags, DEFAULT),
        DEFAULT if prot & libc::PROT_WRITE != 0 => (prot, flags, WRITE),
        DEFAULT => (prot, flags, READ),
        _ => return Err(vm.value_error("mmap invalid access parameter.")),
    })
}

/// How much of a file to map.
fn file_size(vm: &Vm, fd: i32, length: usize, offset: i64) -> R<usize> {
    const KIND: u32 = libc::S_IFMT;
    let Ok(stat) = taipan_host::fs::stat_descriptor(fd) else { return Ok(length) };
    if stat.mode & KIND != libc::S_IFREG {
        return Ok(length);
    }
    let (size, offset) = (stat.size as i64, offset);
    if length == 0 {
        if size == 0 {
            return Err(vm.value_error("cannot mmap an empty file"));
        }
        if offset >= size {
            return Err(vm.value_error("mmap offset is greater than file size"));
        }
        return Ok((size - offset) as usize);
    }
    if offset > size || ((size - offset) as usize) < length {
        return Err(vm.value_error("mmap length is greater than file size"));
    }
    Ok(length)
}

/// mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])
///
/// Maps length bytes from the file specified by the file descriptor fileno, and returns a mmap object. If length is
/// larger than the current size of the file, an exception is raised. If length is 0, the maximum length of the map will
/// be the current size of the file when mmap is called.
///
/// flags specifies the nature of the mapping. MAP_PRIVATE creates a private copy-on-write mapping, so changes to the
/// contents of the mmap object will be private to this process, and MAP_SHARED creates a mapping that's shared with all
/// other processes mapping the same areas of the file. The default value is MAP_SHARED.
///
/// To map anonymous memory, pass -1 as the fileno (both on Windows and Unix).
#[class(name = "mmap", module = "mmap", flags(BASETYPE, HAS_WEAKREF),
    sig = "(fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True)")]
impl Mmap {
    #[slot]
    fn new(
        vm: &Vm,
        cls: &TypeObject,
        fileno: i32,
        length: isize,
        flags: i32,
        prot: i32,
        access: i32,
        offset: i64,
        trackfd: bool,
    ) -> R {
        let Ok(length) = usize::try_from(length) else {
            return Err(vm.overflow_error("memory mapped length must be positive"));
        };
        if offset < 0 {
            return Err(vm.overflow_error("memory mapped offset must be positive"));
        }
        let (prot, flags, access) = mode(vm, flags, prot, access)?;
        let told = [Value::from(fileno), Value::from(length), Value::from(access), Value::from(offset)];
        audit(vm, "mmap.__new__", &told)?;
        let length = if fileno == -1 { length } else { file_size(vm, fileno, length, offset)? };
        let fd = if fileno != -1 && trackfd {
            taipan_host::fd::dup(fileno).map_err(|e| failed(vm, e))?
        } else {
            -1
        };
        let this = Self {
            map: PyCell::new(None),
            position: Cell::new(0),
            exports: Cell::new(0),
            fd: Cell::new(fd),
            tracked: trackfd,
            offset,
            access,
        };
        // A descriptor that is none must not become anonymous memory.
        if fileno < -1 {
            return Err(vm.os_error(libc::EBADF, None));
        }
        let map = vm.allow_threads(|| Map::new(fileno, offset, length, prot, flags)).map_err(|e| failed(vm, e))?;
        this.map.set(Some(map));
        Ok(Ref::new_of(cls, this).into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let class = this.ty().tp_name();
        let Some(len) = this.map.borrow().as_ref().map(Map::len) else {
            return format!("<{class} closed=True>");
        };
        let access = match this.access {
            READ => "ACCESS_READ",
            WRITE => "ACCESS_WRITE",
            COPY => "ACCESS_COPY",
            _ => "ACCESS_DEFAULT",
        };
        let (position, offset) = (this.position.get(), this.offset);
        format!("<{class} closed=False, access={access}, length={len}, pos={position}, offset={offset}>")
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        this.size(vm)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        parts::get(vm, this, key)
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<Self>, index: isize) -> R {
        parts::item(vm, this, index)
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        parts::set(vm, this, key, value)
    }

    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, flags: u32) -> R<Buffer> {
        let (ptr, len) = match &*this.map.borrow() {
            Some(m) => (m.address().as_ptr(), m.len()),
            None => return Err(closed(vm)),
        };
        let b = Buffer::of_bytes(vm, this.value(), ptr, len, this.access == READ, flags, Some(end_of_export))?;
        this.exports.set(this.exports.get() + 1);
        Ok(b)
    }

    #[getter]
    fn closed(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.map.borrow().is_none()
    }

    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R<()> {
        if this.exports.get() > 0 {
            return Err(vm.buffer_error("cannot close exported pointers exist"));
        }
        // What the descriptor says is of no interest: the memory is given back.
        let _ = this.release();
        Ok(())
    }

    /// The place where a part begins, -1 if there is none.
    #[method(sig = "(view, start=None, end=None, /)")]
    fn find(vm: &Vm, this: &Ref<Self>, view: BytesLike<'_>, start: Nullable<isize>, end: Nullable<isize>) -> R<isize> {
        search(vm, this, &view, start.0, end.0, false)
    }

    /// The last place where a part begins, -1 if there is none.
    #[method(sig = "(view, start=None, end=None, /)")]
    fn rfind(vm: &Vm, this: &Ref<Self>, view: BytesLike<'_>, start: Nullable<isize>, end: Nullable<isize>) -> R<isize> {
        search(vm, this, &view, start.0, end.0, true)
    }

    /// Writes changes back to the file.
    #[method]
    fn flush(vm: &Vm, this: &Ref<Self>, offset: Option<isize>, size: Option<isize>) -> R<()> {
        let len = this.size(vm)?;
        let offset = offset.unwrap_or(0);
        let size = size.unwrap_or(len as isize);
        let (Ok(at), Ok(size)) = (usize::try_from(offset), usize::try_from(size)) else {
            return Err(vm.value_error("flush values out of range"));
        };
        if len < at || len - at < size {
            return Err(vm.value_error("flush values out of range"));
        }
        if this.access == READ || this.access == COPY {
            return Ok(());
        }
        match &*this.map.borrow() {
            Some(m) => m.flush(at, size, libc::MS_SYNC).map_err(|e| failed(vm, e)),
            None => Err(closed(vm)),
        }
    }

    /// Tells the system how a part of the memory will be used.
    #[method]
    fn madvise(vm: &Vm, this: &Ref<Self>, option: i32, start: Option<isize>, length: Option<isize>) -> R<()> {
        let size = this.size(vm)?;
        let start = start.unwrap_or(0);
        let Some(start) = usize::try_from(start).ok().filter(|&n| n < size) else {
            return Err(vm.value_error("madvise start out of bounds"));
        };
        let length = match length {
            None => size,
            Some(n) => usize::try_from(n).map_err(|_| vm.value_error("madvise length invalid"))?,
        };
        if isize::MAX as usize - start < length {
            return Err(vm.overflow_error("madvise length too large"));
        }
        let length = length.min(size - start);
        match &*this.map.borrow() {
            Some(m) => m.advise(start, length, option).map_err(|e| failed(vm, e)),
            None => Err(closed(vm)),
        }
    }

    /// Copies bytes within the memory.
    #[method(name = "move")]
    fn move_(vm: &Vm, this: &Ref<Self>, dest: isize, src: isize, count: isize) -> R<()> {
        let size = this.size(vm)?;
        this.check_writable(vm)?;
        let wrong = || vm.value_error("source, destination, or count out of range");
        let number = |n: isize| usize::try_from(n).map_err(|_| wrong());
        let (dest, src, count) = (number(dest)?, number(src)?, number(count)?);
        if size < dest || size < src || size - dest < count || size - src < count {
            return Err(wrong());
        }
        match &mut *this.map.borrow_mut() {
            Some(m) => m.move_within(dest, src, count).map_err(|e| failed(vm, e)),
            None => Err(closed(vm)),
        }
    }

    /// Bytes from the position on, all that are left by default.
    #[method(sig = "(n=None, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, #[default(Length(None))] n: Length) -> R {
        let rest = this.rest(this.size(vm)?);
        let n = n.0.and_then(|n| usize::try_from(n).ok()).map_or(rest, |n| n.min(rest));
        parts::take(vm, this, n)
    }

    /// The byte at the position, as an int.
    #[method(sig = "()")]
    fn read_byte(vm: &Vm, this: &Ref<Self>) -> R<u8> {
        let at = this.position.get();
        match this.with(vm, |b| b.get(at).copied())? {
            Some(b) => {
                this.position.set(at + 1);
                Ok(b)
            }
            None => Err(vm.value_error("read byte out of range")),
        }
    }

    /// A line from the position on, its end included.
    #[method(sig = "()")]
    fn readline(vm: &Vm, this: &Ref<Self>) -> R {
        let at = this.position.get();
        let n = this.with(vm, |b| {
            let rest = b.get(at..).unwrap_or_default();
            memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1)
        })?;
        parts::take(vm, this, n)
    }

    /// Makes the memory, and the file, longer or shorter.
    #[method]
    fn resize(vm: &Vm, this: &Ref<Self>, newsize: isize) -> R<()> {
        this.size(vm)?;
        this.check_resizable(vm)?;
        let wrong = || vm.value_error("new size out of range");
        let size = usize::try_from(newsize).map_err(|_| wrong())?;
        let end = this.offset.checked_add(size as i64).ok_or_else(wrong)?;
        let fd = this.fd.get();
        if fd >= 0 {
            taipan_host::fd::truncate(fd, end as u64).map_err(|e| failed(vm, e))?;
        }
        match &mut *this.map.borrow_mut() {
            Some(m) => m.resize(size).map_err(|e| failed(vm, e)),
            None => Err(closed(vm)),
        }
    }

    /// Sets the position; returns the new one.
    #[method]
    fn seek(vm: &Vm, this: &Ref<Self>, dist: isize, how: Option<i32>) -> R<usize> {
        let size = this.size(vm)?;
        let base = match how.unwrap_or(0) {
            0 => 0,
            1 => this.position.get(),
            2 => size,
            _ => return Err(vm.value_error("unknown seek type")),
        };
        match usize::try_from((base as isize).saturating_add(dist)).ok().filter(|&at| at <= size) {
            Some(at) => {
                this.position.set(at);
                Ok(at)
            }
            None => Err(vm.value_error("seek out of range")),
        }
    }

    /// Whether the position can be set: always.
    #[method(sig = "()")]
    fn seekable(_vm: &Vm, _this: &Ref<Self>) -> bool {
        true
    }

    /// The length of the file, which may be larger than the memory.
    #[method(name = "size", sig = "()")]
    fn file_length(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        this.size(vm)?;
        taipan_host::fs::stat_descriptor(this.fd.get()).map(|s| s.size as i64).map_err(|e| failed(vm, e))
    }

    /// The position.
    #[method(sig = "()")]
    fn tell(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        this.size(vm)?;
        Ok(this.position.get())
    }

    /// Writes bytes at the position; returns how many.
    #[method]
    fn write(vm: &Vm, this: &Ref<Self>, bytes: BytesLike<'_>) -> R<usize> {
        let size = this.size(vm)?;
        this.check_writable(vm)?;
        let at = this.position.get();
        if at > size || size - at < bytes.len() {
            return Err(vm.value_error("data out of range"));
        }
        this.put(vm, at, &bytes)?;
        this.position.set(at + bytes.len());
        Ok(bytes.len())
    }

    /// Writes a byte at the position.
    #[method]
    fn write_byte(vm: &Vm, this: &Ref<Self>, byte: u8) -> R<()> {
        let size = this.size(vm)?;
        this.check_writable(vm)?;
        let at = this.position.get();
        if at >= size {
            return Err(vm.value_error("write byte out of range"));
        }
        this.put(vm, at, &[byte])?;
        this.position.set(at + 1);
        Ok(())
    }

    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<Self>) -> R {
        this.size(vm)?;
        Ok(this.value().clone())
    }

    #[method(sig = "(exc_type, exc_value, traceback, /)")]
    fn __exit__(vm: &Vm, this: &Ref<Self>, _exc_type: &Value, _exc_value: &Value, _traceback: &Value) -> R {
        vm.call_method(this.value(), "close", &[])
    }
}

/// Ends the use of a buffer.
fn end_of_export(owner: &Value) {
    if let Some(this) = owner.downcast::<Mmap>() {
        this.exports.set(this.exports.get().saturating_sub(1));
    }
}

fn search(
    vm: &Vm,
    this: &Ref<Mmap>,
    sub: &[u8],
    start: Option<isize>,
    end: Option<isize>,
    last: bool,
) -> R<isize> {
    let limits = Limits { size: this.size(vm)? };
    let start = start.map_or(this.position.get().min(limits.size), |n| limits.clamp(n));
    let end = end.map_or(limits.size, |n| limits.clamp(n));
    if end < start {
        return Ok(-1);
    }
    let found = this.with(vm, |b| {
        let part = b.get(start..end).unwrap_or_default();
        if last { taipan_text::search::rfind(part, sub) } else { taipan_text::search::find(part, sub) }
    })?;
    Ok(found.map_or(-1, |i| (start + i) as isize))
}
