//! What the lines of a statement may pay, by the rules of field 5.8.
//!
//! 1. The number of a document stands in the line and the amounts are equal: **automatic**; several numbers of one
//!    customer whose sum is the amount: automatic as well.
//! 2. The line comes from an IBAN of the customer, and exactly one of his documents has this balance: **automatic**.
//! 3. The amount is the balance of a document due within ten days: a suggestion for each.
//! 4. Otherwise the line stays unmatched, unless one of these speaks: a number with another amount (partial or
//!    over-payment), several documents of the customer that sum to the amount, the customer's IBAN or name.
//!
//! Money that goes out is held against credit notes in the same way; a payment that came back is held against earlier
//! payments and never books by itself. Nothing partial or ambiguous is ever automatic.
//!
//! The work for a line is bounded: documents are found by number, amount, IBAN and words of the name, and sets of at most
//! [`MAX_COMBINED`] are looked for among the two dozen oldest documents of one customer.

mod combine;
mod index;
mod model;
mod numbers;
mod returns;
mod rules;
mod words;

use std::collections::HashSet;

pub use combine::MAX_COMBINED;
pub use model::{
    OpenItem, Payment, StatementAllocation, StatementMatchFact, StatementMatchReason, StatementSuggestion,
    StatementSuggestionKind,
};

use crate::model::StatementLine;
use index::Index;

/// At most so many suggestions for a line.
pub const MAX_SUGGESTIONS: usize = 10;

/// Suggestions for each line, in the order of `lines`, the best first. Which order the items and payments come in makes
/// no difference.
///
/// A document that one line pays automatically is not paid automatically by a second: of several lines the earliest
/// (by day, then by id) keeps it, and the others become suggestions.
pub fn suggest_all(lines: &[StatementLine], items: &[OpenItem], payments: &[Payment]) -> Vec<Vec<StatementSuggestion>> {
    let index = Index::new(items, payments);
    let mut suggestions: Vec<_> = lines.iter().map(|line| suggest(&index, line)).collect();
    let mut order: Vec<_> = (0..lines.len()).collect();
    order.sort_by_key(|&at| (lines[at].booked_on, &lines[at].external_id));
    let mut claimed = HashSet::new();
    for at in order {
        for suggestion in suggestions[at].iter_mut().filter(|suggestion| suggestion.automatic) {
            let is_free = suggestion.items.iter().all(|item| !claimed.contains(&item.item_id));
            if is_free {
                claimed.extend(suggestion.items.iter().map(|item| item.item_id));
            } else {
                suggestion.automatic = false;
                suggestion.score = suggestion.score.min(rules::MAX_UNSURE);
                suggestion.facts.push(StatementMatchFact::PaidByAnotherLine);
            }
        }
    }
    suggestions
}

fn suggest(index: &Index<'_>, line: &StatementLine) -> Vec<StatementSuggestion> {
    if line.amount.is_zero() {
        return Vec::new();
    }
    if returns::is_return(line) {
        return returns::suggest(index, line);
    }
    rules::suggest(index, line)
}

#[cfg(test)]
mod tests;
