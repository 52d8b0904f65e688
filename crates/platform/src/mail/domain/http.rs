//! The domains that mail is sent from.

use serde::Deserialize;
use utoipa_axum::routes;

use super::model::MailDomainSettings;
use super::ops::{self, MailDomainView};
use crate::http::{Api, Guard, Json};
use crate::{Ctx, Permission, Result, Versioned};

/// A person asks again while he changes the records, not without end.
const LOOKS_PER_MINUTE: u32 = 6;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(get_mail_domains, put_mail_domains), settings()).route(routes!(check_mail_domains), settings())
}

/// What is known of the domains from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PutMailDomains {
    #[serde(flatten)]
    settings: MailDomainSettings,
    /// The version that was read, to change nothing unseen.
    version: Option<i64>,
}

/// The domains that mail is sent from through a server, and how their SPF, DKIM and DMARC records stood when last looked up.
#[utoipa::path(get, path = "/api/settings/mail-domains", tag = "settings", responses((status = 200, body = Versioned<Vec<MailDomainView>>)))]
async fn get_mail_domains(ctx: Ctx) -> Result<Json<Versioned<Vec<MailDomainView>>>> {
    let mut tx = ctx.read().await?;
    Ok(Json(ops::list(&mut tx).await?))
}

/// Sets the selectors, keys and providers of the domains. They are compared with DNS at the next look.
#[utoipa::path(put, path = "/api/settings/mail-domains", tag = "settings", request_body = PutMailDomains, responses((status = 200, body = Versioned<Vec<MailDomainView>>)))]
async fn put_mail_domains(
    ctx: Ctx,
    Json(command): Json<PutMailDomains>,
) -> Result<Json<Versioned<Vec<MailDomainView>>>> {
    let mut tx = ctx.begin().await?;
    ops::put(&mut tx, &command.settings, command.version).await?;
    let domains = ops::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(domains))
}

/// Looks the domains up now. What DNS does not answer stays as it was known, with the reason beside.
#[utoipa::path(post, path = "/api/settings/mail-domains/checks", tag = "settings", responses((status = 200, body = Versioned<Vec<MailDomainView>>)))]
async fn check_mail_domains(ctx: Ctx) -> Result<Json<Versioned<Vec<MailDomainView>>>> {
    ctx.platform().limits().check("mail_domains", &ctx.tenant().id.to_string(), LOOKS_PER_MINUTE)?;
    ops::look_up(&ctx).await?;
    let mut tx = ctx.read().await?;
    Ok(Json(ops::list(&mut tx).await?))
}
