//! What a line may be, as it is stored and shown: what `statements::matching` finds, and payments that were recorded before.
//! Pure.

use std::collections::HashMap;

use kernel::{Currency, Date, DocumentId, PartyId, PaymentId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use statements::matching::{
    OpenItem, StatementMatchFact as Fact, StatementMatchReason as Reason, StatementSuggestion, StatementSuggestionKind,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::within;
use crate::payments::model::PaymentDirection;

/// A payment that a person recorded before its line came is looked for so many days around the line.
pub const RECORDED_DAYS: i32 = 10;

platform::words! {
    /// What confirming a suggestion does.
    BankSuggestionKind {
        /// Records a payment of the documents.
        Payment = "payment",
        /// Records the refund of a credit note, or the payment of a supplier.
        Refund = "refund",
        /// Takes the earlier payment back.
        Bounce = "bounce",
        /// Links the line to a payment that is recorded already.
        Recorded = "recorded",
    }

    /// The rule that found a suggestion.
    BankMatchReason {
        /// Numbers of documents stand in the line.
        NumberInLabel = "number_in_label",
        /// The end-to-end reference is the number of a document.
        EndToEndEqual = "end_to_end_equal",
        /// The customer's IBAN and the amount.
        IbanAndAmount = "iban_and_amount",
        /// The amount, near the due date or with a similar name.
        AmountEqual = "amount_equal",
        /// Several documents of the customer sum to the amount.
        Combination = "combination",
        /// The customer's IBAN alone: the oldest documents first.
        IbanKnown = "iban_known",
        /// An earlier payment came back.
        Returned = "returned",
        /// A payment like it was recorded already.
        AlreadyRecorded = "already_recorded",
    }
}

/// What a line may be, with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankSuggestion {
    /// What confirming it does.
    pub kind: BankSuggestionKind,
    /// Which documents, with what of the line each would take.
    pub documents: Vec<SuggestedDocument>,
    /// The payment that came back, or is recorded already.
    pub payment_id: Option<PaymentId>,
    /// What of the line would be left: the party's credit.
    pub unallocated: Decimal,
    /// From 0 to 100; 95 and more only where nothing else fits.
    pub score: u8,
    /// The rule that found it.
    pub reason: BankMatchReason,
    /// What speaks for it and against it.
    #[schema(value_type = Vec<statements::matching::StatementMatchFact>)]
    pub facts: Vec<Fact>,
    /// May be booked without a person.
    pub automatic: bool,
}

/// What of a line a document would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuggestedDocument {
    /// The document.
    pub document_id: DocumentId,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub party_id: PartyId,
    /// His name.
    pub party_name: String,
    /// How much of it.
    pub amount: Decimal,
}

/// A payment that a person recorded, and that no line was matched with yet.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of billing.payment")]
pub struct RecordedPayment {
    pub id: PaymentId,
    pub party_id: PartyId,
    pub party_iban: Option<String>,
    pub direction: PaymentDirection,
    pub amount: Decimal,
    pub currency: Currency,
    /// The day the money moved; of a payment that was taken back, the day it went.
    pub on: Date,
    pub reference: String,
    /// Whether it was taken back: then a line may be its return.
    pub is_failed: bool,
    /// The documents it settles.
    pub numbers: Vec<String>,
}

/// What of a line is compared with payments recorded before.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the columns of billing.bank_line")]
pub struct LineFacts<'a> {
    pub amount: Decimal,
    pub currency: Currency,
    pub booked_on: Date,
    pub iban: Option<&'a str>,
    /// Label, remittance and references, one after the other.
    pub text: &'a str,
    /// Whether a match of it was undone: then nothing is automatic any more.
    pub was_matched: bool,
}

/// Open documents and recorded payments, found by what suggestions need.
#[derive(Debug)]
pub struct Known<'a> {
    items: HashMap<Uuid, &'a OpenItem>,
    recorded: HashMap<(Currency, Decimal), Vec<&'a RecordedPayment>>,
}

impl<'a> Known<'a> {
    /// Indexes them.
    pub fn new(items: &'a [OpenItem], payments: &'a [RecordedPayment]) -> Self {
        let mut recorded: HashMap<_, Vec<_>> = HashMap::new();
        for payment in payments {
            let moved = if (payment.direction == PaymentDirection::In) == payment.is_failed {
                -payment.amount
            } else {
                payment.amount
            };
            recorded.entry((payment.currency, moved.normalize())).or_default().push(payment);
        }
        Self { items: items.iter().map(|item| (item.id, item)).collect(), recorded }
    }

    /// The suggestions for a line, the best first: those found among open documents, and payments recorded already.
    pub fn combine(&self, line: LineFacts<'_>, found: Vec<StatementSuggestion>) -> Vec<BankSuggestion> {
        let recorded = self.recorded(line);
        // A payment of the same party and amount that nobody linked yet makes it doubtful that this is another one.
        let doubtful = |document: &SuggestedDocument| {
            recorded.iter().any(|(payment, _)| payment.party_id == document.party_id && !payment.is_failed)
        };
        let mut all: Vec<_> = found.into_iter().filter_map(|suggestion| self.of(suggestion)).collect();
        for suggestion in &mut all {
            if line.was_matched || suggestion.documents.iter().any(doubtful) {
                suggestion.automatic = false;
                suggestion.score = suggestion.score.min(90);
            }
        }
        if !all.iter().any(|suggestion| suggestion.automatic) {
            all.extend(recorded.into_iter().map(|(_, suggestion)| suggestion));
            all.sort_by_key(|suggestion| std::cmp::Reverse(suggestion.score));
        }
        all.truncate(statements::matching::MAX_SUGGESTIONS);
        all
    }

    /// None for a suggestion that would set credit notes off: that is done with the credit note, not with a line.
    fn of(&self, found: StatementSuggestion) -> Option<BankSuggestion> {
        let document = |share: &statements::matching::StatementAllocation| {
            let item = self.items.get(&share.item_id).filter(|_| share.amount > Decimal::ZERO)?;
            Some(SuggestedDocument {
                document_id: item.id.into(),
                number: item.number.clone(),
                party_id: item.party_id.into(),
                party_name: item.party_name.clone(),
                amount: share.amount,
            })
        };
        Some(BankSuggestion {
            kind: match found.kind {
                StatementSuggestionKind::Payment => BankSuggestionKind::Payment,
                StatementSuggestionKind::Refund => BankSuggestionKind::Refund,
                StatementSuggestionKind::Bounce => BankSuggestionKind::Bounce,
            },
            documents: found.items.iter().map(document).collect::<Option<_>>()?,
            payment_id: found.payment_id.map(PaymentId::from_uuid),
            unallocated: found.unallocated,
            score: found.score,
            reason: reason(found.reason),
            facts: found.facts,
            automatic: found.automatic,
        })
    }

    /// Payments recorded before that may be this line: the same money, moved the same way, within days of it.
    fn recorded(&self, line: LineFacts<'_>) -> Vec<(&'a RecordedPayment, BankSuggestion)> {
        let same = self.recorded.get(&(line.currency, line.amount.normalize())).map_or(&[][..], Vec::as_slice);
        let near: Vec<_> =
            same.iter().filter(|payment| within(payment.on, line.booked_on, RECORDED_DAYS)).copied().collect();
        let text = folded(line.text);
        let count = near.len();
        let suggest = |payment: &'a RecordedPayment| {
            let names = |written: &str| {
                let written = folded(written);
                written.len() >= 4 && text.contains(&written)
            };
            let is_named = names(&payment.reference) || payment.numbers.iter().any(|number| names(number));
            let is_account = payment.party_iban.is_some() && payment.party_iban.as_deref() == line.iban;
            let mut facts = vec![Fact::AmountEqual];
            facts.extend(is_named.then_some(Fact::ReferenceEqual));
            facts.extend(is_account.then_some(Fact::IbanKnown));
            facts.extend((count > 1).then_some(Fact::Ambiguous { count }));
            let score = match (is_named, is_account) {
                (true, _) => 92,
                (false, true) => 85,
                (false, false) if count == 1 => 70,
                (false, false) => 60,
            };
            let suggestion = BankSuggestion {
                kind: if payment.is_failed { BankSuggestionKind::Bounce } else { BankSuggestionKind::Recorded },
                documents: Vec::new(),
                payment_id: Some(payment.id),
                unallocated: Decimal::ZERO,
                score,
                reason: BankMatchReason::AlreadyRecorded,
                facts,
                automatic: false,
            };
            (payment, suggestion)
        };
        near.into_iter().map(suggest).collect()
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

const fn reason(found: Reason) -> BankMatchReason {
    match found {
        Reason::NumberInLabel => BankMatchReason::NumberInLabel,
        Reason::EndToEndEqual => BankMatchReason::EndToEndEqual,
        Reason::IbanAndAmount => BankMatchReason::IbanAndAmount,
        Reason::AmountEqual => BankMatchReason::AmountEqual,
        Reason::Combination => BankMatchReason::Combination,
        Reason::IbanKnown => BankMatchReason::IbanKnown,
        Reason::Returned => BankMatchReason::Returned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(n: u128, on: &str, reference: &str) -> RecordedPayment {
        RecordedPayment {
            id: PaymentId::from_uuid(Uuid::from_u128(n)),
            party_id: PartyId::from_uuid(Uuid::from_u128(1)),
            party_iban: None,
            direction: PaymentDirection::In,
            amount: Decimal::ONE_HUNDRED,
            currency: Currency::EUR,
            on: on.parse().unwrap(),
            reference: reference.into(),
            is_failed: false,
            numbers: Vec::new(),
        }
    }

    fn line(amount: i64) -> LineFacts<'static> {
        let booked_on = "2026-02-10".parse().unwrap();
        LineFacts {
            amount: amount.into(),
            currency: Currency::EUR,
            booked_on,
            iban: None,
            text: "VIR CHQ 12-34",
            was_matched: false,
        }
    }

    #[test]
    fn payments_recorded_before_are_recognised_by_amount_day_and_reference() {
        let payments =
            [recorded(1, "2026-02-08", ""), recorded(2, "2026-02-20", "CHQ 1234"), recorded(3, "2026-02-21", "")];
        let known = Known::new(&[], &payments);
        let found = known.combine(line(100), Vec::new());
        let seen: Vec<_> =
            found.iter().map(|found| (found.payment_id.unwrap().uuid().as_u128(), found.score)).collect();
        assert_eq!(seen, [(2, 92), (1, 60)]);
        assert!(found.iter().all(|found| found.kind == BankSuggestionKind::Recorded && !found.automatic));
        assert_eq!(known.combine(line(-100), Vec::new()), []);
        assert_eq!(known.combine(line(99), Vec::new()), []);
    }

    #[test]
    fn what_was_taken_back_by_hand_is_recognised_on_its_way_out() {
        let payments = [RecordedPayment { is_failed: true, ..recorded(1, "2026-02-10", "") }];
        let known = Known::new(&[], &payments);
        let found = known.combine(line(-100), Vec::new());
        assert_eq!((found.len(), found[0].kind), (1, BankSuggestionKind::Bounce));
        assert_eq!(known.combine(line(100), Vec::new()), []);
    }

    fn automatic() -> StatementSuggestion {
        let item =
            statements::matching::StatementAllocation { item_id: Uuid::from_u128(7), amount: Decimal::ONE_HUNDRED };
        StatementSuggestion {
            kind: StatementSuggestionKind::Payment,
            items: vec![item],
            payment_id: None,
            unallocated: Decimal::ZERO,
            score: 100,
            reason: Reason::NumberInLabel,
            facts: vec![Fact::AmountEqual],
            automatic: true,
        }
    }

    #[test]
    fn nothing_is_automatic_beside_a_payment_that_may_be_it_or_after_a_match_was_undone() {
        let items = [OpenItem {
            id: Uuid::from_u128(7),
            number: "FAC-2026-0007".into(),
            party_id: Uuid::from_u128(1),
            party_name: "Acme".into(),
            party_ibans: Vec::new(),
            amount_open: Decimal::ONE_HUNDRED,
            currency: Currency::EUR,
            issued_on: "2026-02-01".parse().unwrap(),
            due_on: None,
            is_credit: false,
        }];
        let none = Known::new(&items, &[]);
        assert!(none.combine(line(100), vec![automatic()])[0].automatic);
        let undone = LineFacts { was_matched: true, ..line(100) };
        assert!(!none.combine(undone, vec![automatic()])[0].automatic);
        let payments = [recorded(1, "2026-02-08", "")];
        let doubtful = Known::new(&items, &payments).combine(line(100), vec![automatic()]);
        assert_eq!(
            doubtful.iter().map(|found| (found.kind, found.automatic)).collect::<Vec<_>>(),
            [(BankSuggestionKind::Payment, false), (BankSuggestionKind::Recorded, false)]
        );
    }
}
