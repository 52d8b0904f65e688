//! Leads after intake: reading, manual status, notes, erasure.

pub mod http;
pub mod model;
