//! What has been written or read already.

use std::collections::HashMap;

use taipan_macros::Trace;
use taipan_runtime::core::{Drain, Tracer, Trace, Value};

/// The memo of a pickler: objects by identity, each with its number.
#[derive(Default)]
pub struct Memo {
    items: Vec<(Value, usize)>,
    /// Places in `items`, plus one, by the hash of the identity; zero is free. Its size is a power of two.
    table: Vec<u32>,
}

impl Trace for Memo {
    fn trace(&self, t: &mut Tracer<'_>) {
        for (v, _) in &self.items {
            v.trace(t);
        }
    }
}

impl Drain for Memo {
    fn drain(&mut self, out: &mut Vec<Value>) {
        self.table = Vec::new();
        out.extend(self.items.drain(..).map(|(v, _)| v));
    }
}

impl Memo {
    #[inline]
    fn slot(&self, raw: u64) -> usize {
        let h = raw.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (h >> 32) as usize & (self.table.len() - 1)
    }

    /// How many objects are remembered.
    #[inline]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The number of an object.
    #[inline]
    pub fn get(&self, v: &Value) -> Option<usize> {
        if self.table.is_empty() {
            return None;
        }
        let raw = v.raw();
        let mut i = self.slot(raw);
        loop {
            match self.table[i] {
                0 => return None,
                n => {
                    let (x, number) = &self.items[n as usize - 1];
                    if x.raw() == raw {
                        return Some(*number);
                    }
                }
            }
            i = (i + 1) & (self.table.len() - 1);
        }
    }

    /// Remembers an object that is not remembered yet, under a number.
    #[inline]
    pub fn put(&mut self, v: &Value, number: usize) {
        if (self.items.len() + 1) * 2 > self.table.len() {
            self.grow();
        }
        self.items.push((v.clone(), number));
        self.enter(self.items.len() - 1);
    }

    /// Remembers an object, also one that has another number so far.
    pub fn set(&mut self, v: &Value, number: usize) {
        match self.items.iter_mut().find(|(x, _)| x.is(v)) {
            Some(entry) => entry.1 = number,
            None => self.put(v, number),
        }
    }

    #[inline]
    fn enter(&mut self, n: usize) {
        let mut i = self.slot(self.items[n].0.raw());
        while self.table[i] != 0 {
            i = (i + 1) & (self.table.len() - 1);
        }
        self.table[i] = n as u32 + 1;
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(64);
        self.table = vec![0; size];
        for n in 0..self.items.len() {
            self.enter(n);
        }
    }

    /// Everything remembered, with its numbers.
    pub fn entries(&self) -> &[(Value, usize)] {
        &self.items
    }
}

/// The memo of an unpickler: objects by number.
#[derive(Default, Trace)]
pub struct LoadMemo {
    near: Vec<Option<Value>>,
    #[no_trace]
    far: HashMap<u64, Value>,
    len: usize,
}

impl Drain for LoadMemo {
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.extend(self.near.drain(..).flatten());
        out.extend(self.far.drain().map(|(_, v)| v));
    }
}

impl LoadMemo {
    /// How many objects are remembered: the number that MEMOIZE gives.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The object of a number.
    #[inline]
    pub fn get(&self, n: u64) -> Option<Value> {
        match self.near.get(n as usize) {
            Some(v) => v.clone(),
            None if self.far.is_empty() => None,
            None => self.far.get(&n).cloned(),
        }
    }

    /// Remembers an object under a number and gives back what had it before.
    ///
    /// A number far beyond all others costs no more memory than the object.
    #[inline]
    pub fn put(&mut self, n: u64, v: Value) -> Option<Value> {
        let at = n as usize;
        if at == self.near.len() && self.far.is_empty() {
            self.near.push(Some(v));
            self.len += 1;
            return None;
        }
        let len = self.near.len();
        let old = match self.near.get_mut(at) {
            Some(place) => place.replace(v),
            None if at < len * 2 + 64 && self.far.is_empty() => {
                self.near.resize(at + 1, None);
                self.near[at].replace(v)
            }
            None => self.far.insert(n, v),
        };
        self.len += usize::from(old.is_none());
        old
    }

    /// Everything remembered, with its numbers.
    pub fn entries(&self) -> Vec<(u64, Value)> {
        let near = self.near.iter().enumerate().filter_map(|(i, v)| v.clone().map(|v| (i as u64, v)));
        near.chain(self.far.iter().map(|(n, v)| (*n, v.clone()))).collect()
    }
}
