//! `MemoryBIO`: bytes that wait between two who never meet.

use std::sync::{Arc, Mutex};

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::errors;
use super::verify::lock;

/// The bytes.
#[derive(Default, Debug)]
pub struct Waiting {
    data: Vec<u8>,
    /// How many of them are taken.
    taken: usize,
    /// Whether nothing will be added.
    pub ended: bool,
}

impl Waiting {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.data.len() - self.taken
    }

    /// Those that there are.
    pub fn rest(&self) -> &[u8] {
        self.data.get(self.taken..).unwrap_or_default()
    }

    /// Adds some.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 && self.taken >= self.data.len() / 2 {
            self.data.drain(..self.taken);
            self.taken = 0;
        }
        self.data.extend_from_slice(bytes);
    }

    /// Takes all, if so many are asked for, without a copy.
    fn take_all(&mut self) -> Vec<u8> {
        let mut all = std::mem::take(&mut self.data);
        all.drain(..std::mem::take(&mut self.taken));
        all
    }

    /// Marks some as taken.
    pub fn advance(&mut self, n: usize) {
        self.taken = (self.taken + n).min(self.data.len());
        if self.taken == self.data.len() {
            self.data.clear();
            self.taken = 0;
        }
    }
}

/// The payload of MemoryBIO.
#[derive(Trace)]
pub struct MemoryBio {
    #[no_trace]
    pub waiting: Arc<Mutex<Waiting>>,
}

#[class(name = "MemoryBIO", module = "_ssl")]
impl MemoryBio {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("MemoryBIO() takes no keyword arguments"));
        }
        if !args.all.is_empty() {
            return Err(vm.type_error("MemoryBIO() takes no positional arguments"));
        }
        Ok(Ref::new_of(cls, Self { waiting: Arc::default() }).into_value())
    }

    /// Read up to size bytes from the memory BIO.
    ///
    /// If size is not specified, read the entire buffer. If the return value is an empty bytes instance, this means
    /// either EOF or that no data is available. Use the "eof" property to distinguish between the two.
    #[method(sig = "(size=-1, /)")]
    fn read(_vm: &Vm, this: &Ref<Self>, size: i64) -> Value {
        let mut w = lock(&this.waiting);
        match usize::try_from(size) {
            Ok(n) if n < w.len() => {
                let out = bytes::from_slice(&w.rest()[..n]);
                w.advance(n);
                out.into_value()
            }
            _ => bytes::from_vec(w.take_all()).into_value(),
        }
    }

    /// Writes the bytes b into the memory BIO.
    ///
    /// Returns the number of bytes written.
    #[method(sig = "(b, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, b: BytesLike<'_>) -> R<usize> {
        let mut w = lock(&this.waiting);
        if w.ended {
            drop(w);
            return Err(errors::plain(vm, "cannot write() after write_eof()"));
        }
        if w.data.try_reserve(b.len()).is_err() {
            drop(w);
            return Err(vm.memory_error());
        }
        w.push(&b);
        Ok(b.len())
    }

    /// Write an EOF marker to the memory BIO.
    ///
    /// When all data has been read, the "eof" property will be True.
    #[method(sig = "()")]
    fn write_eof(_vm: &Vm, this: &Ref<Self>) {
        lock(&this.waiting).ended = true;
    }

    /// The number of bytes pending in the memory BIO.
    #[getter]
    fn pending(_vm: &Vm, this: &Ref<Self>) -> usize {
        lock(&this.waiting).len()
    }

    /// Whether the memory BIO is at EOF.
    #[getter]
    fn eof(_vm: &Vm, this: &Ref<Self>) -> bool {
        let w = lock(&this.waiting);
        w.ended && w.len() == 0
    }
}
