//! The routes of signing in, being recognised and signing out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header::SET_COOKIE};
use axum::response::AppendHeaders;
use kernel::{Email, EntityId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::model::SESSION_LIFE;
use super::ops::{self, Origin, SignIn};
use crate::http::{Api, ClientIp, Guard, Json, SESSION_COOKIE, header};
use crate::identity::PlainPassword;
use crate::identity::users::store::{get_member, list_belongings};
use crate::{Ctx, Error, Permission, Platform, Result, Role, Tx};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    api.route(routes!(login), Guard::public().confidential())
        .route(routes!(logout), Guard::signed_in())
        .route(routes!(me), Guard::signed_in())
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
) -> Result<(AppendHeaders<[(axum::http::HeaderName, String); 1]>, Json<LoginView>)> {
    let origin = Origin {
        ip,
        user_agent: header(&headers, "user-agent").unwrap_or_default().chars().take(200).collect(),
        request_id: header(&headers, "x-request-id").unwrap_or_default().to_owned(),
    };
    let cmd = SignIn { email: body.email, password: body.password, tenant: body.tenant, code: body.totp };
    let mut opened = ops::sign_in(&platform, &origin, &cmd).await?;
    let who = who(&mut opened.tx, opened.user_id).await?;
    opened.tx.commit().await?;
    let cookie = cookie(&opened.token, SESSION_LIFE.as_secs());
    let view = LoginView { token: opened.token, expires_at: opened.expires_at, who };
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(view)))
}

/// Signs out: ends this session.
#[utoipa::path(post, path = "/api/auth/logout", tag = "account", responses((status = 204)))]
async fn logout(ctx: Ctx) -> Result<(StatusCode, AppendHeaders<[(axum::http::HeaderName, String); 1]>)> {
    let mut tx = ctx.begin().await?;
    ops::sign_out(&mut tx).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie("", 0))])))
}

/// Who you are, where, and what you may do.
#[utoipa::path(get, path = "/api/auth/me", tag = "account", responses((status = 200, body = WhoView)))]
async fn me(ctx: Ctx) -> Result<Json<WhoView>> {
    let user = ctx.user_id().ok_or_else(|| Error::forbidden("not_a_person", "Only a person has an account."))?;
    let mut tx = ctx.read().await?;
    tx.across_entities().await?;
    let who = who(&mut tx, user).await?;
    Ok(Json(who))
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
    let sees_all = member.access.role() == Role::SuperAdmin;
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
            email: member.email,
            name: member.name,
        },
    })
}

/// A token is URL-safe base64: nothing in it needs quoting.
fn cookie(token: &str, seconds: i64) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_bound_to_this_host_over_https_and_hidden_from_scripts() {
        assert_eq!(
            cookie("abc", 604_800),
            "__Host-comptoir=abc; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax"
        );
    }
}
