//! The only writers of balances.

use kernel::{BuyerId, DeliveryId};
use platform::event::Event;
use platform::{Error, Result, Tx};
use serde_json::json;

use super::model::{AddPrepaidUnits, PrepaidMoveKind};
use super::store::{self, Purchase};
use crate::deliveries::store::{Line, Return};
use crate::pricing::ops::lock_living;
use crate::routing::assign::Assignment;
use crate::routing::jobs::request_sweep;

/// Units that can be bought at once.
const MOST_UNITS: i32 = 1_000_000;

/// Adds units that a buyer bought; what waited for them is routed again.
///
/// Invalid unless 1 to 1 000 000 units of a product of the catalogue are bought (L-44).
pub async fn add_units(tx: &mut Tx, id: BuyerId, command: &AddPrepaidUnits) -> Result<()> {
    if !(1..=MOST_UNITS).contains(&command.units) {
        return Err(Error::invalid("units", "must be 1 to 1000000"));
    }
    let note = command.note.trim();
    if note.chars().count() > 1000 {
        return Err(Error::invalid("note", "must be at most 1000 characters"));
    }
    let product = command.product.trim().to_uppercase();
    if catalog::store::find_item(tx, &product).await?.is_none() {
        return Err(Error::invalid("product", "is not in the catalogue"));
    }
    let buyer = lock_living(tx, id).await?;
    let (entity, units) = (buyer.entity_id, command.units);
    store::add_units(tx, &Purchase { entity, buyer: id, product: &product, units, note }).await?;
    let event = Event::new("prepayment_units_added", "client", id).entity(entity);
    tx.emit(event.details(json!({ "product": product, "units": units })));
    request_sweep(tx, "prepayment_units_added")
}

/// Holds a unit for each new delivery to a buyer who pays in advance. The caller holds the routing lock.
///
/// Invalid when fewer are left: nothing is written then.
pub async fn hold(tx: &mut Tx, assignments: &[Assignment]) -> Result<()> {
    let prepaid: Vec<_> = assignments.iter().filter(|row| row.prepaid).map(|row| row.delivery_id).collect();
    moved(tx, PrepaidMoveKind::Hold, &prepaid).await
}

/// The deliveries were sent.
pub async fn consume(tx: &mut Tx, deliveries: &[DeliveryId]) -> Result<()> {
    moved(tx, PrepaidMoveKind::Consume, deliveries).await
}

/// The delivery was given up, or taken back after it was sent (L-09).
pub async fn give_back(tx: &mut Tx, line: &Line, how: Return<'_>) -> Result<()> {
    let kind = match how {
        Return::Cancelled { .. } => PrepaidMoveKind::Release,
        Return::Rejected { .. } | Return::Removed { .. } => PrepaidMoveKind::Return,
    };
    let deliveries = if line.prepaid { vec![line.id] } else { Vec::new() };
    moved(tx, kind, &deliveries).await
}

/// Most deliveries are not prepaid: nothing is asked of the database for them.
async fn moved(tx: &mut Tx, kind: PrepaidMoveKind, deliveries: &[DeliveryId]) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    store::move_units(tx, kind, deliveries).await
}
