//! The routes of legal identities and logos.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::logo::{LogoKind, MOST_BYTES};
use super::model::Legal;
use super::store::LegalRow;
use super::{ops, store};
use crate::http::{Api, FileKind, Guard, Json, Path, Tagged, check_declared, etag, own_file, read_body};
use crate::{Ctx, Error, Permission, Result};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    let settings = || Guard::permit(Permission::SettingsAccess);
    api.route(routes!(get_legal, update_legal), settings()).route(routes!(get_logo, put_logo, delete_logo), settings())
}

/// The legal identity of an entity.
#[derive(Debug, Serialize, ToSchema)]
struct LegalView {
    /// The entity, by code.
    entity: String,
    /// Its name in the application.
    name: String,
    /// Its legal identity.
    legal: Legal,
    /// The fields of it that an invoice still needs, as dotted paths; empty when invoices can be issued.
    missing: Vec<&'static str>,
    /// Whether it has a logo.
    has_logo: bool,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl LegalView {
    fn of(row: LegalRow, has_logo: bool) -> Tagged<Self> {
        let missing = row.legal.missing_for_invoice();
        let view =
            Self { entity: row.code, name: row.name, missing, legal: row.legal, has_logo, updated_at: row.updated_at };
        Tagged(view.updated_at, view)
    }
}

/// What the law wants to know of an entity, and what of it invoices still need.
#[utoipa::path(get, path = "/api/entities/{code}/legal", tag = "entities", params(("code" = String, Path, description = "The entity's code")), responses((status = 200, body = LegalView)))]
async fn get_legal(ctx: Ctx, Path(code): Path<String>) -> Result<Tagged<LegalView>> {
    let mut tx = ctx.read().await?;
    let row = ops::get_entity(&mut tx, &code).await?;
    let has_logo = store::find_logo_version(&mut tx, row.id).await?.is_some();
    Ok(LegalView::of(row, has_logo))
}

/// Writes what the law wants to know of an entity: all of it, what is left out is emptied.
#[utoipa::path(put, path = "/api/entities/{code}/legal", tag = "entities", params(("code" = String, Path, description = "The entity's code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = Legal, responses((status = 200, body = LegalView)))]
async fn update_legal(ctx: Ctx, Path(code): Path<String>, Json(legal): Json<Legal>) -> Result<Tagged<LegalView>> {
    let mut tx = ctx.begin().await?;
    let row = ops::update_legal(&mut tx, &code, legal).await?;
    let has_logo = store::find_logo_version(&mut tx, row.id).await?.is_some();
    tx.commit().await?;
    Ok(LegalView::of(row, has_logo))
}

/// The logo of an entity.
#[utoipa::path(get, path = "/api/entities/{code}/logo", tag = "entities", params(("code" = String, Path, description = "The entity's code")), responses((status = 200, description = "The image: a PNG or a JPEG", body = String, content_type = "image/png")))]
async fn get_logo(ctx: Ctx, Path(code): Path<String>) -> Result<Response> {
    let mut tx = ctx.read().await?;
    let entity = ops::get_entity(&mut tx, &code).await?;
    let logo = store::find_logo(&mut tx, entity.id).await?.ok_or_else(|| Error::not_found("logo"))?;
    let (kind, ending) = match logo.kind {
        LogoKind::Png => (FileKind::Png, "png"),
        LogoKind::Jpeg => (FileKind::Jpeg, "jpg"),
    };
    let mut response = own_file(&format!("logo-{code}.{ending}"), kind, logo.bytes);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&etag(logo.updated_at)) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// What is known of a logo.
#[derive(Debug, Serialize, ToSchema)]
struct LogoView {
    /// What it is.
    content_type: &'static str,
    /// Lower-case hexadecimal SHA-256 of the image.
    sha256: String,
    /// Pixels across.
    width: i32,
    /// Pixels down.
    height: i32,
    /// When it was last changed.
    updated_at: Timestamp,
}

/// Writes the logo of an entity: a PNG or a JPEG of at most 200 KB and 4000 pixels a side. It replaces the one there is. What the image
/// tells besides its pixels (where and when it was taken, by what) is not kept.
#[utoipa::path(put, path = "/api/entities/{code}/logo", tag = "entities", params(("code" = String, Path, description = "The entity's code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the logo it replaces; refused when there is a newer one.")), request_body(content = String, content_type = "image/png", description = "The image: a PNG or a JPEG"), responses((status = 200, body = LogoView)))]
async fn put_logo(ctx: Ctx, Path(code): Path<String>, request: Request<Body>) -> Result<Tagged<LogoView>> {
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, MOST_BYTES).await?;
    let mut tx = ctx.begin().await?;
    let logo = ops::put_logo(&mut tx, &code, bytes.to_vec()).await?;
    check_declared(&parts.headers, "logo", &[logo.kind.content_type()])?;
    tx.commit().await?;
    let view = LogoView {
        content_type: logo.kind.content_type(),
        sha256: logo.sha256,
        width: logo.width,
        height: logo.height,
        updated_at: logo.updated_at,
    };
    Ok(Tagged(view.updated_at, view))
}

/// Takes the logo of an entity away.
#[utoipa::path(delete, path = "/api/entities/{code}/logo", tag = "entities", params(("code" = String, Path, description = "The entity's code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of the logo to remove; refused when there is a newer one.")), responses((status = 204, description = "It is gone")))]
async fn delete_logo(ctx: Ctx, Path(code): Path<String>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete_logo(&mut tx, &code).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
