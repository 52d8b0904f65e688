//! `/api/leads/dashboard-stats`: the first page of the day (spec leads 5.13).

use std::collections::BTreeMap;

use kernel::{BuyerId, Date, Timestamp, Week};
use leads::deliveries::list::{DeliveryCounts, count_deliveries};
use leads::leads::model::LeadStatus;
use leads::leads::store::count_by_status;
use leads::rules::deliverability::{Channels, deliverability};
use leads::settings::model::{DeliveryCalendars, EmailPolicy};
use platform::http::{Api, Guard, Json, Query, WeekQuery};
use platform::{Ctx, Permission, Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, LowQuotaOrder, TopBuyer};
use super::widget::{WidgetError, widget};

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(cockpit), Guard::permit(Permission::DashboardView).fail_open())
}

/// The cockpit of a week. A widget that failed is null and named in `_errors`.
#[derive(Debug, Serialize, ToSchema)]
struct Cockpit {
    /// The week.
    week: Week,
    /// The leads that came in within the week, by state; every state has its key.
    leads: Option<BTreeMap<&'static str, i64>>,
    /// The deliveries of the week.
    deliveries: Option<DeliveryCounts>,
    /// Whether each entity delivers today.
    calendar: Option<Vec<CalendarBanner>>,
    /// The ten buyers that were sent most within the week.
    top_buyers: Option<Vec<TopBuyer>>,
    /// Active buyers that nothing can be delivered to.
    undeliverable_buyers: Option<Vec<UndeliverableBuyer>>,
    /// Active orders with five units or less left of their quota.
    low_quota_orders: Option<Vec<LowQuotaOrder>>,
    /// Leads that wait, by entity, product and state.
    blocked_stock: Option<Vec<BlockedStock>>,
    /// The widgets that failed.
    #[serde(rename = "_errors")]
    errors: Vec<WidgetError>,
}

/// Whether an entity delivers today.
#[derive(Debug, Serialize, ToSchema)]
struct CalendarBanner {
    /// The entity, by code.
    entity: String,
    /// Today, in its zone.
    date: Date,
    /// Whether it delivers.
    is_delivery_day: bool,
    /// Why not, such as `delivery_day_disabled:samedi`.
    reason: Option<String>,
    /// The next day on which it delivers, if the coming year has one.
    next_delivery_day: Option<Date>,
}

/// An active buyer without a channel.
#[derive(Debug, Serialize, ToSchema)]
struct UndeliverableBuyer {
    /// The buyer.
    buyer_id: BuyerId,
    /// The buyer's name.
    name: String,
    /// The buyer's entity, by code.
    entity: String,
    /// Why.
    reason: &'static str,
}

/// Leads that wait.
#[derive(Debug, Serialize, ToSchema)]
struct BlockedStock {
    /// Their entity, by code; null while it is not known.
    entity: Option<String>,
    /// Their product; null while it is not known.
    product: Option<String>,
    /// `no_open_orders`, `hold_source` or `pending_config`.
    status: LeadStatus,
    /// How many.
    count: i64,
}

/// What every widget is asked about.
struct Asked {
    ctx: Ctx,
    bounds: (Timestamp, Timestamp),
    week: Week,
}

impl Asked {
    async fn widget<T>(
        &self,
        key: &'static str,
        errors: &mut Vec<WidgetError>,
        read: impl AsyncFnOnce(&Self, &mut Tx) -> Result<T>,
    ) -> Option<T> {
        widget(&self.ctx, key, errors, async |tx: &mut Tx| read(self, tx).await).await
    }
}

/// The cockpit: what came in and went out this week, who delivers today, and what needs a person.
#[utoipa::path(get, path = "/api/leads/dashboard-stats", tag = "dashboard", params(WeekQuery), responses((status = 200, body = Cockpit)))]
async fn cockpit(ctx: Ctx, Query(query): Query<WeekQuery>) -> Result<Json<Cockpit>> {
    let (ctx, week) = query.within(&ctx)?;
    let asked = Asked { bounds: week.bounds(&ctx.tenant().zone), week, ctx };
    let mut errors = Vec::new();
    Ok(Json(Cockpit {
        week,
        leads: asked.widget("leads", &mut errors, leads).await,
        deliveries: asked
            .widget("deliveries", &mut errors, async |asked, tx| count_deliveries(tx, asked.bounds).await)
            .await,
        calendar: asked.widget("calendar", &mut errors, calendar).await,
        top_buyers: asked
            .widget("top_buyers", &mut errors, async |asked, tx| store::list_top_buyers(tx, asked.bounds).await)
            .await,
        undeliverable_buyers: asked.widget("undeliverable_buyers", &mut errors, undeliverable_buyers).await,
        low_quota_orders: asked
            .widget("low_quota_orders", &mut errors, async |asked, tx| {
                store::list_low_quota(tx, asked.week.monday()).await
            })
            .await,
        blocked_stock: asked.widget("blocked_stock", &mut errors, blocked_stock).await,
        errors,
    }))
}

async fn leads(asked: &Asked, tx: &mut Tx) -> Result<BTreeMap<&'static str, i64>> {
    let counts = count_by_status(tx, asked.bounds.0, asked.bounds.1).await?;
    let mut by_status: BTreeMap<_, _> = LeadStatus::ALL.iter().map(|status| (status.as_str(), 0)).collect();
    by_status.extend(counts.iter().map(|(status, count)| (status.as_str(), *count)));
    Ok(by_status)
}

async fn calendar(asked: &Asked, tx: &mut Tx) -> Result<Vec<CalendarBanner>> {
    let calendars = tx.setting::<DeliveryCalendars>().await?;
    let now = tx.now();
    let banners = asked.ctx.entities().map(|entity| {
        let (calendar, date) = (calendars.of(&entity.code), now.date_in(&entity.zone));
        let off = calendar.check(date).err();
        CalendarBanner {
            entity: entity.code.clone(),
            date,
            is_delivery_day: off.is_none(),
            reason: off.map(|off| off.to_string()),
            next_delivery_day: calendar.next_delivery_day(date),
        }
    });
    Ok(banners.collect())
}

async fn undeliverable_buyers(asked: &Asked, tx: &mut Tx) -> Result<Vec<UndeliverableBuyer>> {
    let denylist = tx.setting::<EmailPolicy>().await?.denylist;
    let buyers = store::list_active_channels(tx).await?;
    let found = buyers.into_iter().filter_map(|buyer| {
        let channels = Channels {
            email: Some(&buyer.email),
            delivery_emails: &buyer.delivery_emails,
            api_endpoint: buyer.api_endpoint.as_deref(),
        };
        let reason = deliverability(&channels, &denylist).reason?.as_str();
        let entity = asked.ctx.entity_code(buyer.entity_id).to_owned();
        Some(UndeliverableBuyer { buyer_id: buyer.id, name: buyer.name, entity, reason })
    });
    Ok(found.collect())
}

async fn blocked_stock(asked: &Asked, tx: &mut Tx) -> Result<Vec<BlockedStock>> {
    let rows = store::count_blocked(tx).await?;
    let code = |id| asked.ctx.entity_code(id).to_owned();
    let stock = rows.into_iter().map(|row| BlockedStock {
        entity: row.entity_id.map(code),
        product: row.product,
        status: row.status,
        count: row.count,
    });
    Ok(stock.collect())
}
