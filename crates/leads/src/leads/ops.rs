//! What people do to a lead by hand.

use kernel::LeadId;
use platform::event::Event;
use platform::{Error, Result, Tx};
use serde_json::json;

use super::model::LeadStatus;
use super::store::{self, LeadDetail, NoteRow};
use crate::bulk::{self, BulkAnswer};
use crate::routing::jobs::request_sweep;

/// The states a person may set (spec 4.1).
const BY_HAND: [LeadStatus; 4] =
    [LeadStatus::New, LeadStatus::Invalid, LeadStatus::NoOpenOrders, LeadStatus::HoldSource];

/// The states a person may set `lead` to now.
pub fn choices(lead: &LeadDetail) -> Vec<LeadStatus> {
    let lead = &lead.lead;
    let is_placed = lead.entity_id.is_some() && lead.product.is_some();
    let may = |to: &LeadStatus| lead.status.move_to(*to).is_ok() && (is_placed || *to != LeadStatus::New);
    BY_HAND.into_iter().filter(|to| lead.delivery_id.is_none() && may(to)).collect()
}

/// Sets a lead's status by hand.
///
/// Not found out of scope; invalid for a state that is not set by hand or without a reason; refused where the lifecycle
/// does not allow the move; conflict when it moved meanwhile.
pub async fn edit_status(tx: &mut Tx, id: LeadId, to: LeadStatus, reason: &str) -> Result<()> {
    let reason = by_hand(to, reason)?;
    let lead = store::get_lead(tx, id).await?.lead;
    if lead.delivery_id.is_some() {
        return Err(Error::refused(
            "lead_assigned",
            "A delivery holds this lead: reject, remove or cancel that first.",
        ));
    }
    lead.status.move_to(to)?;
    if to == LeadStatus::New && (lead.entity_id.is_none() || lead.product.is_none()) {
        return Err(Error::refused("lead_unplaced", "Its entity or product is not known yet: map its form first."));
    }
    let held = (to == LeadStatus::HoldSource).then(|| format!("manual:{reason}"));
    if !store::update_status(tx, id, lead.status, to, held.as_deref()).await? {
        return Err(Error::conflict("The lead moved meanwhile: read it again."));
    }
    let details = json!({ "old": lead.status, "new": to, "reason": reason });
    tx.emit(Event::new("lead_status_edited", "lead", id).entity(lead.entity_id).details(details));
    if to == LeadStatus::New {
        request_sweep(tx, "status_edited")?;
    }
    Ok(())
}

/// Sets the status of many leads by hand, each as [`edit_status`] does.
///
/// Invalid for a state that is not set by hand, and unless 1 to 200 leads are named.
pub async fn edit_statuses(tx: &mut Tx, ids: &[LeadId], to: LeadStatus, reason: &str) -> Result<BulkAnswer<LeadId>> {
    by_hand(to, reason)?;
    let mut answer = BulkAnswer::new();
    for id in bulk::named(ids)? {
        answer.note(id, tx.attempt(bulk::EACH, async |tx| edit_status(tx, id, to, reason).await).await?);
    }
    Ok(answer)
}

/// Deletes many leads, each as [`delete`] does.
///
/// Invalid unless 1 to 200 leads are named.
pub async fn delete_many(tx: &mut Tx, ids: &[LeadId]) -> Result<BulkAnswer<LeadId>> {
    let mut answer = BulkAnswer::new();
    for id in bulk::named(ids)? {
        answer.note(id, tx.attempt(bulk::EACH, async |tx| delete(tx, id).await).await?);
    }
    Ok(answer)
}

fn by_hand(to: LeadStatus, reason: &str) -> Result<&str> {
    if !BY_HAND.contains(&to) {
        return Err(Error::invalid("status", "must be new, invalid, no_open_orders or hold_source"));
    }
    text("reason", reason, 500)
}

/// Deletes a lead that was never given to a buyer.
///
/// Not found out of scope; refused once there was a delivery, or an aged lead took its place.
pub async fn delete(tx: &mut Tx, id: LeadId) -> Result<()> {
    let lead = store::get_lead(tx, id).await?.lead;
    if store::has_history(tx, id).await? {
        return Err(Error::refused("lead_has_history", "A buyer had it: erase the person's data instead."));
    }
    store::delete_lead(tx, id).await?;
    let details = json!({ "status": lead.status, "product": lead.product });
    tx.emit(Event::new("lead_deleted", "lead", id).entity(lead.entity_id).details(details));
    Ok(())
}

/// Writes a note on a lead.
///
/// Not found out of scope; invalid when it is empty or too long.
pub async fn add_note(tx: &mut Tx, id: LeadId, body: &str) -> Result<NoteRow> {
    let body = text("text", body, 10_000)?;
    let lead = store::get_lead(tx, id).await?.lead;
    let note = store::insert_note(tx, id, body).await?;
    tx.emit(Event::new("note_added", "lead", id).entity(lead.entity_id));
    Ok(note)
}

fn text<'a>(field: &'static str, text: &'a str, limit: usize) -> Result<&'a str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limit {
        return Err(Error::invalid(field, format!("must be 1 to {limit} characters")));
    }
    Ok(text)
}
