//! The routes of webhooks.

use axum::http::StatusCode;
use kernel::{Page, Timestamp, WebhookAttemptId, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;
use uuid::Uuid;

use super::message::TEST;
use super::model::Webhook;
use super::ops::{self, ChangeWebhook, MakeWebhook};
use super::store::{self, WebhookAttempt};
use crate::http::{Api, Guard, IdCursor, Json, PageQuery, Path, Query, Tagged};
use crate::{Ctx, Permission, Result, event};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let guard = || Guard::permit(Permission::SettingsAccess);
    api.route(routes!(list_webhooks), guard())
        .route(routes!(create_webhook), guard().confidential())
        .route(routes!(list_webhook_actions), guard())
        .route(routes!(get_webhook, update_webhook, delete_webhook), guard())
        .route(routes!(rotate_webhook_secret), guard().confidential())
        .route(routes!(test_webhook), guard())
        .route(routes!(list_webhook_attempts), guard())
        .route(routes!(resend_webhook), guard())
}

/// Another system that is told what happens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WebhookView {
    /// The webhook.
    id: WebhookId,
    /// Its name.
    name: String,
    /// Where it is called.
    url: String,
    /// What it is told: actions, or their beginnings with a star.
    actions: Vec<String>,
    /// The entity whose events it is told, by code; none when it is told all of the organisation's.
    entity: Option<String>,
    /// Whether it is told anything.
    active: bool,
    /// Until when the secret before this one signs too.
    previous_secret_until: Option<Timestamp>,
    /// Since when it took nothing any more; after five days it is switched off.
    failing_since: Option<Timestamp>,
    /// It is not called before, for it did not answer or asked for time.
    resting_until: Option<Timestamp>,
    /// What you may do: `update`, `switch_on`, `switch_off`, `rotate`, `test`, `delete`.
    can: Vec<&'static str>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

impl WebhookView {
    fn of(ctx: &Ctx, webhook: Webhook) -> Self {
        let now = ctx.now();
        let ahead = |until: Option<Timestamp>| until.filter(|until| *until > now);
        Self {
            can: ops::actions_on(&webhook),
            entity: webhook.entity_id.map(|id| ctx.entity_code(id).to_owned()),
            previous_secret_until: ahead(webhook.previous_until),
            resting_until: ahead(webhook.resting_until),
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            actions: webhook.actions,
            active: webhook.active,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A webhook with its secret.
#[derive(Serialize, utoipa::ToSchema)]
struct WebhookWithSecret {
    /// The webhook.
    #[serde(flatten)]
    webhook: WebhookView,
    /// The secret that signs, `whsec_` and its bytes in Base64: shown now and never again.
    secret: String,
}

/// Lists the webhooks within your scope, by name.
#[utoipa::path(get, path = "/api/webhooks", tag = "webhooks", responses((status = 200, body = Vec<WebhookView>)))]
async fn list_webhooks(ctx: Ctx) -> Result<Json<Vec<WebhookView>>> {
    let mut tx = ctx.read().await?;
    let webhooks = store::list_webhooks(&mut tx).await?;
    Ok(Json(webhooks.into_iter().map(|webhook| WebhookView::of(&ctx, webhook)).collect()))
}

/// A webhook to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateWebhook {
    /// Its name, used once.
    name: String,
    /// Where it is called: an https URL on the public internet.
    url: String,
    /// What it is told: actions such as `invoice_paid`, beginnings such as `invoice_*`, or `*` for everything.
    actions: Vec<String>,
    /// Only events of this entity, by code. Who sees one entity only makes webhooks of that one.
    entity: Option<String>,
    /// Whether it is told from now on.
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

/// Makes a webhook. Its secret is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/webhooks", tag = "webhooks", request_body = CreateWebhook, responses((status = 201, body = WebhookWithSecret)))]
async fn create_webhook(ctx: Ctx, Json(body): Json<CreateWebhook>) -> Result<(StatusCode, Json<WebhookWithSecret>)> {
    let CreateWebhook { name, url, actions, entity, active } = body;
    let mut tx = ctx.begin().await?;
    let (webhook, secret) = ops::make_webhook(&mut tx, MakeWebhook { name, url, actions, entity, active }).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(WebhookWithSecret { webhook: WebhookView::of(&ctx, webhook), secret })))
}

/// Lists the actions that were recorded so far and can be told.
#[utoipa::path(get, path = "/api/webhooks/actions", tag = "webhooks", responses((status = 200, body = Vec<String>)))]
async fn list_webhook_actions(ctx: Ctx) -> Result<Json<Vec<String>>> {
    let mut tx = ctx.read().await?;
    let mut actions = event::store::list_actions(&mut tx).await?;
    actions.retain(|action| !action.starts_with("webhook_"));
    Ok(Json(actions))
}

/// One webhook.
#[utoipa::path(get, path = "/api/webhooks/{id}", tag = "webhooks", params(("id" = WebhookId, Path)), responses((status = 200, body = WebhookView)))]
async fn get_webhook(ctx: Ctx, Path(id): Path<WebhookId>) -> Result<Tagged<WebhookView>> {
    let mut tx = ctx.read().await?;
    let webhook = store::get_webhook(&mut tx, id).await?;
    Ok(Tagged(webhook.updated_at, WebhookView::of(&ctx, webhook)))
}

/// What changes about a webhook; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateWebhook {
    /// Its name, used once.
    name: Option<String>,
    /// Where it is called.
    url: Option<String>,
    /// What it is told, all of it.
    actions: Option<Vec<String>>,
    /// Whether it is told anything. Switched off, what waits to be sent is not sent.
    active: Option<bool>,
}

/// Changes a webhook.
#[utoipa::path(put, path = "/api/webhooks/{id}", tag = "webhooks", params(("id" = WebhookId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateWebhook, responses((status = 200, body = WebhookView)))]
async fn update_webhook(
    ctx: Ctx,
    Path(id): Path<WebhookId>,
    Json(body): Json<UpdateWebhook>,
) -> Result<Tagged<WebhookView>> {
    let UpdateWebhook { name, url, actions, active } = body;
    let mut tx = ctx.begin().await?;
    let webhook = ops::change_webhook(&mut tx, id, ChangeWebhook { name, url, actions, active }).await?;
    tx.commit().await?;
    Ok(Tagged(webhook.updated_at, WebhookView::of(&ctx, webhook)))
}

/// Deletes a webhook with the record of its calls; what waits to be sent is not sent.
#[utoipa::path(delete, path = "/api/webhooks/{id}", tag = "webhooks", params(("id" = WebhookId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to delete; refused when there is a newer one.")), responses((status = 204)))]
async fn delete_webhook(ctx: Ctx, Path(id): Path<WebhookId>) -> Result<StatusCode> {
    let mut tx = ctx.begin().await?;
    ops::delete_webhook(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new secret, in the answer and nowhere else. The one there was signs too for 24 hours.
#[utoipa::path(post, path = "/api/webhooks/{id}/secret-rotation", tag = "webhooks", params(("id" = WebhookId, Path)), responses((status = 200, body = WebhookWithSecret)))]
async fn rotate_webhook_secret(ctx: Ctx, Path(id): Path<WebhookId>) -> Result<Json<WebhookWithSecret>> {
    let mut tx = ctx.begin().await?;
    let (webhook, secret) = ops::rotate_secret(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(WebhookWithSecret { webhook: WebhookView::of(&ctx, webhook), secret }))
}

/// A message that is about to be sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct QueuedMessage {
    /// Its id, the `webhook-id` of the call.
    message_id: Uuid,
}

/// Sends a test, once and whether or not the webhook is switched on; what came of it shows among the calls.
#[utoipa::path(post, path = "/api/webhooks/{id}/test", tag = "webhooks", params(("id" = WebhookId, Path)), responses((status = 202, body = QueuedMessage)))]
async fn test_webhook(ctx: Ctx, Path(id): Path<WebhookId>) -> Result<(StatusCode, Json<QueuedMessage>)> {
    let mut tx = ctx.begin().await?;
    let message_id = ops::send_test(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedMessage { message_id })))
}

/// A call, and what may be done about it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WebhookAttemptView {
    /// The call.
    #[serde(flatten)]
    attempt: WebhookAttempt,
    /// What you may do: `resend`.
    can: Vec<&'static str>,
}

/// Lists the calls of a webhook in the last 30 days, newest first.
#[utoipa::path(get, path = "/api/webhooks/{id}/attempts", tag = "webhooks", params(("id" = WebhookId, Path), PageQuery), responses((status = 200, body = Page<WebhookAttemptView>)))]
async fn list_webhook_attempts(
    ctx: Ctx,
    Path(id): Path<WebhookId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<WebhookAttemptView>>> {
    let (limit, before) = query.by_id()?;
    let mut tx = ctx.read().await?;
    let webhook = store::get_webhook(&mut tx, id).await?;
    let attempts = store::list_attempts(&mut tx, id, before, limit).await?;
    let view = |attempt: WebhookAttempt| {
        let can = if webhook.active && attempt.action != TEST { vec!["resend"] } else { Vec::new() };
        WebhookAttemptView { attempt, can }
    };
    let views = attempts.into_iter().map(view).collect();
    Ok(Json(IdCursor::cut(views, limit, |view| view.attempt.id.uuid())))
}

/// Sends the message of a call again, under the same id, with all its tries.
#[utoipa::path(post, path = "/api/webhook-attempts/{id}/resend", tag = "webhooks", params(("id" = WebhookAttemptId, Path)), responses((status = 202, body = QueuedMessage)))]
async fn resend_webhook(ctx: Ctx, Path(id): Path<WebhookAttemptId>) -> Result<(StatusCode, Json<QueuedMessage>)> {
    let mut tx = ctx.begin().await?;
    let message_id = ops::resend(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedMessage { message_id })))
}
