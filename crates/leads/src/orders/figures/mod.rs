//! How orders fare: weeks, deliveries, the aged-lead monitor. Reads only.

pub mod http;
pub mod store;
