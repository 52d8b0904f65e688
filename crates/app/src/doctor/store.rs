//! What the doctor asks the database. All of it reads.

use jiff::SignedDuration;
use kernel::Timestamp;
use platform::{Result, Tx};
use sqlx::PgPool;

/// The server itself.
pub(super) struct Server {
    pub(super) version: String,
    pub(super) now: Timestamp,
    pub(super) is_replica: bool,
    pub(super) used: i64,
    pub(super) connections: i64,
    /// In seconds.
    pub(super) oldest_transaction: i64,
    pub(super) oldest_pid: Option<i32>,
    pub(super) oldest_name: Option<String>,
}

pub(super) async fn get_server(pool: &PgPool) -> Result<Server> {
    let server = sqlx::query_as!(
        Server,
        r#"select current_setting('server_version') as "version!", clock_timestamp() as "now!: Timestamp",
               pg_is_in_recovery() as "is_replica!",
               (select count(*) from pg_stat_activity where backend_type = 'client backend') as "used!",
               current_setting('max_connections')::bigint as "connections!",
               coalesce(extract(epoch from clock_timestamp() - oldest.xact_start)::bigint, 0) as "oldest_transaction!",
               oldest.pid as "oldest_pid?", oldest.application_name as "oldest_name?"
           from (select) as always
           left join lateral (
               select pid, application_name, xact_start from pg_stat_activity
               where xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'
               order by xact_start limit 1) oldest on true"#
    )
    .fetch_one(pool)
    .await?;
    Ok(server)
}

/// Somebody who waits for a lock, and who holds it.
pub(super) struct Blocked {
    pub(super) pid: i32,
    /// In seconds.
    pub(super) since: i64,
    pub(super) holder: i32,
    pub(super) holder_name: String,
    pub(super) holder_state: String,
}

/// Who waits for whom, the longest first.
pub(super) async fn list_blocked(pool: &PgPool) -> Result<Vec<Blocked>> {
    let blocked = sqlx::query_as!(
        Blocked,
        r#"select a.pid as "pid!", coalesce(extract(epoch from clock_timestamp() - coalesce(a.query_start, a.xact_start))::bigint, 0) as "since!",
               h.pid as "holder!", coalesce(h.application_name, '') as "holder_name!", coalesce(h.state, 'unknown') as "holder_state!"
           from pg_stat_activity a
           cross join lateral unnest(pg_blocking_pids(a.pid)) holder
           join pg_stat_activity h on h.pid = holder
           where a.datname = current_database() and cardinality(pg_blocking_pids(a.pid)) > 0
           order by 2 desc, 1, 3 limit 20"#
    )
    .fetch_all(pool)
    .await?;
    Ok(blocked)
}

/// Tables with a tenant whose row security is not forced.
pub(super) async fn list_unguarded(pool: &PgPool) -> Result<Vec<String>> {
    let tables = sqlx::query_scalar!(
        r#"select n.nspname || '.' || c.relname as "name!" from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
             and not (c.relrowsecurity and c.relforcerowsecurity)
             and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
           order by 1"#
    )
    .fetch_all(pool)
    .await?;
    Ok(tables)
}

/// How far the replicas are behind, in seconds, as far as the role may see.
pub(super) async fn list_replicas(pool: &PgPool) -> Result<Vec<(String, Option<SignedDuration>)>> {
    let replicas = sqlx::query!(
        r#"select coalesce(application_name, '') as "name!", extract(epoch from replay_lag)::bigint as seconds
           from pg_stat_replication order by 1"#
    )
    .fetch_all(pool)
    .await?;
    Ok(replicas.into_iter().map(|row| (row.name, row.seconds.map(SignedDuration::from_secs))).collect())
}

/// What is open in a tenant.
pub(super) struct Troubles {
    /// Critical alerts that are open.
    pub(super) critical: i64,
    /// The text of the first of them.
    pub(super) first: Option<String>,
    /// When the last whole audit ran.
    pub(super) audited_at: Option<Timestamp>,
    /// What it found.
    pub(super) findings: Option<i32>,
}

pub(super) async fn get_troubles(tx: &mut Tx) -> Result<Troubles> {
    let tenant = tx.tenant().uuid();
    let troubles = sqlx::query_as!(
        Troubles,
        r#"select (select count(*) from watch.alert where tenant_id = $1 and state = 'open' and severity = 'critical') as "critical!",
               (select kind from watch.alert where tenant_id = $1 and state = 'open' and severity = 'critical' order by id limit 1) as first,
               run.finished_at as "audited_at?: Timestamp", run.critical + run.warning + run.info as findings
           from (select) as always
           left join lateral (
               select finished_at, critical, warning, info from watch.audit_run where tenant_id = $1 and sections = '{}'
               order by id desc limit 1) run on true"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(troubles)
}
