//! The jobs that call other systems.

use std::time::{Duration, Instant};

use axum::http::{Method, header};
use kernel::{EventId, Timestamp, WebhookAttemptId, WebhookId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::message::Message;
use super::model::{CallOutcome, Ended, SwitchedOff, TRIES, Webhook, asked_wait, origin, wait_after};
use super::sealed::{PREVIOUS, SECRET, open_secret};
use super::store::{self, WebhookAttempt};
use crate::egress::{Keep, Outgoing, Redirects};
use crate::event::{self, Severity};
use crate::job::Lane;
use crate::{Again, Ctx, Error, Event, Job, JobRun, Kind, Registry, Result, Tx};

/// How long a call may take altogether (spec/desk.md 6.4).
const LIMIT: Duration = Duration::from_secs(30);

/// Characters of an answer that are kept.
const KEPT: usize = 500;

/// Registers the jobs of webhooks.
pub fn jobs(registry: &mut Registry) {
    registry.job(deliver);
    registry.job(test);
}

/// Tells a webhook of an event. Written with the event itself (`event/store.rs`), or here when somebody has it sent again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    /// Who is told.
    pub(super) webhook_id: WebhookId,
    /// Of what.
    pub(super) event_id: EventId,
    /// Whether it was asked for by hand.
    #[serde(default)]
    pub(super) again: bool,
}

impl Deliver {
    /// The key of the job that an event enqueues.
    pub(super) fn first_key(webhook: WebhookId, event: EventId) -> String {
        format!("{webhook}/{event}")
    }
}

impl Job for Deliver {
    const KIND: &'static str = "webhook.deliver";
    const MAX_ATTEMPTS: i32 = TRIES;
    const LANE: Lane = Lane::Outside;

    fn key(&self) -> Option<String> {
        (!self.again).then(|| Self::first_key(self.webhook_id, self.event_id))
    }
}

/// Sends a webhook a message that tells of nothing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SendTest {
    /// Who is told.
    pub(super) webhook_id: WebhookId,
    /// The message's id.
    pub(super) message_id: Uuid,
}

impl Job for SendTest {
    const KIND: &'static str = "webhook.test";
    const MAX_ATTEMPTS: i32 = 1;
    const LANE: Lane = Lane::Outside;
}

/// What came of a call.
struct Called {
    ended: Ended,
    answer: String,
    duration_ms: i32,
}

/// Runs the job. What a lost worker may have sent is sent again, under the same id: who receives it twice can tell.
async fn deliver(ctx: Ctx, run: JobRun, job: Deliver) -> Result<Value> {
    let mut tx = ctx.read().await?;
    let Some(webhook) = found(store::get_webhook(&mut tx, job.webhook_id).await)? else {
        return Ok(json!({ "skipped": "deleted" }));
    };
    if !webhook.active {
        return Ok(json!({ "skipped": "switched off" }));
    }
    if let Some(until) = webhook.resting_until.filter(|until| *until > ctx.now()) {
        return Err(Error::refused("webhook_resting", "The other side is left to rest.").again(Again::At(until)));
    }
    let mut event = event::store::get_event(&mut tx, job.event_id).await?;
    event.related = store::list_related(&mut tx, job.event_id.uuid()).await?;
    let secrets = secrets(&mut tx, webhook.id).await?;
    drop(tx);
    let message = Message::of_event(&ctx, &event)?;
    let called = call(&ctx, &webhook, &message, &secrets).await?;
    settle(&ctx, &run, &message, &webhook, called).await
}

/// Runs the job: what comes of it shows among the calls, and changes nothing about the webhook.
async fn test(ctx: Ctx, run: JobRun, job: SendTest) -> Result<Value> {
    let mut tx = ctx.read().await?;
    let Some(webhook) = found(store::get_webhook(&mut tx, job.webhook_id).await)? else {
        return Ok(json!({ "skipped": "deleted" }));
    };
    let secrets = secrets(&mut tx, webhook.id).await?;
    drop(tx);
    let message = Message::test(&ctx, job.message_id, ctx.now())?;
    let called = call(&ctx, &webhook, &message, &secrets).await?;
    let mut tx = ctx.begin().await?;
    if found(store::lock_webhook(&mut tx, webhook.id).await)?.is_some() {
        record(&mut tx, &run, &message, &webhook, &called, None).await?;
    }
    tx.commit().await?;
    Ok(json!({ "outcome": called.ended.outcome, "status": called.ended.status }))
}

fn found(webhook: Result<Webhook>) -> Result<Option<Webhook>> {
    match webhook {
        Ok(webhook) => Ok(Some(webhook)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The secrets that sign now, the newest first.
async fn secrets(tx: &mut Tx, id: WebhookId) -> Result<Vec<String>> {
    let mut secrets = Vec::new();
    if let Some(sealed) = store::find_secret(tx, id).await? {
        secrets.push(open_secret(tx, &SECRET, id, &sealed).await?);
    }
    if let Some(sealed) = store::find_previous_secret(tx, id).await? {
        secrets.push(open_secret(tx, &PREVIOUS, id, &sealed).await?);
    }
    if secrets.is_empty() {
        return Err(Error::refused("webhook_secret_gone", "The webhook's secret was given up: make it another."));
    }
    Ok(secrets)
}

async fn call(ctx: &Ctx, webhook: &Webhook, message: &Message, secrets: &[String]) -> Result<Called> {
    let (began_at, clock) = (ctx.now(), Instant::now());
    let request = Outgoing {
        purpose: "webhook",
        method: Method::POST,
        url: webhook.url.clone(),
        headers: message.headers(secrets, began_at)?,
        body: message.body.clone(),
        limit: LIMIT,
        keep: Keep::First(KEPT * 4),
        redirects: Redirects::None,
    };
    let reply = ctx.platform().egress().send(request).await;
    let at = ctx.now();
    let duration_ms = i32::try_from(clock.elapsed().as_millis()).unwrap_or(i32::MAX);
    let (ended, answer) = match reply {
        Ok(reply) => {
            let outcome = if reply.status.is_success() { CallOutcome::Delivered } else { CallOutcome::Refused };
            let asked = reply.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let asked = asked.filter(|_| outcome == CallOutcome::Refused).and_then(|text| asked_wait(text, at));
            (Ended { outcome, status: Some(reply.status.as_u16()), asked, began_at, at }, beginning(&reply.body))
        }
        Err(error) => {
            (Ended { outcome: CallOutcome::Failed, status: None, asked: None, began_at, at }, error.code().to_owned())
        }
    };
    Ok(Called { ended, answer, duration_ms })
}

/// The first characters of an answer, as text that can be stored and shown.
fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).take(KEPT).collect()
}

/// Keeps the call, and what it means for the webhook; says whether the message is sent again.
async fn settle(ctx: &Ctx, run: &JobRun, message: &Message, webhook: &Webhook, called: Called) -> Result<Value> {
    let ended = called.ended;
    let delivered = ended.outcome == CallOutcome::Delivered;
    let wait = ended.asked.unwrap_or_else(|| wait_after(run.attempt));
    let mut tx = ctx.begin().await?;
    let Some(webhook) = found(store::lock_webhook(&mut tx, webhook.id).await)? else {
        return Ok(json!({ "outcome": ended.outcome, "status": ended.status }));
    };
    let (standing, off) = webhook.after(ended);
    let again = !delivered && standing.active && run.attempt < TRIES;
    let next_at = again.then(|| ended.at.plus(wait));
    record(&mut tx, run, message, &webhook, &called, next_at).await?;
    store::update_standing(&mut tx, webhook.id, standing).await?;
    if let Some(why) = off.filter(|_| webhook.active) {
        switched_off(&mut tx, &webhook, why, ended.status);
    }
    let woken = if delivered && webhook.rests > 0 { store::wake_jobs(&mut tx, webhook.id).await? } else { 0 };
    tx.commit().await?;
    if woken > 0 {
        ctx.platform().wake_workers();
    }
    if delivered || !standing.active {
        return Ok(json!({ "outcome": ended.outcome, "status": ended.status }));
    }
    let status = ended.status.map_or_else(|| "no answer".to_owned(), |status| format!("status {status}"));
    let error = Error::refused("webhook_not_taken", format!("The webhook did not take the message: {status}."));
    Err(error.again(Again::After(wait)))
}

async fn record(
    tx: &mut Tx,
    run: &JobRun,
    message: &Message,
    webhook: &Webhook,
    called: &Called,
    next_at: Option<Timestamp>,
) -> Result<()> {
    let attempt = WebhookAttempt {
        id: WebhookAttemptId::generate(tx.now()),
        webhook_id: webhook.id,
        message_id: message.id,
        action: message.action.clone(),
        attempt: run.attempt,
        outcome: called.ended.outcome,
        status: called.ended.status.map(i32::from),
        duration_ms: called.duration_ms,
        answer: called.answer.clone(),
        next_at,
        at: called.ended.began_at,
    };
    store::insert_attempt(tx, &attempt).await?;
    tx.touch(webhook.entity_id, "webhook");
    Ok(())
}

/// Somebody should look: warnings are notified.
fn switched_off(tx: &mut Tx, webhook: &Webhook, why: SwitchedOff, status: Option<u16>) {
    let details = json!({ "webhook": webhook.name, "origin": origin(&webhook.url), "why": why.as_str(), "status": status,
        "failing_since": webhook.failing_since });
    let event = Event::new("webhook_switched_off", "webhook", webhook.id).entity(webhook.entity_id);
    tx.emit(event.severity(Severity::Warning).details(details));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_500_characters_are_kept_that_can_be_stored() {
        assert_eq!(beginning("é".repeat(600).as_bytes()), "é".repeat(500));
        assert_eq!(beginning(b"a\0b\x1b[31mc\nd\xff"), "a b [31mc\nd\u{fffd}");
        assert_eq!(beginning(b""), "");
    }
}
