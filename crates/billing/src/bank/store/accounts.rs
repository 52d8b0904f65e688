//! Every statement on bank accounts.

use kernel::{BankAccountId, Currency, Date, EntityId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

platform::constraint!("bank_account_iban_key", "iban", "This account is known already.");
platform::constraint!(
    "bank_account_ledger_key",
    "ledger_account",
    "Another bank account stands on this account of the books: open one for each."
);
platform::constraint!("bank_account_name_check", "name", "must have 1 to 120 characters");
platform::constraint!("bank_account_number_check", "number", "must have 1 to 40 letters and digits");

/// An account at a bank as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.bank_account")]
pub struct BankAccountRow {
    pub id: BankAccountId,
    pub entity_id: EntityId,
    pub name: String,
    pub iban: Option<String>,
    pub number: Option<String>,
    pub currency: Currency,
    pub ledger_account: String,
    pub csv_mapping: Option<Value>,
    pub active: bool,
    pub created_at: Timestamp,
    pub created_by: String,
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "select id, entity_id, name, iban, number, currency, ledger_account, csv_mapping, active, created_at, created_by,
    updated_at from billing.bank_account where tenant_id = ";

/// The accounts in scope, by name.
pub async fn list_accounts(tx: &mut Tx) -> Result<Vec<BankAccountRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" order by lower(name), id");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One account within the caller's scope.
pub async fn get_account(tx: &mut Tx, id: BankAccountId) -> Result<BankAccountRow> {
    one(tx, id, "").await
}

/// An account about to be changed, imported into or matched, held until the transaction ends.
pub async fn lock_account(tx: &mut Tx, id: BankAccountId) -> Result<BankAccountRow> {
    one(tx, id, " for no key update").await
}

async fn one(tx: &mut Tx, id: BankAccountId, end: &'static str) -> Result<BankAccountRow> {
    let mut sql = QueryBuilder::<Postgres>::new(COLUMNS);
    sql.push_bind(tx.tenant()).push(" and id = ").push_bind(id).push(end);
    let row = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("bank account"))
}

/// Writes a new account.
pub async fn insert_account(tx: &mut Tx, row: &BankAccountRow) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into billing.bank_account (tenant_id, id, entity_id, name, iban, number, currency, ledger_account, csv_mapping,
             active, created_at, created_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)",
        tenant,
        row.id.uuid(),
        row.entity_id.uuid(),
        row.name,
        row.iban,
        row.number,
        row.currency.code(),
        row.ledger_account,
        row.csv_mapping,
        row.active,
        row.created_at as Timestamp,
        row.created_by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what of an account may change.
pub async fn update_account(tx: &mut Tx, row: &BankAccountRow) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update billing.bank_account set name = $3, number = $4, csv_mapping = $5, active = $6, updated_at = $7
         where tenant_id = $1 and id = $2",
        tenant,
        row.id.uuid(),
        row.name,
        row.number,
        row.csv_mapping,
        row.active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::not_found("bank account")) }
}

/// What the bank and the books say of an account.
#[derive(Clone, Debug, Default)]
pub struct Balances {
    /// The closing balance of the latest statement that has one, with its last day.
    pub statement: Option<(Decimal, Option<Date>)>,
    /// What stands in the books, in the account's currency.
    pub ledger: Decimal,
    /// By state: how many lines, and their sum.
    pub states: Vec<(String, i64, Decimal)>,
}

/// Reads the balances of an account. Balances that a year's opening repeats count once.
pub async fn balances(tx: &mut Tx, account: &BankAccountRow) -> Result<Balances> {
    let tenant = tx.tenant().uuid();
    let statement = sqlx::query!(
        r#"select closing as "closing!", to_on as "to_on: Date" from billing.bank_statement
           where tenant_id = $1 and account_id = $2 and closing is not null order by to_on desc nulls last, id desc limit 1"#,
        tenant,
        account.id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let ledger = sqlx::query_scalar!(
        r#"select coalesce(sum(case when d.second_currency = $4 then d.second_debit - d.second_credit
                   when b.functional_currency = $4 then d.debit - d.credit else 0 end), 0) as "balance!"
           from ledger.account a
           join ledger.book b on b.tenant_id = a.tenant_id and b.entity_id = a.entity_id
           join ledger.account_day d on d.tenant_id = a.tenant_id and d.entity_id = a.entity_id and d.account_id = a.id and not d.carried
           where a.tenant_id = $1 and a.entity_id = $2 and a.code = $3"#,
        tenant,
        account.entity_id.uuid(),
        account.ledger_account,
        account.currency.code()
    )
    .fetch_one(tx.conn())
    .await?;
    let states = sqlx::query!(
        r#"select state, count(*) as "lines!", sum(amount) as "sum!" from billing.bank_line
           where tenant_id = $1 and account_id = $2 group by state order by state"#,
        tenant,
        account.id.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(Balances {
        statement: statement.map(|row| (row.closing, row.to_on)),
        ledger,
        states: states.into_iter().map(|row| (row.state, row.lines, row.sum)).collect(),
    })
}
