//! Numbers of documents that stand in a line.

use std::collections::BTreeSet;
use std::ops::Range;

use super::index::{Index, MAX_CANDIDATES};
use super::words::{is_telling, runs, windows};
use crate::model::StatementLine;
use crate::text::fold;

/// A line that names more documents than this is a list for a person.
const MAX_NAMED: usize = 60;

/// The documents that a line names.
#[derive(Default)]
pub(super) struct Named {
    /// Places in [`Index::items`], of the line's currency, on either side.
    pub(super) items: BTreeSet<usize>,
    /// Those whose number is the end-to-end id.
    pub(super) end_to_end: BTreeSet<usize>,
    /// A number is that of several documents, too short to be believed, or may be read as another.
    pub(super) is_doubtful: bool,
}

/// The documents whose numbers stand in the label, the payer's text, the references or the end-to-end id, however
/// they are spaced and dashed.
pub(super) fn named(index: &Index<'_>, line: &StatementLine) -> Named {
    let mut named = Named::default();
    let texts = [Some(&line.label), line.remittance.as_ref(), line.end_to_end_id.as_ref()];
    for text in texts.into_iter().flatten().chain(&line.references) {
        search(index, line, text, &mut named);
    }
    if let Some(id) = &line.end_to_end_id {
        let equal = index.numbered(&fold(id)).iter().copied();
        named.end_to_end = equal.filter(|at| named.items.contains(at)).collect();
    }
    named
}

fn search(index: &Index<'_>, line: &StatementLine, text: &str, named: &mut Named) {
    let mut spans: Vec<(Range<usize>, Vec<usize>, bool)> = Vec::new();
    windows(&runs(text), |window, span| {
        if spans.len() >= MAX_NAMED {
            named.is_doubtful = true;
            return;
        }
        let is_telling = is_telling(window);
        let of_currency = |at: &usize| index.items[*at].currency == line.currency;
        let is_exact = |at: &usize| is_telling || index.of_amount(line).binary_search(at).is_ok();
        let fitting = index.numbered(window).iter().copied().filter(of_currency).filter(is_exact);
        let items: Vec<_> = fitting.take(MAX_CANDIDATES).collect();
        if !items.is_empty() {
            spans.push((span, items, is_telling));
        }
    });
    for (span, items, is_telling) in &spans {
        // `2025-0012` within `FAC-2025-0012` is a part of it. `FAC-2025-0012` before a `3` may be either.
        let is_part = spans.iter().any(|(other, ..)| other.start < span.start && span.end <= other.end);
        if is_part {
            continue;
        }
        let overlaps = |other: &Range<usize>| other != span && other.start < span.end && span.start < other.end;
        let is_crossed =
            spans.iter().any(|(other, ..)| overlaps(other) && !(span.start < other.start && other.end <= span.end));
        named.is_doubtful |= is_crossed || items.len() > 1 || !is_telling;
        named.items.extend(items);
    }
}
