//! Documents.
pub mod model;
pub mod totals;
pub mod vat;
