//! The only writers of prices and discounts.

use kernel::{BuyerId, Date, PricingId};
use platform::event::Event;
use platform::{Error, Result, Tx};
use serde_json::{Value, json};

use super::model::{SetGeneralDiscount, SetProductPrice, StoredDiscount, StoredPrice};
use super::store;
use crate::buyers::model::Buyer;
use crate::routing::jobs::request_sweep;
use crate::rules::pricing::{discount_refusal, price_on};

/// Sets what a buyer pays for a product from a day on, in place of what was said for that day. What waits is routed again: a
/// buyer who no longer pays in advance may take leads now.
///
/// Invalid for a day that is past, a price or discount out of bounds, a product that is not in the catalogue.
pub async fn set_product_price(tx: &mut Tx, id: BuyerId, command: SetProductPrice) -> Result<()> {
    if let Some((field, why)) = command.refusal() {
        return Err(Error::invalid(field, why));
    }
    let product = command.product.trim().to_uppercase();
    if catalog::store::find_item(tx, &product).await?.is_none() {
        return Err(Error::invalid("product", "is not in the catalogue"));
    }
    let buyer = lock_living(tx, id).await?;
    let price = StoredPrice {
        id: PricingId::generate(tx.now()),
        product,
        valid_from: first_day(tx, &buyer, command.valid_from)?,
        unit_price_eur: command.unit_price_eur,
        discount_pct: command.discount_pct,
        billing_mode: command.billing_mode,
        active: command.active,
        created_at: tx.now(),
        created_by: tx.ctx().actor().name().to_owned(),
    };
    put(tx, &buyer, price, "pricing_update").await
}

/// Sets a buyer's general discount from a day on, in place of what was said for that day.
///
/// Invalid for a day that is past, or a discount out of bounds.
pub async fn set_general_discount(tx: &mut Tx, id: BuyerId, command: &SetGeneralDiscount) -> Result<()> {
    if let Some(why) = discount_refusal(command.discount_pct_global) {
        return Err(Error::invalid("discount_pct_global", why));
    }
    let buyer = lock_living(tx, id).await?;
    let from = first_day(tx, &buyer, command.valid_from)?;
    let versions: Vec<_> = store::list_discounts(tx, id).await?.iter().map(StoredDiscount::version).collect();
    let old = price_on(from, &[], &versions).discount_pct;
    store::put_discount(tx, buyer.entity_id, id, (from, command.discount_pct_global)).await?;
    let old = json!({ "discount_pct_global": old.normalize() });
    let new = json!({ "discount_pct_global": command.discount_pct_global.normalize(), "valid_from": from });
    emit(tx, &buyer, "pricing_update", json!({ "old": old, "new": new }));
    Ok(())
}

/// Ends a price. The one that holds today (or, without `valid_from`, the product's price as such) is ended by an inactive
/// version of today; one that does not hold yet is deleted.
///
/// Not found when there is none to end; refused for one of the past: what held, held.
pub async fn delete_product_price(tx: &mut Tx, id: BuyerId, product: &str, valid_from: Option<Date>) -> Result<()> {
    let product = product.trim().to_uppercase();
    let buyer = lock_living(tx, id).await?;
    let today = today(tx, &buyer);
    let prices = store::list_prices(tx, id).await?;
    let mut of_product = prices.into_iter().filter(|price| price.product == product);
    if let Some(from) = valid_from.filter(|from| *from > today) {
        let future = of_product.find(|price| price.valid_from == from).ok_or_else(|| Error::not_found("price"))?;
        store::delete_price(tx, future.id).await?;
        emit(tx, &buyer, "pricing_delete", json!({ "product": product, "old": told(&future), "new": null }));
        return Ok(());
    }
    let held = of_product.find(|price| price.valid_from <= today).filter(|price| price.active);
    let held = held.ok_or_else(|| Error::not_found("price"))?;
    if valid_from.is_some_and(|from| from != held.valid_from) {
        return Err(Error::refused("price_is_past", "This price no longer holds: what held, held."));
    }
    let ended = StoredPrice {
        id: PricingId::generate(tx.now()),
        valid_from: today,
        active: false,
        created_at: tx.now(),
        created_by: tx.ctx().actor().name().to_owned(),
        ..held
    };
    put(tx, &buyer, ended, "pricing_delete").await
}

async fn put(tx: &mut Tx, buyer: &Buyer, price: StoredPrice, action: &'static str) -> Result<()> {
    let prices = store::list_prices(tx, buyer.id).await?;
    let old = prices.iter().find(|old| old.product == price.product && old.valid_from <= price.valid_from);
    let details = json!({ "product": price.product, "old": old.map(told), "new": told(&price) });
    store::put_price(tx, buyer.entity_id, buyer.id, &price).await?;
    emit(tx, buyer, action, details);
    request_sweep(tx, "pricing_update")
}

fn told(price: &StoredPrice) -> Value {
    json!({ "unit_price_eur": price.unit_price_eur.normalize(), "discount_pct": price.discount_pct.normalize(),
        "billing_mode": price.billing_mode, "active": price.active, "valid_from": price.valid_from })
}

fn emit(tx: &mut Tx, buyer: &Buyer, action: &'static str, details: Value) {
    tx.emit(Event::new(action, "client", buyer.id).entity(buyer.entity_id).details(details));
}

/// The business date of the buyer's entity.
pub(crate) fn today(tx: &Tx, buyer: &Buyer) -> Date {
    let zone = tx.ctx().entity(buyer.entity_id).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    tx.now().date_in(zone)
}

fn first_day(tx: &Tx, buyer: &Buyer, asked: Option<Date>) -> Result<Date> {
    let today = today(tx, buyer);
    let from = asked.unwrap_or(today);
    if from < today {
        return Err(Error::invalid("valid_from", "must not be in the past"));
    }
    if from > today.plus_days(3660) {
        return Err(Error::invalid("valid_from", "must lie within ten years"));
    }
    Ok(from)
}

/// A buyer that is not archived, held until the transaction ends: his prices are written one after the other.
pub(crate) async fn lock_living(tx: &mut Tx, id: BuyerId) -> Result<Buyer> {
    let buyer = crate::buyers::store::lock_buyer(tx, id).await?;
    if buyer.archived_at.is_some() {
        return Err(Error::refused("client_archived", "This buyer is archived: it no longer changes."));
    }
    Ok(buyer)
}
