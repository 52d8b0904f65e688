//! Routes of exchange rates.

use kernel::{Date, Page, Timestamp};
use platform::http::{Api, Guard, Json, Query, cursor, limit};
use platform::{Ctx, Error, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::ops::{self, PutRate};
use super::store::{self, RateFilter, RateRow};
use crate::rules::rates::{FoundRate, RateType};
use crate::wire;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    api.route(routes!(list_rates), view())
        .route(routes!(find_rate), view())
        .route(routes!(put_rate), Guard::permit(Permission::LedgerManage))
}

/// An exchange rate.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerRateView {
    /// The rate.
    id: Uuid,
    /// Its entity, by code.
    entity: String,
    /// The currency whose unit is priced.
    from: String,
    /// The currency it is priced in.
    to: String,
    /// `official`, `market` or `internal`.
    rate_type: String,
    /// The day it is for.
    on: Date,
    /// Units of `to` for one of `from`.
    #[schema(value_type = String)]
    rate: Decimal,
    /// Where it comes from.
    source: String,
    /// When it was stored.
    created_at: Timestamp,
    /// Who stored it.
    created_by: String,
    /// The rate that replaced it.
    superseded_by: Option<Uuid>,
}

impl LedgerRateView {
    fn of(ctx: &Ctx, row: RateRow) -> Self {
        Self {
            id: row.id,
            entity: ctx.entity_code(row.entity_id).to_owned(),
            from: row.from_currency,
            to: row.to_currency,
            rate_type: row.rate_type,
            on: row.rate_on,
            rate: row.rate.normalize(),
            source: row.source,
            created_at: row.created_at,
            created_by: row.created_by,
            superseded_by: row.superseded_by,
        }
    }
}

/// Which rates.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RateQuery {
    /// The entity, by code.
    entity: Option<String>,
    /// Only from this currency.
    from: Option<String>,
    /// Only into this currency.
    to: Option<String>,
    /// Only of this type.
    rate_type: Option<RateType>,
    /// Those that were replaced too.
    history: Option<bool>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists exchange rates, the last stored first.
#[utoipa::path(get, path = "/api/ledger/rates", tag = "ledger", params(RateQuery), responses((status = 200, body = Page<LedgerRateView>)))]
async fn list_rates(ctx: Ctx, Query(query): Query<RateQuery>) -> Result<Json<Page<LedgerRateView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let upper = |code: Option<String>| code.map(|code| code.trim().to_ascii_uppercase());
    let filter = RateFilter {
        from: upper(query.from),
        to: upper(query.to),
        kind: query.rate_type.map(|kind| kind.as_str().to_owned()),
        history: query.history.unwrap_or(false),
        after: cursor(query.cursor.as_deref())?,
    };
    let mut tx = ctx.read().await?;
    let rates = store::list_rates(&mut tx, &filter, rows).await?;
    let page = Page::cut(rates, rows, |row| (row.created_at, row.id));
    Ok(Json(page.map(|row| LedgerRateView::of(&ctx, row))))
}

/// Which rate answers for a day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RateAsked {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The currency whose unit is priced.
    from: String,
    /// The currency it is priced in.
    to: String,
    /// Of which market.
    rate_type: RateType,
    /// The day; today unless told.
    on: Option<Date>,
}

/// The rate that answers for a day: that of the day, else the latest before it, told as stale after seven days. Refused as
/// `rate_missing` when there is none; never one of another type.
#[utoipa::path(get, path = "/api/ledger/rates/of-day", tag = "ledger", params(RateAsked), responses((status = 200, body = FoundRate)))]
async fn find_rate(ctx: Ctx, Query(query): Query<RateAsked>) -> Result<Json<FoundRate>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let currency = |field: &str, code: &str| {
        code.parse().map_err(|error: kernel::UnknownCurrency| Error::bad_parameter(field, error.to_string()))
    };
    let (from, to) = (currency("from", &query.from)?, currency("to", &query.to)?);
    let on = wire::day_or_today(&ctx, entity, query.on)?;
    let mut tx = ctx.read().await?;
    let found = ops::rate(&mut tx, entity, from, to, (query.rate_type, on)).await?;
    Ok(Json(FoundRate { rate: found.rate.normalize(), ..found }))
}

/// A rate for a day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutLedgerRate {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The currency whose unit is priced.
    #[schema(examples("USD"))]
    from: String,
    /// The currency it is priced in.
    #[schema(examples("LBP"))]
    to: String,
    /// Of which market.
    rate_type: RateType,
    /// The day.
    on: Date,
    /// Units of `to` for one of `from`.
    #[schema(value_type = String, examples("89500"))]
    rate: Decimal,
    /// Where it comes from.
    #[serde(default)]
    source: String,
}

/// Stores a rate for a day. One that was there stays in the history; what was posted at it stays as it is.
#[utoipa::path(put, path = "/api/ledger/rates", tag = "ledger", request_body = PutLedgerRate, responses((status = 200, body = Page<LedgerRateView>)))]
async fn put_rate(ctx: Ctx, Json(body): Json<PutLedgerRate>) -> Result<Json<Page<LedgerRateView>>> {
    let entity = ctx.write_entity(body.entity.as_deref())?.id;
    let command = PutRate {
        from: wire::currency("from", &body.from)?,
        to: wire::currency("to", &body.to)?,
        kind: body.rate_type,
        on: body.on,
        rate: body.rate,
        source: body.source,
    };
    let filter = RateFilter {
        from: Some(command.from.code().to_owned()),
        to: Some(command.to.code().to_owned()),
        kind: Some(command.kind.as_str().to_owned()),
        ..RateFilter::default()
    };
    let ctx = ctx.within(Some(ctx.entity_code(entity)))?;
    let mut tx = ctx.begin().await?;
    ops::put_rate(&mut tx, entity, command).await?;
    let rows = kernel::Limit::default();
    let rates = store::list_rates(&mut tx, &filter, rows).await?;
    tx.commit().await?;
    let page = Page::cut(rates, rows, |row| (row.created_at, row.id));
    Ok(Json(page.map(|row| LedgerRateView::of(&ctx, row))))
}
