//! Routes of letterings.

use axum::http::StatusCode;
use kernel::{AccountId, Date, EntryLineId, LetteringId, Timestamp};
use platform::http::{Api, Guard, Json, Path};
use platform::{Ctx, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::LetteringRow;
use super::{ops, store};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let manage = || Guard::permit(Permission::LedgerManage);
    api.route(routes!(create_lettering), manage())
        .route(routes!(get_lettering), Guard::permit(Permission::LedgerView))
        .route(routes!(delete_lettering), manage())
}

/// Lines that settle each other.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerLetteringView {
    /// The lettering.
    id: LetteringId,
    /// Its entity, by code.
    entity: String,
    /// The account of its lines.
    account_id: AccountId,
    /// The account's code.
    account: String,
    /// Its code: AAA, AAB …
    code: String,
    /// The day it was made.
    lettered_on: Date,
    /// Who made it.
    created_by: String,
    /// Its lines.
    line_ids: Vec<Uuid>,
    /// When it was taken apart.
    undone_at: Option<Timestamp>,
    /// Who took it apart.
    undone_by: Option<String>,
}

impl LedgerLetteringView {
    fn of(ctx: &Ctx, row: LetteringRow) -> Self {
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            account_id: row.account_id,
            account: row.account_code,
            code: row.code,
            lettered_on: row.lettered_on,
            created_by: row.created_by,
            line_ids: row.line_ids,
            undone_at: row.undone_at,
            undone_by: row.undone_by,
        }
    }
}

/// Lines that are to be lettered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateLedgerLettering {
    /// Lines of one account and one party that sum to nothing.
    lines: Vec<EntryLineId>,
}

/// Letters lines that settle each other.
#[utoipa::path(post, path = "/api/ledger/letterings", tag = "ledger", request_body = CreateLedgerLettering, responses((status = 201, body = LedgerLetteringView)))]
async fn create_lettering(
    ctx: Ctx,
    Json(body): Json<CreateLedgerLettering>,
) -> Result<(StatusCode, Json<LedgerLetteringView>)> {
    let mut tx = ctx.begin().await?;
    let id = ops::letter(&mut tx, &body.lines).await?;
    let row = store::get_lettering(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(LedgerLetteringView::of(&ctx, row))))
}

/// One lettering, those taken apart included.
#[utoipa::path(get, path = "/api/ledger/letterings/{id}", tag = "ledger", params(("id" = LetteringId, Path)), responses((status = 200, body = LedgerLetteringView)))]
async fn get_lettering(ctx: Ctx, Path(id): Path<LetteringId>) -> Result<Json<LedgerLetteringView>> {
    let mut tx = ctx.read().await?;
    let row = store::get_lettering(&mut tx, id).await?;
    Ok(Json(LedgerLetteringView::of(&ctx, row)))
}

/// Takes a lettering apart: its lines are open again, and the lettering stays readable.
#[utoipa::path(delete, path = "/api/ledger/letterings/{id}", tag = "ledger", params(("id" = LetteringId, Path)), responses((status = 200, body = LedgerLetteringView)))]
async fn delete_lettering(ctx: Ctx, Path(id): Path<LetteringId>) -> Result<Json<LedgerLetteringView>> {
    let mut tx = ctx.begin().await?;
    ops::unletter(&mut tx, id).await?;
    let row = store::get_lettering(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(LedgerLetteringView::of(&ctx, row)))
}
