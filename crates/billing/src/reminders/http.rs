//! Routes of reminders.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use kernel::{Currency, Date, DocumentId, Page, PartyId, ReminderId, Timestamp};
use platform::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use platform::mail::MailStatus;
use platform::{Ctx, Error, Permission, Result, Versioned};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{ReminderPolicy, ReminderSettings, ReminderStatus, ReminderStep};
use super::ops;
use super::store::{self, ReminderFilter, ReminderRow};
use crate::documents::store as documents;
use crate::sending::http::expect_entities;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(list_reminders), view())
        .route(routes!(send_reminder), manage())
        .route(routes!(bounce_reminder), manage())
        .route(routes!(list_party_reminders), view())
        .route(routes!(get_document_reminders), view())
        .route(routes!(remind_now), manage())
        .route(routes!(suspend_reminders), manage())
        .route(routes!(resume_reminders), manage())
        .route(routes!(get_reminder_settings), settings())
        .route(routes!(put_reminder_settings), settings())
}

/// A reminder as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct ReminderView {
    /// The reminder.
    id: ReminderId,
    /// Its entity, by code.
    entity: String,
    /// The invoice it asks for.
    document_id: DocumentId,
    /// The invoice's number.
    document_number: Option<String>,
    /// The customer.
    party_id: PartyId,
    /// The customer's name.
    party_name: String,
    /// How urgently.
    step: ReminderStep,
    /// Where it stands. `sent` is only what a mail server took.
    status: ReminderStatus,
    /// The day it is due.
    planned_on: Date,
    /// Where its last mail stands: `refused` is tried again on the next working day, `unknown` may have left and is a person's.
    mail_status: Option<MailStatus>,
    /// Whom its last mail is for.
    recipients: Vec<String>,
    /// How many mails were written for it.
    attempts: i32,
    /// When a mail server took it.
    sent_at: Option<Timestamp>,
    /// Why it was not sent, or came back.
    last_error: Option<String>,
    /// When it came back.
    bounced_at: Option<Timestamp>,
    /// When it was cancelled.
    cancelled_at: Option<Timestamp>,
    /// Why.
    cancel_reason: Option<String>,
    /// When the invoice was due.
    due_on: Option<Date>,
    /// Whole days since then.
    days_late: Option<i64>,
    /// What is open on the invoice now.
    balance: Decimal,
    /// Of what.
    currency: Currency,
    /// Whether the reminders of the invoice are suspended.
    suspended: bool,
    /// What the caller may do with it now: `send`, `bounce`.
    can: Vec<&'static str>,
}

impl ReminderView {
    fn of(ctx: &Ctx, row: ReminderRow) -> Self {
        let zone = ctx.entity(row.entity_id).map_or(&ctx.tenant().zone, |entity| &entity.zone);
        let today = ctx.now().date_in(zone);
        let may = ctx.may(Permission::BillingManage);
        let is_open = row.balance > Decimal::ZERO && !row.is_suspended && !row.is_on_its_way();
        let waits = matches!(row.status, ReminderStatus::Planned | ReminderStatus::Bounced);
        let actions = [("send", waits && is_open), ("bounce", row.status == ReminderStatus::Sent)];
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            document_id: row.document_id,
            document_number: row.document_number,
            party_id: row.party_id,
            party_name: row.party_name,
            step: row.step,
            status: row.status,
            planned_on: row.planned_on,
            mail_status: row.mail_status,
            recipients: row.recipients.unwrap_or_default(),
            attempts: row.attempts,
            sent_at: row.sent_at,
            last_error: row.last_error,
            bounced_at: row.bounced_at,
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason,
            due_on: row.due_on,
            days_late: row.due_on.map(|due| i64::from((today.jiff() - due.jiff()).get_days()).max(0)),
            balance: row.balance,
            currency: row.currency,
            suspended: row.is_suspended,
            can: actions.into_iter().filter(|(_, now)| *now && may).map(|(action, _)| action).collect(),
        }
    }
}

/// Which reminders.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReminderQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only in this state: `planned`, `sent`, `bounced`, `cancelled`. Another is refused (422).
    #[param(value_type = Option<ReminderStatus>, inline)]
    status: Option<String>,
    /// Only of this step: `first`, `second`, `final`, `legal`. Another is refused (422).
    #[param(value_type = Option<ReminderStep>, inline)]
    step: Option<String>,
    /// Only of this customer.
    party: Option<PartyId>,
    /// Only of this invoice.
    document: Option<DocumentId>,
    /// Only planned from this day on.
    from: Option<Date>,
    /// Only planned until this day.
    to: Option<Date>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl ReminderQuery {
    /// What is asked for names states that exist, or is refused: a list that is empty for a typing error would look like good
    /// news (F-22).
    fn filter(self) -> Result<ReminderFilter> {
        let unknown = |field| move |_: String| Error::invalid(field, "is none that exists");
        let status = self.status.map(|word| word.parse().map_err(unknown("status")));
        let step = self.step.map(|word| word.parse().map_err(unknown("step")));
        Ok(ReminderFilter {
            status: status.transpose()?,
            step: step.transpose()?,
            party: self.party,
            document: self.document,
            from: self.from,
            to: self.to,
            before: self.cursor.as_deref().map(IdCursor::decode).transpose()?,
        })
    }
}

async fn list(ctx: &Ctx, query: ReminderQuery) -> Result<Json<Page<ReminderView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let reminders = store::list_reminders(&mut tx, &filter, rows).await?;
    let page = IdCursor::cut(reminders, rows, |reminder| reminder.id.uuid());
    Ok(Json(page.map(|row| ReminderView::of(&ctx, row))))
}

/// Lists reminders, the last planned first.
#[utoipa::path(get, path = "/api/reminders", tag = "billing", params(ReminderQuery), responses((status = 200, body = Page<ReminderView>)))]
async fn list_reminders(ctx: Ctx, Query(query): Query<ReminderQuery>) -> Result<Json<Page<ReminderView>>> {
    list(&ctx, query).await
}

/// Lists the reminders of a customer, the last planned first.
#[utoipa::path(get, path = "/api/parties/{id}/reminders", tag = "billing", params(("id" = PartyId, Path), ReminderQuery), responses((status = 200, body = Page<ReminderView>)))]
async fn list_party_reminders(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Query(query): Query<ReminderQuery>,
) -> Result<Json<Page<ReminderView>>> {
    let mut tx = ctx.read().await?;
    parties::get_party(&mut tx, id).await?;
    drop(tx);
    list(&ctx, ReminderQuery { party: Some(id), ..query }).await
}

/// Sends a reminder now, ahead of its day or again when it came back. It is `sent` once a mail server took it.
#[utoipa::path(post, path = "/api/reminders/{id}/send", tag = "billing", params(("id" = ReminderId, Path)), responses((status = 200, body = ReminderView)))]
async fn send_reminder(ctx: Ctx, Path(id): Path<ReminderId>) -> Result<Json<ReminderView>> {
    let mut tx = ctx.begin().await?;
    ops::send_now(&mut tx, id).await?;
    let row = store::get_reminder(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(ReminderView::of(&ctx, row)))
}

/// Why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReminderReason {
    /// Why; 1 to 500 characters.
    pub reason: String,
}

/// Notes that a sent reminder came back. It may be sent again.
#[utoipa::path(post, path = "/api/reminders/{id}/bounce", tag = "billing", params(("id" = ReminderId, Path)), request_body = ReminderReason, responses((status = 200, body = ReminderView)))]
async fn bounce_reminder(
    ctx: Ctx,
    Path(id): Path<ReminderId>,
    Json(command): Json<ReminderReason>,
) -> Result<Json<ReminderView>> {
    let mut tx = ctx.begin().await?;
    ops::bounce(&mut tx, id, &command.reason).await?;
    let row = store::get_reminder(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(ReminderView::of(&ctx, row)))
}

/// Why nobody is reminded of an invoice.
#[derive(Debug, Serialize, ToSchema)]
struct ReminderSuspensionView {
    /// Why.
    reason: String,
    /// Since when.
    suspended_at: Timestamp,
    /// Who said so.
    suspended_by: String,
}

/// The reminders of an invoice.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentReminders {
    /// What suspends them.
    suspension: Option<ReminderSuspensionView>,
    /// The steps, the last planned first.
    reminders: Vec<ReminderView>,
}

async fn reminders_of(ctx: &Ctx, tx: &mut platform::Tx, id: DocumentId) -> Result<DocumentReminders> {
    let filter = ReminderFilter { document: Some(id), ..ReminderFilter::default() };
    let rows = store::list_reminders(tx, &filter, kernel::Limit::WHOLE_LISTS).await?;
    let suspension = store::find_suspension(tx, id).await?.map(|found| ReminderSuspensionView {
        reason: found.reason,
        suspended_at: found.suspended_at,
        suspended_by: found.suspended_by,
    });
    Ok(DocumentReminders { suspension, reminders: rows.into_iter().map(|row| ReminderView::of(ctx, row)).collect() })
}

/// The reminders of an invoice, and what suspends them.
#[utoipa::path(get, path = "/api/documents/{id}/reminders", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 200, body = DocumentReminders)))]
async fn get_document_reminders(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<Json<DocumentReminders>> {
    let mut tx = ctx.read().await?;
    documents::get_document(&mut tx, id).await?;
    let view = reminders_of(&ctx, &mut tx, id).await?;
    Ok(Json(view))
}

/// Sends the next step of an overdue invoice now, whether or not its entity reminds by itself. It is `sent` once a mail server
/// took it.
#[utoipa::path(post, path = "/api/documents/{id}/reminders", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 201, body = ReminderView)))]
async fn remind_now(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<(StatusCode, Json<ReminderView>)> {
    let mut tx = ctx.begin().await?;
    let reminder = ops::remind_now(&mut tx, id).await?;
    let row = store::get_reminder(&mut tx, reminder).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ReminderView::of(&ctx, row))))
}

/// Suspends the reminders of an invoice that its customer contests; it is told as `disputed` from now on. What is planned waits.
#[utoipa::path(post, path = "/api/documents/{id}/reminders/suspension", tag = "billing", params(("id" = DocumentId, Path)), request_body = ReminderReason, responses((status = 200, body = DocumentReminders)))]
async fn suspend_reminders(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<ReminderReason>,
) -> Result<Json<DocumentReminders>> {
    let mut tx = ctx.begin().await?;
    ops::suspend(&mut tx, id, &command.reason).await?;
    let view = reminders_of(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Lets the reminders of an invoice go on: what is due is sent on the next working day.
#[utoipa::path(delete, path = "/api/documents/{id}/reminders/suspension", tag = "billing", params(("id" = DocumentId, Path)), responses((status = 204)))]
async fn resume_reminders(ctx: Ctx, Path(id): Path<DocumentId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::resume(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When each entity reminds by itself.
#[utoipa::path(get, path = "/api/settings/reminders", tag = "settings", responses((status = 200, body = Versioned<ReminderSettings>)))]
async fn get_reminder_settings(ctx: Ctx) -> Result<Json<Versioned<ReminderSettings>>> {
    Ok(Json(ctx.read().await?.versioned_setting().await?))
}

/// When each entity is to remind by itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReminders {
    /// By entity code; entities left out remind nobody by themselves.
    pub per_entity: BTreeMap<String, ReminderPolicy>,
    /// The version that was read, to change nothing unseen.
    pub version: Option<i64>,
}

/// Sets when each entity reminds by itself. Off unless switched on; the first run after that begins with the first step of
/// everything late.
#[utoipa::path(put, path = "/api/settings/reminders", tag = "settings", request_body = PutReminders, responses((status = 200, body = Versioned<ReminderSettings>)))]
async fn put_reminder_settings(
    ctx: Ctx,
    Json(command): Json<PutReminders>,
) -> Result<Json<Versioned<ReminderSettings>>> {
    expect_entities(&ctx, command.per_entity.keys())?;
    for (code, policy) in &command.per_entity {
        if let Some((field, why)) = policy.refusal() {
            return Err(Error::invalid(format!("per_entity.{code}.{field}"), why));
        }
    }
    let mut tx = ctx.begin().await?;
    let stored = tx.put_setting(&ReminderSettings { per_entity: command.per_entity }, command.version).await?;
    tx.commit().await?;
    Ok(Json(stored))
}
