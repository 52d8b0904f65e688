//! Which stored exchange rate answers for a day (spec/trade.md 5.1).

use kernel::Date;
use rust_decimal::Decimal;
use serde::Serialize;

platform::words! {
    /// Which market a rate is of.
    RateType {
        /// Set by the state.
        Official = "official",
        /// Paid on the market.
        Market = "market",
        /// Set by the house.
        Internal = "internal",
    }
}

/// A rate that answers for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FoundRate {
    /// Units of the wanted currency for one of the other.
    #[schema(value_type = String, examples("89600"))]
    pub rate: Decimal,
    /// The day it was stored for.
    pub dated: Date,
    /// Whether it is older than seven days.
    pub stale: bool,
}

/// The latest of one type that is not after `on`, from `stored` rows of that type alone; none where nothing was stored: no rate
/// is ever invented (T-30).
pub fn find(stored: &[(Date, Decimal)], on: Date) -> Option<FoundRate> {
    let (dated, rate) = *stored.iter().filter(|(dated, _)| *dated <= on).max_by_key(|(dated, _)| *dated)?;
    Some(FoundRate { rate, dated, stale: dated.plus_days(7) < on })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_30_the_table_of_trade_5_1() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let rate = |text: &str| text.parse::<Decimal>().unwrap();
        let market = [(day("2026-03-02"), rate("89600"))];
        let rows = [
            ("2026-03-02", Some(false)),
            ("2026-03-06", Some(false)),
            ("2026-03-09", Some(false)),
            ("2026-03-12", Some(true)),
            ("2026-03-01", None),
        ];
        for (ask, expected) in rows {
            let found = find(&market, day(ask));
            assert_eq!(found.map(|found| found.stale), expected, "{ask}");
            assert!(found.is_none_or(|found| found.rate == rate("89600") && found.dated == day("2026-03-02")));
        }
        assert_eq!(find(&[], day("2026-03-02")), None, "nothing stored of this type");
    }
}
