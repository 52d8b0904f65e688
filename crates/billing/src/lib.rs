//! Billing.
pub mod documents;
pub mod numbering;
