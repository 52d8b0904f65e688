//! The list of payments as a file.

use kernel::Limit;
use kernel::spreadsheet::moment;
use platform::export::{Part, Sheet};
use platform::http::IdCursor;
use platform::{Ctx, Result};

use super::store::{self, PaymentFilter, PaymentRow};
use crate::house::figure;

/// The file.
pub(super) const SHEET: Sheet<18> = Sheet {
    name: "payments",
    columns: [
        "id",
        "entity",
        "party",
        "direction",
        "method",
        "status",
        "received_on",
        "amount",
        "currency",
        "allocated",
        "refunded",
        "unallocated",
        "reference",
        "source",
        "bounced_on",
        "bounce_reason",
        "created_at",
        "created_by",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: PaymentFilter) -> Result<Part<18, PaymentFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_payments(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = IdCursor::cut(rows, Limit::WHOLE_LISTS, |row| row.id.uuid());
    let before = page.next_cursor.as_deref().map(IdCursor::decode).transpose()?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, before.map(|before| PaymentFilter { before: Some(before), ..filter })))
}

fn cells(ctx: &Ctx, row: PaymentRow) -> [String; 18] {
    let amount = |amount| figure(amount, row.currency);
    [
        row.id.to_string(),
        ctx.entity_code(row.entity_id).to_owned(),
        row.party_name.clone(),
        row.direction.to_string(),
        row.method.to_string(),
        row.status.to_string(),
        row.received_on.to_string(),
        amount(row.amount),
        row.currency.code().to_owned(),
        amount(row.allocated),
        amount(row.refunded),
        amount(row.unallocated()),
        row.reference.clone(),
        row.source.to_string(),
        row.bounced_on.map(|on| on.to_string()).unwrap_or_default(),
        row.bounce_reason.clone(),
        moment(row.created_at, &ctx.tenant().zone),
        row.created_by,
    ]
}
