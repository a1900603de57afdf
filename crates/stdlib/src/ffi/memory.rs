//! Memory that belongs to nobody here.

use std::borrow::Cow;

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::memoryview::{self, Buffer, Dims, View, flags};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Vm;

/// The payload of Memory: where it is, and how many bytes.
#[derive(Trace)]
pub struct Memory {
    address: usize,
    len: usize,
}

/// Foreign memory as a writable buffer.
#[class(name = "Memory", module = "_taipan_ffi")]
impl Memory {
    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, asked: u32) -> R<Buffer> {
        Buffer::of_bytes(vm, this.value(), std::ptr::with_exposed_provenance_mut(this.address), this.len, false, asked, None)
    }
}

/// Foreign memory as an object with a writable buffer.
#[function(sig = "(address, size, /)")]
pub fn memory(vm: &Vm, address: usize, size: usize) -> R {
    if address == 0 && size > 0 {
        return Err(vm.value_error("NULL pointer access"));
    }
    if size > isize::MAX as usize {
        return Err(vm.value_error("memory of that size is there nowhere"));
    }
    Ok(Ref::new(Memory { address, len: size }).into_value())
}

/// Where the bytes of a buffer are.
#[function(sig = "(buffer, /)")]
pub fn address(vm: &Vm, buffer: &Value) -> R<usize> {
    let b = vm.buffer(buffer, flags::SIMPLE)?;
    Ok(b.view().ptr.expose_provenance())
}

/// A memoryview of the same bytes with a format and a shape.
#[function(sig = "(buffer, format, shape, itemsize, /)")]
pub fn formatted(vm: &Vm, buffer: &Value, format: String, shape: &Ref<Tuple>, itemsize: usize) -> R {
    let b = vm.buffer(buffer, flags::WRITABLE)?;
    let (ptr, len) = (b.view().ptr, b.view().len);
    let mut dims = Vec::new();
    for d in shape.as_slice() {
        dims.push(d.as_small().and_then(|n| isize::try_from(n).ok()).filter(|n| *n >= 0).unwrap_or(0));
    }
    let items = dims.iter().try_fold(itemsize, |n, d| n.checked_mul(*d as usize));
    if items != Some(len) && !(dims.is_empty() && itemsize <= len) {
        return Err(vm.value_error("the shape does not fit the memory"));
    }
    let shape = Dims::from(dims);
    let strides = memoryview::c_strides(&shape, itemsize);
    let len = items.unwrap_or(len);
    let view = View { ptr, len, readonly: false, format: Cow::Owned(format), itemsize, shape, strides };
    // The memoryview that is given keeps `buffer` in use: it holds it as its owner.
    let owner = memoryview::from_buffer(b);
    Ok(memoryview::from_buffer(Buffer::of_view(owner, view, None)))
}

/// The bytes before the first zero byte at an address.
#[function(sig = "(address, /)")]
pub fn strlen(vm: &Vm, address: usize) -> R<usize> {
    if address == 0 {
        return Err(vm.value_error("NULL pointer access"));
    }
    // SAFETY: see the module.
    Ok(unsafe { libc::strlen(std::ptr::with_exposed_provenance(address)) })
}

/// The characters of four bytes before the first zero at an address.
#[function(sig = "(address, /)")]
pub fn wcslen(vm: &Vm, address: usize) -> R<usize> {
    if address == 0 {
        return Err(vm.value_error("NULL pointer access"));
    }
    let text: *const u32 = std::ptr::with_exposed_provenance(address);
    let mut n = 0;
    // SAFETY: see the module.
    while unsafe { text.add(n).read_unaligned() } != 0 {
        n += 1;
    }
    Ok(n)
}
