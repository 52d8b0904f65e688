//! The days on which a legal entity delivers (leads §5.8).

use std::collections::BTreeSet;
use std::fmt;

use kernel::Date;
use serde::{Deserialize, Deserializer, Serialize};

/// The delivery days of one legal entity. Dates are those of the entity's zone, never UTC (L-24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct DeliveryCalendar {
    /// Weekdays with deliveries, 0 = Monday … 6 = Sunday. None at all means never.
    #[serde(deserialize_with = "weekdays")]
    pub enabled_days: BTreeSet<u8>,
    /// Closed dates, such as public holidays.
    pub disabled_dates: BTreeSet<Date>,
}

impl Default for DeliveryCalendar {
    fn default() -> Self {
        Self { enabled_days: (0..=4).collect(), disabled_dates: BTreeSet::new() }
    }
}

/// Values outside 0-6 are dropped, as stored settings of the original hold some.
fn weekdays<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<u8>, D::Error> {
    let days = Vec::<i64>::deserialize(deserializer)?;
    Ok(days.into_iter().filter_map(|day| u8::try_from(day).ok()).filter(|day| *day <= 6).collect())
}

/// Why an entity does not deliver on a date. Shown as the routing reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarOff {
    /// The weekday is off: 0 = Monday … 6 = Sunday.
    Day(u8),
    /// The date is closed.
    Date(Date),
}

impl fmt::Display for CalendarOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "delivery_day_disabled:{}", french_weekday(*day)),
            Self::Date(date) => write!(f, "delivery_date_disabled:{date}"),
        }
    }
}

/// The French name of a weekday, 0 = `lundi`.
fn french_weekday(day: u8) -> &'static str {
    const NAMES: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    NAMES[usize::from(day) % NAMES.len()]
}

const DAYS_LOOKED_AHEAD: i32 = 366;

impl DeliveryCalendar {
    /// Whether the entity delivers on `date`; the weekday is tested before the date.
    pub fn check(&self, date: Date) -> Result<(), CalendarOff> {
        let day = date.weekday();
        if !self.enabled_days.contains(&day) {
            return Err(CalendarOff::Day(day));
        }
        if self.disabled_dates.contains(&date) {
            return Err(CalendarOff::Date(date));
        }
        Ok(())
    }

    /// The first delivery day later than `after`, if the coming year has one.
    pub fn next_delivery_day(&self, after: Date) -> Option<Date> {
        (1..=DAYS_LOOKED_AHEAD).map(|days| after.plus_days(days)).find(|date| self.check(*date).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Timestamp, Zone};

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn stored(json: &str) -> DeliveryCalendar {
        serde_json::from_str(json).unwrap()
    }

    fn reason(calendar: &DeliveryCalendar, day: &str) -> Option<String> {
        calendar.check(date(day)).err().map(|off| off.to_string())
    }

    #[test]
    fn a_weekday_off_is_told_before_a_closed_date() {
        let calendar = stored(r#"{"disabled_dates": ["2026-04-01", "2026-02-14"]}"#);
        let rows = [
            ("2026-02-11", None),
            ("2026-02-14", Some("delivery_day_disabled:samedi")),
            ("2026-02-15", Some("delivery_day_disabled:dimanche")),
            ("2026-04-01", Some("delivery_date_disabled:2026-04-01")),
        ];
        for (day, expected) in rows {
            assert_eq!(reason(&calendar, day).as_deref(), expected, "{day}");
        }
    }

    #[test]
    fn l_24_sunday_night_in_utc_is_already_monday_in_paris() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let at: Timestamp = "2026-02-15T23:30:00Z".parse().unwrap();
        let calendar = DeliveryCalendar::default();
        assert_eq!(calendar.check(at.date_in(&paris)), Ok(()));
        assert_eq!(calendar.check(at.date_in(&Zone::UTC)), Err(CalendarOff::Day(6)));
    }

    #[test]
    fn no_enabled_day_is_always_off() {
        let calendar = stored(r#"{"enabled_days": []}"#);
        let reasons: Vec<_> = (9..16).filter_map(|day| reason(&calendar, &format!("2026-02-{day:02}"))).collect();
        let names = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
        assert_eq!(reasons, names.map(|name| format!("delivery_day_disabled:{name}")));
        assert_eq!(calendar.next_delivery_day(date("2026-02-11")), None);
    }

    #[test]
    fn stored_settings_are_completed_and_cleaned() {
        assert_eq!(stored("{}"), DeliveryCalendar::default());
        assert_eq!(stored(r#"{"enabled_days": [5, 7, -1, 300, 5]}"#).enabled_days, BTreeSet::from([5]));
        assert_eq!(stored(r#"{"disabled_dates": ["2026-05-01"]}"#).enabled_days, (0..=4).collect());
    }

    #[test]
    fn the_next_delivery_day_skips_weekends_and_closed_dates() {
        let calendar = stored(r#"{"disabled_dates": ["2026-02-16"]}"#);
        let rows = [("2026-02-11", "2026-02-12"), ("2026-02-13", "2026-02-17"), ("2026-02-15", "2026-02-17")];
        for (after, expected) in rows {
            assert_eq!(calendar.next_delivery_day(date(after)), Some(date(expected)), "{after}");
        }
    }
}
