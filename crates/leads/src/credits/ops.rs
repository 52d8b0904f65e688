//! The only writers of credits.

use kernel::{BuyerId, CreditId, Week};
use platform::event::Event;
use platform::{Error, Kind, Result, Tx};
use serde_json::json;

use super::model::{AddCredit, CreditRow};
use super::store;
use crate::billing::build::hold_open_week;
use crate::pricing::ops::lock_living;

/// Adds a credit to an order's week.
///
/// Invalid unless 1 to 1 000 000 units of an order of the buyer, of its product; refused once the week is invoiced.
pub async fn add_credit(tx: &mut Tx, buyer: BuyerId, command: AddCredit) -> Result<CreditRow> {
    if !(1..=1_000_000).contains(&command.quantity) {
        return Err(Error::invalid("quantity", "must be 1 to 1000000"));
    }
    let (product, note) = (command.product.trim().to_uppercase(), command.note.trim().to_owned());
    if note.chars().count() > 1000 {
        return Err(Error::invalid("note", "must be at most 1000 characters"));
    }
    let entity = lock_living(tx, buyer).await?.entity_id;
    let order = match crate::orders::store::lock_order(tx, command.order_id).await {
        Ok(order) if order.buyer_id == buyer => order,
        Err(error) if error.kind() != Kind::NotFound => return Err(error),
        _ => return Err(Error::invalid("order_id", "is no order of this buyer")),
    };
    if order.product != product {
        return Err(Error::invalid("product", "is not the order's product"));
    }
    hold_open_week(tx, entity, command.week).await?;
    let command = AddCredit { product, note, ..command };
    let id = store::insert_credit(tx, entity, buyer, &command).await?;
    let details = json!({ "credit_id": id, "week": command.week, "product": command.product, "quantity": command.quantity,
        "reason": command.reason });
    let event = Event::new("credit_added", "client", buyer).entity(entity).related(command.order_id);
    tx.emit(event.details(details));
    store::get_credit(tx, buyer, id).await
}

/// Deletes a credit.
///
/// Not found when it is not the buyer's; refused once its week is invoiced.
pub async fn delete_credit(tx: &mut Tx, buyer: BuyerId, id: CreditId) -> Result<()> {
    let entity = crate::buyers::store::lock_buyer(tx, buyer).await?.entity_id;
    let credit = store::get_credit(tx, buyer, id).await?;
    let week = Week::of(credit.week);
    hold_open_week(tx, entity, week).await?;
    store::delete_credit(tx, id).await?;
    let details = json!({ "credit_id": id, "week": week, "product": credit.product, "quantity": credit.quantity,
        "reason": credit.reason });
    let event = Event::new("credit_deleted", "client", buyer).entity(entity).related(credit.order_id);
    tx.emit(event.details(details));
    Ok(())
}
