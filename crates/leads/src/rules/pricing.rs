//! What a unit costs on a day (leads §5.10): a buyer's price and discount, versioned by the day from which they hold.

use kernel::{Date, is_exact};
use rust_decimal::Decimal;

/// Digits behind the point that a unit price may have.
pub const PRICE_DECIMALS: u32 = 4;

platform::words! {
    /// How a buyer pays for a product.
    #[derive(Default)]
    BillingMode {
        /// After the week.
        #[default]
        WeeklyInvoice = "WEEKLY_INVOICE",
        /// In advance; routing stops when nothing is left.
        Prepaid = "PREPAID",
    }
}

platform::words! {
    /// Where a price comes from.
    PricingSource {
        /// The buyer's row for the product.
        ClientProductPricing = "client_product_pricing",
        /// No such row; the buyer has a general discount.
        ClientPricingGlobal = "client_pricing_global",
        /// Neither.
        None = "none",
    }
}

impl PricingSource {
    /// Whether nobody said what the product costs.
    pub const fn is_missing(self) -> bool {
        !matches!(self, Self::ClientProductPricing)
    }
}

/// What a buyer pays for a product from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceVersion {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Euros a unit, before the discount.
    pub unit_price: Decimal,
    /// Percent, 0 to 100.
    pub discount_pct: Decimal,
    /// How it is paid.
    pub mode: BillingMode,
    /// False ends what held before.
    pub active: bool,
}

/// A buyer's general discount from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscountVersion {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Percent, 0 to 100.
    pub discount_pct: Decimal,
}

/// The price of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPrice {
    /// Euros a unit, before the discount.
    pub unit_price: Decimal,
    /// Percent, 0 to 100.
    pub discount_pct: Decimal,
    /// How a unit routed on that day is paid.
    pub mode: BillingMode,
    /// Where the price comes from.
    pub source: PricingSource,
}

/// The price of a unit on `day`, whatever the order of the versions. The product's own discount replaces the general one
/// even when it is 0; without an active version the price is 0.
pub fn price_on(day: Date, versions: &[PriceVersion], discounts: &[DiscountVersion]) -> UnitPrice {
    let held = |from: Date| from <= day;
    let version = versions.iter().filter(|version| held(version.valid_from)).max_by_key(|version| version.valid_from);
    let discount = discounts.iter().filter(|discount| held(discount.valid_from)).max_by_key(|row| row.valid_from);
    if let Some(version) = version.filter(|version| version.active) {
        return UnitPrice {
            unit_price: version.unit_price,
            discount_pct: version.discount_pct,
            mode: version.mode,
            source: PricingSource::ClientProductPricing,
        };
    }
    UnitPrice {
        unit_price: Decimal::ZERO,
        discount_pct: discount.map_or(Decimal::ZERO, |discount| discount.discount_pct),
        mode: BillingMode::WeeklyInvoice,
        source: if discount.is_some() { PricingSource::ClientPricingGlobal } else { PricingSource::None },
    }
}

/// What is wrong with a unit price, if anything.
pub fn price_refusal(price: Decimal) -> Option<&'static str> {
    if price.is_sign_negative() && !price.is_zero() {
        return Some("must not be negative");
    }
    (!is_exact(price, PRICE_DECIMALS)).then_some("must be an amount of at most four decimals")
}

/// What is wrong with a discount, if anything.
pub fn discount_refusal(percent: Decimal) -> Option<&'static str> {
    let fits = percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED && is_exact(percent, 2);
    (!fits).then_some("must be a percentage from 0 to 100 with at most two decimals")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn version(from: &str, price: &str, discount: &str, active: bool) -> PriceVersion {
        let mode = BillingMode::WeeklyInvoice;
        PriceVersion { valid_from: day(from), unit_price: dec(price), discount_pct: dec(discount), mode, active }
    }

    #[test]
    fn the_latest_version_of_the_day_holds() {
        let versions = [
            version("2026-02-12", "27", "0", true),
            version("2026-01-01", "25", "10", true),
            version("2026-03-01", "0", "0", false),
        ];
        let general = [DiscountVersion { valid_from: day("2026-01-15"), discount_pct: dec("5") }];
        let rows = [
            ("2025-12-31", "0", "0", PricingSource::None),
            ("2026-01-01", "25", "10", PricingSource::ClientProductPricing),
            ("2026-02-11", "25", "10", PricingSource::ClientProductPricing),
            ("2026-02-12", "27", "0", PricingSource::ClientProductPricing),
            ("2026-02-28", "27", "0", PricingSource::ClientProductPricing),
            ("2026-03-01", "0", "5", PricingSource::ClientPricingGlobal),
        ];
        for (on, price, discount, source) in rows {
            let got = price_on(day(on), &versions, &general);
            assert_eq!((got.unit_price, got.discount_pct, got.source), (dec(price), dec(discount), source), "{on}");
            assert_eq!(got.source.is_missing(), source != PricingSource::ClientProductPricing);
        }
    }

    #[test]
    fn a_unit_is_paid_as_its_version_says_and_after_the_week_without_one() {
        let prepaid = PriceVersion { mode: BillingMode::Prepaid, ..version("2026-01-01", "20", "0", true) };
        let off = PriceVersion { active: false, ..prepaid.clone() };
        assert_eq!(price_on(day("2026-02-01"), &[prepaid], &[]).mode, BillingMode::Prepaid);
        assert_eq!(price_on(day("2026-02-01"), &[off], &[]).mode, BillingMode::WeeklyInvoice);
    }

    #[test]
    fn prices_and_discounts_keep_their_bounds() {
        for good in ["0", "25", "25.1234", "99999999999999"] {
            assert_eq!(price_refusal(dec(good)), None, "{good}");
        }
        for bad in ["-0.01", "25.12345", "100000000000000"] {
            assert!(price_refusal(dec(bad)).is_some(), "{bad}");
        }
        for good in ["0", "33.33", "100"] {
            assert_eq!(discount_refusal(dec(good)), None, "{good}");
        }
        for bad in ["-1", "100.01", "33.333"] {
            assert!(discount_refusal(dec(bad)).is_some(), "{bad}");
        }
    }
}
