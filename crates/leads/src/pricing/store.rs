//! Every statement on `leads.buyer_product_price` and `leads.buyer_discount`.

use kernel::{BuyerId, Date, EntityId, PricingId, Timestamp};
use platform::{Result, Tx};
use rust_decimal::Decimal;

use super::model::{StoredDiscount, StoredPrice};
use crate::rules::pricing::BillingMode;

platform::constraint!("buyer_product_price_price_check", "unit_price_eur", "A price is not negative.");
platform::constraint!(
    "buyer_product_price_discount_check",
    "discount_pct",
    "A discount lies between 0 and 100 percent."
);
platform::constraint!(
    "buyer_discount_discount_check",
    "discount_pct_global",
    "A discount lies between 0 and 100 percent."
);
platform::constraint!(
    "buyer_product_price_key",
    "valid_from",
    "Somebody else set this price meanwhile: read it again."
);
platform::constraint!("buyer_product_price_product_fkey", "product", "This product is not in the catalogue.");

/// Every version of every product of a buyer, by product, newest first.
pub async fn list_prices(tx: &mut Tx, buyer: BuyerId) -> Result<Vec<StoredPrice>> {
    let tenant = tx.tenant().uuid();
    let prices = sqlx::query_as!(
        StoredPrice,
        r#"select id as "id: PricingId", product, valid_from as "valid_from: Date", unit_price as unit_price_eur, discount_pct,
               billing_mode as "billing_mode: BillingMode", active, created_at as "created_at: Timestamp", created_by
           from leads.buyer_product_price where tenant_id = $1 and buyer_id = $2
           order by product, valid_from desc"#,
        tenant,
        buyer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(prices)
}

/// Every version of a buyer's general discount, newest first.
pub async fn list_discounts(tx: &mut Tx, buyer: BuyerId) -> Result<Vec<StoredDiscount>> {
    let tenant = tx.tenant().uuid();
    let discounts = sqlx::query_as!(
        StoredDiscount,
        r#"select id as "id: PricingId", valid_from as "valid_from: Date", discount_pct,
               created_at as "created_at: Timestamp", created_by
           from leads.buyer_discount where tenant_id = $1 and buyer_id = $2
           order by valid_from desc"#,
        tenant,
        buyer.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(discounts)
}

/// Writes a version, in place of one of the same day.
pub async fn put_price(tx: &mut Tx, entity: EntityId, buyer: BuyerId, price: &StoredPrice) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into leads.buyer_product_price (tenant_id, id, entity_id, buyer_id, product, valid_from, unit_price, discount_pct,
             billing_mode, active, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (tenant_id, buyer_id, product, valid_from) do update
         set unit_price = excluded.unit_price, discount_pct = excluded.discount_pct, billing_mode = excluded.billing_mode,
             active = excluded.active, created_at = excluded.created_at, created_by = excluded.created_by",
        tenant,
        price.id.uuid(),
        entity.uuid(),
        buyer.uuid(),
        price.product,
        price.valid_from as Date,
        price.unit_price_eur,
        price.discount_pct,
        price.billing_mode.as_str(),
        price.active,
        price.created_at as Timestamp,
        price.created_by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes a version that does not hold yet.
pub async fn delete_price(tx: &mut Tx, id: PricingId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from leads.buyer_product_price where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes a version of the general discount, in place of one of the same day.
pub async fn put_discount(
    tx: &mut Tx,
    entity: EntityId,
    buyer: BuyerId,
    (valid_from, percent): (Date, Decimal),
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let by = tx.ctx().actor().name().to_owned();
    sqlx::query!(
        "insert into leads.buyer_discount (tenant_id, id, entity_id, buyer_id, valid_from, discount_pct, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, buyer_id, valid_from) do update
         set discount_pct = excluded.discount_pct, created_at = excluded.created_at, created_by = excluded.created_by",
        tenant,
        PricingId::generate(now).uuid(),
        entity.uuid(),
        buyer.uuid(),
        valid_from as Date,
        percent,
        now as Timestamp,
        by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
