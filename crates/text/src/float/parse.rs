//! `float("...")`.

/// Reads a number as `float` does: an optional sign, then digits with single underscores between
/// them, `inf`, `infinity` or `nan` in any letter case. The text is ASCII without surrounding
/// whitespace (see [`crate::int::to_ascii`]); `None` where it is no number. Correctly rounded;
/// what is too large gives an infinity.
pub fn parse(text: &[u8]) -> Option<f64> {
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let magnitude = if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
        f64::INFINITY
    } else if body.eq_ignore_ascii_case(b"nan") {
        f64::NAN
    } else {
        number(body)?
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn number(body: &[u8]) -> Option<f64> {
    // Rust takes more spellings than Python, so the shape is checked first.
    let mut clean;
    let mut digits = body;
    if memchr::memchr(b'_', body).is_some() {
        let lone = |at: usize| {
            let digit =
                |i: Option<usize>| i.and_then(|i| body.get(i)).is_some_and(u8::is_ascii_digit);
            !digit(at.checked_sub(1)) || !digit(Some(at + 1))
        };
        if memchr::memchr_iter(b'_', body).any(lone) {
            return None;
        }
        clean = body.to_vec();
        clean.retain(|b| *b != b'_');
        digits = &clean;
    }
    let skip = |from: usize| {
        digits[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = skip(0);
    let mut seen = at;
    if digits.get(at) == Some(&b'.') {
        let fraction = skip(at + 1);
        seen += fraction;
        at += 1 + fraction;
    }
    if seen == 0 {
        return None;
    }
    if matches!(digits.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(digits.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        let exponent = skip(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    if at != digits.len() {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers() {
        assert_eq!(parse(b"1_0.5_0e1_0"), Some(10.5e10));
        assert_eq!(parse(b".5"), Some(0.5));
        assert_eq!(parse(b"5."), Some(5.0));
        assert_eq!(parse(b"-Infinity"), Some(f64::NEG_INFINITY));
        assert!(parse(b"-nan").is_some_and(|v| v.is_nan() && v.is_sign_negative()));
        assert_eq!(parse(b"1e999999999999"), Some(f64::INFINITY));
        for bad in [
            "", ".", "e5", "1e", "1_", "_1", "1__0", "1_.0", "1._0", "0x1", "+-1", "1 ",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
