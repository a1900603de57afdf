//! The format specification mini-language:
//! `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use crate::CodeUnit;
use crate::unicode::numeric::decimal;

/// Where padding goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// `<`: behind the text.
    Left,
    /// `>`: before the text.
    Right,
    /// `^`: on both sides, the greater half behind.
    Center,
    /// `=`: between sign and digits.
    AfterSign,
}

/// Which numbers get a sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// `-`: negative ones.
    Minus,
    /// `+`: all.
    Plus,
    /// A space for those that are not negative.
    Space,
}

/// The character between groups of digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// `,`
    Comma,
    /// `_`
    Underscore,
}

impl Grouping {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Underscore => "_",
        }
    }
}

/// A parsed specification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormatSpec {
    /// The code point to pad with.
    pub fill: u32,
    /// Where to pad; the type's default where the specification does not say.
    pub align: Align,
    /// The sign option, if given.
    pub sign: Option<Sign>,
    /// `z`: no negative zero.
    pub no_negative_zero: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// The least number of characters.
    pub width: Option<usize>,
    /// Grouping of the whole part.
    pub grouping: Option<Grouping>,
    /// The precision.
    pub precision: Option<usize>,
    /// Grouping of the fraction (new in 3.14).
    pub fraction_grouping: Option<Grouping>,
    /// The presentation type, if given.
    pub code: Option<u32>,
}

impl FormatSpec {
    /// A bound on the characters that a number takes with this specification, its own digits apart
    /// where it is an integer. Width and precision are the program's to choose, and the renderers
    /// allocate what they say: a caller that limits memory compares this with what is left first.
    pub fn length_bound(&self) -> usize {
        let digits = self.precision.unwrap_or(0).saturating_add(400);
        let grouped = digits.saturating_add(digits / 3);
        // Both parts of a complex number.
        grouped
            .saturating_mul(2)
            .max(self.width.unwrap_or(0).saturating_add(2))
    }
}

/// Why a value is not formatted. The text of [`Display`](std::fmt::Display) is CPython's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FormatError {
    /// `ValueError` with this text.
    Value(String),
    /// `OverflowError` with this text.
    Overflow(String),
}

impl FormatError {
    pub(super) fn value(text: impl Into<String>) -> Self {
        Self::Value(text.into())
    }

    /// Unknown presentation type `code` for a type of that name.
    pub fn unknown_code(code: u32, type_name: &str) -> Self {
        let shown = show(code);
        Self::Value(format!(
            "Unknown format code '{shown}' for object of type '{type_name}'"
        ))
    }
}

impl std::fmt::Display for FormatError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(text) | Self::Overflow(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for FormatError {}

/// A character as the errors show it: as it is where it is printable ASCII, else in hexadecimal.
fn show(code: u32) -> String {
    match char::from_u32(code) {
        Some(c @ '!'..='\x7F') => c.to_string(),
        _ => format!("\\x{code:x}"),
    }
}

fn align(code: u32) -> Option<Align> {
    Some(match char::from_u32(code)? {
        '<' => Align::Left,
        '>' => Align::Right,
        '=' => Align::AfterSign,
        '^' => Align::Center,
        _ => return None,
    })
}

struct Reader<'a, C> {
    text: &'a [C],
    at: usize,
}

impl<C: CodeUnit> Reader<'_, C> {
    fn peek(&self) -> Option<u32> {
        self.text.get(self.at).map(|c| c.code())
    }

    fn eat(&mut self, c: char) -> bool {
        let hit = self.peek() == Some(u32::from(c));
        self.at += usize::from(hit);
        hit
    }

    /// A number in digits of any script; `None` where there is no digit.
    fn integer(&mut self) -> Result<Option<usize>, FormatError> {
        let mut value: Option<usize> = None;
        while let Some(d) = self.peek().and_then(decimal) {
            self.at += 1;
            let next = value
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|v| v.checked_add(usize::from(d)))
                .filter(|v| *v <= isize::MAX as usize);
            let Some(next) = next else {
                return Err(FormatError::value(
                    "Too many decimal digits in format string",
                ));
            };
            value = Some(next);
        }
        Ok(value)
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, FormatError> {
        let both = || FormatError::value("Cannot specify both ',' and '_'.");
        let comma = self.eat(',');
        if self.eat('_') {
            return if comma || self.eat(',') {
                Err(both())
            } else {
                Ok(Some(Grouping::Underscore))
            };
        }
        Ok(comma.then_some(Grouping::Comma))
    }
}

/// What kind of object a specification is for: it decides the default alignment and type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpecKind {
    /// `str`: left, type `s`.
    Text,
    /// `int`: right, type `d`.
    Int,
    /// `float` and `complex`: right, no type.
    Float,
}

/// Parses a specification for an object of the type `type_name`, which only the errors show.
pub fn parse_spec<C: CodeUnit>(
    text: &[C],
    kind: SpecKind,
    type_name: &str,
) -> Result<FormatSpec, FormatError> {
    let default_align = if kind == SpecKind::Text {
        Align::Left
    } else {
        Align::Right
    };
    let mut r = Reader { text, at: 0 };
    let mut spec = FormatSpec {
        fill: u32::from(b' '),
        align: default_align,
        sign: None,
        no_negative_zero: false,
        alternate: false,
        width: None,
        grouping: None,
        precision: None,
        fraction_grouping: None,
        code: None,
    };
    let (mut fill_given, mut align_given) = (false, false);
    if let Some(a) = text.get(1).and_then(|c| align(c.code())) {
        spec.fill = text[0].code();
        spec.align = a;
        (fill_given, align_given) = (true, true);
        r.at = 2;
    } else if let Some(a) = r.peek().and_then(align) {
        spec.align = a;
        align_given = true;
        r.at = 1;
    }
    for (c, sign) in [('+', Sign::Plus), ('-', Sign::Minus), (' ', Sign::Space)] {
        if r.eat(c) {
            spec.sign = Some(sign);
            break;
        }
    }
    spec.no_negative_zero = r.eat('z');
    spec.alternate = r.eat('#');
    if !fill_given && r.eat('0') {
        spec.fill = u32::from(b'0');
        if !align_given && default_align == Align::Right {
            spec.align = Align::AfterSign;
        }
    }
    spec.width = r.integer()?;
    spec.grouping = r.grouping()?;
    if r.eat('.') {
        spec.precision = r.integer()?;
        spec.fraction_grouping = r.grouping()?;
        if spec.precision.is_none() && spec.fraction_grouping.is_none() {
            return Err(FormatError::value("Format specifier missing precision"));
        }
    }
    match &text[r.at..] {
        [] => {}
        [code] => spec.code = Some(code.code()),
        _ => {
            let whole: String = text
                .iter()
                .map(|c| char::from_u32(c.code()).unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            return Err(FormatError::Value(format!(
                "Invalid format specifier '{whole}' for object of type '{type_name}'"
            )));
        }
    }
    let code = spec.code.and_then(char::from_u32);
    let shown = spec.code.unwrap_or(u32::from(b's'));
    if let Some(grouping) = spec.grouping {
        let allowed = match code {
            None if spec.code.is_none() => kind != SpecKind::Text,
            Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => true,
            Some('b' | 'o' | 'x' | 'X') => grouping == Grouping::Underscore,
            _ => false,
        };
        if !allowed {
            return Err(cannot(grouping, shown));
        }
    }
    if let (Some(grouping), Some('n')) = (spec.fraction_grouping, code) {
        return Err(cannot(grouping, u32::from(b'n')));
    }
    Ok(spec)
}

fn cannot(grouping: Grouping, code: u32) -> FormatError {
    FormatError::Value(format!(
        "Cannot specify '{}' with '{}'.",
        grouping.text(),
        show(code)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(text: &str) -> Result<FormatSpec, String> {
        parse_spec(text.as_bytes(), SpecKind::Int, "int").map_err(|e| e.to_string())
    }

    #[test]
    fn parts() {
        let s = p("*^+z#012,.3_f").unwrap();
        assert_eq!((s.fill, s.align, s.width), (42, Align::Center, Some(12)));
        assert_eq!(
            (s.sign, s.no_negative_zero, s.alternate),
            (Some(Sign::Plus), true, true)
        );
        assert_eq!(
            (s.grouping, s.fraction_grouping),
            (Some(Grouping::Comma), Some(Grouping::Underscore))
        );
        assert_eq!((s.precision, s.code), (Some(3), Some(102)));
        let s = p("05").unwrap();
        assert_eq!((s.fill, s.align, s.width), (48, Align::AfterSign, Some(5)));
        assert_eq!(p("._f").unwrap().precision, None);
    }

    #[test]
    fn errors() {
        for (text, message) in [
            (",_", "Cannot specify both ',' and '_'."),
            ("_,", "Cannot specify both ',' and '_'."),
            (",x", "Cannot specify ',' with 'x'."),
            (",s", "Cannot specify ',' with 's'."),
            ("_é", "Cannot specify '_' with '\\xe9'."),
            (".", "Format specifier missing precision"),
            (".f", "Format specifier missing precision"),
            (
                "ab",
                "Invalid format specifier 'ab' for object of type 'int'",
            ),
            (
                "99999999999999999999",
                "Too many decimal digits in format string",
            ),
        ] {
            let utf16: Vec<u16> = text.encode_utf16().collect();
            let got = parse_spec(&utf16, SpecKind::Int, "int").map_err(|e| e.to_string());
            assert_eq!(got, Err(message.to_string()), "{text}");
        }
    }
}
