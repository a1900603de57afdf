//! Codecs defined by a table of 256 characters.

use super::CodecError;
use crate::CodeUnit;
use crate::format::Sink;

const UNDEFINED: &str = "character maps to <undefined>";

/// Decodes by a mapping of bytes; what it does not map is an error. Mapped text longer than one
/// character is the caller's to write from within `map`.
pub fn decode_charmap<S: Sink>(
    input: &[u8],
    from: usize,
    map: impl Fn(u8) -> Option<u32>,
    out: &mut S,
) -> Result<usize, CodecError> {
    for (at, b) in input.iter().enumerate().skip(from) {
        match map(*b) {
            Some(code) => out.push(code),
            None => return Err(CodecError::new(at, at + 1, UNDEFINED)),
        }
    }
    Ok(input.len())
}

/// Encodes by a mapping of characters; the error covers the run of those that it does not map.
pub fn encode_charmap<C: CodeUnit>(
    text: &[C],
    from: usize,
    map: impl Fn(u32) -> Option<u8>,
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    for (at, c) in text.iter().enumerate().skip(from) {
        match map(c.code()) {
            Some(byte) => out.push(byte),
            None => {
                let run = text[at..]
                    .iter()
                    .take_while(|c| map(c.code()).is_none())
                    .count();
                return Err(CodecError::new(at, at + run.max(1), UNDEFINED));
            }
        }
    }
    Ok(())
}

/// A decoding table turned round, `codecs.charmap_build`.
#[derive(Clone, Debug)]
pub struct CharmapTable {
    /// Character and byte, in order of the characters.
    pairs: Vec<(u32, u8)>,
}

impl CharmapTable {
    /// From the characters of the bytes 0 to 255; U+FFFE marks a byte without one. Where two bytes
    /// have the same character, the later one counts.
    pub fn new(table: impl IntoIterator<Item = u32>) -> Self {
        let mut pairs: Vec<(u32, u8)> = table
            .into_iter()
            .zip(0..=255u8)
            .filter(|(code, _)| *code != 0xFFFE)
            .collect();
        pairs.sort_by_key(|(code, byte)| (*code, std::cmp::Reverse(*byte)));
        pairs.dedup_by_key(|(code, _)| *code);
        Self { pairs }
    }

    /// The byte of a character.
    pub fn get(&self, code: u32) -> Option<u8> {
        let at = self.pairs.binary_search_by_key(&code, |p| p.0).ok()?;
        Some(self.pairs[at].1)
    }

    /// The number of characters that have a byte.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether no character has a byte.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        let table: Vec<u32> = (0..128).chain([0x20AC, 0xFFFE]).collect();
        let reverse = CharmapTable::new(table.iter().copied());
        let mut out = Vec::new();
        let error = encode_charmap(
            &[0x20ACu16, 0xE9, 0xEA, 0x41],
            0,
            |c| reverse.get(c),
            &mut out,
        );
        assert_eq!(error, Err(CodecError::new(1, 3, UNDEFINED)));
        assert_eq!(out, [128]);
        let map = |b: u8| table.get(b as usize).copied().filter(|c| *c != 0xFFFE);
        let mut out = String::new();
        assert_eq!(
            decode_charmap(b"a\x80\x81", 0, map, &mut out),
            Err(CodecError::new(2, 3, UNDEFINED))
        );
        assert_eq!(out, "a€");
    }
}
