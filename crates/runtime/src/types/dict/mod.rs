//! dict: the object around the table, with lookups that may run Python code.

pub mod foreign;
mod iter;
mod methods;
pub mod ordered;
mod table;
pub mod views;

use std::cell::Cell;

use taipan_memory::Tracer;

pub(crate) use self::methods::push_repr;
pub use self::methods::{copied, update};
pub use self::table::{Entry, Found, Same, Table};
use crate::native::TypeDef;
use crate::core::{PyCell, R, Raised, Ref, Trace, Value};
use crate::types::exceptions;
use crate::types::str::Str;
use crate::vm::Vm;

/// The payload of dict.
#[derive(Default)]
pub struct Dict {
    table: PyCell<Table>,
    /// Version of the set of keys and their places: 0 when nobody has asked since they last changed.
    keys_version: Cell<u32>,
}

impl Trace for Dict {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector runs no Python code and starts where no borrow is held.
        for e in unsafe { &(*self.table.as_ptr()).entries } {
            e.key.trace(tracer);
            e.value.trace(tracer);
        }
    }

    fn clear(&self, out: &mut Vec<Value>) {
        self.clear_into(out);
    }
}

/// The hash of a value that is to be a key.
///
/// Raises what hashing raises; a TypeError says that it is about a key.
#[inline]
pub fn hash_key(vm: &Vm, key: &Value) -> R<i64> {
    if let Some(s) = key.downcast_exact::<Str>() {
        return Ok(s.hash());
    }
    match vm.hash(key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unhashable(vm, key, raised, "dict key")),
    }
}

/// Rewords the TypeError of a value that can't be hashed, where it was to be a `what`.
#[cold]
pub(crate) fn unhashable(vm: &Vm, key: &Value, raised: Raised, what: &str) -> Raised {
    let exact = vm.peek_raised().is_some_and(|e| e.ty().is(exceptions::TYPE_ERROR.get()));
    if !exact {
        return raised;
    }
    let e = vm.catch(raised);
    let text = match vm.str_string(&e) {
        Ok(text) => text,
        Err(raised) => return raised,
    };
    vm.type_error(format!("cannot use '{}' as a {what} ({text})", key.ty().full_name()))
}

/// Where an insertion found its key.
enum Place {
    At(usize),
    Absent,
}

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[
    Dict::DEF,
    views::DictKeys::DEF,
    views::DictValues::DEF,
    views::DictItems::DEF,
    iter::KeyIter::DEF,
    iter::ValueIter::DEF,
    iter::ItemIter::DEF,
    iter::ReverseKeyIter::DEF,
    iter::ReverseValueIter::DEF,
    iter::ReverseItemIter::DEF,
    foreign::Foreign::DEF,
    ordered::OrderedDict::DEF,
    ordered::OrderedKeys::DEF,
    ordered::OrderedValues::DEF,
    ordered::OrderedItems::DEF,
    ordered::OrderedIter::DEF,
];

impl Dict {
    /// An empty dict payload.
    pub const fn new() -> Self {
        Self { table: PyCell::new(Table::new()), keys_version: Cell::new(0) }
    }

    /// A dict payload around a table.
    pub const fn from_table(table: Table) -> Self {
        Self { table: PyCell::new(table), keys_version: Cell::new(0) }
    }

    /// The table, for short looks that run no Python code.
    #[inline(always)]
    pub fn table(&self) -> &PyCell<Table> {
        &self.table
    }

    /// Number of keys.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table.borrow().used
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The version of the keys, made on demand; the place of every key stays while it stays.
    pub fn version(&self) -> u32 {
        if self.keys_version.get() == 0 {
            self.keys_version.set(crate::vm::next_version());
        }
        self.keys_version.get()
    }

    /// The version if one was made, else 0.
    #[inline(always)]
    pub fn current_version(&self) -> u32 {
        self.keys_version.get()
    }

    #[inline(always)]
    fn keys_changed(&self) {
        self.keys_version.set(0);
    }

    /// The place of a key; may run Python's `__eq__`.
    #[inline]
    fn find(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<usize>> {
        let found = if let Some(s) = key.downcast_exact::<Str>() {
            self.table.borrow().search(hash, |k| {
                if k.is(key) {
                    return Same::Yes;
                }
                match k.downcast_exact::<Str>() {
                    Some(other) => Same::sure(other.same_text(s)),
                    // What is in the word is no str and equals none.
                    None => if k.is_object() { Same::Ask } else { Same::No },
                }
            })
        } else if key.as_small().is_some() {
            self.table.borrow().search(hash, |k| {
                if k.is(key) {
                    Same::Yes
                } else if k.as_small().is_some() {
                    Same::No
                } else {
                    Same::Ask
                }
            })
        } else {
            self.table.borrow().search(hash, |k| if k.is(key) { Same::Yes } else { Same::Ask })
        };
        match found {
            Ok(found) => Ok(found),
            Err(()) => self.find_general(vm, key, hash),
        }
    }

    #[cold]
    fn find_general(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<usize>> {
        'again: loop {
            let (mut p, entries, len, size) = {
                let t = self.table.borrow();
                if t.used == 0 {
                    return Ok(None);
                }
                (t.probe(hash), t.entries.as_ptr(), t.entries.len(), t.size())
            };
            loop {
                let candidate = {
                    let t = self.table.borrow();
                    match t.look(&p) {
                        Found::Empty => return Ok(None),
                        Found::Dummy => None,
                        Found::Entry(n) => {
                            match t.entries.get(n).map(|e| (e.hash, &e.key)) {
                                Some((_, Some(k))) if k.is(key) => return Ok(Some(n)),
                                Some((h, Some(k))) if h == hash => Some((n, k.clone())),
                                _ => None,
                            }
                        }
                    }
                };
                if let Some((n, k)) = candidate {
                    let same = vm.eq(&k, key)?;
                    let t = self.table.borrow();
                    let changed = t.entries.as_ptr() != entries
                        || t.entries.len() != len
                        || t.size() != size
                        || !t.entries.get(n).and_then(|e| e.key.as_ref()).is_some_and(|now| now.is(&k));
                    if changed {
                        continue 'again;
                    }
                    if same {
                        return Ok(Some(n));
                    }
                }
                self.table.borrow().advance(&mut p);
            }
        }
    }

    /// The value of a key.
    ///
    /// Raises what hashing or comparing raises.
    #[inline]
    pub fn get(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = hash_key(vm, key)?;
        self.get_hashed(vm, key, hash)
    }

    /// As [`Dict::get`], with the key's hash known.
    #[inline]
    pub fn get_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        Ok(match self.find(vm, key, hash)? {
            Some(n) => self.table.borrow().entries[n].value.clone(),
            None => None,
        })
    }

    /// The value of an interned name; runs no Python code (keys that are no str never equal a name here
    /// unless their class overrides both hash and equality, which names in namespaces don't meet).
    #[inline]
    pub fn get_name(&self, name: &Value) -> Option<Value> {
        let n = self.find_name(name)?;
        self.table.borrow().entries[n].value.clone()
    }

    /// The entry index of an interned name.
    #[inline]
    pub fn find_name(&self, name: &Value) -> Option<usize> {
        // SAFETY: names are str objects.
        let s = unsafe { name.downcast_unchecked::<Str>() };
        let hash = s.hash();
        let t = self.table.borrow();
        t.find(hash, |k| k.is(name) || k.downcast::<Str>().is_some_and(|o| o.same_text(s)))
    }

    /// The value at an entry index that a version vouches for.
    #[inline(always)]
    pub fn value_at(&self, n: usize) -> Option<Value> {
        self.table.borrow().entries.get(n)?.value.clone()
    }

    /// The hash of the key at an entry index, 0 if there is no such entry.
    #[inline(always)]
    pub fn hash_at(&self, n: usize) -> i64 {
        self.table.borrow().entries.get(n).map_or(0, |e| e.hash)
    }

    /// Finds a key by its text.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.get_name(crate::vm::intern(key).value())
    }

    /// Sets a name; runs no Python code besides the death of the old value.
    pub fn set_name(&self, name: &Value, value: Value) {
        self.put_name(name, value);
    }

    /// As [`Dict::set_name`]; gives the entry's index if the name was there.
    pub fn put_name(&self, name: &Value, value: Value) -> Option<usize> {
        let found = self.find_name(name);
        match found {
            Some(n) => {
                let old = self.table.borrow_mut().entries[n].value.replace(value);
                drop(old);
            }
            None => {
                // SAFETY: names are str objects.
                let hash = unsafe { name.downcast_unchecked::<Str>() }.hash();
                self.keys_changed();
                self.table.borrow_mut().insert_new(hash, name.clone(), value);
            }
        }
        found
    }

    /// Sets a key given as text.
    pub fn set_str(&self, key: &str, value: impl Into<Value>) {
        self.set_name(crate::vm::intern(key).value(), value.into());
    }

    /// Replaces the value at an entry index that a version vouches for.
    #[inline(always)]
    pub fn replace_at(&self, n: usize, value: Value) -> Option<Value> {
        self.table.borrow_mut().entries[n].value.replace(value)
    }

    fn place(&self, vm: &Vm, key: &Value, hash: i64) -> R<Place> {
        Ok(self.find(vm, key, hash)?.map_or(Place::Absent, Place::At))
    }

    /// Sets a key.
    ///
    /// Raises what hashing or comparing raises.
    #[inline]
    pub fn set(&self, vm: &Vm, key: Value, value: Value) -> R<()> {
        let hash = hash_key(vm, &key)?;
        self.set_hashed(vm, key, hash, value)
    }

    /// As [`Dict::set`], with the key's hash known.
    pub fn set_hashed(&self, vm: &Vm, key: Value, hash: i64, value: Value) -> R<()> {
        match self.place(vm, &key, hash)? {
            Place::At(n) => {
                let old = self.table.borrow_mut().entries[n].value.replace(value);
                drop(old);
            }
            Place::Absent => {
                self.check_growth(vm)?;
                self.keys_changed();
                self.table.borrow_mut().insert_new(hash, key, value);
            }
        }
        Ok(())
    }

    /// A large table that has to grow finds out whether it may.
    #[inline(always)]
    fn check_growth(&self, vm: &Vm) -> R<()> {
        let bytes = self.table.borrow().next_growth();
        if bytes > 0 { vm.check_room(bytes) } else { Ok(()) }
    }

    /// The value of a key, which is first set to `default` if it is absent (one lookup).
    pub fn set_default(&self, vm: &Vm, key: Value, default: Value) -> R<Value> {
        let hash = hash_key(vm, &key)?;
        match self.place(vm, &key, hash)? {
            Place::At(n) => Ok(self.table.borrow().entries[n].value.clone().unwrap_or(Value::NONE)),
            Place::Absent => {
                self.check_growth(vm)?;
                self.keys_changed();
                self.table.borrow_mut().insert_new(hash, key, default.clone());
                Ok(default)
            }
        }
    }

    /// Takes a key out; `None` if it is absent.
    pub fn remove(&self, vm: &Vm, key: &Value) -> R<Option<Value>> {
        let hash = hash_key(vm, key)?;
        self.remove_hashed(vm, key, hash)
    }

    /// Takes a name out.
    pub fn remove_name(&self, name: &Value) -> Option<Value> {
        let n = self.find_name(name)?;
        self.keys_changed();
        let (k, v) = self.table.borrow_mut().remove(n);
        drop(k);
        Some(v)
    }

    /// Takes the last entry out.
    pub fn pop_last(&self) -> Option<(Value, Value)> {
        self.keys_changed();
        self.table.borrow_mut().pop()
    }

    /// Whether a key is there.
    pub fn contains(&self, vm: &Vm, key: &Value) -> R<bool> {
        let hash = hash_key(vm, key)?;
        Ok(self.find(vm, key, hash)?.is_some())
    }

    /// The next live entry at or behind index `from`: (index behind it, key, value).
    #[inline]
    pub fn next_entry(&self, from: usize) -> Option<(usize, Value, Value)> {
        let t = self.table.borrow();
        let mut i = from;
        while let Some(e) = t.entries.get(i) {
            i += 1;
            if let (Some(k), Some(v)) = (&e.key, &e.value) {
                return Some((i, k.clone(), v.clone()));
            }
        }
        None
    }

    /// As [`Dict::next_entry`], for the keys with their hashes: (index behind it, hash, key).
    #[inline]
    pub fn next_key(&self, from: usize) -> Option<(usize, i64, Value)> {
        let t = self.table.borrow();
        let live = t.entries.get(from..)?.iter().position(|e| e.key.is_some())? + from;
        let e = t.entries.get(live)?;
        Some((live + 1, e.hash, e.key.clone()?))
    }

    /// The last live entry before index `from`: (its index, key, value).
    pub fn prev_entry(&self, from: usize) -> Option<(usize, Value, Value)> {
        let t = self.table.borrow();
        let mut i = from.min(t.entries.len());
        while i > 0 {
            i -= 1;
            let e = &t.entries[i];
            if let (Some(k), Some(v)) = (&e.key, &e.value) {
                return Some((i, k.clone(), v.clone()));
            }
        }
        None
    }

    /// All items, copied.
    pub fn items(&self) -> Vec<(Value, Value)> {
        self.table.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// All keys, copied.
    pub fn keys(&self) -> Vec<Value> {
        self.table.borrow().iter().map(|(k, _)| k.clone()).collect()
    }

    /// Moves everything into `out`.
    pub fn clear_into(&self, out: &mut Vec<Value>) {
        self.keys_changed();
        let table = self.table.take();
        for e in table.entries {
            out.extend(e.key);
            out.extend(e.value);
        }
    }

    /// Removes everything.
    pub fn clear_all(&self) {
        self.keys_changed();
        let table = self.table.take();
        drop(table);
    }

    /// A copy.
    pub fn copy(&self) -> Ref<Dict> {
        let table = self.table.borrow().copy();
        Ref::new(Dict::from_table(table))
    }

    /// Takes a key out if it is there; with the key's hash known.
    pub fn remove_hashed(&self, vm: &Vm, key: &Value, hash: i64) -> R<Option<Value>> {
        let Some(n) = self.find(vm, key, hash)? else { return Ok(None) };
        self.keys_changed();
        let (k, v) = self.table.borrow_mut().remove(n);
        drop(k);
        Ok(Some(v))
    }

    /// Takes over all items of another dict (`update` with a plain dict).
    ///
    /// Raises what comparing keys raises, and RuntimeError when that changes `other`.
    pub fn merge(&self, vm: &Vm, other: &Dict) -> R<()> {
        if std::ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        if self.is_empty() {
            let table = other.table.borrow().copy();
            self.keys_changed();
            let old = self.table.replace(table);
            drop(old);
            return Ok(());
        }
        let mut i = 0;
        let size = other.len();
        while let Some((next, k, v)) = other.next_entry(i) {
            let hash = other.hash_at(next - 1);
            self.set_hashed(vm, k, hash, v)?;
            if other.len() != size {
                return Err(vm.runtime_error("dict mutated during update"));
            }
            i = next;
        }
        Ok(())
    }
}
