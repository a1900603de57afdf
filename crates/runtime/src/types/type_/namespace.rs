//! The namespace of a type. That of a builtin type is filled from its table when it is first looked at: a program
//! uses a small part of all types, and the objects for methods and attributes of the others would only take time
//! and memory at every start.

use std::ops::Deref;
use std::sync::atomic::{AtomicPtr, Ordering};

use taipan_memory::Tracer;

use crate::core::{Ref, Trace, Value};
use crate::native::TypeDef;
use crate::types::dict::Dict;

/// A type's `__dict__`.
pub struct Namespace {
    dict: Ref<Dict>,
    /// The table it is still to be filled from.
    pending: AtomicPtr<TypeDef>,
}

impl Namespace {
    /// A namespace that is complete.
    pub fn new(dict: Ref<Dict>) -> Self {
        Self { dict, pending: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// The namespace of a builtin type.
    pub(super) fn of_static(def: &'static TypeDef) -> Self {
        Self { dict: Ref::new(Dict::new()), pending: AtomicPtr::new(std::ptr::from_ref(def).cast_mut()) }
    }

    /// The dictionary as it is now.
    pub(super) fn as_is(&self) -> &Ref<Dict> {
        &self.dict
    }

    #[cold]
    #[inline(never)]
    fn fill(&self) {
        let def = self.pending.load(Ordering::Acquire);
        // SAFETY: it came from a `&'static TypeDef`.
        if let Some(def) = unsafe { def.as_ref() } {
            crate::vm::extend_image(self, || super::build::fill_one(def));
        }
    }

    /// Whether it is still to be filled.
    pub(crate) fn is_pending(&self) -> bool {
        !self.pending.load(Ordering::Acquire).is_null()
    }

    /// It is filled, with what never changes any more.
    pub(crate) fn done(&self) {
        self.pending.store(std::ptr::null_mut(), Ordering::Release);
    }
}

impl Deref for Namespace {
    type Target = Ref<Dict>;

    #[inline(always)]
    fn deref(&self) -> &Ref<Dict> {
        if !self.pending.load(Ordering::Acquire).is_null() {
            self.fill();
        }
        &self.dict
    }
}

impl Trace for Namespace {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }

    fn clear(&self, out: &mut Vec<Value>) {
        self.dict.clear(out);
    }
}
