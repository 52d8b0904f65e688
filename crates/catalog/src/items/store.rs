//! Every statement on `catalog.item`.

use std::collections::BTreeSet;

use kernel::{ItemId, Timestamp};
use platform::{Error, Result, Tx};

use super::model::Item;

platform::constraint!("item_code_key", "code", "There is already a product with this code.");
platform::constraint!("item_code_check", "code", "A product code is 1 to 20 of A-Z, 0-9, _ and -.");
platform::constraint!("item_name_check", "name", "A product needs a name.");

/// Writes a new item.
pub async fn insert_item(tx: &mut Tx, item: &Item) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "insert into catalog.item (tenant_id, id, code, name, unit, active, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        item.id.uuid(),
        item.code,
        item.name,
        item.unit,
        item.active,
        item.created_at as Timestamp,
        item.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every item, by code.
pub async fn list_items(tx: &mut Tx) -> Result<Vec<Item>> {
    let tenant = tx.tenant().uuid();
    let items = sqlx::query_as!(
        Item,
        r#"select id as "id: ItemId", code, name, unit, active, created_at, updated_at
           from catalog.item where tenant_id = $1 order by code"#,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(items)
}

/// The item with this code, if there is one.
pub async fn find_item(tx: &mut Tx, code: &str) -> Result<Option<Item>> {
    let tenant = tx.tenant().uuid();
    let item = sqlx::query_as!(
        Item,
        r#"select id as "id: ItemId", code, name, unit, active, created_at, updated_at
           from catalog.item where tenant_id = $1 and code = $2"#,
        tenant,
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(item)
}

/// The item with this code, held until the transaction ends.
pub async fn lock_item(tx: &mut Tx, code: &str) -> Result<Item> {
    let tenant = tx.tenant().uuid();
    let item = sqlx::query_as!(
        Item,
        r#"select id as "id: ItemId", code, name, unit, active, created_at, updated_at
           from catalog.item where tenant_id = $1 and code = $2 for no key update"#,
        tenant,
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    item.ok_or_else(|| Error::not_found("product"))
}

/// Writes an item's name and whether it is active.
pub async fn update_item(tx: &mut Tx, item: &Item) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!(
        "update catalog.item set name = $3, active = $4, updated_at = $5 where tenant_id = $1 and id = $2",
        tenant,
        item.id.uuid(),
        item.name,
        item.active,
        item.updated_at as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The codes of the items that are sold now.
pub async fn list_active_codes(tx: &mut Tx) -> Result<BTreeSet<String>> {
    let tenant = tx.tenant().uuid();
    let codes =
        sqlx::query_scalar!("select code from catalog.item where tenant_id = $1 and active order by code", tenant)
            .fetch_all(tx.conn())
            .await?;
    Ok(codes.into_iter().collect())
}
