//! The semantic invoice: what EN 16931-1 calls business terms (BT) and groups (BG), as plain values.
//!
//! Amounts are in the invoice's currency and were computed and frozen by the caller. Those of a credit note are positive.

mod line;
mod party;
mod payment;
mod totals;

use kernel::{Currency, Date, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use line::{Adjustment, Direction, DocumentAdjustment, Line, Period, VatCategory};
pub use party::{Address, Contact, Country, Delivery, Identifier, Party, Payee, UnknownCountry, scheme};
pub use payment::PaymentMeans;
pub use totals::{Totals, VatBreakdown};

/// What a document is (BT-3, UNTDID 1001), and the two kinds that are no fiscal documents and have no XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A commercial invoice, 380.
    Invoice,
    /// An invoice that replaces the one it names, 384.
    Corrected,
    /// An invoice over a deposit, 386.
    Deposit,
    /// A credit note, 381. Its amounts are positive.
    CreditNote,
    /// A credit note over a deposit, 503. Its amounts are positive.
    DepositCreditNote,
    /// An offer.
    Quote,
    /// What an invoice would say.
    ProForma,
}

impl Kind {
    /// The code of UNTDID 1001, for the kinds that have an XML.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Invoice => Some("380"),
            Self::Corrected => Some("384"),
            Self::Deposit => Some("386"),
            Self::CreditNote => Some("381"),
            Self::DepositCreditNote => Some("503"),
            Self::Quote | Self::ProForma => None,
        }
    }

    /// Whether it is an invoice or a credit note in the sense of the law.
    pub fn is_fiscal(self) -> bool {
        self.code().is_some()
    }

    /// Whether it gives money back.
    pub fn is_credit(self) -> bool {
        matches!(self, Self::CreditNote | Self::DepositCreditNote)
    }
}

/// Who is billed: what an invoice must say differs (field 5.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyerKind {
    /// A taxable person.
    #[default]
    Business,
    /// A private person.
    Consumer,
}

/// An invoice, a credit note, or one of their kin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// What it is (BT-3).
    pub kind: Kind,
    /// Its number (BT-1), at most 35 letters, digits and `+ - _ /` in France.
    pub number: String,
    /// The day it was issued, in the seller's time zone (BT-2).
    pub issue_date: Date,
    /// When it was issued; the PDF names it as its creation. Without it, the start of the issue date in UTC.
    pub issued_at: Option<Timestamp>,
    /// The day it is to be paid (BT-9).
    pub due_date: Option<Date>,
    /// Until when an offer stands. No term of EN 16931.
    pub valid_until: Option<Date>,
    /// The day of the supply (BT-72).
    pub supply_date: Option<Date>,
    /// The period that is billed (BG-14).
    pub period: Option<Period>,
    /// The billing framework (BT-23): in France `S1` services, `B1` goods, `M1` both, `S4` … final after a deposit (BR-FR-08).
    pub process: Option<String>,
    /// The currency of every amount (BT-5).
    pub currency: Currency,
    /// The total VAT in the currency of the seller's books, when that is another (BT-6, BT-111).
    pub vat_in_books: Option<VatInBooks>,
    /// Who sells (BG-4).
    pub seller: Party,
    /// Who is billed (BG-7).
    pub buyer: Party,
    /// What the buyer is. No term of EN 16931.
    pub buyer_kind: BuyerKind,
    /// Who is paid, when that is not the seller (BG-10).
    pub payee: Option<Payee>,
    /// Where the supply went (BG-13).
    pub delivery: Option<Delivery>,
    /// What it refers to.
    pub references: References,
    /// Texts, each perhaps with its subject (BG-1).
    pub notes: Vec<Note>,
    /// How it is to be paid (BG-16); several of one kind at most.
    pub payment: Vec<PaymentMeans>,
    /// What the payer is to write on the payment (BT-83).
    pub payment_reference: Option<String>,
    /// The terms of payment in words (BT-20).
    pub payment_terms: Option<String>,
    /// Its lines (BG-25).
    pub lines: Vec<Line>,
    /// Allowances and charges over the whole document (BG-20, BG-21).
    pub adjustments: Vec<DocumentAdjustment>,
    /// VAT per category and rate (BG-23).
    pub vat: Vec<VatBreakdown>,
    /// Its sums (BG-22).
    pub totals: Totals,
}

/// Total VAT in the accounting currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatInBooks {
    /// The currency of the seller's books (BT-6).
    pub currency: Currency,
    /// Total VAT in it (BT-111).
    pub vat: Decimal,
}

/// Other documents that an invoice names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct References {
    /// What the buyer wants to see (BT-10), such as the service code of a public buyer.
    pub buyer_reference: Option<String>,
    /// The buyer's order (BT-13).
    pub purchase_order: Option<String>,
    /// The seller's order (BT-14).
    pub sales_order: Option<String>,
    /// The contract (BT-12).
    pub contract: Option<String>,
    /// The project (BT-11).
    pub project: Option<String>,
    /// Invoices that this one credits, corrects or deducts (BG-3).
    pub preceding: Vec<Preceding>,
}

/// An invoice that came before (BG-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preceding {
    /// Its number (BT-25).
    pub number: String,
    /// The day it was issued (BT-26).
    pub date: Option<Date>,
}

/// A text (BG-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about (BT-21, UNTDID 4451): `PMT` recovery fee, `PMD` late payment, `AAB` early payment, `REG` the seller's
    /// registration, `ABL` legal information, `TXD` tax, `BAR` treatment.
    pub subject: Option<String>,
    /// The text (BT-22).
    pub text: String,
}

impl Note {
    /// A text about `subject`.
    pub fn about(subject: &str, text: &str) -> Self {
        Self { subject: Some(subject.to_owned()), text: text.to_owned() }
    }
}
