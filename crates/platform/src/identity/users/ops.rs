//! The writers of members.

use std::collections::BTreeMap;

use kernel::{Email, SessionId, UserId};
use serde_json::{Value, json};

use super::model::{Manager, Member};
use super::store::{self, NewMembership, NewUser};
use crate::event::Severity;
use crate::identity::{Access, account, recovery};
use crate::{Ctx, EntityRef, Error, Event, Permission, Result, Role, Tx};

/// A member about to be added. Without a password hash, an account that exists elsewhere gets a place here.
pub(super) struct AddMember {
    pub(super) email: Email,
    pub(super) name: String,
    pub(super) entity: Option<String>,
    pub(super) access: Access,
    pub(super) account: AccountSource,
}

/// Where the account of a new member comes from.
pub(super) enum AccountSource {
    New { password_hash: String, must_change: bool },
    Existing,
}

/// What may change about a member; nothing where absent.
#[derive(Default)]
pub(super) struct ChangeMember {
    pub(super) name: Option<String>,
    pub(super) entity: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) permissions: Option<BTreeMap<Permission, bool>>,
    pub(super) is_active: Option<bool>,
    pub(super) must_change_password: Option<bool>,
}

/// Adds a member. Forbidden when he would hold what the actor lacks; refused when the address has an account already
/// and none was meant.
pub(super) async fn add_member(tx: &mut Tx, cmd: AddMember) -> Result<Member> {
    open(tx).await?;
    let entity = placed(tx.ctx(), cmd.entity.as_deref())?;
    let after = super::model::Standing { access: cmd.access.clone(), is_active: true };
    manager(tx.ctx()).may_add(&after)?;
    let user_id = find_or_insert_user(tx, &cmd).await?;
    let (tenant_id, now) = (tx.tenant(), tx.now());
    let new = NewMembership { tenant_id, user_id, entity_id: entity.id, access: &cmd.access };
    store::insert_membership(tx.conn(), &new, now).await?;
    if let AccountSource::New { must_change: true, .. } = cmd.account {
        store::update_must_change_password(tx, user_id, true).await?;
    }
    let member = store::get_member(tx, user_id).await?;
    let details = json!({ "old": null, "new": snapshot(tx.ctx(), &member) });
    tx.emit(Event::new("create_user", "user", user_id).entity(member.entity_id).details(details));
    Ok(member)
}

async fn find_or_insert_user(tx: &mut Tx, cmd: &AddMember) -> Result<UserId> {
    let now = tx.now();
    match (store::find_user_id(tx.conn(), &cmd.email).await?, &cmd.account) {
        (Some(id), AccountSource::Existing) => Ok(id),
        (Some(_), AccountSource::New { .. }) => Err(Error::refused(
            "user_exists",
            "This address has an account already. Its password stays its owner's: to give him a place here, send \
             invite_existing and no password.",
        )
        .with_field("email", "has an account already")),
        (None, AccountSource::Existing) => {
            Err(Error::invalid("password", "is required: the address has no account yet"))
        }
        (None, AccountSource::New { password_hash, .. }) => {
            let id = UserId::generate(now);
            let user = NewUser { id, email: &cmd.email, name: &cmd.name, password_hash };
            store::insert_user(tx.conn(), &user, now).await?;
            Ok(id)
        }
    }
}

/// Changes a member. What he may do changes with his next request: his sessions here end.
///
/// Forbidden and refused as [`Manager::may_change`] says; refused when the name of an account shared with another
/// tenant, or whether it needs a new password, would change.
pub(super) async fn change_member(tx: &mut Tx, id: UserId, cmd: ChangeMember) -> Result<Member> {
    open(tx).await?;
    let before = store::get_member(tx, id).await?;
    let after = changed(tx.ctx(), &before, cmd)?;
    let others = store::count_other_super_admins(tx, id).await?;
    let manager = manager(tx.ctx());
    manager.may_change(id, &before.standing(), &after.standing(), others)?;
    if after.entity_id != before.entity_id {
        manager.may_move(id)?;
    }
    if after.name != before.name {
        refuse_shared(tx, id).await?;
        store::update_name(tx, id, &after.name).await?;
    }
    if after.must_change_password != before.must_change_password {
        manager.may_end_sessions(&before.standing())?;
        refuse_shared(tx, id).await?;
        store::update_must_change_password(tx, id, after.must_change_password).await?;
    }
    store::update_membership(tx, &after).await?;
    let loses_sessions = after.standing() != before.standing() || after.entity_id != before.entity_id;
    if loses_sessions {
        store::delete_member_sessions(tx, id).await?;
    }
    emit_changes(tx, &before, &after);
    store::get_member(tx, id).await
}

fn changed(ctx: &Ctx, before: &Member, cmd: ChangeMember) -> Result<Member> {
    let mut after = before.clone();
    if let Some(name) = cmd.name {
        after.name = name;
    }
    if let Some(code) = &cmd.entity {
        after.entity_id = placed(ctx, Some(code))?.id;
    }
    let role = cmd.role.unwrap_or(before.access.role());
    if let Some(map) = &cmd.permissions {
        after.access = access(role, map)?;
    } else if role != before.access.role() {
        after.access = Access::preset(role);
    }
    after.is_active = cmd.is_active.unwrap_or(before.is_active);
    after.must_change_password = cmd.must_change_password.unwrap_or(before.must_change_password);
    Ok(after)
}

/// Takes a member's place from him and ends his sessions. Deactivating twice is one deactivation.
pub(super) async fn deactivate_member(tx: &mut Tx, id: UserId) -> Result<Member> {
    change_member(tx, id, ChangeMember { is_active: Some(false), ..ChangeMember::default() }).await
}

/// Ends a member's sessions here; how many. Forbidden when only a super admin may touch him.
pub(super) async fn end_sessions(tx: &mut Tx, id: UserId) -> Result<u64> {
    open(tx).await?;
    let member = store::get_member(tx, id).await?;
    manager(tx.ctx()).may_end_sessions(&member.standing())?;
    let ended = store::delete_member_sessions(tx, id).await?;
    let event = Event::new("sessions_ended", "user", id).entity(member.entity_id);
    tx.emit(event.details(json!({ "ended": ended })).severity(Severity::Warning));
    Ok(ended)
}

/// Ends the sessions of every member here whose account the actor may touch, but for the session to `keep`; how many.
pub(super) async fn end_everybodys_sessions(tx: &mut Tx, keep: Option<SessionId>) -> Result<u64> {
    open(tx).await?;
    let above = if tx.ctx().sees_all_entities() { None } else { Some(Role::SuperAdmin) };
    let ended = store::delete_sessions_of_all(tx, above, keep).await?;
    let (tenant, details) = (tx.tenant(), json!({ "ended": ended, "this_too": keep.is_none() }));
    tx.emit(Event::new("all_sessions_ended", "tenant", tenant).details(details).severity(Severity::Warning));
    Ok(ended)
}

/// What becomes of the second factor when a password is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// It is still asked for.
    Keep,
    /// It is forgotten, with its recovery codes.
    Remove,
}

/// Gives a member a new password, which he may have to change before anything else, and ends his sessions everywhere.
///
/// Forbidden when he holds what the actor lacks; refused when the account also belongs to another tenant.
pub(super) async fn reset_password(
    tx: &mut Tx,
    id: UserId,
    hash: &str,
    must_change: bool,
    factor: SecondFactor,
) -> Result<()> {
    open(tx).await?;
    let member = store::get_member(tx, id).await?;
    manager(tx.ctx()).may_take_over(id, &member.standing())?;
    refuse_shared(tx, id).await?;
    account::set_password(tx, id, member.entity_id, hash, must_change).await?;
    if factor == SecondFactor::Remove {
        account::store::clear_totp(tx, id).await?;
    }
    account::store::end_sessions(tx, id, None).await?;
    recovery::store::end_resets(tx, id).await?;
    let details =
        json!({ "second_factor_removed": factor == SecondFactor::Remove, "must_change_password": must_change });
    let event = Event::new("password_reset", "user", id).entity(member.entity_id).details(details);
    tx.emit(event.severity(Severity::Warning));
    Ok(())
}

/// The address of a member, read before the work.
pub(super) async fn email_of(ctx: &Ctx, id: UserId) -> Result<Email> {
    let mut tx = ctx.read().await?;
    if ctx.sees_all_entities() {
        tx.across_entities().await?;
    }
    Ok(store::get_member(&mut tx, id).await?.email)
}

/// A role with an explicit map over its preset.
pub(super) fn access(role: Role, map: &BTreeMap<Permission, bool>) -> Result<Access> {
    Access::with_map(role, map).map_err(|refusal| Error::invalid("permissions", refusal.to_string()))
}

/// Changes of members happen one after the other, so that two cannot each spare the other as the last super admin.
/// Who sees every entity manages the members of all, whichever he has in scope.
async fn open(tx: &mut Tx) -> Result<()> {
    tx.lock("members").await?;
    if tx.ctx().sees_all_entities() { tx.across_entities().await } else { Ok(()) }
}

pub(super) fn manager(ctx: &Ctx) -> Manager {
    Manager { user_id: ctx.user_id(), is_super_admin: ctx.sees_all_entities(), permissions: ctx.permissions().clone() }
}

/// The entity a member is put in: one that the actor may see himself.
fn placed(ctx: &Ctx, code: Option<&str>) -> Result<EntityRef> {
    if let (None, false, [home]) = (code, ctx.sees_all_entities(), ctx.accessible_entities()) {
        return ctx.entity(*home).cloned().ok_or_else(|| Error::not_found("entity"));
    }
    let code = code.ok_or_else(|| Error::invalid("entity", "is required"))?;
    let entity =
        ctx.entity_by_code(code).ok_or_else(|| Error::invalid("entity", "there is no entity with this code"))?;
    if !ctx.accessible_entities().contains(&entity.id) {
        return Err(Error::forbidden("entity_out_of_scope", "The entity is outside your scope."));
    }
    Ok(entity.clone())
}

/// An account that another tenant relies on is not one tenant's to change.
async fn refuse_shared(tx: &mut Tx, id: UserId) -> Result<()> {
    let tenant = tx.tenant();
    let belongings = store::list_belongings(tx.conn(), id).await?;
    if belongings.iter().all(|belonging| belonging.tenant_id == tenant) {
        return Ok(());
    }
    Err(Error::refused(
        "user_shared",
        "This account also belongs to another organisation: only its owner or the operator can change it.",
    ))
}

fn emit_changes(tx: &mut Tx, before: &Member, after: &Member) {
    let (old, new) = (snapshot(tx.ctx(), before), snapshot(tx.ctx(), after));
    let event = |action| {
        let details = json!({ "old": old, "new": new });
        Event::new(action, "user", after.user_id).entity(after.entity_id).details(details)
    };
    if before.is_active && !after.is_active {
        tx.emit(event("deactivate_user").severity(Severity::Warning));
    }
    let is_updated = before.name != after.name
        || before.entity_id != after.entity_id
        || before.access.role() != after.access.role()
        || before.must_change_password != after.must_change_password
        || (!before.is_active && after.is_active);
    if is_updated {
        tx.emit(event("update_user"));
    }
    if before.access != after.access {
        tx.emit(event("permission_changed").severity(Severity::Warning));
    }
}

fn snapshot(ctx: &Ctx, member: &Member) -> Value {
    json!({
        "name": member.name,
        "entity": ctx.entity_code(member.entity_id),
        "role": member.access.role(),
        "granted": member.access.granted(),
        "revoked": member.access.revoked(),
        "is_active": member.is_active,
        "must_change_password": member.must_change_password,
    })
}
