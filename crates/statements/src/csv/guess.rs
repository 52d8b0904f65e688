//! A mapping for a table that nobody described yet.

use std::str::FromStr;

use csv::StringRecord;
use kernel::Currency;

use super::mapping::plain;
use super::{StatementAmountColumns, StatementDateFormat, StatementMapping, rows};
use crate::refusal::Refusal;
use crate::text::decode_loose;

/// How many rows may stand above the titles.
const PREAMBLE: usize = 40;
/// How many rows are looked at.
const SAMPLE: usize = 400;

/// Proposes how a table is read, from its titles or, where it has none, from what its columns hold. A person confirms
/// it: `03/04/2025` is taken for the third of April unless the file shows otherwise.
pub fn guess(bytes: &[u8]) -> Result<StatementMapping, Refusal> {
    let (text, encoding) = decode_loose(bytes);
    let proposals = [';', '\t', ',', '|'].into_iter().filter_map(|delimiter| {
        let rows = rows(&text, delimiter, usize::MAX).ok()?;
        by_titles(&rows, delimiter).or_else(|| by_content(&rows, delimiter))
    });
    // The delimiter under which more columns have a meaning; the earlier of equals.
    let (_, mapping) = best(proposals).ok_or(Refusal::NoMapping)?;
    Ok(StatementMapping { encoding: Some(encoding.to_ascii_lowercase()), ..mapping })
}

/// The first of the best.
fn best(proposals: impl Iterator<Item = (usize, StatementMapping)>) -> Option<(usize, StatementMapping)> {
    proposals.fold(None, |best, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    })
}

/// What a column may be, with the titles that say so, the more telling first. A title ending in `*` may go on.
const TITLES: [(Role, &[&str]); 12] = [
    (
        Role::Value,
        &[
            "date de valeur",
            "date valeur",
            "dateval",
            "date de la valeur*",
            "value date",
            "valutadatum",
            "wertstellung",
            "valuta",
        ],
    ),
    (
        Role::Date,
        &[
            "date operation",
            "date d operation",
            "date de l operation*",
            "dateop",
            "date de comptabilisation",
            "date comptabilisation",
            "date comptable",
            "date de reglement*",
            "date",
            "booking date",
            "buchungstag",
            "operation date*",
            "settlement date*",
            "date *",
        ],
    ),
    (Role::Debit, &["debit", "debit *", "montant debit", "sortie*", "depense*"]),
    (Role::Credit, &["credit", "credit *", "montant credit", "entree*", "recette*"]),
    (
        Role::Amount,
        &[
            "montant operation*",
            "montant de l operation",
            "montant total*",
            "montant",
            "montant *",
            "amount",
            "total amount*",
            "betrag",
            "amount *",
        ],
    ),
    (
        Role::BankReference,
        &["id de transaction", "transaction id", "numero de sequence", "sequence", "numero d operation", "id"],
    ),
    (Role::Iban, &["iban de la contrepartie", "iban contrepartie", "counterparty iban", "kontonummer iban", "iban *"]),
    (
        Role::Counterparty,
        &[
            "nom de la contrepartie",
            "contrepartie*",
            "counterparty name",
            "counterparty*",
            "tiers",
            "beneficiaire*",
            "emetteur*",
            "supplierfound",
            "beguenstigter*",
        ],
    ),
    (Role::Reference, &["reference", "reference *", "ref", "ref *", "end to end*", "kundenreferenz end to end"]),
    (Role::Currency, &["devise", "devise du compte", "currency", "wahrung", "waehrung", "devise *"]),
    (Role::Balance, &["solde", "solde *", "balance", "running balance", "saldo"]),
    (Role::Account, &["accountnum", "numero de compte", "numero du compte", "account number"]),
];

/// A label is made of all columns with such titles.
const LABELS: [&str; 11] = [
    "libelle*",
    "label",
    "description*",
    "detail*",
    "motif*",
    "nature de l operation",
    "memo",
    "verwendungszweck",
    "informations complementaires",
    "infos complementaires",
    "type operation",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Date,
    Value,
    Debit,
    Credit,
    Amount,
    Counterparty,
    Iban,
    BankReference,
    Reference,
    Currency,
    Balance,
    Account,
}

fn title(cell: &str) -> String {
    let plain = deunicode::deunicode(cell).to_lowercase();
    plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn fits(title: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(title == pattern, |start| title.starts_with(start))
}

fn by_titles(rows: &[StringRecord], delimiter: char) -> Option<(usize, StatementMapping)> {
    let candidates = rows.iter().take(PREAMBLE).enumerate();
    let proposals = candidates.filter_map(|(at, row)| {
        let titles: Vec<_> = row.iter().map(title).collect();
        let mut taken = vec![false; titles.len()];
        let mut found = [None; 12];
        for (slot, (_, patterns)) in found.iter_mut().zip(TITLES) {
            *slot = patterns
                .iter()
                .find_map(|pattern| (0..titles.len()).find(|&at| !taken[at] && fits(&titles[at], pattern)));
            if let Some(column) = *slot {
                taken[column] = true;
            }
        }
        let column = |role: Role| TITLES.iter().position(|(of, _)| *of == role).and_then(|slot| found[slot]);
        let label: Vec<_> = (0..titles.len())
            .filter(|&at| !taken[at] && LABELS.iter().any(|pattern| fits(&titles[at], pattern)))
            .collect();
        let amount = match (column(Role::Debit), column(Role::Credit), column(Role::Amount)) {
            (Some(debit), Some(credit), _) => StatementAmountColumns::Split { debit, credit },
            (_, _, Some(column)) => StatementAmountColumns::Signed { column },
            _ => return None,
        };
        // A table may give the day of value alone.
        let date = column(Role::Date).or(column(Role::Value))?;
        let score = found.iter().flatten().count() + label.len();
        let mapping = StatementMapping {
            skip_rows: at,
            has_header: true,
            value_date: column(Role::Value),
            label: if label.is_empty() { column(Role::Counterparty).into_iter().collect() } else { label },
            counterparty: column(Role::Counterparty),
            counterparty_iban: column(Role::Iban),
            reference: column(Role::Reference),
            bank_reference: column(Role::BankReference),
            currency_column: column(Role::Currency),
            balance: column(Role::Balance),
            account_column: column(Role::Account),
            ..bare(delimiter, date, amount)
        };
        settled(rows, mapping).map(|mapping| (score, mapping))
    });
    best(proposals)
}

fn bare(delimiter: char, date: usize, amount: StatementAmountColumns) -> StatementMapping {
    StatementMapping {
        delimiter,
        encoding: None,
        skip_rows: 0,
        has_header: false,
        skip_last_rows: 0,
        date,
        date_format: StatementDateFormat::DayMonthYear,
        value_date: None,
        amount,
        inverted: false,
        decimal: ',',
        label: Vec::new(),
        counterparty: None,
        counterparty_iban: None,
        reference: None,
        bank_reference: None,
        currency_column: None,
        currency: Currency::EUR,
        balance: None,
        account_column: None,
        account: None,
    }
}

/// Without titles: the first column that holds dates, the last that holds amounts, texts between them.
fn by_content(rows: &[StringRecord], delimiter: char) -> Option<(usize, StatementMapping)> {
    let width = rows.iter().take(SAMPLE).map(StringRecord::len).max()?.min(64);
    let is_date = |cell: &str| FORMATS.iter().any(|format| format.read(cell).is_some());
    let start = rows.iter().take(PREAMBLE).position(|row| row.iter().any(is_date) && amounts(row).next().is_some())?;
    // A first row with the account and its balance looks like a line, but its date stands elsewhere than below.
    let body: Vec<_> = rows.iter().skip(start).take(SAMPLE).collect();
    let column = |row: &StringRecord| row.iter().position(is_date);
    let typical = column(body.last()?)?;
    let start = start + body.iter().position(|row| column(row) == Some(typical))?;
    let body: Vec<_> = rows.iter().skip(start).take(SAMPLE).collect();
    let all = |test: &dyn Fn(&str) -> bool, at: usize| body.iter().all(|row| row.get(at).is_some_and(test));
    let amount = (0..width).rev().find(|&at| at != typical && all(&is_amount, at))?;
    let mapping = StatementMapping {
        skip_rows: start,
        label: (0..width)
            .filter(|&at| at != typical && at != amount && !all(&is_date, at) && !all(&is_amount, at))
            .collect(),
        ..bare(delimiter, typical, StatementAmountColumns::Signed { column: amount })
    };
    settled(rows, mapping).map(|mapping| (2, mapping))
}

fn is_amount(cell: &str) -> bool {
    [',', '.'].iter().any(|decimal| plain(cell, *decimal, Currency::EUR).is_some())
}

fn amounts(row: &StringRecord) -> impl Iterator<Item = usize> {
    row.iter().enumerate().filter(|(_, cell)| is_amount(cell)).map(|(at, _)| at)
}

const FORMATS: [StatementDateFormat; 4] = [
    StatementDateFormat::DayMonthYear,
    StatementDateFormat::YearMonthDay,
    StatementDateFormat::MonthDayYear,
    StatementDateFormat::Compact,
];

/// With the format of dates and amounts that reads the rows, and the rows below the last line left out; none, when no
/// format reads them.
fn settled(rows: &[StringRecord], mapping: StatementMapping) -> Option<StatementMapping> {
    let above = mapping.skip_rows + usize::from(mapping.has_header);
    let body = rows.get(above..)?;
    let any_date = |row: &StringRecord| {
        row.get(mapping.date).is_some_and(|cell| FORMATS.iter().any(|format| format.read(cell).is_some()))
    };
    let skip_last_rows = body.iter().rev().take_while(|row| !any_date(row)).count();
    let body = &body[..body.len() - skip_last_rows];
    let filled = |column: usize| body.iter().filter_map(move |row| super::cell(row, Some(column)));
    let date_format =
        FORMATS.into_iter().find(|format| filled(mapping.date).all(|cell| format.read(cell).is_some()))?;
    let mut columns: Vec<_> = mapping.needed().skip(1).collect();
    columns.extend(mapping.balance);
    let reads = |cell: &str, decimal: char| {
        let read = plain(cell, decimal, Currency::EUR);
        read.is_some_and(|plain| plain.split('.').next_back().is_some_and(|fraction| fraction.len() <= 2))
    };
    let decimal = [',', '.']
        .into_iter()
        .find(|decimal| columns.iter().all(|&column| filled(column).all(|cell| reads(cell, *decimal))))?;
    let stated =
        mapping.currency_column.and_then(|column| filled(column).find_map(|cell| Currency::from_str(cell).ok()));
    // Some banks repeat today's balance on every line: it says nothing of the line.
    let varies = |column: &usize| filled(*column).collect::<std::collections::HashSet<_>>().len() > 1 || body.len() < 2;
    let balance = mapping.balance.filter(varies);
    let value_date = mapping.value_date.filter(|column| filled(*column).all(|cell| date_format.read(cell).is_some()));
    let is_body = !body.is_empty();
    is_body.then_some(StatementMapping {
        date_format,
        decimal,
        skip_last_rows,
        balance,
        value_date,
        currency: stated.unwrap_or(mapping.currency),
        ..mapping
    })
}
