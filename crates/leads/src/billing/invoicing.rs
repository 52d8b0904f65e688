//! For whoever makes invoices: what of a week is to be invoiced to a buyer, what was invoiced by which document, what is to be
//! credited. Everything is called in the transaction that issues the document.

use kernel::{BillingRecordId, BuyerId, Date, DeliveryId, DocumentId, DocumentLineId, EntityId, OrderId, Week};
use platform::event::Event;
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::candidates::note_of_records;
use super::model::BillingRecordStatus;
use super::store::{candidates, ledger, records};
use crate::rules::billing::Amounts;

/// A record that is to be invoiced: one line, at one price (L-34).
#[derive(Clone, Debug)]
pub struct RecordToInvoice {
    /// The record.
    pub id: BillingRecordId,
    /// The order.
    pub order_id: OrderId,
    /// The product, by code.
    pub product: String,
    /// The product's name.
    pub product_name: String,
    /// Which price of the order's week it is, from 1.
    pub position: i32,
    /// Whether nobody said what the product costs: such a record is not to be invoiced before somebody did.
    pub pricing_missing: bool,
    /// Units sent and not taken back.
    pub units_billable: u32,
    /// Of these, credited.
    pub units_free: u32,
    /// Units to invoice: the rest.
    pub units: u32,
    /// Euros a unit, before the discount.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Percent, the buyer's when the ledger was built (L-59).
    pub vat_rate: Decimal,
    /// What the line comes to: the record's figures, to be invoiced as they are.
    pub amounts: Amounts,
}

/// What of an entity's week is to be invoiced to a buyer, held until the transaction ends; empty when nothing is.
///
/// Refused when the week's ledger is not built.
pub async fn lock_records_for_invoice(
    tx: &mut Tx,
    entity: EntityId,
    week: Week,
    buyer: BuyerId,
) -> Result<Vec<RecordToInvoice>> {
    if ledger::lock_week(tx, entity, week).await? == 0 {
        return Err(Error::refused("ledger_not_built", format!("The ledger of the week {week} is not built.")));
    }
    records::lock_to_invoice(tx, entity, week, buyer).await
}

/// The document that an invoice is, and its dates.
#[derive(Clone, Copy, Debug)]
pub struct Invoiced {
    /// The document.
    pub document: DocumentId,
    /// When it was issued.
    pub issued_on: Date,
    /// When it is to be paid.
    pub due_on: Date,
}

/// Records held by [`lock_records_for_invoice`] are invoiced, each by a line of the document. What was taken back since the
/// ledger was built becomes a candidate for a credit note.
///
/// Conflict when one of them is invoiced already: nothing is written then.
pub async fn mark_invoiced(tx: &mut Tx, lines: &[(BillingRecordId, DocumentLineId)], invoice: Invoiced) -> Result<()> {
    let dates = (invoice.issued_on, invoice.due_on);
    let marked = records::mark_invoiced(tx, lines, invoice.document, dates).await?;
    if usize::try_from(marked).ok() != Some(lines.len()) {
        return Err(Error::conflict("A record was invoiced meanwhile: read it again."));
    }
    let ids: Vec<_> = lines.iter().map(|(record, _)| *record).collect();
    for id in &ids {
        let details = json!({ "status": BillingRecordStatus::Invoiced, "document_id": invoice.document });
        let entity = records::find_week(tx, *id).await?.0;
        let event = Event::new("billing_record_updated", "billing_record", *id).entity(entity);
        tx.emit(event.related(invoice.document).details(details));
    }
    note_of_records(tx, &ids).await
}

/// The records of a document follow it: to overdue, to paid (on a day), or back to invoiced when a payment was taken back.
/// Those that stand there already stay; says how many moved.
pub async fn mark_settled(
    tx: &mut Tx,
    document: DocumentId,
    to: BillingRecordStatus,
    paid_on: Option<Date>,
) -> Result<u64> {
    use BillingRecordStatus::{Invoiced, NotInvoiced, Overdue, Paid};
    let from: &[_] = match to {
        Overdue => &[Invoiced],
        Paid => &[Invoiced, Overdue],
        Invoiced => &[Paid, Overdue],
        NotInvoiced => return Err(Error::refused("record_has_document", "An invoiced record stays invoiced.")),
    };
    records::move_with_document(tx, document, (from, to), paid_on.filter(|_| to == Paid)).await
}

/// A unit to be credited: what its record gets cheaper by. Those of one record add up to what was invoiced, to the cent.
#[derive(Clone, Debug)]
pub struct CandidateToCredit {
    /// The candidate.
    pub id: Uuid,
    /// The record it was invoiced in.
    pub record_id: BillingRecordId,
    /// The invoice, when it was made here.
    pub invoice_id: Option<DocumentId>,
    /// The delivery that was taken back.
    pub delivery_id: DeliveryId,
    /// The product, by code.
    pub product: String,
    /// The product's name.
    pub product_name: String,
    /// The week it was invoiced for.
    pub week: Week,
    /// Euros a unit, as invoiced.
    pub unit_price: Decimal,
    /// Percent, as invoiced.
    pub discount_pct: Decimal,
    /// Percent, as invoiced.
    pub vat_rate: Decimal,
    /// To be credited, without VAT, in euros.
    pub net: Decimal,
    /// Its VAT.
    pub vat: Decimal,
    /// Why it was taken back.
    pub reason: String,
}

/// What is to be credited to a buyer, oldest first, held until the transaction ends.
pub async fn lock_open_candidates(tx: &mut Tx, entity: EntityId, buyer: BuyerId) -> Result<Vec<CandidateToCredit>> {
    candidates::lock_open(tx, entity, buyer).await
}

/// Candidates are credited by an issued credit note.
///
/// Conflict when one of them is settled already: nothing is written then.
pub async fn mark_credited(tx: &mut Tx, ids: &[Uuid], document: DocumentId) -> Result<()> {
    let marked = candidates::mark_credited(tx, ids, document).await?;
    if usize::try_from(marked).ok() != Some(ids.len()) {
        return Err(Error::conflict("A candidate was settled meanwhile: read it again."));
    }
    Ok(())
}
