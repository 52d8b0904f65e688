//! What is found wrong, and that nothing is found in what passes every gate.

use einvoice::{
    Adjustment, Country, Finding, Identifier, Invoice, Kind, PaymentMeans, Period, VatCategory, check, scheme,
};
use rust_decimal::Decimal;

use crate::kinds;
use crate::samples::{credit_note, dec, simple};

fn codes(invoice: &Invoice) -> Vec<&'static str> {
    check(invoice).into_iter().map(|finding| finding.code).collect()
}

#[test]
fn nothing_is_found_in_documents_that_pass_every_gate() {
    for (name, invoice) in kinds::all() {
        assert_eq!(check(&invoice), Vec::<Finding>::new(), "{name}");
    }
    for invoice in kinds::randoms(300) {
        assert_eq!(check(&invoice), Vec::<Finding>::new());
    }
}

#[test]
fn each_thing_that_is_wrong_is_found_under_its_rule() {
    type Change = fn(&mut Invoice);
    let cases: &[(&str, Change)] = &[
        ("BR-02", |invoice| invoice.number = " ".to_owned()),
        ("BR-06", |invoice| invoice.seller.name.clear()),
        ("BR-07", |invoice| invoice.buyer.name.clear()),
        ("BR-09", |invoice| invoice.buyer.address.country = Country::UNKNOWN),
        ("BR-16", |invoice| invoice.lines.clear()),
        ("BR-21", |invoice| invoice.lines.push(invoice.lines[0].clone())),
        ("BR-23", |invoice| invoice.lines[0].unit = "heures".to_owned()),
        ("BR-25", |invoice| invoice.lines[0].name.clear()),
        ("BR-27", |invoice| invoice.lines[0].net_price = dec("-1")),
        ("BR-29", |invoice| {
            let (start, end) = ("2026-02-02".parse().ok(), "2026-02-01".parse().ok());
            invoice.period = Some(Period { start, end });
        }),
        ("BR-33", |invoice| invoice.lines[0].adjustments.push(Adjustment::allowance(dec("1"), " "))),
        ("BR-49", |invoice| invoice.payment = vec![PaymentMeans::Other { code: String::new(), text: None }]),
        ("BR-51", |invoice| {
            invoice.payment = vec![PaymentMeans::Card { last_digits: "4111111111111111".to_owned(), holder: None }];
        }),
        ("BR-61", |invoice| {
            invoice.payment = vec![PaymentMeans::CreditTransfer { iban: String::new(), bic: None, account_name: None }];
        }),
        ("BR-CO-10", |invoice| invoice.totals.lines += Decimal::ONE),
        ("BR-CO-13", |invoice| invoice.totals.net += Decimal::ONE),
        ("BR-CO-14", |invoice| invoice.totals.vat += Decimal::ONE),
        ("BR-CO-15", |invoice| invoice.totals.gross += Decimal::ONE),
        ("BR-CO-16", |invoice| invoice.totals.due += Decimal::ONE),
        ("BR-CO-17", |invoice| invoice.vat[0].tax += dec("0.01")),
        ("BR-CO-18", |invoice| invoice.vat.clear()),
        ("BR-S-08", |invoice| invoice.vat[0].base += Decimal::ONE),
        ("BR-S-02", |invoice| invoice.seller.vat_id = None),
        ("BR-S-05", |invoice| invoice.lines[0].rate = Decimal::ZERO),
        ("BR-AE-02", |invoice| {
            invoice.lines[0].category = VatCategory::AE;
            (invoice.buyer.vat_id, invoice.buyer.legal_id) = (None, None);
        }),
        ("BR-E-10", |invoice| {
            invoice.vat[0].category = VatCategory::E;
            invoice.vat[0].reason = None;
        }),
        ("BR-IC-12", |invoice| invoice.lines[0].category = VatCategory::K),
        ("BR-O-02", |invoice| invoice.lines[0].category = VatCategory::O),
        ("BR-DEC", |invoice| invoice.totals.prepaid = dec("0.001")),
        ("BR-CO-25", |invoice| (invoice.due_date, invoice.payment_terms) = (None, None)),
        ("BR-FR-01", |invoice| invoice.number = "F".repeat(36)),
        ("BR-FR-02", |invoice| invoice.number = "FAC 2026".to_owned()),
        ("BR-FR-05", |invoice| invoice.notes.truncate(1)),
        ("BR-FR-06", |invoice| invoice.notes.push(invoice.notes[0].clone())),
        ("BR-FR-08", |invoice| invoice.process = None),
        ("BR-FR-09", |invoice| invoice.seller.ids = vec![Identifier::of(scheme::SIRET, "99982932000074")]),
        ("BR-FR-10", |invoice| invoice.seller.legal_id = None),
        ("BR-FR-12", |invoice| invoice.buyer.endpoint = None),
        ("BR-FR-13", |invoice| invoice.seller.endpoint = None),
        ("BR-FR-16", |invoice| (invoice.lines[0].rate, invoice.vat[0].rate) = (dec("11"), dec("11"))),
        ("BR-FR-CO-07", |invoice| invoice.due_date = Some("2026-02-09".parse().unwrap())),
        ("BR-FR-CO-09", |invoice| invoice.process = Some("S2".to_owned())),
        ("BR-FR-CO-12", |invoice| invoice.currency = kernel::Currency::USD),
        ("C-LINE-NET", |invoice| invoice.lines[0].net += dec("0.01")),
        ("C-FR-FORM", |invoice| invoice.seller.legal_info = None),
        ("C-FR-ADDRESS", |invoice| invoice.buyer.address.city = None),
        ("C-FR-SUPPLY", |invoice| invoice.supply_date = None),
        ("C-FR-BUYER", |invoice| (invoice.buyer.vat_id, invoice.buyer.legal_id) = (None, None)),
        ("C-FR-RATE", |invoice| invoice.vat[0].reason = None),
    ];
    for (code, change) in cases {
        let mut invoice = simple();
        change(&mut invoice);
        assert!(codes(&invoice).contains(code), "{code}: {:?}", check(&invoice));
    }
}

#[test]
fn a_credit_note_names_the_number_and_the_date_of_what_it_credits() {
    let mut invoice = credit_note();
    invoice.references.preceding[0].date = None;
    assert_eq!(codes(&invoice), ["BR-FR-CO-05"]);
    invoice.references.preceding.clear();
    assert_eq!(codes(&invoice), ["BR-FR-CO-05"]);
}

#[test]
fn a_quote_needs_sound_sums_and_nothing_that_only_an_invoice_needs() {
    let mut quote = simple();
    quote.kind = Kind::Quote;
    quote.notes.clear();
    (quote.process, quote.seller.endpoint, quote.supply_date) = (None, None, None);
    assert_eq!(check(&quote), Vec::new());
    quote.totals.gross += Decimal::ONE;
    assert!(codes(&quote).contains(&"BR-CO-15"));
}
