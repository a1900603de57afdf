//! Building strings piece by piece.

use taipan_text::format::Sink;

use super::{Chars, Kind, Str, from_latin1, from_ucs2, from_ucs4};
use crate::core::{R, Ref, Value};
use crate::vm::Vm;

enum Buf {
    Narrow(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

/// Collects characters; widens as needed.
pub struct StrBuilder {
    buf: Buf,
}

impl Default for StrBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl StrBuilder {
    /// Empty.
    pub const fn new() -> Self {
        Self { buf: Buf::Narrow(Vec::new()) }
    }

    /// Empty, with room for `n` narrow characters.
    pub fn with_capacity(n: usize) -> Self {
        Self { buf: Buf::Narrow(Vec::with_capacity(n)) }
    }

    /// Length in characters.
    pub fn len(&self) -> usize {
        match &self.buf {
            Buf::Narrow(v) => v.len(),
            Buf::Two(v) => v.len(),
            Buf::Four(v) => v.len(),
        }
    }

    /// Whether nothing was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[cold]
    fn widen(&mut self, kind: Kind) {
        let old = std::mem::replace(&mut self.buf, Buf::Narrow(Vec::new()));
        fn wide<A: Copy, B: From<A>>(v: &Vec<A>) -> Vec<B> {
            let mut out = Vec::with_capacity(v.capacity());
            out.extend(v.iter().map(|&u| B::from(u)));
            out
        }
        self.buf = match (old, kind) {
            (Buf::Narrow(v), Kind::Ucs2) => Buf::Two(wide(&v)),
            (Buf::Narrow(v), Kind::Ucs4) => Buf::Four(wide(&v)),
            (Buf::Two(v), Kind::Ucs4) => Buf::Four(wide(&v)),
            (b, _) => b,
        };
    }

    fn reserve_kind(&mut self, kind: Kind) {
        let have = match &self.buf {
            Buf::Narrow(_) => Kind::Latin1,
            Buf::Two(_) => Kind::Ucs2,
            Buf::Four(_) => Kind::Ucs4,
        };
        if kind > have {
            self.widen(kind);
        }
    }

    /// One code point.
    #[inline]
    pub fn push(&mut self, ch: u32) {
        self.reserve_kind(Kind::of(ch));
        match &mut self.buf {
            Buf::Narrow(v) => v.push(ch as u8),
            Buf::Two(v) => v.push(ch as u16),
            Buf::Four(v) => v.push(ch),
        }
    }

    /// Rust text.
    pub fn push_str(&mut self, s: &str) {
        if let (Buf::Narrow(v), true) = (&mut self.buf, s.is_ascii()) {
            v.extend_from_slice(s.as_bytes());
            return;
        }
        for ch in s.chars() {
            self.push(ch as u32);
        }
    }

    /// A str object's text.
    pub fn push_obj(&mut self, s: &Str) {
        self.push_chars(s.chars());
    }

    /// Borrowed characters.
    pub fn push_chars(&mut self, s: Chars<'_>) {
        match s {
            Chars::Ascii(s) => self.push_latin1(s.as_bytes()),
            Chars::Latin1(s) => self.push_latin1(s),
            Chars::Ucs2(s) => {
                self.reserve_kind(Kind::Ucs2);
                match &mut self.buf {
                    Buf::Two(v) => v.extend_from_slice(s),
                    Buf::Four(v) => v.extend(s.iter().map(|&u| u32::from(u))),
                    Buf::Narrow(_) => {}
                }
            }
            Chars::Ucs4(s) => {
                self.reserve_kind(Kind::Ucs4);
                if let Buf::Four(v) = &mut self.buf {
                    v.extend_from_slice(s);
                }
            }
        }
    }

    /// The Latin-1 units so far, to append to, unless a wider character is among them.
    #[inline(always)]
    pub fn narrow(&mut self) -> Option<&mut Vec<u8>> {
        match &mut self.buf {
            Buf::Narrow(v) => Some(v),
            _ => None,
        }
    }

    /// Latin-1 units.
    pub fn push_latin1(&mut self, s: &[u8]) {
        match &mut self.buf {
            Buf::Narrow(v) => v.extend_from_slice(s),
            Buf::Two(v) => v.extend(s.iter().map(|&u| u16::from(u))),
            Buf::Four(v) => v.extend(s.iter().map(|&u| u32::from(u))),
        }
    }

    /// An int's decimal digits.
    pub fn push_int(&mut self, n: i64) {
        match &mut self.buf {
            Buf::Narrow(v) => taipan_text::int::push_decimal(v, n),
            _ => self.push_str(&n.to_string()),
        }
    }

    /// `n` times the same character.
    pub fn push_repeated(&mut self, ch: u32, n: usize) {
        self.reserve_kind(Kind::of(ch));
        match &mut self.buf {
            Buf::Narrow(v) => v.resize(v.len() + n, ch as u8),
            Buf::Two(v) => v.resize(v.len() + n, ch as u16),
            Buf::Four(v) => v.resize(v.len() + n, ch),
        }
    }

    /// Bytes of memory in use.
    pub fn memory(&self) -> usize {
        match &self.buf {
            Buf::Narrow(v) => v.len(),
            Buf::Two(v) => v.len() * 2,
            Buf::Four(v) => v.len() * 4,
        }
    }

    /// Makes sure that `n` more characters, or the wider ones of another text, find room.
    ///
    /// Raises MemoryError.
    #[inline]
    pub fn check_room(&self, vm: &Vm, n: usize) -> R<()> {
        let width = match &self.buf {
            Buf::Narrow(_) => 1,
            Buf::Two(_) => 2,
            Buf::Four(_) => 4,
        };
        vm.check_room(n.saturating_mul(width).saturating_add(self.memory()))
    }

    /// What was collected so far, borrowed. Narrow characters come as Latin-1.
    pub fn chars(&self) -> Chars<'_> {
        match &self.buf {
            Buf::Narrow(v) => Chars::Latin1(v),
            Buf::Two(v) => Chars::Ucs2(v),
            Buf::Four(v) => Chars::Ucs4(v),
        }
    }

    /// Forgets all characters, but keeps the memory if they were narrow.
    pub fn clear(&mut self) {
        match &mut self.buf {
            Buf::Narrow(v) if v.capacity() <= 1 << 16 => v.clear(),
            _ => self.buf = Buf::Narrow(Vec::new()),
        }
    }

    /// A string of what was collected so far.
    pub fn to_value(&self) -> Value {
        match &self.buf {
            Buf::Narrow(v) => from_latin1(v),
            Buf::Two(v) => from_ucs2(v),
            Buf::Four(v) => from_ucs4(v),
        }
        .into_value()
    }

    /// The finished string object.
    pub fn finish_ref(self) -> Ref<Str> {
        match self.buf {
            Buf::Narrow(v) => from_latin1(&v),
            Buf::Two(v) => from_ucs2(&v),
            Buf::Four(v) => from_ucs4(&v),
        }
    }

    /// The finished string as a value.
    pub fn finish(self) -> Value {
        self.finish_ref().into_value()
    }
}

/// Where the text crate writes to.
impl Sink for StrBuilder {
    #[inline]
    fn push(&mut self, code: u32) {
        StrBuilder::push(self, code);
    }

    fn push_ascii(&mut self, text: &str) {
        self.push_latin1(text.as_bytes());
    }

    fn repeat(&mut self, code: u32, count: usize) {
        self.push_repeated(code, count);
    }
}

impl std::fmt::Write for StrBuilder {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        self.push_str(s);
        Ok(())
    }
}
