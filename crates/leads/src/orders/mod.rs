//! Orders: a buyer's weekly demand for leads.

pub mod figures;
mod file;
pub mod http;
pub mod jobs;
pub mod model;
pub mod ops;
pub mod store;
