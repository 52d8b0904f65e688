//! The mail log and the mail servers.

use kernel::{MailId, Page};
use serde::Deserialize;
use utoipa_axum::routes;
use uuid::Uuid;

use super::MailStatus;
use super::servers::{self, MailServersView, PutServers};
use super::store::{self, MailView};
use crate::http::{Api, Guard, IdCursor, Json, Path, Query, limit};
use crate::{Ctx, Permission, Result, Versioned};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let log = || Guard::permit(Permission::OperationsManage).tenant_wide();
    let settings = || Guard::permit(Permission::SettingsAccess).tenant_wide();
    api.route(routes!(list_mail), log())
        .route(routes!(get_mail), log())
        .route(routes!(get_servers), settings())
        .route(routes!(put_servers), settings().confidential())
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

/// The mail servers of the entities. Passwords that are kept here are never answered.
#[utoipa::path(get, path = "/api/settings/smtp", tag = "settings", responses((status = 200, body = Versioned<MailServersView>)))]
async fn get_servers(ctx: Ctx) -> Result<Json<Versioned<MailServersView>>> {
    let mut tx = ctx.read().await?;
    let servers = servers::get_servers(&mut tx).await?;
    Ok(Json(servers))
}

/// Sets the mail servers of the entities, and the passwords that are kept here.
#[utoipa::path(put, path = "/api/settings/smtp", tag = "settings", request_body = PutServers, responses((status = 200, body = Versioned<MailServersView>)))]
async fn put_servers(ctx: Ctx, Json(command): Json<PutServers>) -> Result<Json<Versioned<MailServersView>>> {
    let mut tx = ctx.begin().await?;
    let servers = servers::put_servers(&mut tx, &command).await?;
    tx.commit().await?;
    Ok(Json(servers))
}
