//! Routes of the numbers' patterns.

use kernel::Date;
use platform::http::{Api, Guard, Json, Path, Query};
use platform::{Ctx, Error, Permission, Result, Tx, Versioned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{NumberPatterns, Pattern, Series};
use super::ops::{self, SeriesState};
use crate::house::{self, House};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(get_numbering), Guard::permit(Permission::BillingView))
        .route(routes!(preview_numbering), Guard::permit(Permission::BillingView))
        .route(routes!(put_numbering), Guard::permit(Permission::SettingsAccess))
}

/// How an entity writes its numbers.
#[derive(Debug, Serialize, ToSchema)]
struct Numbering {
    /// The entity, by code.
    entity: String,
    /// Counts the changes of all entities' patterns. Send it back as `version` to change only what you have seen.
    version: i64,
    /// Each series.
    series: Vec<NumberSeriesView>,
}

/// How the numbers of a series are written.
#[derive(Debug, Serialize, ToSchema)]
struct NumberSeriesView {
    /// The series.
    series: Series,
    /// The pattern, such as `FAC-{YYYY}-{NNNN}`.
    pattern: Pattern,
    /// Whether the entity said so itself; else it is the usual one.
    is_own: bool,
    /// The place of the next number.
    next_value: i64,
    /// The next number, if it is issued today.
    next_number: String,
    /// The date of the last number.
    last_on: Option<Date>,
    /// Whether the caller may change it now: not once a number was issued this year.
    can_change: bool,
}

impl NumberSeriesView {
    fn of(ctx: &Ctx, state: SeriesState) -> Self {
        Self {
            series: state.series,
            pattern: state.pattern,
            is_own: state.is_own,
            next_value: state.next_value,
            next_number: state.next_number,
            last_on: state.last_on,
            can_change: !state.is_in_use && ctx.may(Permission::SettingsAccess),
        }
    }
}

/// Whose numbers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct NumberingQuery {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
}

async fn shown(tx: &mut Tx, house: &House, stored: Versioned<NumberPatterns>) -> Result<Json<Numbering>> {
    let states = ops::states(tx, house, &stored.value).await?;
    let ctx = tx.ctx().clone();
    let series = states.into_iter().map(|state| NumberSeriesView::of(&ctx, state)).collect();
    Ok(Json(Numbering { entity: house.code.clone(), version: stored.version, series }))
}

/// How an entity writes the numbers of its documents, and which come next.
#[utoipa::path(get, path = "/api/billing/numbering", tag = "billing", params(NumberingQuery), responses((status = 200, body = Numbering)))]
async fn get_numbering(ctx: Ctx, Query(query): Query<NumberingQuery>) -> Result<Json<Numbering>> {
    let entity = ctx.write_entity(query.entity.as_deref())?.id;
    let mut tx = ctx.read().await?;
    let house = house::open(&mut tx, entity).await?;
    let stored = tx.versioned_setting().await?;
    shown(&mut tx, &house, stored).await
}

/// A pattern to look at.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PreviewNumberingQuery {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The series.
    series: Series,
    /// The pattern, such as `FAC-{YYYY}-{NNNN}`.
    pattern: String,
}

/// What a pattern would make of the next number; refused as saving it would be, but for numbers of this year.
#[utoipa::path(get, path = "/api/billing/numbering/preview", tag = "billing", params(PreviewNumberingQuery), responses((status = 200, body = NumberSeriesView)))]
async fn preview_numbering(ctx: Ctx, Query(query): Query<PreviewNumberingQuery>) -> Result<Json<NumberSeriesView>> {
    let entity = ctx.write_entity(query.entity.as_deref())?.id;
    let pattern = parsed(query.pattern)?;
    let mut tx = ctx.read().await?;
    let house = house::open(&mut tx, entity).await?;
    let patterns = ops::changed(tx.setting().await?, &house, query.series, Some(pattern))?;
    let states = ops::states(&mut tx, &house, &patterns).await?;
    let state = states.into_iter().find(|state| state.series == query.series);
    let state = state.ok_or_else(|| Error::not_found("series"))?;
    Ok(Json(NumberSeriesView::of(&ctx, state)))
}

fn parsed(pattern: String) -> Result<Pattern> {
    Pattern::try_from(pattern).map_err(|error| Error::invalid("pattern", error.to_string()))
}

/// How the numbers of a series are to be written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutNumbering {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// The pattern: letters, digits, `- / . _`, the year (`{YYYY}` or `{YY}`), once the counter (`{NNNN}`), and where wanted `{MM}`,
    /// `{WEEK}`, `{ENTITY}`; null is the usual one.
    pattern: Option<String>,
    /// The version that was seen; refused when there is a newer one.
    version: Option<i64>,
}

/// Says how an entity writes the numbers of a series. Refused where a number could come twice, and once a number was issued this
/// year: numbers of a year are written alike.
#[utoipa::path(put, path = "/api/billing/numbering/{series}", tag = "billing", params(("series" = Series, Path)), request_body = PutNumbering, responses((status = 200, body = Numbering)))]
async fn put_numbering(
    ctx: Ctx,
    Path(series): Path<String>,
    Json(command): Json<PutNumbering>,
) -> Result<Json<Numbering>> {
    let series = Series::of(&series).ok_or_else(|| Error::not_found("series"))?;
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let pattern = command.pattern.map(parsed).transpose()?;
    let mut tx = ctx.begin().await?;
    let house = house::open(&mut tx, entity).await?;
    let stored = ops::set_pattern(&mut tx, &house, series, (pattern, command.version)).await?;
    let view = shown(&mut tx, &house, stored).await?;
    tx.commit().await?;
    Ok(view)
}
