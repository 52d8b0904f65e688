//! Entries: what was posted, and never changes.

mod check;
pub mod file;
pub mod http;
pub mod model;
pub mod ops;
pub mod store;
