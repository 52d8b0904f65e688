//! E-invoices.
mod model;
pub mod cii;
pub mod ubl;
mod xml;
pub use model::*;
pub use xml::WriteError;
mod pdf;
pub use pdf::*;
mod check;
pub use check::{Finding, check};
mod read;
pub use read::{Format, MAX_FILE, MAX_XML, ReadError, Received, Warning, read};
