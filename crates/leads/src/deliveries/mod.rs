//! Deliveries: one lead assigned to one buyer, until it is sent, returned or cancelled.

pub mod http;
pub mod jobs;
pub mod model;
