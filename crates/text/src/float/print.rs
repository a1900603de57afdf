//! Doubles in Python's notations.

use super::digits::{Digits, ENOUGH, fixed, push_fixed, shortest, significant};

/// How a double is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatCode {
    /// `e`: always an exponent.
    Exponent,
    /// `f`: never an exponent.
    Fixed,
    /// `g`: the one or the other, by the size of the number.
    General,
    /// `r`: the shortest digits that read back the same; the precision is ignored.
    Repr,
}

/// What else decides how a double is written.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct FloatFlags {
    /// `#`: the point stays, and for `g` the trailing zeros too.
    pub alternate: bool,
    /// A finite number without exponent gets `.0` where it has no fraction.
    pub add_dot_0: bool,
    /// `E`, `INF` and `NAN` in capitals.
    pub upper: bool,
    /// `z`: what rounds to zero loses its sign.
    pub no_negative_zero: bool,
}

/// Appends `repr(value)`.
pub fn push_repr(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    // Here `zmij` writes just what Python writes: digits with a point among them.
    if (1e-3..1e15).contains(&size) {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value).as_bytes();
        if !text.contains(&b'e') {
            out.extend_from_slice(text);
            return;
        }
    }
    out.extend_from_slice(repr_slow(value).as_bytes());
}

/// `repr(float)`.
pub fn repr(value: f64) -> String {
    let mut out = Vec::with_capacity(24);
    push_repr(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

fn repr_slow(value: f64) -> String {
    let flags = FloatFlags {
        add_dot_0: true,
        ..FloatFlags::default()
    };
    format_float(value, FloatCode::Repr, 0, flags)
}

/// The number with a minus sign where it is negative; `nan` never has a sign.
///
/// `precision` counts digits behind the point (`e`, `f`) or significant ones (`g`, where 0 means
/// 1). Its size is the caller's to bound: the result is that long.
pub fn format_float(value: f64, code: FloatCode, precision: usize, flags: FloatFlags) -> String {
    if value.is_nan() {
        return if flags.upper { "NAN" } else { "nan" }.into();
    }
    if value.is_infinite() {
        let name = if flags.upper { "INF" } else { "inf" };
        return if value < 0.0 {
            format!("-{name}")
        } else {
            name.into()
        };
    }
    if code == FloatCode::Fixed && precision <= ENOUGH && !flags.alternate && !flags.no_negative_zero {
        let mut out = String::new();
        if push_fixed(&mut out, value, precision) {
            return out;
        }
        // Rust writes just this, rounded the same way.
        return format!("{value:.precision$}");
    }
    // A longer text than this could not be held; the sums below stay in range.
    let precision = precision.min(i32::MAX as usize);
    let (digits, use_exponent, end) = layout(value, code, precision, flags);
    let Digits { digits, point } = digits;

    let mut out = String::with_capacity(digits.len() + 8);
    let zero = digits.iter().all(|d| *d == b'0');
    if value.is_sign_negative() && !(flags.no_negative_zero && zero) {
        out.push('-');
    }
    let shown = if use_exponent { 1 } else { point };
    // `end` is counted from the first digit; zeros stand wherever there is no digit.
    let mut end = end.max(i64::from(shown));
    if flags.add_dot_0 && !use_exponent {
        end = end.max(i64::from(shown) + 1);
    }
    let digit = |at: i64| match usize::try_from(at) {
        Ok(at) => digits.get(at).copied().unwrap_or(b'0') as char,
        Err(_) => '0',
    };
    if shown <= 0 {
        out.push('0');
    } else {
        (0..i64::from(shown)).for_each(|i| out.push(digit(i)));
    }
    if end > i64::from(shown) || flags.alternate {
        out.push('.');
    }
    (i64::from(shown)..end).for_each(|i| out.push(digit(i)));
    if use_exponent {
        let exponent = point - 1;
        out.push(if flags.upper { 'E' } else { 'e' });
        out.push(if exponent < 0 { '-' } else { '+' });
        let e = exponent.unsigned_abs();
        if e < 10 {
            out.push('0');
        }
        out += &e.to_string();
    }
    out
}

/// The digits, whether an exponent is written, and the number of digits after the first one up to
/// which zeros are filled in.
fn layout(value: f64, code: FloatCode, precision: usize, flags: FloatFlags) -> (Digits, bool, i64) {
    match code {
        FloatCode::Repr => {
            let d = shortest(value);
            let (exponent, end) = (d.point <= -4 || d.point > 16, d.digits.len() as i64);
            (d, exponent, end)
        }
        FloatCode::Exponent => {
            let d = significant(value, precision.saturating_add(1));
            (d, true, precision as i64 + 1)
        }
        FloatCode::Fixed => {
            let mut d = fixed(value, precision);
            if d.digits.iter().all(|c| *c == b'0') {
                d.point = 1;
            }
            let end = i64::from(d.point) + precision as i64;
            (d, false, end)
        }
        FloatCode::General => {
            let precision = precision.max(1);
            let d = significant(value, precision).trim();
            let limit = precision as i64 - i64::from(flags.add_dot_0);
            let exponent = d.point <= -4 || i64::from(d.point) > limit;
            let end = if flags.alternate {
                precision as i64
            } else {
                d.digits.len() as i64
            };
            (d, exponent, end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn g(value: f64, code: FloatCode, precision: usize) -> String {
        format_float(value, code, precision, FloatFlags::default())
    }

    #[test]
    fn reprs() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1234567890123456.0, "1234567890123456.0"),
            (999999999999999.9, "999999999999999.9"),
            (100.0, "100.0"),
            (-123.25, "-123.25"),
            (0.001, "0.001"),
            (0.0012345, "0.0012345"),
            (12345678901234567.0, "1.2345678901234568e+16"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e300, "1.5e+300"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (5e-324, "5e-324"),
        ] {
            assert_eq!(repr(value), text);
        }
    }

    #[test]
    fn notations() {
        use FloatCode::{Exponent, Fixed, General};
        assert_eq!(g(2.71459, Fixed, 2), "2.71");
        assert_eq!(g(0.0, Fixed, 2), "0.00");
        assert_eq!(g(0.001, Fixed, 2), "0.00");
        assert_eq!(g(2.5, Fixed, 0), "2");
        assert_eq!(g(-1e22, Fixed, 1), "-10000000000000000000000.0");
        assert_eq!(g(12345.678, Exponent, 3), "1.235e+04");
        assert_eq!(g(0.0, Exponent, 2), "0.00e+00");
        assert_eq!(g(100000.0, General, 6), "100000");
        assert_eq!(g(1000000.0, General, 6), "1e+06");
        assert_eq!(g(0.0001, General, 6), "0.0001");
        assert_eq!(g(0.00001234, General, 2), "1.2e-05");
        assert_eq!(g(0.0, General, 0), "0");
        assert_eq!(g(1.0, Fixed, 2000).len(), 2002);
        let alternate = FloatFlags {
            alternate: true,
            ..FloatFlags::default()
        };
        assert_eq!(format_float(1.0, General, 6, alternate), "1.00000");
        assert_eq!(format_float(1.0, Fixed, 0, alternate), "1.");
        assert_eq!(format_float(0.0, General, 6, alternate), "0.00000");
        assert_eq!(format_float(1e10, Exponent, 0, alternate), "1.e+10");
        let no_zero = FloatFlags {
            no_negative_zero: true,
            ..FloatFlags::default()
        };
        assert_eq!(format_float(-0.001, Fixed, 1, no_zero), "0.0");
        assert_eq!(format_float(-0.06, Fixed, 1, no_zero), "-0.1");
    }
}
