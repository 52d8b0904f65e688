//! Records and lines as people see them.

use kernel::Week;
use kernel::{
    BillingRecordId, BuyerId, Cursor, Date, DeliveryId, DocumentId, EntityId, LeadId, Limit, OrderId, Timestamp,
};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};

use crate::billing::model::{BillingRecordStatus, Month};
use crate::rules::pricing::{BillingMode, PricingSource};

/// A record with its buyer.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of leads.billing_record")]
pub struct RecordRow {
    pub id: BillingRecordId,
    pub entity_id: EntityId,
    pub week: Date,
    pub number: i32,
    pub buyer_id: BuyerId,
    pub buyer_name: String,
    pub product: String,
    pub order_id: OrderId,
    pub position: i32,
    pub billing_mode: BillingMode,
    pub pricing_source: PricingSource,
    pub unit_price: Decimal,
    pub discount_pct: Decimal,
    pub vat_rate: Decimal,
    pub units_sent: i32,
    pub units_billable: i32,
    pub units_lb: i32,
    pub units_free: i32,
    pub units_invoiced: i32,
    pub before_discount: Decimal,
    pub net: Decimal,
    pub vat: Decimal,
    pub gross: Decimal,
    pub status: BillingRecordStatus,
    pub external_invoice_number: Option<String>,
    pub external_invoice_ttc: Option<Decimal>,
    pub issued_on: Option<Date>,
    pub due_on: Option<Date>,
    pub paid_on: Option<Date>,
    pub document_id: Option<DocumentId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which records; all given conditions hold.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of leads.billing_record")]
pub struct RecordFilter {
    pub week: Option<Week>,
    pub buyer: Option<BuyerId>,
    pub product: Option<String>,
    pub status: Option<BillingRecordStatus>,
    pub mode: Option<BillingMode>,
    pub document: Option<DocumentId>,
    /// Weeks with days in this month.
    pub month: Option<Month>,
    pub after: Option<Cursor>,
}

const SELECT: &str = "select r.*, p.name as buyer_name from leads.billing_record r \
    join parties.party p on p.tenant_id = r.tenant_id and p.id = r.buyer_id where r.tenant_id = ";

/// Records in scope, newest first, one more than `limit`.
pub async fn list_records(tx: &mut Tx, filter: &RecordFilter, limit: Limit) -> Result<Vec<RecordRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(SELECT);
    sql.push_bind(tx.tenant());
    if let Some(week) = filter.week {
        sql.push(" and r.week = ").push_bind(week.monday());
    }
    if let Some(buyer) = filter.buyer {
        sql.push(" and r.buyer_id = ").push_bind(buyer);
    }
    if let Some(product) = &filter.product {
        sql.push(" and r.product = ").push_bind(product);
    }
    if let Some(status) = filter.status {
        sql.push(" and r.status = ").push_bind(status);
    }
    if let Some(mode) = filter.mode {
        sql.push(" and r.billing_mode = ").push_bind(mode.as_str());
    }
    if let Some(document) = filter.document {
        sql.push(" and r.document_id = ").push_bind(document);
    }
    if let Some(month) = filter.month {
        sql.push(" and r.week > ").push_bind(month.first().plus_days(-7));
        sql.push(" and r.week < ").push_bind(month.next());
    }
    if let Some(after) = filter.after {
        sql.push(" and (r.created_at, r.id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by r.created_at desc, r.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// All records in scope of one week, by entity, buyer, product and position.
pub async fn list_of_week(tx: &mut Tx, week: Week) -> Result<Vec<RecordRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(SELECT);
    sql.push_bind(tx.tenant()).push(" and r.week = ").push_bind(week.monday());
    sql.push(" order by p.name, r.buyer_id, r.product, r.order_id, r.position");
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One record within the caller's scope.
pub async fn get_record(tx: &mut Tx, id: BillingRecordId) -> Result<RecordRow> {
    let mut sql = QueryBuilder::<Postgres>::new(SELECT);
    sql.push_bind(tx.tenant()).push(" and r.id = ").push_bind(id);
    let row: Option<RecordRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("record"))
}

/// Per record of an entity's week: its number and the billable units sent on days from the first until before the second.
pub async fn count_within(tx: &mut Tx, week: Week, (from, to): (Date, Date)) -> Result<Vec<(BillingRecordId, i64)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select r.id as "id: BillingRecordId", count(*) as "units!"
           from leads.billing_record r
           join leads.ledger_line l on l.tenant_id = r.tenant_id and l.entity_id = r.entity_id and l.week = r.week
             and l.number = r.number
           where r.tenant_id = $1 and r.week = $2 and l.is_billable and l.sent_on >= $3 and l.sent_on < $4
           group by r.id order by r.id"#,
        tenant,
        week.monday() as Date,
        from as Date,
        to as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.units)).collect())
}

/// A unit of a record.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct LedgerLine {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// The lead's département.
    pub departement: String,
    /// `lead`, or `lb` for aged stock.
    pub unit_type: String,
    /// The entity that owns the lead.
    pub source_entity_id: EntityId,
    /// The entity that bills it.
    pub billing_entity_id: EntityId,
    /// `accepted`, `rejected` or `removed`, when the ledger was built.
    pub outcome: String,
    /// What became of it since.
    pub outcome_now: String,
    /// Whether it counts.
    pub is_billable: bool,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The day of that in its entity's zone: the price is that day's.
    pub sent_on: Date,
    /// Where the price comes from.
    pub pricing_source: PricingSource,
    /// Euros a unit.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Before the discount, in euros; 0 when it does not count.
    pub gross: Decimal,
    /// After it. The record rounds once over all its units and wins.
    pub net: Decimal,
}

/// The units of a record, in the order of sending, one more than `limit`; only after a place of that order.
pub async fn list_lines(
    tx: &mut Tx,
    record: &RecordRow,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Vec<LedgerLine>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select l.delivery_id, l.lead_id, l.departement, l.unit_type, l.source_entity_id, l.entity_id as billing_entity_id, \
         l.outcome, d.outcome as outcome_now, l.is_billable, l.sent_at, l.sent_on, l.pricing_source, l.unit_price, \
         l.discount_pct, l.gross, l.net \
         from leads.ledger_line l join leads.delivery d on d.tenant_id = l.tenant_id and d.id = l.delivery_id \
         where l.tenant_id = ",
    );
    sql.push_bind(tx.tenant()).push(" and l.entity_id = ").push_bind(record.entity_id);
    sql.push(" and l.week = ").push_bind(record.week).push(" and l.number = ").push_bind(record.number);
    if let Some(after) = after {
        sql.push(" and (l.sent_at, l.delivery_id) > (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by l.sent_at, l.delivery_id").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}
