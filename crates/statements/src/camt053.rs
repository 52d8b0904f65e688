//! ISO 20022 `camt.053` (bank to customer statement) and `camt.054` (debit and credit notification).
//!
//! Versions .02, .04, .06, .08, .10, .11 and .13 are read alike: they differ in wrappers (`Sts/Cd` for `Sts`, `Dbtr/Pty`
//! for `Dbtr`, `BICFI` for `BIC`) that are looked through. Unknown elements are passed over. `CdtDbtInd` says the
//! direction of an entry even when `RvslInd` is set (Swiss Implementation Guidelines, 4.2): it is never turned around.

mod entry;

use kernel::{Currency, Date};
use rust_decimal::Decimal;

use crate::element::{self, Element};
use crate::model::{Statement, StatementAccount, StatementFormat, StatementWarning};
use crate::refusal::{Place, Refusal};
use crate::seal::{Draft, seal};
use crate::text::{currency, decode_xml, iban, iso_date, plain_amount, said};

/// The statements of a file. Its size is the caller's to hold ([`crate::read`] does).
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, Refusal> {
    let document = element::parse(&decode_xml(bytes)?)?;
    let mut statements = Vec::new();
    for (wrapper, name, format) in [
        ("BkToCstmrStmt", "Stmt", StatementFormat::Camt053),
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", StatementFormat::Camt054),
    ] {
        for wrapper in wrappers(&document, wrapper) {
            statements.extend(wrapper.all(name).map(|statement| (statement, format)));
        }
    }
    if statements.is_empty() {
        let is_report = !wrappers(&document, "BkToCstmrAcctRpt").is_empty();
        return Err(if is_report { Refusal::Intraday } else { Refusal::NotAStatement });
    }
    let drafts = statements.into_iter().map(|(statement, format)| draft(statement, format));
    seal(drafts.collect::<Result<_, _>>()?)
}

fn wrappers<'a>(document: &'a Element, name: &str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    document.find_all(name, &mut found);
    found
}

fn draft(statement: &Element, format: StatementFormat) -> Result<Draft, Refusal> {
    let place = Place::new(statement.line, &*statement.name);
    let mut account = account(statement, &place)?;
    let currency = account_currency(statement, &account, &place)?;
    account.currency = Some(currency);
    let (opening, closing) = balances(statement, currency)?;
    let mut warnings = Vec::new();
    if format == StatementFormat::Camt054 {
        warnings.push(StatementWarning::Notification);
    }
    let mut lines = Vec::new();
    for (at, entry) in statement.all("Ntry").enumerate() {
        entry::read(&entry::Source { entry, number: at + 1, currency, account: &account }, &mut lines, &mut warnings)?;
    }
    Ok(Draft {
        format,
        named: account.key().to_owned(),
        currency,
        number: number(statement),
        from_on: day(statement, "FrToDt/FrDtTm").or_else(|| day(statement, "FrToDt/FrDt")).transpose()?,
        to_on: day(statement, "FrToDt/ToDtTm").or_else(|| day(statement, "FrToDt/ToDt")).transpose()?,
        opening: opening.map(|(amount, _)| amount),
        closing: closing.map(|(amount, _)| amount),
        account,
        lines,
        warnings,
        place,
    }
    .with_days(opening.and_then(|(_, on)| on), closing.and_then(|(_, on)| on)))
}

impl Draft {
    /// Without a period of its own, a statement is about the day of its closing balance. The opening balance may
    /// bear the day before or the same day; it is taken only when it does not contradict.
    fn with_days(mut self, opening: Option<Date>, closing: Option<Date>) -> Self {
        self.to_on = self.to_on.or(closing);
        self.from_on = self.from_on.or(opening.filter(|from| self.to_on.is_none_or(|to| *from <= to)));
        self
    }
}

fn day(statement: &Element, path: &str) -> Option<Result<Date, Refusal>> {
    let found = statement.at(path)?;
    Some(iso_date(&found.text, || Place::new(found.line, path)))
}

/// A page of a statement is told from the others by its number.
fn number(statement: &Element) -> Option<String> {
    let id = statement.text_at("Id").or_else(|| statement.text_at("ElctrncSeqNb")).or(statement.text_at("LglSeqNb"))?;
    let page = statement.text_at("StmtPgntn/PgNb").or_else(|| statement.text_at("NtfctnPgntn/PgNb"));
    said(&page.map_or_else(|| id.to_owned(), |page| format!("{id}/{page}")))
}

fn account(statement: &Element, place: &Place) -> Result<StatementAccount, Refusal> {
    let missing = || Refusal::MissingAccount(place.clone());
    let account = statement.child("Acct").ok_or_else(missing)?;
    let stated = account.text_at("Id/IBAN");
    let read = StatementAccount {
        iban: stated.and_then(iban),
        other: account.text_at("Id/Othr/Id").or(stated.filter(|text| iban(text).is_none())).and_then(said),
        bic: account.text_at("Svcr/FinInstnId/BICFI").or_else(|| account.text_at("Svcr/FinInstnId/BIC")).and_then(said),
        currency: None,
        name: account.text_at("Ownr/Nm").or_else(|| account.text_at("Nm")).and_then(said),
    };
    if read.key().is_empty() { Err(missing()) } else { Ok(read) }
}

fn account_currency(statement: &Element, account: &StatementAccount, place: &Place) -> Result<Currency, Refusal> {
    debug_assert!(account.currency.is_none(), "read once");
    let stated = statement.at("Acct/Ccy").map(|ccy| (ccy.text.as_str(), ccy.line));
    let amount = || statement.at("Bal/Amt").or_else(|| statement.at("Ntry/Amt"));
    let found = stated.or_else(|| amount().and_then(|amt| amt.ccy.as_deref().map(|ccy| (ccy, amt.line))));
    let Some((text, line)) = found else {
        return Err(Refusal::Missing(Place::new(place.line, format!("{}, Acct, Ccy", place.element))));
    };
    currency(text, || Place::new(line, "Ccy"))
}

type Balance = Option<(Decimal, Option<Date>)>;

/// Opening and closing balance as booked. On a page in the middle they are the interim ones.
fn balances(statement: &Element, currency: Currency) -> Result<(Balance, Balance), Refusal> {
    let mut found = Vec::new();
    for balance in statement.all("Bal") {
        let Some(code) = balance.text_at("Tp/CdOrPrtry/Cd") else { continue };
        if matches!(code, "OPBD" | "PRCD" | "ITBD" | "CLBD") {
            found.push((code, amount(balance, currency, "Bal")?, balance_day(balance)?));
        }
    }
    let of = |code: &str| found.iter().find(|(found, ..)| *found == code).map(|(_, amount, on)| (*amount, *on));
    let interim: Vec<_> =
        found.iter().filter(|(code, ..)| *code == "ITBD").map(|(_, amount, on)| (*amount, *on)).collect();
    let stated = of("OPBD").or_else(|| of("PRCD"));
    let closed = of("CLBD");
    let opening = stated.or_else(|| interim.first().copied().filter(|_| closed.is_some() || interim.len() > 1));
    let closing = closed.or_else(|| interim.last().copied().filter(|_| stated.is_some() || interim.len() > 1));
    Ok((opening, closing))
}

fn balance_day(balance: &Element) -> Result<Option<Date>, Refusal> {
    day(balance, "Dt/Dt").or_else(|| day(balance, "Dt/DtTm")).transpose()
}

/// The amount of a balance or an entry, negative when it is a debit.
fn amount(element: &Element, account: Currency, what: &str) -> Result<Decimal, Refusal> {
    let at = |line: u64, name: &str| Place::new(line, format!("{what}, {name}"));
    let amt = element.child("Amt").ok_or_else(|| Refusal::Missing(at(element.line, "Amt")))?;
    if let Some(ccy) = &amt.ccy {
        let found = currency(ccy, || at(amt.line, "Amt"))?;
        if found != account {
            return Err(Refusal::MixedCurrencies { at: at(amt.line, "Amt"), expected: account, found });
        }
    }
    let unsigned = plain_amount(&amt.text, account, || at(amt.line, "Amt"))?;
    if unsigned.is_sign_negative() {
        return Err(Refusal::Amount { at: at(amt.line, "Amt"), text: amt.text.trim().chars().take(40).collect() });
    }
    match element.text_at("CdtDbtInd") {
        Some("CRDT") => Ok(unsigned),
        Some("DBIT") if unsigned.is_zero() => Ok(unsigned),
        Some("DBIT") => Ok(-unsigned),
        _ => Err(Refusal::Missing(at(element.line, "CdtDbtInd"))),
    }
}
