//! Every statement on `billing.number_series`.

use kernel::{Date, EntityId};
use platform::{Error, Result, Tx};

use super::model::Series;

platform::constraint!(
    "number_series_order_check",
    "issue_on",
    "It precedes the date of the last number of its series: numbers and dates rise together."
);

/// Draws `count` consecutive numbers of a series and year and returns the first. The row stays locked until the transaction
/// ends, so that a number is given out once, and given back when the transaction is.
///
/// Refused when `on` precedes the date of the last number (F-25).
pub async fn draw(tx: &mut Tx, entity: EntityId, series: Series, on: Date, count: i64) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let year = series.year(on);
    let drawn = sqlx::query_scalar!(
        "insert into billing.number_series as s (tenant_id, entity_id, series, year, next_value, last_on)
         values ($1, $2, $3, $4, 1 + $5::bigint, $6)
         on conflict (tenant_id, entity_id, series, year) do update
         set next_value = s.next_value + $5::bigint, last_on = excluded.last_on
         where s.last_on <= excluded.last_on
         returning next_value - $5::bigint",
        tenant,
        entity.uuid(),
        series.as_str(),
        year,
        count,
        on as Date
    )
    .fetch_optional(tx.conn())
    .await?
    .flatten();
    drawn.ok_or_else(|| {
        Error::refused(
            "issue_date_order",
            "It precedes the date of the last number of its series: numbers and dates rise together.",
        )
        .with_field("issue_on", "precedes the last number's date")
    })
}

/// Where a series stands in a year.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.number_series")]
pub struct SeriesRow {
    pub series: String,
    pub year: i32,
    pub next_value: i64,
    pub last_on: Date,
}

/// Where the series of an entity stand, the latest year of each first.
pub async fn list_series(tx: &mut Tx, entity: EntityId) -> Result<Vec<SeriesRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        SeriesRow,
        r#"select series, year, next_value, last_on as "last_on: Date" from billing.number_series
           where tenant_id = $1 and entity_id = $2 order by series, year desc"#,
        tenant,
        entity.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
