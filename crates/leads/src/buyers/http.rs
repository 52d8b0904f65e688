//! Routes of buyers.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{BuyerId, NoteId, Page, PartyId, Timestamp};
use parties::{Note, PartyIdentity};
use platform::event::{StoredEvent, list_events_about};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, Tagged, cursor, limit};
use platform::secret::PlainSecret;
use platform::{Ctx, Permission, Result, Tx, export};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::crm::{Crm, UpdateCrm};
use super::model::{CreateBuyer, UpdateBuyer};
use super::ops::{self, Removal};
use super::store::{self, BuyerFilter, BuyerRow};
use super::{figures, file};
use crate::rules::deliverability::{EmailDenylist, UndeliverableReason};
use crate::scope;
use crate::settings::model::EmailPolicy;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::ClientsView);
    let edit = || Guard::permit(Permission::ClientsEdit);
    api.route(routes!(list_buyers), view())
        .route(routes!(export_buyers), Guard::permit(Permission::LeadsExport))
        .route(routes!(create_buyer), Guard::permit(Permission::ClientsCreate))
        .route(routes!(get_buyer), view())
        .route(routes!(update_buyer), edit())
        .route(routes!(delete_buyer), Guard::permit(Permission::ClientsDelete))
        .route(routes!(update_crm), edit())
        .route(routes!(put_api_key, delete_api_key), edit().confidential())
        .route(routes!(list_buyer_notes), view())
        .route(routes!(add_buyer_note), edit())
        .route(routes!(list_activity), view())
        .with(figures::http::routes)
}

/// A buyer as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct BuyerView {
    /// The buyer.
    id: BuyerId,
    /// Its customer code, which never changes: its auxiliary account in the books.
    code: String,
    /// The entity that sells to it, by code.
    entity: String,
    /// The company.
    name: String,
    /// Whom to ask for.
    contact_name: String,
    /// The main address.
    email: String,
    /// The phone.
    phone: String,
    /// Free text.
    notes: String,
    /// Where deliveries go instead of the main address.
    delivery_emails: Vec<String>,
    /// Where leads are posted to.
    api_endpoint: Option<String>,
    /// Whether a key of that interface is kept. The key itself is never answered.
    api_key_set: bool,
    /// Whether files leave by themselves.
    auto_send_enabled: bool,
    /// VAT in percent.
    vat_rate: Decimal,
    /// Days it may take to pay.
    payment_terms_days: i32,
    #[serde(flatten)]
    identity: PartyIdentity,
    /// The fields that an invoice to it still needs.
    missing: Vec<&'static str>,
    /// Whether it buys now.
    active: bool,
    /// The relationship.
    crm: Crm,
    /// Whether any of its channels is well-formed, denylisted or not.
    has_valid_channel: bool,
    /// Whether it can be delivered to.
    deliverable: bool,
    /// Why not.
    deliverable_reason: Option<UndeliverableReason>,
    /// Units sent and not returned, ever.
    total_leads_received: i64,
    /// Units sent in the current week and not returned.
    leads_this_week: i64,
    /// When it was archived.
    archived_at: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `edit`, `add_note`, `delete`, `create_order`.
    can: Vec<&'static str>,
}

impl BuyerView {
    fn of(ctx: &Ctx, row: BuyerRow, denylist: &EmailDenylist) -> Self {
        let reach = row.buyer.deliverability(denylist);
        let buyer = row.buyer;
        let is_living = buyer.archived_at.is_none();
        let actions = [
            ("edit", is_living, Permission::ClientsEdit),
            ("add_note", true, Permission::ClientsEdit),
            ("delete", is_living, Permission::ClientsDelete),
            ("create_order", is_living && buyer.active, Permission::CommandesCreate),
        ];
        let can = actions.into_iter().filter(|(_, now, permission)| *now && ctx.may(*permission));
        Self {
            missing: buyer.identity.missing(false, !buyer.vat_rate.is_zero()),
            id: buyer.id,
            code: buyer.code,
            entity: ctx.entity_code(buyer.entity_id).to_owned(),
            name: buyer.name,
            contact_name: buyer.contact_name,
            email: buyer.email,
            phone: buyer.phone,
            notes: buyer.notes,
            delivery_emails: buyer.delivery_emails,
            api_endpoint: buyer.api_endpoint,
            api_key_set: buyer.api_key_set,
            auto_send_enabled: buyer.auto_send_enabled,
            vat_rate: buyer.vat_rate.normalize(),
            payment_terms_days: buyer.payment_terms_days,
            identity: buyer.identity,
            active: buyer.active,
            crm: buyer.crm,
            has_valid_channel: reach.reason != Some(UndeliverableReason::NoValidChannel),
            deliverable: reach.deliverable,
            deliverable_reason: reach.reason,
            total_leads_received: row.total_received,
            leads_this_week: row.week_received,
            archived_at: buyer.archived_at,
            created_at: buyer.created_at,
            updated_at: buyer.updated_at,
            can: can.map(|(action, ..)| action).collect(),
        }
    }
}

/// Which buyers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BuyerQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only those that buy now, or do not.
    active: Option<bool>,
    /// Literal text in name, contact or e-mail.
    search: Option<String>,
    /// Archived ones too.
    archived: Option<bool>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl BuyerQuery {
    fn filter(self) -> Result<BuyerFilter> {
        Ok(BuyerFilter {
            active: self.active,
            search: self.search,
            archived: self.archived.unwrap_or(false),
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "active": self.active, "archived": self.archived, "searched": self.search.is_some() })
    }
}

/// Lists buyers, newest first. Who sees several entities names one, or `ALL`.
#[utoipa::path(get, path = "/api/clients", tag = "clients", params(BuyerQuery), responses((status = 200, body = Page<BuyerView>)))]
async fn list_buyers(ctx: Ctx, Query(query): Query<BuyerQuery>) -> Result<Json<Page<BuyerView>>> {
    let ctx = scope::listed(&ctx, query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let buyers = store::list_buyers(&mut tx, &filter, &scope::mondays(&ctx, None), rows).await?;
    let denylist = tx.setting::<EmailPolicy>().await?.denylist;
    let page = Page::cut(buyers, rows, |row| (row.buyer.created_at, row.buyer.id.uuid()));
    Ok(Json(page.map(|row| BuyerView::of(&ctx, row, &denylist))))
}

/// All buyers of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/clients/export", tag = "clients", params(BuyerQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_buyers(ctx: Ctx, Query(query): Query<BuyerQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = scope::listed(&ctx, query.entity.as_deref())?;
    export::record(&ctx, "export_clients", Permission::ClientsView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter()?, file::read).await
}

/// One buyer.
#[utoipa::path(get, path = "/api/clients/{id}", tag = "clients", params(("id" = BuyerId, Path)), responses((status = 200, body = BuyerView)))]
async fn get_buyer(ctx: Ctx, Path(id): Path<BuyerId>) -> Result<Tagged<BuyerView>> {
    let mut tx = ctx.read().await?;
    let view = view(&ctx, &mut tx, id).await?;
    Ok(Tagged(view.updated_at, view))
}

/// Creates a buyer.
#[utoipa::path(post, path = "/api/clients", tag = "clients", request_body = CreateBuyer, responses((status = 201, body = BuyerView)))]
async fn create_buyer(ctx: Ctx, Json(command): Json<CreateBuyer>) -> Result<(StatusCode, Json<BuyerView>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let id = ops::create_buyer(&mut tx, entity, command).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Changes a buyer; what is left out stays. Its entity never changes.
#[utoipa::path(put, path = "/api/clients/{id}", tag = "clients", params(("id" = BuyerId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateBuyer, responses((status = 200, body = BuyerView)))]
async fn update_buyer(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<UpdateBuyer>,
) -> Result<Tagged<BuyerView>> {
    let mut tx = ctx.begin().await?;
    ops::update_buyer(&mut tx, id, command).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// Changes the CRM fields of a buyer; what is left out stays, `null` clears.
#[utoipa::path(put, path = "/api/clients/{id}/crm", tag = "clients", params(("id" = BuyerId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateCrm, responses((status = 200, body = BuyerView)))]
async fn update_crm(ctx: Ctx, Path(id): Path<BuyerId>, Json(command): Json<UpdateCrm>) -> Result<Tagged<BuyerView>> {
    let mut tx = ctx.begin().await?;
    ops::update_crm(&mut tx, id, command).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// The key of a buyer's interface.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutApiKey {
    /// The key: 1 to 4096 characters.
    api_key: PlainSecret,
}

/// Keeps the key of a buyer's interface in the place of the one before. It is sealed, and never answered.
#[utoipa::path(put, path = "/api/clients/{id}/api-key", tag = "clients", params(("id" = BuyerId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = PutApiKey, responses((status = 200, body = BuyerView)))]
async fn put_api_key(ctx: Ctx, Path(id): Path<BuyerId>, Json(command): Json<PutApiKey>) -> Result<Tagged<BuyerView>> {
    let mut tx = ctx.begin().await?;
    ops::put_api_key(&mut tx, id, &command.api_key).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// Forgets the key of a buyer's interface.
#[utoipa::path(delete, path = "/api/clients/{id}/api-key", tag = "clients", params(("id" = BuyerId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), responses((status = 200, body = BuyerView)))]
async fn delete_api_key(ctx: Ctx, Path(id): Path<BuyerId>) -> Result<Tagged<BuyerView>> {
    let mut tx = ctx.begin().await?;
    ops::delete_api_key(&mut tx, id).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// What became of a buyer that was to be deleted.
#[derive(Debug, Serialize, ToSchema)]
struct BuyerRemoved {
    /// Whether it is gone or archived.
    removal: Removal,
}

/// Deletes a buyer, or archives it when it ever had an order or bought units. Refused while it has active orders.
#[utoipa::path(delete, path = "/api/clients/{id}", tag = "clients", params(("id" = BuyerId, Path)), responses((status = 200, body = BuyerRemoved)))]
async fn delete_buyer(ctx: Ctx, Path(id): Path<BuyerId>) -> Result<Json<BuyerRemoved>> {
    let mut tx = ctx.begin().await?;
    let removal = ops::delete_buyer(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(BuyerRemoved { removal }))
}

/// Lists the notes on a buyer, newest first.
#[utoipa::path(get, path = "/api/clients/{id}/notes", tag = "clients", params(("id" = BuyerId, Path), PageQuery), responses((status = 200, body = Page<Note>)))]
async fn list_buyer_notes(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Note>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    store::get_buyer(&mut tx, id, &[]).await?;
    let party = PartyId::from_uuid(id.uuid());
    let notes = parties::notes::store::list_notes(&mut tx, party, before, rows).await?;
    Ok(Json(IdCursor::cut(notes, rows, |note| NoteId::uuid(note.id))))
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddBuyerNote {
    /// 1 to 10 000 characters.
    text: String,
}

/// Writes a note on a buyer. Notes never change.
#[utoipa::path(post, path = "/api/clients/{id}/notes", tag = "clients", params(("id" = BuyerId, Path)), request_body = AddBuyerNote, responses((status = 201, body = Note)))]
async fn add_buyer_note(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<AddBuyerNote>,
) -> Result<(StatusCode, Json<Note>)> {
    let mut tx = ctx.begin().await?;
    let note = ops::add_note(&mut tx, id, &command.text).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(note)))
}

/// Lists what happened to a buyer and what is related to it, newest first.
#[utoipa::path(get, path = "/api/clients/{id}/activity", tag = "clients", params(("id" = BuyerId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_activity(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    store::get_buyer(&mut tx, id, &[]).await?;
    let events = list_events_about(&mut tx, id.uuid(), before, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}

async fn view(ctx: &Ctx, tx: &mut Tx, id: BuyerId) -> Result<BuyerView> {
    let row = store::get_buyer(tx, id, &scope::mondays(ctx, None)).await?;
    let denylist = tx.setting::<EmailPolicy>().await?.denylist;
    Ok(BuyerView::of(ctx, row, &denylist))
}
