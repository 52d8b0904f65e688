//! The job that hands a letter to the mail server, and tells what became of it.

use kernel::{DocumentId, MailId};
use platform::event::{Event, Severity};
use platform::mail::{self, Attachment, MailStatus};
use platform::{Ctx, Error, Job, JobRun, Registry, Result, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ops::{self, Wishes};
use super::store::{self, LetterRow};
use crate::documents::store as documents;
use crate::reminders;

/// Sends a letter.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendLetter {
    /// Its mail.
    pub id: MailId,
    /// How often it was put off, for the server rested.
    pub round: u32,
}

impl Job for SendLetter {
    const KIND: &'static str = "billing.send_letter";
    const MAX_ATTEMPTS: i32 = 5;

    fn key(&self) -> Option<String> {
        Some(format!("{}/{}", self.id, self.round))
    }
}

/// Writes the letter of a document that was just issued.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailIssued {
    /// The document.
    pub id: DocumentId,
}

impl Job for MailIssued {
    const KIND: &'static str = "billing.mail_issued";

    fn key(&self) -> Option<String> {
        Some(self.id.to_string())
    }
}

/// Registers the jobs of this module.
pub fn register(registry: &mut Registry) {
    registry.job(send);
    registry.job(mail_issued);
}

/// A customer without an address keeps nothing from being issued: it is told, and a person sends it.
async fn mail_issued(ctx: Ctx, _: JobRun, job: MailIssued) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let written = ops::send_document(&mut tx, job.id, Wishes::default()).await;
    match written {
        Ok(id) => {
            tx.commit().await?;
            Ok(json!({ "mail": id }))
        }
        Err(error) if error.is_transient() => Err(error),
        Err(error) => {
            let row = documents::get_document(&mut tx, job.id).await?;
            let details = json!({ "number": row.number, "why": error.told() });
            let event = Event::new("document_mail_failed", "document", row.id).entity(row.entity_id).details(details);
            tx.emit(event.related(row.party_id).severity(Severity::Warning));
            tx.commit().await?;
            Ok(json!({ "not_sent": error.told() }))
        }
    }
}

/// Runs the job: hands the letter over outside any transaction, then tells what became of it by what its mail says, so that a
/// job that takes over from a lost worker tells the same.
async fn send(ctx: Ctx, _: JobRun, job: SendLetter) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let row = store::get_letter(&mut tx, job.id).await?;
    if row.status == MailStatus::Queued {
        if let Some(until) = mail::circuit_open_until(&mut tx, row.entity_id).await? {
            tx.enqueue_at(&SendLetter { id: job.id, round: job.round + 1 }, until)?;
            tx.commit().await?;
            return Ok(json!({ "put_off": until }));
        }
        if let Some(why) = obstacle(&mut tx, &row).await? {
            mail::withdraw(&mut tx, job.id, why).await?;
            tx.commit().await?;
        } else {
            let message = with_page(&mut tx, &row).await?;
            drop(tx);
            mail::dispatch(&ctx, job.id, &message).await?;
        }
    } else {
        drop(tx);
    }
    tell(&ctx, job.id).await
}

/// What keeps a letter from being sent now, that did not when it was written.
async fn obstacle(tx: &mut Tx, row: &LetterRow) -> Result<Option<&'static str>> {
    match row.reminder_id {
        None => Ok(None),
        Some(_) => reminders::ops::obstacle(tx, row.document_id).await,
    }
}

/// The mail with the page, byte for byte as it was issued.
async fn with_page(tx: &mut Tx, row: &LetterRow) -> Result<mail::Message> {
    let document = documents::get_document(tx, row.document_id).await?;
    let mut message = ops::message(&document, &row.recipients()?, &row.letter()?);
    let number = row.document_number.as_deref().unwrap_or("document").replace('/', "-");
    message.attachments.push(Attachment {
        file_name: format!("{number}.pdf"),
        content_type: "application/pdf",
        bytes: documents::get_file(tx, row.document_id, "pdf").await?,
    });
    Ok(message)
}

/// Tells once what became of a letter: a reminder is sent only now.
async fn tell(ctx: &Ctx, id: MailId) -> Result<Value> {
    let mut tx = ctx.begin().await?;
    let row = store::lock_letter(&mut tx, id).await?;
    if matches!(row.status, MailStatus::Queued | MailStatus::Sending) {
        return Err(Error::conflict("The mail is still on its way."));
    }
    if row.told_at.is_none() {
        store::mark_told(&mut tx, id).await?;
        match row.reminder_id {
            None => tx.emit(event(&row)),
            Some(reminder) => reminders::ops::settle(&mut tx, reminder, &row).await?,
        }
        tx.touch(Some(row.entity_id), "document");
        tx.commit().await?;
    }
    Ok(json!({ "outcome": row.status }))
}

fn event(row: &LetterRow) -> Event {
    let (action, severity) = match row.status {
        MailStatus::Accepted => ("document_mailed", Severity::Info),
        _ => ("document_mail_failed", Severity::Warning),
    };
    let details = json!({ "number": row.document_number, "outcome": row.status,
        "recipients": row.recipients.len() + row.copies.len(), "by": row.requested_by });
    let event = Event::new(action, "document", row.document_id).entity(row.entity_id).severity(severity);
    event.related(row.id).details(details)
}
