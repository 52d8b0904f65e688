//! Buyers: companies that purchase leads. A buyer is a party with the same id, and what only lead selling knows of it.

pub mod crm;
pub mod figures;
mod file;
pub mod http;
pub mod model;
pub mod ops;
pub mod store;
