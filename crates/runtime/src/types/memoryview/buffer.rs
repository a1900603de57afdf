//! A buffer in use.

use std::borrow::Cow;

use super::view::{Dims, View, c_strides};
use crate::core::{Drain, R, Trace, Tracer, Value};
use crate::types::type_::tflag;
use crate::vm::{Vm, try_current};

/// What a user of a buffer asks for: the bits of `inspect.BufferFlags`.
#[expect(missing_docs, reason = "named as in inspect.BufferFlags")]
pub mod flags {
    pub const SIMPLE: u32 = 0;
    pub const WRITABLE: u32 = 1;
    pub const FORMAT: u32 = 4;
    pub const ND: u32 = 8;
    pub const STRIDES: u32 = 0x10 | ND;
    pub const C_CONTIGUOUS: u32 = 0x20 | STRIDES;
    pub const F_CONTIGUOUS: u32 = 0x40 | STRIDES;
    pub const ANY_CONTIGUOUS: u32 = 0x80 | STRIDES;
    pub const INDIRECT: u32 = 0x100 | STRIDES;
    pub const CONTIG: u32 = ND | WRITABLE;
    pub const FULL: u32 = INDIRECT | WRITABLE | FORMAT;
    pub const FULL_RO: u32 = INDIRECT | FORMAT;
}

/// What happens when the use of a buffer ends.
pub(super) enum End {
    /// Nothing.
    Nothing,
    /// The owner's type counts its buffers.
    Native(fn(&Value)),
    /// The buffer came from a Python class's `__buffer__`, which returned this memoryview.
    Python {
        view: Value,
        inner: Option<Box<Buffer>>,
    },
}

/// Memory of an object, in use as long as this lives.
///
/// Dropping it may run Python code (`__release_buffer__`).
pub struct Buffer {
    owner: Value,
    view: View,
    end: End,
}

impl Buffer {
    /// A buffer of plain bytes, as the slot of a native type gives it.
    ///
    /// `ptr` and `len` are memory of `owner` that lives as long as it does and stays in its place until `release` is
    /// called with it. Raises BufferError if `asked` wants to write to a read-only buffer.
    pub fn of_bytes(
        vm: &Vm,
        owner: &Value,
        ptr: *mut u8,
        len: usize,
        readonly: bool,
        asked: u32,
        release: Option<fn(&Value)>,
    ) -> R<Self> {
        if readonly && asked & flags::WRITABLE != 0 {
            return Err(vm.buffer_error("Object is not writable."));
        }
        Ok(Self {
            owner: owner.clone(),
            view: View::of_bytes(ptr, len, readonly),
            end: release.map_or(End::Nothing, End::Native),
        })
    }

    /// A buffer of items one behind the other, as the slot of a native type gives it.
    ///
    /// As [`Buffer::of_bytes`]; `len` counts items, `format` is as in the module struct.
    pub fn of_items(
        vm: &Vm,
        owner: &Value,
        ptr: *mut u8,
        len: usize,
        (format, itemsize): (Cow<'static, str>, usize),
        readonly: bool,
        asked: u32,
        release: Option<fn(&Value)>,
    ) -> R<Self> {
        let mut buffer = Self::of_bytes(vm, owner, ptr, len.saturating_mul(itemsize), readonly, asked, release)?;
        if asked & flags::ND != 0 {
            let shape = Dims::One([len as isize]);
            buffer.view.strides = c_strides(&shape, itemsize);
            buffer.view.shape = shape;
            buffer.view.itemsize = itemsize;
            if asked & flags::FORMAT != 0 {
                buffer.view.format = format;
            }
        }
        Ok(buffer)
    }

    /// A buffer with a view of any shape.
    pub fn of_view(owner: Value, view: View, release: Option<fn(&Value)>) -> Self {
        Self { owner, view, end: release.map_or(End::Nothing, End::Native) }
    }

    /// The same memory as plain bytes. The items must lie one behind the other, in whatever order.
    #[must_use]
    pub fn flattened(mut self) -> Self {
        self.view = View::of_bytes(self.view.ptr, self.view.len, self.view.readonly);
        self
    }

    pub(super) fn with_end(owner: Value, view: View, end: End) -> Self {
        Self { owner, view, end }
    }

    /// The object whose memory this is.
    pub fn owner(&self) -> &Value {
        &self.owner
    }

    /// How the memory is seen.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Whether it must not be written to.
    pub fn readonly(&self) -> bool {
        self.view.readonly
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.view.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.view.len == 0
    }

    /// The bytes of a buffer that was asked for as [`flags::SIMPLE`] or with a contiguous layout; of any other only
    /// what lies in one piece, else nothing. No Python code may run while the slice is in use.
    pub fn as_slice(&self) -> &[u8] {
        if self.view.len == 0 || !self.in_one_piece() {
            return &[];
        }
        // SAFETY: the invariant of views; the caller runs no Python code meanwhile.
        unsafe { std::slice::from_raw_parts(self.view.ptr, self.view.len) }
    }

    /// As [`Buffer::as_slice`], to be written to; nothing if the buffer is read-only.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.view.readonly || self.view.len == 0 || !self.in_one_piece() {
            return &mut [];
        }
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.view.ptr, self.view.len) }
    }

    fn in_one_piece(&self) -> bool {
        self.view.c_contiguous() || self.view.f_contiguous()
    }

    /// A copy of all items, the last dimension innermost.
    ///
    /// Raises MemoryError.
    pub fn to_vec(&self, vm: &Vm) -> R<Vec<u8>> {
        vm.check_room(self.view.len)?;
        let mut out = Vec::with_capacity(self.view.len);
        // SAFETY: the buffer is in use.
        unsafe { self.view.copy_out(&mut out, false) };
        Ok(out)
    }

    /// Ends the use.
    fn end(&mut self) {
        match std::mem::replace(&mut self.end, End::Nothing) {
            End::Nothing => {}
            End::Native(f) => {
                if self.owner.ty().has(tflag::HEAP)
                    && let Some(vm) = try_current()
                {
                    super::python::release_of_subclass(vm, &self.owner, &self.view);
                }
                f(&self.owner);
            }
            End::Python { view, inner } => {
                drop(inner);
                if let Some(vm) = try_current() {
                    super::python::release(vm, &self.owner, &view);
                }
            }
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if !matches!(self.end, End::Nothing) {
            self.end();
        }
    }
}

impl Trace for Buffer {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
        if let End::Python { view, inner } = &self.end {
            view.trace(tracer);
            if let Some(inner) = inner {
                inner.trace(tracer);
            }
        }
    }
}

/// A buffer that a cycle of garbage holds: its use ends when it is dropped, after the references were given up.
impl Drain for Buffer {
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.push(self.owner.clone());
    }
}

impl Vm {
    /// The buffer of an object.
    ///
    /// Raises TypeError if it has none ("a bytes-like object is required, not 'int'"), BufferError if it can't be
    /// had as `asked`.
    pub fn buffer(&self, v: &Value, asked: u32) -> R<Buffer> {
        match v.ty().slots().buffer {
            Some(f) => f(self, v, asked),
            None => Err(self.type_error(format!("a bytes-like object is required, not '{}'", v.ty().tp_name()))),
        }
    }
}
