//! Decomposition, composition and the four normal forms, lone surrogates passed through.

use super::generated::decomposition as table;
use super::properties::{Flags, combining, flags};

/// A normalisation form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Canonical composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// The form of a name: `"NFC"`, `"NFD"`, `"NFKC"` or `"NFKD"`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "NFC" => Self::Nfc,
            "NFD" => Self::Nfd,
            "NFKC" => Self::Nfkc,
            "NFKD" => Self::Nfkd,
            _ => return None,
        })
    }

    fn composes(self) -> bool {
        matches!(self, Self::Nfc | Self::Nfkc)
    }

    fn compatibility(self) -> bool {
        matches!(self, Self::Nfkc | Self::Nfkd)
    }
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

/// The one-step mapping from the database: its tag (empty where canonical) and code points.
fn mapping(code: u32) -> Option<(&'static str, &'static [u32])> {
    let at = table::CODE_POINTS.binary_search(&code).ok()?;
    let word = table::MAPPINGS[at] as usize;
    let (start, length, tag) = (word / 1024, word / 32 % 32, word % 32);
    Some((table::TAGS[tag], &table::POOL[start..start + length]))
}

/// `unicodedata.decomposition`: the mapping as in the database, such as `"<compat> 0066 0069"`;
/// empty where there is none, and for Hangul syllables.
pub fn decomposition(code: u32) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if let Some((tag, points)) = mapping(code) {
        if !tag.is_empty() {
            out.push_str(tag);
        }
        for p in points {
            if !out.is_empty() {
                out.push(' ');
            }
            // Writing to a string cannot fail.
            let _ = write!(out, "{p:04X}");
        }
        if !tag.is_empty() {
            out.insert(0, '<');
            let at = tag.len() + 1;
            out.insert(at, '>');
        }
    }
    out
}

/// Appends the full decomposition of one code point.
fn decompose(code: u32, compatibility: bool, out: &mut Vec<u32>) {
    let f = flags(code);
    if !f.any(if compatibility {
        Flags::DECOMPOSES
    } else {
        Flags::CANONICAL
    }) {
        out.push(code);
        return;
    }
    let s = code.wrapping_sub(S_BASE);
    if s < S_COUNT {
        out.push(L_BASE + s / (V_COUNT * T_COUNT));
        out.push(V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
        if !s.is_multiple_of(T_COUNT) {
            out.push(T_BASE + s % T_COUNT);
        }
        return;
    }
    match mapping(code) {
        Some((tag, points)) if compatibility || tag.is_empty() => {
            // The database's chains are at most a few steps long and have no cycle.
            for &p in points {
                decompose(p, compatibility, out);
            }
        }
        _ => out.push(code),
    }
}

/// Sorts each run of combining characters by class, stably.
fn reorder(points: &mut [u32]) {
    let mut i = 0;
    while i < points.len() {
        if combining(points[i]) == 0 {
            i += 1;
            continue;
        }
        let start = i;
        while i < points.len() && combining(points[i]) != 0 {
            i += 1;
        }
        // A stable sort that is linear on sorted runs: no input makes it quadratic.
        points[start..i].sort_by_key(|p| combining(*p));
    }
}

/// The primary composite of two code points.
fn compose_pair(first: u32, second: u32) -> Option<u32> {
    let (l, v) = (first.wrapping_sub(L_BASE), second.wrapping_sub(V_BASE));
    if l < L_COUNT && v < V_COUNT {
        return Some(S_BASE + (l * V_COUNT + v) * T_COUNT);
    }
    let (s, t) = (first.wrapping_sub(S_BASE), second.wrapping_sub(T_BASE));
    if s < S_COUNT && s.is_multiple_of(T_COUNT) && t.wrapping_sub(1) < T_COUNT - 1 {
        return Some(first + t);
    }
    if !flags(second).composes_back() {
        return None;
    }
    let key = u64::from(first) << 21 | u64::from(second);
    table::PAIRS
        .binary_search(&key)
        .ok()
        .map(|at| table::COMPOSED[at])
}

/// Composes decomposed and ordered text in place.
fn compose(points: &mut Vec<u32>) {
    let mut write = 0;
    let mut starter: Option<usize> = None;
    // The class of the last character kept since the starter; 0 where there is none.
    let mut last_class = 0;
    for read in 0..points.len() {
        let c = points[read];
        let class = combining(c);
        if let Some(s) = starter {
            // Blocked where something of the same or a higher class stands between.
            let adjacent = write == s + 1;
            if (adjacent || last_class < class)
                && let Some(composed) = compose_pair(points[s], c)
            {
                points[s] = composed;
                continue;
            }
        }
        if class == 0 {
            starter = Some(write);
        }
        last_class = class;
        points[write] = c;
        write += 1;
    }
    points.truncate(write);
}

/// The text in a normal form.
pub fn normalize(form: Form, points: impl IntoIterator<Item = u32>) -> Vec<u32> {
    normalize_with(form, points, |_| None)
}

/// As [`normalize`], with code points that decompose into another one instead of their own mapping.
pub(super) fn normalize_with(
    form: Form,
    points: impl IntoIterator<Item = u32>,
    instead: impl Fn(u32) -> Option<u32>,
) -> Vec<u32> {
    let mut out = Vec::new();
    for p in points {
        match instead(p) {
            Some(other) => out.push(other),
            None => decompose(p, form.compatibility(), &mut out),
        }
    }
    reorder(&mut out);
    if form.composes() {
        compose(&mut out);
    }
    out
}

/// The quick check of UAX 15: `Some` where the properties alone decide, `None` for "maybe".
pub fn quick_check(form: Form, points: impl IntoIterator<Item = u32>) -> Option<bool> {
    let mut last = 0;
    let mut sure = true;
    for p in points {
        if p < 0xA0 {
            last = 0;
            continue;
        }
        let f = flags(p);
        let class = if f.combines() { combining(p) } else { 0 };
        if class != 0 && last > class {
            return Some(false);
        }
        last = class;
        match form {
            Form::Nfd if f.canonical() => return Some(false),
            Form::Nfkd if f.decomposes() => return Some(false),
            Form::Nfc | Form::Nfkc => {
                if f.excluded() {
                    return Some(false);
                }
                // A compatibility mapping is any that is not canonical.
                if form == Form::Nfkc && f.decomposes() && !f.canonical() {
                    return Some(false);
                }
                if form == Form::Nfkc && f.decomposes() && nfkc_changes(p) {
                    return Some(false);
                }
                if f.composes_back() {
                    sure = false;
                }
            }
            _ => {}
        }
    }
    sure.then_some(true)
}

/// Whether a canonical composite has a compatibility mapping further down its chain.
fn nfkc_changes(code: u32) -> bool {
    normalize(Form::Nfkc, [code]) != [code]
}

/// `unicodedata.is_normalized`.
pub fn is_normalized<I: IntoIterator<Item = u32> + Clone>(form: Form, points: I) -> bool {
    match quick_check(form, points.clone()) {
        Some(known) => known,
        None => normalize(form, points.clone()).into_iter().eq(points),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization as _;

    fn points(s: &str) -> Vec<u32> {
        s.chars().map(u32::from).collect()
    }

    fn check(s: &str) {
        let p = points(s);
        let forms: [(Form, String); 4] = [
            (Form::Nfc, s.nfc().collect()),
            (Form::Nfd, s.nfd().collect()),
            (Form::Nfkc, s.nfkc().collect()),
            (Form::Nfkd, s.nfkd().collect()),
        ];
        for (form, expected) in forms {
            assert_eq!(
                normalize(form, p.iter().copied()),
                points(&expected),
                "{s:?} {form:?}"
            );
            assert_eq!(
                is_normalized(form, p.iter().copied()),
                s == expected,
                "{s:?} {form:?}"
            );
        }
    }

    #[test]
    fn agrees_with_unicode_normalization() {
        for c in (0..0x110000).filter_map(char::from_u32) {
            let s = c.to_string();
            check(&s);
            if flags(c as u32).any(Flags::DECOMPOSES | Flags::COMBINES | Flags::COMPOSES_BACK) {
                check(&format!("a{c}\u{301}"));
                check(&format!("e\u{327}{c}\u{301}\u{1161}"));
                check(&format!("\u{AC00}{c}{c}"));
            }
        }
    }

    #[test]
    fn surrogates_pass() {
        assert_eq!(normalize(Form::Nfc, [0xD800, 0x65, 0x301]), [0xD800, 0xE9]);
        assert_eq!(normalize(Form::Nfd, [u32::MAX]), [u32::MAX]);
    }

    #[test]
    fn decomposition_text() {
        assert_eq!(decomposition(0xFB01), "<compat> 0066 0069");
        assert_eq!(decomposition('é' as u32), "0065 0301");
        assert_eq!(decomposition('a' as u32), "");
    }
}
