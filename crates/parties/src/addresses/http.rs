//! Routes of addresses.

use axum::http::StatusCode;
use kernel::{Page, PartyAddressId, PartyId};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, Tagged};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::model::{PartyAddress, SavePartyAddress};
use super::{ops, store};
use crate::parties::store::get_party;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let edit = || Guard::permit(Permission::ClientsEdit);
    api.route(routes!(list_party_addresses), Guard::permit(Permission::ClientsView))
        .route(routes!(add_party_address), edit())
        .route(routes!(update_party_address, delete_party_address), edit())
}

/// Lists the addresses of a party, newest first.
#[utoipa::path(get, path = "/api/parties/{id}/addresses", tag = "parties", params(("id" = PartyId, Path), PageQuery), responses((status = 200, body = Page<PartyAddress>)))]
async fn list_party_addresses(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PartyAddress>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    get_party(&mut tx, id).await?;
    let found = store::list_addresses(&mut tx, id, before, rows).await?;
    Ok(Json(IdCursor::cut(found, rows, |address| address.id.uuid())))
}

/// Adds an address to a party.
#[utoipa::path(post, path = "/api/parties/{id}/addresses", tag = "parties", params(("id" = PartyId, Path)), request_body = SavePartyAddress, responses((status = 201, body = PartyAddress)))]
async fn add_party_address(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Json(command): Json<SavePartyAddress>,
) -> Result<(StatusCode, Tagged<PartyAddress>)> {
    let mut tx = ctx.begin().await?;
    let address = ops::add_address(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(address.updated_at, address)))
}

/// Changes an address of a party: all of it, what is left out is emptied.
#[utoipa::path(put, path = "/api/party-addresses/{id}", tag = "parties", params(("id" = PartyAddressId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = SavePartyAddress, responses((status = 200, body = PartyAddress)))]
async fn update_party_address(
    ctx: Ctx,
    Path(id): Path<PartyAddressId>,
    Json(command): Json<SavePartyAddress>,
) -> Result<Tagged<PartyAddress>> {
    let mut tx = ctx.begin().await?;
    let address = ops::change_address(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok(Tagged(address.updated_at, address))
}

/// Removes an address of a party.
#[utoipa::path(delete, path = "/api/party-addresses/{id}", tag = "parties", params(("id" = PartyAddressId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), responses((status = 204, description = "It is gone")))]
async fn delete_party_address(ctx: Ctx, Path(id): Path<PartyAddressId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::remove_address(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
