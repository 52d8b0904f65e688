//! The writers of webhooks.

use kernel::{EventId, WebhookAttemptId, WebhookId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::deliver::{Deliver, SendTest};
use super::message::TEST;
use super::model::{MOST, OVERLAP, Webhook, origin, read_actions, write_secret};
use super::sealed::{PREVIOUS, SECRET, open_secret, seal_secret};
use super::store;
use crate::changes::changes;
use crate::{Ctx, Error, Event, Result, Tx, event, job};

/// A webhook about to be made.
pub(super) struct MakeWebhook {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) actions: Vec<String>,
    pub(super) entity: Option<String>,
    pub(super) active: bool,
}

/// What may change about a webhook; nothing where absent.
pub(super) struct ChangeWebhook {
    pub(super) name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) actions: Option<Vec<String>>,
    pub(super) active: Option<bool>,
}

/// What the actor may do with a webhook that he sees.
pub(super) fn actions_on(webhook: &Webhook) -> Vec<&'static str> {
    let switch = if webhook.active { "switch_off" } else { "switch_on" };
    vec!["update", switch, "rotate", "test", "delete"]
}

/// Makes a webhook; with it, its secret, which is shown this once.
///
/// Invalid when the URL or an action cannot be; forbidden without an entity to who does not see them all.
pub(super) async fn make_webhook(tx: &mut Tx, cmd: MakeWebhook) -> Result<(Webhook, String)> {
    let entity_id = match cmd.entity.as_deref() {
        Some(code) => Some(tx.ctx().write_entity(Some(code))?.id),
        None if tx.ctx().scope().whole_tenant => None,
        None => Some(tx.ctx().write_entity(None)?.id),
    };
    let url = read_url(tx.ctx(), &cmd.url)?;
    let actions = read_actions(&cmd.actions)?;
    tx.lock("webhook").await?;
    if store::count_webhooks(tx).await? >= MOST {
        return Err(Error::refused("too_many_webhooks", format!("There are {MOST} webhooks: delete one first.")));
    }
    let now = tx.now();
    let webhook = Webhook {
        id: WebhookId::generate(now),
        entity_id,
        name: cmd.name.trim().to_owned(),
        url,
        actions,
        active: cmd.active,
        previous_until: None,
        failing_since: None,
        resting_until: None,
        rests: 0,
        created_at: now,
        updated_at: now,
    };
    let secret = write_secret(rand::random());
    let sealed = seal_secret(tx, &SECRET, webhook.id, &secret).await?;
    store::insert_webhook(tx, &webhook, &sealed).await?;
    tell(tx, "webhook_created", &webhook, told(&webhook));
    Ok((webhook, secret))
}

/// Changes a webhook. Switched on, it begins anew.
///
/// Stale when the actor saw an older version; invalid when the URL or an action cannot be.
pub(super) async fn change_webhook(tx: &mut Tx, id: WebhookId, cmd: ChangeWebhook) -> Result<Webhook> {
    let old = store::lock_webhook(tx, id).await?;
    tx.ctx().expect_version(old.updated_at)?;
    let mut new = old.clone();
    new.name = cmd.name.map_or(new.name, |name| name.trim().to_owned());
    if let Some(url) = cmd.url {
        new.url = read_url(tx.ctx(), &url)?;
    }
    if let Some(actions) = cmd.actions {
        new.actions = read_actions(&actions)?;
    }
    new.active = cmd.active.unwrap_or(new.active);
    if (new.active && !old.active) || new.url != old.url {
        (new.failing_since, new.resting_until, new.rests) = (None, None, 0);
    }
    new.updated_at = tx.now();
    store::update_webhook(tx, &new).await?;
    if old.rests > 0 && new.rests == 0 {
        store::wake_jobs(tx, id).await?;
    }
    let url_changed = new.url != old.url;
    if let Some(mut changed) = changes(&told(&old), &told(&new)).or_else(|| url_changed.then(|| json!({}))) {
        changed["url_changed"] = json!(url_changed);
        tell(tx, "webhook_changed", &new, changed);
    }
    Ok(new)
}

/// Deletes a webhook with its calls; what still waits to be sent is not sent.
///
/// Stale when the actor saw an older version.
pub(super) async fn delete_webhook(tx: &mut Tx, id: WebhookId) -> Result<()> {
    let webhook = store::lock_webhook(tx, id).await?;
    tx.ctx().expect_version(webhook.updated_at)?;
    store::delete_webhook(tx, id).await?;
    tell(tx, "webhook_deleted", &webhook, told(&webhook));
    Ok(())
}

/// Makes a new secret, shown this once; the one there was signs too for a day.
///
/// Stale when the actor saw an older version.
pub(super) async fn rotate_secret(tx: &mut Tx, id: WebhookId) -> Result<(Webhook, String)> {
    let webhook = store::lock_webhook(tx, id).await?;
    tx.ctx().expect_version(webhook.updated_at)?;
    let secret = write_secret(rand::random());
    let sealed = seal_secret(tx, &SECRET, id, &secret).await?;
    let until = tx.now().plus(OVERLAP);
    let previous = match store::find_secret(tx, id).await? {
        Some(current) => {
            let current = open_secret(tx, &SECRET, id, &current).await?;
            Some((seal_secret(tx, &PREVIOUS, id, &current).await?, until))
        }
        None => None,
    };
    store::rotate_secret(tx, id, &sealed, previous.as_ref()).await?;
    tell(tx, "webhook_secret_rotated", &webhook, json!({ "name": webhook.name, "previous_until": until }));
    Ok((store::get_webhook(tx, id).await?, secret))
}

/// Has a test sent; the message's id.
pub(super) async fn send_test(tx: &mut Tx, id: WebhookId) -> Result<Uuid> {
    let webhook = store::get_webhook(tx, id).await?;
    let message_id = EventId::generate(tx.now()).uuid();
    tx.enqueue(&SendTest { webhook_id: id, message_id })?;
    tell(tx, "webhook_tested", &webhook, json!({ "name": webhook.name, "message": message_id }));
    Ok(message_id)
}

/// Has the message of a call sent again, under the same id: the dead letter is put back to work where there is one.
///
/// Refused for a test, and when the webhook is switched off.
pub(super) async fn resend(tx: &mut Tx, id: WebhookAttemptId) -> Result<Uuid> {
    let attempt = store::get_attempt(tx, id).await?;
    let webhook = store::get_webhook(tx, attempt.webhook_id).await?;
    if attempt.action == TEST {
        return Err(Error::refused("webhook_test", "A test is not sent again: send another."));
    }
    if !webhook.active {
        return Err(Error::refused("webhook_off", "The webhook is switched off: switch it on first."));
    }
    let event_id = EventId::from_uuid(attempt.message_id);
    event::store::get_event(tx, event_id).await?;
    match store::find_dead_job(tx, &Deliver::first_key(webhook.id, event_id)).await? {
        Some(dead) => drop(job::http::requeue(tx, dead).await?),
        None => tx.enqueue(&Deliver { webhook_id: webhook.id, event_id, again: true })?,
    }
    tell(tx, "webhook_resent", &webhook, json!({ "name": webhook.name, "event": event_id, "action": attempt.action }));
    Ok(attempt.message_id)
}

fn read_url(ctx: &Ctx, text: &str) -> Result<String> {
    let url = ctx.platform().egress().check_url(text.trim());
    url.map(String::from).map_err(|rule| Error::invalid("url", rule.why()))
}

fn told(webhook: &Webhook) -> Value {
    json!({ "name": webhook.name, "origin": origin(&webhook.url), "actions": webhook.actions, "active": webhook.active })
}

fn tell(tx: &mut Tx, action: &'static str, webhook: &Webhook, details: Value) {
    tx.emit(Event::new(action, "webhook", webhook.id).entity(webhook.entity_id).details(details));
}
