//! Payments, what they settle, and the credit that customers have.

pub mod claim;
pub mod entry;
mod file;
pub mod http;
pub mod model;
pub mod ops;
pub mod store;
