//! Every statement on the signals.

use kernel::Timestamp;
use serde::Serialize;

use super::{BOUNDS, SlowStatement, Source, Tallies, Tally};
use crate::{Platform, Result, Tx, sha256_hex};

/// So many slow statements are kept of a week: those that took longest altogether.
const SLOW_PER_WEEK: i64 = 200;

/// A minute of one instance.
pub struct Minute {
    pub(super) tallies: Tallies,
    pub(super) slow: Vec<SlowStatement>,
    pub(super) instance: InstanceMinute,
}

/// How full an instance was within a minute, and what it found waiting at its end.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct InstanceMinute {
    /// When the minute began.
    pub at: Timestamp,
    /// The instance.
    pub worker: String,
    /// Connections to the database that it may have.
    pub db_pool: i32,
    /// Those in use at most.
    pub db_busiest: i32,
    /// How many waited for one, or for the database to begin, at most.
    pub db_waiting: i32,
    /// Requests under way at most.
    pub requests_busiest: i32,
    /// Its memory, in bytes.
    pub memory_bytes: i64,
    /// Jobs that were due, of all tenants.
    pub jobs_due: i64,
    /// Jobs that had given up.
    pub jobs_dead: i64,
    /// For how long the oldest of those due had been due, in seconds.
    pub oldest_due_seconds: i64,
}

/// Writes a minute down, whole or not at all; one that is there already stays as it is.
pub(super) async fn insert_minute(platform: &Platform, minute: &Minute) -> Result<()> {
    let mut tx = platform.pool().begin().await?;
    let (at, worker) = (minute.instance.at, &minute.instance.worker);
    insert_instance(&mut tx, &minute.instance).await?;
    let tallies = minute
        .tallies
        .iter()
        .flat_map(|(source, names)| names.iter().map(move |(name, tally)| (source.as_str(), name.as_str(), tally)));
    let rows: serde_json::Value = tallies
        .map(|(source, name, tally)| {
        serde_json::json!({ "source": source, "name": name, "runs": tally.runs, "refused": tally.refused, "errors": tally.errors,
            "total_us": tally.total_us, "longest_us": tally.longest_us, "buckets": tally.buckets })
    })
        .collect();
    sqlx::query!(
        "insert into platform.signal_minute (at, worker, source, name, runs, refused, errors, total_us, longest_us, buckets)
         select $1, $2, source, name, runs, refused, errors, total_us, longest_us, buckets
         from jsonb_to_recordset($3) as x (source text, name text, runs bigint, refused bigint, errors bigint, total_us bigint,
             longest_us bigint, buckets bigint[])
         on conflict do nothing",
        at as Timestamp,
        worker,
        rows
    )
    .execute(&mut *tx)
    .await?;
    for slow in &minute.slow {
        upsert_slow(&mut tx, slow).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn insert_instance(conn: &mut sqlx::PgConnection, instance: &InstanceMinute) -> Result<()> {
    sqlx::query!(
        "insert into platform.instance_minute (at, worker, db_pool, db_busiest, db_waiting, requests_busiest, memory_bytes,
             jobs_due, jobs_dead, oldest_due_seconds)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        instance.at as Timestamp,
        instance.worker,
        instance.db_pool,
        instance.db_busiest,
        instance.db_waiting,
        instance.requests_busiest,
        instance.memory_bytes,
        instance.jobs_due,
        instance.jobs_dead,
        instance.oldest_due_seconds
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn upsert_slow(conn: &mut sqlx::PgConnection, slow: &SlowStatement) -> Result<()> {
    sqlx::query!(
        "insert into platform.slow_statement as s (week, fingerprint, origin, statement, runs, total_us, longest_us, last_seen_at)
         values (date_trunc('week', $1 at time zone 'UTC')::date, $2, $3, $4, $5, $6, $7, $1)
         on conflict (week, fingerprint, origin) do update set runs = s.runs + excluded.runs,
             total_us = s.total_us + excluded.total_us, longest_us = greatest(s.longest_us, excluded.longest_us),
             last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at)",
        slow.last_seen_at as Timestamp,
        &sha256_hex(slow.statement.as_bytes())[..16],
        slow.origin,
        slow.statement,
        slow.runs,
        slow.total_us,
        slow.longest_us
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets minutes before `minutes`, slow statements of weeks before `weeks`, and of each week those beyond the worst.
pub(super) async fn forget(platform: &Platform, minutes: Timestamp, weeks: Timestamp) -> Result<()> {
    for sql in
        ["delete from platform.signal_minute where at < $1", "delete from platform.instance_minute where at < $1"]
    {
        sqlx::query(sql).bind(minutes).execute(platform.pool()).await?;
    }
    sqlx::query!(
        "delete from platform.slow_statement s using (
             select week, fingerprint, origin, row_number() over (partition by week order by total_us desc, fingerprint, origin) as rank
             from platform.slow_statement) ranked
         where s.week = ranked.week and s.fingerprint = ranked.fingerprint and s.origin = ranked.origin
           and (ranked.rank > $2 or s.week < ($1 at time zone 'UTC')::date)",
        weeks as Timestamp,
        SLOW_PER_WEEK
    )
    .execute(platform.pool())
    .await?;
    Ok(())
}

/// What waits, runs and has given up of one kind of job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QueuedKind {
    /// The kind.
    pub kind: String,
    /// Jobs that are due.
    pub due: i64,
    /// Jobs that run.
    pub running: i64,
    /// Jobs that gave up.
    pub dead: i64,
    /// Since when the oldest of those due has been due.
    pub oldest_due_at: Option<Timestamp>,
}

impl QueuedKind {
    pub(super) fn none_of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), due: 0, running: 0, dead: 0, oldest_due_at: None }
    }
}

/// What waits, runs and has given up, over all tenants, by kind of job.
pub async fn job_queue(executor: impl sqlx::PgExecutor<'_>, at: Timestamp) -> Result<Vec<QueuedKind>> {
    let kinds = sqlx::query_as!(
        QueuedKind,
        r#"select kind as "kind!", due as "due!", running as "running!", dead as "dead!", oldest_due_at as "oldest_due_at: Timestamp"
           from platform.job_queue($1) order by 1"#,
        at as Timestamp
    )
    .fetch_all(executor)
    .await?;
    Ok(kinds)
}

/// The same now, for who watches the installation.
pub async fn queue(platform: &Platform) -> Result<Vec<QueuedKind>> {
    job_queue(platform.pool(), platform.now()).await
}

/// The requests of the last hour, over all instances.
pub struct Hour {
    /// All of them.
    pub requests: Tally,
    /// The routes that failed most, at most three.
    pub failing: Vec<String>,
}

/// The requests of the last hour, for who watches the installation.
pub async fn last_hour(platform: &Platform) -> Result<Hour> {
    let mut conn = platform.pool().acquire().await?;
    let from = platform.now().minus(jiff::SignedDuration::from_hours(1));
    let mut routes = list_tallies(&mut conn, from).await?;
    routes.retain(|named| named.source == Source::Route);
    let mut requests = Tally::default();
    for named in &routes {
        requests.merge(&named.tally);
    }
    routes.retain(|named| named.tally.errors > 0);
    routes.sort_by_key(|named| -named.tally.errors);
    let failing = routes.iter().take(3).map(|named| format!("{} ({})", named.name, named.tally.errors)).collect();
    Ok(Hour { requests, failing })
}

/// The statements that were slow within a day, the worst first, at most twenty.
pub async fn slowest(platform: &Platform) -> Result<Vec<SlowStatement>> {
    let mut conn = platform.pool().acquire().await?;
    list_slow(&mut conn, platform.now().minus_days(1), 20).await
}

/// What waits, runs and has given up of the tenant's jobs, by kind.
pub(super) async fn job_queue_of_tenant(tx: &mut Tx) -> Result<Vec<QueuedKind>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let kinds = sqlx::query_as!(
        QueuedKind,
        r#"select kind, count(*) filter (where state = 'queued' and run_at <= $2) as "due!",
               count(*) filter (where state = 'running') as "running!", count(*) filter (where state = 'dead') as "dead!",
               min(run_at) filter (where state = 'queued' and run_at <= $2) as "oldest_due_at: Timestamp"
           from platform.job where tenant_id = $1 and state in ('queued', 'running', 'dead') group by kind order by kind"#,
        tenant,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(kinds)
}

/// Whether the tenant is the one of who runs the installation: the default one, or the only one.
pub(super) async fn is_operators(tx: &mut Tx) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let is_default = sqlx::query_scalar!("select is_default from platform.tenant where id = $1", tenant)
        .fetch_one(tx.conn())
        .await?;
    Ok(is_default)
}

/// What was counted under a name.
pub(super) struct Named {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) tally: Tally,
}

struct TallyRow {
    source: String,
    name: String,
    runs: i64,
    refused: i64,
    errors: i64,
    total_us: i64,
    longest_us: i64,
    buckets: Vec<i64>,
}

fn tally(row: &TallyRow) -> Tally {
    let mut buckets = [0; BOUNDS.len() + 1];
    buckets.iter_mut().zip(&row.buckets).for_each(|(bucket, count)| *bucket = *count);
    Tally {
        runs: row.runs,
        refused: row.refused,
        errors: row.errors,
        total_us: row.total_us,
        longest_us: row.longest_us,
        buckets,
    }
}

/// What every route, job and other system did since `from`, over all instances.
pub(super) async fn list_tallies(conn: &mut sqlx::PgConnection, from: Timestamp) -> Result<Vec<Named>> {
    let rows = sqlx::query_as!(
        TallyRow,
        r#"select source, name, sum(runs)::bigint as "runs!", sum(refused)::bigint as "refused!", sum(errors)::bigint as "errors!",
               sum(total_us)::bigint as "total_us!", max(longest_us) as "longest_us!",
               array[sum(buckets[1]), sum(buckets[2]), sum(buckets[3]), sum(buckets[4]), sum(buckets[5]), sum(buckets[6]),
                   sum(buckets[7]), sum(buckets[8]), sum(buckets[9]), sum(buckets[10]), sum(buckets[11]), sum(buckets[12]),
                   sum(buckets[13]), sum(buckets[14])]::bigint[] as "buckets!"
           from platform.signal_minute where at >= $1 group by source, name order by source, name"#,
        from as Timestamp
    )
    .fetch_all(conn)
    .await?;
    let known = rows.into_iter().filter_map(|row| {
        let tally = tally(&row);
        Some(Named { source: Source::of(&row.source)?, name: row.name, tally })
    });
    Ok(known.collect())
}

/// What the requests of each step since `from` came to; steps without any are left out.
pub(super) async fn list_traffic(
    conn: &mut sqlx::PgConnection,
    from: Timestamp,
    step_seconds: i64,
) -> Result<Vec<(i64, Tally)>> {
    struct Step {
        step: i64,
        row: TallyRow,
    }
    let rows = sqlx::query!(
        r#"select floor(extract(epoch from at - $1) / $2)::bigint as "step!", sum(runs)::bigint as "runs!",
               sum(refused)::bigint as "refused!", sum(errors)::bigint as "errors!", sum(total_us)::bigint as "total_us!",
               max(longest_us) as "longest_us!",
               array[sum(buckets[1]), sum(buckets[2]), sum(buckets[3]), sum(buckets[4]), sum(buckets[5]), sum(buckets[6]),
                   sum(buckets[7]), sum(buckets[8]), sum(buckets[9]), sum(buckets[10]), sum(buckets[11]), sum(buckets[12]),
                   sum(buckets[13]), sum(buckets[14])]::bigint[] as "buckets!"
           from platform.signal_minute where source = 'route' and at >= $1 group by 1 order by 1"#,
        from as Timestamp,
        step_seconds as i64
    )
    .fetch_all(conn)
    .await?;
    let steps = rows.into_iter().map(|row| Step {
        step: row.step,
        row: TallyRow {
            source: String::new(),
            name: String::new(),
            runs: row.runs,
            refused: row.refused,
            errors: row.errors,
            total_us: row.total_us,
            longest_us: row.longest_us,
            buckets: row.buckets,
        },
    });
    Ok(steps.map(|step| (step.step, tally(&step.row))).collect())
}

/// How full the instances were in a step, and what waited.
#[derive(Clone, Debug, Default)]
pub(super) struct Fullness {
    pub(super) step: i64,
    pub(super) db_busiest_percent: i64,
    pub(super) db_waiting: i64,
    pub(super) requests_busiest: i64,
    pub(super) memory_bytes: i64,
    pub(super) jobs_due: i64,
    pub(super) oldest_due_seconds: i64,
}

/// How full the instances were in each step since `from`: the fullest of them, and the memory of all.
pub(super) async fn list_fullness(
    conn: &mut sqlx::PgConnection,
    from: Timestamp,
    step_seconds: i64,
) -> Result<Vec<Fullness>> {
    let steps = sqlx::query_as!(
        Fullness,
        r#"select step as "step!", max(busy)::bigint as "db_busiest_percent!", max(waiting)::bigint as "db_waiting!",
               max(requests)::bigint as "requests_busiest!", max(memory)::bigint as "memory_bytes!", max(due)::bigint as "jobs_due!",
               max(oldest)::bigint as "oldest_due_seconds!"
           from (
               select floor(extract(epoch from at - $1) / $2)::bigint as step, max(100 * db_busiest / greatest(db_pool, 1)) as busy,
                   max(db_waiting) as waiting, sum(requests_busiest) as requests, sum(memory_bytes) as memory, max(jobs_due) as due,
                   max(oldest_due_seconds) as oldest
               from platform.instance_minute where at >= $1 group by at) minute
           group by step order by step"#,
        from as Timestamp,
        step_seconds as i64
    )
    .fetch_all(conn)
    .await?;
    Ok(steps)
}

/// The last minute of every instance that wrote one since `from`.
pub(super) async fn list_instances(conn: &mut sqlx::PgConnection, from: Timestamp) -> Result<Vec<InstanceMinute>> {
    let instances = sqlx::query_as!(
        InstanceMinute,
        r#"select distinct on (worker) at as "at: Timestamp", worker, db_pool, db_busiest, db_waiting, requests_busiest, memory_bytes,
               jobs_due, jobs_dead, oldest_due_seconds
           from platform.instance_minute where at >= $1 order by worker, at desc limit 50"#,
        from as Timestamp
    )
    .fetch_all(conn)
    .await?;
    Ok(instances)
}

/// The statements that were slow since the day of `from`, those that took longest altogether first.
pub(super) async fn list_slow(
    conn: &mut sqlx::PgConnection,
    from: Timestamp,
    limit: i64,
) -> Result<Vec<SlowStatement>> {
    let slow = sqlx::query_as!(
        SlowStatement,
        r#"select origin, statement, sum(runs)::bigint as "runs!", sum(total_us)::bigint as "total_us!", max(longest_us) as "longest_us!",
               max(last_seen_at) as "last_seen_at!: Timestamp"
           from platform.slow_statement where last_seen_at >= $1
           group by origin, statement order by sum(total_us) desc, origin, statement limit $2"#,
        from as Timestamp,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(slow)
}

/// What the jobs of the tenant did since `from`, from their history.
pub(super) async fn list_runs_of_tenant(tx: &mut Tx, from: Timestamp) -> Result<Vec<super::http::SignalFigures>> {
    let (tenant, first) = (tx.tenant().uuid(), from.first_uuid());
    let rows = sqlx::query_as!(
        super::http::SignalFigures,
        r#"select kind as name, count(*) as "runs!", 0::bigint as "refused!", count(*) filter (where status <> 'success') as "errors!",
               coalesce(avg(us), 0)::bigint as "mean_us!", coalesce(percentile_disc(0.5) within group (order by us), 0)::bigint as "p50_us!",
               coalesce(percentile_disc(0.95) within group (order by us), 0)::bigint as "p95_us!",
               coalesce(percentile_disc(0.99) within group (order by us), 0)::bigint as "p99_us!", coalesce(max(us), 0)::bigint as "longest_us!"
           from (
               select kind, status, (extract(epoch from finished_at - started_at) * 1000000)::bigint as us
               from platform.job_run where tenant_id = $1 and id >= $2) run
           group by kind order by kind"#,
        tenant,
        first
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
