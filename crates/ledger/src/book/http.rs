//! Routes of books and journals.

use axum::http::StatusCode;
use kernel::{Currency, Date};
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Error, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::chart::Chart;
use super::model::{Book, OpenBook};
use super::{ops, store};
use crate::rules::rates::RateType;
use crate::wire;

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::LedgerView);
    api.route(routes!(get_book), view())
        .route(routes!(open_book), Guard::permit(Permission::LedgerManage))
        .route(routes!(list_journals), view())
}

/// Whose books.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookQuery {
    /// The entity, by code; needed where several are in scope.
    pub(crate) entity: Option<String>,
}

/// The books of an entity.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerBookView {
    /// The entity, by code.
    entity: String,
    /// The chart they were opened with.
    chart: Chart,
    /// The entity's country, ISO 3166.
    country: String,
    /// The currency in which entries balance first.
    functional: Currency,
    /// Its digits.
    functional_decimals: u32,
    /// The second currency that every entry carries, if there is one.
    second: Option<LedgerSecondView>,
    /// Month and day on which fiscal years end.
    fiscal_year_end: [i8; 2],
    /// How many digits account codes are padded to.
    account_digits: usize,
}

/// The second currency of a book.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerSecondView {
    /// The currency.
    currency: Currency,
    /// Its digits.
    decimals: u32,
    /// Which rates it is converted at.
    rate_type: RateType,
    /// What rounding may lose of it in an entry.
    #[schema(value_type = String)]
    tolerance: Decimal,
}

impl LedgerBookView {
    fn of(ctx: &Ctx, book: Book) -> Self {
        Self {
            entity: ctx.entity_code(book.entity).to_owned(),
            chart: book.chart,
            country: book.country,
            functional: book.functional,
            functional_decimals: book.functional_decimals,
            second: book.second.map(|second| LedgerSecondView {
                currency: second.currency,
                decimals: second.decimals,
                rate_type: second.rate_type,
                tolerance: second.tolerance,
            }),
            fiscal_year_end: [book.fiscal_year_end.0, book.fiscal_year_end.1],
            account_digits: book.account_digits,
        }
    }
}

/// The books of an entity: chart, currencies, fiscal year. Not found until they are opened, by hand or with the first entry.
#[utoipa::path(get, path = "/api/ledger/book", tag = "ledger", params(BookQuery), responses((status = 200, body = LedgerBookView)))]
async fn get_book(ctx: Ctx, Query(query): Query<BookQuery>) -> Result<Json<LedgerBookView>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let book = store::find_book(&mut tx, entity).await?.ok_or_else(|| Error::not_found("book"))?;
    Ok(Json(LedgerBookView::of(&ctx, book)))
}

/// How books are to be opened; what is left out follows from the entity's country (`country` in its legal data).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct OpenLedgerBook {
    /// The entity, by code; needed where several are in scope.
    entity: Option<String>,
    /// Another chart than the country's.
    chart: Option<Chart>,
    /// Another currency than the country's.
    currency: Option<Currency>,
    /// Another end of fiscal years than 31 December: month and day.
    fiscal_year_end: Option<[i8; 2]>,
    /// Another length of account codes than the chart's, 3 to 8.
    account_digits: Option<i32>,
}

/// Opens the books of an entity. They open by themselves with the first entry; this is for who wants them otherwise.
#[utoipa::path(post, path = "/api/ledger/book", tag = "ledger", request_body = OpenLedgerBook, responses((status = 201, body = LedgerBookView)))]
async fn open_book(ctx: Ctx, Json(command): Json<OpenLedgerBook>) -> Result<(StatusCode, Json<LedgerBookView>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let end = command.fiscal_year_end.map(|[month, day]| (month, day));
    if end.is_some_and(|(month, day)| !(1..=12).contains(&month) || !(1..=31).contains(&day)) {
        return Err(Error::invalid("fiscal_year_end", "must be a month, 1 to 12, and a day, 1 to 31"));
    }
    if command.account_digits.is_some_and(|digits| !(3..=8).contains(&digits)) {
        return Err(Error::invalid("account_digits", "must be between 3 and 8"));
    }
    let wanted = OpenBook {
        chart: command.chart,
        functional: command.currency,
        fiscal_year_end: end,
        account_digits: command.account_digits,
    };
    let mut tx = ctx.begin().await?;
    let (book, is_new) = ops::open(&mut tx, entity, &wanted).await?;
    if !is_new {
        return Err(Error::refused("book_open", "The books of this entity are open already."));
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(LedgerBookView::of(&ctx, book))))
}

/// A journal.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerJournalView {
    /// The code, such as `VE`.
    code: String,
    /// The French name.
    name_fr: String,
    /// The English name.
    name_en: String,
    /// How many entries it holds.
    entries: i64,
    /// The latest booking date in it.
    last_on: Option<Date>,
}

/// Lists the journals, by code.
#[utoipa::path(get, path = "/api/ledger/journals", tag = "ledger", params(BookQuery), responses((status = 200, body = Vec<LedgerJournalView>)))]
async fn list_journals(ctx: Ctx, Query(query): Query<BookQuery>) -> Result<Json<Vec<LedgerJournalView>>> {
    let entity = wire::entity(&ctx, query.entity.as_deref())?;
    let mut tx = ctx.read().await?;
    let journals = store::list_journals(&mut tx, entity).await?;
    let view = |row: store::JournalRow| LedgerJournalView {
        code: row.code,
        name_fr: row.name_fr,
        name_en: row.name_en,
        entries: row.entries,
        last_on: row.last_on,
    };
    Ok(Json(journals.into_iter().map(view).collect()))
}
