//! Whether an entry balances in each currency, and what is lost to rounding (spec/trade.md 5.15).

use rust_decimal::Decimal;

/// The amounts of one line: the functional currency, and the second one. Never negative; one side each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Debit in the functional currency.
    pub debit: Decimal,
    /// Credit in the functional currency.
    pub credit: Decimal,
    /// Debit in the second currency.
    pub second_debit: Decimal,
    /// Credit in the second currency.
    pub second_credit: Decimal,
}

impl Amounts {
    /// The same on the other side: what a reversal posts.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        Self {
            debit: self.credit,
            credit: self.debit,
            second_debit: self.second_credit,
            second_credit: self.second_debit,
        }
    }

    /// Whether it says nothing at all.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// Debit less credit, in both currencies.
    pub fn net(self) -> (Decimal, Decimal) {
        (self.debit - self.credit, self.second_debit - self.second_credit)
    }

    /// `net` on the side where its sign puts it, in each currency.
    pub fn of_net(net: Decimal, second: Decimal) -> Self {
        let zero = Decimal::ZERO;
        Self {
            debit: net.max(zero),
            credit: (-net).max(zero),
            second_debit: second.max(zero),
            second_credit: (-second).max(zero),
        }
    }
}

/// What may be lost to rounding, in each currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// In the functional currency; 0.05 unless the book says otherwise.
    pub functional: Decimal,
    /// In the second currency.
    pub second: Decimal,
}

/// An entry whose sides differ by more than rounding explains: debit less credit, in each currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbalanced {
    /// In the functional currency.
    pub functional: Decimal,
    /// In the second currency.
    pub second: Decimal,
}

/// The lines that rounding needs so that both sides are equal in each currency: none, one, or one for each currency where the
/// differences lie on opposite sides.
///
/// Unbalanced beyond the tolerance in either currency.
pub fn rounding_lines(lines: &[Amounts], tolerance: Tolerance) -> Result<Vec<Amounts>, Unbalanced> {
    let nets = lines.iter().map(|line| line.net());
    let (functional, second) = nets.fold((Decimal::ZERO, Decimal::ZERO), |sum, net| (sum.0 + net.0, sum.1 + net.1));
    if functional.abs() > tolerance.functional || second.abs() > tolerance.second {
        return Err(Unbalanced { functional, second });
    }
    let are_opposite = functional * second < Decimal::ZERO;
    let parts = if are_opposite {
        vec![(-functional, Decimal::ZERO), (Decimal::ZERO, -second)]
    } else {
        vec![(-functional, -second)]
    };
    let lines = parts.into_iter().map(|(functional, second)| Amounts::of_net(functional, second));
    Ok(lines.filter(|line| !line.is_zero()).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::derive::Conversion;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn amounts(debit: &str, credit: &str, second_debit: &str, second_credit: &str) -> Amounts {
        Amounts {
            debit: decimal(debit),
            credit: decimal(credit),
            second_debit: decimal(second_debit),
            second_credit: decimal(second_credit),
        }
    }

    fn tolerance() -> Tolerance {
        Tolerance { functional: decimal("0.05"), second: decimal("5000") }
    }

    /// An entry that is out of balance by this much.
    fn off_by(functional: &str, second: &str) -> Vec<Amounts> {
        let (functional, second) = (decimal(functional), decimal(second));
        let base = amounts("100", "0", "8950000", "0");
        vec![base, Amounts::of_net(functional - decimal("100"), second - decimal("8950000"))]
    }

    #[test]
    fn the_table_of_trade_5_15() {
        let rows: [(&str, &str, Option<Vec<Amounts>>); 6] = [
            ("0", "0", Some(vec![])),
            ("0.03", "4200", Some(vec![amounts("0", "0.03", "0", "4200")])),
            ("0.06", "0", None),
            ("0", "5001", None),
            ("0.02", "-300", Some(vec![amounts("0", "0.02", "0", "0"), amounts("0", "0", "300", "0")])),
            ("-0.05", "-5000", Some(vec![amounts("0.05", "0", "5000", "0")])),
        ];
        for (functional, second, expected) in rows {
            let found = rounding_lines(&off_by(functional, second), tolerance());
            assert_eq!(found.clone().ok(), expected, "{functional} / {second}: {found:?}");
        }
    }

    #[test]
    fn the_settlements_of_trade_5_15_balance_without_rounding() {
        let entries = [
            vec![
                amounts("100", "0", "9000000", "0"),
                amounts("0", "100", "0", "8950000"),
                amounts("0", "0", "0", "50000"),
            ],
            vec![
                amounts("100", "0", "8900000", "0"),
                amounts("0", "0", "50000", "0"),
                amounts("0", "100", "0", "8950000"),
            ],
            vec![
                amounts("50", "0", "4475000", "0"),
                amounts("0", "0", "25000", "0"),
                amounts("0", "50", "0", "4500000"),
            ],
        ];
        for entry in entries {
            assert_eq!(rounding_lines(&entry, tolerance()), Ok(vec![]), "{entry:?}");
        }
    }

    #[test]
    fn the_sale_of_field_5_9_balances() {
        let entry = [
            amounts("343.89", "0", "0", "0"),
            amounts("0", "112.50", "0", "0"),
            amounts("0", "189.90", "0", "0"),
            amounts("0", "22.50", "0", "0"),
            amounts("0", "18.99", "0", "0"),
        ];
        assert_eq!(rounding_lines(&entry, tolerance()), Ok(vec![]));
        let mirror = entry.map(Amounts::mirrored);
        assert_eq!(rounding_lines(&mirror, tolerance()), Ok(vec![]));
    }

    #[test]
    fn t_32_an_invoice_of_200_lines_priced_in_pounds_balances_for_its_legs_copy_the_pairs() {
        let conversion = Conversion { rate: decimal("89500"), functional_decimals: 4, second_decimals: 2 };
        let lines: Vec<_> = (0..200)
            .map(|n| {
                let pounds = decimal("100000") + Decimal::from(n * 137);
                Amounts { credit: conversion.functional(pounds), second_credit: pounds, ..Amounts::default() }
            })
            .collect();
        let (net, second) = lines
            .iter()
            .map(|line| line.net())
            .fold((Decimal::ZERO, Decimal::ZERO), |sum, net| (sum.0 + net.0, sum.1 + net.1));
        let mut entry = lines;
        entry.push(Amounts::of_net(-net, -second));
        assert_eq!(rounding_lines(&entry, tolerance()), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn with_its_rounding_lines_every_entry_balances_in_each_currency(
            nets in prop::collection::vec((-1_000_000_i64..1_000_000, -1_000_000_000_i64..1_000_000_000), 1..30),
            off in (-6_i64..=6, -600_000_i64..=600_000),
        ) {
            let mut entry: Vec<_> = nets.iter().map(|(a, b)| Amounts::of_net(Decimal::new(*a, 2), Decimal::new(*b, 2))).collect();
            let sums = nets.iter().fold((0, 0), |sum, net| (sum.0 + net.0, sum.1 + net.1));
            entry.push(Amounts::of_net(Decimal::new(off.0 - sums.0, 2), Decimal::new(off.1 - sums.1, 2)));
            match rounding_lines(&entry, tolerance()) {
                Err(_) => prop_assert!(off.0.abs() > 5 || off.1.abs() > 500_000),
                Ok(lines) => {
                    prop_assert!(off.0.abs() <= 5 && off.1.abs() <= 500_000);
                    entry.extend(lines);
                    let total = entry.iter().fold((Decimal::ZERO, Decimal::ZERO), |sum, line| {
                        let net = line.net();
                        (sum.0 + net.0, sum.1 + net.1)
                    });
                    prop_assert_eq!(total, (Decimal::ZERO, Decimal::ZERO));
                    prop_assert!(entry.iter().all(|line| (line.debit.is_zero() || line.credit.is_zero())
                        && (line.second_debit.is_zero() || line.second_credit.is_zero())));
                }
            }
        }
    }
}
