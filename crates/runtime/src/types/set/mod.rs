//! set and frozenset: a hash table of keys, with lookups that may run Python code.

mod iter;
mod methods;
pub mod ops;
mod table;

pub use self::iter::SetIter;
pub(crate) use self::methods::{any_set, shared};
pub use self::table::{Entry, Found, Table};
use crate::core::{Drain, Payload, PyCell, R, Raised, Ref, Value};
use crate::native::TypeDef;
use crate::types::dict::{Same, unhashable};
use crate::types::frozenset::FrozenSet;
use crate::types::str::Str;
use crate::vm::Vm;
use taipan_memory::Tracer;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Set::DEF, SetIter::DEF];

/// What set and frozenset hold.
#[derive(taipan_macros::Trace, Default)]
pub struct SetData {
    table: PyCell<Table>,
}

/// The payload of set.
#[derive(taipan_macros::Trace, Default)]
pub struct Set {
    data: SetData,
}

impl crate::core::Trace for Table {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for v in self.iter() {
            v.trace(tracer);
        }
    }
}

impl Drain for Table {
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.extend(std::mem::take(self).into_keys());
    }
}

impl Set {
    /// What it holds.
    #[inline(always)]
    pub fn data(&self) -> &SetData {
        &self.data
    }

    /// Adds a value. False if it is there already.
    ///
    /// Raises what hashing and comparing raise.
    pub fn add(&self, vm: &Vm, v: Value) -> R<bool> {
        self.data.add(vm, v)
    }
}

/// A new empty set.
pub fn new_empty() -> Ref<Set> {
    Ref::new(Set::default())
}

/// A new set of values.
///
/// Raises what hashing and comparing raise.
pub fn from_vec(vm: &Vm, items: Vec<Value>) -> R<Ref<Set>> {
    let made = new_empty();
    for v in items {
        made.data.add(vm, v)?;
    }
    Ok(made)
}

/// What a set, a frozenset or an instance of a subclass holds.
#[inline]
pub fn data(v: &Value) -> Option<&SetData> {
    if let Some(d) = exact_data(v) {
        return Some(d);
    }
    if let Some(s) = v.downcast::<Set>() {
        return Some(&s.data);
    }
    v.downcast::<FrozenSet>().map(|s| s.data())
}

/// What an exact set or frozenset holds.
#[inline]
pub fn exact_data(v: &Value) -> Option<&SetData> {
    if let Some(s) = v.downcast_exact::<Set>() {
        return Some(&s.data);
    }
    v.downcast_exact::<FrozenSet>().map(|s| s.data())
}

/// Bytes of the table of a set or frozenset; `None` for other objects.
///
/// # Safety
/// A live object.
pub unsafe fn bytes_of(h: *const taipan_memory::Header) -> Option<usize> {
    // SAFETY: the caller; the layout says what the payload is.
    unsafe {
        let layout = (*(*h).ty().cast::<crate::types::type_::TypeObject>()).layout.id;
        if layout == Set::TYPE.get().layout.id {
            let set = &*h.cast::<crate::core::Obj<Set>>();
            return Some(set.data.table.borrow().bytes());
        }
        if layout == FrozenSet::TYPE.get().layout.id {
            let set = &*h.cast::<crate::core::Obj<FrozenSet>>();
            return Some(set.data().table.borrow().bytes());
        }
        None
    }
}

/// Whether a value is a frozenset or an instance of a subclass.
pub(crate) fn is_frozen(v: &Value) -> bool {
    v.is_object() && v.ty().has_layout_of(FrozenSet::TYPE.get())
}

/// The hash of a value that is to be an element.
///
/// Raises what hashing raises; a TypeError says that it is about an element.
#[inline]
pub fn hash_element(vm: &Vm, v: &Value) -> R<i64> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return Ok(s.hash());
    }
    match vm.hash(v) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unhashable(vm, v, raised, "set element")),
    }
}

/// Where a key is, or would be put.
enum Place {
    At(usize),
    Free(usize),
}

impl SetData {
    /// The table, for short looks that run no Python code.
    #[inline(always)]
    pub fn table(&self) -> &PyCell<Table> {
        &self.table
    }

    /// Number of elements.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table.borrow().len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All elements, copied.
    pub fn to_vec(&self) -> Vec<Value> {
        self.table.borrow().iter().cloned().collect()
    }

    /// The next element at or behind place `from`: (place behind it, hash, element).
    #[inline]
    pub fn next_entry(&self, from: usize) -> Option<(usize, i64, Value)> {
        let t = self.table.borrow();
        let mut i = from;
        while let Some(e) = t.entries().get(i) {
            i += 1;
            if let Some(k) = &e.key {
                return Some((i, e.hash, k.clone()));
            }
        }
        None
    }

    /// The place of a key; may run Python's `__eq__`.
    #[inline]
    fn place(&self, vm: &Vm, key: &Value, hash: i64) -> R<Place> {
        let found = {
            let t = self.table.borrow();
            t.search(&mut t.probe(hash), hash, |k| same(k, key))
        };
        match found {
            Found::At(i) => Ok(Place::At(i)),
            Found::Free(i) => Ok(Place::Free(i)),
            Found::Ask(_) => self.place_slowly(vm, key, hash),
        }
    }

    #[cold]
    fn place_slowly(&self, vm: &Vm, key: &Value, hash: i64) -> R<Place> {
        'again: loop {
            let (mut probe, entries, size) = {
                let t = self.table.borrow();
                (t.probe(hash), t.entries().as_ptr(), t.entries().len())
            };
            loop {
                let (i, k) = {
                    let t = self.table.borrow();
                    match t.search(&mut probe, hash, |k| same(k, key)) {
                        Found::At(i) => return Ok(Place::At(i)),
                        Found::Free(i) => return Ok(Place::Free(i)),
                        Found::Ask(i) => match t.entries().get(i).and_then(|e| e.key.clone()) {
                            Some(k) => (i, k),
                            None => continue 'again,
                        },
                    }
                };
                let equal = vm.eq(&k, key)?;
                {
                    let t = self.table.borrow();
                    let now = t.entries().get(i).and_then(|e| e.key.as_ref());
                    if t.entries().as_ptr() != entries
                        || t.entries().len() != size
                        || !now.is_some_and(|now| now.is(&k))
                    {
                        continue 'again;
                    }
                }
                if equal {
                    return Ok(Place::At(i));
                }
                probe.advance();
            }
        }
    }

    /// Adds a value. False if it is there already.
    ///
    /// Raises what hashing and comparing raise.
    #[inline]
    pub fn add(&self, vm: &Vm, v: Value) -> R<bool> {
        let hash = match v.as_small() {
            Some(n) => crate::types::int::hash_small(n),
            None => hash_element(vm, &v)?,
        };
        self.add_hashed(vm, v, hash)
    }

    /// As [`SetData::add`], with the value's hash known.
    #[inline]
    pub fn add_hashed(&self, vm: &Vm, v: Value, hash: i64) -> R<bool> {
        let done = self.table.borrow_mut().insert(hash, v, same);
        match done {
            Ok(new) => Ok(new),
            Err(v) => self.add_slowly(vm, v, hash),
        }
    }

    #[cold]
    fn add_slowly(&self, vm: &Vm, v: Value, hash: i64) -> R<bool> {
        match self.place(vm, &v, hash)? {
            Place::At(_) => Ok(false),
            Place::Free(i) => {
                let put = self.table.borrow_mut().put(i, hash, v);
                if put { Ok(true) } else { Err(vm.memory_error()) }
            }
        }
    }

    /// Whether a value is there; a set that can't be hashed is looked for as a frozenset.
    pub fn contains(&self, vm: &Vm, v: &Value) -> R<bool> {
        self.with_hash(vm, v, |v, hash| self.contains_hashed(vm, v, hash))
    }

    /// Whether a value with a known hash is there.
    #[inline]
    pub fn contains_hashed(&self, vm: &Vm, v: &Value, hash: i64) -> R<bool> {
        Ok(matches!(self.place(vm, v, hash)?, Place::At(_)))
    }

    /// Takes a value out. False if it is not there.
    pub fn discard(&self, vm: &Vm, v: &Value) -> R<bool> {
        self.with_hash(vm, v, |v, hash| self.discard_hashed(vm, v, hash))
    }

    /// As [`SetData::discard`], with the value's hash known.
    pub fn discard_hashed(&self, vm: &Vm, v: &Value, hash: i64) -> R<bool> {
        let Place::At(i) = self.place(vm, v, hash)? else { return Ok(false) };
        let old = self.table.borrow_mut().take(i);
        drop(old);
        Ok(true)
    }

    /// Calls `f` with the hash of `v`, or, if `v` is a set without a hash, with a frozenset of the same elements.
    #[inline]
    fn with_hash<T>(&self, vm: &Vm, v: &Value, f: impl Fn(&Value, i64) -> R<T>) -> R<T> {
        match hash_element(vm, v) {
            Ok(hash) => f(v, hash),
            Err(raised) => {
                let frozen = frozen_copy(vm, v, raised)?;
                let hash = vm.hash(&frozen)?;
                f(&frozen, hash)
            }
        }
    }

    /// Removes everything.
    pub fn clear_all(&self) {
        let table = self.table.take();
        drop(table);
    }

    /// Takes any element out.
    pub fn pop(&self) -> Option<Value> {
        self.table.borrow_mut().pop()
    }

    /// A copy.
    ///
    /// Raises MemoryError when there is no room for it.
    pub fn copy(&self, vm: &Vm) -> R<SetData> {
        let mut table = Table::new();
        let source = self.table.borrow();
        // An empty table has room for a few keys only, so it must grow first, as in an update.
        if !table.prepare(source.len()) {
            drop(source);
            return Err(vm.memory_error());
        }
        table.copy_from(&source);
        Ok(SetData { table: PyCell::new(table) })
    }
}

/// What can be said of two keys with the same hash without Python code.
#[inline(always)]
fn same(k: &Value, key: &Value) -> Same {
    if k.is(key) {
        return Same::Yes;
    }
    if k.as_small().is_some() && key.as_small().is_some() {
        return Same::No;
    }
    match (k.downcast_exact::<Str>(), key.downcast_exact::<Str>()) {
        (Some(a), Some(b)) => Same::sure(a.same_text(b)),
        _ => Same::Ask,
    }
}

/// A frozenset with the elements of a set that could not be hashed; passes the error on for anything else.
#[cold]
fn frozen_copy(vm: &Vm, v: &Value, raised: Raised) -> R {
    let Some(d) = data(v) else { return Err(raised) };
    if !vm.raised_is(&crate::types::exceptions::TYPE_ERROR) {
        return Err(raised);
    }
    drop(vm.catch(raised));
    Ok(FrozenSet::of_data(d.copy(vm)?).into_value())
}
