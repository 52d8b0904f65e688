//! The route of the file.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream::{TryStreamExt as _, try_unfold};
use platform::http::{Api, FileKind, Guard, Query, own_file};
use platform::{Ctx, Error, Permission, Result, export};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::routes;

use super::export::FecExport;
use super::write::FecDelimiter;
use crate::wire;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(download_fec), Guard::permit(Permission::LedgerView))
}

/// Which file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FecQuery {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The calendar year in which the fiscal year ends.
    year: i16,
    /// What separates columns; a tab unless told.
    #[param(inline)]
    delimiter: Option<FecDelimiter>,
}

/// The *fichier des écritures comptables* of a fiscal year (LPF art. A47 A-1): every line, opening balances first, then as they were
/// validated. The same each time for a closed year.
#[utoipa::path(get, path = "/api/ledger/fec", tag = "ledger", params(FecQuery), responses((status = 200, description = "The file", body = String, content_type = "text/plain")))]
async fn download_fec(ctx: Ctx, Query(query): Query<FecQuery>) -> Result<Response> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let ctx = ctx.within(query.entity.as_deref())?;
    let file = FecExport::begin(&ctx, entity, query.year, query.delimiter.unwrap_or_default()).await?;
    let told = json!({ "year": query.year, "file": file.name });
    export::record(&ctx, "fec_exported", Permission::LedgerView, export::Paging(None, None, None), told).await?;
    let name = file.name.clone();
    let request_id = ctx.request_id().to_owned();
    let parts = try_unfold(file, |mut file| async move { Ok::<_, Error>(file.next().await?.map(|part| (part, file))) });
    // What breaks while it is sent breaks the transfer off: a part of a file must not pass for a whole one.
    let parts = parts.inspect_err(move |error| {
        tracing::error!(request_id, error = error.logged(), "a file broke off while it was sent");
    });
    Ok(own_file(&name, FileKind::Text, Body::from_stream(parts.map_ok(Bytes::from))))
}
