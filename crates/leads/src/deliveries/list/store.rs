//! The statements that read deliveries for people.

use kernel::{BatchId, BuyerId, Cursor, DeliveryId, EntityId, LeadId, Limit, OrderId, Timestamp};
use platform::{Ctx, Error, Permission, Result, Tx};
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::deliveries::model::{DeliveryOutcome, DeliveryStatus};

/// A delivery as people see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct DeliveryRow {
    /// The delivery.
    pub id: DeliveryId,
    /// The entity that delivers.
    pub entity_id: EntityId,
    /// The lead.
    pub lead_id: LeadId,
    /// The entity that owns the lead.
    pub lead_entity_id: EntityId,
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name when it was routed.
    pub buyer_name: String,
    /// The buyer's phone; none for who does not see the buyer.
    pub buyer_phone: Option<String>,
    /// Whether files leave for the buyer by themselves; none for who does not see the buyer.
    pub buyer_auto_send: Option<bool>,
    /// The order.
    pub order_id: OrderId,
    /// The order's product.
    pub product: String,
    /// The lead's département.
    pub departement: String,
    /// The lead's phone.
    pub phone: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What became of it once sent.
    pub outcome: Option<DeliveryOutcome>,
    /// `normal` or `fallback_no_orders`.
    pub routing_mode: String,
    /// Why it was routed here.
    pub routing_reason: String,
    /// Whether it is aged stock.
    pub is_lb: bool,
    /// Whether the company was served by another entity within 30 days.
    pub is_shared_client_30d: bool,
    /// The file it is in.
    pub batch_id: Option<BatchId>,
    /// Where it was sent.
    pub sent_to: Vec<String>,
    /// How often sending was tried.
    pub send_attempts: i32,
    /// When it was last sent.
    pub last_sent_at: Option<Timestamp>,
    /// Why it was not sent.
    pub last_error: Option<String>,
    /// Why the buyer refused it.
    pub rejected_reason: Option<String>,
    /// Why we withdrew it.
    pub removed_reason: Option<String>,
    /// Why it was given up.
    pub cancelled_reason: Option<String>,
    /// When it was routed.
    pub created_at: Timestamp,
    /// What the caller may do with it now: `send`, `resend`, `reset`, `cancel`, `reject`, `remove`, `download`.
    #[sqlx(skip)]
    pub can: Vec<&'static str>,
}

impl DeliveryRow {
    fn told_to(mut self, ctx: &Ctx) -> Self {
        let is_open = self.status.move_to(DeliveryStatus::Cancelled).is_ok();
        let is_accepted = self.outcome == Some(DeliveryOutcome::Accepted);
        let actions = [
            ("send", is_open, Permission::DeliveriesResend),
            ("resend", is_accepted, Permission::DeliveriesResend),
            ("reset", self.status == DeliveryStatus::Failed, Permission::DeliveriesResend),
            ("cancel", is_open, Permission::DeliveriesReject),
            ("reject", is_accepted, Permission::DeliveriesReject),
            ("remove", is_accepted, Permission::DeliveriesReject),
            ("download", self.batch_id.is_some(), Permission::DeliveriesView),
        ];
        let can = actions.into_iter().filter(|(_, now, permission)| *now && ctx.may(*permission));
        self.can = can.map(|(action, ..)| action).collect();
        self
    }
}

const COLUMNS: &str = "id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id, product, departement, phone, status, \
    outcome, routing_mode, routing_reason, is_lb, is_shared_client_30d, batch_id, sent_to, send_attempts, last_sent_at, \
    last_error, rejected_reason, removed_reason, cancelled_reason, created_at, \
    (select phone from parties.party p where p.tenant_id = delivery.tenant_id and p.id = buyer_id) as buyer_phone, \
    (select auto_send_enabled from leads.buyer b where b.tenant_id = delivery.tenant_id and b.id = buyer_id) as buyer_auto_send";

/// Which deliveries; all given conditions hold.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the columns of leads.delivery")]
pub struct DeliveryFilter {
    pub entities: Option<Vec<Uuid>>,
    pub status: Option<DeliveryStatus>,
    pub outcome: Option<DeliveryOutcome>,
    pub buyer: Option<BuyerId>,
    pub order: Option<OrderId>,
    pub lead: Option<LeadId>,
    pub product: Option<String>,
    pub bounds: Option<(Timestamp, Timestamp)>,
    pub after: Option<Cursor>,
}

/// Deliveries newest first, one more than `limit`.
pub async fn list_deliveries(tx: &mut Tx, filter: &DeliveryFilter, limit: Limit) -> Result<Vec<DeliveryRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from leads.delivery where tenant_id = "));
    sql.push_bind(tx.tenant());
    match filter.entities.as_deref() {
        Some([one]) => sql.push(" and entity_id = ").push_bind(one),
        Some(several) => sql.push(" and entity_id = any(").push_bind(several).push(")"),
        None => &mut sql,
    };
    if let Some(status) = filter.status {
        sql.push(" and status = ").push_bind(status);
    }
    if let Some(outcome) = filter.outcome {
        sql.push(" and outcome = ").push_bind(outcome);
    }
    if let Some(buyer) = filter.buyer {
        sql.push(" and buyer_id = ").push_bind(buyer);
    }
    if let Some(order) = filter.order {
        sql.push(" and order_id = ").push_bind(order);
    }
    if let Some(lead) = filter.lead {
        sql.push(" and lead_id = ").push_bind(lead);
    }
    if let Some(product) = &filter.product {
        sql.push(" and product = ").push_bind(product);
    }
    if let Some((from, to)) = filter.bounds {
        // What was sent belongs to the instant of sending, the rest to that of routing, as it is counted below. Nothing is sent before it
        // is routed.
        sql.push(" and created_at < ").push_bind(to);
        sql.push(" and ((status <> 'sent' and created_at >= ").push_bind(from);
        sql.push(") or (status = 'sent' and accepted_at >= ").push_bind(from);
        sql.push(" and accepted_at < ").push_bind(to).push("))");
    }
    if let Some(after) = filter.after {
        sql.push(" and (created_at, id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by created_at desc, id desc").push(limit.clause());
    let rows: Vec<DeliveryRow> = sql.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.told_to(tx.ctx())).collect())
}

/// One delivery within the caller's scope.
pub async fn get_delivery(tx: &mut Tx, id: DeliveryId) -> Result<DeliveryRow> {
    let tenant = tx.tenant();
    let sql = format!("select {COLUMNS} from leads.delivery where tenant_id = $1 and id = $2");
    let row: Option<DeliveryRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    row.map(|row| row.told_to(tx.ctx())).ok_or_else(|| Error::not_found("delivery"))
}

/// The name and bytes of the file a delivery is in, unless it was erased.
pub async fn find_file(tx: &mut Tx, id: DeliveryId) -> Result<Option<(String, Vec<u8>)>> {
    let tenant = tx.tenant().uuid();
    let file = sqlx::query!(
        r#"select b.file_name, b.csv as "csv!"
           from leads.delivery d join leads.delivery_batch b on b.tenant_id = d.tenant_id and b.id = d.batch_id
           where d.tenant_id = $1 and d.id = $2 and b.csv is not null"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(file.map(|row| (row.file_name, row.csv)))
}

/// The deliveries of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeliveryCounts {
    /// Routed in the period and waiting for the daily run.
    pub pending_csv: i64,
    /// Routed in the period and prepared.
    pub ready_to_send: i64,
    /// Routed in the period and on their way.
    pub sending: i64,
    /// Routed in the period and not sent.
    pub failed: i64,
    /// Routed in the period and given up.
    pub cancelled: i64,
    /// Sent in the period, whatever their outcome.
    pub sent: i64,
    /// Sent in the period and returned by the buyer.
    pub rejected: i64,
    /// Sent in the period and withdrawn by us.
    pub removed: i64,
    /// Sent in the period, neither returned nor withdrawn: what is invoiced (spec 5.9).
    pub billable: i64,
}

/// Counts the deliveries of a period: what was sent belongs to the instant of sending (L-11), the rest to that of routing.
pub async fn count_deliveries(tx: &mut Tx, (from, to): (Timestamp, Timestamp)) -> Result<DeliveryCounts> {
    let tenant = tx.tenant().uuid();
    let entities = tx.ctx().counted_entities();
    let counts = sqlx::query_as!(
        DeliveryCounts,
        r#"select count(*) filter (where status = 'pending_csv') as "pending_csv!",
               count(*) filter (where status = 'ready_to_send') as "ready_to_send!",
               count(*) filter (where status = 'sending') as "sending!", count(*) filter (where status = 'failed') as "failed!",
               count(*) filter (where status = 'cancelled') as "cancelled!", count(*) filter (where status = 'sent') as "sent!",
               count(*) filter (where outcome = 'rejected') as "rejected!", count(*) filter (where outcome = 'removed') as "removed!",
               count(*) filter (where outcome = 'accepted') as "billable!"
           from (
               select status, outcome, entity_id from leads.delivery
               where tenant_id = $1 and status <> 'sent' and created_at >= $2 and created_at < $3
               union all
               select status, outcome, entity_id from leads.delivery
               where tenant_id = $1 and status = 'sent' and accepted_at >= $2 and accepted_at < $3
           ) d
           where $4::uuid[] is null or entity_id = any($4)"#,
        tenant,
        from as Timestamp,
        to as Timestamp,
        entities.as_deref()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(counts)
}
