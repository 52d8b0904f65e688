//! Routes of documents by mail.

use axum::http::StatusCode;
use kernel::{DocumentId, Email, Language, MailId, Page, ReminderId, Timestamp};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query};
use platform::mail::MailStatus;
use platform::{Ctx, Error, Permission, Result, Versioned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{SendingPolicy, SendingSettings};
use super::ops::{self, Wishes};
use super::store::{self, LetterRow};
use crate::documents::store as documents;
use crate::reminders::model::ReminderStep;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(list_document_mails), Guard::permit(Permission::BillingView))
        .route(routes!(send_document_mail), Guard::permit(Permission::BillingManage))
        .route(routes!(get_sending), settings())
        .route(routes!(put_sending), settings())
}

/// A letter about a document, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentMailView {
    /// Its mail.
    id: MailId,
    /// The document.
    document_id: DocumentId,
    /// The reminder it is; none when it brings the document.
    reminder_id: Option<ReminderId>,
    /// The step of the reminder.
    step: Option<ReminderStep>,
    /// Where it stands: `queued`, `sending`, `accepted` (the mail server took it), `refused` (it did not), `unknown` (it may have).
    status: MailStatus,
    /// To whom.
    to: Vec<String>,
    /// Who gets a copy.
    cc: Vec<String>,
    /// Its language.
    language: Language,
    /// Its subject line.
    subject: String,
    /// What it says.
    text: String,
    /// Who asked for it.
    requested_by: String,
    /// When.
    created_at: Timestamp,
    /// What the mail server answered.
    answer: Option<String>,
    /// Names it in the server's log.
    message_id: Option<String>,
    /// When the server answered.
    settled_at: Option<Timestamp>,
}

impl DocumentMailView {
    pub(crate) fn of(row: LetterRow) -> Result<Self> {
        let letter = row.letter()?;
        Ok(Self {
            id: row.id,
            document_id: row.document_id,
            reminder_id: row.reminder_id,
            step: row.step.as_deref().and_then(|step| step.parse().ok()),
            status: row.status,
            to: row.recipients,
            cc: row.copies,
            language: letter.language,
            text: letter.text(),
            subject: letter.subject,
            requested_by: row.requested_by,
            created_at: row.created_at,
            answer: row.answer,
            message_id: row.message_id,
            settled_at: row.settled_at,
        })
    }
}

/// The mails that were written about a document, newest first: what was sent when, to whom, and what the mail server said.
#[utoipa::path(get, path = "/api/documents/{id}/mails", tag = "billing", params(("id" = DocumentId, Path), PageQuery), responses((status = 200, body = Page<DocumentMailView>)))]
async fn list_document_mails(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<DocumentMailView>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    documents::get_document(&mut tx, id).await?;
    let letters = store::list_letters(&mut tx, id, before, rows).await?;
    let page = IdCursor::cut(letters, rows, |letter| letter.id.uuid());
    let items = page.items.into_iter().map(DocumentMailView::of).collect::<Result<_>>()?;
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// How a document is to be sent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SendDocumentMail {
    /// To whom, 20 at most; to the customer's billing contact unless told, else to the address the document was issued to.
    pub to: Vec<Email>,
    /// Who gets a copy, 20 at most.
    pub cc: Vec<Email>,
    /// The language of the letter; the document's unless told.
    pub language: Option<Language>,
    /// What stands above the letter's own words; at most 4000 characters.
    pub message: Option<String>,
}

/// Sends an issued document by mail, its page (PDF/A-3, Factur-X) attached. The answer says `queued`: it was sent when the mail
/// server took it, which the list of its mails tells.
#[utoipa::path(post, path = "/api/documents/{id}/mails", tag = "billing", params(("id" = DocumentId, Path)), request_body = SendDocumentMail, responses((status = 201, body = DocumentMailView)))]
async fn send_document_mail(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<SendDocumentMail>,
) -> Result<(StatusCode, Json<DocumentMailView>)> {
    let message = command.message.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if message.as_ref().is_some_and(|text| text.chars().count() > 4000) {
        return Err(Error::invalid("message", "must be at most 4000 characters"));
    }
    let wishes = Wishes { to: command.to, copies: command.cc, language: command.language, message };
    let mut tx = ctx.begin().await?;
    let mail = ops::send_document(&mut tx, id, wishes).await?;
    let view = DocumentMailView::of(store::get_letter(&mut tx, mail).await?)?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// What each entity mails by itself.
#[utoipa::path(get, path = "/api/settings/document-mails", tag = "settings", responses((status = 200, body = Versioned<SendingSettings>)))]
async fn get_sending(ctx: Ctx) -> Result<Json<Versioned<SendingSettings>>> {
    Ok(Json(ctx.read().await?.versioned_setting().await?))
}

/// What each entity is to mail by itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutSending {
    /// By entity code; entities left out send nothing by themselves.
    pub per_entity: std::collections::BTreeMap<String, SendingPolicy>,
    /// The version that was read, to change nothing unseen.
    pub version: Option<i64>,
}

/// Sets what each entity mails by itself.
#[utoipa::path(put, path = "/api/settings/document-mails", tag = "settings", request_body = PutSending, responses((status = 200, body = Versioned<SendingSettings>)))]
async fn put_sending(ctx: Ctx, Json(command): Json<PutSending>) -> Result<Json<Versioned<SendingSettings>>> {
    expect_entities(&ctx, command.per_entity.keys())?;
    let mut tx = ctx.begin().await?;
    let stored = tx.put_setting(&SendingSettings { per_entity: command.per_entity }, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}

/// Proves that the keys of a setting are codes of entities.
pub(crate) fn expect_entities<'a>(ctx: &Ctx, codes: impl Iterator<Item = &'a String>) -> Result<()> {
    for code in codes {
        if ctx.entity_by_code(code).is_none_or(|entity| entity.code != *code) {
            return Err(Error::invalid(format!("per_entity.{code}"), "there is no entity with this code"));
        }
    }
    Ok(())
}
