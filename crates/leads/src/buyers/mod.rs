//! Buyers: companies that purchase leads.

pub mod http;
