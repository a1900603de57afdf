//! The three formatting languages: format specifications (`format(x, spec)`), replacement fields
//! (`str.format`) and `%` formatting.

mod complex;
mod field;
mod float;
mod int;
mod layout;
mod percent;
mod sink;
mod spec;
mod text;

pub use complex::{format_complex, repr_complex};
pub use field::{
    FieldName, FieldNamePart, FieldNameParts, MarkupField, MarkupItem, MarkupParser,
    split_field_name,
};
pub use float::format_float_spec;
pub use int::format_int;
pub use layout::Locale;
pub use percent::{
    Amount, PercentError, PercentFlags, PercentParser, PercentPiece, PercentSpec, percent_float,
    percent_int, percent_text,
};
pub use sink::Sink;
pub use spec::{Align, FormatError, FormatSpec, Grouping, Sign, SpecKind, parse_spec};
pub use text::format_text;
