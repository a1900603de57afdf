//! Runs CPython's own tests under an interpreter and counts what passes.
//!
//! What counts is listed in `tests/conformance/same-in-3.14.tsv.gz`; which module
//! belongs to which tier in `tiers.txt` beside it. The Python side of a run is
//! `run_module.py`.

pub mod counted;
pub mod expectation;
mod installation;
pub mod module_run;
pub mod options;
pub mod outcome;
pub mod report;
pub mod runner;
pub mod tiers;
