//! Prices of items: each holds from its day until the day of the next one of the same currency.

pub mod http;
pub mod model;
pub mod store;
