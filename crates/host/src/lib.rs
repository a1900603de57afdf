//! Taipan: `host`.
