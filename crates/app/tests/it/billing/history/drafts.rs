//! Random documents.

use billing::documents::draft::{DocumentText, Draft, DraftLine};
use billing::documents::model::{Direction, DocumentKind, LineKind, Origin, PayMethod};
use billing::documents::totals::Discount;
use billing::documents::vat::LineVat;
use kernel::{Currency, EntityId, Language, PartyId, VatCode};
use ledger::Role;
use rand::Rng as _;
use rand::rngs::StdRng;
use rust_decimal::Decimal;

/// A customer that is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Customer {
    pub(super) entity: EntityId,
    pub(super) party: PartyId,
    pub(super) currency: Currency,
}

fn vat(random: &mut StdRng) -> LineVat {
    let (category, rate, reason) = match random.random_range(0..10) {
        0..5 => (VatCode::S, "20", ""),
        5 | 6 => (VatCode::S, "10", "Travaux"),
        7 => (VatCode::S, "5.5", "Économies d’énergie"),
        8 => (VatCode::S, "2.1", "Presse"),
        _ => (VatCode::E, "0", "Exonération de TVA, article 261, 4, 4° du CGI."),
    };
    LineVat { category, rate: rate.parse().unwrap(), reason: reason.to_owned(), reason_code: None }
}

fn line(random: &mut StdRng) -> DraftLine {
    let quantity = match random.random_range(0..3) {
        0 => Decimal::ONE,
        1 => Decimal::from(random.random_range(1..40)),
        _ => Decimal::new(random.random_range(1..400_000), 4),
    };
    let price = match random.random_range(0..3) {
        0 => Decimal::new(random.random_range(1..200_000), 2),
        1 => Decimal::from(random.random_range(1..500)),
        _ => Decimal::new(random.random_range(1..900_000), 4),
    };
    let vat = vat(random);
    let discount_pct =
        if random.random_ratio(1, 4) { Decimal::new(random.random_range(0..10_000), 2) } else { Decimal::ZERO };
    let revenue = if random.random_ratio(1, 4) { Role::SalesGoods } else { Role::SalesServices };
    DraftLine { discount_pct, revenue, ..DraftLine::service("Prestation", quantity, price, vat) }
}

/// A document of a customer, over at least a few cents.
pub(super) fn draft(random: &mut StdRng, customer: Customer) -> Draft {
    let mut lines: Vec<_> = (0..random.random_range(1..7)).map(|_| line(random)).collect();
    let sure = LineVat { category: VatCode::S, rate: "20".parse().unwrap(), reason: String::new(), reason_code: None };
    lines.push(DraftLine::service(
        "Forfait",
        Decimal::ONE,
        Decimal::new(random.random_range(2_000..90_000), 2),
        sure.clone(),
    ));
    if random.random_ratio(1, 6) {
        let off = DraftLine::service("Geste", Decimal::ONE, Decimal::new(-random.random_range(1..900), 2), sure);
        lines.push(DraftLine { kind: LineKind::Discount, ..off });
    }
    let discount = match random.random_range(0..4) {
        0 => Discount::Percent(Decimal::new(random.random_range(0..6_000), 2)),
        1 => Discount::Amount(Decimal::new(random.random_range(0..1_000), 2)),
        _ => Discount::None,
    };
    Draft {
        entity: customer.entity,
        kind: DocumentKind::Invoice,
        direction: Direction::Sale,
        origin: Origin::Manual,
        party_id: customer.party,
        original_id: None,
        source_id: None,
        version: 1,
        currency: customer.currency,
        language: Language::Fr,
        text: DocumentText::default(),
        supply_from: None,
        supply_to: None,
        week: None,
        valid_until: None,
        payment_terms_days: random.random_range(0..46),
        payment_method: PayMethod::Transfer,
        discount,
        lines,
    }
}

/// VAT at the usual rate.
pub(super) fn usual() -> LineVat {
    LineVat { category: VatCode::S, rate: "20".parse().unwrap(), reason: String::new(), reason_code: None }
}

/// The line of a credit note over a part: this much with VAT, or a little less, and no more than `base` without.
pub(super) fn part(gross: Decimal, (vat, base): &(LineVat, Decimal)) -> DraftLine {
    let net = gross / (Decimal::ONE + vat.rate / Decimal::ONE_HUNDRED);
    let net = net.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::ToZero).min(*base);
    DraftLine::service("Retour", Decimal::ONE, net, vat.clone())
}
