//! Tables, by a [`StatementMapping`] of their columns; [`guess`] proposes one for what French banks export.
//!
//! A table seldom names its account and has no balances of its own, so an importer says which account it is. Where a
//! column holds the balance after each line, lines that are missing or doubled are found by it.

mod guess;
mod mapping;

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use kernel::{Currency, Date};
use rust_decimal::Decimal;

pub use guess::guess;
pub use mapping::{StatementAmountColumns, StatementDateFormat, StatementMapping};

use crate::model::{Statement, StatementAccount, StatementFormat, StatementLine};
use crate::refusal::{Place, Refusal};
use crate::seal::{Draft, DraftLine, MAX_LINES, seal};
use crate::text::{clean, currency, decode_as, decode_loose, iban, said};

/// The statements of a table, one for each account it names. Its size is the caller's to hold ([`crate::read`] does).
pub fn read(bytes: &[u8], mapping: &StatementMapping) -> Result<Vec<Statement>, Refusal> {
    mapping.check()?;
    let text = match &mapping.encoding {
        Some(label) => decode_as(bytes, label)?,
        None => decode_loose(bytes).0,
    };
    let mut rows = rows(&text, mapping.delimiter, usize::MAX)?;
    let above = mapping.skip_rows.saturating_add(usize::from(mapping.has_header));
    if above.saturating_add(mapping.skip_last_rows) > rows.len() {
        return Err(Refusal::Mapping(format!("the file has {} rows, fewer than are to be skipped", rows.len())));
    }
    rows.truncate(rows.len() - mapping.skip_last_rows);
    let mut drafts: Vec<(Draft, Vec<Decimal>)> = Vec::new();
    let mut places = HashMap::new();
    for row in rows.drain(..).skip(above) {
        let Some(line) = line(&Row { row: &row, mapping })? else { continue };
        let stated = cell(&row, mapping.account_column).and_then(said);
        let account = named(stated.as_deref().or(mapping.account.as_deref()), mapping.currency);
        let at = *places.entry(account.key().to_owned()).or_insert(drafts.len());
        if at == drafts.len() {
            let named = stated.unwrap_or_default();
            drafts.push((empty(account, named, mapping.currency, line.place.clone()), Vec::new()));
        }
        drafts[at].1.extend(balance(&Row { row: &row, mapping })?);
        drafts[at].0.lines.push(line);
    }
    if drafts.is_empty() {
        return Err(Refusal::Missing(Place::new(1, "lines with a date and an amount")));
    }
    seal(drafts.into_iter().map(|(draft, balances)| balanced(draft, &balances)).collect::<Result<_, _>>()?)
}

/// The rows that hold anything, at most `limit` of them.
fn rows(text: &str, delimiter: char, limit: usize) -> Result<Vec<StringRecord>, Refusal> {
    // The line of a row is counted right only where rows end in a single character.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let delimiter = u8::try_from(delimiter).unwrap_or(b';');
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().take(limit) {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Refusal::Malformed { at: Place::new(line, ""), why: error.to_string().chars().take(200).collect() }
        })?;
        if rows.len() > MAX_LINES + 1000 {
            return Err(Refusal::TooMany { what: "lines", limit: MAX_LINES });
        }
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(record);
        }
    }
    Ok(rows)
}

fn cell(row: &StringRecord, column: Option<usize>) -> Option<&str> {
    row.get(column?).map(str::trim).filter(|cell| !cell.is_empty())
}

fn place(row: &StringRecord, what: &str) -> Place {
    Place::new(row.position().map_or(0, csv::Position::line), what)
}

fn named(account: Option<&str>, currency: Currency) -> StatementAccount {
    let number = account.map(|account| account.trim_start_matches("=\"").trim_matches('"').trim()).unwrap_or_default();
    let read = iban(number);
    let other = said(number).filter(|_| read.is_none());
    StatementAccount { iban: read, other, currency: Some(currency), ..StatementAccount::default() }
}

fn empty(account: StatementAccount, named: String, currency: Currency, place: Place) -> Draft {
    Draft {
        format: StatementFormat::Csv,
        account,
        named,
        currency,
        number: None,
        from_on: None,
        to_on: None,
        opening: None,
        closing: None,
        lines: Vec::new(),
        warnings: Vec::new(),
        place,
    }
}

struct Row<'a> {
    row: &'a StringRecord,
    mapping: &'a StatementMapping,
}

impl Row<'_> {
    fn cell(&self, column: Option<usize>) -> Option<&str> {
        cell(self.row, column)
    }

    fn place(&self, what: &str, column: usize) -> Place {
        place(self.row, &format!("{what}, column {column}"))
    }
}

/// The line of a row; none where neither date nor amount is filled in.
fn line(row: &Row<'_>) -> Result<Option<DraftLine>, Refusal> {
    let mapping = row.mapping;
    if mapping.needed().all(|column| row.cell(Some(column)).is_none()) {
        return Ok(None);
    }
    let booked_on = date(row, mapping.date)?.ok_or_else(|| Refusal::Missing(row.place("date", mapping.date)))?;
    let currency = match mapping.currency_column.and_then(|column| row.cell(Some(column)).map(|cell| (column, cell))) {
        Some((column, cell)) => currency(cell, || row.place("currency", column))?,
        None => mapping.currency,
    };
    let label: Vec<_> = mapping.label.iter().filter_map(|column| row.cell(Some(*column))).collect();
    let label = clean(&label.join(" "));
    let line = StatementLine {
        external_id: String::new(),
        booked_on,
        value_on: mapping.value_date.map(|column| date(row, column)).transpose()?.flatten(),
        amount: amount(row, currency)?,
        currency,
        counterparty: row.cell(mapping.counterparty).and_then(said),
        counterparty_iban: row.cell(mapping.counterparty_iban).and_then(iban),
        end_to_end_id: row.cell(mapping.reference).and_then(said),
        references: Vec::new(),
        remittance: said(&label),
        label,
        transaction_code: None,
        charges: None,
        returned: None,
    };
    let reference = row.cell(mapping.bank_reference).and_then(said);
    Ok(Some(DraftLine { line, reference, place: place(row.row, "") }))
}

fn date(row: &Row<'_>, column: usize) -> Result<Option<Date>, Refusal> {
    let Some(cell) = row.cell(Some(column)) else { return Ok(None) };
    let read = row.mapping.date_format.read(cell);
    let refuse = || Refusal::Date { at: row.place("date", column), text: cell.chars().take(40).collect() };
    read.ok_or_else(refuse).map(Some)
}

fn amount(row: &Row<'_>, currency: Currency) -> Result<Decimal, Refusal> {
    let read = |column: usize| -> Result<Option<Decimal>, Refusal> {
        let Some(cell) = row.cell(Some(column)) else { return Ok(None) };
        row.mapping.amount(cell, currency, || row.place("amount", column)).map(Some)
    };
    let signed = match row.mapping.amount {
        StatementAmountColumns::Signed { column } => {
            read(column)?.ok_or_else(|| Refusal::Missing(row.place("amount", column)))?
        }
        StatementAmountColumns::Split { debit, credit } => match (read(debit)?, read(credit)?) {
            (Some(out), Some(back)) if !out.is_zero() && !back.is_zero() => {
                let text = row.cell(Some(debit)).unwrap_or_default().chars().take(40).collect();
                return Err(Refusal::Amount { at: row.place("debit and credit both filled in", debit), text });
            }
            (None, None) => return Err(Refusal::Missing(row.place("debit or credit", debit))),
            (out, back) => back.unwrap_or_default() - out.unwrap_or_default().abs(),
        },
    };
    Ok(if row.mapping.inverted && !signed.is_zero() { -signed } else { signed })
}

fn balance(row: &Row<'_>) -> Result<Option<Decimal>, Refusal> {
    let Some(column) = row.mapping.balance else { return Ok(None) };
    let Some(cell) = row.cell(Some(column)) else { return Ok(None) };
    row.mapping.amount(cell, row.mapping.currency, || row.place("balance", column)).map(Some)
}

/// Holds every line against the balances beside it, in whichever order they run, and takes opening and closing from
/// them. Balances that do not stand on every line prove nothing.
fn balanced(mut draft: Draft, balances: &[Decimal]) -> Result<Draft, Refusal> {
    draft.from_on = draft.lines.iter().map(|line| line.line.booked_on).min();
    draft.to_on = draft.lines.iter().map(|line| line.line.booked_on).max();
    let (Some(first), Some(last)) = (balances.first(), balances.last()) else { return Ok(draft) };
    if balances.len() != draft.lines.len() {
        return Ok(draft);
    }
    let amounts: Vec<_> = draft.lines.iter().map(|line| line.line.amount).collect();
    // The first line whose balance does not follow from its neighbour's, if lines run down (or up) in time.
    let breaks_down = (1..amounts.len()).find(|&at| balances[at - 1] + amounts[at] != balances[at]);
    let breaks_up = (1..amounts.len()).find(|&at| balances[at] + amounts[at - 1] != balances[at - 1]);
    let (opening, closing) = match (breaks_down, breaks_up) {
        (None, _) => (first - amounts[0], *last),
        (_, None) => (last - amounts[amounts.len() - 1], *first),
        (Some(down), Some(up)) => {
            let at = down.max(up);
            let (opening, sum, closing) = if down >= up {
                (balances[at - 1], amounts[at], balances[at])
            } else {
                (balances[at], amounts[at - 1], balances[at - 1])
            };
            let at = Place::new(draft.lines[at].place.line, "balance");
            return Err(Refusal::Unbalanced { at, opening, sum, closing });
        }
    };
    (draft.opening, draft.closing) = (Some(opening), Some(closing));
    Ok(draft)
}
