//! Notes on parties: append-only.

pub mod model;
pub mod ops;
pub mod store;
