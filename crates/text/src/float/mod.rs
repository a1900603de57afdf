//! `float` as text: shortest and exact decimal output, parsing, hexadecimal form, rounding.

mod digits;
mod hex;
mod parse;
mod print;
mod round;

pub use digits::{Digits, fixed, shortest, significant};
pub use hex::{HexError, from_hex, to_hex};
pub use parse::parse;
pub use print::{FloatCode, FloatFlags, format_float, push_repr, repr};
pub use round::{integer_ratio, round_to};
