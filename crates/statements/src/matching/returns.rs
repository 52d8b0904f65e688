//! Payments that came back: direct debits and cheques without funds, transfers to closed accounts.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::MAX_SUGGESTIONS;
use super::index::Index;
use super::model::{StatementMatchFact, StatementMatchReason, StatementSuggestion, StatementSuggestionKind};
use super::words::{runs, windows};
use crate::model::StatementLine;
use crate::text::fold;

/// By amount alone only payments of so many days are looked at; a debtor has eight weeks to ask for his money back
/// (Regulation (EU) 260/2012, SEPA Direct Debit Core Rulebook).
const RECENT_DAYS: i32 = 70;

/// Whether the line says that an earlier payment came back: by the bank's code, or in French, German or English words.
/// The fee for it is none.
pub(super) fn is_return(line: &StatementLine) -> bool {
    const SAYS: [&str; 9] = [
        "IMPAYE*",
        "REJET*",
        "RETOUR PRLV*",
        "RETOUR PRELEVEMENT",
        "*CKLASTSCHRIFT",
        "RETOURE",
        "RETURNED",
        "UNPAID",
        "CHARGEBACK",
    ];
    const FEES: [&str; 7] = ["FRAIS", "COMMISSION*", "COM", "GEBUHR*", "GEBUEHR*", "ENTGELT*", "FEE*"];
    if line.returned.is_some() {
        return true;
    }
    let plain = deunicode::deunicode(&line.label).to_ascii_uppercase();
    let words: Vec<_> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    line.amount.is_sign_negative() && has_any(&words, &SAYS) && !has_any(&words, &FEES)
}

/// Whether one of the patterns, of one or two words, stands among the words; `*` is any beginning or end of a word.
fn has_any(words: &[&str], patterns: &[&str]) -> bool {
    let fits = |word: &str, pattern: &str| match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(start), _) => word.starts_with(start),
        (None, Some(end)) => word.ends_with(end),
        (None, None) => word == pattern,
    };
    patterns.iter().any(|pattern| {
        let pattern: Vec<_> = pattern.split(' ').collect();
        words.windows(pattern.len()).any(|words| words.iter().zip(&pattern).all(|(word, pattern)| fits(word, pattern)))
    })
}

/// The payments that the line may be the return of; none of them by itself.
pub(super) fn suggest(index: &Index<'_>, line: &StatementLine) -> Vec<StatementSuggestion> {
    if line.amount.is_sign_positive() {
        return Vec::new();
    }
    let back = line.amount.abs();
    let net = line.charges.map(|charges| back - charges).filter(|net| *net > Decimal::ZERO);
    let referenced = referenced(index, line);
    let is_amount = |at: usize| {
        let amount = index.payments[at].amount;
        amount == back || net == Some(amount)
    };
    let same = [Some(back), net].into_iter().flatten().flat_map(|amount| index.paid(line.currency, amount)).copied();
    let candidates: BTreeSet<usize> = referenced.iter().copied().chain(same).collect();
    let mut suggestions = Vec::new();
    for at in candidates {
        let payment = index.payments[at];
        if payment.currency != line.currency || payment.received_on > line.booked_on {
            continue;
        }
        let is_recent = payment.received_on.plus_days(RECENT_DAYS) >= line.booked_on;
        let score = match (referenced.contains(&at), is_amount(at)) {
            (true, true) => 90,
            (true, false) => 60,
            (false, _) if is_recent => 50,
            (false, _) => continue,
        };
        suggestions.push((score, at));
    }
    // Payments stand the latest first.
    suggestions.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    let best = suggestions.first().map_or(0, |(score, _)| *score);
    let count = suggestions.iter().filter(|(score, _)| *score == best).count();
    let built = suggestions.into_iter().take(MAX_SUGGESTIONS).map(|(score, at)| {
        let mut facts = facts(line, referenced.contains(&at), is_amount(at));
        if score == best && count > 1 {
            facts.push(StatementMatchFact::Ambiguous { count });
        }
        StatementSuggestion {
            kind: StatementSuggestionKind::Bounce,
            items: Vec::new(),
            payment_id: Some(index.payments[at].id),
            unallocated: Decimal::ZERO,
            score,
            reason: StatementMatchReason::Returned,
            facts,
            automatic: false,
        }
    });
    built.collect()
}

fn facts(line: &StatementLine, is_referenced: bool, is_amount: bool) -> Vec<StatementMatchFact> {
    let reason = line.returned.as_ref().and_then(|returned| returned.reason.as_ref());
    let mut facts = Vec::new();
    facts.extend(is_referenced.then_some(StatementMatchFact::ReferenceEqual));
    facts.extend(is_amount.then_some(StatementMatchFact::AmountEqual));
    facts.extend(reason.map(|reason| StatementMatchFact::ReturnReason { code: reason.0.clone() }));
    facts.extend(line.charges.map(|amount| StatementMatchFact::Charges { amount }));
    facts
}

/// Payments whose reference the line names: end-to-end id, mandate, or anywhere in its texts.
fn referenced(index: &Index<'_>, line: &StatementLine) -> BTreeSet<usize> {
    let returned = line.returned.as_ref();
    let ids = [
        line.end_to_end_id.as_ref(),
        returned.and_then(|returned| returned.end_to_end_id.as_ref()),
        returned.and_then(|returned| returned.mandate_id.as_ref()),
    ];
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for id in ids.into_iter().flatten().chain(&line.references) {
        found.extend(index.referenced(&fold(id)));
    }
    for text in [Some(&line.label), line.remittance.as_ref()].into_iter().flatten() {
        windows(&runs(text), |window, _| {
            if window.len() >= 5 {
                found.extend(index.referenced(window));
            }
        });
    }
    found
}
