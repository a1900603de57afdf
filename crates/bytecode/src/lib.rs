//! Taipan: `bytecode`.
