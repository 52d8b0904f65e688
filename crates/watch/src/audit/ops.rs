//! Running the audit.

use std::time::{Duration, Instant};

use kernel::{AuditRunId, Limit, Timestamp};
use platform::check::{Check, Section};
use platform::event::Severity;
use platform::job::{self, JobState};
use platform::{Ctx, Error, Event, Job as _, Result, Tx};
use serde_json::json;

use super::jobs::RunAudit;
use super::model::{AskedAudit, AuditCause, AuditReport, AuditRun, CheckResult, FindingCounts};
use super::store;
use crate::alerts;

/// No check takes longer: its statements are stopped after two minutes.
const LIMIT: Duration = Duration::from_secs(150);

/// After a check that took longer than this the audit rests, so that it takes a quarter of a core and intake goes on.
const BRIEF: Duration = Duration::from_millis(50);

/// However long a check took, the audit rests no longer.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// What to audit, and why.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The parts; none named, all.
    pub sections: Vec<Section>,
    /// What made it run.
    pub cause: AuditCause,
    /// Who asked for it.
    pub asked_by: String,
}

/// Runs the checks one after the other, keeps what they found, and opens and closes the alerts of findings.
///
/// `on_result` hears of each check as it ends.
pub async fn run_audit(
    ctx: &Ctx,
    assignment: Assignment,
    mut on_result: impl FnMut(&Check, &CheckResult),
) -> Result<AuditReport> {
    let Assignment { sections, cause, asked_by } = assignment;
    let checks = checks(ctx, &sections);
    let started_at = ctx.now();
    let mut results = Vec::with_capacity(checks.len());
    for check in &checks {
        let result = run_check(ctx, check).await;
        on_result(check, &result);
        let rest = rest_after(result.ms);
        results.push(result);
        tokio::time::sleep(rest).await;
    }
    let counts = FindingCounts::of(&results, &checks);
    let run = AuditRun {
        id: AuditRunId::generate(started_at),
        cause,
        asked_by,
        sections,
        started_at,
        finished_at: ctx.now().max(started_at),
        score: counts.score(),
        checks: i32::try_from(results.len()).unwrap_or(i32::MAX),
        counts,
    };
    let report = AuditReport { run, results };
    keep(ctx, &report).await?;
    alerts::ops::check_kind(ctx, alerts::FINDING).await?;
    Ok(report)
}

fn rest_after(ms: u64) -> Duration {
    let took = Duration::from_millis(ms);
    if took > BRIEF { (took * 3).min(LONGEST_REST) } else { Duration::ZERO }
}

/// Has these parts run in the background, for the caller; none named, all. What is under way already is not asked for twice.
pub async fn ask(tx: &mut Tx, sections: Vec<Section>) -> Result<()> {
    tx.lock("audit/asked").await?;
    let asked = find_last_asked(tx).await?;
    if asked.is_some_and(|(asked, state, _)| asked.sections == sections && state != JobState::Dead) {
        return Ok(());
    }
    tx.touch(None, "audit");
    let asked_by = tx.ctx().actor().name().to_owned();
    tx.enqueue(&RunAudit { sections, asked_by })
}

/// What a person asked for last, unless it has ended, and how long it may take: each check as long as in `latest`. What could
/// not be run is told of until an audit ends after it.
pub async fn find_asked(
    tx: &mut Tx,
    checks: &[Check],
    latest: &[(Timestamp, CheckResult)],
) -> Result<Option<AskedAudit>> {
    let Some((RunAudit { sections, asked_by }, state, view)) = find_last_asked(tx).await? else { return Ok(None) };
    if state == JobState::Dead && latest.iter().any(|(at, _)| *at > view.created_at) {
        return Ok(None);
    }
    let is_asked = |id: &str| {
        let section = checks.iter().find(|check| check.id == id).map(|check| check.section);
        section.is_some_and(|section| sections.is_empty() || sections.contains(&section))
    };
    let known = latest.iter().filter(|(_, result)| is_asked(&result.id)).map(|(_, result)| result.ms);
    let took: u64 = known.map(|ms| ms + u64::try_from(rest_after(ms).as_millis()).unwrap_or(0)).sum();
    let error = view.last_error.filter(|_| state == JobState::Dead);
    let expected_ms = (took > 0).then_some(took);
    Ok(Some(AskedAudit { state, asked_at: view.created_at, asked_by, sections, expected_ms, error }))
}

/// The last audit that a person asked for, unless it is done.
async fn find_last_asked(tx: &mut Tx) -> Result<Option<(RunAudit, JobState, job::store::JobView)>> {
    let one = Limit::try_new(1).expect("a page may have one row");
    let last = job::store::list_jobs(tx, None, Some(RunAudit::KIND), None, one).await?.into_iter().next();
    let Some(view) = last.filter(|view| view.state != JobState::Done) else { return Ok(None) };
    let asked = serde_json::from_value(view.payload.clone());
    let asked = asked.map_err(|error| Error::internal("reading what was asked of the audit", error))?;
    Ok(Some((asked, view.state, view)))
}

/// The checks of these parts in the order of the report; of all parts when none is named.
pub fn checks(ctx: &Ctx, sections: &[Section]) -> Vec<Check> {
    let wanted = |check: &&Check| sections.is_empty() || sections.contains(&check.section);
    let mut checks: Vec<_> = ctx.platform().registry().checks().iter().filter(wanted).cloned().collect();
    checks.sort_by_key(|check| check.section);
    checks
}

async fn run_check(ctx: &Ctx, check: &Check) -> CheckResult {
    let clock = Instant::now();
    // In a task of its own: a check that panics has failed, and takes no other with it.
    let running = tokio::spawn({
        let (check, ctx) = (check.clone(), ctx.clone());
        async move { check.run(ctx).await }
    });
    let abort = running.abort_handle();
    let outcome = match tokio::time::timeout(LIMIT, running).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| error.chain()),
        Ok(Err(_)) => Err("The check itself broke; the log says where.".to_owned()),
        Err(_) => {
            abort.abort();
            Err(format!("It took longer than {} s.", LIMIT.as_secs()))
        }
    };
    if let Err(error) = &outcome {
        tracing::error!(check = check.id, error = platform::redacted(error), "a check of the audit could not be run");
    }
    let ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    metrics::histogram!("comptoir_audit_check_seconds", "check" => check.id).record(clock.elapsed().as_secs_f64());
    CheckResult::of(check.id, outcome, ms)
}

async fn keep(ctx: &Ctx, report: &AuditReport) -> Result<()> {
    let mut tx = ctx.begin().await?;
    store::insert_run(&mut tx, report).await?;
    let AuditRun { id, score, checks, counts, cause, .. } = &report.run;
    let severity = if counts.critical > 0 {
        Severity::Error
    } else if counts.total() > 0 {
        Severity::Warning
    } else {
        Severity::Info
    };
    let findings: Vec<_> =
        report.results.iter().filter(|result| result.is_finding()).map(|result| &result.id).collect();
    let details = json!({ "score": score, "checks": checks, "cause": cause, "findings": findings });
    tx.emit(Event::new("audit_finished", "audit", id.uuid()).severity(severity).details(details));
    tx.commit().await
}

/// What changed from `since` on: alerts of findings that opened, and those that closed.
pub async fn changes_since(ctx: &Ctx, since: Timestamp) -> Result<Vec<alerts::model::Alert>> {
    let mut tx = ctx.read().await?;
    alerts::store::list_changed(&mut tx, alerts::FINDING, since).await
}
