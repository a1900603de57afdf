//! Taipan: `runtime`.
