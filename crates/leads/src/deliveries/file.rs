//! The list of deliveries as a file.

use futures_util::stream::{Stream, try_unfold};
use kernel::{Limit, Page};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::list::{self, DeliveryFilter, DeliveryRow};
use crate::export::{flag, moment};
use crate::rules::csv_file::lines;

const COLUMNS: [&str; 22] = [
    "id",
    "created_at",
    "entity",
    "lead_id",
    "lead_entity",
    "buyer",
    "product",
    "departement",
    "phone",
    "status",
    "outcome",
    "routing_mode",
    "routing_reason",
    "is_lb",
    "is_shared_client_30d",
    "sent_to",
    "send_attempts",
    "last_sent_at",
    "last_error",
    "rejected_reason",
    "removed_reason",
    "cancelled_reason",
];

pub(super) fn header() -> Vec<u8> {
    lines([COLUMNS])
}

/// The lines of the deliveries, a page of the list at a time.
pub(super) fn parts(ctx: Ctx, filter: DeliveryFilter) -> impl Stream<Item = Result<Vec<u8>>> + Send + 'static {
    try_unfold(Some(filter), move |filter| {
        let ctx = ctx.clone();
        async move {
            let Some(filter) = filter else { return Ok(None) };
            let mut tx = ctx.read().await?;
            let rows = list::list_deliveries(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
            let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
            let text = lines(page.items.into_iter().map(|row| cells(&ctx, row)));
            let after = cursor(page.next_cursor.as_deref())?;
            Ok(Some((text, after.map(|after| DeliveryFilter { after: Some(after), ..filter }))))
        }
    })
}

fn cells(ctx: &Ctx, delivery: DeliveryRow) -> [String; COLUMNS.len()] {
    let zone = &ctx.tenant().zone;
    [
        delivery.id.to_string(),
        moment(delivery.created_at, zone),
        ctx.entity_code(delivery.entity_id).to_owned(),
        delivery.lead_id.to_string(),
        ctx.entity_code(delivery.lead_entity_id).to_owned(),
        delivery.buyer_name,
        delivery.product,
        delivery.departement,
        delivery.phone,
        delivery.status.to_string(),
        delivery.outcome.map(|outcome| outcome.to_string()).unwrap_or_default(),
        delivery.routing_mode,
        delivery.routing_reason,
        flag(delivery.is_lb),
        flag(delivery.is_shared_client_30d),
        delivery.sent_to.join(", "),
        delivery.send_attempts.to_string(),
        delivery.last_sent_at.map(|at| moment(at, zone)).unwrap_or_default(),
        delivery.last_error.unwrap_or_default(),
        delivery.rejected_reason.unwrap_or_default(),
        delivery.removed_reason.unwrap_or_default(),
        delivery.cancelled_reason.unwrap_or_default(),
    ]
}
