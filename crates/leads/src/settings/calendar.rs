//! Routes of the delivery calendar as people read it.

use kernel::Date;
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, EntityRef, Error, Permission, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::DeliveryCalendars;
use crate::rules::calendar::DeliveryCalendar;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(check_calendar), Guard::permit(Permission::SettingsAccess).tenant_wide())
        .route(routes!(get_calendar), Guard::signed_in())
}

/// Whether an entity delivers on a day.
#[derive(Debug, Serialize, ToSchema)]
struct CalendarCheck {
    /// The entity, by code.
    entity: String,
    /// The day.
    date: Date,
    /// Whether it delivers then.
    enabled: bool,
    /// Why not: `delivery_day_disabled:<weekday>` or `delivery_date_disabled:<date>`.
    reason: Option<String>,
    /// The first day after it on which the entity delivers.
    next_delivery_day: Option<Date>,
}

impl CalendarCheck {
    fn of(entity: &EntityRef, calendar: &DeliveryCalendar, date: Date) -> Self {
        let off = calendar.check(date).err();
        Self {
            entity: entity.code.clone(),
            date,
            enabled: off.is_none(),
            reason: off.map(|off| off.to_string()),
            next_delivery_day: calendar.next_delivery_day(date),
        }
    }
}

/// Which entity and day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CheckQuery {
    /// The entity, by code.
    entity: String,
    /// The day; today in the entity's zone unless told.
    date: Option<Date>,
}

/// Whether an entity delivers on a day.
#[utoipa::path(get, path = "/api/settings/delivery-calendar/check", tag = "settings", params(CheckQuery), responses((status = 200, body = CalendarCheck)))]
async fn check_calendar(ctx: Ctx, Query(query): Query<CheckQuery>) -> Result<Json<CalendarCheck>> {
    let entity = ctx.entity_by_code(&query.entity);
    let entity = entity.ok_or_else(|| Error::bad_parameter("entity", "there is no entity with this code"))?;
    let calendars: DeliveryCalendars = ctx.setting().await?;
    let date = query.date.unwrap_or_else(|| ctx.now().date_in(&entity.zone));
    Ok(Json(CalendarCheck::of(entity, &calendars.of(&entity.code), date)))
}

/// When an entity delivers, and whether it does today.
#[derive(Debug, Serialize, ToSchema)]
struct EntityCalendar {
    /// Today, in the entity's zone.
    #[serde(flatten)]
    today: CalendarCheck,
    /// Weekdays with deliveries and closed dates.
    calendar: DeliveryCalendar,
}

/// When each entity in scope delivers. Every member may read it (L-65).
#[utoipa::path(get, path = "/api/calendar", tag = "settings", responses((status = 200, body = Vec<EntityCalendar>)))]
async fn get_calendar(ctx: Ctx) -> Result<Json<Vec<EntityCalendar>>> {
    let calendars: DeliveryCalendars = ctx.setting().await?;
    let view = |entity: &EntityRef| {
        let calendar = calendars.of(&entity.code);
        let today = CalendarCheck::of(entity, &calendar, ctx.now().date_in(&entity.zone));
        EntityCalendar { today, calendar }
    };
    Ok(Json(ctx.entities().map(view).collect()))
}
