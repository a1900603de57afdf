//! Searching, splitting, stripping and case changes, for text of any width and for bytes.

mod case;
mod find;
mod layout;
mod split;
mod strip;

pub use case::{
    bytes_capitalize, bytes_swapcase, bytes_title, capitalize, casefold, is_lower_text,
    is_title_text, is_upper_text, lower, swapcase, title, translate_bytes, upper,
};
pub use find::{Matches, Searcher, count, find, find_bytes, find_char, replace, rfind, rfind_char};
pub use layout::{center_padding, expand_tabs, expand_tabs_length, zfill};
pub use split::{
    partition, rpartition, rsplit, rsplit_whitespace, split, split_lines, split_whitespace,
};
pub use strip::{CharSet, is_ascii_space, strip};
