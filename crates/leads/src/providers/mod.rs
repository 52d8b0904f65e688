//! Providers: outside sources that push leads with a key.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
