//! Lists of documents as files.

use kernel::{Date, Limit, Page, Week};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::{self, DocumentFilter, DocumentRow};
use crate::house::figure;

/// The columns of a file of documents.
pub(super) const COLUMNS: [&str; 24] = [
    "id",
    "entity",
    "kind",
    "direction",
    "number",
    "status",
    "payment_state",
    "origin",
    "party",
    "original",
    "issue_on",
    "due_on",
    "week",
    "subject",
    "currency",
    "net",
    "vat",
    "gross",
    "paid",
    "credited",
    "balance",
    "settled_on",
    "disputed",
    "entry_id",
];

/// The file of all documents.
pub(super) const DOCUMENTS: Sheet<24> = Sheet { name: "documents", columns: COLUMNS };

/// The file of customers' invoices.
pub(super) const INVOICES: Sheet<24> = Sheet { name: "invoices", columns: COLUMNS };

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: DocumentFilter) -> Result<Part<24, DocumentFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_documents(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, after.map(|after| DocumentFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, row: &DocumentRow) -> [String; 24] {
    let zone = ctx.entity(row.entity_id).map_or(&ctx.tenant().zone, |entity| &entity.zone);
    let state = row.state(ctx.now().date_in(zone));
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let balance = if row.kind.is_fiscal() { row.settled().balance() } else { rust_decimal::Decimal::ZERO };
    let amount = |amount| figure(amount, row.currency);
    [
        row.id.to_string(),
        ctx.entity_code(row.entity_id).to_owned(),
        row.kind.to_string(),
        row.direction.to_string(),
        row.number.clone().unwrap_or_default(),
        row.status.to_string(),
        state.map(|state| state.to_string()).unwrap_or_default(),
        row.origin.to_string(),
        row.party_name.clone(),
        row.original_number.clone().unwrap_or_default(),
        day(row.issue_on),
        day(row.due_on),
        row.week.map(|week| Week::of(week).to_string()).unwrap_or_default(),
        row.subject.clone(),
        row.currency.code().to_owned(),
        amount(row.net),
        amount(row.vat),
        amount(row.gross),
        amount(row.paid),
        amount(row.credited),
        amount(balance),
        day(row.settled_on),
        kernel::spreadsheet::flag(row.disputed),
        row.entry_id.map(|id| id.to_string()).unwrap_or_default(),
    ]
}
