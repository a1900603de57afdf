//! Equal names share one allocation.

use crate::ast::Name;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use unicode_normalization::UnicodeNormalization;

/// A fast hash for short strings that come from one's own source text.
#[derive(Default)]
struct FastHasher(u64);

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        }
    }

    fn finish(&self) -> u64 {
        // The table looks at the top bits and the low ones.
        self.0 ^ (self.0 >> 29)
    }
}

/// The names of one parse.
#[derive(Default)]
pub(super) struct Interner {
    names: HashSet<Name, BuildHasherDefault<FastHasher>>,
}

impl Interner {
    /// The name spelt `text`, in normal form NFKC.
    pub(super) fn intern(&mut self, text: &str) -> Name {
        if text.is_ascii() {
            return self.share(text);
        }
        let normal: String = text.nfkc().collect();
        self.share(&normal)
    }

    fn share(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name = Name::from(text);
        self.names.insert(name.clone());
        name
    }
}
