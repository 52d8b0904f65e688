//! Items: products and services, each known by its code.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
