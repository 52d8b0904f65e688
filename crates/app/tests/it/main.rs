//! The integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod backup;
mod billing;
mod chaos;
mod crash;
mod demo;
mod dependencies;
mod leads;
mod ledger;
mod managed_postgres;
mod observing;
mod parties;
mod platform;
mod replicas;
mod support;
mod tidy;
mod watch;
