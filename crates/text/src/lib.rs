//! Taipan: `text`.
