//! Slow statements: their text without values, how often, how long, and who ran them. Pure.

use std::collections::HashMap;
use std::time::Duration;

use kernel::Timestamp;

/// So many different ones are kept of a minute; a service that has more has one problem, not many.
const MOST: usize = 200;

/// The longest text that is kept, in characters.
const LONGEST: usize = 2000;

/// A statement that took longer than it should.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct SlowStatement {
    /// The route or the kind of job that ran it.
    pub origin: String,
    /// Its text, without values.
    pub statement: String,
    /// How often it was slow.
    pub runs: i64,
    /// How long those took altogether, in microseconds.
    pub total_us: i64,
    /// How long the longest took, in microseconds.
    pub longest_us: i64,
    /// When it was last slow.
    pub last_seen_at: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct SlowStatements(HashMap<(String, String), (i64, i64, i64)>);

impl SlowStatements {
    pub(super) fn note(&mut self, statement: &str, origin: &str, took: Duration) {
        let key = (origin.chars().take(200).collect(), normalise(statement));
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            return;
        }
        let us = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        let (runs, total, longest) = self.0.entry(key).or_default();
        (*runs, *total, *longest) = (*runs + 1, total.saturating_add(us), us.max(*longest));
    }

    /// What was noted; when it was seen is for the caller to say.
    pub(super) fn take(&mut self) -> Vec<SlowStatement> {
        let taken = std::mem::take(&mut self.0).into_iter();
        let slow = taken.map(|((origin, statement), (runs, total_us, longest_us))| SlowStatement {
            origin,
            statement,
            runs,
            total_us,
            longest_us,
            last_seen_at: Timestamp::from_jiff(jiff::Timestamp::UNIX_EPOCH),
        });
        slow.collect()
    }
}

/// The text of a statement without what it was run with: texts and numbers become `?`, blanks one blank. Names that hold digits and
/// parameters (`$1`) stay.
pub fn normalise(statement: &str) -> String {
    let mut text = String::with_capacity(statement.len().min(LONGEST));
    let mut rest = statement.chars().peekable();
    let mut last = ' ';
    while let Some(next) = rest.next() {
        let shown = match next {
            '\'' => {
                skip_text(&mut rest);
                '?'
            }
            digit if digit.is_ascii_digit() && !(last.is_alphanumeric() || matches!(last, '_' | '$')) => {
                while rest.next_if(|more| more.is_ascii_alphanumeric() || *more == '.').is_some() {}
                '?'
            }
            blank if blank.is_whitespace() => ' ',
            other => other,
        };
        if shown != ' ' || last != ' ' {
            text.push(shown);
        }
        last = shown;
    }
    text.trim_end().chars().take(LONGEST).collect()
}

/// To the end of a text; a doubled quote belongs to it.
fn skip_text(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(inside) = rest.next() {
        if inside == '\'' && rest.next_if_eq(&'\'').is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_loses_its_values_and_keeps_its_names_and_parameters() {
        for (statement, normal) in [
            ("select  a1\n from t2 where b = $1", "select a1 from t2 where b = $1"),
            ("select 'Jean ''Dupont''', 12.50 from x", "select ?, ? from x"),
            ("set local app.tenant = '0192-ab'; select 1e9", "set local app.tenant = ?; select ?"),
            ("select 'left open", "select ?"),
            ("where a_1 = -7 and d = date '2026-01-01'  ", "where a_1 = -? and d = date ?"),
        ] {
            assert_eq!(normalise(statement), normal);
        }
        assert_eq!(normalise(&"é ".repeat(4000)).chars().count(), 2000);
    }

    #[test]
    fn the_same_statement_of_the_same_origin_is_counted_and_the_number_of_different_ones_is_bounded() {
        let mut slow = SlowStatements::default();
        slow.note("select 1", "GET /a", Duration::from_millis(600));
        slow.note("select  2", "GET /a", Duration::from_millis(900));
        slow.note("select 2", "GET /b", Duration::from_millis(700));
        for n in 0..400 {
            slow.note(&format!("select * from t{n}"), "job", Duration::from_secs(1));
        }
        let taken = slow.take();
        assert_eq!(taken.len(), MOST);
        let twice = taken.iter().find(|one| one.origin == "GET /a").unwrap();
        assert_eq!((twice.runs, twice.total_us, twice.longest_us), (2, 1_500_000, 900_000));
        assert_eq!(slow.take(), []);
    }
}
