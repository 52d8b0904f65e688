//! The only writers of transfers and their prices.

use kernel::{DeliveryId, DocumentId, EntityId, TransferId, Week};
use platform::event::{Event, Severity};
use platform::{Ctx, Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::jobs::request_retry;
use super::model::{PendingTransfer, SetTransferPrice, TransferStatus};
use super::store::{self, Retry};
use crate::rules::pricing::price_refusal;
use crate::rules::transfers::{TransferGroup, group};

/// Settles a delivery that was sent: one transfer from the lead's owner to who delivered, when these are two (spec 5.11). Safe
/// to run again. What it says is kept with the job.
pub async fn settle(ctx: &Ctx, delivery: DeliveryId) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let Some(unit) = store::lock_unit(&mut tx, delivery).await? else {
        return Ok(json!({ "transfer": null, "reason": "delivery_not_found" }));
    };
    let (owner, sent) = match unit.owed() {
        Ok(owed) => owed,
        Err(why) => return Ok(json!({ "transfer": null, "reason": why.as_str() })),
    };
    let week = week_of(&tx, unit.entity_id, sent);
    let Some((id, status)) = store::insert_transfer(&mut tx, &unit, owner, week).await? else {
        return Ok(json!({ "transfer": null, "reason": "already_exists" }));
    };
    let severity = if status == TransferStatus::Error { Severity::Error } else { Severity::Info };
    let event = Event::new("intercompany_transfer", "transfer", id).entity(unit.entity_id).severity(severity);
    let event = event.related(delivery).related(unit.lead_id).related(unit.order_id);
    tx.emit(event.details(json!({ "from": ctx.entity_code(owner), "to": ctx.entity_code(unit.entity_id),
        "product": unit.product, "week": week, "status": status })));
    tx.touch(Some(owner), "transfer");
    tx.commit().await?;
    Ok(json!({ "transfer": id, "status": status }))
}

/// A sent delivery was taken back: its transfer is cancelled, or credited when it was invoiced (L-10). All entities are in
/// scope.
pub async fn take_back(tx: &mut Tx, delivery: DeliveryId, entity: EntityId) -> Result<()> {
    let Some((id, status)) = store::lock_transfer_of(tx, delivery).await? else { return Ok(()) };
    let (action, details) = match status {
        TransferStatus::Cancelled => return Ok(()),
        TransferStatus::Pending | TransferStatus::Error => {
            store::cancel(tx, id).await?;
            ("transfer_cancelled", json!({ "reason": "taken_back" }))
        }
        TransferStatus::Invoiced => {
            let week = week_of(tx, entity, tx.now());
            let Some(credit) = store::insert_credit(tx, id, week).await? else { return Ok(()) };
            ("transfer_credited", json!({ "credit_id": credit, "week": week }))
        }
    };
    tx.emit(Event::new(action, "transfer", id).entity(entity).related(delivery).details(details));
    Ok(())
}

/// Cancels a pending transfer by hand.
///
/// Not found out of scope; invalid without a reason; refused unless it is pending.
pub async fn cancel(tx: &mut Tx, id: TransferId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Error::invalid("reason", "must be 1 to 1000 characters"));
    }
    let (status, entity, delivery) = store::lock_transfer(tx, id).await?;
    status.move_to(TransferStatus::Cancelled)?;
    if status != TransferStatus::Pending {
        let detail = "Only a pending transfer is cancelled by hand: this one is tried again.";
        return Err(Error::refused("transfer_not_pending", detail));
    }
    store::cancel(tx, id).await?;
    let event = Event::new("transfer_cancelled", "transfer", id).entity(entity).related(delivery);
    tx.emit(event.details(json!({ "reason": reason })));
    Ok(())
}

/// Tries transfers in error again, in place and in their original week (L-32); says how many are pending now and how many still
/// are not.
pub async fn retry(tx: &mut Tx, which: Retry) -> Result<(i64, i64)> {
    let (fixed, left) = store::retry_errors(tx, which).await?;
    if fixed > 0 {
        let tenant = tx.tenant().uuid();
        tx.emit(Event::new("transfers_retried", "tenant", tenant).details(json!({ "fixed": fixed, "left": left })));
    }
    Ok((fixed, left))
}

/// Sets prices between entities, all or none; transfers that lacked one are tried again.
///
/// Malformed for an entity that does not exist; invalid for a price out of bounds or a product that is not in the catalogue; not
/// found when neither side is in scope.
pub async fn set_prices(tx: &mut Tx, prices: &[SetTransferPrice]) -> Result<()> {
    if prices.is_empty() || prices.len() > 200 {
        return Err(Error::invalid("prices", "must name 1 to 200"));
    }
    for price in prices {
        set_price(tx, price).await?;
    }
    request_retry(tx)
}

async fn set_price(tx: &mut Tx, price: &SetTransferPrice) -> Result<()> {
    let side = |field: &'static str, code: &str| {
        let entity = tx.ctx().entity_by_code(code.trim());
        entity.map(|entity| entity.id).ok_or_else(|| Error::invalid(field, "there is no entity with this code"))
    };
    let (from, to) = (side("prices.from", &price.from)?, side("prices.to", &price.to)?);
    if from == to {
        return Err(Error::invalid("prices.to", "an entity does not charge itself"));
    }
    let scope = tx.ctx().scope();
    let mine = scope.entities.contains(&to).then_some(to).or_else(|| scope.entities.contains(&from).then_some(from));
    let mine = mine.ok_or_else(|| Error::not_found("entity"))?;
    if let Some(why) = price.unit_price_ht.and_then(price_refusal) {
        return Err(Error::invalid("prices.unit_price_ht", why));
    }
    let product = price.product.trim().to_uppercase();
    if catalog::store::find_item(tx, &product).await?.is_none() {
        return Err(Error::invalid("prices.product", "is not in the catalogue"));
    }
    let old = store::put_price(tx, (from, to), &product, price.unit_price_ht).await?;
    if old == price.unit_price_ht {
        return Ok(());
    }
    let told = |price: Option<Decimal>| price.map(|price| price.normalize());
    let event = Event::new("transfer_pricing_updated", "entity", mine).entity(mine);
    tx.emit(event.details(json!({ "from": price.from.trim(), "to": price.to.trim(), "product": product,
        "old": told(old), "new": told(price.unit_price_ht) })));
    Ok(())
}

/// What is pending of a week, as the lines of its invoices: by direction, product and unit price (L-34).
pub async fn pending_groups(tx: &mut Tx, week: Week) -> Result<Vec<TransferGroup>> {
    Ok(group(store::sum_pending(tx, week).await?))
}

/// The weeks up to one in which something is pending, oldest first: also those whose invoice was made before (L-33).
pub async fn pending_weeks(tx: &mut Tx, until: Week) -> Result<Vec<Week>> {
    store::list_pending_weeks(tx, until).await
}

/// What is pending of a direction and week, held until the transaction ends.
pub async fn lock_pending(tx: &mut Tx, from: EntityId, to: EntityId, week: Week) -> Result<Vec<PendingTransfer>> {
    store::lock_pending(tx, from, to, week).await
}

/// Transfers held by [`lock_pending`] are invoiced by a document.
///
/// Conflict when one of them is not pending any more: nothing is written then.
pub async fn mark_invoiced(tx: &mut Tx, ids: &[TransferId], document: DocumentId) -> Result<()> {
    let marked = store::mark_invoiced(tx, ids, document).await?;
    if usize::try_from(marked).ok() != Some(ids.len()) {
        return Err(Error::conflict("A transfer was settled meanwhile: read it again."));
    }
    Ok(())
}

fn week_of(tx: &Tx, entity: EntityId, at: kernel::Timestamp) -> Week {
    let zone = tx.ctx().entity(entity).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    Week::at(at, zone)
}
