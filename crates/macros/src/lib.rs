//! Taipan: `macros`.
