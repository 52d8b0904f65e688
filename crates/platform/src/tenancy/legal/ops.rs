//! The writers of legal identities and logos.

use kernel::Timestamp;
use serde_json::json;

use super::logo::Logo;
use super::model::Legal;
use super::store::{self, LegalRow};
use crate::changes::changes;
use crate::tenancy::ops::may_see;
use crate::{Error, Event, Kind, Result, Tx};

/// An entity by its code, for reading; its rows are within reach, whichever entities are in scope.
///
/// Not found outside of what the actor may see.
pub(super) async fn get_entity(tx: &mut Tx, code: &str) -> Result<LegalRow> {
    let row = store::find_by_code(tx, &spelled(code)).await?;
    seen(tx, row).await
}

/// Writes the whole legal identity of an entity.
///
/// Invalid at the field that is wrong or does not agree with another; stale when it changed since the actor saw it.
pub(super) async fn update_legal(tx: &mut Tx, code: &str, legal: Legal) -> Result<LegalRow> {
    let before = lock_entity(tx, code).await?;
    tx.ctx().expect_version(before.updated_at)?;
    let legal = legal.normalised();
    if let Some((field, why)) = legal.refusal() {
        return Err(Error::invalid(field, why));
    }
    let Some(mut changed) = changes(&before.legal, &legal) else { return Ok(before) };
    store::update_legal(tx, before.id, &legal).await?;
    changed["entity"] = json!(before.code);
    tx.emit(Event::new("entity_legal_updated", "entity", before.id).entity(before.id).details(changed));
    Ok(LegalRow { legal, updated_at: tx.now(), ..before })
}

/// Writes an entity's logo.
///
/// Stale when it changed since the actor saw it.
pub(super) async fn put_logo(tx: &mut Tx, code: &str, bytes: Vec<u8>) -> Result<Logo> {
    let entity = lock_entity(tx, code).await?;
    expect_logo_version(tx, &entity).await?;
    let logo = Logo::read(&bytes, tx.now())?;
    store::upsert_logo(tx, entity.id, &logo).await?;
    let details = json!({ "entity": entity.code, "sha256": logo.sha256, "bytes": logo.bytes.len() });
    tx.emit(Event::new("entity_logo_updated", "entity", entity.id).entity(entity.id).details(details));
    Ok(logo)
}

/// Takes an entity's logo away.
///
/// Not found without one; stale when it changed since the actor saw it.
pub(super) async fn delete_logo(tx: &mut Tx, code: &str) -> Result<()> {
    let entity = lock_entity(tx, code).await?;
    expect_logo_version(tx, &entity).await?;
    if !store::delete_logo(tx, entity.id).await? {
        return Err(Error::not_found("logo"));
    }
    let details = json!({ "entity": entity.code });
    tx.emit(Event::new("entity_logo_removed", "entity", entity.id).entity(entity.id).details(details));
    Ok(())
}

/// The version of a logo that is not there is the one of nothing.
async fn expect_logo_version(tx: &mut Tx, entity: &LegalRow) -> Result<()> {
    let version: Option<Timestamp> = store::find_logo_version(tx, entity.id).await?;
    match version {
        Some(version) => tx.ctx().expect_version(version),
        None if tx.ctx().names_version() => {
            Err(Error::new(Kind::Stale, "stale", "It was removed since you read it: read it again."))
        }
        None => Ok(()),
    }
}

async fn lock_entity(tx: &mut Tx, code: &str) -> Result<LegalRow> {
    let row = store::lock_by_code(tx, &spelled(code)).await?;
    seen(tx, row).await
}

async fn seen(tx: &mut Tx, row: Option<LegalRow>) -> Result<LegalRow> {
    let row = row.filter(|row| may_see(tx.ctx(), row.id)).ok_or_else(|| Error::not_found("entity"))?;
    // The entity asked for need not be the one worked in.
    tx.across_entities().await?;
    Ok(row)
}

fn spelled(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}
