//! Interned strings: one object per text in an interpreter, so that names compare by address.

use crate::core::{PyCell, Ref, Value};
use crate::types::str::{self, Str};

/// A table of interned strings: open addressing over the strings' own hashes.
///
/// A slot is 0 or the word of a str object (which the table owns a count of) with the top bits of its hash above
/// the address, so that a probe looks at an object only when it has very likely found it.
#[derive(Default)]
pub(super) struct NameTable {
    slots: Vec<u64>,
    used: usize,
}

/// Addresses of user space end here.
const ADDRESS: u32 = 48;
const FIRST_SIZE: usize = 1024;

impl NameTable {
    pub const fn new() -> Self {
        Self { slots: Vec::new(), used: 0 }
    }

    #[inline(always)]
    fn tag(hash: i64) -> u64 {
        hash as u64 >> ADDRESS << ADDRESS
    }

    /// The string with this hash of which `same` is true.
    #[inline(always)]
    pub fn find(&self, hash: i64, same: impl Fn(&Str) -> bool) -> Option<Ref<Str>> {
        let mask = self.slots.len().wrapping_sub(1);
        if self.slots.is_empty() {
            return None;
        }
        let (mut i, tag) = (hash as usize & mask, Self::tag(hash));
        loop {
            let slot = self.slots[i];
            if slot == 0 {
                return None;
            }
            if slot & !0 << ADDRESS == tag {
                // SAFETY: the slot holds a str object's word, of which the table owns a count.
                let s = std::mem::ManuallyDrop::new(unsafe { Ref::<Str>::from_raw(slot ^ tag) });
                if same(&s) {
                    return Some((*s).clone());
                }
            }
            i = (i + 1) & mask;
        }
    }

    /// Enters a string that is not there yet.
    pub fn insert(&mut self, s: Ref<Str>) {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let hash = s.hash();
        let word = s.into_value().into_raw();
        debug_assert!(word >> ADDRESS == 0);
        self.put(hash, word | Self::tag(hash));
        self.used += 1;
    }

    fn put(&mut self, hash: i64, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut i = hash as usize & mask;
        while self.slots[i] != 0 {
            i = (i + 1) & mask;
        }
        self.slots[i] = slot;
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(FIRST_SIZE);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        for slot in old.into_iter().filter(|s| *s != 0) {
            // SAFETY: as in `find`.
            let s = std::mem::ManuallyDrop::new(unsafe { Ref::<Str>::from_raw(slot << (64 - ADDRESS) >> (64 - ADDRESS)) });
            self.put(s.hash(), slot);
        }
    }

    fn len(&self) -> usize {
        self.used
    }
}

impl Drop for NameTable {
    fn drop(&mut self) {
        for slot in std::mem::take(&mut self.slots).into_iter().filter(|s| *s != 0) {
            // SAFETY: as in `find`; the table gives up its count.
            drop(unsafe { Ref::<Str>::from_raw(slot << (64 - ADDRESS) >> (64 - ADDRESS)) });
        }
    }
}

/// The interpreter's own table, behind the image's. Its strings live as long as the interpreter.
#[derive(Default)]
pub struct InternTable {
    table: PyCell<NameTable>,
}

/// The interned string of a text.
pub fn intern(text: &str) -> Ref<Str> {
    if !text.is_ascii() {
        let s = str::from_ref(text);
        return intern_str(&s);
    }
    if let [b] = text.as_bytes() {
        return super::single_char(*b);
    }
    let hash = if text.is_empty() { 0 } else { super::hash_bytes(text.as_bytes()) };
    let make = || {
        let s = str::from_ref(text);
        s.set_hash(hash);
        s
    };
    look_up(hash, |s| s.as_ascii() == Some(text), make)
}

/// Looks into both tables; enters what `make` makes if the text is in neither.
#[inline(always)]
fn look_up(hash: i64, same: impl Fn(&Str) -> bool, make: impl FnOnce() -> Ref<Str>) -> Ref<Str> {
    let enter = |table: &PyCell<NameTable>, make: &dyn Fn() -> Ref<Str>| {
        let s = make();
        s.set_interned(true);
        table.borrow_mut().insert(s.clone());
        s
    };
    let made = std::cell::Cell::new(Some(make));
    let make = || made.take().map_or_else(|| str::from_ref(""), |f| f());
    match super::image::names_table() {
        super::image::NamesTable::Done(table) => {
            if let Some(s) = table.find(hash, &same) {
                return s;
            }
            if super::image::extending() {
                return make();
            }
            let table = &super::current().interp().interned.table;
            if let Some(s) = table.borrow().find(hash, &same) {
                return s;
            }
            enter(table, &make)
        }
        super::image::NamesTable::Building(table) => {
            if let Some(s) = table.borrow().find(hash, &same) {
                return s;
            }
            enter(table, &make)
        }
    }
}

/// The interned object for a str object's text: the object itself if it is the first with this text.
/// Instances of subclasses and texts with lone surrogates come back as they are.
pub fn intern_value(v: &Value) -> Value {
    match v.downcast_exact::<Str>() {
        Some(s) if !s.is_interned() && (s.as_ascii().is_some() || s.to_utf8_opt().is_some()) => intern_str(s).into_value(),
        _ => v.clone(),
    }
}

fn intern_str(s: &Ref<Str>) -> Ref<Str> {
    if s.is_interned() { s.clone() } else { look_up(s.hash(), |o| o.same_text(s), || s.clone()) }
}

impl InternTable {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.table.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all strings, at the interpreter's end.
    pub fn clear(&self) {
        drop(self.table.take());
    }
}
