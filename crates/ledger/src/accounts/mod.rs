//! The charts of accounts, and which account plays which role.

pub mod http;
pub mod model;
pub mod ops;
pub mod role;
pub mod store;
