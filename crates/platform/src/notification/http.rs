//! The routes of notifications.

use axum::http::StatusCode;
use kernel::EventId;
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::{kinds, store};
use crate::event::store::{EventFilter, Notable, get_event, list_events};
use crate::http::{Api, Guard, IdCursor, Json, PageQuery, Query};
use crate::{Ctx, Error, Result, StoredEvent};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_notifications), Guard::signed_in().scoped()).route(routes!(mark_seen), Guard::signed_in())
}

/// A page of notifications.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Notifications {
    /// The notifications of this page.
    items: Vec<Notification>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many you have not seen, on whichever page; 100 stands for 100 and more.
    unread: i64,
}

/// An event that you should see.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Notification {
    /// The event.
    #[serde(flatten)]
    event: StoredEvent,
    /// Whether you have not seen it yet.
    unread: bool,
}

/// Lists the warnings and errors within your scope, of the kinds of things that you may see, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", params(PageQuery), responses((status = 200, body = Notifications)))]
async fn list_notifications(ctx: Ctx, Query(query): Query<PageQuery>) -> Result<Json<Notifications>> {
    let (rows, before) = query.by_id()?;
    let user = ctx.user_id().ok_or_else(not_a_person)?;
    let role = ctx.role().filter(|role| !role.is_above_all());
    let notable = Notable { kinds: kinds(ctx.permissions()), role };
    let mut tx = ctx.read().await?;
    // One's own membership may lie outside the scope one works in now.
    tx.across_entities().await?;
    let seen = store::get_seen(&mut tx, user).await?;
    tx.narrow().await?;
    let unread = store::count_unread(&mut tx, &notable, seen).await?;
    let filter =
        EventFilter { notable: Some(notable), before: before.map(EventId::from_uuid), ..EventFilter::default() };
    let events = list_events(&mut tx, &filter, rows).await?;
    let page = IdCursor::cut(events, rows, |event| event.id.uuid());
    let page = page.map(|event| Notification { unread: event.id.uuid() > seen, event });
    Ok(Json(Notifications { items: page.items, next_cursor: page.next_cursor, unread }))
}

/// How far you have seen.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MarkSeen {
    /// The newest notification that you have seen.
    up_to: EventId,
}

/// Counts a notification and all older ones as seen.
#[utoipa::path(post, path = "/api/notifications/seen", tag = "notifications", request_body = MarkSeen, responses((status = 204)))]
async fn mark_seen(ctx: Ctx, Json(body): Json<MarkSeen>) -> Result<StatusCode> {
    let user = ctx.user_id().ok_or_else(not_a_person)?;
    let mut tx = ctx.begin().await?;
    let event = get_event(&mut tx, body.up_to).await?;
    tx.across_entities().await?;
    store::update_seen(&mut tx, user, event.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn not_a_person() -> Error {
    Error::forbidden("not_a_person", "Only a person is notified.")
}
