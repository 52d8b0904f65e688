//! Every statement on `platform.webhook` and `platform.webhook_attempt`, and those on the jobs of a webhook.

use kernel::{EntityId, JobId, Limit, Timestamp, WebhookAttemptId, WebhookId};
use serde::Serialize;
use uuid::Uuid;

use super::deliver::Deliver;
use super::model::{CallOutcome, Standing, Webhook};
use crate::secret::Sealed;
use crate::{Error, Job as _, Result, Tx};

/// The webhooks within the caller's scope, by name. Those of no entity belong to who sees them all.
pub(super) async fn list_webhooks(tx: &mut Tx) -> Result<Vec<Webhook>> {
    let (tenant, whole) = (tx.tenant().uuid(), tx.ctx().scope().whole_tenant);
    let webhooks = sqlx::query_as!(
        Webhook,
        r#"select id as "id: WebhookId", entity_id as "entity_id: EntityId", name, url, actions, active,
               previous_until as "previous_until: Timestamp", failing_since as "failing_since: Timestamp",
               resting_until as "resting_until: Timestamp", rests, created_at, updated_at
           from platform.webhook where tenant_id = $1 and ($2 or entity_id is not null) order by lower(name), id limit 200"#,
        tenant,
        whole
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(webhooks)
}

/// One webhook within the caller's scope.
pub(super) async fn get_webhook(tx: &mut Tx, id: WebhookId) -> Result<Webhook> {
    let (tenant, whole) = (tx.tenant().uuid(), tx.ctx().scope().whole_tenant);
    let webhook = sqlx::query_as!(
        Webhook,
        r#"select id as "id: WebhookId", entity_id as "entity_id: EntityId", name, url, actions, active,
               previous_until as "previous_until: Timestamp", failing_since as "failing_since: Timestamp",
               resting_until as "resting_until: Timestamp", rests, created_at, updated_at
           from platform.webhook where tenant_id = $1 and id = $2 and ($3 or entity_id is not null)"#,
        tenant,
        id.uuid(),
        whole
    )
    .fetch_optional(tx.conn())
    .await?;
    webhook.ok_or_else(|| Error::not_found("webhook"))
}

/// The same, held until the transaction ends.
pub(super) async fn lock_webhook(tx: &mut Tx, id: WebhookId) -> Result<Webhook> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("select id from platform.webhook where tenant_id = $1 and id = $2 for update", tenant, id.uuid())
        .fetch_optional(tx.conn())
        .await?;
    get_webhook(tx, id).await
}

pub(super) async fn count_webhooks(tx: &mut Tx) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from platform.webhook where tenant_id = $1"#, tenant)
            .fetch_one(tx.conn())
            .await?;
    Ok(count)
}

pub(super) async fn insert_webhook(tx: &mut Tx, webhook: &Webhook, secret: &Sealed) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into platform.webhook (tenant_id, id, entity_id, name, url, actions, active, secret_sealed, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        webhook.id.uuid(),
        webhook.entity_id.map(EntityId::uuid),
        webhook.name,
        webhook.url,
        &webhook.actions,
        webhook.active,
        secret as &Sealed,
        webhook.created_at as Timestamp,
        webhook.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_webhook(tx: &mut Tx, webhook: &Webhook) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update platform.webhook
         set name = $3, url = $4, actions = $5, active = $6, failing_since = $7, resting_until = $8, rests = $9, updated_at = $10
         where tenant_id = $1 and id = $2",
        tenant,
        webhook.id.uuid(),
        webhook.name,
        webhook.url,
        &webhook.actions,
        webhook.active,
        webhook.failing_since as Option<Timestamp>,
        webhook.resting_until as Option<Timestamp>,
        webhook.rests,
        webhook.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes how a webhook stands after a call. Its version stays: nobody changed it.
pub(super) async fn update_standing(tx: &mut Tx, id: WebhookId, standing: Standing) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update platform.webhook set active = $3, failing_since = $4, resting_until = $5, rests = $6
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        standing.active,
        standing.failing_since as Option<Timestamp>,
        standing.resting_until as Option<Timestamp>,
        standing.rests
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a new secret in place; the one there was signs too, until its time is over.
pub(super) async fn rotate_secret(
    tx: &mut Tx,
    id: WebhookId,
    secret: &Sealed,
    previous: Option<&(Sealed, Timestamp)>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update platform.webhook
         set previous_secret_sealed = $4, previous_until = $5, secret_sealed = $3, updated_at = $6
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        secret as &Sealed,
        previous.map(|(sealed, _)| sealed) as Option<&Sealed>,
        previous.map(|(_, until)| *until) as Option<Timestamp>,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The secret that signs, as it is stored; none when it was given up.
pub(super) async fn find_secret(tx: &mut Tx, id: WebhookId) -> Result<Option<Sealed>> {
    let tenant = tx.tenant().uuid();
    let sealed = sqlx::query_scalar!(
        r#"select secret_sealed as "sealed: Sealed" from platform.webhook where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(sealed)
}

/// The one before, as it is stored, while it signs too.
pub(super) async fn find_previous_secret(tx: &mut Tx, id: WebhookId) -> Result<Option<Sealed>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let sealed = sqlx::query_scalar!(
        r#"select case when previous_until > $3 then previous_secret_sealed end as "sealed: Sealed"
           from platform.webhook where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(sealed)
}

/// Deletes a webhook with its calls.
pub(super) async fn delete_webhook(tx: &mut Tx, id: WebhookId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from platform.webhook where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What else an event is about.
pub(super) async fn list_related(tx: &mut Tx, event: Uuid) -> Result<Vec<Uuid>> {
    let tenant = tx.tenant().uuid();
    let related = sqlx::query_scalar!(
        "select related_id from platform.event_link where tenant_id = $1 and event_id = $2 order by related_id",
        tenant,
        event
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(related)
}

/// Makes due what was never tried while the webhook rested.
pub(super) async fn wake_jobs(tx: &mut Tx, id: WebhookId) -> Result<u64> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let woken = sqlx::query!(
        "update platform.job set run_at = $4
         where tenant_id = $1 and kind = $3 and state = 'queued' and attempts = 0 and run_at > $4 and payload ->> 'webhook_id' = $2",
        tenant,
        id.to_string(),
        Deliver::KIND,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(woken.rows_affected())
}

/// Whether a job of this tenant is dead, for what is to be sent again.
pub(super) async fn find_dead_job(tx: &mut Tx, key: &str) -> Result<Option<JobId>> {
    let tenant = tx.tenant().uuid();
    let job = sqlx::query_scalar!(
        r#"select id as "id: JobId" from platform.job where tenant_id = $1 and kind = $2 and key = $3 and state = 'dead'"#,
        tenant,
        Deliver::KIND,
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(job)
}

/// A call as it is kept for 30 days.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct WebhookAttempt {
    /// The call.
    pub(super) id: WebhookAttemptId,
    /// The webhook.
    pub(super) webhook_id: WebhookId,
    /// The message: the id of its event, or that of a test.
    pub(super) message_id: Uuid,
    /// What was told, such as `invoice_paid`; `webhook_test` for a test.
    pub(super) action: String,
    /// Counts from 1 for each message.
    pub(super) attempt: i32,
    /// What became of it.
    pub(super) outcome: CallOutcome,
    /// The status of the answer; none when there was no answer.
    pub(super) status: Option<i32>,
    /// How long it took, in milliseconds.
    pub(super) duration_ms: i32,
    /// The first 500 characters of the answer; without one, why: `egress_refused`, `egress_unreachable`, `egress_timed_out`,
    /// `egress_broken` or `egress_not_ready`.
    pub(super) answer: String,
    /// When the message is sent again; none when it is not.
    pub(super) next_at: Option<Timestamp>,
    /// When it was.
    pub(super) at: Timestamp,
}

pub(super) async fn insert_attempt(tx: &mut Tx, attempt: &WebhookAttempt) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into platform.webhook_attempt (tenant_id, id, webhook_id, message_id, action, attempt, outcome, status, duration_ms,
             answer, next_at, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant,
        attempt.id.uuid(),
        attempt.webhook_id.uuid(),
        attempt.message_id,
        attempt.action,
        attempt.attempt,
        attempt.outcome.as_str(),
        attempt.status,
        attempt.duration_ms,
        attempt.answer,
        attempt.next_at as Option<Timestamp>,
        attempt.at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The calls of a webhook, newest first, one more than `limit`.
pub(super) async fn list_attempts(
    tx: &mut Tx,
    webhook: WebhookId,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<WebhookAttempt>> {
    let tenant = tx.tenant().uuid();
    let attempts = sqlx::query_as!(
        WebhookAttempt,
        r#"select id as "id: WebhookAttemptId", webhook_id as "webhook_id: WebhookId", message_id, action, attempt,
               outcome as "outcome: CallOutcome", status, duration_ms, answer, next_at as "next_at: Timestamp", at
           from platform.webhook_attempt where tenant_id = $1 and webhook_id = $2 and ($3::uuid is null or id < $3)
           order by id desc limit $4"#,
        tenant,
        webhook.uuid(),
        before,
        i64::from(limit.get()) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(attempts)
}

/// One call of a webhook of this tenant.
pub(super) async fn get_attempt(tx: &mut Tx, id: WebhookAttemptId) -> Result<WebhookAttempt> {
    let tenant = tx.tenant().uuid();
    let attempt = sqlx::query_as!(
        WebhookAttempt,
        r#"select id as "id: WebhookAttemptId", webhook_id as "webhook_id: WebhookId", message_id, action, attempt,
               outcome as "outcome: CallOutcome", status, duration_ms, answer, next_at as "next_at: Timestamp", at
           from platform.webhook_attempt where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    attempt.ok_or_else(|| Error::not_found("webhook attempt"))
}

/// Forgets the calls before this instant.
pub(crate) async fn delete_attempts_before(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let gone = sqlx::query!(
        "delete from platform.webhook_attempt where tenant_id = $1 and id < $2",
        tenant,
        before.first_uuid()
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}
