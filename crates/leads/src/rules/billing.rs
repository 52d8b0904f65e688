//! What a buyer owes for units (leads §5.10): the arithmetic of a record, and which month a unit belongs to.

use kernel::{Rounding, round, split};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// Digits behind the point of an amount in euros.
const CENTS: u32 = 2;

/// What units at one price come to, in euros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amounts {
    /// Units × price.
    #[schema(value_type = String)]
    pub before_discount: Decimal,
    /// Less the discount: without VAT.
    #[schema(value_type = String)]
    pub net: Decimal,
    /// VAT.
    #[schema(value_type = String)]
    pub vat: Decimal,
    /// Net and VAT.
    #[schema(value_type = String)]
    pub gross: Decimal,
}

impl std::ops::Add for Amounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            before_discount: self.before_discount + other.before_discount,
            net: self.net + other.net,
            vat: self.vat + other.vat,
            gross: self.gross + other.gross,
        }
    }
}

impl std::ops::Sub for Amounts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            before_discount: self.before_discount - other.before_discount,
            net: self.net - other.net,
            vat: self.vat - other.vat,
            gross: self.gross - other.gross,
        }
    }
}

impl std::iter::Sum for Amounts {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, next| sum + next)
    }
}

/// The terms of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Euros a unit.
    pub unit_price: Decimal,
    /// Percent.
    pub discount_pct: Decimal,
    /// Percent.
    pub vat_rate: Decimal,
}

impl Terms {
    /// What so many units come to: each step is rounded half up to the cent, in this order.
    pub fn amounts(&self, units: u32) -> Amounts {
        let cut = |amount: Decimal| round(amount, CENTS, Rounding::HalfUp);
        let percent = |rate: Decimal| rate / Decimal::ONE_HUNDRED;
        let before_discount = cut(Decimal::from(units) * self.unit_price);
        let net = cut(before_discount * (Decimal::ONE - percent(self.discount_pct)));
        let vat = cut(net * percent(self.vat_rate));
        Amounts { before_discount, net, vat, gross: net + vat }
    }

    /// By how much a record of `units` gets cheaper when one is taken away. Taken away one after the other, what is
    /// credited adds up to what was invoiced, to the cent.
    pub fn amounts_of_last(&self, units: u32) -> Amounts {
        match units.checked_sub(1) {
            Some(fewer) => self.amounts(units) - self.amounts(fewer),
            None => Amounts::default(),
        }
    }
}

/// Spreads free units over the price groups of an order's week, in their order: of the whole credit, what finds billable
/// units; the rest is lost.
pub fn spread_free(credit: u32, billable: &[u32]) -> Vec<u32> {
    let mut left = credit;
    let take = |units: &u32| {
        let free = left.min(*units);
        left -= free;
        free
    };
    billable.iter().map(take).collect()
}

/// What of a record falls into each of its months, by the billable units sent in each: amounts and units are those of the
/// record, to the cent and to the unit.
pub fn by_month(amounts: Amounts, units: [u32; 2], billable: &[u32]) -> Vec<(Amounts, [u32; 2])> {
    if billable.is_empty() {
        return Vec::new();
    }
    let weights: Vec<_> = billable.iter().copied().map(Decimal::from).collect();
    let whole = |units: u32| split(Decimal::from(units), &weights, 0);
    let (free, invoiced) = (whole(units[0]), whole(units[1]));
    let [before, net, vat] =
        [amounts.before_discount, amounts.net, amounts.vat].map(|total| split(total, &weights, CENTS));
    let count = |part: Decimal| u32::try_from(part).unwrap_or(0);
    (0..billable.len())
        .map(|month| {
            let (net, vat) = (net[month], vat[month]);
            let amounts = Amounts { before_discount: before[month], net, vat, gross: net + vat };
            (amounts, [count(free[month]), count(invoiced[month])])
        })
        .collect()
}

/// Where the records of a row of the month stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowStatuses {
    /// Some record is overdue.
    pub overdue: bool,
    /// Some record is not invoiced.
    pub not_invoiced: bool,
    /// Some record is invoiced.
    pub invoiced: bool,
    /// Some record is paid.
    pub paid: bool,
}

impl RowStatuses {
    /// The row's word: overdue if any is; not invoiced if any is and none is paid; invoiced if any is; paid if all are; else
    /// not invoiced.
    pub const fn word(self) -> &'static str {
        match self {
            Self { overdue: true, .. } => "overdue",
            Self { not_invoiced: true, paid: false, .. } => "not_invoiced",
            Self { invoiced: true, .. } => "invoiced",
            Self { paid: true, not_invoiced: false, .. } => "paid",
            _ => "not_invoiced",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn terms(price: &str, discount: &str, vat: &str) -> Terms {
        Terms { unit_price: dec(price), discount_pct: dec(discount), vat_rate: dec(vat) }
    }

    #[test]
    fn l_44_the_worked_table_of_the_specification_holds() {
        let rows = [
            (14, 0, "25.00", "10", "20", (0, 14), ("315.00", "63.00", "378.00")),
            (14, 3, "25.00", "10", "20", (3, 11), ("247.50", "49.50", "297.00")),
            (1, 4, "25.00", "0", "20", (1, 0), ("0.00", "0.00", "0.00")),
            (3, 0, "25.00", "33.33", "20", (0, 3), ("50.00", "10.00", "60.00")),
            (7, 0, "30.00", "5", "0", (0, 7), ("199.50", "0.00", "199.50")),
            (0, 2, "25.00", "0", "20", (0, 0), ("0.00", "0.00", "0.00")),
            (5, 0, "0", "0", "20", (0, 5), ("0.00", "0.00", "0.00")),
        ];
        for (billable, credit, price, discount, vat, (free, invoiced), (net, tax, total)) in rows {
            let spread = spread_free(credit, &[billable]);
            assert_eq!((spread[0], billable - spread[0]), (free, invoiced), "{billable} less {credit}");
            let amounts = terms(price, discount, vat).amounts(invoiced);
            assert_eq!((amounts.net, amounts.vat, amounts.gross), (dec(net), dec(tax), dec(total)), "{billable}");
        }
    }

    #[test]
    fn a_half_cent_goes_up() {
        let amounts = terms("0.005", "0", "20").amounts(1);
        assert_eq!((amounts.net, amounts.vat), (dec("0.01"), dec("0.00")));
        assert_eq!(terms("99.99", "0", "20").amounts(1).gross, dec("119.99"));
        assert_eq!(terms("1234.56", "0", "20").amounts(1).gross, dec("1481.47"));
    }

    #[test]
    fn a_credit_goes_to_the_first_price_first_and_the_rest_is_lost() {
        assert_eq!(spread_free(5, &[3, 4]), [3, 2]);
        assert_eq!(spread_free(0, &[3, 4]), [0, 0]);
        assert_eq!(spread_free(9, &[3, 4]), [3, 4]);
        assert!(spread_free(9, &[]).is_empty());
    }

    #[test]
    fn a_week_over_two_months_is_cut_by_its_units() {
        let amounts = terms("25", "33.33", "20").amounts(3);
        let months = by_month(amounts, [1, 3], &[2, 2]);
        assert_eq!(months[0].0 + months[1].0, amounts);
        assert_eq!(months[0].0.net, dec("25.00"));
        assert_eq!((months[0].1, months[1].1), ([1, 2], [0, 1]));
    }

    #[test]
    fn a_row_of_the_month_has_one_word() {
        let of = |overdue, not_invoiced, invoiced, paid| RowStatuses { overdue, not_invoiced, invoiced, paid }.word();
        assert_eq!(of(true, true, true, true), "overdue");
        assert_eq!(of(false, true, true, false), "not_invoiced");
        assert_eq!(of(false, true, true, true), "invoiced");
        assert_eq!(of(false, false, false, true), "paid");
        assert_eq!(of(false, true, false, true), "not_invoiced");
        assert_eq!(of(false, false, false, false), "not_invoiced");
    }

    proptest! {
        #[test]
        fn what_is_taken_back_one_by_one_adds_up_to_what_was_invoiced(
            units in 0_u32..60, price in 0_i64..10_000_000, discount in 0_i64..=10_000, vat in 0_i64..=10_000,
        ) {
            let terms = Terms {
                unit_price: Decimal::new(price, 4), discount_pct: Decimal::new(discount, 2), vat_rate: Decimal::new(vat, 2),
            };
            let back: Amounts = (1..=units).map(|left| terms.amounts_of_last(left)).sum();
            prop_assert_eq!(back, terms.amounts(units));
            prop_assert!((1..=units).all(|left| terms.amounts_of_last(left).net >= Decimal::ZERO));
        }

        #[test]
        fn months_add_up_to_the_record(first in 0_u32..50, second in 0_u32..50, credit in 0_u32..60, price in 0_i64..100_000) {
            let billable = first + second;
            let free = spread_free(credit, &[billable])[0];
            let terms = Terms { unit_price: Decimal::new(price, 2), discount_pct: dec("12.5"), vat_rate: dec("20") };
            let amounts = terms.amounts(billable - free);
            let months = by_month(amounts, [free, billable - free], &[first, second]);
            prop_assert_eq!(months.iter().map(|month| month.0).sum::<Amounts>(), amounts);
            prop_assert_eq!(months.iter().map(|month| month.1[1]).sum::<u32>(), billable - free);
        }
    }
}
