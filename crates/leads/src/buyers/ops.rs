//! The only writers of buyers.

use kernel::{BuyerId, EntityId, PartyId};
use parties::{Kind, Note, PartyRole};
use platform::secret::PlainSecret;
use platform::{Error, Event, Result, Tx};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::crm::UpdateCrm;
use super::model::{self, Buyer, BuyerFields, CreateBuyer, UpdateBuyer};
use super::store;
use crate::changes::changes;
use crate::prepaid;
use crate::routing::jobs::request_sweep;

/// Creates a buyer of `entity`.
///
/// Conflict when another buyer of the entity has the e-mail address.
pub async fn create_buyer(tx: &mut Tx, entity: EntityId, command: CreateBuyer) -> Result<BuyerId> {
    let mut fields = checked(command.into_fields())?;
    let party = parties::parties::ops::insert_party(
        tx,
        Some(entity),
        Kind::Organisation,
        &[PartyRole::Buyer],
        fields.party.clone(),
    )
    .await?;
    fields.party = party.fields;
    store::insert_buyer(tx, party.id, entity, &fields).await?;
    let id = BuyerId::from_uuid(party.id.uuid());
    tx.emit(Event::new("client_created", "client", id).entity(entity).details(json!({ "new": fields })));
    Ok(id)
}

/// Changes a buyer.
///
/// Refused when it is archived; conflict when another buyer of the entity has the e-mail address.
pub async fn update_buyer(tx: &mut Tx, id: BuyerId, command: UpdateBuyer) -> Result<()> {
    let (buyer, before) = lock_living(tx, id).await?;
    let mut after = checked(command.applied_to(&before))?;
    after.party = parties::parties::ops::update_party(tx, party_of(id), after.party).await?;
    if buyer.api_key_set && !model::is_same_interface(before.api_endpoint.as_deref(), after.api_endpoint.as_deref()) {
        let why = "is another interface than the one the key was given for: remove the key first";
        return Err(Error::invalid("api_endpoint", why));
    }
    let Some(changed) = changes(&before, &after) else { return Ok(()) };
    store::update_buyer(tx, id, &after).await?;
    tx.emit(Event::new("client_updated", "client", id).entity(buyer.entity_id).details(changed));
    if before.auto_send_enabled != after.auto_send_enabled {
        let details = json!({ "old": before.auto_send_enabled, "new": after.auto_send_enabled });
        tx.emit(Event::new("client_auto_send_change", "client", id).entity(buyer.entity_id).details(details));
    }
    if after.active && (!before.active || after.is_reached_otherwise_than(&before)) {
        request_sweep(tx, "client_updated")?;
    }
    Ok(())
}

/// Keeps the key of a buyer's interface, sealed, in the place of the one before.
///
/// Refused without an interface, or when the buyer is archived; invalid when the key is empty or too long.
pub async fn put_api_key(tx: &mut Tx, id: BuyerId, key: &PlainSecret) -> Result<()> {
    let (buyer, _) = lock_living(tx, id).await?;
    if buyer.api_endpoint.is_none() {
        let detail = "A key is that of an interface: set api_endpoint first.";
        return Err(Error::refused("client_without_interface", detail));
    }
    let key = key.checked("api_key")?;
    let place = store::API_KEY.place(tx.tenant(), id);
    let sealed = tx.ctx().platform().secrets().seal(&place, key).await?;
    store::update_api_key(tx, id, Some(&sealed)).await?;
    let details = json!({ "kept": true, "replaced": buyer.api_key_set });
    tx.emit(Event::new("client_api_key_changed", "client", id).entity(buyer.entity_id).details(details));
    Ok(())
}

/// Forgets the key of a buyer's interface. Nothing happens when there is none.
pub async fn delete_api_key(tx: &mut Tx, id: BuyerId) -> Result<()> {
    let (buyer, _) = lock_living(tx, id).await?;
    forget_api_key(tx, &buyer).await
}

async fn forget_api_key(tx: &mut Tx, buyer: &Buyer) -> Result<()> {
    if buyer.api_key_set {
        store::update_api_key(tx, buyer.id, None).await?;
        let event = Event::new("client_api_key_changed", "client", buyer.id).entity(buyer.entity_id);
        tx.emit(event.details(json!({ "kept": false })));
    }
    Ok(())
}

/// Changes a buyer's CRM fields.
pub async fn update_crm(tx: &mut Tx, id: BuyerId, command: UpdateCrm) -> Result<()> {
    if let Some((field, why)) = command.refusal() {
        return Err(Error::invalid(field, why));
    }
    let (buyer, _) = lock_living(tx, id).await?;
    let after = command.applied_to(&buyer.crm);
    let Some(changed) = changes(&buyer.crm, &after) else { return Ok(()) };
    store::update_crm(tx, id, &after).await?;
    tx.emit(Event::new("crm_update", "client", id).entity(buyer.entity_id).details(changed));
    Ok(())
}

/// Writes a note on a buyer.
pub async fn add_note(tx: &mut Tx, id: BuyerId, text: &str) -> Result<Note> {
    let buyer = store::lock_buyer(tx, id).await?;
    tx.ctx().expect_version(buyer.updated_at)?;
    let note = parties::notes::ops::add_note(tx, party_of(id), text).await?;
    tx.emit(Event::new("note_added", "client", id).entity(buyer.entity_id).details(json!({ "note_id": note.id })));
    Ok(note)
}

/// What became of a thing that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// It had no history and is gone.
    Deleted,
    /// It has a history and is kept out of sight (L-38).
    Archived,
}

/// Deletes a buyer, or archives it when it ever had an order or bought units.
///
/// Refused while it has active orders.
pub async fn delete_buyer(tx: &mut Tx, id: BuyerId) -> Result<Removal> {
    let (buyer, fields) = lock_living(tx, id).await?;
    let (orders, active) = store::count_orders(tx, id).await?;
    if active > 0 {
        let detail = format!("This buyer has {active} active orders: pause or delete them first.");
        return Err(Error::refused("client_has_active_orders", detail));
    }
    parties::parties::ops::archive_party(tx, party_of(id)).await?;
    let has_history = orders > 0 || prepaid::store::has_balance(tx, id).await?;
    forget_api_key(tx, &buyer).await?;
    let removal = if has_history { Removal::Archived } else { Removal::Deleted };
    match removal {
        Removal::Deleted => store::delete_buyer(tx, id).await?,
        Removal::Archived => store::update_buyer(tx, id, &BuyerFields { active: false, ..fields }).await?,
    }
    let details = json!({ "name": buyer.name, "removal": removal });
    tx.emit(Event::new("client_archived", "client", id).entity(buyer.entity_id).details(details));
    Ok(removal)
}

async fn lock_living(tx: &mut Tx, id: BuyerId) -> Result<(Buyer, BuyerFields)> {
    let buyer = store::lock_buyer(tx, id).await?;
    tx.ctx().expect_version(buyer.updated_at)?;
    if buyer.archived_at.is_some() {
        return Err(Error::refused("client_archived", "This buyer is archived: it no longer changes."));
    }
    let party = parties::parties::ops::lock_party(tx, party_of(id)).await?;
    let fields = BuyerFields {
        party: party.fields,
        delivery_emails: buyer.delivery_emails.clone(),
        api_endpoint: buyer.api_endpoint.clone(),
        auto_send_enabled: buyer.auto_send_enabled,
        active: buyer.active,
    };
    Ok((buyer, fields))
}

fn checked(fields: BuyerFields) -> Result<BuyerFields> {
    match model::refusal(&fields) {
        Some((field, why)) => Err(Error::invalid(field, why)),
        None => Ok(fields),
    }
}

/// A buyer is the party with its id.
fn party_of(id: BuyerId) -> PartyId {
    PartyId::from_uuid(id.uuid())
}
