//! Looking rates up, and the only writer of them.

use kernel::{Currency, Date, EntityId, EntryId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, RateRow};
use crate::book;
use crate::rules::rates::{self, FoundRate, RateType};

/// What one `from` is worth in `to` on a day, by rates of one type: those of the day, else the latest before it, told as stale when
/// it is older than seven days. Never of another type, never invented, never turned round (T-30).
///
/// Refused as `rate_missing` when there is none.
pub async fn rate(
    tx: &mut Tx,
    entity: EntityId,
    from: Currency,
    to: Currency,
    (kind, on): (RateType, Date),
) -> Result<FoundRate> {
    let stored = store::find_rate(tx, entity, (from, to), (kind, on)).await?;
    rates::find(stored.as_slice(), on).ok_or_else(|| {
        let detail = format!("There is no {} rate from {from} to {to} on {on} or before it.", kind.as_str());
        Error::refused("rate_missing", detail)
    })
}

/// A rate for a day.
#[derive(Clone, Debug)]
pub struct PutRate {
    /// The currency whose unit is priced.
    pub from: Currency,
    /// The currency it is priced in.
    pub to: Currency,
    /// Of which market.
    pub kind: RateType,
    /// For which day.
    pub on: Date,
    /// Units of `to` for one of `from`.
    pub rate: Decimal,
    /// Where it comes from.
    pub source: String,
}

/// Stores a rate for a day. One that was there stays in the history, and what was posted at it stays as it is (T-39).
///
/// Invalid when the currencies are one, or the rate is not above zero with at most six decimals.
pub async fn put_rate(tx: &mut Tx, entity: EntityId, command: PutRate) -> Result<Uuid> {
    if command.from == command.to {
        return Err(Error::invalid("to", "must be another currency"));
    }
    let limit = Decimal::from(1_000_000_000_000_i64);
    if command.rate <= Decimal::ZERO || command.rate >= limit || command.rate.normalize().scale() > 6 {
        return Err(Error::invalid("rate", "must be above zero, with at most six decimals"));
    }
    if !(1990..=2199).contains(&command.on.jiff().year()) {
        return Err(Error::invalid("on", "must lie between 1990 and 2199"));
    }
    let source = command.source.trim().to_owned();
    if source.chars().count() > 200 {
        return Err(Error::invalid("source", "must have at most 200 characters"));
    }
    book::ops::book(tx, entity).await?;
    let row = RateRow {
        id: EntryId::generate(tx.now()).uuid(),
        entity_id: entity,
        from_currency: command.from.code().to_owned(),
        to_currency: command.to.code().to_owned(),
        rate_type: command.kind.as_str().to_owned(),
        rate_on: command.on,
        rate: command.rate.normalize(),
        source,
        created_at: tx.now(),
        created_by: tx.ctx().actor().name().to_owned(),
        superseded_by: None,
    };
    store::insert_rate(tx, &row).await?;
    let details = json!({ "from": row.from_currency, "to": row.to_currency, "type": row.rate_type, "on": row.rate_on, "rate": row.rate });
    tx.emit(Event::new("rate_changed", "exchange_rate", row.id).entity(entity).details(details));
    Ok(row.id)
}
