//! Routes of a buyer's figures.

use kernel::{BuyerId, Date, Page, Week};
use platform::http::{Api, Guard, Json, PageQuery, Path, Query};
use platform::{Ctx, EntityRef, Error, Permission, Result, Tx};
use serde::Deserialize;
use utoipa_axum::routes;

use super::model::{BuyerCoverage, BuyerLead, Performance, PeriodPerformance, Stats, Summary, Totals, covered};
use super::store;
use crate::buyers::model::GroupBy;
use crate::buyers::store::get_buyer;
use crate::rules::departement::DepartementPolicy;
use crate::settings::model::DeliveryCalendars;

/// The longest span of a summary.
const MAX_DAYS: i32 = 3660;
/// The span of a summary that names no first day: eight weeks.
const DEFAULT_DAYS: i32 = 55;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::ClientsView);
    api.route(routes!(list_buyer_leads), view())
        .route(routes!(get_buyer_stats), view())
        .route(routes!(get_summary), view())
        .route(routes!(get_coverage), view())
}

/// Lists the leads a buyer was given, newest first.
#[utoipa::path(get, path = "/api/clients/{id}/leads", tag = "clients", params(("id" = BuyerId, Path), PageQuery), responses((status = 200, body = Page<BuyerLead>)))]
async fn list_buyer_leads(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<BuyerLead>>> {
    let (rows, after) = query.by_time()?;
    let mut tx = ctx.read().await?;
    get_buyer(&mut tx, id, &[]).await?;
    let leads = store::list_buyer_leads(&mut tx, id, after, rows).await?;
    Ok(Json(Page::cut(leads, rows, |lead| (lead.created_at, lead.delivery_id.uuid()))))
}

/// All deliveries of a buyer, counted.
#[utoipa::path(get, path = "/api/clients/{id}/stats", tag = "clients", params(("id" = BuyerId, Path)), responses((status = 200, body = Stats)))]
async fn get_buyer_stats(ctx: Ctx, Path(id): Path<BuyerId>) -> Result<Json<Stats>> {
    let mut tx = ctx.read().await?;
    get_buyer(&mut tx, id, &[]).await?;
    let totals = store::get_totals(&mut tx, id).await?;
    Ok(Json(Stats {
        figures: Performance::from(&totals),
        pending: totals.pending,
        cancelled: totals.cancelled,
        last_delivery_at: totals.last_sent_at,
    }))
}

/// How a performance is cut, and which days it covers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SummaryQuery {
    /// `day`, `week` (unless told) or `month`.
    #[param(inline)]
    group_by: Option<GroupBy>,
    /// The first day; eight weeks back unless told.
    from: Option<Date>,
    /// The last day; today unless told.
    to: Option<Date>,
}

/// A buyer's performance by day, week or month.
///
/// A sent unit belongs to the day it was first accepted, a failed one to the day it was assigned; days are those of
/// the buyer's entity.
#[utoipa::path(get, path = "/api/clients/{id}/summary", tag = "clients", params(("id" = BuyerId, Path), SummaryQuery), responses((status = 200, body = Summary)))]
async fn get_summary(ctx: Ctx, Path(id): Path<BuyerId>, Query(query): Query<SummaryQuery>) -> Result<Json<Summary>> {
    let mut tx = ctx.read().await?;
    let entity = entity_of(&mut tx, id).await?;
    let today = ctx.now().date_in(&entity.zone);
    let (from, to) = days(&query, today)?;
    let group_by = query.group_by.unwrap_or_default();
    let periods = store::list_periods(&mut tx, id, group_by, (from, to.plus_days(1)), &entity.zone).await?;
    let ever = store::get_totals(&mut tx, id).await?;
    let calendar = tx.setting::<DeliveryCalendars>().await?.of(&entity.code);
    let period = |(start, totals): &(Date, Totals)| PeriodPerformance {
        period: group_by.label(*start),
        from: *start,
        figures: totals.into(),
    };
    Ok(Json(Summary {
        buyer_id: id,
        group_by,
        from,
        to,
        total: Performance::from(&sum(&periods)),
        periods: periods.iter().map(period).collect(),
        last_delivery_at: ever.last_sent_at,
        next_delivery_day: calendar.next_delivery_day(today),
    }))
}

fn days(query: &SummaryQuery, today: Date) -> Result<(Date, Date)> {
    let to = query.to.unwrap_or(today);
    let from = query.from.unwrap_or_else(|| to.plus_days(-DEFAULT_DAYS));
    if from > to {
        return Err(Error::bad_parameter("from", "must not be later than to"));
    }
    if from.plus_days(MAX_DAYS) < to {
        return Err(Error::bad_parameter("from", "must lie within ten years of to"));
    }
    Ok((from, to))
}

fn sum(periods: &[(Date, Totals)]) -> Totals {
    periods.iter().fold(Totals::default(), |sum, (_, row)| Totals {
        sent: sum.sent + row.sent,
        rejected: sum.rejected + row.rejected,
        removed: sum.removed + row.removed,
        failed: sum.failed + row.failed,
        ..sum
    })
}

/// Which product and week.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CoverageQuery {
    /// Only this product, by code.
    product: Option<String>,
    /// The ISO week; the current one unless told.
    week: Option<Week>,
}

/// What a buyer's active orders cover, and what it received there in the week.
#[utoipa::path(get, path = "/api/clients/{id}/coverage", tag = "clients", params(("id" = BuyerId, Path), CoverageQuery), responses((status = 200, body = BuyerCoverage)))]
async fn get_coverage(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<CoverageQuery>,
) -> Result<Json<BuyerCoverage>> {
    let mut tx = ctx.read().await?;
    let entity = entity_of(&mut tx, id).await?;
    let week = query.week.unwrap_or_else(|| Week::at(ctx.now(), &entity.zone));
    let product = query.product.as_deref();
    let orders = store::list_covering_orders(&mut tx, id, product).await?;
    let delivered = store::list_delivered(&mut tx, id, product, week.bounds(&entity.zone)).await?;
    let policy: DepartementPolicy = tx.setting().await?;
    Ok(Json(BuyerCoverage { week, departements: covered(&orders, &delivered.into_iter().collect(), &policy) }))
}

async fn entity_of(tx: &mut Tx, id: BuyerId) -> Result<EntityRef> {
    let row = get_buyer(tx, id, &[]).await?;
    tx.ctx().entity(row.buyer.entity_id).cloned().ok_or_else(|| Error::not_found("buyer"))
}
