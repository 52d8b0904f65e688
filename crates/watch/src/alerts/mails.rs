//! Mails about alerts: one for everything that a person is to be told of at a time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::SignedDuration;
use kernel::{EntityId, Limit, Timestamp, UserId};
use platform::check::{AlertRule, CheckSeverity};
use platform::identity::{self, Reader};
use platform::mail::{self, Message, Outcome, Route};
use platform::{Ctx, Error, Job, JobRun, Registry, Result, Role, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{Alert, AlertState};
use super::settings::QuietHours;
use super::store::{self, AlertFilter};

/// What is found within this time comes in one mail.
const GATHER: SignedDuration = SignedDuration::from_secs(60);

/// So many alerts stand in a mail; of the others it says how many there are.
const SHOWN: usize = 50;

platform::words! {
    /// Whether a mail waits for the end of quiet hours.
    Urgency {
        /// It does not.
        Critical = "critical",
        /// It does.
        Usual = "usual",
    }
}

impl Urgency {
    /// How urgent an alert of this weight is.
    pub const fn for_severity(severity: CheckSeverity) -> Self {
        match severity {
            CheckSeverity::Critical => Self::Critical,
            CheckSeverity::Warning | CheckSeverity::Info => Self::Usual,
        }
    }
}

/// Mails to one person what he is to know.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MailAlerts {
    user_id: UserId,
    urgency: Urgency,
    /// What people were told of from here on.
    since: Timestamp,
    /// When it is to be sent: what is found until then comes along.
    at: Timestamp,
}

impl Job for MailAlerts {
    const KIND: &'static str = "watch.mail_alerts";
    const MAX_ATTEMPTS: i32 = 5;

    fn key(&self) -> Option<String> {
        Some(format!("{}/{}/{}", self.user_id, self.urgency, self.at))
    }
}

/// Registers the job.
pub(crate) fn register(registry: &mut Registry) {
    registry.job(run);
}

/// Has those written to who have one of these roles and see one of these entities.
pub(super) async fn enqueue(
    tx: &mut Tx,
    roles: &[Role],
    entities: &BTreeSet<Option<EntityId>>,
    urgency: Urgency,
    quiet: Option<&QuietHours>,
) -> Result<()> {
    if entities.is_empty() {
        return Ok(());
    }
    let entities: Vec<_> = entities.iter().copied().flatten().collect();
    let (since, at) = (tx.now(), sent_at(tx.now(), urgency, quiet, tx.ctx()));
    for user_id in identity::list_members_of(tx, roles, &entities).await? {
        tx.enqueue_at(&MailAlerts { user_id, urgency, since, at }, at)?;
    }
    Ok(())
}

/// At the next full minute, or at the end of quiet hours: whatever is found until then has the same key.
fn sent_at(now: Timestamp, urgency: Urgency, quiet: Option<&QuietHours>, ctx: &Ctx) -> Timestamp {
    let quiet = quiet.filter(|_| urgency == Urgency::Usual);
    let end = quiet.and_then(|quiet| quiet.end_after(now, &ctx.tenant().zone));
    end.unwrap_or_else(|| {
        let second = now.jiff().as_second();
        let step = GATHER.as_secs();
        now.plus(SignedDuration::from_secs(step - second.rem_euclid(step)))
    })
}

/// What a lost worker may have sent is not sent again: the console shows it.
async fn run(ctx: Ctx, run: JobRun, job: MailAlerts) -> Result<Value> {
    if run.was_lost {
        return Ok(json!({ "outcome": "given up" }));
    }
    let mut tx = ctx.begin().await?;
    let Some(reader) = identity::find_reader(&mut tx, job.user_id).await? else {
        return Ok(json!({ "outcome": "no longer a member" }));
    };
    let alerts = list_for(&mut tx, &reader, &job).await?;
    if alerts.is_empty() {
        return Ok(json!({ "outcome": "all over" }));
    }
    let message = message(&ctx, &reader, &alerts, job.user_id);
    let id = mail::enqueue(&mut tx, &message).await?;
    tx.commit().await?;
    match mail::dispatch(&ctx, id, &message).await? {
        Outcome::Accepted { .. } => Ok(json!({ "outcome": "accepted", "alerts": alerts.len() })),
        Outcome::Unknown(_) => Ok(json!({ "outcome": "unknown", "alerts": alerts.len() })),
        Outcome::Refused(why) => Err(Error::refused("mail_refused", why)),
    }
}

/// What is still open of what the reader is to be told.
async fn list_for(tx: &mut Tx, reader: &Reader, job: &MailAlerts) -> Result<Vec<Alert>> {
    let sees_all = reader.role.is_above_all();
    let mut filter = AlertFilter {
        states: vec![AlertState::Open],
        role: Some(reader.role),
        told_from: Some(job.since),
        ..AlertFilter::default()
    };
    let mut found = Vec::new();
    loop {
        let limit = Limit::default();
        let page = store::list_alerts(tx, &filter, limit).await?;
        let size = page.len();
        filter.before = page.last().map(|alert| alert.id.uuid());
        found.extend(page.into_iter().filter(|alert| {
            Urgency::for_severity(alert.severity) == job.urgency && (sees_all || alert.entity_id == Some(reader.entity))
        }));
        if size <= usize::from(limit.get()) {
            found.sort_by_key(|alert| (std::cmp::Reverse(alert.severity), alert.id));
            return Ok(found);
        }
    }
}

fn message(ctx: &Ctx, reader: &Reader, alerts: &[Alert], user: UserId) -> Message {
    Message {
        entity: reader.entity,
        route: Route::Entity,
        recipients: vec![reader.email.clone()],
        copies: Vec::new(),
        sender_name: None,
        reply_to: None,
        subject: subject(ctx.platform().registry().alerts(), alerts),
        text: text(ctx.platform().registry().alerts(), reader, alerts, &ctx.platform().options().public_url),
        html: None,
        attachments: Vec::new(),
        subject_kind: "user",
        subject_id: user.uuid(),
    }
}

fn titles(rules: &[AlertRule], alert: &Alert) -> [String; 2] {
    let rule = rules.iter().find(|rule| rule.kind == alert.kind);
    rule.map_or_else(|| [alert.kind.clone(), alert.kind.clone()], |rule| rule.title.map(str::to_owned))
}

fn subject(rules: &[AlertRule], alerts: &[Alert]) -> String {
    match alerts {
        [only] => {
            let [english, french] = titles(rules, only);
            format!("{french} / {english}: {}", only.text)
        }
        several => format!("{} alertes / {} alerts", several.len(), several.len()),
    }
}

/// Where the console shows them: those of their kind, or all that is going on.
fn link(alerts: &[Alert], url: &str) -> String {
    match alerts {
        [first, rest @ ..] if rest.iter().all(|alert| alert.kind == first.kind) => {
            format!("{url}/alerts?kind={}", first.kind)
        }
        _ => format!("{url}/alerts"),
    }
}

/// In French, then in English: the service does not know which one the reader reads.
fn text(rules: &[AlertRule], reader: &Reader, alerts: &[Alert], url: &str) -> String {
    let mut text = String::new();
    let url = link(alerts, url);
    let mut part = |greeting: &str, language: usize, more: &str, invitation: &str| {
        write!(text, "{greeting} {},\r\n\r\n", reader.name).expect("writing to a string cannot fail");
        for alert in alerts.iter().take(SHOWN) {
            let title = &titles(rules, alert)[language];
            write!(text, "- [{}] {title}: {}\r\n", alert.severity, alert.text)
                .expect("writing to a string cannot fail");
        }
        if alerts.len() > SHOWN {
            write!(text, "- … {} {more}\r\n", alerts.len() - SHOWN).expect("writing to a string cannot fail");
        }
        write!(text, "\r\n{invitation}\r\n{url}\r\n").expect("writing to a string cannot fail");
    };
    part("Bonjour", 1, "autres", "Les voir, et dire que vous vous en occupez :");
    part("\r\n----\r\n\r\nHello", 0, "more", "See them, and say that you take care of them:");
    text
}
