//! Fiscal years: twelve months that end on a day of the book.

use jiff::civil;
use kernel::Date;

/// The first and last day of the fiscal year that holds `on`, of years that end on `end` (month, day); a day that a month does
/// not have is its last.
pub fn year_of(on: Date, end: (i8, i8)) -> (Date, Date) {
    let year = on.jiff().year();
    let ends = end_in(year, end);
    if on.jiff() <= ends {
        (after(end_in(year - 1, end)), Date::from_jiff(ends))
    } else {
        (after(ends), Date::from_jiff(end_in(year + 1, end)))
    }
}

fn end_in(year: i16, (month, day): (i8, i8)) -> civil::Date {
    let first = civil::Date::new(year, month.clamp(1, 12), 1).unwrap_or(civil::Date::MAX);
    first.with().day(day.clamp(1, first.days_in_month())).build().unwrap_or(first)
}

fn after(date: civil::Date) -> Date {
    Date::from_jiff(date).plus_days(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_in_one_year_and_years_follow_each_other() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let rows = [
            ("2026-02-11", (12, 31), "2026-01-01", "2026-12-31"),
            ("2026-01-01", (12, 31), "2026-01-01", "2026-12-31"),
            ("2026-06-30", (6, 30), "2025-07-01", "2026-06-30"),
            ("2026-07-01", (6, 30), "2026-07-01", "2027-06-30"),
            ("2028-02-29", (2, 29), "2027-03-01", "2028-02-29"),
            ("2027-02-28", (2, 29), "2026-03-01", "2027-02-28"),
        ];
        for (on, end, starts, ends) in rows {
            assert_eq!(year_of(day(on), end), (day(starts), day(ends)), "{on}");
        }
    }
}
