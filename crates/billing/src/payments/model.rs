//! What a payment settles, and how it is entered in the books. Pure.

use kernel::{Date, Rounding, VatCode, round};
use ledger::{Account, Aux, Role};
use rust_decimal::Decimal;

use crate::documents::model::PayMethod;
use crate::documents::posting::Leg;
use crate::documents::vat::VatKey;

platform::words! {
    /// Which way money went.
    PaymentDirection {
        /// A customer paid.
        In = "in",
        /// A customer was given back what he had paid too much.
        Refund = "refund",
        /// A supplier was paid.
        Out = "out",
    }

    /// How a payment became known.
    PaymentSource {
        /// A person recorded it.
        Manual = "manual",
        /// A line of a bank statement.
        BankImport = "bank_import",
        /// A payment provider.
        Psp = "psp",
    }
}

platform::lifecycle! {
    /// Where a payment stands.
    pub enum PaymentStatus: "payment" {
        /// The money is there.
        Completed = "completed" => [Failed],
        /// It was taken back: bounced, or recorded by mistake.
        Failed = "failed" => [],
    }
    born: [Completed]
}

impl PayMethod {
    /// Where its money is until a bank statement says more.
    pub const fn role(self) -> Role {
        match self {
            Self::Transfer | Self::SepaDebit | Self::Other => Role::Bank,
            Self::Card => Role::Cards,
            Self::Cash => Role::Cash,
            Self::Cheque => Role::Cheques,
        }
    }
}

/// What is settled of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// In the document's currency.
    pub amount: Decimal,
    /// In that of the books, at the document's rate.
    pub functional: Decimal,
}

/// What `amount` of a document is in the books: the part that closes it takes whatever is left of what was posted, so that
/// nothing stays behind.
pub fn functional_share(
    amount: Decimal,
    open: Decimal,
    rate: Decimal,
    functional_open: Decimal,
    decimals: u32,
) -> Decimal {
    if amount == open { functional_open } else { round(amount * rate, decimals, Rounding::HalfUp) }
}

/// VAT that still waits for its payment: base and VAT by rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The category and rate.
    pub key: VatKey,
    /// The base.
    pub base: Decimal,
    /// The VAT.
    pub vat: Decimal,
}

/// The VAT that settling `amount` of `open` makes due: of each rate its share, all of what is left with the last payment.
pub fn made_due(waiting: &[Waiting], amount: Decimal, open: Decimal, decimals: u32) -> Vec<Waiting> {
    let part = |whole: Decimal| {
        if amount == open { whole } else { round(whole * amount / open, decimals, Rounding::HalfUp) }
    };
    waiting
        .iter()
        .filter(|group| group.key.category == VatCode::S)
        .map(|group| Waiting { key: group.key, base: part(group.base), vat: part(group.vat) })
        .filter(|group| !group.vat.is_zero())
        .collect()
}

/// The legs that move VAT from waiting to due.
pub fn vat_legs(due: &[Waiting]) -> Vec<Leg> {
    let leg = |role, group: &Waiting, amount| Leg {
        account: Account::RoleAt(role, group.key.rate),
        aux: None,
        amount,
        due_on: None,
    };
    due.iter()
        .flat_map(|group| [leg(Role::VatPending, group, group.vat), leg(Role::VatCollected, group, -group.vat)])
        .collect()
}

/// A leg of a customer or supplier.
pub fn party_leg(role: Role, party: &Aux, amount: Decimal, due_on: Option<Date>) -> Leg {
    Leg { account: Account::Role(role), aux: Some(party.clone()), amount, due_on }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_payment_takes_what_is_left() {
        let (open, functional_open) = (decimal("100"), decimal("91.23"));
        assert_eq!(functional_share(decimal("100"), open, decimal("0.9"), functional_open, 2), functional_open);
        assert_eq!(functional_share(decimal("33.33"), open, decimal("0.9"), functional_open, 2), decimal("30.00"));
    }

    #[test]
    fn vat_on_receipt_falls_due_with_its_share_and_never_twice() {
        let key = VatKey { category: VatCode::S, rate: decimal("20") };
        let mut waiting = vec![Waiting { key, base: decimal("100"), vat: decimal("20") }];
        let (mut open, mut due) = (decimal("120"), Decimal::ZERO);
        for amount in ["40", "40.01", "39.99"].map(decimal) {
            let now = made_due(&waiting, amount, open, 2);
            open -= amount;
            for (group, now) in waiting.iter_mut().zip(&now) {
                group.vat -= now.vat;
                group.base -= now.base;
                due += now.vat;
            }
        }
        assert_eq!((due, waiting[0].vat, waiting[0].base), (decimal("20"), Decimal::ZERO, Decimal::ZERO));
    }
}
