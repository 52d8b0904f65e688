//! Opening fiscal years with their first entry; locking and unlocking periods.

use std::collections::BTreeSet;

use kernel::{Date, EntityId, PeriodLockId};
use platform::event::Severity;
use platform::{Error, Event, Result, Tx};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, LockRow, YearRow};
use crate::book::{self, model::Book};
use crate::rules::year;

/// Proves that something may be posted on `on`.
///
/// Refused as `period_locked` when the day lies in a locked period or a closed fiscal year.
pub async fn expect_open(tx: &mut Tx, entity: EntityId, on: Date) -> Result<()> {
    match store::locked_among(tx, entity, &[on]).await?.first() {
        Some(day) => Err(locked(*day)),
        None => Ok(()),
    }
}

pub(crate) fn locked(day: Date) -> Error {
    let detail = format!("The {day} lies in a locked period or a closed fiscal year.");
    Error::refused("period_locked", detail).with_field("on", "must lie in a period that is open")
}

/// The fiscal years of `dates`, opened where they are not.
///
/// Refused as `period_locked` when one of the days may not be posted on.
pub(crate) async fn open_years(tx: &mut Tx, book: &Book, dates: Vec<Date>) -> Result<Vec<YearRow>> {
    let dates: BTreeSet<_> = dates.into_iter().collect();
    let dates: Vec<_> = dates.into_iter().collect();
    let wanted: BTreeSet<_> = dates.iter().map(|date| year::year_of(*date, book.fiscal_year_end)).collect();
    let starts: Vec<_> = wanted.iter().map(|(start, _)| *start).collect();
    let mut years = store::list_years(tx, book.entity, Some(&starts)).await?;
    let missing: Vec<_> =
        wanted.into_iter().filter(|(start, _)| years.iter().all(|year| year.starts_on != *start)).collect();
    if !missing.is_empty() {
        store::insert_years(tx, book.entity, &missing).await?;
        years = store::list_years(tx, book.entity, Some(&starts)).await?;
    }
    if let Some(day) = store::locked_among(tx, book.entity, &dates).await?.first() {
        return Err(locked(*day));
    }
    Ok(years)
}

/// The one of `years` that holds `on`.
pub(crate) fn year_of(years: &[YearRow], on: Date) -> Result<Uuid> {
    let year = years.iter().find(|year| year.starts_on <= on && on <= year.ends_on);
    year.map(|year| year.id).ok_or_else(|| Error::internal("finding a fiscal year", "none holds the day"))
}

/// Locks a period of `entity` for every posting.
///
/// Invalid when it ends before it begins, or without a reason.
pub async fn lock_period(tx: &mut Tx, entity: EntityId, (starts, ends): (Date, Date), reason: &str) -> Result<LockRow> {
    let reason = reasoned(reason)?;
    if ends < starts {
        return Err(Error::invalid("ends_on", "must not lie before starts_on"));
    }
    book::ops::book(tx, entity).await?;
    let row = store::insert_lock(tx, entity, (starts, ends), reason).await?;
    let details = json!({ "starts_on": starts, "ends_on": ends, "reason": reason });
    tx.emit(Event::new("period_locked", "period_lock", row.id).entity(entity).details(details));
    Ok(row)
}

/// Lifts a lock; the event log says who and why.
///
/// Refused when it was lifted already.
pub async fn unlock_period(tx: &mut Tx, id: PeriodLockId, reason: &str) -> Result<LockRow> {
    let reason = reasoned(reason)?;
    let before = store::lock_lock(tx, id).await?;
    book::ops::book(tx, before.entity_id).await?;
    if !before.locked {
        return Err(Error::refused("lock_lifted", "This lock was lifted already."));
    }
    let row = store::update_unlocked(tx, id, reason).await?;
    let details = json!({ "starts_on": row.starts_on, "ends_on": row.ends_on, "reason": reason });
    let event = Event::new("period_unlocked", "period_lock", id).entity(row.entity_id).details(details);
    tx.emit(event.severity(Severity::Warning));
    Ok(row)
}

fn reasoned(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "must have 1 to 500 characters"));
    }
    Ok(reason)
}
