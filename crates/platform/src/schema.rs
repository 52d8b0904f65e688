//! The schema: migrations, and the check that the database is exactly what this binary was built with.

use std::collections::BTreeSet;

use kernel::{Clock as _, SystemClock, Timestamp};
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::{Error, Result};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// The catalogue of a freshly migrated database, one line a thing; written by `script/gen`.
const EXPECTED: &str = include_str!("../../../migrations/schema.txt");

/// Brings the database to this binary's schema. Runs as the owner, under an advisory lock; returns how many migrations
/// were new.
///
/// Refused when an applied migration is not the one this binary knows.
pub async fn migrate(owner: &mut PgConnection) -> Result<usize> {
    let before = applied(owner).await?.len();
    MIGRATIONS
        .run(&mut *owner)
        .await
        .map_err(|error| Error::refused("migration_failed", format!("Migrating failed: {error}.")))?;
    sqlx::raw_sql("grant select on _sqlx_migrations to comptoir_app").execute(&mut *owner).await?;
    make_partitions(owner, SystemClock.now()).await?;
    let after = applied(owner).await?.len();
    Ok(after - before)
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

/// What differs between the database and this binary, one sentence each; empty when nothing does.
pub async fn differences(pool: &PgPool) -> Result<Vec<String>> {
    let mut conn = pool.acquire().await?;
    let mut found = migration_differences(&mut conn).await?;
    if found.is_empty() {
        let expected: BTreeSet<&str> = EXPECTED.lines().collect();
        let lines = describe(&mut conn).await?;
        let actual: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
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
