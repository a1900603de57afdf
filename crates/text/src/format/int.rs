//! `format(int, spec)`.

use super::layout::{Locale, Number, write};
use super::sink::Sink;
use super::spec::{FormatError, FormatSpec};
use crate::int::{IntRef, Radix, to_decimal, to_radix};

/// Formats an integer with one of the integer types (`b c d n o x X` or none). For the float types
/// the caller converts to a float first: those are an unknown code here. `limit` is
/// `sys.get_int_max_str_digits()`, `locale` counts for `n` only, `type_name` for the errors.
pub fn format_int<S: Sink>(
    value: IntRef<'_>,
    spec: &FormatSpec,
    type_name: &str,
    limit: usize,
    locale: &Locale,
    out: &mut S,
) -> Result<(), FormatError> {
    let code = match spec.code {
        None => 'd',
        Some(c) => char::from_u32(c)
            .filter(|c| matches!(c, 'b' | 'c' | 'd' | 'n' | 'o' | 'x' | 'X'))
            .ok_or_else(|| FormatError::unknown_code(c, type_name))?,
    };
    if spec.precision.is_some() {
        return Err(FormatError::value(
            "Precision not allowed in integer format specifier",
        ));
    }
    if spec.no_negative_zero {
        return Err(FormatError::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if code == 'c' {
        return character(value, spec, out);
    }
    let mut text = match code {
        'b' => to_radix(value, Radix::Binary),
        'o' => to_radix(value, Radix::Octal),
        'x' | 'X' => to_radix(value, Radix::Hex),
        _ => to_decimal(value, limit).map_err(|e| FormatError::Value(e.to_string()))?,
    };
    if code == 'X' {
        text.make_ascii_uppercase();
    }
    let prefix = match code {
        'b' if spec.alternate => "0b",
        'o' if spec.alternate => "0o",
        'x' if spec.alternate => "0x",
        'X' if spec.alternate => "0X",
        _ => "",
    };
    let size = if matches!(code, 'b' | 'o' | 'x' | 'X') {
        4
    } else {
        3
    };
    let grouped;
    let locale = if code == 'n' {
        locale
    } else {
        grouped = Locale::grouped(spec.grouping, size);
        &grouped
    };
    let number = Number {
        negative: value.is_negative(),
        prefix,
        whole: text.strip_prefix('-').unwrap_or(&text),
        fraction: None,
        rest: "",
    };
    write(&number, spec, locale, out);
    Ok(())
}

fn character<S: Sink>(
    value: IntRef<'_>,
    spec: &FormatSpec,
    out: &mut S,
) -> Result<(), FormatError> {
    if spec.sign.is_some() {
        return Err(FormatError::value(
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if spec.alternate {
        return Err(FormatError::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let code = match value {
        IntRef::Small(v) => u32::try_from(v).ok().filter(|c| *c < 0x110000),
        IntRef::Big(v) => u32::try_from(v).ok().filter(|c| *c < 0x110000),
    };
    let Some(code) = code else {
        return Err(FormatError::Overflow(
            "%c arg not in range(0x110000)".into(),
        ));
    };
    let (before, behind) = super::layout::padding(spec, 1);
    out.repeat(spec.fill, before);
    out.push(code);
    out.repeat(spec.fill, behind);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::spec::{SpecKind, parse_spec};
    use super::*;

    fn f(value: i64, spec: &str) -> String {
        let run = || {
            let spec = parse_spec(spec.as_bytes(), SpecKind::Int, "int")?;
            let mut out = String::new();
            format_int(
                IntRef::Small(value),
                &spec,
                "int",
                4300,
                &Locale::default(),
                &mut out,
            )?;
            Ok::<_, FormatError>(out)
        };
        run().unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn ints() {
        for (value, spec, text) in [
            (42, "", "42"),
            (-42, "6", "   -42"),
            (-42, "06", "-00042"),
            (42, "<6", "42    "),
            (42, "*^7", "**42***"),
            (42, "x=+8", "+xxxxx42"),
            (1234567, ",", "1,234,567"),
            (1234, "08,", "0,001,234"),
            (1234, "09,", "0,001,234"),
            (1234, "010,", "00,001,234"),
            (0x1234_5678, "_x", "1234_5678"),
            (255, "#X", "0XFF"),
            (255, "#010b", "0b11111111"),
            (255, "#012x", "0x00000000ff"),
            (5, " d", " 5"),
            (65, "c", "A"),
            (65, "05c", "0000A"),
            (-1, "c", "%c arg not in range(0x110000)"),
            (5, ".2", "Precision not allowed in integer format specifier"),
            (5, "s", "Unknown format code 's' for object of type 'int'"),
        ] {
            assert_eq!(f(value, spec), text, "{spec}");
        }
    }
}
