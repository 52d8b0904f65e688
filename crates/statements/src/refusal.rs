//! Why a file is not taken: one error, with the place and a sentence for the person who sent it.

use std::fmt;

use kernel::{Currency, Date};
use rust_decimal::Decimal;

/// Where in the file something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line of the file, from 1. Files of one long line make it useless, so the element is named as well.
    pub line: u64,
    /// Which element, in the words of the format: `Ntry 3, Amt`, `STMTTRN 2, DTPOSTED`, `column 4`.
    pub element: String,
}

impl Place {
    /// `element` at `line`.
    pub fn new(line: u64, element: impl Into<String>) -> Self {
        Self { line, element: element.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if self.element.is_empty() { Ok(()) } else { write!(f, " ({})", self.element) }
    }
}

/// Why a file is refused as a whole: a statement is taken entirely or not at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither camt.053, camt.054, OFX nor a table.
    #[error("this is no bank statement: camt.053, camt.054, OFX and CSV are read")]
    NotAStatement,
    /// A camt.052: it lists what may still change.
    #[error("an intraday report (camt.052) is not final: ask the bank for the statement (camt.053)")]
    Intraday,
    /// A table without a mapping, and none could be proposed.
    #[error("no columns for a date and an amount were found: say which columns hold them")]
    NoMapping,
    /// The mapping contradicts itself or the file.
    #[error("the mapping is not usable: {0}")]
    Mapping(String),
    /// More bytes than are read.
    #[error("the file has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More lines, or more elements, than are read.
    #[error("the file has more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Elements nested deeper than any statement's.
    #[error("{0}: elements are nested deeper than in any bank statement")]
    TooDeep(Place),
    /// A document type or an entity of its own.
    #[error("{0}: a document type or an entity of its own is not read")]
    Doctype(Place),
    /// The file ends before it is complete.
    #[error("{0}: the file ends before it is complete")]
    Truncated(Place),
    /// Markup or quoting that cannot be followed.
    #[error("{at}: {why}")]
    Malformed {
        /// Where.
        at: Place,
        /// What is wrong there.
        why: String,
    },
    /// Bytes that the encoding does not know.
    #[error("the text is not in the encoding {0} that it claims")]
    Encoding(String),
    /// Something that every statement has is not there.
    #[error("{0}: this is missing or empty")]
    Missing(Place),
    /// No account is named.
    #[error("{0}: the statement names no account")]
    MissingAccount(Place),
    /// No amount can be read from the text, or none that can be stored.
    #[error("{at}: {text:?} is no amount")]
    Amount {
        /// Where.
        at: Place,
        /// What stands there.
        text: String,
    },
    /// More digits than the currency has.
    #[error("{at}: {amount} has more digits than {currency} has")]
    TooPrecise {
        /// Where.
        at: Place,
        /// What stands there.
        amount: Decimal,
        /// The currency.
        currency: Currency,
    },
    /// No date can be read from the text, or none from 1990 to 2099.
    #[error("{at}: {text:?} is no date from 1990 to 2099")]
    Date {
        /// Where.
        at: Place,
        /// What stands there.
        text: String,
    },
    /// No code of ISO 4217.
    #[error("{at}: {text:?} is no currency of ISO 4217")]
    UnknownCurrency {
        /// Where.
        at: Place,
        /// What stands there.
        text: String,
    },
    /// A line in another currency than its account's.
    #[error("{at}: {found} on an account in {expected}")]
    MixedCurrencies {
        /// Where.
        at: Place,
        /// The account's.
        expected: Currency,
        /// The line's.
        found: Currency,
    },
    /// Opening balance and lines do not give the closing balance: lines are missing, or stand there twice.
    #[error(
        "{at}: {opening} and the lines ({sum}) do not give {closing}; {} is unexplained: lines are missing or doubled",
        .closing - .opening - .sum
    )]
    Unbalanced {
        /// Where.
        at: Place,
        /// The opening balance.
        opening: Decimal,
        /// The sum of the lines.
        sum: Decimal,
        /// The closing balance.
        closing: Decimal,
    },
    /// One line under one reference of the bank stands there twice.
    #[error("{at}: the bank's reference {reference:?} of {first} is repeated with the same date and amount")]
    Duplicate {
        /// Where it is repeated.
        at: Place,
        /// Where it stood first.
        first: Place,
        /// The reference.
        reference: String,
    },
    /// One statement of one account stands there twice.
    #[error("{at}: statement {number:?} of this account stands twice in the file")]
    DuplicateStatement {
        /// Where it is repeated.
        at: Place,
        /// Its number.
        number: String,
    },
    /// The period ends before it begins.
    #[error("{at}: the statement runs from {from} to {to}")]
    Period {
        /// Where.
        at: Place,
        /// Its first day.
        from: Date,
        /// Its last day.
        to: Date,
    },
}

impl Refusal {
    /// A stable code for callers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAStatement => "statement_unknown",
            Self::Intraday => "statement_intraday",
            Self::NoMapping => "statement_mapping_needed",
            Self::Mapping(_) => "statement_mapping_invalid",
            Self::TooLarge { .. } | Self::TooMany { .. } => "statement_too_large",
            Self::TooDeep(_) | Self::Doctype(_) | Self::Malformed { .. } => "statement_malformed",
            Self::Truncated(_) => "statement_truncated",
            Self::Encoding(_) => "statement_encoding",
            Self::Missing(_) => "statement_incomplete",
            Self::MissingAccount(_) => "statement_account_missing",
            Self::Amount { .. } | Self::TooPrecise { .. } => "statement_amount",
            Self::Date { .. } | Self::Period { .. } => "statement_date",
            Self::UnknownCurrency { .. } | Self::MixedCurrencies { .. } => "statement_currency",
            Self::Unbalanced { .. } => "statement_unbalanced",
            Self::Duplicate { .. } | Self::DuplicateStatement { .. } => "statement_duplicate",
        }
    }
}
