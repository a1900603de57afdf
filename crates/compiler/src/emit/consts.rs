//! The constants and names of one code object, each kept once.

use std::collections::hash_map::Entry;
use std::rc::Rc;

use taipan_bytecode::{Const, encode_const};

use crate::scope::FastMap;

/// Constants by first use. Equal values of different types (`1`, `1.0`, `True`) stay apart, and so do the zeros.
#[derive(Default)]
pub(crate) struct Consts {
    pub(crate) list: Vec<Const>,
    ints: FastMap<u64, u32>,
    strings: FastMap<Box<[u8]>, u32>,
    others: FastMap<Vec<u8>, u32>,
}

impl Consts {
    pub(crate) fn add(&mut self, c: Const) -> u32 {
        let next = self.list.len() as u32;
        let at = match &c {
            Const::Code(_) => next,
            Const::Int(n) => *self.ints.entry(*n as u64).or_insert(next),
            Const::Str(s) => match self.strings.entry(s.clone()) {
                Entry::Occupied(e) => *e.get(),
                Entry::Vacant(e) => *e.insert(next),
            },
            _ => {
                let mut bytes = Vec::new();
                encode_const(&c, &mut bytes);
                *self.others.entry(bytes).or_insert(next)
            }
        };
        if at == next {
            self.list.push(c);
        }
        at
    }
}

/// Names by first use.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) list: Vec<Rc<str>>,
    index: FastMap<Rc<str>, u32>,
}

impl Names {
    pub(crate) fn add(&mut self, name: &Rc<str>) -> u32 {
        if let Some(&n) = self.index.get(name) {
            return n;
        }
        let n = self.list.len() as u32;
        self.list.push(name.clone());
        self.index.insert(name.clone(), n);
        n
    }
}
