//! What the lines of an invoice bill: things done or consumed, each billed once (spec/field.md F-20). Pure.

use std::collections::BTreeSet;

use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::draft::DraftLine;

/// Things that a line may bill.
const MOST_OF_A_LINE: usize = 500;

/// Something done or consumed that a line bills, as whoever keeps it names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Billed {
    /// What it is, a word of small letters: `time_entry`, `stock_movement`, …
    #[schema(pattern = "^[a-z][a-z0-9_]{0,39}$")]
    pub kind: String,
    /// Which one, in up to 100 characters.
    pub reference: String,
}

impl Billed {
    /// What a condition of a list names as `kind:reference`.
    pub(super) fn of_query(text: &str) -> Result<Self> {
        let (kind, reference) =
            text.split_once(':').ok_or_else(|| Error::bad_parameter("bills", "must be written kind:reference"))?;
        let billed = Self { kind: kind.to_owned(), reference: reference.to_owned() };
        billed.refusal().map_or(Ok(billed), |why| Err(Error::bad_parameter("bills", why)))
    }

    fn refusal(&self) -> Option<&'static str> {
        let is_word =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
        let starts_well = self.kind.starts_with(|first: char| first.is_ascii_lowercase());
        if !starts_well || self.kind.len() > 40 || !self.kind.chars().all(is_word) {
            return Some("must name a kind in small letters, digits and _, 40 at most");
        }
        let length = self.reference.chars().count();
        if !(1..=100).contains(&length)
            || self.reference.trim() != self.reference
            || self.reference.contains(char::is_control)
        {
            return Some("must have a reference of 1 to 100 characters, with no space around it");
        }
        None
    }
}

/// What keeps lines from billing what they name: the position of the line, and why.
pub(super) fn refusal(lines: &[DraftLine]) -> Option<(usize, &'static str)> {
    let mut seen = BTreeSet::new();
    lines.iter().enumerate().find_map(|(at, line)| {
        let too_many = (line.bills.len() > MOST_OF_A_LINE).then_some("must name 500 things at most");
        let wrong = || line.bills.iter().find_map(Billed::refusal);
        let twice = |billed| (!seen.insert(billed)).then_some("bills the same thing twice");
        too_many.or_else(wrong).or_else(|| line.bills.iter().find_map(twice)).map(|why| (at, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billed(kind: &str, reference: &str) -> Billed {
        Billed { kind: kind.to_owned(), reference: reference.to_owned() }
    }

    #[test]
    fn what_is_billed_has_a_kind_and_a_reference() {
        let long = "x".repeat(101);
        for (kind, reference, is_well) in [
            ("time_entry", "4711", true),
            ("t2", "é ü", true),
            ("", "1", false),
            ("2t", "1", false),
            ("Time", "1", false),
            ("time entry", "1", false),
            (&long[..41], "1", false),
            ("time_entry", "", false),
            ("time_entry", " 1", false),
            ("time_entry", "1\n2", false),
            ("time_entry", &long, false),
        ] {
            assert_eq!(billed(kind, reference).refusal().is_none(), is_well, "{kind} {reference}");
        }
    }
}
