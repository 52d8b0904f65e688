//! Which backups are no longer kept: a pure rule.

use std::collections::BTreeSet;

use kernel::{Timestamp, Zone};

/// Of how many days and months the last backup is kept (spec/field.md §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days that have a backup.
    pub daily: usize,
    /// Months that have a backup.
    pub monthly: usize,
}

/// The backups that may go, of all that are whole, with the time each was begun.
///
/// What stays: the last of each of the last days and months of `zone` that have one, the newest of all, and the newest that
/// was `proven` to be restorable.
pub fn superfluous<'a>(
    backups: &'a [(String, Timestamp)],
    keep: Keep,
    zone: &Zone,
    proven: &BTreeSet<String>,
) -> Vec<&'a str> {
    let mut newest_first: Vec<_> = backups.iter().collect();
    newest_first.sort_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
    let (mut days, mut months) = (BTreeSet::new(), BTreeSet::new());
    let (mut is_newest, mut has_proven) = (true, false);
    let mut gone = Vec::new();
    for (name, at) in newest_first {
        let day = at.jiff().to_zoned(zone.jiff().clone()).date();
        let of_day = days.len() < keep.daily && days.insert(day);
        let of_month = months.len() < keep.monthly && months.insert((day.year(), day.month()));
        let is_last_proven = !has_proven && proven.contains(name);
        has_proven |= is_last_proven;
        if !(of_day || of_month || is_newest || is_last_proven) {
            gone.push(name.as_str());
        }
        is_newest = false;
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups(times: &[&str]) -> Vec<(String, Timestamp)> {
        times.iter().map(|time| ((*time).to_owned(), time.parse().unwrap())).collect()
    }

    fn gone(times: &[&str], daily: usize, monthly: usize, proven: &[&str]) -> Vec<String> {
        let paris = Zone::named("Europe/Paris").unwrap();
        let proven = proven.iter().map(|name| (*name).to_owned()).collect();
        let backups = backups(times);
        let gone = superfluous(&backups, Keep { daily, monthly }, &paris, &proven);
        gone.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_of_each_day_and_month_stays() {
        const JAN_30: &str = "2026-01-30T01:00:00Z";
        const JAN_31: &str = "2026-01-31T01:00:00Z";
        const FEB_10: &str = "2026-02-10T01:00:00Z";
        const FEB_11: &str = "2026-02-11T01:00:00Z";
        const FEB_11_NOON: &str = "2026-02-11T11:00:00Z";
        // Already the twelfth in Paris.
        const FEB_11_LATE: &str = "2026-02-11T23:30:00Z";
        let all = [JAN_30, JAN_31, FEB_10, FEB_11, FEB_11_NOON, FEB_11_LATE];
        for (daily, monthly, proven, expected) in [
            (30, 12, &[][..], vec![FEB_11]),
            (2, 12, &[][..], vec![FEB_11, FEB_10, JAN_30]),
            (1, 1, &[][..], vec![FEB_11_NOON, FEB_11, FEB_10, JAN_31, JAN_30]),
            (1, 1, &[FEB_10, JAN_30][..], vec![FEB_11_NOON, FEB_11, JAN_31, JAN_30]),
            (0, 0, &[][..], vec![FEB_11_NOON, FEB_11, FEB_10, JAN_31, JAN_30]),
            (0, 2, &[FEB_11_LATE][..], vec![FEB_11_NOON, FEB_11, FEB_10, JAN_30]),
        ] {
            assert_eq!(
                gone(&all, daily, monthly, proven),
                expected,
                "{daily} daily, {monthly} monthly, proven {proven:?}"
            );
        }
        assert_eq!(gone(&[], 1, 1, &[]), Vec::<String>::new());
        assert_eq!(gone(&[JAN_30], 0, 0, &[]), Vec::<String>::new());
    }

    #[test]
    fn a_year_of_nights_leaves_thirty_days_and_twelve_months() {
        let first: Timestamp = "2025-01-01T01:00:00Z".parse().unwrap();
        let nights: Vec<_> = (0..400).map(|day| (format!("{day:03}"), first.minus_days(-day))).collect();
        let zone = Zone::named("UTC").unwrap();
        let gone = superfluous(&nights, Keep { daily: 30, monthly: 12 }, &zone, &BTreeSet::new());
        // Of the twelve months two have their last night among the thirty days.
        assert_eq!(nights.len() - gone.len(), 30 + 10);
        assert!(!gone.contains(&"399"));
    }
}
