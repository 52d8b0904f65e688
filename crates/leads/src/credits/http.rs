//! `/api/clients/{id}/credits`.

use axum::http::StatusCode;
use kernel::{BuyerId, CreditId, OrderId, Page, Timestamp, Week};
use platform::http::{Api, Guard, Json, Path, Query, cursor, limit};
use platform::{Ctx, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{AddCredit, CreditReason, CreditRow};
use super::{ops, store};
use crate::buyers::store as buyers;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(list_credits), Guard::permit(Permission::BillingView))
        .route(routes!(add_credit), manage())
        .route(routes!(delete_credit), manage())
}

/// Units of an order's week that are not invoiced.
#[derive(Debug, Serialize, ToSchema)]
struct CreditView {
    /// The credit.
    id: CreditId,
    /// The buyer.
    buyer_id: BuyerId,
    /// The order.
    order_id: OrderId,
    /// The product.
    product: String,
    /// The ISO week in which the units were sent.
    week: Week,
    /// How many units. What finds no billable unit is lost.
    quantity: i32,
    /// Why.
    reason: CreditReason,
    /// More about it.
    note: String,
    /// Who gave it.
    author: String,
    /// When.
    created_at: Timestamp,
}

impl From<CreditRow> for CreditView {
    fn from(row: CreditRow) -> Self {
        Self {
            id: row.id,
            buyer_id: row.buyer_id,
            order_id: row.order_id,
            product: row.product,
            week: Week::of(row.week),
            quantity: row.quantity,
            reason: row.reason,
            note: row.note,
            author: row.author_name,
            created_at: row.created_at,
        }
    }
}

/// Which credits.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CreditQuery {
    /// Only of this ISO week.
    week: Option<Week>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists the credits of a buyer, newest first.
#[utoipa::path(get, path = "/api/clients/{id}/credits", tag = "billing", params(("id" = BuyerId, Path), CreditQuery), responses((status = 200, body = Page<CreditView>)))]
async fn list_credits(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<CreditQuery>,
) -> Result<Json<Page<CreditView>>> {
    let (rows, after) = (limit(query.limit)?, cursor(query.cursor.as_deref())?);
    let mut tx = ctx.read().await?;
    buyers::get_buyer(&mut tx, id, &[]).await?;
    let credits = store::list_credits(&mut tx, id, query.week.map(Week::monday), (after, rows)).await?;
    Ok(Json(Page::cut(credits, rows, |row| (row.created_at, row.id.uuid())).map(CreditView::from)))
}

/// Adds a credit to an order's week. Credits never change; refused once the week is invoiced.
#[utoipa::path(post, path = "/api/clients/{id}/credits", tag = "billing", params(("id" = BuyerId, Path)), request_body = AddCredit, responses((status = 201, body = CreditView)))]
async fn add_credit(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<AddCredit>,
) -> Result<(StatusCode, Json<CreditView>)> {
    let mut tx = ctx.begin().await?;
    let credit = ops::add_credit(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(credit.into())))
}

/// Which credit.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OneCredit {
    /// The credit.
    credit_id: CreditId,
}

/// Deletes a credit. Refused once the week is invoiced.
#[utoipa::path(delete, path = "/api/clients/{id}/credits", tag = "billing", params(("id" = BuyerId, Path), OneCredit), responses((status = 204)))]
async fn delete_credit(ctx: Ctx, Path(id): Path<BuyerId>, Query(query): Query<OneCredit>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete_credit(&mut tx, id, query.credit_id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
