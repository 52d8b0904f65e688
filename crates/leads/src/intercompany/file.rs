//! The list of transfers as a file.

use kernel::spreadsheet::moment;
use kernel::{Limit, Page, Week};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::{self, TransferFilter, TransferRow};

/// The file.
pub(super) const SHEET: Sheet<15> = Sheet {
    name: "intercompany_transfers",
    columns: [
        "id",
        "created_at",
        "from",
        "to",
        "week",
        "product",
        "units",
        "unit_price_ht",
        "status",
        "error_code",
        "delivery_id",
        "lead_id",
        "order_id",
        "document_id",
        "credit_of",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: TransferFilter) -> Result<Part<15, TransferFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_transfers(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, after.map(|after| TransferFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, row: TransferRow) -> [String; 15] {
    [
        row.id.to_string(),
        moment(row.created_at, &ctx.tenant().zone),
        ctx.entity_code(row.from_entity_id).to_owned(),
        ctx.entity_code(row.to_entity_id).to_owned(),
        Week::of(row.week).to_string(),
        row.product,
        row.units.to_string(),
        row.unit_price.map(|price| price.normalize().to_string()).unwrap_or_default(),
        row.status.to_string(),
        row.error_code.unwrap_or_default(),
        row.delivery_id.to_string(),
        row.lead_id.to_string(),
        row.order_id.to_string(),
        row.document_id.map(|id| id.to_string()).unwrap_or_default(),
        row.credit_of.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
