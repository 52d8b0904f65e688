//! Tracking: visitor sessions on landing pages, from the visit to the lead.

pub mod http;
pub mod store;
