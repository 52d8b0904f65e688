//! The journal entry of a document (spec/field.md 5.9, spec/trade.md 5.14). Pure.
//!
//! Sale: the customer owes the total; the revenue accounts get the bases, one VAT account per rate its VAT. A credit note
//! mirrors it. Between the currencies of a document and of the books every leg is converted by the locked rate, and the
//! customer's leg is their sum: an entry balances in each currency by construction.

use std::collections::BTreeMap;

use kernel::{Currency, Date, Rounding, VatCode, round, split};
use ledger::{Account, Aux, NewLine, Role, VatDirection, VatLine};
use rust_decimal::Decimal;

use super::model::{Direction, DocumentKind};
use super::totals::VatAmounts;
use super::vat::VatKey;
use crate::payments::model::Waiting;

/// When VAT falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VatDue {
    /// With the document.
    OnIssue,
    /// With its payment: until then it waits on an account of its own.
    OnReceipt,
}

/// What a buyer does with the VAT of what it bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputVat {
    /// Whether it is deducted; else it is a part of the cost (CGI art. 293 B, I).
    pub is_deducted: bool,
    /// The rate, in percent, at which the buyer owes the VAT that its supplier did not charge: reverse charge and acquisitions
    /// from the Union (CGI art. 283, 2 and 256 bis). Zero where none is owed.
    pub self_assessed_rate: Decimal,
}

/// How amounts of a document become amounts of the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// One unit of the document's currency in that of the books.
    pub rate: Decimal,
    /// Digits of the books' currency.
    pub decimals: u32,
    /// The other currency that the entry tells, with one unit of the document's in it, and its digits.
    pub second: Option<(Currency, Decimal, u32)>,
}

impl Conversion {
    /// `amount` in the currency of the books.
    pub fn functional(&self, amount: Decimal) -> Decimal {
        round(amount * self.rate, self.decimals, Rounding::HalfUp)
    }

    /// `amount` in the second currency.
    pub fn second(&self, amount: Decimal) -> Option<Decimal> {
        self.second.map(|(_, rate, decimals)| round(amount * rate, decimals, Rounding::HalfUp))
    }
}

/// What of a document the books are told.
#[derive(Clone, Debug)]
pub struct Posting<'a> {
    /// Its kind.
    pub kind: DocumentKind,
    /// Who claims.
    pub direction: Direction,
    /// Whether both sides are entities of the tenant, which keep accounts of their own for each other.
    pub between_entities: bool,
    /// Who owes it, or whom it is owed.
    pub party: Aux,
    /// When it is due.
    pub due_on: Option<Date>,
    /// The day its VAT is declared.
    pub tax_on: Date,
    /// Each line: where its base goes, its VAT, its base before the document's discount.
    pub lines: &'a [(Account, VatKey, Decimal)],
    /// VAT by rate.
    pub vat: &'a [VatAmounts],
    /// When VAT falls due.
    pub due: VatDue,
    /// Of a purchase: what becomes of its VAT.
    pub input: InputVat,
    /// Of a credit note: what it takes off its original. The rest becomes the customer's credit.
    pub applied: Decimal,
    /// Of a credit note that closes its original: what is open of that in the books, which goes whatever rounding would leave.
    pub closing: Option<Decimal>,
    /// Of a credit note that closes its original: the VAT of that which falls due with it, below zero where too much was due.
    pub made_due: &'a [Waiting],
    /// How it gets into the books.
    pub conversion: Conversion,
}

/// A signed amount on an account: debit above zero.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Where.
    pub account: Account,
    /// Of whom.
    pub aux: Option<Aux>,
    /// How much, in the document's currency.
    pub amount: Decimal,
    /// When it is due.
    pub due_on: Option<Date>,
}

/// The lines and VAT of an entry.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The lines; the first is the party's.
    pub lines: Vec<NewLine>,
    /// What is declared with it.
    pub vat: Vec<VatLine>,
}

/// The entry of a document.
pub fn of_document(posting: &Posting<'_>) -> Posted {
    let sale = posting.direction == Direction::Sale;
    let is_credit = posting.kind == DocumentKind::CreditNote;
    // What a sale credits, a purchase or a credit note debits.
    let sign = if sale == is_credit { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
    let mut legs: Vec<Leg> = bases(posting).into_iter().map(|(account, amount)| leg(account, amount * sign)).collect();
    let gross: Decimal = posting.vat.iter().map(|group| group.base + group.vat).sum();
    let excess = if is_credit { gross - posting.applied } else { Decimal::ZERO };
    let mut declared = Vec::new();
    for group in posting.vat {
        let waiting = match posting.due {
            VatDue::OnIssue => Decimal::ZERO,
            VatDue::OnReceipt => share(gross - excess, gross),
        };
        legs.extend(vat_legs(posting, group, waiting, sign));
        declared.extend(declared_lines(posting, group, waiting, is_credit));
    }
    legs.extend(crate::payments::model::vat_legs(posting.made_due));
    declared.extend(
        posting
            .made_due
            .iter()
            .map(|due| vat_line(posting.direction, due.key, (due.base, due.vat), posting.tax_on, &posting.conversion)),
    );
    let owed = owed_on(posting.direction, posting.between_entities);
    let credit = credit_on(posting.direction);
    let mut parties = Vec::new();
    if gross != excess {
        parties.push(Leg {
            aux: Some(posting.party.clone()),
            due_on: posting.due_on,
            ..leg(Account::Role(owed), (gross - excess) * -sign)
        });
    }
    if !excess.is_zero() {
        parties.push(Leg { aux: Some(posting.party.clone()), ..leg(Account::Role(credit), excess * -sign) });
    }
    let mut lines = balanced(parties, legs, &posting.conversion);
    if let Some(closing) = posting.closing.filter(|_| gross != excess) {
        let rounding = closed(&mut lines, closing);
        lines.extend(rounding);
    }
    Posted { lines, vat: declared }
}

/// Makes the party's line, the first, exactly `closing` in the books; what that leaves is rounding. The second currency balances
/// as it is.
fn closed(lines: &mut [NewLine], closing: Decimal) -> Option<NewLine> {
    let second = lines.first()?.second.map(|_| (Decimal::ZERO, Decimal::ZERO));
    let party = lines.first_mut()?;
    if party.debit.is_zero() {
        party.credit = closing;
    } else {
        party.debit = closing;
    }
    let left: Decimal = lines.iter().map(|line| line.debit - line.credit).sum();
    if left.is_zero() {
        return None;
    }
    let (role, debit, credit) = if left > Decimal::ZERO {
        (Role::RoundingGain, Decimal::ZERO, left)
    } else {
        (Role::RoundingLoss, -left, Decimal::ZERO)
    };
    Some(NewLine { account: Account::Role(role), aux: None, label: None, debit, credit, second, due_on: None })
}

/// What of a credit note's VAT waits no longer, for it takes `applied` off an invoice that was not paid: by rate, as it is entered.
pub fn no_longer_waiting(vat: &[VatAmounts], applied: Decimal, decimals: u32) -> Vec<Waiting> {
    let gross: Decimal = vat.iter().map(|group| group.base + group.vat).sum();
    let part = |amount: Decimal| round(amount * share(applied, gross), decimals, Rounding::HalfUp);
    let taxed = vat.iter().filter(|group| group.key.category == VatCode::S);
    taxed.map(|group| Waiting { key: group.key, base: part(group.base), vat: part(group.vat) }).collect()
}

/// Where what is owed stands.
pub const fn owed_on(direction: Direction, between_entities: bool) -> Role {
    match (direction, between_entities) {
        (Direction::Sale, false) => Role::Customers,
        (Direction::Sale, true) => Role::IntercompanyReceivable,
        (Direction::Purchase, false) => Role::Suppliers,
        (Direction::Purchase, true) => Role::IntercompanyPayable,
    }
}

/// Where what was paid too much, or taken back after it was paid, stands.
pub const fn credit_on(direction: Direction) -> Role {
    match direction {
        Direction::Sale => Role::CustomerAdvances,
        Direction::Purchase => Role::SupplierAdvances,
    }
}

fn leg(account: Account, amount: Decimal) -> Leg {
    Leg { account, aux: None, amount, due_on: None }
}

/// `part` of `whole` as a share between 0 and 1.
fn share(part: Decimal, whole: Decimal) -> Decimal {
    if whole.is_zero() { Decimal::ZERO } else { part / whole }
}

/// What each account gets: its lines less their part of the document's discount, rate by rate, so that the accounts of a rate
/// sum to its base; and the VAT that is not deducted.
fn bases(posting: &Posting<'_>) -> BTreeMap<Account, Decimal> {
    let decimals = posting.conversion.decimals;
    let mut accounts = BTreeMap::new();
    for group in posting.vat {
        let mut nets: BTreeMap<&Account, Decimal> = BTreeMap::new();
        for (account, key, net) in posting.lines {
            if *key == group.key {
                *nets.entry(account).or_default() += *net;
            }
        }
        let weights: Vec<_> = nets.values().map(|net| (*net).max(Decimal::ZERO)).collect();
        let parts =
            split(group.discount, &weights, decimals).into_iter().zip(split(cost(posting, group), &weights, decimals));
        for ((account, net), (discount, cost)) in nets.into_iter().zip(parts) {
            *accounts.entry(account.clone()).or_default() += net - discount + cost;
        }
    }
    accounts.retain(|_, amount: &mut Decimal| !amount.is_zero());
    accounts
}

/// The VAT of a rate that a purchase costs, because it is not deducted.
fn cost(posting: &Posting<'_>, group: &VatAmounts) -> Decimal {
    if posting.is_deducted() { Decimal::ZERO } else { group.vat + posting.self_assessed(group) }
}

impl Posting<'_> {
    /// Whether the VAT of a purchase is deducted; what is sold, deducts nothing and costs nothing.
    fn is_deducted(&self) -> bool {
        self.direction == Direction::Sale || self.input.is_deducted
    }

    /// The VAT that the buyer owes itself on what its supplier charged none for, above zero.
    fn self_assessed(&self, group: &VatAmounts) -> Decimal {
        let is_owed = self.direction == Direction::Purchase && matches!(group.key.category, VatCode::AE | VatCode::K);
        if !is_owed {
            return Decimal::ZERO;
        }
        round(
            group.base * self.input.self_assessed_rate / Decimal::ONE_HUNDRED,
            self.conversion.decimals,
            Rounding::HalfUp,
        )
    }
}

/// The VAT of a rate: what is due, what waits (`waiting`, a share) for its payment, and what the buyer owes itself.
fn vat_legs(posting: &Posting<'_>, group: &VatAmounts, waiting: Decimal, sign: Decimal) -> Vec<Leg> {
    let (rate, own_rate) = (group.key.rate, posting.input.self_assessed_rate);
    let own = posting.self_assessed(group);
    let waits = round(group.vat * waiting, posting.conversion.decimals, Rounding::HalfUp);
    let owed = (Account::RoleAt(Role::VatReverseCharge, own_rate), -own);
    let legs = match posting.direction {
        Direction::Sale => vec![
            (Account::RoleAt(Role::VatCollected, rate), group.vat - waits),
            (Account::RoleAt(Role::VatPending, rate), waits),
        ],
        Direction::Purchase if posting.is_deducted() => vec![
            (Account::RoleAt(Role::VatDeductible, rate), group.vat - waits),
            (Account::RoleAt(Role::VatPending, rate), waits),
            (Account::RoleAt(Role::VatDeductible, own_rate), own),
            owed,
        ],
        Direction::Purchase => vec![owed],
    };
    let not_zero = legs.into_iter().filter(|(_, amount)| !amount.is_zero());
    not_zero.map(|(account, amount)| leg(account, amount * sign)).collect()
}

/// What of a rate goes into the VAT return with this entry; rates without VAT too, for they are declared as such. What the buyer
/// owes itself is declared on both sides.
fn declared_lines(posting: &Posting<'_>, group: &VatAmounts, waiting: Decimal, is_credit: bool) -> Vec<VatLine> {
    let sign = if is_credit { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    let line = |direction: Direction, key: VatKey, base: Decimal, vat: Decimal| {
        vat_line(direction, key, (base * sign, vat * sign), posting.tax_on, &posting.conversion)
    };
    let own = posting.self_assessed(group);
    if !own.is_zero() {
        let key = VatKey { rate: posting.input.self_assessed_rate, ..group.key };
        let owed = line(Direction::Sale, key, group.base, own);
        let deducted = posting.is_deducted().then(|| line(Direction::Purchase, key, group.base, own));
        return std::iter::once(owed).chain(deducted).collect();
    }
    if !posting.is_deducted() {
        return Vec::new();
    }
    let decimals = posting.conversion.decimals;
    // What bears no VAT waits for nothing.
    let waiting = if group.key.category == VatCode::S { waiting } else { Decimal::ZERO };
    let rest = |amount: Decimal| amount - round(amount * waiting, decimals, Rounding::HalfUp);
    let (base, vat) = (rest(group.base), rest(group.vat));
    if base.is_zero() && vat.is_zero() { Vec::new() } else { vec![line(posting.direction, group.key, base, vat)] }
}

/// A line of the VAT return: base and VAT in the document's currency.
pub fn vat_line(
    direction: Direction,
    key: VatKey,
    (base, vat): (Decimal, Decimal),
    on: Date,
    conversion: &Conversion,
) -> VatLine {
    VatLine {
        direction: match direction {
            Direction::Sale => VatDirection::Output,
            Direction::Purchase => VatDirection::Input,
        },
        category: key.category.code().to_owned(),
        rate: key.rate,
        base: conversion.functional(base),
        vat: conversion.functional(vat),
        second: conversion.second(base).zip(conversion.second(vat)),
        tax_on: on,
    }
}

/// The lines of an entry from the legs of the party and the rest. Every leg is converted by itself; the first of the party
/// takes what is left, so that the entry balances in each currency.
pub fn balanced(parties: Vec<Leg>, rest: Vec<Leg>, conversion: &Conversion) -> Vec<NewLine> {
    let legs: Vec<_> = parties.into_iter().chain(rest).collect();
    let mut functional: Vec<_> = legs.iter().map(|leg| conversion.functional(leg.amount)).collect();
    let mut second: Option<Vec<_>> = legs.iter().map(|leg| conversion.second(leg.amount)).collect();
    for amounts in [Some(&mut functional), second.as_mut()].into_iter().flatten() {
        let others: Decimal = amounts.iter().skip(1).sum();
        if let Some(first) = amounts.first_mut() {
            *first = -others;
        }
    }
    let sides = |amount: Decimal| {
        if amount > Decimal::ZERO { (amount, Decimal::ZERO) } else { (Decimal::ZERO, -amount) }
    };
    legs.into_iter()
        .enumerate()
        .map(|(at, leg)| {
            let (debit, credit) = sides(functional[at]);
            let second = second.as_ref().map(|amounts| sides(amounts[at]));
            NewLine { account: leg.account, aux: leg.aux, label: None, debit, credit, second, due_on: leg.due_on }
        })
        .filter(|line| {
            !(line.debit.is_zero()
                && line.credit.is_zero()
                && line.second.is_none_or(|(d, c)| d.is_zero() && c.is_zero()))
        })
        .collect()
}

/// What still waits of an invoice by rate once a credit note took `back` off what waited: below zero where payments before had made
/// more due than is left.
pub fn left_waiting(waiting: &[Waiting], back: &[Waiting]) -> Vec<Waiting> {
    let mut left: BTreeMap<VatKey, (Decimal, Decimal)> = BTreeMap::new();
    for (groups, sign) in [(waiting, Decimal::ONE), (back, Decimal::NEGATIVE_ONE)] {
        for group in groups.iter().filter(|group| group.key.category == VatCode::S) {
            let (base, vat) = left.entry(group.key).or_default();
            *base += group.base * sign;
            *vat += group.vat * sign;
        }
    }
    let left = left.into_iter().map(|(key, (base, vat))| Waiting { key, base, vat });
    left.filter(|group| !group.vat.is_zero()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::totals::{Discount, Priced, totals};
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn aux() -> Aux {
        let party_id = kernel::PartyId::from_uuid(uuid::Uuid::nil());
        Aux { party_id, code: "C1".into(), name: "C1".into() }
    }

    /// The sum of the lines on a role, debit above zero.
    fn on(lines: &[NewLine], is: impl Fn(Role) -> bool) -> Decimal {
        let of = |line: &&NewLine| match line.account {
            Account::Role(role) | Account::RoleAt(role, _) => is(role),
            Account::Code(_) => false,
        };
        lines.iter().filter(of).map(|line| line.debit - line.credit).sum()
    }

    #[test]
    fn what_closes_a_foreign_invoice_takes_what_is_left_of_it_and_rounds_the_rest() {
        let group = VatAmounts {
            key: VatKey { category: VatCode::S, rate: decimal("20") },
            lines: decimal("33.33"),
            discount: Decimal::ZERO,
            base: decimal("33.33"),
            vat: decimal("6.67"),
        };
        let lines = [(Account::Role(Role::SalesServices), group.key, group.lines)];
        let posting = Posting {
            kind: DocumentKind::CreditNote,
            direction: Direction::Sale,
            between_entities: false,
            party: aux(),
            due_on: None,
            tax_on: "2026-02-11".parse().unwrap(),
            lines: &lines,
            vat: std::slice::from_ref(&group),
            due: VatDue::OnIssue,
            input: InputVat { is_deducted: true, self_assessed_rate: Decimal::ZERO },
            applied: decimal("40.00"),
            closing: Some(decimal("36.78")),
            made_due: &[],
            conversion: Conversion {
                rate: decimal("0.92"),
                decimals: 2,
                second: Some((Currency::USD, Decimal::ONE, 2)),
            },
        };
        let lines = of_document(&posting).lines;
        assert_eq!(on(&lines, |role| role == Role::Customers), decimal("-36.78"));
        assert_eq!(on(&lines, |role| role == Role::RoundingGain), decimal("-0.02"));
        assert_eq!(lines.iter().map(|line| line.debit - line.credit).sum::<Decimal>(), Decimal::ZERO);
        let second = lines.iter().filter_map(|line| line.second).map(|(debit, credit)| debit - credit);
        assert_eq!(second.sum::<Decimal>(), Decimal::ZERO);
    }

    proptest! {
        #[test]
        fn an_entry_is_its_document_and_the_vat_return_what_is_due_of_it(
            lines in prop::collection::vec((1_i64..100_000, -20_000_i64..1_000_000, 0_i64..=10_000, 0_usize..5, 0_usize..3), 1..30),
            percent in 0_i64..=10_000,
            (is_credit, on_receipt, applied) in (any::<bool>(), any::<bool>(), 0_i64..=100),
            rate in prop_oneof![Just(Decimal::ONE), (1_i64..30_000).prop_map(|rate| Decimal::new(rate, 4))],
        ) {
            let rates = ["20", "10", "5.5", "2.1", "0"];
            let key = |rate: usize| VatKey {
                category: if rate == 4 { VatCode::E } else { VatCode::S },
                rate: decimal(rates[rate]),
            };
            let priced: Vec<_> = lines.iter().map(|(quantity, price, discount, rate, _)| Priced {
                quantity: Decimal::new(*quantity, 4),
                unit_price: Decimal::new(*price, 4),
                discount_pct: Decimal::new(*discount, 2),
                vat: key(*rate),
            }).collect();
            let sum: Decimal = totals(&priced, Discount::None, 2).unwrap().lines_net;
            let discount = if sum > Decimal::ZERO { Discount::Percent(Decimal::new(percent, 2)) } else { Discount::None };
            let totals = totals(&priced, discount, 2).unwrap();
            prop_assume!(totals.gross > Decimal::ZERO);
            prop_assert_eq!(totals.vat.iter().map(|group| group.base).sum::<Decimal>(), totals.net);
            prop_assert_eq!(totals.net + totals.vat_total, totals.gross);
            let roles = [Role::SalesServices, Role::SalesGoods, Role::SalesTravel];
            let entered: Vec<_> = lines.iter().zip(&totals.lines)
                .map(|((.., rate, role), amounts)| (Account::Role(roles[*role]), key(*rate), amounts.net)).collect();
            let applied = if is_credit { round(totals.gross * Decimal::new(applied, 2), 2, Rounding::HalfUp) } else { Decimal::ZERO };
            let is_foreign = rate != Decimal::ONE;
            let conversion = Conversion { rate, decimals: 2, second: is_foreign.then_some((Currency::USD, Decimal::ONE, 2)) };
            let posting = Posting {
                kind: if is_credit { DocumentKind::CreditNote } else { DocumentKind::Invoice },
                direction: Direction::Sale,
                between_entities: false,
                party: aux(),
                due_on: None,
                tax_on: "2026-02-11".parse().unwrap(),
                lines: &entered,
                vat: &totals.vat,
                due: if on_receipt { VatDue::OnReceipt } else { VatDue::OnIssue },
                input: InputVat { is_deducted: true, self_assessed_rate: Decimal::ZERO },
                applied,
                closing: None,
                made_due: &[],
                conversion,
            };
            let posted = of_document(&posting);
            prop_assert_eq!(posted.lines.iter().map(|line| line.debit - line.credit).sum::<Decimal>(), Decimal::ZERO);
            let second = posted.lines.iter().filter_map(|line| line.second).map(|(debit, credit)| debit - credit);
            prop_assert_eq!(second.sum::<Decimal>(), Decimal::ZERO);
            let sign = if is_credit { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            let declared: Decimal = posted.vat.iter().map(|line| line.vat).sum();
            prop_assert_eq!(on(&posted.lines, |role| role == Role::VatCollected), -declared);
            if !is_foreign {
                prop_assert_eq!(on(&posted.lines, |role| roles.contains(&role)), totals.net * sign);
                let vat = on(&posted.lines, |role| matches!(role, Role::VatCollected | Role::VatPending));
                prop_assert_eq!(vat, totals.vat_total * sign);
                prop_assert_eq!(on(&posted.lines, |role| matches!(role, Role::Customers | Role::CustomerAdvances)), -totals.gross * sign);
                let waits: Decimal = no_longer_waiting(&totals.vat, if is_credit { applied } else { totals.gross }, 2).iter().map(|group| group.vat).sum();
                if on_receipt {
                    prop_assert_eq!(on(&posted.lines, |role| role == Role::VatPending), waits * sign);
                }
            }
        }
    }
}
