//! The schema: migrations, and the check that the database is exactly what this binary was built with.

mod canonical;
pub mod distribution;

use std::collections::BTreeSet;
use std::time::Duration;

use kernel::{Clock as _, SystemClock, Timestamp};
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::{Error, Result};
use canonical::canonical;
use distribution::Distributed;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// The catalogue of a freshly migrated database, one line a thing; written by `script/gen`.
const EXPECTED: &str = include_str!("../../../migrations/schema.txt");

/// Who migrates a database holds this lock of it, from the first look at what is there to the end (spec/trade.md T-02).
const LOCK: &str = "comptoir/migrate";

/// Citus hands each statement on with the whole text it came in, and a migration is many statements.
const CITUS_UPGRADE: &str = "The database is distributed over Citus, where migrations cannot run. Back it up, restore the backup into an \
    empty database with this binary, which migrates it, and distribute that one (docs/upgrade.md).";

/// Between two looks whether the lock is free.
const BETWEEN_ASKS: Duration = Duration::from_millis(100);

/// Brings the database to this binary's schema. Runs as the owner, under an advisory lock; returns how many migrations
/// were new.
///
/// Refused when an applied migration is not the one this binary knows, and when the database is filled without saying by
/// which migrations: nothing is ever run blindly over what is there (spec/trade.md T-03).
pub async fn migrate(owner: &mut PgConnection) -> Result<usize> {
    alone(owner, migrate_alone).await
}

/// Distributes over the nodes of Citus what is not distributed yet, as [`distribution::distribute`] says, under the same lock.
pub async fn distribute(owner: &mut PgConnection) -> Result<Distributed> {
    alone(owner, distribution::distribute).await
}

async fn alone<T>(owner: &mut PgConnection, work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
    // Asked for again and again, as who waits inside a statement keeps a snapshot, which holds up whoever works.
    while !take_lock(owner).await? {
        tokio::time::sleep(BETWEEN_ASKS).await;
    }
    let done = work(owner).await;
    // The end of a connection lets go of it, too: what went wrong before matters more.
    let freed = sqlx::query("select pg_advisory_unlock(hashtextextended($1, 0))").bind(LOCK).execute(owner).await;
    let done = done?;
    freed?;
    Ok(done)
}

async fn take_lock(owner: &mut PgConnection) -> Result<bool> {
    let taken = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended($1, 0))").bind(LOCK).fetch_one(owner);
    Ok(taken.await?)
}

async fn migrate_alone(owner: &mut PgConnection) -> Result<usize> {
    let before = applied(owner).await?.len();
    if before == 0 {
        refuse_unknown(owner).await?;
    } else if before < known() && distribution::is_distributed(owner).await? {
        return Err(Error::refused("citus_upgrade", CITUS_UPGRADE));
    }
    MIGRATIONS
        .run(&mut *owner)
        .await
        .map_err(|error| Error::refused("migration_failed", format!("Migrating failed: {error}.")))?;
    sqlx::raw_sql("grant select on _sqlx_migrations to comptoir_app").execute(&mut *owner).await?;
    make_partitions(owner, SystemClock.now()).await?;
    let after = applied(owner).await?.len();
    Ok(after - before)
}

async fn refuse_unknown(owner: &mut PgConnection) -> Result<()> {
    let found: Option<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
           and c.relname <> '_sqlx_migrations'
           and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
         order by 1 limit 1",
    )
    .fetch_optional(owner)
    .await?;
    let Some(table) = found else { return Ok(()) };
    let detail = format!(
        "The database has tables ({table}, for one) and no history of migrations (public._sqlx_migrations), so nobody can say \
         which of them it has. Use an empty database; or, when it is Comptoir's and lost its history, restore a backup with \
         `comptoir restore`, which brings the history along."
    );
    Err(Error::refused("history_missing", detail))
}

/// Makes the partitions of the month of `at` and of the next, before anything of theirs is written.
pub async fn make_partitions(owner: &mut PgConnection, at: Timestamp) -> Result<()> {
    sqlx::query("select platform.ensure_partitions($1)").bind(at).execute(owner).await?;
    Ok(())
}

/// The migrations this binary carries.
pub fn known() -> usize {
    MIGRATIONS.iter().count()
}

/// How many things of the schema this binary knows.
pub fn expected_lines() -> usize {
    EXPECTED.lines().count()
}

/// The version of the newest of them.
pub fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// What differs between the database and this binary, one sentence each; empty when nothing does.
pub async fn differences(pool: &PgPool) -> Result<Vec<String>> {
    let mut conn = pool.acquire().await?;
    let mut found = migration_differences(&mut conn).await?;
    if found.is_empty() {
        let expected: BTreeSet<String> = EXPECTED.lines().map(canonical).collect();
        let lines = describe(&mut conn).await?;
        let actual: BTreeSet<String> = lines.iter().map(|line| canonical(line)).collect();
        found.extend(expected.difference(&actual).map(|line| format!("missing: {line}")));
        found.extend(actual.difference(&expected).map(|line| format!("unexpected: {line}")));
    }
    Ok(found)
}

async fn migration_differences(conn: &mut PgConnection) -> Result<Vec<String>> {
    let applied = applied(conn).await?;
    let mut found = Vec::new();
    for migration in MIGRATIONS.iter() {
        let name = format!("{:04} {}", migration.version, migration.description);
        match applied.iter().find(|(version, ..)| *version == migration.version) {
            None => found.push(format!("migration {name} is not applied")),
            Some((_, _, false)) => found.push(format!("migration {name} was begun and not finished")),
            Some((_, checksum, _)) if checksum != migration.checksum.as_ref() => {
                found.push(format!("migration {name} is not the one this binary was built with"));
            }
            Some(_) => {}
        }
    }
    let known: BTreeSet<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    let newer = applied.iter().filter(|(version, ..)| !known.contains(version));
    found.extend(newer.map(|(version, ..)| format!("migration {version:04} is newer than this binary")));
    Ok(found)
}

/// When the first migration was applied: how old the installation is, restored or not.
pub(crate) async fn installed_at(pool: &PgPool) -> Result<Timestamp> {
    // Not a checked statement: the table is sqlx's own and in no migration.
    let at = sqlx::query_scalar("select min(installed_on) from public._sqlx_migrations").fetch_one(pool).await?;
    Ok(at)
}

type Applied = (i64, Vec<u8>, bool);

async fn applied(conn: &mut PgConnection) -> Result<Vec<Applied>> {
    let exists: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut *conn).await?;
    if !exists {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as("select version, checksum, success from _sqlx_migrations order by version")
        .fetch_all(&mut *conn)
        .await?;
    Ok(rows)
}

/// The catalogue as text, one line a column, constraint, index, policy, trigger or function. Partitions are left out:
/// they come and go with time.
pub async fn describe(conn: &mut PgConnection) -> Result<Vec<String>> {
    let lines = sqlx::query_scalar(include_str!("schema.sql")).fetch_all(conn).await?;
    Ok(lines)
}

/// The catalogue of the database at `url`, for `script/gen`.
pub async fn describe_at(url: &str) -> Result<Vec<String>> {
    let mut conn = PgConnection::connect(url).await?;
    describe(&mut conn).await
}
