//! Deliveries: one lead assigned to one buyer, until it is sent, returned or cancelled.
//!
//! Invariants: a delivery is sent only from `sending`, by one function for single, batch and daily sending; `sent` is
//! written only after the buyer's server took the mail; what may have left is never sent again by itself.

pub mod batch;
mod file;
pub mod http;
pub mod jobs;
pub mod list;
pub mod model;
pub mod ops;
pub mod send;
pub mod store;
