//! `format(str, spec)`.

use super::layout::padding;
use super::sink::Sink;
use super::spec::{Align, FormatError, FormatSpec, Sign};
use crate::CodeUnit;

/// Formats text: the first `precision` characters, padded to `width`.
pub fn format_text<C: CodeUnit, S: Sink>(
    text: &[C],
    spec: &FormatSpec,
    type_name: &str,
    out: &mut S,
) -> Result<(), FormatError> {
    if let Some(code) = spec.code
        && code != u32::from(b's')
    {
        return Err(FormatError::unknown_code(code, type_name));
    }
    let not_allowed = match spec.sign {
        Some(Sign::Space) => Some("Space not allowed in string format specifier"),
        Some(_) => Some("Sign not allowed in string format specifier"),
        None if spec.no_negative_zero => {
            Some("Negative zero coercion (z) not allowed in string format specifier")
        }
        None if spec.alternate => Some("Alternate form (#) not allowed in string format specifier"),
        None if spec.align == Align::AfterSign => {
            Some("'=' alignment not allowed in string format specifier")
        }
        None => None,
    };
    if let Some(message) = not_allowed {
        return Err(FormatError::value(message));
    }
    let shown = &text[..spec.precision.unwrap_or(usize::MAX).min(text.len())];
    let (before, behind) = padding(spec, shown.len());
    out.repeat(spec.fill, before);
    shown.iter().for_each(|c| out.push(c.code()));
    out.repeat(spec.fill, behind);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::spec::{SpecKind, parse_spec};
    use super::*;

    fn f(text: &str, spec: &str) -> String {
        let run = || {
            let spec = parse_spec(spec.as_bytes(), SpecKind::Text, "str")?;
            let mut out = String::new();
            format_text(text.as_bytes(), &spec, "str", &mut out)?;
            Ok::<_, FormatError>(out)
        };
        run().unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn texts() {
        assert_eq!(f("abc", "6"), "abc   ");
        assert_eq!(f("abc", ">6.2s"), "    ab");
        assert_eq!(f("abc", "-^6"), "-abc--");
        assert_eq!(f("abc", "06"), "abc000");
        assert_eq!(
            f("abc", "d"),
            "Unknown format code 'd' for object of type 'str'"
        );
        assert_eq!(
            f("abc", "=6"),
            "'=' alignment not allowed in string format specifier"
        );
        assert_eq!(
            f("abc", " "),
            "Space not allowed in string format specifier"
        );
    }
}
