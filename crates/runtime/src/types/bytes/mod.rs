//! bytes: an immutable run of bytes; and the one way to accept bytes-like objects.

pub(crate) mod class;
pub(crate) mod common;
pub(crate) mod construct;
pub mod iter;
mod like;
mod methods;
pub(crate) mod printf;

use std::cell::Cell;

pub use self::common::hex_separator;
pub use self::like::{BytesLike, buffer_bytes, is_bytes_like, with_bytes_like};
use crate::core::{R, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Bytes::DEF, iter::BytesIter::DEF];

/// Data up to this size lies in the object's own block.
const INLINE_MAX: usize = 400;

/// The payload of bytes.
///
/// Invariants: `data` points to `len` bytes that never change; they lie right behind the payload, or else are a
/// `Box<[u8]>` of its own.
pub struct Bytes {
    /// 0 until it is asked for.
    hash: Cell<i64>,
    len: usize,
    data: Cell<*const u8>,
}

impl Trace for Bytes {
    const LEAF: bool = true;

    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

impl Drop for Bytes {
    fn drop(&mut self) {
        let behind = std::ptr::from_ref(self).wrapping_add(1).cast::<u8>();
        if !std::ptr::eq(self.data.get(), behind) {
            // SAFETY: the invariant; dropped once. (A payload that is not in an object yet owns a box.)
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data.get().cast_mut(), self.len)) });
        }
    }
}

impl Bytes {
    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the invariant.
        unsafe { std::slice::from_raw_parts(self.data.get(), self.len) }
    }

    /// What `sys.getsizeof(b"")` says.
    pub const BASIC_SIZE: usize = 33;

    /// The address of the bytes, if they are not in the object's own block.
    pub fn outside(&self) -> Option<usize> {
        let behind = std::ptr::from_ref(self).wrapping_add(1).cast::<u8>();
        (!std::ptr::eq(self.data.get(), behind)).then(|| self.data.get().addr())
    }

    /// The number of bytes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hash, cached.
    pub fn hash(&self) -> i64 {
        if self.hash.get() == 0 && self.len != 0 {
            self.hash.set(crate::vm::hash_bytes(self.as_slice()));
        }
        self.hash.get()
    }

    /// A payload around bytes, for instances of subclasses and large objects.
    pub fn owned(data: Vec<u8>) -> Bytes {
        let data = Box::leak(data.into_boxed_slice());
        Bytes { hash: Cell::new(0), len: data.len(), data: Cell::new(data.as_ptr()) }
    }
}

/// A bytes object whose `len` bytes, at most [`INLINE_MAX`], are written by `fill`.
///
/// # Safety
/// `fill` writes all bytes.
#[inline]
unsafe fn new_inline(len: usize, fill: impl FnOnce(*mut u8)) -> Ref<Bytes> {
    let payload = Bytes { hash: Cell::new(0), len, data: Cell::new(std::ptr::dangling()) };
    let r = Ref::new_sized(payload, len + 1);
    // There are `len` bytes behind the payload.
    let data = r.tail().cast_mut();
    fill(data);
    r.data.set(data);
    r
}

/// A bytes object with a copy of some bytes.
pub fn from_slice(data: &[u8]) -> Ref<Bytes> {
    if data.len() <= INLINE_MAX {
        // SAFETY: all bytes are copied.
        return unsafe { new_inline(data.len(), |p| std::ptr::copy_nonoverlapping(data.as_ptr(), p, data.len())) };
    }
    Ref::new(Bytes::owned(data.to_vec()))
}

/// A bytes object that takes over a vector.
pub fn from_vec(data: Vec<u8>) -> Ref<Bytes> {
    if data.len() <= INLINE_MAX { from_slice(&data) } else { Ref::new(Bytes::owned(data)) }
}

/// As [`from_slice`], for what may be too large.
///
/// Raises MemoryError.
pub fn new(vm: &Vm, data: &[u8]) -> R {
    vm.check_room(data.len())?;
    Ok(from_slice(data).into_value())
}

/// The bytes of a value that is bytes or an instance of a subclass.
#[inline]
pub fn get(v: &Value) -> Option<&[u8]> {
    v.downcast::<Bytes>().map(|b| b.as_slice())
}
