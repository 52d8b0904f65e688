//! What reacts to what, and that a reaction cannot break what caused it.

use platform::check::CheckSeverity::{Critical, Warning};
use platform::check::{Check, Outcome, Section, Tally};
use platform::{Registry, Result, Tx};

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Architecture, severity, proves);
    registry.check(
        check("architecture.contained", Critical, "What a reaction failed at stands as it was: its failure undid nothing.")
            .how("every reaction that gave up or is tried again, against the event that caused it: the event is there, so that what it \
                tells of was committed")
            .mend("The event of a reaction is gone: compare with a backup, and find out who deleted it.")
            .about("job")
            .reads(contained),
    );
    registry.check(
        check(
            "architecture.reactions",
            Warning,
            "Every kind of reaction that was needed within a week succeeded at least once.",
        )
        .how("the runs of each reaction within seven days")
        .mend("Read in Operations what the reaction says, mend its cause, and requeue what gave up.")
        .reads(succeeding),
    );
    registry.check(
        check("architecture.versions", Warning, "All instances run one version.")
            .how("platform.worker_heartbeat: the versions of instances that beat within a minute, an hour after the last was started")
            .mend("Finish the upgrade: stop the instances of the older version.")
            .reads(versions),
    );
}

/// The key of a reaction is its event.
async fn contained(mut tx: Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select j.id, j.kind, exists (select from platform.event e where e.tenant_id = j.tenant_id and e.id = j.key::uuid) as is_sound
               from platform.job j
               where j.tenant_id = $1 and starts_with(j.kind, 'on.') and j.state in ('dead', 'queued') and j.attempts > 0
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', kind) order by id) filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn succeeding(mut tx: Tx) -> Result<Outcome> {
    let kinds: Vec<_> = tx.ctx().platform().registry().reactions().map(|(_, kind)| kind.to_owned()).collect();
    let (tenant, since) = (tx.tenant().uuid(), tx.now().minus_days(7).first_uuid());
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select k.kind, count(r.id) as runs, count(r.id) filter (where r.status = 'success') as successes
               from unnest($2::text[]) as k (kind)
               left join platform.job_run r on r.tenant_id = $1 and r.kind = k.kind and r.id >= $3
               group by k.kind
           )
           select count(*) as "examined!", count(*) filter (where runs > 0 and successes = 0) as "found!",
               (array_agg(jsonb_build_object('text', format('%s: tried %s times', kind, runs)) order by kind)
                   filter (where runs > 0 and successes = 0))[1:20] as samples
           from subject"#,
        tenant,
        &kinds,
        since
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn versions(mut tx: Tx) -> Result<Outcome> {
    let now = tx.now();
    let alive = now.minus(jiff::SignedDuration::from_mins(1));
    let settled = now.minus(jiff::SignedDuration::from_hours(1));
    let rows = sqlx::query!(
        r#"select version, max(started_at) < $2 as "is_settled!" from platform.worker_heartbeat where beat_at >= $1
           group by version order by version"#,
        alive as kernel::Timestamp,
        settled as kernel::Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let is_mixed = rows.len() > 1 && rows.iter().all(|row| row.is_settled);
    let found = rows.iter().filter(|_| is_mixed).map(|row| format!("an instance runs {}", row.version));
    Ok(Outcome::of_texts(rows.len(), found.collect::<Vec<_>>()))
}
