//! What a document must name.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Findings, says};
use crate::{Adjustment, Country, Invoice, Kind, Line, PaymentMeans, Period};

/// What every kind needs.
pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    let parties = [("BR-06", "BT-27", &invoice.seller, "seller"), ("BR-07", "BT-44", &invoice.buyer, "buyer")];
    findings.expect(says(Some(&invoice.number)), "BR-02", "BT-1", || "It has no number.".to_owned());
    for (code, term, party, word) in parties {
        findings.expect(says(Some(&party.name)), code, term, || format!("The {word} has no name."));
        let known = party.address.country != Country::UNKNOWN;
        findings.expect(known, "BR-09", "BT-40", || format!("The {word}'s country is not known."));
    }
    findings.expect(!invoice.lines.is_empty(), "BR-16", "BG-25", || "It has no line.".to_owned());
    let ids: BTreeSet<_> = invoice.lines.iter().map(|line| &line.id).collect();
    findings.expect(ids.len() == invoice.lines.len(), "BR-21", "BT-126", || "Two lines have one id.".to_owned());
    for each in &invoice.lines {
        line(each, findings);
    }
    for each in &invoice.adjustments {
        adjustment(&each.adjustment, findings);
    }
    period("BR-29", invoice.period, findings);
}

fn line(line: &Line, findings: &mut Findings) {
    let id = &line.id;
    findings.expect(says(Some(id)), "BR-21", "BT-126", || "A line has no id.".to_owned());
    findings.expect(says(Some(&line.name)), "BR-25", "BT-153", || format!("Line {id} has no name."));
    let unit = (1..=3).contains(&line.unit.len())
        && line.unit.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    findings.expect(unit, "BR-23", "BT-130", || format!("{:?} is no code of a unit.", line.unit));
    let lowest = line.net_price.min(line.gross_price.unwrap_or_default()).min(line.price_discount.unwrap_or_default());
    findings.expect(lowest >= Decimal::ZERO, "BR-27", "BT-146", || format!("A price of line {id} is negative."));
    let base = line.price_base.is_none_or(|base| base > Decimal::ZERO);
    findings.expect(base, "C-PRICE-BASE", "BT-149", || format!("The price of line {id} is for no quantity."));
    for each in &line.adjustments {
        adjustment(each, findings);
    }
    period("BR-30", line.period, findings);
}

fn adjustment(each: &Adjustment, findings: &mut Findings) {
    let reason = says(each.reason.as_deref()) || says(each.reason_code.as_deref());
    findings.expect(reason, "BR-33", "BT-97", || "An allowance or a charge has no reason.".to_owned());
    findings.expect(each.amount >= Decimal::ZERO, "C-ADJUSTMENT", "BT-92", || {
        "An allowance or a charge is negative; the other of both says that.".to_owned()
    });
}

fn period(code: &'static str, period: Option<Period>, findings: &mut Findings) {
    let Some(Period { start, end }) = period else { return };
    findings.expect(start.is_some() || end.is_some(), "BR-CO-19", "BG-14", || "A period has no day.".to_owned());
    let ordered = start.zip(end).is_none_or(|(start, end)| start <= end);
    findings.expect(ordered, code, "BT-74", || "A period ends before it starts.".to_owned());
}

/// What an invoice or a credit note needs besides.
pub(super) fn check_fiscal(invoice: &Invoice, findings: &mut Findings) {
    let seller = &invoice.seller;
    let known = says(seller.vat_id.as_deref()) || seller.legal_id.is_some() || !seller.ids.is_empty();
    findings.expect(known, "BR-CO-26", "BT-30", || "The seller has no identifier.".to_owned());
    let settled = invoice.totals.due <= Decimal::ZERO;
    let terms = invoice.due_date.is_some() || says(invoice.payment_terms.as_deref());
    findings.expect(settled || terms || invoice.kind.is_credit(), "BR-CO-25", "BT-9", || {
        "It neither has a due date nor terms of payment.".to_owned()
    });
    references(invoice, findings);
    payment(invoice, findings);
}

fn references(invoice: &Invoice, findings: &mut Findings) {
    let preceding = &invoice.references.preceding;
    let named = preceding.iter().all(|each| says(Some(&each.number)));
    findings.expect(named, "BR-55", "BT-25", || "A preceding invoice has no number.".to_owned());
    findings.expect(!preceding.is_empty() || !invoice.kind.is_credit(), "BR-FR-CO-05", "BG-3", || {
        "A credit note names the invoice that it credits (CGI ann. II art. 242 nonies A).".to_owned()
    });
    findings.expect(preceding.len() == 1 || invoice.kind != Kind::Corrected, "BR-FR-CO-04", "BG-3", || {
        "A corrected invoice names the one invoice that it replaces.".to_owned()
    });
}

fn payment(invoice: &Invoice, findings: &mut Findings) {
    let debits = invoice.payment.iter().filter(|means| matches!(means, PaymentMeans::DirectDebit { .. })).count();
    findings.expect(debits <= 1, "C-PAYMENT", "BG-19", || "It is drawn under more than one mandate.".to_owned());
    for means in &invoice.payment {
        match means {
            PaymentMeans::CreditTransfer { iban, .. } => {
                findings.expect(says(Some(iban)), "BR-61", "BT-84", || "A transfer needs an account.".to_owned());
            }
            PaymentMeans::DirectDebit { mandate, creditor_id, .. } => {
                let named = says(Some(mandate)) && says(Some(creditor_id));
                findings.expect(named, "C-PAYMENT", "BT-89", || "A direct debit needs its mandate.".to_owned());
            }
            PaymentMeans::Card { last_digits, .. } => {
                findings.expect((4..=6).contains(&last_digits.len()), "BR-51", "BT-87", || {
                    "Of a card only the last four to six digits are named.".to_owned()
                });
            }
            PaymentMeans::Other { code, .. } => {
                findings.expect(says(Some(code)), "BR-49", "BT-81", || "A means of payment has no code.".to_owned());
            }
            PaymentMeans::Cash | PaymentMeans::Cheque => {}
        }
    }
}
