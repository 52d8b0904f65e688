//! What a statement says, whatever the format.

use kernel::{Currency, Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementFormat {
    /// ISO 20022, bank to customer statement.
    Camt053,
    /// ISO 20022, bank to customer debit and credit notification: lines without balances.
    Camt054,
    /// Open Financial Exchange, 1.x (SGML) or 2.x (XML).
    Ofx,
    /// A table.
    Csv,
}

/// One statement of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it was read from.
    pub format: StatementFormat,
    /// Whose movements these are.
    pub account: StatementAccount,
    /// The bank's number of the statement, where the format has one.
    pub number: Option<String>,
    /// Its first day, where it says so.
    pub from_on: Option<Date>,
    /// Its last day, where it says so.
    pub to_on: Option<Date>,
    /// Booked on the account before the first line.
    pub opening: Option<Decimal>,
    /// Booked on the account after the last line. With an opening balance, the lines explain the difference exactly;
    /// without one (OFX) it may be of a later day, that of the download.
    pub closing: Option<Decimal>,
    /// In the order of the file.
    pub lines: Vec<StatementLine>,
    /// What was left out, or read in a way that a person should know of.
    pub warnings: Vec<StatementWarning>,
}

/// The account as the statement names it. A table often names none: its importer knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementAccount {
    /// Without spaces, in capitals.
    pub iban: Option<String>,
    /// Any other number that the bank gives it.
    pub other: Option<String>,
    /// The bank's BIC.
    pub bic: Option<String>,
    /// The account's currency.
    #[schema(value_type = Option<String>, examples("EUR"))]
    pub currency: Option<Currency>,
    /// The holder, or the account's name.
    pub name: Option<String>,
}

impl StatementAccount {
    /// What tells it from other accounts; empty when the file names none.
    pub fn key(&self) -> &str {
        self.iban.as_deref().or(self.other.as_deref()).unwrap_or_default()
    }
}

/// One movement, booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementLine {
    /// Unique per account and the same whenever the file is read again: the bank's own reference where it gives one
    /// (`AcctSvcrRef`, `FITID`), else `sha256:` with a digest of account, date, amount, label and the rank among equals. The
    /// formats of a bank give different ids: an account is best imported from one of them.
    pub external_id: String,
    /// The day of booking.
    pub booked_on: Date,
    /// The day from which interest counts.
    pub value_on: Option<Date>,
    /// Positive when money comes in.
    #[schema(value_type = String, examples("361.48", "-12.50"))]
    pub amount: Decimal,
    /// The account's currency.
    pub currency: Currency,
    /// What a person reads: the payer's text where there is one, else the bank's.
    pub label: String,
    /// Who paid, or was paid.
    pub counterparty: Option<String>,
    /// Whose check digits are right; anything else is left out.
    pub counterparty_iban: Option<String>,
    /// The reference that travels with a SEPA payment from end to end.
    pub end_to_end_id: Option<String>,
    /// Structured references: creditor references (ISO 11649, QR), numbers of documents, of cheques.
    pub references: Vec<String>,
    /// The payer's text.
    pub remittance: Option<String>,
    /// The bank's code of the kind of movement: `PMNT-RCDT-ESCT`, `NTRF+166`, `DIRECTDEP`.
    pub transaction_code: Option<String>,
    /// Taken off, or added, by the bank within `amount`; positive.
    #[schema(value_type = Option<String>, examples("3.00"))]
    pub charges: Option<Decimal>,
    /// Set when an earlier payment came back.
    pub returned: Option<StatementReturn>,
}

/// An earlier payment that came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementReturn {
    /// Why, where the bank says so.
    pub reason: Option<StatementReturnReason>,
    /// The end-to-end id of what came back.
    pub end_to_end_id: Option<String>,
    /// The mandate of the direct debit that came back.
    pub mandate_id: Option<String>,
}

/// A code of ISO 20022's `ExternalReturnReason1Code`, such as `AC04` or `MD01`; banks may send others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, examples("AM04"))]
pub struct StatementReturnReason(pub String);

impl StatementReturnReason {
    /// What the code says, for those that direct debits and transfers come back with.
    pub fn meaning(&self) -> Option<&'static str> {
        Some(match self.0.as_str() {
            "AC01" => "the account number is wrong",
            "AC04" => "the account is closed",
            "AC06" => "the account is blocked",
            "AC13" => "the debtor's account is a consumer's",
            "AG01" => "the account does not allow this kind of payment",
            "AG02" => "the operation code is wrong",
            "AM04" => "there were no sufficient funds",
            "AM05" => "the payment was a duplicate",
            "BE05" => "the creditor is not recognised",
            "CNOR" => "the creditor's bank is not reachable",
            "DNOR" => "the debtor's bank is not reachable",
            "FOCR" => "a recall was followed",
            "MD01" => "there is no mandate",
            "MD02" => "the mandate's data are missing or wrong",
            "MD06" => "the debtor asked for his money back",
            "MD07" => "the debtor is deceased",
            "MS02" => "the customer gave no reason",
            "MS03" => "the bank gave no reason",
            "RC01" => "the BIC is wrong",
            "RR01" | "RR02" | "RR03" | "RR04" => "a rule of the supervisor forbids it",
            "SL01" => "the debtor's bank has a service that forbids it",
            _ => return None,
        })
    }
}

/// What a person should know of a statement that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StatementWarning {
    /// An entry that is not booked (pending, for information) was left out.
    NotBooked {
        /// Its place among the entries, from 1.
        entry: usize,
        /// Its status.
        status: String,
    },
    /// The transactions of a batch do not add up to it, so that it is one line.
    BatchKept {
        /// Its place among the entries, from 1.
        entry: usize,
        /// How many transactions it lists.
        transactions: usize,
    },
    /// A notification (camt.054) repeats what a statement (camt.053) will say: import one of both.
    Notification,
}
