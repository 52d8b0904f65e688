//! What becomes of a line of a bank statement. Pure.

use kernel::{Currency, Date, is_exact};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::documents::model::PayMethod;

platform::lifecycle! {
    /// What became of a line of a bank statement.
    pub enum BankLineState: "bank_line" {
        /// Nobody knows yet what it is.
        Unmatched = "unmatched" => [Suggested, Matched, Ignored],
        /// Something fits, and waits for a person.
        Suggested = "suggested" => [Unmatched, Matched, Ignored],
        /// It is in the books.
        Matched = "matched" => [Unmatched],
        /// It stays out of the books, for a reason.
        Ignored = "ignored" => [Unmatched],
    }
    born: [Unmatched]
}

platform::words! {
    /// What a line was matched with.
    BankMatchKind {
        /// A payment or refund that it made.
        Recorded = "recorded",
        /// A payment that was recorded before.
        Linked = "linked",
        /// The return of a payment.
        Bounced = "bounced",
        /// An entry of its own.
        Posted = "posted",
    }

    /// What a line says of an earlier payment.
    BankPaymentUse {
        /// The line is that payment.
        Link = "link",
        /// That payment came back.
        Bounce = "bounce",
        /// What is left of that payment is given back.
        Refund = "refund",
    }

    /// What becomes of the difference between a line and what it pays.
    BankRest {
        /// It is the party's credit (F-11).
        Credit = "credit",
        /// It was lost or won by rounding.
        Rounding = "rounding",
        /// The bank took it.
        BankFees = "bank_fees",
    }
}

/// How bank lines are matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BankSettings {
    /// The most that rounding or charges which the bank does not tell may explain, in the line's currency.
    pub max_difference: Decimal,
    /// The most days between a line and the payment that it is linked to, 0 to 400.
    pub link_days: u16,
}

impl Default for BankSettings {
    fn default() -> Self {
        Self { max_difference: Decimal::ZERO, link_days: 60 }
    }
}

impl platform::setting::Setting for BankSettings {
    const KEY: &'static str = "billing.bank";
}

/// How the amount of a line is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// What becomes the party's credit.
    pub credit: Decimal,
    /// What goes to rounding or charges: above zero when the line moved more than it pays, below when less.
    pub difference: Decimal,
}

/// Why an amount cannot be divided as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitRefusal {
    /// Nobody said what becomes of the rest.
    #[error("{0} of the line is left: say whether it is credit, rounding or bank_fees")]
    Left(Decimal),
    /// More is settled than the line moved.
    #[error("{0} more is settled than the line moved")]
    Short(Decimal),
    /// More than rounding or charges may explain.
    #[error("{difference} is more than the {limit} that may go to rounding or charges")]
    TooFar {
        /// What would have to be explained.
        difference: Decimal,
        /// What may be.
        limit: Decimal,
    },
}

/// Divides the amount of a line (`moved`, above zero) on which `asked` is settled. `charges` are what the bank itself tells.
///
/// Refused where something is left that nobody explained, or more than may be.
pub fn split(
    moved: Decimal,
    asked: Decimal,
    rest: Option<BankRest>,
    charges: Option<Decimal>,
    limit: Decimal,
) -> Result<Split, SplitRefusal> {
    let over = moved - asked;
    let told = charges.is_some_and(|charges| charges == over.abs());
    match rest {
        _ if over.is_zero() => Ok(Split { credit: Decimal::ZERO, difference: Decimal::ZERO }),
        Some(BankRest::Credit) if over > Decimal::ZERO => Ok(Split { credit: over, difference: Decimal::ZERO }),
        Some(BankRest::Rounding | BankRest::BankFees) if over.abs() <= limit => {
            Ok(Split { credit: Decimal::ZERO, difference: over })
        }
        Some(BankRest::BankFees) if told => Ok(Split { credit: Decimal::ZERO, difference: over }),
        Some(BankRest::Rounding | BankRest::BankFees) => Err(SplitRefusal::TooFar { difference: over.abs(), limit }),
        None if over > Decimal::ZERO => Err(SplitRefusal::Left(over)),
        None | Some(BankRest::Credit) => Err(SplitRefusal::Short(-over)),
    }
}

/// Why an amount cannot be part of a line; none when it can.
pub fn amount_refusal(amount: Decimal, currency: Currency) -> Option<String> {
    if amount <= Decimal::ZERO {
        return Some("must be above zero".to_owned());
    }
    if amount >= Decimal::from(100_000_000_000_000_i64) {
        return Some("is too large".to_owned());
    }
    (!is_exact(amount, currency.decimals())).then(|| format!("must have {} decimals at most", currency.decimals()))
}

/// How money moved, as the bank's code and text tell it (F-12: the bank says how, nobody guesses for a person).
pub fn method_of(transaction_code: Option<&str>, label: &str) -> PayMethod {
    let code = transaction_code.unwrap_or_default().to_ascii_uppercase();
    let label = label.to_uppercase();
    let any = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&code, &["RDDT", "IDDT", "DIRECTDEBIT"]) || any(&label, &["PRLV", "PRELEVEMENT", "PRÉLÈVEMENT"]) {
        PayMethod::SepaDebit
    } else if any(&code, &["RCHQ", "ICHQ", "CHECK"]) || any(&label, &["CHEQUE", "CHÈQUE", "CHQ"]) {
        PayMethod::Cheque
    } else if any(&code, &["CCRD", "MCRD", "POS"]) || label.starts_with("CB ") || label.starts_with("CARTE") {
        PayMethod::Card
    } else {
        PayMethod::Transfer
    }
}

/// Whether two days lie at most so many apart.
pub fn within(a: Date, b: Date, days: i32) -> bool {
    a.plus_days(days) >= b && b.plus_days(days) >= a
}

/// The id of a line whose bank gave its reference to another movement before.
pub fn told_apart(external_id: &str, booked_on: Date, amount: Decimal) -> String {
    format!("{external_id}/{booked_on}/{amount}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_line_is_divided_as_it_was_told_and_never_further_than_allowed() {
        use BankRest::{BankFees, Credit, Rounding};
        let fine =
            |credit: &str, difference: &str| Ok(Split { credit: decimal(credit), difference: decimal(difference) });
        let too_far = |difference: &str, limit: &str| {
            Err(SplitRefusal::TooFar { difference: decimal(difference), limit: decimal(limit) })
        };
        // moved, asked, rest, charges, limit.
        let cases = [
            ("100", "100", None, None, "0", fine("0", "0")),
            ("100", "100", Some(Credit), None, "0", fine("0", "0")),
            ("120", "100", None, None, "0", Err(SplitRefusal::Left(decimal("20")))),
            ("120", "100", Some(Credit), None, "0", fine("20", "0")),
            ("99", "100", None, None, "5", Err(SplitRefusal::Short(decimal("1")))),
            ("99", "100", Some(Credit), None, "5", Err(SplitRefusal::Short(decimal("1")))),
            ("99", "100", Some(Rounding), None, "0", too_far("1", "0")),
            ("99", "100", Some(Rounding), None, "1", fine("0", "-1")),
            ("99", "100", Some(Rounding), Some("1"), "0", too_far("1", "0")),
            ("99", "100", Some(BankFees), Some("1"), "0", fine("0", "-1")),
            ("99", "100", Some(BankFees), Some("0.5"), "0", too_far("1", "0")),
            ("103", "100", Some(BankFees), Some("3"), "0", fine("0", "3")),
            ("100.02", "100", Some(Rounding), None, "0.02", fine("0", "0.02")),
        ];
        for (moved, asked, rest, charges, limit, expected) in cases {
            let found = split(decimal(moved), decimal(asked), rest, charges.map(decimal), decimal(limit));
            assert_eq!(found, expected, "{moved} {asked} {rest:?} {charges:?} {limit}");
        }
    }

    #[test]
    fn the_bank_says_how_money_moved() {
        let cases = [
            (Some("PMNT-RDDT-ESDD"), "x", PayMethod::SepaDebit),
            (None, "PRLV SEPA ENERGIE", PayMethod::SepaDebit),
            (Some("CHECK"), "x", PayMethod::Cheque),
            (None, "REMISE CHEQUES 3", PayMethod::Cheque),
            (None, "CARTE 12/03 CAFE", PayMethod::Card),
            (Some("PMNT-RCDT-ESCT"), "VIR RECU", PayMethod::Transfer),
            (None, "", PayMethod::Transfer),
        ];
        for (code, label, method) in cases {
            assert_eq!(method_of(code, label), method, "{code:?} {label}");
        }
    }

    #[test]
    fn days_count_both_ways() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(within(day("2026-02-01"), day("2026-02-11"), 10) && within(day("2026-02-11"), day("2026-02-01"), 10));
        assert!(!within(day("2026-02-01"), day("2026-02-12"), 10) && !within(day("2026-02-12"), day("2026-02-01"), 10));
    }
}
