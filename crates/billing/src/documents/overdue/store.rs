//! Every statement on what is overdue.

use kernel::{Currency, Date, DocumentId, EntityId, PartyId};
use platform::{Error, Result, Tx};

use rust_decimal::Decimal;
use uuid::Uuid;

use super::OverdueCustomer;

/// What customers in scope are late with on `today`; invoices between entities are not among it.
pub async fn list_overdue(tx: &mut Tx, today: Date) -> Result<Vec<OverdueCustomer>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select d.party_id as "party_id: PartyId", p.name, d.entity_id as "entity_id: kernel::EntityId", d.currency,
               count(*) as "invoices!", sum(d.net) as "net!", sum(d.gross) as "gross!",
               sum(d.gross - d.paid - d.credited) as "balance!", min(d.due_on) as "oldest_due_on!: Date",
               coalesce(sum(d.gross - d.paid - d.credited) filter (where $2 - d.due_on <= 30), 0) as "young!",
               coalesce(sum(d.gross - d.paid - d.credited) filter (where $2 - d.due_on between 31 and 60), 0) as "middle!",
               coalesce(sum(d.gross - d.paid - d.credited) filter (where $2 - d.due_on > 60), 0) as "old!"
           from billing.document d
           join parties.party p on p.tenant_id = d.tenant_id and p.id = d.party_id
           where d.tenant_id = $1 and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice')
             and d.direction = 'sale' and d.origin <> 'intercompany' and d.due_on < $2
           group by d.party_id, p.name, d.entity_id, d.currency
           order by p.name, d.party_id"#,
        tenant,
        today as Date
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency: Currency =
                row.currency.parse().map_err(|error| Error::internal("reading a currency", error))?;
            Ok(OverdueCustomer {
                party_id: row.party_id,
                party_name: row.name,
                entity: tx.ctx().entity_code(row.entity_id).to_owned(),
                currency,
                invoices: row.invoices,
                net: row.net,
                gross: row.gross,
                balance: row.balance,
                oldest_due_on: row.oldest_due_on,
                days_late: 0,
                ages: [row.young, row.middle, row.old],
            })
        })
        .collect()
}

/// An invoice that became overdue.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document")]
pub struct Late {
    pub id: DocumentId,
    pub entity_id: EntityId,
    pub party_id: PartyId,
    pub number: Option<String>,
    pub due_on: Option<Date>,
    pub gross: Decimal,
}

/// Marks up to `limit` sales invoices that were due before the day of their entity, each once, and returns them.
pub async fn mark_overdue(tx: &mut Tx, days: &[(EntityId, Date)], limit: i64) -> Result<Vec<Late>> {
    let tenant = tx.tenant().uuid();
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let now = tx.now();
    let rows = sqlx::query_as!(
        Late,
        r#"with late as (
               select d.id from billing.document d
               join unnest($2::uuid[], $3::date[]) as t (entity_id, today) on t.entity_id = d.entity_id
               where d.tenant_id = $1 and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice')
                 and d.direction = 'sale' and d.due_on < t.today and d.payment_state <> 'overdue'
               order by d.id limit $4
               for no key update of d skip locked
           )
           update billing.document d set payment_state = 'overdue', updated_at = $5
           from late where d.tenant_id = $1 and d.id = late.id
           returning d.id as "id: DocumentId", d.entity_id as "entity_id: EntityId", d.party_id as "party_id: PartyId", d.number,
               d.due_on as "due_on: Date", d.gross"#,
        tenant,
        &entities,
        &today as &[Date],
        limit,
        now as kernel::Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
