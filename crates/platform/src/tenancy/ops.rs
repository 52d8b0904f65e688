//! The writers of entities.

use kernel::{Email, EntityId, Timestamp};
use serde_json::{Value, json};

use super::legal::Legal;
use super::store::{self, Entity};
use crate::{Ctx, Error, Event, Result, Tx};

/// What an entity is to be.
pub(super) struct ChangeEntity {
    pub(super) name: String,
    /// Its legal identity; none = as it is.
    pub(super) legal: Option<Legal>,
    pub(super) mail_from: Option<Email>,
    /// `updated_at` as the writer saw it.
    pub(super) seen: Option<Timestamp>,
}

/// Whether the actor may see this entity: those who see all also see what is no longer in use.
pub(super) fn may_see(ctx: &Ctx, id: EntityId) -> bool {
    ctx.sees_all_entities() || ctx.accessible_entities().contains(&id)
}

/// Not found when the actor may not see the entity.
pub(super) fn require_sight(ctx: &Ctx, id: EntityId) -> Result<()> {
    if may_see(ctx, id) { Ok(()) } else { Err(Error::not_found("entity")) }
}

/// Changes name, legal data and sender.
///
/// Not found outside what the actor may see; conflict when it changed since he saw it.
pub(super) async fn change_entity(tx: &mut Tx, id: EntityId, cmd: ChangeEntity) -> Result<Entity> {
    require_sight(tx.ctx(), id)?;
    let before = store::lock_entity(tx, id).await?;
    if cmd.seen.is_some_and(|seen| seen != before.updated_at) {
        return Err(Error::conflict("This entity was changed meanwhile: read it again."));
    }
    if cmd.name.is_empty() || cmd.name.chars().count() > 120 {
        return Err(Error::invalid("name", "must have 1 to 120 characters"));
    }
    let legal = cmd.legal.map_or_else(|| before.legal.clone(), Legal::normalised);
    if let Some((field, why)) = legal.refusal() {
        return Err(Error::invalid(format!("legal.{field}"), why));
    }
    let mail_from = cmd.mail_from.as_ref().map(Email::as_str);
    let after = store::update_entity(tx, id, &cmd.name, &legal, mail_from).await?;
    // The event's entity must be in scope, and the one changed need not be the one worked in.
    tx.across_entities().await?;
    let details = json!({ "entity": after.code, "old": snapshot(&before), "new": snapshot(&after) });
    tx.emit(Event::new("entity_updated", "entity", id).entity(id).details(details));
    Ok(after)
}

fn snapshot(entity: &Entity) -> Value {
    json!({ "name": entity.name, "legal": entity.legal, "mail_from": entity.mail_from })
}
