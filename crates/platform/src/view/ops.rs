//! The writers of saved views.

use kernel::{SavedViewId, UserId};
use serde_json::json;

use super::store::{self, View};
use crate::{Ctx, Error, Event, Result, Role, Tx};

/// Views that a user may have on a page.
const PER_PAGE: i64 = 50;

/// A view about to be saved.
pub(super) struct SaveView {
    pub(super) page: String,
    pub(super) name: String,
    pub(super) query: String,
    pub(super) shared: bool,
}

/// What may change about a view; nothing where absent.
pub(super) struct ChangeView {
    pub(super) name: Option<String>,
    pub(super) query: Option<String>,
    pub(super) shared: Option<bool>,
}

/// What the actor may do with a view that he sees.
pub(super) fn actions_on(ctx: &Ctx, view: &View) -> Vec<&'static str> {
    let is_own = ctx.user_id() == Some(view.user_id);
    match (is_own, may_take_away(ctx, view)) {
        (true, _) => vec!["update", "delete"],
        (false, true) => vec!["delete"],
        (false, false) => Vec::new(),
    }
}

fn may_take_away(ctx: &Ctx, view: &View) -> bool {
    view.shared && ctx.role().is_some_and(Role::is_above_all)
}

/// Saves a view of the actor's own.
///
/// Refused when he has as many on the page as he may; conflict when he has one of this name there.
pub(super) async fn save_view(tx: &mut Tx, cmd: SaveView) -> Result<View> {
    let user_id = open(tx).await?;
    tx.lock(&format!("saved_view/{user_id}")).await?;
    if store::count_views(tx, user_id, &cmd.page).await? >= PER_PAGE {
        return Err(Error::refused(
            "too_many_views",
            format!("A page holds {PER_PAGE} views of yours: delete one first."),
        ));
    }
    let (now, owner) = (tx.now(), tx.ctx().actor().name().to_owned());
    let SaveView { page, name, query, shared } = cmd;
    let id = SavedViewId::generate(now);
    let view = View { id, user_id, owner, page, name, query, shared, created_at: now, updated_at: now };
    store::insert_view(tx, &view).await?;
    tell(tx, "view_saved", &view);
    Ok(view)
}

/// Changes a view of the actor's own.
///
/// Not found when he does not see it; forbidden when it is another's.
pub(super) async fn change_view(tx: &mut Tx, id: SavedViewId, cmd: ChangeView) -> Result<View> {
    let user_id = open(tx).await?;
    let mut view = store::lock_view(tx, user_id, id).await?;
    if view.user_id != user_id {
        return Err(not_yours());
    }
    view.name = cmd.name.unwrap_or(view.name);
    view.query = cmd.query.unwrap_or(view.query);
    view.shared = cmd.shared.unwrap_or(view.shared);
    view.updated_at = tx.now();
    store::update_view(tx, &view).await?;
    tell(tx, "view_changed", &view);
    Ok(view)
}

/// Deletes a view of the actor's own; of those that others share, a super admin may.
///
/// Not found when he does not see it; forbidden when it is another's.
pub(super) async fn delete_view(tx: &mut Tx, id: SavedViewId) -> Result<()> {
    let user_id = open(tx).await?;
    let view = store::lock_view(tx, user_id, id).await?;
    if view.user_id != user_id && !may_take_away(tx.ctx(), &view) {
        return Err(not_yours());
    }
    store::delete_view(tx, id).await?;
    tell(tx, "view_deleted", &view);
    Ok(())
}

/// The user who acts; the members of every entity, who may share views, come into scope.
pub(super) async fn open(tx: &mut Tx) -> Result<UserId> {
    let user = tx.ctx().user_id();
    let user = user.ok_or_else(|| Error::forbidden("not_a_person", "Only a person has views of his own."))?;
    tx.across_entities().await?;
    Ok(user)
}

/// Its conditions may name a person: they are not told.
fn tell(tx: &mut Tx, action: &'static str, view: &View) {
    let details = json!({ "page": view.page, "shared": view.shared });
    tx.emit(Event::new(action, "view", view.id).related(view.user_id).details(details));
}

fn not_yours() -> Error {
    Error::forbidden("not_yours", "This view is another's: save one of your own.")
}
