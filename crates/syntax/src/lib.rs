//! Taipan: `syntax`.
