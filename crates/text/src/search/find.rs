//! Substring search in linear time: `memchr` for bytes, the two-way algorithm of Crochemore and
//! Perrin for wider characters.

use crate::CodeUnit;
use memchr::memmem;
use std::cell::{Cell, OnceCell};

/// The first position of a code point.
#[inline]
pub fn find_char<C: CodeUnit>(text: &[C], code: u32) -> Option<usize> {
    let c = C::from_code(code)?;
    match C::bytes(text) {
        Some(bytes) => memchr::memchr(code as u8, bytes),
        None => text.iter().position(|x| *x == c),
    }
}

/// The last position of a code point.
pub fn rfind_char<C: CodeUnit>(text: &[C], code: u32) -> Option<usize> {
    let c = C::from_code(code)?;
    match C::bytes(text) {
        Some(bytes) => memchr::memrchr(code as u8, bytes),
        None => text.iter().rposition(|x| *x == c),
    }
}

/// The needle in the width of the text, `None` where it cannot occur there.
fn fit<C: CodeUnit, N: CodeUnit>(needle: &[N]) -> Option<Vec<C>> {
    needle.iter().map(|c| C::from_code(c.code())).collect()
}

/// The first position of the needle; the widths may differ.
pub fn find<C: CodeUnit, N: CodeUnit>(text: &[C], needle: &[N]) -> Option<usize> {
    if needle.len() > text.len() {
        return None;
    }
    if let [one] = needle {
        return find_char(text, one.code());
    }
    let needle = fit::<C, N>(needle)?;
    Searcher::new(&needle).find(text, 0)
}

/// The last position of the needle; the widths may differ.
pub fn rfind<C: CodeUnit, N: CodeUnit>(text: &[C], needle: &[N]) -> Option<usize> {
    if needle.len() > text.len() {
        return None;
    }
    if let [one] = needle {
        return rfind_char(text, one.code());
    }
    let needle = fit::<C, N>(needle)?;
    if needle.is_empty() {
        return Some(text.len());
    }
    if let (Some(t), Some(n)) = (C::bytes(text), C::bytes(&needle)) {
        return memmem::rfind(t, n);
    }
    if text.len() <= 64 {
        return text.windows(needle.len()).rposition(|w| w == needle);
    }
    // Backwards is forwards in the reversed text; the copy costs less than the search.
    let t: Vec<C> = text.iter().rev().copied().collect();
    let n: Vec<C> = needle.iter().rev().copied().collect();
    Searcher::new(&n)
        .find(&t, 0)
        .map(|at| text.len() - at - needle.len())
}

/// How many places where only the first byte fits are looked at before a search prepares its needle.
const PATIENCE: u32 = 8;

/// The first position of a needle of at least two bytes, at `from` or behind it, by the places of its first byte alone,
/// which costs no preparation; `Err` with the position to go on from once `patience` has run out.
#[inline]
fn find_plainly(
    text: &[u8],
    needle: &[u8],
    from: usize,
    patience: &mut u32,
) -> Result<Option<usize>, usize> {
    let [first, rest @ ..] = needle else {
        return Ok(Some(from));
    };
    let Some(last) = text.len().checked_sub(needle.len()) else {
        return Ok(None);
    };
    let mut at = from;
    loop {
        let Some(n) = text
            .get(at..=last)
            .and_then(|t| memchr::memchr(*first, t))
        else {
            return Ok(None);
        };
        at += n;
        if text[at + 1..at + needle.len()] == *rest {
            return Ok(Some(at));
        }
        if *patience == 0 {
            return Err(at + 1);
        }
        *patience -= 1;
        at += 1;
    }
}

/// The first position of the needle in bytes, for one search only.
#[inline]
pub fn find_bytes(text: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [one] => memchr::memchr(*one, text),
        _ => find_plainly(text, needle, 0, &mut { PATIENCE })
            .unwrap_or_else(|at| Some(at + memmem::find(&text[at..], needle)?)),
    }
}

/// The number of occurrences that do not overlap; an empty needle stands between all characters.
pub fn count<C: CodeUnit, N: CodeUnit>(text: &[C], needle: &[N], max: usize) -> usize {
    if needle.is_empty() {
        return text.len().saturating_add(1).min(max);
    }
    match fit::<C, N>(needle) {
        Some(needle) => Searcher::new(&needle).matches(text).take(max).count(),
        None => 0,
    }
}

/// The text with at most `max` occurrences replaced; `None` where there is none. All three have
/// the width that the result needs.
pub fn replace<C: CodeUnit>(text: &[C], old: &[C], new: &[C], max: usize) -> Option<Vec<C>> {
    if max == 0 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    if old.is_empty() {
        for (i, c) in text.iter().enumerate() {
            if i < max {
                out.extend_from_slice(new);
            }
            out.push(*c);
        }
        if text.len() < max {
            out.extend_from_slice(new);
        }
        return Some(out);
    }
    let mut end = 0;
    let searcher = Searcher::new(old);
    for at in searcher.matches(text).take(max) {
        out.extend_from_slice(&text[end..at]);
        out.extend_from_slice(new);
        end = at + old.len();
    }
    if end == 0 {
        // Nothing was found: any match would have moved the end.
        return None;
    }
    out.extend_from_slice(&text[end..]);
    Some(out)
}

/// A needle made ready for many searches.
pub struct Searcher<'n, C> {
    needle: &'n [C],
    kind: Kind<'n>,
}

enum Kind<'n> {
    Short,
    Bytes {
        /// Made when the plain search has lost its patience.
        finder: OnceCell<Box<memmem::Finder<'n>>>,
        patience: Cell<u32>,
    },
    TwoWay(TwoWay),
}

struct TwoWay {
    /// Where the needle is cut: its two parts are compared in opposite directions.
    cut: usize,
    period: usize,
    /// The needle has this period as a whole, so that a prefix known to match is not read again.
    periodic: bool,
    /// The low six bits of the needle's characters.
    present: u64,
}

#[inline(always)]
fn bit<C: CodeUnit>(c: C) -> u64 {
    1 << (c.code() & 63)
}

/// Start and period of the maximal suffix under the order of characters or its reverse.
fn maximal_suffix<C: CodeUnit>(needle: &[C], reverse: bool) -> (usize, usize) {
    let (mut left, mut right, mut offset, mut period) = (0, 1, 0, 1);
    while let Some(a) = needle.get(right + offset) {
        let b = &needle[left + offset];
        if (a < b) != reverse && a != b {
            right += offset + 1;
            offset = 0;
            period = right - left;
        } else if a == b {
            if offset + 1 == period {
                right += offset + 1;
                offset = 0;
            } else {
                offset += 1;
            }
        } else {
            left = right;
            right += 1;
            offset = 0;
            period = 1;
        }
    }
    (left, period)
}

impl<'n, C: CodeUnit> Searcher<'n, C> {
    /// Prepares the needle, in time linear in its length.
    pub fn new(needle: &'n [C]) -> Self {
        if needle.len() <= 1 {
            return Self {
                needle,
                kind: Kind::Short,
            };
        }
        if C::bytes(needle).is_some() {
            return Self {
                needle,
                kind: Kind::Bytes {
                    finder: OnceCell::new(),
                    patience: Cell::new(PATIENCE),
                },
            };
        }
        let (a, b) = (maximal_suffix(needle, false), maximal_suffix(needle, true));
        let (cut, period) = if a.0 > b.0 { a } else { b };
        let periodic = needle
            .get(period..period + cut)
            .is_some_and(|s| *s == needle[..cut]);
        let period = if periodic {
            period
        } else {
            cut.max(needle.len() - cut) + 1
        };
        let present = needle.iter().fold(0, |set, c| set | bit(*c));
        Self {
            needle,
            kind: Kind::TwoWay(TwoWay {
                cut,
                period,
                periodic,
                present,
            }),
        }
    }

    /// The first position at `from` or behind it.
    pub fn find(&self, text: &[C], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let at = match &self.kind {
            Kind::Short => match self.needle {
                [one] => find_char(rest, one.code()),
                _ => Some(0),
            },
            Kind::Bytes { finder, patience } => {
                let (rest, needle) = (C::bytes(rest)?, C::bytes(self.needle)?);
                match finder.get() {
                    Some(finder) => finder.find(rest),
                    None => {
                        let mut left = patience.get();
                        let found = find_plainly(rest, needle, 0, &mut left);
                        patience.set(left);
                        found.unwrap_or_else(|at| {
                            let finder =
                                finder.get_or_init(|| Box::new(memmem::Finder::new(needle)));
                            Some(at + finder.find(&rest[at..])?)
                        })
                    }
                }
            }
            Kind::TwoWay(two_way) => two_way.find(self.needle, rest),
        };
        at.map(|at| from + at)
    }

    /// All positions, without overlap. An empty needle has none here.
    pub fn matches<'a>(&'a self, text: &'a [C]) -> Matches<'a, 'n, C> {
        let at = if self.needle.is_empty() {
            text.len() + 1
        } else {
            0
        };
        Matches {
            searcher: self,
            text,
            at,
        }
    }
}

impl TwoWay {
    fn find<C: CodeUnit>(&self, needle: &[C], text: &[C]) -> Option<usize> {
        let n = needle.len();
        let (mut at, mut memory) = (0, 0);
        while let Some(window) = text.get(at..at + n) {
            if self.present & bit(window[n - 1]) == 0 {
                at += n;
                memory = 0;
                continue;
            }
            let start = self.cut.max(memory);
            if let Some(i) = (start..n).find(|&i| needle[i] != window[i]) {
                at += i - self.cut + 1;
                memory = 0;
                continue;
            }
            if (memory..self.cut).rev().any(|i| needle[i] != window[i]) {
                at += self.period;
                memory = if self.periodic { n - self.period } else { 0 };
                continue;
            }
            return Some(at);
        }
        None
    }
}

/// Iterates over the positions of a needle.
pub struct Matches<'a, 'n, C> {
    searcher: &'a Searcher<'n, C>,
    text: &'a [C],
    at: usize,
}

impl<C: CodeUnit> Iterator for Matches<'_, '_, C> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let found = self.searcher.find(self.text, self.at)?;
        self.at = found + self.searcher.needle.len();
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_the_naive_search() {
        // All needles up to 6 and texts of 10 characters over two letters, in the widest form.
        for n in 0..=6usize {
            for needle_bits in 0..1u32 << n {
                let needle: Vec<u16> = (0..n)
                    .map(|i| 300 + (needle_bits >> i & 1) as u16)
                    .collect();
                for text_bits in 0..1u32 << 10 {
                    let text: Vec<u16> =
                        (0..10).map(|i| 300 + (text_bits >> i & 1) as u16).collect();
                    let naive = |i: &usize| text[*i..].starts_with(&needle);
                    let first = (0..=10 - n).find(naive);
                    let last = (0..=10 - n).rev().find(naive);
                    assert_eq!(find(&text, &needle), first);
                    assert_eq!(rfind(&text, &needle), last);
                }
            }
        }
    }

    #[test]
    fn long_ones() {
        let mut text = vec![1000u16; 100_000];
        let mut needle = vec![1000u16; 5_000];
        assert_eq!(find(&text, &needle), Some(0));
        assert_eq!(rfind(&text, &needle), Some(95_000));
        needle[2_500] = 1001;
        assert_eq!(find(&text, &needle), None);
        assert_eq!(rfind(&text, &needle), None);
        text[50_000] = 1001;
        assert_eq!(find(&text, &needle), Some(47_500));
        assert_eq!(rfind(&text, &needle), Some(47_500));
    }

    #[test]
    fn counts_and_replacements() {
        assert_eq!(count(b"aaaa", b"aa", usize::MAX), 2);
        assert_eq!(count(b"abc", b"", usize::MAX), 4);
        assert_eq!(count(b"abc", &[300u16], usize::MAX), 0);
        assert_eq!(
            replace(b"aXbX", b"X", b"--", usize::MAX).as_deref(),
            Some(b"a--b--".as_slice())
        );
        assert_eq!(
            replace(b"aXbX", b"X", b"", 1).as_deref(),
            Some(b"abX".as_slice())
        );
        assert_eq!(replace(b"X", b"X", b"", 1).as_deref(), Some(b"".as_slice()));
        assert_eq!(
            replace(b"ab", b"", b"-", usize::MAX).as_deref(),
            Some(b"-a-b-".as_slice())
        );
        assert_eq!(
            replace(b"ab", b"", b"-", 2).as_deref(),
            Some(b"-a-b".as_slice())
        );
        assert_eq!(replace(b"ab", b"c", b"-", 2), None);
    }
}
