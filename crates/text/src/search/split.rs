//! `split`, `rsplit`, `splitlines`, `partition`. The parts are ranges of the text; `max` is the
//! greatest number of splits, `usize::MAX` for all.

use super::find::{Searcher, find, rfind};
use crate::CodeUnit;
use crate::unicode::is_line_break;
use std::ops::Range;

/// Splits at each occurrence of `separator`, from the left. The separator must not be empty
/// (`ValueError: empty separator` is the caller's); an empty one splits nowhere.
pub fn split<C: CodeUnit, N: CodeUnit>(
    text: &[C],
    separator: &[N],
    max: usize,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let fit: Option<Vec<C>> = separator.iter().map(|c| C::from_code(c.code())).collect();
    if let Some(separator) = fit {
        let searcher = Searcher::new(&separator);
        for at in searcher.matches(text).take(max) {
            parts.push(start..at);
            start = at + separator.len();
        }
    }
    parts.push(start..text.len());
    parts
}

/// Splits at each occurrence of `separator`, from the right; the parts come in text order.
pub fn rsplit<C: CodeUnit, N: CodeUnit>(
    text: &[C],
    separator: &[N],
    max: usize,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut end = text.len();
    if separator.len() > 1 && C::bytes(text).is_none() {
        // One reversed copy serves all searches, so that the whole stays linear.
        let reversed: Vec<C> = text.iter().rev().copied().collect();
        let fit: Option<Vec<C>> = separator
            .iter()
            .rev()
            .map(|c| C::from_code(c.code()))
            .collect();
        if let Some(separator) = fit {
            let searcher = Searcher::new(&separator);
            for at in searcher.matches(&reversed).take(max) {
                parts.push(text.len() - at..end);
                end = text.len() - at - separator.len();
            }
        }
    } else if !separator.is_empty() {
        while parts.len() < max
            && let Some(at) = rfind(&text[..end], separator)
        {
            parts.push(at + separator.len()..end);
            end = at;
        }
    }
    parts.push(0..end);
    parts.reverse();
    parts
}

/// Splits at runs of whitespace, from the left; what is left after `max` splits keeps its
/// whitespace at the end.
pub fn split_whitespace<C: CodeUnit>(
    text: &[C],
    max: usize,
    is_space: impl Fn(u32) -> bool,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = 0;
    loop {
        while at < text.len() && is_space(text[at].code()) {
            at += 1;
        }
        if at == text.len() {
            return parts;
        }
        if parts.len() == max {
            parts.push(at..text.len());
            return parts;
        }
        let start = at;
        while at < text.len() && !is_space(text[at].code()) {
            at += 1;
        }
        parts.push(start..at);
    }
}

/// Splits at runs of whitespace, from the right; what is left keeps its whitespace at the start.
pub fn rsplit_whitespace<C: CodeUnit>(
    text: &[C],
    max: usize,
    is_space: impl Fn(u32) -> bool,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut at = text.len();
    loop {
        while at > 0 && is_space(text[at - 1].code()) {
            at -= 1;
        }
        if at == 0 {
            break;
        }
        if parts.len() == max {
            parts.push(0..at);
            break;
        }
        let end = at;
        while at > 0 && !is_space(text[at - 1].code()) {
            at -= 1;
        }
        parts.push(at..end);
    }
    parts.reverse();
    parts
}

/// The lines, with their ends where `keep_ends`. `bytes` knows `\n`, `\r` and `\r\n` only, `str`
/// all line breaks of Unicode.
pub fn split_lines<C: CodeUnit>(text: &[C], keep_ends: bool, bytes: bool) -> Vec<Range<usize>> {
    // The breaks of bytes, and those of str below 32, as bits.
    let low: u32 = if bytes { 1 << 0x0A | 1 << 0x0D } else { 0x7000_3C00 };
    let ends = |c: u32| match c {
        0..0x20 => low >> c & 1 != 0,
        0x20..0x85 => false,
        _ => !bytes && is_line_break(c),
    };
    let mut parts = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = text[start..]
            .iter()
            .position(|c| ends(c.code()))
            .map_or(text.len(), |n| start + n);
        let code = |at: usize| text.get(at).map(|c| c.code());
        let next = match code(end) {
            None => end,
            Some(0x0D) if code(end + 1) == Some(0x0A) => end + 2,
            Some(_) => end + 1,
        };
        parts.push(start..if keep_ends { next } else { end });
        start = next;
    }
    parts
}

/// Where `partition` cuts: the end of the head and the start of the tail.
pub fn partition<C: CodeUnit, N: CodeUnit>(text: &[C], separator: &[N]) -> Option<(usize, usize)> {
    find(text, separator).map(|at| (at, at + separator.len()))
}

/// Where `rpartition` cuts.
pub fn rpartition<C: CodeUnit, N: CodeUnit>(text: &[C], separator: &[N]) -> Option<(usize, usize)> {
    rfind(text, separator).map(|at| (at, at + separator.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &[u8], parts: Vec<Range<usize>>) -> Vec<String> {
        parts
            .into_iter()
            .map(|r| String::from_utf8_lossy(&text[r]).into_owned())
            .collect()
    }

    #[test]
    fn splits() {
        const ALL: usize = usize::MAX;
        let t = b"a,b,,c";
        assert_eq!(show(t, split(t, b",", ALL)), ["a", "b", "", "c"]);
        assert_eq!(show(t, split(t, b",", 1)), ["a", "b,,c"]);
        assert_eq!(show(t, rsplit(t, b",", 1)), ["a,b,", "c"]);
        assert_eq!(show(t, rsplit(t, b",", ALL)), ["a", "b", "", "c"]);
        assert_eq!(show(t, split(t, b",", 0)), ["a,b,,c"]);
        let wide: Vec<u16> = "a--b---c".encode_utf16().collect();
        assert_eq!(rsplit(&wide, b"--", ALL), [0..1, 3..5, 7..8]);
        assert_eq!(rsplit(&wide, b"--", 1), [0..5, 7..8]);
        assert_eq!(show(t, split(t, b"", ALL)), ["a,b,,c"]);
        let space = crate::unicode::is_space;
        let t = b"  a b  c ";
        assert_eq!(show(t, split_whitespace(t, ALL, space)), ["a", "b", "c"]);
        assert_eq!(show(t, split_whitespace(t, 1, space)), ["a", "b  c "]);
        assert_eq!(show(t, rsplit_whitespace(t, 1, space)), ["  a b", "c"]);
        assert!(split_whitespace(b"  ", ALL, space).is_empty());
        let t = b"a\r\nb\x0bc\n\rd";
        assert_eq!(
            show(t, split_lines(t, false, false)),
            ["a", "b", "c", "", "d"]
        );
        assert_eq!(
            show(t, split_lines(t, true, true)),
            ["a\r\n", "b\x0bc\n", "\r", "d"]
        );
        assert!(split_lines::<u8>(b"", true, true).is_empty());
        assert_eq!(rpartition(b"a.b.c", b"."), Some((3, 4)));
    }
}
