//! The writer: what to do with an object of which type, and the simple ones among them.

use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::bytearray::ByteArray;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::float;
use taipan_runtime::types::frozenset::FrozenSet;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::int;
use taipan_runtime::types::list::List;
use taipan_runtime::types::set::Set;
use taipan_runtime::types::str::{self, Chars, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_;
use taipan_runtime::vm::Vm;

use super::buffer::PickleBuffer;
use super::memo::Memo;
use super::opcodes::*;
use super::pickling_error;

/// A frame ends when it has this many bytes; data of this size travels outside of frames.
const FRAME_TARGET: usize = 64 * 1024;
/// Shorter frames have no header.
const FRAME_MIN: usize = 4;
const FRAME_HEADER: usize = 9;

/// One run of writing.
pub struct Saver<'a> {
    pub vm: &'a Vm,
    pub memo: &'a PyCell<Memo>,
    pub out: Vec<u8>,
    pub proto: u8,
    pub bin: bool,
    pub fast: bool,
    pub fix_imports: bool,
    /// The method of the file; `None` if all stays in `out`.
    pub write: Option<Value>,
    pub buffer_callback: Option<Value>,
    pub dispatch_table: Option<Value>,
    pub reducer_override: Option<Value>,
    pub persistent_id: Option<Value>,
    framing: bool,
    /// Where in `out` the header of the present frame is.
    frame: Option<usize>,
    /// `copyreg.dispatch_table`
    registry: Option<Value>,
}

impl<'a> Saver<'a> {
    pub fn new(vm: &'a Vm, memo: &'a PyCell<Memo>, proto: u8, fix_imports: bool) -> Self {
        Saver {
            vm,
            memo,
            out: Vec::with_capacity(256),
            proto,
            bin: proto > 0,
            fast: false,
            fix_imports: fix_imports && proto < 3,
            write: None,
            buffer_callback: None,
            dispatch_table: None,
            reducer_override: None,
            persistent_id: None,
            framing: false,
            frame: None,
            registry: None,
        }
    }

    /// Writes a whole pickle. With a file, the last part stays in `out` until [`Saver::flush`].
    pub fn dump(&mut self, obj: &Value) -> R<()> {
        if self.proto >= 2 {
            self.out.extend_from_slice(&[PROTO, self.proto]);
            self.framing = self.proto >= 4;
        }
        self.save(obj)?;
        self.op(STOP);
        self.end_frame();
        self.framing = false;
        Ok(())
    }

    /// Hands what was written to the file.
    pub fn flush(&mut self) -> R<()> {
        if let Some(write) = self.write.clone() {
            let data = std::mem::take(&mut self.out);
            self.vm.call(&write, &[bytes::from_vec(data).into_value()])?;
        }
        Ok(())
    }

    #[inline]
    fn begin_frame(&mut self) {
        if self.framing && self.frame.is_none() {
            self.frame = Some(self.out.len());
            self.out.extend_from_slice(&[0; FRAME_HEADER]);
        }
    }

    #[inline]
    pub fn op(&mut self, byte: u8) {
        self.begin_frame();
        self.out.push(byte);
    }

    #[inline]
    pub fn put(&mut self, data: &[u8]) {
        self.begin_frame();
        self.out.extend_from_slice(data);
    }

    fn end_frame(&mut self) {
        let Some(start) = self.frame.take() else { return };
        let body = start + FRAME_HEADER;
        let len = self.out.len() - body;
        if len < FRAME_MIN {
            self.out.drain(start..body);
        } else {
            self.out[start] = FRAME;
            self.out[start + 1..body].copy_from_slice(&(len as u64).to_le_bytes());
        }
    }

    /// Between two operations a long frame may end.
    #[inline]
    fn boundary(&mut self) -> R<()> {
        match self.frame {
            Some(start) if self.out.len() - start - FRAME_HEADER >= FRAME_TARGET => {
                self.end_frame();
                self.flush()
            }
            _ => Ok(()),
        }
    }

    /// Writes a header and data that may be large.
    fn put_large(&mut self, header: &[u8], data: &[u8], payload: Option<&Value>) -> R<()> {
        if data.len() < FRAME_TARGET {
            self.put(header);
            self.out.extend_from_slice(data);
            return Ok(());
        }
        self.end_frame();
        self.out.extend_from_slice(header);
        let Some(write) = self.write.clone() else {
            self.vm.check_room(data.len())?;
            self.out.extend_from_slice(data);
            return Ok(());
        };
        let data = match payload {
            Some(v) => v.clone(),
            None => bytes::from_slice(data).into_value(),
        };
        self.flush()?;
        self.vm.call(&write, &[data])?;
        Ok(())
    }

    /// Remembers an object that was just written.
    #[inline]
    pub fn memoize(&mut self, obj: &Value) {
        if self.fast {
            return;
        }
        let n = {
            let mut memo = self.memo.borrow_mut();
            let n = memo.len();
            memo.put(obj, n);
            n
        };
        if self.proto >= 4 {
            self.op(MEMOIZE);
        } else if !self.bin {
            self.put(format!("p{n}\n").as_bytes());
        } else if n < 256 {
            self.put(&[BINPUT, n as u8]);
        } else {
            self.op(LONG_BINPUT);
            self.out.extend_from_slice(&(n as u32).to_le_bytes());
        }
    }

    /// Writes the reference to a remembered object, if it is one.
    #[inline]
    pub fn recall(&mut self, obj: &Value) -> bool {
        let Some(n) = self.memo.borrow().get(obj) else { return false };
        if !self.bin {
            self.put(format!("g{n}\n").as_bytes());
        } else if n < 256 {
            self.put(&[BINGET, n as u8]);
        } else {
            self.op(LONG_BINGET);
            self.out.extend_from_slice(&(n as u32).to_le_bytes());
        }
        true
    }

    /// Whether an object is remembered.
    pub fn knows(&self, obj: &Value) -> bool {
        self.memo.borrow().get(obj).is_some()
    }

    /// Writes an object.
    pub fn save(&mut self, obj: &Value) -> R<()> {
        self.boundary()?;
        if let Some(f) = self.persistent_id.clone() {
            let id = self.vm.call(&f, std::slice::from_ref(obj))?;
            if !id.is_none() {
                return self.save_persistent(&id);
            }
        }
        self.save_value(obj)
    }

    /// Writes an object that is no persistent one.
    fn save_value(&mut self, obj: &Value) -> R<()> {
        if obj.is_none() {
            self.op(NONE);
            return Ok(());
        }
        if let Some(b) = obj.as_bool() {
            match (self.proto >= 2, b) {
                (true, true) => self.op(NEWTRUE),
                (true, false) => self.op(NEWFALSE),
                (false, true) => self.put(b"I01\n"),
                (false, false) => self.put(b"I00\n"),
            }
            return Ok(());
        }
        if let Some(n) = obj.as_small() {
            return self.save_int(int::IntRef::Small(n), obj);
        }
        let ty = obj.ty();
        if ty.is(int::INT.get()) {
            return match int::get(obj) {
                Some(n) => self.save_int(n, obj),
                None => Ok(()),
            };
        }
        if ty.is(float::FLOAT.get()) {
            let x = float::get(obj).unwrap_or(0.0);
            if self.bin {
                self.op(BINFLOAT);
                self.out.extend_from_slice(&x.to_be_bytes());
            } else {
                let text = taipan_text::float::repr(x);
                self.put(format!("F{text}\n").as_bytes());
            }
            return Ok(());
        }
        if self.recall(obj) {
            return Ok(());
        }
        if let Some(s) = obj.downcast_exact::<Str>() {
            return self.save_str(s);
        }
        if let Some(b) = obj.downcast_exact::<Bytes>() {
            return self.save_bytes(b);
        }
        self.vm.check_native_stack()?;
        if let Some(d) = obj.downcast_exact::<Dict>() {
            return self.save_dict(d);
        }
        if let Some(t) = obj.downcast_exact::<Tuple>() {
            return self.save_tuple(t);
        }
        if let Some(l) = obj.downcast_exact::<List>() {
            return self.save_list(l);
        }
        if let Some(s) = obj.downcast_exact::<Set>() {
            return self.save_set(s);
        }
        if let Some(s) = obj.downcast_exact::<FrozenSet>() {
            return self.save_frozenset(s);
        }
        if let Some(b) = obj.downcast_exact::<ByteArray>() {
            return self.save_bytearray(b);
        }
        if let Some(b) = obj.downcast_exact::<PickleBuffer>() {
            return self.save_buffer(b);
        }
        self.save_other(obj)
    }

    fn save_other(&mut self, obj: &Value) -> R<()> {
        if let Some(f) = self.reducer_override.clone() {
            let reduced = self.vm.call(&f, std::slice::from_ref(obj))?;
            if !reduced.is_not_implemented() {
                return self.save_reduced(obj, &reduced);
            }
        }
        let ty = obj.ty();
        if ty.is(type_::TYPE_PLACE().get()) {
            return self.save_type(obj);
        }
        if obj.downcast_exact::<Function>().is_some() {
            return self.save_global(obj, None);
        }
        let reducer = match self.dispatch_table.clone() {
            Some(t) => match self.vm.getitem(&t, &ty.to_value()) {
                Ok(f) => Some(f),
                Err(r) => self.vm.ignore(Err(r), &taipan_runtime::types::exceptions::KEY_ERROR)?,
            },
            None => {
                if self.registry.is_none() {
                    self.registry = Some(self.vm.import_attr("copyreg", "dispatch_table")?);
                }
                match self.registry.as_ref().and_then(|t| t.downcast::<Dict>().cloned()) {
                    Some(d) => d.get(self.vm, &ty.to_value())?,
                    None => return Err(pickling_error(self.vm, "copyreg.dispatch_table should be a dict")),
                }
            }
        };
        let reduced = match reducer {
            Some(f) => self.vm.call(&f, std::slice::from_ref(obj))?,
            None if obj.as_type().is_some() => return self.save_global(obj, None),
            None => match self.vm.get_attr_opt(obj, &self.vm.n().__reduce_ex__)? {
                Some(f) => self.vm.call(&f, &[Value::from(i64::from(self.proto))])?,
                None => match self.vm.get_attr_opt(obj, &self.vm.n().__reduce__)? {
                    Some(f) => self.vm.call(&f, &[])?,
                    None => {
                        let name = super::names::type_name(self.vm, obj);
                        return Err(pickling_error(self.vm, format!("Can't pickle {name} object")));
                    }
                },
            },
        };
        self.save_reduced(obj, &reduced)
    }

    fn save_persistent(&mut self, id: &Value) -> R<()> {
        if self.bin {
            self.save_value(id)?;
            self.op(BINPERSID);
            return Ok(());
        }
        let text = self.vm.str(id)?;
        match text.downcast::<Str>().and_then(|s| s.as_ascii()) {
            Some(t) => {
                self.op(PERSID);
                self.put(t.as_bytes());
                self.op(b'\n');
                Ok(())
            }
            None => Err(pickling_error(self.vm, "persistent IDs in protocol 0 must be ASCII strings")),
        }
    }

    fn save_int(&mut self, n: int::IntRef<'_>, obj: &Value) -> R<()> {
        if let Some(small) = n.to_i64().and_then(|n| i32::try_from(n).ok()) {
            if !self.bin {
                self.put(format!("I{small}\n").as_bytes());
            } else if let Ok(b) = u8::try_from(small) {
                self.put(&[BININT1, b]);
            } else if let Ok(w) = u16::try_from(small) {
                let [a, b] = w.to_le_bytes();
                self.put(&[BININT2, a, b]);
            } else {
                let [a, b, c, d] = small.to_le_bytes();
                self.put(&[BININT, a, b, c, d]);
            }
            return Ok(());
        }
        if self.proto < 2 {
            let text = self.vm.repr_string(obj)?;
            self.put(format!("L{text}L\n").as_bytes());
            return Ok(());
        }
        let data = signed_bytes(n);
        match (u8::try_from(data.len()), i32::try_from(data.len())) {
            (Ok(len), _) => self.put(&[LONG1, len]),
            (_, Ok(len)) => {
                self.op(LONG4);
                self.out.extend_from_slice(&len.to_le_bytes());
            }
            _ => return Err(self.vm.overflow_error("int too large to pickle")),
        }
        self.put(&data);
        Ok(())
    }

    fn save_str(&mut self, s: &Ref<Str>) -> R<()> {
        if !self.bin {
            let text = protocol0_text(s);
            self.op(UNICODE);
            self.put(&text);
            self.op(b'\n');
        } else if let Some(t) = s.as_ascii() {
            self.put_text(t.as_bytes())?;
        } else {
            let t = s.to_wtf8();
            self.put_text(&t)?;
        }
        self.memoize(s.value());
        Ok(())
    }

    fn put_text(&mut self, t: &[u8]) -> R<()> {
        if self.proto >= 4
            && let Ok(n) = u8::try_from(t.len())
        {
            self.put(&[SHORT_BINUNICODE, n]);
            self.out.extend_from_slice(t);
            return Ok(());
        }
        let what = "serializing a string larger than 4 GiB requires pickle protocol 4 or higher";
        let (header, n) = self.header(t.len(), BINUNICODE, BINUNICODE8, what)?;
        self.put_large(&header[..n], t, None)
    }

    /// An operation with a size of four or eight bytes.
    fn header(&self, len: usize, small: u8, large: u8, what: &str) -> R<([u8; 9], usize)> {
        let mut h = [0; 9];
        if let Ok(n) = u32::try_from(len) {
            h[0] = small;
            h[1..5].copy_from_slice(&n.to_le_bytes());
            return Ok((h, 5));
        }
        if self.proto < 4 {
            return Err(self.vm.overflow_error(what));
        }
        h[0] = large;
        h[1..].copy_from_slice(&(len as u64).to_le_bytes());
        Ok((h, 9))
    }

    fn save_bytes(&mut self, b: &Ref<Bytes>) -> R<()> {
        if self.proto >= 3 {
            return self.put_bytes(b.as_slice(), b.value(), Some(b.value()));
        }
        let reduced = if b.is_empty() {
            tuple::from_array([b.ty().to_value(), tuple::from_vec(Vec::new()).into_value()])
        } else {
            let text = str::from_latin1(b.as_slice()).into_value();
            let args = tuple::from_array([text, taipan_runtime::vm::intern("latin1").into_value()]).into_value();
            tuple::from_array([self.vm.import_attr("codecs", "encode")?, args])
        };
        self.save_reduced(b.value(), reduced.value())
    }

    fn put_bytes(&mut self, data: &[u8], obj: &Value, payload: Option<&Value>) -> R<()> {
        if let Ok(n) = u8::try_from(data.len()) {
            self.put(&[SHORT_BINBYTES, n]);
            self.out.extend_from_slice(data);
        } else {
            let what = "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher";
            let (header, n) = self.header(data.len(), BINBYTES, BINBYTES8, what)?;
            self.put_large(&header[..n], data, payload)?;
        }
        self.memoize(obj);
        Ok(())
    }

    fn put_bytearray(&mut self, data: &[u8], obj: &Value, payload: Option<&Value>) -> R<()> {
        let mut h = [BYTEARRAY8; 9];
        h[1..].copy_from_slice(&(data.len() as u64).to_le_bytes());
        self.put_large(&h, data, payload)?;
        self.memoize(obj);
        Ok(())
    }

    fn save_bytearray(&mut self, b: &Ref<ByteArray>) -> R<()> {
        if self.proto >= 5 {
            let data = b.to_vec();
            return self.put_bytearray(&data, b.value(), Some(b.value()));
        }
        let args = if b.is_empty() { Vec::new() } else { vec![bytes::from_slice(&b.to_vec()).into_value()] };
        let reduced = tuple::from_array([b.ty().to_value(), tuple::from_vec(args).into_value()]);
        self.save_reduced(b.value(), reduced.value())
    }

    fn save_buffer(&mut self, b: &Ref<PickleBuffer>) -> R<()> {
        if self.proto < 5 {
            return Err(pickling_error(self.vm, "PickleBuffer can only be pickled with protocol >= 5"));
        }
        let look = |b: &taipan_runtime::types::memoryview::Buffer| {
            (b.view().c_contiguous() || b.view().f_contiguous(), b.readonly())
        };
        let (contiguous, readonly) = b.with(self.vm, look)?;
        if !contiguous {
            let what = "PickleBuffer can not be pickled when pointing to a non-contiguous buffer";
            return Err(pickling_error(self.vm, what));
        }
        let in_band = match self.buffer_callback.clone() {
            None => true,
            Some(f) => {
                let r = self.vm.call(&f, std::slice::from_ref(b.value()))?;
                self.vm.truth(&r)?
            }
        };
        if !in_band {
            self.op(NEXT_BUFFER);
            if readonly {
                self.op(READONLY_BUFFER);
            }
            return Ok(());
        }
        // In the order of memory: an array in Fortran's order stays one.
        let data = b.with(self.vm, |b| b.as_slice().to_vec())?;
        match readonly {
            true => self.put_bytes(&data, b.value(), None),
            false => self.put_bytearray(&data, b.value(), None),
        }
    }
}

/// The shortest two's complement of a number that is not zero, lowest byte first.
fn signed_bytes(n: int::IntRef<'_>) -> Vec<u8> {
    let (sign, magnitude) = n.to_big().into_parts();
    let mut data = magnitude.to_le_bytes().to_vec();
    data.push(0);
    if sign == dashu_base::Sign::Negative {
        let mut carry = true;
        for b in &mut data {
            let (x, c) = (!*b).overflowing_add(u8::from(carry));
            *b = x;
            carry = c;
        }
    }
    while let [.., before, last] = data[..]
        && ((last == 0 && before < 0x80) || (last == 0xff && before >= 0x80))
    {
        data.pop();
    }
    data
}

/// The text of protocol 0: raw-unicode-escape, with escapes for what would disturb a reader of lines.
fn protocol0_text(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    let mut push = |ch: u32| match ch {
        0 | 0x0a | 0x0d | 0x1a | 0x5c | 0x100..=0xffff => out.extend_from_slice(format!("\\u{ch:04x}").as_bytes()),
        0..=0xff => out.push(ch as u8),
        _ => out.extend_from_slice(format!("\\U{ch:08x}").as_bytes()),
    };
    match s.chars() {
        Chars::Ascii(t) => t.bytes().for_each(|b| push(u32::from(b))),
        _ => s.iter().for_each(push),
    }
    out
}
