//! `complex("...")`.

/// How many bytes at the start are a float: a sign, digits with a point and an exponent, or `inf`,
/// `infinity` or `nan`.
fn float_length(text: &[u8]) -> usize {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let body = &text[sign..];
    let word = |w: &str| {
        body.get(..w.len())
            .is_some_and(|b| b.eq_ignore_ascii_case(w.as_bytes()))
    };
    for name in ["infinity", "inf", "nan"] {
        if word(name) {
            return sign + name.len();
        }
    }
    let digits = |from: usize| {
        body.get(from..)
            .unwrap_or(&[])
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let whole = digits(0);
    let mut end = whole;
    let mut seen = whole;
    if body.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        seen += fraction;
        end += 1 + fraction;
    }
    if seen == 0 {
        return 0;
    }
    if matches!(body.get(end), Some(b'e' | b'E')) {
        let at = end + 1 + usize::from(matches!(body.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent > 0 {
            end = at + exponent;
        }
    }
    sign + end
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// A float at the start.
    fn float(&mut self) -> Option<f64> {
        let (head, rest) = self.0.split_at(float_length(self.0));
        let x = taipan_text::float::parse(head)?;
        self.0 = rest;
        Some(x)
    }

    fn eat(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !wanted.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }

    fn spaces(&mut self) {
        while self.eat(b" \t\n\x0b\x0c\r").is_some() {}
    }

    /// A float with a sign, or a sign alone, which stands for one.
    fn signed(&mut self) -> Option<f64> {
        if let Some(x) = self.float() {
            return Some(x);
        }
        Some(if self.eat(b"+-")? == b'-' { -1.0 } else { 1.0 })
    }
}

/// Reads `1`, `2j`, `1+2j`, `j`, `1-j`, in parentheses or not, without whitespace around it; underscores may
/// stand between digits. `None` where it is no number.
pub(super) fn parse(text: &[u8]) -> Option<(f64, f64)> {
    if !text.contains(&b'_') {
        return plain(text);
    }
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let lone =
        |(at, b): (usize, &u8)| *b == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)));
    if text.iter().enumerate().any(lone) {
        return None;
    }
    let clean: Vec<u8> = text.iter().copied().filter(|b| *b != b'_').collect();
    plain(&clean)
}

fn plain(text: &[u8]) -> Option<(f64, f64)> {
    let mut r = Reader(text);
    r.spaces();
    let bracket = r.eat(b"(").is_some();
    r.spaces();
    let parts = match r.float() {
        Some(x) if matches!(r.0.first(), Some(b'+' | b'-')) => {
            let y = r.signed()?;
            r.eat(b"jJ")?;
            (x, y)
        }
        Some(x) if r.eat(b"jJ").is_some() => (0.0, x),
        Some(x) => (x, 0.0),
        None => {
            let y = if matches!(r.0.first(), Some(b'+' | b'-')) {
                r.signed()?
            } else {
                1.0
            };
            r.eat(b"jJ")?;
            (0.0, y)
        }
    };
    r.spaces();
    if bracket {
        r.eat(b")")?;
        r.spaces();
    }
    r.0.is_empty().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers() {
        for (text, want) in [
            ("1+2j", (1.0, 2.0)),
            ("( 1-2j )", (1.0, -2.0)),
            ("j", (0.0, 1.0)),
            ("-j", (0.0, -1.0)),
            ("1-j", (1.0, -1.0)),
            ("1e5j", (0.0, 1e5)),
            ("1_0+2_0j", (10.0, 20.0)),
            ("1e-5-infinityj", (1e-5, f64::NEG_INFINITY)),
            (".5", (0.5, 0.0)),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(want), "{text}");
        }
        for bad in [
            "", "1+2", "1 +2j", "1j+2", "++1j", "1+-2j", "(1", "1)", "1_+2j", "1__0", "()", "e5",
            "1e", "jj", "1+2j3",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
