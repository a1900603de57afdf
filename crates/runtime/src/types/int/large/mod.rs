//! Work on numbers of millions of bits: done in pieces, between which signals and other threads get their turn,
//! so that no single operation holds an interpreter up. Each function leaves what is small to the library.

mod decimal;
mod division;
mod gcd;
mod product;
mod root;

pub use self::decimal::{parse, to_decimal};
pub use self::division::div_rem;
pub use self::gcd::{gcd, inverse};
pub use self::product::{product, room};
pub use self::root::sqrt;

use dashu_int::UBig;

/// Bits of a number.
fn bits(n: &UBig) -> usize {
    dashu_int::ops::BitTest::bit_len(n)
}

/// The words below `at`, and those from there on, as numbers.
fn split(n: &UBig, at: usize) -> (UBig, UBig) {
    let words = n.as_words();
    let (low, high) = words.split_at(at.min(words.len()));
    (UBig::from_words(low), UBig::from_words(high))
}

/// `n` moved up by so many words.
fn up(n: UBig, words: usize) -> UBig {
    n << (words * 64)
}
