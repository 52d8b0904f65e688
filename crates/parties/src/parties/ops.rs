//! The only writers of parties. The caller owns the business event.

use kernel::{EntityId, PartyId};
use platform::{Error, Result, Tx};

use super::model::{Kind, Party, PartyFields, PartyRole};
use super::store;

/// Writes a new party of an entity; none = the tenant's.
///
/// Conflict when another living buyer of the entity has the e-mail address.
pub async fn insert_party(
    tx: &mut Tx,
    entity: Option<EntityId>,
    kind: Kind,
    roles: &[PartyRole],
    fields: PartyFields,
) -> Result<Party> {
    let now = tx.now();
    let party = Party {
        id: PartyId::generate(now),
        entity_id: entity,
        fields: checked(fields)?,
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    store::insert_party(tx, &party, kind, roles).await?;
    Ok(party)
}

/// A party, held until the transaction ends.
///
/// Not found outside the caller's scope.
pub async fn lock_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    store::lock_party(tx, id).await
}

/// Writes what is known of a party; answers what is now stored.
///
/// Conflict when another living buyer of the entity has the e-mail address.
pub async fn update_party(tx: &mut Tx, id: PartyId, fields: PartyFields) -> Result<PartyFields> {
    let fields = checked(fields)?;
    store::update_party(tx, id, &fields).await?;
    Ok(fields)
}

/// Archives a party, which frees its e-mail address; whether it was not archived before.
pub async fn archive_party(tx: &mut Tx, id: PartyId) -> Result<bool> {
    store::archive_party(tx, id).await
}

fn checked(fields: PartyFields) -> Result<PartyFields> {
    let fields = fields.trimmed();
    match fields.refusal() {
        Some((field, why)) => Err(Error::invalid(field, why)),
        None => Ok(fields),
    }
}
