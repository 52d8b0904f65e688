//! Documents of every kind that the houses issue, and as many random ones as it takes.

use einvoice::{
    Adjustment, BuyerKind, Delivery, DocumentAdjustment, Identifier, Invoice, Kind, Line, Note, Party, Payee,
    PaymentMeans, Period, Preceding, VatCategory, VatInBooks, scheme,
};
use kernel::{Currency, Rounding, round};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use crate::samples::{
    buyer, consumer, country, credit_note, dec, detailed, discount, draft, foreign, foreign_buyer, line, seller,
    settle, simple, sixty_lines, transfer,
};

fn with(category: VatCategory, mut lines: Vec<Line>) -> Vec<Line> {
    for line in &mut lines {
        (line.category, line.rate) = (category, Decimal::ZERO);
    }
    lines
}

fn invoice(change: impl FnOnce(&mut Invoice)) -> Invoice {
    let mut invoice = draft(Kind::Invoice, vec![line(1, "Prestation", "2", "150.00", "20")]);
    change(&mut invoice);
    settle(invoice)
}

fn abroad(category: VatCategory, code: &str, currency: &str) -> Invoice {
    invoice(|invoice| {
        invoice.lines =
            with(category, vec![line(1, "Equipment", "3", "1249.99", "0"), line(2, "Transport", "1", "80", "0")]);
        invoice.buyer = foreign_buyer(code);
        invoice.delivery = Some(Delivery { name: None, address: invoice.buyer.address.clone() });
        invoice.currency = currency.parse().unwrap();
        if invoice.currency != Currency::EUR {
            invoice.vat_in_books = Some(VatInBooks { currency: Currency::EUR, vat: dec("0.00") });
        }
    })
}

/// A seller whom VAT does not concern.
fn outside_of_vat() -> Party {
    Party { vat_id: None, ..seller() }
}

fn preceding(number: &str) -> Preceding {
    Preceding { number: number.to_owned(), date: Some("2026-01-12".parse().unwrap()) }
}

/// A name for each kind, and a document of it.
pub(crate) fn all() -> Vec<(&'static str, Invoice)> {
    let rates = |rates: &[&str]| {
        let lines = rates.iter().enumerate();
        settle(draft(Kind::Invoice, lines.map(|(at, rate)| line(at + 1, "Prestation", "1.5", "33.33", rate)).collect()))
    };
    let mut all = vec![
        ("rate-20", rates(&["20"])),
        ("rate-10", simple()),
        ("rate-5-5", rates(&["5.5"])),
        ("rate-2-1", rates(&["2.1"])),
        ("rate-0", rates(&["0"])),
        ("several-rates", rates(&["20", "10", "5.5", "2.1", "0"])),
        ("long-lines-and-discounts", detailed()),
        ("sixty-lines", sixty_lines()),
        ("credit-note", credit_note()),
        ("foreign-currency", foreign()),
        ("intra-community-goods-DE", abroad(VatCategory::K, "DE", "EUR")),
        ("intra-community-services-DE", abroad(VatCategory::AE, "DE", "EUR")),
        ("export-US", abroad(VatCategory::G, "US", "USD")),
        ("export-GB", abroad(VatCategory::G, "GB", "GBP")),
        ("export-CH", abroad(VatCategory::G, "CH", "CHF")),
    ];
    all.extend(domestic());
    all.extend(paid_otherwise());
    all.extend(others());
    all
}

fn domestic() -> Vec<(&'static str, Invoice)> {
    let untaxed = |category| {
        move |invoice: &mut Invoice| {
            invoice.lines = with(category, vec![line(1, "Pose de cloisons", "12.5", "38.40", "0")]);
        }
    };
    let one = |kind: Kind, change: &dyn Fn(&mut Invoice)| {
        let mut invoice = draft(kind, vec![line(1, "Acompte de 30 % sur devis DEV-2026-018", "1", "900.00", "20")]);
        change(&mut invoice);
        settle(invoice)
    };
    vec![
        ("reverse-charge-construction", invoice(untaxed(VatCategory::AE))),
        ("franchise-exempt", invoice(untaxed(VatCategory::E))),
        (
            "franchise-out-of-scope",
            invoice(|invoice| {
                untaxed(VatCategory::O)(invoice);
                (invoice.seller, invoice.buyer.vat_id) = (outside_of_vat(), None);
            }),
        ),
        (
            "intercompany",
            settle({
                let mut lines =
                    vec![line(1, "Leads PV, semaine 2026-W06", "3", "25", "0"), line(2, "Leads PAC", "2", "30", "0")];
                lines = with(VatCategory::E, lines);
                let mut invoice = draft(Kind::Invoice, lines);
                invoice.number = "IC-ZR7-2026-W06-0001".to_owned();
                invoice
            }),
        ),
        ("deposit", one(Kind::Deposit, &|_| {})),
        (
            "deposit-credit-note",
            one(Kind::DepositCreditNote, &|invoice| invoice.references.preceding.push(preceding("FAC-2026-0009"))),
        ),
        ("corrected", one(Kind::Corrected, &|invoice| invoice.references.preceding.push(preceding("FAC-2026-0030")))),
        (
            "final-after-deposit",
            invoice(|invoice| {
                invoice.process = Some("S4".to_owned());
                invoice.references.preceding.push(preceding("FAC-2026-0009"));
                invoice.totals.prepaid = dec("108.00");
            }),
        ),
        (
            "consumer",
            invoice(|invoice| {
                (invoice.buyer, invoice.buyer_kind) = (consumer(), BuyerKind::Consumer);
                invoice.notes.push(Note::about("BAR", "B2C"));
            }),
        ),
        (
            "document-discount",
            settle({
                let mut invoice = draft(
                    Kind::Invoice,
                    vec![line(1, "Fourniture", "1", "1000", "20"), line(2, "Pose", "1", "500", "10")],
                );
                discount(&mut invoice, "10");
                invoice
            }),
        ),
    ]
}

fn paid_otherwise() -> Vec<(&'static str, Invoice)> {
    vec![
        (
            "card-paid-already",
            invoice(|invoice| {
                invoice.payment = vec![PaymentMeans::Card { last_digits: "4242".to_owned(), holder: None }];
                invoice.process = Some("S2".to_owned());
                invoice.totals.prepaid = dec("360.00");
            }),
        ),
        (
            "direct-debit",
            invoice(|invoice| {
                invoice.payment = vec![PaymentMeans::DirectDebit {
                    mandate: "CLY-2025-00017".to_owned(),
                    creditor_id: "FR72ZZZ123456".to_owned(),
                    debtor_iban: Some("FR7630006000011234567890189".to_owned()),
                }];
            }),
        ),
        ("cash", invoice(|invoice| invoice.payment = vec![PaymentMeans::Cash])),
        ("cheque", invoice(|invoice| invoice.payment = vec![PaymentMeans::Cheque])),
        (
            "clearing",
            invoice(|invoice| {
                invoice.payment =
                    vec![PaymentMeans::Other { code: "97".to_owned(), text: Some("Compensation".to_owned()) }];
            }),
        ),
        (
            "two-accounts",
            invoice(|invoice| {
                invoice.payment.push(PaymentMeans::CreditTransfer {
                    iban: "DE02120300000000202051".to_owned(),
                    bic: None,
                    account_name: None,
                });
            }),
        ),
        (
            "factored",
            invoice(|invoice| {
                invoice.payee = Some(Payee {
                    name: "Affacturage du Rhône".to_owned(),
                    id: Some(Identifier::of(scheme::SIRET, "44030620700010")),
                    legal_id: Some(Identifier::of(scheme::SIREN, "440306207")),
                });
            }),
        ),
    ]
}

fn others() -> Vec<(&'static str, Invoice)> {
    vec![
        (
            "negative-line",
            invoice(|invoice| {
                invoice.lines.push(line(2, "Reprise de l’ancien matériel", "-1", "80.00", "20"));
            }),
        ),
        ("free-units", invoice(|invoice| invoice.lines.push(line(2, "Filtre offert", "2", "0", "20")))),
        (
            "rounded-due",
            invoice(|invoice| {
                invoice.lines[0].net_price = dec("16.6583");
                invoice.totals.rounding = dec("0.02");
            }),
        ),
        (
            "line-discounts-and-charges",
            invoice(|invoice| {
                let line = &mut invoice.lines[0];
                line.adjustments =
                    vec![Adjustment::allowance(dec("12.34"), "Remise"), Adjustment::charge(dec("5"), "Port")];
                line.adjustments[0].base = Some(dec("300.00"));
                (line.gross_price, line.price_discount) = (Some(dec("175")), Some(dec("25")));
                line.price_base = Some(dec("1"));
            }),
        ),
        (
            "document-charge",
            invoice(|invoice| {
                let adjustment = Adjustment::charge(dec("15.00"), "Frais de dossier");
                invoice.adjustments.push(DocumentAdjustment { adjustment, category: VatCategory::S, rate: dec("20") });
            }),
        ),
        (
            "everything-named",
            invoice(|invoice| {
                let references = &mut invoice.references;
                references.buyer_reference = Some("SERVICE-77".to_owned());
                references.purchase_order = Some("BC-2026-118".to_owned());
                references.sales_order = Some("CMD-99".to_owned());
                references.contract = Some("MAINT-2024-3".to_owned());
                references.project = Some("Terreaux".to_owned());
                let period =
                    Period { start: Some("2026-01-01".parse().unwrap()), end: Some("2026-01-31".parse().unwrap()) };
                (invoice.period, invoice.supply_date) = (Some(period), None);
                invoice.lines[0].period = Some(period);
                invoice.lines[0].note = Some("Selon bon d’intervention n° 12".to_owned());
                invoice.lines[0].seller_item_id = Some("REF-1".to_owned());
                invoice.lines[0].buyer_item_id = Some("ART-9".to_owned());
                invoice.lines[0].description = Some("a < b & c > d \"quoted\" 'é' \u{1} — €".to_owned());
                invoice.delivery = Some(Delivery { name: Some("Chantier".to_owned()), address: buyer().address });
                invoice.seller.trading_name = Some("ClimaLyon".to_owned());
                invoice.seller.address.line2 = Some("Bâtiment B".to_owned());
                invoice.seller.address.line3 = Some("2e étage".to_owned());
                invoice.notes.push(Note { subject: None, text: "Merci de votre confiance.".to_owned() });
                invoice.notes.push(Note::about("REG", "RCS Lyon 732 829 320"));
                invoice.notes.push(Note::about("ABL", "Décennale MAAF 2210-4471"));
            }),
        ),
        (
            "foreign-currency-with-vat",
            invoice(|invoice| {
                invoice.currency = Currency::USD;
                invoice.vat_in_books = Some(VatInBooks { currency: Currency::EUR, vat: dec("55.38") });
            }),
        ),
        (
            "yen-without-cents",
            invoice(|invoice| {
                invoice.currency = "JPY".parse().unwrap();
                invoice.vat_in_books = Some(VatInBooks { currency: Currency::EUR, vat: dec("0.35") });
            }),
        ),
        ("credit-of-free-text", {
            let mut invoice = credit_note();
            invoice.references.project = Some("Terreaux".to_owned());
            invoice.payment = vec![transfer()];
            invoice.due_date = Some("2026-02-20".parse().unwrap());
            invoice
        }),
        ("overseas-buyer", invoice(|invoice| invoice.buyer.address.country = country("RE"))),
    ]
}

fn random_line() -> impl Strategy<Value = Line> {
    let quantity = prop_oneof![(1_i64..100, Just(0_u32)), (1_i64..1_000_000, Just(4_u32)), (-50_i64..0, Just(0_u32))];
    let price = prop_oneof![(0_i64..500_000, Just(2_u32)), (1_i64..9_000_000, Just(4_u32))];
    let rate = prop::sample::select(vec!["20", "10", "5.5", "2.1", "0"]);
    let unit = prop::sample::select(vec!["C62", "HUR", "DAY", "MTK", "KGM", "LS"]);
    (quantity, price, rate, unit, 0_u32..12, "[A-Za-zéèàç &<>\"']{0,60}").prop_map(
        |(quantity, price, rate, unit, discount, text)| {
            let mut line = line(1, &format!("Article {text}"), "1", "1", rate);
            line.quantity = Decimal::new(quantity.0, quantity.1);
            line.net_price = Decimal::new(price.0, price.1);
            line.unit = unit.to_owned();
            line.description = Some(text).filter(|text| !text.trim().is_empty());
            let gross = round(line.quantity * line.net_price, 2, Rounding::HalfUp);
            let off = round(gross * Decimal::from(discount) / Decimal::ONE_HUNDRED, 2, Rounding::HalfUp);
            if off > Decimal::ZERO {
                line.adjustments.push(Adjustment::allowance(off, "Remise"));
            }
            line
        },
    )
}

fn random() -> impl Strategy<Value = Invoice> {
    let kind = prop::sample::select(vec![Kind::Invoice, Kind::Invoice, Kind::Corrected, Kind::CreditNote]);
    (prop::collection::vec(random_line(), 1..12), kind, 0_u32..25).prop_map(|(mut lines, kind, percent)| {
        for (at, line) in lines.iter_mut().enumerate() {
            line.id = (at + 1).to_string();
        }
        let mut invoice = draft(kind, lines);
        if kind != Kind::Invoice {
            invoice.references.preceding.push(preceding("FAC-2026-0001"));
        }
        if percent < 15 && settle(invoice.clone()).totals.lines > Decimal::ZERO {
            discount(&mut invoice, &percent.to_string());
        }
        settle(invoice)
    })
}

/// The same `count` random documents each time.
pub(crate) fn randoms(count: usize) -> Vec<Invoice> {
    let mut runner = TestRunner::deterministic();
    let strategy = random();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is filtered out").current()).collect()
}
