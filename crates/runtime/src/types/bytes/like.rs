//! Arguments that may be any object with a buffer.

use std::ops::Deref;

use super::Bytes;
use crate::core::{R, Ref, Value};
use crate::native::{At, FromArg};
use crate::types::memoryview::{Buffer, flags};
use crate::vm::Vm;

/// The contents of a bytes-like object, which stay in their place as long as this lives: a bytearray can't be
/// resized meanwhile. They may still be changed by Python code, so none may run while a slice of them is in use.
pub enum BytesLike<'a> {
    /// Of bytes, which never change.
    Bytes(&'a Ref<Bytes>),
    /// Of anything else.
    Buffer(Buffer),
}

impl<'a> BytesLike<'a> {
    /// The contents of `v`.
    ///
    /// Raises TypeError ("a bytes-like object is required, not 'int'"), BufferError for what lies scattered.
    #[inline]
    pub fn new(vm: &Vm, v: &'a Value) -> R<Self> {
        match v.downcast::<Bytes>() {
            Some(b) => Ok(Self::Bytes(b)),
            None => Ok(Self::Buffer(vm.buffer(v, flags::SIMPLE)?)),
        }
    }
}

impl Deref for BytesLike<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Bytes(b) => b.as_slice(),
            Self::Buffer(b) => b.as_slice(),
        }
    }
}

impl<'a> FromArg<'a> for BytesLike<'a> {
    #[inline]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        Self::new(vm, v)
    }
}

/// Runs `f`, which must not run Python code, on the contents of a bytes-like object.
///
/// Raises TypeError or BufferError as [`BytesLike::new`].
pub fn with_bytes_like<T>(vm: &Vm, v: &Value, f: impl FnOnce(&[u8]) -> T) -> R<T> {
    let data = BytesLike::new(vm, v)?;
    Ok(f(&data))
}

/// A copy of the contents of a bytes-like object, also of one that lies scattered.
///
/// Raises TypeError for what has no buffer.
pub fn buffer_bytes(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if let Some(b) = v.downcast::<Bytes>() {
        return Ok(b.as_slice().to_vec());
    }
    vm.buffer(v, flags::FULL_RO)?.to_vec(vm)
}

/// Whether an object has a buffer.
#[inline]
pub fn is_bytes_like(v: &Value) -> bool {
    v.ty().slots().buffer.is_some()
}
