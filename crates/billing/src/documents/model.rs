//! What a document is: its kinds, its life, what is still open on it. Pure.

use kernel::Date;
use rust_decimal::Decimal;

use crate::numbering::model::Series;

platform::words! {
    /// What kind of document.
    DocumentKind {
        /// An offer.
        Quote = "quote",
        /// What an invoice would say: no claim, no number of the books.
        ProForma = "pro_forma",
        /// A claim.
        Invoice = "invoice",
        /// A claim ahead of the supply, deducted from the final invoice.
        DepositInvoice = "deposit_invoice",
        /// Takes back an invoice, or a part of it.
        CreditNote = "credit_note",
    }

    /// Who claims.
    Direction {
        /// The entity from its customer.
        Sale = "sale",
        /// A supplier from the entity.
        Purchase = "purchase",
    }

    /// What a document was made from.
    Origin {
        /// Written by a person.
        Manual = "manual",
        /// The weekly ledger of a buyer of leads.
        Leads = "leads",
        /// The transfers between two entities.
        Intercompany = "intercompany",
        /// An electronic invoice that came in.
        Received = "received",
    }

    /// What stands on a line: how it is shown, and whether it may be below zero.
    LineKind {
        /// A service.
        Service = "service",
        /// Goods.
        Goods = "goods",
        /// Work by time.
        Labor = "labor",
        /// Parts used.
        Parts = "parts",
        /// The way there.
        Travel = "travel",
        /// A machine.
        Equipment = "equipment",
        /// Taken off.
        Discount = "discount",
        /// A deposit that was billed before.
        Deposit = "deposit",
        /// Anything else.
        Other = "other",
    }

    /// How a customer pays.
    PayMethod {
        /// A bank transfer.
        Transfer = "transfer",
        /// A card.
        Card = "card",
        /// Cash.
        Cash = "cash",
        /// A cheque.
        Cheque = "cheque",
        /// A SEPA direct debit.
        SepaDebit = "sepa_debit",
        /// Anything else.
        Other = "other",
    }

    /// What is still open on an issued document.
    PaymentState {
        /// All of it, and it is not due yet.
        Unpaid = "unpaid",
        /// A part, and it is not due yet.
        Partial = "partial",
        /// Nothing.
        Paid = "paid",
        /// It is due and not paid in full.
        Overdue = "overdue",
        /// Nothing: credit notes took all of it back.
        Credited = "credited",
    }
}

impl DocumentKind {
    /// Whether it is entered in the books and declared.
    pub const fn is_fiscal(self) -> bool {
        matches!(self, Self::Invoice | Self::DepositInvoice | Self::CreditNote)
    }

    /// Whether it claims money.
    pub const fn is_claim(self) -> bool {
        matches!(self, Self::Invoice | Self::DepositInvoice)
    }

    /// What numbers it, where its origin is `origin`.
    pub const fn series(self, origin: Origin) -> Series {
        match (self, origin) {
            (Self::Quote, _) => Series::Quote,
            (Self::ProForma, _) => Series::ProForma,
            (Self::CreditNote, Origin::Intercompany) => Series::IntercompanyCredit,
            (Self::CreditNote, _) => Series::CreditNote,
            (Self::Invoice | Self::DepositInvoice, Origin::Leads) => Series::Leads,
            (Self::Invoice | Self::DepositInvoice, Origin::Intercompany) => Series::Intercompany,
            (Self::Invoice | Self::DepositInvoice, Origin::Manual | Origin::Received) => Series::Invoice,
        }
    }
}

platform::lifecycle! {
    /// Where a document stands. Which of the states a kind may be in, the database holds.
    pub enum DocumentStatus: "document" {
        /// Being written; it has no number, and may be thrown away.
        Draft = "draft" => [Sent],
        /// Issued: numbered and frozen.
        Sent = "sent" => [Paid, Accepted, Refused, Expired],
        /// An invoice with nothing left to pay. Goes back when a payment bounces.
        Paid = "paid" => [Sent],
        /// The customer said yes to an offer.
        Accepted = "accepted" => [Converted],
        /// The customer said no.
        Refused = "refused" => [],
        /// An offer whose time is over.
        Expired = "expired" => [],
        /// An offer that became an invoice.
        Converted = "converted" => [],
    }
    born: [Draft]
}

/// What is settled of a document's total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The total.
    pub gross: Decimal,
    /// By payments; of a credit note, by what it was used for.
    pub paid: Decimal,
    /// By credit notes.
    pub credited: Decimal,
}

impl Settled {
    /// What is left to pay.
    pub fn balance(&self) -> Decimal {
        self.gross - self.paid - self.credited
    }

    /// What is still open (spec/field.md 5.8); `due_on` is none for what is never due.
    pub fn state(&self, due_on: Option<Date>, today: Date) -> PaymentState {
        let balance = self.balance();
        if balance <= Decimal::ZERO {
            return if self.credited >= self.gross { PaymentState::Credited } else { PaymentState::Paid };
        }
        if due_on.is_some_and(|due| due < today) {
            PaymentState::Overdue
        } else if balance < self.gross {
            PaymentState::Partial
        } else {
            PaymentState::Unpaid
        }
    }

    /// Where an issued invoice stands.
    pub fn status(&self) -> DocumentStatus {
        if self.balance() <= Decimal::ZERO { DocumentStatus::Paid } else { DocumentStatus::Sent }
    }
}

/// The state that a word of another system means (F-09): for imports.
///
/// Refused when nobody knows the word.
pub fn imported_state(word: &str) -> Result<PaymentState, String> {
    match word.trim().to_lowercase().as_str() {
        "payé" | "payée" | "paye" | "payee" | "paid" => Ok(PaymentState::Paid),
        "partial" | "partiel" | "partielle" | "partiellement payée" => Ok(PaymentState::Partial),
        "overdue" | "en_retard" | "en retard" => Ok(PaymentState::Overdue),
        "unpaid" | "impayé" | "impayée" | "impaye" | "impayee" => Ok(PaymentState::Unpaid),
        "credited" | "avoir" | "avoirée" => Ok(PaymentState::Credited),
        unknown => Err(format!("{unknown:?} is no payment state that is known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(gross: &str, paid: &str, credited: &str) -> Settled {
        let decimal = |text: &str| text.parse().unwrap();
        Settled { gross: decimal(gross), paid: decimal(paid), credited: decimal(credited) }
    }

    #[test]
    fn what_is_open_follows_from_what_was_settled_and_when_it_is_due() {
        let today: Date = "2026-03-12".parse().unwrap();
        let yesterday: Date = "2026-03-11".parse().unwrap();
        // field 5.8: total, paid, credited, due; the state.
        let cases = [
            ("120.00", "120.00", "0", yesterday, PaymentState::Paid),
            ("120.00", "100.00", "0", today, PaymentState::Partial),
            ("120.00", "0", "0", yesterday, PaymentState::Overdue),
            ("120.00", "0", "0", today, PaymentState::Unpaid),
            ("120.00", "100.00", "0", yesterday, PaymentState::Overdue),
            ("1000.00", "0", "1000.00", yesterday, PaymentState::Credited),
            ("1000.00", "400.00", "600.00", yesterday, PaymentState::Paid),
        ];
        for (gross, paid, credited, due, state) in cases {
            assert_eq!(settled(gross, paid, credited).state(Some(due), today), state, "{gross} {paid} {credited}");
        }
        assert_eq!(settled("120", "0", "0").state(None, today), PaymentState::Unpaid);
        assert_eq!(settled("120", "120", "0").status(), DocumentStatus::Paid);
        assert_eq!(settled("120", "119.99", "0").status(), DocumentStatus::Sent);
    }

    #[test]
    fn f_09_words_of_other_systems_are_one_state_each_and_unknown_ones_are_refused() {
        for (words, state) in [
            (&["payé", "payée", "payee", "Paid "][..], PaymentState::Paid),
            (&["overdue", "en_retard"], PaymentState::Overdue),
            (&["unpaid", "impayée"], PaymentState::Unpaid),
        ] {
            for word in words {
                assert_eq!(imported_state(word), Ok(state), "{word}");
            }
        }
        assert!(imported_state("soldé?").is_err());
    }

    #[test]
    fn every_word_is_read_back() {
        for kind in DocumentKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("avoir".parse::<DocumentKind>().is_err());
    }
}
