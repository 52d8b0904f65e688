//! Every statement on `platform.job` and `platform.job_run`.

use jiff::SignedDuration;
use kernel::{JobId, Limit, RunId, TenantId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::postgres::types::PgInterval;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{JobState, Lane, NewJob};
use crate::{Error, Platform, Result, Tx};

/// Writes jobs; how many were new.
pub(crate) async fn insert_jobs(tx: &mut Tx, jobs: &[NewJob]) -> Result<u64> {
    if jobs.is_empty() {
        return Ok(0);
    }
    let (tenant, now, request) = (tx.tenant().uuid(), tx.now(), tx.ctx().request_id().to_owned());
    let trace = tx.trace_parent();
    let rows: Vec<Value> = jobs
        .iter()
        .map(|job| {
            json!({ "id": JobId::generate(now), "kind": job.kind, "key": job.key, "payload": job.payload,
                "run_at": job.run_at, "max_attempts": job.max_attempts, "lane": job.lane, "alone": job.alone })
        })
        .collect();
    let new = sqlx::query!(
        "insert into platform.job (tenant_id, id, kind, key, payload, state, lane, run_at, max_attempts, request_id, created_at, trace_parent,
             alone)
         select $1, id, kind, key, payload, 'queued', lane, run_at, max_attempts, $3, $4, $5, alone
         from jsonb_to_recordset($2)
             as x (id uuid, kind text, key text, payload jsonb, lane text, run_at timestamptz, max_attempts int, alone boolean)
         on conflict on constraint job_key_key do nothing
         returning 1 as one",
        tenant,
        Value::from(rows),
        request,
        now as Timestamp,
        trace
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(new.len() as u64)
}

/// A job as a worker claimed it.
pub(crate) struct Claimed {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) key: Option<String>,
    pub(crate) payload: Value,
    pub(crate) attempts: i32,
    pub(crate) max_attempts: i32,
    pub(crate) request_id: String,
    pub(crate) was_lost: bool,
    /// When it was due.
    pub(crate) run_at: Timestamp,
    /// The trace it belongs to, where somebody traces.
    pub(crate) trace_parent: Option<String>,
}

pub(crate) async fn tenants_with_due_jobs(platform: &Platform) -> Result<Vec<TenantId>> {
    let now = platform.now();
    let tenants = sqlx::query_scalar!(
        r#"select tenant_id as "tenant_id!: TenantId" from platform.tenants_with_due_jobs($1)"#,
        now as Timestamp
    )
    .fetch_all(platform.pool())
    .await?;
    Ok(tenants)
}

/// The tenants with due jobs in a lane.
pub(crate) async fn tenants_with_due_jobs_in(platform: &Platform, lane: Lane) -> Result<Vec<TenantId>> {
    let now = platform.now();
    let tenants = sqlx::query_scalar!(
        r#"select tenant_id as "tenant_id!: TenantId" from platform.tenants_with_due_lane_jobs($1, $2)"#,
        lane.as_str(),
        now as Timestamp
    )
    .fetch_all(platform.pool())
    .await?;
    Ok(tenants)
}

/// Claims due jobs of one tenant and lane.
pub(crate) async fn claim_jobs_in(
    platform: &Platform,
    tenant: TenantId,
    lane: Lane,
    lease: SignedDuration,
    limit: i32,
) -> Result<Vec<Claimed>> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"select id as "id!: JobId", kind as "kind!", key, payload as "payload!", attempts as "attempts!",
               max_attempts as "max_attempts!", request_id as "request_id!", was_lost as "was_lost!",
               run_at as "run_at!: Timestamp", trace_parent
           from platform.claim_lane_jobs($1, $2, $3, $4, $5, $6)"#,
        tenant.uuid(),
        lane.as_str(),
        platform.options().worker_name,
        platform.now() as Timestamp,
        interval(lease),
        limit
    )
    .fetch_all(platform.pool())
    .await?;
    Ok(claimed)
}

pub(in crate::job) fn interval(duration: SignedDuration) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX) }
}

/// Claims due jobs of one tenant, in whichever lane.
pub(crate) async fn claim_jobs(
    platform: &Platform,
    tenant: TenantId,
    lease: SignedDuration,
    limit: i32,
) -> Result<Vec<Claimed>> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"select id as "id!: JobId", kind as "kind!", key, payload as "payload!", attempts as "attempts!",
               max_attempts as "max_attempts!", request_id as "request_id!", was_lost as "was_lost!",
               run_at as "run_at!: Timestamp", trace_parent
           from platform.claim_jobs($1, $2, $3, $4, $5)"#,
        tenant.uuid(),
        platform.options().worker_name,
        platform.now() as Timestamp,
        interval(lease),
        limit
    )
    .fetch_all(platform.pool())
    .await?;
    Ok(claimed)
}

/// How an attempt ended.
pub(crate) enum Ending {
    Done(Value),
    Retry(String, Timestamp),
    /// Not tried after all: it waits, as it was before.
    Postponed(Timestamp),
    Dead(String),
}

/// Settles a claimed job and writes the attempt to the history. False when the lease was lost meanwhile.
pub(crate) async fn settle_job(tx: &mut Tx, job: &Claimed, started: Timestamp, ending: &Ending) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (state, run_at, error) = match ending {
        Ending::Postponed(until) => return postpone_job(tx, job, *until).await,
        Ending::Done(_) => (JobState::Done, None, None),
        Ending::Retry(error, at) => (JobState::Queued, Some(*at), Some(error)),
        Ending::Dead(error) => (JobState::Dead, None, Some(error)),
    };
    let finished = (state != JobState::Queued).then_some(now);
    let settled = sqlx::query!(
        "update platform.job
         set state = $4, run_at = coalesce($5, run_at), last_error = $6, finished_at = $7, leased_by = null, lease_expires_at = null
         where tenant_id = $1 and id = $2 and state = 'running' and attempts = $3",
        tenant,
        job.id.uuid(),
        job.attempts,
        state.as_str(),
        run_at as Option<Timestamp>,
        error,
        finished as Option<Timestamp>
    )
    .execute(tx.conn())
    .await?;
    if settled.rows_affected() == 0 {
        return Ok(false);
    }
    let status = if error.is_some() { "error" } else { "success" };
    let result = if let Ending::Done(result) = ending { Some(result) } else { None };
    insert_run(tx, job, started, status, result, error.map(String::as_str)).await?;
    Ok(true)
}

/// Lets a claimed job wait without counting the attempt. False when the lease was lost meanwhile.
async fn postpone_job(tx: &mut Tx, job: &Claimed, until: Timestamp) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let waits = sqlx::query!(
        "update platform.job
         set state = 'queued', run_at = $4, attempts = attempts - 1, leased_by = null, lease_expires_at = null
         where tenant_id = $1 and id = $2 and state = 'running' and attempts = $3",
        tenant,
        job.id.uuid(),
        job.attempts,
        until as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(waits.rows_affected() == 1)
}

/// Writes one attempt to the history.
pub(crate) async fn insert_run(
    tx: &mut Tx,
    job: &Claimed,
    started: Timestamp,
    status: &str,
    result: Option<&Value>,
    error: Option<&str>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.job_run (tenant_id, id, job_id, kind, key, attempt, status, started_at, finished_at, result, error)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant,
        RunId::generate(now).uuid(),
        job.id.uuid(),
        job.kind,
        job.key,
        job.attempts,
        status,
        started as Timestamp,
        now as Timestamp,
        result,
        error
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A job as people see it.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// The kind.
    pub kind: String,
    /// The idempotency key; a schedule's period.
    pub key: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// The payload.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// When it is due.
    pub run_at: Timestamp,
    /// Attempts so far.
    pub attempts: i32,
    /// Attempts at most.
    pub max_attempts: i32,
    /// What the last attempt said.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

const JOB_COLUMNS: &str =
    "id, kind, key, state, payload, run_at, attempts, max_attempts, last_error, created_at, finished_at";

/// Jobs newest first, one more than `limit`.
pub async fn list_jobs(
    tx: &mut Tx,
    state: Option<JobState>,
    kind: Option<&str>,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<JobView>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {JOB_COLUMNS} from platform.job where tenant_id = "));
    sql.push_bind(tx.tenant());
    if let Some(state) = state {
        sql.push(" and state = ").push_bind(state);
    }
    if let Some(kind) = kind {
        sql.push(" and kind = ").push_bind(kind);
    }
    if let Some(before) = before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One job.
pub async fn get_job(tx: &mut Tx, id: JobId) -> Result<JobView> {
    let sql = format!("select {JOB_COLUMNS} from platform.job where tenant_id = $1 and id = $2");
    let tenant = tx.tenant();
    let row: Option<JobView> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("job"))
}

/// Puts a dead letter back to work. False when it is not dead.
pub async fn requeue_job(tx: &mut Tx, id: JobId) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let moved = sqlx::query!(
        "update platform.job set state = 'queued', attempts = 0, run_at = $3, finished_at = null
         where tenant_id = $1 and id = $2 and state = 'dead'",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Puts dead letters back to work, the oldest first, at most `limit`; how many.
pub(crate) async fn requeue_jobs(tx: &mut Tx, kind: Option<&str>, limit: i64) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let moved = sqlx::query!(
        "update platform.job set state = 'queued', attempts = 0, run_at = $3, finished_at = null
         where tenant_id = $1 and state = 'dead' and id in (
             select id from platform.job where tenant_id = $1 and state = 'dead' and ($2::text is null or kind = $2)
             order by id limit $4 for update skip locked)",
        tenant,
        kind,
        now as Timestamp,
        limit
    )
    .execute(tx.conn())
    .await?;
    Ok(moved.rows_affected())
}

/// One attempt at a job, from the history.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct RunView {
    /// The attempt.
    pub id: RunId,
    /// The job.
    pub job_id: JobId,
    /// The kind.
    pub kind: String,
    /// The period of a schedule.
    pub key: Option<String>,
    /// Counts from 1.
    pub attempt: i32,
    /// `success`, `error`, or `lost` when the worker vanished.
    pub status: String,
    /// Start.
    pub started_at: Timestamp,
    /// End.
    pub finished_at: Timestamp,
    /// What it reported.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Attempts newest first, one more than `limit`.
pub async fn list_runs(tx: &mut Tx, kind: Option<&str>, before: Option<Uuid>, limit: Limit) -> Result<Vec<RunView>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, job_id, kind, key, attempt, status, started_at, finished_at, result, error
         from platform.job_run where tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    if let Some(kind) = kind {
        sql.push(" and kind = ").push_bind(kind);
    }
    if let Some(before) = before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// Forgets finished jobs that ended before `before`; their history stays.
pub async fn delete_finished_jobs(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "delete from platform.job where tenant_id = $1 and state = 'done' and finished_at < $2",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Says that this instance is alive.
pub(crate) async fn beat(platform: &Platform, started: Timestamp, running: i32) -> Result<()> {
    sqlx::query!(
        "insert into platform.worker_heartbeat (worker, version, started_at, beat_at, running) values ($1, $2, $3, $4, $5)
         on conflict (worker) do update set version = excluded.version, started_at = excluded.started_at,
             beat_at = excluded.beat_at, running = excluded.running",
        platform.options().worker_name,
        env!("CARGO_PKG_VERSION"),
        started as Timestamp,
        platform.now() as Timestamp,
        running
    )
    .execute(platform.pool())
    .await?;
    Ok(())
}

/// Takes this instance off the list: it ends as it should.
pub(crate) async fn end_beating(platform: &Platform) -> Result<()> {
    sqlx::query!("delete from platform.worker_heartbeat where worker = $1", platform.options().worker_name)
        .execute(platform.pool())
        .await?;
    Ok(())
}

/// Forgets instances that were last heard of before `before`.
pub(crate) async fn delete_silent_workers(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let gone = sqlx::query!("delete from platform.worker_heartbeat where beat_at < $1", before as Timestamp)
        .execute(tx.conn())
        .await?;
    Ok(gone.rows_affected())
}

/// A service instance as last heard of.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Heartbeat {
    /// The instance.
    pub worker: String,
    /// Its version.
    pub version: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last heard of.
    pub beat_at: Timestamp,
    /// Jobs it was running then.
    pub running: i32,
}

/// The instances heard of, latest first.
pub async fn list_heartbeats(tx: &mut Tx) -> Result<Vec<Heartbeat>> {
    list_beats(tx.conn()).await
}

/// The same for who watches the installation.
pub async fn heartbeats(platform: &Platform) -> Result<Vec<Heartbeat>> {
    list_beats(platform.pool()).await
}

async fn list_beats(executor: impl sqlx::PgExecutor<'_>) -> Result<Vec<Heartbeat>> {
    let beats = sqlx::query_as!(
        Heartbeat,
        "select worker, version, started_at, beat_at, running from platform.worker_heartbeat order by beat_at desc, worker limit 100"
    )
    .fetch_all(executor)
    .await?;
    Ok(beats)
}

/// How a kind of job went since some time, and what of it is not finished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindCounts {
    /// The kind.
    pub kind: String,
    /// How often it ran.
    pub runs: i64,
    /// How many of the runs failed.
    pub failures: i64,
    /// How many wait or run now.
    pub waiting: i64,
    /// How many were given up, and wait for a person.
    pub dead: i64,
}

/// Each kind of job that ran since `since` (the lowest id of a run of that instant) or is not finished.
pub async fn count_by_kind(tx: &mut Tx, since: Uuid) -> Result<Vec<KindCounts>> {
    let tenant = tx.tenant().uuid();
    Ok(sqlx::query_as!(
        KindCounts,
        r#"with run as (
               select kind, count(*) as runs, count(*) filter (where status <> 'success') as failures
               from platform.job_run where tenant_id = $1 and id >= $2 group by kind
           ), unfinished as (
               select kind, count(*) filter (where state <> 'dead') as waiting, count(*) filter (where state = 'dead') as dead
               from platform.job where tenant_id = $1 and state in ('queued', 'running', 'dead') group by kind
           )
           select kind as "kind!", coalesce(runs, 0) as "runs!", coalesce(failures, 0) as "failures!",
               coalesce(waiting, 0) as "waiting!", coalesce(dead, 0) as "dead!"
           from run full join unfinished using (kind) order by kind"#,
        tenant,
        since
    )
    .fetch_all(tx.conn())
    .await?)
}
