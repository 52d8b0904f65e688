//! The routes of the self-audit.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AuditRunId, Page, Timestamp};
use platform::check::{CheckSeverity, Section};
use platform::http::{Api, FileKind, Guard, IdCursor, Json, Path, Query, Route, limit, own_file};
use platform::{Ctx, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::model::{AskedAudit, AuditReport, AuditRun, CheckResult, FindingCounts};
use super::radius::{self, BlastRadius};
use super::report::{self, Printed};
use super::{ops, store};

/// A check that was not run for so long tells nothing of now.
const LATEST_DAYS: i64 = 8;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::AuditView).tenant_wide();
    api.route(routes!(get_audit), guard())
        .route(routes!(list_audit_runs, run_audit), guard())
        .route(routes!(get_audit_run), guard())
        .route(routes!(get_audit_report), guard())
        .route(routes!(get_blast_radius), guard())
}

/// How the installation stands: each check as it was last run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AuditState {
    /// From 0 to 100; none when no check was run within eight days.
    score: Option<i32>,
    /// How many checks found something.
    #[serde(flatten)]
    counts: FindingCounts,
    /// What a person asked for and is still under way, or could not be run.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<AskedAudit>,
    /// Every check, in the order of the report.
    checks: Vec<CheckState>,
}

/// A check, and how it ended when it was last run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CheckState {
    /// The name, such as `money.entries_balance`.
    id: &'static str,
    /// The part of the report.
    section: Section,
    /// How much a finding weighs.
    severity: CheckSeverity,
    /// The sentence that is proven.
    proves: &'static str,
    /// What is looked at.
    how: &'static str,
    /// What to do about a finding.
    mend: &'static str,
    /// What the ids of its evidence are ids of.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'static str>,
    /// When it was last run; none within eight days.
    #[serde(skip_serializing_if = "Option::is_none")]
    ran_at: Option<Timestamp>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<CheckResult>,
}

/// How the installation stands: every check with what it proves, how, and what it found when it was last run.
#[utoipa::path(get, path = "/api/audit", tag = "audit", responses((status = 200, body = AuditState)))]
async fn get_audit(ctx: Ctx) -> Result<Json<AuditState>> {
    let mut tx = ctx.read().await?;
    let since = tx.now().minus_days(LATEST_DAYS);
    let mut latest = store::list_latest(&mut tx, since).await?;
    let checks = ops::checks(&ctx, &[]);
    let known: Vec<_> = latest.iter().map(|(_, result)| result.clone()).collect();
    let counts = FindingCounts::of(&known, &checks);
    let asked = ops::find_asked(&mut tx, &checks, &latest).await?;
    let states = checks.into_iter().map(|check| {
        let last = latest.iter().position(|(_, result)| result.id == check.id).map(|index| latest.swap_remove(index));
        let (ran_at, result) = last.unzip();
        let platform::check::Check { id, section, severity, proves, how, mend, about, .. } = check;
        CheckState { id, section, severity, proves, how, mend, about, ran_at, result }
    });
    let checks: Vec<_> = states.collect();
    let score = checks.iter().any(|check| check.result.is_some()).then(|| counts.score());
    Ok(Json(AuditState { score, counts, asked, checks }))
}

/// Which runs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RunQuery {
    /// Only from this instant on.
    since: Option<Timestamp>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the runs of the audit with their scores, newest first.
#[utoipa::path(get, path = "/api/audit/runs", tag = "audit", params(RunQuery), responses((status = 200, body = Page<AuditRun>)))]
async fn list_audit_runs(ctx: Ctx, Query(query): Query<RunQuery>) -> Result<Json<Page<AuditRun>>> {
    let limit = limit(query.limit)?;
    let before = query.cursor.as_deref().map(IdCursor::decode).transpose()?;
    let mut tx = ctx.read().await?;
    let runs = store::list_runs(&mut tx, query.since, before, limit).await?;
    Ok(Json(IdCursor::cut(runs, limit, |run| run.id.uuid())))
}

/// One run of the audit with what each check found.
#[utoipa::path(get, path = "/api/audit/runs/{id}", tag = "audit", params(("id" = AuditRunId, Path)), responses((status = 200, body = AuditReport)))]
async fn get_audit_run(ctx: Ctx, Path(id): Path<AuditRunId>) -> Result<Json<AuditReport>> {
    let mut tx = ctx.read().await?;
    Ok(Json(store::get_report(&mut tx, id).await?))
}

/// One run of the audit as a page of HTML that needs nothing else, to be kept or printed. It is in English.
#[utoipa::path(get, path = "/api/audit/runs/{id}/report", tag = "audit", params(("id" = AuditRunId, Path)), responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
async fn get_audit_report(
    ctx: Ctx,
    Extension(routes): Extension<Arc<[Route]>>,
    Path(id): Path<AuditRunId>,
) -> Result<Response> {
    let mut tx = ctx.read().await?;
    let report = store::get_report(&mut tx, id).await?;
    let radius = radius::draw(&mut tx, &routes).await?;
    let (tenant, zone) = (&ctx.tenant().slug, &ctx.tenant().zone);
    let checks = &ops::checks(&ctx, &[]);
    let printed = Printed { tenant, zone, report: &report, checks, radius: Some(&radius), since: None };
    let name = format!("audit-{tenant}-{}.html", report.run.finished_at.date_in(zone));
    Ok(own_file(&name, FileKind::Html, report::page(&[printed.html()])))
}

/// What follows from what, how it went within seven days, and how far it reaches when it fails.
#[utoipa::path(get, path = "/api/audit/blast-radius", tag = "audit", responses((status = 200, body = BlastRadius)))]
async fn get_blast_radius(ctx: Ctx, Extension(routes): Extension<Arc<[Route]>>) -> Result<Json<BlastRadius>> {
    let mut tx = ctx.read().await?;
    Ok(Json(radius::draw(&mut tx, &routes).await?))
}

/// What to audit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StartAudit {
    /// The parts; none named, all.
    #[serde(default)]
    sections: Vec<Section>,
}

/// Has the audit run in the background; its run appears in the list when it has ended. Asking for the same again while it is
/// under way changes nothing.
#[utoipa::path(post, path = "/api/audit/runs", tag = "audit", request_body = StartAudit, responses((status = 202)))]
async fn run_audit(ctx: Ctx, Json(body): Json<StartAudit>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::ask(&mut tx, body.sections).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
