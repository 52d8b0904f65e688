//! Every statement on `platform.secret_key`, and on whatever column is sealed. Names of tables and columns come from the
//! declarations of the code alone.

use std::collections::BTreeSet;

use kernel::{TenantId, Timestamp};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::key::Key;
use super::sealed::{Sealed, SealedColumn};
use crate::Result;
use crate::schema::distribution;

/// A key as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredKey {
    pub(super) id: String,
    pub(super) created_at: Timestamp,
    pub(super) check_value: String,
    pub(super) registered_at: Timestamp,
    pub(super) resealed_at: Option<Timestamp>,
    pub(super) retired_at: Option<Timestamp>,
}

/// Waits until nobody else looks at the keys to change what is known of them, until the transaction ends.
pub(super) async fn lock_keys(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('comptoir/secret-keys', 0))").execute(conn).await?;
    Ok(())
}

/// Takes the lock of who rotates, until the connection ends; false when somebody else holds it.
pub(super) async fn try_lock_rotation(conn: &mut PgConnection) -> Result<bool> {
    let sql = "select pg_try_advisory_lock(hashtextextended('comptoir/secret-rotation', 0))";
    Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
}

/// Gives the lock of who rotates back.
pub(super) async fn unlock_rotation(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_unlock(hashtextextended('comptoir/secret-rotation', 0))").execute(conn).await?;
    Ok(())
}

/// Every key there ever was, the newest first.
pub(super) async fn list_keys(conn: &mut PgConnection) -> Result<Vec<StoredKey>> {
    let keys = sqlx::query_as!(
        StoredKey,
        "select id, created_at, check_value, registered_at, resealed_at, retired_at
         from platform.secret_key order by registered_at desc, id"
    )
    .fetch_all(conn)
    .await?;
    Ok(keys)
}

/// Makes a key known; `resealed_at` when there is nothing that another key seals.
pub(super) async fn insert_key(
    conn: &mut PgConnection,
    key: &Key,
    at: Timestamp,
    resealed_at: Option<Timestamp>,
) -> Result<()> {
    sqlx::query!(
        "insert into platform.secret_key (id, created_at, check_value, registered_at, resealed_at) values ($1, $2, $3, $4, $5)",
        key.id().to_string(),
        key.created_at() as Timestamp,
        key.check_value(),
        at as Timestamp,
        resealed_at as Option<Timestamp>
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps that every value is sealed with this key.
pub(super) async fn update_resealed(conn: &mut PgConnection, id: &str, at: Timestamp) -> Result<()> {
    sqlx::query!("update platform.secret_key set resealed_at = $2 where id = $1", id, at as Timestamp)
        .execute(conn)
        .await?;
    Ok(())
}

/// Retires these keys: from now on, nothing is stored under them. What was being stored under them is stored by then.
///
/// Who stores a value holds its key. Where a database is distributed, a node cannot hold it, so the tables are held instead.
pub(super) async fn retire_keys(conn: &mut PgConnection, ids: &[String], at: Timestamp) -> Result<()> {
    if distribution::is_distributed(conn).await? {
        let tables: BTreeSet<_> = SealedColumn::all().iter().map(|column| column.table).collect();
        let tables = tables.into_iter().collect::<Vec<_>>().join(", ");
        sqlx::raw_sql(AssertSqlSafe(format!("lock table {tables} in share mode"))).execute(&mut *conn).await?;
    }
    sqlx::query!(
        "update platform.secret_key set retired_at = $2 where id = any($1) and retired_at is null",
        ids,
        at as Timestamp
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Every tenant, for what is told to all of them.
pub(super) async fn list_tenants(conn: &mut PgConnection) -> Result<Vec<TenantId>> {
    let ids =
        sqlx::query_scalar!(r#"select id as "id: TenantId" from platform.tenant order by id"#).fetch_all(conn).await?;
    Ok(ids)
}

/// How many values of the column each key seals.
pub(super) async fn count_by_key(conn: &mut PgConnection, column: &SealedColumn) -> Result<Vec<(String, i64)>> {
    let SealedColumn { table, column, .. } = column;
    let sql = format!(
        "select split_part({column}, '.', 2), count(*) from {table} where {column} is not null group by 1 order by 1"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await?)
}

/// A sealed value with its row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct SealedRow {
    pub(super) tenant: Option<Uuid>,
    pub(super) id: Uuid,
    pub(super) sealed: Sealed,
}

/// Values of the column that another key than `key` seals, after the row `after`, in the order of their rows.
pub(super) async fn list_sealed_otherwise(
    conn: &mut PgConnection,
    column: &SealedColumn,
    key: &str,
    after: Option<&SealedRow>,
    limit: i64,
) -> Result<Vec<SealedRow>> {
    let SealedColumn { table, column, of_tenant, .. } = column;
    let (tenant, order, from) = if *of_tenant {
        ("tenant_id", "tenant_id, id", "(tenant_id, id) > ($3, $4)")
    } else {
        ("null::uuid", "id", "($3::uuid is null and id > $4)")
    };
    let sql = format!(
        "select {tenant} as tenant, id, {column} as sealed from {table}
         where {column} is not null and split_part({column}, '.', 2) <> $1 and ($4::uuid is null or {from})
         order by {order} limit $2"
    );
    let (tenant, id) = (after.and_then(|row| row.tenant), after.map(|row| row.id));
    let rows = sqlx::query_as(AssertSqlSafe(sql)).bind(key).bind(limit).bind(tenant).bind(id).fetch_all(conn).await?;
    Ok(rows)
}

/// Puts `after` in the place of `before`, row by row; a value that was changed meanwhile stays as it is. How many were put.
pub(super) async fn update_sealed(
    conn: &mut PgConnection,
    column: &SealedColumn,
    before: &[SealedRow],
    after: &[Sealed],
) -> Result<u64> {
    let SealedColumn { table, column, of_tenant, .. } = column;
    let of_tenant = if *of_tenant { "and t.tenant_id = x.tenant" } else { "" };
    let sql = format!(
        "update {table} t set {column} = x.after
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as x (tenant, id, before, after)
         where t.id = x.id {of_tenant} and t.{column} = x.before"
    );
    let tenants: Vec<_> = before.iter().map(|row| row.tenant).collect();
    let ids: Vec<_> = before.iter().map(|row| row.id).collect();
    let old: Vec<_> = before.iter().map(|row| row.sealed.as_str()).collect();
    let new: Vec<_> = after.iter().map(Sealed::as_str).collect();
    let query = sqlx::query(AssertSqlSafe(sql)).bind(tenants).bind(ids).bind(old).bind(new);
    Ok(query.execute(conn).await?.rows_affected())
}

/// Forgets the values of the column that these keys seal. How many they were.
pub(super) async fn forget_sealed(conn: &mut PgConnection, column: &SealedColumn, keys: &[String]) -> Result<u64> {
    let SealedColumn { table, column, forget, .. } = column;
    let sql = format!("update {table} set {forget} where split_part({column}, '.', 2) = any($1)");
    Ok(sqlx::query(AssertSqlSafe(sql)).bind(keys).execute(conn).await?.rows_affected())
}
