//! Unicode 3.2, which `stringprep` and the codec `idna` are defined by: `unicodedata.ucd_3_2_0`.
//! Only what differs from Unicode 16 is stored.

use super::generated::legacy as table;
use super::normalize::{Form, normalize_with};
use super::{normalize, numeric, properties};

/// The version that is described here.
pub const VERSION: &str = "3.2.0";

/// Whether Unicode 3.2 had the character.
pub fn is_assigned(code: u32) -> bool {
    let at = table::ASSIGNED.partition_point(|r| r.0 <= code);
    at.checked_sub(1)
        .is_some_and(|at| code <= table::ASSIGNED[at].1)
}

type Changed = (u32, &'static str, &'static str, &'static str, bool);

fn changed(code: u32) -> Option<&'static Changed> {
    let at = table::CHANGED.binary_search_by_key(&code, |c| c.0).ok()?;
    Some(&table::CHANGED[at])
}

/// The general category then.
pub fn category(code: u32) -> &'static str {
    match changed(code) {
        _ if !is_assigned(code) => "Cn",
        Some(c) => c.1,
        None => properties::category(code),
    }
}

/// The bidirectional class then; empty where nothing was assigned.
pub fn bidirectional(code: u32) -> &'static str {
    match changed(code) {
        _ if !is_assigned(code) => "",
        Some(c) => c.2,
        None => properties::bidirectional(code),
    }
}

/// The East Asian width then.
pub fn east_asian_width(code: u32) -> &'static str {
    match changed(code) {
        // Characters that came later are narrow, but whole ranges were reserved for wide ones.
        _ if !is_assigned(code) && properties::category(code) != "Cn" => "N",
        Some(c) => c.3,
        None => properties::east_asian_width(code),
    }
}

/// Whether the character was mirrored then.
pub fn mirrored(code: u32) -> bool {
    match changed(code) {
        _ if !is_assigned(code) => false,
        Some(c) => c.4,
        None => properties::mirrored(code),
    }
}

/// The combining class then.
pub fn combining(code: u32) -> u8 {
    if is_assigned(code) {
        properties::combining(code)
    } else {
        0
    }
}

/// The decimal value then.
pub fn decimal(code: u32) -> Option<u8> {
    match table::DECIMALS.binary_search_by_key(&code, |d| d.0) {
        Ok(at) => Some(table::DECIMALS[at].1),
        Err(_) if is_assigned(code) => numeric::decimal(code),
        Err(_) => None,
    }
}

/// The numeric value then.
pub fn numeric(code: u32) -> Option<f64> {
    if is_assigned(code) { numeric::numeric(code) } else { None }
}

/// `unicodedata.decomposition` then.
pub fn decomposition(code: u32) -> String {
    if is_assigned(code) {
        normalize::decomposition(code)
    } else {
        String::new()
    }
}

/// The text in a normal form of then: later characters stay as they are, and the five mappings
/// that Corrigendum 4 has corrected are the wrong ones.
pub fn normalize(form: Form, points: impl IntoIterator<Item = u32>) -> Vec<u32> {
    normalize_with(form, points, |code| match code {
        0x2F868 => Some(0x2136A),
        0x2F874 => Some(0x5F33),
        0x2F91F => Some(0x43AB),
        0x2F95F => Some(0x7AAE),
        0x2F9BF => Some(0x4D57),
        _ => (!is_assigned(code)).then_some(code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn then_and_now() {
        assert_eq!((category(0x221), properties::category(0x221)), ("Cn", "Ll"));
        assert_eq!((category(0xA7), bidirectional(0x2B)), ("So", "ET"));
        assert_eq!(
            (category(0x41), decimal(0xB2), decimal(0x35)),
            ("Lu", Some(2), Some(5))
        );
        assert_eq!(
            normalize(Form::Nfkc, [0xFB01, 0x2F868]),
            [0x66, 0x69, 0x2136A]
        );
        // U+FA30 came with 3.2, U+FA70 later.
        assert_eq!(normalize(Form::Nfd, [0xFA30, 0xFA70]), [0x4FAE, 0xFA70]);
        assert!(!is_assigned(u32::MAX));
    }
}
