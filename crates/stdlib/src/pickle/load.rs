//! The reader: a machine with a stack, one operation after the other.

use taipan_runtime::core::{PyCell, R, Raised, Value};
use taipan_runtime::types::bytearray;
use taipan_runtime::types::bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::set::{self, Set};
use taipan_runtime::types::str;
use taipan_runtime::types::{frozenset, tuple};
use taipan_runtime::vm::Vm;

use super::memo::LoadMemo;
use super::opcodes::*;
use super::source::Source;
use super::{HIGHEST, error_class, Kind, unpickling_error};

/// What the arguments of `load` say.
pub struct Options {
    pub fix_imports: bool,
    pub encoding: String,
    pub errors: String,
    pub buffers: Option<Value>,
}

impl Options {
    /// Raises TypeError if `buffers` can't be iterated.
    pub fn new(vm: &Vm, fix_imports: bool, encoding: &str, errors: &str, buffers: Option<&Value>) -> R<Self> {
        let buffers = match buffers {
            Some(b) if !b.is_none() => Some(vm.iter(b)?),
            _ => None,
        };
        Ok(Options { fix_imports, encoding: encoding.to_owned(), errors: errors.to_owned(), buffers })
    }
}

/// One run of reading.
pub struct Loader<'a> {
    pub vm: &'a Vm,
    pub source: &'a mut Source,
    pub options: &'a Options,
    pub stack: Vec<Value>,
    pub proto: u8,
    /// Methods of a subclass of Unpickler.
    pub find_class: Option<Value>,
    pub persistent_load: Option<Value>,
    /// Where `Unpickler.find_class` looks for the protocol.
    pub shown_proto: Option<&'a std::cell::Cell<u8>>,
    memo: &'a PyCell<LoadMemo>,
    /// The lengths of the stack at the marks.
    marks: Vec<usize>,
    /// The last of the marks, or zero: nothing below may be taken.
    fence: usize,
}

impl<'a> Loader<'a> {
    pub fn new(vm: &'a Vm, source: &'a mut Source, memo: &'a PyCell<LoadMemo>, options: &'a Options) -> Self {
        Loader {
            vm,
            source,
            options,
            stack: Vec::with_capacity(32),
            proto: 0,
            find_class: None,
            persistent_load: None,
            shown_proto: None,
            memo,
            marks: Vec::new(),
            fence: 0,
        }
    }

    #[cold]
    pub fn underflow(&self) -> Raised {
        let marked = !self.marks.is_empty();
        unpickling_error(self.vm, if marked { "unexpected MARK found" } else { "unpickling stack underflow" })
    }

    #[inline]
    pub fn pop(&mut self) -> R {
        if self.stack.len() > self.fence
            && let Some(v) = self.stack.pop()
        {
            return Ok(v);
        }
        Err(self.underflow())
    }

    /// The uppermost object.
    #[inline]
    pub fn top(&self) -> R<&Value> {
        match self.stack.last() {
            Some(v) if self.stack.len() > self.fence => Ok(v),
            _ => Err(self.underflow()),
        }
    }

    /// Takes the last mark: the place where the objects above it begin.
    #[inline]
    pub fn mark(&mut self) -> R<usize> {
        match self.marks.pop() {
            Some(n) => {
                self.fence = self.marks.last().copied().unwrap_or(0);
                Ok(n)
            }
            None => Err(unpickling_error(self.vm, "could not find MARK")),
        }
    }

    /// The objects above the last mark.
    #[inline]
    pub fn above(&mut self) -> R<Vec<Value>> {
        let n = self.mark()?;
        Ok(self.stack.split_off(n.min(self.stack.len())))
    }

    /// Reads a pickle.
    pub fn load(&mut self) -> R {
        let vm = self.vm;
        loop {
            let op = match self.source.byte(vm) {
                Ok(op) => op,
                Err(r) => {
                    let truncated = error_class(vm, Kind::Unpickling)?;
                    let e = vm.catch(r);
                    if vm.exc_matches(&e, &truncated)? {
                        return Err(vm.eof_error("Ran out of input"));
                    }
                    return Err(vm.raise_as_is(e));
                }
            };
            if op == STOP {
                return self.pop();
            }
            self.step(op)?;
        }
    }

    fn memoize(&mut self, n: u64) -> R<()> {
        let v = self.top()?.clone();
        let old = self.memo.borrow_mut().put(n, v);
        drop(old);
        Ok(())
    }

    fn recall(&mut self, n: u64) -> R<()> {
        let found = self.memo.borrow().get(n);
        match found {
            Some(v) => {
                self.stack.push(v);
                Ok(())
            }
            None => Err(unpickling_error(self.vm, format!("Memo value not found at index {n}"))),
        }
    }

    #[inline]
    fn step(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        let v = match op {
            MEMOIZE => {
                let n = self.memo.borrow().len() as u64;
                return self.memoize(n);
            }
            BINPUT => {
                let n = self.source.byte(vm)?;
                return self.memoize(u64::from(n));
            }
            LONG_BINPUT => {
                let n = u32::from_le_bytes(self.source.array(vm)?);
                return self.memoize(u64::from(n));
            }
            BINGET => {
                let n = self.source.byte(vm)?;
                return self.recall(u64::from(n));
            }
            LONG_BINGET => {
                let n = u32::from_le_bytes(self.source.array(vm)?);
                return self.recall(u64::from(n));
            }
            MARK => {
                self.fence = self.stack.len();
                self.marks.push(self.fence);
                return Ok(());
            }
            NONE => Value::NONE,
            NEWTRUE => Value::TRUE,
            NEWFALSE => Value::FALSE,
            BININT1 => Value::small(i32::from(self.source.byte(vm)?)),
            BININT2 => Value::small(i32::from(u16::from_le_bytes(self.source.array(vm)?))),
            BININT => Value::small(i32::from_le_bytes(self.source.array(vm)?)),
            BINFLOAT => Value::from(f64::from_be_bytes(self.source.array(vm)?)),
            SHORT_BINUNICODE => {
                let n = usize::from(self.source.byte(vm)?);
                self.text(n)?
            }
            BINUNICODE => {
                let n = u32::from_le_bytes(self.source.array(vm)?) as usize;
                self.text(n)?
            }
            BINUNICODE8 => {
                let n = self.size8("BINUNICODE8")?;
                self.text(n)?
            }
            SHORT_BINBYTES => {
                let n = usize::from(self.source.byte(vm)?);
                bytes::from_slice(self.source.take(vm, n)?).into_value()
            }
            BINBYTES => {
                let n = u32::from_le_bytes(self.source.array(vm)?) as usize;
                bytes::from_slice(self.source.take(vm, n)?).into_value()
            }
            BINBYTES8 => {
                let n = self.size8("BINBYTES8")?;
                bytes::from_slice(self.source.take(vm, n)?).into_value()
            }
            BYTEARRAY8 => {
                let n = self.size8("BYTEARRAY8")?;
                bytearray::from_vec(self.source.take(vm, n)?.to_vec()).into_value()
            }
            EMPTY_TUPLE => tuple::from_vec(Vec::new()).into_value(),
            TUPLE1 => tuple::from_array([self.pop()?]).into_value(),
            TUPLE2 => {
                let (b, a) = (self.pop()?, self.pop()?);
                tuple::from_array([a, b]).into_value()
            }
            TUPLE3 => {
                let (c, b, a) = (self.pop()?, self.pop()?, self.pop()?);
                tuple::from_array([a, b, c]).into_value()
            }
            TUPLE => tuple::from_vec(self.above()?).into_value(),
            EMPTY_LIST => list::from_vec(Vec::new()).into_value(),
            LIST => list::from_vec(self.above()?).into_value(),
            APPEND => {
                let v = self.pop()?;
                let to = self.top()?.clone();
                return match to.downcast_exact::<List>() {
                    Some(l) => {
                        l.push(v);
                        Ok(())
                    }
                    None => self.append_other(&to, vec![v]),
                };
            }
            APPENDS => {
                let n = self.mark()?;
                if n <= self.fence || n > self.stack.len() {
                    return Err(self.underflow());
                }
                let to = self.stack[n - 1].clone();
                if let Some(l) = to.downcast_exact::<List>() {
                    l.items().borrow_mut().extend(self.stack.drain(n..));
                    return Ok(());
                }
                let items = self.stack.split_off(n);
                return self.append_other(&to, items);
            }
            EMPTY_DICT => taipan_runtime::core::Ref::new(Dict::new()).into_value(),
            DICT => {
                let n = self.mark()?;
                let d = taipan_runtime::core::Ref::new(Dict::new()).into_value();
                self.set_items(n, &d, "odd number of items for DICT")?;
                d
            }
            SETITEM => {
                if self.stack.len() < self.fence + 3 {
                    return Err(self.underflow());
                }
                let (n, to) = (self.stack.len() - 2, self.stack[self.stack.len() - 3].clone());
                return self.set_items(n, &to, "odd number of items for SETITEMS");
            }
            SETITEMS => {
                let n = self.mark()?;
                if n <= self.fence || n > self.stack.len() {
                    return Err(self.underflow());
                }
                let to = self.stack[n - 1].clone();
                return self.set_items(n, &to, "odd number of items for SETITEMS");
            }
            EMPTY_SET => set::new_empty().into_value(),
            ADDITEMS => {
                let items = self.above()?;
                let to = self.top()?.clone();
                if items.is_empty() {
                    return Ok(());
                }
                if let Some(s) = to.downcast_exact::<Set>() {
                    for v in items {
                        s.add(vm, v)?;
                    }
                    return Ok(());
                }
                let add = vm.get_attr_str(&to, "add")?;
                for v in items {
                    vm.call(&add, &[v])?;
                }
                return Ok(());
            }
            FROZENSET => frozenset::from_vec(vm, self.above()?)?,
            POP => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.mark()?;
                    return Ok(());
                }
                if self.stack.len() <= self.fence {
                    return Err(self.underflow());
                }
                drop(self.stack.pop());
                return Ok(());
            }
            POP_MARK => {
                drop(self.above()?);
                return Ok(());
            }
            DUP => self.top()?.clone(),
            FRAME => {
                let n = u64::from_le_bytes(self.source.array(vm)?);
                let Some(n) = isize::try_from(n).ok() else {
                    let what = format!("FRAME length exceeds system's maximum of {} bytes", isize::MAX);
                    return Err(unpickling_error(vm, what));
                };
                return self.source.fill(vm, n as usize);
            }
            PROTO => {
                let n = self.source.byte(vm)?;
                if i64::from(n) > HIGHEST {
                    return Err(vm.value_error(format!("unsupported pickle protocol: {n}")));
                }
                self.proto = n;
                if let Some(shown) = self.shown_proto {
                    shown.set(n);
                }
                return Ok(());
            }
            GLOBAL | STACK_GLOBAL | REDUCE | NEWOBJ | NEWOBJ_EX | BUILD | INST | OBJ => return self.object(op),
            _ => return self.rare(op),
        };
        self.stack.push(v);
        Ok(())
    }

    #[inline]
    fn text(&mut self, n: usize) -> R {
        let data = self.source.take(self.vm, n)?;
        if data.is_ascii() {
            return Ok(str::from_latin1(data).into_value());
        }
        let data = data.to_vec();
        let codec = taipan_runtime::types::str::codec::Codec::Utf8;
        let (s, _) = taipan_runtime::types::str::codec::decode_native(self.vm, &data, codec, "surrogatepass", true)?;
        Ok(s.into_value())
    }

    fn size8(&mut self, what: &str) -> R<usize> {
        let n = u64::from_le_bytes(self.source.array(self.vm)?);
        isize::try_from(n).map(|n| n as usize).map_err(|_| {
            let most = isize::MAX;
            unpickling_error(self.vm, format!("{what} exceeds system's maximum size of {most} bytes"))
        })
    }

    /// Appends to what is no plain list: by `extend` if it has that, else one by one.
    fn append_other(&mut self, to: &Value, items: Vec<Value>) -> R<()> {
        let vm = self.vm;
        if items.is_empty() {
            return Ok(());
        }
        if items.len() > 1
            && let Some(extend) = vm.get_attr_str_opt(to, "extend")?
        {
            vm.call(&extend, &[list::from_vec(items).into_value()])?;
            return Ok(());
        }
        let append = vm.get_attr_str(to, "append")?;
        for v in items {
            vm.call(&append, &[v])?;
        }
        Ok(())
    }

    /// Sets the pairs above place `from` of the stack in an object.
    fn set_items(&mut self, from: usize, to: &Value, odd: &str) -> R<()> {
        let vm = self.vm;
        if from > self.stack.len() {
            return Err(self.underflow());
        }
        if (self.stack.len() - from) % 2 != 0 {
            return Err(unpickling_error(vm, odd));
        }
        let dict = to.downcast_exact::<Dict>();
        let mut items = self.stack.drain(from..);
        while let (Some(k), Some(v)) = (items.next(), items.next()) {
            match dict {
                Some(d) => d.set(vm, k, v)?,
                None => vm.setitem(to, &k, &v)?,
            }
        }
        Ok(())
    }

    #[cold]
    fn rare(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        match op {
            EXT1 | EXT2 | EXT4 | PERSID | BINPERSID | NEXT_BUFFER | READONLY_BUFFER => self.external(op),
            INT | LONG | LONG1 | LONG4 | FLOAT => self.number(op),
            STRING | BINSTRING | SHORT_BINSTRING | UNICODE => self.string(op),
            GET | PUT => {
                let line = self.source.full_line(vm)?;
                let n = self.line_number(&line)?;
                let n = taipan_runtime::types::int::to_i64(vm, &n)?;
                match u64::try_from(n) {
                    Ok(n) if op == GET => self.recall(n),
                    Ok(n) => self.memoize(n),
                    Err(_) if op == PUT => Err(vm.value_error("negative PUT argument")),
                    Err(_) => Err(unpickling_error(vm, format!("Memo value not found at index {n}"))),
                }
            }
            0x21..=0x7e if op != b'\'' && op != b'\\' => {
                Err(unpickling_error(vm, format!("invalid load key, '{}'.", op as char)))
            }
            b'\'' | b'\\' | b' ' => Err(unpickling_error(vm, format!("invalid load key, '{}'.", op as char))),
            _ => Err(unpickling_error(vm, format!("invalid load key, '\\x{op:02x}'."))),
        }
    }

    /// What stands in a line: an int.
    pub fn line_number(&self, line: &[u8]) -> R {
        let text = bytes::from_slice(line).into_value();
        self.vm.call(&taipan_runtime::types::int::INT.value(), &[text])
    }
}
