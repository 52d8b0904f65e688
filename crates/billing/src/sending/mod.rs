//! Issued documents by mail (spec/field.md 6, spec/leads.md 12): the stored page as it was issued, with a letter.
//!
//! Invariants: what was written stays as it was written; a letter counts as taken only when the mail server said so, and what
//! may have left is never sent again by itself.
//!
//! Failure policy: fail-open. A mail that nobody took changes nothing of its document.

pub mod http;
pub mod jobs;
pub mod letter;
pub mod model;
pub mod ops;
pub mod store;
pub mod words;
