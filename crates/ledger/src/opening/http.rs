//! Routes of opening balances.

use axum::http::StatusCode;
use kernel::{Date, EntryId};
use platform::http::{Api, Guard, Json};
use platform::{Ctx, Error, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::OpeningProblem;
use super::ops;
use crate::wire::{self, shown};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(import_opening), Guard::permit(Permission::LedgerManage))
}

/// Opening balances.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportOpening {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// A day of the fiscal year they open; they are booked on its first.
    on: Date,
    /// The file: `account;aux;label;debit;credit`, one line an account or party. `aux` is a party's code in these books, its id or
    /// its name. Two more columns hold debit and credit in the second currency of the book.
    #[schema(examples("account;aux;label;debit;credit\n512;;Solde;100,00;\n101;;Capital;;100,00"))]
    csv: String,
    /// Whether to look only, and write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What the opening balances are, or would be.
#[derive(Debug, Serialize, ToSchema)]
struct OpeningView {
    /// The day they are booked.
    on: Date,
    /// How many lines.
    lines: usize,
    /// The sum of debits.
    #[schema(value_type = String)]
    debit: Decimal,
    /// The sum of credits.
    #[schema(value_type = String)]
    credit: Decimal,
    /// What is wrong with the file; 0 is the file as a whole.
    problems: Vec<OpeningProblem>,
    /// The entry that was posted; none when it was only looked at.
    entry_id: Option<EntryId>,
    /// Its number.
    reference: Option<String>,
}

/// Brings opening balances in, whole or not at all, once for each fiscal year; or looks at what they would be.
#[utoipa::path(post, path = "/api/ledger/opening", tag = "ledger", request_body = ImportOpening, responses((status = 200, description = "Looked at", body = OpeningView), (status = 201, body = OpeningView)))]
async fn import_opening(ctx: Ctx, Json(body): Json<ImportOpening>) -> Result<(StatusCode, Json<OpeningView>)> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let on = wire::bounded("on", body.on).map_err(|_| Error::invalid("on", "must lie between 1990 and 2199"))?;
    let mut tx = ctx.begin().await?;
    let (seen, posted) = if body.dry_run {
        (ops::preview(&mut tx, entity, on, &body.csv).await?, None)
    } else {
        let (seen, posted) = ops::import(&mut tx, entity, on, &body.csv).await?;
        tx.commit().await?;
        (seen, Some(posted))
    };
    let status = if posted.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    let view = OpeningView {
        on: seen.on,
        lines: seen.lines,
        debit: shown(seen.debit),
        credit: shown(seen.credit),
        problems: seen.problems,
        entry_id: posted.as_ref().map(|posted| posted.id),
        reference: posted.map(|posted| posted.reference),
    };
    Ok((status, Json(view)))
}
