//! A document being written: what a caller sends, and what it becomes once it is checked. Pure.

use kernel::{Currency, Date, DocumentId, EntityId, Language, PartyId, Week};
use ledger::Role;
use platform::{Error, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::billed::{self, Billed};
use super::model::{Direction, DocumentKind, LineKind, Origin, PayMethod};
use super::totals::{Discount, Priced, Refusal, Totals, VatAmounts, totals};
use super::vat::LineVat;

/// Lines that a document may have.
pub const MOST_LINES: usize = 1000;

/// The texts of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DocumentText {
    /// What it is about, in a line.
    pub subject: String,
    /// What is printed under it.
    pub notes: String,
    /// What only the house reads.
    pub internal_notes: String,
    /// The customer's order number.
    pub purchase_order: String,
    /// The contract.
    pub contract: String,
    /// Why something is taken off the whole.
    pub discount_reason: String,
}

impl DocumentText {
    fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let too_long = |text: &str, most: usize| text.chars().count() > most;
        let lines = [
            ("subject", &self.subject),
            ("purchase_order", &self.purchase_order),
            ("contract", &self.contract),
            ("discount_reason", &self.discount_reason),
        ];
        if let Some((field, _)) = lines.into_iter().find(|(_, text)| too_long(text, 200)) {
            return Some((field, "must be 200 characters at most"));
        }
        let texts = [("notes", &self.notes), ("internal_notes", &self.internal_notes)];
        let long = texts.into_iter().find(|(_, text)| too_long(text, 5000));
        long.map(|(field, _)| (field, "must be 5000 characters at most"))
    }
}

/// A line of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of billing.document_line")]
pub struct DraftLine {
    pub kind: LineKind,
    pub item_code: String,
    pub name: String,
    pub description: String,
    pub quantity: Decimal,
    pub unit_code: String,
    pub unit_price: Decimal,
    pub discount_pct: Decimal,
    pub vat: LineVat,
    pub revenue: Role,
    /// The account by its code, where it is none that plays a role: of purchases.
    pub account: Option<String>,
    pub supply_from: Option<Date>,
    pub supply_to: Option<Date>,
    /// What was done or consumed that it bills, of an invoice.
    pub bills: Vec<Billed>,
}

impl DraftLine {
    /// A service without a discount, in units.
    pub fn service(name: impl Into<String>, quantity: Decimal, unit_price: Decimal, vat: LineVat) -> Self {
        Self {
            kind: LineKind::Service,
            item_code: String::new(),
            name: name.into(),
            description: String::new(),
            quantity,
            unit_code: "C62".to_owned(),
            unit_price,
            discount_pct: Decimal::ZERO,
            vat,
            revenue: Role::SalesServices,
            account: None,
            supply_from: None,
            supply_to: None,
            bills: Vec::new(),
        }
    }

    fn refusal(&self, standard_rate: Decimal) -> Option<(&'static str, &'static str)> {
        let length = self.name.trim().chars().count();
        if !(1..=200).contains(&length) {
            return Some(("name", "must be 1 to 200 characters"));
        }
        if self.description.chars().count() > 5000 {
            return Some(("description", "must be 5000 characters at most"));
        }
        if self.item_code.len() > 50 {
            return Some(("item", "must be 50 characters at most"));
        }
        let may_be_negative = matches!(self.kind, LineKind::Discount | LineKind::Deposit);
        if self.unit_price < Decimal::ZERO && !may_be_negative {
            return Some(("unit_price", "must not be below zero, but on a discount"));
        }
        if self.unit_price > Decimal::ZERO && may_be_negative {
            return Some(("unit_price", "must not be above zero on what takes off"));
        }
        if self.supply_from.zip(self.supply_to).is_some_and(|(from, to)| to < from) {
            return Some(("supply_to", "must not be before supply_from"));
        }
        self.vat.refusal(standard_rate)
    }
}

/// A document that is being written, complete and checked by [`Draft::checked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Who issues it, or whom it was issued to.
    pub entity: EntityId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Who claims.
    pub direction: Direction,
    /// What it is made from.
    pub origin: Origin,
    /// The customer or supplier.
    pub party_id: PartyId,
    /// What a credit note takes back.
    pub original_id: Option<DocumentId>,
    /// The offer it is made from.
    pub source_id: Option<DocumentId>,
    /// Counts the revisions of an offer.
    pub version: i32,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The language of its page.
    pub language: Language,
    /// Its texts.
    pub text: DocumentText,
    /// The first day of the supply.
    pub supply_from: Option<Date>,
    /// The last day of the supply.
    pub supply_to: Option<Date>,
    /// The week it bills.
    pub week: Option<Week>,
    /// Until when an offer stands.
    pub valid_until: Option<Date>,
    /// Days it may take to pay.
    pub payment_terms_days: i32,
    /// How it is to be paid.
    pub payment_method: PayMethod,
    /// What is taken off the whole.
    pub discount: Discount,
    /// What is billed.
    pub lines: Vec<DraftLine>,
}

impl Draft {
    /// What it amounts to, once nothing is wrong with it. `standard_rate` is that of the seller's country, in percent.
    ///
    /// Invalid, naming the field.
    pub fn checked(&self, standard_rate: Decimal) -> Result<Totals> {
        self.refusal(standard_rate).map_or(Ok(()), |(field, why)| Err(Error::invalid(field, why)))?;
        let priced: Vec<_> = self.lines.iter().map(DraftLine::priced).collect();
        let amounts = totals(&priced, self.discount, self.currency.decimals());
        amounts.map_err(|(field, why)| Error::invalid(field, why))
    }

    fn refusal(&self, standard_rate: Decimal) -> Option<Refusal> {
        if let Some((field, why)) = self.text.refusal() {
            return Some((field.to_owned(), why.to_owned()));
        }
        if self.lines.len() > MOST_LINES {
            return Some(("lines".to_owned(), format!("must be {MOST_LINES} at most")));
        }
        if !(0..=365).contains(&self.payment_terms_days) {
            return Some(("payment_terms_days".to_owned(), "must lie between 0 and 365".to_owned()));
        }
        if self.supply_from.zip(self.supply_to).is_some_and(|(from, to)| to < from) {
            return Some(("supply_to".to_owned(), "must not be before supply_from".to_owned()));
        }
        if let Some((at, why)) = self.billed_refusal() {
            return Some((format!("lines.{at}.bills"), why.to_owned()));
        }
        let mut lines = self.lines.iter().enumerate();
        lines.find_map(|(at, line)| {
            line.refusal(standard_rate).map(|(field, why)| (format!("lines.{at}.{field}"), why.to_owned()))
        })
    }

    /// The same without what its lines bill: a copy does not bill it again.
    #[must_use]
    pub(super) fn billing_nothing(mut self) -> Self {
        self.lines.iter_mut().for_each(|line| line.bills.clear());
        self
    }

    fn billed_refusal(&self) -> Option<(usize, &'static str)> {
        if (self.kind, self.direction) == (DocumentKind::Invoice, Direction::Sale) {
            return billed::refusal(&self.lines);
        }
        let named = self.lines.iter().position(|line| !line.bills.is_empty())?;
        Some((named, "only an invoice to a customer bills what was done"))
    }

    /// VAT by rate with the reasons of its lines: the sentences of a rate, each once.
    pub fn vat_with_reasons(&self, totals: &Totals) -> Vec<(VatAmounts, String, Option<String>)> {
        let reasons = |group: &VatAmounts| {
            let mut sentences: Vec<&str> = Vec::new();
            let mut code = None;
            for line in self.lines.iter().filter(|line| line.vat.key() == group.key) {
                let sentence = line.vat.reason.trim();
                if !sentence.is_empty() && !sentences.contains(&sentence) {
                    sentences.push(sentence);
                }
                code = code.or_else(|| line.vat.reason_code.clone());
            }
            (sentences.join(" "), code)
        };
        let with_reason = |group: &VatAmounts| {
            let (sentence, code) = reasons(group);
            (group.clone(), sentence, code)
        };
        totals.vat.iter().map(with_reason).collect()
    }
}

impl DraftLine {
    fn priced(&self) -> Priced {
        Priced {
            quantity: self.quantity,
            unit_price: self.unit_price,
            discount_pct: self.discount_pct,
            vat: self.vat.key(),
        }
    }
}

impl Discount {
    /// The two columns it is stored in: percent, amount.
    pub const fn columns(self) -> (Option<Decimal>, Option<Decimal>) {
        match self {
            Self::None => (None, None),
            Self::Percent(share) => (Some(share), None),
            Self::Amount(amount) => (None, Some(amount)),
        }
    }

    /// The discount of two stored columns.
    pub fn of_columns(percent: Option<Decimal>, amount: Option<Decimal>) -> Self {
        percent.map(Self::Percent).or_else(|| amount.map(Self::Amount)).unwrap_or(Self::None)
    }
}
