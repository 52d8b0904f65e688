//! VAT of a group of lines with one code, in both currencies (spec/trade.md 5.5, spec/field.md 5.6).

use kernel::{Rounding, round};
use rust_decimal::Decimal;

use super::derive::Conversion;

/// An amount in the functional and in the second currency: one value, said twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// In the functional currency.
    pub functional: Decimal,
    /// In the second currency.
    pub second: Decimal,
}

/// The VAT of a base in one currency: `rate` in percent, a half away from zero. Of the group's sum, never line by line.
pub fn vat(base: Decimal, rate: Decimal, decimals: u32) -> Decimal {
    round(base * rate / Decimal::ONE_HUNDRED, decimals, Rounding::HalfUp)
}

/// The VAT of a base in both currencies: the statutory (second) side is computed and the functional derived from it; where only
/// the functional base is known, the other way round.
pub fn vat_pair(base: Pair, rate: Decimal, conversion: Conversion) -> Pair {
    if base.second.is_zero() && !base.functional.is_zero() {
        let functional = vat(base.functional, rate, conversion.functional_decimals);
        return Pair { functional, second: conversion.second(functional) };
    }
    let second = vat(base.second, rate, conversion.second_decimals);
    Pair { functional: conversion.functional(second), second }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_table_of_trade_5_5() {
        let at = Conversion { rate: decimal("89500"), functional_decimals: 4, second_decimals: 2 };
        let rows = [
            ("100.00", "8950000", "11", "11.0000", "984500.00", "111.0000"),
            ("3.33", "298035", "11", "0.3663", "32783.85", "3.6963"),
            ("49.95", "4470525", "11", "5.4945", "491757.75", "55.4445"),
            // 12.345 × 11 % = 1.35795, half up 1.3580 (the table), and so the pounds 121 541.00.
            ("12.345", "0", "11", "1.3580", "121541.00", "13.7030"),
            ("50", "4475000", "11", "5.5000", "492250.00", "55.5000"),
            ("30", "2685000", "0", "0", "0", "30"),
            ("-100.00", "-8950000", "11", "-11.0000", "-984500.00", "-111.0000"),
        ];
        for (base, second, rate, vat, second_vat, total) in rows {
            let base = Pair { functional: decimal(base), second: decimal(second) };
            let found = vat_pair(base, decimal(rate), at);
            assert_eq!(found, Pair { functional: decimal(vat), second: decimal(second_vat) }, "{base:?}");
            assert_eq!(base.functional + found.functional, decimal(total));
        }
    }

    #[test]
    fn the_sums_of_field_5_6() {
        let rows = [
            ("99.99", "20", "20.00"),
            ("2.31", "20", "0.46"),
            ("112.50", "20", "22.50"),
            ("189.90", "10", "18.99"),
            ("16.67", "5.5", "0.92"),
            ("900.00", "20", "180.00"),
            ("450.00", "10", "45.00"),
        ];
        for (base, rate, expected) in rows {
            assert_eq!(vat(decimal(base), decimal(rate), 2), decimal(expected), "{base} at {rate}");
        }
    }

    #[test]
    fn the_return_of_march_is_what_was_collected_less_what_was_paid() {
        let (output, input) = (decimal("9845000"), decimal("4922500"));
        assert_eq!(output - input, decimal("4922500"));
    }
}
