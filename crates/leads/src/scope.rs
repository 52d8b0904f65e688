//! What the lists of this crate share: entity and weeks.

use kernel::{Date, EntityId, Week};
use platform::{Ctx, EntityRef, Error, Result, names_all};

/// The context narrowed to the entity a list is asked for, by parameter or scope. Who sees several and wants them
/// all says so with `ALL`.
///
/// Malformed when several are in scope and none is named.
pub(crate) fn listed(ctx: &Ctx, entity: Option<&str>) -> Result<Ctx> {
    let named = entity.map(str::trim).filter(|code| !code.is_empty());
    if named.is_some_and(names_all) {
        return Ok(ctx.clone());
    }
    let ctx = ctx.within(named)?;
    if ctx.scope().entities.len() > 1 {
        let why = "name one entity, or ALL, or choose one with X-Entity-Scope";
        return Err(Error::bad_parameter("entity", why));
    }
    Ok(ctx)
}

/// Each entity in scope with the Monday of the week it is in, or of `week`.
pub(crate) fn mondays(ctx: &Ctx, week: Option<Week>) -> Vec<(EntityId, Date)> {
    let monday = |entity: &EntityRef| week.unwrap_or_else(|| Week::at(ctx.now(), &entity.zone)).monday();
    ctx.entities().map(|entity| (entity.id, monday(entity))).collect()
}
