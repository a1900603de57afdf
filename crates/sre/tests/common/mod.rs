//! Character properties good enough for the tests.

use taipan_sre::CharData;

pub struct RustChars;

fn simple(c: u32, mut mapped: impl Iterator<Item = char>) -> u32 {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one as u32,
        _ => c,
    }
}

impl CharData for RustChars {
    fn is_space(&self, c: u32) -> bool {
        (0x1c..=0x1f).contains(&c) || char::from_u32(c).is_some_and(char::is_whitespace)
    }
    fn is_alnum(&self, c: u32) -> bool {
        char::from_u32(c).is_some_and(char::is_alphanumeric)
    }
    fn is_decimal(&self, c: u32) -> bool {
        [0x30, 0x660, 0x966, 0xe50, 0xff10]
            .iter()
            .any(|&zero| (zero..zero + 10).contains(&c))
    }
    fn is_linebreak(&self, c: u32) -> bool {
        matches!(c, 10..=13 | 28..=30 | 0x85 | 0x2028 | 0x2029)
    }
    fn lower(&self, c: u32) -> u32 {
        match c {
            0x130 => 0x69, // its full mapping has two characters, its simple one has not
            _ => char::from_u32(c).map_or(c, |ch| simple(c, ch.to_lowercase())),
        }
    }
    fn upper(&self, c: u32) -> u32 {
        char::from_u32(c).map_or(c, |ch| simple(c, ch.to_uppercase()))
    }
}
