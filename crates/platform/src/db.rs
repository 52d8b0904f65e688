//! Connections of the service's role.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgExecutor, PgPool};
use std::time::Duration;

use crate::{Error, Result};

/// How long a connection may rest before it is asked whether it still stands, where a network lies between.
const RESTED: Duration = Duration::from_secs(1);

/// How long it may take to say so.
const ASKING: Duration = Duration::from_secs(2);

/// How long a connection to a replica may be waited for: the primary answers, too.
const NEARBY: Duration = Duration::from_secs(1);

/// How long a row or table that somebody else holds is waited for.
pub(crate) const LOCK_TIMEOUT: &str = "10s";

/// What a day is in a statement that names no zone.
pub(crate) const TIME_ZONE: &str = "UTC";

/// How long what was begun on a connection may take to be undone when it is given back.
const UNDOING: Duration = Duration::from_secs(5);

/// Opens the pool and proves that its role cannot bypass row security.
///
/// Forbidden when it can; unavailable when the database cannot be reached.
pub async fn connect(options: PgConnectOptions, connections: u32) -> Result<PgPool> {
    let (pool, options) = as_the_service(options, connections);
    let pool = pool.connect_with(options).await?;
    if let Some(reason) = describe_role(&pool).await? {
        return Err(Error::forbidden("unsafe_role", reason));
    }
    Ok(pool)
}

/// Opens a pool over a replica, which need not be there yet: its connections are made when they are wanted, each proving that its role
/// cannot bypass row security.
pub fn connect_replica(options: PgConnectOptions, connections: u32) -> PgPool {
    let (pool, options) = as_the_service(options, connections);
    let pool = pool.acquire_timeout(NEARBY).after_connect(|connection, _| {
        Box::pin(async move {
            let role = describe_role(connection).await.map_err(|error| sqlx::Error::Configuration(error.into()))?;
            role.map_or(Ok(()), |reason| Err(sqlx::Error::Configuration(reason.into())))
        })
    });
    pool.connect_lazy_with(options)
}

fn as_the_service(options: PgConnectOptions, connections: u32) -> (PgPoolOptions, PgConnectOptions) {
    let is_remote = options.get_socket().is_none() && !options.get_host().starts_with('/');
    let options = options
        .application_name("comptoir")
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", LOCK_TIMEOUT),
            ("idle_in_transaction_session_timeout", "60s"),
            ("TimeZone", TIME_ZONE),
            ("jit", "off"),
        ])
        .statement_cache_capacity(256);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false);
    if is_remote { (over_network(pool), across(options)) } else { (pool, options) }
}

/// A network that drops what is sent, without a word, leaves connections that never answer: they are found out and given up.
fn over_network(pool: PgPoolOptions) -> PgPoolOptions {
    pool.before_acquire(|connection, rested| {
        Box::pin(async move {
            if rested.idle_for >= RESTED {
                answers(connection, ASKING).await?;
            }
            Ok(true)
        })
    })
    .after_release(|connection, _| {
        Box::pin(async move {
            answers(connection, UNDOING).await?;
            Ok(true)
        })
    })
}

/// The server gives up sessions whose service is gone, so that what they hold is free.
fn across(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("tcp_keepalives_idle", "15"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "30000"),
    ])
}

async fn answers(connection: &mut PgConnection, limit: Duration) -> sqlx::Result<()> {
    let silence = |_| sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the connection is silent"));
    tokio::time::timeout(limit, connection.ping()).await.map_err(silence)?
}

/// Why the role of a connection must not serve, or nothing when it may.
pub async fn describe_role(executor: impl PgExecutor<'_>) -> Result<Option<String>> {
    let (name, bypasses, owned): (String, bool, i64) = sqlx::query_as(
        "select current_user::text, r.rolsuper or r.rolbypassrls, (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_%' and pg_has_role(current_user, c.relowner, 'usage'))
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(executor)
    .await?;
    if bypasses {
        return Ok(Some(format!(
            "The role {name} can bypass row security. Serve as comptoir_app; migrate as the owner."
        )));
    }
    if owned > 0 {
        return Ok(Some(format!(
            "The role {name} owns {owned} relations. Serve as comptoir_app; migrate as the owner."
        )));
    }
    Ok(None)
}
