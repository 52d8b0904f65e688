//! Sending: the one function by which a delivery is ever sent, alone, in batch or by the daily run (L-04).
//!
//! A claim takes the deliveries of one buyer and order into `sending` under a lease, stores their file and enqueues the
//! job; the job hands the mail over outside any transaction; its outcome is settled in a third transaction.

use kernel::{BatchId, DeliveryId, Email, EntityId, SendAttemptId, Week};
use platform::event::{Event, Severity};
use platform::mail::{self, Attachment, Message, Outcome, Route};
use platform::{Ctx, Error, Job, JobRun, Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::DeliveryStatus;
use super::ops;
use super::store::{self, Attempt, Line, NewBatch, Return};
use crate::prepaid;
use crate::rules::csv_file::{CsvRow, file_name, render, subject};
use crate::rules::deliverability::{Channels, deliverability};
use crate::settings::model::{CsvProfiles, EmailPolicy};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Send what was not sent yet.
    Send,
    /// Prepare the file; a person sends it.
    Prepare,
    /// Send a sent delivery again; nothing else changes.
    Resend,
    /// Send to another address; nothing counts as sent.
    Override(Email),
}

/// What became of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Deliveries that are on their way, or prepared.
    pub taken: Vec<DeliveryId>,
    /// Deliveries that failed or were cancelled by the check before sending.
    pub dropped: Vec<DeliveryId>,
    /// The entity's mail server is not to be troubled now: everything stays as it was.
    pub deferred: bool,
    /// Mail goes to the simulation address and nothing counts.
    pub simulated: bool,
}

/// The job that hands a claimed file to the mail server.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendBatch {
    /// The attempt.
    pub attempt_id: SendAttemptId,
}

impl Job for SendBatch {
    const KIND: &'static str = "leads.send_batch";
    const MAX_ATTEMPTS: i32 = 3;

    fn key(&self) -> Option<String> {
        Some(self.attempt_id.to_string())
    }
}

/// Claims deliveries of one buyer and order. What cannot be sent any more is failed or cancelled on the way (L-37).
///
/// Not found when one is out of scope; refused when one is in a state that does not allow it.
pub async fn claim(tx: &mut Tx, ids: &[DeliveryId], kind: &Kind) -> Result<Claimed> {
    let lines = store::lock_lines(tx, ids).await?;
    if lines.len() != ids.len() {
        return Err(Error::not_found("delivery"));
    }
    for line in &lines {
        check_state(line, kind)?;
    }
    let Some(first) = lines.first() else { return Ok(Claimed::default()) };
    let (entity, sends) = (first.entity_id, *kind != Kind::Prepare);
    let policy = tx.setting::<EmailPolicy>().await?;
    if sends && mail::circuit_open_until(tx, entity).await?.is_some() {
        return Ok(Claimed { deferred: true, ..Claimed::default() });
    }
    tx.across_entities().await?;
    tx.touch(Some(entity), "delivery");
    let mut claimed = Claimed { simulated: policy.simulation_mode, ..Claimed::default() };
    let mut sendable = Vec::new();
    for line in lines {
        if matches!(kind, Kind::Send | Kind::Prepare) && !still_wanted(tx, &line, &policy).await? {
            claimed.dropped.push(line.id);
        } else {
            sendable.push(line);
        }
    }
    let Some(first) = sendable.first().cloned() else { return Ok(claimed) };
    claimed.taken = sendable.iter().map(|line| line.id).collect();
    let batch = new_batch(tx, &sendable).await?;
    store::insert_batch(tx, &batch).await?;
    if *kind == Kind::Prepare {
        store::prepare(tx, &batch).await?;
        return Ok(claimed);
    }
    let (recipients, attempt) = match kind {
        Kind::Override(address) => (vec![address.clone()], "override"),
        _ if policy.simulation_mode => (vec![simulation_address(&policy)?], "simulated"),
        Kind::Resend => (channels(&first, &policy).recipients, "resend"),
        Kind::Send | Kind::Prepare => (channels(&first, &policy).recipients, "send"),
    };
    if recipients.is_empty() {
        return Err(Error::refused("client_not_deliverable", "The buyer has no valid mail address."));
    }
    let message = message(tx.ctx(), &batch, recipients, tx.now().date_in(&zone(tx, &batch)))?;
    let mail_id = mail::enqueue(tx, &message).await?;
    let attempt_id = store::insert_attempt(tx, &batch, mail_id, attempt).await?;
    if attempt == "send" {
        store::start_sending(tx, &batch).await?;
    }
    tx.enqueue(&SendBatch { attempt_id })?;
    Ok(claimed)
}

fn check_state(line: &Line, kind: &Kind) -> Result<()> {
    match kind {
        Kind::Send => line.status.move_to(DeliveryStatus::Sending).map(|_| ())?,
        Kind::Prepare => line.status.move_to(DeliveryStatus::ReadyToSend).map(|_| ())?,
        Kind::Resend if line.status != DeliveryStatus::Sent => {
            return Err(Error::refused("delivery_not_sent", "Only a sent delivery can be sent again."));
        }
        Kind::Resend | Kind::Override(_) => {}
    }
    Ok(())
}

/// The check before sending: a pause or an erased lead since routing, a buyer that cannot be reached any more.
async fn still_wanted(tx: &mut Tx, line: &Line, policy: &EmailPolicy) -> Result<bool> {
    let paused = match line {
        Line { buyer_active: false, .. } => Some("client_inactive"),
        Line { order_active: false, .. } => Some("commande_paused"),
        _ => None,
    };
    if let Some(reason) = paused {
        ops::take_back(tx, line, Return::Cancelled { reason }).await?;
        return Ok(false);
    }
    let why = if line.lead_erased {
        Some("lead_missing".to_owned())
    } else {
        let found = channels(line, policy);
        let no_mail =
            found.recipients.is_empty().then(|| found.reason.map_or("no mail channel", |reason| reason.as_str()));
        no_mail.map(|reason| format!("client_not_deliverable: {reason}"))
    };
    let Some(why) = why else { return Ok(true) };
    if line.status != DeliveryStatus::Failed {
        store::fail(tx, line.id, &why).await?;
        tx.emit(failed(line.id, line.entity_id, &why));
    }
    Ok(false)
}

fn channels(line: &Line, policy: &EmailPolicy) -> crate::rules::deliverability::Deliverability {
    let channels = Channels {
        email: Some(&line.email),
        delivery_emails: &line.delivery_emails,
        api_endpoint: line.api_endpoint.as_deref(),
    };
    deliverability(&channels, &policy.denylist)
}

fn simulation_address(policy: &EmailPolicy) -> Result<Email> {
    policy
        .simulation_email
        .parse()
        .map_err(|_| Error::refused("simulation_address", "Simulation is on and its address is not set."))
}

fn zone(tx: &Tx, batch: &NewBatch) -> kernel::Zone {
    tx.ctx().entity(batch.entity_id).map_or_else(|| tx.ctx().tenant().zone.clone(), |entity| entity.zone.clone())
}

async fn new_batch(tx: &mut Tx, lines: &[Line]) -> Result<NewBatch> {
    let first = &lines[0];
    let same = |line: &Line| {
        (line.entity_id, line.buyer_id, line.order_id) == (first.entity_id, first.buyer_id, first.order_id)
    };
    if !lines.iter().all(same) {
        return Err(Error::invalid("ids", "one file goes to one buyer under one order"));
    }
    let entity = tx.ctx().entity_code(first.entity_id).to_owned();
    let profile = tx.setting::<CsvProfiles>().await?.of(&entity);
    let rows: Vec<_> = lines
        .iter()
        .map(|line| CsvRow {
            nom: &line.nom,
            prenom: &line.prenom,
            telephone: &line.phone,
            email: &line.lead_email,
            departement: &line.departement,
            produit: &line.product,
        })
        .collect();
    let mut batch = NewBatch {
        id: BatchId::generate(tx.now()),
        entity_id: first.entity_id,
        entity_name: first.entity_name.clone(),
        buyer_id: first.buyer_id,
        order_id: first.order_id,
        product: first.product.clone(),
        file_name: String::new(),
        csv: render(&profile, &rows),
        lb: i32::try_from(lines.iter().filter(|line| line.is_lb).count()).unwrap_or(i32::MAX),
        lines: lines.iter().map(|line| line.id).collect(),
        created_by: tx.ctx().actor().name().to_owned(),
    };
    let date = tx.now().date_in(&zone(tx, &batch));
    batch.file_name = file_name(&entity, &batch.product, date, lines.len());
    Ok(batch)
}

fn message(ctx: &Ctx, batch: &NewBatch, recipients: Vec<Email>, date: kernel::Date) -> Result<Message> {
    let entity = ctx.entity(batch.entity_id).ok_or_else(|| Error::not_found("entity"))?;
    Ok(Message {
        entity: batch.entity_id,
        route: Route::Entity,
        copies: Vec::new(),
        sender_name: None,
        reply_to: None,
        html: None,
        recipients,
        subject: subject(&entity.code, &batch.product, date),
        text: body(&batch.entity_name),
        attachments: vec![Attachment {
            file_name: batch.file_name.clone(),
            content_type: "text/csv; charset=utf-8",
            bytes: batch.csv.clone(),
        }],
        subject_kind: "delivery_batch",
        subject_id: batch.id.uuid(),
    })
}

fn body(entity: &str) -> String {
    format!(
        "Bonjour,\r\n\r\nVeuillez trouver ci-joint vos nouveaux contacts.\r\n\r\nBien cordialement,\r\n{entity}\r\n"
    )
}

/// Runs the job: hands the file over and settles what became of it. A job that takes over from a lost worker does not
/// send: what the first did is unknown.
pub async fn run(ctx: Ctx, _: JobRun, job: SendBatch) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let attempt = store::get_attempt(&mut tx, job.attempt_id).await?;
    tx.commit().await?;
    let outcome = match &attempt.csv {
        Some(csv) => mail::dispatch(&ctx, attempt.mail_id, &rebuilt(&attempt, csv.clone())?).await?,
        None => Outcome::Refused("the file is gone".to_owned()),
    };
    settle(&ctx, &attempt, &outcome).await?;
    Ok(json!({ "outcome": format!("{outcome:?}") }))
}

fn rebuilt(attempt: &Attempt, csv: Vec<u8>) -> Result<Message> {
    let recipients: Result<Vec<Email>, _> = attempt.recipients.iter().map(|address| address.parse()).collect();
    Ok(Message {
        entity: attempt.entity_id,
        route: Route::Entity,
        copies: Vec::new(),
        sender_name: None,
        reply_to: None,
        html: None,
        recipients: recipients.map_err(|error| Error::internal("reading a stored address", error))?,
        subject: attempt.subject.clone(),
        text: body(&attempt.entity_name),
        attachments: vec![Attachment {
            file_name: attempt.file_name.clone(),
            content_type: "text/csv; charset=utf-8",
            bytes: csv,
        }],
        subject_kind: "delivery_batch",
        subject_id: attempt.batch_id.uuid(),
    })
}

async fn settle(ctx: &Ctx, attempt: &Attempt, outcome: &Outcome) -> Result<()> {
    let mut tx = ctx.begin().await?;
    match (attempt.kind.as_str(), outcome) {
        ("send", Outcome::Accepted { .. }) => settle_sent(&mut tx, attempt).await?,
        ("send", Outcome::Refused(why)) => settle_failed(&mut tx, attempt.batch_id, why).await?,
        ("send", Outcome::Unknown(why)) => {
            settle_failed(&mut tx, attempt.batch_id, &format!("send outcome unknown: {why}")).await?;
        }
        ("resend", Outcome::Accepted { .. }) => {
            store::mark_resent(&mut tx, attempt.batch_id).await?;
            tx.emit(batch_event("resend_delivery", attempt, outcome));
        }
        // Override and simulation never change a delivery; a resend that failed leaves it sent.
        _ => tx.emit(batch_event("send_attempted", attempt, outcome)),
    }
    tx.commit().await
}

fn batch_event(action: &'static str, attempt: &Attempt, outcome: &Outcome) -> Event {
    let accepted = matches!(outcome, Outcome::Accepted { .. });
    let details = json!({ "kind": attempt.kind, "accepted": accepted, "by": attempt.requested_by });
    Event::new(action, "delivery_batch", attempt.batch_id).entity(attempt.entity_id).details(details)
}

async fn settle_sent(tx: &mut Tx, attempt: &Attempt) -> Result<()> {
    let entity = tx.ctx().entity(attempt.entity_id).ok_or_else(|| Error::not_found("entity"))?;
    let week = Week::at(tx.now(), &entity.zone);
    let sent = store::mark_sent(tx, attempt, week.monday()).await?;
    let prepaid: Vec<_> = sent.iter().filter(|row| row.prepaid).map(|row| row.id).collect();
    prepaid::ops::consume(tx, &prepaid).await?;
    for row in sent {
        let details = json!({ "lead_id": row.lead_id, "buyer_id": row.buyer_id, "order_id": row.order_id, "product": row.product,
            "entity_id": row.entity_id, "lead_entity_id": row.lead_entity_id, "week": week, "is_lb": row.is_lb });
        tx.touch(Some(row.lead_entity_id), "lead");
        let sent = Event::new("delivery.sent", "delivery", row.id).entity(row.entity_id);
        tx.emit(sent.related(row.lead_id).related(row.buyer_id).related(row.order_id).details(details));
    }
    tx.emit(batch_event("send_delivery", attempt, &Outcome::Accepted { message_id: String::new() }));
    Ok(())
}

pub(super) async fn settle_failed(tx: &mut Tx, batch: BatchId, why: &str) -> Result<()> {
    for (id, entity) in store::mark_failed(tx, batch, why).await? {
        tx.emit(failed(id, entity, why));
    }
    Ok(())
}

fn failed(id: DeliveryId, entity: EntityId, why: &str) -> Event {
    Event::new("delivery_failed", "delivery", id)
        .entity(entity)
        .severity(Severity::Error)
        .details(json!({ "error": why }))
}

/// What is `sending` although its lease has ended: a person must find out what became of it (L-36).
pub async fn reap(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let expired = store::list_expired(&mut tx).await?;
    for batch in &expired {
        settle_failed(&mut tx, *batch, "send outcome unknown").await?;
    }
    tx.commit().await?;
    Ok(json!({ "unknown": expired.len() }))
}
