//! Leads after intake: reading, manual status, notes.

mod file;
pub mod http;
pub mod model;
pub mod ops;
pub mod store;
