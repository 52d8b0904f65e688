//! Lettering: lines of an account and party that settle each other.

pub mod http;
pub mod ops;
pub mod store;
