//! What no interpreter can change and all share: builtin types, their tables, interned names, one-character
//! strings, the empty tuple, the hash secret. Built once per process, then immortal.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use taipan_memory::Heap;

use super::Names;
use super::intern::NameTable;
use crate::core::{PyCell, Ref, Value};
use crate::types::str::{self, Str};
use crate::types::type_::Namespace;
use crate::types::tuple::Tuple;

/// See the module's head.
pub struct Image {
    /// The names that the runtime uses.
    pub names: Names,
    _chars: Vec<Value>,
    empty_tuple: Value,
    heap: *const Heap,
}

// SAFETY: after it is built, the image and all its objects are immortal and never change.
unsafe impl Sync for Image {}
// SAFETY: as above.
unsafe impl Send for Image {}

static IMAGE: AtomicPtr<Image> = AtomicPtr::new(std::ptr::null_mut());
static CHARS: AtomicPtr<Value> = AtomicPtr::new(std::ptr::null_mut());
static EMPTY_STR: AtomicPtr<u64> = AtomicPtr::new(std::ptr::null_mut());
static EMPTY: AtomicPtr<u64> = AtomicPtr::new(std::ptr::null_mut());
static BUILD: Mutex<()> = Mutex::new(());
static SECRET: std::sync::OnceLock<(u64, u64)> = std::sync::OnceLock::new();

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

/// As [`single_char`], as a value.
#[inline(always)]
pub fn single_char_value(b: u8) -> Value {
    let chars = CHARS.load(Ordering::Relaxed);
    if chars.is_null() {
        return make_char(b).into_value();
    }
    // SAFETY: 256 immortal str objects, whose counts do not matter.
    unsafe { Value::from_raw((*chars.add(b as usize)).raw()) }
}

#[cold]
fn make_char(b: u8) -> Ref<Str> {
    let kind = if b < 0x80 { str::Kind::Ascii } else { str::Kind::Latin1 };
    // SAFETY: one byte of the right kind.
    unsafe { str::new_with(1, kind, |p| *p = b) }.expect("one byte fits")
}

/// The empty string, if it is made already.
#[inline]
pub(crate) fn empty_str() -> Option<Ref<Str>> {
    let p = EMPTY_STR.load(Ordering::Relaxed);
    // SAFETY: an immortal str object.
    (!p.is_null()).then(|| unsafe { Ref::from_raw(p.expose_provenance() as u64) })
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

/// The image's interned strings.
pub(super) enum NamesTable {
    /// For ever as they are.
    Done(&'static NameTable),
    /// Not complete: new strings belong here.
    Building(&'static PyCell<NameTable>),
}

struct Interned(PyCell<NameTable>);

// SAFETY: changed only while the image is built, by the thread that builds it.
unsafe impl Sync for Interned {}

static INTERNED: Interned = Interned(PyCell::new(NameTable::new()));

/// See [`NamesTable`].
#[inline(always)]
pub(super) fn names_table() -> NamesTable {
    if IMAGE.load(Ordering::Acquire).is_null() {
        return NamesTable::Building(&INTERNED.0);
    }
    // SAFETY: nobody changes it any more.
    NamesTable::Done(unsafe { &*INTERNED.0.as_ptr() })
}

/// Builds the image if this process has none yet. `types` are the definitions, bases before derived ones.
pub fn build(types: &[&'static crate::native::TypeDef]) {
    let guard = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    if !IMAGE.load(Ordering::Acquire).is_null() {
        return;
    }
    let heap: &'static Heap = Box::leak(Box::new(Heap::new()));
    // No collector ever looks at it.
    heap.set_young_limit(usize::MAX);
    super::set_heap(heap);
    let mut chars: Vec<Value> = (0..=255u8).map(|b| make_char(b).into_value()).collect();
    for v in &chars {
        // SAFETY: just made as str objects.
        let s = unsafe { v.downcast_unchecked::<Str>() };
        s.hash();
        s.set_interned(true);
        INTERNED.0.borrow_mut().insert(s.clone());
    }
    CHARS.store(chars.as_mut_ptr(), Ordering::Release);
    // The table owns a count of it.
    let empty_str = super::intern("").value().raw();
    EMPTY_STR.store(std::ptr::with_exposed_provenance_mut(empty_str as usize), Ordering::Release);
    let empty = Ref::new(crate::types::tuple::empty_payload());
    let names = Names::new(|n| super::intern(n).into_value());
    let image = Box::leak(Box::new(Image {
        names,
        _chars: chars,
        empty_tuple: empty.into_value(),
        heap,
    }));
    EMPTY.store(std::ptr::with_exposed_provenance_mut(image.empty_tuple.raw() as usize), Ordering::Release);
    // Names are needed while types are built; the text table follows when it is complete.
    NAMES_READY.store(&raw mut *image, Ordering::Release);
    crate::types::type_::slotdefs::mark_names();
    crate::types::type_::build_static(types);
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

/// Held by the thread that adds to the finished image.
static EXTENDING: Mutex<()> = Mutex::new(());

thread_local! {
    /// What this thread is filling: all of it is done when the outermost is.
    static FILLING: std::cell::RefCell<Vec<*const Namespace>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Whether this thread is adding to the finished image: new names are not interned then, since interpreters may
/// have interned the same texts.
pub(super) fn extending() -> bool {
    FILLING.with_borrow(|f| !f.is_empty())
}

/// Fills a builtin type's namespace; what is made becomes part of the image. Filling may look at others, which are
/// filled as well, and at this one, which is then found as it is.
pub(crate) fn extend_image(what: &Namespace, fill: impl FnOnce()) {
    let (this, nested) = FILLING.with_borrow(|f| (f.iter().any(|n| std::ptr::eq(*n, what)), !f.is_empty()));
    if this {
        return;
    }
    let building = IMAGE.load(Ordering::Acquire).is_null();
    let lock = (!nested && !building).then(|| EXTENDING.lock().unwrap_or_else(PoisonError::into_inner));
    if !what.is_pending() {
        return;
    }
    FILLING.with_borrow_mut(|f| f.push(what));
    if nested || building {
        fill();
    } else {
        let heap = image().heap();
        let before = super::swap_heap(heap);
        // Temporary objects die here and now: the list of those that wait belongs to another heap.
        let depth = super::try_current().map(|vm| vm.dealloc_depth.replace(0));
        heap.start_record();
        fill();
        for h in heap.end_record() {
            // SAFETY: live objects of the image's heap, which this thread alone knows yet.
            unsafe {
                (*h).immortalize();
                (*h).unset(taipan_memory::flags::TRACKED);
            }
        }
        if let (Some(vm), Some(depth)) = (super::try_current(), depth) {
            vm.dealloc_depth.set(depth);
        }
        super::swap_heap(before);
    }
    if !nested {
        for n in FILLING.take() {
            // SAFETY: namespaces of builtin types live for ever.
            unsafe { (*n).done() };
        }
    }
    drop(lock);
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
