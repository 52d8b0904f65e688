//! Credits: units of an order's week that are not invoiced (spec 3.10, 5.10).
//!
//! Invariants: a credit is never changed; its quantity is positive (L-44); its order is the buyer's and of the product; once a
//! record of its week is invoiced it is neither added nor deleted. What finds no billable unit is lost, never carried over.

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
