//! Whom to ask for at a party.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
