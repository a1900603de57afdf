//! How the parts of a formatted number are put together: sign, prefix, grouped digits, fraction,
//! padding.

use std::borrow::Cow;

use super::sink::Sink;
use super::spec::{Align, FormatSpec, Grouping, Sign};

/// How numbers of the type `n` are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locale {
    /// The decimal point.
    pub point: Cow<'static, str>,
    /// The text between groups.
    pub separator: Cow<'static, str>,
    /// Sizes of the groups from the right, the last one repeated; 0 as the last one means that the
    /// size before it is repeated, 127 that no further grouping is done (as `localeconv` has it).
    pub groups: Vec<u8>,
}

impl Default for Locale {
    /// The C locale: a point and no groups.
    fn default() -> Self {
        Self {
            point: ".".into(),
            separator: "".into(),
            groups: Vec::new(),
        }
    }
}

impl Locale {
    pub(super) fn grouped(grouping: Option<Grouping>, size: u8) -> Self {
        match grouping {
            None => Self::default(),
            Some(g) => Self {
                point: ".".into(),
                separator: g.text().into(),
                groups: vec![size, 0],
            },
        }
    }
}

/// The parts of a number before layout.
pub(super) struct Number<'a> {
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a str,
    /// Digits before the point.
    pub whole: &'a str,
    /// Digits behind the point; `None` where there is no point.
    pub fraction: Option<&'a str>,
    /// What follows: an exponent, `%`, `inf`, or the whole text where it is not made of digits.
    pub rest: &'a str,
}

impl<'a> Number<'a> {
    /// Splits what [`crate::float::format_float`] wrote.
    pub fn of_float(text: &'a str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = text.split_at(digits(text));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => {
                let (fraction, rest) = rest.split_at(digits(rest));
                (Some(fraction), rest)
            }
            None => (None, rest),
        };
        Self {
            negative,
            prefix: "",
            whole,
            fraction,
            rest,
        }
    }

    fn sign(&self, sign: Option<Sign>) -> Option<u8> {
        match (self.negative, sign) {
            (true, _) => Some(b'-'),
            (false, Some(Sign::Plus)) => Some(b'+'),
            (false, Some(Sign::Space)) => Some(b' '),
            _ => None,
        }
    }
}

/// The whole part with its groups, filled with zeros to at least `least` characters.
fn group(digits: &str, locale: &Locale, least: usize) -> String {
    let separator = &*locale.separator;
    let mut sizes = locale.groups.iter().copied();
    let mut repeat = 0u8;
    let mut remaining = digits.len();
    let mut least = i64::try_from(least).unwrap_or(i64::MAX);
    let width = separator.chars().count() as i64;
    // Built from the right: pieces in reverse order.
    let mut pieces: Vec<String> = Vec::new();
    loop {
        let size = match sizes.next() {
            Some(0) => repeat,
            Some(127) => 0,
            Some(n) => {
                repeat = n;
                n
            }
            // Past the list the last size goes on; with no list there is one group.
            None => repeat,
        };
        let want = i64::try_from(remaining)
            .unwrap_or(i64::MAX)
            .max(least)
            .max(1);
        let length = if size == 0 {
            want
        } else {
            want.min(i64::from(size))
        };
        let taken = remaining.min(length as usize);
        let mut piece = "0".repeat(length as usize - taken);
        piece += &digits[remaining - taken..remaining];
        pieces.push(piece);
        remaining -= taken;
        least -= length;
        if remaining == 0 && least <= 0 || size == 0 {
            break;
        }
        least -= width;
    }
    pieces.reverse();
    pieces.join(separator)
}

/// The fraction in groups of three from the left.
fn group_fraction(digits: &str, grouping: Option<Grouping>, out: &mut String) {
    if grouping.is_none() {
        out.push_str(digits);
        return;
    }
    for (i, d) in digits.chars().enumerate() {
        if let Some(g) = grouping
            && i > 0
            && i % 3 == 0
        {
            out.push_str(g.text());
        }
        out.push(d);
    }
}

/// The number without padding around it; zeros between sign and digits where the specification
/// asks for them.
pub(super) fn body(number: &Number<'_>, spec: &FormatSpec, locale: &Locale) -> (String, usize) {
    let mut head = String::new();
    if let Some(s) = number.sign(spec.sign) {
        head.push(s as char);
    }
    head += number.prefix;
    let mut tail = String::new();
    if let Some(fraction) = number.fraction {
        tail += &locale.point;
        group_fraction(fraction, spec.fraction_grouping, &mut tail);
    }
    tail += number.rest;
    let zeros = spec.fill == u32::from(b'0') && spec.align == Align::AfterSign;
    let least = if zeros {
        let other = head.chars().count() + tail.chars().count();
        spec.width.unwrap_or(0).saturating_sub(other)
    } else {
        0
    };
    let split = head.len();
    if locale.groups.is_empty() && least <= number.whole.len() {
        head += number.whole;
    } else if !number.whole.is_empty() {
        head += &group(number.whole, locale, least);
    } else {
        // "inf" and the like have no digits to group, yet are filled up with zeros.
        head += &"0".repeat(least);
    }
    head += &tail;
    (head, split)
}

/// Writes the number with its padding.
pub(super) fn write<S: Sink>(number: &Number<'_>, spec: &FormatSpec, locale: &Locale, out: &mut S) {
    let (text, split) = body(number, spec, locale);
    let length = text.chars().count();
    let (before, behind) = padding(spec, length);
    if spec.align == Align::AfterSign {
        out.push_ascii(&text[..split]);
        out.repeat(spec.fill, before);
        push(out, &text[split..]);
    } else {
        out.repeat(spec.fill, before);
        push(out, &text);
        out.repeat(spec.fill, behind);
    }
}

/// Writes text that a locale may have made non-ASCII.
fn push<S: Sink>(out: &mut S, text: &str) {
    if text.is_ascii() {
        out.push_ascii(text);
    } else {
        text.chars().for_each(|c| out.push(u32::from(c)));
    }
}

/// Padding before and behind a text of so many characters.
pub(super) fn padding(spec: &FormatSpec, length: usize) -> (usize, usize) {
    let total = spec.width.unwrap_or(0).saturating_sub(length);
    match spec.align {
        Align::Left => (0, total),
        Align::Right | Align::AfterSign => (total, 0),
        Align::Center => (total / 2, total - total / 2),
    }
}
