//! What a supplier's invoice says, as lists need it, and what is odd about it. Pure.

use einvoice::{Invoice, Kind, PaymentMeans, ReadError, scheme};
use kernel::{Currency, Date, Iban, Rounding, Siren, Siret, VatNumber, round};
use platform::Error;
use platform::tenancy::legal::Legal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// So many findings are kept.
const MOST_FINDINGS: usize = 100;

platform::lifecycle! {
    /// Where a supplier's invoice stands.
    pub enum IncomingStatus: "incoming_invoice" {
        /// It came in.
        Received = "received" => [Approved, Refused],
        /// A person says that it is owed.
        Approved = "approved" => [Booked, Refused],
        /// It is in the books, for good: a credit note of the supplier takes it back.
        Booked = "booked" => [],
        /// A person says that it is not owed, and why. May be taken up again.
        Refused = "refused" => [Received],
    }
    born: [Received]
}

/// Something that a person should know of a supplier's invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncomingFinding {
    /// The rule: of EN 16931 (`BR-CO-15`), of France (`BR-FR-05`), or of the house (`C-BUYER`).
    pub code: String,
    /// The term that it is about, such as `BT-112`.
    pub term: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What lists show of an invoice, and what it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of billing.incoming_invoice")]
pub struct Head {
    pub kind: &'static str,
    pub number: String,
    pub issue_on: Date,
    pub due_on: Option<Date>,
    pub currency: Currency,
    pub net: Decimal,
    pub vat: Decimal,
    pub gross: Decimal,
    pub due: Decimal,
    /// Who sells, told so that one seller has one: its VAT number, its registration, its number at the tax office, or its name.
    pub seller_key: String,
    pub seller_name: String,
    pub seller_vat_number: Option<String>,
    pub seller_siren: Option<String>,
    pub seller_iban: Option<String>,
}

/// The word for the kind of an invoice.
pub const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice | Kind::Quote | Kind::ProForma => "invoice",
        Kind::Corrected => "corrected",
        Kind::Deposit => "deposit",
        Kind::CreditNote => "credit_note",
        Kind::DepositCreditNote => "deposit_credit_note",
    }
}

/// The refusal of a file that cannot be read.
pub fn unreadable(error: &ReadError) -> Error {
    let code = match error {
        ReadError::TooLarge => "incoming_too_large",
        ReadError::Empty | ReadError::UnknownFormat => "incoming_format",
        ReadError::Encrypted | ReadError::DamagedPdf(_) => "incoming_pdf",
        ReadError::NoInvoiceAttached => "incoming_no_invoice",
        ReadError::UnsafeName(_) | ReadError::TwoInvoices | ReadError::AttachmentNotXml(_) => "incoming_attachment",
        ReadError::DocumentType | ReadError::Encoding | ReadError::Malformed(_) | ReadError::TooComplex => {
            "incoming_xml"
        }
        ReadError::NotAnInvoice(_) | ReadError::Missing(..) => "incoming_not_invoice",
    };
    refused(code, &error.to_string())
}

/// 422 over the file: `why` without a capital and a point.
fn refused(code: &'static str, why: &str) -> Error {
    let mut sentence: String = why.chars().take(1).flat_map(char::to_uppercase).collect();
    sentence.extend(why.chars().skip(1));
    sentence.push('.');
    Error::new(platform::Kind::Invalid, code, sentence).with_field("file", why.to_owned())
}

impl Head {
    /// What lists show of an invoice.
    ///
    /// Invalid when it has no number or day that can be kept.
    pub fn of(invoice: &Invoice) -> platform::Result<Self> {
        let number = invoice.number.trim();
        if !(1..=100).contains(&number.chars().count()) {
            return Err(refused("incoming_not_invoice", "the invoice's number is longer than 100 characters"));
        }
        let is_day = |day: &Date| (1990..=2199).contains(&day.jiff().year());
        if !is_day(&invoice.issue_date) {
            return Err(refused("incoming_not_invoice", "the invoice's date lies before 1990 or after 2199"));
        }
        let seller = &invoice.seller;
        let amount = |amount: Decimal| round(amount, 4, Rounding::HalfUp);
        Ok(Self {
            kind: kind_word(invoice.kind),
            number: number.to_owned(),
            issue_on: invoice.issue_date,
            due_on: invoice.due_date.filter(is_day),
            currency: invoice.currency,
            net: amount(invoice.totals.net),
            vat: amount(invoice.totals.vat),
            gross: amount(invoice.totals.gross),
            due: amount(invoice.totals.due),
            seller_key: seller_key(seller),
            seller_name: seller.name.trim().chars().take(300).collect(),
            seller_vat_number: vat_number(seller).map(|number| number.as_str().to_owned()),
            seller_siren: siren(seller).map(|siren| siren.as_str().to_owned()),
            seller_iban: iban(invoice).map(|iban| iban.as_str().to_owned()),
        })
    }
}

fn seller_key(seller: &einvoice::Party) -> String {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect() };
    let known = [
        ("vat", seller.vat_id.as_deref().map(plain)),
        ("siren", siren(seller).map(|siren| siren.as_str().to_owned())),
        ("id", seller.legal_id.as_ref().map(|id| plain(&id.value))),
        ("tax", seller.tax_id.as_deref().map(plain)),
    ];
    let known = known.into_iter().find_map(|(of, id)| id.filter(|id| !id.is_empty()).map(|id| (of, id)));
    let (of, id) = known.unwrap_or_else(|| ("name", name_key(&seller.name)));
    format!("{of}:{}", id.chars().take(300).collect::<String>())
}

/// A name without what people write differently: case, blanks, dots.
pub fn name_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The VAT number of a party, where it is one.
pub fn vat_number(party: &einvoice::Party) -> Option<VatNumber> {
    party.vat_id.as_deref()?.parse().ok()
}

/// The SIREN of a party: its own, or what its SIRET or its French VAT number tell.
pub fn siren(party: &einvoice::Party) -> Option<Siren> {
    let own = party.id_of(scheme::SIREN).and_then(|siren| siren.parse().ok());
    own.or_else(|| siret(party).map(|siret| siret.siren())).or_else(|| vat_number(party)?.siren())
}

/// The SIRET of a party.
pub fn siret(party: &einvoice::Party) -> Option<Siret> {
    party.id_of(scheme::SIRET)?.parse().ok()
}

/// The account that the seller wants to be paid on.
pub fn iban(invoice: &Invoice) -> Option<Iban> {
    named_account(invoice)?.parse().ok()
}

fn named_account(invoice: &Invoice) -> Option<&str> {
    invoice.payment.iter().find_map(|means| match means {
        PaymentMeans::CreditTransfer { iban, .. } => Some(iban.as_str()),
        PaymentMeans::DirectDebit { .. }
        | PaymentMeans::Card { .. }
        | PaymentMeans::Cash
        | PaymentMeans::Cheque
        | PaymentMeans::Other { .. } => None,
    })
}

/// What a person should know of an invoice: the rules that it breaks, and whether it is one for this entity at all.
pub fn findings(invoice: &Invoice, legal: &Legal, today: Date) -> Vec<IncomingFinding> {
    let of_rule = |finding: einvoice::Finding| IncomingFinding {
        code: finding.code.to_owned(),
        term: finding.term.to_owned(),
        message: finding.message,
    };
    let mut found = of_house(invoice, legal, today);
    found.extend(einvoice::check(invoice).into_iter().map(of_rule));
    found.truncate(MOST_FINDINGS);
    found
}

fn of_house(invoice: &Invoice, legal: &Legal, today: Date) -> Vec<IncomingFinding> {
    let (buyer, seller) = (&invoice.buyer, &invoice.seller);
    let is_odd_account = named_account(invoice).is_some_and(looks_like_iban) && iban(invoice).is_none();
    let cases = [
        (is_of(buyer, legal) == Some(false), "C-BUYER", "BG-7", format!("It is addressed to {}.", short(&buyer.name))),
        (
            is_of(seller, legal) == Some(true),
            "C-SELLER",
            "BG-4",
            "It was issued by the entity itself: it is no purchase.".to_owned(),
        ),
        (
            invoice.issue_date > today,
            "C-FUTURE",
            "BT-2",
            format!("It is dated {}, which lies ahead.", invoice.issue_date),
        ),
        (is_odd_account, "C-IBAN", "BT-84", "The account to pay to is no IBAN that can be.".to_owned()),
        (
            invoice.totals.gross <= Decimal::ZERO,
            "C-AMOUNT",
            "BT-112",
            "It amounts to nothing, or to less: it cannot be booked.".to_owned(),
        ),
    ];
    let found = cases.into_iter().filter(|(is_found, ..)| *is_found);
    found
        .map(|(_, code, term, message)| IncomingFinding { code: code.to_owned(), term: term.to_owned(), message })
        .collect()
}

fn looks_like_iban(account: &str) -> bool {
    account.len() > 4 && account.bytes().take(2).all(|byte| byte.is_ascii_alphabetic())
}

/// Whether a party is the entity; none where the entity has no identity to compare with.
fn is_of(party: &einvoice::Party, legal: &Legal) -> Option<bool> {
    let numbers = [
        (legal.vat_number.clone().zip(vat_number(party))).map(|(own, other)| own == other),
        (legal.siren.clone().zip(siren(party))).map(|(own, other)| own == other),
    ];
    if numbers.iter().any(Option::is_some) {
        return Some(numbers.contains(&Some(true)));
    }
    let own = legal.legal_name.as_deref().map(name_key)?;
    Some(own == name_key(&party.name) || party.trading_name.as_deref().is_some_and(|name| name_key(name) == own))
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
