//! The event log as a file.

use kernel::spreadsheet::moment;
use kernel::{EventId, Limit};

use super::StoredEvent;
use super::store::{self, EventFilter};
use crate::export::{Part, Sheet};
use crate::http::IdCursor;
use crate::{Ctx, Result};

/// The file.
pub(super) const SHEET: Sheet<10> = Sheet {
    name: "event-log",
    columns: [
        "id",
        "at",
        "entity",
        "actor",
        "action",
        "severity",
        "subject_kind",
        "subject_id",
        "details",
        "request_id",
    ],
};

/// The lines of a page of the log.
pub(super) async fn read(ctx: Ctx, filter: EventFilter) -> Result<Part<10, EventFilter>> {
    let mut tx = ctx.read().await?;
    let events = store::list_events(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = IdCursor::cut(events, Limit::WHOLE_LISTS, |event| event.id.uuid());
    let before = page.next_cursor.as_deref().map(IdCursor::decode).transpose()?.map(EventId::from_uuid);
    let lines = page.items.into_iter().map(|event| cells(&ctx, event)).collect();
    Ok((lines, before.map(|before| EventFilter { before: Some(before), ..filter })))
}

fn cells(ctx: &Ctx, event: StoredEvent) -> [String; 10] {
    [
        event.id.to_string(),
        moment(event.at, &ctx.tenant().zone),
        event.entity_id.map(|id| ctx.entity_code(id).to_owned()).unwrap_or_default(),
        event.actor_name,
        event.action.into_owned(),
        event.severity.as_str().to_owned(),
        event.subject_kind.into_owned(),
        event.subject_id.to_string(),
        event.details.to_string(),
        event.request_id,
    ]
}
