//! Which VAT an invoice line bears, and what the law wants said of it (spec/field.md 5.6; CGI art. 256 to 298; directive
//! 2006/112/CE; EN 16931, BG-23 and BG-30).

pub use kernel::VatCode;
use kernel::{Country, Supply, VatCategory};
use platform::tenancy::legal::{Legal, VatRegime};
use rust_decimal::Decimal;

use super::vat_reasons::{KnownReason, find_reason};
use crate::Party;

/// Who sells what to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatCase {
    /// Where the seller is.
    pub seller_country: Country,
    /// When the seller owes VAT, if ever.
    pub regime: VatRegime,
    /// Where the buyer is.
    pub buyer_country: Country,
    /// Whether the buyer has a VAT number.
    pub has_vat_number: bool,
    /// Whether the buyer is a consumer.
    pub is_consumer: bool,
    /// What is sold.
    pub supply: Supply,
    /// The rate asked for, in percent.
    pub rate: Decimal,
    /// What somebody stated; none = what follows from the rest.
    pub stated: Option<VatCategory>,
    /// A key or code of [`known_reasons`](super::vat_reasons::known_reasons), or a sentence; may be empty.
    pub reason: String,
}

/// What a line says of its VAT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatLine {
    /// What is sold.
    pub supply: Supply,
    /// The rate of the item or of the line, in percent.
    pub rate: Decimal,
    /// Its category where it is no usual one.
    pub category: Option<VatCategory>,
    /// Why its rate is no usual one; may be empty.
    pub reason: String,
}

impl VatCase {
    /// The case of a line sold by an entity to a party. What the line states comes before what the party states; a party
    /// whose own rate is zero pays no VAT on any line (L-59).
    pub fn between(seller: &Legal, buyer: &Party, line: VatLine) -> Self {
        let own = &buyer.fields.identity;
        let is_unusual = |category: &VatCategory| *category != VatCategory::Standard;
        let is_free = buyer.fields.vat_rate.is_zero();
        let of_party = own.vat_category.filter(is_unusual);
        let of_line = line.category.filter(is_unusual);
        let reason = if of_line.is_none() && is_free { own.vat_reason.clone() } else { line.reason };
        Self {
            seller_country: seller.address.country.clone(),
            regime: seller.vat_regime,
            buyer_country: own.country.clone(),
            has_vat_number: own.vat_number.is_some(),
            is_consumer: buyer.fields.is_consumer,
            supply: line.supply,
            rate: if is_free || of_line.is_some() { Decimal::ZERO } else { line.rate },
            stated: of_line.or(of_party),
            reason,
        }
    }
}

/// How a line is taxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatTreatment {
    /// The category of EN 16931.
    pub code: VatCode,
    /// The rate, in percent: zero but for S.
    pub rate: Decimal,
    /// The code of the reason (VATEX), where there is one.
    pub vatex: Option<String>,
    /// What a French invoice says of it; empty at the usual rate.
    pub reason_fr: String,
    /// The same in English.
    pub reason_en: String,
}

/// Why a line cannot be taxed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VatRefusal {
    /// The rate is below zero or above a hundred.
    #[error("must be between 0 and 100")]
    Rate,
    /// The category stated has no rate.
    #[error("must be 0 with this VAT category")]
    RateNotZero,
    /// VAT is charged, at nothing.
    #[error("must be above 0 with the category standard")]
    RateNeeded,
    /// Nothing says why nothing is charged at home.
    #[error("must say why no VAT is charged: reverse_charge, or exempt with a reason")]
    CategoryNeeded,
    /// The rate is no usual one, and nothing says why.
    #[error("must say why the rate is not the usual one")]
    ReasonNeeded,
    /// Nothing is charged within the Union to who has no VAT number.
    #[error("is needed where the customer owes the VAT or goods go to another member state")]
    VatNumberNeeded,
    /// Consumers owe no VAT themselves.
    #[error("cannot be this one for a consumer")]
    NotForConsumers,
    /// The buyer is at home, or outside of the Union.
    #[error("needs a customer in another member state of the European Union")]
    NotIntraCommunity,
    /// The buyer is within the Union.
    #[error("needs a customer outside of the European Union")]
    NotExport,
}

impl VatRefusal {
    /// The field it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Rate | Self::RateNotZero | Self::RateNeeded => "vat_rate",
            Self::CategoryNeeded | Self::NotForConsumers | Self::NotIntraCommunity | Self::NotExport => "vat_category",
            Self::ReasonNeeded => "vat_reason",
            Self::VatNumberNeeded => "vat_number",
        }
    }
}

/// How a line is taxed.
///
/// Refused when the rate, the category and the customer do not go together.
pub fn treatment(case: &VatCase) -> Result<VatTreatment, VatRefusal> {
    if case.rate < Decimal::ZERO || case.rate > Decimal::ONE_HUNDRED {
        return Err(VatRefusal::Rate);
    }
    let stated = case.stated.filter(|category| *category != VatCategory::Standard);
    if stated.is_none() && case.regime == VatRegime::Franchise {
        return Ok(free(VatCode::E, "franchise"));
    }
    match stated {
        Some(_) if !case.rate.is_zero() => Err(VatRefusal::RateNotZero),
        Some(category) => as_stated(case, category),
        None if !case.rate.is_zero() => charged(case),
        None if case.stated.is_some() => Err(VatRefusal::RateNeeded),
        None => as_follows(case),
    }
}

/// VAT is charged: in France any rate but the usual one needs its reason.
fn charged(case: &VatCase) -> Result<VatTreatment, VatRefusal> {
    let is_usual = !case.seller_country.for_vat().is_france() || case.rate == Decimal::from(20);
    if is_usual {
        let nothing = String::new;
        return Ok(VatTreatment {
            code: VatCode::S,
            rate: case.rate,
            vatex: None,
            reason_fr: nothing(),
            reason_en: nothing(),
        });
    }
    let (_, reason_fr, reason_en) = told(case).ok_or(VatRefusal::ReasonNeeded)?;
    Ok(VatTreatment { code: VatCode::S, rate: case.rate, vatex: None, reason_fr, reason_en })
}

fn as_stated(case: &VatCase, category: VatCategory) -> Result<VatTreatment, VatRefusal> {
    let (seller, buyer) = (case.seller_country.for_vat(), case.buyer_country.for_vat());
    match category {
        VatCategory::ReverseCharge if case.is_consumer => Err(VatRefusal::NotForConsumers),
        VatCategory::ReverseCharge if seller == buyer => Ok(with_reason(case, VatCode::AE, "subcontracting")),
        VatCategory::ReverseCharge if !case.has_vat_number && buyer.is_in_european_union() => {
            Err(VatRefusal::VatNumberNeeded)
        }
        VatCategory::ReverseCharge => Ok(with_reason(case, VatCode::AE, "services_abroad")),
        VatCategory::IntraCommunity if seller == buyer || !buyer.is_in_european_union() => {
            Err(VatRefusal::NotIntraCommunity)
        }
        VatCategory::IntraCommunity if !case.has_vat_number => Err(VatRefusal::VatNumberNeeded),
        VatCategory::IntraCommunity => Ok(with_reason(case, VatCode::K, "intra_community")),
        VatCategory::Export if seller == buyer || buyer.is_in_european_union() => Err(VatRefusal::NotExport),
        VatCategory::Export => Ok(with_reason(case, VatCode::G, "export")),
        VatCategory::OutOfScope => Ok(with_reason(case, VatCode::O, "outside_union")),
        VatCategory::Exempt | VatCategory::Standard => {
            let (vatex, reason_fr, reason_en) = told(case).ok_or(VatRefusal::ReasonNeeded)?;
            Ok(VatTreatment { code: VatCode::E, rate: Decimal::ZERO, vatex, reason_fr, reason_en })
        }
    }
}

/// Nothing is charged, and nobody stated why: it follows from where the two are, or is refused.
fn as_follows(case: &VatCase) -> Result<VatTreatment, VatRefusal> {
    let (seller, buyer) = (case.seller_country.for_vat(), case.buyer_country.for_vat());
    if !seller.is_in_european_union() {
        // Outside of the Union, zero is a rate like any other.
        let nothing = String::new;
        let (rate, code) = (Decimal::ZERO, VatCode::Z);
        return Ok(VatTreatment { code, rate, vatex: None, reason_fr: nothing(), reason_en: nothing() });
    }
    if seller == buyer {
        return Err(VatRefusal::CategoryNeeded);
    }
    match (buyer.is_in_european_union(), case.supply) {
        (true, _) if case.is_consumer || !case.has_vat_number => Err(VatRefusal::VatNumberNeeded),
        (true, Supply::Goods) => Ok(free(VatCode::K, "intra_community")),
        (true, Supply::Service) => Ok(free(VatCode::AE, "services_abroad")),
        (false, Supply::Goods) => Ok(free(VatCode::G, "export")),
        // What a consumer abroad is served is taxed at home by default (CGI art. 259, 2°).
        (false, Supply::Service) if case.is_consumer => Err(VatRefusal::CategoryNeeded),
        (false, Supply::Service) => Ok(free(VatCode::O, "outside_union")),
    }
}

fn free(code: VatCode, key: &str) -> VatTreatment {
    let known = find_reason(key);
    let sentence = |of: fn(&KnownReason) -> &'static str| known.map_or("", of).to_owned();
    let vatex = known.and_then(|reason| reason.vatex).map(str::to_owned);
    VatTreatment { code, rate: Decimal::ZERO, vatex, reason_fr: sentence(|r| r.fr), reason_en: sentence(|r| r.en) }
}

/// The law's code with the words that were given, or with the law's.
fn with_reason(case: &VatCase, code: VatCode, key: &str) -> VatTreatment {
    let usual = free(code, key);
    match told(case) {
        Some((_, reason_fr, reason_en)) => VatTreatment { reason_fr, reason_en, ..usual },
        None => usual,
    }
}

/// The reason that was given: code and sentences.
fn told(case: &VatCase) -> Option<(Option<String>, String, String)> {
    let text = case.reason.trim();
    if text.is_empty() {
        return None;
    }
    if let Some(known) = find_reason(text) {
        return Some((known.vatex.map(str::to_owned), known.fr.to_owned(), known.en.to_owned()));
    }
    let upper = text.to_uppercase();
    let is_code = upper.starts_with("VATEX-") && !upper.contains(char::is_whitespace);
    let vatex = is_code.then_some(upper);
    Some((vatex, text.to_owned(), text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments of [`case`], then the code and a part of the sentence, or the refusal.
    type Expected = (
        &'static str,
        &'static str,
        Supply,
        &'static str,
        Option<VatCategory>,
        &'static str,
        Result<(&'static str, &'static str), VatRefusal>,
    );

    /// Seller, buyer (with `+` for a VAT number, `c` for a consumer), what, rate, stated, reason.
    fn case(
        seller: &str,
        buyer: &str,
        supply: Supply,
        rate: &str,
        stated: Option<VatCategory>,
        reason: &str,
    ) -> VatCase {
        VatCase {
            seller_country: seller.parse().unwrap(),
            regime: VatRegime::OnInvoicing,
            buyer_country: buyer.get(..2).unwrap().parse().unwrap(),
            has_vat_number: buyer.contains('+'),
            is_consumer: buyer.contains('c'),
            supply,
            rate: rate.parse().unwrap(),
            stated,
            reason: reason.into(),
        }
    }

    #[test]
    fn what_a_line_bears_follows_from_who_sells_what_to_whom() {
        use Supply::{Goods, Service};
        use VatCategory as C;
        let rows: &[Expected] = &[
            ("FR", "FR+", Service, "20", None, "", Ok(("S", ""))),
            ("FR", "FRc", Goods, "20", Some(C::Standard), "", Ok(("S", ""))),
            ("FR", "FRc", Service, "10", None, "renovation", Ok(("S", "279-0 bis"))),
            ("FR", "FRc", Service, "5.5", None, "energy_saving", Ok(("S", "278-0 bis A"))),
            ("FR", "FRc", Service, "10", None, "", Err(VatRefusal::ReasonNeeded)),
            ("FR", "FR+", Service, "0", None, "", Err(VatRefusal::CategoryNeeded)),
            ("FR", "FR+", Service, "0", Some(C::Standard), "", Err(VatRefusal::RateNeeded)),
            ("FR", "FR+", Service, "0", Some(C::ReverseCharge), "", Ok(("AE", "283, 2 nonies"))),
            ("FR", "FRc", Service, "0", Some(C::ReverseCharge), "", Err(VatRefusal::NotForConsumers)),
            ("FR", "FR+", Service, "20", Some(C::ReverseCharge), "", Err(VatRefusal::RateNotZero)),
            ("FR", "FR", Service, "0", Some(C::Exempt), "", Err(VatRefusal::ReasonNeeded)),
            ("FR", "FR", Service, "0", Some(C::Exempt), "training", Ok(("E", "261, 4, 4°"))),
            ("FR", "FR", Service, "0", Some(C::Exempt), "Parce que.", Ok(("E", "Parce que."))),
            ("FR", "DE+", Service, "0", None, "", Ok(("AE", "article 196"))),
            ("FR", "DE+", Goods, "0", None, "", Ok(("K", "262 ter, I"))),
            ("FR", "DE+", Goods, "0", Some(C::IntraCommunity), "", Ok(("K", "262 ter, I"))),
            ("FR", "DE", Goods, "0", Some(C::IntraCommunity), "", Err(VatRefusal::VatNumberNeeded)),
            ("FR", "DE", Service, "0", None, "", Err(VatRefusal::VatNumberNeeded)),
            ("FR", "DEc", Service, "0", None, "", Err(VatRefusal::VatNumberNeeded)),
            ("FR", "DEc", Service, "20", None, "", Ok(("S", ""))),
            ("FR", "US", Service, "0", None, "", Ok(("O", "259, 1°"))),
            ("FR", "USc", Service, "0", None, "", Err(VatRefusal::CategoryNeeded)),
            ("FR", "US", Goods, "0", None, "", Ok(("G", "262, I"))),
            ("FR", "US", Goods, "0", Some(C::Export), "", Ok(("G", "262, I"))),
            ("FR", "DE+", Goods, "0", Some(C::Export), "", Err(VatRefusal::NotExport)),
            ("FR", "US", Goods, "0", Some(C::IntraCommunity), "", Err(VatRefusal::NotIntraCommunity)),
            ("FR", "FR+", Goods, "0", Some(C::IntraCommunity), "", Err(VatRefusal::NotIntraCommunity)),
            ("FR", "MC+", Service, "0", None, "", Err(VatRefusal::CategoryNeeded)),
            ("FR", "FR", Service, "0", Some(C::OutOfScope), "", Ok(("O", "259, 1°"))),
            ("LB", "LB", Goods, "11", None, "", Ok(("S", ""))),
            ("LB", "FR", Goods, "0", None, "", Ok(("Z", ""))),
            ("FR", "FR", Service, "-1", None, "", Err(VatRefusal::Rate)),
            ("FR", "FR", Service, "101", None, "", Err(VatRefusal::Rate)),
        ];
        for (seller, buyer, supply, rate, stated, reason, expected) in rows {
            let found = treatment(&case(seller, buyer, *supply, rate, *stated, reason));
            let place = format!("{seller} to {buyer}, {supply:?} at {rate} {stated:?} {reason:?}: {found:?}");
            match (found, expected) {
                (Ok(found), Ok((code, sentence))) => {
                    assert_eq!(found.code.code(), *code, "{place}");
                    assert!(found.reason_fr.contains(sentence), "{place}");
                    assert_eq!(found.reason_fr.is_empty(), found.reason_en.is_empty(), "{place}");
                    let is_charged = matches!(found.code, VatCode::S);
                    assert_eq!(found.rate > Decimal::ZERO, is_charged, "{place}");
                    let is_explained = found.vatex.is_some() || *reason == "Parce que.";
                    assert_eq!(is_explained, !is_charged && found.code != VatCode::Z, "{place}");
                }
                (Err(found), Err(expected)) => assert_eq!(found, *expected, "{place}"),
                _ => panic!("{place}"),
            }
        }
    }

    #[test]
    fn who_has_no_vat_charges_none_whatever_is_asked() {
        let small = VatCase { regime: VatRegime::Franchise, ..case("FR", "FR+", Supply::Service, "20", None, "") };
        let found = treatment(&small).unwrap();
        assert_eq!((found.code, found.rate), (VatCode::E, Decimal::ZERO));
        assert_eq!(found.vatex.as_deref(), Some("VATEX-FR-FRANCHISE"));
        assert!(found.reason_fr.contains("293 B"));
    }

    #[test]
    fn a_code_of_another_exemption_is_kept_as_a_code() {
        let stated = Some(VatCategory::Exempt);
        let found = treatment(&case("FR", "FR", Supply::Service, "0", stated, "vatex-fr-cgi261-5")).unwrap();
        assert_eq!(found.vatex.as_deref(), Some("VATEX-FR-CGI261-5"));
    }
}
