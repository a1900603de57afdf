//! The payload of array, and what happens to its bytes.

use std::cell::Cell;

use taipan_macros::Trace;
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::list::List;
use taipan_runtime::types::memoryview::flags;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Vm;

use super::code::Code;

/// The payload of array.
#[derive(Trace)]
pub struct Array {
    #[no_trace]
    code: Code,
    /// A whole number of items. It does not move as long as there are exports.
    data: PyCell<Vec<u8>>,
    /// Buffers in use.
    pub exports: Cell<usize>,
}

impl Array {
    /// A payload around the bytes of items.
    pub fn of(code: Code, data: Vec<u8>) -> Self {
        Self { code, data: PyCell::new(data), exports: Cell::new(0) }
    }

    /// The type code.
    #[inline(always)]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The bytes.
    #[inline(always)]
    pub fn data(&self) -> &PyCell<Vec<u8>> {
        &self.data
    }

    /// The number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.data.borrow().len() >> self.code.shift()
    }

    /// How many bytes are set aside.
    pub fn capacity(&self) -> usize {
        self.data.borrow().capacity()
    }

    /// Item `i`; `None` behind the end.
    ///
    /// Raises ValueError for what is no character.
    #[inline(always)]
    pub fn get(&self, vm: &Vm, i: usize) -> R<Option<Value>> {
        let (data, shift) = (self.data.borrow(), self.code.shift());
        match data.get(i << shift..) {
            Some(d) if d.len() >> shift != 0 => self.code.get(vm, d).map(Some),
            _ => Ok(None),
        }
    }

    /// Overwrites item `i`; false behind the end.
    #[inline(always)]
    pub fn set(&self, i: usize, item: [u8; 8]) -> bool {
        let mut data = self.data.borrow_mut();
        let size = self.code.size();
        match data.get_mut(i * size..i * size + size) {
            Some(to) => {
                to.copy_from_slice(&item[..size]);
                true
            }
            None => false,
        }
    }

    /// Raises BufferError while the bytes must stay where they are.
    pub fn check_resizable(&self, vm: &Vm) -> R<()> {
        if self.exports.get() == 0 { Ok(()) } else { Err(exported(vm)) }
    }

    /// Makes room for more bytes.
    ///
    /// Raises BufferError, MemoryError.
    #[inline(always)]
    fn grow(&self, vm: &Vm, extra: usize) -> R<()> {
        self.check_resizable(vm)?;
        let data = self.data.borrow();
        if data.capacity() - data.len() >= extra {
            return Ok(());
        }
        drop(data);
        self.grow_slow(vm, extra)
    }

    #[cold]
    fn grow_slow(&self, vm: &Vm, extra: usize) -> R<()> {
        let (len, capacity) = {
            let data = self.data.borrow();
            (data.len(), data.capacity())
        };
        let Some(new) = len.checked_add(extra) else { return Err(vm.memory_error()) };
        vm.check_room(new.saturating_sub(capacity))?;
        if taipan_memory::cache::refusing(|| self.data.borrow_mut().try_reserve(extra)).is_err() {
            return Err(vm.memory_error());
        }
        Ok(())
    }

    /// Adds an item at the end.
    ///
    /// Raises BufferError, MemoryError.
    #[inline(always)]
    pub fn push(&self, vm: &Vm, item: [u8; 8]) -> R<()> {
        let size = self.code.size();
        self.grow(vm, size)?;
        self.data.borrow_mut().extend_from_slice(&item[..size]);
        Ok(())
    }

    /// Adds the bytes of whole items at the end.
    ///
    /// Raises BufferError, MemoryError.
    pub fn push_bytes(&self, vm: &Vm, items: &[u8]) -> R<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.grow(vm, items.len())?;
        self.data.borrow_mut().extend_from_slice(items);
        Ok(())
    }

    /// Replaces the items in a range, which is in bounds, by the bytes of whole items.
    ///
    /// Raises BufferError, MemoryError.
    pub fn splice(&self, vm: &Vm, start: usize, end: usize, new: &[u8]) -> R<()> {
        let size = self.code.size();
        let (start, end) = (start * size, end * size);
        if end - start == new.len() {
            if let Some(to) = self.data.borrow_mut().get_mut(start..end) {
                to.copy_from_slice(new);
            }
            return Ok(());
        }
        self.grow(vm, new.len().saturating_sub(end - start))?;
        {
            let mut data = self.data.borrow_mut();
            let end = end.min(data.len());
            data.splice(start.min(end)..end, new.iter().copied());
            if data.capacity() > 64 && data.len() < data.capacity() / 2 {
                let len = data.len();
                data.shrink_to(len);
            }
        }
        Ok(())
    }

    /// Cuts everything behind the first `n` items off.
    pub fn truncate(&self, n: usize) {
        self.data.borrow_mut().truncate(n << self.code.shift());
    }

    /// Adds the items of another array of the same type code; it may be this one.
    ///
    /// Raises BufferError, MemoryError, TypeError.
    pub fn extend_array(&self, vm: &Vm, other: &Array) -> R<()> {
        if other.code != self.code {
            return Err(vm.type_error("can only extend with array of same kind"));
        }
        if std::ptr::eq(self, other) {
            let n = self.data.borrow().len();
            if n > 0 {
                self.grow(vm, n)?;
                self.data.borrow_mut().extend_from_within(..);
            }
            return Ok(());
        }
        let data = other.data.borrow();
        self.push_bytes(vm, &data)
    }

    /// Adds the items of an iterable.
    ///
    /// Raises what iterating and converting raise.
    pub fn extend_any(&self, vm: &Vm, v: &Value) -> R<()> {
        if let Some(other) = v.downcast::<Array>() {
            return self.extend_array(vm, other);
        }
        self.extend_items(vm, v)
    }

    /// As [`Array::extend_any`], where an array is nothing special.
    pub fn extend_items(&self, vm: &Vm, v: &Value) -> R<()> {
        let n = match (v.downcast_exact::<List>(), v.downcast_exact::<Tuple>()) {
            (Some(l), _) => l.len(),
            (_, Some(t)) => t.len(),
            _ => 0,
        };
        if n > 0 {
            self.grow(vm, n.saturating_mul(self.code.size()))?;
        }
        vm.for_each(v, |v| self.push(vm, self.code.put(vm, &v)?))
    }

    /// Adds the characters of a text.
    ///
    /// Raises BufferError, MemoryError.
    pub fn extend_text(&self, vm: &Vm, s: &Ref<Str>) -> R<()> {
        if s.is_empty() {
            return Ok(());
        }
        self.grow(vm, s.len().saturating_mul(4))?;
        let mut data = self.data.borrow_mut();
        for ch in s.iter() {
            data.extend_from_slice(&ch.to_ne_bytes());
        }
        Ok(())
    }

    /// Adds the items whose bytes a bytes-like object holds.
    ///
    /// Raises TypeError, ValueError, BufferError, MemoryError.
    pub fn extend_bytes(&self, vm: &Vm, v: &Value) -> R<()> {
        if let Some(b) = bytes::get(v) {
            return self.extend_raw(vm, b);
        }
        let buffer = vm.buffer(v, flags::ND)?;
        if buffer.view().itemsize != 1 {
            return Err(vm.type_error("a bytes-like object is required"));
        }
        self.extend_raw(vm, buffer.as_slice())
    }

    fn extend_raw(&self, vm: &Vm, bytes: &[u8]) -> R<()> {
        if bytes.len() % self.code.size() != 0 {
            return Err(vm.value_error("bytes length not a multiple of item size"));
        }
        self.push_bytes(vm, bytes)
    }

    /// Exchanges the order of the bytes of all items.
    pub fn swap_bytes(&self) {
        let mut data = self.data.borrow_mut();
        match self.code.size() {
            2 => data.as_chunks_mut::<2>().0.iter_mut().for_each(|c| c.reverse()),
            4 => data.as_chunks_mut::<4>().0.iter_mut().for_each(|c| c.reverse()),
            8 => data.as_chunks_mut::<8>().0.iter_mut().for_each(|c| c.reverse()),
            _ => {}
        }
    }

    /// Reverses the order of the items.
    pub fn turn_around(&self) {
        let mut data = self.data.borrow_mut();
        match self.code.size() {
            1 => data.reverse(),
            2 => data.as_chunks_mut::<2>().0.reverse(),
            4 => data.as_chunks_mut::<4>().0.reverse(),
            _ => data.as_chunks_mut::<8>().0.reverse(),
        }
    }
}

#[cold]
fn exported(vm: &Vm) -> Raised {
    vm.buffer_error("cannot resize an array that is exporting buffers")
}
