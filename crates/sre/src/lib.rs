//! The matcher behind Python's `_sre` module.
//!
//! `Lib/re/_compiler.py` turns a pattern into a list of code words. This crate
//! checks such a list, translates it once into a compact [`Program`], and runs
//! it over a [`Subject`] with a reusable [`Matcher`]. It knows nothing of
//! Python objects: character properties come through [`CharData`], and the
//! memory and time a match may take are the caller's to set ([`Limits`]).
//!
//! Matching never recurses on the native stack. Everything a match may have
//! to come back to lies on one heap stack with a byte budget, and every few
//! thousand steps the caller is asked whether to go on.
//!
//! ```
//! use taipan_sre::{AsciiData, Limits, Matcher, Program, Request, Subject};
//!
//! // The code words of `ab+`, as `re._compiler._code` gives them.
//! let code = [14, 6, 0, 2, u32::MAX, 16, 97, 24, 6, 1, u32::MAX, 16, 98, 1, 1];
//! # let code = [16, 97, 24, 6, 1, u32::MAX, 16, 98, 1, 1];
//! let program = Program::compile(&code, 0, &AsciiData).unwrap();
//! let mut matcher = Matcher::new();
//! let found = matcher
//!     .run(&program, Subject::Latin1(b"xxabbb"), Request::search(), &mut Limits::none())
//!     .unwrap();
//! assert!(found);
//! assert_eq!(matcher.span(0), Some((2, 6)));
//! ```

mod analyse;
mod chars;
mod charset;
mod exec;
mod matcher;
mod opcodes;
mod plan;
mod program;
mod translate;
mod unit;

pub use chars::{
    AsciiData, CharData, ascii_iscased, ascii_tolower, unicode_iscased, unicode_tolower,
};
pub use matcher::{Interrupted, Limits, Matcher, Mode, Request, Stop, Subject};
pub use opcodes::{CODESIZE, MAGIC, MAXGROUPS, MAXREPEAT};
pub use program::{InvalidCode, Program};

/// Tells whether a list of code words is well formed for a pattern with
/// `groups` capturing groups (group 0 not counted).
///
/// A caller that compiles the code anyway need not call this:
/// [`Program::compile`] makes the same checks.
pub fn validate(code: &[u32], groups: usize) -> Result<(), InvalidCode> {
    translate::translate(code, groups, &AsciiData).map(drop)
}
