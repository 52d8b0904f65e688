//! `/api/leads/simulate`.

use platform::http::{Api, Guard, Json};
use platform::{Ctx, Permission, Result};
use utoipa_axum::routes;

use super::simulate::{self, Simulate, Simulated};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(simulate_lead), Guard::permit(Permission::LeadsView))
}

/// Answers what would happen to a lead now, or with orders changed, with every candidate and why dropped. Writes nothing.
#[utoipa::path(post, path = "/api/leads/simulate", tag = "leads", request_body = Simulate, responses((status = 200, body = Simulated)))]
async fn simulate_lead(ctx: Ctx, Json(command): Json<Simulate>) -> Result<Json<Simulated>> {
    let mut tx = ctx.read().await?;
    Ok(Json(simulate::simulate(&mut tx, &command).await?))
}
