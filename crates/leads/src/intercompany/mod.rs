//! What one entity owes another for a lead that was sold across entities (spec 5.11): the only settlement there is (L-30).
//!
//! A transfer is made by a reaction to a delivery that was sent, once per delivery; nothing that is the matter with it touches
//! the delivery. Without a price it is an error, never a price of zero (L-31), and is tried again in its original week (L-32).
//! What is taken back cancels its transfer, or is credited when that was invoiced (L-10).
//!
//! Both sides of a transfer see it, and nobody else. Every Monday what is pending is invoiced,
//! in the books of both ([`invoices`]).

mod file;
pub mod http;
pub mod invoices;
pub mod jobs;
pub mod model;
pub mod ops;
pub mod store;
