//! Connections of the service's role.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

use crate::{Error, Result};

/// Opens the pool and proves that its role cannot bypass row security.
///
/// Forbidden when it can; unavailable when the database cannot be reached.
pub async fn connect(options: PgConnectOptions, connections: u32) -> Result<PgPool> {
    let options = options
        .application_name("comptoir")
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
            ("TimeZone", "UTC"),
            ("jit", "off"),
        ])
        .statement_cache_capacity(256);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    if let Some(reason) = describe_role(&pool).await? {
        return Err(Error::forbidden("unsafe_role", reason));
    }
    Ok(pool)
}

/// Why the role of `pool` must not serve, or nothing when it may.
pub async fn describe_role(pool: &PgPool) -> Result<Option<String>> {
    let (name, bypasses, owned): (String, bool, i64) = sqlx::query_as(
        "select current_user::text, r.rolsuper or r.rolbypassrls, (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_%' and pg_has_role(current_user, c.relowner, 'usage'))
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(pool)
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
