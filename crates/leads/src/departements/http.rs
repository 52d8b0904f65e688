//! Routes of départements.

use kernel::{BuyerId, Date, OrderId, Timestamp, Week};
use platform::http::{Api, Guard, Json, Path, Query};
use platform::{Ctx, Error, Permission, Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{Demand, Figures, OverviewRow, Period, WeekRow};
use super::store::{self, Narrow};
use crate::buyers::store::get_buyer;
use crate::rules::departement::{Departement, DepartementPolicy};

/// The weeks that the detail shows.
const WEEKS: i32 = 8;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::DepartementsView).tenant_wide();
    api.route(routes!(get_overview), guard()).route(routes!(get_detail), guard())
}

/// Which figures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OverviewQuery {
    /// Only this product, by code.
    product: Option<String>,
    /// `week` (unless told) or `day`.
    #[param(inline)]
    period: Option<Period>,
    /// The ISO week; the current one unless told.
    week: Option<Week>,
    /// The day, for `period=day`; today unless told.
    date: Option<Date>,
    /// Only these départements: codes separated by commas.
    list: Option<String>,
    /// Only this buyer's orders and deliveries.
    buyer: Option<BuyerId>,
}

/// The départements in a period.
#[derive(Debug, Serialize, ToSchema)]
struct Overview {
    /// How long the period is.
    period: Period,
    /// The week that quotas are of.
    week: Week,
    /// The first day of the period.
    from: Date,
    /// The last day of the period.
    to: Date,
    /// A row per département and product.
    rows: Vec<OverviewRow>,
}

/// What was produced, sold and is still wanted per département and product, over all entities.
#[utoipa::path(get, path = "/api/departements/overview", tag = "departements", params(OverviewQuery), responses((status = 200, body = Overview)))]
async fn get_overview(ctx: Ctx, Query(query): Query<OverviewQuery>) -> Result<Json<Overview>> {
    let zone = &ctx.tenant().zone;
    let span = Span::of(&query, ctx.now().date_in(zone));
    let narrow = Narrow { product: query.product.as_deref(), buyer: query.buyer };
    let mut tx = ctx.read().await?;
    if let Some(buyer) = query.buyer {
        get_buyer(&mut tx, buyer, &[]).await?;
    }
    let policy: DepartementPolicy = tx.setting().await?;
    let departements = listed(query.list.as_deref(), &policy)?;
    let products = products(&mut tx, narrow.product).await?;
    tx.across_entities().await?;
    let [before, start, end] = [span.before, span.from, span.end].map(|day| day.start_in(zone));
    let figures = Figures {
        produced: store::list_produced(&mut tx, narrow, (before, start, end)).await?,
        sent: store::list_sent(&mut tx, narrow, (start, end)).await?,
        demands: store::list_demands(&mut tx, narrow, span.week.monday()).await?,
    };
    let rows = departements
        .iter()
        .flat_map(|departement| products.iter().map(|product| figures.row(*departement, product)).collect::<Vec<_>>());
    Ok(Json(Overview {
        period: query.period.unwrap_or_default(),
        week: span.week,
        from: span.from,
        to: span.end.plus_days(-1),
        rows: rows.collect(),
    }))
}

/// A period: its first day, the day after its last, the first day of the one before.
struct Span {
    before: Date,
    from: Date,
    end: Date,
    week: Week,
}

impl Span {
    fn of(query: &OverviewQuery, today: Date) -> Self {
        match query.period.unwrap_or_default() {
            Period::Day => {
                let from = query.date.unwrap_or(today);
                Self { before: from.plus_days(-1), from, end: from.plus_days(1), week: Week::of(from) }
            }
            Period::Week => {
                let week = query.week.unwrap_or_else(|| Week::of(query.date.unwrap_or(today)));
                Self { before: week.previous().monday(), from: week.monday(), end: week.next().monday(), week }
            }
        }
    }
}

fn listed(list: Option<&str>, policy: &DepartementPolicy) -> Result<Vec<Departement>> {
    let Some(list) = list else {
        return Ok(Departement::every().filter(|departement| policy.accepts(*departement)).collect());
    };
    let parse = |code: &str| {
        let parsed = code.trim().parse::<Departement>();
        parsed.map_err(|error| Error::bad_parameter("list", format!("{code:?}: {error}")))
    };
    list.split(',').filter(|code| !code.trim().is_empty()).map(parse).collect()
}

async fn products(tx: &mut Tx, only: Option<&str>) -> Result<Vec<String>> {
    match only {
        Some(product) => Ok(vec![product.to_owned()]),
        None => Ok(catalog::store::list_active_codes(tx).await?.into_iter().collect()),
    }
}

/// Which product and week.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DetailQuery {
    /// Only this product, by code.
    product: Option<String>,
    /// The last ISO week shown; the current one unless told.
    week: Option<Week>,
}

/// An order that covers the département.
#[derive(Debug, Serialize, ToSchema)]
struct CoveringBuyer {
    /// The buyer.
    buyer_id: BuyerId,
    /// Its name.
    buyer_name: String,
    /// Its entity, by code.
    entity: String,
    /// The order.
    order_id: OrderId,
    /// The product.
    product: String,
    /// Whether the order takes leads now.
    active: bool,
    /// Units a week; 0 = uncapped.
    quota: u32,
    /// Units the order got in the week, in all its départements, and did not return.
    billable: u32,
}

/// A département over eight weeks.
#[derive(Debug, Serialize, ToSchema)]
struct Detail {
    /// The département.
    departement: Departement,
    /// Its name.
    name: &'static str,
    /// Its region.
    region: &'static str,
    /// The current week per product, over all entities.
    products: Vec<OverviewRow>,
    /// Eight weeks, oldest first, over all entities.
    weeks: Vec<WeekRow>,
    /// The orders that cover it, of the buyers within the caller's scope.
    buyers: Vec<CoveringBuyer>,
}

/// A département: eight weeks, and the buyers that cover it.
///
/// Figures are of all entities; buyers are named within the caller's scope only.
#[utoipa::path(get, path = "/api/departements/{dept}/detail", tag = "departements", params(("dept" = String, Path), DetailQuery), responses((status = 200, body = Detail)))]
async fn get_detail(
    ctx: Ctx,
    Path(departement): Path<Departement>,
    Query(query): Query<DetailQuery>,
) -> Result<Json<Detail>> {
    let zone = &ctx.tenant().zone;
    let week = query.week.unwrap_or_else(|| Week::at(ctx.now(), zone));
    let narrow = Narrow { product: query.product.as_deref(), buyer: None };
    let mut tx = ctx.read().await?;
    let products = products(&mut tx, narrow.product).await?;
    let own = store::list_demands(&mut tx, narrow, week.monday()).await?;
    let buyers = covering(&ctx, &mut tx, departement, &own).await?;
    tx.across_entities().await?;
    let (start, end) = week.bounds(zone);
    let before = week.previous().monday().start_in(zone);
    let figures = Figures {
        produced: store::list_produced(&mut tx, narrow, (before, start, end)).await?,
        sent: store::list_sent(&mut tx, narrow, (start, end)).await?,
        demands: store::list_demands(&mut tx, narrow, week.monday()).await?,
    };
    let weeks = series(&mut tx, departement, narrow.product, week, end).await?;
    Ok(Json(Detail {
        departement,
        name: departement.name(),
        region: departement.region(),
        products: products.iter().map(|product| figures.row(departement, product)).collect(),
        weeks,
        buyers,
    }))
}

async fn series(
    tx: &mut Tx,
    departement: Departement,
    product: Option<&str>,
    last: Week,
    end: Timestamp,
) -> Result<Vec<WeekRow>> {
    let zone = tx.ctx().tenant().zone.clone();
    let first = last.monday().plus_days(-7 * (WEEKS - 1));
    let span = (first.start_in(&zone), end);
    let produced = store::list_produced_weeks(tx, departement.code(), product, span, &zone).await?;
    let sent = store::list_sent_weeks(tx, departement.code(), product, span, &zone).await?;
    let row = |monday: Date| {
        let sent = sent.get(&monday).copied().unwrap_or_default();
        WeekRow {
            week: Week::of(monday),
            produced: produced.get(&monday).copied().unwrap_or(0),
            billable: sent.billable,
            non_billable: sent.non_billable,
        }
    };
    Ok((0..WEEKS).map(|index| row(first.plus_days(7 * index))).collect())
}

async fn covering(ctx: &Ctx, tx: &mut Tx, departement: Departement, demands: &[Demand]) -> Result<Vec<CoveringBuyer>> {
    let covers: Vec<_> = demands.iter().filter(|demand| demand.departements.contains(departement)).collect();
    let ids: Vec<_> = covers.iter().map(|demand| demand.buyer).collect();
    let names = store::list_buyer_names(tx, &ids).await?;
    let view = |demand: &&Demand| {
        let (name, entity) = names.get(&demand.buyer)?;
        Some(CoveringBuyer {
            buyer_id: demand.buyer,
            buyer_name: name.clone(),
            entity: ctx.entity_code(*entity).to_owned(),
            order_id: demand.order,
            product: demand.product.clone(),
            active: demand.load.active,
            quota: demand.load.quota,
            billable: demand.load.billable,
        })
    };
    Ok(covers.iter().filter_map(view).collect())
}
