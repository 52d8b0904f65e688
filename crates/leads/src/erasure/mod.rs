//! Personal data ends: one person's on request (GDPR art. 17), everybody's after the retention period (art. 5 (1) e).
//!
//! What is erased of a lead: phone, names, e-mail, addresses, secondary fields, notes, the visit, the files it was sent in
//! and the payloads in quarantine. What stays: that there was a lead, what became of it, and the evidence of consent
//! without the address it was given from; figures and invoices keep adding up.
//!
//! Failure policy: fail-closed. A chunk is erased whole or not at all.

pub mod http;
pub mod model;
pub mod ops;
mod store;

use platform::Registry;
use platform::job::schedule::Schedule;

/// Registers the retention run.
pub fn register(registry: &mut Registry) {
    let retention = Schedule {
        name: "retention",
        cron: "40 2 * * *",
        period: "%Y-%m-%d",
        about: "Erases personal data, files and payloads that are older than the retention policy allows.",
    };
    registry.schedule(retention, |ctx, _, _| async move { ops::retain(&ctx).await });
}
