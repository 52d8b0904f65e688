//! ISO 8601 weeks, the unit of quotas, billing and every dashboard.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{ISOWeekDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::{Date, Timestamp, Zone};

/// An ISO week, `YYYY-Www`. Its instants run from Monday 00:00 to the next Monday 00:00 in a zone, half open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    year: i16,
    week: i8,
}

/// The text was not a week that exists.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an ISO week: expected YYYY-Www, such as 2026-W07")]
pub struct InvalidWeek;

impl Week {
    /// The week that contains `date`.
    pub fn of(date: Date) -> Self {
        let iso = date.jiff().iso_week_date();
        Self { year: iso.year(), week: iso.week() }
    }

    /// The week that contains `at` in `zone`.
    pub fn at(at: Timestamp, zone: &Zone) -> Self {
        Self::of(at.date_in(zone))
    }

    /// The Monday of this week.
    pub fn monday(self) -> Date {
        let iso = ISOWeekDate::new(self.year, self.week, Weekday::Monday);
        Date::from_jiff(iso.expect("a Week is only made from a week that exists").date())
    }

    /// The Sunday of this week.
    pub fn sunday(self) -> Date {
        self.monday().plus_days(6)
    }

    /// The week after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.monday().plus_days(7))
    }

    /// The week before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.monday().plus_days(-7))
    }

    /// First instant of this week and first instant of the next, in `zone`.
    pub fn bounds(self, zone: &Zone) -> (Timestamp, Timestamp) {
        (self.monday().start_in(zone), self.next().monday().start_in(zone))
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl fmt::Debug for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Week {
    type Err = InvalidWeek;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shaped = text.len() == 8 && text.is_ascii() && &text[4..6] == "-W";
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !shaped || !digits(&text[..4]) || !digits(&text[6..]) {
            return Err(InvalidWeek);
        }
        let year = text[..4].parse().map_err(|_| InvalidWeek)?;
        let week = text[6..].parse().map_err(|_| InvalidWeek)?;
        // The last years of representable time have no next week.
        if !(1..=9990).contains(&year) || ISOWeekDate::new(year, week, Weekday::Monday).is_err() {
            return Err(InvalidWeek);
        }
        Ok(Self { year, week })
    }
}

impl Serialize for Week {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Week {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^\d{4}-W\d{2}$"))
            .examples(["2026-W07"])
            .into()
    }
}

impl utoipa::ToSchema for Week {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn week(text: &str) -> Week {
        text.parse().unwrap()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn known_dates_fall_in_their_weeks() {
        for (day, key) in [
            ("2025-12-29", "2026-W01"),
            ("2026-12-31", "2026-W53"),
            ("2027-01-03", "2026-W53"),
            ("2026-02-11", "2026-W07"),
        ] {
            assert_eq!(Week::of(date(day)), week(key), "{day}");
        }
    }

    #[test]
    fn neighbours_are_right_across_years() {
        assert_eq!(week("2026-W07").next(), week("2026-W08"));
        assert_eq!(week("2026-W07").previous(), week("2026-W06"));
        assert_eq!(week("2026-W01").previous(), week("2025-W52"));
        assert_eq!(week("2026-W53").next(), week("2027-W01"));
    }

    #[test]
    fn junk_is_refused() {
        for text in [
            "",
            "2026-W99",
            "2026-W00",
            "2025-W53",
            "2026W07",
            "2026-w07",
            "2026-W7",
            "0000-W01",
            "é026-W07",
            "2026-W+7",
            "9999-W52",
        ] {
            assert_eq!(text.parse::<Week>(), Err(InvalidWeek), "{text:?}");
        }
    }

    #[test]
    fn bounds_are_half_open_in_the_zone() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let (from, to) = week("2026-W13").bounds(&paris);
        assert_eq!(from.to_string(), "2026-03-22T23:00:00Z");
        assert_eq!(to.to_string(), "2026-03-29T22:00:00Z", "summer time began on the Sunday");
        let last: Timestamp = "2026-03-29T21:59:59.700Z".parse().unwrap();
        assert_eq!(Week::at(last, &paris), week("2026-W13"));
        assert_eq!(Week::at(to, &paris), week("2026-W14"));
    }

    proptest! {
        #[test]
        fn next_and_previous_undo_each_other(days in 0i32..800_000) {
            let w = Week::of(date("0002-01-01").plus_days(days));
            prop_assert_eq!(w.next().previous(), w);
            prop_assert_eq!(w.monday().plus_days(7), w.next().monday());
            prop_assert_eq!(Week::of(w.sunday()), w);
            prop_assert_eq!(w.to_string().parse::<Week>(), Ok(w));
        }
    }
}
