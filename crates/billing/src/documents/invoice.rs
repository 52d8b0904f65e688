//! A document in the words of EN 16931, for its page and its data. Pure.

use einvoice::{
    Adjustment, BuyerKind, Contact, Country, Delivery, DocumentAdjustment, Identifier, Invoice, Kind, Note,
    PaymentMeans, Period, Preceding, References, VatBreakdown, VatInBooks, scheme,
};
use kernel::{Address, Date, Language, Timestamp, VatCode};
use parties::Party;
use platform::tenancy::legal::Legal;
use rust_decimal::Decimal;

use super::model::{DocumentKind, LineKind, PayMethod};
use super::posting::Conversion;
use super::store::{DocumentRow, LineRow, VatRow};
use crate::house::House;

/// What becomes an invoice.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The document, as it was written.
    pub row: &'a DocumentRow,
    /// Its lines.
    pub lines: &'a [LineRow],
    /// Its VAT.
    pub vat: &'a [VatRow],
    /// Who issues it.
    pub house: &'a House,
    /// Whom it is issued to.
    pub party: &'a Party,
    /// Where goods went, where the law wants it said: the customer's place unless it has a place for deliveries.
    pub delivered_to: Option<Address>,
    /// The number and day of what it takes back.
    pub original: Option<(&'a str, Date)>,
    /// Its number.
    pub number: &'a str,
    /// Its day.
    pub issue_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// Until when an offer stands.
    pub valid_until: Option<Date>,
    /// When it is issued.
    pub at: Timestamp,
    /// How it gets into the books.
    pub conversion: Conversion,
}

/// The language of a document's page.
pub fn language(row: &DocumentRow) -> Language {
    if row.language == "en" { Language::En } else { Language::Fr }
}

/// The document in the words of EN 16931.
pub fn invoice(source: &Source<'_>) -> Invoice {
    let (row, legal) = (source.row, &source.house.legal);
    let (seller, buyer) = (seller(legal, &source.house.code), buyer(source.party));
    // What is outside the scope of VAT names no VAT number in its data (BR-O-02 to BR-O-04); the foot of the page does.
    let is_outside = source.vat.iter().any(|group| group.category == VatCode::O);
    Invoice {
        kind: match row.kind {
            DocumentKind::Quote => Kind::Quote,
            DocumentKind::ProForma => Kind::ProForma,
            DocumentKind::Invoice => Kind::Invoice,
            DocumentKind::DepositInvoice => Kind::Deposit,
            DocumentKind::CreditNote => Kind::CreditNote,
        },
        number: source.number.to_owned(),
        issue_date: source.issue_on,
        issued_at: Some(source.at),
        due_date: source.due_on,
        valid_until: source.valid_until,
        supply_date: row.supply_from.is_none().then(|| row.supply_to.unwrap_or(source.issue_on)),
        period: row.supply_from.map(|start| Period { start: Some(start), end: row.supply_to }),
        process: Some(process(source.lines)),
        currency: row.currency,
        vat_in_books: source.house.is_foreign(row.currency).then(|| VatInBooks {
            currency: source.house.book.functional,
            vat: source.vat.iter().map(|group| source.conversion.functional(group.vat)).sum(),
        }),
        seller: einvoice::Party { vat_id: seller.vat_id.filter(|_| !is_outside), ..seller },
        buyer: einvoice::Party { vat_id: buyer.vat_id.filter(|_| !is_outside), ..buyer },
        buyer_kind: if source.party.fields.is_consumer { BuyerKind::Consumer } else { BuyerKind::Business },
        payee: None,
        delivery: source.delivered_to.as_ref().map(|to| Delivery { name: None, address: address(to) }),
        references: references(source),
        notes: notes(source),
        payment: payment(row.payment_method, legal),
        payment_reference: Some(source.number.to_owned()),
        payment_terms: payment_terms(source),
        lines: source.lines.iter().map(line).collect(),
        adjustments: source
            .vat
            .iter()
            .filter(|group| !group.discount.is_zero())
            .map(|group| discount(row, group))
            .collect(),
        vat: source.vat.iter().map(breakdown).collect(),
        totals: einvoice::Totals {
            lines: row.lines_net,
            allowances: row.discount,
            charges: Decimal::ZERO,
            net: row.net,
            vat: row.vat,
            gross: row.gross,
            prepaid: Decimal::ZERO,
            rounding: Decimal::ZERO,
            due: row.gross,
        },
    }
}

/// The billing framework of the French reform (BR-FR-08): services, goods or both, and whether a deposit is deducted.
fn process(lines: &[LineRow]) -> String {
    let is_goods = |line: &LineRow| matches!(line.kind, LineKind::Goods | LineKind::Parts | LineKind::Equipment);
    let sold = || lines.iter().filter(|line| !matches!(line.kind, LineKind::Discount | LineKind::Deposit));
    let letter = match (sold().any(is_goods), sold().any(|line| !is_goods(line))) {
        (true, true) => 'M',
        (true, false) => 'B',
        (false, _) => 'S',
    };
    let after_deposit = lines.iter().any(|line| line.kind == LineKind::Deposit);
    format!("{letter}{}", if after_deposit { 4 } else { 1 })
}

fn country(country: &kernel::Country) -> Country {
    country.to_string().parse().unwrap_or(Country::FRANCE)
}

fn address(from: &Address) -> einvoice::Address {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    einvoice::Address {
        line1: some(&from.line1),
        line2: some(&from.line2),
        line3: None,
        postcode: some(&from.postal_code),
        city: some(&from.city),
        subdivision: None,
        country: country(&from.country),
    }
}

pub(crate) fn seller(legal: &Legal, code: &str) -> einvoice::Party {
    let name = legal.legal_name.as_deref().unwrap_or(code);
    let siren = legal.siren.as_ref().map(|siren| Identifier::of(scheme::SIREN, siren.as_str()));
    let foreign = legal.registration_number.clone().map(|value| Identifier { scheme: None, value });
    einvoice::Party {
        legal_id: siren.or(foreign),
        ids: legal.siret.iter().map(|siret| Identifier::of(scheme::SIRET, siret.as_str())).collect(),
        vat_id: legal.vat_number.as_ref().map(ToString::to_string),
        legal_info: Some(legal_info(legal)).filter(|text| !text.is_empty()),
        contact: Some(Contact {
            name: Some(name.to_owned()),
            phone: legal.phone.clone(),
            email: legal.email.as_ref().map(ToString::to_string),
        }),
        endpoint: legal.electronic_address().map(|(scheme, address)| Identifier::of(scheme, address)),
        ..einvoice::Party::new(name, address(&legal.address))
    }
}

/// Form, capital and register in a line (C. com. art. R123-238).
pub fn legal_info(legal: &Legal) -> String {
    let form = legal.legal_form.clone();
    let capital = legal.share_capital.map(|capital| {
        let currency = legal.share_capital_currency.unwrap_or_else(|| legal.currency());
        format!("capital {} {currency}", capital.normalize())
    });
    let register = legal.register.zip(legal.register_city.as_deref()).map(|(register, city)| {
        let siren = legal.siren.as_ref().map(|siren| format!(" {siren}")).unwrap_or_default();
        format!("{} {city}{siren}", register.as_str())
    });
    [form, capital, register].into_iter().flatten().collect::<Vec<_>>().join(" – ")
}

pub(crate) fn buyer(party: &Party) -> einvoice::Party {
    let identity = &party.fields.identity;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let siren = identity.siren.as_ref().map(|siren| Identifier::of(scheme::SIREN, siren.as_str()));
    let foreign = some(&identity.registration_number).map(|value| Identifier { scheme: None, value });
    let endpoint = identity.electronic_scheme.as_deref().zip(identity.electronic_address.as_deref());
    let mailbox = party.fields.email.as_ref().map(|email| Identifier::of(scheme::EMAIL, &email.to_string()));
    einvoice::Party {
        trading_name: (party.legal_name() != party.fields.name).then(|| party.fields.name.clone()),
        legal_id: siren.or(foreign),
        ids: identity.siret.iter().map(|siret| Identifier::of(scheme::SIRET, siret.as_str())).collect(),
        vat_id: identity.vat_number.as_ref().map(ToString::to_string),
        contact: Some(Contact {
            name: some(&party.fields.contact_name),
            phone: some(&party.fields.phone),
            email: party.fields.email.as_ref().map(ToString::to_string),
        }),
        endpoint: endpoint.map(|(scheme, address)| Identifier::of(scheme, address)).or(mailbox),
        ..einvoice::Party::new(party.legal_name(), address(&identity.billing_address()))
    }
}

fn references(source: &Source<'_>) -> References {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let preceding = source.original.map(|(number, date)| Preceding { number: number.to_owned(), date: Some(date) });
    References {
        purchase_order: some(&source.row.purchase_order),
        contract: some(&source.row.contract),
        preceding: preceding.into_iter().collect(),
        ..References::default()
    }
}

/// The notes that the law asks for, with the subjects of BR-FR-05, and those of the document.
fn notes(source: &Source<'_>) -> Vec<Note> {
    let (legal, language) = (&source.house.legal, language(source.row));
    let mut notes = Vec::new();
    if source.row.kind.is_fiscal() {
        notes.extend(if source.party.fields.is_consumer {
            notes_to_consumer(legal, language)
        } else {
            notes_to_business(legal, language)
        });
    }
    let texts = [source.row.subject.as_str(), source.row.notes.as_str()];
    notes.extend(
        texts
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| Note { subject: None, text: text.to_owned() }),
    );
    notes
}

/// What a business is told of paying late and early (C. com. art. L441-9, L441-10).
fn notes_to_business(legal: &Legal, language: Language) -> Vec<Note> {
    let fee = legal.recovery_fee().normalize();
    let compensation = match language {
        Language::Fr => {
            format!("Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : {fee} €.")
        }
        Language::En => format!("Fixed compensation for recovery costs in case of late payment: EUR {fee}."),
    };
    vec![
        Note::about("PMT", &compensation),
        Note::about("PMD", legal.penalty_text(language)),
        Note::about("AAB", legal.early_payment_text(language)),
    ]
}

/// The same subjects for a consumer, who owes neither the fixed compensation nor the penalties of businesses: BR-FR-05 wants them
/// named all the same, and the law wants nothing said that does not hold.
fn notes_to_consumer(legal: &Legal, language: Language) -> Vec<Note> {
    let (compensation, late) = match language {
        Language::Fr => (
            "Aucune indemnité forfaitaire pour frais de recouvrement n’est due par un consommateur.",
            "En cas de retard : intérêts au taux légal à compter de la mise en demeure (C. civ. art. 1231-6).",
        ),
        Language::En => (
            "No fixed compensation for recovery costs is owed by a consumer.",
            "Late payment: interest at the French legal rate from formal notice (Code civil, art. 1231-6).",
        ),
    };
    vec![
        Note::about("BAR", "B2C"),
        Note::about("PMT", compensation),
        Note::about("PMD", late),
        Note::about("AAB", legal.early_payment_text(language)),
    ]
}

pub(crate) fn payment(method: PayMethod, legal: &Legal) -> Vec<PaymentMeans> {
    let transfer = || {
        let iban = legal.iban.as_ref()?.to_string();
        let bic = legal.bic.as_ref().map(ToString::to_string);
        Some(PaymentMeans::CreditTransfer { iban, bic, account_name: legal.legal_name.clone() })
    };
    match method {
        PayMethod::Cash => vec![PaymentMeans::Cash],
        PayMethod::Cheque => vec![PaymentMeans::Cheque],
        // A card and a mandate are told with digits that the house does not keep: the account stands for them.
        PayMethod::Transfer | PayMethod::Card | PayMethod::SepaDebit | PayMethod::Other => {
            transfer().into_iter().collect()
        }
    }
}

fn payment_terms(source: &Source<'_>) -> Option<String> {
    let days = source.row.payment_terms_days;
    source.due_on.map(|_| match (language(source.row), days) {
        (Language::Fr, 0) => "Paiement à réception.".to_owned(),
        (Language::En, 0) => "Payable on receipt.".to_owned(),
        (Language::Fr, _) => format!("Paiement à {days} jours à compter de la date d’émission."),
        (Language::En, _) => format!("Payable within {days} days of the date of issue."),
    })
}

/// A price is never below zero (BR-27): what takes off has a quantity below zero instead.
fn line(row: &LineRow) -> einvoice::Line {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let quantity = if row.unit_price.is_sign_negative() { -row.quantity } else { row.quantity };
    let taken_off = row.gross - row.net;
    let mut allowance = Adjustment::allowance(taken_off, "Remise");
    allowance.base = Some(row.gross);
    allowance.percent = Some(row.discount_pct.normalize());
    allowance.reason_code = Some("95".to_owned());
    einvoice::Line {
        id: row.position.to_string(),
        name: row.name.clone(),
        description: some(&row.description),
        note: None,
        quantity: quantity.normalize(),
        unit: row.unit_code.clone(),
        net_price: row.unit_price.abs().normalize(),
        price_base: None,
        gross_price: None,
        price_discount: None,
        adjustments: if taken_off.is_zero() { Vec::new() } else { vec![allowance] },
        net: row.net,
        category: row.vat_category,
        rate: row.vat_rate.normalize(),
        seller_item_id: some(&row.item_code),
        buyer_item_id: None,
        period: row.supply_from.map(|start| Period { start: Some(start), end: row.supply_to }),
    }
}

fn discount(row: &DocumentRow, group: &VatRow) -> DocumentAdjustment {
    let reason = match (row.discount_reason.as_str(), language(row)) {
        ("", Language::Fr) => "Remise",
        ("", Language::En) => "Discount",
        (reason, _) => reason,
    };
    let adjustment = Adjustment { reason_code: Some("95".to_owned()), ..Adjustment::allowance(group.discount, reason) };
    DocumentAdjustment { adjustment, category: group.category, rate: group.rate.normalize() }
}

fn breakdown(group: &VatRow) -> VatBreakdown {
    VatBreakdown {
        category: group.category,
        rate: group.rate.normalize(),
        base: group.base,
        tax: group.vat,
        reason: (!group.reason.is_empty()).then(|| group.reason.clone()),
        reason_code: group.reason_code.clone(),
    }
}

/// What stands at the foot of every page.
pub fn foot(house: &House, is_consumer: bool) -> Vec<String> {
    let legal = &house.legal;
    let mut foot = vec![[legal.legal_name.clone().unwrap_or_default(), legal_info(legal)].join(" – ")];
    let ids = [
        legal.siret.as_ref().map(|siret| format!("SIRET {siret}")),
        legal.vat_number.as_ref().map(|number| format!("TVA {number}")),
        legal.ape_code.as_ref().map(|code| format!("APE {code}")),
    ];
    foot.push(ids.into_iter().flatten().collect::<Vec<_>>().join(" – "));
    if let Some(insurance) = &legal.insurance {
        foot.push(format!(
            "Assurance décennale : {}, contrat {}, {}",
            insurance.insurer, insurance.policy, insurance.territory
        ));
    }
    if let Some(mediator) = legal.mediator.as_ref().filter(|_| is_consumer) {
        foot.push(format!(
            "Médiateur de la consommation : {}, {} {}",
            mediator.name, mediator.address, mediator.website
        ));
    }
    foot.extend(legal.footer_text.clone());
    foot.retain(|line| !line.trim_matches([' ', '–']).is_empty());
    foot
}
