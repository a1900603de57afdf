//! `repr(complex)` and `format(complex, spec)`.

use super::float::{float_code, precision};
use super::layout::{Locale, Number, body, padding};
use super::sink::Sink;
use super::spec::{Align, FormatError, FormatSpec, Sign};
use crate::float::{FloatCode, FloatFlags, format_float};

/// Whether the real part is left out: it is positive zero.
fn imaginary_only(real: f64) -> bool {
    real == 0.0 && !real.is_sign_negative()
}

/// `repr(complex)`: `2j`, `(1+2j)`, `(-0-infj)`.
pub fn repr_complex(real: f64, imaginary: f64) -> String {
    let part = |v| format_float(v, FloatCode::Repr, 0, FloatFlags::default());
    let im = part(imaginary);
    if imaginary_only(real) {
        return format!("{im}j");
    }
    let plus = if im.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{im}j)", part(real))
}

/// Formats a complex number; `locale` counts for the type `n` only.
pub fn format_complex<S: Sink>(
    real: f64,
    imaginary: f64,
    spec: &FormatSpec,
    type_name: &str,
    locale: &Locale,
    out: &mut S,
) -> Result<(), FormatError> {
    let (mut code, default, upper) = float_code(spec, type_name)?;
    if spec.fill == u32::from(b'0') {
        return Err(FormatError::value(
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if spec.align == Align::AfterSign {
        return Err(FormatError::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let flags = FloatFlags {
        alternate: spec.alternate,
        add_dot_0: false,
        upper,
        no_negative_zero: spec.no_negative_zero,
    };
    let digits = precision(spec, default)?;
    if spec.precision.is_some() && code == FloatCode::Repr {
        code = FloatCode::General;
    }
    let grouped;
    let locale = if spec.code == Some(u32::from(b'n')) {
        locale
    } else {
        grouped = Locale::grouped(spec.grouping, 3);
        &grouped
    };
    // Padding is for the whole, not for the parts.
    let mut inner = FormatSpec {
        fill: u32::from(b' '),
        align: Align::Left,
        width: None,
        ..spec.clone()
    };
    let bare = spec.code.is_none();
    let mut text = String::new();
    let skip_real = bare && imaginary_only(real);
    if !skip_real {
        if bare {
            text.push('(');
        }
        text += &body(
            &Number::of_float(&format_float(real, code, digits, flags)),
            &inner,
            locale,
        )
        .0;
        inner.sign = Some(Sign::Plus);
    }
    text += &body(
        &Number::of_float(&format_float(imaginary, code, digits, flags)),
        &inner,
        locale,
    )
    .0;
    text.push('j');
    if bare && !skip_real {
        text.push(')');
    }
    let (before, behind) = padding(spec, text.chars().count());
    out.repeat(spec.fill, before);
    text.chars().for_each(|c| out.push(u32::from(c)));
    out.repeat(spec.fill, behind);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::spec::{SpecKind, parse_spec};
    use super::*;

    fn f(real: f64, imaginary: f64, spec: &str) -> String {
        let run = || {
            let spec = parse_spec(spec.as_bytes(), SpecKind::Float, "complex")?;
            let mut out = String::new();
            format_complex(
                real,
                imaginary,
                &spec,
                "complex",
                &Locale::default(),
                &mut out,
            )?;
            Ok::<_, FormatError>(out)
        };
        run().unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn complexes() {
        assert_eq!(repr_complex(0.0, 2.0), "2j");
        assert_eq!(repr_complex(1.0, -2.5), "(1-2.5j)");
        assert_eq!(repr_complex(-0.0, f64::NAN), "(-0+nanj)");
        assert_eq!(f(1.0, 2.0, ".2f"), "1.00+2.00j");
        assert_eq!(f(1.0, -2.0, "12"), "      (1-2j)");
        assert_eq!(f(0.0, 2.0, "+"), "+2j");
        assert_eq!(f(0.0, 2.0, "g"), "0+2j");
        assert_eq!(f(1234567.0, 1.5, ",.1f"), "1,234,567.0+1.5j");
        assert_eq!(
            f(1.0, 1.0, "05"),
            "Zero padding is not allowed in complex format specifier"
        );
        assert_eq!(
            f(1.0, 1.0, "%"),
            "Unknown format code '%' for object of type 'complex'"
        );
    }
}
