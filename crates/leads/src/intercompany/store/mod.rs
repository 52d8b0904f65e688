//! Every statement on `leads.transfer` and `leads.transfer_price`.

mod counterparts;

use kernel::{Cursor, Date, DeliveryId, DocumentId, EntityId, LeadId, Limit, OrderId, Timestamp, TransferId, Week};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};

use super::model::{MAX_ATTEMPTS, PRICING_MISSING, PendingTransfer, SentUnit, TransferStatus, wait_after};
use crate::rules::transfers::TransferKey;

pub use counterparts::{Reconciled, find_counterpart, insert_counterpart, reconcile};

platform::constraint!("transfer_price_price_check", "unit_price_ht", "A price is not negative.");
platform::constraint!("transfer_price_direction_check", "to", "An entity does not charge itself.");
platform::constraint!("transfer_price_product_fkey", "product", "This product is not in the catalogue.");
platform::constraint!("transfer_delivery_key", "delivery_id", "This delivery has its transfer already.");
platform::constraint!("transfer_credit_key", "credit_of", "This transfer is credited already.");

/// What a delivery says of a transfer, held against being taken back until the transaction ends.
pub async fn lock_unit(tx: &mut Tx, delivery: DeliveryId) -> Result<Option<SentUnit>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select d.lead_id as "lead_id: LeadId", coalesce(l.owner_entity_id, l.entity_id) as "owner: EntityId",
               d.entity_id as "entity_id: EntityId", d.order_id as "order_id: OrderId", d.product, d.routing_mode,
               coalesce(d.outcome = 'accepted', false) as "is_accepted!", d.accepted_at as "accepted_at: Timestamp"
           from leads.delivery d
           left join leads.lead l on l.tenant_id = d.tenant_id and l.id = d.lead_id
           where d.tenant_id = $1 and d.id = $2
           for share of d"#,
        tenant,
        delivery.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| SentUnit {
        delivery_id: delivery,
        lead_id: row.lead_id,
        owner: row.owner,
        entity_id: row.entity_id,
        order_id: row.order_id,
        product: row.product,
        routing_mode: row.routing_mode,
        is_accepted: row.is_accepted,
        accepted_at: row.accepted_at,
    }))
}

/// Writes the transfer of a unit from its owner, pending at the price there is now, or in error without one. None when the
/// delivery has its transfer already.
pub async fn insert_transfer(
    tx: &mut Tx,
    unit: &SentUnit,
    owner: EntityId,
    week: Week,
) -> Result<Option<(TransferId, TransferStatus)>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let retry_at = wait_after(1).map(|wait| now.plus(wait));
    let row = sqlx::query!(
        r#"with price as materialized (
               select max(p.unit_price) as unit_price from leads.transfer_price p
               where p.tenant_id = $1 and p.from_entity_id = $3 and p.to_entity_id = $4 and p.product = $8
           ), made as (
               insert into leads.transfer (tenant_id, id, from_entity_id, to_entity_id, delivery_id, lead_id, order_id, product, units,
                   unit_price, week, routing_mode, status, error_code, error_message, attempts, retry_at, created_at, updated_at)
               select $1, $2, $3, $4, $5, $6, $7, $8, 1, p.unit_price, $9, $10,
                   case when p.unit_price is null then 'error' else 'pending' end,
                   case when p.unit_price is null then $11 end,
                   case when p.unit_price is null then 'There is no price for this direction and product.' end,
                   1, case when p.unit_price is null then $12::timestamptz end, $13, $13
               from price p
               on conflict (tenant_id, delivery_id) where credit_of is null do nothing
               returning id, status
           )
           select id as "id: TransferId", status as "status: TransferStatus" from made"#,
        tenant,
        TransferId::generate(now).uuid(),
        owner.uuid(),
        unit.entity_id.uuid(),
        unit.delivery_id.uuid(),
        unit.lead_id.uuid(),
        unit.order_id.uuid(),
        unit.product,
        week.monday() as Date,
        unit.routing_mode,
        PRICING_MISSING,
        retry_at as Option<Timestamp>,
        now as Timestamp
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.id, row.status)))
}

/// The transfer of a delivery, held; not what credits it.
pub async fn lock_transfer_of(tx: &mut Tx, delivery: DeliveryId) -> Result<Option<(TransferId, TransferStatus)>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id as "id: TransferId", status as "status: TransferStatus" from leads.transfer
           where tenant_id = $1 and delivery_id = $2 and credit_of is null for no key update"#,
        tenant,
        delivery.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.id, row.status)))
}

/// A transfer within the caller's scope, held: where it stands, its sides and its delivery.
pub async fn lock_transfer(tx: &mut Tx, id: TransferId) -> Result<(TransferStatus, EntityId, DeliveryId)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select status as "status: TransferStatus", to_entity_id as "to: EntityId", delivery_id as "delivery_id: DeliveryId"
           from leads.transfer where tenant_id = $1 and id = $2 for no key update"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let row = row.ok_or_else(|| Error::not_found("transfer"))?;
    Ok((row.status, row.to, row.delivery_id))
}

/// Cancels a held transfer.
pub async fn cancel(tx: &mut Tx, id: TransferId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.transfer set status = 'cancelled', error_code = null, error_message = null, retry_at = null, updated_at = $3
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes back a held transfer that was invoiced, by one of a unit less in `week`; once.
pub async fn insert_credit(tx: &mut Tx, of: TransferId, week: Week) -> Result<Option<TransferId>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let credit = sqlx::query_scalar!(
        r#"insert into leads.transfer (tenant_id, id, from_entity_id, to_entity_id, delivery_id, lead_id, order_id, product, units,
               unit_price, week, routing_mode, status, credit_of, created_at, updated_at)
           select tenant_id, $3, from_entity_id, to_entity_id, delivery_id, lead_id, order_id, product, -1, unit_price, $4,
               routing_mode, 'pending', id, $5, $5
           from leads.transfer where tenant_id = $1 and id = $2
           on conflict (tenant_id, credit_of) do nothing
           returning id as "id: TransferId""#,
        tenant,
        of.uuid(),
        TransferId::generate(now).uuid(),
        week.monday() as Date,
        now as Timestamp
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(credit)
}

/// Which transfers in error are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Those whose time has come.
    Due,
    /// All in scope.
    All,
}

/// Prices transfers in error in place, each in its original week (L-32); those still without a price wait longer. Says how
/// many are pending now, and how many still are not.
pub async fn retry_errors(tx: &mut Tx, which: Retry) -> Result<(i64, i64)> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let row = sqlx::query!(
        r#"with due as materialized (
               select t.id, p.unit_price, $3::timestamptz + make_interval(hours => (2 ^ t.attempts)::integer) as next_at
               from leads.transfer t
               left join leads.transfer_price p on p.tenant_id = $1 and p.from_entity_id = t.from_entity_id
                 and p.to_entity_id = t.to_entity_id and p.product = t.product
               where t.tenant_id = $1 and t.status = 'error' and ($2 or (t.retry_at <= $3 and t.attempts < $4))
               order by t.id for no key update of t skip locked
           ), tried as (
               update leads.transfer t
               set attempts = t.attempts + 1, updated_at = $3, unit_price = due.unit_price,
                   status = case when due.unit_price is null then 'error' else 'pending' end,
                   error_code = case when due.unit_price is null then t.error_code end,
                   error_message = case when due.unit_price is null then t.error_message end,
                   retry_at = case when due.unit_price is null and t.attempts + 1 < $4 then due.next_at end
               from due where t.tenant_id = $1 and t.id = due.id
               returning t.status
           )
           select count(*) filter (where status = 'pending') as "fixed!", count(*) filter (where status = 'error') as "left!"
           from tried"#,
        tenant,
        which == Retry::All,
        now as Timestamp,
        MAX_ATTEMPTS
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.fixed, row.left))
}

/// What is pending of a week, added up.
pub async fn sum_pending(tx: &mut Tx, week: Week) -> Result<Vec<(TransferKey, i64)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select from_entity_id as "from: EntityId", to_entity_id as "to: EntityId", product, unit_price as "unit_price!",
               sum(units) as "units!"
           from leads.transfer where tenant_id = $1 and week = $2 and status = 'pending'
           group by from_entity_id, to_entity_id, product, unit_price order by 1, 2, 3, 4"#,
        tenant,
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    let line = |(from, to, product, unit_price, units)| (TransferKey { from, to, product, unit_price }, units);
    Ok(rows.into_iter().map(|row| line((row.from, row.to, row.product, row.unit_price, row.units))).collect())
}

/// The weeks up to one in which something is pending, oldest first.
pub async fn list_pending_weeks(tx: &mut Tx, until: Week) -> Result<Vec<Week>> {
    let tenant = tx.tenant().uuid();
    let weeks = sqlx::query_scalar!(
        r#"select distinct week as "week: Date" from leads.transfer
           where tenant_id = $1 and status = 'pending' and week <= $2 order by 1"#,
        tenant,
        until.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(weeks.into_iter().map(Week::of).collect())
}

/// What is pending of a direction and week, held, by product and price.
pub async fn lock_pending(tx: &mut Tx, from: EntityId, to: EntityId, week: Week) -> Result<Vec<PendingTransfer>> {
    let tenant = tx.tenant().uuid();
    let transfers = sqlx::query_as!(
        PendingTransfer,
        r#"select t.id as "id: TransferId", t.delivery_id as "delivery_id: DeliveryId", t.product, i.name as product_name,
               t.unit_price as "unit_price!", t.units, t.credit_of as "credit_of: TransferId",
               credited.document_id as "credit_of_document: DocumentId"
           from leads.transfer t
           join catalog.item i on i.tenant_id = t.tenant_id and i.code = t.product
           left join leads.transfer credited on credited.tenant_id = t.tenant_id and credited.id = t.credit_of
           where t.tenant_id = $1 and t.from_entity_id = $2 and t.to_entity_id = $3 and t.week = $4 and t.status = 'pending'
           order by t.product, t.unit_price, t.id
           for no key update of t"#,
        tenant,
        from.uuid(),
        to.uuid(),
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(transfers)
}

/// Marks held transfers invoiced; says how many were pending.
pub async fn mark_invoiced(tx: &mut Tx, ids: &[TransferId], document: DocumentId) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let marked = sqlx::query!(
        "update leads.transfer set status = 'invoiced', document_id = $3, updated_at = $4
         where tenant_id = $1 and id = any($2) and status = 'pending'",
        tenant,
        &ids,
        document.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(marked.rows_affected())
}

/// A price between entities.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.transfer_price")]
pub struct TransferPriceRow {
    pub from: EntityId,
    pub to: EntityId,
    pub product: String,
    pub unit_price: Decimal,
    pub updated_at: Timestamp,
    pub updated_by: String,
}

/// The prices in scope, by direction and product.
pub async fn list_prices(tx: &mut Tx) -> Result<Vec<TransferPriceRow>> {
    let tenant = tx.tenant().uuid();
    let prices = sqlx::query_as!(
        TransferPriceRow,
        r#"select from_entity_id as "from: EntityId", to_entity_id as "to: EntityId", product, unit_price,
               updated_at as "updated_at: Timestamp", updated_by
           from leads.transfer_price where tenant_id = $1 order by from_entity_id, to_entity_id, product"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(prices)
}

/// Sets a price, or takes it away; says what it was.
pub async fn put_price(
    tx: &mut Tx,
    (from, to): (EntityId, EntityId),
    product: &str,
    price: Option<Decimal>,
) -> Result<Option<Decimal>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    let old = sqlx::query_scalar!(
        "select unit_price from leads.transfer_price
         where tenant_id = $1 and from_entity_id = $2 and to_entity_id = $3 and product = $4 for update",
        tenant,
        from.uuid(),
        to.uuid(),
        product
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(price) = price {
        sqlx::query!(
            "insert into leads.transfer_price (tenant_id, from_entity_id, to_entity_id, product, unit_price, updated_at, updated_by)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, from_entity_id, to_entity_id, product) do update
             set unit_price = excluded.unit_price, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
            tenant,
            from.uuid(),
            to.uuid(),
            product,
            price,
            now as Timestamp,
            by
        )
        .execute(tx.conn())
        .await?;
    } else {
        sqlx::query!(
            "delete from leads.transfer_price where tenant_id = $1 and from_entity_id = $2 and to_entity_id = $3 and product = $4",
            tenant,
            from.uuid(),
            to.uuid(),
            product
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(old)
}

/// A transfer with its lead's and buyer's sides as ids.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of leads.transfer")]
pub struct TransferRow {
    pub id: TransferId,
    pub from_entity_id: EntityId,
    pub to_entity_id: EntityId,
    pub delivery_id: DeliveryId,
    pub lead_id: LeadId,
    pub order_id: OrderId,
    pub product: String,
    pub units: i32,
    pub unit_price: Option<Decimal>,
    pub week: Date,
    pub routing_mode: String,
    pub status: TransferStatus,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub attempts: i32,
    pub retry_at: Option<Timestamp>,
    pub document_id: Option<DocumentId>,
    pub credit_of: Option<TransferId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which transfers; all given conditions hold.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of leads.transfer")]
pub struct TransferFilter {
    pub id: Option<TransferId>,
    pub week: Option<Week>,
    pub status: Option<TransferStatus>,
    pub direction: Option<(EntityId, EntityId)>,
    pub document: Option<DocumentId>,
    pub after: Option<Cursor>,
}

/// Transfers in scope, newest first, one more than `limit`.
pub async fn list_transfers(tx: &mut Tx, filter: &TransferFilter, limit: Limit) -> Result<Vec<TransferRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, from_entity_id, to_entity_id, delivery_id, lead_id, order_id, product, units, unit_price, week, routing_mode, \
         status, error_code, error_message, attempts, retry_at, document_id, credit_of, created_at, updated_at \
         from leads.transfer where tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    if let Some(id) = filter.id {
        sql.push(" and id = ").push_bind(id);
    }
    if let Some(week) = filter.week {
        sql.push(" and week = ").push_bind(week.monday());
    }
    if let Some(status) = filter.status {
        sql.push(" and status = ").push_bind(status);
    }
    if let Some(document) = filter.document {
        sql.push(" and document_id = ").push_bind(document);
    }
    if let Some((from, to)) = filter.direction {
        sql.push(" and from_entity_id = ").push_bind(from).push(" and to_entity_id = ").push_bind(to);
    }
    if let Some(after) = filter.after {
        sql.push(" and (created_at, id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by created_at desc, id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// What is owed for a week, by direction, product, price and state.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.transfer, added up")]
pub struct TransferTotal {
    pub from: EntityId,
    pub to: EntityId,
    pub product: String,
    pub unit_price: Option<Decimal>,
    pub status: TransferStatus,
    pub units: i64,
}

/// What is owed for a week, but for what was cancelled.
pub async fn list_totals(tx: &mut Tx, week: Week) -> Result<Vec<TransferTotal>> {
    let tenant = tx.tenant().uuid();
    let totals = sqlx::query_as!(
        TransferTotal,
        r#"select from_entity_id as "from: EntityId", to_entity_id as "to: EntityId", product, unit_price,
               status as "status: TransferStatus", sum(units) as "units!"
           from leads.transfer where tenant_id = $1 and week = $2 and status <> 'cancelled'
           group by from_entity_id, to_entity_id, product, unit_price, status order by 1, 2, 3, 4, 5"#,
        tenant,
        week.monday() as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(totals)
}

/// How transfers stand.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "counts of leads.transfer")]
pub struct TransferCounts {
    pub pending: i64,
    pub error: i64,
    pub given_up: i64,
    pub oldest_error_at: Option<Timestamp>,
}

/// Counts the transfers in scope.
pub async fn count_transfers(tx: &mut Tx) -> Result<TransferCounts> {
    let tenant = tx.tenant().uuid();
    let counts = sqlx::query_as!(
        TransferCounts,
        r#"select count(*) filter (where status = 'pending') as "pending!", count(*) filter (where status = 'error') as "error!",
               count(*) filter (where status = 'error' and attempts >= $2) as "given_up!",
               min(created_at) filter (where status = 'error') as "oldest_error_at: Timestamp"
           from leads.transfer where tenant_id = $1 and status in ('pending', 'error')"#,
        tenant,
        MAX_ATTEMPTS
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}

/// The directions and products of transfers that lack a price, with how many.
pub async fn list_missing_prices(tx: &mut Tx) -> Result<Vec<(EntityId, EntityId, String, i64)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"select from_entity_id as "from: EntityId", to_entity_id as "to: EntityId", product, count(*) as "units!"
           from leads.transfer where tenant_id = $1 and status = 'error' and error_code = $2
           group by from_entity_id, to_entity_id, product order by 1, 2, 3"#,
        tenant,
        PRICING_MISSING
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.from, row.to, row.product, row.units)).collect())
}
