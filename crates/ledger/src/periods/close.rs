//! Closing a fiscal year: its balances are carried into the next by the entry `AN`.

use kernel::{Date, EntityId, EntryId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::ops::{open_years, year_of};
use super::store::{self, YearRow};
use crate::accounts::model::Account;
use crate::accounts::ops::find_accounts;
use crate::accounts::role::Role;
use crate::book::{self, model::Book};
use crate::entries::model::{Journal, Posted, Second};
use crate::entries::ops::{LineParts, Ready, numbered, write};
use crate::reports::store::{Balance, closing_balances};
use crate::rules::balance::Amounts;

/// Closes a fiscal year and carries its balances forward: those of assets, liabilities and equity as they are, by party where they
/// have one; what was earned less what was spent as the result. None when there is nothing to carry.
///
/// Refused before the year is over, out of order, twice, or when the next year was opened with balances of its own.
pub async fn close_year(tx: &mut Tx, id: Uuid) -> Result<(YearRow, Option<Posted>)> {
    let year = store::get_year(tx, id).await?;
    let book = book::ops::book(tx, year.entity_id).await?;
    let year = store::get_year(tx, year.id).await?;
    check_closable(tx, &book, &year).await?;
    let balances = closing_balances(tx, book.entity, year.ends_on).await?;
    let off =
        balances.iter().fold((Decimal::ZERO, Decimal::ZERO), |sum, row| (sum.0 + row.net, sum.1 + row.second_net));
    if off != (Decimal::ZERO, Decimal::ZERO) {
        return Err(Error::refused(
            "trial_balance_not_zero",
            format!("The trial balance is off by {} and {}.", off.0, off.1),
        ));
    }
    let next = year.ends_on.plus_days(1);
    let years = open_years(tx, &book, vec![next]).await?;
    let next_year = year_of(&years, next)?;
    if store::has_opening(tx, book.entity, next_year).await? {
        return Err(Error::refused("opening_exists", "The next fiscal year has opening balances already."));
    }
    let posted = carry(tx, &book, balances, (next_year, next)).await?;
    if !store::update_year_closed(tx, id).await? {
        return Err(Error::conflict("The year was closed meanwhile."));
    }
    let details = json!({ "starts_on": year.starts_on, "ends_on": year.ends_on,
        "carried_by": posted.as_ref().map(|posted| posted.reference.clone()) });
    tx.emit(Event::new("fiscal_year_closed", "fiscal_year", id).entity(book.entity).details(details));
    Ok((store::get_year(tx, id).await?, posted))
}

async fn check_closable(tx: &mut Tx, book: &Book, year: &YearRow) -> Result<()> {
    if year.closed_at.is_some() {
        return Err(Error::refused("year_closed", "This fiscal year is closed already."));
    }
    if year.ends_on >= today(tx, book.entity) {
        return Err(Error::refused("year_not_over", "A fiscal year is closed once it is over."));
    }
    let years = store::list_years(tx, book.entity, None).await?;
    if years.iter().any(|other| other.ends_on < year.starts_on && other.closed_at.is_none()) {
        return Err(Error::refused("year_order", "An earlier fiscal year is still open: close that one first."));
    }
    Ok(())
}

/// Today, where the entity is.
pub(crate) fn today(tx: &Tx, entity: EntityId) -> Date {
    let zone = tx.ctx().entity(entity).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    tx.now().date_in(zone)
}

async fn carry(tx: &mut Tx, book: &Book, balances: Vec<Balance>, (year, on): (Uuid, Date)) -> Result<Option<Posted>> {
    let is_dual = book.second.is_some();
    let mut result = (Decimal::ZERO, Decimal::ZERO);
    let plain = |account, aux, amounts| LineParts { account, aux, label: None, amounts, due_on: None };
    let mut lines = Vec::new();
    for balance in balances {
        let second = if is_dual { balance.second_net } else { Decimal::ZERO };
        if balance.is_carried() {
            lines.push(plain(balance.account_id, balance.aux(), Amounts::of_net(balance.net, second)));
        } else {
            result = (result.0 + balance.net, result.1 + second);
        }
    }
    // A credit is a profit.
    let role = if result.0 > Decimal::ZERO { Role::ResultLoss } else { Role::ResultProfit };
    let accounts = find_accounts(tx, book, [Account::Role(role)].into()).await?;
    let account = accounts.get(&Account::Role(role)).ok_or_else(|| crate::accounts::ops::role_missing(role))?;
    lines.push(plain(account.id, None, Amounts::of_net(result.0, result.1)));
    lines.retain(|line| !line.amounts.is_zero());
    if lines.is_empty() {
        return Ok(None);
    }
    let second = book.second.map(|second| Second { currency: second.currency, rate: None, rate_type: None });
    let ready = Ready {
        id: EntryId::generate(tx.now()),
        journal: Journal::Opening,
        fiscal_year: year,
        on,
        piece_ref: format!("AN-{on}"),
        piece_on: on,
        label: format!("À-nouveaux au {on}"),
        source_kind: "year_close".to_owned(),
        source_id: year,
        second,
        lines: numbered(tx, lines),
        vat: Vec::new(),
        carried: true,
        reverses: None,
    };
    Ok(write(tx, book.entity, vec![ready]).await?.into_iter().next())
}
