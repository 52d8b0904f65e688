//! How a document is to be paid.

use serde::{Deserialize, Serialize};

/// A way to pay (BG-16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "means", rename_all = "snake_case")]
pub enum PaymentMeans {
    /// To a bank account (BG-17).
    CreditTransfer {
        /// The account, without spaces: an IBAN, or a number where there are none (BT-84).
        iban: String,
        /// The bank (BT-86).
        bic: Option<String>,
        /// In whose name (BT-85).
        account_name: Option<String>,
    },
    /// The seller draws it (BG-19).
    DirectDebit {
        /// The mandate's reference (BT-89).
        mandate: String,
        /// The seller's creditor identifier (BT-90).
        creditor_id: String,
        /// The account it is drawn from (BT-91).
        debtor_iban: Option<String>,
    },
    /// By card (BG-18).
    Card {
        /// The last four to six digits and no more (BT-87).
        last_digits: String,
        /// Whose card (BT-88).
        holder: Option<String>,
    },
    /// In notes and coins.
    Cash,
    /// By cheque.
    Cheque,
    /// Any other of UNTDID 4461.
    Other {
        /// The code (BT-81).
        code: String,
        /// In words (BT-82).
        text: Option<String>,
    },
}

impl PaymentMeans {
    /// The code of UNTDID 4461 (BT-81).
    pub fn code(&self) -> &str {
        match self {
            Self::CreditTransfer { .. } => "30",
            Self::DirectDebit { .. } => "59",
            Self::Card { .. } => "48",
            Self::Cash => "10",
            Self::Cheque => "20",
            Self::Other { code, .. } => code,
        }
    }
}
