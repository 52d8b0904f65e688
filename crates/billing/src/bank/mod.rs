//! What the bank says: accounts, imported statements, and what their lines were matched with (spec/field.md 3.3, 5.8;
//! spec/trade.md 3.7, T-79 to T-81).
//!
//! A statement only says that money moved. A line becomes a payment, is recognised as one that was recorded before, takes one back
//! or is posted to an account of the books; nothing else makes entries. A line is matched exactly while what it is matched with
//! sums to its amount, and stays as the bank told it.
//!
//! Locks are taken in this order: the account of the bank, its lines by id, the book, payments, documents.
//!
//! Failure policy: fail-closed. A file is imported whole or not at all; what is ambiguous is suggested, never booked.

mod books;
pub mod drift;
mod file;
pub mod http;
pub mod import;
pub mod matching;
pub mod model;
pub mod ops;
pub mod settle;
pub mod store;
pub mod suggestion;
