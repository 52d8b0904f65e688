//! The books of an entity: opened with their first use, from the chart of the entity's country.

pub mod chart;
pub mod http;
pub mod model;
pub mod ops;
pub mod store;
