//! Every statement on `platform.mail`, `platform.mail_circuit` and the passwords of the entities' mail servers.

use kernel::{EntityId, Limit, MailId, Timestamp};
use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{MailStatus, Message};
use crate::secret::{Sealed, SealedColumn};
use crate::{Error, Result, Tx, live};

/// The password of an entity's mail server.
pub(super) const MAIL_PASSWORD: SealedColumn = SealedColumn {
    table: "platform.entity",
    column: "mail_password_sealed",
    of_tenant: true,
    forget: "mail_password_sealed = null",
    about: "mail server passwords",
};

inventory::submit! { MAIL_PASSWORD }

/// The sealed password of an entity's mail server, if one is kept.
pub(super) async fn find_password(tx: &mut Tx, entity: EntityId) -> Result<Option<Sealed>> {
    let tenant = tx.tenant().uuid();
    let sealed = sqlx::query_scalar!(
        r#"select mail_password_sealed as "sealed: Sealed" from platform.entity where tenant_id = $1 and id = $2"#,
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(sealed.flatten())
}

/// The entities whose mail server's password is kept.
pub(super) async fn list_with_password(tx: &mut Tx) -> Result<Vec<EntityId>> {
    let tenant = tx.tenant().uuid();
    let ids = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from platform.entity
           where tenant_id = $1 and mail_password_sealed is not null order by position, id"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Keeps the password of an entity's mail server, or forgets it.
pub(super) async fn update_password(tx: &mut Tx, entity: EntityId, sealed: Option<&Sealed>) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!(
        "update platform.entity set mail_password_sealed = $3 where tenant_id = $1 and id = $2",
        tenant,
        entity.uuid(),
        sealed.map(Sealed::as_str)
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::not_found("entity")) }
}

/// Records a mail that its job will send.
pub async fn insert_mail(tx: &mut Tx, message: &Message) -> Result<MailId> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let id = MailId::generate(now);
    let recipients: Vec<_> = message.everybody().iter().map(|email| email.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into platform.mail (tenant_id, id, entity_id, subject_kind, subject_id, recipients, subject, status, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8)",
        tenant,
        id.uuid(),
        message.entity.uuid(),
        message.subject_kind,
        message.subject_id,
        &recipients,
        message.subject,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    tx.touch(Some(message.entity), live::MAIL);
    Ok(id)
}

/// A queued mail is refused before any server saw it. False when it is not queued.
pub(super) async fn refuse_queued(tx: &mut Tx, id: MailId, why: &str) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update platform.mail set status = 'refused', answer = $3, settled_at = $4
         where tenant_id = $1 and id = $2 and status = 'queued'",
        tenant,
        id.uuid(),
        why,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a queued mail for sending. False when it is not queued.
pub(super) async fn start_sending(tx: &mut Tx, id: MailId) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let taken = sqlx::query!(
        "update platform.mail set status = 'sending', sending_at = $3 where tenant_id = $1 and id = $2 and status = 'queued'",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Records what became of a mail. False when it was settled meanwhile.
pub(super) async fn settle(
    tx: &mut Tx,
    id: MailId,
    status: MailStatus,
    transport: &str,
    message_id: &str,
    answer: &str,
) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let answer: String = answer.chars().filter(|c| *c != '\0').take(1000).collect();
    let settled = sqlx::query!(
        "update platform.mail set status = $3, transport = $4, message_id = $5, answer = $6, settled_at = $7
         where tenant_id = $1 and id = $2 and status = 'sending'",
        tenant,
        id.uuid(),
        status.as_str(),
        transport,
        message_id,
        answer,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// A mail that somebody else began to send and never settled becomes `unknown`.
pub(super) async fn settle_lost(tx: &mut Tx, id: MailId, why: &str) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update platform.mail set status = 'unknown', answer = $3, settled_at = $4
         where tenant_id = $1 and id = $2 and status = 'sending'",
        tenant,
        id.uuid(),
        why,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every mail that is `sending` since before `before` becomes `unknown`.
pub(super) async fn settle_all_lost(tx: &mut Tx, before: Timestamp) -> Result<Vec<(MailId, Option<EntityId>)>> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let lost = sqlx::query!(
        r#"update platform.mail set status = 'unknown', answer = 'the process that sent it was lost', settled_at = $3
           where tenant_id = $1 and status = 'sending' and sending_at < $2
           returning id as "id: MailId", entity_id as "entity_id: EntityId""#,
        tenant,
        before as Timestamp,
        now as Timestamp
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(lost.into_iter().map(|row| (row.id, row.entity_id)).collect())
}

/// When the circuit of an entity's server was opened, if it is.
pub(super) async fn find_opened(tx: &mut Tx, entity: EntityId) -> Result<Option<Timestamp>> {
    let tenant = tx.tenant().uuid();
    let opened = sqlx::query_scalar!(
        r#"select opened_at as "opened_at: Timestamp" from platform.mail_circuit where tenant_id = $1 and entity_id = $2"#,
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(opened.flatten())
}

/// Counts a server's failure, or forgets them after a success; `limit` failures in a row open the circuit.
pub(super) async fn count_result(
    tx: &mut Tx,
    entity: EntityId,
    failed: bool,
    accepted: bool,
    limit: i32,
) -> Result<()> {
    if !failed && !accepted {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into platform.mail_circuit as c (tenant_id, entity_id, failures, opened_at)
         values ($1, $2, case when $3 then 1 else 0 end, null)
         on conflict (tenant_id, entity_id) do update
         set failures = case when $3 then c.failures + 1 else 0 end,
             opened_at = case when $3 and c.failures + 1 >= $4 then $5::timestamptz end",
        tenant,
        entity.uuid(),
        failed,
        limit,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A mail as people see it.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct MailView {
    /// The mail.
    pub id: MailId,
    /// The entity it came from.
    pub entity_id: Option<EntityId>,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// The thing it is about.
    pub subject_id: Uuid,
    /// Where it went.
    pub recipients: Vec<String>,
    /// Its subject line.
    pub subject: String,
    /// Where it stands.
    pub status: MailStatus,
    /// `host:port`, or `folder`.
    pub transport: Option<String>,
    /// Names it in the server's log.
    pub message_id: Option<String>,
    /// What the server said.
    pub answer: Option<String>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, entity_id, subject_kind, subject_id, recipients, subject, status, transport, message_id, answer, created_at, settled_at";

/// Mails newest first, one more than `limit`.
pub(super) async fn list_mails(
    tx: &mut Tx,
    status: Option<MailStatus>,
    about: Option<Uuid>,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<MailView>> {
    let mut sql = QueryBuilder::<Postgres>::new(format!("select {COLUMNS} from platform.mail where tenant_id = "));
    sql.push_bind(tx.tenant());
    if let Some(status) = status {
        sql.push(" and status = ").push_bind(status);
    }
    if let Some(about) = about {
        sql.push(" and subject_id = ").push_bind(about);
    }
    if let Some(before) = before {
        sql.push(" and id < ").push_bind(before);
    }
    sql.push(" order by id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One mail.
pub(super) async fn get_mail(tx: &mut Tx, id: MailId) -> Result<MailView> {
    let tenant = tx.tenant();
    let sql = format!("select {COLUMNS} from platform.mail where tenant_id = $1 and id = $2");
    let mail: Option<MailView> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(tx.conn()).await?;
    mail.ok_or_else(|| Error::not_found("mail"))
}
