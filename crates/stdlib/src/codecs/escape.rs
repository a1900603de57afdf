//! The escapes of bytes literals.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::vm::Vm;
use taipan_text::escape::EscapeWarning;

use super::decode::{bytes_or_text, warn_escape};
use super::{result, scheme};

/// Encodes bytes with the escapes of bytes literals.
#[function(sig = "(data, errors=None, /)")]
pub fn escape_encode(vm: &Vm, data: &Ref<Bytes>, _errors: Nullable<&str>) -> R {
    let input = data.as_slice();
    vm.check_room(input.len().saturating_mul(4))?;
    let mut out = Vec::with_capacity(input.len());
    for &b in input {
        match b {
            b'\'' | b'\\' => out.extend([b'\\', b]),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b' '..0x7f => out.push(b),
            _ => out.extend(format!("\\x{b:02x}").into_bytes()),
        }
    }
    result(bytes::from_vec(out), input.len())
}

/// Decodes the escapes of bytes literals.
#[function(sig = "(data, errors=None, /)")]
pub fn escape_decode(vm: &Vm, data: &Value, errors: Nullable<&str>) -> R {
    let errors = scheme(vm, errors.0)?;
    let input = bytes_or_text(vm, data)?;
    let mut out = Vec::with_capacity(input.len());
    let mut warning = None;
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        let start = at;
        at += 1;
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let Some(&c) = input.get(at) else { return Err(vm.value_error("Trailing \\ in string")) };
        at += 1;
        match c {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(c),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let mut n = u32::from(c - b'0');
                for _ in 0..2 {
                    let Some(&d @ b'0'..=b'7') = input.get(at) else { break };
                    n = n * 8 + u32::from(d - b'0');
                    at += 1;
                }
                if n > 0o377 {
                    warning = warning.or(Some(EscapeWarning { start, code: c, octal: Some(n) }));
                }
                out.push(n as u8);
            }
            b'x' => {
                let digit = |i: usize| input.get(i).and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
                match (digit(at), digit(at + 1)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        at += 2;
                    }
                    (high, _) => {
                        match errors {
                            "strict" => return Err(vm.value_error(format!("invalid \\x escape at position {start}"))),
                            "replace" => out.push(b'?'),
                            "ignore" => {}
                            other => {
                                return Err(vm.value_error(format!(
                                    "decoding error; unknown error handling code: {other}"
                                )));
                            }
                        }
                        at += usize::from(high.is_some());
                    }
                }
            }
            _ => {
                warning = warning.or(Some(EscapeWarning { start, code: c, octal: None }));
                out.extend([b'\\', c]);
            }
        }
    }
    if let Some(w) = warning {
        warn_escape(vm, &w)?;
    }
    result(bytes::from_vec(out), input.len())
}
