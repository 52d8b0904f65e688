//! Routes of prices.

use platform::http::{Api, Guard, Json, Path};
use platform::{Ctx, Result};
use utoipa_axum::routes;

use super::model::ItemPrice;
use super::store;
use crate::items;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_prices), Guard::signed_in())
}

/// Lists the prices of a product, the latest first, those to come too; the last 500.
#[utoipa::path(get, path = "/api/products/{code}/prices", tag = "products", params(("code" = String, Path)), responses((status = 200, body = Vec<ItemPrice>)))]
async fn list_prices(ctx: Ctx, Path(code): Path<String>) -> Result<Json<Vec<ItemPrice>>> {
    let mut tx = ctx.read().await?;
    let item = items::store::get_item(&mut tx, &code).await?;
    let prices = store::list_prices(&mut tx, item.id).await?;
    Ok(Json(prices.into_iter().map(|price| ItemPrice { amount: price.amount.normalize(), ..price }).collect()))
}
