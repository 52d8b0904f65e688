//! `/api/leads/trend`: the figures of the cockpit over a row of weeks.

use kernel::Week;
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Error, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, WeekFigures};

/// Weeks unless told, and at most: a year with the week it is compared with.
const USUAL: u16 = 12;
const MOST: u16 = 53;

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(get_lead_trend), Guard::permit(Permission::DashboardView))
}

/// Which weeks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrendQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// The last ISO week; the current one when it is missing.
    week: Option<Week>,
    /// How many weeks, 1 to 53; 12 unless told.
    weeks: Option<u16>,
}

/// A row of weeks.
#[derive(Debug, Serialize, ToSchema)]
struct Trend {
    /// The weeks, the oldest first.
    weeks: Vec<TrendWeek>,
}

/// A week.
#[derive(Debug, Serialize, ToSchema)]
struct TrendWeek {
    /// The week.
    week: Week,
    /// Its figures.
    #[serde(flatten)]
    figures: WeekFigures,
}

/// What came in and went out week by week, by the cockpit's definitions: leads by when they came in, deliveries by when they
/// were sent, those that failed by when they were routed.
#[utoipa::path(get, path = "/api/leads/trend", tag = "dashboard", params(TrendQuery), responses((status = 200, body = Trend)))]
async fn get_lead_trend(ctx: Ctx, Query(query): Query<TrendQuery>) -> Result<Json<Trend>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let zone = &ctx.tenant().zone;
    let count = Some(query.weeks.unwrap_or(USUAL)).filter(|count| (1..=MOST).contains(count));
    let count = count.ok_or_else(|| Error::bad_parameter("weeks", format!("must be between 1 and {MOST}")))?;
    let last = query.week.unwrap_or_else(|| Week::at(ctx.now(), zone));
    let mut weeks: Vec<_> =
        std::iter::successors(Some(last), |week| Some(week.previous())).take(usize::from(count)).collect();
    weeks.reverse();
    let bounds: Vec<_> = weeks.iter().map(|week| week.bounds(zone)).collect();
    let mut tx = ctx.read().await?;
    let figures = store::list_week_figures(&mut tx, &bounds).await?;
    let weeks = weeks.into_iter().zip(figures).map(|(week, figures)| TrendWeek { week, figures }).collect();
    Ok(Json(Trend { weeks }))
}
