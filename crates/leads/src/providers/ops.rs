//! The only writers of providers.

use kernel::{EntityId, ProviderId};
use platform::identity::keys::{self, IssuedKey};
use platform::{Error, Event, Result, Tx};
use serde_json::json;

use super::model::{CreateProvider, Provider, ProviderFields, UpdateProvider};
use super::store;
use crate::buyers::ops::Removal;
use crate::changes::changes;
use crate::routing::jobs::request_sweep;

/// What a provider's key is made for, and what every such key begins with.
const KEY_KIND: &str = "provider";
const KEY_PREFIX: &str = "prov_";

/// Creates a provider of `entity`, with its key.
///
/// Conflict when its slug is taken.
pub async fn create_provider(
    tx: &mut Tx,
    entity: EntityId,
    command: CreateProvider,
) -> Result<(ProviderId, IssuedKey)> {
    let fields = checked(command.into_fields())?;
    let id = ProviderId::generate(tx.now());
    store::insert_provider(tx, id, entity, &fields).await?;
    let key = keys::issue(tx, KEY_KIND, id.uuid(), KEY_PREFIX).await?;
    let details = json!({ "new": fields, "key_hint": key.hint });
    tx.emit(Event::new("provider_created", "provider", id).entity(entity).details(details));
    Ok((id, key))
}

/// Changes a provider.
///
/// Refused when it is archived; conflict when its slug is taken.
pub async fn update_provider(tx: &mut Tx, id: ProviderId, command: UpdateProvider) -> Result<()> {
    let provider = lock_living(tx, id).await?;
    let after = checked(command.applied_to(&provider.fields))?;
    let Some(changed) = changes(&provider.fields, &after) else { return Ok(()) };
    store::update_provider(tx, id, &after).await?;
    tx.emit(Event::new("provider_updated", "provider", id).entity(provider.entity_id).details(changed));
    if after.consent_by_contract && !provider.fields.consent_by_contract {
        request_sweep(tx, "provider_consent")?;
    }
    Ok(())
}

/// Gives a provider a new key; the one it had ends at once.
///
/// Refused when it is archived.
pub async fn rotate_key(tx: &mut Tx, id: ProviderId) -> Result<IssuedKey> {
    let provider = lock_living(tx, id).await?;
    let key = keys::issue(tx, KEY_KIND, id.uuid(), KEY_PREFIX).await?;
    let details = json!({ "key_hint": key.hint });
    tx.emit(Event::new("rotate_provider_key", "provider", id).entity(provider.entity_id).details(details));
    Ok(key)
}

/// Deletes a provider, or archives it when it ever sent a lead. Its key ends at once.
pub async fn delete_provider(tx: &mut Tx, id: ProviderId) -> Result<Removal> {
    let provider = lock_living(tx, id).await?;
    keys::revoke(tx, KEY_KIND, id.uuid()).await?;
    let removal = if store::has_leads(tx, id).await? { Removal::Archived } else { Removal::Deleted };
    match removal {
        Removal::Archived => store::archive_provider(tx, id).await?,
        Removal::Deleted => store::delete_provider(tx, id).await?,
    }
    let details = json!({ "slug": provider.fields.slug, "removal": removal });
    tx.emit(Event::new("provider_archived", "provider", id).entity(provider.entity_id).details(details));
    Ok(removal)
}

async fn lock_living(tx: &mut Tx, id: ProviderId) -> Result<Provider> {
    let provider = store::lock_provider(tx, id).await?;
    tx.ctx().expect_version(provider.updated_at)?;
    if provider.archived_at.is_some() {
        return Err(Error::refused("provider_archived", "This provider is archived: it no longer changes."));
    }
    Ok(provider)
}

fn checked(fields: ProviderFields) -> Result<ProviderFields> {
    match fields.refusal() {
        Some((field, why)) => Err(Error::invalid(field, why)),
        None => Ok(fields),
    }
}
