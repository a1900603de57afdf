//! Reading and writing several buffers, and copying between descriptors.

use std::io::{IoSlice, IoSliceMut};

use taipan_host::fd as host;
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::int;
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::vm::Vm;

use super::files::retry;

/// The buffers of a sequence.
fn buffers(vm: &Vm, v: &Value, asked: u32, name: &str) -> R<Vec<Buffer>> {
    if v.ty().slots().len.is_none() || v.ty().slots().getitem.is_none() {
        return Err(vm.type_error(format!("{name}() arg 2 must be a sequence")));
    }
    vm.collect(v)?.iter().map(|b| vm.buffer(b, asked)).collect()
}

fn read_into(vm: &Vm, v: &Value, name: &str, call: impl Fn(&mut [IoSliceMut<'_>]) -> taipan_host::Result<usize> + Sync) -> R<usize> {
    let mut list = buffers(vm, v, flags::WRITABLE, name)?;
    let mut parts: Vec<IoSliceMut<'_>> = list.iter_mut().map(|b| IoSliceMut::new(b.as_mut_slice())).collect();
    retry(vm, || call(&mut parts))
}

fn write_from(vm: &Vm, v: &Value, name: &str, call: impl Fn(&[IoSlice<'_>]) -> taipan_host::Result<usize> + Sync) -> R<usize> {
    let list = buffers(vm, v, flags::SIMPLE, name)?;
    let parts: Vec<IoSlice<'_>> = list.iter().map(|b| IoSlice::new(b.as_slice())).collect();
    retry(vm, || call(&parts))
}

/// Read from a file descriptor fd into an iterable of buffers.
#[function(sig = "(fd, buffers, /)")]
pub fn readv(vm: &Vm, fd: i32, buffers: &Value) -> R<usize> {
    read_into(vm, buffers, "readv", |parts| host::readv(fd, parts))
}

/// Iterate over buffers, and write the contents of each to a file descriptor.
#[function(sig = "(fd, buffers, /)")]
pub fn writev(vm: &Vm, fd: i32, buffers: &Value) -> R<usize> {
    write_from(vm, buffers, "writev", |parts| host::writev(fd, parts))
}

/// Reads from a file descriptor into a number of mutable bytes-like objects, at a given position.
#[function(sig = "(fd, buffers, offset, flags=0, /)")]
pub fn preadv(vm: &Vm, fd: i32, buffers: &Value, offset: i64, flags: i32) -> R<usize> {
    read_into(vm, buffers, "preadv", |parts| match (flags, u64::try_from(offset)) {
        (0, Ok(offset)) => host::preadv(fd, parts, offset),
        _ => host::preadv_flags(fd, parts, offset, flags),
    })
}

/// Writes the contents of bytes-like objects to a file descriptor at a given offset.
#[function(sig = "(fd, buffers, offset, flags=0, /)")]
pub fn pwritev(vm: &Vm, fd: i32, buffers: &Value, offset: i64, flags: i32) -> R<usize> {
    write_from(vm, buffers, "pwritev", |parts| match (flags, u64::try_from(offset)) {
        (0, Ok(offset)) => host::pwritev(fd, parts, offset),
        _ => host::pwritev_flags(fd, parts, offset, flags),
    })
}

fn offset(vm: &Vm, v: Nullable<&Value>) -> R<Option<u64>> {
    match v.0 {
        Some(v) => Ok(Some(int::to_i64(vm, v)? as u64)),
        None => Ok(None),
    }
}

/// Copy count bytes from file descriptor in_fd to file descriptor out_fd.
#[function(sig = "(out_fd, in_fd, offset, count)")]
pub fn sendfile(vm: &Vm, out_fd: i32, in_fd: i32, offset: Nullable<&Value>, count: isize) -> R<usize> {
    let at = self::offset(vm, offset)?;
    let Ok(count) = usize::try_from(count) else { return Err(vm.os_error(libc::EINVAL, None)) };
    retry(vm, || host::send_file(out_fd, in_fd, at, count))
}

/// Copy count bytes from one file descriptor to another.
#[function(sig = "(src, dst, count, offset_src=None, offset_dst=None)")]
pub fn copy_file_range(
    vm: &Vm,
    src: i32,
    dst: i32,
    count: isize,
    offset_src: Nullable<&Value>,
    offset_dst: Nullable<&Value>,
) -> R<usize> {
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.value_error("negative value for 'count' not allowed"));
    };
    let (a, b) = (offset(vm, offset_src)?, offset(vm, offset_dst)?);
    retry(vm, || host::copy_range(src, a, dst, b, count))
}

/// Transfer count bytes from one pipe to a descriptor or vice versa.
#[function(sig = "(src, dst, count, offset_src=None, offset_dst=None, flags=0)")]
pub fn splice(
    vm: &Vm,
    src: i32,
    dst: i32,
    count: isize,
    offset_src: Nullable<&Value>,
    offset_dst: Nullable<&Value>,
    flags: u32,
) -> R<usize> {
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.value_error("negative value for 'count' not allowed"));
    };
    let (a, b) = (offset(vm, offset_src)?, offset(vm, offset_dst)?);
    retry(vm, || host::splice(src, a, dst, b, count, flags))
}
