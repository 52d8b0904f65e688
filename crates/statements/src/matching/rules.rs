//! The rules of field 5.8, in their order.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::MAX_SUGGESTIONS;
use super::combine::{MAX_CONSIDERED, combinations};
use super::index::{Index, MAX_CANDIDATES};
use super::model::{
    StatementAllocation, StatementMatchFact as Fact, StatementMatchReason as Reason, StatementSuggestion,
    StatementSuggestionKind,
};
use super::numbers::{Named, named};
use crate::model::StatementLine;

/// What no person has confirmed and no rule makes sure scores less than what is automatic.
pub(super) const MAX_UNSURE: u8 = 94;
/// Rule 3: so many days about the due date.
const NEAR_DAYS: i32 = 10;

/// The documents a line may pay, the best first.
pub(super) fn suggest(index: &Index<'_>, line: &StatementLine) -> Vec<StatementSuggestion> {
    let mut proposals = Proposals { index, line, found: Vec::new() };
    let named = named(index, line);
    let of_iban = index.of_iban(line);
    proposals.by_number(&named, of_iban);
    proposals.by_iban(&named, of_iban);
    if !proposals.found.iter().any(|proposal| proposal.is_sure) {
        let alike = index.alike(line);
        proposals.by_amount(of_iban, &alike);
        proposals.by_combination(&named, of_iban, &alike);
        proposals.by_customer(of_iban);
    }
    proposals.ranked()
}

struct Proposal {
    items: Vec<usize>,
    reason: Reason,
    score: u8,
    is_sure: bool,
    facts: Vec<Fact>,
}

struct Proposals<'a, 'b> {
    index: &'a Index<'b>,
    line: &'a StatementLine,
    found: Vec<Proposal>,
}

impl Proposals<'_, '_> {
    fn amount(&self) -> Decimal {
        self.line.amount.abs()
    }

    fn open(&self, at: usize) -> Decimal {
        self.index.items[at].amount_open
    }

    /// What the items have open on the line's side, less what stands against them.
    fn sum(&self, items: &[usize]) -> Decimal {
        let signed = |at: &usize| if self.index.fits(*at, self.line) { self.open(*at) } else { -self.open(*at) };
        items.iter().map(signed).sum()
    }

    fn add(&mut self, items: Vec<usize>, reason: Reason, score: u8, facts: Vec<Fact>) {
        self.found.push(Proposal { items, reason, score: score.min(MAX_UNSURE), is_sure: false, facts });
    }

    /// Rule 1, and partial and over-payments of named documents.
    fn by_number(&mut self, named: &Named, of_iban: &[usize]) {
        let items: Vec<_> = named.items.iter().copied().collect();
        let own: Vec<_> = items.iter().copied().filter(|&at| self.index.fits(at, self.line)).collect();
        if own.is_empty() {
            return;
        }
        let parties: BTreeSet<_> = items.iter().map(|&at| self.index.party(at)).collect();
        let mut facts = self.number_facts(named, &items);
        facts.extend((parties.len() > 1).then_some(Fact::SeveralParties));
        facts.extend(own.iter().any(|at| of_iban.binary_search(at).is_ok()).then_some(Fact::IbanKnown));
        let reason = if named.end_to_end.is_empty() { Reason::NumberInLabel } else { Reason::EndToEndEqual };
        if named.is_doubtful {
            return self.by_doubtful_number(&own, reason, &facts);
        }
        if self.sum(&items) == self.amount() {
            let is_set_off = own.len() < items.len();
            let is_sure = !is_set_off && parties.len() == 1;
            let score = if items.len() == 1 { 100 } else { 98 };
            facts.push(Fact::AmountEqual);
            facts.extend(is_set_off.then_some(Fact::SetOff));
            let score = if is_sure { score } else { 90 };
            self.found.push(Proposal { items, reason, score, is_sure, facts });
            return;
        }
        if let [one] = own.iter().copied().filter(|&at| self.open(at) == self.amount()).collect::<Vec<_>>()[..]
            && own.len() > 1
        {
            self.add(vec![one], reason, 75, [facts.clone(), vec![Fact::AmountEqual]].concat());
        }
        let open = self.sum(&own);
        let (score, fact) =
            if self.amount() < open { (70, Fact::PartialPayment { open }) } else { (68, Fact::OverPayment { open }) };
        facts.push(fact);
        self.add(own, reason, score, facts);
    }

    fn number_facts(&self, named: &Named, items: &[usize]) -> Vec<Fact> {
        let fact = |at: &usize| {
            let number = self.index.items[*at].number.clone();
            if named.end_to_end.contains(at) { Fact::EndToEndEqual { number } } else { Fact::NumberInLabel { number } }
        };
        items.iter().map(fact).collect()
    }

    /// One number for several documents: each whose balance is the amount, else each for its part.
    fn by_doubtful_number(&mut self, own: &[usize], reason: Reason, facts: &[Fact]) {
        let equal: Vec<_> = own.iter().copied().filter(|&at| self.open(at) == self.amount()).collect();
        let (items, score) = if equal.is_empty() { (own, 50) } else { (equal.as_slice(), 80) };
        for &at in items.iter().take(MAX_SUGGESTIONS) {
            let open = self.open(at);
            let fact = match self.amount().cmp(&open) {
                std::cmp::Ordering::Equal => Fact::AmountEqual,
                std::cmp::Ordering::Less => Fact::PartialPayment { open },
                std::cmp::Ordering::Greater => Fact::OverPayment { open },
            };
            let facts = [facts, &[fact, Fact::Ambiguous { count: items.len() }]].concat();
            self.add(vec![at], reason, score, facts);
        }
    }

    /// Rule 2.
    fn by_iban(&mut self, named: &Named, of_iban: &[usize]) {
        let equal = self.index.of_amount(self.line);
        let (few, many) = if equal.len() < of_iban.len() { (equal, of_iban) } else { (of_iban, equal) };
        let both = few.iter().copied().filter(|at| many.binary_search(at).is_ok());
        let equal: Vec<_> = both.take(MAX_CANDIDATES).collect();
        let facts = vec![Fact::IbanKnown, Fact::AmountEqual];
        if let [only] = equal[..] {
            let is_sure = named.items.is_empty() && !named.is_doubtful;
            let score = if is_sure { 95 } else { 85 };
            self.found.push(Proposal { items: vec![only], reason: Reason::IbanAndAmount, score, is_sure, facts });
            return;
        }
        for &at in equal.iter().take(MAX_SUGGESTIONS) {
            let facts = [facts.clone(), vec![Fact::Ambiguous { count: equal.len() }]].concat();
            self.add(vec![at], Reason::IbanAndAmount, 72, facts);
        }
    }

    /// Rule 3: near the due date; further away only where the name speaks for it.
    fn by_amount(&mut self, of_iban: &[usize], alike: &BTreeMap<usize, u8>) {
        let line = self.line;
        let near = self.index.of_amount_near(line, NEAR_DAYS).iter().copied().take(16 * MAX_CANDIDATES);
        let parties = alike.keys().flat_map(|&party| self.index.party_at(party).items.iter().copied());
        let equal = self.index.of_amount(line);
        let by_name = parties.filter(|at| equal.binary_search(at).is_ok());
        let others = |at: &usize| of_iban.binary_search(at).is_err();
        let rated: BTreeSet<_> =
            near.filter(others).take(MAX_CANDIDATES).chain(by_name.filter(others).take(MAX_CANDIDATES)).collect();
        let count = rated.len();
        let mut proposals: Vec<_> = rated.into_iter().map(|at| self.of_amount(at, alike, count)).collect();
        proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.score));
        proposals.truncate(MAX_SUGGESTIONS);
        self.found.extend(proposals);
    }

    /// One of `count` documents whose balance is the amount.
    fn of_amount(&self, at: usize, alike: &BTreeMap<usize, u8>, count: usize) -> Proposal {
        let due = self.index.items[at].expected_on().jiff();
        let days = self.line.booked_on.jiff().since(due).map_or(i32::MAX, |span| span.get_days());
        let is_near = days.abs() <= NEAR_DAYS;
        let percent = alike.get(&self.index.party(at)).copied();
        let base = if is_near { 60 } else { 50 };
        let score = base + if percent.is_some() { 15 } else { 0 } - if count > 1 { 10 } else { 0 };
        let mut facts = vec![Fact::AmountEqual];
        facts.extend(is_near.then_some(Fact::DueNear { days }));
        facts.extend(percent.map(|percent| self.name_fact(self.index.party(at), percent)));
        facts.extend((count > 1).then_some(Fact::Ambiguous { count }));
        Proposal { items: vec![at], reason: Reason::AmountEqual, score, is_sure: false, facts }
    }

    fn name_fact(&self, party: usize, percent: u8) -> Fact {
        Fact::NameSimilar { name: self.index.party_at(party).name.to_owned(), percent }
    }

    /// Several documents of whoever the number, the IBAN or the name points to.
    fn by_combination(&mut self, named: &Named, of_iban: &[usize], alike: &BTreeMap<usize, u8>) {
        let known: BTreeSet<_> = of_iban.iter().take(MAX_CANDIDATES).map(|&at| self.index.party(at)).collect();
        let mut parties: BTreeSet<_> = named.items.iter().map(|&at| self.index.party(at)).collect();
        parties.extend(known.iter().copied().chain(alike.keys().copied()));
        // By what the party is called and has, not by the order it came in.
        let mut parties: Vec<_> = parties.into_iter().collect();
        parties.sort_by_key(|&party| self.index.party_at(party).items.first().copied());
        for party in parties.into_iter().take(MAX_SUGGESTIONS) {
            let items = self.index.party_at(party).items.iter().copied();
            let items: Vec<_> = items.filter(|&at| self.index.fits(at, self.line)).take(MAX_CONSIDERED).collect();
            let amounts: Vec<_> = items.iter().map(|&at| self.open(at)).collect();
            let sets = combinations(&amounts, self.amount());
            let count = sets.len();
            for set in sets {
                let mut facts = vec![Fact::Combination { count: set.len() }, Fact::AmountEqual];
                facts.extend(known.contains(&party).then_some(Fact::IbanKnown));
                facts.extend(alike.get(&party).map(|percent| self.name_fact(party, *percent)));
                facts.extend((count > 1).then_some(Fact::Ambiguous { count }));
                let score = if known.contains(&party) { 70 } else { 58 } - if count > 1 { 10 } else { 0 };
                self.add(set.into_iter().map(|at| items[at]).collect(), Reason::Combination, score, facts);
            }
        }
    }

    /// Where nothing else fits, an account that is known pays its holder's oldest documents first.
    fn by_customer(&mut self, of_iban: &[usize]) {
        let fitting = of_iban.iter().copied().filter(|&at| self.index.fits(at, self.line));
        let items: Vec<_> = fitting.take(MAX_CONSIDERED).collect();
        if !self.found.is_empty() || items.is_empty() {
            return;
        }
        let open = self.sum(&items);
        let fact = if self.amount() < open { Fact::PartialPayment { open } } else { Fact::OverPayment { open } };
        self.add(items, Reason::IbanKnown, 40, vec![Fact::IbanKnown, fact]);
    }

    /// The best of each set of documents, the sure ones alone where there is one.
    fn ranked(mut self) -> Vec<StatementSuggestion> {
        self.found.sort_by(|a, b| (b.is_sure, b.score).cmp(&(a.is_sure, a.score)).then_with(|| a.items.cmp(&b.items)));
        let is_sure = self.found.first().is_some_and(|proposal| proposal.is_sure);
        let mut seen = BTreeSet::new();
        let found = std::mem::take(&mut self.found).into_iter();
        let kept = found.filter(|proposal| proposal.is_sure || !is_sure).filter(|p| seen.insert(p.items.clone()));
        kept.take(MAX_SUGGESTIONS).map(|proposal| self.built(proposal)).collect()
    }

    fn built(&self, proposal: Proposal) -> StatementSuggestion {
        let against = |at: &&usize| !self.index.fits(**at, self.line);
        let set_off: Decimal = proposal.items.iter().filter(against).map(|&at| self.open(at)).sum();
        let mut left = self.amount() + set_off;
        let mut items = Vec::new();
        for &at in &proposal.items {
            let item_id = self.index.items[at].id;
            if self.index.fits(at, self.line) {
                let amount = self.open(at).min(left);
                left -= amount;
                items.extend((!amount.is_zero()).then_some(StatementAllocation { item_id, amount }));
            } else {
                items.push(StatementAllocation { item_id, amount: -self.open(at) });
            }
        }
        let is_out = self.line.amount.is_sign_negative();
        StatementSuggestion {
            kind: if is_out { StatementSuggestionKind::Refund } else { StatementSuggestionKind::Payment },
            items,
            payment_id: None,
            unallocated: left,
            score: proposal.score,
            reason: proposal.reason,
            facts: proposal.facts,
            automatic: proposal.is_sure,
        }
    }
}
