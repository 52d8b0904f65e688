//! Parties themselves.

pub mod http;
pub mod identity;
pub mod model;
pub mod ops;
pub mod store;
