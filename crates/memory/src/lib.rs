//! Taipan: `memory`.
