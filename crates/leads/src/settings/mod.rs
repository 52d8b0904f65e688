//! The settings of lead selling (spec 5.14).

pub mod http;
pub mod model;
