//! The statements of the checks and of the alerts.

use jiff::SignedDuration;
use kernel::{EntityId, Timestamp};
use platform::check::{Outcome, Tally};
use platform::{Result, Tx};
use uuid::Uuid;

pub(super) async fn tally_assigned(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select l.id, case
                   when l.status not in ('routed', 'livre') then 'held by a delivery although it is ' || l.status
                   when d.lead_id is distinct from l.id then 'held by the delivery of another lead'
                   when d.buyer_id is distinct from l.buyer_id then 'with another buyer than its delivery'
                   when l.status = 'livre' and d.status <> 'sent' then 'delivered by a delivery that is ' || d.status
                   when l.status = 'routed' and d.status not in ('pending_csv', 'ready_to_send', 'sending', 'failed')
                       then 'routed to a delivery that is ' || d.status
               end as what
               from leads.lead l join leads.delivery d on d.tenant_id = l.tenant_id and d.id = l.delivery_id
               where l.tenant_id = $1 and l.delivery_id is not null
               union all
               select d.lead_id, 'an open delivery does not hold it'
               from leads.delivery d join leads.lead l on l.tenant_id = d.tenant_id and l.id = d.lead_id
               where d.tenant_id = $1 and d.status in ('pending_csv', 'ready_to_send', 'sending', 'failed')
                 and l.delivery_id is distinct from d.id
           )
           select count(*) as "examined!", count(what) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', what) order by id) filter (where what is not null))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_sent(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with lines as (
               select b.delivery_id, b.batch_id from leads.batch_line b where b.tenant_id = $1
           ), accepted as (
               select distinct a.batch_id from leads.send_attempt a
               join platform.mail m on m.tenant_id = a.tenant_id and m.id = a.mail_id and m.status = 'accepted'
               where a.tenant_id = $1
           ), subject as (
               select d.id, case
                   when d.batch_id is null then 'sent without a file'
                   when not exists (select from lines l where l.delivery_id = d.id) then 'sent without a line in a file'
                   when coalesce(cardinality(d.sent_to), 0) = 0 then 'sent to nobody'
                   when not exists (select from lines l join accepted a using (batch_id) where l.delivery_id = d.id)
                       then 'sent without an attempt that was accepted'
               end as what
               from leads.delivery d where d.tenant_id = $1 and d.status = 'sent'
           )
           select count(*) as "examined!", count(what) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', what) order by id) filter (where what is not null))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_repeats(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select id, created_at - lag(created_at) over (partition by buyer_id, phone, product order by created_at, id)
                   < interval '30 days' as is_repeat
               from leads.delivery where tenant_id = $1 and status <> 'cancelled' and phone <> ''
           )
           select count(*) as "examined!", count(*) filter (where is_repeat) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', 'the same phone and product went to this buyer less than 30 days before')
                   order by id) filter (where is_repeat))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_quotas(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with given as (
               select order_id, quota_week as week, count(*) as used from leads.delivery
               where tenant_id = $1 and status <> 'cancelled' and coalesce(outcome, 'accepted') = 'accepted' group by 1, 2
           ), sent as (
               select d.order_id, date_trunc('week', d.accepted_at at time zone e.time_zone)::date as week, count(*) as accepted,
                   count(*) filter (where d.is_lb) as lb
               from leads.delivery d join platform.entity e on e.tenant_id = d.tenant_id and e.id = d.entity_id
               where d.tenant_id = $1 and d.status = 'sent' and d.outcome = 'accepted' group by 1, 2
           ), kept as (
               select order_id, week, used, accepted, lb_accepted from leads.order_week where tenant_id = $1
           ), subject as (
               select order_id, week, coalesce(k.used, 0) as kept_used, coalesce(g.used, 0) as used,
                   coalesce(k.accepted, 0) as kept_accepted, coalesce(s.accepted, 0) as accepted,
                   coalesce(k.lb_accepted, 0) = coalesce(s.lb, 0) as is_aged_sound
               from kept k full join given g using (order_id, week) full join sent s using (order_id, week)
           )
           select count(*) as "examined!",
               count(*) filter (where not (kept_used = used and kept_accepted = accepted and is_aged_sound)) as "found!",
               (array_agg(jsonb_build_object('id', order_id, 'text', format('week of %s: used %s, given %s; accepted %s, sent %s', week,
                   kept_used, used, kept_accepted, accepted)) order by week, order_id)
                   filter (where not (kept_used = used and kept_accepted = accepted and is_aged_sound)))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_prepaid(tx: &mut Tx) -> Result<Outcome> {
    let tenant = tx.tenant().uuid();
    sqlx::query_as!(
        Tally,
        r#"with moves as (
               select buyer_id, product,
                   coalesce(sum(units) filter (where kind = 'purchase'), 0) as purchased,
                   coalesce(sum(case kind when 'hold' then units when 'release' then -units when 'consume' then -units end), 0) as held,
                   coalesce(sum(case kind when 'consume' then units when 'return' then -units end), 0) as delivered
               from leads.prepaid_move where tenant_id = $1 group by 1, 2
           ), subject as (
               select p.buyer_id, p.product, p.purchased, p.held, p.delivered,
                   (p.purchased, p.held, p.delivered)
                       = (coalesce(m.purchased, 0), coalesce(m.held, 0), coalesce(m.delivered, 0))
                   and p.remaining = p.purchased - p.held - p.delivered as is_sound
               from leads.prepaid p left join moves m using (buyer_id, product) where p.tenant_id = $1
           )
           select count(*) as "examined!", count(*) filter (where not is_sound) as "found!",
               (array_agg(jsonb_build_object('id', buyer_id, 'text', format('%s: bought %s, held %s, delivered %s', product, purchased, held,
                   delivered)) order by buyer_id) filter (where not is_sound))[1:20] as samples
           from subject"#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// A transfer is made by a reaction: one that is younger than an hour may still be on its way.
pub(super) async fn tally_transfers(tx: &mut Tx) -> Result<Outcome> {
    let (tenant, before) = (tx.tenant().uuid(), tx.now().minus(SignedDuration::from_hours(1)));
    sqlx::query_as!(
        Tally,
        r#"with made as (
               select t.delivery_id, count(*) filter (where t.credit_of is null) as debts,
                   bool_or(t.status in ('pending', 'invoiced') and t.credit_of is null
                       and not exists (select from leads.transfer c where c.tenant_id = t.tenant_id and c.credit_of = t.id)) as is_owed
               from leads.transfer t where t.tenant_id = $1 group by 1
           ), subject as (
               select d.id, case
                   when coalesce(m.debts, 0) = 0 and d.outcome = 'accepted' then 'no transfer was made'
                   when m.debts > 1 then 'it is owed twice'
                   when d.outcome <> 'accepted' and m.is_owed then 'returned, and still owed'
               end as what
               from leads.delivery d left join made m on m.delivery_id = d.id
               where d.tenant_id = $1 and d.status = 'sent' and d.lead_entity_id <> d.entity_id and d.accepted_at < $2
                 and coalesce(d.rejected_at, d.removed_at, d.accepted_at) < $2
               union all
               select t.delivery_id, case when d.id is null or d.status = 'draft' then 'invoiced on a document that is not issued' end
               from leads.transfer t left join billing.document d on d.tenant_id = t.tenant_id and d.id = t.document_id
               where t.tenant_id = $1 and t.status = 'invoiced'
           )
           select count(*) as "examined!", count(what) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', what) order by id) filter (where what is not null))[1:20] as samples
           from subject"#,
        tenant,
        before as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

pub(super) async fn tally_waiting(tx: &mut Tx) -> Result<Outcome> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (a_day_ago, lost) = (now.minus_days(1), now.minus(SignedDuration::from_mins(10)));
    sqlx::query_as!(
        Tally,
        r#"with subject as (
               select id, case when updated_at < $2 then 'new since ' || updated_at end as what
               from leads.lead where tenant_id = $1 and status = 'new'
               union all
               select lead_id, case when lease_expires_at < $3 then 'being sent since ' || updated_at end
               from leads.delivery where tenant_id = $1 and status = 'sending'
           )
           select count(*) as "examined!", count(what) as "found!",
               (array_agg(jsonb_build_object('id', id, 'text', what) order by id) filter (where what is not null))[1:20] as samples
           from subject"#,
        tenant,
        a_day_ago as Timestamp,
        lost as Timestamp
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// Something that an alert is about.
pub(super) struct Sighted {
    pub(super) id: Uuid,
    pub(super) entity_id: EntityId,
    pub(super) text: String,
    pub(super) count: i64,
}

/// Deliveries that failed before `before` and are still to be sent; by buyer.
pub(super) async fn list_failed(tx: &mut Tx, before: Timestamp) -> Result<Vec<Sighted>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Sighted,
        r#"select buyer_id as "id!", entity_id as "entity_id: EntityId", min(buyer_name) as "text!", count(*) as "count!"
           from leads.delivery where tenant_id = $1 and status = 'failed' and updated_at < $2
           group by buyer_id, entity_id order by buyer_id"#,
        tenant,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Buyers of active orders with so few units left, or fewer.
pub(super) async fn list_low_prepaid(tx: &mut Tx, units: i32) -> Result<Vec<Sighted>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Sighted,
        r#"select b.buyer_id as "id!", b.entity_id as "entity_id: EntityId", p.name || ', ' || b.product as "text!",
               b.remaining::bigint as "count!"
           from leads.prepaid b join parties.party p on p.tenant_id = b.tenant_id and p.id = b.buyer_id
           where b.tenant_id = $1 and b.remaining <= $2 and exists (select from leads.standing_order o
               where o.tenant_id = b.tenant_id and o.buyer_id = b.buyer_id and o.product = b.product and o.active)
           order by b.buyer_id, b.product"#,
        tenant,
        units
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Transfers between entities in error since before `before`, by who owes.
pub(super) async fn list_failed_transfers(tx: &mut Tx, before: Timestamp) -> Result<Vec<Sighted>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Sighted,
        r#"select from_entity_id as "id!", from_entity_id as "entity_id!: EntityId", min(error_code) as "text!", count(*) as "count!"
           from leads.transfer where tenant_id = $1 and status = 'error' and created_at < $2
           group by from_entity_id order by from_entity_id"#,
        tenant,
        before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Active providers that sent something in the week before `since` and nothing from then on.
pub(super) async fn list_silent_providers(tx: &mut Tx, since: Timestamp) -> Result<Vec<Sighted>> {
    let tenant = tx.tenant().uuid();
    let week_before = since.minus_days(7);
    let rows = sqlx::query_as!(
        Sighted,
        r#"select p.id as "id!", p.entity_id as "entity_id: EntityId", p.name as "text!",
               (select count(*) from leads.lead l where l.tenant_id = p.tenant_id and l.provider_id = p.id
                   and l.created_at >= $3 and l.created_at < $2) as "count!"
           from leads.provider p
           where p.tenant_id = $1 and p.active and p.archived_at is null
             and not exists (select from leads.lead l
                 where l.tenant_id = p.tenant_id and l.provider_id = p.id and l.created_at >= $2)
             and exists (select from leads.lead l
                 where l.tenant_id = p.tenant_id and l.provider_id = p.id and l.created_at >= $3 and l.created_at < $2)
           order by p.id"#,
        tenant,
        since as Timestamp,
        week_before as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// How many payloads came into quarantine from `since` on.
pub(super) async fn count_quarantined(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from leads.quarantine where tenant_id = $1 and id >= $2"#,
        tenant,
        since.first_uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}
