//! Every statement on reminders and on what suspends them.

use kernel::{Currency, Date, DocumentId, EntityId, Limit, MailId, PartyId, ReminderId, Timestamp};
use platform::mail::MailStatus;
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{ReminderStatus, ReminderStep};

platform::constraint!("reminder_step_key", "step", "This step of the invoice is planned or sent already.");
platform::constraint!("reminder_suspension_reason_check", "reason", "A suspension needs a reason.");

/// A reminder as it is stored, with what its invoice says now.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.reminder and of its invoice")]
pub struct ReminderRow {
    pub id: ReminderId,
    pub entity_id: EntityId,
    pub document_id: DocumentId,
    pub document_number: Option<String>,
    pub party_id: PartyId,
    pub party_name: String,
    pub step: ReminderStep,
    pub status: ReminderStatus,
    pub planned_on: Date,
    pub mail_id: Option<MailId>,
    pub mail_status: Option<MailStatus>,
    pub recipients: Option<Vec<String>>,
    pub attempts: i32,
    pub sent_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub bounced_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub due_on: Option<Date>,
    pub balance: Decimal,
    pub currency: Currency,
    pub is_suspended: bool,
}

impl ReminderRow {
    /// Whether a mail of it is on its way.
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.mail_status, Some(MailStatus::Queued | MailStatus::Sending))
    }
}

const COLUMNS: &str = "r.id, r.entity_id, r.document_id, d.number as document_number, r.party_id, p.name as party_name, r.step, r.status,
    r.planned_on, r.mail_id, m.status as mail_status, m.recipients, r.attempts, r.sent_at, r.last_error, r.bounced_at, r.cancelled_at,
    r.cancel_reason, r.created_at, r.updated_at, d.due_on, d.gross - d.paid - d.credited as balance, d.currency,
    d.disputed or s.document_id is not null as is_suspended
    from billing.reminder r
    join billing.document d on d.tenant_id = r.tenant_id and d.id = r.document_id
    join parties.party p on p.tenant_id = r.tenant_id and p.id = r.party_id
    left join billing.reminder_suspension s on s.tenant_id = r.tenant_id and s.document_id = r.document_id
    left join platform.mail m on m.tenant_id = r.tenant_id and m.id = r.mail_id";

/// Which reminders; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct ReminderFilter {
    /// Only in this state.
    pub status: Option<ReminderStatus>,
    /// Only of this step.
    pub step: Option<ReminderStep>,
    /// Only of this customer.
    pub party: Option<PartyId>,
    /// Only of this invoice.
    pub document: Option<DocumentId>,
    /// Only planned from this day on.
    pub from: Option<Date>,
    /// Only planned until this day.
    pub to: Option<Date>,
    /// Only older than this one.
    pub before: Option<Uuid>,
}

/// Reminders in scope, the last planned first, one more than `limit`.
pub async fn list_reminders(tx: &mut Tx, filter: &ReminderFilter, limit: Limit) -> Result<Vec<ReminderRow>> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where r.tenant_id = ").push_bind(tx.tenant());
    if let Some(status) = filter.status {
        sql.push(" and r.status = ").push_bind(status);
    }
    if let Some(step) = filter.step {
        sql.push(" and r.step = ").push_bind(step.as_str());
    }
    if let Some(party) = filter.party {
        sql.push(" and r.party_id = ").push_bind(party);
    }
    if let Some(document) = filter.document {
        sql.push(" and r.document_id = ").push_bind(document);
    }
    if let Some(from) = filter.from {
        sql.push(" and r.planned_on >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        sql.push(" and r.planned_on <= ").push_bind(to);
    }
    if let Some(before) = filter.before {
        sql.push(" and r.id < ").push_bind(before);
    }
    sql.push(" order by r.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One reminder within the caller's scope.
pub async fn get_reminder(tx: &mut Tx, id: ReminderId) -> Result<ReminderRow> {
    find(tx, &[id], "").await?.pop().ok_or_else(|| Error::not_found("reminder"))
}

/// A reminder about to be changed, held until the transaction ends. Its invoice is held before.
pub async fn lock_reminder(tx: &mut Tx, id: ReminderId) -> Result<ReminderRow> {
    find(tx, &[id], " for no key update of r").await?.pop().ok_or_else(|| Error::not_found("reminder"))
}

/// Reminders about to be sent, held until the transaction ends; those somebody else holds are left to him.
pub async fn lock_free(tx: &mut Tx, ids: &[ReminderId]) -> Result<Vec<ReminderRow>> {
    find(tx, ids, " for no key update of r skip locked").await
}

async fn find(tx: &mut Tx, ids: &[ReminderId], lock: &'static str) -> Result<Vec<ReminderRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where r.tenant_id = ").push_bind(tx.tenant());
    sql.push(" and r.id = any (").push_bind(ids).push(") order by r.id").push(lock);
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// An invoice of which no reminder is planned, and the last that was sent.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.document and billing.reminder")]
pub struct Unplanned {
    pub document_id: DocumentId,
    pub entity_id: EntityId,
    pub party_id: PartyId,
    pub due_on: Date,
    pub last_step: Option<String>,
    pub last_sent_at: Option<Timestamp>,
}

/// Invoices of customers that are open since before the day of their entity, that nothing suspends and of which no reminder is
/// planned, by id: up to `limit` after `after`. Those between entities are settled elsewhere.
pub async fn list_unplanned(
    tx: &mut Tx,
    days: &[(EntityId, Date)],
    after: Option<DocumentId>,
    limit: i64,
) -> Result<Vec<Unplanned>> {
    let tenant = tx.tenant().uuid();
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let rows = sqlx::query_as!(
        Unplanned,
        r#"select d.id as "document_id: DocumentId", d.entity_id as "entity_id: EntityId", d.party_id as "party_id: PartyId",
               d.due_on as "due_on!: Date", last.step as "last_step?", last.sent_at as "last_sent_at?: Timestamp"
           from billing.document d
           join unnest($2::uuid[], $3::date[]) as t (entity_id, today) on t.entity_id = d.entity_id
           left join lateral (
               select r.step, r.sent_at from billing.reminder r
               where r.tenant_id = d.tenant_id and r.document_id = d.id and r.status in ('sent', 'bounced')
               order by r.sent_at desc limit 1) last on true
           where d.tenant_id = $1 and d.status = 'sent' and d.kind in ('invoice', 'deposit_invoice') and d.direction = 'sale'
             and d.origin <> 'intercompany' and d.due_on < t.today and not d.disputed and d.gross > d.paid + d.credited
             and coalesce(last.step, '') <> 'legal'
             and not exists (select from billing.reminder r where r.tenant_id = d.tenant_id and r.document_id = d.id and r.status = 'planned')
             and not exists (select from billing.reminder_suspension s where s.tenant_id = d.tenant_id and s.document_id = d.id)
             and ($4::uuid is null or d.id > $4)
           order by d.id limit $5"#,
        tenant,
        &entities,
        &today as &[Date],
        after.map(DocumentId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The last step of an invoice that was sent.
pub async fn find_last_sent(tx: &mut Tx, document: DocumentId) -> Result<Option<(ReminderStep, Timestamp)>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select step, sent_at as "sent_at!: Timestamp" from billing.reminder
           where tenant_id = $1 and document_id = $2 and status in ('sent', 'bounced') order by sent_at desc limit 1"#,
        tenant,
        document.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok((stored_step(&row.step)?, row.sent_at))).transpose()
}

/// The step of a stored word.
pub fn stored_step(word: &str) -> Result<ReminderStep> {
    word.parse().map_err(|error: String| Error::internal("reading a stored step", error))
}

/// A step that is to be asked for on a day.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// The invoice.
    pub document: DocumentId,
    /// Its entity.
    pub entity: EntityId,
    /// Its customer.
    pub party: PartyId,
    /// The step.
    pub step: ReminderStep,
    /// The day.
    pub on: Date,
}

/// Plans steps; one that was cancelled is planned again. Returns how many.
pub async fn plan(tx: &mut Tx, steps: &[Planned]) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ids: Vec<_> = steps.iter().map(|_| ReminderId::generate(now).uuid()).collect();
    let documents: Vec<_> = steps.iter().map(|step| step.document.uuid()).collect();
    let entities: Vec<_> = steps.iter().map(|step| step.entity.uuid()).collect();
    let parties: Vec<_> = steps.iter().map(|step| step.party.uuid()).collect();
    let words: Vec<_> = steps.iter().map(|step| step.step.as_str().to_owned()).collect();
    let days: Vec<_> = steps.iter().map(|step| step.on).collect();
    let done = sqlx::query!(
        "insert into billing.reminder (tenant_id, id, entity_id, document_id, party_id, step, status, planned_on, created_at, updated_at)
         select $1, x.id, x.entity_id, x.document_id, x.party_id, x.step, 'planned', x.planned_on, $8, $8
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::date[])
             as x (id, entity_id, document_id, party_id, step, planned_on)
         on conflict (tenant_id, document_id, step) do update
         set status = 'planned', planned_on = excluded.planned_on, cancelled_at = null, cancel_reason = null, last_error = null,
             updated_at = excluded.updated_at
         where billing.reminder.status = 'cancelled'
         returning 1 as one",
        tenant,
        &ids,
        &entities,
        &documents,
        &parties,
        &words,
        &days as &[Date],
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(done.len() as u64)
}

/// A planned reminder whose day has come, and its invoice.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of billing.reminder")]
pub struct Due {
    pub id: ReminderId,
    pub document_id: DocumentId,
}

/// Planned reminders whose day has come in their entity, of invoices that are open and that nothing suspends, by id: up to
/// `limit` after `after`. One whose mail is on its way, or may have left, is a person's.
pub async fn list_due(
    tx: &mut Tx,
    days: &[(EntityId, Date)],
    after: Option<ReminderId>,
    limit: i64,
) -> Result<Vec<Due>> {
    let tenant = tx.tenant().uuid();
    let (entities, today): (Vec<Uuid>, Vec<Date>) = days.iter().map(|(id, day)| (id.uuid(), *day)).unzip();
    let rows = sqlx::query_as!(
        Due,
        r#"select r.id as "id: ReminderId", r.document_id as "document_id: DocumentId"
           from billing.reminder r
           join unnest($2::uuid[], $3::date[]) as t (entity_id, today) on t.entity_id = r.entity_id
           join billing.document d on d.tenant_id = r.tenant_id and d.id = r.document_id
           left join platform.mail m on m.tenant_id = r.tenant_id and m.id = r.mail_id
           where r.tenant_id = $1 and r.status = 'planned' and r.planned_on <= t.today and coalesce(m.status, 'refused') = 'refused'
             and d.status = 'sent' and not d.disputed and d.gross > d.paid + d.credited
             and not exists (select from billing.reminder_suspension s where s.tenant_id = d.tenant_id and s.document_id = d.id)
             and ($4::uuid is null or r.id > $4)
           order by r.id limit $5"#,
        tenant,
        &entities,
        &today as &[Date],
        after.map(ReminderId::uuid),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Whether an invoice is paid, and whether its reminders are suspended.
pub async fn find_state(tx: &mut Tx, document: DocumentId) -> Result<(bool, bool)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select d.gross <= d.paid + d.credited as "is_settled!",
               d.disputed or exists (select from billing.reminder_suspension s
                   where s.tenant_id = d.tenant_id and s.document_id = d.id) as "is_suspended!"
           from billing.document d where d.tenant_id = $1 and d.id = $2"#,
        tenant,
        document.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| (row.is_settled, row.is_suspended)).ok_or_else(|| Error::not_found("document"))
}

/// Notes the mail that is to carry a held reminder.
pub async fn set_mail(tx: &mut Tx, id: ReminderId, mail: MailId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.reminder set mail_id = $3, attempts = attempts + 1, last_error = null, updated_at = $4
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        mail.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A mail server took a held reminder.
pub async fn mark_sent(tx: &mut Tx, id: ReminderId, at: Timestamp) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.reminder
         set status = 'sent', sent_at = $3, last_error = null, bounced_at = null, cancelled_at = null, cancel_reason = null, updated_at = $4
         where tenant_id = $1 and id = $2 and status in ('planned', 'bounced', 'cancelled')",
        tenant,
        id.uuid(),
        at as Timestamp,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes why a held reminder was not sent.
pub async fn set_error(tx: &mut Tx, id: ReminderId, why: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let why: String = why.chars().take(1000).collect();
    sqlx::query!(
        "update billing.reminder set last_error = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        why,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A held reminder came back.
pub async fn mark_bounced(tx: &mut Tx, id: ReminderId, why: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.reminder set status = 'bounced', bounced_at = $4, last_error = $3, updated_at = $4
         where tenant_id = $1 and id = $2 and status = 'sent'",
        tenant,
        id.uuid(),
        why,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A reminder that is no longer needed.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of billing.reminder")]
pub struct Cancelled {
    pub id: ReminderId,
    pub entity_id: EntityId,
    pub document_id: DocumentId,
}

/// Cancels what is planned of invoices.
pub async fn cancel(tx: &mut Tx, documents: &[DocumentId], reason: &str) -> Result<Vec<Cancelled>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let documents: Vec<_> = documents.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as!(
        Cancelled,
        r#"update billing.reminder set status = 'cancelled', cancelled_at = $4, cancel_reason = $3, updated_at = $4
           where tenant_id = $1 and document_id = any ($2) and status = 'planned'
           returning id as "id: ReminderId", entity_id as "entity_id: EntityId", document_id as "document_id: DocumentId""#,
        tenant,
        &documents,
        reason,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Why nobody is reminded of an invoice.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.reminder_suspension")]
pub struct Suspension {
    pub reason: String,
    pub suspended_at: Timestamp,
    pub suspended_by: String,
}

/// What suspends the reminders of an invoice.
pub async fn find_suspension(tx: &mut Tx, document: DocumentId) -> Result<Option<Suspension>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        Suspension,
        r#"select reason, suspended_at as "suspended_at: Timestamp", suspended_by
           from billing.reminder_suspension where tenant_id = $1 and document_id = $2"#,
        tenant,
        document.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// Suspends the reminders of a held invoice; a later reason stands instead of the earlier.
pub async fn suspend(tx: &mut Tx, document: DocumentId, entity: EntityId, reason: &str) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    sqlx::query!(
        "insert into billing.reminder_suspension (tenant_id, entity_id, document_id, reason, suspended_at, suspended_by)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, document_id) do update
         set reason = excluded.reason, suspended_at = excluded.suspended_at, suspended_by = excluded.suspended_by",
        tenant,
        entity.uuid(),
        document.uuid(),
        reason,
        now as Timestamp,
        by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lifts what suspends the reminders of a held invoice. False when nothing does.
pub async fn resume(tx: &mut Tx, document: DocumentId) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!(
        "delete from billing.reminder_suspension where tenant_id = $1 and document_id = $2",
        tenant,
        document.uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Says whether the customer contests a held invoice.
pub async fn set_disputed(tx: &mut Tx, document: DocumentId, disputed: bool) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.document set disputed = $3, updated_at = $4 where tenant_id = $1 and id = $2 and status <> 'draft'",
        tenant,
        document.uuid(),
        disputed,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
