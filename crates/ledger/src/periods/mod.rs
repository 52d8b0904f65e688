//! Fiscal years and locked periods (spec/trade.md 5.24).

mod close;
pub mod http;
pub mod ops;
pub mod store;

pub use close::close_year;
pub(crate) use close::today;
