//! The list of bank lines as a file.

use kernel::spreadsheet::{flag, moment};
use kernel::{Limit, Page};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::lines::{self, BankLineFilter, BankLineRow};
use crate::house::figure;

/// The file.
pub(super) const SHEET: Sheet<18> = Sheet {
    name: "bank_lines",
    columns: [
        "id",
        "entity",
        "account_id",
        "external_id",
        "booked_on",
        "value_on",
        "amount",
        "currency",
        "label",
        "counterparty",
        "counterparty_iban",
        "end_to_end_id",
        "remittance",
        "returned",
        "state",
        "matched_at",
        "matched_by",
        "ignore_reason",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: BankLineFilter) -> Result<Part<18, BankLineFilter>> {
    let mut tx = ctx.read().await?;
    let rows = lines::list_lines(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, lines::place);
    let after = cursor(page.next_cursor.as_deref())?;
    let rows = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((rows, after.map(|after| BankLineFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, row: BankLineRow) -> [String; 18] {
    [
        row.id.to_string(),
        ctx.entity_code(row.entity_id).to_owned(),
        row.account_id.to_string(),
        row.external_id,
        row.booked_on.to_string(),
        row.value_on.map(|on| on.to_string()).unwrap_or_default(),
        figure(row.amount, row.currency),
        row.currency.code().to_owned(),
        row.label,
        row.counterparty.unwrap_or_default(),
        row.counterparty_iban.unwrap_or_default(),
        row.end_to_end_id.unwrap_or_default(),
        row.remittance.unwrap_or_default(),
        flag(row.returned),
        row.state.to_string(),
        row.matched_at.map(|at| moment(at, &ctx.tenant().zone)).unwrap_or_default(),
        row.matched_by.unwrap_or_default(),
        row.ignore_reason,
    ]
}
