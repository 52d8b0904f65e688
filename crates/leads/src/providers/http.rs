//! Routes of providers.

use axum::http::StatusCode;
use kernel::{Page, ProviderId, Timestamp};
use platform::http::{Api, Guard, Json, Path, Query, Tagged, cursor, limit};
use platform::identity::keys::IssuedKey;
use platform::{Ctx, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{CreateProvider, Provider, UpdateProvider};
use super::ops;
use super::store::{self, ProviderFilter};
use crate::buyers::ops::Removal;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::ProvidersAccess);
    api.route(routes!(list_providers), guard())
        .route(routes!(create_provider), guard().confidential())
        .route(routes!(get_provider), guard())
        .route(routes!(update_provider), guard())
        .route(routes!(delete_provider), guard())
        .route(routes!(rotate_key), guard().confidential())
}

/// A provider as people see it. Its key is never shown again.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderView {
    /// The provider.
    id: ProviderId,
    /// The entity its leads belong to, by code.
    entity: String,
    /// The name people read.
    name: String,
    /// Its name in addresses and files.
    slug: String,
    /// Whom to write to.
    contact_email: String,
    /// Free text.
    notes: String,
    /// Whether its contract says that it collects consent.
    consent_by_contract: bool,
    /// Submissions a minute.
    rate_per_minute: i32,
    /// Whether its leads are taken.
    active: bool,
    /// Leads it sent, ever.
    total_leads: i64,
    /// Submissions refused for their numbers.
    refused: i64,
    /// When it was archived.
    archived_at: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `edit`, `rotate_key`, `delete`.
    can: &'static [&'static str],
}

impl ProviderView {
    fn of(ctx: &Ctx, provider: Provider) -> Self {
        let fields = provider.fields;
        Self {
            id: provider.id,
            entity: ctx.entity_code(provider.entity_id).to_owned(),
            name: fields.name,
            slug: fields.slug,
            contact_email: fields.contact_email,
            notes: fields.notes,
            consent_by_contract: fields.consent_by_contract,
            rate_per_minute: fields.rate_per_minute,
            active: fields.active,
            total_leads: provider.total_leads,
            refused: provider.refused,
            archived_at: provider.archived_at,
            created_at: provider.created_at,
            updated_at: provider.updated_at,
            can: if provider.archived_at.is_none() { &["edit", "rotate_key", "delete"] } else { &[] },
        }
    }
}

/// A provider with the key just made for it.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderWithKey {
    /// The provider.
    #[serde(flatten)]
    provider: ProviderView,
    /// The whole key. It is shown this once and kept nowhere.
    api_key: String,
    /// What tells it from others later.
    api_key_hint: String,
}

impl ProviderWithKey {
    fn of(ctx: &Ctx, provider: Provider, key: IssuedKey) -> Self {
        Self { provider: ProviderView::of(ctx, provider), api_key: key.secret, api_key_hint: key.hint }
    }
}

/// Which providers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ProviderQuery {
    /// Only this entity's, by code.
    entity: Option<String>,
    /// Only those whose leads are taken, or are not.
    active: Option<bool>,
    /// Archived ones too.
    archived: Option<bool>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists providers, newest first.
#[utoipa::path(get, path = "/api/providers", tag = "providers", params(ProviderQuery), responses((status = 200, body = Page<ProviderView>)))]
async fn list_providers(ctx: Ctx, Query(query): Query<ProviderQuery>) -> Result<Json<Page<ProviderView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = ProviderFilter {
        active: query.active,
        archived: query.archived.unwrap_or(false),
        after: cursor(query.cursor.as_deref())?,
    };
    let mut tx = ctx.read().await?;
    let providers = store::list_providers(&mut tx, &filter, rows).await?;
    let page = Page::cut(providers, rows, |provider| (provider.created_at, provider.id.uuid()));
    Ok(Json(page.map(|provider| ProviderView::of(&ctx, provider))))
}

/// One provider.
#[utoipa::path(get, path = "/api/providers/{id}", tag = "providers", params(("id" = ProviderId, Path)), responses((status = 200, body = ProviderView)))]
async fn get_provider(ctx: Ctx, Path(id): Path<ProviderId>) -> Result<Tagged<ProviderView>> {
    let mut tx = ctx.read().await?;
    let provider = store::get_provider(&mut tx, id).await?;
    Ok(Tagged(provider.updated_at, ProviderView::of(&ctx, provider)))
}

/// Creates a provider. Its key is in the answer, this once.
#[utoipa::path(post, path = "/api/providers", tag = "providers", request_body = CreateProvider, responses((status = 201, body = ProviderWithKey)))]
async fn create_provider(ctx: Ctx, Json(command): Json<CreateProvider>) -> Result<(StatusCode, Json<ProviderWithKey>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let (id, key) = ops::create_provider(&mut tx, entity, command).await?;
    let provider = store::get_provider(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ProviderWithKey::of(&ctx, provider, key))))
}

/// Changes a provider; what is left out stays. Its entity never changes.
#[utoipa::path(put, path = "/api/providers/{id}", tag = "providers", params(("id" = ProviderId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateProvider, responses((status = 200, body = ProviderView)))]
async fn update_provider(
    ctx: Ctx,
    Path(id): Path<ProviderId>,
    Json(command): Json<UpdateProvider>,
) -> Result<Tagged<ProviderView>> {
    let mut tx = ctx.begin().await?;
    ops::update_provider(&mut tx, id, command).await?;
    let provider = store::get_provider(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Tagged(provider.updated_at, ProviderView::of(&ctx, provider)))
}

/// What became of a provider that was to be deleted.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderRemoved {
    /// Whether it is gone or archived.
    removal: Removal,
}

/// Deletes a provider, or archives it when it ever sent a lead. Its key ends at once.
#[utoipa::path(delete, path = "/api/providers/{id}", tag = "providers", params(("id" = ProviderId, Path)), responses((status = 200, body = ProviderRemoved)))]
async fn delete_provider(ctx: Ctx, Path(id): Path<ProviderId>) -> Result<Json<ProviderRemoved>> {
    let mut tx = ctx.begin().await?;
    let removal = ops::delete_provider(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(ProviderRemoved { removal }))
}

/// Gives a provider a new key, which is in the answer, this once. The one it had ends at once.
#[utoipa::path(post, path = "/api/providers/{id}/rotate-key", tag = "providers", params(("id" = ProviderId, Path)), responses((status = 200, body = ProviderWithKey)))]
async fn rotate_key(ctx: Ctx, Path(id): Path<ProviderId>) -> Result<Json<ProviderWithKey>> {
    let mut tx = ctx.begin().await?;
    let key = ops::rotate_key(&mut tx, id).await?;
    let provider = store::get_provider(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(ProviderWithKey::of(&ctx, provider, key)))
}
