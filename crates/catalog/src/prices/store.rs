//! Every statement on `catalog.item_price`.

use kernel::{Currency, Date, ItemId, Money, Timestamp};
use platform::{Result, Tx};

use super::model::ItemPrice;

platform::constraint!("item_price_amount_check", "sale_price", "A price is not negative.");

/// The price of an item on a day in a currency, if it has one.
pub async fn price_on(tx: &mut Tx, item: ItemId, day: Date, currency: Currency) -> Result<Option<Money>> {
    let tenant = tx.tenant().uuid();
    let amount = sqlx::query_scalar!(
        "select amount from catalog.item_price
         where tenant_id = $1 and item_id = $2 and currency = $3 and valid_from <= $4
         order by valid_from desc limit 1",
        tenant,
        item.uuid(),
        currency.code(),
        day as Date
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(amount.map(|amount| Money::new(amount.normalize(), currency)))
}

/// The prices of an item, the latest first; those to come too.
pub async fn list_prices(tx: &mut Tx, item: ItemId) -> Result<Vec<ItemPrice>> {
    let tenant = tx.tenant().uuid();
    let prices = sqlx::query_as!(
        ItemPrice,
        r#"select amount, currency as "currency: Currency", valid_from as "valid_from: Date"
           from catalog.item_price where tenant_id = $1 and item_id = $2
           order by valid_from desc, currency limit 500"#,
        tenant,
        item.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(prices)
}

/// Writes a price; it replaces the one that holds from the same day.
pub(crate) async fn upsert_price(tx: &mut Tx, item: ItemId, price: &ItemPrice) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into catalog.item_price (tenant_id, item_id, currency, valid_from, amount, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (tenant_id, item_id, currency, valid_from) do update
         set amount = excluded.amount, updated_at = excluded.updated_at",
        tenant,
        item.uuid(),
        price.currency.code(),
        price.valid_from as Date,
        price.amount,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
