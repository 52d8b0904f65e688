//! The list of buyers as a file.

use kernel::spreadsheet::{flag, moment};
use kernel::{Limit, Page};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::{self, BuyerFilter, BuyerRow};
use crate::rules::deliverability::EmailDenylist;
use crate::scope;
use crate::settings::model::EmailPolicy;

/// The file.
pub(super) const SHEET: Sheet<20> = Sheet {
    name: "clients",
    columns: [
        "id",
        "created_at",
        "entity",
        "name",
        "contact_name",
        "email",
        "phone",
        "delivery_emails",
        "auto_send_enabled",
        "active",
        "deliverable",
        "deliverable_reason",
        "client_status",
        "accounting_status",
        "payment_terms_days",
        "vat_rate",
        "tags",
        "leads_this_week",
        "total_leads_received",
        "archived_at",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: BuyerFilter) -> Result<Part<20, BuyerFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_buyers(&mut tx, &filter, &scope::mondays(&ctx, None), Limit::WHOLE_LISTS).await?;
    let denylist = tx.setting::<EmailPolicy>().await?.denylist;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.buyer.created_at, row.buyer.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row, &denylist)).collect();
    Ok((lines, after.map(|after| BuyerFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, row: BuyerRow, denylist: &EmailDenylist) -> [String; 20] {
    let zone = &ctx.tenant().zone;
    let reach = row.buyer.deliverability(denylist);
    let buyer = row.buyer;
    [
        buyer.id.to_string(),
        moment(buyer.created_at, zone),
        ctx.entity_code(buyer.entity_id).to_owned(),
        buyer.name,
        buyer.contact_name,
        buyer.email,
        buyer.phone,
        buyer.delivery_emails.join(", "),
        flag(buyer.auto_send_enabled),
        flag(buyer.active),
        flag(reach.deliverable),
        reach.reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
        buyer.crm.client_status,
        buyer.crm.accounting_status,
        buyer.payment_terms_days.to_string(),
        buyer.vat_rate.normalize().to_string(),
        buyer.crm.tags.join(", "),
        row.week_received.to_string(),
        row.total_received.to_string(),
        buyer.archived_at.map(|at| moment(at, zone)).unwrap_or_default(),
    ]
}
