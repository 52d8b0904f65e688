//! Which column of a table means what.

use kernel::{Currency, Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::{Place, Refusal};
use crate::text::{date, plain_amount};

/// How a table of a bank is read. Columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementMapping {
    /// What stands between the cells: `;`, `,`, `|` or a tab.
    #[schema(value_type = String, examples(";"))]
    pub delimiter: char,
    /// A name of the Encoding Standard (`utf-8`, `windows-1252`); without one UTF-8 is tried, then Windows' western.
    #[serde(default)]
    pub encoding: Option<String>,
    /// How many rows stand above the header, or above the first line. Rows without any content do not count, here and
    /// below.
    #[serde(default)]
    pub skip_rows: usize,
    /// Whether a row of titles stands above the lines.
    pub has_header: bool,
    /// How many rows stand below the last line.
    #[serde(default)]
    pub skip_last_rows: usize,
    /// The day of booking.
    pub date: usize,
    /// How dates are written.
    pub date_format: StatementDateFormat,
    /// The day from which interest counts.
    #[serde(default)]
    pub value_date: Option<usize>,
    /// Where the amounts stand.
    pub amount: StatementAmountColumns,
    /// Whether money that comes in is written with a minus.
    #[serde(default)]
    pub inverted: bool,
    /// The mark before the decimals, `,` or `.`; the other one, spaces and apostrophes may group thousands by three.
    #[schema(value_type = String, examples(","))]
    pub decimal: char,
    /// The label is these columns, one after the other.
    pub label: Vec<usize>,
    /// Who paid, or was paid.
    #[serde(default)]
    pub counterparty: Option<usize>,
    /// His IBAN.
    #[serde(default)]
    pub counterparty_iban: Option<usize>,
    /// The reference of the payment (end to end).
    #[serde(default)]
    pub reference: Option<usize>,
    /// The bank's own number of the line, unique on the account.
    #[serde(default)]
    pub bank_reference: Option<usize>,
    /// The line's currency.
    #[serde(default)]
    pub currency_column: Option<usize>,
    /// The account's currency.
    pub currency: Currency,
    /// The balance after each line, in the order of the lines or the other way round: lines are held against it.
    #[serde(default)]
    pub balance: Option<usize>,
    /// The account of the line, in a table of several.
    #[serde(default)]
    pub account_column: Option<usize>,
    /// The account, where the table names none.
    #[serde(default)]
    pub account: Option<String>,
}

/// Where the amounts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatementAmountColumns {
    /// In one column, with a sign.
    Signed {
        /// The column.
        column: usize,
    },
    /// In two, of which a line fills one; a minus before a debit is allowed and changes nothing.
    Split {
        /// Money that goes out.
        debit: usize,
        /// Money that comes in.
        credit: usize,
    },
}

/// How a date is written. A time may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementDateFormat {
    /// `31/12/2025`, `31-12-2025`, `31.12.25`.
    DayMonthYear,
    /// `2025-12-31`, `2025/12/31`.
    YearMonthDay,
    /// `12/31/2025`.
    MonthDayYear,
    /// `20251231`.
    Compact,
}

impl StatementDateFormat {
    /// The date, if the text is one from 1990 to 2099 in this format.
    pub(super) fn read(self, text: &str) -> Option<Date> {
        let day = text.trim().split(['T', ' ']).next()?;
        if !day.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-' | b'.')) {
            return None;
        }
        if self == Self::Compact {
            let is_compact = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
            return is_compact
                .then(|| date(day[..4].parse().ok()?, day[4..6].parse().ok()?, day[6..].parse().ok()?))?;
        }
        let parts: Vec<_> = day.split(['/', '-', '.']).collect();
        let [first, second, third] = parts.try_into().ok()?;
        let (year, month, day) = match self {
            Self::YearMonthDay => (first, second, third),
            Self::MonthDayYear => (third, first, second),
            Self::DayMonthYear | Self::Compact => (third, second, first),
        };
        let century = match year.len() {
            4 => 0,
            2 => 2000,
            _ => return None,
        };
        date(year.parse::<i16>().ok()? + century, month.parse().ok()?, day.parse().ok()?)
    }
}

impl StatementMapping {
    /// Why the mapping cannot be used, whatever the file.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let refuse = |why: &str| Err(Refusal::Mapping(why.to_owned()));
        if !matches!(self.delimiter, ';' | ',' | '|' | '\t') {
            return refuse("the delimiter is one of ; , | and tab");
        }
        if !matches!(self.decimal, ',' | '.') {
            return refuse("the decimal mark is a comma or a point");
        }
        if let StatementAmountColumns::Split { debit, credit } = self.amount
            && debit == credit
        {
            return refuse("debit and credit are two columns");
        }
        if self.label.len() > 20 {
            return refuse("a label has at most 20 columns");
        }
        Ok(())
    }

    /// The columns without which a row is no line.
    pub(super) fn needed(&self) -> impl Iterator<Item = usize> {
        let (first, second) = match self.amount {
            StatementAmountColumns::Signed { column } => (column, column),
            StatementAmountColumns::Split { debit, credit } => (debit, credit),
        };
        [self.date, first, second].into_iter()
    }

    /// The amount of a cell: a sign before or behind, a currency sign, thousands in groups of three.
    pub(super) fn amount(&self, cell: &str, currency: Currency, at: impl Fn() -> Place) -> Result<Decimal, Refusal> {
        let refuse = || Refusal::Amount { at: at(), text: cell.chars().take(40).collect() };
        let plain = plain(cell, self.decimal, currency).ok_or_else(refuse)?;
        plain_amount(&plain, currency, &at)
    }
}

/// A written amount as a sign, digits and a point.
pub(super) fn plain(cell: &str, decimal: char, currency: Currency) -> Option<String> {
    let cell = cell.trim().trim_start_matches("=\"").trim_end_matches('"');
    let cell = cell.replace(['€', '$', '£'], "").replace('\u{2212}', "-").replace(currency.code(), "");
    let cell = cell.trim();
    let (is_negative, digits) = match (cell.strip_prefix(['-', '+']), cell.strip_suffix(['-', '+'])) {
        (Some(digits), _) => (cell.starts_with('-'), digits),
        (None, Some(digits)) => (cell.ends_with('-'), digits),
        (None, None) => (false, cell),
    };
    let (whole, fraction) = digits.trim().split_once(decimal).unwrap_or((digits.trim(), ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let grouped =
        |c: char| c.is_whitespace() || matches!(c, '\'' | '\u{2019}') || (c != decimal && matches!(c, ',' | '.'));
    let groups: Vec<_> = whole.split(grouped).collect();
    let [first, rest @ ..] = groups.as_slice() else { return None };
    let well_grouped = rest.is_empty() || !first.is_empty() && first.len() <= 3;
    let is_whole = well_grouped && is_number(first) && rest.iter().all(|group| group.len() == 3 && is_number(group));
    if !is_whole || !is_number(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let sign = if is_negative { "-" } else { "" };
    let whole: String = groups.concat();
    Some(format!(
        "{sign}{}.{}",
        if whole.is_empty() { "0" } else { &whole },
        if fraction.is_empty() { "0" } else { fraction }
    ))
}
