//! Routes of payments and of the credit that customers have.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Currency, Date, DocumentId, Page, PartyId, PaymentId, Timestamp};
use platform::event::{StoredEvent, list_events_about};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, limit};
use platform::{Ctx, Error, Permission, Result, Tx, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::claim::Source;
use super::file;
use super::model::{PaymentDirection, PaymentSource, PaymentStatus};
use super::ops::{self, Receipt, Refund};
use super::store::{self, Of, PaymentFilter, PaymentRow};
use crate::documents::model::PayMethod;
use crate::documents::view::SettlementView;
use crate::house;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_payments), view())
        .route(routes!(export_payments), Guard::permit(Permission::LeadsExport))
        .route(routes!(record_payment), manage())
        .route(routes!(get_payment), view())
        .route(routes!(list_payment_activity), view())
        .route(routes!(allocate_payment), manage())
        .route(routes!(refund_payment), manage())
        .route(routes!(bounce_payment), manage())
        .route(routes!(allocate_credit_note), manage())
        .route(routes!(refund_credit_note), manage())
}

/// A payment as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentView {
    /// The payment.
    id: PaymentId,
    /// Its entity, by code.
    entity: String,
    /// Who paid, or was paid.
    party_id: PartyId,
    /// Its name.
    party_name: String,
    /// Which way the money went.
    direction: PaymentDirection,
    /// How.
    method: PayMethod,
    /// Where it stands.
    status: PaymentStatus,
    /// How much.
    amount: Decimal,
    /// Of what.
    currency: Currency,
    /// The day.
    received_on: Date,
    /// What the payer wrote.
    reference: String,
    /// What the house notes.
    note: String,
    /// How it became known.
    source: PaymentSource,
    /// What it is given back of.
    refund_of: Option<PaymentId>,
    /// What settles documents.
    allocated: Decimal,
    /// What was given back.
    refunded: Decimal,
    /// What settles nothing yet: the party's credit.
    unallocated: Decimal,
    /// The day it was taken back.
    bounced_on: Option<Date>,
    /// Why.
    bounce_reason: String,
    /// When it was recorded.
    created_at: Timestamp,
    /// Who recorded it.
    created_by: String,
    /// What the caller may do with it now: `allocate`, `refund`, `bounce`.
    can: Vec<&'static str>,
}

impl PaymentView {
    fn of(ctx: &Ctx, row: PaymentRow) -> Self {
        let unallocated = row.unallocated();
        let is_live = row.status == PaymentStatus::Completed;
        let has_credit = !unallocated.is_zero() && row.direction != PaymentDirection::Refund;
        let actions = [
            ("allocate", has_credit),
            ("refund", has_credit && row.direction == PaymentDirection::In),
            ("bounce", is_live && row.refunded.is_zero()),
        ];
        let may = ctx.may(Permission::BillingManage);
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            party_id: row.party_id,
            party_name: row.party_name,
            direction: row.direction,
            method: row.method,
            status: row.status,
            amount: row.amount,
            currency: row.currency,
            received_on: row.received_on,
            reference: row.reference,
            note: row.note,
            source: row.source,
            refund_of: row.refund_of,
            allocated: row.allocated,
            refunded: row.refunded,
            unallocated,
            bounced_on: row.bounced_on,
            bounce_reason: row.bounce_reason,
            created_at: row.created_at,
            created_by: row.created_by,
            can: actions.into_iter().filter(|(_, now)| *now && may).map(|(action, _)| action).collect(),
        }
    }
}

/// A payment with what it settles.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentDetail {
    /// What lists show of it.
    #[serde(flatten)]
    head: PaymentView,
    /// What it settles, and settled before.
    settlements: Vec<SettlementView>,
}

async fn detail(tx: &mut Tx, id: PaymentId) -> Result<PaymentDetail> {
    let ctx = tx.ctx().clone();
    let head = PaymentView::of(&ctx, store::get_payment(tx, id).await?);
    let settlements = store::list_settlements(tx, Of::Payment(id)).await?;
    Ok(PaymentDetail { head, settlements: settlements.into_iter().map(SettlementView::from).collect() })
}

/// Which payments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PaymentQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only of this customer or supplier.
    party: Option<PartyId>,
    /// Only this way.
    direction: Option<PaymentDirection>,
    /// Only where something settles nothing yet.
    unallocated: Option<bool>,
    /// Only received from this day on.
    from: Option<Date>,
    /// Only received until this day.
    to: Option<Date>,
    /// Only those that settle this document.
    document: Option<DocumentId>,
    /// Only those made like this.
    method: Option<PayMethod>,
    /// Only in this state.
    #[param(inline)]
    status: Option<PaymentStatus>,
    /// Only whose payer or reference has this text.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl PaymentQuery {
    fn filter(self) -> Result<PaymentFilter> {
        Ok(PaymentFilter {
            party: self.party,
            direction: self.direction,
            unallocated: self.unallocated.unwrap_or(false),
            from: self.from,
            to: self.to,
            document: self.document,
            method: self.method,
            status: self.status,
            search: self.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            before: self.cursor.as_deref().map(IdCursor::decode).transpose()?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "party": self.party, "direction": self.direction, "unallocated": self.unallocated,
            "from": self.from, "to": self.to, "document": self.document, "method": self.method, "status": self.status,
            "search": self.search })
    }
}

/// All payments of the list as a CSV file for spreadsheets, the last recorded first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/payments/export", tag = "billing", params(PaymentQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_payments(ctx: Ctx, Query(query): Query<PaymentQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, None, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_payments", Permission::BillingView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter()?, file::read).await
}

/// Lists payments, the last recorded first.
#[utoipa::path(get, path = "/api/payments", tag = "billing", params(PaymentQuery), responses((status = 200, body = Page<PaymentView>)))]
async fn list_payments(ctx: Ctx, Query(query): Query<PaymentQuery>) -> Result<Json<Page<PaymentView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let payments = store::list_payments(&mut tx, &filter, rows).await?;
    let page = IdCursor::cut(payments, rows, |row| row.id.uuid());
    Ok(Json(page.map(|row| PaymentView::of(&ctx, row))))
}

/// One payment with what it settles.
#[utoipa::path(get, path = "/api/payments/{id}", tag = "billing", params(("id" = PaymentId, Path)), responses((status = 200, body = PaymentDetail)))]
async fn get_payment(ctx: Ctx, Path(id): Path<PaymentId>) -> Result<Json<PaymentDetail>> {
    let mut tx = ctx.read().await?;
    Ok(Json(detail(&mut tx, id).await?))
}

/// Lists what happened to a payment and what is related to it, newest first.
#[utoipa::path(get, path = "/api/payments/{id}/activity", tag = "billing", params(("id" = PaymentId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_payment_activity(
    ctx: Ctx,
    Path(id): Path<PaymentId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    store::get_payment(&mut tx, id).await?;
    let events = list_events_about(&mut tx, id.uuid(), before, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}

/// What of a payment settles a document.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteAllocation {
    /// The document.
    pub document_id: DocumentId,
    /// How much of it.
    pub amount: Decimal,
}

fn shares(allocations: &[WriteAllocation]) -> Vec<(DocumentId, Decimal)> {
    allocations.iter().map(|allocation| (allocation.document_id, allocation.amount)).collect()
}

/// A payment to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordPayment {
    /// The entity, by code; needed where several are in scope.
    pub entity: Option<String>,
    /// Who paid, or was paid.
    pub party_id: PartyId,
    /// `in` from a customer, `out` to a supplier; `in` unless told.
    pub direction: Option<PaymentDirection>,
    /// How.
    pub method: PayMethod,
    /// How much.
    pub amount: Decimal,
    /// Of what; euros unless told.
    pub currency: Option<Currency>,
    /// The day; today unless told.
    pub received_on: Option<Date>,
    /// What the payer wrote.
    #[serde(default)]
    pub reference: String,
    /// What the house notes.
    #[serde(default)]
    pub note: String,
    /// What of it settles which document; the rest becomes the party's credit.
    #[serde(default)]
    pub allocations: Vec<WriteAllocation>,
}

/// Records a payment, and what it settles.
#[utoipa::path(post, path = "/api/payments", tag = "billing", request_body = RecordPayment, responses((status = 201, body = PaymentDetail)))]
async fn record_payment(ctx: Ctx, Json(command): Json<RecordPayment>) -> Result<(StatusCode, Json<PaymentDetail>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    for (field, text) in [("reference", &command.reference), ("note", &command.note)] {
        if text.chars().count() > 500 {
            return Err(Error::invalid(field, "must be 500 characters at most"));
        }
    }
    let mut tx = ctx.begin().await?;
    let house = house::open(&mut tx, entity).await?;
    let receipt = Receipt {
        entity,
        party: command.party_id,
        direction: command.direction.unwrap_or(PaymentDirection::In),
        method: command.method,
        amount: command.amount,
        currency: command.currency.unwrap_or(house.book.functional),
        on: command.received_on.unwrap_or(house.today),
        reference: command.reference.trim().to_owned(),
        note: command.note,
        source: PaymentSource::Manual,
        external_id: None,
        account: None,
        shares: shares(&command.allocations),
    };
    let id = ops::record(&mut tx, receipt).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// What a credit settles.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCredit {
    /// What it settles.
    pub allocations: Vec<WriteAllocation>,
    /// The day; today unless told.
    pub on: Option<Date>,
}

impl UseCredit {
    fn checked(&self) -> Result<Vec<(DocumentId, Decimal)>> {
        if self.allocations.is_empty() {
            return Err(Error::invalid("allocations", "must name a document"));
        }
        Ok(shares(&self.allocations))
    }
}

/// Settles more documents with what is left of a payment.
#[utoipa::path(post, path = "/api/payments/{id}/allocations", tag = "billing", params(("id" = PaymentId, Path)), request_body = UseCredit, responses((status = 200, body = PaymentDetail)))]
async fn allocate_payment(
    ctx: Ctx,
    Path(id): Path<PaymentId>,
    Json(command): Json<UseCredit>,
) -> Result<Json<PaymentDetail>> {
    let shares = command.checked()?;
    let mut tx = ctx.begin().await?;
    let payment = store::get_payment(&mut tx, id).await?;
    let today = house::open(&mut tx, payment.entity_id).await?.today;
    ops::allocate(&mut tx, id, &shares, command.on.unwrap_or(today)).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// What is given back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundCredit {
    /// How much; all that is left unless told.
    pub amount: Option<Decimal>,
    /// How.
    pub method: PayMethod,
    /// The day; today unless told.
    pub on: Option<Date>,
    /// What is written on it.
    #[serde(default)]
    pub reference: String,
}

/// Gives back what is left of a payment, or a part of it.
#[utoipa::path(post, path = "/api/payments/{id}/refunds", tag = "billing", params(("id" = PaymentId, Path)), request_body = RefundCredit, responses((status = 201, body = PaymentDetail)))]
async fn refund_payment(
    ctx: Ctx,
    Path(id): Path<PaymentId>,
    Json(command): Json<RefundCredit>,
) -> Result<(StatusCode, Json<PaymentDetail>)> {
    let mut tx = ctx.begin().await?;
    let payment = store::get_payment(&mut tx, id).await?;
    let refund = Refund {
        of: Source::Payment(id),
        amount: command.amount.unwrap_or_else(|| payment.unallocated()),
        method: command.method,
        on: command.on.unwrap_or(house::open(&mut tx, payment.entity_id).await?.today),
        reference: command.reference,
        movement: None,
    };
    let id = ops::refund(&mut tx, refund).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Why a payment is taken back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BouncePayment {
    /// Why: the bank's reason, or that it was recorded by mistake.
    pub reason: String,
    /// The day; today unless told.
    pub on: Option<Date>,
}

/// Takes a payment back: it bounced, or was recorded by mistake. What it settled is open again.
#[utoipa::path(post, path = "/api/payments/{id}/bounce", tag = "billing", params(("id" = PaymentId, Path)), request_body = BouncePayment, responses((status = 200, body = PaymentDetail)))]
async fn bounce_payment(
    ctx: Ctx,
    Path(id): Path<PaymentId>,
    Json(command): Json<BouncePayment>,
) -> Result<Json<PaymentDetail>> {
    let mut tx = ctx.begin().await?;
    let payment = store::get_payment(&mut tx, id).await?;
    let today = house::open(&mut tx, payment.entity_id).await?.today;
    ops::bounce(&mut tx, id, command.on.unwrap_or(today), &command.reason).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Settles other documents with what is left of a credit note.
#[utoipa::path(post, path = "/api/documents/{id}/allocations", tag = "billing", params(("id" = DocumentId, Path)), request_body = UseCredit, responses((status = 204)))]
async fn allocate_credit_note(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<UseCredit>,
) -> Result<StatusCode> {
    let shares = command.checked()?;
    let mut tx = ctx.begin().await?;
    let note = crate::documents::store::get_document(&mut tx, id).await?;
    let today = house::open(&mut tx, note.entity_id).await?.today;
    ops::allocate_credit_note(&mut tx, id, &shares, command.on.unwrap_or(today)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives back what is left of a credit note, or a part of it.
#[utoipa::path(post, path = "/api/documents/{id}/refunds", tag = "billing", params(("id" = DocumentId, Path)), request_body = RefundCredit, responses((status = 201, body = PaymentDetail)))]
async fn refund_credit_note(
    ctx: Ctx,
    Path(id): Path<DocumentId>,
    Json(command): Json<RefundCredit>,
) -> Result<(StatusCode, Json<PaymentDetail>)> {
    let mut tx = ctx.begin().await?;
    let note = crate::documents::store::get_document(&mut tx, id).await?;
    let refund = Refund {
        of: Source::CreditNote(id),
        amount: command.amount.unwrap_or_else(|| note.settled().balance()),
        method: command.method,
        on: command.on.unwrap_or(house::open(&mut tx, note.entity_id).await?.today),
        reference: command.reference,
        movement: None,
    };
    let id = ops::refund(&mut tx, refund).await?;
    let view = detail(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}
