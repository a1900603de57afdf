//! Objects with a Rust payload, and the typed pointers to them.

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr::NonNull;

use taipan_memory::{Header, Tracer};

use super::Trace;
use super::value::Value;
use crate::native::TypeDef;
use crate::types::type_::TypeObject;

/// An object in memory: the header, then the payload.
#[repr(C)]
pub struct Obj<T> {
    header: Header,
    payload: T,
}

impl<T> Deref for Obj<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.payload
    }
}

impl<T: Payload> Obj<T> {
    /// The object as a new owned value.
    #[inline(always)]
    pub fn to_value(&self) -> Value {
        self.header.retain();
        // SAFETY: the count was just taken.
        unsafe { Value::from_raw((&raw const self.header).expose_provenance() as u64) }
    }

    /// The object as a new owned typed pointer.
    #[inline(always)]
    pub fn to_ref(&self) -> Ref<T> {
        self.header.retain();
        Ref(NonNull::from(self), PhantomData)
    }


    /// The type.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObject {
        // SAFETY: a live object's type is live.
        unsafe { &*self.header.ty().cast::<TypeObject>() }
    }

    /// The header.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the type is exactly `T`'s, no subclass.
    #[inline(always)]
    pub fn is_exact(&self) -> bool {
        std::ptr::eq(self.ty(), T::TYPE.ptr())
    }
}

/// A Rust type that is the payload of a Python type. Written by `#[class]`.
pub trait Payload: Trace + Sized + 'static {
    /// The type object.
    const TYPE: &'static StaticType;
    /// Whether instances are seen by the cycle collector.
    const GC: bool = true;
}

/// How the payload of a type and of all that derive from it is handled.
#[derive(Clone, Copy)]
pub struct Layout {
    /// The payload's Rust type: types with the same one share their layout.
    pub id: std::any::TypeId,
    /// Bytes of header and payload.
    pub size: usize,
    /// Shows the payload's references.
    pub trace: unsafe fn(*const Header, &mut Tracer<'_>),
    /// Takes out references that can be part of a cycle.
    pub clear: unsafe fn(*const Header, &mut Vec<Value>),
    /// Drops the payload.
    pub drop: unsafe fn(*const Header),
    /// Deallocates a dead instance of a builtin type that has no finalizer, where there is a short way.
    pub dealloc: Option<unsafe fn(*const Header)>,
}

impl Layout {
    /// The layout of an object with payload `T`.
    pub const fn of<T: Trace + 'static>() -> Self {
        unsafe fn trace<T: Trace>(h: *const Header, tracer: &mut Tracer<'_>) {
            // SAFETY: called through the layout of this very object.
            unsafe { (*h.cast::<Obj<T>>()).payload.trace(tracer) }
        }
        unsafe fn clear<T: Trace>(h: *const Header, out: &mut Vec<Value>) {
            // SAFETY: as above.
            unsafe { (*h.cast::<Obj<T>>()).payload.clear(out) }
        }
        unsafe fn drop<T: Trace>(h: *const Header) {
            // SAFETY: as above; called once, by the deallocator.
            unsafe { std::ptr::drop_in_place(&raw mut (*h.cast_mut().cast::<Obj<T>>()).payload) }
        }
        Self {
            id: std::any::TypeId::of::<T>(),
            size: size_of::<Obj<T>>(),
            trace: trace::<T>,
            clear: clear::<T>,
            drop: drop::<T>,
            dealloc: Some(if T::LEAF { crate::vm::dealloc_leaf::<T> } else { crate::vm::dealloc_plain::<T> }),
        }
    }
}

/// An owned pointer to an object with payload `T`.
#[repr(transparent)]
pub struct Ref<T: Payload>(NonNull<Obj<T>>, PhantomData<Obj<T>>);

impl<T: Payload> Ref<T> {
    /// Takes over the pointer in `w` and its count.
    ///
    /// # Safety
    /// `w` is a pointer word to an object with payload `T`, and its count belongs to the result.
    #[inline(always)]
    pub unsafe fn from_raw(w: u64) -> Self {
        // SAFETY: the caller.
        unsafe { Self(NonNull::new_unchecked(std::ptr::with_exposed_provenance_mut(w as usize)), PhantomData) }
    }

    /// The value, with the count.
    #[inline(always)]
    pub fn into_value(self) -> Value {
        let w = self.0.as_ptr().expose_provenance() as u64;
        std::mem::forget(self);
        // SAFETY: the count moves along.
        unsafe { Value::from_raw(w) }
    }

    /// The pointer seen as a value.
    #[inline(always)]
    pub fn value(&self) -> &Value {
        // SAFETY: both are one word that holds the object's address, with the same ownership.
        unsafe { &*std::ptr::from_ref(self).cast::<Value>() }
    }
}

impl<T: Payload> Deref for Ref<T> {
    type Target = Obj<T>;
    #[inline(always)]
    fn deref(&self) -> &Obj<T> {
        // SAFETY: invariant 1 of `core`.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Payload> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.header.retain();
        Self(self.0, PhantomData)
    }
}

impl<T: Payload> Drop for Ref<T> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.header.release() {
            // SAFETY: the count is zero: nobody else refers to the object.
            unsafe { crate::vm::dealloc(&self.0.as_ref().header) };
        }
    }
}

impl<T: Payload> From<Ref<T>> for Value {
    #[inline(always)]
    fn from(r: Ref<T>) -> Value {
        r.into_value()
    }
}

/// The place of a builtin type's object, whose address is known when Rust links.
///
/// Filled once per process, before the first interpreter starts; immutable and immortal afterwards,
/// which is why all interpreters may share it.
#[repr(transparent)]
pub struct StaticType(UnsafeCell<MaybeUninit<TypeObject>>);

// SAFETY: written once under the image's lock before any thread reads; see `types::image`.
unsafe impl Sync for StaticType {}

impl StaticType {
    /// An empty place.
    #[expect(clippy::new_without_default, reason = "only statics are made")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// The address.
    #[inline(always)]
    pub const fn ptr(&self) -> *const TypeObject {
        self.0.get().cast_const().cast()
    }

    /// The type object.
    #[inline(always)]
    pub fn get(&self) -> &'static TypeObject {
        // SAFETY: the image is complete before any Python value exists; the place is a static.
        unsafe { &*self.ptr() }
    }

    /// The type as a value.
    pub fn value(&self) -> Value {
        // SAFETY: immortal, so the count does not matter.
        unsafe { Value::from_raw(self.ptr().expose_provenance() as u64) }
    }

    /// Puts the finished type object in its place.
    ///
    /// # Safety
    /// Called once, before anybody reads.
    pub(crate) unsafe fn init(&self, ty: TypeObject) {
        // SAFETY: the caller.
        unsafe { (*self.0.get()).write(ty) };
    }

    /// The definition behind this type, once the image is complete.
    pub fn def(&self) -> Option<&'static TypeDef> {
        self.get().def
    }
}

impl<T: Payload> Ref<T> {
    /// A new object of `T`'s own type.
    #[inline]
    pub fn new(payload: T) -> Self {
        Self::new_sized(payload, 0)
    }

    /// A new object with `extra` uninitialised bytes behind the payload (see [`Obj::tail`]).
    #[inline]
    pub fn new_sized(payload: T, extra: usize) -> Self {
        let ty = T::TYPE.ptr();
        // SAFETY: the payload is written before anybody sees the object; `T::TYPE` describes it.
        unsafe {
            let h = crate::vm::alloc(size_of::<Obj<T>>() + extra, ty.cast(), T::GC);
            let obj = h.cast::<Obj<T>>();
            (&raw mut (*obj.as_ptr()).payload).write(payload);
            obj.as_ptr().expose_provenance();
            Self(obj, PhantomData)
        }
    }

    /// A new object of a builtin type with `T`'s layout, with `extra` uninitialised bytes behind the payload.
    pub fn new_static_sized(ty: &'static StaticType, payload: T, extra: usize) -> Self {
        debug_assert!(std::ptr::eq(ty, T::TYPE) || ty.get().has_layout_of(T::TYPE.get()));
        // SAFETY: the payload is written before anybody sees the object; the type describes it and is immortal.
        unsafe {
            let h = crate::vm::alloc(size_of::<Obj<T>>() + extra, ty.ptr().cast(), T::GC);
            let obj = h.cast::<Obj<T>>();
            (&raw mut (*obj.as_ptr()).payload).write(payload);
            obj.as_ptr().expose_provenance();
            Self(obj, PhantomData)
        }
    }

    /// A new object of `cls`, a type that has `T`'s layout: instance attributes start out empty.
    pub fn new_of(cls: &TypeObject, payload: T) -> Self {
        if std::ptr::eq(cls, T::TYPE.ptr()) {
            return Self::new(payload);
        }
        debug_assert!(cls.has_layout_of(T::TYPE.get()));
        // SAFETY: as in `new_sized`; the extra words of a subclass start as zeros.
        unsafe {
            let size = cls.size.get() as usize;
            let h = crate::vm::alloc(size, std::ptr::from_ref(cls).cast(), true);
            cls.header().retain();
            let obj = h.cast::<Obj<T>>();
            (&raw mut (*obj.as_ptr()).payload).write(payload);
            let start = size_of::<Obj<T>>();
            if size > start {
                h.as_ptr().cast::<u8>().add(start).write_bytes(0, size - start);
            }
            obj.as_ptr().expose_provenance();
            Self(obj, PhantomData)
        }
    }
}

impl<T> Obj<T> {
    /// The first byte behind the payload.
    #[inline(always)]
    pub fn tail(&self) -> *const u8 {
        // SAFETY: one past the payload is still in, or just behind, the object's block.
        unsafe { std::ptr::from_ref(self).add(1).cast() }
    }
}
