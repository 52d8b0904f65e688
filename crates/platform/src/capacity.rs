//! How the database grows.
//!
//! Tables owned: `platform.capacity_day`, a row a day for the whole installation.

use kernel::{Date, Zone};

use crate::job::schedule::Schedule;
use crate::{Registry, Result, Tx};

/// Days are kept so long.
const KEPT_DAYS: i32 = 400;

/// Growth is measured over so many days at most…
const WINDOW_DAYS: i32 = 30;
/// … and not over fewer than these: a day or two say nothing.
const LEAST_DAYS: i32 = 7;

/// Registers the daily measurement.
pub(crate) fn register(registry: &mut Registry) {
    let measure = Schedule {
        name: "measure-capacity",
        cron: "5 3 * * *",
        period: "%Y-%m-%d",
        about: "Notes how large the database is, so that its growth is known.",
    };
    registry.schedule(measure, |ctx, _, _| async move {
        let mut tx = ctx.begin().await?;
        let bytes = measure_today(&mut tx).await?;
        tx.commit().await?;
        Ok(serde_json::json!({ "database_bytes": bytes }))
    });
}

/// The first of the tenants that measures a day does it for all.
async fn measure_today(tx: &mut Tx) -> Result<i64> {
    let today = tx.now().date_in(&Zone::UTC);
    let bytes = sqlx::query_scalar!(
        r#"with old as (delete from platform.capacity_day where day < $1::date - $2::integer),
           size as (select pg_database_size(current_database()) as bytes),
           new as (insert into platform.capacity_day (day, database_bytes) select $1, bytes from size on conflict do nothing)
           select bytes as "bytes!" from size"#,
        today as Date,
        KEPT_DAYS
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(bytes)
}

/// How many bytes the database grows by on a day, over the last month; none before a week was measured.
pub async fn daily_growth(tx: &mut Tx) -> Result<Option<i64>> {
    let today = tx.now().date_in(&Zone::UTC);
    let row = sqlx::query!(
        r#"select coalesce(max(day) - min(day), 0) as "days!",
               (array_agg(database_bytes order by day desc))[1] - (array_agg(database_bytes order by day))[1] as bytes
           from platform.capacity_day where day between $1 and $2"#,
        today.plus_days(-WINDOW_DAYS) as Date,
        today as Date
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.bytes.filter(|_| row.days >= LEAST_DAYS).map(|bytes| bytes / i64::from(row.days)))
}
