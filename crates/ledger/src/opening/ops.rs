//! Bringing opening balances in: whole or not at all, once for each fiscal year.

use std::collections::HashMap;

use kernel::{Date, EntityId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::model::{self, OpeningLine, OpeningProblem};
use crate::accounts;
use crate::accounts::model::{Account, AccountRow, Aux};
use crate::book::{self, model::Book};
use crate::entries::model::{Journal, NewEntry, NewLine, Posted, Second};
use crate::entries::{self, http::aux_of};
use crate::periods;

/// What a file of opening balances would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The day they are booked: the first of the fiscal year.
    pub on: Date,
    /// How many lines.
    pub lines: usize,
    /// The sum of debits.
    pub debit: Decimal,
    /// The sum of credits.
    pub credit: Decimal,
    /// What is wrong; empty when the file can be brought in.
    pub problems: Vec<OpeningProblem>,
    entry: NewEntry,
}

/// Looks at a file of opening balances for the fiscal year that holds `on`, and writes nothing.
///
/// Refused when the year has opening balances already, or entries before it that closing carries forward; and as `period_locked`.
pub async fn preview(tx: &mut Tx, entity: EntityId, on: Date, text: &str) -> Result<Preview> {
    let book = book::ops::book(tx, entity).await?;
    let (start, _) = crate::rules::year::year_of(on, book.fiscal_year_end);
    let years = periods::ops::open_years(tx, &book, vec![start]).await?;
    let year = periods::ops::year_of(&years, start)?;
    if periods::store::has_opening(tx, entity, year).await? {
        return Err(Error::refused("opening_exists", "This fiscal year has opening balances already."));
    }
    if periods::store::has_entries_before(tx, entity, start).await? {
        let detail = "There are entries before this fiscal year: closing the year before carries its balances forward.";
        return Err(Error::refused("opening_carried", detail));
    }
    let (lines, mut problems) = model::parse(text);
    let mut new = Vec::with_capacity(lines.len());
    let found = find(tx, &book, &lines).await?;
    for line in &lines {
        match opening_line(&book, &found, line) {
            Ok(line) => new.push(line),
            Err(message) => problems.push(OpeningProblem { line: line.number, message }),
        }
    }
    let sum = |side: fn(&OpeningLine) -> Decimal| lines.iter().map(side).sum::<Decimal>();
    let (debit, credit) = (sum(|line| line.debit), sum(|line| line.credit));
    let second = |side: fn((Decimal, Decimal)) -> Decimal| {
        lines.iter().map(|line| side(line.second.unwrap_or_default())).sum::<Decimal>()
    };
    if debit != credit || second(|pair| pair.0) != second(|pair| pair.1) {
        problems.push(OpeningProblem {
            line: 0,
            message: format!("debit {debit} and credit {credit} are not equal in each currency"),
        });
    }
    if lines.len() < 2 {
        problems.push(OpeningProblem { line: 0, message: "there are fewer than two lines".to_owned() });
    }
    problems.sort_by_key(|problem| problem.line);
    let entry = NewEntry {
        entity,
        journal: Journal::Opening,
        on: start,
        piece_ref: format!("AN-{start}"),
        piece_on: start,
        label: format!("Reprise des soldes au {start}"),
        source_kind: "opening",
        source_id: year,
        second: book.second.map(|second| Second { currency: second.currency, rate: None, rate_type: None }),
        lines: new,
        vat: Vec::new(),
        reverses: None,
    };
    Ok(Preview { on: start, lines: lines.len(), debit, credit, problems, entry })
}

/// Brings opening balances in.
///
/// Invalid, naming the lines, when something is wrong with one; else as [`preview`].
pub async fn import(tx: &mut Tx, entity: EntityId, on: Date, text: &str) -> Result<(Preview, Posted)> {
    let seen = preview(tx, entity, on, text).await?;
    if !seen.problems.is_empty() {
        let refused = Error::new(
            platform::Kind::Invalid,
            "opening_refused",
            "The opening balances cannot be brought in: nothing was written.",
        );
        let told = seen.problems.iter().take(50);
        return Err(told.fold(refused, |error, problem| {
            error.with_field(format!("csv.{}", problem.line), problem.message.clone())
        }));
    }
    let posted = entries::ops::post(tx, seen.entry.clone()).await?;
    let details = json!({ "reference": posted.reference, "on": seen.on, "lines": seen.lines, "total": seen.debit });
    tx.emit(Event::new("opening_imported", "entry", posted.id).entity(entity).details(details));
    Ok((seen, posted))
}

struct FoundFor {
    accounts: HashMap<String, AccountRow>,
    parties: HashMap<String, Option<Aux>>,
}

async fn find(tx: &mut Tx, book: &Book, lines: &[OpeningLine]) -> Result<FoundFor> {
    let mut codes: Vec<_> = lines.iter().map(|line| line.account.to_ascii_uppercase()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rows = accounts::store::list_by_code(tx, book.entity, &codes).await?;
    let of =
        |code: &String| rows.iter().find(|row| row.code == *code).or_else(|| rows.iter().find(|row| row.stem == *code));
    let accounts = codes.iter().filter_map(|code| of(code).map(|row| (code.clone(), row.clone()))).collect();
    let mut named: Vec<_> = lines.iter().map(|line| line.aux.clone()).filter(|aux| !aux.is_empty()).collect();
    named.sort_unstable();
    named.dedup();
    let found = entries::store::list_parties(tx, book.entity, &named).await?;
    let party = |name: &String| {
        let mut matching = found.iter().filter(|row| row.wanted == *name);
        let first = matching.next()?;
        // Of two parties with one name, neither is meant for certain.
        let aux = matching
            .all(|other| other.party == first.party)
            .then(|| aux_of(first.party, (first.name.clone(), first.code.clone()), None));
        Some((name.clone(), aux))
    };
    Ok(FoundFor { accounts, parties: named.iter().filter_map(party).collect() })
}

fn opening_line(book: &Book, found: &FoundFor, line: &OpeningLine) -> Result<NewLine, String> {
    let code = line.account.to_ascii_uppercase();
    let account = found.accounts.get(&code).ok_or_else(|| format!("there is no account {}", line.account))?;
    if !account.postable || !account.active {
        return Err(format!("the account {} takes no lines", account.code));
    }
    let aux = match found.parties.get(&line.aux) {
        _ if line.aux.is_empty() => None,
        None => return Err(format!("there is no party {:?}", line.aux)),
        Some(None) => return Err(format!("there are several parties {:?}: give the id of one", line.aux)),
        Some(Some(_)) if !account.is_auxiliary => {
            return Err(format!("lines of the account {} name no party", account.code));
        }
        Some(Some(aux)) => Some(aux.clone()),
    };
    if !book.is_exact(line.debit) || !book.is_exact(line.credit) {
        return Err(format!("an amount has more than {} decimals", book.functional_decimals));
    }
    match (book.second, line.second) {
        (None, Some(_)) => return Err("has a second currency, and the book has none".to_owned()),
        (Some(second), None) => return Err(format!("has no amounts in {}", second.currency)),
        (Some(second), Some((debit, credit)))
            if !kernel::is_exact(debit, second.decimals)
                || !kernel::is_exact(credit, second.decimals)
                || (!debit.is_zero() && !credit.is_zero()) =>
        {
            return Err(format!("has an amount that is none of {}", second.currency));
        }
        _ => {}
    }
    if line.label.chars().count() > 500 {
        return Err("has a label of more than 500 characters".to_owned());
    }
    Ok(NewLine {
        account: Account::Code(account.code.clone()),
        aux,
        label: (!line.label.is_empty()).then(|| line.label.clone()),
        debit: line.debit,
        credit: line.credit,
        second: line.second,
        due_on: None,
    })
}
