//! The codecs that `str.encode` and `bytes.decode` know by themselves.
//!
//! **Decoding** functions take the whole input and the position `from` to start at, append what
//! they decode to a [`Sink`], and return the position up to which they consumed the input. With
//! `last` false they stop before a sequence that the end of the input cuts in two; with `last` true
//! such is an error. On a [`CodecError`] all that stands before its `start` has been written: the
//! caller asks the error handler for a replacement, appends that, and calls again with the position
//! that the handler names.
//!
//! **Encoding** functions do the same with text in and bytes out.
//!
//! [`Sink`]: crate::format::Sink

mod charmap;
mod simple;
mod utf16;
mod utf32;
mod utf7;
mod utf8;

pub use charmap::{CharmapTable, decode_charmap, encode_charmap};
pub use simple::{decode_ascii, decode_latin_1, encode_ascii, encode_latin_1};
pub use utf7::{decode_utf7, encode_utf7};
pub use utf8::{decode_utf8, encode_utf8, scan_utf8};
pub use utf16::{decode_utf16, encode_utf16};
pub use utf32::{decode_utf32, encode_utf32};

/// What cannot be decoded or encoded: the fields of `UnicodeDecodeError` and `UnicodeEncodeError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodecError {
    /// First position, in bytes of the input or characters of the text.
    pub start: usize,
    /// The position behind the last.
    pub end: usize,
    /// CPython's reason.
    pub reason: &'static str,
}

impl CodecError {
    /// An error at `start..end`.
    pub fn new(start: usize, end: usize, reason: &'static str) -> Self {
        Self { start, end, reason }
    }
}

impl std::fmt::Display for CodecError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}..{}", self.reason, self.start, self.end)
    }
}

impl std::error::Error for CodecError {}

/// The order of the bytes of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByteOrder {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl ByteOrder {
    /// The order of this machine.
    pub const NATIVE: Self = if cfg!(target_endian = "little") {
        Self::Little
    } else {
        Self::Big
    };
}

#[inline(always)]
pub(crate) fn is_surrogate(code: u32) -> bool {
    code & 0xFFFF_F800 == 0xD800
}
