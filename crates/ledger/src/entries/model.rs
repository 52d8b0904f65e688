//! What an entry is.

use kernel::{Currency, Date, EntityId, EntryId, EntryLineId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::accounts::model::{Account, Aux};
use crate::rules::balance::Amounts;
use crate::rules::rates::RateType;

macro_rules! journals {
    ($($(#[$doc:meta])* $name:ident = $code:tt, $fr:literal, $en:literal;)+) => {
        /// A journal: entries are numbered in each on their own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Journal { $($(#[$doc])* #[serde(rename = $code)] $name),+ }

        impl Journal {
            /// Every journal.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code, such as `VE`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The French name.
            pub const fn name_fr(self) -> &'static str {
                match self { $(Self::$name => $fr),+ }
            }

            /// The English name.
            pub const fn name_en(self) -> &'static str {
                match self { $(Self::$name => $en),+ }
            }

            /// Reads the code.
            pub fn of(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|journal| journal.code() == code)
            }
        }
    };
}

journals! {
    /// Sales.
    Sales = "VE", "Ventes", "Sales";
    /// Credit notes.
    CreditNotes = "AV", "Avoirs", "Credit notes";
    /// Purchases.
    Purchases = "AC", "Achats", "Purchases";
    /// Bank.
    Bank = "BQ", "Banque", "Bank";
    /// Cash.
    Cash = "CA", "Caisse", "Cash";
    /// Miscellaneous, and what people enter by hand.
    Miscellaneous = "OD", "Opérations diverses", "Miscellaneous";
    /// Opening balances.
    Opening = "AN", "À-nouveaux", "Opening balances";
    /// Stock.
    Stock = "ST", "Stocks", "Stock";
}

/// The second currency of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// The currency.
    pub currency: Currency,
    /// Its units for one of the functional currency; none where a rate is not applicable (T-34).
    pub rate: Option<Decimal>,
    /// Which rates it is of.
    pub rate_type: Option<RateType>,
}

/// A line about to be posted. Amounts are never negative, stand on one side in each currency, and are not all zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// Where to.
    pub account: Account,
    /// The party, on accounts whose lines name one.
    pub aux: Option<Aux>,
    /// What it is about; the entry's label when none is given.
    pub label: Option<String>,
    /// Debit in the functional currency.
    pub debit: Decimal,
    /// Credit in the functional currency.
    pub credit: Decimal,
    /// Debit and credit in the second currency of the entry; zero when none is given. Copied, never derived (T-32).
    pub second: Option<(Decimal, Decimal)>,
    /// When it is to be paid.
    pub due_on: Option<Date>,
}

impl NewLine {
    /// A line that debits `account`.
    pub const fn debit(account: Account, amount: Decimal) -> Self {
        Self { account, aux: None, label: None, debit: amount, credit: Decimal::ZERO, second: None, due_on: None }
    }

    /// A line that credits `account`.
    pub const fn credit(account: Account, amount: Decimal) -> Self {
        Self { account, aux: None, label: None, debit: Decimal::ZERO, credit: amount, second: None, due_on: None }
    }

    /// Its amounts in both currencies.
    pub fn amounts(&self) -> Amounts {
        let (second_debit, second_credit) = self.second.unwrap_or_default();
        Amounts { debit: self.debit, credit: self.credit, second_debit, second_credit }
    }
}

platform::words! {
    /// Whether VAT was collected or paid.
    VatDirection {
        /// On what was sold.
        Output = "output",
        /// On what was bought.
        Input = "input",
    }
}

/// What an entry says for the VAT return: one for each category and rate. Returns and cancellations are negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VatLine {
    /// Collected or paid.
    pub direction: VatDirection,
    /// The category of UNTDID 5305: S, Z, E, AE, K, G or O.
    pub category: String,
    /// In percent.
    pub rate: Decimal,
    /// What it is computed of.
    pub base: Decimal,
    /// The VAT.
    pub vat: Decimal,
    /// Base and VAT in the second currency.
    pub second: Option<(Decimal, Decimal)>,
    /// The day that decides in which return it stands.
    pub tax_on: Date,
}

/// Characters that a label may have.
pub const LABEL: usize = 500;

/// A label of what others wrote: without blanks around it, and cut with an ellipsis where it is longer than a label may be.
pub fn label(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= LABEL {
        return text.to_owned();
    }
    text.chars().take(LABEL - 1).chain(['…']).collect()
}

/// An entry about to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// In whose books.
    pub entity: EntityId,
    /// In which journal.
    pub journal: Journal,
    /// The booking date.
    pub on: Date,
    /// The number of the document.
    pub piece_ref: String,
    /// The date of the document.
    pub piece_on: Date,
    /// What it is about.
    pub label: String,
    /// What it comes from, such as `invoice`: a source posts once in a journal.
    pub source_kind: &'static str,
    /// Which one.
    pub source_id: Uuid,
    /// The second currency: every entry's in books that have one, else that of a document in a foreign currency.
    pub second: Option<Second>,
    /// Its lines; two or more.
    pub lines: Vec<NewLine>,
    /// What it says for the VAT return.
    pub vat: Vec<VatLine>,
    /// The entry that it takes back.
    pub reverses: Option<EntryId>,
}

/// What was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The entry.
    pub id: EntryId,
    /// Its journal.
    pub journal: Journal,
    /// Its number in the journal and fiscal year.
    pub number: i64,
    /// The number as people read it: `VE000012`.
    pub reference: String,
    /// Its lines, in the order they were given; those of rounding follow.
    pub line_ids: Vec<EntryLineId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_between_characters() {
        assert_eq!(label("  Virement "), "Virement");
        assert_eq!(label(&"é".repeat(LABEL)), "é".repeat(LABEL));
        let cut = label(&"🏦".repeat(LABEL + 1));
        assert_eq!((cut.chars().count(), cut.ends_with("🏦…")), (LABEL, true));
    }
}
