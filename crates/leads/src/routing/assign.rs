//! Writing an assignment: the delivery, the lead's state, the order's quota and the decision, in one statement.

use kernel::{BuyerId, Date, DeliveryId, EntityId, LeadId, OrderId};
use platform::{Error, Result, Tx};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::prepaid;

/// A stored lead that goes to a buyer under an order. The caller holds [`ROUTING_LOCK`](super::ROUTING_LOCK) and
/// has all entities in scope.
#[derive(Clone, Debug, Serialize)]
pub struct Assignment {
    /// The delivery to create.
    pub delivery_id: DeliveryId,
    /// The lead.
    pub lead_id: LeadId,
    /// The entity that owns the lead.
    pub lead_entity_id: EntityId,
    /// The buyer's entity, which delivers.
    pub entity_id: EntityId,
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The buyer's name now.
    pub buyer_name: String,
    /// The order.
    pub order_id: OrderId,
    /// The order's product.
    pub product: String,
    /// The lead's département.
    pub departement: String,
    /// The lead's phone.
    pub phone: String,
    /// `realtime` from intake and sweep, `batch` from the daily fill.
    pub delivery_method: &'static str,
    /// `normal` or `fallback_no_orders`.
    pub routing_mode: &'static str,
    /// Why, such as `open_commande_found`.
    pub routing_reason: String,
    /// Whether the lead is aged stock.
    pub is_lb: bool,
    /// Whether it takes a unit that the buyer paid in advance.
    pub prepaid: bool,
    /// The suspicious lead whose place this one takes.
    pub replaced_suspicious_id: Option<LeadId>,
    /// The buyer's mailboxes as one key.
    pub client_group_key: String,
    /// Whether the company was served by another entity within 30 days.
    pub is_shared_client_30d: bool,
    /// Whether it was served all the same for want of another buyer.
    pub overlap_fallback_delivery: bool,
    /// The Monday of the week whose quota this uses.
    pub quota_week: Date,
    /// The decision.
    pub decision_id: Uuid,
    /// What made it: `intake`, `sweep`, `return`, `fill`, `replacement`, `manual`.
    pub cause: &'static str,
    /// Every candidate, why dropped, why chosen.
    pub trace: Value,
}

/// Assigns stored leads. Conflict when one of them was taken meanwhile: nothing is written then.
pub async fn assign(tx: &mut Tx, assignments: &[Assignment]) -> Result<()> {
    if assignments.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows = serde_json::to_value(assignments).map_err(|error| Error::internal("serialising assignments", error))?;
    let moved = sqlx::query_scalar!(
        r#"with row as materialized (
             select * from jsonb_to_recordset($2) as x (delivery_id uuid, lead_id uuid, lead_entity_id uuid, entity_id uuid,
                 buyer_id uuid, buyer_name text, order_id uuid, product text, departement text, phone text,
                 delivery_method text, routing_mode text, routing_reason text, is_lb boolean, prepaid boolean, replaced_suspicious_id uuid,
                 client_group_key text, is_shared_client_30d boolean, overlap_fallback_delivery boolean, quota_week date,
                 decision_id uuid, cause text, trace jsonb)
         ), delivery as (
             insert into leads.delivery (tenant_id, id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id,
                 product, departement, phone, delivery_method, status, routing_mode, routing_reason, is_lb, prepaid,
                 replaced_suspicious_id, client_group_key, is_shared_client_30d, overlap_fallback_delivery, quota_week,
                 created_at, updated_at)
             select $1, delivery_id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id, product, departement,
                 phone, delivery_method, 'pending_csv', routing_mode, routing_reason, is_lb, prepaid, replaced_suspicious_id,
                 client_group_key, is_shared_client_30d, overlap_fallback_delivery, quota_week, $3, $3
             from row
             returning 1
         ), quota as (
             insert into leads.order_week as o (tenant_id, order_id, entity_id, week, used)
             select $1, order_id, entity_id, quota_week, count(*) from row group by order_id, entity_id, quota_week
             on conflict (tenant_id, order_id, week) do update set used = o.used + excluded.used
             returning 1
         ), decision as (
             insert into leads.routing_decision (tenant_id, id, lead_id, decided_at, cause, outcome, reason, trace)
             select $1, decision_id, lead_id, $3, cause, 'routed', routing_reason, trace from row
             returning 1
         ), moved as (
             update leads.lead l
             set status = 'routed', routing_reason = row.routing_reason, hold_reason = null, delivery_id = row.delivery_id,
                 buyer_id = row.buyer_id, serving_entity_id = row.entity_id, routed_at = $3, updated_at = $3,
                 is_lb = l.is_lb or row.is_lb,
                 lb_since = case when row.is_lb then coalesce(l.lb_since, $3) else l.lb_since end,
                 lb_reason = case when row.is_lb then coalesce(l.lb_reason, 'age_8_days') else l.lb_reason end
             from row
             where l.tenant_id = $1 and l.id = row.lead_id
               and l.status in ('new', 'no_open_orders', 'hold_source', 'pending_config', 'lb', 'livre', 'reserved_for_replacement')
             returning l.id
         )
         select count(*) as "count!" from moved"#,
        tenant,
        rows,
        now as kernel::Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    if usize::try_from(moved).ok() != Some(assignments.len()) {
        return Err(Error::conflict("A lead was taken meanwhile."));
    }
    prepaid::ops::hold(tx, assignments).await?;
    for assignment in assignments {
        tx.touch(Some(assignment.lead_entity_id), "lead");
        tx.touch(Some(assignment.entity_id), "delivery");
    }
    Ok(())
}
