//! The only writers of letters.

use kernel::{DocumentId, Email, Language, MailId, ReminderId};
use parties::ContactKind;
use platform::mail::{self, Message, Route};
use platform::tenancy::legal;
use platform::{Error, Result, Tx};

use super::jobs::{MailIssued, SendLetter};
use super::letter::Letter;
use super::model::{Recipients, SendingSettings};
use super::store;
use super::words::{self, Subject};
use crate::documents::invoice::language;
use crate::documents::model::{Direction, DocumentStatus, Origin};
use crate::documents::store::{self as documents, DocumentRow};

/// What a person asks for, beyond the document itself.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// To whom; to whom the customer's invoices go unless told.
    pub to: Vec<Email>,
    /// Who gets a copy.
    pub copies: Vec<Email>,
    /// The language; the document's unless told.
    pub language: Option<Language>,
    /// What stands above the letter's own words.
    pub message: Option<String>,
}

/// Hands an issued document to the mail, its page attached. It is sent by a job, and counts as taken when the server said so.
///
/// Not found out of scope; refused for a draft and for a supplier's document; invalid when nobody is to be written to.
pub async fn send_document(tx: &mut Tx, id: DocumentId, wishes: Wishes) -> Result<MailId> {
    let row = documents::get_document(tx, id).await?;
    let subject = mailable(&row)?;
    let to = if wishes.to.is_empty() { billing_address(tx, &row).await?.into_iter().collect() } else { wishes.to };
    let recipients = Recipients::try_new(to, wishes.copies).map_err(|(field, why)| Error::invalid(field, why))?;
    let legal = legal::legal(tx, row.entity_id).await?;
    let code = tx.ctx().entity_code(row.entity_id).to_owned();
    let language = wishes.language.unwrap_or_else(|| language(&row));
    let letter = words::letter(&subject, (&legal, &code), language, wishes.message.as_deref());
    enqueue(tx, &row, None, &recipients, &letter).await
}

fn mailable(row: &DocumentRow) -> Result<Subject> {
    if row.direction == Direction::Purchase {
        return Err(Error::refused("document_not_ours", "A supplier's document is not sent."));
    }
    let issued = Subject::of(row).filter(|_| row.status != DocumentStatus::Draft);
    issued.ok_or_else(|| Error::refused("document_not_issued", "A draft is not sent: issue it first."))
}

/// Where a customer's invoices go: to whom is to be asked about them now, else where they went when this one was issued, else
/// to the customer's own address.
pub async fn billing_address(tx: &mut Tx, row: &DocumentRow) -> Result<Option<Email>> {
    let contact = parties::contacts::store::find_default(tx, row.party_id, ContactKind::Billing).await?;
    if let Some(email) = contact.and_then(|contact| contact.email) {
        return Ok(Some(email));
    }
    let issued_to = row.buyer.as_ref().and_then(|buyer| buyer.get("email")?.as_str()?.parse().ok());
    if issued_to.is_some() {
        return Ok(issued_to);
    }
    Ok(parties::get_party(tx, row.party_id).await?.fields.email)
}

/// Keeps a letter and enqueues its mail; while the entity's server rests, for when it may be asked again.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    row: &DocumentRow,
    reminder: Option<ReminderId>,
    recipients: &Recipients,
    letter: &Letter,
) -> Result<MailId> {
    let message = message(row, recipients, letter);
    let id = mail::enqueue(tx, &message).await?;
    store::insert_letter(tx, id, (row.entity_id, row.id, reminder), recipients, letter).await?;
    let until = mail::circuit_open_until(tx, row.entity_id).await?.unwrap_or_else(|| tx.now());
    tx.enqueue_at(&SendLetter { id, round: 0 }, until)?;
    tx.touch(Some(row.entity_id), "document");
    Ok(id)
}

/// A letter as a mail, without its attachment.
pub(super) fn message(row: &DocumentRow, recipients: &Recipients, letter: &Letter) -> Message {
    Message {
        entity: row.entity_id,
        route: Route::Entity,
        recipients: recipients.to.clone(),
        copies: recipients.copies.clone(),
        sender_name: letter.signature.first().cloned(),
        reply_to: letter.reply_to.clone(),
        subject: letter.subject.clone(),
        text: letter.text(),
        html: Some(letter.html()),
        attachments: Vec::new(),
        subject_kind: "document",
        subject_id: row.id.uuid(),
    }
}

/// Enqueues the mails of documents just issued, where their entity sends by itself.
pub(crate) async fn after_issue(tx: &mut Tx, rows: &[DocumentRow]) -> Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let code = tx.ctx().entity_code(first.entity_id).to_owned();
    if !tx.setting::<SendingSettings>().await?.of(&code).at_issue {
        return Ok(());
    }
    for row in rows.iter().filter(|row| row.direction == Direction::Sale && row.origin != Origin::Intercompany) {
        tx.enqueue(&MailIssued { id: row.id })?;
    }
    Ok(())
}
