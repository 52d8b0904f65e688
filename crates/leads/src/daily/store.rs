//! Every statement of the daily run.

use kernel::{BuyerId, LeadId, OrderId, Timestamp};
use platform::{Result, Tx};
use serde::Serialize;

use crate::routing::store::OrderRow;
use crate::rules::ageing::{FRESH_DAYS, RECYCLE_DAYS};
use crate::rules::duplicate::duplicate_from;

/// How many leads became aged stock.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Aged {
    from_old: u64,
    from_delivered: u64,
    total: u64,
}

/// Step B: what nobody took for 8 days, and what was delivered more than 30 days ago, is aged stock from now on.
pub(super) async fn mark_aged(tx: &mut Tx) -> Result<Aged> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let old = sqlx::query!(
        "update leads.lead set is_lb = true, lb_since = $2, lb_reason = 'age_8_days', status = 'lb', updated_at = $2
         where tenant_id = $1 and status in ('new', 'no_open_orders') and created_at <= $3 and not is_lb and erased_at is null",
        tenant,
        now as Timestamp,
        now.minus_days(FRESH_DAYS) as Timestamp
    )
    .execute(tx.conn())
    .await?;
    let delivered = sqlx::query!(
        "update leads.lead set is_lb = true, lb_since = $2, lb_reason = 'already_delivered_30_days', updated_at = $2
         where tenant_id = $1 and status = 'livre' and delivered_at < $3 and not is_lb and erased_at is null",
        tenant,
        now as Timestamp,
        now.minus_days(RECYCLE_DAYS) as Timestamp
    )
    .execute(tx.conn())
    .await?;
    let (from_old, from_delivered) = (old.rows_affected(), delivered.rows_affected());
    Ok(Aged { from_old, from_delivered, total: from_old + from_delivered })
}

/// The product of an active order.
pub(super) async fn find_product(tx: &mut Tx, order: OrderId) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let product = sqlx::query_scalar!(
        "select product from leads.standing_order where tenant_id = $1 and id = $2 and active",
        tenant,
        order.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(product)
}

/// Units of an order that are on their way, and aged ones among them: not accepted yet, and as good as.
pub(super) async fn count_sending(tx: &mut Tx, order: OrderId) -> Result<(usize, usize)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "units!", count(*) filter (where is_lb) as "lb!" from leads.delivery
           where tenant_id = $1 and status = 'sending' and order_id = $2"#,
        tenant,
        order.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    let count = |units: i64| usize::try_from(units).unwrap_or(0);
    Ok((count(row.units), count(row.lb)))
}

/// For whom stock is looked up.
#[derive(Debug)]
pub(super) struct StockQuery<'a> {
    /// The order.
    pub(super) order: &'a OrderRow,
    /// Its buyer and those that count as one with it.
    pub(super) buyers: Vec<BuyerId>,
    /// Leads wanted.
    pub(super) limit: u32,
}

/// A lead of the stock.
#[derive(Debug)]
pub(super) struct StockRow {
    pub(super) id: LeadId,
    pub(super) departement: String,
    pub(super) phone: String,
    pub(super) entity_locked: bool,
    pub(super) source: String,
}

/// The oldest fresh leads that the order's buyer may get: of the order's entity, product and départements, waiting, never
/// delivered, younger than 8 days, not had within 30 days by him in any entity, never refused by him; locked.
pub(super) async fn lock_fresh(tx: &mut Tx, query: &StockQuery<'_>) -> Result<Vec<StockRow>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let order = query.order;
    let buyers: Vec<_> = query.buyers.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        StockRow,
        r#"select l.id as "id: LeadId", l.departement, l.phone, l.entity_locked, l.source
           from leads.lead l
           where l.tenant_id = $1 and l.entity_id = $2 and l.product = $3 and l.status in ('new', 'no_open_orders')
             and l.created_at > $4 and not l.is_lb and l.delivered_at is null and l.erased_at is null
             and (l.departement = any($5) or '*' = any($5))
             and not exists (select from leads.delivery d
                 where d.tenant_id = $1 and d.phone = l.phone and d.product = l.product and d.buyer_id = any($6)
                   and d.status <> 'cancelled' and greatest(d.created_at, d.last_sent_at) >= $7)
             and not exists (select from leads.refusal r
                 where r.tenant_id = $1 and r.phone = l.phone and r.product = l.product and r.buyer_id = $8)
           order by l.created_at, l.id
           limit $9
           for update of l skip locked"#,
        tenant,
        order.entity_id.uuid(),
        order.product,
        now.minus_days(FRESH_DAYS) as Timestamp,
        &order.departements,
        &buyers,
        duplicate_from(now) as Timestamp,
        order.buyer_id.uuid(),
        i64::from(query.limit)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The oldest aged leads that the order's buyer may get, under the same conditions and last sent to anybody more than 30
/// days ago (L-27): those whose person he never had, or (`had_before`) those he had.
pub(super) async fn lock_aged(tx: &mut Tx, query: &StockQuery<'_>, had_before: bool) -> Result<Vec<StockRow>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let order = query.order;
    let buyers: Vec<_> = query.buyers.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        StockRow,
        r#"select l.id as "id: LeadId", l.departement, l.phone, l.entity_locked, l.source
           from leads.lead l
           where l.tenant_id = $1 and l.entity_id = $2 and l.product = $3 and l.is_lb
             and l.status in ('lb', 'new', 'no_open_orders', 'livre') and l.erased_at is null
             and (l.departement = any($4) or '*' = any($4))
             and not exists (select from leads.delivery d
                 where d.tenant_id = $1 and d.lead_id = l.id and d.last_sent_at >= $5)
             and not exists (select from leads.delivery d
                 where d.tenant_id = $1 and d.phone = l.phone and d.product = l.product and d.buyer_id = any($6)
                   and d.status <> 'cancelled' and greatest(d.created_at, d.last_sent_at) >= $7)
             and not exists (select from leads.refusal r
                 where r.tenant_id = $1 and r.phone = l.phone and r.product = l.product and r.buyer_id = $8)
             and $9 = exists (select from leads.delivery d
                 where d.tenant_id = $1 and d.phone = l.phone and d.product = l.product and d.buyer_id = $8
                   and d.status <> 'cancelled')
           order by l.created_at, l.id
           limit $10
           for update of l skip locked"#,
        tenant,
        order.entity_id.uuid(),
        order.product,
        &order.departements,
        now.minus_days(RECYCLE_DAYS) as Timestamp,
        &buyers,
        duplicate_from(now) as Timestamp,
        order.buyer_id.uuid(),
        had_before,
        i64::from(query.limit)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
