//! The only writers of items and of their prices.

use kernel::{Currency, Date, ItemId};
use platform::changes::changes;
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::model::{CreateItem, Item, UpdateItem};
use super::store;
use crate::prices::model::ItemPrice;
use crate::prices::store::upsert_price;

/// Creates an item.
///
/// Invalid at the field that is wrong; conflict when its code is taken.
pub async fn create_item(tx: &mut Tx, command: CreateItem) -> Result<Item> {
    let code = command.read_code();
    let code = code.ok_or_else(|| Error::invalid("code", "must be 1 to 20 of A-Z, 0-9, _ and -"))?;
    let (amount, valid_from) = (command.sale_price, command.price_valid_from);
    let fields = command.into_fields();
    if let Some((field, why)) = fields.refusal() {
        return Err(Error::invalid(field, why));
    }
    let id = ItemId::generate(tx.now());
    store::insert_item(tx, id, &code, &fields).await?;
    let details = json!({ "code": code, "name": fields.name, "unit": fields.unit });
    tx.emit(Event::new("product_created", "product", id).details(details));
    set_price(tx, (id, &code), amount, fields.currency, valid_from).await?;
    store::get_item(tx, &code).await
}

/// Changes an item, or sets its price from a day on.
///
/// Not found when there is no such code; invalid at the field that is wrong; stale when it changed since the actor saw it.
pub async fn update_item(tx: &mut Tx, code: &str, command: UpdateItem) -> Result<Item> {
    let (id, updated_at, before) = store::lock_item(tx, code).await?;
    tx.ctx().expect_version(updated_at)?;
    let (amount, valid_from) = (command.sale_price, command.price_valid_from);
    let after = command.applied_to(&before);
    if let Some((field, why)) = after.refusal() {
        return Err(Error::invalid(field, why));
    }
    if let Some(mut changed) = changes(&before, &after) {
        store::update_item(tx, id, &after).await?;
        changed["code"] = json!(code);
        tx.emit(Event::new("product_updated", "product", id).details(changed));
    }
    set_price(tx, (id, code), amount, after.currency, valid_from).await?;
    store::get_item(tx, code).await
}

async fn set_price(
    tx: &mut Tx,
    (id, code): (ItemId, &str),
    amount: Option<Decimal>,
    currency: Currency,
    valid_from: Option<Date>,
) -> Result<()> {
    let Some(amount) = amount else {
        if valid_from.is_some() {
            return Err(Error::invalid("sale_price", "is needed with the day it holds from"));
        }
        return Ok(());
    };
    let price = ItemPrice { amount, currency, valid_from: valid_from.unwrap_or_else(|| store::today(tx)) };
    if let Some((field, why)) = price.refusal() {
        return Err(Error::invalid(field, why));
    }
    upsert_price(tx, id, &price).await?;
    store::touch_item(tx, id).await?;
    tx.emit(Event::new("product_price_set", "product", id).details(json!({ "code": code, "new": price })));
    Ok(())
}
