//! Every statement on the database that backups and restores need beside their records, as the owner of the schema.

use platform::schema::distribution;
use platform::{Error, Result};
use sqlx::{AssertSqlSafe, PgConnection};

/// What the server says about itself.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) major: u32,
    pub(super) version: String,
}

pub(super) async fn get_server(owner: &mut PgConnection) -> Result<Server> {
    let (number, version): (String, String) =
        sqlx::query_as("select current_setting('server_version_num'), current_setting('server_version')")
            .fetch_one(owner)
            .await?;
    let number: u32 = number.parse().map_err(|error| Error::internal("reading the version of the server", error))?;
    Ok(Server { major: number / 10_000, version })
}

/// Refused when row security binds the owner, who would then dump nothing, or not be let to.
pub(super) async fn require_whole_view(owner: &mut PgConnection) -> Result<()> {
    let (name, sees_all): (String, bool) = sqlx::query_as(
        "select current_user::text, rolsuper or rolbypassrls from pg_roles where rolname = current_user",
    )
    .fetch_one(owner)
    .await?;
    if sees_all {
        return Ok(());
    }
    let detail = format!(
        "The owner {name} is bound by row security and cannot read what is to be backed up. As a superuser: alter role \"{name}\" bypassrls"
    );
    Err(Error::refused("owner_bound", detail))
}

/// Refuses what is split over nodes while somebody may write into it: nodes have no common instant.
pub(super) async fn require_one_instant(owner: &mut PgConnection) -> Result<()> {
    if !distribution::is_distributed(owner).await? {
        return Ok(());
    }
    let beating = "select count(*) from platform.worker_heartbeat where beat_at > now() - interval '1 minute'";
    let instances: i64 = sqlx::query_scalar(beating).fetch_one(owner).await?;
    if instances == 0 {
        return Ok(());
    }
    let detail = "The nodes of Citus have no common instant: stop every instance of the service and wait a minute, or back the nodes up \
                  with the tools of Citus.";
    Err(Error::refused("citus_backup", detail))
}

/// Begins a transaction that only reads, as of one instant, and that no time limit ends, though none of its locks is waited for
/// longer than a minute; returns the name under which others
/// see the same.
pub(super) async fn begin_snapshot(owner: &mut PgConnection) -> Result<String> {
    sqlx::raw_sql(
        "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '60s';
         begin isolation level repeatable read read only",
    )
    .execute(&mut *owner)
    .await?;
    Ok(sqlx::query_scalar("select pg_export_snapshot()").fetch_one(owner).await?)
}

/// The position in the WAL, and the segment it lies in.
pub(super) async fn get_wal_position(owner: &mut PgConnection) -> Result<(String, String)> {
    let position = sqlx::query_as("select lsn::text, pg_walfile_name(lsn) from pg_current_wal_lsn() as lsn");
    Ok(position.fetch_one(owner).await?)
}

/// The newest migration that was applied.
pub(super) async fn get_schema_version(owner: &mut PgConnection) -> Result<i64> {
    let version: Option<i64> =
        sqlx::query_scalar("select max(version) from public._sqlx_migrations where success").fetch_one(owner).await?;
    version
        .ok_or_else(|| Error::refused("not_migrated", "The database has no schema yet: there is nothing to back up."))
}

/// A table that the database has, if it has one: what is restored goes into an empty one.
pub(super) async fn find_any_table(owner: &mut PgConnection) -> Result<Option<String>> {
    let found = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
           and n.nspname not like 'pg\\_%'
           and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
         order by 1 limit 1",
    );
    Ok(found.fetch_optional(owner).await?)
}

/// Makes the service's role, as the first migration does: a dump holds what it is granted, not the role.
pub(super) async fn ensure_service_role(owner: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(
        "do $$ begin
             if not exists (select from pg_roles where rolname = 'comptoir_app') then create role comptoir_app login; end if;
         end $$",
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// Makes an empty database.
pub(super) async fn create_database(owner: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("create database \"{name}\" template template0"))).execute(owner).await?;
    Ok(())
}

/// Removes a database and whoever is connected to it.
pub(super) async fn drop_database(owner: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("drop database if exists \"{name}\" with (force)"))).execute(owner).await?;
    Ok(())
}

/// Makes sure that no job of a restored database can be claimed, by whomever.
pub(super) async fn forbid_jobs(owner: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("revoke execute on function platform.claim_jobs from comptoir_app").execute(owner).await?;
    Ok(())
}

/// Whether the server still replays WAL.
pub(super) async fn is_recovering(owner: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(owner).await?)
}

/// Lets the planner know what was restored: a dump holds no statistics.
pub(super) async fn analyze(owner: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("analyze").execute(owner).await?;
    Ok(())
}

/// When the last transaction that was replayed was committed.
pub(super) async fn find_last_commit(owner: &mut PgConnection) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("select pg_last_xact_replay_timestamp()::text").fetch_one(owner).await?)
}

/// Takes back the order to replay.
pub(super) async fn forget_recovery(owner: &mut PgConnection) -> Result<()> {
    for name in ["restore_command", "recovery_target_action", "recovery_target_time"] {
        sqlx::raw_sql(AssertSqlSafe(format!("alter system reset {name}"))).execute(&mut *owner).await?;
    }
    Ok(())
}
