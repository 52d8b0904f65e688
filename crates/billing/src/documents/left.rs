//! What is left of an invoice to be taken back. Pure.

use std::collections::BTreeMap;

use platform::{Error, Result};
use rust_decimal::Decimal;

use super::totals::Totals;
use super::vat::VatKey;

/// Amounts of a document that may be taken back, or that a credit note asks to take back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// With VAT.
    pub gross: Decimal,
    /// What VAT is due on, by category and rate.
    pub bases: BTreeMap<VatKey, Decimal>,
}

impl Left {
    /// What a credit note of these totals asks for.
    pub fn asked(totals: &Totals) -> Self {
        Self { gross: totals.gross, bases: totals.vat.iter().map(|group| (group.key, group.base)).collect() }
    }

    /// Proves that no more is asked than is left, in all and under each rate: VAT that was not charged is not taken back
    /// (spec/field.md 4.8, F-13). `number` names the original.
    pub fn expect_room(&self, asked: &Self, number: &str) -> Result<()> {
        if asked.gross > self.gross {
            let why = format!("Only {} of {number} is left to take back.", self.gross.normalize());
            return Err(
                Error::refused("credit_exceeds_original", why).with_field("lines", "amount to more than is left")
            );
        }
        for (key, base) in &asked.bases {
            let left = self.bases.get(key).copied().unwrap_or_default();
            if *base > left {
                let rate = key.rate.normalize();
                let why = format!("Only {} net at {rate} % VAT of {number} is left to take back.", left.normalize());
                return Err(Error::refused("credit_exceeds_rate", why)
                    .with_field("lines", format!("amount to more at {rate} % VAT than is left")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::VatCode;

    use super::*;

    fn left(gross: &str, bases: &[(&str, &str)]) -> Left {
        let key = |rate: &str| VatKey { category: VatCode::S, rate: rate.parse().unwrap() };
        let bases = bases.iter().map(|(rate, base)| (key(rate), base.parse().unwrap())).collect();
        Left { gross: gross.parse().unwrap(), bases }
    }

    #[test]
    fn f_13_no_more_is_taken_back_than_is_left_in_all_and_under_each_rate() {
        let original = left("1575", &[("20", "900"), ("10", "450")]);
        for (asked, refused) in [
            (left("1575", &[("20", "900"), ("10", "450")]), None),
            (left("1575.01", &[("20", "900")]), Some("credit_exceeds_original")),
            (left("1200", &[("20", "1000")]), Some("credit_exceeds_rate")),
            (left("105.5", &[("5.5", "100")]), Some("credit_exceeds_rate")),
            (left("495", &[("10", "450")]), None),
        ] {
            let done = original.expect_room(&asked, "FAC-2026-0001");
            assert_eq!(done.err().map(|error| error.code().to_owned()).as_deref(), refused, "{asked:?}");
        }
    }
}
