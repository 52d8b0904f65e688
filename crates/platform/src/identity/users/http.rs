//! The routes that manage members.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use kernel::{Email, EventId, MembershipId, Page, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::model::Member;
use super::ops::{self, AccountSource, AddMember, ChangeMember};
use super::store::{self, MemberFilter};
use crate::event::store::{EventFilter, list_events};
use crate::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use crate::identity::session::http::EndedView;
use crate::identity::{ACCOUNT_ACTIONS, Access, PlainPassword, SecondFactor, password};
use crate::{Ctx, Error, Permission, Result, Role, StoredEvent};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::UsersManage).tenant_wide();
    api.route(routes!(list_users), guard())
        .route(routes!(create_user), guard().confidential())
        .route(routes!(update_user), guard())
        .route(routes!(deactivate_user), guard())
        .route(routes!(reset_password), guard().confidential())
        .route(routes!(end_sessions_of), guard())
        .route(routes!(end_everybodys_sessions), guard())
        .route(routes!(permission_keys), guard())
        .route(routes!(activity_logs), Guard::permit(Permission::ActivityView))
}

/// A member of the tenant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct UserView {
    /// The user.
    id: UserId,
    /// What he signs in with.
    email: Email,
    /// His name.
    name: String,
    /// The code of his entity.
    entity: String,
    /// His role.
    role: Role,
    /// Every permission, and whether he holds it.
    #[schema(value_type = BTreeMap<String, bool>)]
    permissions: BTreeMap<Permission, bool>,
    /// Whether he may sign in here.
    is_active: bool,
    /// Whether he uses a second factor.
    totp_enabled: bool,
    /// Whether he has to choose a new password before anything else.
    must_change_password: bool,
    /// What you may do to him: `update`, `deactivate`, `reset_password`, `end_sessions`.
    can: Vec<&'static str>,
    /// Since when he is a member.
    created_at: Timestamp,
    /// When his membership was last changed.
    updated_at: Timestamp,
}

impl UserView {
    fn of(ctx: &Ctx, member: Member) -> Self {
        let held = member.access.permissions();
        Self {
            id: member.user_id,
            can: ops::manager(ctx).actions_on(&member),
            entity: ctx.entity_code(member.entity_id).to_owned(),
            role: member.access.role(),
            permissions: Permission::ALL.iter().map(|permission| (*permission, held.contains(permission))).collect(),
            is_active: member.is_active,
            totp_enabled: member.has_totp,
            must_change_password: member.must_change_password,
            email: member.email,
            name: member.name,
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

/// Which users.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct UserQuery {
    /// Only of this entity, by code.
    entity: Option<String>,
    /// Only active ones, or only inactive ones.
    is_active: Option<bool>,
    /// Literal text in name or e-mail.
    search: Option<String>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists users, the newest member first.
#[utoipa::path(get, path = "/api/auth/users", tag = "users", params(UserQuery), responses((status = 200, body = Page<UserView>)))]
async fn list_users(ctx: Ctx, Query(query): Query<UserQuery>) -> Result<Json<Page<UserView>>> {
    let rows = limit(query.limit)?;
    let narrowed = ctx.within(query.entity.as_deref())?;
    let filter = MemberFilter {
        entity_id: query.entity.as_deref().and_then(|code| ctx.entity_by_code(code)).map(|entity| entity.id),
        is_active: query.is_active,
        search: query.search,
        before: query.cursor.as_deref().map(IdCursor::decode).transpose()?.map(MembershipId::from_uuid),
    };
    let mut tx = narrowed.read().await?;
    if query.entity.is_none() && ctx.sees_all_entities() {
        tx.across_entities().await?;
    }
    let members = store::list_members(&mut tx, &filter, rows).await?;
    Ok(Json(
        IdCursor::cut(members, rows, |member| member.membership_id.uuid()).map(|member| UserView::of(&ctx, member)),
    ))
}

/// A new user.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateUser {
    /// What he signs in with.
    email: Email,
    /// His name; not needed for an account that exists.
    #[serde(default)]
    name: String,
    /// The code of his entity; those bound to one entity may leave it out.
    entity: Option<String>,
    /// His role: `viewer` unless told.
    role: Option<Role>,
    /// Overrides single permissions of the role.
    #[schema(value_type = Option<BTreeMap<String, bool>>)]
    permissions: Option<BTreeMap<Permission, bool>>,
    /// His first password: 12 characters or more.
    password: Option<PlainPassword>,
    /// Whether he has to choose another before anything else: he alone should know his password.
    #[serde(default)]
    must_change_password: bool,
    /// Gives an account that another organisation made a place here; it keeps its name and password.
    #[serde(default)]
    invite_existing: bool,
}

/// Creates a user.
#[utoipa::path(post, path = "/api/auth/users", tag = "users", request_body = CreateUser, responses((status = 201, body = UserView)))]
async fn create_user(ctx: Ctx, Json(body): Json<CreateUser>) -> Result<(StatusCode, Json<UserView>)> {
    let role = body.role.unwrap_or(Role::Viewer);
    let access = body.permissions.map_or(Ok(Access::preset(role)), |map| ops::access(role, &map))?;
    let account = match (body.password, body.invite_existing) {
        (Some(_), true) => return Err(Error::invalid("password", "an account that exists keeps its own password")),
        (None, true) if body.must_change_password => {
            return Err(Error::invalid("must_change_password", "an account that exists keeps its own password"));
        }
        (None, true) => AccountSource::Existing,
        (None, false) => return Err(Error::invalid("password", "is required")),
        (Some(plain), false) => {
            parse_name(&body.name)?;
            plain.check_policy("password", &body.email)?;
            AccountSource::New { password_hash: password::hash(&plain).await?, must_change: body.must_change_password }
        }
    };
    let name = body.name.trim().to_owned();
    let mut tx = ctx.begin().await?;
    let cmd = AddMember { email: body.email, name, entity: body.entity, access, account };
    let member = ops::add_member(&mut tx, cmd).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(UserView::of(&ctx, member))))
}

/// What changes about a user; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateUser {
    /// His name.
    name: Option<String>,
    /// The code of his entity.
    entity: Option<String>,
    /// His role; without `permissions`, its preset applies anew.
    role: Option<Role>,
    /// Overrides single permissions of the role; what it does not name follows the role.
    #[schema(value_type = Option<BTreeMap<String, bool>>)]
    permissions: Option<BTreeMap<Permission, bool>>,
    /// Whether he may sign in here.
    is_active: Option<bool>,
    /// Whether he has to choose a new password before anything else.
    must_change_password: Option<bool>,
}

/// Changes a user; a change of entity, role or permission ends his sessions.
#[utoipa::path(put, path = "/api/auth/users/{id}", tag = "users", params(("id" = UserId, Path)), request_body = UpdateUser, responses((status = 200, body = UserView)))]
async fn update_user(ctx: Ctx, Path(id): Path<UserId>, Json(body): Json<UpdateUser>) -> Result<Json<UserView>> {
    let cmd = ChangeMember {
        name: body.name.as_deref().map(parse_name).transpose()?,
        entity: body.entity,
        role: body.role,
        permissions: body.permissions,
        is_active: body.is_active,
        must_change_password: body.must_change_password,
    };
    let mut tx = ctx.begin().await?;
    let member = ops::change_member(&mut tx, id, cmd).await?;
    tx.commit().await?;
    Ok(Json(UserView::of(&ctx, member)))
}

/// Deactivates a user and ends his sessions.
#[utoipa::path(post, path = "/api/auth/users/{id}/deactivate", tag = "users", params(("id" = UserId, Path)), responses((status = 200, body = UserView)))]
async fn deactivate_user(ctx: Ctx, Path(id): Path<UserId>) -> Result<Json<UserView>> {
    let mut tx = ctx.begin().await?;
    let member = ops::deactivate_member(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(UserView::of(&ctx, member)))
}

/// A password for somebody who lost his.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    /// The new password: 12 characters or more.
    password: PlainPassword,
    /// Whether he has to choose another before anything else: he alone should know his password.
    #[serde(default)]
    must_change_password: bool,
    /// Also forgets his second factor, for a lost device.
    #[serde(default)]
    remove_totp: bool,
}

/// Sets a user's password, lifts his lockout and ends his sessions.
#[utoipa::path(post, path = "/api/auth/users/{id}/reset-password", tag = "users", params(("id" = UserId, Path)), request_body = ResetPassword, responses((status = 204)))]
async fn reset_password(ctx: Ctx, Path(id): Path<UserId>, Json(body): Json<ResetPassword>) -> Result<StatusCode> {
    let email = ops::email_of(&ctx, id).await?;
    body.password.check_policy("password", &email)?;
    let hash = password::hash(&body.password).await?;
    let factor = if body.remove_totp { SecondFactor::Remove } else { SecondFactor::Keep };
    let mut tx = ctx.begin().await?;
    ops::reset_password(&mut tx, id, &hash, body.must_change_password, factor).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a user's sessions here: he is signed out of everything with his next request.
#[utoipa::path(post, path = "/api/auth/users/{id}/sessions/ending", tag = "users", params(("id" = UserId, Path)), responses((status = 200, body = EndedView)))]
async fn end_sessions_of(ctx: Ctx, Path(id): Path<UserId>) -> Result<Json<EndedView>> {
    let mut tx = ctx.begin().await?;
    let ended = ops::end_sessions(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(EndedView { ended: ended.cast_signed() }))
}

/// Whose sessions end.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EndEverybodysSessions {
    /// Whether the one that asks ends too.
    #[serde(default)]
    this_too: bool,
}

/// Ends the sessions of everybody here whom you may manage, but for this one unless told.
#[utoipa::path(post, path = "/api/auth/users/sessions/ending", tag = "users", request_body = EndEverybodysSessions, responses((status = 200, body = EndedView)))]
async fn end_everybodys_sessions(ctx: Ctx, Json(body): Json<EndEverybodysSessions>) -> Result<Json<EndedView>> {
    let keep = ctx.session_id().filter(|_| !body.this_too);
    let mut tx = ctx.begin().await?;
    let ended = ops::end_everybodys_sessions(&mut tx, keep).await?;
    tx.commit().await?;
    Ok(Json(EndedView { ended: ended.cast_signed() }))
}

/// What there is to choose from.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PermissionKeys {
    /// Every permission.
    keys: &'static [Permission],
    /// The permissions of each role.
    #[schema(value_type = BTreeMap<String, Vec<Permission>>)]
    presets: BTreeMap<Role, BTreeSet<Permission>>,
    /// Every role.
    roles: &'static [Role],
}

/// Lists permissions, roles, and the permissions of each role.
#[utoipa::path(get, path = "/api/auth/permission-keys", tag = "users", responses((status = 200, body = PermissionKeys)))]
async fn permission_keys(_: Ctx) -> Json<PermissionKeys> {
    let presets = Role::ALL.iter().map(|role| (*role, role.preset())).collect();
    Json(PermissionKeys { keys: Permission::ALL, presets, roles: Role::ALL })
}

/// Which part of the account log.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ActivityQuery {
    /// Only about this user.
    user: Option<UserId>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists what happened to accounts: sign-ins, users created, changed, deactivated, permissions changed; newest first.
#[utoipa::path(get, path = "/api/auth/activity-logs", tag = "users", params(ActivityQuery), responses((status = 200, body = Page<StoredEvent>)))]
async fn activity_logs(ctx: Ctx, Query(query): Query<ActivityQuery>) -> Result<Json<Page<StoredEvent>>> {
    let rows = limit(query.limit)?;
    let filter = EventFilter {
        any_action: ACCOUNT_ACTIONS,
        about: query.user.map(UserId::uuid),
        before: query.cursor.as_deref().map(IdCursor::decode).transpose()?.map(EventId::from_uuid),
        ..EventFilter::default()
    };
    let mut tx = ctx.read().await?;
    let events = list_events(&mut tx, &filter, rows).await?;
    Ok(Json(IdCursor::cut(events, rows, |event| event.id.uuid())))
}

fn parse_name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Error::invalid("name", "must have 1 to 120 characters"));
    }
    Ok(name.to_owned())
}
