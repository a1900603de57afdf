//! Compares whole programs between interpreters: CPU time, peak memory, start-up.

pub mod measure;
pub mod options;
pub mod programs;
pub mod startup;
pub mod statistics;
