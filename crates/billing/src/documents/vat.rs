//! The VAT of a line: category, rate and the reason that anything but the standard rate needs (spec/field.md 5.6).

use kernel::VatCode;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What VAT is grouped by: one line of the breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatKey {
    /// The category.
    pub category: VatCode,
    /// The rate in percent, without trailing zeros.
    pub rate: Decimal,
}

/// The VAT of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineVat {
    /// The category, by its code of EN 16931.
    pub category: VatCode,
    /// The rate in percent; zero for every category but `S`.
    #[schema(value_type = String, examples("20"))]
    pub rate: Decimal,
    /// Why it is not the standard rate, in a sentence that is printed.
    #[serde(default)]
    pub reason: String,
    /// The code of that reason (VATEX), where there is one.
    #[serde(default)]
    pub reason_code: Option<String>,
}

impl LineVat {
    /// What it is grouped by.
    pub fn key(&self) -> VatKey {
        VatKey { category: self.category, rate: self.rate.normalize() }
    }

    /// What is wrong with it, as field and sentence, where `standard` is the country's standard rate.
    pub fn refusal(&self, standard: Decimal) -> Option<(&'static str, &'static str)> {
        let is_standard = self.category == VatCode::S;
        if self.rate < Decimal::ZERO || self.rate >= Decimal::ONE_HUNDRED || self.rate.normalize().scale() > 2 {
            return Some(("rate", "must lie between 0 and 100, with two decimals at most"));
        }
        if is_standard == self.rate.is_zero() {
            return Some(("rate", "must be above zero in category S and zero in every other"));
        }
        if self.rate != standard && self.category != VatCode::Z && self.reason.trim().is_empty() {
            return Some(("reason", "is needed for any but the standard rate"));
        }
        if self.reason.chars().count() > 500 {
            return Some(("reason", "must be 500 characters at most"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_the_standard_rate_needs_its_reason() {
        let vat = |category: VatCode, rate: &str, reason: &str| LineVat {
            category,
            rate: rate.parse().unwrap(),
            reason: reason.into(),
            reason_code: None,
        };
        let standard = Decimal::from(20);
        let refused = |vat: LineVat| vat.refusal(standard).map(|refusal| refusal.0);
        assert_eq!(refused(vat(VatCode::S, "20.00", "")), None);
        assert_eq!(refused(vat(VatCode::S, "10", "")), Some("reason"));
        assert_eq!(refused(vat(VatCode::S, "10", "Renovation of a dwelling")), None);
        assert_eq!(refused(vat(VatCode::S, "0", "x")), Some("rate"));
        assert_eq!(refused(vat(VatCode::AE, "0", " ")), Some("reason"));
        assert_eq!(refused(vat(VatCode::AE, "20", "x")), Some("rate"));
        assert_eq!(refused(vat(VatCode::S, "-1", "x")), Some("rate"));
        assert_eq!(refused(vat(VatCode::S, "20.001", "x")), Some("rate"));
    }
}
