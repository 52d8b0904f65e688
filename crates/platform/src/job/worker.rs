//! Workers: claim due jobs tenant by tenant, run them, settle them.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::{JobId, TenantId};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::lane::Workers;
use super::store::{self, Claimed, Ending};
use super::{JobRun, LEASE, Lane, alone, backoff, schedule};
use crate::event::Severity;
use crate::signal::Outcome;
use crate::trace;
use crate::{Actor, Again, Ctx, Error, Event, Platform, Result, live};

const POLL: Duration = Duration::from_secs(1);
const SCHEDULE_EVERY: Duration = Duration::from_secs(10);
const BEAT_EVERY: Duration = Duration::from_secs(15);
/// What the round asks the database takes milliseconds: longer than its own limit only on a connection that hangs.
const ROUND_LIMIT: Duration = Duration::from_secs(45);
/// Schedules are looked at tenant by tenant, and there may be thousands.
const SCHEDULES_LIMIT: Duration = Duration::from_mins(10);

/// Works until `stop`: runs due jobs as they come, `parallel` at once in each lane, enqueues what schedules ask for, beats. Jobs
/// that are running when `stop` comes get their chance to finish.
pub async fn work(platform: Platform, parallel: usize, stop: CancellationToken) {
    let mut lanes = Lane::ALL.iter().map(|lane| Workers::new(*lane, parallel)).collect::<Vec<_>>();
    let mut running = JoinSet::new();
    let started = platform.now();
    let mut schedules = tokio::time::interval(SCHEDULE_EVERY);
    let mut beats = tokio::time::interval(BEAT_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = schedules.tick() => {
                bounded(SCHEDULES_LIMIT, "enqueueing schedules", schedule::enqueue_due(&platform)).await;
            }
            _ = beats.tick() => {
                platform.limits().forget_idle();
                let busy = i32::try_from(lanes.iter().map(Workers::busy).sum::<usize>()).unwrap_or(i32::MAX);
                bounded(ROUND_LIMIT, "beating", store::beat(&platform, started, busy)).await;
            }
            () = platform.woken() => {}
            () = tokio::time::sleep(POLL) => {}
        }
        while running.try_join_next().is_some() {}
        for lane in &mut lanes {
            bounded(ROUND_LIMIT, "claiming jobs", lane.claim_round(&platform, &mut running)).await;
        }
    }
    let finishing = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(20), finishing).await.is_err() {
        tracing::warn!(
            "jobs were still running at shutdown; their leases will expire and they will be looked at again"
        );
    }
    bounded(ROUND_LIMIT, "leaving the list of workers", store::end_beating(&platform)).await;
}

/// Does a part of the worker's round: what fails is told and tried again in the next, and what hangs fails.
async fn bounded(limit: Duration, doing: &'static str, work: impl Future<Output = Result<()>>) {
    let done = tokio::time::timeout(limit, work).await;
    if let Err(error) = done.unwrap_or_else(|late| Err(Error::unavailable(late))) {
        tracing::warn!(doing, error = error.logged(), "the worker will try again");
    }
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
/// Not found when this binary knows no such job; conflict while a schedule of this name runs already.
pub async fn run_now(ctx: &Ctx, kind: &str) -> Result<Value> {
    let platform = ctx.platform();
    platform.registry().handler(kind).ok_or_else(|| Error::not_found("job"))?;
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
        run_at: now,
        trace_parent: None,
    };
    let is_alone = platform.registry().schedules().iter().any(|planned| planned.schedule.name == kind);
    if is_alone {
        let mut tx = ctx.begin().await?;
        alone::store::take_slot(&mut tx, &job, LEASE).await?;
        tx.commit().await?;
    }
    let clock = std::time::Instant::now();
    let result = attempt(ctx, &job).await;
    let (ending, outcome) = if result.is_ok() { ("done", Outcome::Fine) } else { ("dead", Outcome::Failed) };
    ctx.platform().signals().job(kind, ending, outcome, clock.elapsed(), Duration::ZERO);
    let error = result.as_ref().err().map(Error::chain);
    let status = if error.is_some() { "error" } else { "success" };
    let mut tx = ctx.begin().await?;
    if is_alone {
        alone::store::free_slot(&mut tx, job.id).await?;
    }
    store::insert_run(&mut tx, &job, now, status, result.as_ref().ok(), error.as_deref()).await?;
    tx.emit(Event::new("job_run", "job", job.id.uuid()).details(serde_json::json!({ "job": kind, "status": status })));
    tx.commit().await?;
    result
}

pub(super) async fn run_claimed(platform: &Platform, tenant: TenantId, job: Claimed) {
    let span = tracing::info_span!(
        "job",
        otel.name = job.kind,
        otel.kind = "consumer",
        otel.status_code = tracing::field::Empty,
        request_id = job.request_id,
        job.id = %job.id,
        job.attempt = job.attempts,
        job.outcome = tracing::field::Empty
    );
    trace::adopt(&span, job.trace_parent.as_deref());
    let settling = async {
        if let Err(error) = run_and_settle(platform, tenant, &job).await {
            // The lease stays: it expires and the job is looked at again.
            tracing::error!(job.kind = job.kind, error = error.logged(), "a job could not be settled");
        }
    };
    settling.instrument(span).await;
}

async fn run_and_settle(platform: &Platform, tenant: TenantId, job: &Claimed) -> Result<()> {
    let ctx = platform.act_in(tenant, Actor::System("worker"), &job.request_id).await?;
    let started = ctx.now();
    let clock = std::time::Instant::now();
    let result = attempt(&ctx, job).await;
    let failure = result.as_ref().err().map(Error::logged);
    let ending = match result {
        Ok(result) => Ending::Done(result),
        Err(error) => match error.when_again() {
            Some(Again::At(until)) => Ending::Postponed(until),
            _ if job.attempts >= job.max_attempts => Ending::Dead(error.chain()),
            Some(Again::After(wait)) => Ending::Retry(error.chain(), ctx.now().plus(wait)),
            None => Ending::Retry(error.chain(), ctx.now().plus(backoff(job.attempts))),
        },
    };
    measure(&ctx, job, &ending, clock.elapsed(), started.since(job.run_at).unsigned_abs());
    let mut tx = ctx.begin().await?;
    if !store::settle_job(&mut tx, job, started, &ending).await? {
        tracing::warn!(job.kind = job.kind, "the lease was lost; another worker has the job");
        return Ok(());
    }
    tx.touch(None, live::JOB);
    // What it says in full stands with the job: it may quote what it worked on.
    match &ending {
        Ending::Dead(_) => tracing::error!(job.kind = job.kind, error = failure, "a job became a dead letter"),
        Ending::Retry(..) => tracing::warn!(job.kind = job.kind, error = failure, "a job failed, and is tried again"),
        Ending::Done(_) | Ending::Postponed(_) => tracing::debug!(job.kind = job.kind, "a job ran"),
    }
    if let Ending::Dead(error) = &ending {
        let details = serde_json::json!({ "job": job.kind, "key": job.key, "error": error });
        tx.emit(Event::new("job_dead", "job", job.id.uuid()).severity(Severity::Error).details(details));
    }
    tx.commit().await
}

fn measure(ctx: &Ctx, job: &Claimed, ending: &Ending, took: Duration, waited: Duration) {
    let (word, outcome) = match ending {
        Ending::Done(_) => ("done", Outcome::Fine),
        Ending::Postponed(_) => ("postponed", Outcome::Refused),
        Ending::Retry(..) => ("retry", Outcome::Failed),
        Ending::Dead(_) => ("dead", Outcome::Failed),
    };
    let span = tracing::Span::current();
    span.record("job.outcome", word);
    if outcome == Outcome::Failed {
        span.record("otel.status_code", "ERROR");
    }
    ctx.platform().signals().job(&job.kind, word, outcome, took, waited);
}

async fn attempt(ctx: &Ctx, job: &Claimed) -> Result<Value> {
    let handler = ctx.platform().registry().handler(&job.kind);
    let Some(handler) = handler else {
        return Err(Error::refused("unknown_job", format!("This version knows no job {}.", job.kind)));
    };
    if job.was_lost {
        tracing::warn!(job.kind = job.kind, "taking over a job whose worker was lost");
    }
    let run = JobRun {
        id: job.id,
        kind: job.kind.clone(),
        key: job.key.clone(),
        attempt: job.attempts,
        was_lost: job.was_lost,
    };
    let limit = LEASE - SignedDuration::from_secs(30);
    let task = tokio::spawn(handler(ctx.clone(), run, job.payload.clone()).in_current_span());
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
