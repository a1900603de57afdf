//! The test and benchmark side of Taipan: everything here drives the `taipan`
//! binary from outside, as a user would, and never links against it.  A crash of
//! the interpreter is therefore an observation and not the end of the run.
//!
//! * `tests/scripts.rs` (an integration test) runs `tests/<area>/*.py`.
//! * `conformance` runs CPython's own test suite, test by test.
//! * `bench` compares CPU time and memory of whole programs between interpreters.
//! * `fuzz` feeds mutated programs to the binary and looks for crash signals.

pub mod bench;
pub mod compare;
pub mod conformance;
pub mod error;
pub mod headers;
pub mod interpreter;
pub mod mutate;
pub mod process;
pub mod random;
pub mod scratch;
