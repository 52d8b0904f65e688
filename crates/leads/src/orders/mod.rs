//! Orders: a buyer's weekly demand for leads.

pub mod http;
