//! Workers: claim due jobs tenant by tenant, run them, settle them.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use kernel::{JobId, TenantId};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::store::{self, Claimed, Ending};
use super::{JobRun, LEASE, backoff, schedule};
use crate::event::Severity;
use crate::{Actor, Ctx, Error, Event, Platform, Result, live};

/// Jobs claimed from one tenant at a time, so that a full queue of one does not hold up the others.
const PER_TENANT: i32 = 4;
const POLL: Duration = Duration::from_secs(1);
const SCHEDULE_EVERY: Duration = Duration::from_secs(10);
const BEAT_EVERY: Duration = Duration::from_secs(15);

/// Works until `stop`: runs due jobs as they come, enqueues what schedules ask for, beats. Jobs that are running when
/// `stop` comes get their chance to finish.
pub async fn work(platform: Platform, parallel: usize, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(parallel));
    let mut running = JoinSet::new();
    let started = platform.now();
    let mut schedules = tokio::time::interval(SCHEDULE_EVERY);
    let mut beats = tokio::time::interval(BEAT_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = schedules.tick() => log_failure("enqueueing schedules", schedule::enqueue_due(&platform).await),
            _ = beats.tick() => {
                platform.limits().forget_idle();
                let busy = i32::try_from(parallel - slots.available_permits()).unwrap_or(i32::MAX);
                log_failure("beating", store::beat(&platform, started, busy).await);
            }
            () = platform.woken() => {}
            () = tokio::time::sleep(POLL) => {}
        }
        while running.try_join_next().is_some() {}
        log_failure("claiming jobs", claim_round(&platform, &slots, &mut running).await);
    }
    let finishing = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(20), finishing).await.is_err() {
        tracing::warn!(
            "jobs were still running at shutdown; their leases will expire and they will be looked at again"
        );
    }
}

fn log_failure(doing: &'static str, result: Result<()>) {
    if let Err(error) = result {
        tracing::warn!(doing, error = error.chain(), "the worker will try again");
    }
}

async fn claim_round(platform: &Platform, slots: &Arc<Semaphore>, running: &mut JoinSet<()>) -> Result<()> {
    if slots.available_permits() == 0 {
        return Ok(());
    }
    for tenant in store::tenants_with_due_jobs(platform).await? {
        let free = i32::try_from(slots.available_permits()).unwrap_or(i32::MAX).min(PER_TENANT);
        if free == 0 {
            return Ok(());
        }
        for job in store::claim_jobs(platform, tenant, LEASE, free).await? {
            let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { break };
            let platform = platform.clone();
            running.spawn(async move {
                run_claimed(&platform, tenant, job).await;
                platform.wake_workers();
                drop(slot);
            });
        }
    }
    Ok(())
}

/// Runs what is due now, one after the other, and says how many jobs ran. For the command line and for tests.
pub async fn run_due(platform: &Platform) -> Result<usize> {
    let mut ran = 0;
    for tenant in store::tenants_with_due_jobs(platform).await? {
        ran += run_due_in(platform, tenant).await?;
    }
    Ok(ran)
}

/// Runs what is due now in one tenant, one after the other, and says how many jobs ran.
pub async fn run_due_in(platform: &Platform, tenant: TenantId) -> Result<usize> {
    let claimed = store::claim_jobs(platform, tenant, LEASE, 100).await?;
    let ran = claimed.len();
    for job in claimed {
        run_claimed(platform, tenant, job).await;
    }
    Ok(ran)
}

/// Runs due jobs, and the due jobs those enqueue, until none is left.
pub async fn run_until_idle(platform: &Platform) -> Result<usize> {
    let mut total = 0;
    loop {
        let ran = run_due(platform).await?;
        if ran == 0 {
            return Ok(total);
        }
        total += ran;
    }
}

/// Runs the job `kind` at once, outside the queue's order, and returns what it reports; the run is in the history.
///
/// Not found when this binary knows no such job.
pub async fn run_now(ctx: &Ctx, kind: &str) -> Result<Value> {
    let platform = ctx.platform();
    let handler = platform.registry().handler(kind).ok_or_else(|| Error::not_found("job"))?;
    let now = ctx.now();
    let job = Claimed {
        id: JobId::generate(now),
        kind: kind.to_owned(),
        key: None,
        payload: serde_json::json!({ "due": now }),
        attempts: 1,
        max_attempts: 1,
        request_id: ctx.request_id().to_owned(),
        was_lost: false,
    };
    let run = JobRun { id: job.id, kind: job.kind.clone(), key: None, attempt: 1, was_lost: false };
    let result = handler(ctx.clone(), run, job.payload.clone()).await;
    let error = result.as_ref().err().map(Error::chain);
    let status = if error.is_some() { "error" } else { "success" };
    let mut tx = ctx.begin().await?;
    store::insert_run(&mut tx, &job, now, status, result.as_ref().ok(), error.as_deref()).await?;
    tx.emit(Event::new("job_run", "job", job.id.uuid()).details(serde_json::json!({ "job": kind, "status": status })));
    tx.commit().await?;
    result
}

async fn run_claimed(platform: &Platform, tenant: TenantId, job: Claimed) {
    let (id, kind) = (job.id, job.kind.clone());
    if let Err(error) = run_and_settle(platform, tenant, job).await {
        // The lease stays: it expires and the job is looked at again.
        tracing::error!(job.id = %id, job.kind = kind, error = error.chain(), "a job could not be settled");
    }
}

async fn run_and_settle(platform: &Platform, tenant: TenantId, job: Claimed) -> Result<()> {
    let ctx = platform.act_in(tenant, Actor::System("worker"), &job.request_id).await?;
    let started = ctx.now();
    let clock = std::time::Instant::now();
    let ending = match attempt(&ctx, &job).await {
        Ok(result) => Ending::Done(result),
        Err(error) if job.attempts >= job.max_attempts => Ending::Dead(error.chain()),
        Err(error) => Ending::Retry(error.chain(), ctx.now().plus(backoff(job.attempts))),
    };
    let outcome = match &ending {
        Ending::Done(_) => "done",
        Ending::Retry(..) => "retry",
        Ending::Dead(_) => "dead",
    };
    metrics::counter!("comptoir_jobs_total", "kind" => job.kind.clone(), "outcome" => outcome).increment(1);
    metrics::histogram!("comptoir_job_seconds", "kind" => job.kind.clone()).record(clock.elapsed().as_secs_f64());
    let mut tx = ctx.begin().await?;
    if !store::settle_job(&mut tx, &job, started, &ending).await? {
        tracing::warn!(job.id = %job.id, job.kind = job.kind, "the lease was lost; another worker has the job");
        return Ok(());
    }
    tx.touch(None, live::JOB);
    if let Ending::Dead(error) = &ending {
        tracing::error!(job.id = %job.id, job.kind = job.kind, error, "a job became a dead letter");
        let details = serde_json::json!({ "job": job.kind, "key": job.key, "error": error });
        tx.emit(Event::new("job_dead", "job", job.id.uuid()).severity(Severity::Error).details(details));
    }
    tx.commit().await
}

async fn attempt(ctx: &Ctx, job: &Claimed) -> Result<Value> {
    let handler = ctx.platform().registry().handler(&job.kind);
    let Some(handler) = handler else {
        return Err(Error::refused("unknown_job", format!("This version knows no job {}.", job.kind)));
    };
    if job.was_lost {
        tracing::warn!(job.id = %job.id, job.kind = job.kind, "taking over a job whose worker was lost");
    }
    let run = JobRun {
        id: job.id,
        kind: job.kind.clone(),
        key: job.key.clone(),
        attempt: job.attempts,
        was_lost: job.was_lost,
    };
    let limit = LEASE - SignedDuration::from_secs(30);
    let task = tokio::spawn(handler(ctx.clone(), run, job.payload.clone()));
    let abort = task.abort_handle();
    match tokio::time::timeout(limit.unsigned_abs(), task).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Error::internal("running a job", panic)),
        Err(_) => {
            abort.abort();
            Err(Error::refused("job_too_long", format!("The job ran longer than {limit:#}.")))
        }
    }
}
