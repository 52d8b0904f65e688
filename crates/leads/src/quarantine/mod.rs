//! What came in and could not be used as a lead (L-20): kept with the reason until retention ends, for a person to read.

pub mod http;
pub mod store;
