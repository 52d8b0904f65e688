//! The routes of signing in, being recognised and signing out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Email, EntityId, Page, SessionId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::model::SESSION_LIFE;
use super::ops::{self, Origin, SignIn};
use super::store;
use crate::http::{Api, ClientIp, Guard, Json, SESSION_COOKIE, SetCookie, header, set_cookie};
use crate::identity::PlainPassword;
use crate::identity::users::store::{get_member, list_belongings};
use crate::{Ctx, Error, Permission, Platform, Result, Role, Tx};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    api.route(routes!(login), Guard::public().confidential())
        .route(routes!(logout), Guard::signed_in().pending())
        .route(routes!(me), Guard::signed_in().pending())
        .route(routes!(list_sessions), Guard::signed_in())
        .route(routes!(end_sessions), Guard::signed_in())
}

/// What you sign in with.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// Your address.
    email: String,
    /// Your password.
    password: PlainPassword,
    /// The organisation, by slug; the first you joined unless told.
    tenant: Option<String>,
    /// The code of your authenticator, or a recovery code.
    totp: Option<String>,
}

/// A session just opened.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LoginView {
    /// Send it as `Authorization: Bearer …`; browsers get it as a cookie too.
    token: String,
    /// When the session ends.
    expires_at: Timestamp,
    /// Who you are here.
    #[serde(flatten)]
    who: WhoView,
}

/// Who you are, where, and what you may do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WhoView {
    /// You.
    user: MeView,
    /// The organisation you are signed in to.
    tenant: TenantView,
    /// Other organisations you may sign in to.
    other_tenants: Vec<TenantView>,
    /// The entities you may see.
    entities: Vec<EntityBrief>,
    /// What you may do.
    permissions: Vec<Permission>,
}

/// You.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MeView {
    /// Your id.
    id: UserId,
    /// Your address.
    email: Email,
    /// Your name.
    name: String,
    /// Your role here.
    role: Role,
    /// The code of your entity.
    entity: String,
    /// Whether you use a second factor.
    totp_enabled: bool,
    /// Whether you choose a new password before anything else: until then nothing but that, this and signing out is open to you.
    must_change_password: bool,
}

/// An organisation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TenantView {
    /// The organisation.
    id: TenantId,
    /// Its name in addresses.
    slug: String,
    /// Its name.
    name: String,
}

/// An entity you may see.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EntityBrief {
    /// The entity.
    id: EntityId,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The zone of its business dates.
    time_zone: String,
}

/// Signs in. The answer's token, or the cookie that comes with it, opens everything else for seven days.
#[utoipa::path(post, path = "/api/auth/login", tag = "account", request_body = Login, responses((status = 200, body = LoginView)))]
async fn login(
    State(platform): State<Platform>,
    ip: ClientIp,
    headers: HeaderMap,
    Json(body): Json<Login>,
) -> Result<(SetCookie, Json<LoginView>)> {
    let origin = Origin {
        ip,
        user_agent: header(&headers, "user-agent").unwrap_or_default().chars().take(200).collect(),
        request_id: header(&headers, "x-request-id").unwrap_or_default().to_owned(),
    };
    let cmd = SignIn { email: body.email, password: body.password, tenant: body.tenant, code: body.totp };
    let mut opened = ops::sign_in(&platform, &origin, &cmd).await?;
    let who = who(&mut opened.tx, opened.user_id).await?;
    opened.tx.commit().await?;
    // A token is URL-safe base64.
    let cookie = set_cookie(SESSION_COOKIE, &opened.token, SESSION_LIFE.as_secs());
    let view = LoginView { token: opened.token, expires_at: opened.expires_at, who };
    Ok((cookie, Json(view)))
}

/// Signs out: ends this session.
#[utoipa::path(post, path = "/api/auth/logout", tag = "account", responses((status = 204)))]
async fn logout(ctx: Ctx) -> Result<(StatusCode, SetCookie)> {
    let mut tx = ctx.begin().await?;
    ops::sign_out(&mut tx).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, set_cookie(SESSION_COOKIE, "", 0)))
}

/// Who you are, where, and what you may do.
#[utoipa::path(get, path = "/api/auth/me", tag = "account", responses((status = 200, body = WhoView)))]
async fn me(ctx: Ctx) -> Result<Json<WhoView>> {
    let user = person(&ctx)?;
    let mut tx = ctx.read().await?;
    tx.across_entities().await?;
    let who = who(&mut tx, user).await?;
    Ok(Json(who))
}

/// One of your sessions here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SessionView {
    /// The session.
    id: SessionId,
    /// When you signed in.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// What the browser or program calls itself.
    user_agent: String,
    /// The address it was opened from.
    ip: String,
    /// Whether it is the one that asks.
    is_this: bool,
}

/// Your sessions in this organisation that have not ended, the newest first, at most a hundred.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "account", responses((status = 200, body = Page<SessionView>)))]
async fn list_sessions(ctx: Ctx) -> Result<Json<Page<SessionView>>> {
    let (user, this) = (person(&ctx)?, ctx.session_id());
    let mut tx = ctx.read().await?;
    let sessions = store::list_sessions(&mut tx, user).await?.into_iter().map(|session| SessionView {
        is_this: this == Some(session.id),
        id: session.id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        ip: session.ip,
    });
    Ok(Json(Page { items: sessions.collect(), next_cursor: None }))
}

/// Which of your sessions end.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EndSessions {
    /// Whether the one that asks ends too.
    #[serde(default)]
    this_too: bool,
}

/// How many sessions were ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct EndedView {
    /// How many.
    pub(crate) ended: i64,
}

/// Ends your sessions in every organisation, but for this one unless told.
#[utoipa::path(post, path = "/api/auth/sessions/ending", tag = "account", request_body = EndSessions, responses((status = 200, body = EndedView)))]
async fn end_sessions(ctx: Ctx, Json(body): Json<EndSessions>) -> Result<Json<EndedView>> {
    let user = person(&ctx)?;
    let keep = ctx.session_id().filter(|_| !body.this_too);
    let mut tx = ctx.begin().await?;
    let ended = ops::end_own_sessions(&mut tx, user, keep).await?;
    tx.commit().await?;
    Ok(Json(EndedView { ended }))
}

fn person(ctx: &Ctx) -> Result<UserId> {
    ctx.user_id().ok_or_else(|| Error::forbidden("not_a_person", "Only a person has an account."))
}

async fn who(tx: &mut Tx, user: UserId) -> Result<WhoView> {
    let member = get_member(tx, user).await?;
    let here = tx.tenant();
    let belongings = list_belongings(tx.conn(), user).await?;
    let (mut tenant, mut other_tenants) = (None, Vec::new());
    for belonging in belongings.into_iter().filter(|belonging| belonging.is_active) {
        let view = TenantView { id: belonging.tenant_id, slug: belonging.slug, name: belonging.name };
        if belonging.tenant_id == here { tenant = Some(view) } else { other_tenants.push(view) }
    }
    let sees_all = member.access.role().is_above_all();
    let entities = crate::tenancy::store::list_entities(tx).await?;
    let visible = entities.into_iter().filter(|entity| entity.active && (sees_all || entity.id == member.entity_id));
    Ok(WhoView {
        tenant: tenant.ok_or_else(|| Error::not_found("tenant"))?,
        other_tenants,
        entities: visible
            .map(|entity| EntityBrief {
                id: entity.id,
                code: entity.code,
                name: entity.name,
                time_zone: entity.time_zone,
            })
            .collect(),
        permissions: member.access.permissions().into_iter().collect(),
        user: MeView {
            id: member.user_id,
            entity: tx.ctx().entity_code(member.entity_id).to_owned(),
            role: member.access.role(),
            totp_enabled: member.has_totp,
            must_change_password: member.must_change_password,
            email: member.email,
            name: member.name,
        },
    })
}
