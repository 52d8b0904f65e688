//! Every statement on `parties.party_address`.

use kernel::{Country, EntityId, Limit, PartyAddressId, PartyId, Timestamp};
use platform::{Error, Result, Tx};
use uuid::Uuid;

use super::model::{AddressKind, PartyAddress, SavePartyAddress};

platform::constraint!(
    "party_address_default_key",
    "is_default",
    "Another address of this kind became the default meanwhile."
);
platform::constraint!("party_address_line1_check", "line1", "An address needs a street.");

/// The addresses of a party, newest first, one more than `limit`; only those older than `before`.
pub async fn list_addresses(
    tx: &mut Tx,
    party: PartyId,
    before: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<PartyAddress>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyAddress,
        r#"select id as "id: PartyAddressId", party_id as "party_id: PartyId", kind as "kind: AddressKind", is_default, label, line1, line2, postal_code, city, country as "country: Country",
               updated_at as "updated_at: Timestamp"
           from parties.party_address
           where tenant_id = $1 and party_id = $2 and ($3::uuid is null or id < $3)
           order by id desc limit $4"#,
        tenant,
        party.uuid(),
        before,
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found)
}

/// The address to take of a kind, if one is.
pub async fn find_default(tx: &mut Tx, party: PartyId, kind: AddressKind) -> Result<Option<PartyAddress>> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyAddress,
        r#"select id as "id: PartyAddressId", party_id as "party_id: PartyId", kind as "kind: AddressKind", is_default, label, line1, line2, postal_code, city, country as "country: Country",
               updated_at as "updated_at: Timestamp"
           from parties.party_address where tenant_id = $1 and party_id = $2 and kind = $3 and is_default"#,
        tenant,
        party.uuid(),
        kind.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// An address. Whoever changes it holds its party, so it needs no lock of its own.
pub(super) async fn get_address(tx: &mut Tx, id: PartyAddressId) -> Result<PartyAddress> {
    let tenant = tx.tenant().uuid();
    let found = sqlx::query_as!(
        PartyAddress,
        r#"select id as "id: PartyAddressId", party_id as "party_id: PartyId", kind as "kind: AddressKind", is_default, label, line1, line2, postal_code, city, country as "country: Country",
               updated_at as "updated_at: Timestamp"
           from parties.party_address where tenant_id = $1 and id = $2"#,
        tenant,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    found.ok_or_else(|| Error::not_found("address"))
}

/// Makes room for another default of a kind.
pub(super) async fn clear_default(tx: &mut Tx, party: PartyId, kind: AddressKind) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update parties.party_address set is_default = false, updated_at = $4
         where tenant_id = $1 and party_id = $2 and kind = $3 and is_default",
        tenant,
        party.uuid(),
        kind.as_str(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a new address of a party that belongs to `entity`.
pub(super) async fn insert_address(
    tx: &mut Tx,
    id: PartyAddressId,
    (party, entity): (PartyId, Option<EntityId>),
    save: &SavePartyAddress,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "insert into parties.party_address (tenant_id, id, entity_id, party_id, kind, is_default, label, line1, line2, postal_code, city, country,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)",
        tenant,
        id.uuid(),
        entity.map(EntityId::uuid),
        party.uuid(),
        save.kind.as_str(),
        save.is_default,
        save.label,
        save.line1,
        save.line2,
        save.postal_code,
        save.city,
        save.country.code(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update_address(tx: &mut Tx, id: PartyAddressId, save: &SavePartyAddress) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update parties.party_address
         set kind = $3, is_default = $4, label = $5, line1 = $6, line2 = $7, postal_code = $8, city = $9, country = $10, updated_at = $11
         where tenant_id = $1 and id = $2",
        tenant,
        id.uuid(),
        save.kind.as_str(),
        save.is_default,
        save.label,
        save.line1,
        save.line2,
        save.postal_code,
        save.city,
        save.country.code(),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_address(tx: &mut Tx, id: PartyAddressId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query!("delete from parties.party_address where tenant_id = $1 and id = $2", tenant, id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
