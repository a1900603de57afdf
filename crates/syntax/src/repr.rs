//! `repr()` of the values that literals can have.

use crate::ast::{Constant, Made, PyString};
use crate::ident;
use std::fmt::Write;

/// Python's `repr()` of a constant.
pub fn repr(value: &Constant) -> String {
    match value {
        Constant::None => "None".to_owned(),
        Constant::True => "True".to_owned(),
        Constant::False => "False".to_owned(),
        Constant::Ellipsis => "Ellipsis".to_owned(),
        Constant::Int(int) => int.to_string(),
        Constant::BigInt(int) => int.to_string(),
        Constant::Float(float) => float_repr(*float),
        Constant::Complex(imaginary) => {
            let digits = float_repr(*imaginary);
            format!("{}j", digits.strip_suffix(".0").unwrap_or(&digits))
        }
        Constant::Str(text) => str_repr(text),
        Constant::Bytes(bytes) => bytes_repr(bytes),
        Constant::Made(made) => made_repr(made),
    }
}

fn made_repr(value: &Made) -> String {
    let list = |items: &[Constant]| items.iter().map(repr).collect::<Vec<_>>().join(", ");
    match value {
        Made::Int(int) => int.to_string(),
        Made::Complex(real, imaginary) => {
            let part = |x: f64| {
                let digits = float_repr(x);
                digits.strip_suffix(".0").unwrap_or(&digits).to_owned()
            };
            let imaginary = part(*imaginary);
            let plus = if imaginary.starts_with('-') { "" } else { "+" };
            format!("({}{plus}{imaginary}j)", part(*real))
        }
        Made::Tuple(items) if items.len() == 1 => format!("({},)", list(items)),
        Made::Tuple(items) => format!("({})", list(items)),
        Made::FrozenSet(items) if items.is_empty() => "frozenset()".to_owned(),
        Made::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
    }
}

/// Python's `repr()` of a float.
pub fn float_repr(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if value.is_nan() {
        return "nan".to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The quote that `repr()` picks for a text.
fn quote_for(bytes: &[u8]) -> char {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    }
}

/// Python's `repr()` of a string.
pub fn str_repr(text: &PyString) -> String {
    let quote = quote_for(text.as_bytes());
    let mut out = String::with_capacity(text.as_bytes().len() + 2);
    out.push(quote);
    for chunk in text.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(&mut out, c, quote);
        }
        // What is not UTF-8 is a surrogate's three bytes, given one or more at
        // a time: the first says that one starts, the others give its bits.
        for &byte in chunk.invalid() {
            if byte == 0xED {
                out.push_str("\\ud");
            } else if out.ends_with("\\ud") {
                let _ = write!(out, "{:x}", byte >> 2 & 0xF);
                let _ = write!(out, "{:x}", (byte & 3) << 2);
            } else {
                let low = out.pop().and_then(|c| c.to_digit(16)).unwrap_or(0);
                let _ = write!(out, "{:x}{:x}", low | (byte as u32 >> 4 & 3), byte & 0xF);
            }
        }
    }
    out.push(quote);
    out
}

fn push_char(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if ident::is_printable(c) => out.push(c),
        c => {
            let code = c as u32;
            let _ = match code {
                0..=0xFF => write!(out, "\\x{code:02x}"),
                0x100..=0xFFFF => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

/// Python's `repr()` of bytes.
pub fn bytes_repr(bytes: &[u8]) -> String {
    let quote = quote_for(bytes);
    let mut out = String::with_capacity(bytes.len() + 3);
    out.push('b');
    out.push(quote);
    for &byte in bytes {
        match byte {
            b'\\' | b'\n' | b'\r' | b'\t' | b' '..=b'~' => push_char(&mut out, byte as char, quote),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push(quote);
    out
}
