//! Escapes: `repr`, `ascii`, the codecs `unicode_escape` and `raw_unicode_escape`, hexadecimal
//! bytes.

mod hex;
mod repr;
mod unicode_escape;

pub use hex::{HexBytesError, from_hex, hex_pairs, to_hex};
pub use repr::{ascii_text, repr_bytes, repr_text};
pub use unicode_escape::{
    EscapeWarning, decode_raw_unicode_escape, decode_unicode_escape, encode_raw_unicode_escape,
    encode_unicode_escape,
};
