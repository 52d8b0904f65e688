//! `/api/leads`.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::{BuyerId, LeadId, Page, Week};
use platform::http::{Api, Guard, Json, Path, Query, WeekQuery, cursor, limit};
use platform::{Ctx, Permission, Result, export, reading};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::LeadStatus;
use super::store::{self, DecisionRow, LeadDetail, LeadFilter, LeadRow, NoteRow};
use super::{file, ops};
use crate::bulk::{BulkAnswer, NO_REASON};
use crate::deliveries::list::{self, DeliveryFilter, DeliveryRow};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LeadsView);
    api.route(routes!(list_leads), view())
        .route(routes!(list_leads_too), view())
        .route(routes!(export_leads), Guard::permit(Permission::LeadsExport))
        .route(routes!(get_lead_stats), view())
        .route(routes!(get_lead), view())
        .route(routes!(edit_status), Guard::permit(Permission::LeadsEditStatus))
        .route(routes!(delete_lead), Guard::permit(Permission::LeadsDelete))
        .route(routes!(edit_statuses), Guard::permit(Permission::LeadsEditStatus))
        .route(routes!(delete_leads), Guard::permit(Permission::LeadsDelete))
        .route(routes!(list_lead_notes), view())
        .route(routes!(add_lead_note), Guard::permit(Permission::LeadsAddNote))
}

/// Which leads; all given conditions hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LeadQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only for this product.
    product: Option<String>,
    /// Only in this state.
    #[param(inline)]
    status: Option<LeadStatus>,
    /// Only from sources that contain this text.
    source: Option<String>,
    /// Only from this département.
    departement: Option<String>,
    /// Only with this buyer.
    buyer: Option<BuyerId>,
    /// The beginning of a phone, a name or an e-mail address, literally.
    search: Option<String>,
    /// Only of this ISO week, in the tenant's zone.
    week: Option<Week>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl LeadQuery {
    /// The conditions, within what `ctx` has in scope.
    fn filter(self, ctx: &Ctx) -> Result<LeadFilter> {
        Ok(LeadFilter {
            entities: ctx.counted_entities(),
            product: self.product,
            status: self.status,
            departement: self.departement,
            source: self.source,
            buyer: self.buyer,
            search: self.search,
            bounds: self.week.map(|week| week.bounds(&ctx.tenant().zone)),
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log. What was searched for may be a person: that it was is told, and not what.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "product": self.product, "status": self.status, "departement": self.departement,
            "source": self.source, "buyer": self.buyer, "week": self.week, "searched": self.search.is_some() })
    }
}

/// Lists leads, newest first.
#[utoipa::path(get, path = "/api/leads", tag = "leads", params(LeadQuery), responses((status = 200, body = Page<LeadRow>)))]
async fn list_leads(ctx: Ctx, Query(query): Query<LeadQuery>) -> Result<Json<Page<LeadRow>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let filter = query.filter(&ctx)?;
    let mut tx = ctx.read().await?;
    let found = store::list_leads(&mut tx, &filter, rows).await?;
    Ok(Json(Page::cut(found, rows, |row| (row.created_at, row.id.uuid()))))
}

/// Lists leads, newest first; the same as `/api/leads`.
#[utoipa::path(get, path = "/api/leads/list", tag = "leads", params(LeadQuery), responses((status = 200, body = Page<LeadRow>)))]
async fn list_leads_too(ctx: Ctx, query: Query<LeadQuery>) -> Result<Json<Page<LeadRow>>> {
    list_leads(ctx, query).await
}

/// All leads of the list as a CSV file for spreadsheets, newest first, as they are when their part is read. Takes the list's
/// conditions, and no page.
#[utoipa::path(get, path = "/api/leads/export", tag = "leads", params(LeadQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_leads(ctx: Ctx, Query(query): Query<LeadQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_leads", Permission::LeadsView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter(&ctx)?, file::read).await
}

/// The leads of a week by state.
#[derive(Debug, Serialize, ToSchema)]
struct LeadStats {
    /// The week.
    week: Week,
    /// All of them.
    total: i64,
    /// How many stand where; every state has its key.
    by_status: BTreeMap<&'static str, i64>,
}

/// Counts the leads that came in within a week by state.
#[utoipa::path(get, path = "/api/leads/stats", tag = "leads", params(WeekQuery), responses((status = 200, body = LeadStats)))]
async fn get_lead_stats(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<LeadStats>> {
    let (ctx, week) = query.within(&ctx)?;
    let (from, to) = week.bounds(&ctx.tenant().zone);
    let mut tx = ctx.read().await?;
    let counts = store::count_by_status(&mut tx, from, to).await?;
    let mut by_status: BTreeMap<_, _> = LeadStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect();
    by_status.extend(counts.iter().map(|(status, count)| (status.as_str(), *count)));
    Ok(Json(LeadStats { week, total: counts.iter().map(|(_, count)| count).sum(), by_status }))
}

/// A lead with its history.
#[derive(Debug, Serialize, ToSchema)]
struct LeadView {
    /// The lead.
    #[serde(flatten)]
    lead: LeadDetail,
    /// Its deliveries, newest first.
    deliveries: Vec<DeliveryRow>,
    /// The routing decisions about it, newest first.
    decisions: Vec<DecisionRow>,
    /// What people wrote, newest first.
    notes: Vec<NoteRow>,
    /// The states the caller may set it to now.
    may_become: Vec<LeadStatus>,
    /// What the caller may do with it now: `edit_status`, `add_note`, `delete`, `erase`.
    can: Vec<&'static str>,
}

/// One lead with its deliveries, decisions and notes. Who opens it is told in the event log, once an hour.
#[utoipa::path(get, path = "/api/leads/{id}", tag = "leads", params(("id" = LeadId, Path)), responses((status = 200, body = LeadView)))]
async fn get_lead(ctx: Ctx, Path(id): Path<LeadId>) -> Result<Json<LeadView>> {
    let mut tx = ctx.read().await?;
    let lead = store::get_lead(&mut tx, id).await?;
    let filter = DeliveryFilter { lead: Some(id), ..DeliveryFilter::default() };
    let deliveries = list::list_deliveries(&mut tx, &filter, kernel::Limit::default()).await?;
    let decisions = store::list_decisions(&mut tx, id).await?;
    let notes = store::list_notes(&mut tx, id).await?;
    let may_become = ops::choices(&lead);
    let is_deletable = !store::has_history(&mut tx, id).await?;
    let actions = [
        ("edit_status", !may_become.is_empty(), Permission::LeadsEditStatus),
        ("add_note", true, Permission::LeadsAddNote),
        ("delete", is_deletable, Permission::LeadsDelete),
        ("erase", lead.erased_at.is_none(), Permission::LeadsDelete),
    ];
    let can = actions.into_iter().filter(|(_, now, permission)| *now && ctx.may(*permission));
    let can = can.map(|(action, ..)| action).collect();
    drop(tx);
    reading::record(&ctx, "lead_opened", "lead", id.uuid(), lead.lead.entity_id).await?;
    Ok(Json(LeadView { lead, deliveries, decisions, notes, may_become, can }))
}

/// A status set by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EditStatus {
    /// `new`, `invalid`, `no_open_orders` or `hold_source`.
    status: LeadStatus,
    /// Why.
    reason: String,
}

/// Sets the status of a lead that no delivery holds.
#[utoipa::path(put, path = "/api/leads/{id}/status", tag = "leads", params(("id" = LeadId, Path)), request_body = EditStatus, responses((status = 200, body = LeadDetail)))]
async fn edit_status(ctx: Ctx, Path(id): Path<LeadId>, Json(command): Json<EditStatus>) -> Result<Json<LeadDetail>> {
    let mut tx = ctx.begin().await?;
    ops::edit_status(&mut tx, id, command.status, &command.reason).await?;
    let lead = store::get_lead(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(lead))
}

/// Deletes a lead that was never given to a buyer: a test, a mistake. What a buyer had stays on record; the personal
/// data of a person is erased with `POST /api/leads/erase`.
#[utoipa::path(delete, path = "/api/leads/{id}", tag = "leads", params(("id" = LeadId, Path)), responses((status = 204)))]
async fn delete_lead(ctx: Ctx, Path(id): Path<LeadId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A status set by hand on many leads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EditStatuses {
    /// The leads, 1 to 200.
    ids: Vec<LeadId>,
    /// `new`, `invalid`, `no_open_orders` or `hold_source`.
    status: LeadStatus,
    /// Why; `batch` unless told.
    reason: Option<String>,
}

/// Sets the status of many leads, each as if alone: what cannot be done to one stops none of the others.
#[utoipa::path(post, path = "/api/leads/batch/status", tag = "leads", request_body = EditStatuses, responses((status = 200, body = BulkAnswer<LeadId>)))]
async fn edit_statuses(ctx: Ctx, Json(command): Json<EditStatuses>) -> Result<Json<BulkAnswer<LeadId>>> {
    let reason = command.reason.as_deref().unwrap_or(NO_REASON);
    let mut tx = ctx.begin().await?;
    let answer = ops::edit_statuses(&mut tx, &command.ids, command.status, reason).await?;
    tx.commit().await?;
    Ok(Json(answer))
}

/// Leads to be deleted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeleteLeads {
    /// The leads, 1 to 200.
    ids: Vec<LeadId>,
}

/// Deletes many leads that were never given to a buyer, each as if alone: one that stays keeps none of the others.
#[utoipa::path(post, path = "/api/leads/batch/delete", tag = "leads", request_body = DeleteLeads, responses((status = 200, body = BulkAnswer<LeadId>)))]
async fn delete_leads(ctx: Ctx, Json(command): Json<DeleteLeads>) -> Result<Json<BulkAnswer<LeadId>>> {
    let mut tx = ctx.begin().await?;
    let answer = ops::delete_many(&mut tx, &command.ids).await?;
    tx.commit().await?;
    Ok(Json(answer))
}

/// Lists the notes on a lead, newest first.
#[utoipa::path(get, path = "/api/leads/{id}/notes", tag = "leads", params(("id" = LeadId, Path)), responses((status = 200, body = Vec<NoteRow>)))]
async fn list_lead_notes(ctx: Ctx, Path(id): Path<LeadId>) -> Result<Json<Vec<NoteRow>>> {
    let mut tx = ctx.read().await?;
    store::get_lead(&mut tx, id).await?;
    let notes = store::list_notes(&mut tx, id).await?;
    Ok(Json(notes))
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddLeadNote {
    /// Its text.
    text: String,
}

/// Writes a note on a lead.
#[utoipa::path(post, path = "/api/leads/{id}/notes", tag = "leads", params(("id" = LeadId, Path)), request_body = AddLeadNote, responses((status = 201, body = NoteRow)))]
async fn add_lead_note(
    ctx: Ctx,
    Path(id): Path<LeadId>,
    Json(command): Json<AddLeadNote>,
) -> Result<(StatusCode, Json<NoteRow>)> {
    let mut tx = ctx.begin().await?;
    let note = ops::add_note(&mut tx, id, &command.text).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(note)))
}
