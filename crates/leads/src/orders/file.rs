//! The list of orders as a file.

use kernel::spreadsheet::{flag, moment};
use kernel::{Limit, Page, Week};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::{self, OrderFilter, OrderRow};
use crate::scope;

/// The file.
pub(super) const SHEET: Sheet<19> = Sheet {
    name: "commandes",
    columns: [
        "id",
        "created_at",
        "entity",
        "buyer_id",
        "buyer",
        "product",
        "departements",
        "quota_semaine",
        "lb_target_pct",
        "priorite",
        "auto_renew",
        "replace_suspicious",
        "active",
        "ends_on",
        "used",
        "delivered",
        "lb_delivered",
        "quota_remaining",
        "archived_at",
    ],
};

/// The lines of a page of the list, with what each order used of `week`.
pub(super) async fn read(ctx: Ctx, filter: OrderFilter, week: Option<Week>) -> Result<Part<19, OrderFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_orders(&mut tx, &filter, &scope::mondays(&ctx, week), Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row)).collect();
    Ok((lines, after.map(|after| OrderFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, order: OrderRow) -> [String; 19] {
    let zone = &ctx.tenant().zone;
    [
        order.id.to_string(),
        moment(order.created_at, zone),
        ctx.entity_code(order.entity_id).to_owned(),
        order.buyer_id.to_string(),
        order.buyer_name,
        order.product,
        order.departements.join(", "),
        order.quota.to_string(),
        order.lb_target.to_string(),
        order.priority.to_string(),
        flag(order.auto_renew),
        flag(order.replace_suspicious),
        flag(order.active),
        order.ends_on.map(|day| day.to_string()).unwrap_or_default(),
        order.usage.used.to_string(),
        order.usage.accepted.to_string(),
        order.usage.lb_accepted.to_string(),
        order.usage.remaining(order.quota).map(|units| units.to_string()).unwrap_or_default(),
        order.archived_at.map(|at| moment(at, zone)).unwrap_or_default(),
    ]
}
