//! A module's code packed for the library image: small, and readable piece by piece without decoding the rest.
//!
//! ```text
//! module = count of strings: u32, their ends: u32 each, the strings' bytes, root code
//! code   = head, length of the body, body
//! head   = name, qualified name, first line, flags, argcount, posonly, kwonly, nregs, nlocals, free variables
//! body   = varnames, cells (name, register), free variables, free_base, names, constants,
//!          words, instructions, line table, handlers
//! ```
//!
//! Strings (names, and constants that look like names) stand once in the module's table and are told by their
//! index. Numbers are varints but for the table of ends. Zero words of inline caches are left out.

use std::collections::HashMap;
use std::rc::Rc;

use crate::code::{Code, Const, ExcEntry, LineTable, put_varint};
use crate::{Extra, Instr, Op, Operand};

/// Whether a constant is interned, and so stands in the table of strings.
pub fn looks_like_name(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

#[derive(Default)]
struct Strings<'a> {
    index: HashMap<&'a [u8], u64>,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl<'a> Strings<'a> {
    fn index(&mut self, text: &'a [u8]) -> u64 {
        *self.index.entry(text).or_insert_with(|| {
            self.bytes.extend_from_slice(text);
            self.ends.push(self.bytes.len() as u32);
            self.ends.len() as u64 - 1
        })
    }
}

/// Packs a module's code. Its file names are left out.
pub fn pack_module(code: &Code) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut root = Vec::new();
    pack_code(code, &mut strings, &mut root);
    let mut out = Vec::with_capacity(root.len() + strings.bytes.len() + 4 * strings.ends.len() + 4);
    out.extend_from_slice(&(strings.ends.len() as u32).to_le_bytes());
    for end in &strings.ends {
        out.extend_from_slice(&end.to_le_bytes());
    }
    out.extend_from_slice(&strings.bytes);
    out.extend_from_slice(&root);
    out
}

fn pack_code<'a>(code: &'a Code, strings: &mut Strings<'a>, out: &mut Vec<u8>) {
    let cells_end = code.cellvars.iter().map(|(_, r)| u64::from(*r) + 1).max().unwrap_or(0);
    let free_end = if code.freevars.is_empty() { 0 } else { u64::from(code.free_base) + code.freevars.len() as u64 };
    let nlocals = (code.varnames.len() as u64).max(cells_end).max(free_end);
    put_varint(out, strings.index(code.name.as_bytes()));
    put_varint(out, strings.index(code.qualname.as_bytes()));
    for n in [code.first_line, code.flags, code.argcount, code.posonly, code.kwonly, code.nregs] {
        put_varint(out, u64::from(n));
    }
    put_varint(out, nlocals);
    put_varint(out, code.freevars.len() as u64);
    let mut body = Vec::new();
    pack_body(code, strings, &mut body);
    put_varint(out, body.len() as u64);
    out.extend_from_slice(&body);
}

fn pack_body<'a>(code: &'a Code, strings: &mut Strings<'a>, out: &mut Vec<u8>) {
    put_varint(out, code.varnames.len() as u64);
    for n in &code.varnames {
        put_varint(out, strings.index(n.as_bytes()));
    }
    put_varint(out, code.cellvars.len() as u64);
    for (n, r) in &code.cellvars {
        put_varint(out, strings.index(n.as_bytes()));
        put_varint(out, u64::from(*r));
    }
    put_varint(out, code.freevars.len() as u64);
    for n in &code.freevars {
        put_varint(out, strings.index(n.as_bytes()));
    }
    put_varint(out, u64::from(code.free_base));
    put_varint(out, code.names.len() as u64);
    for n in &code.names {
        put_varint(out, strings.index(n.as_bytes()));
    }
    put_varint(out, code.consts.len() as u64);
    for c in &code.consts {
        pack_const(c, strings, out);
    }
    put_varint(out, code.instrs.len() as u64);
    pack_instrs(&code.instrs, out);
    put_varint(out, code.lines.0.len() as u64);
    out.extend_from_slice(&code.lines.0);
    put_varint(out, code.handlers.len() as u64);
    for h in &code.handlers {
        for n in [h.start, h.end, h.target, u32::from(h.exc_reg), u32::from(h.depth)] {
            put_varint(out, u64::from(n));
        }
    }
}

fn pack_const<'a>(c: &'a Const, strings: &mut Strings<'a>, out: &mut Vec<u8>) {
    let mut list = |tag: u8, items: &'a [Const], out: &mut Vec<u8>| {
        out.push(tag);
        put_varint(out, items.len() as u64);
        for c in items {
            pack_const(c, strings, out);
        }
    };
    match c {
        Const::None => out.push(b'N'),
        Const::Bool(false) => out.push(b'F'),
        Const::Bool(true) => out.push(b'T'),
        Const::Ellipsis => out.push(b'.'),
        Const::Int(n) => {
            out.push(b'i');
            put_varint(out, zigzag(*n));
        }
        Const::BigInt(negative, magnitude) => {
            out.push(if *negative { b'-' } else { b'+' });
            put_varint(out, magnitude.len() as u64);
            out.extend_from_slice(magnitude);
        }
        Const::Float(x) => {
            out.push(b'g');
            out.extend_from_slice(&x.to_bits().to_le_bytes());
        }
        Const::Complex(re, im) => {
            out.push(b'y');
            out.extend_from_slice(&re.to_bits().to_le_bytes());
            out.extend_from_slice(&im.to_bits().to_le_bytes());
        }
        Const::Str(s) if looks_like_name(s) => {
            out.push(b'n');
            put_varint(out, strings.index(s));
        }
        Const::Str(s) => {
            out.push(b'u');
            put_varint(out, s.len() as u64);
            out.extend_from_slice(s);
        }
        Const::Bytes(s) => {
            out.push(b's');
            put_varint(out, s.len() as u64);
            out.extend_from_slice(s);
        }
        Const::Tuple(items) => list(b'(', items, out),
        Const::FrozenSet(items) => list(b'>', items, out),
        Const::Slice(items) => list(b':', &items[..], out),
        Const::Code(code) => {
            out.push(b'c');
            pack_code(code, strings, out);
        }
    }
}

/// Whether an operand is a signed number.
fn signed(kind: Operand) -> bool {
    matches!(kind, Operand::I | Operand::J16)
}

fn is_wide(kind: Operand) -> bool {
    matches!(kind, Operand::J32 | Operand::K32 | Operand::I32)
}

fn put_operand(kind: Operand, n: usize, out: &mut Vec<u8>) {
    match kind {
        Operand::No if n == 0 => {}
        k if signed(k) => put_varint(out, zigzag(i64::from(n as u16 as i16))),
        _ => put_varint(out, n as u64),
    }
}

/// The flags byte has a bit to spare: operands that the table calls unused are not zero.
const ODD: u8 = 0x80;

fn pack_instrs(words: &[u64], out: &mut Vec<u8>) {
    let mut pc = 0;
    while let Some(&word) = words.get(pc) {
        let w = Instr(word);
        let op = w.op().expect("the compiler emits only known opcodes");
        let info = op.info();
        assert!(w.flags() & ODD == 0, "flags have seven bits");
        let wide = is_wide(info.b);
        let odd = (info.a == Operand::No && w.a() != 0)
            || (!wide && (info.b == Operand::No && w.b() != 0 || info.c == Operand::No && w.c() != 0));
        out.push(w.opcode());
        out.push(w.flags() | if odd { ODD } else { 0 });
        if odd {
            out.extend_from_slice(&word.to_le_bytes()[2..]);
        } else {
            put_operand(info.a, w.a(), out);
            if wide {
                put_varint(out, zigzag(w.bc_signed()));
            } else {
                put_operand(info.b, w.b(), out);
                put_operand(info.c, w.c(), out);
            }
        }
        let extra = |i: usize| words.get(pc + i).copied().expect("extra words follow");
        let first = match info.extra {
            Extra::None | Extra::Cache(_) => 1,
            Extra::Jump => {
                put_varint(out, zigzag(extra(1) as i64));
                2
            }
            Extra::Const | Extra::NameCache(_) | Extra::ConstCache(_) => {
                put_varint(out, extra(1));
                2
            }
        };
        for i in first..=info.extra.words() {
            assert!(extra(i) == 0, "caches are empty when compiled");
        }
        pc += 1 + info.extra.words();
    }
}

/// What a code object shows without its body.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "named as in Code")]
pub struct Head {
    pub name: u32,
    pub qualname: u32,
    pub first_line: u32,
    pub flags: u32,
    pub argcount: u32,
    pub posonly: u32,
    pub kwonly: u32,
    pub nregs: u32,
    /// Registers that hold named variables.
    pub nlocals: u32,
    /// How many free variables there are.
    pub nfree: u32,
    /// Where the body starts in the module's bytes.
    pub body: u32,
}

/// A constant, or how its items follow.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "named as in Const")]
pub enum PackedConst<'a> {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    BigInt(bool, &'a [u8]),
    Float(f64),
    Complex(f64, f64),
    /// A string of the table.
    Name(u32),
    Str(&'a [u8]),
    Bytes(&'a [u8]),
    /// So many items follow.
    Tuple(usize),
    /// So many items follow.
    FrozenSet(usize),
    /// Three items follow.
    Slice,
    Code(Head),
}

/// The image is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// The bytes of a packed module.
#[derive(Clone, Copy, Debug)]
pub struct PackedModule<'a> {
    bytes: &'a [u8],
}

impl<'a> PackedModule<'a> {
    /// Over what [`pack_module`] made.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn u32(&self, at: usize) -> Option<usize> {
        Some(u32::from_le_bytes(self.bytes.get(at..at + 4)?.try_into().ok()?) as usize)
    }

    /// How many strings the table has.
    pub fn strings(&self) -> usize {
        self.u32(0).unwrap_or(0)
    }

    /// A string of the table.
    pub fn string(&self, i: usize) -> Option<&'a [u8]> {
        let n = self.strings();
        if i >= n {
            return None;
        }
        let start = if i == 0 { 0 } else { self.u32(4 * i)? };
        let end = self.u32(4 + 4 * i)?;
        let base = 4 + 4 * n;
        self.bytes.get(base + start..base + end)
    }

    /// The head of the module's own code.
    pub fn root(&self) -> Result<Head, Damaged> {
        let n = self.strings();
        let length = if n == 0 { 0 } else { self.u32(4 * n).ok_or(Damaged)? };
        self.at(4 + 4 * n + length).head()
    }

    /// A code object as plain data, with all that it holds; file names are empty.
    pub fn unpack(&self, head: Head) -> Result<Code, Damaged> {
        let name = |i: u32| {
            let text = std::str::from_utf8(self.string(i as usize).ok_or(Damaged)?).map_err(|_| Damaged)?;
            Ok(Rc::from(text))
        };
        let mut r = self.at(head.body as usize);
        let names = |r: &mut Reader<'a>| (0..r.count()?).map(|_| name(r.small()?)).collect::<Result<Vec<_>, Damaged>>();
        Ok(Code {
            name: name(head.name)?,
            qualname: name(head.qualname)?,
            filename: Rc::from(""),
            first_line: head.first_line,
            flags: head.flags,
            argcount: head.argcount,
            posonly: head.posonly,
            kwonly: head.kwonly,
            nregs: head.nregs,
            varnames: names(&mut r)?,
            cellvars: (0..r.count()?).map(|_| Ok((name(r.small()?)?, r.small()? as u16))).collect::<Result<_, Damaged>>()?,
            freevars: names(&mut r)?,
            free_base: r.small()? as u16,
            names: names(&mut r)?,
            consts: (0..r.count()?).map(|_| self.unpack_const(&mut r)).collect::<Result<_, Damaged>>()?,
            instrs: r.instructions()?,
            lines: LineTable(r.slice()?.into()),
            handlers: r.handlers()?,
        })
    }

    fn unpack_const(&self, r: &mut Reader<'a>) -> Result<Const, Damaged> {
        let list = |r: &mut Reader<'a>, n: usize| (0..n).map(|_| self.unpack_const(r)).collect::<Result<Vec<_>, Damaged>>();
        Ok(match r.constant()? {
            PackedConst::None => Const::None,
            PackedConst::Bool(b) => Const::Bool(b),
            PackedConst::Ellipsis => Const::Ellipsis,
            PackedConst::Int(n) => Const::Int(n),
            PackedConst::BigInt(negative, magnitude) => Const::BigInt(negative, magnitude.into()),
            PackedConst::Float(x) => Const::Float(x),
            PackedConst::Complex(re, im) => Const::Complex(re, im),
            PackedConst::Name(i) => Const::Str(self.string(i as usize).ok_or(Damaged)?.into()),
            PackedConst::Str(s) => Const::Str(s.into()),
            PackedConst::Bytes(s) => Const::Bytes(s.into()),
            PackedConst::Tuple(n) => Const::Tuple(list(r, n)?.into()),
            PackedConst::FrozenSet(n) => Const::FrozenSet(list(r, n)?.into()),
            PackedConst::Slice => Const::Slice(Box::new(list(r, 3)?.try_into().map_err(|_| Damaged)?)),
            PackedConst::Code(head) => Const::Code(Rc::new(self.unpack(head)?)),
        })
    }

    /// Reads from an offset on, such as a head's `body`.
    pub fn at(&self, at: usize) -> Reader<'a> {
        Reader { bytes: self.bytes, at }
    }
}

/// Reads a packed module's parts in order.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    fn byte(&mut self) -> Result<u8, Damaged> {
        let b = *self.bytes.get(self.at).ok_or(Damaged)?;
        self.at += 1;
        Ok(b)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Damaged> {
        let end = self.at.checked_add(n).ok_or(Damaged)?;
        let bytes = self.bytes.get(self.at..end).ok_or(Damaged)?;
        self.at = end;
        Ok(bytes)
    }

    /// A number.
    #[inline(always)]
    pub fn number(&mut self) -> Result<u64, Damaged> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        self.long_number(first)
    }

    fn long_number(&mut self, first: u8) -> Result<u64, Damaged> {
        let (mut n, mut shift) = (u64::from(first & 0x7f), 7u32);
        loop {
            let byte = self.byte()?;
            if shift > 63 {
                return Err(Damaged);
            }
            n |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(n);
            }
        }
    }

    /// A number of 32 bits.
    #[inline(always)]
    pub fn small(&mut self) -> Result<u32, Damaged> {
        u32::try_from(self.number()?).map_err(|_| Damaged)
    }

    /// A count of what follows; never more than the bytes that are left could hold.
    pub fn count(&mut self) -> Result<usize, Damaged> {
        let n = self.number()? as usize;
        if n > self.bytes.len() - self.at { Err(Damaged) } else { Ok(n) }
    }

    /// Where the next part starts, for [`PackedModule::at`].
    pub fn offset(&self) -> u32 {
        self.at as u32
    }

    /// A count and so many bytes.
    pub fn slice(&mut self) -> Result<&'a [u8], Damaged> {
        let n = self.number()?;
        self.take(usize::try_from(n).map_err(|_| Damaged)?)
    }

    fn double(&mut self) -> Result<f64, Damaged> {
        let bytes = self.take(8)?.try_into().map_err(|_| Damaged)?;
        Ok(f64::from_bits(u64::from_le_bytes(bytes)))
    }

    /// A code object's head; its body is skipped.
    pub fn head(&mut self) -> Result<Head, Damaged> {
        let mut head = Head {
            name: self.small()?,
            qualname: self.small()?,
            first_line: self.small()?,
            flags: self.small()?,
            argcount: self.small()?,
            posonly: self.small()?,
            kwonly: self.small()?,
            nregs: self.small()?,
            nlocals: self.small()?,
            nfree: self.small()?,
            body: 0,
        };
        let n = self.number()? as usize;
        head.body = self.at as u32;
        self.take(n)?;
        Ok(head)
    }

    /// The next constant.
    pub fn constant(&mut self) -> Result<PackedConst<'a>, Damaged> {
        Ok(match self.byte()? {
            b'N' => PackedConst::None,
            b'F' => PackedConst::Bool(false),
            b'T' => PackedConst::Bool(true),
            b'.' => PackedConst::Ellipsis,
            b'i' => PackedConst::Int(unzigzag(self.number()?)),
            tag @ (b'-' | b'+') => PackedConst::BigInt(tag == b'-', self.slice()?),
            b'g' => PackedConst::Float(self.double()?),
            b'y' => PackedConst::Complex(self.double()?, self.double()?),
            b'n' => PackedConst::Name(self.small()?),
            b'u' => PackedConst::Str(self.slice()?),
            b's' => PackedConst::Bytes(self.slice()?),
            b'(' => PackedConst::Tuple(self.count()?),
            b'>' => PackedConst::FrozenSet(self.count()?),
            b':' => {
                if self.count()? != 3 {
                    return Err(Damaged);
                }
                PackedConst::Slice
            }
            b'c' => PackedConst::Code(self.head()?),
            _ => return Err(Damaged),
        })
    }

    #[inline(always)]
    fn operand(&mut self, kind: Operand) -> Result<u64, Damaged> {
        Ok(match kind {
            Operand::No => 0,
            Operand::I | Operand::J16 => u64::from(unzigzag(self.number()?) as u16),
            _ => u64::from(self.number()? as u16),
        })
    }

    /// The count of words and the instructions, with room for their caches.
    pub fn instructions(&mut self) -> Result<Vec<u64>, Damaged> {
        let n = usize::try_from(self.number()?).map_err(|_| Damaged)?;
        // An instruction takes two bytes at least, and no more than four words.
        if n / 8 > self.bytes.len() - self.at {
            return Err(Damaged);
        }
        let mut words = Vec::with_capacity(n);
        while words.len() < n {
            let op = self.byte()?;
            let flags = self.byte()?;
            let info = Op::from_u8(op).ok_or(Damaged)?.info();
            let start = u64::from(op) | u64::from(flags & !ODD) << 8;
            let word = if flags & ODD != 0 {
                let rest = self.take(6)?;
                rest.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)) << 16 | start
            } else {
                let a = self.operand(info.a)?;
                let bc = if is_wide(info.b) {
                    u64::from(unzigzag(self.number()?) as u32)
                } else {
                    let b = self.operand(info.b)?;
                    b | self.operand(info.c)? << 16
                };
                start | a << 16 | bc << 32
            };
            words.push(word);
            let words_behind = info.extra.words();
            match info.extra {
                Extra::None => {}
                Extra::Cache(_) => words.resize(words.len() + words_behind, 0),
                Extra::Jump => words.push(unzigzag(self.number()?) as u64),
                Extra::Const | Extra::NameCache(_) | Extra::ConstCache(_) => {
                    words.push(self.number()?);
                    words.resize(words.len() + words_behind - 1, 0);
                }
            }
        }
        if words.len() == n { Ok(words) } else { Err(Damaged) }
    }

    /// The exception handlers.
    pub fn handlers(&mut self) -> Result<Vec<ExcEntry>, Damaged> {
        let n = self.count()?;
        let mut out = Vec::with_capacity(n);
        for _ in 0..n {
            out.push(ExcEntry {
                start: self.small()?,
                end: self.small()?,
                target: self.small()?,
                exc_reg: self.number()? as u16,
                depth: self.number()? as u16,
            });
        }
        Ok(out)
    }
}
