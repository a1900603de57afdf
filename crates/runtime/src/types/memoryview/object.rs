//! The payload of memoryview, and the buffer that views share.

use std::cell::Cell;

use super::item::Format;
use super::view::View;
use super::{Buffer, flags};
use crate::core::{PyCell, R, Ref, Trace, Tracer, Value};
use crate::vm::Vm;

/// A buffer in use by one or more memoryviews; its use ends with the last of them.
#[derive(taipan_macros::Trace)]
pub struct ManagedBuffer {
    buffer: PyCell<Option<Buffer>>,
}

/// Not seen by Python programs.
#[taipan_macros::class(name = "managedbuffer", flags(GC, NO_NEW))]
impl ManagedBuffer {}

/// The payload of memoryview.
pub struct MemoryView {
    /// `None` once it is released.
    managed: PyCell<Option<Ref<ManagedBuffer>>>,
    view: View,
    /// The format, if it is one of those that can be read and written.
    format: Option<Format>,
    /// Buffers of this view in use.
    exports: Cell<usize>,
    hash: Cell<Option<i64>>,
    /// Whether no further views may be made from it: it serves `__release_buffer__` only.
    restricted: Cell<bool>,
}

impl Trace for MemoryView {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.managed.trace(tracer);
    }

    fn clear(&self, out: &mut Vec<Value>) {
        self.managed.clear(out);
    }
}

/// A memoryview of a buffer.
pub fn from_buffer(buffer: Buffer) -> Value {
    let view = buffer.view().clone();
    let managed = Ref::new(ManagedBuffer { buffer: PyCell::new(Some(buffer)) });
    Ref::new(MemoryView::new(managed, view)).into_value()
}

/// `memoryview(v)`
///
/// Raises TypeError for what has no buffer, ValueError for a memoryview that must not be used.
pub fn from_object(vm: &Vm, v: &Value, asked: u32) -> R {
    if let Some(m) = v.downcast::<MemoryView>() {
        let managed = m.use_for_view(vm)?;
        return Ok(Ref::new(MemoryView::new(managed, m.view.clone())).into_value());
    }
    if v.ty().slots().buffer.is_none() {
        let ty = v.ty().tp_name();
        return Err(vm.type_error(format!("memoryview: a bytes-like object is required, not '{ty}'")));
    }
    Ok(from_buffer(vm.buffer(v, asked)?))
}

impl MemoryView {
    /// A view of a shared buffer.
    pub(super) fn new(managed: Ref<ManagedBuffer>, view: View) -> Self {
        let format = Format::native(&view.format).filter(|f| f.size == view.itemsize);
        Self {
            managed: PyCell::new(Some(managed)),
            view,
            format,
            exports: Cell::new(0),
            hash: Cell::new(None),
            restricted: Cell::new(false),
        }
    }

    /// Whether it was released.
    pub(super) fn is_released(&self) -> bool {
        self.managed.borrow().is_none()
    }

    /// The view.
    ///
    /// Raises ValueError if it was released. Python code may release it: ask again afterwards.
    #[inline]
    pub(super) fn view(&self, vm: &Vm) -> R<&View> {
        if self.managed.borrow().is_some() {
            return Ok(&self.view);
        }
        Err(vm.value_error("operation forbidden on released memoryview object"))
    }

    /// The view, also of a released memoryview: its memory must not be touched.
    pub(super) fn layout(&self) -> &View {
        &self.view
    }

    /// The shared buffer, for another view.
    ///
    /// Raises ValueError if the view was released or is restricted.
    pub(super) fn use_for_view(&self, vm: &Vm) -> R<Ref<ManagedBuffer>> {
        self.view(vm)?;
        if self.restricted.get() {
            return Err(vm.value_error("cannot create new view on restricted memoryview"));
        }
        match self.managed.get() {
            Some(m) => Ok(m),
            None => Err(vm.value_error("operation forbidden on released memoryview object")),
        }
    }

    /// The format.
    ///
    /// Raises NotImplementedError if it is none that can be read and written.
    pub(super) fn item_format(&self, vm: &Vm) -> R<Format> {
        self.format.ok_or_else(|| {
            vm.not_implemented_error(format!("memoryview: unsupported format {}", self.view.format))
        })
    }

    /// The native format, if it is one.
    pub(super) fn native_format(&self) -> Option<Format> {
        self.format
    }

    /// The object whose memory this is.
    pub fn owner(&self) -> Option<Value> {
        let managed = self.managed.get()?;
        let owner = managed.buffer.borrow().as_ref().map(|b| b.owner().clone());
        owner
    }

    /// The cached hash.
    pub(super) fn hash_cell(&self) -> &Cell<Option<i64>> {
        &self.hash
    }

    /// Forbids further views.
    pub(super) fn restrict(&self) {
        self.restricted.set(true);
    }

    /// Ends the use of the buffer by this view.
    ///
    /// Raises BufferError if buffers of this view are in use.
    pub(super) fn release(&self, vm: &Vm) -> R<()> {
        if self.is_released() {
            return Ok(());
        }
        match self.exports.get() {
            0 => {
                self.force_release();
                Ok(())
            }
            n => Err(vm.buffer_error(format!("memoryview has {n} exported buffer{}", if n == 1 { "" } else { "s" }))),
        }
    }

    /// As [`MemoryView::release`], whatever is in use.
    pub(super) fn force_release(&self) {
        let managed = self.managed.take();
        drop(managed);
    }
}

/// The slot: a buffer of a view.
pub(super) fn export(vm: &Vm, this: &Ref<MemoryView>, asked: u32) -> R<Buffer> {
    let mut view = this.view(vm)?.clone();
    if this.restricted.get() {
        return Err(vm.value_error("cannot create new view on restricted memoryview"));
    }
    let fail = |text: &str| Err(vm.buffer_error(format!("memoryview: underlying buffer is not {text}")));
    let wants = |bits: u32| asked & bits == bits;
    if wants(flags::WRITABLE) && view.readonly {
        return fail("writable");
    }
    let (c, f) = (view.c_contiguous(), view.f_contiguous());
    if wants(flags::C_CONTIGUOUS) && !c {
        return fail("C-contiguous");
    }
    if wants(flags::F_CONTIGUOUS) && !f {
        return fail("Fortran contiguous");
    }
    if wants(flags::ANY_CONTIGUOUS) && !c && !f {
        return fail("contiguous");
    }
    if !wants(flags::STRIDES) && !c {
        return fail("C-contiguous");
    }
    if !wants(flags::ND) {
        if wants(flags::FORMAT) {
            return Err(vm.buffer_error("memoryview: cannot cast to unsigned bytes if the format flag is present"));
        }
        view = View::of_bytes(view.ptr, view.len, view.readonly);
    }
    this.exports.set(this.exports.get() + 1);
    Ok(Buffer::of_view(this.value().clone(), view, Some(unexport)))
}

fn unexport(owner: &Value) {
    if let Some(this) = owner.downcast::<MemoryView>() {
        this.exports.set(this.exports.get().saturating_sub(1));
    }
}

