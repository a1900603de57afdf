//! `marshal`: values as bytes, CPython's format 5 for data; code objects carry Taipan's own encoding.

use std::borrow::Cow;
use std::rc::Rc;

use dashu_int::{IBig, UBig};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytearray;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::code::{self, Code};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::memoryview::{self, flags};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::{complex, exceptions as exc, float, frozenset, int, set, slice};
use taipan_runtime::vm::{Vm, intern_value};

module! {
    /// This module contains functions that can read and write Python values in a binary format.
    name = "marshal",
    functions(dump, dumps, load, loads),
    exec = exec,
}

const VERSION: i32 = 5;
const FLAG_REF: u8 = 0x80;
const MAX_DEPTH: usize = 2000;
/// How much is asked of a file at once.
const MAX_PIECE: usize = 1 << 20;

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("version", VERSION);
    Ok(())
}

struct Writer<'a> {
    vm: &'a Vm,
    out: Vec<u8>,
    version: i32,
    allow_code: bool,
    refs: std::collections::HashMap<u64, u32>,
    /// Keeps what `refs` names by address alive.
    held: Vec<Value>,
}

impl Writer<'_> {
    fn size(&mut self, n: usize) -> R<()> {
        let Ok(n) = i32::try_from(n) else { return Err(self.unmarshallable()) };
        self.out.extend_from_slice(&n.to_le_bytes());
        Ok(())
    }

    fn unmarshallable(&self) -> taipan_runtime::core::Raised {
        self.vm.value_error("unmarshallable object")
    }

    fn sized(&mut self, b: &[u8]) -> R<()> {
        self.size(b.len())?;
        self.out.extend_from_slice(b);
        Ok(())
    }

    fn value(&mut self, v: &Value, depth: usize) -> R<()> {
        if depth > MAX_DEPTH {
            return Err(self.vm.value_error("object too deeply nested to marshal"));
        }
        if v.is_none() {
            self.out.push(b'N');
            return Ok(());
        }
        if let Some(b) = v.as_bool() {
            self.out.push(if b { b'T' } else { b'F' });
            return Ok(());
        }
        if v.is(&Value::ELLIPSIS) {
            self.out.push(b'.');
            return Ok(());
        }
        if v.is(&exc::STOP_ITERATION.value()) {
            self.out.push(b'S');
            return Ok(());
        }
        let mut flag = 0;
        if self.version >= 3 && v.header().is_some_and(|h| h.count() > 1) {
            if let Some(i) = self.refs.get(&v.raw()) {
                let i = *i;
                self.out.push(b'r');
                self.out.extend_from_slice(&i.to_le_bytes());
                return Ok(());
            }
            let i = self.refs.len() as u32;
            self.refs.insert(v.raw(), i);
            self.held.push(v.clone());
            flag = FLAG_REF;
        }
        self.object(v, flag, depth)
    }

    fn object(&mut self, v: &Value, flag: u8, depth: usize) -> R<()> {
        if v.ty().is(int::INT.get())
            && let Some(n) = int::get(v)
        {
            return self.integer(n, flag);
        }
        if v.ty().is(float::FLOAT.get())
            && let Some(x) = float::get(v)
        {
            if self.version > 1 {
                self.out.push(b'g' | flag);
                self.out.extend_from_slice(&x.to_le_bytes());
            } else {
                self.out.push(b'f' | flag);
                let text = taipan_text::float::repr(x);
                self.out.push(text.len() as u8);
                self.out.extend_from_slice(text.as_bytes());
            }
            return Ok(());
        }
        if let Some((re, im)) = complex::get_exact(v) {
            self.out.push(b'y' | flag);
            self.out.extend_from_slice(&re.to_le_bytes());
            self.out.extend_from_slice(&im.to_le_bytes());
            return Ok(());
        }
        if let Some(b) = v.downcast_exact::<Bytes>() {
            self.out.push(b's' | flag);
            return self.sized(b.as_slice());
        }
        if let Some(s) = v.downcast_exact::<Str>() {
            if self.version >= 4
                && let Some(t) = s.as_ascii()
            {
                if t.len() < 256 {
                    self.out.push(if s.is_interned() { b'Z' } else { b'z' } | flag);
                    self.out.push(t.len() as u8);
                    self.out.extend_from_slice(t.as_bytes());
                    return Ok(());
                }
                self.out.push(if s.is_interned() { b'A' } else { b'a' } | flag);
                return self.sized(t.as_bytes());
            }
            self.out.push(if self.version >= 3 && s.is_interned() { b't' } else { b'u' } | flag);
            return self.sized(&s.to_wtf8());
        }
        if let Some(t) = v.downcast_exact::<Tuple>() {
            if self.version >= 4 && t.len() < 256 {
                self.out.push(b')' | flag);
                self.out.push(t.len() as u8);
            } else {
                self.out.push(b'(' | flag);
                self.size(t.len())?;
            }
            return self.items(t.as_slice(), depth);
        }
        if let Some(l) = v.downcast_exact::<List>() {
            self.out.push(b'[' | flag);
            let items = l.to_vec();
            self.size(items.len())?;
            return self.items(&items, depth);
        }
        if let Some(d) = v.downcast_exact::<Dict>() {
            self.out.push(b'{' | flag);
            for (k, x) in d.items() {
                self.value(&k, depth + 1)?;
                self.value(&x, depth + 1)?;
            }
            self.out.push(b'0');
            return Ok(());
        }
        if v.downcast_exact::<set::Set>().is_some() || frozenset::items_exact(v).is_some() {
            self.out.push(if v.downcast_exact::<set::Set>().is_some() { b'<' } else { b'>' } | flag);
            // In the order of the items' own encodings, so that equal sets give equal bytes.
            let mut parts: Vec<(Vec<u8>, Value)> = Vec::new();
            for x in self.vm.collect(v)? {
                let mut w = Writer { vm: self.vm, out: Vec::new(), version: self.version.min(2), allow_code: self.allow_code, refs: Default::default(), held: Vec::new() };
                w.value(&x, depth + 1)?;
                parts.push((w.out, x));
            }
            parts.sort_by(|a, b| a.0.cmp(&b.0));
            self.size(parts.len())?;
            for (_, x) in parts {
                self.value(&x, depth + 1)?;
            }
            return Ok(());
        }
        if let Some(c) = v.downcast_exact::<Code>() {
            if !self.allow_code {
                return Err(self.vm.value_error("marshalling code objects is disallowed"));
            }
            self.out.push(b'c' | flag);
            let mut encoded = Vec::new();
            taipan_bytecode::encode_code(&c.to_data(), &mut encoded);
            return self.sized(&encoded);
        }
        if let Some(parts) = slice::parts(v) {
            if self.version < 5 {
                return Err(self.unmarshallable());
            }
            self.out.push(b':' | flag);
            return self.items(&parts, depth);
        }
        if taipan_runtime::types::bytes::is_bytes_like(v) {
            let b = bytes::buffer_bytes(self.vm, v)?;
            self.out.push(b's' | flag);
            return self.sized(&b);
        }
        Err(self.unmarshallable())
    }

    fn items(&mut self, items: &[Value], depth: usize) -> R<()> {
        for x in items {
            self.value(x, depth + 1)?;
        }
        Ok(())
    }

    fn integer(&mut self, n: int::IntRef<'_>, flag: u8) -> R<()> {
        if let Some(n) = n.to_i64().and_then(|n| i32::try_from(n).ok()) {
            self.out.push(b'i' | flag);
            self.out.extend_from_slice(&n.to_le_bytes());
            return Ok(());
        }
        let (sign, magnitude) = n.to_big().into_parts();
        let raw = magnitude.to_le_bytes();
        let mut digits: Vec<u16> = Vec::new();
        let (mut acc, mut bits) = (0u32, 0);
        for b in raw.iter() {
            acc |= u32::from(*b) << bits;
            bits += 8;
            if bits >= 15 {
                digits.push((acc & 0x7fff) as u16);
                acc >>= 15;
                bits -= 15;
            }
        }
        if acc > 0 {
            digits.push(acc as u16);
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        self.out.push(b'l' | flag);
        let Ok(count) = i32::try_from(digits.len()) else { return Err(self.unmarshallable()) };
        let negative = sign == dashu_base::Sign::Negative;
        self.out.extend_from_slice(&(if negative { -count } else { count }).to_le_bytes());
        for d in digits {
            self.out.extend_from_slice(&d.to_le_bytes());
        }
        Ok(())
    }
}

struct Reader<'a> {
    vm: &'a Vm,
    /// The `readinto` of a file, which is read as far as it is needed.
    file: Option<&'a Value>,
    data: &'a [u8],
    at: usize,
    refs: Vec<Option<Value>>,
    allow_code: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> R<Cow<'a, [u8]>> {
        if let Some(readinto) = self.file {
            return from_file(self.vm, readinto, n).map(Cow::Owned);
        }
        match self.at.checked_add(n).and_then(|end| self.data.get(self.at..end)) {
            Some(b) => {
                self.at += n;
                Ok(Cow::Borrowed(b))
            }
            None => Err(self.vm.eof_error("marshal data too short")),
        }
    }

    fn byte(&mut self) -> R<u8> {
        Ok(self.take(1)?[0])
    }

    fn int(&mut self) -> R<i32> {
        let b = self.take(4)?;
        Ok(i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn float(&mut self) -> R<f64> {
        let b = self.take(8)?;
        Ok(f64::from_le_bytes(b.as_ref().try_into().unwrap_or([0; 8])))
    }

    fn bad(&self, what: &str) -> taipan_runtime::core::Raised {
        self.vm.value_error(format!("bad marshal data ({what})"))
    }

    fn size(&mut self, what: &str) -> R<usize> {
        let n = self.int()?;
        usize::try_from(n).map_err(|_| self.bad(&format!("{what} size out of range")))
    }

    fn text(&mut self) -> R<f64> {
        let n = self.byte()? as usize;
        let b = self.take(n)?;
        taipan_text::float::parse(&b).ok_or_else(|| self.bad("float"))
    }

    fn value(&mut self, depth: usize) -> R {
        match self.maybe(depth)? {
            Some(v) => Ok(v),
            None => Err(self.vm.type_error("NULL object in marshal data for object")),
        }
    }

    fn items(&mut self, n: usize, depth: usize) -> R<Vec<Value>> {
        // Every item takes a byte at least, so a false size can't ask for much memory.
        if self.file.is_none() && n > self.data.len() - self.at {
            return Err(self.vm.eof_error("EOF read where object expected"));
        }
        (0..n).map(|_| self.value(depth + 1)).collect()
    }

    fn maybe(&mut self, depth: usize) -> R<Option<Value>> {
        if depth > MAX_DEPTH {
            return Err(self.bad("object too deeply nested"));
        }
        if self.file.is_none() && self.at >= self.data.len() {
            return Err(self.vm.eof_error("EOF read where object expected"));
        }
        let tag = self.byte()?;
        let flagged = tag & FLAG_REF != 0;
        let slot = flagged.then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        });
        let v = match tag & !FLAG_REF {
            b'0' => return Ok(None),
            b'N' => Value::NONE,
            b'T' => Value::TRUE,
            b'F' => Value::FALSE,
            b'.' => Value::ELLIPSIS,
            b'S' => exc::STOP_ITERATION.value(),
            b'i' => Value::from(self.int()?),
            b'I' => {
                let b = self.take(8)?;
                Value::from(i64::from_le_bytes(b.as_ref().try_into().unwrap_or([0; 8])))
            }
            b'l' => self.big()?,
            b'f' => Value::from(self.text()?),
            b'g' => Value::from(self.float()?),
            b'x' => complex::from_parts(self.text()?, self.text()?),
            b'y' => complex::from_parts(self.float()?, self.float()?),
            b's' => {
                let n = self.size("bytes object")?;
                bytes::from_slice(&self.take(n)?).into_value()
            }
            b'a' | b'A' => {
                let n = self.size("string")?;
                self.ascii(n, tag)?
            }
            b'z' | b'Z' => {
                let n = self.byte()? as usize;
                self.ascii(n, tag)?
            }
            b'u' | b't' => {
                let n = self.size("string")?;
                let b = self.take(n)?;
                let v = str::from_wtf8(&b).into_value();
                if tag & !FLAG_REF == b't' { intern_value(&v) } else { v }
            }
            b')' => {
                let n = self.byte()? as usize;
                tuple::from_vec(self.items(n, depth)?).into_value()
            }
            b'(' => {
                let n = self.size("tuple")?;
                tuple::from_vec(self.items(n, depth)?).into_value()
            }
            b'[' => {
                let n = self.size("list")?;
                let l = list::from_vec(Vec::new());
                self.remember(slot, l.value());
                for v in self.items(n, depth)? {
                    l.push(v);
                }
                l.into_value()
            }
            b'{' => {
                let d = Ref::new(Dict::new());
                self.remember(slot, d.value());
                while let Some(k) = self.maybe(depth + 1)? {
                    let Some(v) = self.maybe(depth + 1)? else { break };
                    d.set(self.vm, k, v)?;
                }
                d.into_value()
            }
            b'<' | b'>' => {
                let n = self.size("set")?;
                let items = self.items(n, depth)?;
                if tag & !FLAG_REF == b'>' {
                    frozenset::from_vec(self.vm, items)?
                } else {
                    let s = set::new_empty();
                    self.remember(slot, s.value());
                    for v in items {
                        s.add(self.vm, v)?;
                    }
                    s.into_value()
                }
            }
            b':' => {
                let (a, b, c) = (self.value(depth + 1)?, self.value(depth + 1)?, self.value(depth + 1)?);
                slice::new(a, b, c)
            }
            b'c' => {
                if !self.allow_code {
                    return Err(self.vm.value_error("unmarshalling code objects is disallowed"));
                }
                let n = self.size("code")?;
                let b = self.take(n)?;
                let (data, _) = taipan_bytecode::decode_code(&b).map_err(|e| self.vm.value_error(e.to_string()))?;
                if !code::verify(&data) {
                    return Err(self.bad("code is not valid"));
                }
                Code::from_data(self.vm, Rc::new(data))?.into_value()
            }
            b'r' => {
                let n = self.int()?;
                match usize::try_from(n).ok().and_then(|n| self.refs.get(n)) {
                    Some(Some(v)) => return Ok(Some(v.clone())),
                    _ => return Err(self.bad("invalid reference")),
                }
            }
            _ => return Err(self.bad("unknown type code")),
        };
        self.remember(slot, &v);
        Ok(Some(v))
    }

    fn remember(&mut self, slot: Option<usize>, v: &Value) {
        if let Some(i) = slot {
            self.refs[i] = Some(v.clone());
        }
    }

    fn ascii(&mut self, n: usize, tag: u8) -> R {
        let b = self.take(n)?;
        let v = str::from_latin1(&b).into_value();
        Ok(if matches!(tag & !FLAG_REF, b'A' | b'Z') { intern_value(&v) } else { v })
    }

    fn big(&mut self) -> R {
        let n = self.int()?;
        let count = n.unsigned_abs() as usize;
        let raw = self.take(count.saturating_mul(2))?;
        let mut bytes = Vec::with_capacity(count * 2);
        let (mut acc, mut bits) = (0u32, 0);
        for (i, d) in raw.chunks_exact(2).enumerate() {
            let d = u16::from_le_bytes([d[0], d[1]]);
            if d > 0x7fff {
                return Err(self.bad("digit out of range in long"));
            }
            if i + 1 == count && d == 0 {
                return Err(self.bad("unnormalized long data"));
            }
            acc |= u32::from(d) << bits;
            bits += 15;
            while bits >= 8 {
                bytes.push(acc as u8);
                acc >>= 8;
                bits -= 8;
            }
        }
        bytes.push(acc as u8);
        let magnitude = IBig::from(UBig::from_le_bytes(&bytes));
        Ok(int::from_big(if n < 0 { -magnitude } else { magnitude }))
    }
}

/// The bytes of a code object and what it consists of, for other interpreters of this process.
///
/// Raises ValueError for what can't be marshalled.
pub fn code_to_bytes(vm: &Vm, code: &Value) -> R<Vec<u8>> {
    write(vm, code, VERSION, true)
}

/// Ends [`code_to_bytes`].
///
/// Raises ValueError, EOFError.
pub fn code_from_bytes(vm: &Vm, data: &[u8]) -> R {
    Reader { vm, file: None, data, at: 0, refs: Vec::new(), allow_code: true }.value(0)
}

fn write(vm: &Vm, value: &Value, version: i32, allow_code: bool) -> R<Vec<u8>> {
    if vm.is_audited() {
        vm.audit("marshal.dumps", &[value.clone(), Value::from(version)])?;
    }
    let mut w = Writer { vm, out: Vec::new(), version, allow_code, refs: Default::default(), held: Vec::new() };
    w.value(value, 0)?;
    Ok(w.out)
}

/// Return the bytes object that would be written to a file by dump(value, file).
#[function(sig = "(value, version=5, /, *, allow_code=True)")]
fn dumps(vm: &Vm, value: &Value, version: i32, allow_code: bool) -> R {
    Ok(bytes::from_slice(&write(vm, value, version, allow_code)?).into_value())
}

/// Write the value on the open file.
#[function(sig = "(value, file, version=5, /, *, allow_code=True)")]
fn dump(vm: &Vm, value: &Value, file: &Value, version: i32, allow_code: bool) -> R {
    let b = write(vm, value, version, allow_code)?;
    vm.call_method(file, "write", &[bytes::from_slice(&b).into_value()])
}

/// Convert the bytes-like object to a value.
#[function(sig = "(bytes, /, *, allow_code=True)")]
fn loads(vm: &Vm, bytes: &Value, allow_code: bool) -> R {
    let data = bytes::buffer_bytes(vm, bytes)?;
    if vm.is_audited() {
        vm.audit("marshal.loads", &[bytes::from_slice(&data).into_value()])?;
    }
    Reader { vm, file: None, data: &data, at: 0, refs: Vec::new(), allow_code }.value(0)
}

/// Read one value from the open file and return it.
#[function(sig = "(file, /, *, allow_code=True)")]
fn load(vm: &Vm, file: &Value, allow_code: bool) -> R {
    vm.audit("marshal.load", &[])?;
    // Only to see what kind of file it is.
    let b = vm.call_method(file, "read", &[Value::from(0)])?;
    if b.downcast::<Bytes>().is_none() {
        return Err(vm.type_error(format!("file.read() returned not bytes but {}", b.ty().tp_name())));
    }
    let readinto = vm.get_attr_str(file, "readinto")?;
    let mut r = Reader { vm, file: Some(&readinto), data: &[], at: 0, refs: Vec::new(), allow_code };
    r.value(0)
}

/// The next `n` bytes of a file.
///
/// Raises EOFError if there are not so many, ValueError if the file lies about what it read.
fn from_file(vm: &Vm, readinto: &Value, n: usize) -> R<Vec<u8>> {
    let mut out = Vec::new();
    // A false size must not ask for much memory before the file shows that it is so long.
    while out.len() < n {
        let wanted = (n - out.len()).min(MAX_PIECE);
        let place = bytearray::from_vec(vec![0; wanted]).into_value();
        let view = memoryview::from_object(vm, &place, flags::CONTIG)?;
        let got = vm.call(readinto, std::slice::from_ref(&view))?;
        let got = if got.is_none() { 0 } else { int::to_isize(vm, &got)? };
        let got = usize::try_from(got).unwrap_or(0);
        if got > wanted {
            let text = format!("read() returned too much data: {wanted} bytes requested, {got} returned");
            return Err(vm.value_error(text));
        }
        let read = BytesLike::new(vm, &place)?;
        out.extend_from_slice(read.get(..got).unwrap_or_default());
        if got < wanted {
            let text = if n == 1 { "EOF read where object expected" } else { "marshal data too short" };
            return Err(vm.eof_error(text));
        }
    }
    Ok(out)
}
