//! The only writers of payments and what they settle.

use kernel::{Currency, Date, DocumentId, EntityId, PartyId, PaymentId, is_exact};
use ledger::{Account, Journal, Role};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::claim::{self, Claim, Source};
use super::entry::Entry;
use super::model::{self, PaymentDirection, PaymentSource, PaymentStatus};
use super::store::{self, NewPayment, Of, PaymentRow};
use crate::documents::model::{Direction, PayMethod};
use crate::documents::posting::{Leg, credit_on};
use crate::house;

/// Money that came in, or went out to a supplier.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The books it belongs to.
    pub entity: EntityId,
    /// Who paid, or was paid.
    pub party: PartyId,
    /// From a customer, or to a supplier.
    pub direction: PaymentDirection,
    /// How (F-12: it is asked for, never guessed).
    pub method: PayMethod,
    /// How much, above zero.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
    /// The day.
    pub on: Date,
    /// What the payer wrote.
    pub reference: String,
    /// What the house notes.
    pub note: String,
    /// How it became known.
    pub source: PaymentSource,
    /// The bank's own reference, by which it is recorded once.
    pub external_id: Option<String>,
    /// The account of the bank in the books, when it is not the method's.
    pub account: Option<String>,
    /// What of it settles which document; the rest becomes the party's credit.
    pub shares: Vec<(DocumentId, Decimal)>,
}

/// Records a payment: enters it in the books and settles what it pays.
///
/// Not found when a document is; refused when it is not open, is another's, or would be paid more than is open; invalid where an
/// amount cannot be; conflict when the bank's reference is recorded already.
pub async fn record(tx: &mut Tx, receipt: Receipt) -> Result<PaymentId> {
    let direction = match receipt.direction {
        PaymentDirection::In => Direction::Sale,
        PaymentDirection::Out => Direction::Purchase,
        PaymentDirection::Refund => return Err(Error::invalid("direction", "a refund is made of a credit")),
    };
    amount_fits("amount", receipt.amount, receipt.currency)?;
    let house = house::open(tx, receipt.entity).await?;
    house.expect_past("received_on", receipt.on)?;
    let aux = house::aux(tx, receipt.party).await?;
    let settled: Decimal = receipt.shares.iter().map(|(_, amount)| *amount).sum();
    if settled > receipt.amount {
        return Err(Error::invalid("allocations", "settle more than was paid"));
    }
    let conversion = house.conversion(tx, receipt.currency, receipt.on).await?;
    let mut entry = Entry::new(conversion);
    let mut claims =
        claim::lock(tx, &receipt.shares, (receipt.entity, receipt.party, direction, receipt.currency)).await?;
    for claim in &mut claims {
        claim.enter(tx, &mut entry, &aux, receipt.on).await?;
    }
    // What a customer pays, his account is credited; what a supplier is paid, debited.
    let sign = if direction == Direction::Sale { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    let rest = (receipt.amount - settled) * sign;
    if !rest.is_zero() {
        let role = credit_on(direction);
        entry.add(model::party_leg(role, &aux, rest, None), conversion.functional(rest));
    }
    let account = receipt.account.clone().map_or(Account::Role(receipt.method.role()), Account::Code);
    entry.add_money(Leg { account, aux: None, amount: receipt.amount * -sign, due_on: None });
    let id = PaymentId::generate(tx.now());
    let posted = ledger::post(tx, entry.finish(receipt.header(id, &aux.name))).await?;
    let rate = house.is_foreign(receipt.currency).then_some(conversion.rate);
    let payment = receipt.row(id, rate, posted.id);
    store::insert_payment(tx, &payment).await?;
    claim::close(tx, claims, &posted, Source::Payment(id), payment.received_on).await?;
    let details = json!({ "amount": payment.amount, "currency": payment.currency, "method": payment.method,
        "on": payment.received_on, "reference": payment.reference });
    let event = Event::new("payment_recorded", "payment", id).entity(payment.entity_id).details(details);
    tx.emit(event.related(payment.party_id));
    Ok(id)
}

impl Receipt {
    fn header(&self, id: PaymentId, name: &str) -> super::entry::Header {
        let reference = if self.reference.is_empty() { name } else { &self.reference };
        super::entry::Header {
            entity: self.entity,
            journal: if self.method == PayMethod::Cash { Journal::Cash } else { Journal::Bank },
            on: self.on,
            piece: reference.chars().take(60).collect(),
            label: ledger::label(&format!("{name} {}", self.reference)),
            source: ("payment", id.uuid()),
        }
    }

    fn row(self, id: PaymentId, rate: Option<Decimal>, entry_id: kernel::EntryId) -> NewPayment {
        NewPayment {
            id,
            entity_id: self.entity,
            party_id: self.party,
            direction: self.direction,
            method: self.method,
            amount: self.amount,
            currency: self.currency,
            rate,
            received_on: self.on,
            reference: self.reference,
            note: self.note,
            source: self.source,
            external_id: self.external_id,
            refund_of: None,
            entry_id,
        }
    }
}

/// Takes a payment back: it bounced, or was recorded by mistake. What it settled is open again.
///
/// Not found out of scope; refused when it was taken back before, or when a part of it was given back.
pub async fn bounce(tx: &mut Tx, id: PaymentId, on: Date, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Error::invalid("reason", "must be 1 to 200 characters"));
    }
    let payment = store::lock_payment(tx, id).await?;
    payment.status.move_to(PaymentStatus::Failed)?;
    if !payment.refunded.is_zero() {
        return Err(Error::refused("payment_refunded", "A part of it was given back: take that back first."));
    }
    let house = house::open(tx, payment.entity_id).await?;
    house.expect_past("on", on)?;
    if on < payment.received_on {
        return Err(Error::invalid("on", "must not be before the day of the payment"));
    }
    let live: Vec<_> = store::list_allocations(tx, Of::Payment(id)).await?;
    let live: Vec<_> = live.into_iter().filter(|share| share.released_on.is_none()).collect();
    // Of both, why it bounced is what is looked for.
    let reference: String = payment.reference.chars().take(100).collect();
    let label = ledger::label(format!("{reference}: {reason}").trim_start_matches(": "));
    let entry = payment.entry_id.ok_or_else(|| Error::not_found("entry"))?;
    let reversal = claim::reopen(tx, &live, entry, on, (&label, reason)).await?;
    store::fail_payment(tx, id, reversal, on, reason).await?;
    let details = json!({ "amount": payment.amount, "currency": payment.currency, "on": on, "reason": reason });
    let event = Event::new("payment_bounced", "payment", id).entity(payment.entity_id).details(details);
    tx.emit(event.related(payment.party_id).severity(platform::event::Severity::Warning));
    Ok(())
}

/// Uses a customer's credit: what is left of a payment settles more documents.
///
/// Refused when less is left; and as [`record`] does for the documents.
pub async fn allocate(tx: &mut Tx, id: PaymentId, shares: &[(DocumentId, Decimal)], on: Date) -> Result<()> {
    let payment = store::lock_payment(tx, id).await?;
    let asked: Decimal = shares.iter().map(|(_, amount)| *amount).sum();
    if asked > payment.unallocated() {
        return Err(credit_too_small(payment.unallocated()));
    }
    let direction = match payment.direction {
        PaymentDirection::In => Direction::Sale,
        PaymentDirection::Out => Direction::Purchase,
        PaymentDirection::Refund => return Err(Error::refused("payment_refund", "A refund settles nothing.")),
    };
    let of = (payment.entity_id, payment.party_id, direction, payment.currency);
    use_credit(tx, Source::Payment(id), of, shares, on, payment.rate).await
}

/// Uses a customer's credit: what is left of a credit note settles other documents.
///
/// Refused when less is left; and as [`record`] does for the documents.
pub async fn allocate_credit_note(
    tx: &mut Tx,
    id: DocumentId,
    shares: &[(DocumentId, Decimal)],
    on: Date,
) -> Result<()> {
    let note = claim::lock_credit_note(tx, id).await?;
    let asked: Decimal = shares.iter().map(|(_, amount)| *amount).sum();
    if asked > note.settled().balance() {
        return Err(credit_too_small(note.settled().balance()));
    }
    let of = (note.entity_id, note.party_id, note.direction, note.currency);
    use_credit(tx, Source::CreditNote(id), of, shares, on, note.rate).await?;
    claim::use_credit_note(tx, &note, asked, on).await
}

fn credit_too_small(left: Decimal) -> Error {
    Error::refused("credit_too_small", format!("Only {left} is left of it."))
        .with_field("amount", "is more than is left")
}

/// Moves credit to what it settles, in the journal of miscellaneous entries.
async fn use_credit(
    tx: &mut Tx,
    source: Source,
    of: (EntityId, PartyId, Direction, Currency),
    shares: &[(DocumentId, Decimal)],
    on: Date,
    rate: Option<Decimal>,
) -> Result<()> {
    let (entity, party, direction, currency) = of;
    let house = house::open(tx, entity).await?;
    house.expect_past("on", on)?;
    let aux = house::aux(tx, party).await?;
    let mut conversion = house.conversion(tx, currency, on).await?;
    // Credit is worth what it was worth when it came.
    conversion.rate = rate.unwrap_or(conversion.rate);
    let mut entry = Entry::new(conversion);
    let mut claims = claim::lock(tx, shares, of).await?;
    for claim in &mut claims {
        claim.enter(tx, &mut entry, &aux, on).await?;
    }
    let asked: Decimal = claims.iter().map(Claim::amount).sum();
    let amount = if direction == Direction::Sale { asked } else { -asked };
    entry.add_money(model::party_leg(credit_on(direction), &aux, amount, None));
    // One credit is used many times, and an entry's source is told once.
    let id = PaymentId::generate(tx.now());
    let header = super::entry::Header {
        entity,
        journal: Journal::Miscellaneous,
        on,
        piece: claims.iter().filter_map(|claim| claim.number()).take(3).collect::<Vec<_>>().join(" "),
        label: aux.name.clone(),
        source: ("allocation", id.uuid()),
    };
    let posted = ledger::post(tx, entry.finish(header)).await?;
    claim::close(tx, claims, &posted, source, on).await
}

/// What is given back to a customer.
#[derive(Clone, Debug)]
pub struct Refund {
    /// What it is given back of.
    pub of: Source,
    /// How much.
    pub amount: Decimal,
    /// How.
    pub method: PayMethod,
    /// The day.
    pub on: Date,
    /// What is written on it.
    pub reference: String,
    /// The movement of a bank account by which it left; none when a person tells of it.
    pub movement: Option<Movement>,
}

/// The movement of a bank account that a payment is.
#[derive(Clone, Debug)]
pub struct Movement {
    /// By which it is recorded once.
    pub external_id: String,
    /// The account of the bank in the books.
    pub account: String,
}

/// Gives a customer's credit back (F-11).
///
/// Refused when less is left of it.
pub async fn refund(tx: &mut Tx, refund: Refund) -> Result<PaymentId> {
    let credit = match refund.of {
        Source::Payment(id) => Credit::of_payment(&store::lock_payment(tx, id).await?)?,
        Source::CreditNote(id) => {
            let note = claim::lock_credit_note(tx, id).await?;
            Credit {
                entity: note.entity_id,
                party: note.party_id,
                currency: note.currency,
                left: note.settled().balance(),
                rate: note.rate,
            }
        }
    };
    amount_fits("amount", refund.amount, credit.currency)?;
    if refund.amount > credit.left {
        return Err(credit_too_small(credit.left));
    }
    let house = house::open(tx, credit.entity).await?;
    house.expect_past("on", refund.on)?;
    let aux = house::aux(tx, credit.party).await?;
    let conversion = house.conversion(tx, credit.currency, refund.on).await?;
    let mut entry = Entry::new(conversion);
    let worth = kernel::round(
        refund.amount * credit.rate.unwrap_or(conversion.rate),
        conversion.decimals,
        kernel::Rounding::HalfUp,
    );
    entry.add(model::party_leg(Role::CustomerAdvances, &aux, refund.amount, None), worth);
    let (external_id, account) = refund.movement.map(|movement| (movement.external_id, movement.account)).unzip();
    let money = account.clone().map_or(Account::Role(refund.method.role()), Account::Code);
    entry.add_money(Leg { account: money, aux: None, amount: -refund.amount, due_on: None });
    let id = PaymentId::generate(tx.now());
    let receipt = Receipt {
        entity: credit.entity,
        party: credit.party,
        direction: PaymentDirection::Refund,
        method: refund.method,
        amount: refund.amount,
        currency: credit.currency,
        on: refund.on,
        reference: refund.reference,
        note: String::new(),
        source: if external_id.is_some() { PaymentSource::BankImport } else { PaymentSource::Manual },
        external_id,
        account,
        shares: Vec::new(),
    };
    let posted = ledger::post(tx, entry.finish(receipt.header(id, &aux.name))).await?;
    let rate = house.is_foreign(receipt.currency).then_some(conversion.rate);
    let mut row = receipt.row(id, rate, posted.id);
    if let Source::Payment(of) = refund.of {
        row.refund_of = Some(of);
    }
    store::insert_payment(tx, &row).await?;
    if let Source::CreditNote(note) = refund.of {
        let note = claim::lock_credit_note(tx, note).await?;
        claim::refund_credit_note(tx, &note, id, refund.amount, worth, refund.on).await?;
    }
    let details =
        json!({ "amount": row.amount, "currency": row.currency, "method": row.method, "on": row.received_on });
    tx.emit(Event::new("payment_refunded", "payment", id).entity(row.entity_id).related(row.party_id).details(details));
    Ok(id)
}

/// What a customer has to his credit.
struct Credit {
    entity: EntityId,
    party: PartyId,
    currency: Currency,
    left: Decimal,
    rate: Option<Decimal>,
}

impl Credit {
    fn of_payment(payment: &PaymentRow) -> Result<Self> {
        if payment.direction != PaymentDirection::In {
            return Err(Error::refused("payment_direction", "Only what a customer paid is given back."));
        }
        Ok(Self {
            entity: payment.entity_id,
            party: payment.party_id,
            currency: payment.currency,
            left: payment.unallocated(),
            rate: payment.rate,
        })
    }
}

/// An amount that may be paid.
///
/// Invalid when it is not above zero, or finer than its currency.
pub(super) fn amount_fits(field: &'static str, amount: Decimal, currency: Currency) -> Result<()> {
    if amount <= Decimal::ZERO {
        return Err(Error::invalid(field, "must be above zero"));
    }
    if !is_exact(amount, currency.decimals()) {
        return Err(Error::invalid(field, format!("must have {} decimals at most", currency.decimals())));
    }
    Ok(())
}
