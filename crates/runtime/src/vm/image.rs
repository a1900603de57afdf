//! What no interpreter can change and all share: builtin types, their tables, interned names, one-character
//! strings, the empty tuple, the hash secret. Built once per process, then immortal.

use std::collections::HashMap;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use taipan_memory::Heap;

use super::Names;
use crate::core::{Ref, Value};
use crate::types::str::{self, Str};
use crate::types::tuple::Tuple;

/// See the module's head.
pub struct Image {
    /// The names that the runtime uses.
    pub names: Names,
    pub(super) interned: HashMap<Box<str>, Value>,
    chars: Vec<Value>,
    empty_tuple: Value,
    heap: *const Heap,
}

// SAFETY: after it is built, the image and all its objects are immortal and never change.
unsafe impl Sync for Image {}
// SAFETY: as above.
unsafe impl Send for Image {}

static IMAGE: AtomicPtr<Image> = AtomicPtr::new(std::ptr::null_mut());
static CHARS: AtomicPtr<Value> = AtomicPtr::new(std::ptr::null_mut());
static EMPTY: AtomicPtr<u64> = AtomicPtr::new(std::ptr::null_mut());
static BUILD: Mutex<()> = Mutex::new(());
static SECRET: std::sync::OnceLock<(u64, u64)> = std::sync::OnceLock::new();

thread_local! {
    static BUILDING: std::cell::RefCell<Option<HashMap<Box<str>, Value>>> = const { std::cell::RefCell::new(None) };
}

/// The finished image.
#[inline(always)]
pub fn image() -> &'static Image {
    // SAFETY: published by `build` before any interpreter exists, never changed or freed.
    unsafe { &*IMAGE.load(Ordering::Relaxed) }
}

/// Sets the key of the string hash; only the first call in the process counts.
pub fn set_hash_secret(key: (u64, u64)) {
    let _ = SECRET.set(key);
}

/// Hashes the bytes of a str or bytes object.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> i64 {
    let &(k0, k1) = SECRET.get_or_init(|| (0, 0));
    taipan_text::hash::hash_bytes(&taipan_text::hash::HashKey { k0, k1 }, bytes)
}

/// The hash key for a value of PYTHONHASHSEED.
pub fn hash_key_from_seed(seed: u32) -> (u64, u64) {
    let key = taipan_text::hash::HashKey::from_seed(seed);
    (key.k0, key.k1)
}

/// The string of one Latin-1 character.
#[inline]
pub fn single_char(b: u8) -> Ref<Str> {
    let chars = CHARS.load(Ordering::Relaxed);
    if chars.is_null() {
        return make_char(b);
    }
    // SAFETY: 256 immortal str objects.
    unsafe { (*chars.add(b as usize)).downcast_unchecked::<Str>().clone() }
}

fn make_char(b: u8) -> Ref<Str> {
    let kind = if b < 0x80 { str::Kind::Ascii } else { str::Kind::Latin1 };
    // SAFETY: one byte of the right kind.
    unsafe { str::new_with(1, kind, |p| *p = b) }.expect("one byte fits")
}

/// The empty tuple.
#[inline]
pub fn empty_tuple() -> Ref<Tuple> {
    let p = EMPTY.load(Ordering::Relaxed);
    if p.is_null() {
        return Ref::new(crate::types::tuple::empty_payload());
    }
    // SAFETY: an immortal tuple object.
    unsafe { Ref::from_raw(p.expose_provenance() as u64) }
}

/// The interned object of the image for a text, or, while the image is being built, a new one.
pub(super) fn intern_in_image(text: &str) -> Option<Value> {
    let p = IMAGE.load(Ordering::Acquire);
    if p.is_null() {
        return BUILDING.with_borrow_mut(|b| {
            let map = b.as_mut()?;
            if let Some(v) = map.get(text) {
                return Some(v.clone());
            }
            let s = str::from_ref(text);
            s.set_interned(true);
            s.hash();
            map.insert(text.into(), s.value().clone());
            Some(s.into_value())
        });
    }
    // SAFETY: as `image`.
    unsafe { (*p).interned.get(text).cloned() }
}

/// Builds the image if this process has none yet. `types` are the definitions, bases before derived ones.
pub fn build(types: &[&'static crate::native::TypeDef]) {
    let guard = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    if !IMAGE.load(Ordering::Acquire).is_null() {
        return;
    }
    let heap: &'static Heap = Box::leak(Box::new(Heap::new()));
    super::set_heap(heap);
    BUILDING.set(Some(HashMap::new()));
    let chars: Vec<Value> = (0..=255u8).map(|b| make_char(b).into_value()).collect();
    for (b, v) in chars.iter().enumerate() {
        // SAFETY: just made as str objects.
        let s = unsafe { v.downcast_unchecked::<Str>() };
        s.hash();
        s.set_interned(true);
        let text = char::from(b as u8).to_string();
        BUILDING.with_borrow_mut(|m| m.as_mut().map(|m| m.insert(text.into(), v.clone())));
    }
    let empty = Ref::new(crate::types::tuple::empty_payload());
    let names = Names::new(|n| super::intern(n).into_value());
    let image = Box::leak(Box::new(Image {
        names,
        interned: HashMap::new(),
        chars,
        empty_tuple: empty.into_value(),
        heap,
    }));
    CHARS.store(image.chars.as_mut_ptr(), Ordering::Release);
    EMPTY.store(std::ptr::with_exposed_provenance_mut(image.empty_tuple.raw() as usize), Ordering::Release);
    // Names are needed while types are built; the text table follows when it is complete.
    NAMES_READY.store(&raw mut *image, Ordering::Release);
    crate::types::type_::build_static(types);
    image.interned = BUILDING.take().unwrap_or_default();
    heap.for_each(|h| {
        // SAFETY: live objects of the image's heap; untracked, they are never looked at by a collector.
        unsafe {
            (*h).immortalize();
            (*h).unset(taipan_memory::flags::TRACKED);
        }
    });
    super::set_heap(std::ptr::null());
    IMAGE.store(image, Ordering::Release);
    drop(guard);
}

static NAMES_READY: AtomicPtr<Image> = AtomicPtr::new(std::ptr::null_mut());

/// The names, also while the image is being built.
pub(crate) fn building_names() -> &'static Names {
    // SAFETY: as `image`.
    unsafe { &(*NAMES_READY.load(Ordering::Acquire)).names }
}

impl Image {
    /// The heap that holds the image's objects, for figures.
    pub fn heap(&self) -> &Heap {
        // SAFETY: leaked on purpose.
        unsafe { &*self.heap }
    }
}
