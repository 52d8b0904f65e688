//! Open Financial Exchange: 1.x (SGML, leaves without closing tags) and 2.x (XML), of bank and card accounts.
//!
//! A date is the one that the bank wrote: `20250301000000[-5:EST]` is the first of March. OFX has no opening balance, so
//! lines cannot be held against balances; a file that ends before `</OFX>` is refused.

mod rib;
mod sgml;

use kernel::{Currency, Date};
use rust_decimal::Decimal;

use crate::element::{self, Element};
use crate::model::{Statement, StatementAccount, StatementFormat, StatementLine};
use crate::refusal::{Place, Refusal};
use crate::seal::{Draft, DraftLine, seal};
use crate::text::{currency, date, decode_loose, decode_xml, iban, plain_amount, said};

/// The statements of a file. Its size is the caller's to hold ([`crate::read`] does).
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Refusal> {
    let (text, _) = decode_loose(bytes);
    let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with("<?");
    let document = if is_xml { element::parse(&decode_xml(bytes)?)? } else { sgml::parse(&text)? };
    if !document.name.eq_ignore_ascii_case("OFX") {
        return Err(Refusal::NotAStatement);
    }
    let mut statements = Vec::new();
    for name in ["STMTRS", "CCSTMTRS"] {
        document.find_all(name, &mut statements);
    }
    if statements.is_empty() {
        return Err(Refusal::NotAStatement);
    }
    seal(statements.into_iter().map(draft).collect::<Result<_, _>>()?)
}

fn draft(statement: &Element) -> Result<Draft, Refusal> {
    let place = Place::new(statement.line, &*statement.name);
    let stated = statement.child("CURDEF").ok_or_else(|| missing(statement, "CURDEF"))?;
    let account_currency = currency(&stated.text, || Place::new(stated.line, "CURDEF"))?;
    let account = account(statement, &place)?;
    let list = statement.child("BANKTRANLIST");
    let mut lines = Vec::new();
    for (at, transaction) in list.into_iter().flat_map(|list| list.all("STMTTRN")).enumerate() {
        lines.push(line(&Source { transaction, number: at + 1, currency: account_currency })?);
    }
    let closing = statement.at("LEDGERBAL/BALAMT").map(|found| {
        let at = || Place::new(found.line, "LEDGERBAL, BALAMT");
        plain_amount(&point(&found.text), account_currency, at)
    });
    Ok(Draft {
        format: StatementFormat::Ofx,
        named: account.key().to_owned(),
        account,
        currency: account_currency,
        number: None,
        from_on: list.and_then(|list| list.child("DTSTART")).and_then(|found| day(found, "DTSTART").ok()),
        to_on: list.and_then(|list| list.child("DTEND")).and_then(|found| day(found, "DTEND").ok()),
        opening: None,
        closing: closing.transpose()?,
        lines,
        warnings: Vec::new(),
        place,
    })
}

fn missing(element: &Element, name: &str) -> Refusal {
    Refusal::Missing(Place::new(element.line, format!("{}, {name}", element.name)))
}

/// A French account comes as bank, branch and number, from which its IBAN follows.
fn account(statement: &Element, place: &Place) -> Result<StatementAccount, Refusal> {
    let missing = || Refusal::MissingAccount(place.clone());
    let from = statement.child("BANKACCTFROM").or_else(|| statement.child("CCACCTFROM")).ok_or_else(missing)?;
    let number = from.text_at("ACCTID").and_then(said).ok_or_else(missing)?;
    let part = |name| from.text_at(name).unwrap_or_default();
    let (bank, branch) = (part("BANKID"), part("BRANCHID"));
    let other = said(&format!("{bank} {branch} {number}"));
    Ok(StatementAccount {
        iban: iban(&number).or_else(|| rib::iban_of(bank, branch, &number)),
        other,
        ..StatementAccount::default()
    })
}

struct Source<'a> {
    transaction: &'a Element,
    number: usize,
    currency: Currency,
}

impl Source<'_> {
    fn place(&self, line: u64, name: &str) -> Place {
        Place::new(line, format!("STMTTRN {}, {name}", self.number))
    }

    fn needed(&self, name: &str) -> Result<&Element, Refusal> {
        let found = self.transaction.child(name).filter(|found| !found.text.trim().is_empty());
        found.ok_or_else(|| Refusal::Missing(self.place(self.transaction.line, name)))
    }
}

fn line(source: &Source<'_>) -> Result<DraftLine, Refusal> {
    let transaction = source.transaction;
    let posted = source.needed("DTPOSTED")?;
    let booked_on = day(posted, &source.place(0, "DTPOSTED").element)?;
    let available = transaction.child("DTAVAIL").filter(|found| !found.text.trim().is_empty());
    let (memo, name) = (transaction.text_at("MEMO").and_then(said), transaction.text_at("NAME").and_then(said));
    let payee = transaction.text_at("PAYEE/NAME").and_then(said);
    let numbers = ["CHECKNUM", "REFNUM"].into_iter().filter_map(|name| transaction.text_at(name).and_then(said));
    let line = StatementLine {
        external_id: String::new(),
        booked_on,
        value_on: available.map(|found| day(found, &source.place(0, "DTAVAIL").element)).transpose()?,
        amount: amount(source)?,
        currency: line_currency(source)?,
        label: label(payee.as_deref().or(name.as_deref()), memo.as_deref()),
        counterparty: payee.or(name),
        counterparty_iban: transaction.text_at("BANKACCTTO/ACCTID").and_then(iban),
        end_to_end_id: None,
        references: numbers.collect(),
        remittance: memo,
        transaction_code: transaction.text_at("TRNTYPE").and_then(said),
        charges: None,
        returned: None,
    };
    let reference = transaction.text_at("FITID").and_then(said);
    Ok(DraftLine { line, reference, place: source.place(transaction.line, "FITID") })
}

/// The memo often goes on where the name, of 32 characters, was cut.
fn label(name: Option<&str>, memo: Option<&str>) -> String {
    match (name, memo) {
        (Some(name), Some(memo)) if memo.starts_with(name) => memo.to_owned(),
        (Some(name), Some(memo)) => format!("{name} {memo}"),
        (name, memo) => name.or(memo).unwrap_or_default().to_owned(),
    }
}

fn amount(source: &Source<'_>) -> Result<Decimal, Refusal> {
    let stated = source.needed("TRNAMT")?;
    plain_amount(&point(&stated.text), source.currency, || source.place(stated.line, "TRNAMT"))
}

/// OFX 2.2, 3.2.9.2 allows either mark before the decimals.
fn point(text: &str) -> String {
    if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) }
}

fn line_currency(source: &Source<'_>) -> Result<Currency, Refusal> {
    match source.transaction.at("CURRENCY/CURSYM") {
        Some(stated) => currency(&stated.text, || source.place(stated.line, "CURSYM")),
        None => Ok(source.currency),
    }
}

/// `YYYYMMDD`, then perhaps a time and a zone.
fn day(stated: &Element, name: &str) -> Result<Date, Refusal> {
    let text = stated.text.trim();
    let read = || -> Option<Date> {
        let (digits, rest) = (text.get(..8)?, text.get(8..)?);
        if !digits.bytes().all(|b| b.is_ascii_digit()) || !is_time(rest) {
            return None;
        }
        date(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)
    };
    read().ok_or_else(|| Refusal::Date { at: Place::new(stated.line, name), text: text.chars().take(40).collect() })
}

fn is_time(text: &str) -> bool {
    let (time, zone) = text.split_once('[').map_or((text, None), |(time, zone)| (time, Some(zone)));
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    matches!(clock.trim().len(), 0 | 2 | 4 | 6)
        && is_number(clock.trim())
        && is_number(fraction.trim())
        && zone.is_none_or(|zone| zone.ends_with(']'))
}
