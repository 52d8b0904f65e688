//! Routes of customers' accounts.

use axum::response::Response;
use einvoice::Logo;
use kernel::{Currency, Date, EntityId, Language, PartyId};
use platform::http::{Api, FileKind, Guard, Json, Path, Query, own_file};
use platform::{Ctx, Error, Permission, Result, export};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::page;
use super::read::{self, AccountStatementView, Period};
use crate::documents::issue::set_statement;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::BillingView);
    api.route(routes!(get_statement), view()).route(routes!(download_statement), view())
}

/// Which part of an account.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StatementQuery {
    /// The entity, by code; the customer's own, or the one in scope, unless told.
    entity: Option<String>,
    /// The first day; the first of January of the last day's year unless told.
    from: Option<Date>,
    /// The last day; today unless told.
    to: Option<Date>,
    /// The currency of what was charged and paid; that of the entity's books unless told.
    currency: Option<Currency>,
}

/// How a statement is taken away.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AccountStatementFormat {
    /// A page (PDF/A-3).
    #[default]
    Pdf,
    /// A table.
    Csv,
}

/// Which part of an account, as which file.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StatementFileQuery {
    /// The entity, by code; the customer's own, or the one in scope, unless told.
    entity: Option<String>,
    /// The first day; the first of January of the last day's year unless told.
    from: Option<Date>,
    /// The last day; today unless told.
    to: Option<Date>,
    /// The currency of what was charged and paid; that of the entity's books unless told.
    currency: Option<Currency>,
    /// `pdf` or `csv`; `pdf` unless told.
    #[param(value_type = Option<String>)]
    format: Option<AccountStatementFormat>,
    /// `fr` or `en`; the customer's unless told.
    #[param(value_type = Option<String>)]
    language: Option<Language>,
}

/// Reads the account in the one entity that is meant.
async fn read(
    ctx: &Ctx,
    id: PartyId,
    query: StatementQuery,
) -> Result<(crate::house::House, parties::Party, AccountStatementView)> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let party = parties::get_party(&mut tx, id).await?;
    let entity = one_entity(&ctx, party.entity_id)?;
    let period = Period { from: query.from, to: query.to, currency: query.currency };
    read::statement(&mut tx, (entity, id), period).await
}

fn one_entity(ctx: &Ctx, own: Option<EntityId>) -> Result<EntityId> {
    match (ctx.scope().entities.as_slice(), own) {
        ([one], _) => Ok(*one),
        (_, Some(own)) => Ok(own),
        _ => Err(Error::bad_parameter("entity", "a statement is of one entity: name it")),
    }
}

/// A customer's account over a period: what stood before, every invoice, credit note, payment, returned payment and refund with
/// the balance after it, what stands after, and what is open now by age. It comes to what the books say of the customer.
#[utoipa::path(get, path = "/api/parties/{id}/statement", tag = "billing", params(("id" = PartyId, Path), StatementQuery), responses((status = 200, body = AccountStatementView)))]
async fn get_statement(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Query(query): Query<StatementQuery>,
) -> Result<Json<AccountStatementView>> {
    let (_, _, view) = read(&ctx, id, query).await?;
    Ok(Json(view))
}

/// A customer's account over a period as a page for the customer, or as a table for a spreadsheet.
#[utoipa::path(get, path = "/api/parties/{id}/statement/file", tag = "billing", params(("id" = PartyId, Path), StatementFileQuery), responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf")))]
async fn download_statement(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Query(query): Query<StatementFileQuery>,
) -> Result<Response> {
    let asked = StatementQuery { entity: query.entity, from: query.from, to: query.to, currency: query.currency };
    let (house, party, view) = read(&ctx, id, asked).await?;
    let language = query.language.unwrap_or(party.fields.identity.language);
    if let AccountStatementFormat::Csv = query.format.unwrap_or_default() {
        let rows = page::cells(&view, language);
        return export::answer(&ctx, &page::SHEET, rows, |_, rows| async { Ok((rows, None)) }).await;
    }
    let mut tx = ctx.read().await?;
    let logo = platform::tenancy::legal::logo(&mut tx, house.entity).await?;
    drop(tx);
    let logo = logo.and_then(|logo| Logo::try_new(logo.bytes).ok());
    let (statement, look) = page::page((&house, &party), &view, logo, language);
    let name = format!("statement-{}-{}.pdf", view.party_code, view.to);
    let bytes = set_statement(statement, look).await?;
    Ok(own_file(&name, FileKind::Pdf, bytes))
}
