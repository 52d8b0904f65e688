//! Every statement that erases.

use kernel::{DeliveryId, LeadId, Timestamp};
use platform::{Result, Tx};

use super::model::{Erased, Person};

/// The leads of a person within the caller's scope, locked.
pub(super) async fn list_leads_of(tx: &mut Tx, person: &Person) -> Result<Vec<LeadId>> {
    let tenant = tx.tenant().uuid();
    let leads = sqlx::query_scalar!(
        r#"select id as "id: LeadId" from leads.lead
           where tenant_id = $1 and (phone = $2 or email_key = $3) and erased_at is null
           order by id for update"#,
        tenant,
        person.phone,
        person.email
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(leads)
}

/// The open deliveries of leads.
pub(super) async fn list_open_deliveries(tx: &mut Tx, leads: &[LeadId]) -> Result<Vec<DeliveryId>> {
    let tenant = tx.tenant().uuid();
    let leads: Vec<_> = leads.iter().map(|id| id.uuid()).collect();
    let open = sqlx::query_scalar!(
        r#"select id as "id: DeliveryId" from leads.delivery
           where tenant_id = $1 and lead_id = any($2) and status in ('pending_csv', 'ready_to_send', 'sending', 'failed')"#,
        tenant,
        &leads
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(open)
}

/// The oldest leads from before an instant, neither open nor sent since; locked.
pub(super) async fn lock_old_leads(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<LeadId>> {
    let tenant = tx.tenant().uuid();
    let leads = sqlx::query_scalar!(
        r#"select l.id as "id: LeadId" from leads.lead l
           where l.tenant_id = $1 and l.created_at < $2 and l.erased_at is null
             and l.status not in ('routed', 'reserved_for_replacement')
             and not exists (select from leads.delivery d where d.tenant_id = $1 and d.lead_id = l.id and d.last_sent_at >= $2)
           order by l.created_at limit $3 for update skip locked"#,
        tenant,
        before as Timestamp,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(leads)
}

/// Erases the personal data of locked leads that no open delivery holds, wherever it went. What waited for a buyer waits
/// no more.
pub(super) async fn erase_leads(tx: &mut Tx, leads: &[LeadId]) -> Result<Erased> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let leads: Vec<_> = leads.iter().map(|id| id.uuid()).collect();
    let row = sqlx::query!(
        r#"with refusal as (
             delete from leads.refusal r using leads.delivery d
             where r.tenant_id = $1 and d.tenant_id = $1 and d.id = r.delivery_id and d.lead_id = any($2)
         ), claim as (
             delete from leads.submission_claim where tenant_id = $1 and lead_id = any($2)
         ), note as (
             delete from leads.lead_note where tenant_id = $1 and lead_id = any($2)
         ), visit as (
             delete from leads.visitor_session where tenant_id = $1 and lead_id = any($2) returning 1
         ), file as (
             update leads.delivery_batch set csv = null
             where tenant_id = $1 and csv is not null and id in (
                 select l.batch_id from leads.delivery d
                 join leads.batch_line l on l.tenant_id = d.tenant_id and l.delivery_id = d.id
                 where d.tenant_id = $1 and d.lead_id = any($2))
             returning 1
         ), delivery as (
             update leads.delivery set phone = 'erased', updated_at = $3 where tenant_id = $1 and lead_id = any($2)
         ), lead as (
             update leads.lead
             set phone = 'erased', nom = '', prenom = '', email = '', ip = '', session_id = '', custom_fields = '{}',
                 consent_ip = null, idempotency_key = null, erased_at = $3, updated_at = $3, hold_reason = null,
                 status = case when status in ('new', 'no_open_orders', 'hold_source', 'pending_config', 'duplicate', 'lb')
                     then 'invalid' else status end
             where tenant_id = $1 and id = any($2)
             returning 1
         )
         select (select count(*) from lead) as "leads!", (select count(*) from file) as "files!",
             (select count(*) from visit) as "visits!""#,
        tenant,
        &leads,
        now as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Erased { leads: row.leads, files: row.files, visits: row.visits, ..Erased::default() })
}

/// Deletes the quarantined payloads that name a person.
pub(super) async fn delete_payloads_of(tx: &mut Tx, person: &Person) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    // The last nine digits are in every spelling once blanks and dots are out of the way.
    let digits = person.phone.as_deref().map(|phone| &phone[1..]);
    let gone = sqlx::query!(
        "delete from leads.quarantine
         where tenant_id = $1 and (position($2::text in regexp_replace(encode(body, 'escape'), '[^0-9]', '', 'g')) > 0
             or position($3::text in lower(encode(body, 'escape'))) > 0)",
        tenant,
        digits,
        person.email
    )
    .execute(tx.conn())
    .await?;
    Ok(i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX))
}

/// Deletes visits from before an instant with their events.
pub(super) async fn delete_old_visits(tx: &mut Tx, before: Timestamp) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "delete from leads.visitor_session where tenant_id = $1 and created_at < $2",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX))
}

/// Removes the contents of files from before an instant; that they were sent stays known.
pub(super) async fn drop_old_files(tx: &mut Tx, before: Timestamp) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "update leads.delivery_batch set csv = null where tenant_id = $1 and created_at < $2 and csv is not null",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX))
}

/// Deletes quarantined payloads from before an instant.
pub(super) async fn delete_old_payloads(tx: &mut Tx, before: Timestamp) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "delete from leads.quarantine where tenant_id = $1 and received_at < $2",
        tenant,
        before as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX))
}

/// Deletes the claims of double submission that can claim nothing any more.
pub(super) async fn delete_old_claims(tx: &mut Tx) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "delete from leads.submission_claim where tenant_id = $1 and claimed_at < $2",
        tenant,
        now.minus_days(1) as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
