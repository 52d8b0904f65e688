//! Opening books.

use kernel::EntityId;
use platform::{Error, Event, Result, Tx};
use serde_json::json;

use super::model::{self, Book, EntityFacts, OpenBook};
use super::store;
use crate::accounts;

/// The book of `entity`, opened with the chart of its country when it is used for the first time, and held until the transaction
/// ends. Any number of transactions may come first at once.
///
/// Not found when the entity is outside the caller's scope.
pub async fn book(tx: &mut Tx, entity: EntityId) -> Result<Book> {
    match store::lock_book(tx, entity).await? {
        Some(book) => Ok(book),
        None => open(tx, entity, &OpenBook::default()).await.map(|(book, _)| book),
    }
}

/// The book of `entity` as it is, or as it would be opened: to look at, held by nobody.
///
/// Not found when the entity is outside the caller's scope.
pub async fn peek(tx: &mut Tx, entity: EntityId) -> Result<Book> {
    match store::find_book(tx, entity).await? {
        Some(book) => Ok(book),
        None => Ok(model::open(entity, &facts(tx, entity).await?, &OpenBook::default())),
    }
}

/// What the legal identity of an entity says about its books.
async fn facts(tx: &mut Tx, entity: EntityId) -> Result<EntityFacts> {
    if !tx.ctx().scope().whole_tenant && !tx.ctx().scope().entities.contains(&entity) {
        return Err(Error::not_found("entity"));
    }
    let legal = platform::tenancy::legal::legal(tx, entity).await?;
    // Of a year without a 29th of February, so that the day is one of every year.
    let end = legal.fiscal_year_end.in_year(2027).map(|day| (day.jiff().month(), day.jiff().day()));
    Ok(EntityFacts {
        country: Some(legal.address.country.to_string()),
        currency: legal.currency.map(|currency| currency.to_string()),
        fiscal_year_end: end,
    })
}

/// Opens the book of `entity` as it is wanted. The second value says whether it was opened now.
pub async fn open(tx: &mut Tx, entity: EntityId, wanted: &OpenBook) -> Result<(Book, bool)> {
    let facts = facts(tx, entity).await?;
    let book = model::open(entity, &facts, wanted);
    let is_first = store::insert_book(tx, &book).await?;
    if is_first {
        let chart = book.chart.accounts(book.account_digits);
        accounts::store::insert_chart(tx, entity, &chart).await?;
        store::insert_journals(tx, entity).await?;
        let details = json!({ "chart": book.chart, "currency": book.functional, "country": book.country });
        tx.emit(Event::new("book_opened", "book", entity).entity(entity).details(details));
    }
    let book = store::lock_book(tx, entity).await?;
    let book = book.ok_or_else(|| Error::internal("opening a book", "it is not there after it was written"))?;
    Ok((book, is_first))
}
