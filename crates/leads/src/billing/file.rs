//! The list of records as a file.

use kernel::{Date, Limit, Page, Week};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};
use rust_decimal::Decimal;

use super::store::reading::{self, RecordFilter, RecordRow};

/// The file.
pub(super) const SHEET: Sheet<26> = Sheet {
    name: "billing_records",
    columns: [
        "id",
        "entity",
        "week",
        "buyer",
        "order_id",
        "product",
        "position",
        "billing_mode",
        "pricing_source",
        "unit_price",
        "discount_pct",
        "vat_rate",
        "units_sent",
        "units_billable",
        "units_lb",
        "units_free",
        "units_invoiced",
        "net",
        "vat",
        "gross",
        "status",
        "external_invoice_number",
        "issued_on",
        "due_on",
        "paid_on",
        "document_id",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: RecordFilter) -> Result<Part<26, RecordFilter>> {
    let mut tx = ctx.read().await?;
    let rows = reading::list_records(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, after.map(|after| RecordFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, row: RecordRow) -> [String; 26] {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let euros = |mut amount: Decimal| {
        amount.rescale(2);
        amount.to_string()
    };
    [
        row.id.to_string(),
        ctx.entity_code(row.entity_id).to_owned(),
        Week::of(row.week).to_string(),
        row.buyer_name,
        row.order_id.to_string(),
        row.product,
        row.position.to_string(),
        row.billing_mode.as_str().to_owned(),
        row.pricing_source.as_str().to_owned(),
        row.unit_price.normalize().to_string(),
        row.discount_pct.normalize().to_string(),
        row.vat_rate.normalize().to_string(),
        row.units_sent.to_string(),
        row.units_billable.to_string(),
        row.units_lb.to_string(),
        row.units_free.to_string(),
        row.units_invoiced.to_string(),
        euros(row.net),
        euros(row.vat),
        euros(row.gross),
        row.status.to_string(),
        row.external_invoice_number.unwrap_or_default(),
        day(row.issued_on),
        day(row.due_on),
        day(row.paid_on),
        row.document_id.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
