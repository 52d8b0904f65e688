//! VAT: the breakdown, and what each category asks for.

use std::collections::BTreeMap;

use kernel::{Rounding, round};
use rust_decimal::Decimal;

use super::{Findings, says};
use crate::{Invoice, VatCategory};

pub(super) fn check(invoice: &Invoice, findings: &mut Findings) {
    breakdown(invoice, findings);
    rates(invoice, findings);
    for category in VatCategory::ALL {
        if bases(invoice).keys().any(|(used, _)| *used == category) {
            parties(invoice, category, findings);
        }
    }
    if let Some(books) = invoice.vat_in_books {
        findings.expect(books.currency != invoice.currency, "BR-53", "BT-6", || {
            "VAT in the currency of the books is named only when that is another.".to_owned()
        });
    }
}

/// What each category and rate is taken of, from the lines and the adjustments.
fn bases(invoice: &Invoice) -> BTreeMap<(VatCategory, Decimal), Decimal> {
    let lines = invoice.lines.iter().map(|line| (line.category, line.rate, line.net));
    let adjustments = invoice.adjustments.iter().map(|each| (each.category, each.rate, each.adjustment.signed()));
    let mut bases = BTreeMap::new();
    for (category, rate, amount) in lines.chain(adjustments) {
        *bases.entry((category, rate.normalize())).or_default() += amount;
    }
    bases
}

fn breakdown(invoice: &Invoice, findings: &mut Findings) {
    let mut bases = bases(invoice);
    for vat in &invoice.vat {
        let name = format!("{} {} %", vat.category.code(), vat.rate.normalize());
        let base = bases.remove(&(vat.category, vat.rate.normalize()));
        findings.expect(base == Some(vat.base), "BR-S-08", "BT-116", || match base {
            Some(base) => format!("The base of {name} is {base}, not {}.", vat.base),
            None => format!("{name} is on no line, or twice in the breakdown."),
        });
        let exact = vat.base.checked_mul(vat.rate).map(|product| product / Decimal::ONE_HUNDRED);
        let tax = exact.map(|tax| round(tax, invoice.currency.decimals(), Rounding::HalfUp));
        findings.expect(tax == Some(vat.tax), "BR-CO-17", "BT-117", || format!("VAT of {name} is not {}.", vat.tax));
        let reason = says(vat.reason.as_deref()) || says(vat.reason_code.as_deref());
        findings.expect(reason || !vat.category.needs_reason(), "BR-E-10", "BT-120", || {
            format!("Why no VAT is charged under {} is not said.", vat.category.code())
        });
    }
    for (category, rate) in bases.into_keys() {
        findings.expect(false, "BR-CO-18", "BG-23", || {
            format!("{} {rate} % is on a line and not in the breakdown.", category.code())
        });
    }
}

fn rates(invoice: &Invoice, findings: &mut Findings) {
    for ((category, rate), _) in bases(invoice) {
        let good = if category == VatCategory::S { rate > Decimal::ZERO } else { rate.is_zero() };
        findings.expect(good, "BR-S-05", "BT-152", || format!("{rate} % is no rate of category {}.", category.code()));
    }
}

/// Numbers and places that a category asks for (BR-S-02, BR-AE-02, BR-IC-02, BR-G-02, BR-O-02 and theirs).
fn parties(invoice: &Invoice, category: VatCategory, findings: &mut Findings) {
    let (seller, buyer) = (&invoice.seller, &invoice.buyer);
    let seller_vat = says(seller.vat_id.as_deref());
    let buyer_vat = says(buyer.vat_id.as_deref());
    match category {
        VatCategory::S | VatCategory::Z | VatCategory::E => {
            let known = seller_vat || says(seller.tax_id.as_deref());
            findings.expect(known, "BR-S-02", "BT-31", || "The seller has no VAT number.".to_owned());
        }
        VatCategory::AE => {
            findings
                .expect(seller_vat, "BR-AE-02", "BT-31", || "Reverse charge needs the seller's VAT number.".to_owned());
            findings.expect(buyer_vat || buyer.legal_id.is_some(), "BR-AE-02", "BT-48", || {
                "Reverse charge needs the buyer's VAT number.".to_owned()
            });
        }
        VatCategory::K => {
            findings.expect(seller_vat && buyer_vat, "BR-IC-02", "BT-48", || {
                "An intra-community supply needs both VAT numbers.".to_owned()
            });
            let dated = invoice.supply_date.is_some() || invoice.period.is_some();
            findings.expect(dated, "BR-IC-11", "BT-72", || "An intra-community supply needs its date.".to_owned());
            findings.expect(invoice.delivery.is_some(), "BR-IC-12", "BT-80", || {
                "An intra-community supply needs the country it went to.".to_owned()
            });
        }
        VatCategory::G => {
            findings.expect(seller_vat, "BR-G-02", "BT-31", || "An export needs the seller's VAT number.".to_owned());
        }
        VatCategory::O => {
            findings.expect(!seller_vat && !buyer_vat, "BR-O-02", "BT-31", || {
                "What is outside the scope of VAT names no VAT number.".to_owned()
            });
            findings.expect(invoice.vat.len() == 1, "BR-O-11", "BG-23", || {
                "What is outside the scope of VAT stands with nothing else.".to_owned()
            });
        }
    }
}
