//! The re-routing sweep as a job and as schedules.

use platform::job::schedule::Schedule;
use platform::{Job, Registry, Result, Tx};
use serde::{Deserialize, Serialize};

use super::sweep;

/// Registers the jobs of this module.
pub fn register(registry: &mut Registry) {
    registry.job(|ctx, _, job: Sweep| async move { sweep::sweep(&ctx, &job.why).await });
    let morning = Schedule {
        name: "reroute-morning",
        cron: "0 9 * * *",
        period: "%Y-%m-%d",
        about: "Routes blocked stock again at the start of the delivery day.",
    };
    registry.schedule(morning, |ctx, _, _| async move { sweep::sweep(&ctx, "delivery_day").await });
    let monday = Schedule {
        name: "reroute-week",
        cron: "0 0 * * 1",
        period: "%G-W%V",
        about: "Routes blocked stock again when the weekly quotas start anew.",
    };
    registry.schedule(monday, |ctx, _, _| async move { sweep::sweep(&ctx, "new_week").await });
}

/// Routes blocked stock again (spec 5.7).
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// What made it necessary, such as `order_activated`.
    pub why: String,
}

impl Job for Sweep {
    const KIND: &'static str = "leads.sweep";
}

/// Asks for a sweep once this transaction is committed.
pub fn request_sweep(tx: &mut Tx, why: &str) -> Result<()> {
    tx.enqueue_once(&Sweep { why: why.to_owned() })
}
