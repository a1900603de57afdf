//! Formats: what a text such as `<2h3sq` says, worked out once.

use std::cell::RefCell;
use std::rc::Rc;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::dict::hash_key;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use super::error;

/// What kind of item it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A signed int.
    Signed,
    /// An unsigned int.
    Unsigned,
    /// An address.
    Pointer,
    Bool,
    /// One byte as bytes.
    Char,
    /// Bytes; the repeat count is their number.
    Text,
    /// Bytes behind a byte that tells their number; the repeat count is the room for both.
    Pascal,
    Half,
    Single,
    Double,
    /// Two singles.
    SingleComplex,
    /// Two doubles.
    DoubleComplex,
}

/// Items of the same type, one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    pub kind: Kind,
    /// The character, for messages.
    pub letter: u8,
    /// Bytes of an item.
    pub size: usize,
    /// Whether the highest byte comes first.
    pub big: bool,
    /// Whether it is the machine's own: singles then become infinite silently.
    pub native: bool,
    /// Where the first one stands.
    pub offset: usize,
    /// How many there are.
    pub repeat: usize,
}

/// A format.
#[derive(Debug)]
pub struct Format {
    /// As it was written.
    pub text: Box<[u8]>,
    /// Bytes of all items; -1 for a Struct that was never initialised.
    pub size: isize,
    /// How many values there are; -1 as above.
    pub items: isize,
    /// The items.
    pub codes: Vec<Code>,
}

impl Format {
    /// Of a Struct that has no format yet.
    pub fn none() -> Self {
        Self { text: Box::default(), size: -1, items: -1, codes: Vec::new() }
    }

    /// Bytes of all items.
    pub fn bytes(&self) -> usize {
        self.size.max(0) as usize
    }
}

/// Kind, size and alignment of an item.
fn letter(c: u8, native: bool) -> Option<(Kind, usize, usize)> {
    use Kind::*;
    let (kind, size) = match c {
        b'x' => (Text, 1),
        b'b' => (Signed, 1),
        b'B' => (Unsigned, 1),
        b'c' => (Char, 1),
        b's' => (Text, 1),
        b'p' => (Pascal, 1),
        b'?' => (Bool, 1),
        b'h' => (Signed, 2),
        b'H' => (Unsigned, 2),
        b'i' => (Signed, 4),
        b'I' => (Unsigned, 4),
        b'l' => (Signed, if native { 8 } else { 4 }),
        b'L' => (Unsigned, if native { 8 } else { 4 }),
        b'q' => (Signed, 8),
        b'Q' => (Unsigned, 8),
        b'n' if native => (Signed, 8),
        b'N' if native => (Unsigned, 8),
        b'P' if native => (Pointer, 8),
        b'e' => (Half, 2),
        b'f' => (Single, 4),
        b'd' => (Double, 8),
        b'F' => (SingleComplex, 8),
        b'D' => (DoubleComplex, 16),
        _ => return None,
    };
    let align = match kind {
        _ if !native => 1,
        SingleComplex => 4,
        DoubleComplex => 8,
        _ => size,
    };
    Some((kind, size, align))
}

/// Works a format out.
///
/// Raises struct.error.
fn parse(vm: &Vm, text: &[u8]) -> R<Format> {
    let wrong = |what| error(vm, what);
    let too_long = || error(vm, "total struct size too long");
    if text.contains(&0) {
        return Err(wrong("embedded null character"));
    }
    let (native, big, mut rest) = match text.split_first() {
        Some((b'@', rest)) => (true, cfg!(target_endian = "big"), rest),
        Some((b'=', rest)) => (false, cfg!(target_endian = "big"), rest),
        Some((b'<', rest)) => (false, false, rest),
        Some((b'>' | b'!', rest)) => (false, true, rest),
        _ => (true, cfg!(target_endian = "big"), text),
    };
    let (mut size, mut items) = (0usize, 0usize);
    let mut codes = Vec::new();
    while let Some((&c, mut next)) = rest.split_first() {
        rest = next;
        if c.is_ascii_whitespace() || c == 0x0b {
            continue;
        }
        let (mut c, mut count) = (c, 1usize);
        if c.is_ascii_digit() {
            count = usize::from(c - b'0');
            loop {
                let Some((&d, after)) = next.split_first() else {
                    return Err(wrong("repeat count given without format specifier"));
                };
                next = after;
                if !d.is_ascii_digit() {
                    c = d;
                    break;
                }
                let more = count.checked_mul(10).and_then(|n| n.checked_add(usize::from(d - b'0')));
                count = more.filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
            }
            rest = next;
        }
        let Some((kind, item, align)) = letter(c, native) else { return Err(wrong("bad char in struct format")) };
        let offset = size.checked_next_multiple_of(align).ok_or_else(too_long)?;
        let end = count.checked_mul(item).and_then(|n| n.checked_add(offset));
        size = end.filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
        if c == b'x' {
            continue;
        }
        let whole = matches!(kind, Kind::Text | Kind::Pascal);
        items = items.checked_add(if whole { 1 } else { count }).filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
        if whole || count > 0 {
            codes.push(Code { kind, letter: c, size: item, big, native, offset, repeat: count });
        }
    }
    Ok(Format { text: text.into(), size: size as isize, items: items as isize, codes })
}

/// How many formats a thread remembers.
const REMEMBERED: usize = 128;
/// Longer ones are worked out each time.
const LONGEST: usize = 64;

thread_local! {
    /// Formats by their hash. They hold nothing of an interpreter.
    static CACHE: RefCell<[Option<Rc<Format>>; REMEMBERED]> = const { RefCell::new([const { None }; REMEMBERED]) };
}

/// Forgets all formats.
pub fn forget() {
    CACHE.with_borrow_mut(|c| c.fill(None));
}

/// The format that a str or bytes object tells, which may have been seen before.
///
/// Raises struct.error, TypeError, UnicodeEncodeError.
#[inline]
pub fn cached(vm: &Vm, v: &Value) -> R<Rc<Format>> {
    let (text, hash) = match v.downcast::<Str>() {
        Some(s) => match s.as_ascii() {
            Some(text) => (text.as_bytes(), s.hash()),
            None => return compile(vm, v),
        },
        None => match v.downcast::<Bytes>() {
            Some(b) => (b.as_slice(), b.hash()),
            None => {
                // The cache of CPython is a dict, which tells first what can't be its key.
                hash_key(vm, v)?;
                return compile(vm, v);
            }
        },
    };
    if text.len() > LONGEST {
        return parse(vm, text).map(Rc::new);
    }
    let place = hash as usize % REMEMBERED;
    let known = CACHE.with_borrow(|c| c[place].as_ref().filter(|f| *f.text == *text).cloned());
    if let Some(f) = known {
        return Ok(f);
    }
    let f = Rc::new(parse(vm, text)?);
    CACHE.with_borrow_mut(|c| c[place] = Some(f.clone()));
    Ok(f)
}

/// The format that a str or bytes object tells.
///
/// Raises struct.error, TypeError, UnicodeEncodeError.
pub fn compile(vm: &Vm, v: &Value) -> R<Rc<Format>> {
    if let Some(s) = v.downcast::<Str>() {
        if let Some(text) = s.as_ascii() {
            return parse(vm, text.as_bytes()).map(Rc::new);
        }
        let first = s.iter().position(|c| c > 0x7f).unwrap_or(0);
        let end = first + s.iter().skip(first).take_while(|c| *c > 0x7f).count();
        return Err(vm.unicode_encode_error("ascii", s, first, end, "ordinal not in range(128)"));
    }
    match v.downcast::<Bytes>() {
        Some(b) => parse(vm, b.as_slice()).map(Rc::new),
        None => {
            let given = v.ty().tp_name();
            Err(vm.type_error(format!("Struct() argument 1 must be a str or bytes object, not {given}")))
        }
    }
}
