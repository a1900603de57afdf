//! The class behind `json.scanner.make_scanner`: reads one value from a document.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, StaticType, Value};
use taipan_runtime::types::dict::{Dict, Table};
use taipan_runtime::types::str::{self, Chars, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{float, int, list, tuple};
use taipan_runtime::vm::Vm;
use taipan_text::CodeUnit;

use super::strings::{self, Problem, Text};
use super::{check_depth, decode_error, text_argument};

/// The payload of Scanner.
#[derive(Trace)]
pub struct Scanner {
    strict: bool,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
}

/// JSON scanner object
#[class(
    name = "Scanner",
    module = "_json",
    flags(BASETYPE, GC),
    sig = "(context)",
    callee = "make_scanner"
)]
impl Scanner {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, context: &Value) -> R {
        let strict = vm.get_attr_str(context, "strict")?;
        let strict = vm.truth(&strict)?;
        let scanner = Scanner {
            strict,
            object_hook: vm.get_attr_str(context, "object_hook")?,
            object_pairs_hook: vm.get_attr_str(context, "object_pairs_hook")?,
            parse_float: vm.get_attr_str(context, "parse_float")?,
            parse_int: vm.get_attr_str(context, "parse_int")?,
            parse_constant: vm.get_attr_str(context, "parse_constant")?,
        };
        Ok(Ref::new_of(cls, scanner).into_value())
    }

    #[slot(call, sig = "(string, idx)")]
    fn call(vm: &Vm, this: &Ref<Self>, string: &Value, idx: isize) -> R {
        let s = text_argument(vm, string)?;
        let Ok(start) = usize::try_from(idx) else {
            return Err(vm.value_error("idx cannot be negative"));
        };
        let (value, end) = match s.chars() {
            Chars::Ascii(t) => scan(vm, this, s, t.as_bytes(), start),
            Chars::Latin1(t) => scan(vm, this, s, t, start),
            Chars::Ucs2(t) => scan(vm, this, s, t, start),
            Chars::Ucs4(t) => scan(vm, this, s, t, start),
        }?;
        Ok(tuple::from_array([value, Value::from(end)]).into_value())
    }

    /// strict
    #[getter(member)]
    fn strict(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.strict
    }

    /// object_hook
    #[getter(member)]
    fn object_hook(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.object_hook.clone()
    }

    #[getter(member)]
    fn object_pairs_hook(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.object_pairs_hook.clone()
    }

    /// parse_float
    #[getter(member)]
    fn parse_float(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.parse_float.clone()
    }

    /// parse_int
    #[getter(member)]
    fn parse_int(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.parse_int.clone()
    }

    /// parse_constant
    #[getter(member)]
    fn parse_constant(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.parse_constant.clone()
    }
}

fn scan<C: CodeUnit>(
    vm: &Vm,
    scanner: &Scanner,
    document: &Ref<Str>,
    text: &[C],
    start: usize,
) -> R<(Value, usize)> {
    let hook = |v: &Value, ty: &StaticType| !v.is(&ty.value());
    let mut run = Run {
        vm,
        scanner,
        document,
        text,
        at: start,
        depth: 0,
        keys: Keys::default(),
        values: Vec::new(),
        own_float: hook(&scanner.parse_float, &float::FLOAT),
        own_int: hook(&scanner.parse_int, &int::INT),
    };
    let value = run.value()?;
    Ok((value, run.at))
}

/// The reading of one value.
struct Run<'a, C> {
    vm: &'a Vm,
    scanner: &'a Scanner,
    document: &'a Ref<Str>,
    text: &'a [C],
    /// The index of the next character.
    at: usize,
    depth: usize,
    keys: Keys,
    /// The members, so far, of all arrays and objects that are open.
    values: Vec<Value>,
    /// Whether floats go to a function of the caller's.
    own_float: bool,
    /// Whether ints do.
    own_int: bool,
}

impl<C: CodeUnit> Run<'_, C> {
    /// The character at an index; 0, which stands nowhere in JSON, at the end, and for what is no ASCII.
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        match self.text.get(at) {
            Some(c) if c.code() < 0x80 => c.code() as u8,
            _ => 0,
        }
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while matches!(self.byte(self.at), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    #[cold]
    fn error(&self, message: &str, at: usize) -> Raised {
        decode_error(self.vm, message, self.document.value(), at as isize)
    }

    #[cold]
    fn problem(&self, p: Problem) -> Raised {
        decode_error(self.vm, p.message, self.document.value(), p.at)
    }

    /// Whether these characters come next; then they are passed.
    fn word(&mut self, word: &[u8]) -> bool {
        let end = self.at + word.len();
        let is = self
            .text
            .get(self.at..end)
            .is_some_and(|t| t.iter().zip(word).all(|(c, w)| c.code() == u32::from(*w)));
        if is {
            self.at = end;
        }
        is
    }

    fn constant(&mut self, word: &'static str) -> R<Option<Value>> {
        if !self.word(word.as_bytes()) {
            return Ok(None);
        }
        self.vm
            .call(&self.scanner.parse_constant, &[str::from_str(word)])
            .map(Some)
    }

    /// The value that starts here.
    ///
    /// Raises JSONDecodeError, StopIteration where no value starts, RecursionError, and what hooks raise.
    fn value(&mut self) -> R {
        match self.byte(self.at) {
            b'"' => {
                let (text, end) = match strings::read(self.text, self.at + 1, self.scanner.strict) {
                    Ok(found) => found,
                    Err(p) => return Err(self.problem(p)),
                };
                self.at = end;
                return Ok(text.into_value(self.document));
            }
            b'{' => return self.object(),
            b'[' => return self.array(),
            b'0'..=b'9' => {}
            b'n' if self.word(b"null") => return Ok(Value::NONE),
            b't' if self.word(b"true") => return Ok(Value::TRUE),
            b'f' if self.word(b"false") => return Ok(Value::FALSE),
            b'N' => {
                if let Some(v) = self.constant("NaN")? {
                    return Ok(v);
                }
            }
            b'I' => {
                if let Some(v) = self.constant("Infinity")? {
                    return Ok(v);
                }
            }
            b'-' => {
                if let Some(v) = self.constant("-Infinity")? {
                    return Ok(v);
                }
            }
            _ => {}
        }
        self.number()
    }

    fn array(&mut self) -> R {
        check_depth(
            self.vm,
            self.depth,
            "decoding a JSON array from a unicode string",
        )?;
        self.depth += 1;
        let base = self.values.len();
        self.at += 1;
        self.skip_space();
        if self.byte(self.at) == b']' {
            self.at += 1;
            self.depth -= 1;
            return Ok(list::from_vec(Vec::new()).into_value());
        }
        loop {
            let v = self.value()?;
            self.values.push(v);
            self.skip_space();
            match self.byte(self.at) {
                b',' => {}
                b']' => break,
                _ => return Err(self.error("Expecting ',' delimiter", self.at)),
            }
            let comma = self.at;
            self.at += 1;
            self.skip_space();
            if self.byte(self.at) == b']' {
                return Err(self.error("Illegal trailing comma before end of array", comma));
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(list::from_vec(self.values.drain(base..).collect()).into_value())
    }

    fn key(&mut self) -> R {
        if self.byte(self.at) != b'"' {
            return Err(self.error("Expecting property name enclosed in double quotes", self.at));
        }
        let (text, end) = match strings::read(self.text, self.at + 1, self.scanner.strict) {
            Ok(found) => found,
            Err(p) => return Err(self.problem(p)),
        };
        self.at = end;
        match text {
            Text::Piece(start, end) => Ok(self.keys.get(self.document, self.text, start, end)),
            built => Ok(built.into_value(self.document)),
        }
    }

    fn object(&mut self) -> R {
        check_depth(
            self.vm,
            self.depth,
            "decoding a JSON object from a unicode string",
        )?;
        self.depth += 1;
        let base = self.values.len();
        self.at += 1;
        self.skip_space();
        if self.byte(self.at) != b'}' {
            self.members()?;
        }
        self.at += 1;
        self.depth -= 1;
        let members = self.values.drain(base..);
        let vm = self.vm;
        if !self.scanner.object_pairs_hook.is_none() {
            let mut members = members;
            let mut pairs = Vec::with_capacity(members.len() / 2);
            while let (Some(k), Some(v)) = (members.next(), members.next()) {
                pairs.push(tuple::from_array([k, v]).into_value());
            }
            drop(members);
            return vm.call(
                &self.scanner.object_pairs_hook,
                &[list::from_vec(pairs).into_value()],
            );
        }
        let table = table_of(members);
        let dict = Ref::new(Dict::from_table(table)).into_value();
        if self.scanner.object_hook.is_none() {
            Ok(dict)
        } else {
            vm.call(&self.scanner.object_hook, &[dict])
        }
    }

    /// The members of an object that has some, up to the closing brace: keys and values in turn.
    #[inline]
    fn members(&mut self) -> R<()> {
        loop {
            let key = self.key()?;
            self.values.push(key);
            self.skip_space();
            if self.byte(self.at) != b':' {
                return Err(self.error("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.skip_space();
            let v = self.value()?;
            self.values.push(v);
            self.skip_space();
            match self.byte(self.at) {
                b',' => {}
                b'}' => return Ok(()),
                _ => return Err(self.error("Expecting ',' delimiter", self.at)),
            }
            let comma = self.at;
            self.at += 1;
            self.skip_space();
            if self.byte(self.at) == b'}' {
                return Err(self.error("Illegal trailing comma before end of object", comma));
            }
        }
    }

    fn number(&mut self) -> R {
        let start = self.at;
        let mut at = start + usize::from(self.byte(start) == b'-');
        let first = at;
        let mut n = 0u64;
        match self.byte(at) {
            b'0' => at += 1,
            b'1'..=b'9' => {
                while let d @ b'0'..=b'9' = self.byte(at) {
                    n = n.wrapping_mul(10).wrapping_add(u64::from(d - b'0'));
                    at += 1;
                }
            }
            _ => return Err(self.vm.stop_iteration(Some(Value::from(start)))),
        }
        let whole = at;
        if self.byte(at) == b'.' && self.byte(at + 1).is_ascii_digit() {
            at += 2;
            while self.byte(at).is_ascii_digit() {
                at += 1;
            }
        }
        if matches!(self.byte(at), b'e' | b'E') {
            let digits = at + 1 + usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
            if self.byte(digits).is_ascii_digit() {
                at = digits;
                while self.byte(at).is_ascii_digit() {
                    at += 1;
                }
            }
        }
        self.at = at;
        let is_int = at == whole;
        if is_int && !self.own_int && at - first <= 18 {
            let n = n as i64;
            return Ok(Value::from(if first > start { -n } else { n }));
        }
        if !is_int && !self.own_float {
            return self.float(start, at);
        }
        let text = self.document.substring(start, at).into_value();
        if is_int && !self.own_int {
            return Ok(int::from_text(self.vm, &text, 10)?.unwrap_or(Value::NONE));
        }
        let hook = if is_int {
            &self.scanner.parse_int
        } else {
            &self.scanner.parse_float
        };
        self.vm.call(hook, &[text])
    }

    /// The float written from one index to another.
    fn float(&self, start: usize, end: usize) -> R {
        let piece = &self.text[start..end];
        let parse = |b: &[u8]| {
            std::str::from_utf8(b)
                .ok()
                .and_then(|s| s.parse::<f64>().ok())
        };
        let x = match C::bytes(piece) {
            Some(b) => parse(b),
            None => parse(&piece.iter().map(|c| c.code() as u8).collect::<Vec<u8>>()),
        };
        x.map(Value::from)
            .ok_or_else(|| self.error("Expecting value", start))
    }
}

/// The table of keys and values that come in turn; of equal keys, which are str objects, the last value counts.
fn table_of(mut members: impl ExactSizeIterator<Item = Value>) -> Table {
    let mut table = Table::with_capacity(members.len() / 2);
    while let (Some(key), Some(value)) = (members.next(), members.next()) {
        let Some(k) = key.downcast_exact::<Str>() else {
            continue;
        };
        let hash = k.hash();
        match table.find(hash, |other| {
            other.is(&key)
                || other
                    .downcast_exact::<Str>()
                    .is_some_and(|o| o.same_text(k))
        }) {
            Some(n) => {
                if let Some(e) = table.entries.get_mut(n) {
                    e.value = Some(value);
                }
            }
            None => {
                table.insert_new(hash, key, value);
            }
        }
    }
    table
}

/// The keys of a document, so that equal ones become one object.
///
/// Open addressing; a key whose few slots are taken by others is not kept, which bounds the work for keys made to
/// collide.
#[derive(Default)]
struct Keys {
    slots: Vec<Option<(u64, Value)>>,
    used: usize,
}

const PROBES: usize = 32;
const MOST: usize = 1 << 16;

impl Keys {
    /// The key that the document holds from one index to another.
    #[inline]
    fn get<C: CodeUnit>(&mut self, document: &Str, text: &[C], start: usize, end: usize) -> Value {
        let piece = &text[start..end];
        let hash = quick_hash(piece);
        if self.used * 2 >= self.slots.len() && self.slots.len() < MOST {
            self.grow();
        }
        let mask = self.slots.len().wrapping_sub(1);
        for i in 0..PROBES {
            let slot = hash as usize + i & mask;
            match self.slots.get(slot) {
                Some(Some((h, key))) => {
                    if *h == hash && key.downcast_exact::<Str>().is_some_and(|k| same(k, piece)) {
                        return key.clone();
                    }
                }
                _ => {
                    let key = document.substring(start, end).into_value();
                    if let Some(place) = self.slots.get_mut(slot) {
                        *place = Some((hash, key.clone()));
                        self.used += 1;
                    }
                    return key;
                }
            }
        }
        document.substring(start, end).into_value()
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() * 4).max(32);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(size, || None);
        for (hash, key) in old.into_iter().flatten() {
            let free = (0..PROBES)
                .map(|i| hash as usize + i & (size - 1))
                .find(|s| self.slots[*s].is_none());
            match free {
                Some(slot) => self.slots[slot] = Some((hash, key)),
                None => self.used -= 1,
            }
        }
    }
}

fn same<C: CodeUnit>(key: &Str, piece: &[C]) -> bool {
    match (key.chars().narrow(), C::bytes(piece)) {
        (Some(k), Some(p)) => k == p,
        _ => key.len() == piece.len() && key.iter().eq(piece.iter().map(|c| c.code())),
    }
}

/// A hash for [`Keys`] only.
#[inline(always)]
fn quick_hash<C: CodeUnit>(piece: &[C]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |h: u64, w: u64| (h.rotate_left(23) ^ w).wrapping_mul(K);
    let mut h = piece.len() as u64;
    match C::bytes(piece) {
        Some(bytes) => {
            let chunks = bytes.chunks_exact(8);
            let rest = chunks.remainder();
            for c in chunks {
                h = mix(h, <[u8; 8]>::try_from(c).map_or(0, u64::from_le_bytes));
            }
            let tail = rest.iter().fold(0, |w, b| w << 8 | u64::from(*b));
            h = mix(h, tail);
        }
        None => {
            for c in piece {
                h = mix(h, u64::from(c.code()));
            }
        }
    }
    h ^ h >> 32
}
