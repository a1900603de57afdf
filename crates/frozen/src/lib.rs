//! Taipan: `frozen`.
