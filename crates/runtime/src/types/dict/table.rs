//! The compact ordered hash table behind dict: an array of entries in insertion order and an open-addressed
//! index into it (Raymond Hettinger's design, 2012).
//!
//! Lookup of a key that is not a plain str may call Python's `__eq__`, which may change the table; the
//! caller ([`super::Dict`]) drives such lookups one probe at a time and starts again when the table changed.

use crate::core::Value;

/// One key with its value. A deleted entry has no key.
pub struct Entry {
    /// The key's hash.
    pub hash: i64,
    /// The key; `None` when deleted.
    pub key: Option<Value>,
    /// The value; `None` exactly when the key is.
    pub value: Option<Value>,
}

const EMPTY: u32 = u32::MAX;
const DUMMY: u32 = u32::MAX - 1;

enum Index {
    None,
    U8(Box<[u8]>),
    U16(Box<[u16]>),
    U32(Box<[u32]>),
}

/// The table.
pub struct Table {
    index: Index,
    /// In insertion order, deleted ones among them.
    pub entries: Vec<Entry>,
    /// Live entries.
    pub used: usize,
    mask: usize,
}

/// Where a probe stands.
pub struct Probe {
    slot: usize,
    perturb: u64,
}

/// What a probe finds in its slot.
pub enum Found {
    /// Nothing: the key is not in the table.
    Empty,
    /// A deleted entry: go on.
    Dummy,
    /// This entry: compare.
    Entry(usize),
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// An empty table; allocates nothing.
    pub const fn new() -> Self {
        Self { index: Index::None, entries: Vec::new(), used: 0, mask: 0 }
    }

    /// A table with room for `n` keys.
    pub fn with_capacity(n: usize) -> Self {
        let mut t = Self::new();
        if n > 0 {
            t.rebuild(n);
        }
        t
    }

    #[inline(always)]
    fn slot(&self, i: usize) -> u32 {
        match &self.index {
            Index::None => EMPTY,
            Index::U8(s) => match s[i] {
                0xff => EMPTY,
                0xfe => DUMMY,
                n => u32::from(n),
            },
            Index::U16(s) => match s[i] {
                0xffff => EMPTY,
                0xfffe => DUMMY,
                n => u32::from(n),
            },
            Index::U32(s) => s[i],
        }
    }

    #[inline(always)]
    fn set_slot(&mut self, i: usize, n: u32) {
        match &mut self.index {
            Index::None => {}
            Index::U8(s) => s[i] = n as u8,
            Index::U16(s) => s[i] = n as u16,
            Index::U32(s) => s[i] = n,
        }
    }

    /// Starts looking for a hash.
    #[inline(always)]
    pub fn probe(&self, hash: i64) -> Probe {
        Probe { slot: hash as usize & self.mask, perturb: hash as u64 }
    }

    /// What the probe's slot holds.
    #[inline(always)]
    pub fn look(&self, p: &Probe) -> Found {
        match self.slot(p.slot) {
            EMPTY => Found::Empty,
            DUMMY => Found::Dummy,
            n => Found::Entry(n as usize),
        }
    }

    /// The next slot.
    #[inline(always)]
    pub fn advance(&self, p: &mut Probe) {
        p.perturb >>= 5;
        p.slot = p.slot.wrapping_mul(5).wrapping_add(p.perturb as usize).wrapping_add(1) & self.mask;
    }

    /// Finds a key by identity alone, or by `eq` for keys with the same hash. `eq` must not run Python code.
    #[inline(always)]
    pub fn find(&self, hash: i64, eq: impl Fn(&Value) -> bool) -> Option<usize> {
        if self.used == 0 {
            return None;
        }
        let mut p = self.probe(hash);
        loop {
            match self.look(&p) {
                Found::Empty => return None,
                Found::Dummy => {}
                Found::Entry(n) => {
                    let e = &self.entries[n];
                    if e.hash == hash && e.key.as_ref().is_some_and(&eq) {
                        return Some(n);
                    }
                }
            }
            self.advance(&mut p);
        }
    }

    /// Whether the next insertion makes the table grow.
    #[inline(always)]
    pub fn full(&self) -> bool {
        matches!(self.index, Index::None) || self.entries.len() >= usable(self.mask + 1)
    }

    /// Appends a key that is known not to be in the table.
    pub fn insert_new(&mut self, hash: i64, key: Value, value: Value) -> usize {
        if self.full() {
            self.rebuild((self.used * 2).max(5));
        }
        let n = self.entries.len();
        self.entries.push(Entry { hash, key: Some(key), value: Some(value) });
        self.used += 1;
        self.link(n, hash);
        n
    }

    #[inline(always)]
    fn link(&mut self, n: usize, hash: i64) {
        let mut p = self.probe(hash);
        loop {
            match self.look(&p) {
                Found::Empty | Found::Dummy => break,
                Found::Entry(_) => self.advance(&mut p),
            }
        }
        self.set_slot(p.slot, n as u32);
    }

    /// Takes entry `n` out.
    pub fn remove(&mut self, n: usize) -> (Value, Value) {
        let hash = self.entries[n].hash;
        let mut p = self.probe(hash);
        loop {
            match self.look(&p) {
                Found::Entry(m) if m == n => break,
                Found::Empty => break,
                _ => self.advance(&mut p),
            }
        }
        self.set_slot(p.slot, DUMMY);
        self.used -= 1;
        let e = &mut self.entries[n];
        let (key, value) = (e.key.take().unwrap_or(Value::NONE), e.value.take().unwrap_or(Value::NONE));
        // Deleted entries at the end can go at once, so that popitem in a loop stays linear.
        while self.entries.last().is_some_and(|e| e.key.is_none()) {
            self.entries.pop();
        }
        (key, value)
    }

    /// Makes room for `n` keys and drops deleted entries.
    pub fn rebuild(&mut self, n: usize) {
        let mut size = 8;
        while usable(size) < n.max(self.used + 1) {
            size *= 2;
        }
        self.entries.retain(|e| e.key.is_some());
        let room = usable(size);
        self.entries.reserve_exact(room.saturating_sub(self.entries.len()).min(if size <= 8 { room } else { room.saturating_sub(self.entries.len()) }));
        self.mask = size - 1;
        self.index = if size <= 0x80 {
            Index::U8(vec![0xff; size].into())
        } else if size <= 0x8000 {
            Index::U16(vec![0xffff; size].into())
        } else {
            Index::U32(vec![EMPTY; size].into())
        };
        for i in 0..self.entries.len() {
            let hash = self.entries[i].hash;
            self.link(i, hash);
        }
    }

    /// Bytes of the table's own storage.
    pub fn bytes(&self) -> usize {
        let index = match &self.index {
            Index::None => 0,
            Index::U8(s) => s.len(),
            Index::U16(s) => s.len() * 2,
            Index::U32(s) => s.len() * 4,
        };
        index + self.entries.capacity() * size_of::<Entry>()
    }

    /// A copy, without deleted entries.
    pub fn copy(&self) -> Table {
        let mut t = Table::with_capacity(self.used);
        for e in &self.entries {
            if let (Some(k), Some(v)) = (&e.key, &e.value) {
                let n = t.entries.len();
                t.entries.push(Entry { hash: e.hash, key: Some(k.clone()), value: Some(v.clone()) });
                t.link(n, e.hash);
                t.used += 1;
            }
        }
        t
    }

    /// Live entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.entries.iter().filter_map(|e| Some((e.key.as_ref()?, e.value.as_ref()?)))
    }
}

const fn usable(size: usize) -> usize {
    size * 2 / 3
}
