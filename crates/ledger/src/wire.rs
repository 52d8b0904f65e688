//! What the routes of the ledger share: the entity whose books are meant, and amounts as people read them.

use kernel::{Currency, Date, EntityId};
use platform::{Ctx, Error, Result};
use rust_decimal::Decimal;

/// The one entity whose books are read: named by the parameter `entity`, or the one in scope.
///
/// Malformed when several are in scope and none is named; forbidden when the caller cannot see it.
pub(crate) fn entity(ctx: &Ctx, explicit: Option<&str>) -> Result<EntityId> {
    let ctx = ctx.within(explicit)?;
    match ctx.scope().entities.as_slice() {
        [one] => Ok(*one),
        _ => Err(Error::bad_parameter(
            "entity",
            "name one entity, or choose one with X-Entity-Scope: each has its own books",
        )),
    }
}

/// An amount without the zeros that storing it added, and with two decimals at least.
pub(crate) fn shown(amount: Decimal) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount
}

/// An amount with a decimal comma, as French files write it.
pub(crate) fn comma(amount: Decimal) -> String {
    shown(amount).to_string().replace('.', ",")
}

/// Reads a day, or takes today where the entity is.
pub(crate) fn day_or_today(ctx: &Ctx, entity: EntityId, day: Option<Date>) -> Result<Date> {
    let zone = ctx.entity(entity).map_or(&ctx.tenant().zone, |entity| &entity.zone);
    bounded("to", day.unwrap_or_else(|| ctx.now().date_in(zone)))
}

/// A day of the years that books may hold.
pub(crate) fn bounded(field: &'static str, day: Date) -> Result<Date> {
    if (1990..=2199).contains(&day.jiff().year()) {
        return Ok(day);
    }
    Err(Error::bad_parameter(field, "must lie between 1990 and 2199"))
}

/// Two days in their order.
pub(crate) fn ordered(from: Date, to: Date) -> Result<(Date, Date)> {
    let (from, to) = (bounded("from", from)?, bounded("to", to)?);
    if from <= to { Ok((from, to)) } else { Err(Error::bad_parameter("to", "must not lie before from")) }
}

/// Reads a currency.
pub(crate) fn currency(field: &str, code: &str) -> Result<Currency> {
    code.parse().map_err(|error: kernel::UnknownCurrency| Error::invalid(field, error.to_string()))
}
