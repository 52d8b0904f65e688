//! The database's shape, and its upkeep.

use jiff::tz::TimeZone;

use crate::check::CheckSeverity::{Critical, Info, Warning};
use crate::check::{Check, Evidence, Outcome, Section, Tally};
use crate::{Ctx, Registry, Result, Tx, schema};

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Schema, severity, proves);
    registry.check(
        check("schema.drift", Critical, "The schema is exactly the one that this version was built with.")
            .how("the migrations and their checksums, and every table, column, constraint, index, policy, trigger, grant and function")
            .mend("`comptoir migrate` when a migration is missing; otherwise the schema was changed by hand: undo that as the owner.")
            .probes(drift),
    );
    registry.check(
        check("schema.indexes", Critical, "Every index is whole.")
            .how("pg_index: indisvalid and indisready")
            .mend("As the owner: reindex index concurrently …")
            .reads(invalid_indexes),
    );
    registry.check(
        check("schema.partitions", Critical, "What happens this month and next month has its partitions.")
            .how("the partitions of events, their links and job runs")
            .mend("Run the schedule `partitions`: comptoir job run partitions --tenant SLUG.")
            .reads(partitions),
    );
    registry.check(
        check("schema.bloat", Warning, "No table is full of dead rows.")
            .how("pg_stat_user_tables: a hundred thousand dead rows that are more than a third of the table")
            .mend("As the owner: vacuum (analyze) …; a transaction that was left open for long keeps vacuum from its work.")
            .reads(bloat),
    );
    registry.check(
        check("schema.statistics", Warning, "The planner knows every table of some size.")
            .how("pg_stat_user_tables: tables of more than 50 000 rows that were never analysed")
            .mend("As the owner: analyze; and see that autovacuum is on.")
            .reads(statistics),
    );
    registry.check(
        check("schema.sequential_scans", Warning, "No large table is read from end to end again and again.")
            .how("pg_stat_user_tables: tables of more than 100 000 rows that were scanned more than 100 times an hour since statistics began")
            .mend("Operations shows the slow statements: one of them lacks an index.")
            .reads(sequential_scans),
    );
    registry.check(
        check("schema.unused_indexes", Info, "No large index is kept for nothing.")
            .how("pg_stat_user_indexes: indexes over 100 MB that keep nothing unique and were not used for 30 days")
            .mend("A later version may drop it; until then it costs writes and room, and harms nothing.")
            .reads(unused_indexes),
    );
    registry.check(
        check("schema.old_transactions", Warning, "No transaction is open for longer than a quarter of an hour.")
            .how("pg_stat_activity: xact_start of every session of this database")
            .mend("Find whose it is by its application name, and end it: select pg_terminate_backend(pid).")
            .reads(old_transactions),
    );
}

async fn drift(ctx: Ctx) -> Result<Outcome> {
    let differences = schema::differences(ctx.platform().pool()).await?;
    Ok(Outcome::of_texts(schema::expected_lines(), differences))
}

async fn invalid_indexes(mut tx: Tx) -> Result<Outcome> {
    sqlx::query_as!(
        Tally,
        r#"select count(*) as "examined!", count(*) filter (where not (i.indisvalid and i.indisready)) as "found!",
               array_agg(jsonb_build_object('text', i.indexrelid::regclass::text) order by i.indexrelid)
                   filter (where not (i.indisvalid and i.indisready)) as samples
           from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
           where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%'"#
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn partitions(mut tx: Tx) -> Result<Outcome> {
    let today = tx.now().jiff().to_zoned(TimeZone::UTC).date();
    let months = [today, today.first_of_month().saturating_add(jiff::Span::new().months(1))];
    let wanted: Vec<_> = ["event", "event_link", "job_run"]
        .iter()
        .flat_map(|parent| months.map(|month| format!("platform.{parent}_{}", month.strftime("%Y%m"))))
        .collect();
    let missing = sqlx::query_scalar!(
        r#"select name as "name!" from unnest($1::text[]) name where to_regclass(name) is null order by 1"#,
        &wanted
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Outcome::of_texts(wanted.len(), missing.into_iter().map(|name| format!("{name} is missing"))))
}

async fn bloat(mut tx: Tx) -> Result<Outcome> {
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select relid::regclass::text as name, n_dead_tup, n_live_tup,
                   n_dead_tup > 100000 and n_dead_tup * 2 > n_live_tup as is_bloated
               from pg_stat_user_tables
           )
           select count(*) as "examined!", count(*) filter (where is_bloated) as "found!",
               array_agg(jsonb_build_object('text', format('%s: %s dead rows beside %s', name, n_dead_tup, n_live_tup)) order by name)
                   filter (where is_bloated) as samples
           from subject"#
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn statistics(mut tx: Tx) -> Result<Outcome> {
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select relid::regclass::text as name, n_live_tup,
                   n_live_tup > 50000 and last_analyze is null and last_autoanalyze is null
                       and c.reltuples < n_live_tup / 10 as is_unknown
               from pg_stat_user_tables s join pg_class c on c.oid = s.relid
           )
           select count(*) as "examined!", count(*) filter (where is_unknown) as "found!",
               array_agg(jsonb_build_object('text', format('%s: %s rows', name, n_live_tup)) order by name)
                   filter (where is_unknown) as samples
           from subject"#
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

async fn sequential_scans(mut tx: Tx) -> Result<Outcome> {
    let rows = sqlx::query!(
        r#"select relid::regclass::text as "name!", n_live_tup as "live!", seq_scan as "scans!",
               (extract(epoch from now() - greatest(d.stats_reset, pg_postmaster_start_time())) / 3600)::bigint as "hours!"
           from pg_stat_user_tables cross join pg_stat_database d where d.datname = current_database() order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    let hot = rows.iter().filter(|row| is_scanned_often(row.live, row.scans, row.hours));
    let text = |name: &str, live: i64, scans: i64| format!("{name}: {live} rows, read from end to end {scans} times");
    let evidence = hot.map(|row| Evidence::text(text(&row.name, row.live, row.scans))).collect();
    Ok(Outcome::of(rows.len(), evidence))
}

/// More than 100 000 rows, read whole more than a hundred times an hour.
const fn is_scanned_often(live: i64, scans: i64, hours: i64) -> bool {
    let hours = if hours < 1 { 1 } else { hours };
    live > 100_000 && scans > 100 * hours
}

async fn unused_indexes(mut tx: Tx) -> Result<Outcome> {
    let rows = sqlx::query!(
        r#"select s.indexrelid::regclass::text as "name!", pg_relation_size(s.indexrelid) as "bytes!", s.idx_scan as "scans!",
               i.indisunique as "is_unique!",
               (extract(epoch from now() - greatest(d.stats_reset, pg_postmaster_start_time())) / 86400)::bigint as "days!"
           from pg_stat_user_indexes s join pg_index i on i.indexrelid = s.indexrelid
           join pg_stat_database d on d.datname = current_database() order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    let idle = rows.iter().filter(|row| !row.is_unique && is_kept_for_nothing(row.bytes, row.scans, row.days));
    let evidence = idle.map(|row| Evidence::text(format!("{}: {} MB", row.name, row.bytes >> 20))).collect();
    Ok(Outcome::of(rows.len(), evidence))
}

/// Larger than 100 MB and not used in 30 days.
const fn is_kept_for_nothing(bytes: i64, scans: i64, days: i64) -> bool {
    bytes > 100 << 20 && scans == 0 && days >= 30
}

/// The age of a session's transaction is told to any role for sessions of its own; of others, only that they are there.
async fn old_transactions(mut tx: Tx) -> Result<Outcome> {
    let rows = sqlx::query!(
        r#"select pid as "pid!", coalesce(nullif(application_name, ''), 'a nameless program') as "name!",
               coalesce(extract(epoch from now() - xact_start) / 60, 0)::bigint as "minutes!"
           from pg_stat_activity where datname = current_database() order by pid"#
    )
    .fetch_all(tx.conn())
    .await?;
    let old = rows.iter().filter(|row| is_long_open(row.minutes));
    let evidence = old.map(|row| Evidence::text(format!("{}, process {}", row.name, row.pid))).collect();
    Ok(Outcome::of(rows.len(), evidence))
}

const fn is_long_open(minutes: i64) -> bool {
    minutes >= 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_table_that_is_read_whole_again_and_again_is_a_finding() {
        for (live, scans, hours, is_hot) in [
            (100_001, 101, 0, true),
            (100_001, 100, 1, false),
            (100_000, 9_999, 1, false),
            (5_000_000, 2_401, 24, true),
            (5_000_000, 2_400, 24, false),
        ] {
            assert_eq!(is_scanned_often(live, scans, hours), is_hot, "{live} rows, {scans} scans in {hours} h");
        }
    }

    #[test]
    fn a_large_index_that_nobody_used_for_a_month_is_a_finding() {
        let mb = 1 << 20;
        for (bytes, scans, days, is_idle) in
            [(101 * mb, 0, 30, true), (100 * mb, 0, 30, false), (101 * mb, 1, 30, false), (101 * mb, 0, 29, false)]
        {
            assert_eq!(is_kept_for_nothing(bytes, scans, days), is_idle, "{bytes} bytes, {scans} scans in {days} days");
        }
    }

    #[test]
    fn a_transaction_that_is_open_for_a_quarter_of_an_hour_is_a_finding() {
        assert_eq!([14, 15, 600].map(is_long_open), [false, true, true]);
    }
}
