//! What buyers owe for a week (spec 5.10): the ledger of its units, the records made of it, and what is to be credited of what
//! was invoiced.
//!
//! Invariants: a unit belongs to the week in which it was first accepted, in its entity's zone (L-11). A built week is a
//! snapshot: prices, discounts, VAT and outcomes that change later change nothing until it is built again, in one transaction,
//! one builder at a time (L-42). A week of which a record is invoiced, overdue or paid is not built again; what is taken back
//! from it then becomes a candidate for a credit note (L-43). A record holds the units of one price: its amounts are those of
//! its units, and invoices show each price by itself.
//!
//! Whoever makes invoices calls [`invoicing`]; it takes the week's lock first, as everything here does.

pub mod build;
pub mod candidates;
mod file;
pub mod http;
pub mod invoices;
pub mod invoicing;
pub mod model;
mod month;
pub mod overdue;
pub mod store;
pub mod tracking;
pub mod week;

pub use invoicing::{
    CandidateToCredit, RecordToInvoice, lock_open_candidates, lock_records_for_invoice, mark_credited, mark_invoiced,
    mark_settled,
};
