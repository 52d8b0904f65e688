//! What happens to suppliers' invoices before they are booked.

use einvoice::{Format, Received};
use kernel::{EntityId, IncomingInvoiceId};
use platform::{Error, Event, Kind, Result, Tx};
use serde_json::json;

use super::model::{Head, findings, unreadable};
use super::store::{self, IncomingRow, NewIncoming, Outcome};
use crate::house;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadInvoice {
    /// What it says.
    pub received: Received,
    /// What lists show of it.
    pub head: Head,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in lower-case hex.
    pub sha256: String,
}

impl ReadInvoice {
    /// What a file like it may be called by.
    pub const fn media_types(&self) -> &'static [&'static str] {
        match self.received.format {
            Format::FacturX => &["application/pdf"],
            Format::Cii | Format::Ubl => &["application/xml", "text/xml"],
        }
    }
}

/// Reads a file. Takes time with large files: not on a thread that serves others.
///
/// Invalid, with the code and the sentence of the refusal, when it is no invoice that can be read.
pub fn read(bytes: Vec<u8>) -> Result<ReadInvoice> {
    let received = einvoice::read(&bytes).map_err(|error| unreadable(&error))?;
    let head = Head::of(&received.invoice)?;
    let sha256 = platform::sha256_hex(&bytes);
    Ok(ReadInvoice { received, head, bytes, sha256 })
}

/// Takes an invoice in.
///
/// Conflict, naming the one that is known, when the same bytes or the same invoice of the seller came in before.
pub async fn receive(tx: &mut Tx, entity: EntityId, file: ReadInvoice, name: &str) -> Result<IncomingInvoiceId> {
    let house = house::open(tx, entity).await?;
    if let Some((known, is_same_file)) = store::find_known(tx, entity, &file.sha256, &file.head).await? {
        let (code, detail) = if is_same_file {
            ("incoming_known_file", "This file came in before.".to_owned())
        } else {
            let number = &file.head.number;
            ("incoming_known", format!("The invoice {number} of {} came in before.", file.head.issue_on))
        };
        return Err(Error::new(Kind::Conflict, code, detail).with_field("known_id", known.to_string()));
    }
    let invoice = &file.received.invoice;
    let found = findings(invoice, &house.legal, house.today);
    let told = |what: serde_json::Result<serde_json::Value>| {
        what.map_err(|error| Error::internal("keeping an invoice", error))
    };
    let warnings = file
        .received
        .warnings
        .iter()
        .map(|warning| json!({ "code": "not_taken_over", "term": warning.at, "message": warning.message }));
    let new = NewIncoming {
        entity,
        format: match file.received.format {
            Format::FacturX => "factur_x",
            Format::Cii => "cii",
            Format::Ubl => "ubl",
        },
        file_name: file_name(name),
        said: told(serde_json::to_value(invoice))?,
        findings: told(serde_json::to_value(&found))?,
        warnings: warnings.collect(),
        head: file.head,
        sha256: file.sha256,
        content: file.bytes,
    };
    let id = IncomingInvoiceId::generate(tx.now());
    store::insert_incoming(tx, id, &new).await?;
    let details = json!({ "number": new.head.number, "seller": new.head.seller_name, "gross": new.head.gross,
        "currency": new.head.currency, "format": new.format, "findings": found.len() });
    tx.emit(Event::new("incoming_invoice_received", "incoming_invoice", id).entity(entity).details(details));
    Ok(id)
}

/// A name without folders and control characters: it is shown, never opened.
fn file_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    base.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A person says that an invoice is owed.
///
/// Refused while nobody said who the supplier is, and as its lifecycle says.
pub async fn approve(tx: &mut Tx, id: IncomingInvoiceId) -> Result<()> {
    let row = store::lock_incoming(tx, id).await?;
    if row.party_id.is_none() {
        return Err(Error::refused("incoming_supplier_missing", "Say first which supplier it is of."));
    }
    store::update_status(tx, &row, Outcome::Approved).await?;
    tell(tx, "incoming_invoice_approved", &row, None);
    Ok(())
}

/// A person says that an invoice is not owed, and why.
pub async fn refuse(tx: &mut Tx, id: IncomingInvoiceId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if !(1..=500).contains(&reason.chars().count()) {
        return Err(Error::invalid("reason", "must have 1 to 500 characters"));
    }
    let row = store::lock_incoming(tx, id).await?;
    store::update_status(tx, &row, Outcome::Refused(reason)).await?;
    tell(tx, "incoming_invoice_refused", &row, Some(reason));
    Ok(())
}

/// Takes up again what was refused.
pub async fn reopen(tx: &mut Tx, id: IncomingInvoiceId) -> Result<()> {
    let row = store::lock_incoming(tx, id).await?;
    store::update_status(tx, &row, Outcome::Received).await?;
    tell(tx, "incoming_invoice_reopened", &row, None);
    Ok(())
}

fn tell(tx: &mut Tx, action: &'static str, row: &IncomingRow, reason: Option<&str>) {
    let mut details =
        json!({ "number": row.number, "seller": row.seller_name, "gross": row.gross, "currency": row.currency });
    if let Some(reason) = reason {
        details["reason"] = json!(reason);
    }
    let event = Event::new(action, "incoming_invoice", row.id).entity(row.entity_id).details(details);
    tx.emit(match row.party_id {
        Some(party) => event.related(party),
        None => event,
    });
}
