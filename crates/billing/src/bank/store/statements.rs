//! Every statement on imported bank statements.

use kernel::{BankAccountId, Date, EntityId, Limit, StatementId, Timestamp};
use platform::{Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

platform::constraint!("bank_statement_file_key", "file", "This file was imported before.");

/// An imported statement.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.bank_statement")]
pub struct StatementRow {
    pub id: StatementId,
    pub entity_id: EntityId,
    pub account_id: BankAccountId,
    pub part: i32,
    pub format: String,
    pub file_name: String,
    pub sha256: String,
    pub number: Option<String>,
    pub from_on: Option<Date>,
    pub to_on: Option<Date>,
    pub opening: Option<Decimal>,
    pub closing: Option<Decimal>,
    pub line_count: i32,
    pub known_count: i32,
    pub warnings: Value,
    pub imported_at: Timestamp,
    pub imported_by: String,
}

const COLUMNS: &str =
    "select id, entity_id, account_id, part, format, file_name, sha256, number, from_on, to_on, opening, closing,
    line_count, known_count, warnings, imported_at, imported_by from billing.bank_statement where tenant_id = ";

/// The statements of an account, the last imported first, one more than `limit`.
pub async fn list_statements(
    tx: &mut Tx,
    account: BankAccountId,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<StatementRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and account_id = ").push_bind(account);
    if let Some(before) = before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// The statements that an account has of a file.
pub async fn list_of_file(tx: &mut Tx, account: BankAccountId, sha256: &str) -> Result<Vec<StatementRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and account_id = ").push_bind(account).push(" and sha256 = ").push_bind(sha256);
    sql.push(" order by part");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// Writes a statement.
pub async fn insert_statement(tx: &mut Tx, row: &StatementRow) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into billing.bank_statement (tenant_id, id, entity_id, account_id, part, format, file_name, sha256, number, from_on,
             to_on, opening, closing, line_count, known_count, warnings, imported_at, imported_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        tenant,
        row.id.uuid(),
        row.entity_id.uuid(),
        row.account_id.uuid(),
        row.part,
        row.format,
        row.file_name,
        row.sha256,
        row.number,
        row.from_on as Option<Date>,
        row.to_on as Option<Date>,
        row.opening,
        row.closing,
        row.line_count,
        row.known_count,
        row.warnings,
        row.imported_at as Timestamp,
        row.imported_by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
