//! The only writers of contacts. Whoever writes one holds its party, so that of two defaults one is second.

use kernel::{PartyContactId, PartyId};
use platform::{Error, Result, Tx};
use serde_json::json;

use super::model::{PartyContact, SavePartyContact};
use super::store;
use crate::Party;
use crate::parties::ops::{lock_living_party, tell};

/// Adds a contact to a party.
///
/// Invalid at the field that is wrong; refused when the party is archived.
pub async fn add_contact(tx: &mut Tx, party: PartyId, save: SavePartyContact) -> Result<PartyContact> {
    let save = checked(save)?;
    let party = lock_living_party(tx, party).await?;
    if save.is_default {
        store::clear_default(tx, party.id, save.kind).await?;
    }
    let id = PartyContactId::generate(tx.now());
    store::insert_contact(tx, id, (party.id, party.entity_id), &save).await?;
    tell(tx, "party_contact_added", &party, json!({ "contact_id": id, "kind": save.kind }));
    store::get_contact(tx, id).await
}

/// Changes a contact: all of it.
///
/// Invalid at the field that is wrong; refused when the party is archived; stale when it changed since the actor saw it.
pub async fn change_contact(tx: &mut Tx, id: PartyContactId, save: SavePartyContact) -> Result<PartyContact> {
    let save = checked(save)?;
    let (party, found) = hold(tx, id).await?;
    if save.is_default && !(found.is_default && found.kind == save.kind) {
        store::clear_default(tx, party.id, save.kind).await?;
    }
    store::update_contact(tx, id, &save).await?;
    tell(tx, "party_contact_changed", &party, json!({ "contact_id": id, "kind": save.kind }));
    store::get_contact(tx, id).await
}

/// Removes a contact. Documents keep their own copy of it.
///
/// Refused when the party is archived; stale when it changed since the actor saw it.
pub async fn remove_contact(tx: &mut Tx, id: PartyContactId) -> Result<()> {
    let (party, found) = hold(tx, id).await?;
    store::delete_contact(tx, id).await?;
    tell(tx, "party_contact_removed", &party, json!({ "contact_id": id, "kind": found.kind }));
    Ok(())
}

/// A contact with its party, which is held.
async fn hold(tx: &mut Tx, id: PartyContactId) -> Result<(Party, PartyContact)> {
    let party = store::get_contact(tx, id).await?.party_id;
    let party = lock_living_party(tx, party).await?;
    let found = store::get_contact(tx, id).await?;
    tx.ctx().expect_version(found.updated_at)?;
    Ok((party, found))
}

fn checked(save: SavePartyContact) -> Result<SavePartyContact> {
    save.checked().map_err(|(field, why)| Error::invalid(field, why))
}
