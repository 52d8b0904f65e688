//! What every format is held to once its lines are read: ids, no line twice, balances that the lines explain.

use std::collections::{HashMap, HashSet};

use kernel::Currency;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::model::{Statement, StatementAccount, StatementFormat, StatementLine, StatementWarning};
use crate::refusal::{Place, Refusal};

/// More lines than any statement of 10 MB has.
pub(crate) const MAX_LINES: usize = 100_000;

/// A line before its id is known.
pub(crate) struct DraftLine {
    pub(crate) line: StatementLine,
    /// The bank's own unique reference.
    pub(crate) reference: Option<String>,
    pub(crate) place: Place,
}

/// A statement before it is held to anything.
pub(crate) struct Draft {
    pub(crate) format: StatementFormat,
    pub(crate) account: StatementAccount,
    /// The account as the file itself names it, if it does: ids must not change with what an importer adds.
    pub(crate) named: String,
    pub(crate) currency: Currency,
    pub(crate) number: Option<String>,
    pub(crate) from_on: Option<kernel::Date>,
    pub(crate) to_on: Option<kernel::Date>,
    pub(crate) opening: Option<Decimal>,
    pub(crate) closing: Option<Decimal>,
    pub(crate) lines: Vec<DraftLine>,
    pub(crate) warnings: Vec<StatementWarning>,
    pub(crate) place: Place,
}

/// What of an account was seen in the file so far.
#[derive(Default)]
struct Seen {
    numbers: HashSet<String>,
    references: HashMap<String, Vec<(kernel::Date, Decimal, Place)>>,
    ranks: HashMap<[u8; 32], u32>,
}

/// Statements that hold together, or the reason why the file is not taken.
pub(crate) fn seal(drafts: Vec<Draft>) -> Result<Vec<Statement>, Refusal> {
    let total: usize = drafts.iter().map(|draft| draft.lines.len()).sum();
    if total > MAX_LINES {
        return Err(Refusal::TooMany { what: "lines", limit: MAX_LINES });
    }
    let mut seen: HashMap<String, Seen> = HashMap::new();
    drafts.into_iter().map(|draft| sealed(draft, &mut seen)).collect()
}

fn sealed(draft: Draft, seen: &mut HashMap<String, Seen>) -> Result<Statement, Refusal> {
    let seen = seen.entry(draft.account.key().to_owned()).or_default();
    held(&draft, seen)?;
    let mut lines = Vec::with_capacity(draft.lines.len());
    for mut line in draft.lines {
        line.line.external_id = match line.reference {
            Some(reference) => by_reference(&reference, &line.line, &line.place, seen)?,
            None => by_digest(&draft.named, &line.line, seen),
        };
        lines.push(line.line);
    }
    Ok(Statement {
        format: draft.format,
        account: StatementAccount { currency: Some(draft.currency), ..draft.account },
        number: draft.number,
        from_on: draft.from_on,
        to_on: draft.to_on,
        opening: draft.opening,
        closing: draft.closing,
        lines,
        warnings: draft.warnings,
    })
}

fn held(draft: &Draft, seen: &mut Seen) -> Result<(), Refusal> {
    if let Some(number) = &draft.number
        && !seen.numbers.insert(number.clone())
    {
        return Err(Refusal::DuplicateStatement { at: draft.place.clone(), number: number.clone() });
    }
    if let (Some(from), Some(to)) = (draft.from_on, draft.to_on)
        && from > to
    {
        return Err(Refusal::Period { at: draft.place.clone(), from, to });
    }
    if let Some(line) = draft.lines.iter().find(|line| line.line.currency != draft.currency) {
        let (expected, found) = (draft.currency, line.line.currency);
        return Err(Refusal::MixedCurrencies { at: line.place.clone(), expected, found });
    }
    // Doubled lines have the same reference as well: where both can be told, the reference tells more.
    repeated(draft)?;
    let sum: Decimal = draft.lines.iter().map(|line| line.line.amount).sum();
    match (draft.opening, draft.closing) {
        (Some(opening), Some(closing)) if opening + sum != closing => {
            Err(Refusal::Unbalanced { at: draft.place.clone(), opening, sum, closing })
        }
        _ => Ok(()),
    }
}

fn repeated(draft: &Draft) -> Result<(), Refusal> {
    let mut first = HashMap::new();
    for line in &draft.lines {
        let Some(reference) = &line.reference else { continue };
        if let Some(place) = first.insert((reference, line.line.booked_on, line.line.amount), &line.place) {
            let (at, first) = (line.place.clone(), place.clone());
            return Err(Refusal::Duplicate { at, first, reference: reference.clone() });
        }
    }
    Ok(())
}

/// The bank's reference. Some banks give a movement and its charge one reference; the second then bears its amount.
fn by_reference(reference: &str, line: &StatementLine, place: &Place, seen: &mut Seen) -> Result<String, Refusal> {
    let before = seen.references.entry(reference.to_owned()).or_default();
    if let Some((.., first)) = before.iter().find(|(on, amount, _)| *on == line.booked_on && *amount == line.amount) {
        let (at, first) = (place.clone(), first.clone());
        return Err(Refusal::Duplicate { at, first, reference: reference.to_owned() });
    }
    let is_first = before.is_empty();
    before.push((line.booked_on, line.amount, place.clone()));
    Ok(if is_first { reference.to_owned() } else { format!("{reference}/{}/{}", line.booked_on, line.amount) })
}

/// A digest of what the line says, and of its rank among equals, so that two equal lines stay two and a file that is
/// read again gives the same ids.
fn by_digest(account: &str, line: &StatementLine, seen: &mut Seen) -> String {
    let content: [u8; 32] = {
        let mut digest = Sha256::new();
        for part in [account, &line.booked_on.to_string(), &line.amount.to_string(), &line.label] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    };
    let rank = seen.ranks.entry(content).or_default();
    *rank += 1;
    let mut digest = Sha256::new();
    digest.update(content);
    digest.update(rank.to_be_bytes());
    digest.finalize().iter().fold(String::from("sha256:"), |mut hex, byte| {
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        hex
    })
}
