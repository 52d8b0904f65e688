//! Documents that are being settled: held, entered, closed; and opened again.

use kernel::{Currency, Date, DocumentId, EntityId, EntryId, EntryLineId, PartyId, PaymentId};
use ledger::{Aux, Posted};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::entry::Entry;
use super::model::{self, Waiting};
use super::ops::amount_fits;
use super::store::{self, Allocation, Of};
use crate::documents::model::{Direction, DocumentKind, DocumentStatus, Origin, PaymentState, Settled};
use crate::documents::posting::{owed_on, vat_line};
use crate::documents::store as documents;
use crate::documents::store::DocumentRow;
use crate::reminders;

/// What settles a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A payment.
    Payment(PaymentId),
    /// A credit note.
    CreditNote(DocumentId),
}

/// A document that is being settled.
#[derive(Debug)]
pub struct Claim {
    row: DocumentRow,
    amount: Decimal,
    functional: Decimal,
    place: usize,
    due: Vec<Waiting>,
}

/// Takes hold of what is to be settled, each checked.
///
/// Not found when one is; refused when one is not open, is another's or of another currency, or less is open on it.
pub async fn lock(
    tx: &mut Tx,
    shares: &[(DocumentId, Decimal)],
    (entity, party, direction, currency): (EntityId, PartyId, Direction, Currency),
) -> Result<Vec<Claim>> {
    let ids: Vec<_> = shares.iter().map(|(id, _)| *id).collect();
    let rows = documents::lock_documents(tx, &ids).await?;
    if rows.len() != ids.len() {
        let twice = ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
        let why = "names a document twice";
        return Err(if twice { Error::invalid("allocations", why) } else { Error::not_found("document") });
    }
    let claim = |row: DocumentRow| {
        let amount = shares.iter().find(|(id, _)| *id == row.id).map_or(Decimal::ZERO, |(_, amount)| *amount);
        amount_fits("allocations", amount, currency)?;
        if (row.entity_id, row.party_id, row.direction) != (entity, party, direction) || !row.kind.is_claim() {
            return Err(Error::refused("allocation_other_party", "It is no invoice of this party."));
        }
        if row.currency != currency {
            return Err(Error::refused("allocation_currency", "It is in another currency."));
        }
        if row.status == DocumentStatus::Draft {
            return Err(Error::refused("invoice_draft", "A draft is not paid: issue it first."));
        }
        let open = row.settled().balance();
        if amount > open {
            let why = format!("Only {open} is open on {}.", row.number.as_deref().unwrap_or_default());
            return Err(Error::refused("overpayment", why).with_field("allocations", "settle more than is open"));
        }
        Ok(Claim { row, amount, functional: Decimal::ZERO, place: 0, due: Vec::new() })
    };
    rows.into_iter().map(claim).collect()
}

impl Claim {
    /// What of the document is settled.
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// The document's number.
    pub fn number(&self) -> Option<&str> {
        self.row.number.as_deref()
    }

    /// Adds what this settles to an entry: the party's account, and the VAT that falls due with it.
    pub async fn enter(&mut self, tx: &mut Tx, entry: &mut Entry, aux: &Aux, on: Date) -> Result<()> {
        let sign = if self.row.direction == Direction::Sale { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let open = self.row.settled().balance();
        let before = store::list_allocations(tx, Of::Document(self.row.id)).await?;
        let settled: Decimal =
            before.iter().filter(|share| share.released_on.is_none()).map(|share| share.functional).sum();
        let functional_open = self.row.gross_functional.unwrap_or(self.row.gross) - settled;
        let rate = self.row.rate.unwrap_or(Decimal::ONE);
        let decimals = entry.conversion().decimals;
        self.functional = model::functional_share(self.amount, open, rate, functional_open, decimals);
        let role = owed_on(self.row.direction, self.row.origin == Origin::Intercompany);
        self.place = entry.add(model::party_leg(role, aux, self.amount * sign, None), self.functional * sign);
        if self.row.vat_on_receipt {
            let waiting = store::list_waiting(tx, self.row.id).await?;
            self.due = model::made_due(&waiting, self.amount, open, decimals);
            for leg in model::vat_legs(&self.due) {
                let worth = entry.conversion().functional(leg.amount);
                entry.add(leg, worth);
            }
            for group in &self.due {
                let line = vat_line(Direction::Sale, group.key, (group.base, group.vat), on, entry.conversion());
                entry.declare(line);
            }
        }
        Ok(())
    }

    fn allocation(&self, tx: &Tx, posted: &Posted, source: Source, on: Date) -> Allocation {
        let (payment_id, credit_note_id) = match source {
            Source::Payment(id) => (Some(id), None),
            Source::CreditNote(id) => (None, Some(id)),
        };
        Allocation {
            id: PaymentId::generate(tx.now()).uuid(),
            entity_id: self.row.entity_id,
            document_id: self.row.id,
            payment_id,
            credit_note_id,
            amount: self.amount,
            functional: self.functional,
            entry_id: Some(posted.id),
            line_id: posted.line_ids.get(self.place).copied(),
            made_on: on,
            released_on: None,
            release_reason: String::new(),
        }
    }
}

/// Writes what was settled once its entry is posted; what is paid in full is lettered.
pub async fn close(tx: &mut Tx, claims: Vec<Claim>, posted: &Posted, source: Source, on: Date) -> Result<()> {
    let Some(first) = claims.first() else { return Ok(()) };
    let entity = first.row.entity_id;
    let allocations: Vec<_> = claims.iter().map(|claim| claim.allocation(tx, posted, source, on)).collect();
    store::insert_allocations(tx, &allocations).await?;
    let due: Vec<_> = allocations
        .iter()
        .zip(&claims)
        .flat_map(|(allocation, claim)| claim.due.iter().map(|due| (allocation.id, due.clone())))
        .collect();
    store::insert_allocation_vat(tx, entity, &due).await?;
    let by_credit_note = matches!(source, Source::CreditNote(_));
    let changes: Vec<_> = claims
        .iter()
        .map(|claim| {
            let mut settled = claim.row.settled();
            if by_credit_note {
                settled.credited += claim.amount;
            } else {
                settled.paid += claim.amount;
            }
            (&claim.row, settled)
        })
        .collect();
    settle(tx, &changes, on).await?;
    for (row, settled) in changes {
        if settled.balance().is_zero() {
            letter(tx, row).await?;
        }
    }
    Ok(())
}

/// Writes what is settled of documents, and tells of those that are paid.
pub async fn settle(tx: &mut Tx, changes: &[(&DocumentRow, Settled)], on: Date) -> Result<()> {
    let today = tx.now();
    let mut rows = Vec::with_capacity(changes.len());
    for (row, settled) in changes {
        let zone =
            tx.ctx().entity(row.entity_id).map_or_else(|| tx.ctx().tenant().zone.clone(), |entity| entity.zone.clone());
        let state = settled.state(row.due_on, today.date_in(&zone));
        let status = settled.status();
        let settled_on = (status == DocumentStatus::Paid).then_some(on);
        rows.push((row.id, *settled, status, state, settled_on));
        tx.touch(Some(row.entity_id), "document");
        if status == DocumentStatus::Paid && row.status == DocumentStatus::Sent && row.kind.is_claim() {
            let details = json!({ "number": row.number, "gross": row.gross, "currency": row.currency, "on": on });
            let event = Event::new("invoice_paid", "document", row.id).entity(row.entity_id).details(details);
            tx.emit(event.related(row.party_id));
        }
        if status == DocumentStatus::Sent && row.status == DocumentStatus::Paid && row.kind.is_claim() {
            let details =
                json!({ "number": row.number, "balance": settled.balance(), "currency": row.currency, "on": on });
            let told = |action| Event::new(action, "document", row.id).entity(row.entity_id).details(details.clone());
            tx.emit(told("invoice_reopened").related(row.party_id));
            if state == PaymentState::Overdue {
                tx.emit(told("invoice_overdue").related(row.party_id));
            }
        }
    }
    documents::settle(tx, &rows).await?;
    let paid: Vec<_> = rows.iter().filter(|row| row.2 == DocumentStatus::Paid).map(|row| row.0).collect();
    reminders::ops::cancel_settled(tx, &paid).await
}

/// Letters the lines of a document that is settled in full.
async fn letter(tx: &mut Tx, row: &DocumentRow) -> Result<()> {
    let shares = store::list_allocations(tx, Of::Document(row.id)).await?;
    let live = shares.iter().filter(|share| share.released_on.is_none()).filter_map(|share| share.line_id);
    let lines: Vec<EntryLineId> = row.line_id.into_iter().chain(live).collect();
    if lines.len() > 1 {
        ledger::letter(tx, &lines).await?;
    }
    Ok(())
}

/// Opens again what a payment settled: reverses its entries, releases what they settled. Returns the reversal of `entry`.
pub async fn reopen(
    tx: &mut Tx,
    live: &[Allocation],
    entry: EntryId,
    on: Date,
    (label, reason): (&str, &str),
) -> Result<EntryId> {
    let ids: Vec<_> = live.iter().map(|share| share.document_id).collect();
    let rows = documents::lock_documents(tx, &ids).await?;
    for row in rows.iter().filter(|row| row.settled().balance().is_zero()) {
        if let Some(line) = row.line_id {
            ledger::unletter_line(tx, line).await?;
        }
    }
    let mut entries: Vec<_> = live.iter().filter_map(|share| share.entry_id).chain([entry]).collect();
    entries.sort_unstable();
    entries.dedup();
    let mut reversal = entry;
    for entry_id in entries {
        let posted = ledger::reverse(tx, entry_id, on, label).await?;
        if entry_id == entry {
            reversal = posted.id;
        }
    }
    let released: Vec<Uuid> = live.iter().map(|share| share.id).collect();
    store::release_allocations(tx, &released, on, reason).await?;
    let changes: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut settled = row.settled();
            settled.paid -=
                live.iter().filter(|share| share.document_id == row.id).map(|share| share.amount).sum::<Decimal>();
            (row, settled)
        })
        .collect();
    settle(tx, &changes, on).await?;
    Ok(reversal)
}

/// A credit note with something left of it, held until the transaction ends.
///
/// Not found when it is none; refused while it is a draft.
pub async fn lock_credit_note(tx: &mut Tx, id: DocumentId) -> Result<DocumentRow> {
    let note = documents::lock_documents(tx, &[id]).await?.pop().ok_or_else(|| Error::not_found("document"))?;
    if note.kind != DocumentKind::CreditNote {
        return Err(Error::refused("document_kind", "It is no credit note."));
    }
    if note.status == DocumentStatus::Draft {
        return Err(Error::refused("invoice_draft", "A draft gives no credit: issue it first."));
    }
    Ok(note)
}

/// Writes that `amount` of a credit note was used.
pub async fn use_credit_note(tx: &mut Tx, note: &DocumentRow, amount: Decimal, on: Date) -> Result<()> {
    let mut settled = note.settled();
    settled.paid += amount;
    settle(tx, &[(note, settled)], on).await
}

/// Writes that `amount` of a credit note was given back by the payment `id`.
pub async fn refund_credit_note(
    tx: &mut Tx,
    note: &DocumentRow,
    id: PaymentId,
    amount: Decimal,
    functional: Decimal,
    on: Date,
) -> Result<()> {
    let allocation = Allocation {
        id: PaymentId::generate(tx.now()).uuid(),
        entity_id: note.entity_id,
        document_id: note.id,
        payment_id: Some(id),
        credit_note_id: None,
        amount,
        functional,
        entry_id: None,
        line_id: None,
        made_on: on,
        released_on: None,
        release_reason: String::new(),
    };
    store::insert_allocations(tx, &[allocation]).await?;
    use_credit_note(tx, note, amount, on).await
}

/// What a credit note takes off its original when it is issued.
#[derive(Clone, Debug)]
pub struct AppliedNote<'a> {
    /// The credit note, as it was before.
    pub note: &'a DocumentRow,
    /// What it takes back.
    pub original: &'a DocumentRow,
    /// How much it takes off.
    pub amount: Decimal,
    /// The same in the books.
    pub functional: Decimal,
    /// The credit note's entry.
    pub entry: EntryId,
    /// Its line on the customer's account.
    pub line: Option<EntryLineId>,
    /// The day.
    pub on: Date,
    /// The VAT that waited for the original's payment and was taken back unpaid.
    pub no_longer_waiting: Vec<Waiting>,
}

/// Takes a credit note off its original.
pub async fn apply_credit_note(tx: &mut Tx, applied: &AppliedNote<'_>) -> Result<()> {
    let allocation = Allocation {
        id: PaymentId::generate(tx.now()).uuid(),
        entity_id: applied.original.entity_id,
        document_id: applied.original.id,
        payment_id: None,
        credit_note_id: Some(applied.note.id),
        amount: applied.amount,
        functional: applied.functional,
        entry_id: Some(applied.entry),
        line_id: applied.line,
        made_on: applied.on,
        released_on: None,
        release_reason: String::new(),
    };
    let due: Vec<_> = applied.no_longer_waiting.iter().map(|due| (allocation.id, due.clone())).collect();
    let entity = allocation.entity_id;
    store::insert_allocations(tx, &[allocation]).await?;
    store::insert_allocation_vat(tx, entity, &due).await?;
    // Several may take back one original within a transaction: what is settled now counts, not what was read before.
    let rows = documents::lock_documents(tx, &[applied.original.id, applied.note.id]).await?;
    let mut changes = Vec::with_capacity(2);
    for row in &rows {
        let mut settled = row.settled();
        if row.id == applied.note.id {
            settled.paid += applied.amount;
        } else {
            settled.credited += applied.amount;
        }
        changes.push((row, settled));
    }
    settle(tx, &changes, applied.on).await?;
    for (row, settled) in &changes {
        if row.id == applied.original.id && settled.balance().is_zero() {
            letter(tx, row).await?;
        }
    }
    Ok(())
}
