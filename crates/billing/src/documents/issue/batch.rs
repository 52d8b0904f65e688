//! Documents about to be issued: loaded, numbered, checked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use einvoice::Invoice;
use kernel::{Address, Date, DocumentId, Language, PartyId, VatCode, Week};
use parties::addresses::store::find_default;
use parties::{AddressKind, Party};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use crate::documents::invoice::{self, Source};
use crate::documents::left::Left;
use crate::documents::mentions::{self, Asked, Mention};
use crate::documents::ops::expect_draft;
use crate::documents::posting::Conversion;
use crate::documents::store::{self, DocumentRow, LineRow, VatRow};
use crate::house::{self, House};
use crate::numbering::model::{Naming, NumberPatterns, Series};
use crate::numbering::store::draw;

/// How long an offer stands unless it says so (spec/field.md 3.3).
const OFFER_DAYS: i32 = 30;

/// Documents of one entity with all that they say.
pub(super) struct Batch {
    pub(super) house: House,
    pub(super) rows: Vec<DocumentRow>,
    pub(super) lines: HashMap<DocumentId, Vec<LineRow>>,
    pub(super) vat: HashMap<DocumentId, Vec<VatRow>>,
    pub(super) parties: HashMap<PartyId, Party>,
    pub(super) originals: HashMap<DocumentId, DocumentRow>,
    /// Those of the originals that these credit notes leave nothing of.
    pub(super) taken_back: Vec<DocumentId>,
}

/// A document with its number.
pub(super) struct Numbered<'a> {
    pub(super) row: &'a DocumentRow,
    pub(super) number: String,
    pub(super) value: i64,
    pub(super) issue_on: Date,
    /// The day in the books; another than that of issue only for what a supplier issued earlier.
    pub(super) booked_on: Date,
    /// Of a purchase: the rate at which the house owes what its supplier did not charge.
    pub(super) self_assessed_rate: Decimal,
    pub(super) due_on: Option<Date>,
    pub(super) valid_until: Option<Date>,
    pub(super) conversion: Conversion,
    pub(super) invoice: Invoice,
    pub(super) mentions: Vec<Mention>,
}

impl Batch {
    pub(super) async fn load(tx: &mut Tx, ids: &[DocumentId]) -> Result<Option<Self>> {
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
            if row.gross <= Decimal::ZERO {
                let why = "It amounts to nothing: only what is above zero is issued.";
                return Err(Error::refused("document_empty", why).with_field("lines", "amount to zero or less"));
            }
        }
        let house = house::open(tx, entity).await?;
        let mut parties = HashMap::new();
        for row in &rows {
            if let Entry::Vacant(place) = parties.entry(row.party_id) {
                place.insert(parties::get_party(tx, row.party_id).await?);
            }
        }
        let lines = grouped(store::list_lines(tx, ids).await?, |line| line.document_id);
        let vat = grouped(store::list_vat(tx, ids).await?, |group| group.document_id);
        let originals: Vec<_> = rows.iter().filter_map(|row| row.original_id).collect();
        let originals = store::lock_documents(tx, &originals).await?;
        let originals = originals.into_iter().map(|row| (row.id, row)).collect();
        let mut batch = Self { house, rows, lines, vat, parties, originals, taken_back: Vec::new() };
        batch.taken_back = batch.expect_room(tx).await?;
        Ok(Some(batch))
    }

    /// What credit notes take back, together with those issued before, is no more than their original amounts to. The originals
    /// are held, so that nobody else takes back at the same time (F-13). Returns the originals of which nothing is left.
    async fn expect_room(&self, tx: &mut Tx) -> Result<Vec<DocumentId>> {
        let mut taken_back = Vec::new();
        for (id, original) in &self.originals {
            let mut asked = Left::default();
            for row in self.rows.iter().filter(|row| row.original_id == Some(*id)) {
                asked.gross += row.gross;
                for group in self.vat_of(row) {
                    *asked.bases.entry(group.amounts().key).or_default() += group.base;
                }
            }
            let left = store::get_left(tx, *id).await?;
            left.expect_room(&asked, original.number.as_deref().unwrap_or_default())?;
            if asked.gross == left.gross {
                taken_back.push(*id);
            }
        }
        Ok(taken_back)
    }

    /// A draft with all that it says, held by nobody.
    pub(super) async fn of_draft(tx: &mut Tx, id: DocumentId) -> Result<Self> {
        let row = store::get_document(tx, id).await?;
        let house = house::open(tx, row.entity_id).await?;
        let lines = grouped(store::list_lines(tx, &[id]).await?, |line| line.document_id);
        let vat = grouped(store::list_vat(tx, &[id]).await?, |group| group.document_id);
        let parties = HashMap::from([(row.party_id, parties::get_party(tx, row.party_id).await?)]);
        let mut originals = HashMap::new();
        if let Some(original) = row.original_id {
            originals.insert(original, store::get_document(tx, original).await?);
        }
        Ok(Self { house, rows: vec![row], lines, vat, parties, originals, taken_back: Vec::new() })
    }

    /// Its first document as it would be issued today, with a word where its number will stand.
    pub(super) async fn unnumbered(&self, tx: &mut Tx) -> Result<Numbered<'_>> {
        let row = self.rows.first().ok_or_else(|| Error::not_found("document"))?;
        let number = match invoice::language(row) {
            Language::Fr => "BROUILLON",
            Language::En => "DRAFT",
        };
        self.numbered(tx, row, (number.to_owned(), 0), self.house.today).await
    }

    /// What keeps its first document from being issued today.
    pub(super) async fn keeps(&self, tx: &mut Tx) -> Result<(Vec<Mention>, Vec<einvoice::Finding>)> {
        let document = self.unnumbered(tx).await?;
        let findings = if document.row.kind.is_fiscal() { einvoice::check(&document.invoice) } else { Vec::new() };
        Ok((document.mentions(self), findings))
    }

    pub(super) async fn number(&self, tx: &mut Tx, on: Date) -> Result<Vec<Numbered<'_>>> {
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

    pub(super) async fn numbered<'a>(
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
        let delivered_to = self.delivered_to(tx, row).await?;
        let invoice = invoice::invoice(&Source {
            row,
            delivered_to,
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
            booked_on: on,
            self_assessed_rate: self.house.standard_rate(),
            due_on,
            valid_until,
            conversion,
            invoice,
            mentions: Vec::new(),
        })
    }

    /// Where goods went that left for another member state of the Union (EN 16931, BR-IC-12).
    async fn delivered_to(&self, tx: &mut Tx, row: &DocumentRow) -> Result<Option<Address>> {
        if !self.vat_of(row).iter().any(|group| group.category == VatCode::K) {
            return Ok(None);
        }
        let place = find_default(tx, row.party_id, AddressKind::Delivery).await?.map(|place| Address {
            line1: place.line1,
            line2: place.line2,
            postal_code: place.postal_code,
            city: place.city,
            country: place.country,
        });
        Ok(place.or_else(|| Some(self.parties[&row.party_id].fields.identity.billing_address())))
    }

    pub(super) fn vat_of(&self, row: &DocumentRow) -> &[VatRow] {
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
    pub(super) fn mentions(&self, batch: &Batch) -> Vec<Mention> {
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
    pub(super) fn check(&mut self, batch: &Batch) -> Result<()> {
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
