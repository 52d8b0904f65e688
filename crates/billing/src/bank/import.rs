//! Taking a statement in: the whole file, once, or nothing of it.

use kernel::{BankAccountId, Date, StatementId};
use platform::{Error, Event, Kind, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use statements::csv::StatementMapping;
use statements::{Refusal, Statement, StatementFormat, StatementLine};
use std::collections::{HashMap, HashSet};

use super::model::told_apart;
use super::store::accounts::{self, BankAccountRow};
use super::store::lines;
use super::store::statements::{self as store, StatementRow};

/// A file as it was sent.
#[derive(Clone, Debug)]
pub struct StatementFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its name, where the sender told it.
    pub name: String,
    /// What the sender says it is.
    pub format: Option<StatementFormat>,
    /// How its table is read; the account's mapping, or a guess, where none is told.
    pub mapping: Option<StatementMapping>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// What it is.
    pub format: StatementFormat,
    /// How its table was read.
    pub mapping: Option<StatementMapping>,
    /// Whether that was guessed.
    pub is_guessed: bool,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// The SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
}

/// Reads a file for an account. Takes time with large files: not on a thread that serves others.
///
/// Invalid, with the code and the sentence of the refusal, when it cannot be read whole or is not a statement of this account.
pub fn read(account: &BankAccountRow, file: &StatementFile) -> Result<ReadFile> {
    let format = statements::detect(&file.bytes).map_err(|refusal| refused(&refusal))?;
    if file.format.is_some_and(|told| told != format) {
        return Err(Error::invalid("format", "is not what the file holds"));
    }
    let (mapping, is_guessed) = match format {
        StatementFormat::Csv => mapping(account, file)?,
        StatementFormat::Camt053 | StatementFormat::Camt054 | StatementFormat::Ofx => (None, false),
    };
    let read = statements::read(&file.bytes, mapping.as_ref()).map_err(|refusal| refused(&refusal))?;
    for statement in &read {
        check_account(account, statement)?;
    }
    let sha256 = platform::sha256_hex(&file.bytes);
    Ok(ReadFile { format, mapping, is_guessed, statements: read, sha256 })
}

fn mapping(account: &BankAccountRow, file: &StatementFile) -> Result<(Option<StatementMapping>, bool)> {
    if let Some(told) = &file.mapping {
        return Ok((Some(told.clone()), false));
    }
    if let Some(stored) = &account.csv_mapping {
        let stored = serde_json::from_value(stored.clone());
        return Ok((Some(stored.map_err(|error| Error::internal("reading a stored mapping", error))?), false));
    }
    let guessed = statements::csv::guess(&file.bytes).map_err(|refusal| refused(&refusal))?;
    // A table seldom says its currency: then it is the account's.
    Ok((Some(StatementMapping { currency: account.currency, ..guessed }), true))
}

fn refused(refusal: &Refusal) -> Error {
    let sentence = refusal.to_string();
    Error::new(Kind::Invalid, refusal.code(), sentence.clone()).with_field("file", sentence)
}

/// Proves that a statement is one of this account: its IBAN or number and its currency (T-80).
fn check_account(account: &BankAccountRow, statement: &Statement) -> Result<()> {
    let named = &statement.account;
    let is_other = match (&named.iban, &named.other, &account.iban, &account.number) {
        (Some(iban), _, Some(own), _) => iban != own,
        // An account without an IBAN of its own may be told by its number within one.
        (Some(iban), _, None, Some(number)) => !iban.contains(number.as_str()),
        (None, Some(other), own, number) => !is_same_number(other, own.as_deref(), number.as_deref()),
        (Some(_), _, None, None) | (None, None, ..) => false,
    };
    if is_other {
        let detail = format!("The statement is of the account {}, not of this one.", named.key());
        return Err(Error::new(Kind::Invalid, "statement_other_account", detail.clone()).with_field("file", detail));
    }
    if let Some(currency) = named.currency.filter(|currency| *currency != account.currency) {
        let detail = format!("The statement is in {currency}; this account is in {}.", account.currency);
        return Err(Error::new(Kind::Invalid, "statement_currency", detail.clone()).with_field("file", detail));
    }
    Ok(())
}

/// Whether a number that is no IBAN may be this account's: it is its number, or stands in its IBAN. Banks mask numbers with
/// stars and write them short: what is left must stand there.
fn is_same_number(other: &str, iban: Option<&str>, number: Option<&str>) -> bool {
    let plain: String = other.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let shown = plain.rsplit('X').next().unwrap_or_default();
    match (number, iban) {
        (Some(number), _) => number == plain || (!shown.is_empty() && shown != plain && number.ends_with(shown)),
        (None, Some(iban)) => shown.is_empty() || iban.contains(shown),
        (None, None) => true,
    }
}

/// What of a file is new.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// For each statement its new lines, with ids that are theirs alone.
    pub lines: Vec<Vec<StatementLine>>,
    /// For each statement how many lines are known.
    pub known: Vec<usize>,
}

/// Finds the lines that the account does not have yet. A movement under a reference that the bank gave to another before is
/// another movement.
pub async fn fresh(tx: &mut Tx, account: BankAccountId, statements: &[Statement]) -> Result<Fresh> {
    let all = || statements.iter().flat_map(|statement| &statement.lines);
    let apart = |line: &StatementLine| told_apart(&line.external_id, line.booked_on, line.amount);
    let ids: Vec<_> = all().flat_map(|line| [line.external_id.clone(), apart(line)]).collect();
    let stored = lines::list_known(tx, account, &ids).await?;
    let stored: HashMap<&str, (Date, Decimal)> =
        stored.iter().map(|(id, on, amount)| (id.as_str(), (*on, *amount))).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut found = Fresh { lines: Vec::new(), known: Vec::new() };
    for statement in statements {
        let mut new = Vec::new();
        for line in &statement.lines {
            let ids = [line.external_id.clone(), apart(line)];
            if ids.iter().any(|id| stored.get(id.as_str()) == Some(&(line.booked_on, line.amount))) {
                continue;
            }
            let free = ids.into_iter().find(|id| !stored.contains_key(id.as_str()) && !taken.contains(id));
            let Some(external_id) = free else {
                let detail = format!(
                    "The line {} of {} contradicts one that was imported before.",
                    line.external_id, line.booked_on
                );
                return Err(
                    Error::new(Kind::Invalid, "statement_contradiction", detail.clone()).with_field("file", detail)
                );
            };
            taken.insert(external_id.clone());
            new.push(StatementLine { external_id, ..line.clone() });
        }
        found.known.push(statement.lines.len() - new.len());
        found.lines.push(new);
    }
    Ok(found)
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The statements; those of the earlier import when the file was imported before.
    pub statements: Vec<StatementRow>,
    /// How many lines are new.
    pub new: usize,
    /// How many were known.
    pub known: usize,
    /// Whether the file was imported before: then nothing was written.
    pub is_known_file: bool,
}

/// Imports a file that was read. Who imports into an account waits for the one before.
pub async fn import(tx: &mut Tx, account: BankAccountId, file: &ReadFile, name: &str) -> Result<Imported> {
    let account = accounts::lock_account(tx, account).await?;
    if !account.active {
        return Err(Error::refused("bank_account_closed", "This account is no longer in use."));
    }
    let before = store::list_of_file(tx, account.id, &file.sha256).await?;
    if !before.is_empty() {
        let known = file.statements.iter().map(|statement| statement.lines.len()).sum();
        return Ok(Imported { statements: before, new: 0, known, is_known_file: true });
    }
    let fresh = fresh(tx, account.id, &file.statements).await?;
    let mut rows = Vec::with_capacity(file.statements.len());
    let (format, by) = (format_word(file.format), tx.ctx().actor().name().to_owned());
    for (at, statement) in file.statements.iter().enumerate() {
        let known = fresh.known.get(at).copied().unwrap_or_default();
        let row = StatementRow {
            id: StatementId::generate(tx.now()),
            entity_id: account.entity_id,
            account_id: account.id,
            part: count(at),
            format: format.to_owned(),
            file_name: name.chars().take(200).collect(),
            sha256: file.sha256.clone(),
            number: statement.number.clone(),
            from_on: statement.from_on,
            to_on: statement.to_on,
            opening: statement.opening,
            closing: statement.closing,
            line_count: count(statement.lines.len()),
            known_count: count(known),
            warnings: json!(statement.warnings),
            imported_at: tx.now(),
            imported_by: by.clone(),
        };
        store::insert_statement(tx, &row).await?;
        let new: Vec<_> = fresh.lines.get(at).into_iter().flatten().collect();
        if !new.is_empty() {
            lines::insert_lines(tx, (account.entity_id, account.id, row.id), &new).await?;
        }
        let details = json!({ "account": account.name, "format": format, "file": row.file_name, "from_on": row.from_on,
            "to_on": row.to_on, "lines": new.len(), "known": known });
        let event =
            Event::new("bank_statement_imported", "bank_statement", row.id).entity(account.entity_id).details(details);
        tx.emit(event.related(account.id));
        rows.push(row);
    }
    let (new, known) = (fresh.lines.iter().map(Vec::len).sum(), fresh.known.iter().sum());
    Ok(Imported { statements: rows, new, known, is_known_file: false })
}

/// The word in the database.
pub const fn format_word(format: StatementFormat) -> &'static str {
    match format {
        StatementFormat::Camt053 => "camt053",
        StatementFormat::Camt054 => "camt054",
        StatementFormat::Ofx => "ofx",
        StatementFormat::Csv => "csv",
    }
}

fn count(of: usize) -> i32 {
    i32::try_from(of).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_no_iban_is_held_against_the_account() {
        let iban = Some("FR7613506100008501234567842");
        let cases = [
            ("85012345678", iban, None, true),
            ("****5678", iban, None, true),
            ("XXXX5678", iban, None, true),
            ("99999999999", iban, None, false),
            ("9876543210", None, Some("9876543210"), true),
            ("9876543211", None, Some("9876543210"), false),
            ("XXXXXX3210", None, Some("9876543210"), true),
            ("anything", None, None, true),
        ];
        for (other, iban, number, same) in cases {
            assert_eq!(is_same_number(other, iban, number), same, "{other} {iban:?} {number:?}");
        }
    }
}
