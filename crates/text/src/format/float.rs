//! `format(float, spec)`.

use super::layout::{Locale, Number, write};
use super::sink::Sink;
use super::spec::{FormatError, FormatSpec};
use crate::float::{FloatCode, FloatFlags, format_float};

/// What the presentation type means for the digits: code, default precision, capitals.
pub(super) fn float_code(
    spec: &FormatSpec,
    type_name: &str,
) -> Result<(FloatCode, usize, bool), FormatError> {
    let Some(code) = spec.code else {
        return Ok((FloatCode::Repr, 0, false));
    };
    Ok(match char::from_u32(code) {
        Some('e') => (FloatCode::Exponent, 6, false),
        Some('E') => (FloatCode::Exponent, 6, true),
        Some('f') => (FloatCode::Fixed, 6, false),
        Some('F') => (FloatCode::Fixed, 6, true),
        Some('g' | 'n') => (FloatCode::General, 6, false),
        Some('G') => (FloatCode::General, 6, true),
        _ => return Err(FormatError::unknown_code(code, type_name)),
    })
}

/// The precision to use, or the error for one that is too large.
pub(super) fn precision(spec: &FormatSpec, default: usize) -> Result<usize, FormatError> {
    match spec.precision {
        None => Ok(default),
        Some(p) if p > i32::MAX as usize => Err(FormatError::value("precision too big")),
        Some(p) => Ok(p),
    }
}

/// Formats a float. `locale` counts for the type `n` only, `type_name` for the errors (an int that
/// was converted keeps its own).
pub fn format_float_spec<S: Sink>(
    value: f64,
    spec: &FormatSpec,
    type_name: &str,
    locale: &Locale,
    out: &mut S,
) -> Result<(), FormatError> {
    let percent = spec.code == Some(u32::from(b'%'));
    let (mut code, default, upper) = if percent {
        (FloatCode::Fixed, 6, false)
    } else {
        float_code(spec, type_name)?
    };
    let flags = FloatFlags {
        alternate: spec.alternate,
        add_dot_0: spec.code.is_none(),
        upper,
        no_negative_zero: spec.no_negative_zero,
    };
    let digits = precision(spec, default)?;
    if spec.precision.is_some() && code == FloatCode::Repr {
        code = FloatCode::General;
    }
    let value = if percent { value * 100.0 } else { value };
    let mut text = format_float(value, code, digits, flags);
    let grouped;
    let locale = if spec.code == Some(u32::from(b'n')) {
        locale
    } else {
        grouped = Locale::grouped(spec.grouping, 3);
        &grouped
    };
    if percent {
        text.push('%');
    }
    write(&Number::of_float(&text), spec, locale, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::spec::{SpecKind, parse_spec};
    use super::*;

    fn f(value: f64, spec: &str) -> String {
        let run = || {
            let spec = parse_spec(spec.as_bytes(), SpecKind::Float, "float")?;
            let mut out = String::new();
            format_float_spec(value, &spec, "float", &Locale::default(), &mut out)?;
            Ok::<_, FormatError>(out)
        };
        run().unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn floats() {
        for (value, spec, text) in [
            (1.0, "", "1.0"),
            (2.71459, ".2f", "2.71"),
            (1234567.891, ",.2f", "1,234,567.89"),
            (-1.5, "08.2f", "-0001.50"),
            (0.256, ".1%", "25.6%"),
            (1.0, ".3", "1.0"),
            (12345.0, ".3", "1.23e+04"),
            (100.0, ".3", "1e+02"),
            (1e20, "", "1e+20"),
            (f64::NAN, "+", "+nan"),
            (f64::INFINITY, "010", "0000000inf"),
            (f64::NEG_INFINITY, "010,.1F", "-000000INF"),
            (-0.0001, "z.1f", "0.0"),
            (1.0, "#.0f", "1."),
            (1234.5, "012,.1f", "00,001,234.5"),
            (123456.1234567, "_._f", "123_456.123_457"),
            (123456.1234567, ".7_f", "123456.123_456_7"),
            (1e-10, ",g", "1e-10"),
            (
                1.0,
                "d",
                "Unknown format code 'd' for object of type 'float'",
            ),
            (1.0, ".9999999999f", "precision too big"),
        ] {
            assert_eq!(f(value, spec), text, "{spec}");
        }
    }
}
