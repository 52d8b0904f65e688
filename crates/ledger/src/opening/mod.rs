//! Opening balances brought in from another system, once for each fiscal year.

pub mod http;
pub mod model;
pub mod ops;
