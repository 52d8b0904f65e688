//! Every statement on deliveries, their files and their attempts.

use jiff::SignedDuration;
use kernel::{BatchId, BuyerId, Date, DeliveryId, EntityId, LeadId, MailId, OrderId, SendAttemptId, Timestamp};
use platform::{Error, Result, Tx};

use super::model::{DeliveryOutcome, DeliveryStatus};

/// How long a delivery may be `sending` before somebody looks at it (spec 4.2).
pub const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// A delivery with what deciding about it needs of its lead, buyer and order; locked.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.delivery and its neighbours")]
pub struct Line {
    pub id: DeliveryId,
    pub entity_id: EntityId,
    pub entity_name: String,
    pub lead_id: LeadId,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub phone: String,
    pub departement: String,
    pub status: DeliveryStatus,
    pub outcome: Option<DeliveryOutcome>,
    pub is_lb: bool,
    pub prepaid: bool,
    pub quota_week: Date,
    pub accepted_at: Option<Timestamp>,
    pub nom: String,
    pub prenom: String,
    pub lead_email: String,
    pub lead_erased: bool,
    pub is_current: bool,
    pub buyer_active: bool,
    pub email: String,
    pub delivery_emails: Vec<String>,
    pub api_endpoint: Option<String>,
    pub auto_send: bool,
    pub order_active: bool,
}

/// Locks deliveries in the caller's scope, in the order of their ids. Those out of scope are missing. Rows that refer to them
/// are not held up: who builds a ledger may hold the record that a return waits for.
pub async fn lock_lines(tx: &mut Tx, ids: &[DeliveryId]) -> Result<Vec<Line>> {
    let tenant = tx.tenant().uuid();
    let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let lines = sqlx::query_as!(
        Line,
        r#"select d.id as "id: DeliveryId", d.entity_id as "entity_id: EntityId", e.name as entity_name, d.lead_id as "lead_id: LeadId",
               d.buyer_id as "buyer_id: BuyerId", d.order_id as "order_id: OrderId", d.product, d.phone, d.departement,
               d.status as "status: DeliveryStatus", d.outcome as "outcome: DeliveryOutcome", d.is_lb, d.prepaid, d.quota_week,
               d.accepted_at, coalesce(l.nom, '') as "nom!", coalesce(l.prenom, '') as "prenom!",
               coalesce(l.email, '') as "lead_email!", (l.id is null or l.erased_at is not null) as "lead_erased!",
               coalesce(l.delivery_id = d.id, false) as "is_current!", b.active as buyer_active, p.email,
               b.delivery_emails, b.api_endpoint, b.auto_send_enabled as auto_send, o.active as order_active
           from leads.delivery d
           join platform.entity e on e.tenant_id = d.tenant_id and e.id = d.entity_id
           left join leads.lead l on l.tenant_id = d.tenant_id and l.id = d.lead_id
           join leads.buyer b on b.tenant_id = d.tenant_id and b.id = d.buyer_id
           join parties.party p on p.tenant_id = d.tenant_id and p.id = d.buyer_id
           join leads.standing_order o on o.tenant_id = d.tenant_id and o.id = d.order_id
           where d.tenant_id = $1 and d.id = any($2)
           order by d.id
           for no key update of d"#,
        tenant,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lines)
}

/// A file about to be sent.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.delivery_batch")]
pub struct NewBatch {
    pub id: BatchId,
    pub entity_id: EntityId,
    pub entity_name: String,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub file_name: String,
    pub csv: Vec<u8>,
    pub lb: i32,
    pub lines: Vec<DeliveryId>,
    pub created_by: String,
}

/// Stores a file and the deliveries it carries.
pub async fn insert_batch(tx: &mut Tx, batch: &NewBatch) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let lines: Vec<_> = batch.lines.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "with batch as (
             insert into leads.delivery_batch (tenant_id, id, entity_id, buyer_id, order_id, product, file_name, csv, total, lb,
                 created_at, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, cardinality($9::uuid[]), $10, $11, $12)
         ), line as (
             insert into leads.batch_line (tenant_id, batch_id, delivery_id) select $1, $2, id from unnest($9::uuid[]) id
             returning 1
         )
         select count(*) from line",
        tenant,
        batch.id.uuid(),
        batch.entity_id.uuid(),
        batch.buyer_id.uuid(),
        batch.order_id.uuid(),
        batch.product,
        batch.file_name,
        batch.csv,
        &lines,
        batch.lb,
        now as Timestamp,
        batch.created_by
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Records an attempt to send a file.
pub async fn insert_attempt(tx: &mut Tx, batch: &NewBatch, mail: MailId, kind: &str) -> Result<SendAttemptId> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = SendAttemptId::generate(now);
    sqlx::query!(
        "insert into leads.send_attempt (tenant_id, id, entity_id, batch_id, mail_id, kind, requested_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        id.uuid(),
        batch.entity_id.uuid(),
        batch.id.uuid(),
        mail.uuid(),
        kind,
        batch.created_by,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Moves locked deliveries to `sending` under a lease, counting the attempt.
pub async fn start_sending(tx: &mut Tx, batch: &NewBatch) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let lines: Vec<_> = batch.lines.iter().map(|id| id.uuid()).collect();
    let moved = sqlx::query!(
        "update leads.delivery set status = 'sending', batch_id = $3, lease_expires_at = $4, send_attempts = send_attempts + 1,
             sent_by = $5, last_error = null, updated_at = $6
         where tenant_id = $1 and id = any($2) and status in ('pending_csv', 'ready_to_send', 'failed')",
        tenant,
        &lines,
        batch.id.uuid(),
        now.plus(LEASE) as Timestamp,
        batch.created_by,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    if usize::try_from(moved.rows_affected()).ok() == Some(lines.len()) {
        return Ok(());
    }
    Err(Error::conflict("A delivery is being sent by somebody else."))
}

/// Moves locked deliveries to `ready_to_send` with their file.
pub async fn prepare(tx: &mut Tx, batch: &NewBatch) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let lines: Vec<_> = batch.lines.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update leads.delivery set status = 'ready_to_send', batch_id = $3, updated_at = $4
         where tenant_id = $1 and id = any($2) and status = 'pending_csv'",
        tenant,
        &lines,
        batch.id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An attempt with its file, as the job needs it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.send_attempt and leads.delivery_batch")]
pub struct Attempt {
    pub kind: String,
    pub requested_by: String,
    pub mail_id: MailId,
    pub recipients: Vec<String>,
    pub subject: String,
    pub batch_id: BatchId,
    pub entity_id: EntityId,
    pub entity_name: String,
    pub file_name: String,
    pub csv: Option<Vec<u8>>,
}

/// An attempt.
pub async fn get_attempt(tx: &mut Tx, id: SendAttemptId) -> Result<Attempt> {
    let tenant = tx.tenant().uuid();
    let attempt = sqlx::query_as!(
        Attempt,
        r#"select a.kind, a.requested_by, a.mail_id as "mail_id: MailId", m.recipients, m.subject,
               b.id as "batch_id: BatchId", b.entity_id as "entity_id: EntityId", e.name as entity_name,
               b.file_name, b.csv
           from leads.send_attempt a
           join platform.mail m on m.tenant_id = a.tenant_id and m.id = a.mail_id
           join leads.delivery_batch b on b.tenant_id = a.tenant_id and b.id = a.batch_id
           join platform.entity e on e.tenant_id = b.tenant_id and e.id = b.entity_id
           where a.tenant_id = $1 and a.id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    attempt.ok_or_else(|| Error::not_found("attempt"))
}

/// A delivery that was just sent, for its event.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.delivery")]
pub struct SentRow {
    pub id: DeliveryId,
    pub entity_id: EntityId,
    pub lead_entity_id: EntityId,
    pub lead_id: LeadId,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub product: String,
    pub is_lb: bool,
    pub prepaid: bool,
}

/// What was `sending` in a file is sent: deliveries, their leads, the order's week, in one statement.
pub async fn mark_sent(tx: &mut Tx, attempt: &Attempt, week: Date) -> Result<Vec<SentRow>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let sent = sqlx::query_as!(
        SentRow,
        r#"with sent as (
             update leads.delivery d
             set status = 'sent', outcome = 'accepted', sent_to = $3, last_sent_at = $4, accepted_at = $4, lease_expires_at = null,
                 last_error = null, updated_at = $4
             where d.tenant_id = $1 and d.batch_id = $2 and d.status = 'sending'
             returning d.id, d.entity_id, d.lead_entity_id, d.lead_id, d.buyer_id, d.order_id, d.product, d.is_lb, d.prepaid
         ), lead as (
             update leads.lead l set status = 'livre', delivered_at = $4, updated_at = $4
             from sent where l.tenant_id = $1 and l.id = sent.lead_id and l.delivery_id = sent.id and l.status = 'routed'
         ), week as (
             insert into leads.order_week as w (tenant_id, order_id, entity_id, week, accepted, lb_accepted)
             select $1, order_id, entity_id, $5, count(*), count(*) filter (where is_lb) from sent group by order_id, entity_id
             on conflict (tenant_id, order_id, week) do update
             set accepted = w.accepted + excluded.accepted, lb_accepted = w.lb_accepted + excluded.lb_accepted
             returning 1
         )
         select id as "id: DeliveryId", entity_id as "entity_id: EntityId", lead_entity_id as "lead_entity_id: EntityId",
             lead_id as "lead_id: LeadId", buyer_id as "buyer_id: BuyerId", order_id as "order_id: OrderId", product, is_lb, prepaid
         from sent"#,
        tenant,
        attempt.batch_id.uuid(),
        &attempt.recipients,
        now as Timestamp,
        week as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(sent)
}

/// What was `sending` in a file has failed. The leads stay routed and keep their place in the quota.
pub async fn mark_failed(tx: &mut Tx, batch: BatchId, why: &str) -> Result<Vec<(DeliveryId, EntityId)>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let why: String = why.chars().take(1000).collect();
    let failed = sqlx::query!(
        r#"update leads.delivery set status = 'failed', last_error = $3, lease_expires_at = null, updated_at = $4
           where tenant_id = $1 and batch_id = $2 and status = 'sending'
           returning id as "id: DeliveryId", entity_id as "entity_id: EntityId""#,
        tenant,
        batch.uuid(),
        why,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(failed.into_iter().map(|row| (row.id, row.entity_id)).collect())
}

/// A sent delivery was sent again.
pub async fn mark_resent(tx: &mut Tx, batch: BatchId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.delivery d set send_attempts = send_attempts + 1, last_sent_at = $3, updated_at = $3
         from leads.batch_line l
         where l.tenant_id = $1 and l.batch_id = $2 and d.tenant_id = $1 and d.id = l.delivery_id and d.status = 'sent'",
        tenant,
        batch.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One delivery fails before it was sent.
pub async fn fail(tx: &mut Tx, id: DeliveryId, why: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update leads.delivery set status = 'failed', last_error = $3, updated_at = $4
         where tenant_id = $1 and id = $2 and status in ('pending_csv', 'ready_to_send')",
        tenant,
        id.uuid(),
        why,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Files whose lease ended while they were `sending`.
pub async fn list_expired(tx: &mut Tx) -> Result<Vec<BatchId>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let batches = sqlx::query_scalar!(
        r#"select distinct d.batch_id as "batch_id!: BatchId" from leads.delivery d
           where d.tenant_id = $1 and d.status = 'sending' and d.lease_expires_at <= $2
             and not exists (select from leads.send_attempt a join platform.mail m on m.tenant_id = a.tenant_id and m.id = a.mail_id
                 where a.tenant_id = $1 and a.batch_id = d.batch_id and m.status = 'queued')"#,
        tenant,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(batches)
}

/// How a delivery leaves its lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return<'a> {
    /// The buyer refuses it.
    Rejected {
        /// Why.
        reason: &'a str,
    },
    /// We withdraw it.
    Removed {
        /// One of the known reasons.
        reason: &'a str,
        /// More about it.
        detail: &'a str,
    },
    /// It is given up before it was sent.
    Cancelled {
        /// Why.
        reason: &'a str,
    },
}

/// Takes a delivery out: its outcome or state, the order's figures, and the lead's assignment when it is the current one.
pub async fn take_back(tx: &mut Tx, line: &Line, how: Return<'_>, by: &str, sent_week: Option<Date>) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let (kind, reason, detail) = match how {
        Return::Rejected { reason } => ("rejected", reason, ""),
        Return::Removed { reason, detail } => ("removed", reason, detail),
        Return::Cancelled { reason } => ("cancelled", reason, ""),
    };
    sqlx::query!(
        "with lead as (
             update leads.lead set status = 'new', delivery_id = null, buyer_id = null, serving_entity_id = null, updated_at = $4
             where tenant_id = $1 and id = $2 and delivery_id = $3 and status in ('routed', 'livre')
         ), week as (
             update leads.order_week w
             set used = w.used - case when w.week = $9 then 1 else 0 end,
                 accepted = w.accepted - case when w.week = $10 then 1 else 0 end,
                 lb_accepted = w.lb_accepted - case when w.week = $10 and $11 then 1 else 0 end
             where w.tenant_id = $1 and w.order_id = $12 and w.week in ($9, $10)
         )
         update leads.delivery
         set status = case when $5 = 'cancelled' then 'cancelled' else status end,
             outcome = case when $5 = 'cancelled' then outcome else $5 end,
             rejected_at = case when $5 = 'rejected' then $4::timestamptz end,
             rejected_by = case when $5 = 'rejected' then $8 end, rejected_reason = case when $5 = 'rejected' then $6 end,
             removed_at = case when $5 = 'removed' then $4::timestamptz end,
             removed_by = case when $5 = 'removed' then $8 end, removed_reason = case when $5 = 'removed' then $6 end,
             removed_detail = case when $5 = 'removed' then $7 end,
             cancelled_at = case when $5 = 'cancelled' then $4::timestamptz end,
             cancelled_by = case when $5 = 'cancelled' then $8 end, cancelled_reason = case when $5 = 'cancelled' then $6 end,
             updated_at = $4
         where tenant_id = $1 and id = $3",
        tenant,
        line.lead_id.uuid(),
        line.id.uuid(),
        now as Timestamp,
        kind,
        reason,
        detail,
        by,
        line.quota_week as Date,
        sent_week as Option<Date>,
        line.is_lb,
        line.order_id.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The buyer never gets this person for this product again.
pub async fn insert_refusal(tx: &mut Tx, line: &Line) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into leads.refusal (tenant_id, phone, product, buyer_id, delivery_id, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        tenant,
        line.phone,
        line.product,
        line.buyer_id.uuid(),
        line.id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A group of deliveries that go into one file.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of leads.delivery")]
pub struct Group {
    pub entity_id: EntityId,
    pub buyer_id: BuyerId,
    pub order_id: OrderId,
    pub ids: Vec<DeliveryId>,
}

/// Everything in `status`, of one buyer or under one order where that is asked, grouped by buyer and order, oldest first.
/// Nothing is left out.
pub async fn list_groups(
    tx: &mut Tx,
    status: DeliveryStatus,
    buyer: Option<BuyerId>,
    order: Option<OrderId>,
) -> Result<Vec<Group>> {
    let tenant = tx.tenant().uuid();
    let groups = sqlx::query_as!(
        Group,
        r#"select entity_id as "entity_id: EntityId", buyer_id as "buyer_id: BuyerId", order_id as "order_id: OrderId",
               array_agg(id order by created_at, id) as "ids!: Vec<DeliveryId>"
           from leads.delivery
           where tenant_id = $1 and status = $2 and ($3::uuid is null or buyer_id = $3) and ($4::uuid is null or order_id = $4)
           group by entity_id, buyer_id, order_id order by min(created_at), order_id"#,
        tenant,
        status.as_str(),
        buyer.map(BuyerId::uuid),
        order.map(OrderId::uuid)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(groups)
}

/// A failed delivery waits for the next daily run again. False when it is not failed.
pub async fn reset(tx: &mut Tx, id: DeliveryId) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let reset = sqlx::query!(
        "update leads.delivery set status = 'pending_csv', updated_at = $3 where tenant_id = $1 and id = $2 and status = 'failed'",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(reset.rows_affected() == 1)
}
