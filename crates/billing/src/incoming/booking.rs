//! Booking: a supplier's invoice becomes a document of the books, with its entry, in one transaction.

use std::collections::HashMap;

use einvoice::{Invoice, Kind, PaymentMeans};
use kernel::{Date, DocumentId, IncomingInvoiceId, PartyId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::model::IncomingStatus;
use super::plan::{Accounts, plan};
use super::store::{self, IncomingRow, Outcome};
use crate::documents::draft::{DocumentText, Draft, DraftLine};
use crate::documents::issue::{Issued, Purchase, enter_purchase};
use crate::documents::model::{Direction, DocumentKind, Origin, PayMethod};
use crate::documents::ops::create_stated;
use crate::documents::store as documents;
use crate::documents::totals::Discount;
use crate::house::{self, House};

/// How an invoice is booked.
#[derive(Clone, Debug, Default)]
pub struct Booking {
    /// The day it stands under in the books; its own unless told. Later where its own lies in a closed period.
    pub booked_on: Option<Date>,
    /// When it is due; as it says unless told.
    pub due_on: Option<Date>,
    /// Which accounts its lines go to, by code.
    pub accounts: Accounts,
    /// The rate, in percent, at which the entity owes the VAT that was not charged; the usual one of its country unless told.
    pub self_assessed_rate: Option<Decimal>,
}

/// Books an approved invoice: writes it as a purchase and posts it, with the VAT that the entity owes itself where it does.
///
/// Refused as the lifecycle says; `incoming_sums` where its sums do not add up; `period_locked`; conflict when it is in the books
/// already; invalid where an account is none of costs.
pub async fn book(tx: &mut Tx, id: IncomingInvoiceId, booking: Booking) -> Result<Issued> {
    let row = store::lock_incoming(tx, id).await?;
    row.status.move_to(IncomingStatus::Booked)?;
    let party =
        row.party_id.ok_or_else(|| Error::internal("booking an invoice", "it was approved without a supplier"))?;
    let (invoice, ..) = store::get_said(tx, id).await?;
    let house = house::open(tx, row.entity_id).await?;
    let booked_on = check_days(&house, &row, booking.booked_on)?;
    check_rate(booking.self_assessed_rate)?;
    // Documents are held before the book is.
    let original_id = if invoice.kind.is_credit() { find_original(tx, &row, party, &invoice).await? } else { None };
    let accounts = known_accounts(tx, &row, &invoice, booking.accounts).await?;
    let (lines, totals) = plan(&invoice, &accounts).map_err(|why| Error::refused("incoming_sums", why))?;
    if totals.gross <= Decimal::ZERO {
        return Err(Error::refused("incoming_amount", "It amounts to nothing, or to less: it cannot be booked."));
    }
    let draft = draft(&row, &invoice, (party, original_id), (&house, lines));
    let document = create_stated(tx, &draft, &totals).await?;
    let purchase = Purchase {
        id: document,
        number: row.number.clone(),
        issue_on: row.issue_on,
        due_on: booking.due_on.or(row.due_on).filter(|_| !invoice.kind.is_credit()),
        booked_on: Some(booked_on),
        self_assessed_rate: booking.self_assessed_rate,
    };
    let issued = enter_purchase(tx, &purchase).await?;
    store::update_status(tx, &row, Outcome::Booked(document)).await?;
    let details = json!({ "number": row.number, "seller": row.seller_name, "gross": row.gross, "currency": row.currency,
        "booked_on": booked_on, "document_id": document });
    let event = Event::new("incoming_invoice_booked", "incoming_invoice", id).entity(row.entity_id).details(details);
    tx.emit(event.related(party).related(document));
    Ok(issued)
}

fn check_days(house: &House, row: &IncomingRow, told: Option<Date>) -> Result<Date> {
    let on = told.unwrap_or(row.issue_on);
    if on < row.issue_on {
        return Err(Error::invalid("booked_on", "must not be before the day of the invoice"));
    }
    house.expect_past("booked_on", on)?;
    Ok(on)
}

fn check_rate(rate: Option<Decimal>) -> Result<()> {
    let is_rate = |rate: Decimal| rate > Decimal::ZERO && rate < Decimal::ONE_HUNDRED && kernel::is_exact(rate, 2);
    if rate.is_none_or(is_rate) {
        return Ok(());
    }
    Err(Error::invalid("self_assessed_rate", "must lie between 0 and 100, with two decimals at most"))
}

/// The accounts as the book writes them.
///
/// Invalid, naming the field, where a line is none of the invoice, or an account is none of costs or assets.
async fn known_accounts(tx: &mut Tx, row: &IncomingRow, invoice: &Invoice, told: Accounts) -> Result<Accounts> {
    let usual = match told.usual {
        Some(code) => Some(ledger::cost_account(tx, row.entity_id, ("account", &code)).await?),
        None => None,
    };
    let mut of_line = HashMap::new();
    for (line, code) in told.of_line {
        if !invoice.lines.iter().any(|known| known.id == line) {
            return Err(Error::invalid("lines", format!("names the line {line}, which the invoice does not have")));
        }
        of_line.insert(line, ledger::cost_account(tx, row.entity_id, ("lines", &code)).await?);
    }
    Ok(Accounts { usual, of_line })
}

/// What a credit note takes back, where it is in these books and has as much left; held.
async fn find_original(
    tx: &mut Tx,
    row: &IncomingRow,
    party: PartyId,
    invoice: &Invoice,
) -> Result<Option<DocumentId>> {
    let [preceding] = &invoice.references.preceding[..] else { return Ok(None) };
    let found = documents::find_purchase(tx, row.entity_id, party, preceding.number.trim()).await?;
    let Some(id) = found else { return Ok(None) };
    let Some(original) = documents::lock_documents(tx, &[id]).await?.pop() else { return Ok(None) };
    let left = original.gross - documents::sum_credit_notes(tx, id).await?;
    let fits = original.kind.is_claim() && original.currency == row.currency && row.gross <= left;
    Ok(fits.then_some(id))
}

fn draft(
    row: &IncomingRow,
    invoice: &Invoice,
    (party_id, original_id): (PartyId, Option<DocumentId>),
    (house, lines): (&House, Vec<DraftLine>),
) -> Draft {
    let cut = |text: &Option<String>| text.as_deref().unwrap_or_default().chars().take(200).collect();
    let period = invoice.period.and_then(|period| period.start.zip(period.end)).filter(|(start, end)| start <= end);
    let days = row.due_on.map_or(0, |due| due.jiff().duration_since(row.issue_on.jiff()).as_hours() / 24);
    Draft {
        entity: row.entity_id,
        kind: match invoice.kind {
            Kind::Deposit => DocumentKind::DepositInvoice,
            Kind::CreditNote | Kind::DepositCreditNote => DocumentKind::CreditNote,
            Kind::Invoice | Kind::Corrected | Kind::Quote | Kind::ProForma => DocumentKind::Invoice,
        },
        direction: Direction::Purchase,
        origin: Origin::Received,
        party_id,
        original_id,
        source_id: None,
        version: 1,
        currency: row.currency,
        language: house.legal.language,
        text: DocumentText {
            purchase_order: cut(&invoice.references.purchase_order),
            contract: cut(&invoice.references.contract),
            ..DocumentText::default()
        },
        supply_from: period.map(|(start, _)| start),
        supply_to: period.map(|(_, end)| end).or(invoice.supply_date),
        week: None,
        valid_until: None,
        payment_terms_days: i32::try_from(days.clamp(0, 365)).unwrap_or_default(),
        payment_method: method(invoice),
        discount: Discount::None,
        lines,
    }
}

fn method(invoice: &Invoice) -> PayMethod {
    match invoice.payment.first() {
        None | Some(PaymentMeans::CreditTransfer { .. }) => PayMethod::Transfer,
        Some(PaymentMeans::DirectDebit { .. }) => PayMethod::SepaDebit,
        Some(PaymentMeans::Card { .. }) => PayMethod::Card,
        Some(PaymentMeans::Cash) => PayMethod::Cash,
        Some(PaymentMeans::Cheque) => PayMethod::Cheque,
        Some(PaymentMeans::Other { .. }) => PayMethod::Other,
    }
}
