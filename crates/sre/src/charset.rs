//! Character sets: decoded from code words, tabulated for the first 256
//! characters, interpreted beyond.

use crate::chars::{CharData, Fold, in_class, loc_upper};
use crate::opcodes::{Class, category, op};
use crate::program::InvalidCode;

/// One member of a set, in the order of the code words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Members found after this one are outside the set, and the reverse.
    Negate,
    Literal(u32),
    Range(u32, u32),
    /// A range which the upper case of the character may lie in instead.
    RangeUni(u32, u32),
    Category(Class, bool),
    /// 256 bits for the first 256 characters.
    Bitmap(Box<[u32; 8]>),
    /// Bits for the BMP: a chunk number for each 256 characters, and the chunks.
    Big(Box<[u8; 256]>, Box<[u32]>),
}

/// How to test a character beyond the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum High {
    None,
    All,
    /// One class, perhaps negated: much the most frequent case (`\w`, `\s`).
    Class(Class, bool),
    Items,
}

/// A set of characters.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    /// Membership of the first 256 characters. Meaningless if `dynamic`.
    pub table: [bool; 256],
    pub high: High,
    /// The set depends on the locale of the moment: never use `table`.
    pub dynamic: bool,
    /// The one byte outside the set, if everything else is in it.
    pub all_but: Option<u8>,
    items: Vec<Item>,
    fold: Fold,
    /// What the items and the case folding say is turned round at the end.
    invert: bool,
}

impl Set {
    pub(crate) fn new(items: Vec<Item>, fold: Fold, invert: bool, chars: &dyn CharData) -> Set {
        let dynamic = fold == Fold::Locale
            || items
                .iter()
                .any(|item| matches!(item, Item::Category(Class::LocWord, _)));
        let mut set = Set {
            table: [false; 256],
            high: High::Items,
            dynamic,
            all_but: None,
            items,
            fold,
            invert,
        };
        if dynamic {
            return set;
        }
        for c in 0..256u32 {
            set.table[c as usize] = set.test_slow(c, chars);
        }
        set.high = set.find_high(chars);
        if set.high == High::All {
            let mut out = (0..=255u8).filter(|&b| !set.table[usize::from(b)]);
            if let (Some(byte), None) = (out.next(), out.next()) {
                set.all_but = Some(byte);
            }
        }
        set
    }

    /// Was it made from these?
    pub(crate) fn is_from(&self, items: &[Item], fold: Fold, invert: bool) -> bool {
        self.items == items && self.fold == fold && self.invert == invert
    }

    fn find_high(&self, chars: &dyn CharData) -> High {
        let uniform = |item: &Item| match item {
            Item::Negate | Item::Bitmap(_) => true,
            Item::Literal(c) => *c < 256,
            Item::Range(_, hi) => *hi < 256,
            Item::Category(class, _) => {
                matches!(
                    class,
                    Class::Digit | Class::Space | Class::Word | Class::Linebreak
                )
            }
            Item::RangeUni(..) | Item::Big(..) => false,
        };
        let folds = self.fold == Fold::Unicode;
        if !folds && self.items.iter().all(uniform) {
            // No item tells one character beyond the table from another.
            if self.test_slow(0x100, chars) {
                High::All
            } else {
                High::None
            }
        } else if let ([Item::Category(class, negated)], false) =
            (&self.items[..], folds || self.invert)
        {
            High::Class(*class, *negated)
        } else {
            High::Items
        }
    }

    /// Is the character, not below 256, in the set?
    #[inline]
    pub(crate) fn test_high(&self, c: u32, chars: &dyn CharData) -> bool {
        match self.high {
            High::None => false,
            High::All => true,
            High::Class(class, negated) => in_class(class, c, chars) != negated,
            High::Items => self.test_slow(c, chars),
        }
    }

    /// Is the character in the set? Without the tables.
    pub(crate) fn test_slow(&self, c: u32, chars: &dyn CharData) -> bool {
        let inside = match self.fold {
            Fold::Locale => {
                let lower = Fold::Locale.apply(c, chars);
                let upper = loc_upper(c, chars);
                self.holds(lower, chars) || upper != lower && self.holds(upper, chars)
            }
            fold => self.holds(fold.apply(c, chars), chars),
        };
        inside != self.invert
    }

    /// The set as written, case not considered.
    fn holds(&self, c: u32, chars: &dyn CharData) -> bool {
        let mut inside = true;
        for item in &self.items {
            let hit = match item {
                Item::Negate => {
                    inside = !inside;
                    false
                }
                Item::Literal(lit) => c == *lit,
                Item::Range(lo, hi) => (*lo..=*hi).contains(&c),
                Item::RangeUni(lo, hi) => {
                    (*lo..=*hi).contains(&c) || (*lo..=*hi).contains(&chars.upper(c))
                }
                Item::Category(class, negated) => in_class(*class, c, chars) != *negated,
                Item::Bitmap(bits) => bits
                    .get(c as usize / 32)
                    .is_some_and(|word| word >> (c % 32) & 1 == 1),
                Item::Big(chunks, bits) => chunks.get(c as usize / 256).is_some_and(|&chunk| {
                    let at = usize::from(chunk) * 8 + (c as usize % 256) / 32;
                    bits.get(at).is_some_and(|word| word >> (c % 32) & 1 == 1)
                }),
            };
            if hit {
                return inside;
            }
        }
        !inside
    }

    /// Which kinds of characters beyond the table may be in the set (a
    /// superset), as bits of [`high`].
    pub(crate) fn high_kinds(&self, chars: &dyn CharData) -> u8 {
        match self.high {
            High::None => return 0,
            High::All => return high::ALL,
            _ => {}
        }
        if self.fold != Fold::None || self.invert {
            return high::ALL;
        }
        let (negated, items) = match &self.items[..] {
            [Item::Negate, rest @ ..] => (true, rest),
            all => (false, all),
        };
        if negated {
            // Only classes that are wholly listed are known to be outside.
            return items.iter().fold(high::ALL, |kinds, item| match item {
                Item::Category(Class::UniWord, false) => kinds & !high::WORD,
                Item::Category(Class::UniSpace, false) => kinds & !high::SPACE,
                Item::Negate => high::ALL,
                _ => kinds,
            });
        }
        items.iter().fold(0, |kinds, item| {
            kinds
                | match item {
                    Item::Bitmap(_) => 0,
                    Item::Literal(c) if *c < 256 => 0,
                    Item::Range(_, hi) if *hi < 256 => 0,
                    Item::Literal(c) => high::of(*c, chars),
                    Item::Category(class, negated) => high::of_class(*class, *negated),
                    _ => high::ALL,
                }
        })
    }
}

/// A coarse partition of the characters beyond the table.
pub(crate) mod high {
    use super::{CharData, Class, in_class};

    pub const WORD: u8 = 1;
    pub const SPACE: u8 = 2;
    pub const OTHER: u8 = 4;
    pub const ALL: u8 = WORD | SPACE | OTHER;

    /// The kind of one character.
    pub fn of(c: u32, chars: &dyn CharData) -> u8 {
        let word = in_class(Class::UniWord, c, chars);
        let space = in_class(Class::UniSpace, c, chars);
        match (word, space) {
            (true, false) => WORD,
            (false, true) => SPACE,
            (false, false) => OTHER,
            (true, true) => ALL,
        }
    }

    /// The kinds that a class meets.
    pub fn of_class(class: Class, negated: bool) -> u8 {
        match (class, negated) {
            (Class::UniWord, false) => WORD,
            (Class::UniDigit, false) => WORD,
            (Class::UniSpace, false) => SPACE,
            (Class::UniWord, true) => SPACE | OTHER,
            (Class::UniSpace, true) => WORD | OTHER,
            (Class::Digit | Class::Space | Class::Word | Class::Linebreak, false) => 0,
            _ => ALL,
        }
    }
}

/// Decodes the items of a set. `words` ends with the closing FAILURE.
pub(crate) fn decode(words: &[u32]) -> Result<Vec<Item>, InvalidCode> {
    let Some((&op::FAILURE, mut rest)) = words.split_last() else {
        return Err(InvalidCode);
    };
    let mut items = Vec::new();
    while let Some((&code, after)) = rest.split_first() {
        rest = after;
        let mut take = |n: usize| {
            let (taken, after) = rest.split_at_checked(n).ok_or(InvalidCode)?;
            rest = after;
            Ok(taken)
        };
        items.push(match code {
            op::NEGATE => Item::Negate,
            op::LITERAL => Item::Literal(take(1)?[0]),
            op::RANGE | op::RANGE_UNI_IGNORE => {
                let args = take(2)?;
                match code {
                    op::RANGE => Item::Range(args[0], args[1]),
                    _ => Item::RangeUni(args[0], args[1]),
                }
            }
            op::CATEGORY => {
                let (class, negated) = category(take(1)?[0]).ok_or(InvalidCode)?;
                Item::Category(class, negated)
            }
            op::CHARSET => {
                let bits = <[u32; 8]>::try_from(take(8)?).map_err(|_| InvalidCode)?;
                Item::Bitmap(Box::new(bits))
            }
            op::BIGCHARSET => {
                let count = take(1)?[0] as usize;
                let mut chunks = Box::new([0u8; 256]);
                // The library casts 256 bytes to words in native byte order.
                for (four, word) in chunks.chunks_exact_mut(4).zip(take(64)?) {
                    four.copy_from_slice(&word.to_ne_bytes());
                }
                if chunks.iter().any(|&chunk| usize::from(chunk) >= count) {
                    return Err(InvalidCode);
                }
                let words = count.checked_mul(8).ok_or(InvalidCode)?;
                Item::Big(chunks, take(words)?.into())
            }
            _ => return Err(InvalidCode),
        });
    }
    Ok(items)
}
