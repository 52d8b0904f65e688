//! The audit by night, and when a person asks for it.

use platform::check::Section;
use platform::job::schedule::Schedule;
use platform::{Ctx, Job, Registry, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::AuditCause;
use super::ops::{self, Assignment};
use super::store;

/// Runs are kept as long as events are (spec/field.md 7: 24 months).
const KEPT_DAYS: i64 = 730;

/// The schedule that audits.
pub(crate) const NIGHTLY: &str = "audit";

/// Runs the audit now, for a person.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunAudit {
    /// The parts; none named, all.
    pub(crate) sections: Vec<Section>,
    /// Who asked.
    pub(crate) asked_by: String,
}

impl Job for RunAudit {
    const KIND: &'static str = "watch.run_audit";
    const MAX_ATTEMPTS: i32 = 2;
}

/// Registers the jobs.
pub(crate) fn register(registry: &mut Registry) {
    let nightly = Schedule {
        name: NIGHTLY,
        cron: "30 5 * * *",
        period: "%Y-%m-%d",
        about: "Audits the installation, keeps the report, and alerts of what it found.",
    };
    registry.schedule(nightly, |ctx, _, _| async move {
        let assignment =
            Assignment { sections: Vec::new(), cause: AuditCause::Schedule, asked_by: "schedule".to_owned() };
        let told = run(&ctx, assignment).await?;
        let mut tx = ctx.begin().await?;
        store::delete_runs(&mut tx, ctx.now().minus_days(KEPT_DAYS)).await?;
        tx.commit().await?;
        Ok(told)
    });
    registry.job(|ctx: Ctx, _, job: RunAudit| async move {
        let RunAudit { sections, asked_by } = job;
        run(&ctx, Assignment { sections, cause: AuditCause::Person, asked_by }).await
    });
}

async fn run(ctx: &Ctx, assignment: Assignment) -> Result<Value> {
    let report = ops::run_audit(ctx, assignment, |_, _| {}).await?;
    let counts = report.run.counts;
    Ok(json!({ "audit": report.run.id, "score": report.run.score, "critical": counts.critical,
        "warning": counts.warning, "info": counts.info }))
}
