//! `/api/operations/signals`: how the service runs, without any other software.

use jiff::SignedDuration;
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, Fullness, InstanceMinute, Named, QueuedKind};
use super::{SlowStatement, Source, Tally};
use crate::http::{Api, Guard, Json, Query};
use crate::{Ctx, Permission, Result, Tx};

/// Slow statements that are shown.
const SLOW: i64 = 50;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(show_signals), Guard::permit(Permission::OperationsManage).tenant_wide())
}

crate::words! {
    /// How far back signals are shown.
    #[derive(Default)]
    SignalRange {
        /// The last hour, by the minute.
        #[default]
        Hour = "hour",
        /// The last 24 hours, by the quarter of an hour.
        Day = "day",
    }
}

impl SignalRange {
    const fn steps(self) -> (i64, i64) {
        match self {
            Self::Hour => (60, 60),
            Self::Day => (96, 900),
        }
    }
}

/// How far back.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SignalQuery {
    /// How far back; an hour, unless told.
    #[param(inline)]
    #[serde(default)]
    range: SignalRange,
}

/// How the service runs.
#[derive(Debug, Serialize, ToSchema)]
struct SignalsView {
    /// Whether it is of the whole installation, which the tenant of its operator sees; others see what is theirs: jobs.
    whole_installation: bool,
    /// From when on.
    from: Timestamp,
    /// The length of a step, in seconds.
    step_seconds: i64,
    /// The steps, oldest first; the last one is not over.
    points: Vec<SignalPoint>,
    /// Every route that was asked, as `METHOD /its/template`.
    routes: Vec<SignalFigures>,
    /// Every kind of job that ran.
    jobs: Vec<SignalFigures>,
    /// How long jobs waited for a worker after they were due, by kind.
    waits: Vec<SignalFigures>,
    /// What waits, runs and has given up now, by kind.
    queue: Vec<QueuedKind>,
    /// The other systems that were asked.
    services: Vec<SignalFigures>,
    /// The last minute of every instance.
    instances: Vec<InstanceMinute>,
    /// Statements that took longer than they should.
    slow: Vec<SlowStatement>,
}

/// What a name came to; times in microseconds.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(super) struct SignalFigures {
    /// The route, the kind of job or the system.
    pub(super) name: String,
    /// How often.
    pub(super) runs: i64,
    /// How often with a refusal.
    pub(super) refused: i64,
    /// How often with a failure.
    pub(super) errors: i64,
    /// The mean time.
    pub(super) mean_us: i64,
    /// Half were done within.
    pub(super) p50_us: i64,
    /// 95 of 100 were done within.
    pub(super) p95_us: i64,
    /// 99 of 100 were done within.
    pub(super) p99_us: i64,
    /// The longest.
    pub(super) longest_us: i64,
}

impl From<Named> for SignalFigures {
    fn from(named: Named) -> Self {
        let tally = &named.tally;
        Self {
            runs: tally.runs,
            refused: tally.refused,
            errors: tally.errors,
            mean_us: tally.mean_us(),
            p50_us: tally.percentile_us(50),
            p95_us: tally.percentile_us(95),
            p99_us: tally.percentile_us(99),
            longest_us: tally.longest_us,
            name: named.name,
        }
    }
}

/// A step of time.
#[derive(Debug, Serialize, ToSchema)]
struct SignalPoint {
    /// When it began.
    at: Timestamp,
    /// Requests that were answered.
    requests: i64,
    /// Those that were refused.
    refused: i64,
    /// Those that failed.
    errors: i64,
    /// Half were answered within, in microseconds.
    p50_us: i64,
    /// 95 of 100 were answered within, in microseconds.
    p95_us: i64,
    /// 99 of 100 were answered within, in microseconds.
    p99_us: i64,
    /// The part of an instance's connections that was in use at most, of 100.
    db_busiest_percent: i64,
    /// How many waited for the database at most.
    db_waiting: i64,
    /// Requests under way at most.
    requests_busiest: i64,
    /// The memory of all instances, in bytes.
    memory_bytes: i64,
    /// Jobs that were due at most.
    jobs_due: i64,
    /// For how long the oldest of them had been due, in seconds.
    oldest_due_seconds: i64,
}

/// How the service runs: traffic, errors, latency and saturation of routes, jobs and other systems, over all instances.
#[utoipa::path(get, path = "/api/operations/signals", tag = "operations", params(SignalQuery), responses((status = 200, body = SignalsView)))]
async fn show_signals(ctx: Ctx, Query(query): Query<SignalQuery>) -> Result<Json<SignalsView>> {
    let mut tx = ctx.read().await?;
    let (steps, step_seconds) = query.range.steps();
    let second = tx.now().jiff().as_second();
    // Steps begin where the clock says so, so that a chart does not change when it is read again.
    let back = SignedDuration::from_secs(second.rem_euclid(step_seconds) + (steps - 1) * step_seconds);
    let from = tx.now().minus(back + SignedDuration::from_nanos(i64::from(tx.now().jiff().subsec_nanosecond())));
    let view = if store::is_operators(&mut tx).await? {
        of_installation(&mut tx, from, steps, step_seconds).await?
    } else {
        of_tenant(&mut tx, from, step_seconds).await?
    };
    Ok(Json(view))
}

/// Who runs the installation sees it whole: figures of routes and systems name no tenant, but how busy all of them are is nobody
/// else's business.
async fn of_installation(tx: &mut Tx, from: Timestamp, steps: i64, step_seconds: i64) -> Result<SignalsView> {
    let (mut routes, mut jobs, mut waits, mut services) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for named in store::list_tallies(tx.conn(), from).await? {
        let into = match named.source {
            Source::Route => &mut routes,
            Source::Job => &mut jobs,
            Source::Wait => &mut waits,
            Source::Service => &mut services,
        };
        into.push(SignalFigures::from(named));
    }
    let traffic = store::list_traffic(tx.conn(), from, step_seconds).await?;
    let now = tx.now();
    let fullness = store::list_fullness(tx.conn(), from, step_seconds).await?;
    let point = |step: i64| {
        let tally = traffic.iter().find(|(at, _)| *at == step).map(|(_, tally)| tally.clone()).unwrap_or_default();
        let full = fullness.iter().find(|full| full.step == step).cloned().unwrap_or_default();
        point(from.plus(SignedDuration::from_secs(step * step_seconds)), &tally, &full)
    };
    Ok(SignalsView {
        whole_installation: true,
        from,
        step_seconds,
        points: (0..steps).map(point).collect(),
        routes,
        jobs,
        waits,
        queue: store::job_queue(tx.conn(), now).await?,
        services,
        instances: store::list_instances(tx.conn(), from).await?,
        slow: store::list_slow(tx.conn(), from, SLOW).await?,
    })
}

fn point(at: Timestamp, tally: &Tally, full: &Fullness) -> SignalPoint {
    SignalPoint {
        at,
        requests: tally.runs,
        refused: tally.refused,
        errors: tally.errors,
        p50_us: tally.percentile_us(50),
        p95_us: tally.percentile_us(95),
        p99_us: tally.percentile_us(99),
        db_busiest_percent: full.db_busiest_percent,
        db_waiting: full.db_waiting,
        requests_busiest: full.requests_busiest,
        memory_bytes: full.memory_bytes,
        jobs_due: full.jobs_due,
        oldest_due_seconds: full.oldest_due_seconds,
    }
}

async fn of_tenant(tx: &mut Tx, from: Timestamp, step_seconds: i64) -> Result<SignalsView> {
    Ok(SignalsView {
        whole_installation: false,
        from,
        step_seconds,
        points: Vec::new(),
        routes: Vec::new(),
        jobs: store::list_runs_of_tenant(tx, from).await?,
        waits: Vec::new(),
        queue: store::job_queue_of_tenant(tx).await?,
        services: Vec::new(),
        instances: Vec::new(),
        slow: Vec::new(),
    })
}
