//! `strip` and the sets of characters it takes.

use crate::CodeUnit;
use std::ops::Range;

/// A set of characters, quick to ask for the common ones.
#[derive(Clone, Debug)]
pub struct CharSet {
    latin: [u64; 4],
    /// The others, in order.
    rest: Vec<u32>,
}

impl CharSet {
    /// The set of the characters given.
    pub fn new(codes: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self {
            latin: [0; 4],
            rest: Vec::new(),
        };
        for c in codes {
            match set.latin.get_mut((c >> 6) as usize) {
                Some(word) => *word |= 1 << (c & 63),
                None => set.rest.push(c),
            }
        }
        set.rest.sort_unstable();
        set
    }

    /// Whether the character is in the set.
    #[inline]
    pub fn contains(&self, code: u32) -> bool {
        match self.latin.get((code >> 6) as usize) {
            Some(word) => word >> (code & 63) & 1 == 1,
            None => self.rest.binary_search(&code).is_ok(),
        }
    }
}

/// Whitespace of `bytes`: space, `\t`, `\n`, `\v`, `\f`, `\r`.
#[inline]
pub fn is_ascii_space(code: u32) -> bool {
    matches!(code, 0x09..=0x0D | 0x20)
}

/// What remains when characters that fulfil the test are taken off the ends asked for.
pub fn strip<C: CodeUnit>(
    text: &[C],
    left: bool,
    right: bool,
    test: impl Fn(u32) -> bool,
) -> Range<usize> {
    let (mut start, mut end) = (0, text.len());
    while left && start < end && test(text[start].code()) {
        start += 1;
    }
    while right && end > start && test(text[end - 1].code()) {
        end -= 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        let set = CharSet::new([0x61, 0x1F600, 0x300]);
        assert!(set.contains(0x61) && set.contains(0x1F600) && !set.contains(0x301));
        assert_eq!(strip(b"aaxaa", true, true, |c| set.contains(c)), 2..3);
        assert_eq!(strip(b"aaxaa", true, false, |c| set.contains(c)), 2..5);
        assert_eq!(strip(b"aaaa", true, true, |c| set.contains(c)), 4..4);
    }
}
