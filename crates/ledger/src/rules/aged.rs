//! How old what is open is (spec/trade.md 5.22): by due date, what was paid taken off the oldest first.

use kernel::Date;
use rust_decimal::Decimal;
use serde::Serialize;

/// What a party owes, by age. What it has to its credit beyond that stands apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgedAmounts {
    /// Due on the day or later.
    #[schema(value_type = String)]
    pub not_due: Decimal,
    /// 1 to 30 days late.
    #[schema(value_type = String)]
    pub days_0_30: Decimal,
    /// 31 to 60 days late.
    #[schema(value_type = String)]
    pub days_31_60: Decimal,
    /// 61 to 90 days late.
    #[schema(value_type = String)]
    pub days_61_90: Decimal,
    /// 91 days late or more.
    #[schema(value_type = String)]
    pub days_91_plus: Decimal,
    /// Paid or credited without a claim to set it against.
    #[schema(value_type = String)]
    pub unallocated: Decimal,
    /// The balance: all of the above, less what is not allocated.
    #[schema(value_type = String)]
    pub balance: Decimal,
}

impl AgedAmounts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            not_due: self.not_due + other.not_due,
            days_0_30: self.days_0_30 + other.days_0_30,
            days_31_60: self.days_31_60 + other.days_31_60,
            days_61_90: self.days_61_90 + other.days_61_90,
            days_91_plus: self.days_91_plus + other.days_91_plus,
            unallocated: self.unallocated + other.unallocated,
            balance: self.balance + other.balance,
        }
    }
}

/// Sorts what is open of one party by age on the day `on`. `open` are amounts by due date: claims above zero, payments below.
pub fn age(open: &[(Date, Decimal)], on: Date) -> AgedAmounts {
    let mut claims: Vec<_> = open.iter().copied().filter(|(_, amount)| *amount > Decimal::ZERO).collect();
    claims.sort_by_key(|(due, _)| *due);
    let mut paid: Decimal = open.iter().filter(|(_, amount)| *amount < Decimal::ZERO).map(|(_, amount)| -amount).sum();
    let mut aged = AgedAmounts { balance: open.iter().map(|(_, amount)| amount).sum(), ..AgedAmounts::default() };
    for (due, claim) in claims {
        let taken = claim.min(paid);
        paid -= taken;
        let late = (on.jiff() - due.jiff()).get_days();
        let bucket = match late {
            ..=0 => &mut aged.not_due,
            1..=30 => &mut aged.days_0_30,
            31..=60 => &mut aged.days_31_60,
            61..=90 => &mut aged.days_61_90,
            _ => &mut aged.days_91_plus,
        };
        *bucket += claim - taken;
    }
    aged.unallocated = paid;
    aged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_open_is_sorted_by_due_date() {
        let on = day("2026-02-10");
        let rows = [
            ("2026-02-10", "not_due"),
            ("2026-03-01", "not_due"),
            ("2026-02-09", "0_30"),
            ("2026-01-11", "0_30"),
            ("2026-01-10", "31_60"),
            ("2025-12-12", "31_60"),
            ("2025-12-11", "61_90"),
            ("2025-11-12", "61_90"),
            ("2025-11-11", "91"),
            ("2024-01-01", "91"),
        ];
        for (due, bucket) in rows {
            let aged = age(&[(day(due), decimal("10"))], on);
            let buckets = [
                ("not_due", aged.not_due),
                ("0_30", aged.days_0_30),
                ("31_60", aged.days_31_60),
                ("61_90", aged.days_61_90),
                ("91", aged.days_91_plus),
            ];
            let held: Vec<_> = buckets.into_iter().filter(|(_, held)| !held.is_zero()).collect();
            assert_eq!(held, [(bucket, decimal("10"))], "{due}");
        }
    }

    #[test]
    fn what_was_paid_is_taken_off_the_oldest_first_and_more_stays_as_credit() {
        let on = day("2026-02-10");
        let open = [
            (day("2026-02-20"), decimal("50")),
            (day("2025-12-20"), decimal("100")),
            (day("2026-02-01"), decimal("-120")),
        ];
        let aged = age(&open, on);
        assert_eq!((aged.days_31_60, aged.not_due, aged.unallocated), (decimal("0"), decimal("30"), decimal("0")));
        assert_eq!(aged.balance, decimal("30"));
        let credit = age(&[(day("2026-02-01"), decimal("-120")), (day("2026-01-01"), decimal("20"))], on);
        assert_eq!((credit.unallocated, credit.balance), (decimal("100"), decimal("-100")));
    }
}
