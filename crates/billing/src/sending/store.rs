//! Every statement on letters.

use kernel::{DocumentId, EntityId, Limit, MailId, ReminderId, Timestamp};
use platform::mail::MailStatus;
use platform::{Error, Result, Tx};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::letter::Letter;
use super::model::Recipients;

platform::constraint!("document_mail_frozen", "id", "A letter is never changed.");

/// A letter as it is stored, with where its mail stands.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of billing.document_mail and platform.mail")]
pub struct LetterRow {
    pub id: MailId,
    pub entity_id: EntityId,
    pub document_id: DocumentId,
    pub document_number: Option<String>,
    pub reminder_id: Option<ReminderId>,
    pub step: Option<String>,
    pub recipients: Vec<String>,
    pub copies: Vec<String>,
    pub letter: Value,
    pub requested_by: String,
    pub created_at: Timestamp,
    pub told_at: Option<Timestamp>,
    pub status: MailStatus,
    pub answer: Option<String>,
    pub message_id: Option<String>,
    pub settled_at: Option<Timestamp>,
}

impl LetterRow {
    /// What it says.
    pub fn letter(&self) -> Result<Letter> {
        serde_json::from_value(self.letter.clone()).map_err(|error| Error::internal("reading a stored letter", error))
    }

    /// Whom it goes to.
    pub fn recipients(&self) -> Result<Recipients> {
        let emails = |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>();
        let read = |texts| emails(texts).map_err(|error| Error::internal("reading a stored address", error));
        Ok(Recipients { to: read(&self.recipients)?, copies: read(&self.copies)? })
    }
}

const COLUMNS: &str = "l.id, l.entity_id, l.document_id, d.number as document_number, l.reminder_id, r.step, l.recipients, l.copies, l.letter,
    l.requested_by, l.created_at, l.told_at, m.status, m.answer, m.message_id, m.settled_at
    from billing.document_mail l
    join platform.mail m on m.tenant_id = l.tenant_id and m.id = l.id
    join billing.document d on d.tenant_id = l.tenant_id and d.id = l.document_id
    left join billing.reminder r on r.tenant_id = l.tenant_id and r.id = l.reminder_id";

/// Writes a letter whose mail waits.
pub async fn insert_letter(
    tx: &mut Tx,
    id: MailId,
    (entity, document, reminder): (EntityId, DocumentId, Option<ReminderId>),
    recipients: &Recipients,
    letter: &Letter,
) -> Result<()> {
    let (tenant, now, by) = (tx.tenant().uuid(), tx.now(), tx.ctx().actor().name().to_owned());
    let texts = |emails: &[kernel::Email]| emails.iter().map(|email| email.as_str().to_owned()).collect::<Vec<_>>();
    let letter = serde_json::to_value(letter).map_err(|error| Error::internal("keeping a letter", error))?;
    sqlx::query!(
        "insert into billing.document_mail (tenant_id, id, entity_id, document_id, reminder_id, recipients, copies, letter, requested_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id.uuid(),
        entity.uuid(),
        document.uuid(),
        reminder.map(ReminderId::uuid),
        &texts(&recipients.to),
        &texts(&recipients.copies),
        letter,
        by,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The letters about a document, newest first, one more than `limit`; only those older than `before`.
pub async fn list_letters(
    tx: &mut Tx,
    document: DocumentId,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<LetterRow>> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where l.tenant_id = ").push_bind(tx.tenant());
    sql.push(" and l.document_id = ").push_bind(document);
    if let Some(before) = before {
        sql.push(" and l.id < ").push_bind(before);
    }
    sql.push(" order by l.id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}

/// One letter within the caller's scope.
pub async fn get_letter(tx: &mut Tx, id: MailId) -> Result<LetterRow> {
    find(tx, id, false).await
}

/// A letter of which something is about to be told, held until the transaction ends.
pub async fn lock_letter(tx: &mut Tx, id: MailId) -> Result<LetterRow> {
    find(tx, id, true).await
}

async fn find(tx: &mut Tx, id: MailId, held: bool) -> Result<LetterRow> {
    let mut sql = QueryBuilder::<Postgres>::new("select ");
    sql.push(COLUMNS).push(" where l.tenant_id = ").push_bind(tx.tenant()).push(" and l.id = ").push_bind(id);
    if held {
        sql.push(" for no key update of l");
    }
    let row: Option<LetterRow> = sql.build_query_as().fetch_optional(tx.conn()).await?;
    row.ok_or_else(|| Error::not_found("mail"))
}

/// Marks that what became of a letter is told.
pub async fn mark_told(tx: &mut Tx, id: MailId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update billing.document_mail set told_at = $3 where tenant_id = $1 and id = $2 and told_at is null",
        tenant,
        id.uuid(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
