//! The only writers of reminders.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kernel::{Date, DocumentId, EntityId, ReminderId, Timestamp, Zone};
use platform::event::{Event, Severity};
use platform::mail::MailStatus;
use platform::tenancy::legal::{self, Legal};
use platform::{Error, Result, Tx};
use serde_json::json;

use super::model::{ReminderSettings, ReminderStatus, ReminderStep};
use super::store::{self, Planned, ReminderRow};
use super::words::Asked;
use crate::documents::invoice;
use crate::documents::model::{Direction, DocumentStatus, Origin};
use crate::documents::store::{self as documents, DocumentRow};
use crate::sending::model::Recipients;
use crate::sending::ops::{billing_address, enqueue};
use crate::sending::store::LetterRow;
use crate::sending::words::Subject;

/// What is said of a customer who cannot be written to.
const NO_ADDRESS: &str = "the customer has no mail address";

/// What keeps an invoice from being asked for.
pub async fn obstacle(tx: &mut Tx, document: DocumentId) -> Result<Option<&'static str>> {
    Ok(match store::find_state(tx, document).await? {
        (true, _) => Some("nothing is left to pay"),
        (_, true) => Some("its reminders are suspended"),
        _ => None,
    })
}

/// The day in an entity.
pub fn today(tx: &Tx, entity: EntityId) -> Date {
    day_of(tx, entity, tx.now())
}

fn day_of(tx: &Tx, entity: EntityId, at: Timestamp) -> Date {
    let zone: &Zone = tx.ctx().entity(entity).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    at.date_in(zone)
}

/// Sends a reminder now, ahead of its day or again when it came back.
///
/// Not found out of scope; refused when it is sent or cancelled, when a mail of it is on its way, when nothing is left to pay,
/// and while it is suspended; invalid when the customer cannot be written to.
pub async fn send_now(tx: &mut Tx, id: ReminderId) -> Result<()> {
    let document = store::get_reminder(tx, id).await?.document_id;
    let row = documents::lock_documents(tx, &[document]).await?.pop().ok_or_else(|| Error::not_found("document"))?;
    let reminder = store::lock_reminder(tx, id).await?;
    if reminder.status == ReminderStatus::Cancelled {
        return Err(Error::refused("reminder_cancelled", "It is cancelled: nothing is left to pay."));
    }
    reminder.status.move_to(ReminderStatus::Sent)?;
    if reminder.is_on_its_way() {
        return Err(Error::refused(
            "reminder_on_its_way",
            "A mail of it is on its way: wait for what the server says.",
        ));
    }
    expect_askable(tx, document).await?;
    let mut desk = Desk::default();
    let sent = desk.send(tx, &reminder, &row).await?;
    if sent { Ok(()) } else { Err(Error::invalid("to", "is needed: the customer has no mail address")) }
}

async fn expect_askable(tx: &mut Tx, document: DocumentId) -> Result<()> {
    match store::find_state(tx, document).await? {
        (true, _) => Err(Error::refused("reminder_settled", "Nothing is left to pay on this invoice.")),
        (_, true) => Err(Error::refused("reminder_suspended", "The reminders of this invoice are suspended.")),
        _ => Ok(()),
    }
}

/// Plans the next step of an invoice for today and sends it, whether or not its entity reminds by itself.
///
/// Not found out of scope; refused when it is not due, when all steps were sent, and as [`send_now`] does.
pub async fn remind_now(tx: &mut Tx, document: DocumentId) -> Result<ReminderId> {
    let row = documents::lock_documents(tx, &[document]).await?.pop().ok_or_else(|| Error::not_found("document"))?;
    let due_on = expect_claim(&row)?;
    let today = today(tx, row.entity_id);
    if due_on >= today {
        return Err(Error::refused("reminder_not_due", "It is not due yet."));
    }
    expect_askable(tx, document).await?;
    let policy = tx.setting::<ReminderSettings>().await?.of(tx.ctx().entity_code(row.entity_id));
    let last = store::find_last_sent(tx, document).await?;
    let last = last.map(|(step, at)| (step, day_of(tx, row.entity_id, at)));
    let done = || Error::refused("reminder_steps_over", "Every step was sent: what follows is no longer a mail.");
    let (step, _) = policy.next(due_on, last).ok_or_else(done)?;
    let planned = Planned { document, entity: row.entity_id, party: row.party_id, step, on: today };
    store::plan(tx, &[planned]).await?;
    let filter = store::ReminderFilter { document: Some(document), step: Some(step), ..Default::default() };
    let found = store::list_reminders(tx, &filter, kernel::Limit::WHOLE_LISTS).await?.pop();
    let id = found.ok_or_else(|| Error::not_found("reminder"))?.id;
    send_now(tx, id).await?;
    Ok(id)
}

fn expect_claim(row: &DocumentRow) -> Result<Date> {
    let is_ours = row.kind.is_claim() && row.direction == Direction::Sale && row.origin != Origin::Intercompany;
    if !is_ours || row.status == DocumentStatus::Draft {
        return Err(Error::refused("document_kind", "Only an invoice that was issued to a customer is asked for."));
    }
    row.due_on.ok_or_else(|| Error::refused("reminder_not_due", "It is not due yet."))
}

/// What the letters of one run share.
#[derive(Default)]
pub(super) struct Desk {
    legals: HashMap<EntityId, Legal>,
}

impl Desk {
    /// Writes the letter of a held reminder and hands it to the mail. False when there is nobody to write to, which is noted.
    pub(super) async fn send(&mut self, tx: &mut Tx, reminder: &ReminderRow, row: &DocumentRow) -> Result<bool> {
        let Some(subject) = Subject::of(row) else { return Ok(false) };
        let Some(to) = billing_address(tx, row).await? else {
            if reminder.last_error.as_deref() != Some(NO_ADDRESS) {
                store::set_error(tx, reminder.id, NO_ADDRESS).await?;
                tx.emit(failed(reminder, "no_address"));
            }
            return Ok(false);
        };
        let legal = match self.legals.entry(row.entity_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(legal::legal(tx, row.entity_id).await?),
        };
        let last = store::find_last_sent(tx, row.id).await?;
        let letter = Asked {
            step: reminder.step,
            subject: &subject,
            legal,
            code: tx.ctx().entity_code(row.entity_id),
            language: invoice::language(row),
            is_consumer: is_consumer(row),
            reminded_on: last.map(|(_, at)| day_of(tx, row.entity_id, at)),
        }
        .letter();
        let recipients = Recipients { to: vec![to], copies: Vec::new() };
        let mail = enqueue(tx, row, Some(reminder.id), &recipients, &letter).await?;
        store::set_mail(tx, reminder.id, mail).await?;
        tx.touch(Some(row.entity_id), "reminder");
        Ok(true)
    }
}

/// Whether the customer bought for himself when the invoice was issued.
fn is_consumer(row: &DocumentRow) -> bool {
    let told = row.buyer.as_ref().and_then(|buyer| buyer.get("is_consumer")?.as_bool());
    told.unwrap_or_default()
}

/// Writes what became of a reminder's mail: sent when a server took it (F-22), else planned as before with the reason.
pub(crate) async fn settle(tx: &mut Tx, id: ReminderId, letter: &LetterRow) -> Result<()> {
    let reminder = store::lock_reminder(tx, id).await?;
    tx.touch(Some(reminder.entity_id), "reminder");
    if letter.status == MailStatus::Accepted {
        store::mark_sent(tx, id, letter.settled_at.unwrap_or_else(|| tx.now())).await?;
        tx.emit(told("reminder_sent", &reminder));
        return Ok(());
    }
    let answer = letter.answer.as_deref().unwrap_or_default();
    let why = match letter.status {
        MailStatus::Unknown => format!("it may have left: {answer}"),
        _ => answer.to_owned(),
    };
    store::set_error(tx, id, &why).await?;
    if reminder.status != ReminderStatus::Cancelled {
        tx.emit(failed(&reminder, letter.status.as_str()));
    }
    Ok(())
}

/// Cancels what is planned of invoices on which nothing is left to pay.
pub(crate) async fn cancel_settled(tx: &mut Tx, documents: &[DocumentId]) -> Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    for cancelled in store::cancel(tx, documents, "nothing is left to pay").await? {
        let event = Event::new("reminder_cancelled", "reminder", cancelled.id).entity(cancelled.entity_id);
        tx.emit(event.related(cancelled.document_id));
    }
    Ok(())
}

/// Notes that a sent reminder came back; it may be sent again.
///
/// Not found out of scope; refused when it was not sent; invalid without a reason.
pub async fn bounce(tx: &mut Tx, id: ReminderId, reason: &str) -> Result<()> {
    let reason = checked_reason(reason)?;
    let reminder = store::lock_reminder(tx, id).await?;
    reminder.status.move_to(ReminderStatus::Bounced)?;
    store::mark_bounced(tx, id, reason).await?;
    tx.emit(told("reminder_bounced", &reminder).severity(Severity::Warning));
    Ok(())
}

fn checked_reason(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "must be 1 to 500 characters"));
    }
    Ok(reason)
}

/// Suspends the reminders of an invoice that its customer contests. What is planned waits.
///
/// Not found out of scope; refused for what is no issued invoice; invalid without a reason.
pub async fn suspend(tx: &mut Tx, document: DocumentId, reason: &str) -> Result<()> {
    let reason = checked_reason(reason)?;
    let row = documents::lock_document(tx, document).await?;
    expect_claim(&row)?;
    store::suspend(tx, document, row.entity_id, reason).await?;
    store::set_disputed(tx, document, true).await?;
    let details = json!({ "number": row.number, "reason": reason });
    let event = Event::new("reminders_suspended", "document", document).entity(row.entity_id).details(details);
    tx.emit(event.related(row.party_id));
    tx.touch(Some(row.entity_id), "reminder");
    Ok(())
}

/// Lets the reminders of an invoice go on. Nothing happens when none were suspended.
///
/// Not found out of scope.
pub async fn resume(tx: &mut Tx, document: DocumentId) -> Result<()> {
    let row = documents::lock_document(tx, document).await?;
    if !store::resume(tx, document).await? && !row.disputed {
        return Ok(());
    }
    store::set_disputed(tx, document, false).await?;
    let event = Event::new("reminders_resumed", "document", document).entity(row.entity_id);
    tx.emit(event.related(row.party_id).details(json!({ "number": row.number })));
    tx.touch(Some(row.entity_id), "reminder");
    Ok(())
}

fn told(action: &'static str, reminder: &ReminderRow) -> Event {
    let details = json!({ "number": reminder.document_number, "step": reminder.step });
    let event = Event::new(action, "reminder", reminder.id).entity(reminder.entity_id).details(details);
    event.related(reminder.document_id).related(reminder.party_id)
}

fn failed(reminder: &ReminderRow, outcome: &str) -> Event {
    let details = json!({ "number": reminder.document_number, "step": reminder.step, "outcome": outcome });
    told("reminder_failed", reminder).details(details).severity(Severity::Warning)
}

/// The steps planned next, of what is late and has none; each by the policy of its entity.
pub(super) fn steps(tx: &Tx, settings: &ReminderSettings, late: &[store::Unplanned]) -> Result<Vec<Planned>> {
    let mut planned = Vec::with_capacity(late.len());
    for row in late {
        let last_step: Option<ReminderStep> = row.last_step.as_deref().map(store::stored_step).transpose()?;
        let last_on = row.last_sent_at.map(|at| day_of(tx, row.entity_id, at));
        let policy = settings.of(tx.ctx().entity_code(row.entity_id));
        if let Some((step, on)) = policy.next(row.due_on, last_step.zip(last_on)) {
            planned.push(Planned { document: row.document_id, entity: row.entity_id, party: row.party_id, step, on });
        }
    }
    Ok(planned)
}
