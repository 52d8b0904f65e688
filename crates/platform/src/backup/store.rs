//! Every statement on the records of backups and proofs. Whoever writes is the owner of the schema and holds [`lock`], so
//! that one backup or restore runs at a time, however many instances there are.

use kernel::{BackupId, ProofId, Timestamp};
use serde_json::Value;
use sqlx::PgConnection;

use super::{BackupKind, BackupState, ProofState, Standing};
use crate::{Platform, Result};

/// The advisory lock of all work on backups.
const LOCK: &str = "comptoir.backup";

/// Takes the lock of all work on backups, until [`unlock`] or the end of the connection; false when somebody else has it.
pub async fn lock(owner: &mut PgConnection) -> Result<bool> {
    let taken = sqlx::query_scalar!(r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "taken!""#, LOCK)
        .fetch_one(owner)
        .await?;
    Ok(taken)
}

/// Gives the lock back.
pub async fn unlock(owner: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_unlock(hashtextextended($1, 0))", LOCK).fetch_one(owner).await?;
    Ok(())
}

/// Closes the records of those who were lost: the caller has the lock, so nobody is at work on them. Returns how many.
pub async fn abandon_lost(owner: &mut PgConnection, at: Timestamp) -> Result<u64> {
    const LOST: &str = "Whoever was at it was lost.";
    let backups = sqlx::query!(
        "update platform.backup_run set state = 'abandoned', finished_at = $1, error = $2 where state = 'running'",
        at as Timestamp,
        LOST
    )
    .execute(&mut *owner)
    .await?;
    let proofs = sqlx::query!(
        "update platform.restore_proof set state = 'abandoned', finished_at = $1, error = $2 where state = 'running'",
        at as Timestamp,
        LOST
    )
    .execute(owner)
    .await?;
    Ok(backups.rows_affected() + proofs.rows_affected())
}

/// A backup that begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The record.
    pub id: BackupId,
    /// What it will hold.
    pub kind: BackupKind,
    /// The time a schedule asked for; none when a person did.
    pub period: Option<Timestamp>,
    /// Which instance makes it.
    pub worker: String,
    /// Where it goes, without secrets.
    pub target: String,
    /// The name of its object.
    pub object: String,
}

/// Records that a backup begins.
///
/// Conflict when the period has one, or the name is taken.
pub async fn insert_run(owner: &mut PgConnection, run: &NewRun, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into platform.backup_run (id, kind, period, state, worker, target, object, started_at)
         values ($1, $2, $3, 'running', $4, $5, $6, $7)",
        run.id.uuid(),
        run.kind as BackupKind,
        run.period as Option<Timestamp>,
        run.worker,
        run.target,
        run.object,
        at as Timestamp
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// What a backup came to.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    /// The size of its object.
    pub bytes: i64,
    /// The SHA-256 of its object, in lower-case hexadecimal digits.
    pub sha256: &'a str,
    /// What it says about itself.
    pub manifest: &'a Value,
}

/// Records that the backup `object` is whole at its target; false when no record of it is running.
pub async fn finish_run(owner: &mut PgConnection, object: &str, at: Timestamp, made: &Made<'_>) -> Result<bool> {
    let done = sqlx::query!(
        "update platform.backup_run set state = 'succeeded', finished_at = $2, bytes = $3, sha256 = $4, manifest = $5
         where object = $1 and state = 'running'",
        object,
        at as Timestamp,
        made.bytes,
        made.sha256,
        made.manifest
    )
    .execute(owner)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records why the backup was given up.
pub async fn fail_run(owner: &mut PgConnection, id: BackupId, at: Timestamp, error: &str) -> Result<()> {
    sqlx::query!(
        "update platform.backup_run set state = 'failed', finished_at = $2, error = $3 where id = $1 and state = 'running'",
        id.uuid(),
        at as Timestamp,
        error
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// The objects of the backups that ended in `state`, the newest first.
pub async fn list_objects(owner: &mut PgConnection, state: BackupState) -> Result<Vec<String>> {
    let objects = sqlx::query_scalar!(
        "select object from platform.backup_run where state = $1 order by started_at desc, id desc",
        state as BackupState
    )
    .fetch_all(owner)
    .await?;
    Ok(objects)
}

/// The SHA-256 of a backup that succeeded, as it was recorded when it was made; none when it is unknown here.
pub async fn find_sha256(owner: &mut PgConnection, object: &str) -> Result<Option<String>> {
    let sha256 = sqlx::query_scalar!(
        r#"select sha256 as "sha256!" from platform.backup_run where object = $1 and state = 'succeeded'"#,
        object
    )
    .fetch_optional(owner)
    .await?;
    Ok(sha256)
}

/// What is known of a period: whether it is done or being done, and when the last attempt at it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodStanding {
    /// It is done, or being done.
    pub is_taken: bool,
    /// When it failed last.
    pub last_failed_at: Option<Timestamp>,
}

/// How the backups of `kind` for the `period` stand.
pub async fn backup_period(owner: &mut PgConnection, kind: BackupKind, period: Timestamp) -> Result<PeriodStanding> {
    let standing = sqlx::query_as!(
        PeriodStanding,
        r#"select coalesce(bool_or(state in ('running', 'succeeded')), false) as "is_taken!",
               max(finished_at) filter (where state in ('failed', 'abandoned')) as "last_failed_at: Timestamp"
           from platform.backup_run where kind = $1 and period = $2"#,
        kind as BackupKind,
        period as Timestamp
    )
    .fetch_one(owner)
    .await?;
    Ok(standing)
}

/// How the proofs for the `period` stand.
pub async fn proof_period(owner: &mut PgConnection, period: Timestamp) -> Result<PeriodStanding> {
    let standing = sqlx::query_as!(
        PeriodStanding,
        r#"select coalesce(bool_or(state in ('running', 'succeeded')), false) as "is_taken!",
               max(finished_at) filter (where state in ('failed', 'abandoned')) as "last_failed_at: Timestamp"
           from platform.restore_proof where period = $1"#,
        period as Timestamp
    )
    .fetch_one(owner)
    .await?;
    Ok(standing)
}

/// A proof that begins.
#[derive(Clone, Debug)]
pub struct NewProof {
    /// The record.
    pub id: ProofId,
    /// The time a schedule asked for; none when a person did.
    pub period: Option<Timestamp>,
    /// Which instance tries.
    pub worker: String,
    /// The backup that is tried.
    pub object: String,
}

/// Records that a proof begins.
pub async fn insert_proof(owner: &mut PgConnection, proof: &NewProof, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into platform.restore_proof (id, period, state, worker, object, started_at)
         values ($1, $2, 'running', $3, $4, $5)",
        proof.id.uuid(),
        proof.period as Option<Timestamp>,
        proof.worker,
        proof.object,
        at as Timestamp
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// Records what was proven.
pub async fn finish_proof(owner: &mut PgConnection, id: ProofId, at: Timestamp, report: &Value) -> Result<()> {
    sqlx::query!(
        "update platform.restore_proof set state = 'succeeded', finished_at = $2, report = $3 where id = $1 and state = 'running'",
        id.uuid(),
        at as Timestamp,
        report
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// Records why nothing was proven.
pub async fn fail_proof(owner: &mut PgConnection, id: ProofId, at: Timestamp, error: &str) -> Result<()> {
    sqlx::query!(
        "update platform.restore_proof set state = 'failed', finished_at = $2, error = $3 where id = $1 and state = 'running'",
        id.uuid(),
        at as Timestamp,
        error
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// Every backup that was proven, with the time of its last proof, the newest proof first.
pub async fn list_proven(owner: &mut PgConnection) -> Result<Vec<(String, Timestamp)>> {
    let proven = sqlx::query!(
        r#"select object, max(finished_at) as "at!: Timestamp" from platform.restore_proof
           where state = 'succeeded' group by object order by 2 desc, 1"#
    )
    .fetch_all(owner)
    .await?;
    Ok(proven.into_iter().map(|row| (row.object, row.at)).collect())
}

/// The scratch databases that proofs left behind. The caller has the lock, so none of them is in use.
pub async fn list_scratch(owner: &mut PgConnection) -> Result<Vec<String>> {
    let names = sqlx::query_scalar!(
        r#"select d.datname::text as "name!" from platform.restore_proof p
           join pg_database d on d.datname = 'comptoir_drill_' || replace(p.id::text, '-', '') order by 1"#
    )
    .fetch_all(owner)
    .await?;
    Ok(names)
}

/// The zone of the installation's schedules and the time it came to be: those of its default and its first tenant. None while
/// it has no tenant.
pub async fn find_installation(owner: &mut PgConnection) -> Result<Option<(String, Timestamp)>> {
    let found = sqlx::query!(
        r#"select time_zone, (select min(created_at) from platform.tenant) as "since!: Timestamp"
           from platform.tenant order by is_default desc, created_at, id limit 1"#
    )
    .fetch_optional(owner)
    .await?;
    Ok(found.map(|row| (row.time_zone, row.since)))
}

/// How backups and proofs stand, for whoever watches the installation.
pub async fn get_standing(platform: &Platform) -> Result<Standing> {
    let standing = sqlx::query_as!(
        Standing,
        r#"select
               (select max(started_at) from platform.backup_run where kind = 'dump' and state = 'succeeded') as "last_success_at: Timestamp",
               b.state as "last_state?: BackupState", b.error as last_error,
               (select max(finished_at) from platform.restore_proof where state = 'succeeded') as "last_proven_at: Timestamp",
               p.state as "last_proof_state?: ProofState", p.error as last_proof_error
           from (select) as always
           left join lateral (
               select state, error from platform.backup_run where kind = 'dump' order by started_at desc, id desc limit 1) b on true
           left join lateral (
               select state, error from platform.restore_proof order by started_at desc, id desc limit 1) p on true"#
    )
    .fetch_one(platform.pool())
    .await?;
    Ok(standing)
}
