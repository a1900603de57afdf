//! Code and constants as bytes: the frozen image and the code part of `marshal` use this form.

use std::fmt;
use std::rc::Rc;

use crate::code::{Code, Const, ExcEntry, LineTable, put_varint};

/// Why bytes could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The input ended too early.
    Eof,
    /// A tag or a value that never occurs.
    Bad,
    /// Constants nested too deep.
    Depth,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eof => "marshal data too short",
            Self::Bad => "bad marshal data",
            Self::Depth => "bad marshal data (nested too deep)",
        })
    }
}

const MAX_DEPTH: u32 = 1000;

/// Appends the encoding of `code` to `out`.
pub fn encode_code(code: &Code, out: &mut Vec<u8>) {
    for s in [&code.name, &code.qualname, &code.filename] {
        put_bytes(out, s.as_bytes());
    }
    for n in [
        code.first_line,
        code.flags,
        code.argcount,
        code.posonly,
        code.kwonly,
        code.nregs,
        u32::from(code.free_base),
    ] {
        put_varint(out, u64::from(n));
    }
    put_names(out, &code.varnames);
    put_varint(out, code.cellvars.len() as u64);
    for (name, reg) in &code.cellvars {
        put_bytes(out, name.as_bytes());
        put_varint(out, u64::from(*reg));
    }
    put_names(out, &code.freevars);
    put_names(out, &code.names);
    put_varint(out, code.consts.len() as u64);
    for c in &code.consts {
        encode_const(c, out);
    }
    put_varint(out, code.instrs.len() as u64);
    for word in &code.instrs {
        out.extend_from_slice(&word.to_le_bytes());
    }
    put_bytes(out, &code.lines.0);
    put_varint(out, code.handlers.len() as u64);
    for h in &code.handlers {
        for n in [
            h.start,
            h.end,
            h.target,
            u32::from(h.exc_reg),
            u32::from(h.depth),
        ] {
            put_varint(out, u64::from(n));
        }
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_names(out: &mut Vec<u8>, names: &[Rc<str>]) {
    put_varint(out, names.len() as u64);
    for n in names {
        put_bytes(out, n.as_bytes());
    }
}

/// Appends the encoding of a constant to `out`.
pub fn encode_const(c: &Const, out: &mut Vec<u8>) {
    match c {
        Const::None => out.push(b'N'),
        Const::Bool(false) => out.push(b'F'),
        Const::Bool(true) => out.push(b'T'),
        Const::Ellipsis => out.push(b'.'),
        Const::Int(n) => {
            out.push(b'i');
            out.extend_from_slice(&n.to_le_bytes());
        }
        Const::BigInt(negative, magnitude) => {
            out.push(if *negative { b'-' } else { b'+' });
            put_bytes(out, magnitude);
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
        Const::Str(s) => {
            out.push(b'u');
            put_bytes(out, s);
        }
        Const::Bytes(s) => {
            out.push(b's');
            put_bytes(out, s);
        }
        Const::Tuple(items) => put_items(out, b'(', items),
        Const::FrozenSet(items) => put_items(out, b'>', items),
        Const::Slice(items) => put_items(out, b':', &items[..]),
        Const::Code(code) => {
            out.push(b'c');
            encode_code(code, out);
        }
    }
}

fn put_items(out: &mut Vec<u8>, tag: u8, items: &[Const]) {
    out.push(tag);
    put_varint(out, items.len() as u64);
    for c in items {
        encode_const(c, out);
    }
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(n).ok_or(DecodeError::Eof)?;
        let bytes = self.data.get(self.at..end).ok_or(DecodeError::Eof)?;
        self.at = end;
        Ok(bytes)
    }

    fn u64(&mut self) -> Result<u64, DecodeError> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(
            bytes.try_into().map_err(|_| DecodeError::Eof)?,
        ))
    }

    fn varint(&mut self) -> Result<u64, DecodeError> {
        let (mut n, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.take(1)?[0];
            if shift > 63 {
                return Err(DecodeError::Bad);
            }
            n |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(n);
            }
        }
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::Bad)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        u16::try_from(self.varint()?).map_err(|_| DecodeError::Bad)
    }

    fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let n = usize::try_from(self.varint()?).map_err(|_| DecodeError::Eof)?;
        self.take(n)
    }

    fn name(&mut self) -> Result<Rc<str>, DecodeError> {
        std::str::from_utf8(self.bytes()?)
            .map(Rc::from)
            .map_err(|_| DecodeError::Bad)
    }

    /// A vector whose length can't exceed what the rest of the input could hold.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let n = usize::try_from(self.varint()?).map_err(|_| DecodeError::Eof)?;
        if n > self.data.len() - self.at {
            return Err(DecodeError::Eof);
        }
        (0..n).map(|_| item(self)).collect()
    }

    fn code(&mut self, depth: u32) -> Result<Code, DecodeError> {
        let (name, qualname, filename) = (self.name()?, self.name()?, self.name()?);
        let (first_line, flags, argcount, posonly, kwonly, nregs, free_base) = (
            self.u32()?,
            self.u32()?,
            self.u32()?,
            self.u32()?,
            self.u32()?,
            self.u32()?,
            self.u16()?,
        );
        let varnames = self.list(Self::name)?;
        let cellvars = self.list(|r| Ok((r.name()?, r.u16()?)))?;
        let freevars = self.list(Self::name)?;
        let names = self.list(Self::name)?;
        let consts = self.list(|r| r.constant(depth + 1))?;
        let instrs = self.list(Self::u64)?;
        let lines = LineTable(self.bytes()?.into());
        let handlers = self.list(|r| {
            Ok(ExcEntry {
                start: r.u32()?,
                end: r.u32()?,
                target: r.u32()?,
                exc_reg: r.u16()?,
                depth: r.u16()?,
            })
        })?;
        Ok(Code {
            name,
            qualname,
            filename,
            first_line,
            flags,
            argcount,
            posonly,
            kwonly,
            nregs,
            varnames,
            cellvars,
            freevars,
            free_base,
            names,
            consts,
            instrs,
            lines,
            handlers,
        })
    }

    fn constant(&mut self, depth: u32) -> Result<Const, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::Depth);
        }
        Ok(match self.take(1)?[0] {
            b'N' => Const::None,
            b'F' => Const::Bool(false),
            b'T' => Const::Bool(true),
            b'.' => Const::Ellipsis,
            b'i' => Const::Int(self.u64()? as i64),
            tag @ (b'-' | b'+') => Const::BigInt(tag == b'-', self.bytes()?.into()),
            b'g' => Const::Float(f64::from_bits(self.u64()?)),
            b'y' => Const::Complex(f64::from_bits(self.u64()?), f64::from_bits(self.u64()?)),
            b'u' => Const::Str(self.bytes()?.into()),
            b's' => Const::Bytes(self.bytes()?.into()),
            b'(' => Const::Tuple(self.list(|r| r.constant(depth + 1))?.into()),
            b'>' => Const::FrozenSet(self.list(|r| r.constant(depth + 1))?.into()),
            b':' => {
                let items = self.list(|r| r.constant(depth + 1))?;
                Const::Slice(Box::new(items.try_into().map_err(|_| DecodeError::Bad)?))
            }
            b'c' => Const::Code(Rc::new(self.code(depth + 1)?)),
            _ => return Err(DecodeError::Bad),
        })
    }
}

/// Decodes one code object; returns it and how many bytes it took.
///
/// The result is well-formed data, but its instructions are not trusted: the runtime verifies
/// code that did not come from its own compiler before running it.
pub fn decode_code(data: &[u8]) -> Result<(Code, usize), DecodeError> {
    let mut r = Reader { data, at: 0 };
    let code = r.code(0)?;
    Ok((code, r.at))
}

/// Decodes one constant; returns it and how many bytes it took.
pub fn decode_const(data: &[u8]) -> Result<(Const, usize), DecodeError> {
    let mut r = Reader { data, at: 0 };
    let c = r.constant(0)?;
    Ok((c, r.at))
}
