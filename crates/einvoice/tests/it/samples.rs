//! Documents to try things on, and the arithmetic of field 5.6 that fills in their amounts.

use std::collections::BTreeMap;

use einvoice::{
    AccountStatement, Address, Adjustment, BuyerKind, Contact, Country, Delivery, Direction, DocumentAdjustment,
    Identifier, Invoice, Kind, Line, Note, OpenItem, Party, PaymentMeans, Preceding, References, StatementLine, Totals,
    VatBreakdown, VatCategory, VatInBooks, scheme,
};
use kernel::{Currency, Rounding, round};
use rust_decimal::Decimal;

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn country(code: &str) -> Country {
    code.parse().unwrap()
}

pub(crate) fn seller() -> Party {
    Party {
        legal_id: Some(Identifier::of(scheme::SIREN, "732829320")),
        ids: vec![Identifier::of(scheme::SIRET, "73282932000074")],
        vat_id: Some("FR44732829320".to_owned()),
        legal_info: Some("SAS au capital de 50 000 € – RCS Lyon 732 829 320".to_owned()),
        contact: Some(Contact {
            name: Some("Camille Moreau".to_owned()),
            phone: Some("+33 4 72 00 10 20".to_owned()),
            email: Some("facturation@climalyon.example".to_owned()),
        }),
        endpoint: Some(Identifier::of(scheme::FRENCH_ADDRESS, "732829320")),
        ..Party::new("Clima Lyon Énergies", Address::new("14 quai Rambaud", "69002", "Lyon", Country::FRANCE))
    }
}

pub(crate) fn buyer() -> Party {
    Party {
        legal_id: Some(Identifier::of(scheme::SIREN, "552100554")),
        vat_id: Some("FR76552100554".to_owned()),
        endpoint: Some(Identifier::of(scheme::FRENCH_ADDRESS, "552100554")),
        ..Party::new("Brasserie des Terreaux", Address::new("3 place des Terreaux", "69001", "Lyon", Country::FRANCE))
    }
}

pub(crate) fn foreign_buyer(code: &str) -> Party {
    let (name, street, postcode, city, vat, endpoint) = match code {
        "DE" => {
            ("Rheinwerk Anlagenbau GmbH", "Hansaring 77", "50670", "Köln", Some("DE123456788"), ("9930", "DE123456788"))
        }
        "CH" => (
            "Alpenblick Hotels AG",
            "Bahnhofstrasse 12",
            "8001",
            "Zürich",
            None,
            ("EM", "buchhaltung@alpenblick.example"),
        ),
        "GB" => (
            "Harbour & Finch Ltd",
            "22 Deansgate",
            "M3 1PH",
            "Manchester",
            None,
            ("EM", "accounts@harbourfinch.example"),
        ),
        "US" => {
            ("Northwind Hospitality Inc.", "410 Terry Ave N", "98109", "Seattle", None, ("EM", "ap@northwind.example"))
        }
        _ => panic!("{code}"),
    };
    let mut address = Address::new(street, postcode, city, country(code));
    address.subdivision = (code == "US").then(|| "WA".to_owned());
    Party {
        vat_id: vat.map(str::to_owned),
        endpoint: Some(Identifier::of(endpoint.0, endpoint.1)),
        ..Party::new(name, address)
    }
}

pub(crate) fn consumer() -> Party {
    Party {
        endpoint: Some(Identifier::of(scheme::EMAIL, "jeanne@perrin.example")),
        ..Party::new("Mme Jeanne Perrin", Address::new("8 rue du Bœuf", "69005", "Lyon", Country::FRANCE))
    }
}

pub(crate) fn transfer() -> PaymentMeans {
    PaymentMeans::CreditTransfer {
        iban: "FR7630006000011234567890189".to_owned(),
        bic: Some("AGRIFRPP".to_owned()),
        account_name: Some("Clima Lyon Énergies".to_owned()),
    }
}

pub(crate) fn line(id: usize, name: &str, quantity: &str, price: &str, rate: &str) -> Line {
    let rate = dec(rate);
    Line {
        id: id.to_string(),
        name: name.to_owned(),
        description: None,
        note: None,
        quantity: dec(quantity),
        unit: "C62".to_owned(),
        net_price: dec(price),
        price_base: None,
        gross_price: None,
        price_discount: None,
        adjustments: Vec::new(),
        net: Decimal::ZERO,
        category: if rate.is_zero() { VatCategory::Z } else { VatCategory::S },
        rate,
        seller_item_id: None,
        buyer_item_id: None,
        period: None,
    }
}

/// A document whose amounts are not filled in yet.
pub(crate) fn draft(kind: Kind, lines: Vec<Line>) -> Invoice {
    let services = kind != Kind::Deposit && kind != Kind::DepositCreditNote;
    Invoice {
        kind,
        number: "FAC-2026-0042".to_owned(),
        issue_date: "2026-02-10".parse().unwrap(),
        issued_at: Some("2026-02-10T08:30:00Z".parse().unwrap()),
        due_date: Some("2026-03-12".parse().unwrap()),
        valid_until: None,
        supply_date: services.then(|| "2026-02-09".parse().unwrap()),
        period: None,
        process: Some("S1".to_owned()),
        currency: Currency::EUR,
        vat_in_books: None,
        seller: seller(),
        buyer: buyer(),
        buyer_kind: BuyerKind::Business,
        payee: None,
        delivery: None,
        references: References::default(),
        notes: vec![
            Note::about("PMT", "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 €."),
            Note::about("PMD", "Tout retard de paiement entraîne des pénalités au taux de trois fois l’intérêt légal."),
            Note::about("AAB", "Pas d’escompte pour paiement anticipé."),
        ],
        payment: vec![transfer()],
        payment_reference: Some("FAC-2026-0042".to_owned()),
        payment_terms: Some("Paiement à 30 jours date de facture.".to_owned()),
        lines,
        adjustments: Vec::new(),
        vat: Vec::new(),
        totals: Totals::default(),
    }
}

fn cents(value: Decimal, currency: Currency) -> Decimal {
    round(value, currency.decimals(), Rounding::HalfUp)
}

/// Why no VAT is charged, for the categories that must say it.
fn reason(category: VatCategory, rate: Decimal) -> (Option<String>, Option<String>) {
    let (text, code) = match category {
        VatCategory::S if rate < Decimal::from(20) => {
            return (Some("Taux réduit – art. 278-0 bis et suivants du CGI".to_owned()), None);
        }
        VatCategory::S | VatCategory::Z => return (None, None),
        VatCategory::E => ("Exonération de TVA, art. 293 B du CGI", "VATEX-FR-FRANCHISE"),
        VatCategory::AE => ("Autoliquidation – art. 283-2 nonies du CGI", "VATEX-EU-AE"),
        VatCategory::K => ("Livraison intracommunautaire exonérée – art. 262 ter I du CGI", "VATEX-EU-IC"),
        VatCategory::G => ("Exportation exonérée – art. 262 I du CGI", "VATEX-EU-G"),
        VatCategory::O => ("Hors champ de la TVA – art. 259-1 du CGI", "VATEX-EU-O"),
    };
    (Some(text.to_owned()), Some(code.to_owned()))
}

/// Field 5.6: each line rounded half up, VAT rounded per rate, sums of what was rounded.
pub(crate) fn settle(mut invoice: Invoice) -> Invoice {
    let currency = invoice.currency;
    for line in &mut invoice.lines {
        let base = line.price_base.unwrap_or(Decimal::ONE);
        let adjusted: Decimal = line.adjustments.iter().map(Adjustment::signed).sum();
        line.net = cents(line.quantity * line.net_price / base, currency) + adjusted;
    }
    let mut bases: BTreeMap<(VatCategory, Decimal), Decimal> = BTreeMap::new();
    for line in &invoice.lines {
        *bases.entry((line.category, line.rate)).or_default() += line.net;
    }
    for each in &invoice.adjustments {
        *bases.entry((each.category, each.rate)).or_default() += each.adjustment.signed();
    }
    let breakdown = |((category, rate), base): (_, Decimal)| {
        let (reason, reason_code) = reason(category, rate);
        let tax = cents(base * rate / Decimal::ONE_HUNDRED, currency);
        VatBreakdown { category, rate, base, tax, reason, reason_code }
    };
    invoice.vat = bases.into_iter().map(breakdown).collect();
    let of = |direction: Direction| -> Decimal {
        let adjustments = invoice.adjustments.iter().map(|each| &each.adjustment);
        adjustments.filter(|each| each.direction == direction).map(|each| each.amount).sum()
    };
    let (allowances, charges) = (of(Direction::Allowance), of(Direction::Charge));
    let lines: Decimal = invoice.lines.iter().map(|line| line.net).sum();
    let vat: Decimal = invoice.vat.iter().map(|vat| vat.tax).sum();
    let net = lines - allowances + charges;
    let gross = net + vat;
    let (prepaid, rounding) = (invoice.totals.prepaid, invoice.totals.rounding);
    let due = gross - prepaid + rounding;
    invoice.totals = Totals { lines, allowances, charges, net, vat, gross, prepaid, rounding, due };
    invoice
}

/// A discount of `percent` over the document, spread over its rates by largest remainder (field 5.6).
pub(crate) fn discount(invoice: &mut Invoice, percent: &str) {
    let currency = invoice.currency;
    let settled = settle(invoice.clone());
    let total = cents(settled.totals.lines * dec(percent) / Decimal::ONE_HUNDRED, currency);
    let weights: Vec<_> = settled.vat.iter().map(|vat| vat.base.max(Decimal::ZERO)).collect();
    for (vat, part) in settled.vat.iter().zip(kernel::split(total, &weights, currency.decimals())) {
        if !part.is_zero() {
            let mut adjustment = Adjustment::allowance(part, "Remise commerciale");
            adjustment.reason_code = Some("95".to_owned());
            invoice.adjustments.push(DocumentAdjustment { adjustment, category: vat.category, rate: vat.rate });
        }
    }
}

const LONG: &str = "Dépose de l’ancienne chaudière fioul, évacuation en déchetterie agréée avec bordereau de suivi, pose \
sur socle béton existant, raccordements hydrauliques et frigorifiques, mise en place du ballon tampon de 100 litres, \
désembouage complet du réseau, remplissage, équilibrage des émetteurs, paramétrage de la loi d’eau et mise en service par \
un technicien certifié. Garantie pièces et main-d’œuvre de cinq ans sous réserve d’un entretien annuel.";

pub(crate) fn simple() -> Invoice {
    let mut one = line(1, "Entretien annuel d’une pompe à chaleur", "1", "189.90", "10");
    one.description = Some("Contrôle d’étanchéité, nettoyage de l’unité extérieure, relevé des pressions.".to_owned());
    settle(draft(Kind::Invoice, vec![one]))
}

pub(crate) fn detailed() -> Invoice {
    let mut lines = vec![
        line(1, "Pompe à chaleur air/eau 11 kW", "1", "7450.00", "5.5"),
        line(2, "Main-d’œuvre, deux techniciens", "18.5", "45.00", "10"),
        line(3, "Ballon tampon 100 l", "1", "612.40", "5.5"),
        line(4, "Tube cuivre écroui 28 mm", "24.75", "14.385", "20"),
        line(5, "Déplacement et évacuation", "1", "120.00", "20"),
    ];
    for (at, unit) in [(1, "HUR"), (3, "MTR"), (4, "LS")] {
        lines[at].unit = unit.to_owned();
    }
    lines[0].description = Some(LONG.to_owned());
    lines[0].seller_item_id = Some("PAC-AE-11".to_owned());
    lines[2].description = Some("Cuve acier, jaquette isolante M1, anode de protection. ".to_owned() + LONG);
    lines[3].gross_price = Some(dec("15.985"));
    lines[3].price_discount = Some(dec("1.6"));
    lines[4].adjustments.push(Adjustment::allowance(dec("20.00"), "Geste commercial"));
    let mut invoice = draft(Kind::Invoice, lines);
    invoice.references.purchase_order = Some("BC-2026-118".to_owned());
    invoice.references.project = Some("Rénovation énergétique – Terreaux".to_owned());
    invoice.delivery =
        Some(Delivery { name: None, address: Address::new("5 rue Lanterne", "69001", "Lyon", Country::FRANCE) });
    discount(&mut invoice, "3");
    let mut invoice = settle(invoice);
    for vat in &mut invoice.vat {
        vat.reason = match vat.rate.normalize().to_string().as_str() {
            "5.5" => Some("Travaux d’amélioration de la qualité énergétique – art. 278-0 bis A du CGI".to_owned()),
            "10" => Some("Logement achevé depuis plus de deux ans – art. 279-0 bis du CGI".to_owned()),
            _ => None,
        };
    }
    invoice
}

pub(crate) fn sixty_lines() -> Invoice {
    let rates = ["20", "10", "5.5"];
    let mut lines: Vec<_> = (1..=60)
        .map(|id| {
            line(
                id,
                &format!("Article n° {id} du bordereau de prix"),
                "3",
                &format!("{}.{:02}", 10 + id, id),
                rates[id % 3],
            )
        })
        .collect();
    for line in lines.iter_mut().step_by(7) {
        line.description = Some(LONG.to_owned());
    }
    settle(draft(Kind::Invoice, lines))
}

pub(crate) fn credit_note() -> Invoice {
    let mut invoice =
        draft(Kind::CreditNote, vec![line(1, "Avoir sur main-d’œuvre facturée en trop", "2", "45.00", "20")]);
    invoice.number = "AV-2026-0007".to_owned();
    invoice.due_date = None;
    invoice.payment_reference = None;
    invoice
        .references
        .preceding
        .push(Preceding { number: "FAC-2026-0031".to_owned(), date: Some("2026-01-28".parse().unwrap()) });
    settle(invoice)
}

pub(crate) fn foreign() -> Invoice {
    let mut lines = vec![
        line(1, "Engineering study, heat recovery", "42", "95.00", "0"),
        line(2, "On-site commissioning", "3", "1150.00", "0"),
    ];
    lines[0].unit = "HUR".to_owned();
    lines[1].unit = "DAY".to_owned();
    for line in &mut lines {
        line.category = VatCategory::G;
    }
    let mut invoice = draft(Kind::Invoice, lines);
    invoice.currency = Currency::USD;
    invoice.buyer = foreign_buyer("US");
    invoice.vat_in_books = Some(VatInBooks { currency: Currency::EUR, vat: dec("0.00") });
    invoice.payment_terms = Some("Payment within 30 days of the invoice date.".to_owned());
    invoice.delivery = Some(Delivery { name: None, address: invoice.buyer.address.clone() });
    settle(invoice)
}

/// An account on which so much moved.
pub(crate) fn account(lines: usize) -> AccountStatement {
    let day = |text: &str| text.parse().unwrap();
    let line = |at: usize| StatementLine {
        on: day("2026-02-11"),
        label: if at % 3 == 2 { "Règlement".into() } else { "Facture".into() },
        reference: format!("FAC-2026-{at:04}"),
        due_on: (at % 3 != 2).then(|| day("2026-03-13")),
        debit: if at % 3 == 2 { dec("0") } else { dec("1200.00") },
        credit: if at % 3 == 2 { dec("500.00") } else { dec("0") },
        balance: dec(&format!("{}.00", 1200 + at)),
    };
    let open = OpenItem {
        number: "FAC-2026-0001".into(),
        issue_on: day("2026-02-11"),
        due_on: Some(day("2026-03-13")),
        days_late: 18,
        gross: dec("1200.00"),
        balance: dec("700.00"),
    };
    AccountStatement {
        seller: detailed().seller,
        customer: detailed().buyer,
        account: "C00042".into(),
        currency: Currency::EUR,
        from: day("2026-01-01"),
        to: day("2026-03-31"),
        as_of: day("2026-03-31"),
        opening: dec("-25.00"),
        lines: (1..=lines).map(line).collect(),
        debits: dec("1200.00"),
        credits: dec("500.00"),
        closing: dec("675.00"),
        open: vec![open],
        ages: ["0", "700.00", "0", "0", "0"].map(dec),
        unallocated: dec("25.00"),
        balance: dec("675.00"),
        payment: detailed().payment,
    }
}
