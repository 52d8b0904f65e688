//! `/api/quarantine`.

use kernel::{Page, QuarantineId};
use platform::http::{Api, Guard, Json, PageQuery, Path, Query};
use platform::{Ctx, Permission, Result};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, QuarantineRow};

/// The routes of this module. What could not be read belongs to no entity: only who operates the tenant sees it.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::OperationsManage).tenant_wide();
    api.route(routes!(list_quarantine), guard()).route(routes!(get_quarantined), guard())
}

/// Lists the payloads that could not be used, newest first.
#[utoipa::path(get, path = "/api/quarantine", tag = "leads", params(PageQuery), responses((status = 200, body = Page<QuarantineRow>)))]
async fn list_quarantine(ctx: Ctx, Query(query): Query<PageQuery>) -> Result<Json<Page<QuarantineRow>>> {
    let (rows, after) = query.by_time()?;
    let mut tx = ctx.read().await?;
    let found = store::list(&mut tx, after, rows).await?;
    Ok(Json(Page::cut(found, rows, |row| (row.received_at, row.id.uuid()))))
}

/// A payload that could not be used, with its body.
#[derive(Debug, Serialize, ToSchema)]
struct Quarantined {
    /// What lists show.
    #[serde(flatten)]
    row: QuarantineRow,
    /// The body as text; what is not UTF-8 is replaced by U+FFFD.
    body: String,
}

/// One payload that could not be used.
#[utoipa::path(get, path = "/api/quarantine/{id}", tag = "leads", params(("id" = QuarantineId, Path)), responses((status = 200, body = Quarantined)))]
async fn get_quarantined(ctx: Ctx, Path(id): Path<QuarantineId>) -> Result<Json<Quarantined>> {
    let mut tx = ctx.read().await?;
    let (row, body) = store::get(&mut tx, id).await?;
    Ok(Json(Quarantined { row, body: String::from_utf8_lossy(&body).into_owned() }))
}
