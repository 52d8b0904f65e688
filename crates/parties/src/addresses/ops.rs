//! The only writers of addresses. Whoever writes one holds its party, so that of two defaults one is second.

use kernel::{PartyAddressId, PartyId};
use platform::{Error, Result, Tx};
use serde_json::json;

use super::model::{PartyAddress, SavePartyAddress};
use super::store;
use crate::Party;
use crate::parties::ops::{lock_living_party, tell};

/// Adds an address to a party.
///
/// Invalid at the field that is wrong; refused when the party is archived.
pub async fn add_address(tx: &mut Tx, party: PartyId, save: SavePartyAddress) -> Result<PartyAddress> {
    let save = checked(save)?;
    let party = lock_living_party(tx, party).await?;
    if save.is_default {
        store::clear_default(tx, party.id, save.kind).await?;
    }
    let id = PartyAddressId::generate(tx.now());
    store::insert_address(tx, id, (party.id, party.entity_id), &save).await?;
    tell(tx, "party_address_added", &party, json!({ "address_id": id, "kind": save.kind }));
    store::get_address(tx, id).await
}

/// Changes an address: all of it.
///
/// Invalid at the field that is wrong; refused when the party is archived; stale when it changed since the actor saw it.
pub async fn change_address(tx: &mut Tx, id: PartyAddressId, save: SavePartyAddress) -> Result<PartyAddress> {
    let save = checked(save)?;
    let (party, found) = hold(tx, id).await?;
    if save.is_default && !(found.is_default && found.kind == save.kind) {
        store::clear_default(tx, party.id, save.kind).await?;
    }
    store::update_address(tx, id, &save).await?;
    tell(tx, "party_address_changed", &party, json!({ "address_id": id, "kind": save.kind }));
    store::get_address(tx, id).await
}

/// Removes an address. Documents keep their own copy of it.
///
/// Refused when the party is archived; stale when it changed since the actor saw it.
pub async fn remove_address(tx: &mut Tx, id: PartyAddressId) -> Result<()> {
    let (party, found) = hold(tx, id).await?;
    store::delete_address(tx, id).await?;
    tell(tx, "party_address_removed", &party, json!({ "address_id": id, "kind": found.kind }));
    Ok(())
}

/// An address with its party, which is held.
async fn hold(tx: &mut Tx, id: PartyAddressId) -> Result<(Party, PartyAddress)> {
    let party = store::get_address(tx, id).await?.party_id;
    let party = lock_living_party(tx, party).await?;
    let found = store::get_address(tx, id).await?;
    tx.ctx().expect_version(found.updated_at)?;
    Ok((party, found))
}

fn checked(save: SavePartyAddress) -> Result<SavePartyAddress> {
    save.checked().map_err(|(field, why)| Error::invalid(field, why))
}
