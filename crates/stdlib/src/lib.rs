//! Taipan: `stdlib`.
