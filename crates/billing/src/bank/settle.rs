//! What matching a line does: payments it makes, payments it is, payments it takes back, and what explains the difference.

use std::collections::BTreeMap;

use kernel::{Date, DocumentId, PartyId, PaymentId};
use ledger::{Account, Role};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use super::books::{Against, Booking, code_of};
use super::model::{
    BankMatchKind, BankPaymentUse, BankRest, BankSettings, Split, amount_refusal, method_of, split, within,
};
use super::ops::new_id;
use super::store::matches::{self, NewMatch};
use crate::documents::model::{Direction, DocumentKind, PayMethod};
use crate::documents::store as documents;
use crate::payments::claim::Source;
use crate::payments::model::{PaymentDirection, PaymentSource, PaymentStatus};
use crate::payments::ops::{self as payments, Movement, Receipt, Refund};
use crate::payments::store::{self as payment_rows, PaymentRow};

/// What a line is matched with: documents that it pays, or payments that are recorded.
#[derive(Clone, Debug, Default)]
pub struct MatchLine {
    /// The documents it pays, with how much of each.
    pub documents: Vec<(DocumentId, Decimal)>,
    /// Whose credit the rest becomes, where the documents do not tell.
    pub party: Option<PartyId>,
    /// The payments that it is, or that came back.
    pub payments: Vec<PaymentId>,
    /// What it is to those payments; when money went out for a payment that had come in, that it came back unless told.
    pub treat_as: Option<BankPaymentUse>,
    /// What becomes of the difference.
    pub rest: Option<BankRest>,
    /// How the money moved; as the bank's code tells it unless told.
    pub method: Option<PayMethod>,
    /// The day of the entries; that of the line unless told.
    pub on: Option<Date>,
}

/// Does what the command says, and returns what the line is then matched with: it sums to the line's amount.
pub(super) async fn settle(tx: &mut Tx, booking: Booking<'_>, command: &MatchLine) -> Result<Vec<NewMatch>> {
    let settings = tx.setting::<BankSettings>().await?;
    let settling = Settling { booking, command, settings, moved: booking.line.amount.abs(), made: Vec::new() };
    if booking.line.amount.is_zero() {
        return Err(Error::invalid("id", "moved no money: ignore it"));
    }
    if command.documents.len() + command.payments.len() > 500 {
        return Err(Error::invalid("payments", "must name 500 documents or payments at most"));
    }
    if command.payments.is_empty() {
        return settling.documents(tx).await;
    }
    if !command.documents.is_empty() {
        return Err(Error::invalid("payments", "a line pays documents or is a payment, not both"));
    }
    settling.payments(tx).await
}

struct Settling<'a> {
    booking: Booking<'a>,
    command: &'a MatchLine,
    settings: BankSettings,
    /// Above zero.
    moved: Decimal,
    made: Vec<NewMatch>,
}

impl Settling<'_> {
    fn is_in(&self) -> bool {
        self.booking.line.amount.is_sign_positive()
    }

    fn signed(&self, amount: Decimal) -> Decimal {
        if self.is_in() { amount } else { -amount }
    }

    fn divided(&self, asked: Decimal, rest: Option<BankRest>) -> Result<Split> {
        let divided = split(self.moved, asked, rest, self.booking.line.charges, self.settings.max_difference);
        divided.map_err(|refusal| Error::invalid("rest", refusal.to_string()))
    }

    fn method(&self) -> PayMethod {
        let line = self.booking.line;
        self.command.method.unwrap_or_else(|| method_of(line.transaction_code.as_deref(), &line.label))
    }

    fn reference(&self) -> String {
        let line = self.booking.line;
        let text = line.end_to_end_id.as_deref().or(line.remittance.as_deref()).unwrap_or(&line.label);
        text.chars().take(140).collect::<String>().trim().to_owned()
    }

    /// The id under which the next payment of this line is recorded: its own for the first.
    fn external_id(&self) -> String {
        let id = self.booking.line.id;
        if self.made.is_empty() { id.to_string() } else { format!("{id}/{}", self.made.len() + 1) }
    }

    fn add(&mut self, tx: &Tx, kind: BankMatchKind, amount: Decimal, payment: PaymentId) {
        let amount = self.signed(amount);
        self.made.push(NewMatch { id: new_id(tx), kind, amount, payment_id: Some(payment), entry_id: None });
    }

    async fn documents(mut self, tx: &mut Tx) -> Result<Vec<NewMatch>> {
        let currency = self.booking.line.currency;
        let mut asked = Decimal::ZERO;
        for (at, (_, amount)) in self.command.documents.iter().enumerate() {
            if let Some(why) = amount_refusal(*amount, currency) {
                return Err(Error::invalid(format!("payments.{at}.amount"), why));
            }
            asked += *amount;
        }
        if self.command.documents.is_empty() && self.command.party.is_none() {
            return Err(Error::invalid("payments", "must name a document, a party or a payment"));
        }
        let rest = if self.command.documents.is_empty() { Some(BankRest::Credit) } else { self.command.rest };
        let divided = self.divided(asked, rest)?;
        let mut shares = self.shares(tx).await?;
        let credited = self.credited(&mut shares, divided)?;
        for (party, documents) in shares.parties {
            let credit = if credited == Some(party) { divided.credit } else { Decimal::ZERO };
            self.record(tx, party, documents, credit).await?;
        }
        for (note, amount) in shares.notes {
            self.refund(tx, Source::CreditNote(note), amount).await?;
        }
        self.explain(tx, divided.difference).await?;
        Ok(self.made)
    }

    /// Whose credit the rest becomes, who then has a payment even if nothing of his is paid.
    fn credited(&self, shares: &mut Shares, divided: Split) -> Result<Option<PartyId>> {
        if divided.credit.is_zero() {
            return Ok(None);
        }
        let only = shares.parties.keys().next().copied().filter(|_| shares.parties.len() == 1);
        let party = self
            .command
            .party
            .or(only)
            .ok_or_else(|| Error::invalid("party_id", "says whose credit the rest becomes"))?;
        shares.parties.entry(party).or_default();
        Ok(Some(party))
    }

    /// The documents by whose they are, and the credit notes that are refunded. What they have open is checked by who settles them.
    async fn shares(&self, tx: &mut Tx) -> Result<Shares> {
        let ids: Vec<_> = self.command.documents.iter().map(|(id, _)| *id).collect();
        let rows = documents::lock_documents(tx, &ids).await?;
        let mut shares = Shares::default();
        for (id, amount) in &self.command.documents {
            let row = rows.iter().find(|row| row.id == *id && row.entity_id == self.booking.line.entity_id);
            let row = row.ok_or_else(|| Error::not_found("document"))?;
            if row.currency != self.booking.line.currency {
                return Err(Error::refused("allocation_currency", "It is in another currency."));
            }
            match (row.direction, row.kind, self.is_in()) {
                (Direction::Sale, DocumentKind::CreditNote, false) => shares.notes.push((*id, *amount)),
                (Direction::Sale, DocumentKind::Invoice | DocumentKind::DepositInvoice, true)
                | (Direction::Purchase, DocumentKind::Invoice | DocumentKind::DepositInvoice, false) => {
                    shares.parties.entry(row.party_id).or_default().push((*id, *amount));
                }
                _ => {
                    let number = row.number.as_deref().unwrap_or_default();
                    let way = if self.is_in() { "comes in" } else { "goes out" };
                    let detail = format!("No money {way} for the document {number}.");
                    return Err(
                        Error::refused("bank_line_sign", detail).with_field("payments", "the line's sign does not fit")
                    );
                }
            }
        }
        Ok(shares)
    }

    async fn record(
        &mut self,
        tx: &mut Tx,
        party: PartyId,
        shares: Vec<(DocumentId, Decimal)>,
        credit: Decimal,
    ) -> Result<()> {
        let amount = shares.iter().map(|(_, amount)| *amount).sum::<Decimal>() + credit;
        let receipt = Receipt {
            entity: self.booking.line.entity_id,
            party,
            direction: if self.is_in() { PaymentDirection::In } else { PaymentDirection::Out },
            method: self.method(),
            amount,
            currency: self.booking.line.currency,
            on: self.booking.on,
            reference: self.reference(),
            note: String::new(),
            source: PaymentSource::BankImport,
            external_id: Some(self.external_id()),
            account: Some(self.booking.account.ledger_account.clone()),
            shares,
        };
        let id = payments::record(tx, receipt).await?;
        self.add(tx, BankMatchKind::Recorded, amount, id);
        Ok(())
    }

    async fn refund(&mut self, tx: &mut Tx, of: Source, amount: Decimal) -> Result<()> {
        let movement =
            Movement { external_id: self.external_id(), account: self.booking.account.ledger_account.clone() };
        let refund = Refund {
            of,
            amount,
            method: self.method(),
            on: self.booking.on,
            reference: self.reference(),
            movement: Some(movement),
        };
        let id = payments::refund(tx, refund).await?;
        self.add(tx, BankMatchKind::Recorded, amount, id);
        Ok(())
    }

    /// Posts what the line moved beside its payments to rounding or charges.
    async fn explain(&mut self, tx: &mut Tx, difference: Decimal) -> Result<()> {
        if difference.is_zero() {
            return Ok(());
        }
        let amount = self.signed(difference);
        let role = match self.command.rest {
            Some(BankRest::Rounding) if amount > Decimal::ZERO => Role::RoundingGain,
            Some(BankRest::Rounding) => Role::RoundingLoss,
            Some(BankRest::BankFees | BankRest::Credit) | None => Role::BankFees,
        };
        let id = new_id(tx);
        let against = Against { account: Account::Role(role), amount, rate: None };
        let entry = self.booking.post(tx, id, &self.booking.line.label, against).await?;
        self.made.push(NewMatch { id, kind: BankMatchKind::Posted, amount, payment_id: None, entry_id: Some(entry) });
        Ok(())
    }

    async fn payments(mut self, tx: &mut Tx) -> Result<Vec<NewMatch>> {
        let mut ids = self.command.payments.clone();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != self.command.payments.len() {
            return Err(Error::invalid("payment_ids", "names a payment twice"));
        }
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let row = payment_rows::lock_payment(tx, id).await?;
            self.check(&row)?;
            rows.push(row);
        }
        let came_in = rows.iter().all(|row| row.direction == PaymentDirection::In);
        let usual = if !self.is_in() && came_in { BankPaymentUse::Bounce } else { BankPaymentUse::Link };
        match (self.command.treat_as.unwrap_or(usual), rows.as_slice()) {
            (BankPaymentUse::Link, rows) => self.link(tx, rows).await?,
            (BankPaymentUse::Bounce, [row]) => self.bounce(tx, row).await?,
            (BankPaymentUse::Refund, [row]) if !self.is_in() => {
                self.refund(tx, Source::Payment(row.id), self.moved).await?;
            }
            (BankPaymentUse::Refund, [_]) => return Err(sign_refused()),
            (BankPaymentUse::Bounce | BankPaymentUse::Refund, _) => {
                return Err(Error::invalid("payment_ids", "must name one payment"));
            }
        }
        Ok(self.made)
    }

    fn check(&self, row: &PaymentRow) -> Result<()> {
        if row.entity_id != self.booking.line.entity_id {
            return Err(Error::not_found("payment"));
        }
        if row.currency != self.booking.line.currency {
            return Err(Error::refused("allocation_currency", "It is in another currency."));
        }
        Ok(())
    }

    /// The line is these payments: nothing is posted twice. Money that waited on another account (cheques, cards) moves to the bank's.
    async fn link(&mut self, tx: &mut Tx, rows: &[PaymentRow]) -> Result<()> {
        for row in rows {
            if (row.direction == PaymentDirection::In) != self.is_in() {
                return Err(sign_refused());
            }
            if row.status != PaymentStatus::Completed {
                return Err(Error::refused("payment_lifecycle", "This payment was taken back."));
            }
            if !within(row.received_on, self.booking.line.booked_on, i32::from(self.settings.link_days.min(400))) {
                let detail = format!("The payment is of {}, too far from the line.", row.received_on);
                return Err(Error::refused("bank_line_days", detail).with_field("payment_id", "is of another time"));
            }
        }
        let asked: Decimal = rows.iter().map(|row| row.amount).sum();
        let rest = self.command.rest.filter(|rest| *rest != BankRest::Credit);
        let divided = self.divided(asked, rest)?;
        for row in rows {
            self.add(tx, BankMatchKind::Linked, row.amount, row.id);
            let entry = self.move_money(tx, row, self.signed(row.amount)).await?;
            if let Some(made) = self.made.last_mut() {
                made.entry_id = entry;
            }
        }
        self.explain(tx, divided.difference).await
    }

    /// The line takes a payment back; one that a person took back already is only linked.
    async fn bounce(&mut self, tx: &mut Tx, row: &PaymentRow) -> Result<()> {
        if self.is_in() || row.direction != PaymentDirection::In {
            return Err(sign_refused());
        }
        if row.received_on > self.booking.line.booked_on {
            return Err(Error::refused("bank_line_days", "The payment came in after this line went out.")
                .with_field("payment_id", "is of a later day"));
        }
        // What the bank says it took for the return needs nobody's word.
        let told = self.booking.line.charges.is_some_and(|charges| charges == self.moved - row.amount);
        let rest =
            if told { Some(BankRest::BankFees) } else { self.command.rest.filter(|rest| *rest != BankRest::Credit) };
        let divided = self.divided(row.amount, rest)?;
        if row.status == PaymentStatus::Completed {
            let line = self.booking.line;
            let reason = line
                .return_reason
                .as_deref()
                .map_or_else(|| line.label.clone(), |code| format!("{code} {}", line.label));
            let reason: String = reason.chars().take(200).collect();
            let reason = if reason.trim().is_empty() { "returned by the bank" } else { reason.trim() };
            payments::bounce(tx, row.id, self.booking.on, reason).await?;
        }
        self.add(tx, BankMatchKind::Bounced, row.amount, row.id);
        let entry = self.move_money(tx, row, -row.amount).await?;
        if let Some(made) = self.made.last_mut() {
            made.entry_id = entry;
        }
        self.explain(tx, divided.difference).await
    }

    /// Moves what a payment was entered with from where it was entered to the bank's account; nothing where that is the same.
    async fn move_money(&self, tx: &mut Tx, row: &PaymentRow, amount: Decimal) -> Result<Option<kernel::EntryId>> {
        let from = match matches::find_recorded_on(tx, row.id).await? {
            Some(code) => code,
            None => code_of(tx, self.booking.house, row.method.role()).await?,
        };
        if from == self.booking.account.ledger_account {
            return Ok(None);
        }
        let of = self.made.last().map_or_else(|| new_id(tx), |made| made.id);
        let against = Against { account: Account::Code(from), amount, rate: row.rate };
        let label = if row.reference.is_empty() { &self.booking.line.label } else { &row.reference };
        self.booking.post(tx, of, label, against).await.map(Some)
    }
}

#[derive(Default)]
struct Shares {
    parties: BTreeMap<PartyId, Vec<(DocumentId, Decimal)>>,
    notes: Vec<(DocumentId, Decimal)>,
}

fn sign_refused() -> Error {
    let detail = "The money moved the other way.";
    Error::refused("bank_line_sign", detail).with_field("payment_id", "the line's sign does not fit")
}
