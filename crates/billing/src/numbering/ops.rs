//! Changing how numbers are written.

use kernel::Date;
use platform::{Error, Result, Tx, Versioned};

use super::model::{Naming, NumberPatterns, Pattern, Series};
use super::store::{self, SeriesRow};
use crate::house::House;

/// A series of an entity, and the number that it would give next.
#[derive(Clone, Debug)]
pub struct SeriesState {
    /// The series.
    pub series: Series,
    /// How its numbers are written.
    pub pattern: Pattern,
    /// Whether the entity said so itself.
    pub is_own: bool,
    /// The place of the next number.
    pub next_value: i64,
    /// The next number, if it is issued today.
    pub next_number: String,
    /// The date of the last number, if there is one.
    pub last_on: Option<Date>,
    /// Whether a number was issued this year: then its pattern stays until the year is over.
    pub is_in_use: bool,
}

/// Every series of an entity, as `patterns` say it is written.
pub async fn states(tx: &mut Tx, house: &House, patterns: &NumberPatterns) -> Result<Vec<SeriesState>> {
    let rows = store::list_series(tx, house.entity).await?;
    Ok(Series::ALL.iter().copied().map(|series| state(house, patterns, series, &rows)).collect())
}

fn state(house: &House, patterns: &NumberPatterns, series: Series, rows: &[SeriesRow]) -> SeriesState {
    let own = || rows.iter().filter(|row| row.series == series.as_str());
    let next_value = own().find(|row| row.year == series.year(house.today)).map_or(1, |row| row.next_value);
    let pattern = patterns.of(&house.code, series);
    let naming = Naming { entity: &house.code, on: house.today, week: None };
    let last_on = own().map(|row| row.last_on).max();
    SeriesState {
        series,
        next_number: pattern.number(next_value, &naming),
        pattern,
        is_own: patterns.is_own(&house.code, series),
        next_value,
        last_on,
        is_in_use: last_on.is_some_and(|last| last.jiff().year() >= house.today.jiff().year()),
    }
}

/// The patterns with another one for a series; none is that of the specifications.
///
/// Invalid where a number could come twice: without the year, where the counter begins anew with it, or where another series of the
/// entity could write the same.
pub fn changed(
    patterns: NumberPatterns,
    house: &House,
    series: Series,
    pattern: Option<Pattern>,
) -> Result<NumberPatterns> {
    let patterns = patterns.with(&house.code, series, pattern);
    let pattern = patterns.of(&house.code, series);
    if series.is_yearly() && !pattern.names_year() {
        return Err(Error::invalid(
            "pattern",
            "must name the year of issue ({YYYY} or {YY}): its counter begins anew with it",
        ));
    }
    let mut others = Series::ALL.iter().copied().filter(|other| *other != series);
    if let Some(other) = others.find(|other| pattern.meets(&patterns.of(&house.code, *other), &house.code)) {
        return Err(Error::invalid(
            "pattern",
            format!("could write a number of the series {}: begin it otherwise", other.as_str()),
        ));
    }
    Ok(patterns)
}

/// Says how an entity writes the numbers of a series.
///
/// Refused when a number of it was issued this year; invalid as [`changed`] says; conflict when `version` is no longer the current one.
pub async fn set_pattern(
    tx: &mut Tx,
    house: &House,
    series: Series,
    (pattern, version): (Option<Pattern>, Option<i64>),
) -> Result<Versioned<NumberPatterns>> {
    let stored = tx.versioned_setting::<NumberPatterns>().await?;
    let before = stored.value.of(&house.code, series);
    let patterns = changed(stored.value, house, series, pattern)?;
    let rows = store::list_series(tx, house.entity).await?;
    if patterns.of(&house.code, series) != before && state(house, &patterns, series, &rows).is_in_use {
        let detail = "Numbers were issued under it this year: it can be changed before the first of another year.";
        return Err(Error::refused("number_pattern_in_use", detail).with_field("pattern", "is in use this year"));
    }
    tx.put_setting(&patterns, version.or(Some(stored.version))).await
}
