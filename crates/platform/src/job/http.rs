//! The operations routes: jobs, dead letters, history, schedules, heartbeats.

use axum::extract::State;
use kernel::{JobId, Limit, Page, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;
use uuid::Uuid;

use super::JobState;
use super::store::{self, Heartbeat, JobView, RunView};
use crate::http::{Api, Guard, IdCursor, Json, Path, Query};
use crate::{Ctx, Error, Event, Permission, Platform, Result};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::OperationsManage).tenant_wide();
    api.route(routes!(list_jobs), guard())
        .route(routes!(get_job), guard())
        .route(routes!(requeue_job), guard())
        .route(routes!(requeue_jobs), guard())
        .route(routes!(list_runs), guard())
        .route(routes!(list_schedules), guard())
        .route(routes!(list_workers), guard())
}

/// Which jobs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct JobQuery {
    /// Only in this state; `dead` are the dead letters.
    #[param(inline)]
    state: Option<JobState>,
    /// Only of this kind.
    kind: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists jobs, newest first.
#[utoipa::path(get, path = "/api/operations/jobs", tag = "operations", params(JobQuery), responses((status = 200, body = Page<JobView>)))]
async fn list_jobs(ctx: Ctx, Query(query): Query<JobQuery>) -> Result<Json<Page<JobView>>> {
    let (limit, before) = page(query.limit, query.cursor.as_deref())?;
    let mut tx = ctx.read().await?;
    let rows = store::list_jobs(&mut tx, query.state, query.kind.as_deref(), before, limit).await?;
    Ok(Json(IdCursor::cut(rows, limit, |row| row.id.uuid())))
}

/// One job with its payload.
#[utoipa::path(get, path = "/api/operations/jobs/{id}", tag = "operations", params(("id" = JobId, Path)), responses((status = 200, body = JobView)))]
async fn get_job(ctx: Ctx, Path(id): Path<JobId>) -> Result<Json<JobView>> {
    let mut tx = ctx.read().await?;
    let job = store::get_job(&mut tx, id).await?;
    Ok(Json(job))
}

/// Puts a dead letter back to work, with its attempts counted anew.
#[utoipa::path(post, path = "/api/operations/jobs/{id}/requeue", tag = "operations", params(("id" = JobId, Path)), responses((status = 200, body = JobView)))]
async fn requeue_job(ctx: Ctx, Path(id): Path<JobId>) -> Result<Json<JobView>> {
    let mut tx = ctx.begin().await?;
    let job = requeue(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(job))
}

/// Requeues a dead letter.
///
/// Not found when there is no such job; refused when it is not dead.
pub async fn requeue(tx: &mut crate::Tx, id: JobId) -> Result<JobView> {
    let job = store::get_job(tx, id).await?;
    job.state.move_to(JobState::Queued)?;
    if job.state != JobState::Dead || !store::requeue_job(tx, id).await? {
        return Err(Error::refused("job_not_dead", "Only a dead letter can be requeued."));
    }
    tx.emit(Event::new("job_requeued", "job", id).details(serde_json::json!({ "job": job.kind })));
    store::get_job(tx, id).await
}

/// How many dead letters one call puts back to work: one transaction that is done in a second or two.
const REQUEUED_AT_ONCE: u16 = 10_000;

/// Which dead letters.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RequeueJobs {
    /// Only of this kind.
    kind: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RequeuedJobs {
    /// How many are back in the queue.
    requeued: u64,
    /// Whether others may be left: a call takes 10 000 at most.
    more: bool,
}

/// Puts the dead letters, or those of one kind, back to work, the oldest first, with their attempts counted anew; 10 000 a call at
/// most. They wait for their turn like any other job: those of other tenants do not wait behind them.
#[utoipa::path(post, path = "/api/operations/jobs/requeue", tag = "operations", request_body = RequeueJobs, responses((status = 200, body = RequeuedJobs)))]
async fn requeue_jobs(ctx: Ctx, Json(which): Json<RequeueJobs>) -> Result<Json<RequeuedJobs>> {
    let mut tx = ctx.begin().await?;
    let requeued = requeue_all(&mut tx, which.kind.as_deref()).await?;
    tx.commit().await?;
    Ok(Json(RequeuedJobs { requeued, more: requeued == u64::from(REQUEUED_AT_ONCE) }))
}

/// Requeues dead letters; how many. One event tells of all of them.
async fn requeue_all(tx: &mut crate::Tx, kind: Option<&str>) -> Result<u64> {
    let requeued = store::requeue_jobs(tx, kind, REQUEUED_AT_ONCE.into()).await?;
    if requeued > 0 {
        let details = serde_json::json!({ "job": kind, "count": requeued });
        let tenant = tx.tenant();
        tx.emit(Event::new("jobs_requeued", "tenant", tenant).details(details));
        tx.touch(None, crate::live::JOB);
    }
    Ok(requeued)
}

/// Which attempts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RunQuery {
    /// Only of this kind.
    kind: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists attempts at jobs, newest first.
#[utoipa::path(get, path = "/api/operations/runs", tag = "operations", params(RunQuery), responses((status = 200, body = Page<RunView>)))]
async fn list_runs(ctx: Ctx, Query(query): Query<RunQuery>) -> Result<Json<Page<RunView>>> {
    let (limit, before) = page(query.limit, query.cursor.as_deref())?;
    let mut tx = ctx.read().await?;
    let rows = store::list_runs(&mut tx, query.kind.as_deref(), before, limit).await?;
    Ok(Json(IdCursor::cut(rows, limit, |row| row.id.uuid())))
}

/// A schedule and when it is due next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ScheduleView {
    /// The job's name.
    name: &'static str,
    /// The cron expression, in the tenant's time zone.
    cron: &'static str,
    /// What it does.
    about: &'static str,
    /// The next time it is due.
    next_at: Option<Timestamp>,
}

/// Lists the schedules.
#[utoipa::path(get, path = "/api/operations/schedules", tag = "operations", responses((status = 200, body = Vec<ScheduleView>)))]
async fn list_schedules(ctx: Ctx, State(platform): State<Platform>) -> Json<Vec<ScheduleView>> {
    let zone = &ctx.tenant().zone;
    let view = |planned: &super::schedule::Planned| ScheduleView {
        name: planned.schedule.name,
        cron: planned.schedule.cron,
        about: planned.schedule.about,
        next_at: planned.next_due(ctx.now(), zone),
    };
    Json(platform.registry().schedules().iter().map(view).collect())
}

/// Lists the service instances and when they were last heard of.
#[utoipa::path(get, path = "/api/operations/workers", tag = "operations", responses((status = 200, body = Vec<Heartbeat>)))]
async fn list_workers(ctx: Ctx) -> Result<Json<Vec<Heartbeat>>> {
    let mut tx = ctx.read().await?;
    let beats = store::list_heartbeats(&mut tx).await?;
    Ok(Json(beats))
}

fn page(limit: Option<u16>, cursor: Option<&str>) -> Result<(Limit, Option<Uuid>)> {
    Ok((crate::http::limit(limit)?, cursor.map(IdCursor::decode).transpose()?))
}
