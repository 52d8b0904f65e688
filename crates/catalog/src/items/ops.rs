//! The only writers of items.

use kernel::ItemId;
use platform::{Error, Event, Result, Tx};
use serde_json::json;

use super::model::{CreateItem, Item, UpdateItem};
use super::store;

/// Creates an item.
///
/// Conflict when its code is taken.
pub async fn create_item(tx: &mut Tx, command: CreateItem) -> Result<Item> {
    let command = command.normalised();
    if let Some((field, why)) = command.refusal() {
        return Err(Error::invalid(field, why));
    }
    let now = tx.now();
    let item = Item {
        id: ItemId::generate(now),
        code: command.code,
        name: command.name,
        unit: command.unit.unwrap_or_else(|| "unit".to_owned()),
        active: true,
        created_at: now,
        updated_at: now,
    };
    store::insert_item(tx, &item).await?;
    let details = json!({ "code": item.code, "name": item.name, "unit": item.unit });
    tx.emit(Event::new("product_created", "product", item.id).details(details));
    Ok(item)
}

/// Changes an item's name or switches it on or off.
///
/// Not found when there is no such code.
pub async fn update_item(tx: &mut Tx, code: &str, command: UpdateItem) -> Result<Item> {
    let before = store::lock_item(tx, code).await?;
    let name = command.name.map_or_else(|| before.name.clone(), |name| name.trim().to_owned());
    if name.is_empty() {
        return Err(Error::invalid("name", "must not be empty"));
    }
    let item = Item { name, active: command.active.unwrap_or(before.active), updated_at: tx.now(), ..before.clone() };
    if (&item.name, item.active) == (&before.name, before.active) {
        return Ok(before);
    }
    store::update_item(tx, &item).await?;
    let details = json!({
        "code": item.code,
        "old": { "name": before.name, "active": before.active },
        "new": { "name": item.name, "active": item.active },
    });
    tx.emit(Event::new("product_updated", "product", item.id).details(details));
    Ok(item)
}
