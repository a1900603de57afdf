//! Case changes and the questions about the kind of characters.

use taipan_text::search as text;
use taipan_text::unicode;

use super::{Chars, Kind, Str, exact, from_ucs4, new_with, units};
use crate::core::{R, Ref};
use crate::vm::Vm;

/// What a change of case does: for ASCII text byte by byte with a memory of the byte before, else by the tables.
macro_rules! change {
    ($(#[$doc:meta])* $name:ident, $ascii:expr, $wide:path) => {
        $(#[$doc])*
        pub(super) fn $name(vm: &Vm, s: &Ref<Str>) -> R {
            match s.chars() {
                Chars::Ascii(t) => {
                    let mut before = None;
                    plain(vm, s, t, |b| {
                        let f: fn(Option<u8>, u8) -> u8 = $ascii;
                        f(before.replace(b), b)
                    })
                }
                wide => {
                    vm.check_room(s.len().saturating_mul(4))?;
                    Ok(from_ucs4(&units!(wide, t => $wide(t))).into_value())
                }
            }
        }
    };
}

change! {
    /// `str.capitalize`
    capitalize,
    |before, b| if before.is_none() { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() },
    text::capitalize
}
change! {
    /// `str.swapcase`
    swapcase,
    |_, b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b },
    text::swapcase
}
change! {
    /// `str.title`
    title,
    |before, b| if before.is_some_and(|b| b.is_ascii_alphabetic()) { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() },
    text::title
}

/// `str.lower`
pub(super) fn lower(vm: &Vm, s: &Ref<Str>) -> R {
    match s.chars() {
        Chars::Ascii(t) => plain(vm, s, t, |b| b.to_ascii_lowercase()),
        wide => {
            vm.check_room(s.len().saturating_mul(4))?;
            Ok(from_ucs4(&units!(wide, t => text::lower(t))).into_value())
        }
    }
}

/// `str.upper`
pub(super) fn upper(vm: &Vm, s: &Ref<Str>) -> R {
    match s.chars() {
        Chars::Ascii(t) => plain(vm, s, t, |b| b.to_ascii_uppercase()),
        wide => {
            vm.check_room(s.len().saturating_mul(4))?;
            Ok(from_ucs4(&units!(wide, t => text::upper(t))).into_value())
        }
    }
}

/// `str.casefold`
pub(super) fn casefold(vm: &Vm, s: &Ref<Str>) -> R {
    match s.chars() {
        Chars::Ascii(t) => plain(vm, s, t, |b| b.to_ascii_lowercase()),
        wide => {
            vm.check_room(s.len().saturating_mul(4))?;
            Ok(from_ucs4(&units!(wide, t => text::casefold(t))).into_value())
        }
    }
}

/// ASCII text with every byte changed by itself (which the compiler does many at a time).
#[inline]
fn plain(vm: &Vm, s: &Ref<Str>, t: &str, mut f: impl FnMut(u8) -> u8) -> R {
    if let [b] = t.as_bytes() {
        return Ok(crate::vm::single_char(f(*b)).into_value());
    }
    if t.is_empty() {
        return Ok(exact(s));
    }
    // SAFETY: every byte is written and `f` gives ASCII for ASCII.
    let made = unsafe {
        new_with(t.len(), Kind::Ascii, |p| {
            for (i, &b) in t.as_bytes().iter().enumerate() {
                p.add(i).write(f(b));
            }
        })
    };
    made.map(Ref::into_value).ok_or_else(|| vm.memory_error())
}

/// Whether there is a character and all pass: `ascii` for ASCII text, `wide` for the rest.
fn all(s: &Str, ascii: impl Fn(u8) -> bool, wide: impl Fn(u32) -> bool) -> bool {
    match s.chars() {
        Chars::Ascii(t) => !t.is_empty() && t.bytes().all(ascii),
        chars => units!(chars, t => t.iter().all(|&c| wide(u32::from(c)))),
    }
}

/// `str.isalpha`
pub(super) fn is_alpha(s: &Str) -> bool {
    all(s, |b| b.is_ascii_alphabetic(), unicode::is_alpha)
}

/// `str.isalnum`
pub(super) fn is_alnum(s: &Str) -> bool {
    all(s, |b| b.is_ascii_alphanumeric(), unicode::is_alnum)
}

/// `str.isdecimal`
pub(super) fn is_decimal(s: &Str) -> bool {
    all(s, |b| b.is_ascii_digit(), unicode::is_decimal)
}

/// `str.isdigit`
pub(super) fn is_digit(s: &Str) -> bool {
    all(s, |b| b.is_ascii_digit(), unicode::is_digit)
}

/// `str.isnumeric`
pub(super) fn is_numeric(s: &Str) -> bool {
    all(s, |b| b.is_ascii_digit(), unicode::is_numeric)
}

/// `str.isspace`
pub(super) fn is_space(s: &Str) -> bool {
    all(s, |b| unicode::is_space(u32::from(b)), unicode::is_space)
}

/// `str.isprintable`, which holds for empty text.
pub fn is_printable(s: &Str) -> bool {
    s.is_empty() || all(s, |b| matches!(b, b' '..=b'~'), unicode::is_printable)
}

/// `str.isidentifier`
pub fn is_identifier(s: &Str) -> bool {
    match s.chars() {
        Chars::Ascii(t) => match t.as_bytes() {
            [] => false,
            [first, rest @ ..] => {
                (first.is_ascii_alphabetic() || *first == b'_')
                    && rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
            }
        },
        chars => units!(chars, t => unicode::is_identifier(t.iter().map(|&c| u32::from(c)))),
    }
}

/// `str.islower`
pub(super) fn is_lower(s: &Str) -> bool {
    match s.chars() {
        Chars::Ascii(t) => t.bytes().any(|b| b.is_ascii_lowercase()) && !t.bytes().any(|b| b.is_ascii_uppercase()),
        chars => units!(chars, t => text::is_lower_text(t.iter().map(|&c| u32::from(c)))),
    }
}

/// `str.isupper`
pub(super) fn is_upper(s: &Str) -> bool {
    match s.chars() {
        Chars::Ascii(t) => t.bytes().any(|b| b.is_ascii_uppercase()) && !t.bytes().any(|b| b.is_ascii_lowercase()),
        chars => units!(chars, t => text::is_upper_text(t.iter().map(|&c| u32::from(c)))),
    }
}

/// `str.istitle`
pub(super) fn is_title(s: &Str) -> bool {
    units!(s.chars(), t => text::is_title_text(t.iter().map(|&c| u32::from(c))))
}
