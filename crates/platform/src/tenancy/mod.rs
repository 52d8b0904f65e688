//! Tenants and their legal entities.
//!
//! Tables owned: `platform.tenant`, `platform.entity`, `platform.entity_logo`.
//!
//! Invariants: only the operator makes a tenant, over the owner's connection; the first one is the default.

mod http;
pub mod legal;
mod operator;
mod ops;
pub(crate) mod store;

use kernel::{EntityId, TenantId, Zone};
use uuid::Uuid;

pub use operator::{ListedTenant, NewAdmin, NewTenant, add_admin, create, list};

use crate::http::Api;
use crate::{EntityRef, Error, Platform, Result, TenantFrame, constraint};

constraint!("tenant_slug_key", "slug", "is taken");
constraint!("tenant_slug_check", "slug", "must be 1 to 63 lower-case letters, digits and hyphens");
constraint!("tenant_name_check", "name", "must not be empty");
constraint!("tenant_default_key", "slug", "another tenant is being made; try again");
constraint!("entity_code_key", "entities", "a code is used twice");
constraint!("entity_code_check", "entities", "a code must be 2 to 12 capital letters and digits, and not ALL or BOTH");

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.with(http::routes).with(legal::http::routes)
}

/// The ids of every active tenant.
pub async fn tenant_ids(platform: &Platform) -> Result<Vec<TenantId>> {
    let ids = sqlx::query_scalar!(r#"select tenant_id as "tenant_id!: TenantId" from platform.tenant_ids()"#)
        .fetch_all(platform.pool())
        .await?;
    Ok(ids)
}

pub(crate) async fn frame_by_id(platform: &Platform, id: TenantId) -> Result<TenantFrame> {
    frame(platform, Some(id.uuid()), None).await
}

pub(crate) async fn frame_by_slug(platform: &Platform, slug: Option<&str>) -> Result<TenantFrame> {
    frame(platform, None, slug).await
}

async fn frame(platform: &Platform, id: Option<Uuid>, slug: Option<&str>) -> Result<TenantFrame> {
    let row = sqlx::query!(
        r#"select tenant_id as "tenant_id!", slug as "slug!", time_zone as "time_zone!", entity_ids, entity_codes, entity_zones
           from platform.tenant_frame($1, $2)"#,
        id,
        slug
    )
    .fetch_optional(platform.pool())
    .await?
    .ok_or_else(|| Error::not_found("tenant"))?;
    let entities = entity_refs(
        row.entity_ids.unwrap_or_default(),
        row.entity_codes.unwrap_or_default(),
        &row.entity_zones.unwrap_or_default(),
    )?;
    Ok(TenantFrame { id: row.tenant_id.into(), slug: row.slug, zone: zone(&row.time_zone)?, entities })
}

pub(crate) fn entity_refs(ids: Vec<Uuid>, codes: Vec<String>, zones: &[String]) -> Result<Vec<EntityRef>> {
    ids.into_iter()
        .zip(codes)
        .zip(zones)
        .map(|((id, code), name)| Ok(EntityRef { id: EntityId::from_uuid(id), code, zone: zone(name)? }))
        .collect()
}

pub(crate) fn zone(name: &str) -> Result<Zone> {
    Zone::named(name).map_err(|error| Error::internal("reading a stored time zone", error))
}
