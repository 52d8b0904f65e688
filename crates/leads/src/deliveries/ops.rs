//! What ends a delivery: a return by the buyer, a withdrawal, a cancellation (spec 4.2, 4.3).

use kernel::{DeliveryId, Week};
use platform::event::Event;
use platform::{Error, Kind, Result, Tx};
use serde_json::json;

use super::model::{DeliveryOutcome, DeliveryStatus};
use super::store::{self, Line, Return};
use crate::billing;
use crate::bulk::{self, BulkAnswer};
use crate::intercompany;
use crate::prepaid;
use crate::routing::jobs::request_sweep;
use crate::rules::duplicate::RemovalReason;

/// Whether something was done, or had been done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Now.
    Now,
    /// Before: repeating is a success.
    Before,
}

/// The buyer refuses a delivered lead.
///
/// Not found out of scope; malformed unless it was sent and not withdrawn; invalid without a reason.
pub async fn reject(tx: &mut Tx, id: DeliveryId, reason: &str) -> Result<Done> {
    let reason = required("reason", reason)?;
    let line = get(tx, id).await?;
    match line.outcome {
        Some(DeliveryOutcome::Rejected) => return Ok(Done::Before),
        Some(DeliveryOutcome::Removed) => return Err(not_now("It was removed before.")),
        Some(DeliveryOutcome::Accepted) => {}
        None => return Err(not_now("Only a sent delivery can be rejected.")),
    }
    tx.across_entities().await?;
    take_back(tx, &line, Return::Rejected { reason }).await?;
    store::insert_refusal(tx, &line).await?;
    Ok(Done::Now)
}

/// We withdraw a delivered lead.
///
/// Not found out of scope; malformed unless it was sent and not rejected.
pub async fn remove(tx: &mut Tx, id: DeliveryId, reason: RemovalReason, detail: &str) -> Result<Done> {
    let line = get(tx, id).await?;
    match line.outcome {
        Some(DeliveryOutcome::Removed) => return Ok(Done::Before),
        Some(DeliveryOutcome::Rejected) => return Err(not_now("It was rejected before.")),
        Some(DeliveryOutcome::Accepted) => {}
        None => return Err(not_now("Only a sent delivery can be removed.")),
    }
    tx.across_entities().await?;
    take_back(tx, &line, Return::Removed { reason: reason.as_str(), detail }).await?;
    if reason.excludes_for_good() {
        store::insert_refusal(tx, &line).await?;
    }
    Ok(Done::Now)
}

/// Gives a delivery up before it was sent.
///
/// Not found out of scope; refused when it is being sent, sent or cancelled.
pub async fn cancel(tx: &mut Tx, id: DeliveryId, reason: &str) -> Result<()> {
    let reason = required("reason", reason)?;
    let line = get(tx, id).await?;
    tx.across_entities().await?;
    cancel_locked(tx, &line, reason).await
}

/// Gives many deliveries up, each as [`cancel`] does.
///
/// Invalid without a reason, and unless 1 to 200 deliveries are named.
pub async fn cancel_many(tx: &mut Tx, ids: &[DeliveryId], reason: &str) -> Result<BulkAnswer<DeliveryId>> {
    required("reason", reason)?;
    let mut answer = BulkAnswer::new();
    for id in bulk::named(ids)? {
        answer.note(id, tx.attempt(bulk::EACH, async |tx| cancel(tx, id, reason).await).await?);
    }
    Ok(answer)
}

/// Lets many failed deliveries wait for the next daily run again, each as [`reset`] does.
///
/// Invalid unless 1 to 200 deliveries are named.
pub async fn reset_many(tx: &mut Tx, ids: &[DeliveryId]) -> Result<BulkAnswer<DeliveryId>> {
    let mut answer = BulkAnswer::new();
    for id in bulk::named(ids)? {
        answer.note(id, tx.attempt(bulk::EACH, async |tx| reset(tx, id).await).await?);
    }
    Ok(answer)
}

/// Gives a locked delivery up. All entities are in scope.
pub(crate) async fn cancel_locked(tx: &mut Tx, line: &Line, reason: &str) -> Result<()> {
    line.status.move_to(DeliveryStatus::Cancelled)?;
    take_back(tx, line, Return::Cancelled { reason }).await
}

/// Lets a failed delivery wait for the next daily run again.
///
/// Not found out of scope; refused unless it failed.
pub async fn reset(tx: &mut Tx, id: DeliveryId) -> Result<()> {
    let line = get(tx, id).await?;
    line.status.move_to(DeliveryStatus::PendingCsv)?;
    if !store::reset(tx, id).await? {
        return Err(Error::conflict("The delivery moved meanwhile: read it again."));
    }
    tx.emit(Event::new("delivery_reset", "delivery", id).entity(line.entity_id).related(line.lead_id));
    Ok(())
}

/// The state change of a return with its event; the lead goes back into circulation. All entities are in scope.
pub(super) async fn take_back(tx: &mut Tx, line: &Line, how: Return<'_>) -> Result<()> {
    let zone = tx.ctx().entity(line.entity_id).map(|entity| entity.zone.clone());
    let zone = zone.unwrap_or_else(|| tx.ctx().tenant().zone.clone());
    let sent_week = line.accepted_at.map(|at| Week::at(at, &zone).monday());
    let by = tx.ctx().actor().name().to_owned();
    store::take_back(tx, line, how, &by, sent_week).await?;
    prepaid::ops::give_back(tx, line, how).await?;
    if !matches!(how, Return::Cancelled { .. }) {
        billing::candidates::note_returned(tx, line.id).await?;
        intercompany::ops::take_back(tx, line.id, line.entity_id).await?;
    }
    let (action, details) = match how {
        Return::Rejected { reason } => ("reject_lead", json!({ "reason": reason })),
        Return::Removed { reason, detail } => {
            ("lead_removed_from_delivery", json!({ "reason": reason, "detail": detail }))
        }
        Return::Cancelled { reason } => ("delivery_cancelled", json!({ "reason": reason })),
    };
    tx.touch(Some(line.entity_id), "lead");
    let event = Event::new(action, "delivery", line.id).entity(line.entity_id).details(details);
    tx.emit(event.related(line.lead_id).related(line.buyer_id).related(line.order_id));
    request_sweep(tx, "return")
}

async fn get(tx: &mut Tx, id: DeliveryId) -> Result<Line> {
    store::lock_lines(tx, &[id]).await?.pop().ok_or_else(|| Error::not_found("delivery"))
}

fn required<'a>(field: &'static str, text: &'a str) -> Result<&'a str> {
    let text = text.trim();
    if text.is_empty() || text.len() > 1000 {
        return Err(Error::invalid(field, "must be 1 to 1000 characters"));
    }
    Ok(text)
}

fn not_now(why: &'static str) -> Error {
    Error::new(Kind::Malformed, "delivery_outcome", why)
}
