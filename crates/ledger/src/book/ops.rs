//! Opening books.

use kernel::EntityId;
use platform::{Error, Event, Result, Tx};
use serde_json::json;

use super::model::{self, Book, OpenBook};
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

/// Opens the book of `entity` as it is wanted. The second value says whether it was opened now.
pub async fn open(tx: &mut Tx, entity: EntityId, wanted: &OpenBook) -> Result<(Book, bool)> {
    let facts = store::entity_facts(tx, entity).await?;
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
