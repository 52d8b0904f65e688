//! Issuing: the number is drawn, the page set, the entry posted and the document frozen, in one transaction
//! (spec/field.md 4.8). Whatever fails takes the number back with it (F-24).

mod batch;
mod pages;
mod purchase;
mod unwritten;

use std::collections::HashMap;

use kernel::{Date, DocumentId, EntryId, EntryLineId};
use ledger::{Account, Journal, NewEntry, Role, Second};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::mentions::Mention;
use super::model::{Direction, DocumentKind, Origin, PaymentState};
use super::posting::{self, InputVat, Posting, VatDue};
use super::snapshot::{Buyer, Seller};
use super::store::{self, DocumentRow, Issue, StoredFile, VatRow};
use super::totals::VatAmounts;
use super::vat::VatKey;
use crate::payments::model::Waiting;
use crate::payments::store::{Of, list_allocations, list_waiting};
use batch::{Batch, Numbered};
use pages::Page;

pub(crate) use pages::set_statement;
pub use purchase::{Purchase, enter_purchase};
pub use unwritten::{Unwritten, check_unwritten};

/// An issued document.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The document.
    pub id: DocumentId,
    /// Its number.
    pub number: String,
    /// Its entry in the books; none for an offer.
    pub entry_id: Option<EntryId>,
}

/// Issues drafts of one entity on a day, today unless told, in the order given: their numbers follow each other.
///
/// Not found out of scope; refused when one is issued already, amounts to nothing, lacks what the law asks for, takes back more
/// than is left, when the day precedes the last number's or lies in a closed period, or when there is no exchange rate.
pub async fn issue(tx: &mut Tx, ids: &[DocumentId], on: Option<Date>) -> Result<Vec<Issued>> {
    let Some(batch) = Batch::load(tx, ids).await? else { return Ok(Vec::new()) };
    for row in &batch.rows {
        tx.ctx().expect_version(row.updated_at)?;
    }
    let on = on.unwrap_or(batch.house.today);
    batch.house.expect_past("issue_on", on)?;
    let logo = pages::logo(tx, &batch).await?;
    // From here on whoever issues in the same series waits.
    let mut numbered = batch.number(tx, on).await?;
    for document in &mut numbered {
        document.check(&batch)?;
    }
    let setting = pages::begin(&batch, &numbered, logo.as_ref());
    let entries = post(tx, &batch, &numbered).await?;
    freeze(tx, &batch, &numbered, &entries, setting.done().await?).await?;
    apply_credit_notes(tx, &batch, &numbered, &entries).await?;
    store::release_billed(tx, &batch.taken_back, on).await?;
    tell(tx, &batch, &numbered);
    crate::sending::ops::after_issue(tx, &batch.rows).await?;
    let issued = |(document, entry): (&Numbered<'_>, &Option<Entry>)| Issued {
        id: document.row.id,
        number: document.number.clone(),
        entry_id: entry.as_ref().map(|entry| entry.id),
    };
    Ok(numbered.iter().zip(&entries).map(issued).collect())
}

/// The entry of a document: itself, and its line on the party's account.
struct Entry {
    id: EntryId,
    line: Option<EntryLineId>,
    functional: Decimal,
    applied: Decimal,
    /// The VAT of an original that waits no longer, for this takes it back unpaid, or closes it.
    no_longer_waiting: Vec<Waiting>,
}

/// What a credit note does to its original.
#[derive(Default)]
struct Taken {
    /// What it takes off.
    applied: Decimal,
    /// What is open of a foreign original in the books, where this closes it.
    closing: Option<Decimal>,
    /// The VAT that falls due because this closes it: what its other rates still wait for.
    due: Vec<Waiting>,
    /// All that waits no longer.
    no_longer_waiting: Vec<Waiting>,
}

/// Posts the entries of what is fiscal, in one go.
async fn post(tx: &mut Tx, batch: &Batch, numbered: &[Numbered<'_>]) -> Result<Vec<Option<Entry>>> {
    let mut entries = Vec::new();
    let mut told = Vec::with_capacity(numbered.len());
    // Several may take back one original: what the first takes is not open for the second.
    let mut open: HashMap<DocumentId, Decimal> =
        batch.originals.iter().map(|(id, original)| (*id, original.settled().balance())).collect();
    let mut taken: HashMap<DocumentId, Decimal> = HashMap::new();
    for document in numbered {
        if !document.row.kind.is_fiscal() {
            told.push(None);
            continue;
        }
        let original = document.row.original_id.and_then(|id| batch.originals.get(&id));
        let left = original.and_then(|original| open.get_mut(&original.id));
        let (applied, closes) = left.map_or((Decimal::ZERO, false), |left| {
            let applied = document.row.gross.min(*left);
            *left -= applied;
            (applied, left.is_zero())
        });
        let mut back = Taken { applied, ..Taken::default() };
        if let Some(original) = original.filter(|_| !applied.is_zero()) {
            back = taken_back(tx, (batch, document, original), (applied, closes)).await?;
            back.closing = back.closing.map(|open| open - taken.get(&original.id).copied().unwrap_or_default());
        }
        let entry = entry(batch, document, &back)?;
        let functional = entry.lines.first().map_or(Decimal::ZERO, |line| line.debit + line.credit);
        if let Some(original) = original.filter(|_| !applied.is_zero()) {
            *taken.entry(original.id).or_default() += functional;
        }
        entries.push(entry);
        told.push(Some((back, functional)));
    }
    let mut posted = ledger::post_all(tx, entries).await?.into_iter();
    let take = |told: Option<(Taken, Decimal)>| {
        let (Taken { applied, no_longer_waiting, .. }, functional) = told?;
        let posted = posted.next()?;
        let line = posted.line_ids.first().copied();
        Some(Entry { id: posted.id, line, functional, applied, no_longer_waiting })
    };
    Ok(told.into_iter().map(take).collect())
}

/// What a credit note over `applied` of its original moves beside its own amounts.
async fn taken_back(
    tx: &mut Tx,
    (batch, note, original): (&Batch, &Numbered<'_>, &DocumentRow),
    (applied, closes): (Decimal, bool),
) -> Result<Taken> {
    let mut taken = Taken { applied, ..Taken::default() };
    if closes && batch.house.is_foreign(note.row.currency) {
        taken.closing = Some(open_in_books(tx, original).await?);
    }
    if vat_due(batch, note.row) == VatDue::OnReceipt {
        let vat: Vec<_> = batch.vat_of(note.row).iter().map(VatRow::amounts).collect();
        taken.no_longer_waiting = posting::no_longer_waiting(&vat, applied, note.conversion.decimals);
        if closes {
            let waiting = list_waiting(tx, original.id).await?;
            taken.due = posting::left_waiting(&waiting, &taken.no_longer_waiting);
            taken.no_longer_waiting = waiting;
        }
    }
    Ok(taken)
}

/// What is open of a document in the currency of the books.
async fn open_in_books(tx: &mut Tx, row: &DocumentRow) -> Result<Decimal> {
    let shares = list_allocations(tx, Of::Document(row.id)).await?;
    let live = shares.iter().filter(|share| share.released_on.is_none());
    Ok(row.gross_functional.unwrap_or(row.gross) - live.map(|share| share.functional).sum::<Decimal>())
}

fn entry(batch: &Batch, document: &Numbered<'_>, taken: &Taken) -> Result<NewEntry> {
    let (row, party) = (document.row, &batch.parties[&document.row.party_id]);
    let lines: Vec<(Account, VatKey, Decimal)> = batch
        .lines
        .get(&row.id)
        .into_iter()
        .flatten()
        .map(|line| {
            let role = Role::of(&line.revenue_role)
                .ok_or_else(|| Error::invalid("lines.revenue_role", "is no role of the books"))?;
            let account = line.account.clone().map_or(Account::Role(role), Account::Code);
            Ok((account, line.line_vat().key(), line.net))
        })
        .collect::<Result<_>>()?;
    let vat: Vec<VatAmounts> = batch.vat_of(row).iter().map(VatRow::amounts).collect();
    let posted = posting::of_document(&Posting {
        kind: row.kind,
        direction: row.direction,
        between_entities: row.origin == Origin::Intercompany,
        party: ledger::Aux { party_id: party.id, code: party.code.clone(), name: party.legal_name().to_owned() },
        due_on: document.due_on,
        tax_on: document.booked_on,
        lines: &lines,
        vat: &vat,
        due: vat_due(batch, row),
        input: InputVat { is_deducted: batch.house.deducts_vat(), self_assessed_rate: document.self_assessed_rate },
        applied: taken.applied,
        closing: taken.closing,
        made_due: &taken.due,
        conversion: document.conversion,
    });
    let journal = match (row.direction, row.kind) {
        (Direction::Purchase, _) => Journal::Purchases,
        (Direction::Sale, DocumentKind::CreditNote) => Journal::CreditNotes,
        (Direction::Sale, _) => Journal::Sales,
    };
    Ok(NewEntry {
        entity: row.entity_id,
        journal,
        on: document.booked_on,
        piece_ref: document.number.clone(),
        piece_on: document.issue_on,
        label: ledger::label(&format!("{} {}", document.number, party.legal_name())),
        source_kind: "document",
        source_id: row.id.uuid(),
        second: document.conversion.second.map(|(currency, rate, _)| Second {
            currency,
            // Its units for one of the books' currency.
            rate: (!document.conversion.rate.is_zero())
                .then(|| kernel::round(rate / document.conversion.rate, 6, kernel::Rounding::HalfUp)),
            rate_type: None,
        }),
        lines: posted.lines,
        vat: posted.vat,
        reverses: None,
    })
}

/// When the VAT of a document falls due: that of a credit note as its original's, whatever the regime is by then. What a supplier
/// charges is deducted as he declares it, with his document.
fn vat_due(batch: &Batch, row: &DocumentRow) -> VatDue {
    if row.direction == Direction::Purchase {
        return VatDue::OnIssue;
    }
    match row.original_id.and_then(|id| batch.originals.get(&id)) {
        Some(original) if original.vat_on_receipt => VatDue::OnReceipt,
        Some(_) => VatDue::OnIssue,
        None => batch.house.vat_due(),
    }
}

/// What keeps a draft from being issued today: the law's checklist, and the rules of electronic invoices that it breaks.
///
/// Not found out of scope.
pub async fn dry_check(tx: &mut Tx, id: DocumentId) -> Result<(Vec<Mention>, Vec<einvoice::Finding>)> {
    Batch::of_draft(tx, id).await?.keeps(tx).await
}

/// The page of a draft, as it would be issued today: without a number, and kept nowhere.
///
/// Not found out of scope.
pub async fn preview(tx: &mut Tx, id: DocumentId) -> Result<Vec<u8>> {
    let batch = Batch::of_draft(tx, id).await?;
    let document = batch.unnumbered(tx).await?;
    let logo = pages::logo(tx, &batch).await?;
    let mut pages = pages::begin(&batch, &[document], logo.as_ref()).done().await?;
    Ok(pages.pop().map(|page| page.pdf).unwrap_or_default())
}

async fn freeze(
    tx: &mut Tx,
    batch: &Batch,
    numbered: &[Numbered<'_>],
    entries: &[Option<Entry>],
    pages: Vec<Page>,
) -> Result<()> {
    let mut files = Vec::new();
    let mut issues = Vec::with_capacity(numbered.len());
    for ((document, entry), page) in numbered.iter().zip(entries).zip(pages) {
        let row = document.row;
        let pdf = stored(row.id, "pdf", page.pdf);
        let series = row.kind.series(row.origin);
        issues.push(Issue {
            id: row.id,
            number: document.number.clone(),
            number_value: Some(document.value),
            number_year: series.year(document.issue_on),
            issue_on: document.issue_on,
            due_on: document.due_on,
            valid_until: document.valid_until,
            seller: value(&Seller::of(&batch.house))?,
            buyer: value(&Buyer::of(&batch.parties[&row.party_id]))?,
            mentions: value(&document.mentions)?,
            rate: batch.house.is_foreign(row.currency).then_some(document.conversion.rate),
            gross_functional: entry.as_ref().map(|entry| entry.functional),
            entry_id: entry.as_ref().map(|entry| entry.id),
            line_id: entry.as_ref().and_then(|entry| entry.line),
            pdf_sha256: Some(pdf.sha256.clone()),
            vat_on_receipt: entry.is_some() && vat_due(batch, row) == VatDue::OnReceipt,
            payment_state: row.kind.is_fiscal().then_some(PaymentState::Unpaid),
        });
        files.push((row.entity_id, pdf));
        files.extend(page.cii.map(|cii| (row.entity_id, stored(row.id, "cii", cii))));
    }
    store::issue_documents(tx, &issues).await?;
    store::insert_files(tx, &files).await
}

fn stored(document_id: DocumentId, format: &'static str, content: Vec<u8>) -> StoredFile {
    let sha256 = platform::sha256_hex(&content);
    StoredFile { document_id, format, content, sha256 }
}

fn value(of: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(|error| Error::internal("freezing a document", error))
}

/// What credit notes take off their originals; what is over becomes the customer's credit (F-11).
async fn apply_credit_notes(
    tx: &mut Tx,
    batch: &Batch,
    numbered: &[Numbered<'_>],
    entries: &[Option<Entry>],
) -> Result<()> {
    for (document, entry) in numbered.iter().zip(entries) {
        let Some(entry) = entry else { continue };
        let Some(original) = document.row.original_id.and_then(|id| batch.originals.get(&id)) else { continue };
        if !entry.applied.is_zero() {
            let note = crate::payments::claim::AppliedNote {
                note: document.row,
                original,
                amount: entry.applied,
                functional: entry.functional,
                entry: entry.id,
                line: entry.line,
                on: document.booked_on,
                no_longer_waiting: entry.no_longer_waiting.clone(),
            };
            crate::payments::claim::apply_credit_note(tx, &note).await?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx, batch: &Batch, numbered: &[Numbered<'_>]) {
    for document in numbered {
        let row = document.row;
        let action = match row.kind {
            DocumentKind::Quote | DocumentKind::ProForma => "quote_sent",
            DocumentKind::Invoice | DocumentKind::DepositInvoice => "invoice_issued",
            DocumentKind::CreditNote => "invoice_credited",
        };
        let details = json!({ "kind": row.kind, "number": document.number, "net": row.net, "gross": row.gross,
            "currency": row.currency, "issue_on": document.issue_on, "due_on": document.due_on });
        let event = Event::new(action, "document", row.id).entity(batch.house.entity).details(details);
        let event = event.related(row.party_id);
        tx.emit(match row.original_id {
            Some(original) => event.related(original),
            None => event,
        });
    }
}
