//! E-invoices.
mod model;
pub mod cii;
pub mod ubl;
mod xml;
pub use model::*;
pub use xml::WriteError;
mod pdf;
pub use pdf::*;
