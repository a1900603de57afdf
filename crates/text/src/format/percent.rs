//! `text % arguments`: splitting the format into pieces, and the numbers.

use super::sink::Sink;
use crate::CodeUnit;
use crate::float::{FloatCode, FloatFlags, format_float};
use crate::int::{IntError, IntRef, Radix, to_decimal, to_radix};

/// The flags of a conversion.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct PercentFlags {
    /// `-`: left-adjusted.
    pub left: bool,
    /// `+`: always a sign.
    pub sign: bool,
    /// A space for a missing sign.
    pub blank: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// `0`: numbers are padded with zeros.
    pub zero: bool,
}

/// A width or precision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Amount {
    /// Written in the format.
    Given(usize),
    /// `*`: the next argument.
    Star,
}

/// One conversion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PercentSpec<'a, C> {
    /// The mapping key between parentheses.
    pub key: Option<&'a [C]>,
    /// The flags.
    pub flags: PercentFlags,
    /// The least width. A negative one from an argument sets `flags.left`.
    pub width: Option<Amount>,
    /// The precision. A negative one from an argument counts as 0.
    pub precision: Option<Amount>,
    /// The conversion's letter, whatever it is; a `%` here had something between the two signs.
    pub conversion: u32,
    /// Index of the letter in the format, for [`PercentError::unsupported`].
    pub index: usize,
}

/// A piece of the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PercentPiece<'a, C> {
    /// Text to copy.
    Literal(&'a [C]),
    /// `%%`.
    Percent,
    /// A conversion.
    Spec(PercentSpec<'a, C>),
}

/// `ValueError` of a wrong format; the text of `Display` is CPython's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PercentError(pub String);

impl PercentError {
    fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The error for a conversion that does not exist.
    pub fn unsupported(conversion: u32, index: usize) -> Self {
        let plain = |c: &char| ('\x1F'..='\x7F').contains(c);
        let shown = char::from_u32(conversion).filter(plain).unwrap_or('?');
        Self(format!(
            "unsupported format character '{shown}' (0x{conversion:x}) at index {index}"
        ))
    }
}

impl std::fmt::Display for PercentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PercentError {}

/// Iterates over the pieces of a format.
#[derive(Clone, Debug)]
pub struct PercentParser<'a, C> {
    text: &'a [C],
    at: usize,
}

impl<'a, C: CodeUnit> PercentParser<'a, C> {
    /// Starts at the beginning of the format.
    pub fn new(text: &'a [C]) -> Self {
        Self { text, at: 0 }
    }

    /// The position behind what was yielded last; before an error, that of the wrong piece.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The text up to the next conversion, and its letter, if there is nothing between `%` and the letter; `None`, and
    /// nothing is taken, for anything else.
    #[inline]
    pub fn simple(&mut self) -> Option<(&'a [C], u32)> {
        let rest = &self.text[self.at..];
        let sign = rest.iter().position(|c| c.code() == 0x25)?;
        let letter = rest.get(sign + 1)?.code();
        if !matches!(letter, 0x73 | 0x64 | 0x72) {
            return None;
        }
        self.at += sign + 2;
        Some((&rest[..sign], letter))
    }

    fn peek(&self) -> Option<u32> {
        self.text.get(self.at).map(|c| c.code())
    }

    fn eat(&mut self, c: char) -> bool {
        let hit = self.peek() == Some(u32::from(c));
        self.at += usize::from(hit);
        hit
    }

    fn amount(&mut self, limit: usize, message: &str) -> Result<Option<Amount>, PercentError> {
        if self.eat('*') {
            return Ok(Some(Amount::Star));
        }
        let mut value: Option<usize> = None;
        while let Some(d @ 0x30..=0x39) = self.peek() {
            self.at += 1;
            let next = value
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|v| v.checked_add(d as usize - 0x30))
                .filter(|v| *v <= limit);
            value = Some(next.ok_or_else(|| PercentError::new(message))?);
        }
        Ok(value.map(Amount::Given))
    }

    fn spec(&mut self) -> Result<PercentPiece<'a, C>, PercentError> {
        if self.eat('%') {
            return Ok(PercentPiece::Percent);
        }
        let mut key = None;
        if self.eat('(') {
            let start = self.at;
            let mut depth = 1;
            while depth > 0 {
                match self.peek() {
                    None => return Err(PercentError::new("incomplete format key")),
                    Some(0x28) => depth += 1,
                    Some(0x29) => depth -= 1,
                    _ => {}
                }
                self.at += 1;
            }
            key = Some(&self.text[start..self.at - 1]);
        }
        let mut flags = PercentFlags::default();
        while let Some(c) = self.peek().and_then(char::from_u32) {
            match c {
                '-' => flags.left = true,
                '+' => flags.sign = true,
                ' ' => flags.blank = true,
                '#' => flags.alternate = true,
                '0' => flags.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        let width = self.amount(isize::MAX as usize, "width too big")?;
        let mut precision = None;
        if self.eat('.') {
            let given = self.amount(i32::MAX as usize, "precision too big")?;
            precision = Some(given.unwrap_or(Amount::Given(0)));
        }
        // One length modifier of C is allowed and means nothing.
        if let Some(0x68 | 0x6C | 0x4C) = self.peek() {
            self.at += 1;
        }
        let Some(conversion) = self.peek() else {
            return Err(PercentError::new("incomplete format"));
        };
        let index = self.at;
        self.at += 1;
        Ok(PercentPiece::Spec(PercentSpec {
            key,
            flags,
            width,
            precision,
            conversion,
            index,
        }))
    }
}

impl<'a, C: CodeUnit> Iterator for PercentParser<'a, C> {
    type Item = Result<PercentPiece<'a, C>, PercentError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let literal = rest
            .iter()
            .position(|c| c.code() == 0x25)
            .unwrap_or(rest.len());
        if literal > 0 {
            self.at += literal;
            return Some(Ok(PercentPiece::Literal(&rest[..literal])));
        }
        self.at += 1;
        let piece = self.spec();
        if piece.is_err() {
            self.at = self.text.len();
        }
        Some(piece)
    }
}

/// Writes a number given as sign, prefix and digits with the padding of a conversion.
fn number<S: Sink>(
    text: &str,
    prefix: &str,
    flags: PercentFlags,
    width: Option<usize>,
    out: &mut S,
) {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let sign = match flags {
        _ if negative => "-",
        PercentFlags { sign: true, .. } => "+",
        PercentFlags { blank: true, .. } => " ",
        _ => "",
    };
    let length = sign.len() + prefix.len() + digits.len();
    let padding = width.unwrap_or(0).saturating_sub(length);
    let blank = u32::from(b' ');
    if !flags.left && !flags.zero {
        out.repeat(blank, padding);
    }
    out.push_ascii(sign);
    out.push_ascii(prefix);
    if !flags.left && flags.zero {
        out.repeat(u32::from(b'0'), padding);
    }
    out.push_ascii(digits);
    if flags.left {
        out.repeat(blank, padding);
    }
}

/// Formats an integer for `d`, `i`, `u`, `o`, `x` or `X` (anything else counts as `d`). `limit` is
/// `sys.get_int_max_str_digits()`.
pub fn percent_int<S: Sink>(
    value: IntRef<'_>,
    conversion: u32,
    flags: PercentFlags,
    width: Option<usize>,
    precision: Option<usize>,
    limit: usize,
    out: &mut S,
) -> Result<(), IntError> {
    let (mut text, prefix) = match char::from_u32(conversion) {
        Some('o') => (to_radix(value, Radix::Octal), "0o"),
        Some('x') => (to_radix(value, Radix::Hex), "0x"),
        Some('X') => (to_radix(value, Radix::Hex).to_ascii_uppercase(), "0X"),
        _ => (to_decimal(value, limit)?, ""),
    };
    let start = usize::from(text.starts_with('-'));
    let missing = precision.unwrap_or(0).saturating_sub(text.len() - start);
    text.insert_str(start, &"0".repeat(missing));
    number(
        &text,
        if flags.alternate { prefix } else { "" },
        flags,
        width,
        out,
    );
    Ok(())
}

/// Formats a float for `e`, `E`, `f`, `F`, `g` or `G` (anything else counts as `g`).
pub fn percent_float<S: Sink>(
    value: f64,
    conversion: u32,
    flags: PercentFlags,
    width: Option<usize>,
    precision: Option<usize>,
    out: &mut S,
) {
    let letter = char::from_u32(conversion).unwrap_or('g');
    let code = match letter.to_ascii_lowercase() {
        'e' => FloatCode::Exponent,
        'f' => FloatCode::Fixed,
        _ => FloatCode::General,
    };
    let float_flags = FloatFlags {
        alternate: flags.alternate,
        upper: letter.is_ascii_uppercase(),
        ..FloatFlags::default()
    };
    let text = format_float(value, code, precision.unwrap_or(6), float_flags);
    number(&text, "", flags, width, out);
}

/// Writes text for `s`, `r`, `a` and `c`: the first `precision` characters, padded with spaces.
pub fn percent_text<C: CodeUnit, S: Sink>(
    text: &[C],
    flags: PercentFlags,
    width: Option<usize>,
    precision: Option<usize>,
    out: &mut S,
) {
    let shown = &text[..precision.unwrap_or(usize::MAX).min(text.len())];
    let padding = width.unwrap_or(0).saturating_sub(shown.len());
    let blank = u32::from(b' ');
    if !flags.left {
        out.repeat(blank, padding);
    }
    shown.iter().for_each(|c| out.push(c.code()));
    if flags.left {
        out.repeat(blank, padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(amount: Option<Amount>) -> Option<usize> {
        match amount {
            Some(Amount::Given(n)) => Some(n),
            _ => None,
        }
    }

    fn one(format: &str, value: f64) -> String {
        let mut out = String::new();
        for piece in PercentParser::new(format.as_bytes()) {
            match piece {
                Err(e) => return e.to_string(),
                Ok(PercentPiece::Percent) => out.push('%'),
                Ok(PercentPiece::Literal(l)) => out.push_str(std::str::from_utf8(l).unwrap()),
                Ok(PercentPiece::Spec(s)) => {
                    let (w, p) = (given(s.width), given(s.precision));
                    match s.conversion as u8 {
                        b'd' | b'o' | b'x' | b'X' => percent_int(
                            IntRef::Small(value as i64),
                            s.conversion,
                            s.flags,
                            w,
                            p,
                            0,
                            &mut out,
                        )
                        .unwrap(),
                        b'e' | b'f' | b'F' | b'g' => {
                            percent_float(value, s.conversion, s.flags, w, p, &mut out)
                        }
                        b's' => percent_text(b"abc", s.flags, w, p, &mut out),
                        _ => return PercentError::unsupported(s.conversion, s.index).to_string(),
                    }
                }
            }
        }
        out
    }

    #[test]
    fn conversions() {
        for (format, value, text) in [
            ("a%%b", 0.0, "a%b"),
            ("%(a)5d|", 3.0, "    3|"),
            ("%-05d|", 3.0, "3    |"),
            ("%#010x", -255.0, "-0x00000ff"),
            ("%#o", 8.0, "0o10"),
            ("%.5d", -3.0, "-00003"),
            ("%#.5x", 255.0, "0x000ff"),
            ("%08.5d", -3.0, "-0000003"),
            ("%+05.1f", f64::NAN, "+0nan"),
            ("%05f", f64::INFINITY, "00inf"),
            ("%F", f64::INFINITY, "INF"),
            ("%#.3g", 1.0, "1.00"),
            ("%.f", 1.6, "2"),
            ("% d", 5.0, " 5"),
            ("%+ d", 5.0, "+5"),
            ("%+#x", 10.0, "+0xa"),
            ("%5.2s|%-5s|", 0.0, "   ab|abc  |"),
            ("%ld", 3.0, "3"),
            (
                "%lld",
                3.0,
                "unsupported format character 'l' (0x6c) at index 2",
            ),
            (
                "%z",
                3.0,
                "unsupported format character 'z' (0x7a) at index 1",
            ),
            ("%", 3.0, "incomplete format"),
            ("%(a", 3.0, "incomplete format key"),
            ("%99999999999999999999d", 3.0, "width too big"),
            ("%.3000000000f", 3.0, "precision too big"),
        ] {
            assert_eq!(one(format, value), text, "{format}");
        }
    }

    #[test]
    fn keys_and_stars() {
        let pieces: Vec<_> = PercentParser::new(b"%((a))*.*d".as_slice()).collect();
        let Ok(PercentPiece::Spec(s)) = pieces[0] else {
            panic!()
        };
        assert_eq!(s.key, Some(b"(a)".as_slice()));
        assert_eq!(
            (s.width, s.precision),
            (Some(Amount::Star), Some(Amount::Star))
        );
    }
}
