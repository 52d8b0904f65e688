//! The movements of an account, summed. Pure.

use kernel::{Date, DocumentId, PaymentId};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

platform::words! {
    /// What moved.
    StatementKind {
        /// An invoice was issued.
        Invoice = "invoice",
        /// A deposit was asked for.
        DepositInvoice = "deposit_invoice",
        /// An invoice was taken back, or a part of it.
        CreditNote = "credit_note",
        /// The customer paid.
        Payment = "payment",
        /// A payment came back.
        Bounce = "bounce",
        /// Credit was given back to the customer.
        Refund = "refund",
        /// A refund did not reach him.
        RefundBounce = "refund_bounce",
        /// Something else that the books tell: entered by hand, or brought in with the opening balances.
        Entry = "entry",
    }
}

/// Something that moved on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The day.
    pub on: Date,
    /// What it is.
    pub kind: StatementKind,
    /// Its number, or what the payer wrote.
    pub reference: String,
    /// More about it.
    pub text: String,
    /// The document.
    pub document_id: Option<DocumentId>,
    /// The payment.
    pub payment_id: Option<PaymentId>,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What is charged.
    pub debit: Decimal,
    /// What is paid or credited.
    pub credit: Decimal,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementEntry {
    /// The day.
    pub on: Date,
    /// What it is.
    pub kind: StatementKind,
    /// Its number, or what the payer wrote.
    pub reference: String,
    /// What it is about; why a payment came back.
    pub text: String,
    /// The document.
    pub document_id: Option<DocumentId>,
    /// The payment.
    pub payment_id: Option<PaymentId>,
    /// When it is due.
    pub due_on: Option<Date>,
    /// What is charged; zero when nothing.
    pub debit: Decimal,
    /// What is paid or credited; zero when nothing.
    pub credit: Decimal,
    /// What stands after it; above zero when the customer owes it.
    pub balance: Decimal,
}

/// What moved, with what stood before and what stands after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The lines.
    pub lines: Vec<StatementEntry>,
    /// All that was charged.
    pub debits: Decimal,
    /// All that was paid and credited.
    pub credits: Decimal,
    /// What stands after the last.
    pub closing: Decimal,
}

/// Runs through movements in the order of their days; of one day, claims come before what settles them, and what comes back last.
pub fn run(opening: Decimal, mut movements: Vec<Movement>) -> Run {
    movements.sort_by_key(|moved| (moved.on, moved.kind));
    let (mut balance, mut debits, mut credits) = (opening, Decimal::ZERO, Decimal::ZERO);
    let lines = movements
        .into_iter()
        .map(|moved| {
            debits += moved.debit;
            credits += moved.credit;
            balance += moved.debit - moved.credit;
            StatementEntry {
                on: moved.on,
                kind: moved.kind,
                reference: moved.reference,
                text: moved.text,
                document_id: moved.document_id,
                payment_id: moved.payment_id,
                due_on: moved.due_on,
                debit: moved.debit,
                credit: moved.credit,
                balance,
            }
        })
        .collect();
    Run { lines, debits, credits, closing: balance }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(on: &str, kind: StatementKind, debit: i64, credit: i64) -> Movement {
        Movement {
            on: on.parse().unwrap(),
            kind,
            reference: String::new(),
            text: String::new(),
            document_id: None,
            payment_id: None,
            due_on: None,
            debit: debit.into(),
            credit: credit.into(),
        }
    }

    #[test]
    fn a_balance_runs_from_opening_to_closing_with_claims_before_what_settles_them() {
        let run = run(
            Decimal::from(50),
            vec![
                moved("2026-02-02", StatementKind::Bounce, 120, 0),
                moved("2026-02-01", StatementKind::Payment, 0, 120),
                moved("2026-02-01", StatementKind::Invoice, 120, 0),
                moved("2026-02-02", StatementKind::CreditNote, 0, 20),
            ],
        );
        let balances: Vec<_> = run.lines.iter().map(|line| (line.kind, line.balance)).collect();
        let expected = [
            (StatementKind::Invoice, 170),
            (StatementKind::Payment, 50),
            (StatementKind::CreditNote, 30),
            (StatementKind::Bounce, 150),
        ];
        assert_eq!(balances, expected.map(|(kind, balance)| (kind, Decimal::from(balance))));
        assert_eq!((run.debits, run.credits, run.closing), (240.into(), 140.into(), 150.into()));
    }
}
