//! Text that can be changed anywhere: what `StringIO` holds.

use taipan_runtime::core::Ref;
use taipan_runtime::types::str::{self, Chars, Kind, Str};

use super::newline::Newline;

/// Characters in the width of the widest that was ever written.
pub enum Text {
    /// Up to U+00FF.
    One(Vec<u8>),
    /// Up to U+FFFF.
    Two(Vec<u16>),
    /// All.
    Four(Vec<u32>),
}

impl Default for Text {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

/// Evaluates an expression with the vector of whatever width.
macro_rules! each {
    ($text:expr, $v:ident => $e:expr) => {
        match $text {
            Text::One($v) => $e,
            Text::Two($v) => $e,
            Text::Four($v) => $e,
        }
    };
}

/// Makes `v` long enough and writes `new` at `pos`; the gap is filled with zeros.
fn put<A: Copy + Default, B: Copy>(v: &mut Vec<A>, pos: usize, new: &[B], convert: impl Fn(B) -> A) {
    if pos == v.len() {
        v.extend(new.iter().map(|c| convert(*c)));
        return;
    }
    let end = pos + new.len();
    if end > v.len() {
        v.resize(end, A::default());
    }
    for (to, c) in v[pos..end].iter_mut().zip(new) {
        *to = convert(*c);
    }
}

impl Text {
    /// The number of characters.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// Bytes of memory in use.
    pub fn memory(&self) -> usize {
        match self {
            Self::One(v) => v.capacity(),
            Self::Two(v) => v.capacity() * 2,
            Self::Four(v) => v.capacity() * 4,
        }
    }

    /// Bytes of a character.
    pub fn width(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Four(_) => 4,
        }
    }

    fn widen(&mut self, kind: Kind) {
        let wanted = kind.width();
        if wanted <= self.width() {
            return;
        }
        *self = match (std::mem::take(self), wanted) {
            (Self::One(v), 2) => Self::Two(v.into_iter().map(u16::from).collect()),
            (Self::One(v), _) => Self::Four(v.into_iter().map(u32::from).collect()),
            (Self::Two(v), _) => Self::Four(v.into_iter().map(u32::from).collect()),
            (wide, _) => wide,
        };
    }

    /// Writes characters at a position, which may lie behind the end.
    pub fn put(&mut self, pos: usize, new: Chars<'_>) {
        self.widen(match new {
            Chars::Ascii(_) => Kind::Ascii,
            Chars::Latin1(_) => Kind::Latin1,
            Chars::Ucs2(_) => Kind::Ucs2,
            Chars::Ucs4(_) => Kind::Ucs4,
        });
        match (self, new) {
            (Self::One(v), Chars::Ascii(s)) if pos == v.len() => v.extend_from_slice(s.as_bytes()),
            (Self::One(v), Chars::Ascii(s)) => put(v, pos, s.as_bytes(), |c| c),
            (Self::One(v), Chars::Latin1(s)) => put(v, pos, s, |c| c),
            (Self::Two(v), Chars::Ascii(s)) => put(v, pos, s.as_bytes(), u16::from),
            (Self::Two(v), Chars::Latin1(s)) => put(v, pos, s, u16::from),
            (Self::Two(v), Chars::Ucs2(s)) => put(v, pos, s, |c| c),
            (Self::Four(v), Chars::Ascii(s)) => put(v, pos, s.as_bytes(), u32::from),
            (Self::Four(v), Chars::Latin1(s)) => put(v, pos, s, u32::from),
            (Self::Four(v), Chars::Ucs2(s)) => put(v, pos, s, u32::from),
            (Self::Four(v), Chars::Ucs4(s)) => put(v, pos, s, |c| c),
            // `widen` has made the vector wide enough for these.
            (Self::One(_), Chars::Ucs2(_) | Chars::Ucs4(_)) | (Self::Two(_), Chars::Ucs4(_)) => {}
        }
    }

    /// Cuts the text.
    pub fn truncate(&mut self, len: usize) {
        each!(self, v => {
            v.truncate(len);
            if v.capacity() / 2 > len {
                v.shrink_to(len);
            }
        });
    }

    /// The characters of a range, which is cut to what is there.
    pub fn slice(&self, start: usize, end: usize) -> Ref<Str> {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Self::One(v) => str::from_latin1(&v[start..end]),
            Self::Two(v) => str::from_ucs2(&v[start..end]),
            Self::Four(v) => str::from_ucs4(&v[start..end]),
        }
    }

    /// Where the line that starts at `from` ends, looking no further than `most` characters.
    pub fn line_end(&self, from: usize, most: usize, newline: Newline) -> usize {
        let end = self.len().min(from.saturating_add(most));
        let found = each!(self, v => v.get(from..end).map(|part| newline.line_end(part)));
        match found {
            Some(Ok(n)) => from + n,
            Some(Err(_)) => end,
            None => from,
        }
    }
}
