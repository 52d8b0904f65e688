//! The routes of legal entities.

use kernel::{Email, EntityId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::legal::Legal;
use super::ops::{self, ChangeEntity};
use super::store::{self, Entity};
use crate::http::{Api, Guard, Json, Path};
use crate::{Ctx, Permission, Result};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    api.route(routes!(list_entities), Guard::signed_in())
        .route(routes!(get_entity, update_entity), Guard::permit(Permission::SettingsAccess))
}

/// A legal entity.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EntityView {
    /// The entity.
    id: EntityId,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Whether it is in use.
    active: bool,
    /// The zone of its business dates.
    time_zone: String,
}

/// A legal entity with what stands on its invoices and mails.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EntityDetail {
    #[serde(flatten)]
    entity: EntityView,
    /// What the law wants to know of it.
    legal: Legal,
    /// The address its mails come from.
    mail_from: Option<String>,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl From<Entity> for EntityView {
    fn from(entity: Entity) -> Self {
        Self { id: entity.id, code: entity.code, name: entity.name, active: entity.active, time_zone: entity.time_zone }
    }
}

impl From<Entity> for EntityDetail {
    fn from(entity: Entity) -> Self {
        Self {
            legal: entity.legal.clone(),
            mail_from: entity.mail_from.clone(),
            updated_at: entity.updated_at,
            entity: entity.into(),
        }
    }
}

/// Lists the entities you may see, in the organisation's order.
#[utoipa::path(get, path = "/api/entities", tag = "entities", responses((status = 200, body = Vec<EntityView>)))]
async fn list_entities(ctx: Ctx) -> Result<Json<Vec<EntityView>>> {
    let mut tx = ctx.read().await?;
    let entities = store::list_entities(&mut tx).await?;
    Ok(Json(entities.into_iter().filter(|entity| ops::may_see(&ctx, entity.id)).map(EntityView::from).collect()))
}

/// One entity with its legal data.
#[utoipa::path(get, path = "/api/entities/{id}", tag = "entities", params(("id" = EntityId, Path)), responses((status = 200, body = EntityDetail)))]
async fn get_entity(ctx: Ctx, Path(id): Path<EntityId>) -> Result<Json<EntityDetail>> {
    let mut tx = ctx.read().await?;
    ops::require_sight(&ctx, id)?;
    Ok(Json(store::get_entity(&mut tx, id).await?.into()))
}

/// What an entity is to be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateEntity {
    /// Its name.
    name: String,
    /// What the law wants to know of it: replaces what was there; stays when left out.
    legal: Option<Legal>,
    /// The address its mails come from; none when left out.
    mail_from: Option<Email>,
    /// `updated_at` as you read it, to change only what you have seen.
    updated_at: Option<Timestamp>,
}

/// Changes an entity's name, legal data and sender.
#[utoipa::path(put, path = "/api/entities/{id}", tag = "entities", params(("id" = EntityId, Path)), request_body = UpdateEntity, responses((status = 200, body = EntityDetail)))]
async fn update_entity(
    ctx: Ctx,
    Path(id): Path<EntityId>,
    Json(body): Json<UpdateEntity>,
) -> Result<Json<EntityDetail>> {
    let cmd = ChangeEntity {
        name: body.name.trim().to_owned(),
        legal: body.legal,
        mail_from: body.mail_from,
        seen: body.updated_at,
    };
    let mut tx = ctx.begin().await?;
    let entity = ops::change_entity(&mut tx, id, cmd).await?;
    tx.commit().await?;
    Ok(Json(entity.into()))
}
