//! Reading a fiscal year's lines for the file, through a cursor: all of one moment, and a part at a time.

use kernel::{AccountId, Date, EntityId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A line as the file needs it; names of journals and accounts are looked up apart.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct FecRow {
    pub(super) journal: String,
    pub(super) reference: String,
    pub(super) entry_on: Date,
    pub(super) account_id: Uuid,
    pub(super) aux_code: Option<String>,
    pub(super) aux_name: Option<String>,
    pub(super) piece_ref: String,
    pub(super) piece_on: Date,
    pub(super) label: String,
    pub(super) debit: Decimal,
    pub(super) credit: Decimal,
    pub(super) letter: Option<String>,
    pub(super) lettered_on: Option<Date>,
    pub(super) posted_at: Timestamp,
    pub(super) second_currency: Option<String>,
    pub(super) second_amount: Decimal,
}

/// Opens the cursor over a year's lines: opening balances first, then as they were validated, each journal by number.
pub(super) async fn open_cursor(tx: &mut Tx, year: Uuid) -> Result<()> {
    let tenant = tx.tenant();
    sqlx::query(
        "declare fec no scroll cursor for
         select e.journal, e.reference, e.entry_on, l.account_id, l.aux_code, l.aux_name, e.piece_ref, e.piece_on, l.label, l.debit, l.credit,
             t.code as letter, t.lettered_on, e.posted_at, e.second_currency, l.second_debit + l.second_credit as second_amount
         from ledger.entry e
         join ledger.entry_line l on l.tenant_id = e.tenant_id and l.entry_id = e.id
         left join ledger.lettering_line n on n.tenant_id = l.tenant_id and n.line_id = l.id and n.undone_at is null
         left join ledger.lettering t on t.tenant_id = n.tenant_id and t.id = n.lettering_id
         where e.tenant_id = $1 and e.fiscal_year_id = $2
         order by (e.journal <> 'AN'), e.posted_at, e.journal, e.number, l.line_no",
    )
    .bind(tenant)
    .bind(year)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The next lines of the cursor; none at its end.
pub(super) async fn next_rows(tx: &mut Tx) -> Result<Vec<FecRow>> {
    Ok(sqlx::query_as("fetch 4000 from fec").fetch_all(tx.conn()).await?)
}

/// Code and French name of every account of an entity.
pub(super) async fn list_account_names(tx: &mut Tx, entity: EntityId) -> Result<Vec<(AccountId, String, String)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select id as "id: AccountId", code, name_fr from ledger.account where tenant_id = $1 and entity_id = $2 order by id"#,
        tenant,
        entity.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.code, row.name_fr)).collect())
}

/// The fiscal year of an entity that ends in a calendar year.
pub(super) async fn find_year(tx: &mut Tx, entity: EntityId, year: i16) -> Result<(Uuid, Date)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id, ends_on as "ends_on: Date" from ledger.fiscal_year
           where tenant_id = $1 and entity_id = $2 and extract(year from ends_on) = $3::integer"#,
        tenant,
        entity.uuid(),
        i32::from(year)
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| (row.id, row.ends_on)).ok_or_else(|| Error::not_found("fiscal year"))
}
