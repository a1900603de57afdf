//! `int` as text, in both directions.

mod parse;
mod print;

pub use parse::{IntError, ParsedInt, parse, to_ascii};
pub use print::{IntRef, Radix, push_decimal, to_decimal, to_radix};

/// Numbers of at most this many digits are converted whatever the limit says.
pub const ALWAYS_ALLOWED_DIGITS: usize = 640;
