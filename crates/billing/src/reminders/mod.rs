//! Asking for what is late, step by step (spec/field.md 5.8): first, second, final, legal, each once for an invoice.
//!
//! Invariants: a reminder is sent when a mail server took it, and not before (F-22); what may have left is not sent again by
//! itself; nobody is reminded of what is paid, credited, contested or suspended; one step of an invoice waits at a time, and
//! what a switched-on entity finds late begins with the first, the steps as far apart as its policy says.
//!
//! Failure policy: fail-open. A reminder that nobody took stays planned, with the reason, and is tried on the next working day.

pub mod http;
pub mod model;
pub mod ops;
pub mod run;
pub mod store;
pub mod words;
