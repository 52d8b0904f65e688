//! `/api/leads/erase`.

use platform::http::{Api, Guard, Json};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::model::{ErasePerson, Erased};
use super::ops;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    // Confidential: what is erased must not live on in the record of the request.
    api.route(routes!(erase), Guard::permit(Permission::LeadsDelete).confidential())
}

/// Erases a person's data within the caller's scope: every lead with this phone or address, its notes, visits and files.
/// Open deliveries are given up. It cannot be undone.
#[utoipa::path(post, path = "/api/leads/erase", tag = "leads", request_body = ErasePerson, responses((status = 200, body = Erased)))]
async fn erase(ctx: Ctx, Json(command): Json<ErasePerson>) -> Result<Json<Erased>> {
    let mut tx = ctx.begin().await?;
    let erased = ops::erase_person(&mut tx, &command).await?;
    tx.commit().await?;
    Ok(Json(erased))
}
