//! How a customer of the demo pays. Pure.

use kernel::Date;
use rust_decimal::Decimal;

/// How an invoice is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pays {
    /// In full, so many days after it was issued.
    After(i32),
    /// A part, in percent.
    Part { days: i32, percent: i64 },
    /// More than is owed.
    Over { days: i32, euros: i64 },
    /// In full, and the bank takes it back three days later.
    Bounces { days: i32 },
    /// Not yet.
    Never,
}

/// Days from a payment to its return.
pub(super) const RETURNED_AFTER: i32 = 3;

/// A payment that will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coming {
    pub(super) on: Date,
    /// What arrives.
    pub(super) amount: Decimal,
    /// What of it settles the invoice.
    pub(super) settles: Decimal,
    pub(super) bounces: bool,
}

impl Pays {
    /// What will come for an invoice over `gross` that was issued on a day; nothing when nobody pays.
    pub(super) fn coming(self, issued: Date, gross: Decimal) -> Option<Coming> {
        let full = |days: i32| Coming { on: issued.plus_days(days), amount: gross, settles: gross, bounces: false };
        match self {
            Self::After(days) => Some(full(days)),
            Self::Part { days, percent } => {
                let part = (gross * Decimal::new(percent, 2)).round_dp(2);
                Some(Coming { amount: part, settles: part, ..full(days) })
            }
            Self::Over { days, euros } => Some(Coming { amount: gross + Decimal::from(euros), ..full(days) }),
            Self::Bounces { days } => Some(Coming { bounces: true, ..full(days) }),
            Self::Never => None,
        }
    }
}
