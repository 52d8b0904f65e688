//! What is said of prices, and what is asked.

use kernel::{Date, PricingId, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::pricing::{BillingMode, DiscountVersion, PriceVersion, discount_refusal, price_refusal};

/// A new price of a product for a buyer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProductPrice {
    /// The product.
    pub product: String,
    /// Euros a unit, before the discount; at most four decimals.
    pub unit_price_eur: Decimal,
    /// Percent, 0 to 100; replaces the general discount even when it is 0.
    #[serde(default)]
    pub discount_pct: Decimal,
    /// How it is paid.
    #[serde(default)]
    pub billing_mode: BillingMode,
    /// False: nothing is charged from that day on, and the unit counts as without a price.
    #[serde(default = "yes")]
    pub active: bool,
    /// The first day on which it holds, in the entity's zone; today when it is missing.
    pub valid_from: Option<Date>,
}

const fn yes() -> bool {
    true
}

impl SetProductPrice {
    /// What is wrong with it, as field and sentence.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let price = price_refusal(self.unit_price_eur).map(|why| ("unit_price_eur", why));
        price.or_else(|| discount_refusal(self.discount_pct).map(|why| ("discount_pct", why)))
    }
}

/// A new general discount of a buyer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetGeneralDiscount {
    /// Percent, 0 to 100, on every product without a price row of its own.
    pub discount_pct_global: Decimal,
    /// The first day on which it holds, in the entity's zone; today when it is missing.
    pub valid_from: Option<Date>,
}

/// A price from a day on, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoredPrice {
    /// The version.
    pub id: PricingId,
    /// The product.
    pub product: String,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Euros a unit, before the discount.
    pub unit_price_eur: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// How it is paid.
    pub billing_mode: BillingMode,
    /// False ends what held before.
    pub active: bool,
    /// When it was said.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

impl StoredPrice {
    /// The version as the rules know it.
    pub fn version(&self) -> PriceVersion {
        PriceVersion {
            valid_from: self.valid_from,
            unit_price: self.unit_price_eur,
            discount_pct: self.discount_pct,
            mode: self.billing_mode,
            active: self.active,
        }
    }
}

/// A general discount from a day on, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoredDiscount {
    /// The version.
    pub id: PricingId,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Percent.
    pub discount_pct: Decimal,
    /// When it was said.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

impl StoredDiscount {
    /// The version as the rules know it.
    pub fn version(&self) -> DiscountVersion {
        DiscountVersion { valid_from: self.valid_from, discount_pct: self.discount_pct }
    }
}
