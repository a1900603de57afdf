//! What the matcher must know of characters, and the helpers which `_sre`
//! offers to the pattern compiler.

use crate::opcodes::Class;

/// Unicode properties, as Python's `str` methods define them.
///
/// The matcher tabulates the first 256 characters when a pattern is compiled,
/// so these are asked at match time about the characters beyond only.
/// Code points may be surrogates, and hostile code words may name values
/// beyond U+10FFFF: answer `false`, or the value itself, for those.
///
/// The `loc_` methods serve the `re.LOCALE` flag and may change their answers
/// between matches; they are asked about the values 0 to 255 only. The
/// default is the C locale.
pub trait CharData: Sync {
    /// `str.isspace`.
    fn is_space(&self, c: u32) -> bool;
    /// `str.isalnum` (the matcher adds the underscore by itself).
    fn is_alnum(&self, c: u32) -> bool;
    /// `str.isdecimal`.
    fn is_decimal(&self, c: u32) -> bool;
    /// What `str.splitlines` splits at.
    fn is_linebreak(&self, c: u32) -> bool;
    /// The simple (one to one) lower-case mapping.
    fn lower(&self, c: u32) -> u32;
    /// The simple (one to one) upper-case mapping.
    fn upper(&self, c: u32) -> u32;
    /// C's `isalnum` in the current locale.
    fn loc_is_alnum(&self, c: u8) -> bool {
        c.is_ascii_alphanumeric()
    }
    /// C's `tolower` in the current locale.
    fn loc_lower(&self, c: u8) -> u8 {
        c.to_ascii_lowercase()
    }
    /// C's `toupper` in the current locale.
    fn loc_upper(&self, c: u8) -> u8 {
        c.to_ascii_uppercase()
    }
}

/// Properties that know ASCII only; for tests and for checking code words.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsciiData;

impl CharData for AsciiData {
    fn is_space(&self, c: u32) -> bool {
        is_ascii_space(c)
    }
    fn is_alnum(&self, c: u32) -> bool {
        is_ascii_alnum(c)
    }
    fn is_decimal(&self, c: u32) -> bool {
        (48..58).contains(&c)
    }
    fn is_linebreak(&self, c: u32) -> bool {
        (10..14).contains(&c) || (28..31).contains(&c)
    }
    fn lower(&self, c: u32) -> u32 {
        ascii_tolower(c)
    }
    fn upper(&self, c: u32) -> u32 {
        if (97..123).contains(&c) { c - 32 } else { c }
    }
}

/// `_sre.ascii_iscased`: is it an ASCII letter?
pub fn ascii_iscased(c: u32) -> bool {
    (65..91).contains(&c) || (97..123).contains(&c)
}

/// `_sre.ascii_tolower`.
pub fn ascii_tolower(c: u32) -> u32 {
    if (65..91).contains(&c) { c + 32 } else { c }
}

/// `_sre.unicode_iscased`: does its lower or upper case differ from it?
pub fn unicode_iscased(c: u32, chars: &dyn CharData) -> bool {
    chars.lower(c) != c || chars.upper(c) != c
}

/// `_sre.unicode_tolower`.
pub fn unicode_tolower(c: u32, chars: &dyn CharData) -> u32 {
    chars.lower(c)
}

fn is_ascii_space(c: u32) -> bool {
    c == 32 || (9..14).contains(&c)
}

fn is_ascii_alnum(c: u32) -> bool {
    (48..58).contains(&c) || ascii_iscased(c)
}

/// The lower case of a character under `re.LOCALE`; what is not a byte has none.
pub(crate) fn loc_lower(c: u32, chars: &dyn CharData) -> u32 {
    u8::try_from(c).map_or(c, |b| u32::from(chars.loc_lower(b)))
}

/// The upper case of a character under `re.LOCALE`.
pub(crate) fn loc_upper(c: u32, chars: &dyn CharData) -> u32 {
    u8::try_from(c).map_or(c, |b| u32::from(chars.loc_upper(b)))
}

/// How a comparison ignores case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    None,
    Ascii,
    Unicode,
    Locale,
}

impl Fold {
    /// What a character is compared as.
    pub(crate) fn apply(self, c: u32, chars: &dyn CharData) -> u32 {
        match self {
            Fold::None => c,
            Fold::Ascii => ascii_tolower(c),
            Fold::Unicode => chars.lower(c),
            Fold::Locale => loc_lower(c, chars),
        }
    }
}

/// Is the character in the class?
pub(crate) fn in_class(class: Class, c: u32, chars: &dyn CharData) -> bool {
    const UNDERSCORE: u32 = 95;
    match class {
        Class::Digit => (48..58).contains(&c),
        Class::Space => is_ascii_space(c),
        Class::Word => is_ascii_alnum(c) || c == UNDERSCORE,
        Class::Linebreak => c == 10,
        Class::LocWord => c == UNDERSCORE || u8::try_from(c).is_ok_and(|b| chars.loc_is_alnum(b)),
        Class::UniDigit => chars.is_decimal(c),
        Class::UniSpace => chars.is_space(c),
        Class::UniWord => chars.is_alnum(c) || c == UNDERSCORE,
        Class::UniLinebreak => chars.is_linebreak(c),
    }
}
