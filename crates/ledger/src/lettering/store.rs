//! Every statement on `ledger.lettering` and `ledger.lettering_line`.

use kernel::{AccountId, Date, EntityId, EntryLineId, LetteringId, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

platform::constraint!("lettering_line_live_key", "lines", "One of the lines is lettered already.");
platform::constraint!(
    "lettering_balanced",
    "lines",
    "Lines that settle each other are of one account and party and sum to nothing."
);

/// A line that is to be lettered.
#[derive(Clone, Debug)]
pub(super) struct Lettered {
    pub(super) id: EntryLineId,
    pub(super) entity_id: EntityId,
    pub(super) account_id: AccountId,
    pub(super) is_auxiliary: bool,
    pub(super) party: Option<PartyId>,
    pub(super) carried: bool,
    pub(super) net: Decimal,
    pub(super) is_settled: bool,
}

/// The lines with these ids within the caller's scope, by id.
pub(super) async fn list_lines(tx: &mut Tx, lines: &[EntryLineId]) -> Result<Vec<Lettered>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = lines.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Lettered,
        r#"select l.id as "id: EntryLineId", l.entity_id as "entity_id: EntityId", l.account_id as "account_id: AccountId", a.is_auxiliary,
               l.aux_party_id as "party: PartyId", l.carried, l.debit - l.credit as "net!",
               exists (select from ledger.lettering_line n where n.tenant_id = l.tenant_id and n.line_id = l.id and n.undone_at is null)
                   as "is_settled!"
           from ledger.entry_line l join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
           where l.tenant_id = $1 and l.id = any ($2) order by l.id"#,
        tenant,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Draws the number of the next lettering of an account, counted from 0.
pub(super) async fn draw_letter(tx: &mut Tx, account: AccountId) -> Result<i32> {
    let tenant = tx.tenant().uuid();
    let drawn = sqlx::query_scalar!(
        r#"update ledger.account set letters = letters + 1 where tenant_id = $1 and id = $2 returning letters - 1 as "drawn!""#,
        tenant,
        account.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(drawn)
}

/// Writes a lettering with its lines.
pub(super) async fn insert_lettering(
    tx: &mut Tx,
    (entity, account): (EntityId, AccountId),
    (code, on): (&str, Date),
    lines: &[EntryLineId],
) -> Result<LetteringId> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let id = LetteringId::generate(now);
    let ids: Vec<_> = lines.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "insert into ledger.lettering (tenant_id, id, entity_id, account_id, code, lettered_on, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id.uuid(),
        entity.uuid(),
        account.uuid(),
        code,
        on as Date,
        now as Timestamp,
        actor
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into ledger.lettering_line (tenant_id, lettering_id, line_id, entity_id)
         select $1, $2, n.id, $3 from unnest($4::uuid[]) as n (id)
         returning 1 as one",
        tenant,
        id.uuid(),
        entity.uuid(),
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(id)
}

/// A lettering as it is stored.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.lettering")]
pub struct LetteringRow {
    pub id: LetteringId,
    pub entity_id: EntityId,
    pub account_id: AccountId,
    pub account_code: String,
    pub code: String,
    pub lettered_on: Date,
    pub created_at: Timestamp,
    pub created_by: String,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
    pub line_ids: Vec<Uuid>,
}

/// The lettering that a line is in now.
pub(super) async fn find_live_of_line(tx: &mut Tx, line: EntryLineId) -> Result<Option<LetteringId>> {
    let tenant = tx.tenant().uuid();
    let id = sqlx::query_scalar!(
        r#"select lettering_id as "id: LetteringId" from ledger.lettering_line
           where tenant_id = $1 and line_id = $2 and undone_at is null"#,
        tenant,
        line.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// One lettering within the caller's scope, those undone included.
pub async fn get_lettering(tx: &mut Tx, id: LetteringId) -> Result<LetteringRow> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        LetteringRow,
        r#"select t.id as "id: LetteringId", t.entity_id as "entity_id: EntityId", t.account_id as "account_id: AccountId",
               a.code as account_code, t.code, t.lettered_on, t.created_at, t.created_by, t.undone_at, t.undone_by,
               array(select n.line_id from ledger.lettering_line n where n.tenant_id = t.tenant_id and n.lettering_id = t.id
                   order by n.line_id) as "line_ids!"
           from ledger.lettering t join ledger.account a on a.tenant_id = t.tenant_id and a.id = t.account_id
           where t.tenant_id = $1 and t.id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or_else(|| Error::not_found("lettering"))
}

/// Takes a lettering apart; says whether it held.
pub(super) async fn update_undone(tx: &mut Tx, id: LetteringId) -> Result<bool> {
    let (tenant, now, actor) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let undone = sqlx::query!(
        "with undone as (
            update ledger.lettering set undone_at = $3, undone_by = $4 where tenant_id = $1 and id = $2 and undone_at is null returning id
         )
         update ledger.lettering_line n set undone_at = $3 from undone where n.tenant_id = $1 and n.lettering_id = undone.id",
        tenant,
        id.uuid(),
        now as Timestamp,
        actor
    )
    .execute(tx.conn())
    .await?;
    Ok(undone.rows_affected() > 0)
}
