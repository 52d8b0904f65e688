//! Open documents and payments, found by number, amount, IBAN and name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::Currency;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::model::{OpenItem, Payment};
use super::words::{likeness, name_words};
use crate::model::StatementLine;
use crate::text::fold;

/// A word that so many parties bear tells nobody apart.
const COMMON_WORD: usize = 50;
/// More candidates than this help nobody: counts end here, so that the work for a line does.
pub(super) const MAX_CANDIDATES: usize = 64;
/// Names less alike than this, in percent, are different.
const ALIKE: u8 = 88;

/// A party with what it has open.
pub(super) struct Party<'a> {
    pub(super) name: &'a str,
    words: BTreeSet<String>,
    /// Places in [`Index::items`].
    pub(super) items: Vec<usize>,
}

/// Everything a line is held against. Items stand in an order of their own: by day, number and id.
pub(super) struct Index<'a> {
    pub(super) items: Vec<&'a OpenItem>,
    pub(super) payments: Vec<&'a Payment>,
    by_number: HashMap<String, Vec<usize>>,
    by_amount: HashMap<(Currency, bool, Decimal), Vec<usize>>,
    by_iban: HashMap<String, Vec<usize>>,
    parties: Vec<Party<'a>>,
    party_of: HashMap<Uuid, usize>,
    by_word: HashMap<String, Vec<usize>>,
    by_reference: HashMap<String, Vec<usize>>,
    by_payment: HashMap<(Currency, Decimal), Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(items: &'a [OpenItem], payments: &'a [Payment]) -> Self {
        let mut items: Vec<_> = items.iter().filter(|item| item.amount_open > Decimal::ZERO).collect();
        items.sort_by(|a, b| (a.expected_on(), &a.number, a.id).cmp(&(b.expected_on(), &b.number, b.id)));
        let mut payments: Vec<_> = payments.iter().filter(|payment| payment.amount > Decimal::ZERO).collect();
        payments.sort_by_key(|payment| (std::cmp::Reverse(payment.received_on), payment.id));
        let mut index = Self {
            items,
            payments,
            by_number: HashMap::new(),
            by_amount: HashMap::new(),
            by_iban: HashMap::new(),
            parties: Vec::new(),
            party_of: HashMap::new(),
            by_word: HashMap::new(),
            by_reference: HashMap::new(),
            by_payment: HashMap::new(),
        };
        (0..index.items.len()).for_each(|at| index.add_item(at));
        (0..index.payments.len()).for_each(|at| index.add_payment(at));
        index
    }

    fn add_item(&mut self, at: usize) {
        let item = self.items[at];
        self.by_number.entry(fold(&item.number)).or_default().push(at);
        let amount = (item.currency, item.is_credit, item.amount_open.normalize());
        self.by_amount.entry(amount).or_default().push(at);
        let ibans: BTreeSet<_> =
            item.party_ibans.iter().map(|iban| fold(iban)).filter(|iban| !iban.is_empty()).collect();
        for iban in ibans {
            self.by_iban.entry(iban).or_default().push(at);
        }
        let party = *self.party_of.entry(item.party_id).or_insert(self.parties.len());
        if party == self.parties.len() {
            let words = name_words(&item.party_name);
            for word in &words {
                self.by_word.entry(word.clone()).or_default().push(party);
            }
            self.parties.push(Party { name: &item.party_name, words, items: Vec::new() });
        }
        self.parties[party].items.push(at);
    }

    fn add_payment(&mut self, at: usize) {
        let payment = self.payments[at];
        self.by_payment.entry((payment.currency, payment.amount.normalize())).or_default().push(at);
        if let Some(reference) = payment.reference.as_deref().map(fold).filter(|reference| !reference.is_empty()) {
            self.by_reference.entry(reference).or_default().push(at);
        }
    }

    pub(super) fn numbered(&self, folded: &str) -> &[usize] {
        self.by_number.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Items on the line's side (credit notes when money goes out), in its currency, with exactly this much open.
    pub(super) fn of_amount(&self, line: &StatementLine) -> &[usize] {
        let key = (line.currency, line.amount.is_sign_negative(), line.amount.abs().normalize());
        self.by_amount.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Items of whoever is known to use the line's other account, in ascending order, whatever side and currency.
    pub(super) fn of_iban(&self, line: &StatementLine) -> &[usize] {
        let found = line.counterparty_iban.as_ref().and_then(|iban| self.by_iban.get(&fold(iban)));
        found.map_or(&[], Vec::as_slice)
    }

    /// Those of [`Self::of_amount`] that are expected within so many days of the line.
    pub(super) fn of_amount_near(&self, line: &StatementLine, days: i32) -> &[usize] {
        let equal = self.of_amount(line);
        let (first, last) = (line.booked_on.plus_days(-days), line.booked_on.plus_days(days));
        // Items stand in the order of the day they are expected.
        let start = equal.partition_point(|&at| self.items[at].expected_on() < first);
        let end = equal.partition_point(|&at| self.items[at].expected_on() <= last);
        &equal[start..end]
    }

    /// Whether an item is of the line's side and currency.
    pub(super) fn fits(&self, at: usize, line: &StatementLine) -> bool {
        self.items[at].currency == line.currency && self.items[at].is_credit == line.amount.is_sign_negative()
    }

    pub(super) fn party(&self, at: usize) -> usize {
        self.party_of.get(&self.items[at].party_id).copied().unwrap_or_default()
    }

    pub(super) fn party_at(&self, party: usize) -> &Party<'a> {
        &self.parties[party]
    }

    /// Parties whose name is like the counterparty's, or, where the line names none, stands in its label.
    pub(super) fn alike(&self, line: &StatementLine) -> BTreeMap<usize, u8> {
        let said = name_words(line.counterparty.as_deref().unwrap_or_default());
        let label = name_words(&line.label);
        let near = said.iter().chain(&label).filter_map(|word| self.by_word.get(word));
        let candidates: BTreeSet<_> = near.filter(|parties| parties.len() <= COMMON_WORD).flatten().copied().collect();
        let rated = candidates.into_iter().map(|party| {
            let words = &self.parties[party].words;
            let is_inside = words.is_subset(&label) && words.iter().map(String::len).sum::<usize>() >= 5;
            (party, likeness(words, &said).max(if is_inside { 95 } else { 0 }))
        });
        rated.filter(|(_, percent)| *percent >= ALIKE).collect()
    }

    pub(super) fn referenced(&self, folded: &str) -> &[usize] {
        self.by_reference.get(folded).map_or(&[], Vec::as_slice)
    }

    pub(super) fn paid(&self, currency: Currency, amount: Decimal) -> &[usize] {
        self.by_payment.get(&(currency, amount.normalize())).map_or(&[], Vec::as_slice)
    }
}
