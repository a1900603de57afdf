//! Taipan: `sre`.
