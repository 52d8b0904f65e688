//! Routes of how orders fare.

use kernel::{BasisPoints, BuyerId, OrderId, Page, Week};
use platform::http::{Api, Guard, Json, PageQuery, Path, Query, WeekQuery};
use platform::{Ctx, Permission, Result};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, OrderDelivery};
use crate::orders::model::Used;
use crate::orders::store::{OrderRow, get_order, list_lb_orders};
use crate::rules::mix::{MixStatus, lb_needed};
use crate::rules::monitoring::rate_pct;
use crate::scope;

/// The weeks that an order's statistics cover.
const WEEKS: i32 = 4;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(get_order_stats), Guard::permit(Permission::CommandesView))
        .route(routes!(list_order_deliveries), Guard::permit(Permission::DeliveriesView))
        .route(routes!(monitor_lb), Guard::permit(Permission::MonitoringLbView))
}

/// What an order used of a week.
#[derive(Debug, Serialize, ToSchema)]
struct WeekView {
    /// The week.
    week: Week,
    /// Units routed in the week and not returned or cancelled.
    used: i32,
    /// Units sent in the week and not returned.
    delivered: i32,
    /// The aged ones among them.
    lb_delivered: i32,
    /// Units still wanted under today's quota; none = unlimited.
    quota_remaining: Option<i32>,
}

/// The current week of an order and the three before, newest first.
#[utoipa::path(get, path = "/api/commandes/{id}/stats", tag = "commandes", params(("id" = OrderId, Path)), responses((status = 200, body = Vec<WeekView>)))]
async fn get_order_stats(ctx: Ctx, Path(id): Path<OrderId>) -> Result<Json<Vec<WeekView>>> {
    let mut tx = ctx.read().await?;
    let order = get_order(&mut tx, id, &[]).await?;
    let zone = ctx.entity(order.entity_id).map_or(&ctx.tenant().zone, |entity| &entity.zone);
    let current = Week::at(ctx.now(), zone);
    let weeks: Vec<_> = (0..WEEKS).map(|back| Week::of(current.monday().plus_days(-7 * back))).collect();
    let oldest = current.monday().plus_days(-7 * (WEEKS - 1));
    let rows = store::list_weeks(&mut tx, id, oldest).await?;
    let view = |week: Week| {
        let row = rows.iter().find(|(monday, _)| *monday == week.monday());
        let used = row.map_or_else(Used::default, |(_, used)| *used);
        WeekView {
            week,
            used: used.used,
            delivered: used.accepted,
            lb_delivered: used.lb_accepted,
            quota_remaining: used.remaining(order.quota),
        }
    };
    Ok(Json(weeks.into_iter().map(view).collect()))
}

/// Lists the deliveries under an order, newest first.
#[utoipa::path(get, path = "/api/commandes/{id}/deliveries", tag = "commandes", params(("id" = OrderId, Path), PageQuery), responses((status = 200, body = Page<OrderDelivery>)))]
async fn list_order_deliveries(
    ctx: Ctx,
    Path(id): Path<OrderId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<OrderDelivery>>> {
    let (rows, after) = query.by_time()?;
    let mut tx = ctx.read().await?;
    get_order(&mut tx, id, &[]).await?;
    let deliveries = store::list_order_deliveries(&mut tx, id, after, rows).await?;
    Ok(Json(Page::cut(deliveries, rows, |delivery| (delivery.created_at, delivery.id.uuid()))))
}

/// Where an order's mix stands against its target.
#[derive(Debug, Serialize, ToSchema)]
struct MixView {
    /// The order.
    order_id: OrderId,
    /// Its entity, by code.
    entity: String,
    /// Its buyer.
    buyer_id: BuyerId,
    /// The buyer's name.
    buyer_name: String,
    /// The product.
    product: String,
    /// The wanted share of aged leads.
    lb_target_pct: BasisPoints,
    /// Units sent in the week and not returned.
    delivered: i32,
    /// The aged ones among them.
    lb_delivered: i32,
    /// Their share in percent.
    actual_pct: Decimal,
    /// Aged leads that the next unit lacks to reach the target; an aged one is due when above 0.
    lb_needed: i64,
    /// How the share compares with the target.
    status: MixStatus,
}

/// The aged-lead mix of every active order that wants aged leads or got some in the week, in routing order.
#[utoipa::path(get, path = "/api/commandes/lb-monitor", tag = "commandes", params(WeekQuery), responses((status = 200, body = Vec<MixView>)))]
async fn monitor_lb(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<Vec<MixView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let orders = list_lb_orders(&mut tx, &scope::mondays(&ctx, query.week)).await?;
    let view = |order: OrderRow| {
        let (delivered, lb) = order.usage.mix();
        MixView {
            order_id: order.id,
            entity: ctx.entity_code(order.entity_id).to_owned(),
            buyer_id: order.buyer_id,
            buyer_name: order.buyer_name,
            product: order.product,
            lb_target_pct: order.lb_target,
            delivered: order.usage.accepted,
            lb_delivered: order.usage.lb_accepted,
            actual_pct: rate_pct(u64::from(lb), u64::from(delivered)),
            lb_needed: lb_needed(order.lb_target, delivered, lb),
            status: MixStatus::for_mix(order.lb_target, delivered, lb),
        }
    };
    Ok(Json(orders.into_iter().map(view).collect()))
}
