//! Leads after intake: reading, manual status, notes.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
