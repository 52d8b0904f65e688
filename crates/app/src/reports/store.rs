//! Every statement of the reports: they read tables of several modules and change none.

use kernel::{BuyerId, Date, EntityId, OrderId, Timestamp};
use leads::leads::model::LeadStatus;
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A buyer's deliveries of the week.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TopBuyer {
    /// The buyer.
    pub(super) buyer_id: BuyerId,
    /// The buyer's name.
    pub(super) name: String,
    /// Sent within the week.
    pub(super) sent: i64,
    /// Sent and neither returned nor withdrawn.
    pub(super) billable: i64,
    /// Sent and returned.
    pub(super) rejected: i64,
    /// Routed within the week and not sent.
    pub(super) failed: i64,
    /// Routed within the week and prepared.
    pub(super) ready: i64,
}

/// The ten buyers that were sent most within the bounds, with what became of the rest.
pub(super) async fn list_top_buyers(tx: &mut Tx, (from, to): (Timestamp, Timestamp)) -> Result<Vec<TopBuyer>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let buyers = sqlx::query_as!(
        TopBuyer,
        r#"select d.buyer_id as "buyer_id!: BuyerId", p.name,
               count(*) filter (where d.status = 'sent') as "sent!", count(*) filter (where d.outcome = 'accepted') as "billable!",
               count(*) filter (where d.outcome = 'rejected') as "rejected!", count(*) filter (where d.status = 'failed') as "failed!",
               count(*) filter (where d.status = 'ready_to_send') as "ready!"
           from (
               select buyer_id, status, outcome, entity_id from leads.delivery
               where tenant_id = $1 and status in ('failed', 'ready_to_send') and created_at >= $2 and created_at < $3
               union all
               select buyer_id, status, outcome, entity_id from leads.delivery
               where tenant_id = $1 and status = 'sent' and accepted_at >= $2 and accepted_at < $3
           ) d
           join parties.party p on p.tenant_id = $1 and p.id = d.buyer_id
           where $4::uuid[] is null or d.entity_id = any($4)
           group by d.buyer_id, p.name
           order by count(*) filter (where d.status = 'sent') desc, p.name, d.buyer_id
           limit 10"#,
        tenant,
        from as Timestamp,
        to as Timestamp,
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(buyers)
}

/// An active buyer's channels.
#[derive(Debug)]
pub(super) struct ChannelRow {
    pub(super) id: BuyerId,
    pub(super) name: String,
    pub(super) entity_id: EntityId,
    pub(super) email: String,
    pub(super) delivery_emails: Vec<String>,
    pub(super) api_endpoint: Option<String>,
}

/// The channels of every active buyer.
pub(super) async fn list_active_channels(tx: &mut Tx) -> Result<Vec<ChannelRow>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let buyers = sqlx::query_as!(
        ChannelRow,
        r#"select b.id as "id: BuyerId", p.name, b.entity_id as "entity_id: EntityId", p.email, b.delivery_emails, b.api_endpoint
           from leads.buyer b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.id
           where b.tenant_id = $1 and b.active and ($2::uuid[] is null or b.entity_id = any($2))
           order by p.name, b.id"#,
        tenant,
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(buyers)
}

/// An order about to be full.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LowQuotaOrder {
    /// The order.
    pub(super) order_id: OrderId,
    /// Its buyer.
    pub(super) buyer_id: BuyerId,
    /// The buyer's name.
    pub(super) buyer_name: String,
    /// Its product.
    pub(super) product: String,
    /// Units a week.
    pub(super) quota: i32,
    /// Units left.
    pub(super) remaining: i32,
}

/// Active capped orders with five units or less left of the week.
pub(super) async fn list_low_quota(tx: &mut Tx, week: Date) -> Result<Vec<LowQuotaOrder>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let orders = sqlx::query_as!(
        LowQuotaOrder,
        r#"select o.id as "order_id: OrderId", o.buyer_id as "buyer_id: BuyerId", p.name as buyer_name, o.product, o.quota,
               greatest(o.quota - coalesce(w.used, 0), 0) as "remaining!"
           from leads.standing_order o
           join parties.party p on p.tenant_id = o.tenant_id and p.id = o.buyer_id
           left join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id and w.week = $2
           where o.tenant_id = $1 and o.active and o.quota > 0 and o.quota - coalesce(w.used, 0) <= 5
             and ($3::uuid[] is null or o.entity_id = any($3))
           order by 6, p.name, o.id
           limit 200"#,
        tenant,
        week as Date,
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(orders)
}

/// Leads that wait for one reason.
#[derive(Debug)]
pub(super) struct BlockedRow {
    pub(super) entity_id: Option<EntityId>,
    pub(super) product: Option<String>,
    pub(super) status: LeadStatus,
    pub(super) count: i64,
}

/// Leads that wait, by entity, product and state.
pub(super) async fn count_blocked(tx: &mut Tx) -> Result<Vec<BlockedRow>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let rows = sqlx::query_as!(
        BlockedRow,
        r#"select entity_id as "entity_id: EntityId", product, status as "status: LeadStatus", count(*) as "count!"
           from leads.lead
           where tenant_id = $1 and status in ('no_open_orders', 'hold_source', 'pending_config')
             and ($2::uuid[] is null or entity_id = any($2))
           group by entity_id, product, status
           order by count(*) desc, entity_id, product, status"#,
        tenant,
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The background work of the tenant.
#[derive(Debug)]
pub(super) struct JobFigures {
    pub(super) failed_runs: i64,
    pub(super) dead: i64,
    pub(super) overdue: i64,
    pub(super) last_beat_at: Option<Timestamp>,
}

/// Failed runs since an instant, dead letters, jobs due for longer than a quarter of an hour, the last sign of a worker.
pub(super) async fn count_jobs(tx: &mut Tx, since: Timestamp, overdue_before: Timestamp) -> Result<JobFigures> {
    let tenant = tx.tenant().uuid();
    let figures = sqlx::query_as!(
        JobFigures,
        r#"select (select count(*) from platform.job_run
                   where tenant_id = $1 and status <> 'success' and id >= $2) as "failed_runs!",
               (select count(*) from platform.job where tenant_id = $1 and state = 'dead') as "dead!",
               (select count(*) from platform.job where tenant_id = $1 and state = 'queued' and run_at < $3) as "overdue!",
               (select max(beat_at) from platform.worker_heartbeat) as "last_beat_at: Timestamp""#,
        tenant,
        since.first_uuid(),
        overdue_before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(figures)
}

/// Deliveries that need a person.
#[derive(Debug)]
pub(super) struct DeliveryFigures {
    pub(super) failed: i64,
    pub(super) unknown: i64,
    pub(super) stuck: i64,
}

/// Failed deliveries, those whose outcome is unknown among them, and those that are being sent although their lease ended.
pub(super) async fn count_troubled_deliveries(tx: &mut Tx) -> Result<DeliveryFigures> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let figures = sqlx::query_as!(
        DeliveryFigures,
        r#"select count(*) filter (where status = 'failed') as "failed!",
               count(*) filter (where status = 'failed' and last_error like 'send outcome unknown%') as "unknown!",
               count(*) filter (where status = 'sending' and lease_expires_at <= $2) as "stuck!"
           from leads.delivery where tenant_id = $1 and status in ('failed', 'sending')"#,
        tenant,
        now as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(figures)
}

/// What customers owe since before today, each entity by its own day.
pub(super) async fn count_overdue(tx: &mut Tx, days: &[(EntityId, Date)]) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from unnest($2::uuid[], $3::date[]) as t (entity_id, today)
           join billing.document d on d.tenant_id = $1 and d.entity_id = t.entity_id and d.due_on < t.today
               and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice')
           where d.direction = 'sale'"#,
        tenant,
        &entities,
        &today as &[Date]
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// A daily job that watches over invoices.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) kind: String,
    /// What its last success found.
    pub(super) result: Option<Value>,
    /// Whether that is too long ago, although there was something to watch over.
    pub(super) is_missed: bool,
}

/// The daily jobs of billing with their last success; missed when that is before `before` and something was issued before it.
pub(super) async fn list_watches(tx: &mut Tx, before: Timestamp) -> Result<Vec<Watch>> {
    let tenant = tx.tenant().uuid();
    let watches = sqlx::query_as!(
        Watch,
        r#"select k.kind as "kind!", r.result as "result?",
               (coalesce(r.finished_at < $2, true)
                   and exists (select from billing.document d where d.tenant_id = $1 and d.issued_at < $2)) as "is_missed!"
           from unnest(array['billing-daily', 'billing-rehash', 'reconcile-payments']) as k (kind)
           left join lateral (select result, finished_at from platform.job_run j
               where j.tenant_id = $1 and j.kind = k.kind and j.status = 'success' order by j.id desc limit 1) r on true
           order by 1"#,
        tenant,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(watches)
}

/// What came in and went out within a week.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WeekFigures {
    /// Leads that came in.
    pub(super) created: i64,
    /// Of these, routed or delivered by now.
    pub(super) assigned: i64,
    /// Deliveries sent, whatever their outcome.
    pub(super) sent: i64,
    /// Of these, neither returned nor withdrawn: what is invoiced.
    pub(super) billable: i64,
    /// Of these, returned by the buyer.
    pub(super) rejected: i64,
    /// Of these, withdrawn by us.
    pub(super) removed: i64,
    /// Deliveries routed and not sent because sending failed.
    pub(super) failed: i64,
}

/// The figures of each of the weeks with these bounds, in their order; defined as in `count_by_status` and `count_deliveries`
/// of lead selling.
pub(super) async fn list_week_figures(tx: &mut Tx, bounds: &[(Timestamp, Timestamp)]) -> Result<Vec<WeekFigures>> {
    let (tenant, entities) = (tx.tenant().uuid(), tx.ctx().counted_entities());
    let (starts, ends): (Vec<_>, Vec<_>) = bounds.iter().copied().unzip();
    let weeks = sqlx::query_as!(
        WeekFigures,
        r#"select l.created as "created!", l.assigned as "assigned!", s.sent as "sent!", s.billable as "billable!",
               s.rejected as "rejected!", s.removed as "removed!", f.failed as "failed!"
           from unnest($2::timestamptz[], $3::timestamptz[]) with ordinality as week (starts, ends, place)
           cross join lateral (
               select count(*) as created, count(*) filter (where status in ('routed', 'livre')) as assigned
               from leads.lead
               where tenant_id = $1 and created_at >= week.starts and created_at < week.ends
                 and ($4::uuid[] is null or entity_id = any($4))) l
           cross join lateral (
               select count(*) as sent, count(*) filter (where outcome = 'accepted') as billable,
                   count(*) filter (where outcome = 'rejected') as rejected, count(*) filter (where outcome = 'removed') as removed
               from leads.delivery
               where tenant_id = $1 and status = 'sent' and accepted_at >= week.starts and accepted_at < week.ends
                 and ($4::uuid[] is null or entity_id = any($4))) s
           cross join lateral (
               select count(*) as failed
               from leads.delivery
               where tenant_id = $1 and status = 'failed' and created_at >= week.starts and created_at < week.ends
                 and ($4::uuid[] is null or entity_id = any($4))) f
           order by week.place"#,
        tenant,
        &starts as &[Timestamp],
        &ends as &[Timestamp],
        entities.as_deref()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(weeks)
}
