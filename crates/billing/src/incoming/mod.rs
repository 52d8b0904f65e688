//! Suppliers' electronic invoices: taken in as they come, approved by a person, entered in the books.
//!
//! A file is read whole or refused; what it says and its bytes never change. What is odd about it (sums that do not add up, another
//! buyer, a rule of EN 16931) is told with it, and booking refuses only what the books cannot say.

pub mod booking;
pub mod http;
pub mod model;
pub mod ops;
pub mod plan;
pub mod store;
pub mod supplier;
