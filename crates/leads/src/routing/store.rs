//! What routing reads: the book of orders, who had a person lately, which companies another entity serves.

use std::collections::HashMap;
use std::str::FromStr as _;

use kernel::{BasisPoints, BuyerId, Date, DeliveryId, EntityId, LeadId, OrderId, Timestamp, Week};
use platform::{Error, Result, Tx};
use serde::Serialize;

use super::model::{Chosen, DeskLead};
use crate::leads::model::LeadStatus;
use crate::rules::ageing::RECYCLE_DAYS;
use crate::rules::departement::Departement;

/// An active order with its buyer and what it has used of its week.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.standing_order, leads.buyer and parties.party")]
pub struct OrderRow {
    pub id: OrderId,
    pub entity_id: EntityId,
    pub product: String,
    pub departements: Vec<String>,
    pub quota: i32,
    pub lb_target: BasisPoints,
    pub priority: i32,
    pub replace_suspicious: bool,
    pub active: bool,
    pub created_at: Timestamp,
    pub buyer_id: BuyerId,
    pub buyer_name: String,
    pub buyer_active: bool,
    pub email: String,
    pub delivery_emails: Vec<String>,
    pub api_endpoint: Option<String>,
    pub client_group_key: String,
    pub used: i32,
    pub accepted: i32,
    pub lb_accepted: i32,
    /// Units left of a buyer who pays in advance, 0 when he never bought any; none when he is invoiced.
    pub prepaid_remaining: Option<i32>,
}

/// The week that each entity is in, by its Monday.
pub fn weeks(tx: &Tx) -> HashMap<EntityId, Date> {
    let now = tx.now();
    tx.ctx().tenant().entities.iter().map(|entity| (entity.id, Week::at(now, &entity.zone).monday())).collect()
}

/// The active orders for `products`, and the paused ones among `also`, with the usage of the week that each entity is in.
pub async fn list_open_book(tx: &mut Tx, products: &[String], also: &[OrderId]) -> Result<Vec<OrderRow>> {
    let tenant = tx.tenant().uuid();
    let (entities, mondays): (Vec<_>, Vec<_>) = weeks(tx).into_iter().map(|(id, week)| (id.uuid(), week)).unzip();
    let zone = |id: &uuid::Uuid| {
        tx.ctx().entity(EntityId::from_uuid(*id)).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone)
    };
    let days: Vec<Date> = entities.iter().map(|id| tx.now().date_in(zone(id))).collect();
    let also: Vec<_> = also.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        OrderRow,
        r#"select o.id as "id: OrderId", o.entity_id as "entity_id: EntityId", o.product, o.departements, o.quota,
               o.lb_target as "lb_target: BasisPoints", o.priority, o.replace_suspicious, o.active, o.created_at,
               o.buyer_id as "buyer_id: BuyerId", p.name as buyer_name, b.active as buyer_active, p.email,
               b.delivery_emails, b.api_endpoint, b.client_group_key,
               coalesce(w.used, 0) as "used!", coalesce(w.accepted, 0) as "accepted!", coalesce(w.lb_accepted, 0) as "lb_accepted!",
               case when (select exists (
                       select from leads.buyer_product_price any_prepaid
                       where any_prepaid.tenant_id = $1 and any_prepaid.billing_mode = 'PREPAID'))
                   then (
                       select case when price.active and price.billing_mode = 'PREPAID' then coalesce((
                               select balance.remaining from leads.prepaid balance
                               where balance.tenant_id = $1 and balance.buyer_id = o.buyer_id and balance.product = o.product), 0) end
                       from leads.buyer_product_price price
                       where price.tenant_id = $1 and price.buyer_id = o.buyer_id and price.product = o.product
                         and price.valid_from <= e.today
                       order by price.valid_from desc limit 1) end as prepaid_remaining
           from leads.standing_order o
           join unnest($3::uuid[], $4::date[], $6::date[]) as e (entity_id, week, today) on e.entity_id = o.entity_id
           join leads.buyer b on b.tenant_id = o.tenant_id and b.id = o.buyer_id
           join parties.party p on p.tenant_id = o.tenant_id and p.id = o.buyer_id
           left join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id and w.week = e.week
           where o.tenant_id = $1 and o.product = any($2) and (o.active or o.id = any($5))
           order by o.priority, o.created_at, o.id"#,
        tenant,
        products,
        &entities,
        &mondays as &[Date],
        &also,
        &days as &[Date]
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A reason why a buyer does not get a person now.
#[derive(Clone, Debug)]
pub struct PriorRow {
    /// The person.
    pub phone: String,
    /// The product.
    pub product: String,
    /// The buyer who had, or refused him.
    pub buyer_id: BuyerId,
    /// The buyer's mailboxes.
    pub client_group_key: String,
    /// Refused for good.
    pub refused: bool,
    /// The delivery by which he had him.
    pub delivery_id: Option<DeliveryId>,
}

/// The order of a delivery, and whether it holds a unit paid in advance.
pub async fn find_order_of(tx: &mut Tx, delivery: DeliveryId) -> Result<Option<(OrderId, bool)>> {
    let tenant = tx.tenant().uuid();
    let order = sqlx::query!(
        r#"select order_id as "order_id: OrderId", prepaid from leads.delivery where tenant_id = $1 and id = $2"#,
        tenant,
        delivery.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(order.map(|row| (row.order_id, row.prepaid)))
}

/// Who had these phones within the 30 days (open, or sent with whatever outcome; cancelled never counts), and who refused
/// them for good.
pub async fn list_priors(tx: &mut Tx, phones: &[String], since: Timestamp) -> Result<HashMap<String, Vec<PriorRow>>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        PriorRow,
        r#"select phone as "phone!", product as "product!", buyer_id as "buyer_id!: BuyerId",
               client_group_key as "client_group_key!", refused as "refused!", delivery_id as "delivery_id: DeliveryId"
           from (
               select d.phone, d.product, d.buyer_id, d.client_group_key, false as refused, d.id as delivery_id
               from leads.delivery d
               where d.tenant_id = $1 and d.phone = any($2) and d.status <> 'cancelled'
                 and greatest(d.created_at, d.last_sent_at) >= $3
               union all
               select r.phone, r.product, r.buyer_id, '', true, null::uuid
               from leads.refusal r
               where r.tenant_id = $1 and r.phone = any($2)
           ) prior"#,
        tenant,
        phones,
        since as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    let mut by_phone: HashMap<String, Vec<PriorRow>> = HashMap::new();
    for row in rows {
        by_phone.entry(row.phone.clone()).or_default().push(row);
    }
    Ok(by_phone)
}

/// When another entity last sent something to the company behind each buyer that shares a mailbox with a buyer of
/// another entity; `None` when it shares one but nothing was sent.
pub async fn list_shared_buyers(tx: &mut Tx, buyers: &[BuyerId]) -> Result<HashMap<BuyerId, Option<Timestamp>>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = buyers.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!(
        r#"with mailbox as (
             select b.id, b.entity_id, unnest(string_to_array(b.client_group_key, '|')) as email
             from leads.buyer b where b.tenant_id = $1
         ), pair as (
             select distinct mine.id, theirs.id as other
             from mailbox mine join mailbox theirs on theirs.email = mine.email and theirs.entity_id <> mine.entity_id
             where mine.id = any($2) and mine.email <> ''
         )
         select pair.id as "id!: BuyerId", max(last.at) as at
         from pair cross join lateral (
             select max(d.last_sent_at) as at from leads.delivery d
             where d.tenant_id = $1 and d.buyer_id = pair.other and d.status = 'sent' and d.last_sent_at > $3
         ) last
         group by pair.id"#,
        tenant,
        &ids,
        tx.now().minus_days(crate::rules::overlap::OVERLAP_WINDOW_DAYS + 1) as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.at)).collect())
}

/// Aged leads that may stand in for another under an order: of its entity and product, in its départements, free, not
/// sent within 30 days; oldest first, locked.
pub async fn lock_aged_leads(tx: &mut Tx, chosen: &Chosen, limit: i64) -> Result<Vec<DeskLead>> {
    let tenant = tx.tenant().uuid();
    let anywhere = chosen.departements.iter().any(|code| code == "*");
    let rows = sqlx::query!(
        r#"select l.id as "id: LeadId", l.departement, l.phone, l.entity_locked
           from leads.lead l
           where l.tenant_id = $1 and l.entity_id = $2 and l.product = $3 and l.is_lb
             and l.status in ('lb', 'new', 'no_open_orders') and l.erased_at is null
             and ($4 or l.departement = any($5))
             and not exists (
                 select from leads.delivery d where d.tenant_id = $1 and d.lead_id = l.id and d.last_sent_at > $6)
           order by l.created_at, l.id
           limit $7
           for update skip locked"#,
        tenant,
        chosen.entity_id.uuid(),
        chosen.product,
        anywhere,
        &chosen.departements,
        tx.now().minus_days(RECYCLE_DAYS) as Timestamp,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let lead = |id, departement: &str, phone, entity_locked| {
        let departement = Departement::from_str(departement).ok()?;
        let (entity, product) = (chosen.entity_id, chosen.product.clone());
        Some(DeskLead { id, entity, product, departement, phone, entity_locked, is_lb: true })
    };
    Ok(rows.into_iter().filter_map(|row| lead(row.id, &row.departement, row.phone, row.entity_locked)).collect())
}

/// Reserves a locked aged lead.
pub async fn reserve_lead(tx: &mut Tx, id: LeadId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.lead set status = 'reserved_for_replacement', updated_at = $3
         where tenant_id = $1 and id = $2 and status in ('lb', 'new', 'no_open_orders')",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A lead that waits.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.lead")]
pub struct WaitingRow {
    pub id: LeadId,
    pub entity_id: Option<EntityId>,
    pub product: Option<String>,
    pub departement: String,
    pub phone: String,
    pub status: LeadStatus,
    pub hold_reason: Option<String>,
    pub routing_reason: Option<String>,
    pub entity_locked: bool,
    pub is_lb: bool,
    pub source: String,
    pub form_code: String,
    pub consent: Option<bool>,
    pub consent_by_contract: bool,
    pub created_at: Timestamp,
}

/// Waiting leads after a place in the order of age, oldest first, locked; those somebody else holds are passed over.
pub async fn lock_waiting(tx: &mut Tx, after: Option<(Timestamp, LeadId)>, limit: i64) -> Result<Vec<WaitingRow>> {
    let tenant = tx.tenant().uuid();
    let (at, id) = after.map_or((None, None), |(at, id)| (Some(at), Some(id.uuid())));
    let rows = sqlx::query_as!(
        WaitingRow,
        r#"select l.id as "id: LeadId", l.entity_id as "entity_id: EntityId", l.product, l.departement, l.phone,
               l.status as "status: LeadStatus", l.hold_reason, l.routing_reason, l.entity_locked, l.is_lb, l.source,
               l.form_code, l.consent, coalesce(p.consent_by_contract, false) as "consent_by_contract!", l.created_at
           from leads.lead l
           left join leads.provider p on p.tenant_id = l.tenant_id and p.id = l.provider_id
           where l.tenant_id = $1 and l.status in ('new', 'no_open_orders', 'hold_source', 'pending_config')
             and l.erased_at is null
             and ($2::timestamptz is null or (l.created_at, l.id) > ($2, $3::uuid))
           order by l.created_at, l.id
           limit $4
           for update of l skip locked"#,
        tenant,
        at as Option<Timestamp>,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What a sweep changes of a lead that stays unassigned, or before it is assigned.
#[derive(Clone, Debug, Serialize)]
pub struct Placement {
    /// The lead.
    pub id: LeadId,
    /// Its entity, now known.
    pub entity_id: Option<EntityId>,
    /// Its product, now known.
    pub product: Option<String>,
    /// Its status.
    pub status: &'static str,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Why it was not assigned.
    pub routing_reason: Option<String>,
    /// The decision, when one was made and differs from the last.
    pub decision_id: Option<uuid::Uuid>,
    /// Every candidate and why dropped.
    pub trace: serde_json::Value,
}

/// Writes placements and the decisions that changed them.
pub async fn place_leads(tx: &mut Tx, placements: &[Placement], cause: &str) -> Result<()> {
    if placements.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows = serde_json::to_value(placements).map_err(|error| Error::internal("serialising placements", error))?;
    sqlx::query!(
        "with row as materialized (
             select * from jsonb_to_recordset($2) as x (id uuid, entity_id uuid, product text, status text, hold_reason text,
                 routing_reason text, decision_id uuid, trace jsonb)
         ), decision as (
             insert into leads.routing_decision (tenant_id, id, lead_id, decided_at, cause, outcome, reason, trace)
             select $1, decision_id, id, $3, $4, status, routing_reason, trace from row where decision_id is not null
             returning 1
         )
         update leads.lead l
         set entity_id = row.entity_id, owner_entity_id = coalesce(l.owner_entity_id, row.entity_id), product = row.product,
             status = row.status, hold_reason = row.hold_reason, routing_reason = row.routing_reason, updated_at = $3
         from row
         where l.tenant_id = $1 and l.id = row.id",
        tenant,
        rows,
        now as Timestamp,
        cause
    )
    .execute(tx.conn())
    .await?;
    for placement in placements {
        tx.touch(placement.entity_id, "lead");
    }
    Ok(())
}
