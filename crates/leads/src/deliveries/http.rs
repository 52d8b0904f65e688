//! `/api/deliveries`.

use axum::response::Response;
use kernel::{BuyerId, DeliveryId, Email, LeadId, OrderId, Page, Week};
use platform::event::Event;
use platform::http::{Api, FileKind, Guard, Json, Path, Query, WeekQuery, cursor, limit, own_file};
use platform::{Ctx, Error, Permission, Result, export};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::routes;

use super::batch::{self, BatchCommand, BatchReport};
use super::file;
use super::list::{self, DeliveryCounts, DeliveryFilter, DeliveryRow};
use super::model::{DeliveryOutcome, DeliveryStatus};
use super::ops::{self, Done};
use super::send::{self, Kind};
use crate::bulk::{BulkAnswer, NO_REASON};
use crate::rules::duplicate::RemovalReason;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::DeliveriesView);
    let reject = || Guard::permit(Permission::DeliveriesReject);
    api.route(routes!(list_deliveries), view())
        .route(routes!(export_deliveries), Guard::permit(Permission::LeadsExport))
        .route(routes!(get_delivery_stats), view())
        .route(routes!(get_delivery), view())
        .route(routes!(download), view())
        .route(routes!(send_delivery), Guard::permit(Permission::DeliveriesResend))
        .route(routes!(send_ready), Guard::permit(Permission::DeliveriesResend))
        .route(routes!(generate_csv), reject())
        .route(routes!(reset), Guard::permit(Permission::DeliveriesResend))
        .route(routes!(reject_lead), reject())
        .route(routes!(remove_lead), reject())
        .route(routes!(cancel), reject())
        .route(routes!(cancel_deliveries), reject())
        .route(routes!(reset_deliveries), Guard::permit(Permission::DeliveriesResend))
}

/// Which deliveries; all given conditions hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DeliveryQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only in this state.
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Only with this outcome.
    #[param(inline)]
    outcome: Option<DeliveryOutcome>,
    /// Only to this buyer.
    buyer: Option<BuyerId>,
    /// Only under this order.
    order: Option<OrderId>,
    /// Only of this lead.
    lead: Option<LeadId>,
    /// Only of this product.
    product: Option<String>,
    /// Only of this ISO week, in the tenant's zone: sent in it, or routed in it and not sent.
    week: Option<Week>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl DeliveryQuery {
    /// The conditions, within what `ctx` has in scope.
    fn filter(self, ctx: &Ctx) -> Result<DeliveryFilter> {
        Ok(DeliveryFilter {
            entities: ctx.counted_entities(),
            status: self.status,
            outcome: self.outcome,
            buyer: self.buyer,
            order: self.order,
            lead: self.lead,
            product: self.product,
            bounds: self.week.map(|week| week.bounds(&ctx.tenant().zone)),
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "status": self.status, "outcome": self.outcome, "buyer": self.buyer, "order": self.order,
            "lead": self.lead, "product": self.product, "week": self.week })
    }
}

/// Lists deliveries, newest first.
#[utoipa::path(get, path = "/api/deliveries", tag = "deliveries", params(DeliveryQuery), responses((status = 200, body = Page<DeliveryRow>)))]
async fn list_deliveries(ctx: Ctx, Query(query): Query<DeliveryQuery>) -> Result<Json<Page<DeliveryRow>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let filter = query.filter(&ctx)?;
    let mut tx = ctx.read().await?;
    let found = list::list_deliveries(&mut tx, &filter, rows).await?;
    Ok(Json(Page::cut(found, rows, |row| (row.created_at, row.id.uuid()))))
}

/// All deliveries of the list as a CSV file for spreadsheets, newest first, as they are when their part is read. Takes the
/// list's conditions, and no page.
#[utoipa::path(get, path = "/api/deliveries/export", tag = "deliveries", params(DeliveryQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_deliveries(ctx: Ctx, Query(query): Query<DeliveryQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_deliveries", Permission::DeliveriesView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter(&ctx)?, file::read).await
}

/// The deliveries of a week.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DeliveryStats {
    /// The week.
    week: Week,
    /// What they came to.
    #[serde(flatten)]
    counts: DeliveryCounts,
}

/// Counts the deliveries of a week: those sent in it, and of the others those routed in it.
#[utoipa::path(get, path = "/api/deliveries/stats", tag = "deliveries", params(WeekQuery), responses((status = 200, body = DeliveryStats)))]
async fn get_delivery_stats(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<DeliveryStats>> {
    let (ctx, week) = query.within(&ctx)?;
    let mut tx = ctx.read().await?;
    let counts = list::count_deliveries(&mut tx, week.bounds(&ctx.tenant().zone)).await?;
    Ok(Json(DeliveryStats { week, counts }))
}

/// Sends everything that is prepared, one file a buyer and order, on entities that deliver today.
#[utoipa::path(post, path = "/api/deliveries/batch/send-ready", tag = "deliveries", request_body = BatchCommand, responses((status = 200, body = BatchReport)))]
async fn send_ready(ctx: Ctx, Json(command): Json<BatchCommand>) -> Result<Json<BatchReport>> {
    let mut tx = ctx.within(command.entity.as_deref())?.begin().await?;
    let report = batch::send_ready(&mut tx, &command).await?;
    tx.commit().await?;
    Ok(Json(report))
}

/// Prepares the files of everything pending, one a buyer and order, for a person to send.
#[utoipa::path(post, path = "/api/deliveries/batch/generate-csv", tag = "deliveries", request_body = BatchCommand, responses((status = 200, body = BatchReport)))]
async fn generate_csv(ctx: Ctx, Json(command): Json<BatchCommand>) -> Result<Json<BatchReport>> {
    let mut tx = ctx.within(command.entity.as_deref())?.begin().await?;
    let report = batch::prepare_pending(&mut tx, &command).await?;
    tx.commit().await?;
    Ok(Json(report))
}

/// Lets a failed delivery wait for the next daily run again.
#[utoipa::path(post, path = "/api/deliveries/{id}/reset", tag = "deliveries", params(("id" = DeliveryId, Path)), responses((status = 200, body = DeliveryRow)))]
async fn reset(ctx: Ctx, Path(id): Path<DeliveryId>) -> Result<Json<DeliveryRow>> {
    let mut tx = ctx.begin().await?;
    ops::reset(&mut tx, id).await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(delivery))
}

/// One delivery.
#[utoipa::path(get, path = "/api/deliveries/{id}", tag = "deliveries", params(("id" = DeliveryId, Path)), responses((status = 200, body = DeliveryRow)))]
async fn get_delivery(ctx: Ctx, Path(id): Path<DeliveryId>) -> Result<Json<DeliveryRow>> {
    let mut tx = ctx.read().await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    Ok(Json(delivery))
}

/// The file a delivery was sent or prepared in.
#[utoipa::path(get, path = "/api/deliveries/{id}/download", tag = "deliveries", params(("id" = DeliveryId, Path)), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn download(ctx: Ctx, Path(id): Path<DeliveryId>) -> Result<Response> {
    let mut tx = ctx.begin().await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    let (name, csv) = list::find_file(&mut tx, id).await?.ok_or_else(|| Error::not_found("file"))?;
    tx.emit(Event::new("csv_downloaded", "delivery", id).entity(delivery.entity_id));
    tx.commit().await?;
    Ok(own_file(&name, FileKind::Csv, csv))
}

/// How to send.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SendDelivery {
    /// Another address; nothing counts as sent. Needs deliveries.reject.
    override_email: Option<Email>,
    /// Whether a delivery that was sent is sent again.
    #[serde(default)]
    force: bool,
}

/// Sends a delivery: for the first time, again after a failure, or, with `force`, once more. It is on its way when this
/// answers.
#[utoipa::path(post, path = "/api/deliveries/{id}/send", tag = "deliveries", params(("id" = DeliveryId, Path)), request_body = SendDelivery, responses((status = 200, body = DeliveryRow)))]
async fn send_delivery(
    ctx: Ctx,
    Path(id): Path<DeliveryId>,
    Json(command): Json<SendDelivery>,
) -> Result<Json<DeliveryRow>> {
    let mut tx = ctx.begin().await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    let kind = match command.override_email {
        Some(address) => {
            ctx.require(Permission::DeliveriesReject)?;
            Kind::Override(address)
        }
        None if command.force && delivery.status == DeliveryStatus::Sent => Kind::Resend,
        None => Kind::Send,
    };
    let claimed = send::claim(&mut tx, &[id], &kind).await?;
    if claimed.deferred {
        return Err(Error::refused(
            "mail_server_down",
            "The mail server failed too often; it is left alone for some minutes.",
        ));
    }
    let delivery = list::get_delivery(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(delivery))
}

/// Why a lead is returned.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectLead {
    /// The buyer's words.
    reason: String,
}

/// What became of a return.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Returned {
    /// The delivery.
    delivery: DeliveryRow,
    /// It had been rejected before.
    already_rejected: bool,
    /// It had been removed before.
    already_removed: bool,
}

/// The buyer refuses a lead: it no longer counts, returns into circulation, and is never offered to him again.
#[utoipa::path(post, path = "/api/deliveries/{id}/reject-leads", tag = "deliveries", params(("id" = DeliveryId, Path)), request_body = RejectLead, responses((status = 200, body = Returned)))]
async fn reject_lead(ctx: Ctx, Path(id): Path<DeliveryId>, Json(command): Json<RejectLead>) -> Result<Json<Returned>> {
    let mut tx = ctx.begin().await?;
    let done = ops::reject(&mut tx, id, &command.reason).await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(Returned { delivery, already_rejected: done == Done::Before, already_removed: false }))
}

/// Why we withdraw a lead.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RemoveLead {
    /// The reason.
    #[serde(default)]
    reason: RemovalReason,
    /// More about it.
    #[serde(default)]
    reason_detail: String,
}

/// We withdraw a lead: it no longer counts and returns into circulation.
#[utoipa::path(post, path = "/api/deliveries/{id}/remove-lead", tag = "deliveries", params(("id" = DeliveryId, Path)), request_body = RemoveLead, responses((status = 200, body = Returned)))]
async fn remove_lead(ctx: Ctx, Path(id): Path<DeliveryId>, Json(command): Json<RemoveLead>) -> Result<Json<Returned>> {
    let mut tx = ctx.begin().await?;
    let done = ops::remove(&mut tx, id, command.reason, &command.reason_detail).await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(Returned { delivery, already_rejected: false, already_removed: done == Done::Before }))
}

/// Gives a delivery up before it is sent: its place in the quota is free again, its lead returns into circulation.
#[utoipa::path(post, path = "/api/deliveries/{id}/cancel", tag = "deliveries", params(("id" = DeliveryId, Path)), request_body = RejectLead, responses((status = 200, body = DeliveryRow)))]
async fn cancel(ctx: Ctx, Path(id): Path<DeliveryId>, Json(command): Json<RejectLead>) -> Result<Json<DeliveryRow>> {
    let mut tx = ctx.begin().await?;
    ops::cancel(&mut tx, id, &command.reason).await?;
    let delivery = list::get_delivery(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(delivery))
}

/// Deliveries to be given up.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelDeliveries {
    /// The deliveries, 1 to 200.
    ids: Vec<DeliveryId>,
    /// Why; `batch` unless told.
    reason: Option<String>,
}

/// Gives many deliveries up before they are sent, each as if alone: what cannot be done to one stops none of the others.
#[utoipa::path(post, path = "/api/deliveries/batch/cancel", tag = "deliveries", request_body = CancelDeliveries, responses((status = 200, body = BulkAnswer<DeliveryId>)))]
async fn cancel_deliveries(ctx: Ctx, Json(command): Json<CancelDeliveries>) -> Result<Json<BulkAnswer<DeliveryId>>> {
    let reason = command.reason.as_deref().unwrap_or(NO_REASON);
    let mut tx = ctx.begin().await?;
    let answer = ops::cancel_many(&mut tx, &command.ids, reason).await?;
    tx.commit().await?;
    Ok(Json(answer))
}

/// Deliveries to be tried again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetDeliveries {
    /// The deliveries, 1 to 200.
    ids: Vec<DeliveryId>,
}

/// Lets many failed deliveries wait for the next daily run again, each as if alone: what cannot be done to one stops none of the
/// others.
#[utoipa::path(post, path = "/api/deliveries/batch/reset", tag = "deliveries", request_body = ResetDeliveries, responses((status = 200, body = BulkAnswer<DeliveryId>)))]
async fn reset_deliveries(ctx: Ctx, Json(command): Json<ResetDeliveries>) -> Result<Json<BulkAnswer<DeliveryId>>> {
    let mut tx = ctx.begin().await?;
    let answer = ops::reset_many(&mut tx, &command.ids).await?;
    tx.commit().await?;
    Ok(Json(answer))
}
