//! Taipan: `taipan`.
