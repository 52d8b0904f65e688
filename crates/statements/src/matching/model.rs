//! Open documents, earlier payments, and what is suggested.

use std::fmt;

use kernel::{Currency, Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A document with something left to pay: an invoice, or a credit note to refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// The document.
    pub id: Uuid,
    /// Its number as printed: `FAC-2025-0012`.
    pub number: String,
    /// Who owes it, or is owed it.
    pub party_id: Uuid,
    /// His name.
    pub party_name: String,
    /// The accounts he is known to pay from.
    pub party_ibans: Vec<String>,
    /// What is left; positive. Anything else is passed over.
    pub amount_open: Decimal,
    /// Of what.
    pub currency: Currency,
    /// When it was issued.
    pub issued_on: Date,
    /// When it is due; the day of issue where it does not say.
    pub due_on: Option<Date>,
    /// A credit note: money goes out for it.
    pub is_credit: bool,
}

impl OpenItem {
    /// The day around which its payment is expected.
    pub(super) fn expected_on(&self) -> Date {
        self.due_on.unwrap_or(self.issued_on)
    }
}

/// A payment that came in earlier, and may come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The payment.
    pub id: Uuid,
    /// Its end-to-end id, its mandate's, the number of its cheque: whatever a return would name.
    pub reference: Option<String>,
    /// How much; positive.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
    /// When it came in.
    pub received_on: Date,
}

/// What a line of a statement may be booked as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementSuggestion {
    /// What would be booked.
    pub kind: StatementSuggestionKind,
    /// Which documents, with what of the line each would take. The sum is at most the line's amount.
    pub items: Vec<StatementAllocation>,
    /// The earlier payment that came back.
    pub payment_id: Option<Uuid>,
    /// What of the line is left over: an over-payment. Positive or zero.
    #[schema(value_type = String, examples("0.00"))]
    pub unallocated: Decimal,
    /// From 0 to 100; 95 and more only where nothing else fits.
    pub score: u8,
    /// The rule that found it.
    pub reason: StatementMatchReason,
    /// What speaks for it and against it.
    pub facts: Vec<StatementMatchFact>,
    /// May be booked without a person.
    pub automatic: bool,
}

impl StatementSuggestion {
    /// The facts as an English sentence.
    pub fn sentence(&self) -> String {
        self.facts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// What a suggestion would book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementSuggestionKind {
    /// A payment of the items.
    Payment,
    /// A refund of the credit notes.
    Refund,
    /// The return of an earlier payment.
    Bounce,
}

/// What of a line a document would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementAllocation {
    /// The document.
    pub item_id: Uuid,
    /// How much of what it has open; negative for a credit note that is set off against the others.
    #[schema(value_type = String, examples("361.48"))]
    pub amount: Decimal,
}

/// The rule that found a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementMatchReason {
    /// Numbers of documents stand in the line.
    NumberInLabel,
    /// The end-to-end id is the number of a document.
    EndToEndEqual,
    /// The customer's IBAN and the amount.
    IbanAndAmount,
    /// The amount, near the due date or with a similar name.
    AmountEqual,
    /// Several documents of the customer sum to the amount.
    Combination,
    /// The customer's IBAN alone: the oldest documents first.
    IbanKnown,
    /// An earlier payment came back.
    Returned,
}

/// Something that speaks for or against a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatementMatchFact {
    /// This number stands in the line.
    NumberInLabel {
        /// As printed on the document.
        number: String,
    },
    /// This number is the end-to-end id.
    EndToEndEqual {
        /// As printed on the document.
        number: String,
    },
    /// The amount is what is open.
    AmountEqual,
    /// The line pays a part of what is open.
    PartialPayment {
        /// What the documents have open.
        #[schema(value_type = String)]
        open: Decimal,
    },
    /// The line pays more than is open.
    OverPayment {
        /// What the documents have open.
        #[schema(value_type = String)]
        open: Decimal,
    },
    /// The line comes from an account of the customer.
    IbanKnown,
    /// The line bears a name like the customer's.
    NameSimilar {
        /// The customer's.
        name: String,
        /// From 0 to 100.
        percent: u8,
    },
    /// The document is due about this day.
    DueNear {
        /// Days from the due date to the line; negative before it.
        days: i32,
    },
    /// Several documents together.
    Combination {
        /// How many.
        count: usize,
    },
    /// Credit notes are set off.
    SetOff,
    /// More than one fits.
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The documents are of several customers.
    SeveralParties,
    /// Another line pays it already.
    PaidByAnotherLine,
    /// The reference is that of the earlier payment.
    ReferenceEqual,
    /// The bank says why a payment came back.
    ReturnReason {
        /// Its code.
        code: String,
    },
    /// The bank took charges.
    Charges {
        /// How much.
        #[schema(value_type = String)]
        amount: Decimal,
    },
}

impl fmt::Display for StatementMatchFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NumberInLabel { number } => write!(f, "{number} stands in the line"),
            Self::EndToEndEqual { number } => write!(f, "{number} is the end-to-end reference"),
            Self::AmountEqual => f.write_str("the amount is what is open"),
            Self::PartialPayment { open } => write!(f, "a part of {open}"),
            Self::OverPayment { open } => write!(f, "more than {open}"),
            Self::IbanKnown => f.write_str("the account is known as the customer's"),
            Self::NameSimilar { name, percent } => write!(f, "the name is like {name} ({percent} %)"),
            Self::DueNear { days } => write!(f, "{days} days from the due date"),
            Self::Combination { count } => write!(f, "{count} documents together"),
            Self::SetOff => f.write_str("credit notes are set off"),
            Self::Ambiguous { count } => write!(f, "{count} fit"),
            Self::SeveralParties => f.write_str("the documents are of several customers"),
            Self::PaidByAnotherLine => f.write_str("another line pays it"),
            Self::ReferenceEqual => f.write_str("the reference is the payment's"),
            Self::ReturnReason { code } => write!(f, "the bank says {code}"),
            Self::Charges { amount } => write!(f, "with {amount} of charges"),
        }
    }
}
