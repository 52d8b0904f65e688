//! Every statement on `ledger.exchange_rate`.

use kernel::{Currency, Cursor, Date, EntityId, Limit, Timestamp};
use platform::{Result, Tx};
use rust_decimal::Decimal;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::rules::rates::RateType;

platform::constraint!("exchange_rate_positive_check", "rate", "A rate is above zero.");
platform::constraint!(
    "exchange_rate_live_key",
    "rate",
    "Somebody else changed this rate at the same moment: try again."
);
platform::constraint!("exchange_rate_currency_check", "to", "A rate is between two currencies.");
platform::constraint!("exchange_rate_date_check", "on", "The date is too long ago or too far ahead.");

/// A rate as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns of ledger.exchange_rate")]
pub struct RateRow {
    pub id: Uuid,
    pub entity_id: EntityId,
    pub from_currency: String,
    pub to_currency: String,
    pub rate_type: String,
    pub rate_on: Date,
    pub rate: Decimal,
    pub source: String,
    pub created_at: Timestamp,
    pub created_by: String,
    pub superseded_by: Option<Uuid>,
}

/// The latest rate of a type that is not after `on`, with its day.
pub async fn find_rate(
    tx: &mut Tx,
    entity: EntityId,
    (from, to): (Currency, Currency),
    (kind, on): (RateType, Date),
) -> Result<Option<(Date, Decimal)>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        "select rate_on, rate from ledger.exchange_rate
         where tenant_id = $1 and entity_id = $2 and from_currency = $3 and to_currency = $4 and rate_type = $5 and rate_on <= $6
           and superseded_by is null
         order by rate_on desc limit 1",
        tenant,
        entity.uuid(),
        from.code(),
        to.code(),
        kind.as_str(),
        on as Date
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.rate_on, row.rate)))
}

/// Writes a rate in place of the one there was for the day, which stays and names it.
pub async fn insert_rate(tx: &mut Tx, rate: &RateRow) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sqlx::query!(
        "update ledger.exchange_rate set superseded_by = $7
         where tenant_id = $1 and entity_id = $2 and from_currency = $3 and to_currency = $4 and rate_type = $5 and rate_on = $6
           and superseded_by is null",
        tenant,
        rate.entity_id.uuid(),
        rate.from_currency,
        rate.to_currency,
        rate.rate_type,
        rate.rate_on as Date,
        rate.id
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into ledger.exchange_rate (tenant_id, id, entity_id, from_currency, to_currency, rate_type, rate_on, rate, source,
             created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant,
        rate.id,
        rate.entity_id.uuid(),
        rate.from_currency,
        rate.to_currency,
        rate.rate_type,
        rate.rate_on as Date,
        rate.rate,
        rate.source,
        now as Timestamp,
        rate.created_by
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which rates; all given conditions hold.
#[derive(Clone, Debug, Default)]
pub struct RateFilter {
    /// Only from this currency.
    pub from: Option<String>,
    /// Only into this currency.
    pub to: Option<String>,
    /// Only of this type.
    pub kind: Option<String>,
    /// Those that were replaced too.
    pub history: bool,
    /// Only after this place of the list.
    pub after: Option<Cursor>,
}

/// Rates in scope, the last written first, one more than `limit`.
pub async fn list_rates(tx: &mut Tx, filter: &RateFilter, limit: Limit) -> Result<Vec<RateRow>> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select id, entity_id, from_currency, to_currency, rate_type, rate_on, rate, source, created_at, created_by, superseded_by
         from ledger.exchange_rate where tenant_id = ",
    );
    sql.push_bind(tx.tenant());
    for (column, value) in [("from_currency", &filter.from), ("to_currency", &filter.to), ("rate_type", &filter.kind)] {
        if let Some(value) = value {
            sql.push(format!(" and {column} = ")).push_bind(value);
        }
    }
    if !filter.history {
        sql.push(" and superseded_by is null");
    }
    if let Some(after) = filter.after {
        sql.push(" and (created_at, id) < (").push_bind(after.at).push(", ").push_bind(after.id).push(")");
    }
    sql.push(" order by created_at desc, id desc").push(limit.clause());
    Ok(sql.build_query_as().fetch_all(tx.conn()).await?)
}
