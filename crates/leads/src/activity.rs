//! What happened to a lead, a delivery, an order: for whoever may see the thing, not only for readers of the whole log.

use kernel::{DeliveryId, LeadId, OrderId, Page};
use platform::event::{StoredEvent, list_events_about};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query};
use platform::{Ctx, Permission, Result, Tx};
use utoipa_axum::routes;
use uuid::Uuid;

use crate::{deliveries, leads, orders};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_lead_activity), Guard::permit(Permission::LeadsView))
        .route(routes!(list_delivery_activity), Guard::permit(Permission::DeliveriesView))
        .route(routes!(list_order_activity), Guard::permit(Permission::CommandesView))
}

/// Lists what happened to a lead and its deliveries, newest first.
#[utoipa::path(get, path = "/api/leads/{id}/activity", tag = "leads", params(("id" = LeadId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_lead_activity(
    ctx: Ctx,
    Path(id): Path<LeadId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let mut tx = ctx.read().await?;
    leads::store::get_lead(&mut tx, id).await?;
    about(&mut tx, id.uuid(), &query).await
}

/// Lists what happened to a delivery, newest first.
#[utoipa::path(get, path = "/api/deliveries/{id}/activity", tag = "deliveries", params(("id" = DeliveryId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_delivery_activity(
    ctx: Ctx,
    Path(id): Path<DeliveryId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let mut tx = ctx.read().await?;
    deliveries::list::get_delivery(&mut tx, id).await?;
    about(&mut tx, id.uuid(), &query).await
}

/// Lists what happened to an order and its deliveries, newest first.
#[utoipa::path(get, path = "/api/commandes/{id}/activity", tag = "commandes", params(("id" = OrderId, Path), PageQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_order_activity(
    ctx: Ctx,
    Path(id): Path<OrderId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StoredEvent>>> {
    let mut tx = ctx.read().await?;
    orders::store::get_order(&mut tx, id, &[]).await?;
    about(&mut tx, id.uuid(), &query).await
}

async fn about(tx: &mut Tx, id: Uuid, query: &PageQuery) -> Result<Json<Page<StoredEvent>>> {
    let (rows, before) = query.by_id()?;
    let events = list_events_about(tx, id, before, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}
