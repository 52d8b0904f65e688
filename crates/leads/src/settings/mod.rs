//! The settings of lead selling (spec 5.14).

pub mod calendar;
pub mod command;
pub mod http;
pub mod model;
pub mod ops;
