//! Routes of orders.

use axum::http::StatusCode;
use axum::response::Response;
use catalog::Item;
use kernel::{BasisPoints, BuyerId, Date, OrderId, Page, Timestamp, Week};
use platform::http::{Api, Guard, Json, Path, Query, Tagged, cursor, limit};
use platform::{Ctx, Permission, Result, Tx, export};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{CreateOrder, UpdateOrder};
use super::store::{self, OrderFilter, OrderRow};
use super::{figures, file, ops};
use crate::buyers::ops::Removal;
use crate::rules::departement::{Departement, DepartementPolicy};
use crate::scope;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::CommandesView);
    api.route(routes!(list_orders), view())
        .route(routes!(export_orders), Guard::permit(Permission::LeadsExport))
        .route(routes!(create_order), Guard::permit(Permission::CommandesCreate))
        .route(routes!(list_departements), view())
        .route(routes!(list_order_products), view())
        .route(routes!(get_order), view())
        .route(routes!(update_order), view())
        .route(routes!(delete_order), Guard::permit(Permission::CommandesDelete))
        .route(routes!(toggle_order), Guard::permit(Permission::CommandesActivatePause))
        .with(figures::http::routes)
}

/// An order as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct OrderView {
    /// The order.
    id: OrderId,
    /// Its entity, by code.
    entity: String,
    /// Its buyer.
    buyer_id: BuyerId,
    /// The buyer's name.
    buyer_name: String,
    /// The product, by code.
    product: String,
    /// Codes of départements, or `*` alone.
    departements: Vec<String>,
    /// Units a week; 0 = uncapped.
    quota_semaine: i32,
    /// The wanted share of aged leads.
    lb_target_pct: BasisPoints,
    /// 1 is served first, 10 last.
    priorite: i32,
    /// Whether it goes on after its week.
    auto_renew: bool,
    /// Whether aged leads may replace suspicious ones whatever the target.
    replace_suspicious: bool,
    /// Whether it takes leads now.
    active: bool,
    /// The last day of one that does not renew itself.
    ends_on: Option<Date>,
    /// Free text.
    notes: String,
    /// The week that the figures below are of.
    week: Week,
    /// Units routed in the week and not returned or cancelled.
    used: i32,
    /// Units sent in the week and not returned.
    delivered: i32,
    /// The aged ones among them.
    lb_delivered: i32,
    /// Units still wanted; none = unlimited.
    quota_remaining: Option<i32>,
    /// When it was archived.
    archived_at: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `edit_quota`, `edit_lb_target`, `activate`, `pause`, `delete`.
    can: Vec<&'static str>,
}

impl OrderView {
    fn of(ctx: &Ctx, row: OrderRow, week: Option<Week>) -> Self {
        let zone = ctx.entity(row.entity_id).map_or(&ctx.tenant().zone, |entity| &entity.zone);
        let is_living = row.archived_at.is_none();
        let actions = [
            ("edit_quota", is_living, Permission::CommandesEditQuota),
            ("edit_lb_target", is_living, Permission::CommandesEditLbTarget),
            ("activate", is_living && !row.active, Permission::CommandesActivatePause),
            ("pause", row.active, Permission::CommandesActivatePause),
            ("delete", is_living, Permission::CommandesDelete),
        ];
        let can = actions.into_iter().filter(|(_, now, permission)| *now && ctx.may(*permission));
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            buyer_id: row.buyer_id,
            buyer_name: row.buyer_name,
            product: row.product,
            departements: row.departements,
            quota_semaine: row.quota,
            lb_target_pct: row.lb_target,
            priorite: row.priority,
            auto_renew: row.auto_renew,
            replace_suspicious: row.replace_suspicious,
            active: row.active,
            ends_on: row.ends_on,
            notes: row.notes,
            week: week.unwrap_or_else(|| Week::at(ctx.now(), zone)),
            used: row.usage.used,
            delivered: row.usage.accepted,
            lb_delivered: row.usage.lb_accepted,
            quota_remaining: row.usage.remaining(row.quota),
            archived_at: row.archived_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            can: can.map(|(action, ..)| action).collect(),
        }
    }
}

/// Which orders.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OrderQuery {
    /// The entity, by code; `ALL` for those in scope.
    entity: Option<String>,
    /// Only this buyer's.
    buyer: Option<BuyerId>,
    /// Only for this product, by code.
    product: Option<String>,
    /// Only those that take leads now, or do not.
    active: Option<bool>,
    /// Archived ones too.
    archived: Option<bool>,
    /// The ISO week of the figures; the current one unless told.
    week: Option<Week>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl OrderQuery {
    fn filter(self) -> Result<OrderFilter> {
        Ok(OrderFilter {
            buyer: self.buyer,
            product: self.product,
            active: self.active,
            archived: self.archived.unwrap_or(false),
            after: cursor(self.cursor.as_deref())?,
        })
    }

    /// The conditions for the event log.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "buyer": self.buyer, "product": self.product, "active": self.active,
            "archived": self.archived, "week": self.week })
    }
}

/// Lists orders, newest first, with what they used of a week. Who sees several entities names one, or `ALL`.
#[utoipa::path(get, path = "/api/commandes", tag = "commandes", params(OrderQuery), responses((status = 200, body = Page<OrderView>)))]
async fn list_orders(ctx: Ctx, Query(query): Query<OrderQuery>) -> Result<Json<Page<OrderView>>> {
    let ctx = scope::listed(&ctx, query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let week = query.week;
    let filter = query.filter()?;
    let mut tx = ctx.read().await?;
    let orders = store::list_orders(&mut tx, &filter, &scope::mondays(&ctx, week), rows).await?;
    let page = Page::cut(orders, rows, |row| (row.created_at, row.id.uuid()));
    Ok(Json(page.map(|row| OrderView::of(&ctx, row, week))))
}

/// All orders of the list as a CSV file for spreadsheets, newest first, with what they used of a week. Takes the list's
/// conditions, and no page.
#[utoipa::path(get, path = "/api/commandes/export", tag = "commandes", params(OrderQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_orders(ctx: Ctx, Query(query): Query<OrderQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = scope::listed(&ctx, query.entity.as_deref())?;
    export::record(&ctx, "export_commandes", Permission::CommandesView, asked, query.told()).await?;
    let week = query.week;
    export::answer(&ctx, &file::SHEET, query.filter()?, move |ctx, filter| file::read(ctx, filter, week)).await
}

/// One order, with what it used of the current week.
#[utoipa::path(get, path = "/api/commandes/{id}", tag = "commandes", params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
async fn get_order(ctx: Ctx, Path(id): Path<OrderId>) -> Result<Tagged<OrderView>> {
    let mut tx = ctx.read().await?;
    let view = view(&ctx, &mut tx, id).await?;
    Ok(Tagged(view.updated_at, view))
}

/// Creates an order. A buyer has at most one active order per product.
#[utoipa::path(post, path = "/api/commandes", tag = "commandes", request_body = CreateOrder, responses((status = 201, body = OrderView)))]
async fn create_order(ctx: Ctx, Json(command): Json<CreateOrder>) -> Result<(StatusCode, Json<OrderView>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let id = ops::create_order(&mut tx, entity, command).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Changes an order; what is left out stays.
///
/// Each field needs its own permission: the aged-lead target and replacement `commandes.edit_lb_target`, `active`
/// `commandes.activate_pause`, all others `commandes.edit_quota`.
#[utoipa::path(put, path = "/api/commandes/{id}", tag = "commandes", params(("id" = OrderId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateOrder, responses((status = 200, body = OrderView)))]
async fn update_order(
    ctx: Ctx,
    Path(id): Path<OrderId>,
    Json(command): Json<UpdateOrder>,
) -> Result<Tagged<OrderView>> {
    let mut tx = ctx.begin().await?;
    ops::update_order(&mut tx, id, command).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// Pauses an active order, activates a paused one.
#[utoipa::path(post, path = "/api/commandes/{id}/toggle", tag = "commandes", params(("id" = OrderId, Path)), responses((status = 200, body = OrderView)))]
async fn toggle_order(ctx: Ctx, Path(id): Path<OrderId>) -> Result<Tagged<OrderView>> {
    let mut tx = ctx.begin().await?;
    ops::toggle_order(&mut tx, id).await?;
    let view = view(&ctx, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(view.updated_at, view))
}

/// What became of an order that was to be deleted.
#[derive(Debug, Serialize, ToSchema)]
struct OrderRemoved {
    /// Whether it is gone or archived.
    removal: Removal,
}

/// Deletes an order, or archives it when it has a history.
#[utoipa::path(delete, path = "/api/commandes/{id}", tag = "commandes", params(("id" = OrderId, Path)), responses((status = 200, body = OrderRemoved)))]
async fn delete_order(ctx: Ctx, Path(id): Path<OrderId>) -> Result<Json<OrderRemoved>> {
    let mut tx = ctx.begin().await?;
    let removal = ops::delete_order(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(OrderRemoved { removal }))
}

/// A département that an order may name.
#[derive(Debug, Serialize, ToSchema)]
struct DepartementView {
    /// The code.
    code: &'static str,
    /// The official name.
    name: &'static str,
    /// The region.
    region: &'static str,
}

/// Lists the départements that orders may name.
#[utoipa::path(get, path = "/api/commandes/departements", tag = "commandes", responses((status = 200, body = Vec<DepartementView>)))]
async fn list_departements(ctx: Ctx) -> Result<Json<Vec<DepartementView>>> {
    let policy: DepartementPolicy = ctx.setting().await?;
    let served = Departement::every().filter(|departement| policy.accepts(*departement));
    let view = |departement: Departement| DepartementView {
        code: departement.code(),
        name: departement.name(),
        region: departement.region(),
    };
    Ok(Json(served.map(view).collect()))
}

/// Lists the products that orders may name: those of the catalogue that are sold now.
#[utoipa::path(get, path = "/api/commandes/products", tag = "commandes", responses((status = 200, body = Vec<Item>)))]
async fn list_order_products(ctx: Ctx) -> Result<Json<Vec<Item>>> {
    let mut tx = ctx.read().await?;
    let items = catalog::store::list_items(&mut tx).await?;
    Ok(Json(items.into_iter().filter(|item| item.active).collect()))
}

async fn view(ctx: &Ctx, tx: &mut Tx, id: OrderId) -> Result<OrderView> {
    let row = store::get_order(tx, id, &scope::mondays(ctx, None)).await?;
    Ok(OrderView::of(ctx, row, None))
}
