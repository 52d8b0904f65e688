//! Every statement on what lines are matched with.

use kernel::{BankLineId, EntityId, EntryId, PaymentId, Timestamp};
use platform::{Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::model::BankMatchKind;

platform::constraint!("bank_match_payment_key", "payment_id", "Another line is matched with this payment.");
platform::constraint!("bank_match_bounce_key", "payment_id", "Another line took this payment back.");
platform::constraint!("bank_match_frozen", "id", "A match is undone, never changed.");

/// What a line is, or was, matched with.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.bank_match")]
pub struct BankMatchRow {
    pub id: Uuid,
    pub line_id: BankLineId,
    pub kind: BankMatchKind,
    /// Its part of the line's amount.
    pub amount: Decimal,
    pub payment_id: Option<PaymentId>,
    pub entry_id: Option<EntryId>,
    pub automatic: bool,
    pub made_at: Timestamp,
    pub made_by: String,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
    pub undone_reason: String,
}

/// What these lines are and were matched with, in the order it was done.
pub async fn list_matches(tx: &mut Tx, lines: &[BankLineId]) -> Result<Vec<BankMatchRow>> {
    let tenant = tx.tenant().uuid();
    let lines: Vec<_> = lines.iter().map(|line| line.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id, line_id as "line_id: BankLineId", kind, amount, payment_id as "payment_id: PaymentId",
               entry_id as "entry_id: EntryId", automatic, made_at as "made_at: Timestamp", made_by,
               undone_at as "undone_at: Timestamp", undone_by, undone_reason
           from billing.bank_match where tenant_id = $1 and line_id = any ($2) order by made_at, id"#,
        tenant,
        &lines
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind = row.kind.parse().map_err(|error: String| platform::Error::internal("reading a match", error))?;
            Ok(BankMatchRow {
                id: row.id,
                line_id: row.line_id,
                kind,
                amount: row.amount,
                payment_id: row.payment_id,
                entry_id: row.entry_id,
                automatic: row.automatic,
                made_at: row.made_at,
                made_by: row.made_by,
                undone_at: row.undone_at,
                undone_by: row.undone_by,
                undone_reason: row.undone_reason,
            })
        })
        .collect()
}

/// A match about to be written.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.bank_match")]
pub struct NewMatch {
    pub id: Uuid,
    pub kind: BankMatchKind,
    pub amount: Decimal,
    pub payment_id: Option<PaymentId>,
    pub entry_id: Option<EntryId>,
}

/// Writes what a line is matched with.
pub async fn insert_matches(
    tx: &mut Tx,
    (entity, line): (EntityId, BankLineId),
    matches: &[NewMatch],
    automatic: bool,
) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let ids: Vec<_> = matches.iter().map(|new| new.id).collect();
    let kinds: Vec<_> = matches.iter().map(|new| new.kind.as_str().to_owned()).collect();
    let amounts: Vec<_> = matches.iter().map(|new| new.amount).collect();
    let payments: Vec<_> = matches.iter().map(|new| new.payment_id.map(PaymentId::uuid)).collect();
    let entries: Vec<_> = matches.iter().map(|new| new.entry_id.map(EntryId::uuid)).collect();
    sqlx::query!(
        "insert into billing.bank_match (tenant_id, id, entity_id, line_id, kind, amount, payment_id, entry_id, automatic, made_at, made_by)
         select $1, x.id, $2, $3, x.kind, x.amount, x.payment_id, x.entry_id, $9, $10, $11
         from unnest($4::uuid[], $5::text[], $6::numeric[], $7::uuid[], $8::uuid[]) as x (id, kind, amount, payment_id, entry_id)
         returning 1 as one",
        tenant,
        entity.uuid(),
        line.uuid(),
        &ids,
        &kinds,
        &amounts,
        &payments as &[Option<Uuid>],
        &entries as &[Option<Uuid>],
        automatic,
        now as Timestamp,
        by
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Undoes what a line is matched with.
pub async fn undo_matches(tx: &mut Tx, line: BankLineId, reason: &str) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "update billing.bank_match set undone_at = $3, undone_by = $4, undone_reason = $5
         where tenant_id = $1 and line_id = $2 and undone_at is null",
        tenant,
        line.uuid(),
        now as Timestamp,
        by,
        reason
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a line took this payment back.
pub async fn is_bounced(tx: &mut Tx, payment: PaymentId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        r#"select exists (select from billing.bank_match
               where tenant_id = $1 and payment_id = $2 and kind = 'bounced' and undone_at is null) as "found!""#,
        tenant,
        payment.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// The account of the books on which the line stands that recorded this payment.
pub async fn find_recorded_on(tx: &mut Tx, payment: PaymentId) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_scalar!(
        "select a.ledger_account from billing.bank_match m
         join billing.bank_line l on l.tenant_id = m.tenant_id and l.id = m.line_id
         join billing.bank_account a on a.tenant_id = l.tenant_id and a.id = l.account_id
         where m.tenant_id = $1 and m.payment_id = $2 and m.kind = 'recorded' order by m.made_at limit 1",
        tenant,
        payment.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}
