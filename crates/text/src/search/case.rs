//! Case changes of whole texts. Text comes out as code points: a mapping can be longer than what it
//! maps, and wider.

use crate::unicode::case::{self, Mapped, lower_sigma};
use crate::unicode::{flags, is_cased};
use crate::{CodeUnit, code_points};

const CAPITAL_SIGMA: u32 = 0x3A3;

/// Appends a mapping, which nearly always has one character.
#[inline]
fn push_mapped(out: &mut Vec<u32>, mapped: Mapped) {
    match *mapped.as_slice() {
        [one] => out.push(one),
        ref many => out.extend_from_slice(many),
    }
}

/// Lower case of the character at `at`, the sigma in its context.
fn push_lower<C: CodeUnit>(text: &[C], at: usize, out: &mut Vec<u32>) {
    let code = text[at].code();
    if code == CAPITAL_SIGMA {
        out.push(lower_sigma(
            code_points(&text[..at]).rev(),
            code_points(&text[at + 1..]),
        ));
    } else {
        push_mapped(out, case::lower(code));
    }
}

/// `str.lower`.
pub fn lower<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    (0..text.len()).for_each(|at| push_lower(text, at, &mut out));
    out
}

/// `str.upper`.
pub fn upper<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    code_points(text).for_each(|c| push_mapped(&mut out, case::upper(c)));
    out
}

/// `str.casefold`.
pub fn casefold<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    code_points(text).for_each(|c| push_mapped(&mut out, case::casefold(c)));
    out
}

/// `str.swapcase`.
pub fn swapcase<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    for (at, c) in code_points(text).enumerate() {
        let f = flags(c);
        if f.upper() {
            push_lower(text, at, &mut out);
        } else if f.lower() {
            push_mapped(&mut out, case::upper(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// `str.capitalize`.
pub fn capitalize<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    if let Some(first) = text.first() {
        out.extend_from_slice(&case::title(first.code()));
        (1..text.len()).for_each(|at| push_lower(text, at, &mut out));
    }
    out
}

/// `str.title`.
pub fn title<C: CodeUnit>(text: &[C]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    let mut inside = false;
    for (at, c) in code_points(text).enumerate() {
        if inside {
            push_lower(text, at, &mut out);
        } else {
            push_mapped(&mut out, case::title(c));
        }
        inside = is_cased(c);
    }
    out
}

/// `str.islower`: no upper or title case and at least one lower case character.
pub fn is_lower_text(points: impl IntoIterator<Item = u32>) -> bool {
    let mut any = false;
    for c in points {
        let f = flags(c);
        if f.upper() || f.title() {
            return false;
        }
        any |= f.lower();
    }
    any
}

/// `str.isupper`: no lower or title case and at least one upper case character.
pub fn is_upper_text(points: impl IntoIterator<Item = u32>) -> bool {
    let mut any = false;
    for c in points {
        let f = flags(c);
        if f.lower() || f.title() {
            return false;
        }
        any |= f.upper();
    }
    any
}

/// `str.istitle`: upper and title case only where no cased character stands before, lower case
/// only where one does, and at least one cased character.
pub fn is_title_text(points: impl IntoIterator<Item = u32>) -> bool {
    let (mut any, mut inside) = (false, false);
    for c in points {
        let f = flags(c);
        if f.upper() || f.title() {
            if inside {
                return false;
            }
            (any, inside) = (true, true);
        } else if f.lower() {
            if !inside {
                return false;
            }
            (any, inside) = (true, true);
        } else {
            inside = false;
        }
    }
    any
}

/// `bytes.title`.
pub fn bytes_title(bytes: &[u8]) -> Vec<u8> {
    let mut inside = false;
    bytes
        .iter()
        .map(|b| {
            let out = if inside {
                b.to_ascii_lowercase()
            } else {
                b.to_ascii_uppercase()
            };
            inside = b.is_ascii_alphabetic();
            out
        })
        .collect()
}

/// `bytes.capitalize`.
pub fn bytes_capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// `bytes.swapcase`.
pub fn bytes_swapcase(bytes: &[u8]) -> Vec<u8> {
    let swap = |b: &u8| {
        if b.is_ascii_alphabetic() {
            b ^ 0x20
        } else {
            *b
        }
    };
    bytes.iter().map(swap).collect()
}

/// `bytes.translate`: without the bytes to delete, the others by the table.
pub fn translate_bytes(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    let mut gone = [false; 256];
    delete.iter().for_each(|b| gone[*b as usize] = true);
    let kept = bytes.iter().copied().filter(|b| !gone[*b as usize]);
    match table {
        Some(table) => kept.map(|b| table[b as usize]).collect(),
        None => kept.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(f: fn(&[u16]) -> Vec<u32>, text: &str) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        f(&units).into_iter().filter_map(char::from_u32).collect()
    }

    #[test]
    fn cases() {
        assert_eq!(on(lower, "ΑΣ ΣΑ Σ"), "ας σα σ");
        assert_eq!(on(upper, "straße"), "STRASSE");
        assert_eq!(on(title, "they're ǆa ßx"), "They'Re ǅa Ssx");
        assert_eq!(on(swapcase, "aBß"), "AbSS");
        assert_eq!(on(capitalize, "ﬁN ΑΣ"), "Fin ας");
        assert_eq!(on(casefold, "Straße"), "strasse");
        let p = |s: &'static str| s.chars().map(u32::from);
        assert!(is_title_text(p("Aa Bb1")) && !is_title_text(p("AA")) && !is_title_text(p("1")));
        assert!(is_lower_text(p("a1")) && !is_lower_text(p("1")) && is_upper_text(p("A1")));
        assert_eq!(bytes_title(b"they're a"), b"They'Re A");
        assert_eq!(translate_bytes(b"abc", None, b"b"), b"ac");
    }
}
