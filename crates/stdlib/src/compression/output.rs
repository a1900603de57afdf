//! The buffer that results grow in.

use std::mem::MaybeUninit;

use taipan_runtime::core::{R, Ref};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::vm::Vm;

/// The smallest and the largest step by which a buffer grows.
const LEAST: usize = 16 << 10;
const MOST: usize = 256 << 20;

/// Bytes that are being made, never more than a limit.
pub struct Output {
    data: Vec<u8>,
    limit: usize,
}

impl Output {
    /// An empty buffer, which grows to `first` bytes at once.
    ///
    /// Raises MemoryError.
    pub fn new(vm: &Vm, first: usize, limit: Option<usize>) -> R<Self> {
        let mut new = Self {
            data: Vec::new(),
            limit: limit.unwrap_or(usize::MAX),
        };
        new.grow(vm, first.min(new.limit))?;
        Ok(new)
    }

    /// A guess of how many bytes so much compressed data becomes.
    pub fn guess(input: usize) -> usize {
        input.saturating_mul(4).clamp(4 << 10, 1 << 20)
    }

    fn grow(&mut self, vm: &Vm, extra: usize) -> R<()> {
        vm.check_room(extra)?;
        self.data
            .try_reserve_exact(extra)
            .map_err(|_| vm.memory_error())
    }

    /// Whether the limit is reached.
    pub fn full(&self) -> bool {
        self.data.len() >= self.limit
    }

    /// Room for more; none if the limit is reached.
    ///
    /// Raises MemoryError.
    pub fn room(&mut self, vm: &Vm) -> R<&mut [MaybeUninit<u8>]> {
        let left = self.limit - self.data.len();
        if self.data.len() == self.data.capacity() && left > 0 {
            self.grow(vm, self.data.len().clamp(LEAST, MOST).min(left))?;
        }
        let spare = self.data.spare_capacity_mut();
        let n = spare.len().min(left);
        Ok(&mut spare[..n])
    }

    /// Counts bytes that were written to the room.
    ///
    /// # Safety
    /// The first `n` bytes of [`Output::room`] have been written.
    pub unsafe fn wrote(&mut self, n: usize) {
        let len = self.data.len() + n;
        assert!(len <= self.data.capacity());
        // SAFETY: the function's contract.
        unsafe { self.data.set_len(len) };
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// All bytes.
    pub fn finish(self) -> Ref<Bytes> {
        bytes::from_vec(self.data)
    }
}
