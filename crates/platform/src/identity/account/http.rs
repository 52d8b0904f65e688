//! The routes of one's own account.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

use super::ops;
use crate::http::{Api, Guard, Json};
use crate::identity::{PlainPassword, password};
use crate::{Ctx, Error, Result};

/// Codes that a signed-in user may try a minute.
const CODES_PER_MINUTE: u32 = 10;

/// The routes of this module.
pub(crate) fn routes(api: Api) -> Api {
    let guard = || Guard::signed_in().confidential();
    api.route(routes!(change_password), guard().pending())
        .route(routes!(begin_totp, disable_totp), guard())
        .route(routes!(confirm_totp), guard())
}

/// A change of one's own password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    /// The present password.
    current: PlainPassword,
    /// The new one: 12 characters or more.
    new: PlainPassword,
}

/// Changes your password and ends your other sessions.
#[utoipa::path(post, path = "/api/auth/password", tag = "account", request_body = ChangePassword, responses((status = 204)))]
async fn change_password(ctx: Ctx, Json(body): Json<ChangePassword>) -> Result<StatusCode> {
    let proven = ops::prove_password(&ctx, "current", &body.current).await?;
    body.new.check_policy("new", &proven.email)?;
    if body.new == body.current {
        return Err(Error::invalid("new", "is the present one"));
    }
    let hash = password::hash(&body.new).await?;
    let mut tx = ctx.begin().await?;
    ops::change_password(&mut tx, &proven, &hash).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A second factor to be confirmed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TotpEnrolment {
    /// The secret, for typing.
    secret: String,
    /// The same for a QR code: an `otpauth` URL.
    otpauth_url: String,
}

/// Starts a second factor; it counts once a code of it is confirmed.
#[utoipa::path(post, path = "/api/auth/totp", tag = "account", responses((status = 200, body = TotpEnrolment)))]
async fn begin_totp(ctx: Ctx) -> Result<Json<TotpEnrolment>> {
    let mut tx = ctx.begin().await?;
    let (secret, otpauth_url) = ops::begin_totp(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(TotpEnrolment { secret, otpauth_url }))
}

/// The proof that the authenticator works.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmTotp {
    /// The code it shows now.
    code: String,
}

/// What to keep on paper.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RecoveryCodes {
    /// Each signs in once in place of a code. They are not shown again.
    recovery_codes: Vec<String>,
}

/// Puts the second factor in force and shows the recovery codes, once; ends your other sessions.
#[utoipa::path(post, path = "/api/auth/totp/confirm", tag = "account", request_body = ConfirmTotp, responses((status = 200, body = RecoveryCodes)))]
async fn confirm_totp(ctx: Ctx, Json(body): Json<ConfirmTotp>) -> Result<Json<RecoveryCodes>> {
    let key = ctx.actor().to_string();
    ctx.platform().limits().check("totp_confirm", &key, CODES_PER_MINUTE)?;
    let mut tx = ctx.begin().await?;
    let recovery_codes = ops::confirm_totp(&mut tx, &body.code).await?;
    tx.commit().await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// The proof that it is you.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DisableTotp {
    /// Your password.
    password: PlainPassword,
}

/// Removes your second factor and its recovery codes.
#[utoipa::path(delete, path = "/api/auth/totp", tag = "account", request_body = DisableTotp, responses((status = 204)))]
async fn disable_totp(ctx: Ctx, Json(body): Json<DisableTotp>) -> Result<StatusCode> {
    let proven = ops::prove_password(&ctx, "password", &body.password).await?;
    let mut tx = ctx.begin().await?;
    ops::disable_totp(&mut tx, &proven).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
