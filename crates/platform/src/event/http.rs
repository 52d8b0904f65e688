//! The event log.

use axum::response::Response;
use kernel::{EventId, Page, Week};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::routes;
use uuid::Uuid;

use super::store::{self, EventFilter};
use super::{StoredEvent, file};
use crate::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use crate::{Ctx, Permission, Result, export};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_events), Guard::permit(Permission::ActivityView))
        .route(routes!(export_events), Guard::permit(Permission::LeadsExport))
        .route(routes!(list_actions), Guard::permit(Permission::ActivityView))
        .route(routes!(get_event), Guard::permit(Permission::ActivityView))
}

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// Only this action.
    action: Option<String>,
    /// Only what happened to this kind of thing.
    entity_type: Option<String>,
    /// Only what is about this thing, as subject or related.
    entity_id: Option<Uuid>,
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only of this ISO week, in the tenant's zone.
    week: Option<Week>,
    /// Only by this user.
    user: Option<Uuid>,
    /// Literal text in action, actor or details.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// Rows passed over; better for few than for many, where `cursor` is.
    skip: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl EventQuery {
    fn filter(self, ctx: &Ctx) -> Result<EventFilter> {
        let bounds = self.week.map(|week| week.bounds(&ctx.tenant().zone));
        Ok(EventFilter {
            action: self.action,
            subject_kind: self.entity_type,
            about: self.entity_id,
            actor_id: self.user,
            entity_id: self.entity.as_deref().and_then(|code| ctx.entity_by_code(code)).map(|entity| entity.id),
            from: bounds.map(|(from, _)| from),
            to: bounds.map(|(_, to)| to),
            search: self.search.filter(|text| !text.is_empty()),
            before: self.cursor.as_deref().map(IdCursor::decode).transpose()?.map(EventId::from_uuid),
            ..EventFilter::default()
        })
    }

    /// The conditions for the event log. What was searched for may be a person: that it was is told, and not what.
    fn told(&self) -> Value {
        json!({ "entity": self.entity, "action": self.action, "entity_type": self.entity_type, "entity_id": self.entity_id,
            "week": self.week, "user": self.user, "searched": self.search.is_some() })
    }
}

/// Lists events, newest first.
#[utoipa::path(get, path = "/api/event-log", tag = "event log", params(EventQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn list_events(ctx: Ctx, Query(query): Query<EventQuery>) -> Result<Json<Page<StoredEvent>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?.skipping(query.skip);
    let filter = query.filter(&ctx)?;
    let mut tx = ctx.read().await?;
    let events = store::list_events(&mut tx, &filter, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}

/// All events of the list as a CSV file for spreadsheets, newest first. Takes the list's conditions, and no page.
#[utoipa::path(get, path = "/api/event-log/export", tag = "event log", params(EventQuery), responses((status = 200, description = "The file", body = String, content_type = "text/csv")))]
async fn export_events(ctx: Ctx, Query(query): Query<EventQuery>) -> Result<Response> {
    let asked = export::Paging(query.limit, query.skip, query.cursor.as_deref());
    let ctx = ctx.within(query.entity.as_deref())?;
    export::record(&ctx, "export_events", Permission::ActivityView, asked, query.told()).await?;
    export::answer(&ctx, &file::SHEET, query.filter(&ctx)?, file::read).await
}

/// Lists the actions that were recorded so far.
#[utoipa::path(get, path = "/api/event-log/actions", tag = "event log", responses((status = 200, body = Vec<String>)))]
async fn list_actions(ctx: Ctx) -> Result<Json<Vec<String>>> {
    let mut tx = ctx.read().await?;
    let actions = store::list_actions(&mut tx).await?;
    Ok(Json(actions))
}

/// One event.
#[utoipa::path(get, path = "/api/event-log/{id}", tag = "event log", params(("id" = EventId, Path)), responses((status = 200, body = StoredEvent)))]
async fn get_event(ctx: Ctx, Path(id): Path<EventId>) -> Result<Json<StoredEvent>> {
    let mut tx = ctx.read().await?;
    let event = store::get_event(&mut tx, id).await?;
    Ok(Json(event))
}
