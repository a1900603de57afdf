//! bytearray: a growable run of bytes that can give up its front cheaply and does not move while others look at it.

mod methods;

use std::cell::Cell;
use std::ops::{Deref, Range};

use crate::core::{PyCell, PyRef, R, Ref, Trace, Value};
use crate::native::TypeDef;
use crate::types::bytes::iter::{ByteSource, byte_iterator};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[ByteArray::DEF, ByteArrayIter::DEF];

/// The storage: the live bytes are those from `start` on.
#[derive(Default)]
pub struct Store {
    data: Vec<u8>,
    start: usize,
}

impl Deref for Store {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        &self.data[self.start..]
    }
}

impl Store {
    /// Bytes that are held.
    pub fn capacity(&self) -> usize {
        self.data.capacity()
    }

    /// The live bytes, to be changed in place.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.data[self.start..]
    }

    /// Replaces a range of the live bytes, which must be in bounds. What goes from the front only moves `start`;
    /// the dead part is given up once it is larger than the live one, so that each byte moves a bounded number of
    /// times.
    fn splice(&mut self, range: Range<usize>, new: &[u8]) {
        if range.start == 0 && new.is_empty() {
            self.start += range.end;
            if self.start == self.data.len() {
                self.data.truncate(0);
                self.start = 0;
            } else if self.start > self.data.len() - self.start {
                self.data.drain(..self.start);
                self.start = 0;
            }
            return;
        }
        let range = range.start + self.start..range.end + self.start;
        if range.end == self.data.len() {
            self.data.truncate(range.start);
            self.data.extend_from_slice(new);
        } else {
            self.data.splice(range, new.iter().copied());
        }
    }
}

/// The payload of bytearray.
#[derive(Default)]
pub struct ByteArray {
    store: PyCell<Store>,
    /// Buffers in use: as long as there are any, the bytes stay where they are.
    exports: Cell<usize>,
}

impl Trace for ByteArray {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// A short look at the bytes.
pub struct View<'a>(PyRef<'a, Store>);

impl Deref for View<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl ByteArray {
    /// A payload that holds `data`.
    pub fn new(data: Vec<u8>) -> Self {
        let this = Self::default();
        this.store.set(Store { data, start: 0 });
        this
    }

    /// The bytes, for short looks that run no Python code.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View(self.store.borrow())
    }

    /// The bytes, to be changed in place by what runs no Python code.
    #[inline]
    pub fn store(&self) -> &PyCell<Store> {
        &self.store
    }

    /// The number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.store.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy of the bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        self.store.borrow().to_vec()
    }

    /// Replaces the bytes of a range, which is cut to what is there.
    ///
    /// Raises BufferError if the length would change while a buffer is in use, MemoryError.
    pub fn splice(&self, vm: &Vm, range: Range<usize>, new: &[u8]) -> R<()> {
        let len = self.len();
        let start = range.start.min(len);
        let end = range.end.clamp(start, len);
        if new.len() == end - start {
            self.store.borrow_mut().bytes_mut()[start..end].copy_from_slice(new);
            return Ok(());
        }
        self.check_resizable(vm)?;
        let size = (len - (end - start)).saturating_add(new.len());
        if size > self.store.borrow().data.capacity() {
            vm.check_room(size)?;
        }
        self.store.borrow_mut().splice(start..end, new);
        Ok(())
    }

    /// Appends a byte.
    ///
    /// Raises BufferError if a buffer is in use, MemoryError.
    #[inline]
    pub fn push(&self, vm: &Vm, b: u8) -> R<()> {
        if self.exports.get() == 0 {
            let mut store = self.store.borrow_mut();
            if store.data.len() < store.data.capacity() {
                store.data.push(b);
                return Ok(());
            }
        }
        let end = self.len();
        self.splice(vm, end..end, &[b])
    }

    /// Replaces all bytes.
    ///
    /// Raises BufferError if a buffer is in use.
    pub fn assign(&self, vm: &Vm, data: Vec<u8>) -> R<()> {
        self.check_resizable(vm)?;
        let old = self.store.replace(Store { data, start: 0 });
        drop(old);
        Ok(())
    }

    /// Raises BufferError if a buffer is in use.
    pub fn check_resizable(&self, vm: &Vm) -> R<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }
}

/// A bytearray object.
pub fn from_vec(data: Vec<u8>) -> Ref<ByteArray> {
    Ref::new(ByteArray::new(data))
}

/// Ends the use of a buffer.
fn release(owner: &Value) {
    if let Some(this) = owner.downcast::<ByteArray>() {
        this.exports.set(this.exports.get().saturating_sub(1));
    }
}

impl ByteSource for ByteArray {
    #[inline]
    fn byte(&self, i: usize) -> Option<u8> {
        self.store.borrow().get(i).copied()
    }

    fn size(&self) -> usize {
        self.len()
    }
}

byte_iterator! {
    /// Iterates over a bytearray.
    ByteArrayIter, ByteArray, "bytearray_iterator"
}
