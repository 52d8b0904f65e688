//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod billing;
mod crash;
mod demo;
mod leads;
mod ledger;
mod managed_postgres;
mod parties;
mod platform;
mod support;
mod tidy;
