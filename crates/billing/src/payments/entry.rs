//! The journal entry of a payment, leg by leg. Pure.

use kernel::{Date, EntityId};
use ledger::{Account, Journal, NewEntry, NewLine, Role, Second, VatLine};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::documents::posting::{Conversion, Leg};

/// What an entry says beside its lines.
#[derive(Clone, Debug)]
pub struct Header {
    /// The books.
    pub entity: EntityId,
    /// The journal.
    pub journal: Journal,
    /// The day.
    pub on: Date,
    /// The reference of its piece.
    pub piece: String,
    /// What it is about.
    pub label: String,
    /// What it is of.
    pub source: (&'static str, Uuid),
}

/// An entry being built. Each leg has its amount in the payment's currency and what it is worth in that of the books; what the
/// two leave open is a gain or loss of exchange (spec/trade.md 5.15).
#[derive(Debug)]
pub struct Entry {
    conversion: Conversion,
    legs: Vec<(Leg, Decimal)>,
    vat: Vec<VatLine>,
}

impl Entry {
    /// An entry without legs, in which money is converted by `conversion`.
    pub const fn new(conversion: Conversion) -> Self {
        Self { conversion, legs: Vec::new(), vat: Vec::new() }
    }

    /// How money is converted.
    pub const fn conversion(&self) -> &Conversion {
        &self.conversion
    }

    /// Adds a leg that is worth `functional` in the books; returns its place.
    pub fn add(&mut self, leg: Leg, functional: Decimal) -> usize {
        self.legs.push((leg, functional));
        self.legs.len() - 1
    }

    /// Adds what goes into the VAT return.
    pub fn declare(&mut self, line: VatLine) {
        self.vat.push(line);
    }

    /// Adds the money itself, which is converted at its own rate.
    pub fn add_money(&mut self, leg: Leg) {
        let functional = self.conversion.functional(leg.amount);
        self.legs.push((leg, functional));
    }

    /// The entry. The money, which comes last, takes what rounding leaves in the second currency.
    pub fn finish(self, header: Header) -> NewEntry {
        let mut second: Option<Vec<_>> = self.legs.iter().map(|(leg, _)| self.conversion.second(leg.amount)).collect();
        if let Some(amounts) = &mut second {
            let others: Decimal = amounts.iter().rev().skip(1).sum();
            if let Some(money) = amounts.last_mut() {
                *money = -others;
            }
        }
        let open: Decimal = self.legs.iter().map(|(_, functional)| *functional).sum();
        let mut lines: Vec<_> = self
            .legs
            .into_iter()
            .enumerate()
            .map(|(at, (leg, functional))| {
                let (debit, credit) = sides(functional);
                let second = second.as_ref().map(|amounts| sides(amounts[at]));
                NewLine { account: leg.account, aux: leg.aux, label: None, debit, credit, second, due_on: leg.due_on }
            })
            .collect();
        if !open.is_zero() {
            let role = if open > Decimal::ZERO { Role::FxGain } else { Role::FxLoss };
            let (debit, credit) = sides(-open);
            let second = second.map(|_| (Decimal::ZERO, Decimal::ZERO));
            lines.push(NewLine {
                account: Account::Role(role),
                aux: None,
                label: None,
                debit,
                credit,
                second,
                due_on: None,
            });
        }
        NewEntry {
            entity: header.entity,
            journal: header.journal,
            on: header.on,
            piece_ref: header.piece,
            piece_on: header.on,
            label: header.label,
            source_kind: header.source.0,
            source_id: header.source.1,
            // A payment's entry bears no rate: each leg has its own (spec/trade.md 5.14, T-34).
            second: self.conversion.second.map(|(currency, ..)| Second { currency, rate: None, rate_type: None }),
            lines,
            vat: self.vat,
            reverses: None,
        }
    }
}

fn sides(amount: Decimal) -> (Decimal, Decimal) {
    if amount > Decimal::ZERO { (amount, Decimal::ZERO) } else { (Decimal::ZERO, -amount) }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// trade 5.15: 100 USD billed at 89,500 and paid at another rate.
    #[test]
    fn a_difference_of_rates_is_a_gain_or_a_loss() {
        for (rate, role, side) in [("90000", Role::FxGain, "credit"), ("89000", Role::FxLoss, "debit")] {
            let conversion =
                Conversion { rate: decimal(rate), decimals: 2, second: Some((Currency::USD, Decimal::ONE, 2)) };
            let mut entry = Entry::new(conversion);
            let leg =
                |role, amount| Leg { account: Account::Role(role), aux: None, amount: decimal(amount), due_on: None };
            entry.add(leg(Role::Customers, "-100"), decimal("-8950000"));
            entry.add_money(leg(Role::Cash, "100"));
            let header = Header {
                entity: EntityId::from_uuid(Uuid::nil()),
                journal: Journal::Cash,
                on: "2026-03-02".parse().unwrap(),
                piece: "x".into(),
                label: "x".into(),
                source: ("payment", Uuid::nil()),
            };
            let lines = entry.finish(header).lines;
            assert_eq!(lines[2].account, Account::Role(role));
            let amounts =
                if side == "credit" { (lines[2].credit, lines[2].debit) } else { (lines[2].debit, lines[2].credit) };
            assert_eq!(amounts, (decimal("50000"), Decimal::ZERO));
            assert_eq!(lines[2].second, Some((Decimal::ZERO, Decimal::ZERO)));
        }
    }
}
