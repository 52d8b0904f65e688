//! Alerts: what is wrong now, looked for by set queries, told once, acknowledged by a person, closed by itself
//! (spec/field.md 5.17).

pub mod http;
pub mod jobs;
pub mod mails;
pub mod model;
pub mod ops;
pub mod settings;
pub mod store;

/// The kind of the alerts of the audit's findings.
pub const FINDING: &str = "audit_finding";
