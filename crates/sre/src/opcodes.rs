//! The numbers that `Lib/re/_constants.py` (Python 3.14) gives to operators,
//! positions and categories. They are that file's order, nothing else.

/// The version of the code words, `_sre.MAGIC`.
pub const MAGIC: u32 = 20230612;
/// Bytes in one code word, `_sre.CODESIZE` (also `_sre.getcodesize()`).
pub const CODESIZE: usize = 4;
/// "No upper bound" in a repeat, `_sre.MAXREPEAT`.
pub const MAXREPEAT: u32 = u32::MAX;
/// The largest number of groups, `_sre.MAXGROUPS`.
pub const MAXGROUPS: usize = 0x3fff_ffff;

pub(crate) mod op {
    pub const FAILURE: u32 = 0;
    pub const SUCCESS: u32 = 1;
    pub const ANY: u32 = 2;
    pub const ANY_ALL: u32 = 3;
    pub const ASSERT: u32 = 4;
    pub const ASSERT_NOT: u32 = 5;
    pub const AT: u32 = 6;
    pub const BRANCH: u32 = 7;
    pub const CATEGORY: u32 = 8;
    pub const CHARSET: u32 = 9;
    pub const BIGCHARSET: u32 = 10;
    pub const GROUPREF: u32 = 11;
    pub const GROUPREF_EXISTS: u32 = 12;
    pub const IN: u32 = 13;
    pub const INFO: u32 = 14;
    pub const JUMP: u32 = 15;
    pub const LITERAL: u32 = 16;
    pub const MARK: u32 = 17;
    pub const MAX_UNTIL: u32 = 18;
    pub const MIN_UNTIL: u32 = 19;
    pub const NOT_LITERAL: u32 = 20;
    pub const NEGATE: u32 = 21;
    pub const RANGE: u32 = 22;
    pub const REPEAT: u32 = 23;
    pub const REPEAT_ONE: u32 = 24;
    // 25 is SUBPATTERN, which never reaches the compiled code.
    pub const MIN_REPEAT_ONE: u32 = 26;
    pub const ATOMIC_GROUP: u32 = 27;
    pub const POSSESSIVE_REPEAT: u32 = 28;
    pub const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub const GROUPREF_IGNORE: u32 = 30;
    pub const IN_IGNORE: u32 = 31;
    pub const LITERAL_IGNORE: u32 = 32;
    pub const NOT_LITERAL_IGNORE: u32 = 33;
    pub const GROUPREF_LOC_IGNORE: u32 = 34;
    pub const IN_LOC_IGNORE: u32 = 35;
    pub const LITERAL_LOC_IGNORE: u32 = 36;
    pub const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub const GROUPREF_UNI_IGNORE: u32 = 38;
    pub const IN_UNI_IGNORE: u32 = 39;
    pub const LITERAL_UNI_IGNORE: u32 = 40;
    pub const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub const RANGE_UNI_IGNORE: u32 = 42;
}

pub(crate) mod at {
    pub const BEGINNING: u32 = 0;
    pub const BEGINNING_LINE: u32 = 1;
    pub const BEGINNING_STRING: u32 = 2;
    pub const BOUNDARY: u32 = 3;
    pub const NON_BOUNDARY: u32 = 4;
    pub const END: u32 = 5;
    pub const END_LINE: u32 = 6;
    pub const END_STRING: u32 = 7;
    pub const LOC_BOUNDARY: u32 = 8;
    pub const LOC_NON_BOUNDARY: u32 = 9;
    pub const UNI_BOUNDARY: u32 = 10;
    pub const UNI_NON_BOUNDARY: u32 = 11;
}

pub(crate) mod info {
    pub const PREFIX: u32 = 1;
    pub const LITERAL: u32 = 2;
    pub const CHARSET: u32 = 4;
}

/// The character classes of `CHCODES`; an odd code is the negation of the
/// even one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Digit,
    Space,
    Word,
    Linebreak,
    LocWord,
    UniDigit,
    UniSpace,
    UniWord,
    UniLinebreak,
}

/// A class, and whether it is to be negated.
pub(crate) fn category(code: u32) -> Option<(Class, bool)> {
    let class = match code / 2 {
        0 => Class::Digit,
        1 => Class::Space,
        2 => Class::Word,
        3 => Class::Linebreak,
        4 => Class::LocWord,
        5 => Class::UniDigit,
        6 => Class::UniSpace,
        7 => Class::UniWord,
        8 => Class::UniLinebreak,
        _ => return None,
    };
    Some((class, code & 1 == 1))
}
