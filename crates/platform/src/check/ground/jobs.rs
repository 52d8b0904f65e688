//! Background work: nothing missed, nothing stuck, somebody at work.

use jiff::SignedDuration;
use kernel::Timestamp;

use crate::check::CheckSeverity::{Critical, Warning};
use crate::check::{Check, Evidence, Outcome, Section, Tally};
use crate::{Registry, Result, Tx};

/// Who did not beat for so long is dead (T-111).
const SILENT: SignedDuration = SignedDuration::from_secs(60);

/// A job that is due for longer waits for a worker that does not come.
const OVERDUE: SignedDuration = SignedDuration::from_mins(15);

/// A period whose job was not made within this time was missed.
const MISSED: SignedDuration = SignedDuration::from_mins(30);

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Jobs, severity, proves);
    registry.check(
        check("jobs.workers", Critical, "A worker is alive, and none died without saying so.")
            .how("platform.worker_heartbeat: the last beat of every instance; one that stops takes its row away")
            .mend("Start `comptoir serve` with workers; look into the log of the one that fell silent. Its row goes a week later.")
            .reads(workers),
    );
    registry.check(
        check("jobs.schedules", Critical, "No schedule has missed its last time.")
            .how("for every schedule the job of the last time that its cron expression named, in the tenant's zone")
            .mend("Run it: `comptoir job run NAME --tenant SLUG --at INSTANT`; then see why nobody worked.")
            .reads(schedules),
    );
    registry.check(
        check("jobs.dead_letters", Warning, "No job has given up.")
            .how("platform.job in the state dead")
            .mend("Read what the last attempt said, mend it, and requeue the job, in Operations or with `comptoir job requeue`.")
            .about("job")
            .reads(dead_letters),
    );
    registry.check(
        check("jobs.leases", Warning, "No job is held by a worker beyond its lease.")
            .how("platform.job in the state running whose lease has ended")
            .mend("A worker takes it over by itself within seconds: see that one is alive.")
            .about("job")
            .reads(leases),
    );
    registry.check(
        check("jobs.queue", Warning, "No job waits for a quarter of an hour.")
            .how("platform.job in the state queued that was due 15 minutes ago")
            .mend("See that workers are alive; if they are busy, give more: --workers, or another instance.")
            .about("job")
            .reads(queue),
    );
    registry.check(
        check("jobs.kinds", Warning, "Every job that waits is one that this version knows.")
            .how("the kinds of queued and dead jobs against those of this binary")
            .mend("They are left from another version: run that one until they are done, or requeue them after going back to it.")
            .about("job")
            .reads(kinds),
    );
    registry.check(
        check("jobs.reactions", Critical, "Everything that happened yesterday and today was handed to what reacts to it.")
            .how("each event of the last day that has reactions, against the job of each reaction")
            .mend("A job was deleted: what the event should have caused did not happen. Do it by hand, and find out who deleted it.")
            .about("event")
            .reads(reactions),
    );
    registry.check(
        check("jobs.mail", Warning, "Of every mail it is known whether it left.")
            .how("platform.mail in the state unknown within 30 days, or sending for longer than 10 minutes")
            .mend("Ask the recipient or read the server's log; what it was about can then be sent again by hand.")
            .about("mail")
            .reads(mail),
    );
}

async fn workers(mut tx: Tx) -> Result<Outcome> {
    let silent_since = tx.now().minus(SILENT);
    let rows = sqlx::query!(
        r#"select worker, beat_at as "beat_at: Timestamp", beat_at < $1 as "is_silent!"
           from platform.worker_heartbeat order by worker"#,
        silent_since as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let silent = rows.iter().filter(|row| row.is_silent);
    let mut evidence: Vec<_> =
        silent.map(|row| Evidence::text(format!("{}: silent since {}", row.worker, row.beat_at))).collect();
    if rows.iter().all(|row| row.is_silent) {
        evidence.push(Evidence::text("no worker is alive"));
    }
    Ok(Outcome::of(rows.len(), evidence))
}

/// Missed is what was not enqueued since its time, although it was done before, or somebody was at work by then: a schedule that
/// came with an upgrade has missed nothing yet, and what an outage missed is made up for by the next run.
async fn schedules(mut tx: Tx) -> Result<Outcome> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let zone = tx.ctx().tenant().zone.clone();
    let platform = tx.ctx().platform().clone();
    let schedules = platform.registry().schedules().iter();
    let due: Vec<_> = schedules
        .filter_map(|planned| Some((planned.schedule.name.to_owned(), planned.last_named(now.minus(MISSED), &zone)?)))
        .collect();
    let (names, times): (Vec<_>, Vec<_>) = due.iter().cloned().unzip();
    let missed = sqlx::query!(
        r#"with worker as materialized (select min(started_at) as since from platform.worker_heartbeat)
           select name as "name!", at as "at!: Timestamp" from unnest($2::text[], $3::timestamptz[]) as due (name, at)
           where not exists (select from platform.job j where j.tenant_id = $1 and j.kind = due.name and j.created_at >= due.at)
             and not exists (select from platform.job_run r where r.tenant_id = $1 and r.kind = due.name and r.started_at >= due.at)
             and (exists (select from platform.job_run r where r.tenant_id = $1 and r.kind = due.name)
                 or exists (select from platform.tenant t, worker where t.id = $1 and t.created_at < due.at and since < due.at))
           order by 1"#,
        tenant,
        &names,
        &times as &[Timestamp]
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Outcome::of_texts(due.len(), missed.into_iter().map(|row| format!("{}: not run since {}", row.name, row.at))))
}

async fn dead_letters(mut tx: Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where state = 'dead') as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind || coalesce(' ' || key, '')) order by id desc)
                   filter (where state = 'dead'))[1:20] as samples
           from platform.job where tenant_id = $1 and state in ('queued', 'running', 'dead')"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn leases(mut tx: Tx) -> Result<Outcome> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus(SILENT));
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where lease_expires_at < $2) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind || ' held by ' || leased_by) order by id)
                   filter (where lease_expires_at < $2))[1:20] as samples
           from platform.job where tenant_id = $1 and state = 'running'"#,
        tenant,
        before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn queue(mut tx: Tx) -> Result<Outcome> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus(OVERDUE));
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where run_at < $2) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind || ' due at ' || run_at) order by run_at)
                   filter (where run_at < $2))[1:20] as samples
           from platform.job where tenant_id = $1 and state = 'queued'"#,
        tenant,
        before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn kinds(mut tx: Tx) -> Result<Outcome> {
    let known: Vec<_> = tx.ctx().platform().registry().kinds().map(str::to_owned).collect();
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where kind <> all($2)) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind) order by id) filter (where kind <> all($2)))[1:20] as samples
           from platform.job where tenant_id = $1 and state in ('queued', 'running', 'dead')"#,
        tenant,
        &known
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn reactions(mut tx: Tx) -> Result<Outcome> {
    let platform = tx.ctx().platform().clone();
    let (actions, kinds): (Vec<_>, Vec<_>) =
        platform.registry().reactions().map(|(action, kind)| (action.to_owned(), kind.to_owned())).unzip();
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus_days(1).first_uuid());
    sqlx::query_as!(
        Tally,
        r#"with owed as (
               select e.id, r.kind,
                   exists (select from platform.job j where j.tenant_id = $1 and j.kind = r.kind and j.key = e.id::text) as is_there
               from platform.event e join unnest($2::text[], $3::text[]) as r (action, kind) on r.action = e.action
               where e.tenant_id = $1 and e.id >= $4
           )
           select count(*) as "examined!", count(*) filter (where not is_there) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind) order by id) filter (where not is_there))[1:20] as samples
           from owed"#,
        tenant,
        &actions,
        &kinds,
        since
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn mail(mut tx: Tx) -> Result<Outcome> {
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus_days(30).first_uuid());
    let lost = tx.now().minus(SignedDuration::from_mins(10)).first_uuid();
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where status = 'unknown' or (status = 'sending' and id < $3)) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', status || ', about a ' || subject_kind) order by id desc)
                   filter (where status = 'unknown' or (status = 'sending' and id < $3)))[1:20] as samples
           from platform.mail where tenant_id = $1 and id >= $2"#,
        tenant,
        since,
        lost
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}
