//! Where else a party is, besides its billing address.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
