//! Where in a program memory was asked for: tracebacks, each known by a number.
//!
//! A place is noted in the middle of an allocation. So nothing here allocates an object or runs Python code, and what
//! the tables take themselves is not watched (the allocator sees to that).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::{Vm, try_current};
use crate::core::Value;

/// A line of a file, by the file's number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Place {
    file: u32,
    line: u32,
}

/// A traceback as it is remembered.
struct Stack {
    places: Box<[Place]>,
    /// Frames that there were, remembered or not.
    total: u32,
}

#[derive(Default)]
struct Tables {
    stacks: Vec<Stack>,
    numbers: HashMap<(Box<[Place]>, u32), u32>,
    files: Vec<Value>,
    file_numbers: HashMap<u64, u32>,
    scratch: Vec<Place>,
}

/// See the module.
#[derive(Default)]
pub struct Sites {
    tables: RefCell<Tables>,
    /// Most frames of a traceback.
    depth: Cell<usize>,
}

/// A traceback: file names and lines, innermost first; how many frames there were in all.
pub type Trace = (Vec<(Value, u32)>, u32);

impl Sites {
    /// Most frames that are remembered.
    pub fn depth(&self) -> usize {
        self.depth.get().max(1)
    }

    /// Sets the most frames that are remembered.
    pub fn set_depth(&self, n: usize) {
        self.depth.set(n);
    }

    /// Forgets all: numbers given out before mean nothing any more.
    pub fn forget(&self) {
        let old = taipan_memory::cache::unwatched(|| self.tables.take());
        taipan_memory::cache::unwatched(|| {
            let Tables { stacks, numbers, files, file_numbers, scratch } = old;
            drop((stacks, numbers, file_numbers, scratch));
            drop(files);
        });
    }

    /// The traceback with a number; `None` where no Python code ran.
    pub fn get(&self, number: u32) -> Option<Trace> {
        let t = self.tables.borrow();
        let stack = t.stacks.get((number as usize).checked_sub(1)?)?;
        let name = |p: &Place| (t.files.get(p.file as usize).cloned().unwrap_or(Value::NONE), p.line);
        Some((stack.places.iter().map(name).collect(), stack.total))
    }

    /// Bytes that the tables take.
    pub fn bytes(&self) -> usize {
        let t = self.tables.borrow();
        let places: usize = t.stacks.iter().map(|s| s.places.len() * size_of::<Place>() * 2 + 64).sum();
        places + t.files.len() * 40
    }

    fn note(&self, vm: &Vm) -> u32 {
        let Ok(mut t) = self.tables.try_borrow_mut() else { return 0 };
        let t = &mut *t;
        t.scratch.clear();
        let depth = self.depth();
        for f in vm.stacks.iter().take(depth) {
            let name = f.code().filename.borrow().raw();
            let file = match t.file_numbers.get(&name) {
                Some(&n) => n,
                None => {
                    let n = t.files.len() as u32;
                    t.files.push(f.code().filename.get());
                    t.file_numbers.insert(name, n);
                    n
                }
            };
            t.scratch.push(Place { file, line: f.line() });
        }
        if t.scratch.is_empty() {
            return 0;
        }
        let total = vm.stacks.len.get() as u32;
        let key = (t.scratch.as_slice().into(), total);
        if let Some(&n) = t.numbers.get(&key) {
            return n;
        }
        t.stacks.push(Stack { places: key.0.clone(), total });
        let n = t.stacks.len() as u32;
        t.numbers.insert(key, n);
        n
    }
}

/// The number of the place that is running: for [`taipan_memory::Account::watch`].
pub fn here() -> u32 {
    try_current().map_or(0, |vm| vm.interp().sites.note(vm))
}
