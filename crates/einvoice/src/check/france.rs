//! What a seller in France must say: XP Z12-012 (BR-FR), CGI ann. II art. 242 nonies A, Code de commerce art. L441-9.

use rust_decimal::Decimal;

use super::{Findings, says};
use crate::{BuyerKind, Identifier, Invoice, Kind, VatCategory, scheme};

const PROCESSES: [&str; 20] = [
    "B1", "S1", "M1", "B2", "S2", "M2", "S3", "B4", "S4", "M4", "S5", "S6", "B7", "S7", "B8", "S8", "M8", "B9", "S9",
    "M9",
];
/// In hundredths of a percent.
const RATES: [i64; 15] = [0, 90, 105, 175, 210, 550, 700, 850, 920, 960, 1000, 1300, 1960, 2000, 2060];

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    numbers(invoice, findings);
    notes(invoice, findings);
    process(invoice, findings);
    identifiers(invoice, findings);
    rates(invoice, findings);
    mentions(invoice, findings);
    let in_euro = invoice.currency == kernel::Currency::EUR
        || invoice.vat_in_books.is_some_and(|books| books.currency == kernel::Currency::EUR);
    findings.expect(in_euro, "BR-FR-CO-12", "BT-111", || {
        "An invoice in another currency names its VAT in euro (CGI art. 289 I-4).".to_owned()
    });
}

fn numbers(invoice: &Invoice, findings: &mut Findings) {
    let preceding = invoice.references.preceding.iter().map(|each| ("BT-25", &each.number));
    for (term, number) in std::iter::once(("BT-1", &invoice.number)).chain(preceding) {
        findings.expect(number.chars().count() <= 35, "BR-FR-01", term, || {
            format!("{number} has more than 35 characters.")
        });
        let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-_/".contains(&byte));
        findings.expect(plain, "BR-FR-02", term, || {
            format!("{number} has other characters than letters, digits and + - _ /.")
        });
    }
    let credits = invoice.kind.is_credit() || invoice.kind == Kind::Corrected;
    let dated = invoice.references.preceding.iter().all(|each| each.date.is_some());
    findings.expect(dated || !credits, "BR-FR-CO-05", "BT-26", || {
        "The invoice that is credited or replaced is named without its date.".to_owned()
    });
}

fn notes(invoice: &Invoice, findings: &mut Findings) {
    let required = [("PMT", "the recovery fee of 40 €"), ("PMD", "late payment"), ("AAB", "early payment")];
    for (subject, about) in required {
        let count = invoice.notes.iter().filter(|note| note.subject.as_deref() == Some(subject)).count();
        findings.expect(count > 0, "BR-FR-05", "BT-22", || format!("The note {subject} about {about} is missing."));
        findings.expect(count <= 1, "BR-FR-06", "BT-21", || format!("There is more than one note {subject}."));
    }
    let texts = invoice.notes.iter().all(|note| says(Some(&note.text)));
    findings.expect(texts, "C-NOTE", "BT-22", || "A note has no text.".to_owned());
}

/// The framework, and what it says about the payment.
fn process(invoice: &Invoice, findings: &mut Findings) {
    let process = invoice.process.as_deref().unwrap_or_default();
    findings
        .expect(PROCESSES.contains(&process), "BR-FR-08", "BT-23", || format!("{process:?} is no billing framework."));
    let deposit = matches!(invoice.kind, Kind::Deposit | Kind::DepositCreditNote);
    findings.expect(!(deposit && process.ends_with('4')), "BR-FR-CO-08", "BT-23", || {
        "A deposit is not billed in the framework of a final invoice.".to_owned()
    });
    let paid = matches!(process, "B2" | "S2" | "M2");
    let totals = &invoice.totals;
    let settled = totals.prepaid == totals.gross && totals.due.is_zero() && invoice.due_date.is_some();
    findings.expect(!paid || settled, "BR-FR-CO-09", "BT-113", || {
        "In the framework of what is paid already, all is prepaid and the due date is that of the payment.".to_owned()
    });
    let in_time = invoice.due_date.is_none_or(|due| due >= invoice.issue_date);
    findings.expect(in_time || deposit || paid, "BR-FR-CO-07", "BT-9", || "It is due before it was issued.".to_owned());
}

fn identifiers(invoice: &Invoice, findings: &mut Findings) {
    let digits = |id: &str, count: usize| id.len() == count && id.bytes().all(|byte| byte.is_ascii_digit());
    let siren = invoice.seller.legal_id.as_ref().filter(|id| id.is_of(scheme::SIREN));
    findings.expect(siren.is_some_and(|id| digits(&id.value, 9)), "BR-FR-10", "BT-30", || {
        "The seller has no SIREN of nine digits.".to_owned()
    });
    for (term, party) in [("BT-29", &invoice.seller), ("BT-46", &invoice.buyer)] {
        let place = party.id_of(scheme::SIRET);
        let company = party.id_of(scheme::SIREN);
        let coherent =
            place.is_none_or(|place| digits(place, 14) && company.is_some_and(|company| place.starts_with(company)));
        findings.expect(coherent, "BR-FR-09", term, || {
            "The SIRET does not have fourteen digits or belong to the SIREN.".to_owned()
        });
        let own = company.is_none_or(|company| digits(company, 9));
        findings.expect(own, "BR-FR-32", term, || "A SIREN has nine digits.".to_owned());
        let schemes = party.ids.iter().all(|id| says(id.scheme.as_deref()));
        findings.expect(schemes, "BR-FR-CO-10", term, || "An identifier names no scheme.".to_owned());
    }
    address("BR-FR-13", "BT-34", invoice.seller.endpoint.as_ref(), findings);
    address("BR-FR-12", "BT-49", invoice.buyer.endpoint.as_ref(), findings);
}

fn address(code: &'static str, term: &'static str, endpoint: Option<&Identifier>, findings: &mut Findings) {
    let Some(endpoint) = endpoint.filter(|endpoint| says(Some(&endpoint.value)) && endpoint.scheme.is_some()) else {
        return findings.expect(false, code, term, || "The electronic address is missing.".to_owned());
    };
    let plain = endpoint.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    findings.expect(plain || !endpoint.is_of(scheme::FRENCH_ADDRESS), "BR-FR-23", term, || {
        format!("{} has other characters than letters, digits and - _ .", endpoint.value)
    });
    findings.expect(endpoint.value.len() <= 125, "BR-FR-25", term, || {
        "An electronic address has at most 125 characters.".to_owned()
    });
}

fn rates(invoice: &Invoice, findings: &mut Findings) {
    for vat in &invoice.vat {
        let rate = vat.rate.normalize();
        let known = RATES.iter().any(|known| Decimal::new(*known, 2) == rate);
        findings.expect(known, "BR-FR-16", "BT-119", || format!("{rate} % is no French rate of VAT."));
        let reduced = vat.category == VatCategory::S && rate < Decimal::from(20);
        findings.expect(!reduced || says(vat.reason.as_deref()), "C-FR-RATE", "field 5.6", || {
            format!("Why {rate} % applies instead of 20 % is not said.")
        });
    }
}

/// CGI ann. II art. 242 nonies A, and field 5.7.
fn mentions(invoice: &Invoice, findings: &mut Findings) {
    const LAW: &str = "CGI ann. II art. 242 nonies A";
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    findings.expect(says(seller.legal_info.as_deref()), "C-FR-FORM", "BT-33", || {
        "The seller's legal form, capital and register are missing (Code de commerce art. R123-238).".to_owned()
    });
    for (party, word) in [(seller, "seller"), (buyer, "buyer")] {
        let placed = says(party.address.line1.as_deref()) && says(party.address.city.as_deref());
        findings.expect(placed, "C-FR-ADDRESS", LAW, || format!("The {word}'s address is incomplete."));
    }
    let dated = invoice.supply_date.is_some() || invoice.period.is_some();
    let deposit = matches!(invoice.kind, Kind::Deposit | Kind::DepositCreditNote);
    findings.expect(dated || deposit, "C-FR-SUPPLY", LAW, || "The date of the supply is missing.".to_owned());
    let business = invoice.buyer_kind == BuyerKind::Business && buyer.address.country.is_french();
    let known = says(buyer.vat_id.as_deref()) || buyer.legal_id.is_some();
    findings.expect(!business || known, "C-FR-BUYER", LAW, || {
        "A business in France is named with its SIREN or VAT number.".to_owned()
    });
}
