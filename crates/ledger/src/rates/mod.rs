//! Exchange rates with their history (spec/trade.md 5.1).

pub mod http;
pub mod ops;
pub mod store;
