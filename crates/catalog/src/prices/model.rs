//! What a price of an item is.

use kernel::{Currency, Date};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// What one unit of an item costs before VAT, from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemPrice {
    /// The price, before VAT, of at most four decimals.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// The first day it holds; it ends with the day before the next one's.
    pub valid_from: Date,
}

impl ItemPrice {
    /// What is wrong with it, as field and sentence. Unit prices may be finer than the currency's smallest unit: lines are
    /// rounded, prices are not (spec/field.md 5.6).
    pub(crate) fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let fits = self.amount >= Decimal::ZERO && kernel::is_exact(self.amount, 4);
        (!fits).then_some(("sale_price", "must be an amount of at most four decimals, not negative"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_not_negative_and_has_four_decimals_at_most() {
        let rows = [
            ("0", true),
            ("45.00", true),
            ("0.1234", true),
            ("0.12345", false),
            ("-0.01", false),
            ("100000000000000", false),
            ("99999999999999", true),
        ];
        for (amount, fine) in rows {
            let valid_from = "2026-01-01".parse().unwrap();
            let price = ItemPrice { amount: amount.parse().unwrap(), currency: Currency::EUR, valid_from };
            assert_eq!(price.refusal().is_none(), fine, "{amount}");
        }
    }
}
