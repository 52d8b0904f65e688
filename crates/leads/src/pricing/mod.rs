//! What a buyer pays: a price per product and a general discount, each versioned by the day from which it holds (spec 3.10).
//!
//! Invariants: a version that has begun to hold on a day before today never changes and is never deleted; VAT comes from the
//! buyer alone (L-59).

pub mod http;
pub mod model;
pub mod ops;
pub mod store;
