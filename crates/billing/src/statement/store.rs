//! Every statement on what moved on a customer's account.

use kernel::{Currency, Date, DocumentId, EntityId, PartyId, PaymentId};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use super::model::{Movement, StatementKind};

/// Whose account, where and of what.
#[derive(Clone, Copy, Debug)]
pub struct AccountOf {
    /// The entity.
    pub entity: EntityId,
    /// The customer.
    pub party: PartyId,
    /// The currency of what was charged and paid.
    pub currency: Currency,
}

/// What moved from `from` to `to`, up to `limit`, in the order of the days.
pub async fn list_movements(tx: &mut Tx, of: AccountOf, (from, to): (Date, Date), limit: i64) -> Result<Vec<Movement>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select m.moved_on as "moved_on!: Date", m.kind as "kind!", m.reference as "reference!", m.about as "about!",
               m.document_id as "document_id: DocumentId", m.payment_id as "payment_id: PaymentId", m.due_on as "due_on: Date",
               m.debit as "debit!", m.credit as "credit!"
           from (
               select d.issue_on as moved_on, d.kind, d.number as reference, d.subject as about, d.id as document_id,
                   null::uuid as payment_id, d.due_on, case when d.kind = 'credit_note' then 0 else d.gross end as debit,
                   case when d.kind = 'credit_note' then d.gross else 0 end as credit
               from billing.document d
               where d.tenant_id = $1 and d.entity_id = $2 and d.party_id = $3 and d.currency = $4 and d.direction = 'sale'
                 and d.status <> 'draft' and d.kind in ('invoice', 'deposit_invoice', 'credit_note')
               union all
               select y.received_on, case when y.direction = 'in' then 'payment' else 'refund' end, y.reference, y.note, null, y.id,
                   null, case when y.direction = 'in' then 0 else y.amount end, case when y.direction = 'in' then y.amount else 0 end
               from billing.payment y
               where y.tenant_id = $1 and y.entity_id = $2 and y.party_id = $3 and y.currency = $4 and y.direction in ('in', 'refund')
               union all
               select y.bounced_on, case when y.direction = 'in' then 'bounce' else 'refund_bounce' end, y.reference, y.bounce_reason,
                   null, y.id, null, case when y.direction = 'in' then y.amount else 0 end,
                   case when y.direction = 'in' then 0 else y.amount end
               from billing.payment y
               where y.tenant_id = $1 and y.entity_id = $2 and y.party_id = $3 and y.currency = $4 and y.direction in ('in', 'refund')
                 and y.status = 'failed') m
           where m.moved_on between $5 and $6
           order by m.moved_on, m.document_id, m.payment_id limit $7"#,
        tenant,
        of.entity.uuid(),
        of.party.uuid(),
        of.currency.code(),
        from as Date,
        to as Date,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let kind: StatementKind =
                row.kind.parse().map_err(|error: String| Error::internal("reading a movement", error))?;
            Ok(Movement {
                on: row.moved_on,
                kind,
                reference: row.reference,
                text: row.about,
                document_id: row.document_id,
                payment_id: row.payment_id,
                due_on: row.due_on,
                debit: row.debit,
                credit: row.credit,
            })
        })
        .collect()
}

/// What all movements before a day come to.
pub async fn sum_before(tx: &mut Tx, of: AccountOf, day: Date) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let sum = sqlx::query_scalar!(
        r#"select coalesce((
               select sum(case when d.kind = 'credit_note' then -d.gross else d.gross end) from billing.document d
               where d.tenant_id = $1 and d.entity_id = $2 and d.party_id = $3 and d.currency = $4 and d.direction = 'sale'
                 and d.status <> 'draft' and d.kind in ('invoice', 'deposit_invoice', 'credit_note') and d.issue_on < $5), 0)
           + coalesce((
               select sum((case when y.direction = 'in' then -y.amount else y.amount end)
                   * ((y.received_on < $5)::int - coalesce(y.bounced_on < $5, false)::int))
               from billing.payment y
               where y.tenant_id = $1 and y.entity_id = $2 and y.party_id = $3 and y.currency = $4
                 and y.direction in ('in', 'refund')), 0) as "sum!""#,
        tenant,
        of.entity.uuid(),
        of.party.uuid(),
        of.currency.code(),
        day as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(sum)
}

/// The currencies in which something was charged or paid, by code.
pub async fn list_currencies(tx: &mut Tx, entity: EntityId, party: PartyId) -> Result<Vec<String>> {
    let tenant = tx.tenant().uuid();
    let codes = sqlx::query_scalar!(
        r#"select x.currency as "currency!" from (
               select d.currency from billing.document d
               where d.tenant_id = $1 and d.entity_id = $2 and d.party_id = $3 and d.direction = 'sale' and d.status <> 'draft'
                 and d.kind in ('invoice', 'deposit_invoice', 'credit_note')
               union
               select y.currency from billing.payment y
               where y.tenant_id = $1 and y.entity_id = $2 and y.party_id = $3 and y.direction in ('in', 'refund')) x
           order by x.currency"#,
        tenant,
        entity.uuid(),
        party.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(codes)
}

/// An invoice that is open.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document")]
pub struct Open {
    pub document_id: DocumentId,
    pub number: String,
    pub issue_on: Date,
    pub due_on: Option<Date>,
    pub gross: Decimal,
    pub balance: Decimal,
    pub disputed: bool,
}

/// What is open now, the oldest due first, up to `limit`.
pub async fn list_open(tx: &mut Tx, of: AccountOf, limit: i64) -> Result<Vec<Open>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Open,
        r#"select d.id as "document_id: DocumentId", d.number as "number!", d.issue_on as "issue_on!: Date", d.due_on as "due_on: Date",
               d.gross, d.gross - d.paid - d.credited as "balance!", d.disputed
           from billing.document d
           where d.tenant_id = $1 and d.entity_id = $2 and d.party_id = $3 and d.currency = $4 and d.direction = 'sale'
             and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice') and d.gross > d.paid + d.credited
           order by d.due_on, d.id limit $5"#,
        tenant,
        of.entity.uuid(),
        of.party.uuid(),
        of.currency.code(),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What the customer has to his credit: paid and credited, and set against nothing.
pub async fn sum_credit(tx: &mut Tx, of: AccountOf) -> Result<Decimal> {
    let tenant = tx.tenant().uuid();
    let sum = sqlx::query_scalar!(
        r#"select coalesce((
               select sum(d.gross - d.paid) from billing.document d
               where d.tenant_id = $1 and d.entity_id = $2 and d.party_id = $3 and d.currency = $4 and d.direction = 'sale'
                 and d.status <> 'draft' and d.kind = 'credit_note'), 0)
           + coalesce((
               select sum(y.amount - coalesce(a.amount, 0) - coalesce(r.amount, 0)) from billing.payment y
               left join lateral (select sum(a.amount) as amount from billing.allocation a
                   where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null) a on true
               left join lateral (select sum(r.amount) as amount from billing.payment r
                   where r.tenant_id = y.tenant_id and r.entity_id = y.entity_id and r.refund_of = y.id and r.status = 'completed') r on true
               where y.tenant_id = $1 and y.entity_id = $2 and y.party_id = $3 and y.currency = $4 and y.direction = 'in'
                 and y.status = 'completed'), 0) as "sum!""#,
        tenant,
        of.entity.uuid(),
        of.party.uuid(),
        of.currency.code()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(sum)
}
