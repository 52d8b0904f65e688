//! The catalogue's routes.

use axum::http::StatusCode;
use platform::http::{Api, Guard, Json, Path, Tagged};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::model::{CreateItem, Item, UpdateItem};
use super::{ops, store};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_products), Guard::signed_in())
        .route(routes!(get_product), Guard::signed_in())
        .route(routes!(create_product), Guard::permit(Permission::BillingManage).tenant_wide())
        .route(routes!(update_product), Guard::permit(Permission::BillingManage).tenant_wide())
}

/// Lists the products of the catalogue, by code.
#[utoipa::path(get, path = "/api/products", tag = "products", responses((status = 200, body = Vec<Item>)))]
async fn list_products(ctx: Ctx) -> Result<Json<Vec<Item>>> {
    let mut tx = ctx.read().await?;
    let items = store::list_items(&mut tx).await?;
    Ok(Json(items))
}

/// One product with its price of today.
#[utoipa::path(get, path = "/api/products/{code}", tag = "products", params(("code" = String, Path)), responses((status = 200, body = Item)))]
async fn get_product(ctx: Ctx, Path(code): Path<String>) -> Result<Tagged<Item>> {
    let mut tx = ctx.read().await?;
    let item = store::get_item(&mut tx, &code).await?;
    Ok(Tagged(item.updated_at, item))
}

/// Adds a product to the catalogue.
#[utoipa::path(post, path = "/api/products", tag = "products", request_body = CreateItem, responses((status = 201, body = Item)))]
async fn create_product(ctx: Ctx, Json(command): Json<CreateItem>) -> Result<(StatusCode, Json<Item>)> {
    let mut tx = ctx.begin().await?;
    let item = ops::create_item(&mut tx, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(item)))
}

/// Changes a product, switches it on or off, or sets its price from a day on; what is left out stays. Its code never changes.
#[utoipa::path(put, path = "/api/products/{code}", tag = "products", params(("code" = String, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateItem, responses((status = 200, body = Item)))]
async fn update_product(ctx: Ctx, Path(code): Path<String>, Json(command): Json<UpdateItem>) -> Result<Tagged<Item>> {
    let mut tx = ctx.begin().await?;
    let item = ops::update_item(&mut tx, &code, command).await?;
    tx.commit().await?;
    Ok(Tagged(item.updated_at, item))
}
