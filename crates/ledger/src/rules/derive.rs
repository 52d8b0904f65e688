//! Deriving one side of a pair of amounts from the other at a locked rate (spec/trade.md 5.2).

use kernel::{Rounding, round};
use rust_decimal::Decimal;

/// How the functional and the second currency convert: `rate` units of the second for one of the functional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Above zero.
    pub rate: Decimal,
    /// Digits of the functional currency.
    pub functional_decimals: u32,
    /// Digits of the second currency.
    pub second_decimals: u32,
}

impl Conversion {
    /// The second amount of a functional one, to its digits, a half away from zero.
    pub fn second(self, functional: Decimal) -> Decimal {
        round(functional * self.rate, self.second_decimals, Rounding::HalfUp)
    }

    /// The functional amount of a second one, to its digits, a half away from zero. One pound may be no cents at all.
    pub fn functional(self, second: Decimal) -> Decimal {
        round(second / self.rate, self.functional_decimals, Rounding::HalfUp)
    }

    /// Whether two given sides are one value: within 0.01 functional units, or `slack` second units.
    pub fn agree(self, functional: Decimal, second: Decimal, slack: Decimal) -> bool {
        (self.second(functional) - second).abs() <= slack
            || (self.functional(second) - functional).abs() <= Decimal::new(1, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_examples_of_trade_5_2() {
        let at = Conversion { rate: decimal("89500"), functional_decimals: 4, second_decimals: 2 };
        assert_eq!(at.second(decimal("12.3456")), decimal("1104931.20"));
        assert_eq!(at.functional(decimal("1")), decimal("0.0000"));
        assert_eq!(at.functional(decimal("100000")), decimal("1.1173"));
        assert!(at.agree(decimal("10"), decimal("895050"), decimal("100")));
        assert!(!at.agree(decimal("10"), decimal("900000"), decimal("100")));
    }
}
