//! What lines are matched against: open documents, payments that may come back, payments recorded before; and what of
//! the documents does not agree with what settles them. Each is read in one statement.

use kernel::{Date, DocumentId, EntityId, PartyId, PaymentId};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use statements::matching::{OpenItem, Payment};

use super::accounts::BankAccountRow;
use crate::bank::suggestion::RecordedPayment;
use crate::payments::model::PaymentDirection;

/// Payments further back do not come back: a debit without a mandate does within thirteen months (SEPA Direct Debit Core
/// Rulebook).
const RETURN_DAYS: i32 = 400;
/// No entity has more open documents, or payments in the time, than are looked at.
const MOST: i64 = 100_000;

/// The documents of an entity on which something is open, with the accounts their parties pay from: the one in their file, and
/// those that confirmed lines came from.
pub async fn list_open_items(tx: &mut Tx, account: &BankAccountRow) -> Result<Vec<OpenItem>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"with learned as (
               select y.party_id, array_agg(distinct l.counterparty_iban) as ibans
               from billing.bank_match m
               join billing.bank_line l on l.tenant_id = m.tenant_id and l.id = m.line_id and l.counterparty_iban is not null
               join billing.payment y on y.tenant_id = m.tenant_id and y.id = m.payment_id
               where m.tenant_id = $1 and m.entity_id = $2 and m.kind in ('recorded', 'linked') and m.undone_at is null
               group by y.party_id)
           select d.id, d.number as "number!", d.party_id, p.name as party_name, p.iban, n.ibans,
               d.gross - d.paid - d.credited as "open!", d.issue_on as "issue_on!: Date", d.due_on as "due_on: Date",
               (d.direction = 'sale') = (d.kind = 'credit_note') as "is_credit!"
           from billing.document d
           join parties.party p on p.tenant_id = d.tenant_id and p.id = d.party_id
           left join learned n on n.party_id = d.party_id
           where d.tenant_id = $1 and d.entity_id = $2 and d.currency = $3 and d.status = 'sent' and d.number is not null
             and (d.kind in ('invoice', 'deposit_invoice') or d.kind = 'credit_note' and d.direction = 'sale')
             and d.gross > d.paid + d.credited
           order by d.id limit $4"#,
        tenant,
        account.entity_id.uuid(),
        account.currency.code(),
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let item = rows.into_iter().map(|row| OpenItem {
        id: row.id,
        number: row.number,
        party_id: row.party_id,
        party_name: row.party_name,
        party_ibans: row.iban.into_iter().chain(row.ibans.unwrap_or_default()).collect(),
        amount_open: row.open,
        currency: account.currency,
        issued_on: row.issue_on,
        due_on: row.due_on,
        is_credit: row.is_credit,
    });
    Ok(item.collect())
}

/// Payments that came in, and may come back after `since`; a line that recorded one tells its reference.
pub async fn list_returnable(tx: &mut Tx, account: &BankAccountRow, since: Date) -> Result<Vec<Payment>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select y.id, coalesce(l.end_to_end_id, y.reference) as reference, y.amount, y.received_on as "received_on: Date"
           from billing.payment y
           left join billing.bank_match m on m.tenant_id = y.tenant_id and m.payment_id = y.id and m.kind in ('recorded', 'linked')
               and m.undone_at is null
           left join billing.bank_line l on l.tenant_id = m.tenant_id and l.id = m.line_id
           where y.tenant_id = $1 and y.entity_id = $2 and y.currency = $3 and y.direction = 'in' and y.status = 'completed'
             and y.received_on >= $4
           order by y.received_on desc, y.id desc limit $5"#,
        tenant,
        account.entity_id.uuid(),
        account.currency.code(),
        since.plus_days(-RETURN_DAYS) as Date,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let payment = rows.into_iter().map(|row| Payment {
        id: row.id,
        reference: row.reference.filter(|reference| !reference.is_empty()),
        amount: row.amount,
        currency: account.currency,
        received_on: row.received_on,
    });
    Ok(payment.collect())
}

/// Payments of these amounts that a person or a provider recorded between the days, and that no line was matched with.
pub async fn list_recorded(
    tx: &mut Tx,
    account: &BankAccountRow,
    amounts: &[Decimal],
    (from, to): (Date, Date),
) -> Result<Vec<RecordedPayment>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select y.id, y.party_id, p.iban, y.direction, y.amount, coalesce(y.bounced_on, y.received_on) as "moved_on!: Date",
               y.reference, y.status = 'failed' as "is_failed!",
               coalesce((select array_agg(distinct d.number) filter (where d.number is not null) from billing.allocation a
                   join billing.document d on d.tenant_id = a.tenant_id and d.id = a.document_id
                   where a.tenant_id = y.tenant_id and a.payment_id = y.id), '{}') as "numbers!"
           from billing.payment y
           join parties.party p on p.tenant_id = y.tenant_id and p.id = y.party_id
           where y.tenant_id = $1 and y.entity_id = $2 and y.currency = $3 and y.amount = any ($4)
             and coalesce(y.bounced_on, y.received_on) between $5 and $6
             and case y.status
                 when 'completed' then y.source <> 'bank_import' and not exists (select from billing.bank_match m
                     where m.tenant_id = y.tenant_id and m.payment_id = y.id and m.kind in ('recorded', 'linked') and m.undone_at is null)
                 else exists (select from billing.bank_match m
                     where m.tenant_id = y.tenant_id and m.payment_id = y.id and m.kind in ('recorded', 'linked') and m.undone_at is null)
                   and not exists (select from billing.bank_match m
                     where m.tenant_id = y.tenant_id and m.payment_id = y.id and m.kind = 'bounced' and m.undone_at is null)
                 end
           order by y.received_on desc, y.id desc limit $7"#,
        tenant,
        account.entity_id.uuid(),
        account.currency.code(),
        amounts,
        from as Date,
        to as Date,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let direction: PaymentDirection =
                row.direction.parse().map_err(|error: String| Error::internal("reading a payment", error))?;
            Ok(RecordedPayment {
                id: PaymentId::from_uuid(row.id),
                party_id: PartyId::from_uuid(row.party_id),
                party_iban: row.iban,
                direction,
                amount: row.amount,
                currency: account.currency,
                on: row.moved_on,
                reference: row.reference,
                is_failed: row.is_failed,
                numbers: row.numbers,
            })
        })
        .collect()
}

/// A document whose stored balance is not what settles it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document, and the same computed")]
pub struct Drift {
    pub id: DocumentId,
    pub entity_id: EntityId,
    pub party_id: PartyId,
    pub number: Option<String>,
    pub gross: Decimal,
    pub paid: Decimal,
    pub credited: Decimal,
    pub paid_by: Decimal,
    pub credited_by: Decimal,
    pub status: String,
}

/// Documents in scope whose stored balance or status is not what their settlements make of it (spec/field.md 5.8).
pub async fn list_drift(tx: &mut Tx) -> Result<Vec<Drift>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Drift,
        r#"with settled as (
               select a.document_id as id, sum(a.amount) filter (where a.payment_id is not null) as paid,
                   sum(a.amount) filter (where a.credit_note_id is not null) as credited
               from billing.allocation a where a.tenant_id = $1 and a.released_on is null group by a.document_id),
           used as (
               select a.credit_note_id as id, sum(a.amount) as amount
               from billing.allocation a
               where a.tenant_id = $1 and a.released_on is null and a.credit_note_id is not null group by a.credit_note_id)
           select d.id as "id: DocumentId", d.entity_id as "entity_id: EntityId", d.party_id as "party_id: PartyId", d.number, d.gross,
               d.paid, d.credited, coalesce(s.paid, 0) + coalesce(u.amount, 0) as "paid_by!", coalesce(s.credited, 0) as "credited_by!",
               d.status
           from billing.document d
           left join settled s on s.id = d.id
           left join used u on u.id = d.id
           where d.tenant_id = $1 and d.kind in ('invoice', 'deposit_invoice', 'credit_note')
             and (d.paid <> coalesce(s.paid, 0) + coalesce(u.amount, 0) or d.credited <> coalesce(s.credited, 0)
                 or d.status <> 'draft' and (d.status = 'paid') <> (d.paid + d.credited >= d.gross))
           order by d.id"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
