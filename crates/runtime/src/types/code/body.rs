//! What a code object needs to run.

use std::cell::{OnceCell, UnsafeCell};
use std::rc::Rc;

use taipan_bytecode::{ExcEntry, LineTable, Position};

use super::library::{self, Library};
use super::view::View;
use crate::core::Value;

/// The part of code that is there from its first use on; constants and names stand beside it.
pub struct Body {
    /// Names of parameters and locals.
    pub varnames: Box<[Value]>,
    /// `co_cellvars` with the register of each.
    pub cellvars: Box<[(Value, u16)]>,
    /// `co_freevars`
    pub freevars: Box<[Value]>,
    /// Register of the first free variable.
    pub free_base: u16,
    /// Handlers, innermost first for any given word.
    pub handlers: Box<[ExcEntry]>,
    pub(super) lines: Lines,
    pub(super) original: Original,
    pub(super) instrs: UnsafeCell<Box<[u64]>>,
    pub(super) positions: OnceCell<Box<[(u32, Position)]>>,
    pub(super) view: OnceCell<Box<View>>,
}

/// Where the line table is.
pub(super) enum Lines {
    /// In the image.
    Image(&'static [u8]),
    /// Compiled here.
    Own(LineTable),
}

/// Where the instructions are as the compiler made them: the loop rewrites its own copy.
pub(super) enum Original {
    /// In the image, at this offset of the module.
    Image(Rc<Library>, u32),
    /// Compiled here.
    Own(Box<[u64]>),
}

impl Body {
    /// Number of instruction words.
    pub fn len(&self) -> usize {
        // SAFETY: the box is never replaced.
        unsafe { (&*self.instrs.get()).len() }
    }

    /// Whether there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The line table's bytes.
    pub fn line_table(&self) -> &[u8] {
        match &self.lines {
            Lines::Image(bytes) => bytes,
            Lines::Own(table) => &table.0,
        }
    }

    /// The instructions as they were compiled.
    pub fn original(&self) -> Box<[u64]> {
        match &self.original {
            Original::Image(library, at) => library::instructions(library, *at),
            Original::Own(words) => words.clone(),
        }
    }

    /// The source position of a word.
    pub(super) fn position(&self, pc: usize) -> Position {
        let draw = || {
            let mut end = 0;
            let runs = taipan_bytecode::runs(self.line_table()).map(|(n, p)| {
                end += n;
                (end, p)
            });
            runs.collect()
        };
        // Watchers of memory ask for positions themselves.
        let table = match self.positions.get() {
            Some(table) => table,
            None => taipan_memory::cache::unwatched(|| self.positions.get_or_init(draw)),
        };
        let i = table.partition_point(|(end, _)| *end as usize <= pc);
        table.get(i).map_or(Position::default(), |(_, p)| *p)
    }
}
