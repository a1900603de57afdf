//! The built-in encoders.

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::str::codec::{Codec, encode_native};
use taipan_runtime::vm::Vm;
use taipan_text::codec::{ByteOrder, encode_utf7};
use taipan_text::escape;

use super::decode::units;
use super::{result, scheme};

/// Encodes by a native codec.
fn native(vm: &Vm, s: &Ref<Str>, errors: Option<&str>, codec: Codec) -> R {
    result(encode_native(vm, s, codec, scheme(vm, errors)?)?, s.len())
}

macro_rules! encoders {
    ($($(#[$doc:meta])* $name:ident $codec:expr;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(str, errors=None, /)")]
        pub fn $name(vm: &Vm, s: &Ref<Str>, errors: Nullable<&str>) -> R {
            native(vm, s, errors.0, $codec)
        }
    )*};
}

encoders! {
    /// Encodes as UTF-8.
    utf_8_encode Codec::Utf8;
    /// Encodes as UTF-16, the lower byte first.
    utf_16_le_encode Codec::Utf16(Some(ByteOrder::Little));
    /// Encodes as UTF-16, the higher byte first.
    utf_16_be_encode Codec::Utf16(Some(ByteOrder::Big));
    /// Encodes as UTF-32, the lowest byte first.
    utf_32_le_encode Codec::Utf32(Some(ByteOrder::Little));
    /// Encodes as UTF-32, the highest byte first.
    utf_32_be_encode Codec::Utf32(Some(ByteOrder::Big));
    /// Encodes as Latin-1.
    latin_1_encode Codec::Latin1;
    /// Encodes as ASCII.
    ascii_encode Codec::Ascii;
}

/// The byte order that a number stands for: 0 is the machine's, with a byte order mark.
pub fn order(number: i32) -> Option<ByteOrder> {
    match number {
        0 => None,
        ..0 => Some(ByteOrder::Little),
        _ => Some(ByteOrder::Big),
    }
}

/// Encodes as UTF-16; byteorder is -1 for little, 1 for big, 0 for the machine's with a byte order mark.
#[function(sig = "(str, errors=None, byteorder=0, /)")]
pub fn utf_16_encode(vm: &Vm, s: &Ref<Str>, errors: Nullable<&str>, byteorder: i32) -> R {
    native(vm, s, errors.0, Codec::Utf16(order(byteorder)))
}

/// Encodes as UTF-32; byteorder is -1 for little, 1 for big, 0 for the machine's with a byte order mark.
#[function(sig = "(str, errors=None, byteorder=0, /)")]
pub fn utf_32_encode(vm: &Vm, s: &Ref<Str>, errors: Nullable<&str>, byteorder: i32) -> R {
    native(vm, s, errors.0, Codec::Utf32(order(byteorder)))
}

/// Encodes as UTF-7.
#[function(sig = "(str, errors=None, /)")]
pub fn utf_7_encode(vm: &Vm, s: &Ref<Str>, _errors: Nullable<&str>) -> R {
    vm.check_room(s.len().saturating_mul(8))?;
    result(bytes::from_vec(units!(s.chars(), t => encode_utf7(t))), s.len())
}

/// Encodes with escapes for all that is not printable ASCII.
#[function(sig = "(str, errors=None, /)")]
pub fn unicode_escape_encode(vm: &Vm, s: &Ref<Str>, _errors: Nullable<&str>) -> R {
    vm.check_room(s.len().saturating_mul(10))?;
    result(bytes::from_vec(units!(s.chars(), t => escape::encode_unicode_escape(t))), s.len())
}

/// Encodes as Latin-1, with escapes for what is beyond.
#[function(sig = "(str, errors=None, /)")]
pub fn raw_unicode_escape_encode(vm: &Vm, s: &Ref<Str>, _errors: Nullable<&str>) -> R {
    vm.check_room(s.len().saturating_mul(10))?;
    result(bytes::from_vec(units!(s.chars(), t => escape::encode_raw_unicode_escape(t))), s.len())
}

/// The bytes of an object with a buffer, or of a str as UTF-8.
#[function(sig = "(data, errors=None, /)")]
pub fn readbuffer_encode(vm: &Vm, data: &Value, _errors: Nullable<&str>) -> R {
    let v = super::decode::bytes_or_text(vm, data)?;
    let n = v.len();
    result(bytes::from_vec(v), n)
}
