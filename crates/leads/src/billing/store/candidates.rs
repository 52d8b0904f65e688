//! Candidates for a credit note.

use kernel::Week;
use kernel::{
    BillingRecordId, BuyerId, Cursor, Date, DeliveryId, DocumentId, EntityId, LeadId, Limit, OrderId, Timestamp,
};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::billing::invoicing::CandidateToCredit;
use crate::billing::model::CreditCandidateStatus;
use crate::rules::billing::Amounts;

platform::constraint!("credit_candidate_delivery_key", "delivery_id", "This unit is a candidate already.");

/// The record that a delivery was billed in, held: whoever invoices it waits, or is waited for.
pub async fn lock_record_of(tx: &mut Tx, delivery: DeliveryId) -> Result<Option<BillingRecordId>> {
    let tenant = tx.tenant().uuid();
    let record = sqlx::query_scalar!(
        r#"select r.id as "id: BillingRecordId" from leads.ledger_line l
           join leads.billing_record r on r.tenant_id = l.tenant_id and r.entity_id = l.entity_id and r.week = l.week
             and r.number = l.number
           where l.tenant_id = $1 and l.delivery_id = $2
           for no key update of r"#,
        tenant,
        delivery.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(record)
}

/// A unit that was invoiced, was taken back, and is no candidate yet.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.ledger_line and leads.billing_record")]
pub struct Returned {
    pub record_id: BillingRecordId,
    pub entity_id: EntityId,
    pub delivery_id: DeliveryId,
    pub lead_id: LeadId,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub week: Date,
    pub unit_price: Decimal,
    pub discount_pct: Decimal,
    pub vat_rate: Decimal,
    pub units_invoiced: i32,
    pub candidates: i64,
    pub outcome: String,
    pub reason: String,
}

/// The units of these held records that were invoiced and are no candidate yet although they were taken back.
pub async fn list_returned(tx: &mut Tx, records: &[BillingRecordId]) -> Result<Vec<Returned>> {
    let tenant = tx.tenant().uuid();
    let records: Vec<_> = records.iter().map(|id| id.uuid()).collect();
    let returned = sqlx::query_as!(
        Returned,
        r#"select r.id as "record_id: BillingRecordId", r.entity_id as "entity_id: EntityId",
               l.delivery_id as "delivery_id: DeliveryId", l.lead_id as "lead_id: LeadId", r.buyer_id as "buyer_id: BuyerId",
               r.order_id as "order_id: OrderId", r.product, r.week as "week: Date", r.unit_price, r.discount_pct, r.vat_rate,
               r.units_invoiced,
               (select count(*) from leads.credit_candidate c where c.tenant_id = $1 and c.record_id = r.id) as "candidates!",
               d.outcome as "outcome!", coalesce(d.rejected_reason, d.removed_reason, '') as "reason!"
           from leads.billing_record r
           join leads.ledger_line l on l.tenant_id = r.tenant_id and l.entity_id = r.entity_id and l.week = r.week
             and l.number = r.number
           join leads.delivery d on d.tenant_id = l.tenant_id and d.id = l.delivery_id
           where r.tenant_id = $1 and r.id = any($2) and r.status <> 'not_invoiced' and r.billing_mode = 'WEEKLY_INVOICE'
             and l.is_billable and d.outcome <> 'accepted'
             and not exists (select from leads.credit_candidate c where c.tenant_id = $1 and c.delivery_id = l.delivery_id)
           order by r.id, l.delivery_id"#,
        tenant,
        &records
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(returned)
}

/// Writes a candidate, open.
pub async fn insert_candidate(tx: &mut Tx, returned: &Returned, amounts: Amounts) -> Result<Uuid> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = kernel::CreditId::generate(now).uuid();
    sqlx::query!(
        "insert into leads.credit_candidate (tenant_id, id, entity_id, record_id, delivery_id, lead_id, buyer_id, order_id, product,
             week, unit_price, discount_pct, vat_rate, net, vat, outcome, reason, status, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'open', $18, $18)",
        tenant,
        id,
        returned.entity_id.uuid(),
        returned.record_id.uuid(),
        returned.delivery_id.uuid(),
        returned.lead_id.uuid(),
        returned.buyer_id.uuid(),
        returned.order_id.uuid(),
        returned.product,
        returned.week as Date,
        returned.unit_price,
        returned.discount_pct,
        returned.vat_rate,
        amounts.net,
        amounts.vat,
        returned.outcome,
        returned.reason,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The week is built anew, without what was taken back: there is nothing left to credit.
pub async fn release_week(tx: &mut Tx, entity: EntityId, week: Week) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    sqlx::query!(
        "update leads.credit_candidate
         set record_id = null,
             status = case when status in ('open', 'proposed') then 'dismissed' else status end,
             settled_by = case when status in ('open', 'proposed') then $4 else settled_by end,
             settled_reason = case when status in ('open', 'proposed') then 'ledger_rebuilt' else settled_reason end,
             updated_at = $5
         where tenant_id = $1 and entity_id = $2 and week = $3 and record_id is not null",
        tenant,
        entity.uuid(),
        week.monday() as Date,
        by,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A candidate, held: its entity and where it stands.
pub async fn lock_candidate(tx: &mut Tx, id: Uuid) -> Result<(EntityId, BuyerId, DeliveryId, CreditCandidateStatus)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select entity_id as "entity_id: EntityId", buyer_id as "buyer_id: BuyerId", delivery_id as "delivery_id: DeliveryId",
               status as "status: CreditCandidateStatus"
           from leads.credit_candidate where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| Error::not_found("candidate"))?;
    Ok((row.entity_id, row.buyer_id, row.delivery_id, row.status))
}

/// Dismisses a held candidate.
pub async fn dismiss(tx: &mut Tx, id: Uuid, reason: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    sqlx::query!(
        "update leads.credit_candidate set status = 'dismissed', settled_by = $3, settled_reason = $4, updated_at = $5
         where tenant_id = $1 and id = $2",
        tenant,
        id,
        by,
        reason,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The open candidates of a buyer whose records are still invoiced, oldest first; held.
pub async fn lock_open(tx: &mut Tx, entity: EntityId, buyer: BuyerId) -> Result<Vec<CandidateToCredit>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select c.id, c.record_id as "record_id!: BillingRecordId", c.delivery_id as "delivery_id: DeliveryId", c.product,
               i.name as product_name, c.week as "week: Date", c.unit_price, c.discount_pct, c.vat_rate, c.net, c.vat, c.reason,
               r.document_id as "document_id: DocumentId"
           from leads.credit_candidate c
           join leads.billing_record r on r.tenant_id = c.tenant_id and r.id = c.record_id and r.status <> 'not_invoiced'
           join catalog.item i on i.tenant_id = c.tenant_id and i.code = c.product
           where c.tenant_id = $1 and c.entity_id = $2 and c.buyer_id = $3 and c.status = 'open'
           order by c.week, c.created_at, c.id
           for no key update of c"#,
        tenant,
        entity.uuid(),
        buyer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let candidate = rows.into_iter().map(|row| CandidateToCredit {
        id: row.id,
        record_id: row.record_id,
        invoice_id: row.document_id,
        delivery_id: row.delivery_id,
        product: row.product,
        product_name: row.product_name,
        week: Week::of(row.week),
        unit_price: row.unit_price,
        discount_pct: row.discount_pct,
        vat_rate: row.vat_rate,
        net: row.net,
        vat: row.vat,
        reason: row.reason,
    });
    Ok(candidate.collect())
}

/// Marks candidates credited by an issued credit note; says how many were open or proposed.
pub async fn mark_credited(tx: &mut Tx, ids: &[Uuid], document: DocumentId) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    let marked = sqlx::query!(
        "update leads.credit_candidate set status = 'credited', document_id = $3, settled_by = $4, updated_at = $5
         where tenant_id = $1 and id = any($2) and status in ('open', 'proposed')",
        tenant,
        ids,
        document.uuid(),
        by,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(marked.rows_affected())
}

/// A candidate as people see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct CreditCandidate {
    /// The candidate.
    #[schema(value_type = String, format = Uuid)]
    pub id: Uuid,
    /// The entity that invoiced it.
    pub entity_id: EntityId,
    /// The record it was invoiced in; none once its week was built anew.
    pub record_id: Option<BillingRecordId>,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name.
    pub buyer_name: String,
    /// The order.
    pub order_id: OrderId,
    /// The product.
    pub product: String,
    /// The Monday of the week it was invoiced for.
    pub week: Date,
    /// Always one.
    pub units: i32,
    /// Euros a unit, as invoiced.
    pub unit_price: Decimal,
    /// Percent, as invoiced.
    pub discount_pct: Decimal,
    /// Percent, as invoiced.
    pub vat_rate: Decimal,
    /// What the record would be cheaper by, in euros.
    pub net: Decimal,
    /// Its VAT.
    pub vat: Decimal,
    /// `rejected` or `removed`.
    pub outcome: String,
    /// Why it was taken back.
    pub reason: String,
    /// Where it stands.
    pub status: CreditCandidateStatus,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// Why nothing is credited.
    pub settled_reason: Option<String>,
    /// The credit note.
    pub document_id: Option<DocumentId>,
    /// When it was taken back.
    pub created_at: Timestamp,
    /// What the caller may do with it now: `dismiss`.
    #[sqlx(skip)]
    pub can: Vec<&'static str>,
}

/// Which candidates; all given conditions hold.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of leads.credit_candidate")]
pub struct CandidateFilter {
    pub id: Option<Uuid>,
    pub status: Option<CreditCandidateStatus>,
    pub buyer: Option<BuyerId>,
    pub week: Option<Week>,
    pub after: Option<Cursor>,
}

/// Candidates in scope, newest first, one more than `limit`.
pub async fn list_candidates(tx: &mut Tx, filter: &CandidateFilter, limit: Limit) -> Result<Vec<CreditCandidate>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select c.*, p.name as buyer_name from leads.credit_candidate c \
         join parties.party p on p.tenant_id = c.tenant_id and p.id = c.buyer_id where c.tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    if let Some(id) = filter.id {
        sql.push(" and c.id = ").push_bind(id);
    }
    if let Some(status) = filter.status {
        sql.push(" and c.status = ").push_bind(status);
    }
    if let Some(buyer) = filter.buyer {
        sql.push(" and c.buyer_id = ").push_bind(buyer);
    }
    if let Some(week) = filter.week {
        sql.push(" and c.week = ").push_bind(week.monday());
    }
    if let Some(after) = filter.after {
        sql.push(" and (c.created_at, c.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by c.created_at desc, c.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}
