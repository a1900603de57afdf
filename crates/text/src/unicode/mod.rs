//! Unicode 16, the version of Python 3.14: what `str`, `re`, the tokenizer and `unicodedata` ask.
//!
//! All functions take any `u32`; what is not a code point has the properties of an unassigned one.
//! Rust's own `char` methods follow a later version of Unicode and are not used anywhere.

pub mod case;
#[rustfmt::skip] // Written by the generator as it is.
mod generated;
pub mod legacy;
pub mod names;
pub mod normalize;
pub mod numeric;
pub mod properties;

pub use case::{casefold, lower, simple_lower, simple_title, simple_upper, title, upper};
pub use properties::{
    Flags, bidirectional, category, combining, east_asian_width, flags, is_alnum, is_alpha,
    is_case_ignorable, is_cased, is_decimal, is_digit, is_identifier, is_line_break, is_lower,
    is_numeric, is_printable, is_space, is_title, is_upper, is_xid_continue, is_xid_start,
    mirrored,
};

/// The version of the Unicode database, `unicodedata.unidata_version`.
pub const VERSION: &str = "16.0.0";
