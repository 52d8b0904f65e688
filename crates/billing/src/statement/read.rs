//! Reading a customer's account.

use kernel::{Currency, Date, DocumentId, EntityId, PartyId};
use ledger::AgedAmounts;
use parties::Party;
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Movement, StatementEntry, StatementKind, run};
use super::store::{self, AccountOf, Open};
use crate::house::{self, House};

/// More movements than this are asked for in shorter periods.
const MOST_LINES: usize = 5000;

/// A customer's account over a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountStatementView {
    /// The customer.
    pub party_id: PartyId,
    /// Its code: its auxiliary account in the books.
    pub party_code: String,
    /// Its name.
    pub party_name: String,
    /// The entity, by code.
    pub entity: String,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The currencies in which anything was charged or paid; each has a statement of its own.
    pub currencies: Vec<String>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What stood before the first day; above zero when the customer owes it.
    pub opening: Decimal,
    /// What moved, in order.
    pub lines: Vec<StatementEntry>,
    /// All that was charged in the period.
    pub debits: Decimal,
    /// All that was paid and credited in the period.
    pub credits: Decimal,
    /// What stands after the last day.
    pub closing: Decimal,
    /// The day it was read: what is open is open then.
    pub as_of: Date,
    /// What is open now, the oldest due first.
    pub open: Vec<OpenInvoice>,
    /// What is owed now by age, credit taken off the oldest first.
    pub aged: AgedAmounts,
}

/// An invoice that is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenInvoice {
    /// The invoice.
    pub document_id: DocumentId,
    /// Its number.
    pub number: String,
    /// Its day.
    pub issue_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// Whole days since then; zero while it is not late.
    pub days_late: i64,
    /// What it amounts to.
    pub gross: Decimal,
    /// What is open on it.
    pub balance: Decimal,
    /// Whether the customer contests it.
    pub disputed: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// The first day; the first of the year of the last day unless told.
    pub from: Option<Date>,
    /// The last day; today unless told.
    pub to: Option<Date>,
    /// The currency; that of the books unless told.
    pub currency: Option<Currency>,
}

/// Reads a customer's account in an entity, with who keeps it.
///
/// Not found out of scope; malformed when the period ends before it begins; invalid when too much moved in it.
pub async fn statement(
    tx: &mut Tx,
    (entity, party): (EntityId, PartyId),
    period: Period,
) -> Result<(House, Party, AccountStatementView)> {
    let party = parties::get_party(tx, party).await?;
    let house = house::open(tx, entity).await?;
    let to = period.to.unwrap_or(house.today);
    let from = period.from.unwrap_or_else(|| first_of_year(to));
    if from > to {
        return Err(Error::bad_parameter("from", "must not be later than to"));
    }
    let of = AccountOf { entity, party: party.id, currency: period.currency.unwrap_or(house.book.functional) };
    let own = own_lines(tx, &house, of).await?;
    let mut opening = store::sum_before(tx, of, from).await?;
    opening += own.iter().filter(|moved| moved.on < from).map(|moved| moved.debit - moved.credit).sum::<Decimal>();
    let most = i64::try_from(MOST_LINES).unwrap_or(i64::MAX);
    let mut movements = store::list_movements(tx, of, (from, to), most + 1).await?;
    movements.extend(own.iter().filter(|moved| moved.on >= from && moved.on <= to).cloned());
    if movements.len() > MOST_LINES {
        return Err(Error::invalid("from", "must be later: more than 5000 movements lie in the period"));
    }
    let run = run(opening, movements);
    let open = store::list_open(tx, of, most).await?;
    let aged = aged(tx, of, &open, &own, house.today).await?;
    let view = AccountStatementView {
        party_id: party.id,
        party_code: party.code.clone(),
        party_name: party.legal_name().to_owned(),
        entity: house.code.clone(),
        currency: of.currency,
        currencies: store::list_currencies(tx, entity, party.id).await?,
        from,
        to,
        opening,
        lines: run.lines,
        debits: run.debits,
        credits: run.credits,
        closing: run.closing,
        as_of: house.today,
        open: open.into_iter().map(|open| viewed(open, house.today)).collect(),
        aged,
    };
    Ok((house, party, view))
}

fn first_of_year(day: Date) -> Date {
    Date::from_jiff(day.jiff().first_of_year())
}

/// What the books alone know, in their own currency.
async fn own_lines(tx: &mut Tx, house: &House, of: AccountOf) -> Result<Vec<Movement>> {
    if of.currency != house.book.functional {
        return Ok(Vec::new());
    }
    let lines = ledger::list_own_lines(tx, of.entity, of.party).await?;
    let moved = |line: ledger::OwnLine| Movement {
        on: line.on,
        kind: StatementKind::Entry,
        reference: line.reference,
        text: line.label,
        document_id: None,
        payment_id: None,
        due_on: None,
        debit: line.debit,
        credit: line.credit,
    };
    Ok(lines.into_iter().map(moved).collect())
}

async fn aged(tx: &mut Tx, of: AccountOf, open: &[Open], own: &[Movement], today: Date) -> Result<AgedAmounts> {
    let claims = open.iter().map(|open| (open.due_on.unwrap_or(open.issue_on), open.balance));
    let credit = store::sum_credit(tx, of).await?;
    let own = own.iter().map(|moved| (moved.on, moved.debit - moved.credit));
    let all: Vec<_> = claims.chain(own).chain([(today, -credit)]).collect();
    Ok(ledger::age(&all, today))
}

fn viewed(open: Open, today: Date) -> OpenInvoice {
    let late = open.due_on.map_or(0, |due| i64::from((today.jiff() - due.jiff()).get_days()));
    OpenInvoice {
        document_id: open.document_id,
        number: open.number,
        issue_on: open.issue_on,
        due_on: open.due_on,
        days_late: late.max(0),
        gross: open.gross,
        balance: open.balance,
        disputed: open.disputed,
    }
}
