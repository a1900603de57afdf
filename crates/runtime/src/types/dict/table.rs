//! The compact ordered hash table behind dict: an array of entries in insertion order and an open-addressed
//! index into it (Raymond Hettinger's design, 2012).
//!
//! Lookup of a key that is not a plain str may call Python's `__eq__`, which may change the table; the
//! caller ([`super::Dict`]) drives such lookups one probe at a time and starts again when the table changed.
//!
//! Invariants: the index has `mask + 1` slots, a power of two, of which at least a third are empty, so that
//! every probe ends; a slot that is neither empty nor a dummy is the position of a live entry.

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

/// Positions of entries, as narrow as the size allows: most tables fit a byte a slot.
#[derive(Clone)]
enum Index {
    None,
    /// The smallest table's slots stand in the table itself.
    Eight([u8; 8]),
    U8(Box<[u8]>),
    U16(Box<[u16]>),
    U32(Box<[u32]>),
}

/// A slot of the index, whatever its width.
trait Slot: Copy {
    /// Widened, with the marks in their places.
    fn get(self) -> u32;
    /// Narrowed.
    fn from(n: u32) -> Self;
}

macro_rules! narrow_slot {
    ($t:ty) => {
        impl Slot for $t {
            #[inline(always)]
            fn get(self) -> u32 {
                // The two highest numbers are the marks.
                if self >= <$t>::MAX - 1 { self as u32 | !(<$t>::MAX as u32) } else { self as u32 }
            }
            #[inline(always)]
            fn from(n: u32) -> Self {
                n as $t
            }
        }
    };
}
narrow_slot!(u8);
narrow_slot!(u16);

impl Slot for u32 {
    #[inline(always)]
    fn get(self) -> u32 {
        self
    }
    #[inline(always)]
    fn from(n: u32) -> Self {
        n
    }
}

/// The table.
pub struct Table {
    index: Index,
    /// In insertion order, deleted ones among them.
    pub entries: Vec<Entry>,
    /// Live entries.
    pub used: usize,
    mask: usize,
    /// How many keys can still be inserted before the table must be rebuilt. A deleted key gives nothing back,
    /// because its slot stays a dummy.
    free: usize,
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

/// What a comparison without Python code says of a key with the same hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// The same key.
    Yes,
    /// Another key.
    No,
    /// Only Python's `==` can tell.
    Ask,
}

impl Same {
    /// A sure answer.
    #[inline(always)]
    pub fn sure(same: bool) -> Self {
        if same { Self::Yes } else { Self::No }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// An empty table; allocates nothing.
    pub const fn new() -> Self {
        Self { index: Index::None, entries: Vec::new(), used: 0, mask: 0, free: 0 }
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
            Index::Eight(s) => s[i & 7].get(),
            Index::U8(s) => s[i].get(),
            Index::U16(s) => s[i].get(),
            Index::U32(s) => s[i],
        }
    }

    #[inline(always)]
    fn set_slot(&mut self, i: usize, n: u32) {
        match &mut self.index {
            Index::None => {}
            Index::Eight(s) => s[i & 7] = Slot::from(n),
            Index::U8(s) => s[i] = Slot::from(n),
            Index::U16(s) => s[i] = Slot::from(n),
            Index::U32(s) => s[i] = n,
        }
    }

    /// Starts looking for a hash.
    #[inline(always)]
    pub fn probe(&self, hash: i64) -> Probe {
        Probe { slot: hash as usize & self.mask, perturb: hash as u64 }
    }

    /// What the probe's slot holds. A probe of another table's size finds nothing in what is no slot here.
    #[inline(always)]
    pub fn look(&self, p: &Probe) -> Found {
        if p.slot > self.mask {
            return Found::Empty;
        }
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

    /// Finds a key; `same` looks at keys with this hash. `Err` when `same` can't tell.
    #[inline(always)]
    pub fn search(&self, hash: i64, same: impl Fn(&Value) -> Same) -> Result<Option<usize>, ()> {
        if self.used == 0 {
            return Ok(None);
        }
        match &self.index {
            Index::None => Ok(None),
            Index::Eight(s) => walk(s, &self.entries, hash, same),
            Index::U8(s) => walk(s, &self.entries, hash, same),
            Index::U16(s) => walk(s, &self.entries, hash, same),
            Index::U32(s) => walk(s, &self.entries, hash, same),
        }
    }

    /// Finds a key by `eq` among keys with the same hash. `eq` must not run Python code.
    #[inline(always)]
    pub fn find(&self, hash: i64, eq: impl Fn(&Value) -> bool) -> Option<usize> {
        self.search(hash, |k| Same::sure(eq(k))).unwrap_or(None)
    }

    /// Whether the next insertion rebuilds the table.
    #[inline(always)]
    pub fn full(&self) -> bool {
        self.free == 0
    }

    /// Slots of the index; 0 while nothing is allocated.
    pub fn size(&self) -> usize {
        if matches!(self.index, Index::None) { 0 } else { self.mask + 1 }
    }

    /// Appends a key that is known not to be in the table.
    #[inline]
    pub fn insert_new(&mut self, hash: i64, key: Value, value: Value) -> usize {
        if self.free == 0 {
            self.rebuild((self.used * 2).max(5));
        }
        let n = self.entries.len();
        self.entries.push(Entry { hash, key: Some(key), value: Some(value) });
        self.used += 1;
        self.free -= 1;
        self.link(n, hash);
        n
    }

    #[inline(always)]
    fn link(&mut self, n: usize, hash: i64) {
        let mut p = self.probe(hash);
        while let Found::Entry(_) = self.look(&p) {
            self.advance(&mut p);
        }
        self.set_slot(p.slot, n as u32);
    }

    /// Takes entry `n` out.
    pub fn remove(&mut self, n: usize) -> (Value, Value) {
        let Some(e) = self.entries.get_mut(n) else { return (Value::NONE, Value::NONE) };
        // In a deleted entry the hash is the hint of `first`: none yet.
        let hash = std::mem::take(&mut e.hash);
        let (key, value) = (e.key.take().unwrap_or(Value::NONE), e.value.take().unwrap_or(Value::NONE));
        let mut p = self.probe(hash);
        loop {
            match self.look(&p) {
                Found::Entry(m) if m == n => {
                    self.set_slot(p.slot, DUMMY);
                    self.used -= 1;
                    break;
                }
                Found::Empty => break,
                _ => self.advance(&mut p),
            }
        }
        (key, value)
    }

    /// Takes the last entry out. Deleted entries behind it go with it, so that a loop stays linear.
    pub fn pop(&mut self) -> Option<(Value, Value)> {
        let n = self.entries.iter().rposition(|e| e.key.is_some())?;
        let popped = self.remove(n);
        self.entries.truncate(n);
        Some(popped)
    }

    /// The first live entry. Leaves a hint in the first one if that is deleted, so that a loop that takes the first
    /// entry out again and again stays linear.
    pub fn first(&mut self) -> Option<usize> {
        let head = self.entries.first()?;
        if head.key.is_some() {
            return Some(0);
        }
        let from = (head.hash as usize).clamp(1, self.entries.len());
        let at = self.entries[from..].iter().position(|e| e.key.is_some());
        let at = at.map_or(self.entries.len(), |n| from + n);
        self.entries[0].hash = at as i64;
        (at < self.entries.len()).then_some(at)
    }

    /// The last live entry. Deleted ones behind it go.
    pub fn last(&mut self) -> Option<usize> {
        while self.entries.last().is_some_and(|e| e.key.is_none()) {
            self.entries.pop();
        }
        self.entries.len().checked_sub(1)
    }

    /// Makes entry `n` the last one.
    pub fn move_last(&mut self, n: usize) {
        if self.last() == Some(n) {
            return;
        }
        let Some(hash) = self.entries.get(n).map(|e| e.hash) else { return };
        let (key, value) = self.remove(n);
        self.insert_new(hash, key, value);
    }

    /// Makes entry `n` the first one. The room for it is among the deleted entries in front, of which there are many
    /// after a rebuild from here.
    pub fn move_first(&mut self, mut n: usize) {
        let Some(mut first) = self.first() else { return };
        if n == first {
            return;
        }
        if first == 0 || self.free == 0 {
            let before = self.entries[..n].iter().filter(|e| e.key.is_some()).count();
            let gap = self.used.max(4);
            self.rebuild_behind(gap, gap + self.used * 2);
            (n, first) = (gap + before, gap);
        }
        let Some(hash) = self.entries.get(n).map(|e| e.hash) else { return };
        let (key, value) = self.remove(n);
        let at = first - 1;
        self.entries[at] = Entry { hash, key: Some(key), value: Some(value) };
        if at > 0 {
            self.entries[0].hash = at as i64;
        }
        self.used += 1;
        self.free -= 1;
        self.link(at, hash);
    }

    /// Makes room for `n` keys and drops deleted entries.
    pub fn rebuild(&mut self, n: usize) {
        self.rebuild_behind(0, n);
    }

    /// As [`Table::rebuild`], with `gap` deleted entries in front.
    fn rebuild_behind(&mut self, gap: usize, n: usize) {
        let mut size = 8;
        while usable(size) < n.max(self.used + 1) {
            size *= 2;
        }
        if self.entries.len() != self.used {
            self.entries.retain(|e| e.key.is_some());
        }
        let room = usable(size);
        // Entries of a table that shrinks keep their block only while it is not far too large.
        if self.entries.capacity() > 4 * room {
            self.entries.shrink_to(room);
        }
        self.entries.reserve_exact(room.saturating_sub(self.entries.len()));
        self.mask = size - 1;
        self.index = if size == 8 {
            Index::Eight([u8::MAX; 8])
        } else if size <= 0x80 {
            Index::U8(vec![u8::MAX; size].into())
        } else if size <= 0x8000 {
            Index::U16(vec![u16::MAX; size].into())
        } else {
            Index::U32(vec![EMPTY; size].into())
        };
        self.free = room.saturating_sub(self.entries.len());
        if gap > 0 {
            let hole = |_| Entry { hash: gap as i64, key: None, value: None };
            drop(self.entries.splice(0..0, (0..gap).map(hole)));
        }
        match &mut self.index {
            Index::None => {}
            Index::Eight(s) => link_all(s, &self.entries),
            Index::U8(s) => link_all(s, &self.entries),
            Index::U16(s) => link_all(s, &self.entries),
            Index::U32(s) => link_all(s, &self.entries),
        }
    }

    /// Bytes that the table will need for the next key beyond those it has: 0 unless it has to grow and is large.
    #[inline(always)]
    pub fn next_growth(&self) -> usize {
        if self.free == 0 && self.used > 4096 { self.used * 2 * (size_of::<Entry>() + 8) } else { 0 }
    }

    /// Bytes of the table's own storage.
    pub fn bytes(&self) -> usize {
        let index = match &self.index {
            Index::None | Index::Eight(_) => 0,
            Index::U8(s) => s.len(),
            Index::U16(s) => s.len() * 2,
            Index::U32(s) => s.len() * 4,
        };
        index + self.entries.capacity() * size_of::<Entry>()
    }

    /// A copy, without deleted entries.
    pub fn copy(&self) -> Table {
        if self.used == 0 {
            return Table::new();
        }
        let live = self.entries.iter().filter(|e| e.key.is_some());
        let cloned = live.map(|e| Entry { hash: e.hash, key: e.key.clone(), value: e.value.clone() });
        // Nothing deleted: the index fits as it is.
        if self.entries.len() == self.used && self.free + self.used == usable(self.mask + 1) {
            let mut entries = Vec::with_capacity(usable(self.mask + 1));
            entries.extend(cloned);
            return Table { index: self.index.clone(), entries, used: self.used, mask: self.mask, free: self.free };
        }
        let mut t = Table { entries: cloned.collect(), used: self.used, ..Table::new() };
        t.rebuild(self.used);
        t
    }

    /// Live entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.entries.iter().filter_map(|e| Some((e.key.as_ref()?, e.value.as_ref()?)))
    }
}

/// The walk along a hash's slots, for one width of slots.
#[inline(always)]
fn walk<S: Slot>(
    slots: &[S],
    entries: &[Entry],
    hash: i64,
    same: impl Fn(&Value) -> Same,
) -> Result<Option<usize>, ()> {
    let mask = slots.len() - 1;
    let mut i = hash as usize & mask;
    let mut perturb = hash as u64;
    loop {
        // SAFETY: `i` is masked to the number of slots, a power of two.
        match unsafe { slots.get_unchecked(i) }.get() {
            EMPTY => return Ok(None),
            DUMMY => {}
            n => {
                let n = n as usize;
                if let Some(e) = entries.get(n)
                    && e.hash == hash
                    && let Some(k) = &e.key
                {
                    match same(k) {
                        Same::Yes => return Ok(Some(n)),
                        Same::No => {}
                        Same::Ask => return Err(()),
                    }
                }
            }
        }
        perturb >>= 5;
        i = i.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1) & mask;
    }
}

/// Enters all entries into empty slots.
fn link_all<S: Slot>(slots: &mut [S], entries: &[Entry]) {
    let mask = slots.len() - 1;
    for (n, e) in entries.iter().enumerate() {
        if e.key.is_none() {
            continue;
        }
        let mut i = e.hash as usize & mask;
        let mut perturb = e.hash as u64;
        while slots[i].get() != EMPTY {
            perturb >>= 5;
            i = i.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1) & mask;
        }
        slots[i] = S::from(n as u32);
    }
}

const fn usable(size: usize) -> usize {
    size * 2 / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(t: &Table, n: i32) -> Option<usize> {
        t.find(i64::from(n), |k| k.is(&Value::small(n)))
    }

    #[test]
    fn insert_and_remove_in_turn_ends() {
        // Every removal leaves a dummy behind: without rebuilding, a search for a missing key never ends.
        let mut t = Table::new();
        t.insert_new(1000, Value::small(1000), Value::NONE);
        for n in 0..500 {
            let at = t.insert_new(i64::from(n), Value::small(n), Value::NONE);
            if n % 2 == 0 { t.pop() } else { Some(t.remove(at)) };
            assert_eq!(get(&t, 7777), None);
            assert!(get(&t, 1000).is_some());
        }
        assert_eq!((t.used, t.size()), (1, 8));
    }

    #[test]
    fn moves_to_both_ends() {
        let mut t = Table::new();
        let mut model: Vec<i32> = (0..60).collect();
        for &n in &model {
            t.insert_new(i64::from(n), Value::small(n), Value::NONE);
        }
        let mut random = 12345u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let n = ((random >> 16) % 60) as i32;
            let at = get(&t, n).unwrap();
            model.retain(|&m| m != n);
            if random >> 8 & 1 == 0 {
                t.move_last(at);
                model.push(n);
            } else {
                t.move_first(at);
                model.insert(0, n);
            }
            let first = t.first().unwrap();
            assert!(t.entries[first].key.as_ref().unwrap().is(&Value::small(model[0])));
        }
        let keys: Vec<i64> = t.iter().filter_map(|(k, _)| k.as_small()).collect();
        assert_eq!(keys, model.iter().map(|&n| i64::from(n)).collect::<Vec<_>>());
        assert_eq!(get(&t, 77), None);
        for &n in &model {
            let at = t.first().unwrap();
            assert!(t.remove(at).0.is(&Value::small(n)));
        }
        assert_eq!(t.first(), None);
    }

    #[test]
    fn order_and_growth() {
        let mut t = Table::new();
        for n in 0..100_000 {
            t.insert_new(i64::from(n), Value::small(n), Value::small(-n));
        }
        for n in (0..100_000).step_by(2) {
            let at = get(&t, n).unwrap();
            t.remove(at);
        }
        let copy = t.copy();
        for t in [&t, &copy] {
            assert_eq!(t.used, 50_000);
            let keys: Vec<i64> = t.iter().filter_map(|(k, _)| k.as_small()).collect();
            assert_eq!(keys, (1..100_000).step_by(2).collect::<Vec<i64>>());
            assert!(get(t, 4).is_none() && get(t, 5).is_some());
        }
        t.rebuild(0);
        assert_eq!(get(&t, 5), Some(2));
    }
}
