//! Issuing: the number is drawn, the page set, the entry posted and the document frozen, in one transaction
//! (spec/field.md 4.8). Whatever fails takes the number back with it (F-24).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use einvoice::{Accent, Invoice, Logo, Presentation, Renderer};
use kernel::{Date, DocumentId, EntryId, EntryLineId, Language, VatCode, Week};
use ledger::{Journal, NewEntry, Role, Second};
use parties::Party;
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::invoice::{self, Source};
use super::mentions::{self, Asked, Mention};
use super::model::{Direction, DocumentKind, DocumentStatus, Origin, PaymentState};
use super::ops::expect_draft;
use super::posting::{self, Conversion, Posting};
use super::snapshot::{Buyer, Seller};
use super::store::{self, DocumentRow, Issue, LineRow, StoredFile, VatRow};
use super::totals::VatAmounts;
use super::vat::VatKey;
use crate::house::{self, House};
use crate::numbering::model::{Naming, NumberPatterns, Series};
use crate::numbering::store::draw;

/// Sets every page of this process: fonts and template are read once.
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::new);

/// How long an offer stands unless it says so (spec/field.md 3.3).
const OFFER_DAYS: i32 = 30;

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
    let on = on.unwrap_or(batch.house.today);
    batch.house.expect_past("issue_on", on)?;
    let mut numbered = batch.number(tx, on).await?;
    for document in &mut numbered {
        document.check(&batch)?;
    }
    let entries = post(tx, &batch, &numbered).await?;
    let pages = set_pages(tx, &batch, &numbered).await?;
    freeze(tx, &batch, &numbered, &entries, pages).await?;
    apply_credit_notes(tx, &batch, &numbered, &entries).await?;
    tell(tx, &batch, &numbered);
    let issued = |(document, entry): (&Numbered<'_>, &Option<Entry>)| Issued {
        id: document.row.id,
        number: document.number.clone(),
        entry_id: entry.as_ref().map(|entry| entry.id),
    };
    Ok(numbered.iter().zip(&entries).map(issued).collect())
}

/// Documents of one entity with all that they say.
struct Batch {
    house: House,
    rows: Vec<DocumentRow>,
    lines: HashMap<DocumentId, Vec<LineRow>>,
    vat: HashMap<DocumentId, Vec<VatRow>>,
    parties: HashMap<kernel::PartyId, Party>,
    originals: HashMap<DocumentId, DocumentRow>,
}

/// A document with its number.
struct Numbered<'a> {
    row: &'a DocumentRow,
    number: String,
    value: i64,
    issue_on: Date,
    due_on: Option<Date>,
    valid_until: Option<Date>,
    conversion: Conversion,
    invoice: Invoice,
    mentions: Vec<Mention>,
}

/// The entry of a document: itself, and its line on the party's account.
struct Entry {
    id: EntryId,
    line: Option<EntryLineId>,
    functional: Decimal,
    applied: Decimal,
}

impl Batch {
    async fn load(tx: &mut Tx, ids: &[DocumentId]) -> Result<Option<Self>> {
        let mut rows = store::lock_documents(tx, ids).await?;
        if rows.len() != ids.len() {
            return Err(Error::not_found("document"));
        }
        let Some(entity) = rows.first().map(|row| row.entity_id) else { return Ok(None) };
        if rows.iter().any(|row| row.entity_id != entity) {
            return Err(Error::invalid("ids", "must be of one entity"));
        }
        rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
        for row in &rows {
            expect_draft(row)?;
            tx.ctx().expect_version(row.updated_at)?;
            if row.gross <= Decimal::ZERO {
                let why = "It amounts to nothing: only what is above zero is issued.";
                return Err(Error::refused("document_empty", why).with_field("lines", "amount to zero or less"));
            }
        }
        let house = house::open(tx, entity).await?;
        let mut parties = HashMap::new();
        for row in &rows {
            if !parties.contains_key(&row.party_id) {
                parties.insert(row.party_id, parties::get_party(tx, row.party_id).await?);
            }
        }
        let lines = grouped(store::list_lines(tx, ids).await?, |line| line.document_id);
        let vat = grouped(store::list_vat(tx, ids).await?, |group| group.document_id);
        let originals: Vec<_> = rows.iter().filter_map(|row| row.original_id).collect();
        let originals = store::lock_documents(tx, &originals).await?;
        let originals = originals.into_iter().map(|row| (row.id, row)).collect();
        let batch = Self { house, rows, lines, vat, parties, originals };
        batch.expect_room(tx).await?;
        Ok(Some(batch))
    }

    /// What credit notes take back, together with those issued before, is no more than their original amounts to. The originals
    /// are held, so that nobody else takes back at the same time (F-13).
    async fn expect_room(&self, tx: &mut Tx) -> Result<()> {
        for (id, original) in &self.originals {
            let asked: Decimal = self.rows.iter().filter(|row| row.original_id == Some(*id)).map(|row| row.gross).sum();
            let left = original.gross - store::sum_credit_notes(tx, *id).await?;
            if original.status == DocumentStatus::Draft || asked > left {
                let why =
                    format!("Only {left} of {} is left to take back.", original.number.as_deref().unwrap_or_default());
                return Err(Error::refused("credit_exceeds_original", why));
            }
        }
        Ok(())
    }

    /// A draft with all that it says, held by nobody.
    async fn of_draft(tx: &mut Tx, id: DocumentId) -> Result<Self> {
        let row = store::get_document(tx, id).await?;
        let house = house::open(tx, row.entity_id).await?;
        let lines = grouped(store::list_lines(tx, &[id]).await?, |line| line.document_id);
        let vat = grouped(store::list_vat(tx, &[id]).await?, |group| group.document_id);
        let parties = HashMap::from([(row.party_id, parties::get_party(tx, row.party_id).await?)]);
        let mut originals = HashMap::new();
        if let Some(original) = row.original_id {
            originals.insert(original, store::get_document(tx, original).await?);
        }
        Ok(Self { house, rows: vec![row], lines, vat, parties, originals })
    }

    /// Its first document as it would be issued today, with a word where its number will stand.
    async fn unnumbered(&self, tx: &mut Tx) -> Result<Numbered<'_>> {
        let row = self.rows.first().ok_or_else(|| Error::not_found("document"))?;
        let number = match invoice::language(row) {
            Language::Fr => "BROUILLON",
            Language::En => "DRAFT",
        };
        self.numbered(tx, row, (number.to_owned(), 0), self.house.today).await
    }

    async fn number(&self, tx: &mut Tx, on: Date) -> Result<Vec<Numbered<'_>>> {
        let patterns = tx.setting::<NumberPatterns>().await?;
        let mut drawn: BTreeMap<Series, i64> = BTreeMap::new();
        for row in &self.rows {
            *drawn.entry(row.kind.series(row.origin)).or_default() += 1;
        }
        for (series, next) in &mut drawn {
            *next = draw(tx, self.house.entity, *series, on, *next).await?;
        }
        let mut numbered = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let series = row.kind.series(row.origin);
            let next = drawn.entry(series).or_default();
            let value = std::mem::replace(next, *next + 1);
            let naming = Naming { entity: &self.house.code, on, week: row.week.map(Week::of) };
            let number = patterns.of(&self.house.code, series).number(value, &naming);
            numbered.push(self.numbered(tx, row, (number, value), on).await?);
        }
        Ok(numbered)
    }

    async fn numbered<'a>(
        &'a self,
        tx: &mut Tx,
        row: &'a DocumentRow,
        (number, value): (String, i64),
        on: Date,
    ) -> Result<Numbered<'a>> {
        let is_claim = row.kind.is_claim();
        let due_on = is_claim.then(|| on.plus_days(row.payment_terms_days));
        let is_offer = !row.kind.is_fiscal();
        let valid_until = row.valid_until.or_else(|| is_offer.then(|| on.plus_days(OFFER_DAYS)));
        // A credit note is worth what its original was worth.
        let original = row.original_id.and_then(|id| self.originals.get(&id));
        let mut conversion = self.house.conversion(tx, row.currency, on).await?;
        conversion.rate = original.and_then(|original| original.rate).unwrap_or(conversion.rate);
        let invoice = invoice::invoice(&Source {
            row,
            lines: self.lines.get(&row.id).map_or(&[], Vec::as_slice),
            vat: self.vat.get(&row.id).map_or(&[], Vec::as_slice),
            house: &self.house,
            party: &self.parties[&row.party_id],
            original: original.and_then(|original| Some((original.number.as_deref()?, original.issue_on?))),
            number: &number,
            issue_on: on,
            due_on,
            valid_until,
            at: tx.now(),
            conversion,
        });
        Ok(Numbered {
            row,
            number,
            value,
            issue_on: on,
            due_on,
            valid_until,
            conversion,
            invoice,
            mentions: Vec::new(),
        })
    }

    fn vat_of(&self, row: &DocumentRow) -> &[VatRow] {
        self.vat.get(&row.id).map_or(&[], Vec::as_slice)
    }
}

fn grouped<T>(rows: Vec<T>, of: impl Fn(&T) -> DocumentId) -> HashMap<DocumentId, Vec<T>> {
    let mut groups: HashMap<DocumentId, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(of(&row)).or_default().push(row);
    }
    groups
}

impl Numbered<'_> {
    /// The law's checklist.
    fn mentions(&self, batch: &Batch) -> Vec<Mention> {
        let without_reason = |group: &&VatRow| {
            let is_usual = group.rate == batch.house.standard_rate() || group.category == VatCode::Z;
            !is_usual && group.reason.trim().is_empty()
        };
        mentions::checklist(&Asked {
            kind: self.row.kind,
            seller: &batch.house.legal,
            buyer: &batch.parties[&self.row.party_id],
            lines: self.invoice.lines.len(),
            without_reason: batch.vat_of(self.row).iter().filter(without_reason).count(),
            has_original: !self.invoice.references.preceding.is_empty(),
        })
    }

    /// Proves that nothing is missing: the law's checklist, then what EN 16931 and the French rules ask for.
    fn check(&mut self, batch: &Batch) -> Result<()> {
        self.mentions = self.mentions(batch);
        let missing: Vec<_> = self.mentions.iter().flat_map(|mention| &mention.missing).collect();
        let mut refusal =
            Error::refused("legal_mentions_missing", "It cannot be issued while what the law asks for is missing.");
        for field in &missing {
            refusal = refusal.with_field(field.as_str(), "is missing");
        }
        if !missing.is_empty() && self.row.kind.is_fiscal() {
            return Err(refusal);
        }
        if !self.row.kind.is_fiscal() {
            return Ok(());
        }
        let findings = einvoice::check(&self.invoice);
        if findings.is_empty() {
            return Ok(());
        }
        let mut refusal = Error::refused("einvoice_rules", "It would be no valid electronic invoice.");
        for finding in &findings {
            refusal = refusal.with_field(finding.code, finding.message.clone());
        }
        Err(refusal)
    }
}

/// Posts the entries of what is fiscal, in one go.
async fn post(tx: &mut Tx, batch: &Batch, numbered: &[Numbered<'_>]) -> Result<Vec<Option<Entry>>> {
    let mut entries = Vec::new();
    let mut told = Vec::with_capacity(numbered.len());
    for document in numbered {
        if !document.row.kind.is_fiscal() {
            told.push(None);
            continue;
        }
        let original = document.row.original_id.and_then(|id| batch.originals.get(&id));
        let applied = original.map_or(Decimal::ZERO, |original| original.settled().balance().min(document.row.gross));
        let entry = entry(batch, document, applied)?;
        let functional = entry.lines.first().map_or(Decimal::ZERO, |line| line.debit + line.credit);
        entries.push(entry);
        told.push(Some((applied, functional)));
    }
    let mut posted = ledger::post_all(tx, entries).await?.into_iter();
    let take = |told: Option<(Decimal, Decimal)>| {
        let (applied, functional) = told?;
        let posted = posted.next()?;
        Some(Entry { id: posted.id, line: posted.line_ids.first().copied(), functional, applied })
    };
    Ok(told.into_iter().map(take).collect())
}

fn entry(batch: &Batch, document: &Numbered<'_>, applied: Decimal) -> Result<NewEntry> {
    let (row, party) = (document.row, &batch.parties[&document.row.party_id]);
    let lines: Vec<(Role, VatKey, Decimal)> = batch
        .lines
        .get(&row.id)
        .into_iter()
        .flatten()
        .map(|line| {
            let role = Role::of(&line.revenue_role)
                .ok_or_else(|| Error::invalid("lines.revenue_role", "is no role of the books"))?;
            Ok((role, line.line_vat().key(), line.net))
        })
        .collect::<Result<_>>()?;
    let vat: Vec<VatAmounts> = batch.vat_of(row).iter().map(VatRow::amounts).collect();
    let posted = posting::of_document(&Posting {
        kind: row.kind,
        direction: row.direction,
        between_entities: row.origin == Origin::Intercompany,
        party: ledger::Aux { party_id: party.id, code: party.code.clone(), name: party.legal_name().to_owned() },
        due_on: document.due_on,
        tax_on: document.issue_on,
        lines: &lines,
        vat: &vat,
        due: batch.house.vat_due(),
        applied,
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
        on: document.issue_on,
        piece_ref: document.number.clone(),
        piece_on: document.issue_on,
        label: format!("{} {}", document.number, party.legal_name()),
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

/// A page and its data.
struct Page {
    pdf: Vec<u8>,
    cii: Option<Vec<u8>>,
}

/// Sets the pages, as many at a time as there are cores.
async fn set_pages(tx: &mut Tx, batch: &Batch, numbered: &[Numbered<'_>]) -> Result<Vec<Page>> {
    let logo = platform::tenancy::legal::logo(tx, batch.house.entity).await?;
    let logo = logo.and_then(|logo| Logo::try_new(logo.bytes).ok());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = numbered.len().div_ceil(cores).max(1);
    let mut running = Vec::new();
    for documents in numbered.chunks(share) {
        let work: Vec<_> = documents
            .iter()
            .map(|document| {
                let is_consumer = batch.parties[&document.row.party_id].fields.is_consumer;
                (document.invoice.clone(), look(&batch.house, document.row, logo.clone(), is_consumer))
            })
            .collect();
        running.push(tokio::task::spawn_blocking(move || {
            work.iter().map(|(invoice, look)| set_page(invoice, look)).collect::<Result<Vec<_>>>()
        }));
    }
    let mut pages = Vec::with_capacity(numbered.len());
    for part in running {
        pages.extend(part.await.map_err(|lost| Error::internal("setting a page", lost))??);
    }
    Ok(pages)
}

fn set_page(invoice: &Invoice, look: &Presentation) -> Result<Page> {
    let pdf = RENDERER.render(invoice, look).map_err(|error| Error::internal("setting a page", error))?;
    let cii = if invoice.kind.is_fiscal() {
        Some(einvoice::cii::write(invoice).map_err(|error| Error::internal("writing an electronic invoice", error))?)
    } else {
        None
    };
    Ok(Page { pdf, cii })
}

fn look(house: &House, row: &DocumentRow, logo: Option<Logo>, is_consumer: bool) -> Presentation {
    Presentation {
        language: match invoice::language(row) {
            Language::Fr => einvoice::Language::French,
            Language::En => einvoice::Language::English,
        },
        logo,
        accent: house
            .legal
            .accent_color
            .as_deref()
            .and_then(|color| color.parse().ok())
            .unwrap_or_else(Accent::default),
        mentions: invoice::foot(house, is_consumer),
        intro: None,
        closing: None,
    }
}

/// What keeps a draft from being issued today: the law's checklist, and the rules of electronic invoices that it breaks.
///
/// Not found out of scope.
pub async fn dry_check(tx: &mut Tx, id: DocumentId) -> Result<(Vec<Mention>, Vec<einvoice::Finding>)> {
    let batch = Batch::of_draft(tx, id).await?;
    let document = batch.unnumbered(tx).await?;
    let findings = if document.row.kind.is_fiscal() { einvoice::check(&document.invoice) } else { Vec::new() };
    Ok((document.mentions(&batch), findings))
}

/// The page of a draft, as it would be issued today: without a number, and kept nowhere.
///
/// Not found out of scope.
pub async fn preview(tx: &mut Tx, id: DocumentId) -> Result<Vec<u8>> {
    let batch = Batch::of_draft(tx, id).await?;
    let document = batch.unnumbered(tx).await?;
    let mut pages = set_pages(tx, &batch, &[document]).await?;
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
            payment_state: row.kind.is_fiscal().then_some(PaymentState::Unpaid),
        });
        files.push((row.entity_id, pdf));
        files.extend(page.cii.map(|cii| (row.entity_id, stored(row.id, "cii", cii))));
    }
    store::issue_documents(tx, &issues).await?;
    store::insert_files(tx, &files).await
}

fn stored(document_id: DocumentId, format: &'static str, content: Vec<u8>) -> StoredFile {
    use sha2::Digest as _;
    let sha256 = sha2::Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
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
                on: document.issue_on,
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
