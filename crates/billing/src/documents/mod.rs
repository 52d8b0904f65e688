//! Documents: quotes, pro-formas, invoices, deposits, credit notes; and suppliers' documents in the books.

pub mod billed;
pub mod draft;
mod file;
pub mod http;
pub mod invoice;
pub mod issue;
pub mod left;
pub mod mentions;
pub mod model;
pub mod ops;
pub mod overdue;
pub mod posting;
pub mod snapshot;
pub mod store;
pub mod totals;
pub mod vat;
pub mod view;
pub mod write;
