//! `binascii`: bytes as text and back, and two checksums.

mod base64;
mod qp;
mod uu;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::bytes::{self, Bytes, BytesLike, hex_separator};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{exceptions as exc, int};
use taipan_runtime::vm::Vm;
use taipan_text::escape;

use crate::util::new_exception;

module! {
    /// Conversion between binary data and ASCII
    name = "binascii",
    functions(
        a2b_base64, a2b_hex, a2b_qp, a2b_uu, b2a_base64, b2a_hex, b2a_qp, b2a_uu, crc32, crc_hqx, hexlify, unhexlify
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("Error", error_class(vm)?);
    m.set("Incomplete", new_exception(vm, "binascii", "Incomplete", &exc::EXCEPTION)?);
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("binascii.Error", |vm| new_exception(vm, "binascii", "Error", &exc::VALUE_ERROR))
}

/// Raises binascii.Error.
#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    let class = match error_class(vm) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match class.as_type() {
        Some(class) => vm.raise_new(class, vec![taipan_runtime::types::str::from_str(message.as_ref())]),
        None => vm.value_error(message),
    }
}

/// An argument that is ASCII text or bytes.
enum Ascii<'a> {
    Text(&'a str),
    Bytes(BytesLike<'a>),
}

impl std::ops::Deref for Ascii<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Text(t) => t.as_bytes(),
            Self::Bytes(b) => b,
        }
    }
}

impl<'a> FromArg<'a> for Ascii<'a> {
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        if let Some(s) = v.downcast::<Str>() {
            return match s.as_ascii() {
                Some(t) => Ok(Self::Text(t)),
                None => Err(vm.value_error("string argument should contain only ASCII characters")),
            };
        }
        match BytesLike::new(vm, v) {
            Ok(b) => Ok(Self::Bytes(b)),
            Err(raised) => {
                drop(vm.catch(raised));
                let given = v.ty().tp_name();
                Err(vm.type_error(format!("argument should be bytes, buffer or ASCII string, not '{given}'")))
            }
        }
    }
}

/// The low 32 bits of an int.
pub(crate) fn masked(vm: &Vm, v: Option<&Value>) -> R<u32> {
    let Some(v) = v else { return Ok(0) };
    if let Some(n) = v.as_small() {
        return Ok(n as u32);
    }
    let n = int::index(vm, v)?;
    Ok(match int::get(&n) {
        Some(n) => n.to_i64().map_or_else(|| low_bits(n), |n| n as u32),
        None => 0,
    })
}

fn low_bits(n: int::IntRef<'_>) -> u32 {
    let (sign, magnitude) = n.to_big().into_parts();
    let low = magnitude.to_le_bytes().iter().take(4).rev().fold(0, |n, b| n << 8 | u32::from(*b));
    if sign == dashu_base::Sign::Negative { low.wrapping_neg() } else { low }
}

/// Decode a line of uuencoded data.
#[function(sig = "(data, /)")]
fn a2b_uu(vm: &Vm, data: Ascii<'_>) -> R<Ref<Bytes>> {
    uu::decode(&data).map(bytes::from_vec).map_err(|e| error(vm, e))
}

/// Uuencode line of data.
#[function(sig = "(data, /, *, backtick=False)")]
fn b2a_uu(vm: &Vm, data: BytesLike<'_>, backtick: Option<bool>) -> R<Ref<Bytes>> {
    uu::encode(&data, backtick.unwrap_or(false)).map(bytes::from_vec).map_err(|e| error(vm, e))
}

/// Decode a line of base64 data.
///
/// With strict_mode, whatever is not base64 raises Error; else it is passed over.
#[function(sig = "(data, /, *, strict_mode=False)")]
fn a2b_base64(vm: &Vm, data: Ascii<'_>, strict_mode: Option<bool>) -> R<Ref<Bytes>> {
    vm.check_room(data.len())?;
    base64::decode(&data, strict_mode.unwrap_or(false)).map(bytes::from_vec).map_err(|e| error(vm, e))
}

/// Base64-code line of data.
#[function(sig = "(data, /, *, newline=True)")]
fn b2a_base64(vm: &Vm, data: BytesLike<'_>, newline: Option<bool>) -> R<Ref<Bytes>> {
    let newline = newline.unwrap_or(true);
    let len = base64::encoded_len(data.len()).saturating_add(1);
    vm.check_room(len)?;
    let mut out = Vec::with_capacity(len);
    base64::encode(&mut out, &data);
    if newline {
        out.push(b'\n');
    }
    Ok(bytes::from_vec(out))
}

/// Compute CRC-CCITT incrementally.
#[function(sig = "(data, crc, /)")]
fn crc_hqx(vm: &Vm, data: BytesLike<'_>, crc: &Value) -> R<u32> {
    static TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = (i as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    let start = masked(vm, Some(crc))? as u16;
    Ok(data.iter().fold(start, |crc, b| crc << 8 ^ TABLE[usize::from((crc >> 8) as u8 ^ b)]).into())
}

/// Compute CRC-32 incrementally.
#[function(sig = "(data, crc=0, /)")]
fn crc32(vm: &Vm, data: BytesLike<'_>, crc: Option<&Value>) -> R<u32> {
    Ok(zlib_rs::crc32::crc32(masked(vm, crc)?, &data))
}

fn to_hex(vm: &Vm, data: &Value, sep: Option<&Value>, bytes_per_sep: Option<i32>) -> R<Ref<Bytes>> {
    let separator = hex_separator(vm, sep, 0xff)?;
    let data = BytesLike::new(vm, data)?;
    vm.check_room(data.len().saturating_mul(3))?;
    Ok(bytes::from_vec(escape::to_hex(&data, separator, bytes_per_sep.unwrap_or(1) as isize)))
}

fn from_hex(vm: &Vm, text: &[u8]) -> R<Ref<Bytes>> {
    if !text.len().is_multiple_of(2) {
        return Err(error(vm, "Odd-length string"));
    }
    vm.check_room(text.len() / 2)?;
    match escape::hex_pairs(text) {
        Some(bytes) => Ok(bytes::from_vec(bytes)),
        None => Err(error(vm, "Non-hexadecimal digit found")),
    }
}

/// Hexadecimal representation of binary data.
///
/// 'sep' separates groups of 'bytes_per_sep' bytes, counted from the right (or from the left if that is negative).
#[function(sig = "(data, sep=<unrepresentable>, bytes_per_sep=1)")]
fn b2a_hex(vm: &Vm, data: &Value, sep: Option<&Value>, bytes_per_sep: Option<i32>) -> R<Ref<Bytes>> {
    to_hex(vm, data, sep, bytes_per_sep)
}

/// Hexadecimal representation of binary data.
///
/// 'sep' separates groups of 'bytes_per_sep' bytes, counted from the right (or from the left if that is negative).
#[function(sig = "(data, sep=<unrepresentable>, bytes_per_sep=1)")]
fn hexlify(vm: &Vm, data: &Value, sep: Option<&Value>, bytes_per_sep: Option<i32>) -> R<Ref<Bytes>> {
    to_hex(vm, data, sep, bytes_per_sep)
}

/// Binary data of hexadecimal representation.
///
/// hexstr must contain an even number of hex digits (upper or lower case).
#[function(sig = "(hexstr, /)")]
fn a2b_hex(vm: &Vm, hexstr: Ascii<'_>) -> R<Ref<Bytes>> {
    from_hex(vm, &hexstr)
}

/// Binary data of hexadecimal representation.
#[function(sig = "(hexstr, /)")]
fn unhexlify(vm: &Vm, hexstr: Ascii<'_>) -> R<Ref<Bytes>> {
    from_hex(vm, &hexstr)
}

/// Decode a string of qp-encoded data.
#[function(sig = "(data, header=False)")]
fn a2b_qp(vm: &Vm, data: Ascii<'_>, header: Option<bool>) -> R<Ref<Bytes>> {
    vm.check_room(data.len())?;
    Ok(bytes::from_vec(qp::decode(&data, header.unwrap_or(false))))
}

/// Encode a string using quoted-printable encoding.
///
/// On encoding, when istext is set, newlines are not encoded, and white space at end of lines is. When istext is
/// not set, \r and \n (CR/LF) are both encoded. When quotetabs is set, space and tabs are encoded.
#[function(sig = "(data, quotetabs=False, istext=True, header=False)")]
fn b2a_qp(
    vm: &Vm,
    data: BytesLike<'_>,
    quotetabs: Option<bool>,
    istext: Option<bool>,
    header: Option<bool>,
) -> R<Ref<Bytes>> {
    vm.check_room(data.len().saturating_mul(3))?;
    let style = qp::Style {
        quotetabs: quotetabs.unwrap_or(false),
        istext: istext.unwrap_or(true),
        header: header.unwrap_or(false),
    };
    Ok(bytes::from_vec(qp::encode(&data, style)))
}
