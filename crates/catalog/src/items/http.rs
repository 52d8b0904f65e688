//! The catalogue's routes.

use axum::http::StatusCode;
use platform::http::{Api, Guard, Json, Path};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::model::{CreateItem, Item, UpdateItem};
use super::{ops, store};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_products), Guard::signed_in())
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

/// Adds a product to the catalogue.
#[utoipa::path(post, path = "/api/products", tag = "products", request_body = CreateItem, responses((status = 201, body = Item)))]
async fn create_product(ctx: Ctx, Json(command): Json<CreateItem>) -> Result<(StatusCode, Json<Item>)> {
    let mut tx = ctx.begin().await?;
    let item = ops::create_item(&mut tx, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(item)))
}

/// Renames a product or switches it on or off. Its code never changes.
#[utoipa::path(put, path = "/api/products/{code}", tag = "products", params(("code" = String, Path)), request_body = UpdateItem, responses((status = 200, body = Item)))]
async fn update_product(ctx: Ctx, Path(code): Path<String>, Json(command): Json<UpdateItem>) -> Result<Json<Item>> {
    let mut tx = ctx.begin().await?;
    let item = ops::update_item(&mut tx, &code, command).await?;
    tx.commit().await?;
    Ok(Json(item))
}
