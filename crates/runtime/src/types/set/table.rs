//! The open-addressed hash table behind set and frozenset. It takes the places that CPython's does (sizes, linear
//! probes, perturbation), so that sets of equal hashes are walked through in the same order.
//!
//! Invariants: there are no entries at all, or a power of two of them, at least 8, of which more than a third
//! are free.

use crate::core::Value;
use crate::types::dict::Same;

/// A place of the table. Without a key it is free, or deleted if its hash is [`DELETED`].
#[derive(Clone, Default)]
pub struct Entry {
    /// The key's hash.
    pub hash: i64,
    /// The key.
    pub key: Option<Value>,
}

/// No key has this hash.
const DELETED: i64 = -1;

/// The smallest table.
const MIN_SIZE: usize = 8;
/// How many neighbours are looked at before the next jump.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// The places where a hash may be, in order.
pub struct Probe {
    base: usize,
    perturb: u64,
    near: usize,
    mask: usize,
    /// The place that is looked at.
    at: usize,
    /// The last deleted place on the way, or [`NOWHERE`].
    deleted: usize,
}

const NOWHERE: usize = usize::MAX;

impl Probe {
    #[inline(always)]
    fn new(hash: i64, mask: usize) -> Self {
        let base = hash as usize & mask;
        Self { base, perturb: hash as u64, near: near(base, mask), mask, at: base, deleted: NOWHERE }
    }

    /// Goes to the next place.
    #[inline(always)]
    pub fn advance(&mut self) {
        if self.near > 0 {
            self.near -= 1;
            self.at += 1;
            return;
        }
        self.perturb >>= PERTURB_SHIFT;
        self.base = self.base.wrapping_mul(5).wrapping_add(1).wrapping_add(self.perturb as usize) & self.mask;
        self.near = near(self.base, self.mask);
        self.at = self.base;
    }
}

#[inline(always)]
fn near(base: usize, mask: usize) -> usize {
    if base + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 }
}

/// Where a search ends.
pub enum Found {
    /// The key is here.
    At(usize),
    /// The key is not in the table; it can be put here, a free place or the last deleted one on the way.
    Free(usize),
    /// Only Python's `==` can tell whether this is the key.
    Ask(usize),
}

/// The table.
#[derive(Default)]
pub struct Table {
    entries: Vec<Entry>,
    /// Places that are not free: keys and deleted ones.
    fill: usize,
    /// Keys.
    used: usize,
    /// Where `pop` looks next.
    finger: usize,
}

impl Table {
    /// An empty table; allocates nothing.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), fill: 0, used: 0, finger: 0 }
    }

    /// Number of keys.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.used
    }

    /// All places.
    #[inline(always)]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number of places less one, as if the smallest table were there already.
    #[inline(always)]
    fn mask(&self) -> usize {
        if self.entries.is_empty() { MIN_SIZE - 1 } else { self.entries.len() - 1 }
    }

    /// Starts looking for a hash.
    #[inline(always)]
    pub fn probe(&self, hash: i64) -> Probe {
        Probe::new(hash, self.mask())
    }

    /// Goes on with a search; `same` looks at keys with this hash.
    #[inline(always)]
    pub fn search(&self, p: &mut Probe, hash: i64, same: impl Fn(&Value) -> Same) -> Found {
        loop {
            let Some(e) = self.entries.get(p.at) else { return Found::Free(p.at) };
            match &e.key {
                None if e.hash != DELETED => {
                    return Found::Free(if p.deleted == NOWHERE { p.at } else { p.deleted });
                }
                None => p.deleted = p.at,
                Some(k) if e.hash == hash => match same(k) {
                    Same::Yes => return Found::At(p.at),
                    Same::Ask => return Found::Ask(p.at),
                    Same::No => {}
                },
                _ => {}
            }
            p.advance();
        }
    }

    /// Makes the first places.
    #[inline(always)]
    fn make_places(&mut self) {
        if self.entries.is_empty() {
            self.entries = Vec::from([const { Entry { hash: 0, key: None } }; MIN_SIZE]);
        }
    }

    /// Puts a key in unless it is there; false if it is. `Err` gives the key back where only Python's `==` can tell, or
    /// when the table must grow and can't. `same` looks at keys with this hash.
    #[inline]
    pub fn insert(&mut self, hash: i64, key: Value, same: impl Fn(&Value, &Value) -> Same) -> Result<bool, Value> {
        self.make_places();
        let mut p = self.probe(hash);
        match self.search(&mut p, hash, |k| same(k, &key)) {
            Found::At(_) => Ok(false),
            Found::Ask(_) => Err(key),
            Found::Free(at) => {
                let mask = self.mask();
                let Some(e) = self.entries.get_mut(at) else { return Err(key) };
                let new = e.hash != DELETED;
                if new && (self.fill + 1) * 5 >= mask * 3 {
                    let copy = key.clone();
                    return if self.put(at, hash, key) { Ok(true) } else { Err(copy) };
                }
                // The place is free: there is nothing to drop.
                std::mem::forget(std::mem::replace(e, Entry { hash, key: Some(key) }));
                self.used += 1;
                self.fill += usize::from(new);
                Ok(true)
            }
        }
    }

    /// Puts the keys that are in `other` (or those that are not) into `made`, as long as it takes no Python code to tell
    /// which they are. The place to go on from, if it does.
    pub fn select(&self, other: &Table, common: bool, made: &mut Table, same: impl Fn(&Value, &Value) -> Same) -> Option<usize> {
        for (i, e) in self.entries.iter().enumerate() {
            let Some(key) = &e.key else { continue };
            let mut p = other.probe(e.hash);
            let there = match other.search(&mut p, e.hash, |k| same(k, key)) {
                Found::At(_) => true,
                Found::Free(_) => false,
                Found::Ask(_) => return Some(i),
            };
            if there == common && made.insert(e.hash, key.clone(), &same).is_err() {
                return Some(i);
            }
        }
        None
    }

    /// Puts a key into the place that a search has found for it. False when the table must grow and can't; the key
    /// is not in it then.
    #[must_use]
    pub fn put(&mut self, at: usize, hash: i64, key: Value) -> bool {
        self.make_places();
        let Some(e) = self.entries.get_mut(at) else { return true };
        let reused = e.hash == DELETED;
        *e = Entry { hash, key: Some(key) };
        self.used += 1;
        if reused {
            return true;
        }
        self.fill += 1;
        if self.fill * 5 < self.mask() * 3 || self.resize(self.grown()) {
            return true;
        }
        // Without this key, enough places stay free for every search to end.
        if let Some(e) = self.entries.get_mut(at) {
            *e = Entry::default();
            self.fill -= 1;
            self.used -= 1;
        }
        false
    }

    fn grown(&self) -> usize {
        if self.used > 50_000 { self.used * 2 } else { self.used * 4 }
    }

    /// Takes the key at a place out.
    pub fn take(&mut self, at: usize) -> Option<Value> {
        let e = self.entries.get_mut(at)?;
        let key = e.key.take()?;
        e.hash = DELETED;
        self.used -= 1;
        Some(key)
    }

    /// Takes any key out.
    pub fn pop(&mut self) -> Option<Value> {
        if self.used == 0 {
            return None;
        }
        let mask = self.mask();
        let mut at = self.finger & mask;
        while self.entries.get(at)?.key.is_none() {
            at = (at + 1) & mask;
        }
        self.finger = at + 1;
        self.take(at)
    }

    /// Makes a table of more than `want` places. False when there is no memory for it; nothing has changed then.
    #[must_use]
    fn resize(&mut self, want: usize) -> bool {
        let mut size = MIN_SIZE;
        while size <= want {
            size *= 2;
        }
        let mut entries = Vec::new();
        if taipan_memory::cache::refusing(|| entries.try_reserve_exact(size)).is_err() {
            return false;
        }
        entries.resize(size, Entry::default());
        let old = std::mem::replace(&mut self.entries, entries);
        self.fill = self.used;
        for e in old {
            if e.key.is_some() {
                self.put_clean(e);
            }
        }
        true
    }

    /// Puts a key that is not there into a table without deleted places; counts nothing.
    fn put_clean(&mut self, e: Entry) {
        let mut p = self.probe(e.hash);
        loop {
            if let Some(place) = self.entries.get_mut(p.at)
                && place.key.is_none()
            {
                *place = e;
                return;
            }
            p.advance();
        }
    }

    /// Makes room for `n` keys that are going to come. False when there is no memory for it.
    #[must_use]
    pub fn prepare(&mut self, n: usize) -> bool {
        self.fill.saturating_add(n).saturating_mul(5) < self.mask() * 3
            || self.resize(self.used.saturating_add(n).saturating_mul(2))
    }

    /// Takes deleted places away if there are many.
    #[must_use]
    pub fn tidy(&mut self) -> bool {
        self.fill - self.used <= self.mask() / 4 || self.resize(self.grown())
    }

    /// Copies the keys of another table into this one if it is empty. False if it is not.
    pub fn copy_from(&mut self, other: &Table) -> bool {
        if self.fill != 0 {
            return false;
        }
        if self.mask() == other.mask() && other.fill == other.used {
            self.entries.clone_from(&other.entries);
        } else {
            self.make_places();
            for e in other.entries.iter().filter(|e| e.key.is_some()) {
                self.put_clean(e.clone());
            }
        }
        self.fill = other.used;
        self.used = other.used;
        true
    }

    /// The keys in order.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().filter_map(|e| e.key.as_ref())
    }

    /// All keys, moved out.
    pub fn into_keys(self) -> impl Iterator<Item = Value> {
        self.entries.into_iter().filter_map(|e| e.key)
    }

    /// Bytes of the table's own storage.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(t: &mut Table, n: i32) {
        let hash = i64::from(n);
        let mut p = t.probe(hash);
        if let Found::Free(at) = t.search(&mut p, hash, |k| Same::sure(k.is(&Value::small(n)))) {
            assert!(t.put(at, hash, Value::small(n)));
        }
    }

    fn keys(t: &Table) -> Vec<i64> {
        t.iter().filter_map(Value::as_small).collect()
    }

    #[test]
    fn order_and_sizes_as_in_cpython() {
        let mut t = Table::new();
        for n in [3, 20, 100, 7, 8, 1] {
            add(&mut t, n);
        }
        // list({3, 20, 100, 7, 8, 1})
        assert_eq!(keys(&t), [1, 3, 100, 7, 8, 20]);
        assert_eq!(t.entries().len(), 32);
        for n in 0..50_000 {
            add(&mut t, n);
        }
        assert_eq!(t.entries().len(), 131_072);
        assert_eq!(t.len(), 50_000);
    }

    #[test]
    fn the_last_deleted_place_is_used_again() {
        let mut t = Table::new();
        for n in [0, 8, 16] {
            add(&mut t, n);
        }
        assert!(t.take(0).is_some() && t.take(1).is_some());
        add(&mut t, 24);
        add(&mut t, 32);
        assert_eq!(keys(&t), [32, 24, 16]);
        assert_eq!((t.fill, t.used), (3, 3));
    }

    #[test]
    fn pop_moves_on() {
        let mut t = Table::new();
        for n in 0..5 {
            add(&mut t, n);
        }
        let popped: Vec<i64> = std::iter::from_fn(|| t.pop()).filter_map(|v| v.as_small()).collect();
        assert_eq!(popped, [0, 1, 2, 3, 4]);
        // Deleted places don't stop the search for a free one.
        for n in 5..200 {
            add(&mut t, n);
            t.pop();
        }
        assert_eq!(t.len(), 0);
    }
}
