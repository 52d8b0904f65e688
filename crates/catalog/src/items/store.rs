//! Every statement on `catalog.item`; reads today's price along.

use std::collections::BTreeSet;

use kernel::{Currency, Date, ItemId, Supply, Timestamp, VatCategory};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use super::model::{Item, ItemFields, usual_revenue_role};

platform::constraint!("item_code_key", "code", "There is already a product with this code.");
platform::constraint!("item_code_check", "code", "A product code is 1 to 20 of A-Z, 0-9, _ and -.");
platform::constraint!("item_name_check", "name", "A product needs a name.");
platform::constraint!("item_vat_rate_check", "vat_rate", "A VAT rate lies between 0 and 100.");
platform::constraint!("item_vat_category_check", "vat_category", "This VAT category does not go with the VAT rate.");

/// The day on which a tenant looks at its catalogue: today, in its zone.
pub(crate) fn today(tx: &Tx) -> Date {
    tx.now().date_in(&tx.ctx().tenant().zone)
}

/// Writes a new item.
pub(super) async fn insert_item(tx: &mut Tx, id: ItemId, code: &str, fields: &ItemFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into catalog.item (tenant_id, id, code, name, unit, active, description, kind, unit_code, vat_rate,
             vat_category, vat_reason, currency, revenue_role, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        tenant,
        id.uuid(),
        code,
        fields.name,
        fields.unit,
        fields.active,
        fields.description,
        fields.kind.as_str(),
        fields.unit_code,
        fields.vat_rate,
        fields.vat_category.as_str(),
        fields.vat_reason,
        fields.currency.code(),
        fields.revenue_role,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: ItemId,
    code: String,
    name: String,
    description: String,
    kind: Supply,
    unit: String,
    unit_code: String,
    vat_rate: Decimal,
    vat_category: VatCategory,
    vat_reason: String,
    currency: Currency,
    sale_price: Option<Decimal>,
    price_valid_from: Option<Date>,
    revenue_role: Option<String>,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Item {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            description: row.description,
            kind: row.kind,
            unit: row.unit,
            unit_code: row.unit_code,
            vat_rate: row.vat_rate.normalize(),
            vat_category: row.vat_category,
            vat_reason: row.vat_reason,
            currency: row.currency,
            sale_price: row.sale_price.map(|price| price.normalize()),
            price_valid_from: row.price_valid_from,
            revenue_role: row.revenue_role.unwrap_or_else(|| usual_revenue_role(row.kind).to_owned()),
            active: row.active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Every item, by code.
pub async fn list_items(tx: &mut Tx) -> Result<Vec<Item>> {
    read_items(tx, None).await
}

/// The item with this code, if there is one.
pub async fn find_item(tx: &mut Tx, code: &str) -> Result<Option<Item>> {
    Ok(read_items(tx, Some(code)).await?.pop())
}

/// The item with this code.
pub async fn get_item(tx: &mut Tx, code: &str) -> Result<Item> {
    find_item(tx, code).await?.ok_or_else(|| Error::not_found("product"))
}

/// The items, or the one with a code.
async fn read_items(tx: &mut Tx, code: Option<&str>) -> Result<Vec<Item>> {
    let (tenant, today) = (tx.tenant().uuid(), today(tx));
    let rows = sqlx::query_as!(
        Row,
        r#"select i.id as "id: ItemId", i.code, i.name, i.description, i.kind as "kind: Supply", i.unit, i.unit_code,
               i.vat_rate, i.vat_category as "vat_category: VatCategory", i.vat_reason, i.currency as "currency: Currency",
               price.amount as "sale_price?", price.valid_from as "price_valid_from?: Date", i.revenue_role, i.active,
               i.created_at as "created_at: Timestamp", i.updated_at as "updated_at: Timestamp"
           from catalog.item i
           left join lateral (
               select p.amount, p.valid_from from catalog.item_price p
               where p.tenant_id = $1 and p.item_id = i.id and p.currency = i.currency and p.valid_from <= $3
               order by p.valid_from desc limit 1) price on true
           where i.tenant_id = $1 and ($2::text is null or i.code = $2)
           order by i.code"#,
        tenant,
        code,
        today as Date
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Item::from).collect())
}

/// What may be written of the item with this code, held until the transaction ends.
pub(super) async fn lock_item(tx: &mut Tx, code: &str) -> Result<(ItemId, Timestamp, ItemFields)> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select id as "id: ItemId", name, description, kind as "kind: Supply", unit, unit_code, vat_rate,
               vat_category as "vat_category: VatCategory", vat_reason, currency as "currency: Currency", revenue_role,
               active, updated_at as "updated_at: Timestamp"
           from catalog.item where tenant_id = $1 and code = $2 for no key update"#,
        tenant,
        code
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::not_found("product"))?;
    let fields = ItemFields {
        name: row.name,
        active: row.active,
        unit: row.unit,
        description: row.description,
        kind: row.kind,
        unit_code: row.unit_code,
        vat_rate: row.vat_rate.normalize(),
        vat_category: row.vat_category,
        vat_reason: row.vat_reason,
        currency: row.currency,
        revenue_role: row.revenue_role,
    };
    Ok((row.id, row.updated_at, fields))
}

/// Writes what may be written of an item.
pub(super) async fn update_item(tx: &mut Tx, id: ItemId, fields: &ItemFields) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update catalog.item
         set name = $3, active = $4, unit = $5, description = $6, kind = $7, unit_code = $8, vat_rate = $9,
             vat_category = $10, vat_reason = $11, currency = $12, revenue_role = $13, updated_at = $14
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        fields.name,
        fields.active,
        fields.unit,
        fields.description,
        fields.kind.as_str(),
        fields.unit_code,
        fields.vat_rate,
        fields.vat_category.as_str(),
        fields.vat_reason,
        fields.currency.code(),
        fields.revenue_role,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Says that something of an item changed that stands in another table.
pub(super) async fn touch_item(tx: &mut Tx, id: ItemId) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update catalog.item set updated_at = $3 where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        now as Timestamp
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
