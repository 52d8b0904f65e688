//! The mail log and the mail servers.

use kernel::{MailId, Page};
use serde::Deserialize;
use utoipa_axum::routes;
use uuid::Uuid;

use super::MailStatus;
use super::store::{self, MailView};
use super::target::{self, EntitySmtp, SmtpSettings};
use crate::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use crate::{Ctx, Error, Permission, Result, Versioned};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let log = || Guard::permit(Permission::OperationsManage).tenant_wide();
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(list_mail), log())
        .route(routes!(get_mail), log())
        .route(routes!(get_servers), settings())
        .route(routes!(put_servers), settings())
}

/// Which mails.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MailQuery {
    /// Only in this state.
    #[param(inline)]
    status: Option<MailStatus>,
    /// Only about this thing.
    subject_id: Option<Uuid>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists mails, newest first.
#[utoipa::path(get, path = "/api/operations/mail", tag = "operations", params(MailQuery), responses((status = 200, body = Page<MailView>)))]
async fn list_mail(ctx: Ctx, Query(query): Query<MailQuery>) -> Result<Json<Page<MailView>>> {
    let rows = limit(query.limit)?;
    let before = query.cursor.as_deref().map(IdCursor::decode).transpose()?;
    let mut tx = ctx.read().await?;
    let mails = store::list_mails(&mut tx, query.status, query.subject_id, before, rows).await?;
    Ok(Json(IdCursor::cut(mails, rows, |mail| mail.id.uuid())))
}

/// One mail.
#[utoipa::path(get, path = "/api/operations/mail/{id}", tag = "operations", params(("id" = MailId, Path)), responses((status = 200, body = MailView)))]
async fn get_mail(ctx: Ctx, Path(id): Path<MailId>) -> Result<Json<MailView>> {
    let mut tx = ctx.read().await?;
    let mail = store::get_mail(&mut tx, id).await?;
    Ok(Json(mail))
}

/// The mail servers of the entities.
#[utoipa::path(get, path = "/api/settings/smtp", tag = "settings", responses((status = 200, body = Versioned<SmtpSettings>)))]
async fn get_servers(ctx: Ctx) -> Result<Json<Versioned<SmtpSettings>>> {
    let mut tx = ctx.read().await?;
    let setting = tx.versioned_setting().await?;
    Ok(Json(setting))
}

/// The mail servers to use from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PutServers {
    /// By entity code.
    per_entity: std::collections::BTreeMap<String, EntitySmtp>,
    /// The version that was read, to change nothing unseen.
    version: Option<i64>,
}

/// Sets the mail servers of the entities.
#[utoipa::path(put, path = "/api/settings/smtp", tag = "settings", request_body = PutServers, responses((status = 200, body = Versioned<SmtpSettings>)))]
async fn put_servers(ctx: Ctx, Json(command): Json<PutServers>) -> Result<Json<Versioned<SmtpSettings>>> {
    for (code, server) in &command.per_entity {
        if ctx.entity_by_code(code).is_none_or(|entity| entity.code != *code) {
            return Err(Error::invalid(format!("per_entity.{code}"), "there is no entity with this code"));
        }
        let field = format!("per_entity.{code}.url");
        if url::Url::parse(&server.url).is_ok_and(|url| url.password().is_some()) {
            return Err(Error::invalid(
                field,
                "must not hold a password: name where it is in password_env or password_file",
            ));
        }
        // The password is looked up when mail is sent: any will do to read the rest.
        if !server.url.is_empty()
            && let Err(error) = target::parse(&server.url, Some(String::new()))
        {
            return Err(Error::invalid(field, error.to_string()));
        }
    }
    let mut tx = ctx.begin().await?;
    let setting = tx.put_setting(&SmtpSettings { per_entity: command.per_entity }, command.version).await?;
    tx.commit().await?;
    Ok(Json(setting))
}
