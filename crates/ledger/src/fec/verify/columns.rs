//! The columns of the file: by their names, in their order.

use super::text;
use crate::fec::write::COLUMNS;

/// How the file cuts its lines, and which of the two ways it writes amounts.
pub(super) struct Layout {
    cut: char,
    has_sense: bool,
}

/// A line, cut to its columns.
pub(super) struct Row<'a> {
    pub(super) journal: &'a str,
    journal_name: &'a str,
    pub(super) number: &'a str,
    pub(super) on: &'a str,
    pub(super) account: &'a str,
    account_name: &'a str,
    pub(super) aux: &'a str,
    pub(super) aux_name: &'a str,
    piece_ref: &'a str,
    pub(super) piece_on: &'a str,
    label: &'a str,
    first: &'a str,
    second: &'a str,
    pub(super) letter: &'a str,
    pub(super) lettered_on: &'a str,
    pub(super) validated: &'a str,
    pub(super) foreign: &'a str,
    pub(super) currency: &'a str,
    has_sense: bool,
}

impl Layout {
    /// Reads the header. The problems are names that are not as published; what cannot be cut to columns at all is refused.
    pub(super) fn read(line: &str) -> Result<(Self, Vec<String>), String> {
        let cut = if line.contains('\t') {
            '\t'
        } else if line.contains('|') {
            '|'
        } else {
            return Err("columns must be separated by a tab or a vertical bar".to_owned());
        };
        let names: Vec<_> = line.split(cut).map(str::trim).collect();
        if names.len() != COLUMNS.len() {
            return Err(format!("the header has {} columns instead of 18", names.len()));
        }
        let has_sense = names[11].eq_ignore_ascii_case("Montant") && names[12].eq_ignore_ascii_case("Sens");
        let mut problems = Vec::new();
        for (at, (name, expected)) in names.iter().zip(COLUMNS).enumerate() {
            let is_variant = has_sense && (at == 11 || at == 12);
            if !is_variant && !name.eq_ignore_ascii_case(expected) {
                problems.push(format!("column {} is called {name:?} instead of {expected}", at + 1));
            }
        }
        Ok((Self { cut, has_sense }, problems))
    }

    /// Cuts a line; how many columns it has when they are not 18.
    pub(super) fn row<'a>(&self, line: &'a str) -> Result<Row<'a>, usize> {
        let mut cells = [""; COLUMNS.len()];
        let mut count = 0;
        for cell in line.split(self.cut) {
            if let Some(place) = cells.get_mut(count) {
                *place = cell;
            }
            count += 1;
        }
        if count != COLUMNS.len() {
            return Err(count);
        }
        let [
            journal,
            journal_name,
            number,
            on,
            account,
            account_name,
            aux,
            aux_name,
            piece_ref,
            piece_on,
            label,
            first,
            second,
            letter,
            lettered_on,
            validated,
            foreign,
            currency,
        ] = cells;
        Ok(Row {
            journal,
            journal_name,
            number,
            on,
            account,
            account_name,
            aux,
            aux_name,
            piece_ref,
            piece_on,
            label,
            first,
            second,
            letter,
            lettered_on,
            validated,
            foreign,
            currency,
            has_sense: self.has_sense,
        })
    }
}

impl Row<'_> {
    /// What may not be empty, by the name of its column.
    pub(super) const fn mandatory(&self) -> [(&'static str, &str); 12] {
        let (first, second) = if self.has_sense { ("Montant", "Sens") } else { ("Debit", "Credit") };
        [
            ("JournalCode", self.journal),
            ("JournalLib", self.journal_name),
            ("EcritureNum", self.number),
            ("EcritureDate", self.on),
            ("CompteNum", self.account),
            ("CompteLib", self.account_name),
            ("PieceRef", self.piece_ref),
            ("PieceDate", self.piece_on),
            ("EcritureLib", self.label),
            (first, self.first),
            (second, self.second),
            ("ValidDate", self.validated),
        ]
    }

    /// Debit and credit in ten thousandths; the column that cannot be read otherwise.
    pub(super) fn sides(&self) -> Result<(i128, i128), (&'static str, &str)> {
        let read = |name: &'static str, value| match text::amount(str::trim(value)) {
            Some(amount) => Ok(amount),
            // That it is empty is told already.
            None if value.trim().is_empty() => Ok(0),
            None => Err((name, value)),
        };
        if !self.has_sense {
            return Ok((read("Debit", self.first)?, read("Credit", self.second)?));
        }
        let amount = read("Montant", self.first)?;
        match self.second.trim() {
            "D" | "d" | "+1" | "1" => Ok((amount, 0)),
            "C" | "c" | "-1" => Ok((0, amount)),
            "" => Ok((0, 0)),
            _ => Err(("Sens", self.second)),
        }
    }
}
