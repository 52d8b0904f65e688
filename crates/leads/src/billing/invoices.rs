//! Invoices of a week's ledger, in one click, and the credit notes of what was taken back afterwards.

use std::collections::BTreeMap;

use billing::documents::draft::{DocumentText, Draft, DraftLine};
use billing::documents::issue::{Issued, issue};
use billing::documents::model::{Direction, DocumentKind, Origin, PayMethod};
use billing::documents::totals::Discount;
use billing::documents::vat::LineVat;
use billing::documents::{ops, store as documents, write};
use billing::house::{self, House};
use kernel::{BuyerId, Currency, Date, DocumentId, EntityId, Language, PartyId, Week};
use parties::Party;
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::invoicing::{self, CandidateToCredit, Invoiced, RecordToInvoice};
use super::store::records;

/// What became of the invoices of a week.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct WeekInvoiced {
    /// What was issued, by buyer.
    pub issued: Vec<BuyerInvoice>,
    /// What could not be, and why. Nothing of such a buyer was written.
    pub refused: Vec<BuyerRefusal>,
}

/// An invoice or a credit note that was issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuyerInvoice {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The document.
    pub document_id: DocumentId,
    /// Its number.
    pub number: String,
    /// With VAT.
    pub gross: Decimal,
}

/// Why a buyer could not be invoiced.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuyerRefusal {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// The reason, as a word.
    pub code: String,
    /// The same in a sentence.
    pub message: String,
}

/// Invoices what a built week owes, buyer by buyer, or one buyer alone. A buyer whose invoice cannot be issued does not keep the
/// others from theirs.
///
/// Refused when the week's ledger is not built.
pub async fn invoice_week(tx: &mut Tx, entity: EntityId, week: Week, only: Option<BuyerId>) -> Result<WeekInvoiced> {
    let buyers = match only {
        Some(buyer) => vec![buyer],
        None => records::list_buyers_to_invoice(tx, entity, week).await?,
    };
    let mut answer = WeekInvoiced::default();
    for buyer in buyers {
        let done = tx.attempt(crate::bulk::EACH, async |tx| invoice_buyer(tx, entity, week, buyer).await).await?;
        match done {
            Ok(Some(invoice)) => answer.issued.push(invoice),
            Ok(None) => {}
            Err(error) if error.kind() == platform::Kind::Internal => return Err(error),
            Err(error) => answer.refused.push(BuyerRefusal {
                buyer_id: buyer,
                code: error.code().to_owned(),
                message: error.told(),
            }),
        }
    }
    Ok(answer)
}

/// Invoices a buyer for a week: one line for each record, so that each leads to its deliveries and leads.
async fn invoice_buyer(tx: &mut Tx, entity: EntityId, week: Week, buyer: BuyerId) -> Result<Option<BuyerInvoice>> {
    let owed = invoicing::lock_records_for_invoice(tx, entity, week, buyer).await?;
    if owed.is_empty() {
        return Ok(None);
    }
    if let Some(record) = owed.iter().find(|record| record.pricing_missing) {
        let why = format!("{} has no price for this buyer.", record.product);
        return Err(Error::refused("pricing_missing", why));
    }
    let sale = Sale::open(tx, entity, PartyId::from_uuid(buyer.uuid())).await?;
    let lines = owed.iter().map(|record| sale.line_of(record, week)).collect::<Result<_>>()?;
    let draft = Draft {
        week: Some(week),
        supply_from: Some(week.monday()),
        supply_to: Some(week.sunday()),
        ..sale.draft(lines)
    };
    let written = ops::create_draft(tx, &draft).await?;
    let issued = issue_one(tx, written.id).await?;
    let document = documents::get_document(tx, issued.id).await?;
    let pairs: Vec<_> = owed.iter().map(|record| record.id).zip(written.lines).collect();
    let issued_on = document.issue_on.unwrap_or(sale.house.today);
    let dates = Invoiced { document: issued.id, issued_on, due_on: document.due_on.unwrap_or(issued_on) };
    invoicing::mark_invoiced(tx, &pairs, dates).await?;
    Ok(Some(BuyerInvoice { buyer_id: buyer, document_id: issued.id, number: issued.number, gross: document.gross }))
}

async fn issue_one(tx: &mut Tx, id: DocumentId) -> Result<Issued> {
    let issued = issue(tx, &[id], None).await?;
    issued.into_iter().next().ok_or_else(|| Error::not_found("document"))
}

/// Credits what was taken back from a buyer after it was invoiced here (L-43): one credit note for each invoice.
///
/// Refused when nothing is to be credited.
pub async fn credit_buyer(tx: &mut Tx, entity: EntityId, buyer: BuyerId) -> Result<Vec<BuyerInvoice>> {
    let open = invoicing::lock_open_candidates(tx, entity, buyer).await?;
    let mut by_invoice: BTreeMap<DocumentId, Vec<CandidateToCredit>> = BTreeMap::new();
    for candidate in open {
        if let Some(invoice) = candidate.invoice_id {
            by_invoice.entry(invoice).or_default().push(candidate);
        }
    }
    if by_invoice.is_empty() {
        return Err(Error::refused(
            "nothing_to_credit",
            "Nothing that was invoiced here is to be credited to this buyer.",
        ));
    }
    let mut notes = Vec::with_capacity(by_invoice.len());
    for (invoice, candidates) in by_invoice {
        let original = documents::get_document(tx, invoice).await?;
        let language = billing::documents::invoice::language(&original);
        let vat = documents::list_lines(tx, &[invoice]).await?;
        let vat = vat.first().map(documents::LineRow::line_vat).ok_or_else(|| Error::not_found("document"))?;
        let lines = candidates.iter().map(|candidate| line_of_candidate(candidate, &vat, language)).collect();
        let reason = match language {
            Language::Fr => "Leads retournés ou retirés après facturation",
            Language::En => "Leads returned or withdrawn after invoicing",
        };
        let written = ops::credit(tx, invoice, Some(lines), reason).await?;
        let issued = issue_one(tx, written.id).await?;
        let ids: Vec<_> = candidates.iter().map(|candidate| candidate.id).collect();
        invoicing::mark_credited(tx, &ids, issued.id).await?;
        notes.push(BuyerInvoice {
            buyer_id: buyer,
            document_id: issued.id,
            number: issued.number,
            gross: written.totals.gross,
        });
    }
    Ok(notes)
}

fn line_of_candidate(candidate: &CandidateToCredit, vat: &LineVat, language: Language) -> DraftLine {
    let name = match language {
        Language::Fr => {
            format!("Lead {} retourné – semaine du {}", candidate.product_name, shown(candidate.week, language))
        }
        Language::En => {
            format!("Lead {} returned – week of {}", candidate.product_name, shown(candidate.week, language))
        }
    };
    let line = DraftLine::service(name, Decimal::ONE, candidate.net, vat.clone());
    DraftLine { item_code: candidate.product.clone(), description: candidate.reason.clone(), ..line }
}

/// A week as people write it.
fn shown(week: Week, language: Language) -> String {
    let pattern = match language {
        Language::Fr => "%d/%m/%Y",
        Language::En => "%-d %B %Y",
    };
    let day = |date: Date| date.jiff().strftime(pattern).to_string();
    match language {
        Language::Fr => format!("{} au {}", day(week.monday()), day(week.sunday())),
        Language::En => format!("{} to {}", day(week.monday()), day(week.sunday())),
    }
}

/// Who sells to whom.
struct Sale {
    house: House,
    party: Party,
    vat: LineVat,
}

impl Sale {
    async fn open(tx: &mut Tx, entity: EntityId, party: PartyId) -> Result<Self> {
        let house = house::open(tx, entity).await?;
        let party = parties::get_party(tx, party).await?;
        let vat = write::service_vat(&house, &party, party.fields.identity.language)?;
        Ok(Self { house, party, vat })
    }

    fn line_of(&self, record: &RecordToInvoice, week: Week) -> Result<DraftLine> {
        if record.vat_rate.normalize() != self.vat.rate.normalize() {
            let why = "The buyer's VAT changed since the ledger was built: build it again.";
            return Err(Error::refused("vat_changed", why));
        }
        let language = self.party.fields.identity.language;
        let of_week = shown(week, language);
        let name = match language {
            Language::Fr => format!("Leads {} – semaine du {of_week}", record.product_name),
            Language::En => format!("Leads {} – week of {of_week}", record.product_name),
        };
        let description = match (record.units_free, language) {
            (0, _) => String::new(),
            (free, Language::Fr) => format!("{} leads livrés, dont {free} offerts", record.units_billable),
            (free, Language::En) => format!("{} leads delivered, {free} of them free", record.units_billable),
        };
        let line = DraftLine::service(name, Decimal::from(record.units), record.unit_price, self.vat.clone());
        Ok(DraftLine {
            item_code: record.product.clone(),
            description,
            discount_pct: record.discount_pct,
            supply_from: Some(week.monday()),
            supply_to: Some(week.sunday()),
            ..line
        })
    }

    fn draft(&self, lines: Vec<DraftLine>) -> Draft {
        Draft {
            entity: self.house.entity,
            kind: DocumentKind::Invoice,
            direction: Direction::Sale,
            origin: Origin::Leads,
            party_id: self.party.id,
            original_id: None,
            source_id: None,
            version: 1,
            // Prices of leads are in euros (spec 3.10).
            currency: Currency::EUR,
            language: self.party.fields.identity.language,
            text: DocumentText::default(),
            supply_from: None,
            supply_to: None,
            week: None,
            valid_until: None,
            payment_terms_days: self.party.fields.payment_terms_days,
            payment_method: PayMethod::Transfer,
            discount: Discount::None,
            lines,
        }
    }
}
