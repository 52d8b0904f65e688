//! `/api/clients/{id}/prepayment`.

use kernel::{BuyerId, Page};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query};
use platform::{Ctx, Permission, Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{AddPrepaidUnits, PrepaidBalance, PrepaidMove};
use super::{ops, store};
use crate::buyers::store as buyers;
use crate::pricing;
use crate::rules::pricing::{BillingMode, price_on};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(get_prepayment), Guard::permit(Permission::BillingView))
        .route(routes!(add_prepaid_units), Guard::permit(Permission::BillingManage))
}

/// What a buyer paid for in advance.
#[derive(Debug, Serialize, ToSchema)]
struct Prepayment {
    /// The buyer.
    buyer_id: BuyerId,
    /// The balances, by product; also of products that are to be paid in advance and of which nothing was bought yet.
    balances: Vec<PrepaidBalance>,
    /// What changed them, newest first.
    moves: Page<PrepaidMove>,
    /// What the caller may do: `add_units`.
    can: Vec<&'static str>,
}

/// What a buyer paid for in advance, what is left of it, and every change.
#[utoipa::path(get, path = "/api/clients/{id}/prepayment", tag = "billing", params(("id" = BuyerId, Path), PageQuery), responses((status = 200, body = Prepayment)))]
async fn get_prepayment(ctx: Ctx, Path(id): Path<BuyerId>, Query(query): Query<PageQuery>) -> Result<Json<Prepayment>> {
    let mut tx = ctx.read().await?;
    Ok(Json(view(&mut tx, id, &query).await?))
}

/// Adds units that a buyer bought. Leads that waited for them are routed.
#[utoipa::path(post, path = "/api/clients/{id}/prepayment/add-units", tag = "billing", params(("id" = BuyerId, Path)), request_body = AddPrepaidUnits, responses((status = 200, body = Prepayment)))]
async fn add_prepaid_units(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<AddPrepaidUnits>,
) -> Result<Json<Prepayment>> {
    let mut tx = ctx.begin().await?;
    ops::add_units(&mut tx, id, &command).await?;
    let view = view(&mut tx, id, &PageQuery::default()).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn view(tx: &mut Tx, id: BuyerId, query: &PageQuery) -> Result<Prepayment> {
    let (rows, before) = query.by_id()?;
    let buyer = buyers::get_buyer(tx, id, &[]).await?.buyer;
    let today = pricing::ops::today(tx, &buyer);
    let mut balances = store::list_balances(tx, id).await?;
    let prices = pricing::store::list_prices(tx, id).await?;
    for versions in prices.chunk_by(|a, b| a.product == b.product) {
        let known: Vec<_> = versions.iter().map(pricing::model::StoredPrice::version).collect();
        let product = &versions[0].product;
        let is_prepaid = price_on(today, &known, &[]).mode == BillingMode::Prepaid;
        if is_prepaid && !balances.iter().any(|balance| balance.product == *product) {
            balances.push(PrepaidBalance::empty(product.clone()));
        }
    }
    balances.sort_by(|a, b| a.product.cmp(&b.product));
    let moves = store::list_moves(tx, id, before, rows).await?;
    Ok(Prepayment {
        buyer_id: id,
        balances,
        moves: IdCursor::cut(moves, rows, |row| row.id),
        can: tx.ctx().may(Permission::BillingManage).then_some("add_units").into_iter().collect(),
    })
}
