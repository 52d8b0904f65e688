//! The list of deliveries as a file.

use kernel::spreadsheet::{flag, moment};
use kernel::{Limit, Page};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::list::{self, DeliveryFilter, DeliveryRow};

/// The file.
pub(super) const SHEET: Sheet<22> = Sheet {
    name: "deliveries",
    columns: [
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
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: DeliveryFilter) -> Result<Part<22, DeliveryFilter>> {
    let mut tx = ctx.read().await?;
    let rows = list::list_deliveries(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, after.map(|after| DeliveryFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, delivery: DeliveryRow) -> [String; 22] {
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
