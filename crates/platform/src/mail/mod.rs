//! Outgoing mail: what was handed to a transport, and what became of it.
//!
//! Tables owned: `platform.mail`, `platform.mail_circuit`.
//!
//! Invariants: a mail counts as accepted only when the server said so after the end of its body; what may already have
//! left the house is never sent again by itself, but becomes `unknown` for a person. The body is not kept: what it is
//! about can make it again.
//!
//! Failure policy: fail-open. A refusal is an outcome, not an error; five in a row by an entity's server open its circuit
//! for five minutes.

pub mod domain;
mod folder;
pub mod http;
mod servers;
mod smtp;
mod store;
mod target;

use std::time::Duration;

use jiff::SignedDuration;
use kernel::{Email, EntityId, MailId, Timestamp};
use lettre::Address;
use lettre::message::header::ContentType;
use lettre::message::{Attachment as Part, Mailbox, MultiPart, SinglePart};
use serde_json::{Value, json};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::event::Severity;
use crate::{Ctx, Error, Event, Result, Tx, live, signal};

pub use store::{MailView, insert_mail as enqueue};
pub use target::{EntitySmtp, SmtpSettings, check_url};

use target::Target;

crate::lifecycle! {
    /// Where a mail stands.
    pub enum MailStatus: "mail" {
        /// Waits for its job.
        Queued = "queued" => [Sending, Refused],
        /// Handed to the transport, no answer yet.
        Sending = "sending" => [Accepted, Refused, Unknown],
        /// The server took it.
        Accepted = "accepted" => [],
        /// The server did not take it.
        Refused = "refused" => [],
        /// It may have left: a person must find out.
        Unknown = "unknown" => [],
    }
    born: [Queued]
}

/// Consecutive failures of an entity's server that open its circuit (spec/leads.md 6.3).
const CIRCUIT_FAILURES: i32 = 5;

/// How long an open circuit keeps mail from a server.
const CIRCUIT_PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// A mail that is `sending` for longer has lost its process.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Connecting takes at most this long (spec/leads.md 6.3).
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Sending takes at most this long altogether, unless the operator says otherwise.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// The entity it comes from: its address.
    pub entity: EntityId,
    /// The server that sends it.
    pub route: Route,
    /// All of them see each other.
    pub recipients: Vec<Email>,
    /// Who gets a copy, seen by all.
    pub copies: Vec<Email>,
    /// The name beside the sender's address, where the entity's server has none of its own.
    pub sender_name: Option<String>,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<Email>,
    /// The subject line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same for those who read HTML; every mail has its text.
    pub html: Option<String>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// What kind of thing it is about.
    pub subject_kind: &'static str,
    /// The thing it is about.
    pub subject_id: Uuid,
}

impl Message {
    /// Everybody it goes to.
    fn everybody(&self) -> Vec<Email> {
        self.recipients.iter().chain(&self.copies).cloned().collect()
    }
}

/// Whose server sends a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The entity's own, or the default one where it has none.
    Entity,
    /// The default one, whatever the entity has: for what opens an account. Who may set an entity's server could read it there,
    /// and would hold more than he was given.
    Operator,
}

/// A file in a mail.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its name.
    pub file_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What became of a mail that was dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Accepted {
        /// Names it in the server's log.
        message_id: String,
    },
    /// It did not leave; sending it again is safe.
    Refused(String),
    /// It may have left: the connection broke, or nobody answered, after its body was on its way.
    Unknown(String),
}

/// How a transport ended.
#[derive(Debug)]
enum Delivered {
    Accepted(String),
    Refused { why: String, by_server: bool },
    Unknown(String),
}

impl Delivered {
    /// What it says of the server: a recipient that is refused is not its failure.
    fn outcome(&self) -> signal::Outcome {
        match self {
            Self::Accepted(_) => signal::Outcome::Fine,
            Self::Refused { by_server: false, .. } => signal::Outcome::Refused,
            Self::Refused { by_server: true, .. } | Self::Unknown(_) => signal::Outcome::Failed,
        }
    }
}

/// Until when mail of the entity must wait, because its server failed too often.
pub async fn circuit_open_until(tx: &mut Tx, entity: EntityId) -> Result<Option<Timestamp>> {
    let opened = store::find_opened(tx, entity).await?;
    Ok(opened.map(|at| at.plus(CIRCUIT_PAUSE)).filter(|until| *until > tx.now()))
}

/// Hands a queued mail to the entity's transport, outside any transaction, and records what became of it.
///
/// A mail that is no longer queued is not sent: its outcome is unknown, since another run may have sent it.
pub async fn dispatch(ctx: &Ctx, id: MailId, message: &Message) -> Result<Outcome> {
    let target = {
        let mut tx = ctx.begin().await?;
        let claimed = store::start_sending(&mut tx, id).await?;
        tx.touch(Some(message.entity), live::MAIL);
        let target = target::of(&mut tx, message).await?;
        if !claimed {
            let why = "another run had begun to send it".to_owned();
            store::settle_lost(&mut tx, id, &why).await?;
            tx.commit().await?;
            return Ok(Outcome::Unknown(why));
        }
        tx.commit().await?;
        target
    };
    let delivered = match compose(ctx, id, message, &target) {
        Ok((from, bytes)) => {
            let span = tracing::debug_span!("mail", otel.kind = "client");
            let clock = std::time::Instant::now();
            let delivered = hand_over(ctx, id, &target, &from, message, &bytes).instrument(span).await;
            ctx.platform().signals().service("mail", delivered.outcome(), clock.elapsed());
            delivered
        }
        Err(why) => Delivered::Refused { why, by_server: false },
    };
    settle(ctx, id, message, &target, delivered).await
}

async fn hand_over(
    ctx: &Ctx,
    id: MailId,
    target: &Target,
    from: &Address,
    message: &Message,
    bytes: &[u8],
) -> Delivered {
    match &target.server {
        Some(server) => {
            let limit = ctx.platform().options().mail_limit.unwrap_or(SEND_LIMIT);
            smtp::deliver(ctx.platform().egress(), server, from, &message.everybody(), bytes, limit).await
        }
        None => folder::deliver(&ctx.platform().options().mail_dir, ctx.now(), id, bytes).await,
    }
}

async fn settle(ctx: &Ctx, id: MailId, message: &Message, target: &Target, delivered: Delivered) -> Result<Outcome> {
    let mut tx = ctx.begin().await?;
    let message_id = message_id(id, &target.from.email);
    let (status, answer, outcome, counts) = match delivered {
        Delivered::Accepted(answer) => {
            (MailStatus::Accepted, answer, Outcome::Accepted { message_id: message_id.clone() }, false)
        }
        Delivered::Refused { why, by_server } => (MailStatus::Refused, why.clone(), Outcome::Refused(why), by_server),
        Delivered::Unknown(why) => (MailStatus::Unknown, why.clone(), Outcome::Unknown(why), true),
    };
    let settled = store::settle(&mut tx, id, status, &target.name, &message_id, &answer).await?;
    if !settled {
        return Err(Error::conflict("The mail was settled meanwhile."));
    }
    if message.route == Route::Entity {
        store::count_result(&mut tx, message.entity, counts, status == MailStatus::Accepted, CIRCUIT_FAILURES).await?;
    }
    let (action, severity) = match status {
        MailStatus::Accepted => ("mail_accepted", Severity::Info),
        MailStatus::Unknown => ("mail_unknown", Severity::Error),
        _ => ("mail_refused", Severity::Warning),
    };
    metrics::counter!("comptoir_mail_total", "status" => status.as_str()).increment(1);
    let details = json!({ "recipients": message.everybody().len(), "transport": target.name });
    tx.emit(
        Event::new(action, "mail", id)
            .entity(message.entity)
            .related(message.subject_id)
            .severity(severity)
            .details(details),
    );
    tx.commit().await?;
    Ok(outcome)
}

/// Gives up a mail that waits to be sent: it counts as refused, for `why`. False when it waits no longer.
pub async fn withdraw(tx: &mut Tx, id: MailId, why: &str) -> Result<bool> {
    store::refuse_queued(tx, id, why).await
}

/// Mails whose process was lost while it sent them become `unknown`; the job `mail-reaper`.
pub async fn reap_lost(ctx: &Ctx) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let before = tx.now().minus(LOST_AFTER);
    let lost = store::settle_all_lost(&mut tx, before).await?;
    for (id, entity) in &lost {
        tx.emit(Event::new("mail_unknown", "mail", *id).entity(*entity).severity(Severity::Error));
    }
    tx.commit().await?;
    Ok(json!({ "unknown": lost.len() }))
}

/// The bytes to send, or why there are none.
fn compose(ctx: &Ctx, id: MailId, message: &Message, target: &Target) -> Result<(Address, Vec<u8>), String> {
    let failed = |error: &dyn std::fmt::Display| format!("the mail could not be composed: {error}");
    let from: Address =
        target.from.email.as_str().parse().map_err(|error: lettre::address::AddressError| failed(&error))?;
    let mut builder = lettre::Message::builder()
        .from(Mailbox::new(target.from.name.clone().or_else(|| message.sender_name.clone()), from.clone()))
        .subject(message.subject.clone())
        .message_id(Some(message_id(id, &target.from.email)))
        .date(std::time::SystemTime::from(ctx.now().jiff()));
    let mailbox = |email: &Email| {
        let address = email.as_str().parse().map_err(|error: lettre::address::AddressError| failed(&error))?;
        Ok::<_, String>(Mailbox::new(None, address))
    };
    for recipient in &message.recipients {
        builder = builder.to(mailbox(recipient)?);
    }
    for copy in &message.copies {
        builder = builder.cc(mailbox(copy)?);
    }
    if let Some(reply_to) = &message.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let mut parts = match &message.html {
        Some(html) => {
            MultiPart::mixed().multipart(MultiPart::alternative_plain_html(message.text.clone(), html.clone()))
        }
        None => MultiPart::mixed().singlepart(SinglePart::plain(message.text.clone())),
    };
    for file in &message.attachments {
        let kind = ContentType::parse(file.content_type).map_err(|error| failed(&error))?;
        parts = parts.singlepart(Part::new(file.file_name.clone()).body(file.bytes.clone(), kind));
    }
    let mail = builder.multipart(parts).map_err(|error| failed(&error))?;
    Ok((from, mail.formatted()))
}

fn message_id(id: MailId, from: &Email) -> String {
    format!("<{id}@{}>", from.domain())
}
