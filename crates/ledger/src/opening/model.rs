//! Reading opening balances: `account;aux;label;debit;credit`, one line an account or party.

use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// The most lines a file may have.
pub const LINES: usize = 10_000;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningLine {
    /// Its number in the file, counted from 1.
    pub number: usize,
    /// The account, by code.
    pub account: String,
    /// The party: its code in these books, its id, or its name; empty for none.
    pub aux: String,
    /// What it is about; empty for the usual words.
    pub label: String,
    /// Debit.
    pub debit: Decimal,
    /// Credit.
    pub credit: Decimal,
    /// Debit and credit in the second currency.
    pub second: Option<(Decimal, Decimal)>,
}

/// What is wrong with a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpeningProblem {
    /// Its number in the file, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads the file. A first line that names the columns is passed over; amounts take a comma or a point; two more columns hold debit
/// and credit in the second currency.
pub fn parse(text: &str) -> (Vec<OpeningLine>, Vec<OpeningProblem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let number = at + 1;
        let problem = |message: String| OpeningProblem { line: number, message };
        if lines.len() >= LINES {
            problems.push(problem(format!("there are more than {LINES} lines")));
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(problem(format!("cannot be read: {error}")));
                continue;
            }
        };
        let is_header = at == 0 && record.get(0).is_some_and(|cell| cell.trim().eq_ignore_ascii_case("account"));
        if is_header || record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match line(number, &record) {
            Ok(line) => lines.push(line),
            Err(message) => problems.push(problem(message)),
        }
    }
    (lines, problems)
}

fn line(number: usize, record: &csv::StringRecord) -> Result<OpeningLine, String> {
    if record.len() != 5 && record.len() != 7 {
        return Err(format!("has {} columns; account;aux;label;debit;credit are 5", record.len()));
    }
    let cell = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
    let money = |at: usize, name: &str| amount(&cell(at)).ok_or_else(|| format!("{name} {:?} is no amount", cell(at)));
    let (debit, credit) = (money(3, "debit")?, money(4, "credit")?);
    let second = if record.len() == 7 { Some((money(5, "second_debit")?, money(6, "second_credit")?)) } else { None };
    if cell(0).is_empty() {
        return Err("has no account".to_owned());
    }
    if debit < Decimal::ZERO
        || credit < Decimal::ZERO
        || second.is_some_and(|(a, b)| a < Decimal::ZERO || b < Decimal::ZERO)
    {
        return Err("has a negative amount: it belongs on the other side".to_owned());
    }
    if !debit.is_zero() && !credit.is_zero() {
        return Err("has debit and credit: a line has one side".to_owned());
    }
    if debit.is_zero() && credit.is_zero() && second.is_none_or(|(a, b)| a.is_zero() && b.is_zero()) {
        return Err("has no amount".to_owned());
    }
    Ok(OpeningLine { number, account: cell(0), aux: cell(1), label: cell(2), debit, credit, second })
}

/// Reads an amount with a comma or a point, and blanks between thousands; nothing is zero.
fn amount(text: &str) -> Option<Decimal> {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
    if plain.is_empty() {
        return Some(Decimal::ZERO);
    }
    let amount: Decimal = plain.replace(',', ".").parse().ok()?;
    kernel::is_exact(amount, 28).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_file_is_read_with_comma_or_point_with_or_without_a_header() {
        let (lines, problems) = parse(
            "\u{feff}account;aux;label;debit;credit\r\n512;;Solde;1 234,56;\r\n\r\n411;C1;;10.5;0\r\n101;;\"a;b\";;1245,06\r\n",
        );
        assert_eq!(problems, []);
        let read: Vec<_> = lines
            .iter()
            .map(|line| (line.number, line.account.as_str(), line.aux.as_str(), line.debit, line.credit))
            .collect();
        let zero = Decimal::ZERO;
        assert_eq!(
            read,
            [
                (2, "512", "", decimal("1234.56"), zero),
                (3, "411", "C1", decimal("10.5"), zero),
                (4, "101", "", zero, decimal("1245.06"))
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_line() {
        for (row, why) in [
            ("512;;x;1", "columns"),
            (";;x;1;", "no account"),
            ("512;;x;a;", "no amount"),
            ("512;;x;-1;", "negative"),
            ("512;;x;1;1", "one side"),
            ("512;;x;0;0", "no amount"),
        ] {
            let (lines, problems) = parse(row);
            assert!(
                lines.is_empty() && problems[0].line == 1 && problems[0].message.contains(why),
                "{row}: {problems:?}"
            );
        }
    }
}
