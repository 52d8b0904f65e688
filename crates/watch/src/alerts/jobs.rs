//! What watch does by itself about alerts, and the alert of the audit's findings.

use platform::check::{AlertUnit, AlertWords, CheckSeverity, Sighting};
use platform::job::schedule::Schedule;
use platform::{Ctx, Registry, Result, Role, Tx};
use serde_json::{Value, json};

use super::{mails, ops, store};
use crate::audit;

/// The schedule that looks for what people are alerted of.
pub(crate) const CHECK: &str = "alerts";

/// The schedule that forgets what is over.
pub(crate) const FORGET: &str = "alerts-forget";

/// What is over is kept as long as notifications are (spec/field.md 5.13).
const KEPT_DAYS: i64 = 180;

/// A check that was not run for so long tells nothing of now.
const LATEST_DAYS: i64 = 8;

/// Registers the jobs and the alert of findings.
pub(crate) fn register(registry: &mut Registry) {
    let check = Schedule {
        name: CHECK,
        cron: "*/5 * * * *",
        period: "%Y-%m-%dT%H:%M",
        about: "Looks for what people are alerted of, each kind at its time.",
    };
    registry.schedule(check, |ctx, _, _| async move { ops::check_due(&ctx).await });
    let forget = Schedule {
        name: FORGET,
        cron: "40 3 * * 0",
        period: "%Y-%m-%d",
        about: "Forgets alerts that were over half a year ago.",
    };
    registry.schedule(forget, |ctx, _, _| async move { forget_old(&ctx).await });
    mails::register(registry);
    let finding = AlertWords {
        kind: super::FINDING,
        title: ["The audit found something", "L'audit a trouvé quelque chose"],
        about: "check",
        condition: "more than {n} things are not as a check proves them to be, or the check could not be run",
        threshold: (0, AlertUnit::Units),
        cron: "0 6 * * *",
        severity: CheckSeverity::Warning,
        roles: &[Role::SuperAdmin],
    };
    registry.alert(finding.looks(find_findings));
}

/// What the checks found when they were last run.
async fn find_findings(mut tx: Tx, threshold: i64) -> Result<Vec<Sighting>> {
    let since = tx.now().minus_days(LATEST_DAYS);
    let latest = audit::store::list_latest(&mut tx, since).await?;
    let checks = tx.ctx().platform().registry().checks();
    let findings = latest.into_iter().filter(|(_, result)| {
        result.is_finding() && (result.found > threshold || result.status == audit::model::CheckStatus::Failed)
    });
    // A check that this version does not have any more is over.
    let known =
        findings.filter_map(|(at, result)| Some((at, checks.iter().find(|check| check.id == result.id)?, result)));
    Ok(known
        .map(|(at, check, result)| Sighting {
            subject: check.id.to_owned(),
            entity: None,
            text: format!("{} ({})", check.id, result.found),
            details: json!({ "check": check.id, "section": check.section, "found": result.found,
                "status": result.status, "at": at }),
            severity: Some(check.severity),
        })
        .collect())
}

async fn forget_old(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let before = tx.now().minus_days(KEPT_DAYS);
    let forgotten = store::delete_resolved(&mut tx, before).await?;
    tx.commit().await?;
    Ok(json!({ "forgotten": forgotten }))
}
