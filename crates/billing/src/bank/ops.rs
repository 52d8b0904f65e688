//! The only writers of bank accounts and of what becomes of lines.

use kernel::{BankAccountId, BankLineId, Currency, Date, EntityId, Iban, PartyId, PaymentId};
use ledger::{Account, Role};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use statements::csv::StatementMapping;
use uuid::Uuid;

use super::books::{self, Booking};
use super::model::{BankLineState, BankMatchKind};
use super::settle::{self, MatchLine};
use super::store::accounts::{self, BankAccountRow};
use super::store::lines::{self, BankLineRow};
use super::store::matches::{self, NewMatch};
use crate::house;
use crate::payments::model::PaymentStatus;
use crate::payments::{ops as payments, store as payment_rows};

/// An account at a bank about to be known.
#[derive(Clone, Debug)]
pub struct NewBankAccount {
    /// Whose it is.
    pub entity: EntityId,
    /// What people call it.
    pub name: String,
    /// Its IBAN.
    pub iban: Option<Iban>,
    /// The bank's own number, where there is no IBAN.
    pub number: Option<String>,
    /// Its currency; that of the books unless told.
    pub currency: Option<Currency>,
    /// Its account in the books, by code; that of the role `bank` unless told.
    pub ledger_account: Option<String>,
    /// How its tables are read.
    pub csv_mapping: Option<StatementMapping>,
}

/// Opens a bank account.
///
/// Conflict when its IBAN, or its account in the books, is another's; invalid when the books have no such account.
pub async fn create_account(tx: &mut Tx, new: NewBankAccount) -> Result<BankAccountId> {
    // An account of the bank stands on an account of the books: these are opened with the first.
    ledger::book(tx, new.entity).await?;
    let house = house::open(tx, new.entity).await?;
    let ledger_account = match &new.ledger_account {
        Some(code) => books::plain_account(tx, &house, "ledger_account", code).await?,
        None => books::code_of(tx, &house, Role::Bank).await?,
    };
    let currency = new.currency.unwrap_or(house.book.functional);
    let row = BankAccountRow {
        id: BankAccountId::generate(tx.now()),
        entity_id: new.entity,
        name: new.name.trim().to_owned(),
        iban: new.iban.map(|iban| iban.as_str().to_owned()),
        number: new.number.as_deref().map(plain_number).transpose()?,
        currency,
        ledger_account,
        csv_mapping: new.csv_mapping.as_ref().map(|mapping| json!(mapping)),
        active: true,
        created_at: tx.now(),
        created_by: tx.ctx().actor().name().to_owned(),
        updated_at: tx.now(),
    };
    accounts::insert_account(tx, &row).await?;
    let details = json!({ "name": row.name, "currency": row.currency, "ledger_account": row.ledger_account });
    tx.emit(Event::new("bank_account_created", "bank_account", row.id).entity(row.entity_id).details(details));
    Ok(row.id)
}

fn plain_number(number: &str) -> Result<String> {
    let plain: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    let is_plain = !plain.is_empty() && plain.len() <= 40 && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_plain { Ok(plain) } else { Err(Error::invalid("number", "must have 1 to 40 letters and digits")) }
}

/// What of a bank account changes.
#[derive(Clone, Debug, Default)]
pub struct ChangeBankAccount {
    /// What people call it.
    pub name: Option<String>,
    /// How its tables are read; none takes the mapping away.
    pub csv_mapping: Option<Option<StatementMapping>>,
    /// Whether it is in use.
    pub active: Option<bool>,
}

/// Changes a bank account. What its statements and its entries rely on stays: its IBAN, its currency, its account in the books.
///
/// Stale when the caller saw an older version.
pub async fn change_account(tx: &mut Tx, id: BankAccountId, change: ChangeBankAccount) -> Result<()> {
    let mut row = accounts::lock_account(tx, id).await?;
    tx.ctx().expect_version(row.updated_at)?;
    row.name = change.name.map_or(row.name, |name| name.trim().to_owned());
    row.active = change.active.unwrap_or(row.active);
    if let Some(mapping) = change.csv_mapping {
        row.csv_mapping = mapping.map(|mapping| json!(mapping));
    }
    accounts::update_account(tx, &row).await?;
    let details = json!({ "name": row.name, "active": row.active });
    tx.emit(Event::new("bank_account_changed", "bank_account", id).entity(row.entity_id).details(details));
    Ok(())
}

/// Matches a line with what it pays, or with payments that are recorded already.
///
/// Refused when the line is matched or ignored, or as recording, bouncing and refunding payments are; invalid where accounts,
/// currencies, signs, amounts or days do not agree (T-80).
pub async fn match_line(tx: &mut Tx, id: BankLineId, command: &MatchLine) -> Result<()> {
    let line = lock_line(tx, id).await?;
    match_locked(tx, &line, command, false).await
}

/// Matches a line that is held already.
pub(super) async fn match_locked(tx: &mut Tx, line: &BankLineRow, command: &MatchLine, automatic: bool) -> Result<()> {
    line.state.move_to(BankLineState::Matched)?;
    let account = accounts::get_account(tx, line.account_id).await?;
    let house = house::open(tx, line.entity_id).await?;
    let on = command.on.unwrap_or(line.booked_on);
    if on < line.booked_on {
        return Err(Error::invalid("on", "must not be before the day of the line"));
    }
    house.expect_past("on", on)?;
    let booking = Booking { house: &house, account: &account, line, on };
    let matched = settle::settle(tx, booking, command).await?;
    conclude(tx, line, &matched, automatic).await
}

/// Writes what a line is matched with, and that it is.
async fn conclude(tx: &mut Tx, line: &BankLineRow, matched: &[NewMatch], automatic: bool) -> Result<()> {
    matches::insert_matches(tx, (line.entity_id, line.id), matched, automatic).await?;
    lines::update_state(tx, line.id, (line.state, BankLineState::Matched), "").await?;
    let parts: Vec<_> = matched
        .iter()
        .map(|part| json!({ "kind": part.kind, "amount": part.amount, "payment_id": part.payment_id, "entry_id": part.entry_id }))
        .collect();
    let details = json!({ "amount": line.amount, "currency": line.currency, "automatic": automatic, "with": parts });
    let event = Event::new("bank_line_matched", "bank_line", line.id).entity(line.entity_id).details(details);
    let event = matched.iter().filter_map(|part| part.payment_id).fold(event, Event::related);
    tx.emit(event);
    Ok(())
}

async fn lock_line(tx: &mut Tx, id: BankLineId) -> Result<BankLineRow> {
    lines::lock_lines(tx, &[id]).await?.pop().ok_or_else(|| Error::not_found("bank line"))
}

/// A reason that people can read later.
fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 {
        return Err(Error::invalid("reason", "must be 1 to 200 characters"));
    }
    Ok(text)
}

/// Undoes what became of a line: payments that it made are taken back, links are cut, entries reversed. An ignored line waits
/// again.
///
/// Refused when the line waits already, when it took a payment back (that stays: record the payment anew), or when its payment
/// came back since.
pub async fn unmatch_line(tx: &mut Tx, id: BankLineId, why: &str) -> Result<()> {
    let why = reason(why)?;
    let line = lock_line(tx, id).await?;
    line.state.move_to(BankLineState::Unmatched)?;
    let mut undone = Vec::new();
    if line.state == BankLineState::Matched {
        let house = house::open(tx, line.entity_id).await?;
        let matched = matches::list_matches(tx, &[id]).await?;
        for found in matched.iter().filter(|found| found.undone_at.is_none()) {
            let on = house.today;
            if let Some(payment) = found.payment_id {
                give_back(tx, (payment, found.kind), on, why).await?;
            }
            if let Some(entry) = found.entry_id {
                ledger::reverse(tx, entry, on, why).await?;
            }
            undone.push(json!({ "kind": found.kind, "amount": found.amount, "payment_id": found.payment_id }));
        }
        matches::undo_matches(tx, id, why).await?;
    }
    lines::update_state(tx, id, (line.state, BankLineState::Unmatched), "").await?;
    let details =
        json!({ "reason": why, "was": line.state, "amount": line.amount, "currency": line.currency, "undone": undone });
    tx.emit(Event::new("bank_line_unmatched", "bank_line", id).entity(line.entity_id).details(details));
    Ok(())
}

async fn give_back(tx: &mut Tx, (payment, kind): (PaymentId, BankMatchKind), on: Date, why: &str) -> Result<()> {
    if kind == BankMatchKind::Bounced {
        return Err(Error::refused("bank_match_final", "The payment was taken back: record it anew."));
    }
    if matches::is_bounced(tx, payment).await? {
        return Err(Error::refused(
            "bank_payment_returned",
            "Another line took this payment back: this one stays matched.",
        ));
    }
    let row = payment_rows::lock_payment(tx, payment).await?;
    match (kind, row.status) {
        (BankMatchKind::Recorded, PaymentStatus::Completed) => payments::bounce(tx, payment, on, why).await,
        _ => Ok(()),
    }
}

/// Leaves a line out of the books, for a reason.
pub async fn ignore_line(tx: &mut Tx, id: BankLineId, why: &str) -> Result<()> {
    let why = reason(why)?;
    let line = lock_line(tx, id).await?;
    line.state.move_to(BankLineState::Ignored)?;
    lines::update_state(tx, id, (line.state, BankLineState::Ignored), why).await?;
    let details = json!({ "reason": why, "amount": line.amount, "currency": line.currency });
    tx.emit(Event::new("bank_line_ignored", "bank_line", id).entity(line.entity_id).details(details));
    Ok(())
}

/// What a line is posted to.
#[derive(Clone, Debug)]
pub struct PostLine {
    /// The account of the books, by code.
    pub account: String,
    /// What the entry is called; the line's own label when it is empty.
    pub label: String,
    /// The VAT in what went out, in percent: it is deducted.
    pub vat_rate: Option<Decimal>,
}

/// Posts a line to an account of the books: what the bank charges, interest, money between own accounts.
///
/// Invalid when the account takes no such lines, or VAT is told of money that came in.
pub async fn post_line(tx: &mut Tx, id: BankLineId, command: &PostLine) -> Result<()> {
    let line = lock_line(tx, id).await?;
    line.state.move_to(BankLineState::Matched)?;
    let account = accounts::get_account(tx, line.account_id).await?;
    let house = house::open(tx, line.entity_id).await?;
    house.expect_past("on", line.booked_on)?;
    let code = books::plain_account(tx, &house, "account", &command.account).await?;
    if code == account.ledger_account {
        return Err(Error::invalid("account", "is the bank account itself"));
    }
    if let Some(rate) = command.vat_rate {
        if rate <= Decimal::ZERO || rate >= Decimal::ONE_HUNDRED || rate.normalize().scale() > 2 {
            return Err(Error::invalid("vat_rate", "must be a rate in percent with two decimals at most"));
        }
        if line.amount.is_sign_positive() {
            return Err(Error::invalid("vat_rate", "is only told of what was paid"));
        }
    }
    let label = if command.label.trim().is_empty() { &line.label } else { &command.label };
    let of = new_id(tx);
    let booking = Booking { house: &house, account: &account, line: &line, on: line.booked_on };
    let entry = booking.post_line(tx, (of, label), Account::Code(code), command.vat_rate).await?;
    let posted =
        NewMatch { id: of, kind: BankMatchKind::Posted, amount: line.amount, payment_id: None, entry_id: Some(entry) };
    conclude(tx, &line, &[posted], false).await
}

pub(super) fn new_id(tx: &Tx) -> Uuid {
    PartyId::generate(tx.now()).uuid()
}
