//! The routes for those who forgot their password.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kernel::Email;
use serde::Deserialize;
use utoipa_axum::routes;

use super::ops;
use crate::http::{Api, ClientIp, Guard, Json, header};
use crate::identity::{PlainPassword, password};
use crate::{Actor, Platform, Result};

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    api.route(routes!(forgot_password), Guard::public()).route(routes!(choose_password), Guard::public().confidential())
}

/// Who forgot his password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgotPassword {
    /// Your address.
    email: Email,
}

/// Mails you a link with which to choose a new password, if the address has an account: the answer is the same if it has none.
/// The link works once, within the hour, and ends those before it.
#[utoipa::path(post, path = "/api/auth/forgot-password", tag = "account", request_body = ForgotPassword, responses((status = 204)))]
async fn forgot_password(
    State(platform): State<Platform>,
    ip: ClientIp,
    headers: HeaderMap,
    Json(body): Json<ForgotPassword>,
) -> Result<StatusCode> {
    ops::ask(&platform, ip, header(&headers, "x-request-id").unwrap_or_default(), &body.email).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password with the token of a link.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChoosePassword {
    /// What follows `#token=` in the link.
    token: String,
    /// The new password: 12 characters or more.
    password: PlainPassword,
}

/// Sets a new password with the token of a link, lifts a lockout and ends all your sessions. A second factor is still asked for.
#[utoipa::path(post, path = "/api/auth/reset-password", tag = "account", request_body = ChoosePassword, responses((status = 204)))]
async fn choose_password(
    State(platform): State<Platform>,
    ip: ClientIp,
    headers: HeaderMap,
    Json(body): Json<ChoosePassword>,
) -> Result<StatusCode> {
    let owner = ops::prove(&platform, ip, &body.token, &body.password).await?;
    let hash = password::hash(&body.password).await?;
    let actor = Actor::User { id: owner.user_id, name: owner.name.clone() };
    let request_id = header(&headers, "x-request-id").unwrap_or_default();
    let mut tx = platform.act_in(owner.tenant_id, actor, request_id).await?.begin().await?;
    ops::choose_password(&mut tx, &owner, &hash).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
