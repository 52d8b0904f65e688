//! Routes of contacts.

use axum::http::StatusCode;
use kernel::{Page, PartyContactId, PartyId};
use platform::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, Tagged};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::model::{PartyContact, SavePartyContact};
use super::{ops, store};
use crate::parties::store::get_party;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let edit = || Guard::permit(Permission::ClientsEdit);
    api.route(routes!(list_party_contacts), Guard::permit(Permission::ClientsView))
        .route(routes!(add_party_contact), edit())
        .route(routes!(update_party_contact, delete_party_contact), edit())
}

/// Lists the contacts of a party, newest first.
#[utoipa::path(get, path = "/api/parties/{id}/contacts", tag = "parties", params(("id" = PartyId, Path), PageQuery), responses((status = 200, body = Page<PartyContact>)))]
async fn list_party_contacts(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PartyContact>>> {
    let (rows, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    get_party(&mut tx, id).await?;
    let found = store::list_contacts(&mut tx, id, before, rows).await?;
    Ok(Json(IdCursor::cut(found, rows, |contact| contact.id.uuid())))
}

/// Adds a contact to a party.
#[utoipa::path(post, path = "/api/parties/{id}/contacts", tag = "parties", params(("id" = PartyId, Path)), request_body = SavePartyContact, responses((status = 201, body = PartyContact)))]
async fn add_party_contact(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Json(command): Json<SavePartyContact>,
) -> Result<(StatusCode, Tagged<PartyContact>)> {
    let mut tx = ctx.begin().await?;
    let contact = ops::add_contact(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(contact.updated_at, contact)))
}

/// Changes a contact of a party: all of it, what is left out is emptied.
#[utoipa::path(put, path = "/api/party-contacts/{id}", tag = "parties", params(("id" = PartyContactId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = SavePartyContact, responses((status = 200, body = PartyContact)))]
async fn update_party_contact(
    ctx: Ctx,
    Path(id): Path<PartyContactId>,
    Json(command): Json<SavePartyContact>,
) -> Result<Tagged<PartyContact>> {
    let mut tx = ctx.begin().await?;
    let contact = ops::change_contact(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok(Tagged(contact.updated_at, contact))
}

/// Removes a contact of a party.
#[utoipa::path(delete, path = "/api/party-contacts/{id}", tag = "parties", params(("id" = PartyContactId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), responses((status = 204, description = "It is gone")))]
async fn delete_party_contact(ctx: Ctx, Path(id): Path<PartyContactId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::remove_contact(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
