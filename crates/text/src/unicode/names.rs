//! Character names: `unicodedata.name`, `unicodedata.lookup` and `\N{...}`.

use super::generated::names as table;

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// One character, by its own name or an alias.
    Character(u32),
    /// A named sequence of characters.
    Sequence(&'static [u32]),
}

/// The name of a character; `None` for controls, surrogates and what is not assigned.
pub fn name(code: u32) -> Option<String> {
    // Ranges that the library names but Python does not.
    if (0x17000..=0x187F7).contains(&code) || (0x18D00..=0x18D08).contains(&code) {
        return None;
    }
    unicode_names2::name(char::from_u32(code)?).map(|n| n.to_string())
}

/// The character of a name or an alias, as `\N{...}` takes it: letter case does not matter but in
/// the computed names of Han characters and Hangul syllables; spaces and hyphens do.
pub fn character(search: &str) -> Option<u32> {
    // The library ignores spaces, hyphens and underscores; compare what it found letter by letter.
    if let Some(c) = unicode_names2::character(search)
        && let Some(own) = name(u32::from(c))
    {
        let computed =
            own.starts_with("CJK UNIFIED IDEOGRAPH-") || own.starts_with("HANGUL SYLLABLE ");
        if if computed {
            own == search
        } else {
            own.eq_ignore_ascii_case(search)
        } {
            return Some(u32::from(c));
        }
    }
    let upper = search.to_ascii_uppercase();
    let at = table::ALIASES.binary_search_by(|a| a.0.cmp(&upper)).ok()?;
    Some(table::ALIASES[at].1)
}

/// What `unicodedata.lookup` finds: as [`character`], and named sequences too.
pub fn lookup(search: &str) -> Option<Named> {
    if let Some(c) = character(search) {
        return Some(Named::Character(c));
    }
    let upper = search.to_ascii_uppercase();
    let at = table::SEQUENCES
        .binary_search_by(|s| s.0.cmp(&upper))
        .ok()?;
    Some(Named::Sequence(table::SEQUENCES[at].1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_both_ways() {
        assert_eq!(
            name('é' as u32).as_deref(),
            Some("LATIN SMALL LETTER E WITH ACUTE")
        );
        assert_eq!(name(0x4E00).as_deref(), Some("CJK UNIFIED IDEOGRAPH-4E00"));
        assert_eq!(name(0xAC00).as_deref(), Some("HANGUL SYLLABLE GA"));
        assert_eq!(
            (name(0), name(0x17000), name(0xD800), name(u32::MAX)),
            (None, None, None, None)
        );
        assert_eq!(character("latin small letter a"), Some(0x61));
        assert_eq!(character("LATINSMALLLETTERA"), None);
        assert_eq!(character("LINE FEED"), Some(10));
        assert_eq!(character("HANGUL JUNGSEONG O-E"), Some(0x1180));
        assert_eq!(character("HANGUL JUNGSEONG OE"), Some(0x116C));
        assert_eq!(character("hangul syllable ga"), None);
        assert_eq!(character("TANGUT IDEOGRAPH-17000"), None);
        assert_eq!(character(&"X".repeat(10_000)), None);
        assert_eq!(character(""), None);
        assert_eq!(
            lookup("KEYCAP NUMBER SIGN"),
            Some(Named::Sequence(&[0x23, 0xFE0F, 0x20E3]))
        );
    }

    #[test]
    fn every_name_finds_its_character() {
        for c in 0..0x110000 {
            if let Some(n) = name(c) {
                assert_eq!(character(&n), Some(c), "{n}");
            }
        }
    }
}
