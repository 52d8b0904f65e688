//! Suppliers' documents in the books.

use kernel::{Date, DocumentId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::batch::Batch;
use super::{Issued, apply_credit_notes, post, value};
use crate::documents::model::{Direction, PaymentState};
use crate::documents::snapshot::{Buyer, Seller};
use crate::documents::store::{self, Issue};

/// What a supplier's document is in the books of the entity it was issued to.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The draft it was written as.
    pub id: DocumentId,
    /// The supplier's number.
    pub number: String,
    /// The supplier's date.
    pub issue_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// The day it stands under in the books; the supplier's unless told.
    pub booked_on: Option<Date>,
    /// The rate, in percent, at which the house owes the VAT that the supplier did not charge (reverse charge, acquisitions from the
    /// Union); the standard rate of its country unless told.
    pub self_assessed_rate: Option<Decimal>,
}

/// Enters a supplier's document: it keeps the supplier's number and gets no page of its own.
///
/// Refused when it is no draft of a purchase, or in a closed period; conflict when the supplier's number is entered already.
pub async fn enter_purchase(tx: &mut Tx, purchase: &Purchase) -> Result<Issued> {
    let Some(batch) = Batch::load(tx, &[purchase.id]).await? else { return Err(Error::not_found("document")) };
    let row = &batch.rows[0];
    if row.direction != Direction::Purchase {
        return Err(Error::refused("document_direction", "Only a supplier's document is entered."));
    }
    let named = (purchase.number.clone(), 0);
    let mut document = batch.numbered(tx, row, named, purchase.issue_on).await?;
    document.due_on = purchase.due_on;
    document.booked_on = purchase.booked_on.unwrap_or(purchase.issue_on);
    document.self_assessed_rate = purchase.self_assessed_rate.unwrap_or(document.self_assessed_rate);
    let numbered = [document];
    let entries = post(tx, &batch, &numbered).await?;
    let [document] = numbered;
    let entry = entries.into_iter().next().flatten();
    let issue = Issue {
        id: row.id,
        number: purchase.number.clone(),
        number_value: None,
        number_year: i32::from(purchase.issue_on.jiff().year()),
        issue_on: purchase.issue_on,
        due_on: purchase.due_on,
        valid_until: None,
        // The supplier sells here, and the house buys.
        seller: value(&Buyer::of(&batch.parties[&row.party_id]))?,
        buyer: value(&Seller::of(&batch.house))?,
        mentions: json!([]),
        rate: batch.house.is_foreign(row.currency).then_some(document.conversion.rate),
        gross_functional: entry.as_ref().map(|entry| entry.functional),
        entry_id: entry.as_ref().map(|entry| entry.id),
        line_id: entry.as_ref().and_then(|entry| entry.line),
        pdf_sha256: None,
        vat_on_receipt: false,
        payment_state: Some(PaymentState::Unpaid),
    };
    store::issue_documents(tx, &[issue]).await?;
    let entry_id = entry.as_ref().map(|entry| entry.id);
    apply_credit_notes(tx, &batch, std::slice::from_ref(&document), &[entry]).await?;
    let details = json!({ "number": purchase.number, "gross": row.gross, "currency": row.currency });
    let event = Event::new("purchase_entered", "document", row.id).entity(batch.house.entity).details(details);
    tx.emit(event.related(row.party_id));
    Ok(Issued { id: row.id, number: purchase.number.clone(), entry_id })
}
