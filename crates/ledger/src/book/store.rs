//! Every statement on `ledger.book` and `ledger.journal`.

use kernel::{Currency, EntityId, Timestamp};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use super::chart::Chart;
use super::model::{Book, SecondCurrency};
use crate::entries::model::Journal;
use crate::rules::rates::RateType;

platform::constraint!(
    "book_kept",
    "entity",
    "A book with entries keeps its currencies, its chart and its fiscal year."
);
platform::constraint!("book_year_end_check", "fiscal_year_end", "A month is 1 to 12 and a day 1 to 31.");
platform::constraint!("book_digits_check", "account_digits", "Account codes have 3 to 8 digits.");

struct BookRow {
    chart: String,
    country: String,
    functional_currency: String,
    functional_decimals: i32,
    functional_tolerance: Decimal,
    second_currency: Option<String>,
    second_decimals: Option<i32>,
    second_tolerance: Option<Decimal>,
    second_rate_type: Option<String>,
    fiscal_year_end_month: i32,
    fiscal_year_end_day: i32,
    account_digits: i32,
}

impl BookRow {
    fn book(self, entity: EntityId) -> Result<Book> {
        let unreadable = |what: &'static str| Error::internal("reading a stored book", what);
        let currency = |code: &str| code.parse::<Currency>().map_err(|_| unreadable("its currency is none"));
        let digits = |number: i32| u32::try_from(number).map_err(|_| unreadable("its digits are negative"));
        let chart = match self.chart.as_str() {
            "pcg" => Chart::Pcg,
            "lb" => Chart::Lb,
            _ => Chart::Generic,
        };
        let second = match (self.second_currency, self.second_decimals, self.second_tolerance, self.second_rate_type) {
            (Some(code), Some(decimals), Some(tolerance), Some(kind)) => Some(SecondCurrency {
                currency: currency(&code)?,
                decimals: digits(decimals)?,
                rate_type: RateType::of(&kind).ok_or_else(|| unreadable("its rates are of no type"))?,
                tolerance,
            }),
            _ => None,
        };
        let day = |number: i32| i8::try_from(number).unwrap_or(31);
        Ok(Book {
            entity,
            chart,
            country: self.country,
            functional: currency(&self.functional_currency)?,
            functional_decimals: digits(self.functional_decimals)?,
            functional_tolerance: self.functional_tolerance,
            second,
            fiscal_year_end: (day(self.fiscal_year_end_month), day(self.fiscal_year_end_day)),
            account_digits: usize::try_from(self.account_digits).unwrap_or(6),
        })
    }
}

/// The book of an entity, if it was opened.
pub async fn find_book(tx: &mut Tx, entity: EntityId) -> Result<Option<Book>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        BookRow,
        "select chart, country, functional_currency, functional_decimals, functional_tolerance, second_currency, second_decimals,
             second_tolerance, second_rate_type, fiscal_year_end_month, fiscal_year_end_day, account_digits
         from ledger.book where tenant_id = $1 and entity_id = $2",
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| row.book(entity)).transpose()
}

/// The book of an entity, held until the transaction ends: whoever posts, locks a period or letters waits here for the one before.
pub async fn lock_book(tx: &mut Tx, entity: EntityId) -> Result<Option<Book>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        BookRow,
        "select chart, country, functional_currency, functional_decimals, functional_tolerance, second_currency, second_decimals,
             second_tolerance, second_rate_type, fiscal_year_end_month, fiscal_year_end_day, account_digits
         from ledger.book where tenant_id = $1 and entity_id = $2 for no key update",
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| row.book(entity)).transpose()
}

/// The SIREN and the name of an entity.
pub async fn entity_siren(tx: &mut Tx, entity: EntityId) -> Result<Option<String>> {
    let tenant = tx.tenant().uuid();
    let siren = sqlx::query_scalar!(
        "select legal ->> 'siren' from platform.entity where tenant_id = $1 and id = $2",
        tenant,
        entity.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(siren.flatten())
}

/// Writes a new book; says whether it is the first of its entity. Waits for whoever is opening it now.
pub async fn insert_book(tx: &mut Tx, book: &Book) -> Result<bool> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let decimals = |digits: u32| i32::try_from(digits).unwrap_or(4);
    let inserted = sqlx::query!(
        "insert into ledger.book (tenant_id, entity_id, chart, country, functional_currency, functional_decimals, functional_tolerance,
             second_currency, second_decimals, second_tolerance, second_rate_type, fiscal_year_end_month, fiscal_year_end_day,
             account_digits, opened_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
         on conflict (tenant_id, entity_id) do nothing",
        tenant,
        book.entity.uuid(),
        book.chart.as_str(),
        book.country,
        book.functional.code(),
        decimals(book.functional_decimals),
        book.functional_tolerance,
        book.second.map(|second| second.currency.code()),
        book.second.map(|second| decimals(second.decimals)),
        book.second.map(|second| second.tolerance),
        book.second.map(|second| second.rate_type.as_str()),
        i32::from(book.fiscal_year_end.0),
        i32::from(book.fiscal_year_end.1),
        i32::try_from(book.account_digits).unwrap_or(6),
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes every journal of a new book.
pub async fn insert_journals(tx: &mut Tx, entity: EntityId) -> Result<()> {
    let tenant = tx.tenant().uuid();
    let of = |name: fn(Journal) -> &'static str| Journal::ALL.iter().map(|journal| name(*journal).to_owned()).collect();
    let (codes, french, english): (Vec<String>, Vec<String>, Vec<String>) =
        (of(Journal::code), of(Journal::name_fr), of(Journal::name_en));
    sqlx::query!(
        "insert into ledger.journal (tenant_id, entity_id, code, name_fr, name_en)
         select $1, $2, j.code, j.name_fr, j.name_en from unnest($3::text[], $4::text[], $5::text[]) as j (code, name_fr, name_en)
         returning 1 as one",
        tenant,
        entity.uuid(),
        &codes,
        &french,
        &english
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// A journal with what was posted to it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of ledger.journal and what ledger.journal_year counts")]
pub struct JournalRow {
    pub code: String,
    pub name_fr: String,
    pub name_en: String,
    pub entries: i64,
    pub last_on: Option<kernel::Date>,
}

/// The journals of an entity, by code.
pub async fn list_journals(tx: &mut Tx, entity: EntityId) -> Result<Vec<JournalRow>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        JournalRow,
        r#"select j.code, j.name_fr, j.name_en, coalesce(sum(y.next_number - 1), 0)::bigint as "entries!", max(y.last_on) as last_on
           from ledger.journal j
           left join ledger.journal_year y on y.tenant_id = j.tenant_id and y.entity_id = j.entity_id and y.journal = j.code
           where j.tenant_id = $1 and j.entity_id = $2 group by j.code, j.name_fr, j.name_en order by j.code"#,
        tenant,
        entity.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
