//! Taipan: `compiler`.
