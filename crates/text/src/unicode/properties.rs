//! Properties of single code points: the character classes of `str` and the fields of
//! `unicodedata`.

use super::generated::properties as table;

/// The classes of a code point that `str` and `re` ask for, as one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $constant:ident, $method:ident = $bit:expr;)*) => {
        impl Flags {
            $(
                $(#[$doc])*
                pub const $constant: u32 = 1 << $bit;

                $(#[$doc])*
                #[inline(always)]
                pub fn $method(self) -> bool {
                    self.0 & Self::$constant != 0
                }
            )*
        }
    };
}

flags! {
    /// Categories Lm, Lt, Lu, Ll and Lo.
    ALPHA, alpha = 0;
    /// Has a decimal value.
    DECIMAL, decimal = 1;
    /// Has a digit value.
    DIGIT, digit = 2;
    /// Has a numeric value.
    NUMERIC, numeric = 3;
    /// Category Zs, or bidirectional class WS, B or S.
    SPACE, space = 4;
    /// Not a separator other than U+0020, nor of a category C*.
    PRINTABLE, printable = 5;
    /// Can start an identifier; the underscore is no such character here.
    XID_START, xid_start = 6;
    /// Can continue an identifier.
    XID_CONTINUE, xid_continue = 7;
    /// Derived property Lowercase.
    LOWER, lower = 8;
    /// Derived property Uppercase.
    UPPER, upper = 9;
    /// Category Lt.
    TITLE, title = 10;
    /// Derived property Cased.
    CASED, cased = 11;
    /// Derived property Case_Ignorable.
    CASE_IGNORABLE, case_ignorable = 12;
    /// One of the case mappings changes it.
    CASE_CHANGES, case_changes = 13;
    /// Ends a line for `str.splitlines`.
    LINE_BREAK, line_break = 14;
    /// Has a canonical decomposition.
    CANONICAL, canonical = 15;
    /// Has a decomposition of any kind.
    DECOMPOSES, decomposes = 16;
    /// Can compose with what stands before it.
    COMPOSES_BACK, composes_back = 17;
    /// Property Full_Composition_Exclusion.
    EXCLUDED, excluded = 18;
    /// Has a combining class other than 0.
    COMBINES, combines = 19;
}

impl Flags {
    /// Whether any flag of the mask (a union of this type's constants) is set.
    #[inline(always)]
    pub fn any(self, mask: u32) -> bool {
        self.0 & mask != 0
    }
}

const LATIN: usize = 256;

/// The flags of latin-1 without the two-stage walk.
static LATIN_FLAGS: [u32; LATIN] = {
    let mut out = [0; LATIN];
    let mut i = 0;
    while i < LATIN {
        out[i] = walk(i as u32);
        i += 1;
    }
    out
};

const fn walk(code: u32) -> u32 {
    const SHIFT: u32 = table::FLAGS_SHIFT;
    let block = (code >> SHIFT) as usize;
    if block >= table::FLAGS_INDEX.len() {
        return 0;
    }
    let at = ((table::FLAGS_INDEX[block] as usize) << SHIFT) | (code as usize & ((1 << SHIFT) - 1));
    table::FLAG_RECORDS[table::FLAGS_BLOCKS[at] as usize]
}

/// The classes of a code point.
#[inline]
pub fn flags(code: u32) -> Flags {
    if (code as usize) < LATIN {
        Flags(LATIN_FLAGS[code as usize])
    } else {
        Flags(walk(code))
    }
}

macro_rules! tests {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name(code: u32) -> bool {
                flags(code).$method()
            }
        )*
    };
}

tests! {
    /// `str.isalpha` of one character.
    is_alpha = alpha;
    /// `str.isdecimal` of one character.
    is_decimal = decimal;
    /// `str.isdigit` of one character.
    is_digit = digit;
    /// `str.isnumeric` of one character.
    is_numeric = numeric;
    /// `str.isspace` of one character.
    is_space = space;
    /// `str.isprintable` of one character.
    is_printable = printable;
    /// `str.islower` of one character.
    is_lower = lower;
    /// `str.isupper` of one character.
    is_upper = upper;
    /// Whether the character is of category Lt.
    is_title = title;
    /// Derived property Cased.
    is_cased = cased;
    /// Derived property Case_Ignorable.
    is_case_ignorable = case_ignorable;
    /// Whether it can start an identifier (the caller also admits `_`).
    is_xid_start = xid_start;
    /// Whether it can continue an identifier.
    is_xid_continue = xid_continue;
    /// Whether `str.splitlines` splits at it (`\r\n` counts as one end).
    is_line_break = line_break;
}

/// `str.isalnum` of one character: alphabetic, decimal, digit or numeric.
#[inline]
pub fn is_alnum(code: u32) -> bool {
    flags(code).any(Flags::ALPHA | Flags::DECIMAL | Flags::DIGIT | Flags::NUMERIC)
}

/// `str.isidentifier` of a whole text; the empty text is none.
pub fn is_identifier(points: impl IntoIterator<Item = u32>) -> bool {
    let mut points = points.into_iter();
    match points.next() {
        Some(first) if first == u32::from(b'_') || is_xid_start(first) => {
            points.all(is_xid_continue)
        }
        _ => false,
    }
}

fn record(code: u32) -> [u8; 5] {
    const SHIFT: u32 = table::RECORD_SHIFT;
    match table::RECORD_INDEX.get((code >> SHIFT) as usize) {
        Some(&block) => {
            let at = ((block as usize) << SHIFT) | (code as usize & ((1 << SHIFT) - 1));
            table::RECORDS[table::RECORD_BLOCKS[at] as usize]
        }
        None => [0; 5],
    }
}

/// The general category, two letters; `"Cn"` where nothing is assigned.
pub fn category(code: u32) -> &'static str {
    table::CATEGORIES[record(code)[0] as usize]
}

/// The bidirectional class; empty where nothing is assigned.
pub fn bidirectional(code: u32) -> &'static str {
    table::BIDIRECTIONAL[record(code)[1] as usize]
}

/// The canonical combining class.
#[inline]
pub fn combining(code: u32) -> u8 {
    // Nothing below the combining marks has a class, and that is most text.
    if code < 0x300 { 0 } else { record(code)[2] }
}

/// The East Asian width: `"N"`, `"A"`, `"H"`, `"W"`, `"F"` or `"Na"`.
pub fn east_asian_width(code: u32) -> &'static str {
    table::WIDTHS[record(code)[3] as usize]
}

/// Whether the character is mirrored in right-to-left text.
pub fn mirrored(code: u32) -> bool {
    record(code)[4] != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_properties::props::{
        CanonicalCombiningClass, GeneralCategory, Lowercase, XidContinue, XidStart,
    };
    use icu_properties::{CodePointMapData, CodePointMapDataBorrowed, CodePointSetData};

    #[test]
    fn classes_of_well_known_characters() {
        assert!(is_alpha('é' as u32) && !is_alpha('1' as u32));
        assert!(is_digit('²' as u32) && !is_decimal('²' as u32));
        assert!(is_numeric('½' as u32) && is_numeric(0x4E00) && !is_digit(0x4E00));
        assert!(is_space(0x1C) && is_space(0x85) && is_space(0x3000) && !is_space(0x200B));
        assert!(!is_printable(0xA0) && is_printable(0x20) && !is_printable(0xD800));
        assert!(is_title('ǅ' as u32));
        assert!(is_line_break(0x2028) && is_line_break(0x1C) && !is_line_break(0x1F));
        assert!(is_identifier("_été9".chars().map(u32::from)));
        assert!(!is_identifier("9a".chars().map(u32::from)) && !is_identifier([]));
        assert_eq!(
            (category(0x41), category(0x378), category(u32::MAX)),
            ("Lu", "Cn", "Cn")
        );
        assert_eq!((bidirectional(0x5D0), bidirectional(0x378)), ("R", ""));
        assert_eq!(
            (east_asian_width(0x20A9), east_asian_width(0x41)),
            ("H", "Na")
        );
        assert!(mirrored(0x28) && !mirrored(0x41));
        assert_eq!(combining(0x301), 230);
    }

    #[test]
    fn agree_with_icu() {
        let ccc: CodePointMapDataBorrowed<CanonicalCombiningClass> = CodePointMapData::new();
        let lower = CodePointSetData::new::<Lowercase>();
        let (start, next) = (
            CodePointSetData::new::<XidStart>(),
            CodePointSetData::new::<XidContinue>(),
        );
        let cat: CodePointMapDataBorrowed<GeneralCategory> = CodePointMapData::new();
        for c in 0..0x110000 {
            assert_eq!(combining(c), ccc.get32(c).to_icu4c_value(), "{c:x}");
            assert_eq!(is_lower(c), lower.contains32(c), "{c:x}");
            assert_eq!(is_xid_start(c), start.contains32(c), "{c:x}");
            assert_eq!(is_xid_continue(c), next.contains32(c), "{c:x}");
            let icu = cat.get32(c);
            assert_eq!(
                category(c) == "Cn",
                icu == GeneralCategory::Unassigned,
                "{c:x}"
            );
            assert_eq!(
                category(c) == "Nd",
                icu == GeneralCategory::DecimalNumber,
                "{c:x}"
            );
        }
    }
}
