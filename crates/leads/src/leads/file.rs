//! The list of leads as a file.

use std::collections::HashMap;

use kernel::spreadsheet::{flag, moment};
use kernel::{BuyerId, Limit, Page};
use platform::export::{Part, Sheet};
use platform::http::cursor;
use platform::{Ctx, Result};

use super::store::{self, LeadFilter, LeadRow};
use crate::buyers::store::list_names;

/// The file.
pub(super) const SHEET: Sheet<19> = Sheet {
    name: "leads",
    columns: [
        "id",
        "created_at",
        "entity",
        "product",
        "departement",
        "nom",
        "prenom",
        "phone",
        "phone_quality",
        "email",
        "status",
        "hold_reason",
        "routing_reason",
        "source",
        "lead_source_type",
        "buyer",
        "is_lb",
        "routed_at",
        "delivered_at",
    ],
};

/// The lines of a page of the list.
pub(super) async fn read(ctx: Ctx, filter: LeadFilter) -> Result<Part<19, LeadFilter>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_leads(&mut tx, &filter, Limit::WHOLE_LISTS).await?;
    let page = Page::cut(rows, Limit::WHOLE_LISTS, |row| (row.created_at, row.id.uuid()));
    let buyers: Vec<_> = page.items.iter().filter_map(|row| row.buyer_id).collect();
    let buyers = list_names(&mut tx, &buyers).await?;
    let after = cursor(page.next_cursor.as_deref())?;
    let lines = page.items.into_iter().map(|row| cells(&ctx, row, &buyers)).collect();
    Ok((lines, after.map(|after| LeadFilter { after: Some(after), ..filter })))
}

fn cells(ctx: &Ctx, lead: LeadRow, buyers: &HashMap<BuyerId, String>) -> [String; 19] {
    let zone = &ctx.tenant().zone;
    let at = |instant: Option<_>| instant.map(|instant| moment(instant, zone)).unwrap_or_default();
    [
        lead.id.to_string(),
        moment(lead.created_at, zone),
        lead.entity_id.map(|id| ctx.entity_code(id).to_owned()).unwrap_or_default(),
        lead.product.unwrap_or_default(),
        lead.departement,
        lead.nom,
        lead.prenom,
        lead.phone,
        lead.phone_quality,
        lead.email,
        lead.status.to_string(),
        lead.hold_reason.unwrap_or_default(),
        lead.routing_reason.unwrap_or_default(),
        lead.source,
        lead.lead_source_type,
        lead.buyer_id.and_then(|id| buyers.get(&id).cloned()).unwrap_or_default(),
        flag(lead.is_lb),
        at(lead.routed_at),
        at(lead.delivered_at),
    ]
}
