//! Code objects as plain data.

use std::rc::Rc;

/// `CO_*` bits of `co_flags`.
pub struct CodeFlags;

impl CodeFlags {
    /// Locals live in registers.
    pub const OPTIMIZED: u32 = 0x1;
    /// The frame has its own namespace.
    pub const NEWLOCALS: u32 = 0x2;
    /// Has `*args`.
    pub const VARARGS: u32 = 0x4;
    /// Has `**kwargs`.
    pub const VARKEYWORDS: u32 = 0x8;
    /// Defined inside a function.
    pub const NESTED: u32 = 0x10;
    /// A generator function.
    pub const GENERATOR: u32 = 0x20;
    /// `async def`.
    pub const COROUTINE: u32 = 0x80;
    /// `types.coroutine`.
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// `async def` with `yield`.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// `from __future__ import barry_as_FLUFL`.
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
    /// `from __future__ import annotations`.
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    /// The first constant is the docstring.
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    /// A function defined directly in a class body.
    pub const METHOD: u32 = 0x800_0000;
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `None`
    None,
    /// `False` or `True`
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An integer of at most 64 bits.
    Int(i64),
    /// Any other integer: sign and little-endian magnitude.
    BigInt(bool, Box<[u8]>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string as generalised UTF-8 (lone surrogates allowed).
    Str(Box<[u8]>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A tuple.
    Tuple(Box<[Const]>),
    /// A frozenset, in the order of the source.
    FrozenSet(Box<[Const]>),
    /// A slice.
    Slice(Box<[Const; 3]>),
    /// A nested code object.
    Code(Rc<Code>),
}

/// An exception handler: what is raised at a word in `start..end` goes on at `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcEntry {
    /// First word covered.
    pub start: u32,
    /// First word no longer covered.
    pub end: u32,
    /// The handler's first word.
    pub target: u32,
    /// Register that gets the exception. Temporaries from `depth` up (but for this one) are dropped first.
    pub exc_reg: u16,
    /// First temporary that is not alive in the handler.
    pub depth: u16,
}

/// A range of the source; lines from 1, columns in UTF-8 bytes from 0. Line 0: no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// First line.
    pub line: u32,
    /// First column.
    pub col: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last.
    pub end_col: u32,
}

/// Positions of the instructions, as a compact byte string: for each run of words with one position
/// a varint of its length, then zigzag varints of the difference in line, and columns.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LineTable(pub Box<[u8]>);

/// Builds a [`LineTable`] run by run.
#[derive(Default)]
pub struct LineTableBuilder {
    bytes: Vec<u8>,
    run: u32,
    pos: Position,
    last_line: u32,
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

impl LineTableBuilder {
    /// Adds `words` words that stem from `pos`.
    pub fn push(&mut self, words: u32, pos: Position) {
        if self.run > 0 && pos == self.pos {
            self.run += words;
            return;
        }
        self.flush();
        self.run = words;
        self.pos = pos;
    }

    fn flush(&mut self) {
        if self.run == 0 {
            return;
        }
        put_varint(&mut self.bytes, u64::from(self.run));
        if self.pos.line == 0 {
            put_varint(&mut self.bytes, 0);
            return;
        }
        let Position {
            line,
            col,
            end_line,
            end_col,
        } = self.pos;
        put_varint(
            &mut self.bytes,
            zigzag(i64::from(line) - i64::from(self.last_line)) + 1,
        );
        put_varint(&mut self.bytes, u64::from(end_line.wrapping_sub(line)));
        put_varint(&mut self.bytes, u64::from(col));
        put_varint(&mut self.bytes, u64::from(end_col));
        self.last_line = line;
    }

    /// The finished table.
    pub fn finish(mut self) -> LineTable {
        self.flush();
        LineTable(self.bytes.into_boxed_slice())
    }
}

/// Iterates over the `(words, position)` runs of a line table's bytes. Stops early at malformed ones.
pub fn runs(table: &[u8]) -> impl Iterator<Item = (u32, Position)> + '_ {
    let mut at = 0usize;
    let mut last_line = 0i64;
    let mut next = move || -> Option<u64> {
        let (mut n, mut shift) = (0u64, 0);
        loop {
            let byte = *table.get(at)?;
            at += 1;
            n |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                return Some(n);
            }
        }
    };
    std::iter::from_fn(move || {
        let words = next()? as u32;
        let line = next()?;
        if line == 0 {
            return Some((words, Position::default()));
        }
        last_line = last_line.wrapping_add(unzigzag(line - 1));
        let line = last_line as u32;
        let end_line = line.wrapping_add(next()? as u32);
        let (col, end_col) = (next()? as u32, next()? as u32);
        Some((
            words,
            Position {
                line,
                col,
                end_line,
                end_col,
            },
        ))
    })
}

impl LineTable {
    /// Iterates over `(words, position)` runs, as [`runs`] does.
    pub fn runs(&self) -> impl Iterator<Item = (u32, Position)> + '_ {
        runs(&self.0)
    }

    /// The position of the word at `pc`; the default position where there is none.
    pub fn at(&self, pc: u32) -> Position {
        let mut start = 0u32;
        for (words, pos) in self.runs() {
            start = start.saturating_add(words);
            if pc < start {
                return pos;
            }
        }
        Position::default()
    }
}

/// A compiled function body, class body, module or expression.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Code {
    /// `co_name`
    pub name: Rc<str>,
    /// `co_qualname`
    pub qualname: Rc<str>,
    /// `co_filename`
    pub filename: Rc<str>,
    /// `co_firstlineno`
    pub first_line: u32,
    /// `co_flags`
    pub flags: u32,
    /// `co_argcount`: positional parameters, with the positional-only ones.
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonly: u32,
    /// `co_kwonlyargcount`
    pub kwonly: u32,
    /// Size of the register window. At most 65,535.
    pub nregs: u32,
    /// Names of registers `0..`: parameters (positional, keyword-only, `*args`, `**kwargs`), then locals.
    /// A captured local keeps its register, which then holds a cell.
    pub varnames: Vec<Rc<str>>,
    /// `co_cellvars` with the register of each (below `varnames.len()` for captured parameters, else behind the locals).
    pub cellvars: Vec<(Rc<str>, u16)>,
    /// `co_freevars`; their registers follow one another from `free_base`.
    pub freevars: Vec<Rc<str>>,
    /// Register of the first free variable.
    pub free_base: u16,
    /// Names that instructions refer to.
    pub names: Vec<Rc<str>>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Instructions with their extra words.
    pub instrs: Vec<u64>,
    /// Source positions.
    pub lines: LineTable,
    /// Handlers, innermost first for any given word.
    pub handlers: Vec<ExcEntry>,
}
