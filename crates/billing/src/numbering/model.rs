//! How numbers are written. Pure.

use std::collections::BTreeMap;

use kernel::{Date, Week};
use platform::setting::Setting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

platform::words! {
    /// What is numbered by itself.
    Series {
        /// Quotes.
        Quote = "quote",
        /// Pro-formas.
        ProForma = "pro_forma",
        /// Invoices and deposit invoices.
        Invoice = "invoice",
        /// Credit notes.
        CreditNote = "credit_note",
        /// Invoices to buyers of leads (spec/leads.md 5.12).
        Leads = "leads",
        /// Invoices between entities (spec/leads.md 5.11).
        Intercompany = "intercompany",
        /// Credit notes between entities.
        IntercompanyCredit = "intercompany_credit",
    }
}

impl Series {
    /// How its numbers are written unless an entity says otherwise. Numbers of one entity never meet: each pattern begins
    /// differently.
    const fn default_pattern(self) -> &'static str {
        match self {
            Self::Quote => "DEV-{YYYY}-{NNNN}",
            Self::ProForma => "PRE-{YY}-{NNNN}",
            Self::Invoice => "FAC-{YYYY}-{NNNN}",
            Self::CreditNote => "AV-{YYYY}-{NNNN}",
            Self::Leads => "{ENTITY}-{YYYY}{MM}-{NNNN}",
            Self::Intercompany => "IC-{ENTITY}-{WEEK}-{NNNN}",
            Self::IntercompanyCredit => "ICA-{ENTITY}-{WEEK}-{NNNN}",
        }
    }

    /// Whether its counter begins anew each year.
    pub const fn is_yearly(self) -> bool {
        !matches!(self, Self::Intercompany | Self::IntercompanyCredit)
    }

    /// The year whose counter gives the number. What is named after the week it bills never begins anew: a week may be billed in
    /// the year after it.
    pub fn year(self, on: Date) -> i32 {
        if self.is_yearly() { i32::from(on.jiff().year()) } else { 0 }
    }
}

/// What a number can tell besides its place.
#[derive(Clone, Debug)]
pub struct Naming<'a> {
    /// The code of the entity that issues.
    pub entity: &'a str,
    /// The day of issue.
    pub on: Date,
    /// The week billed; that of issue unless told.
    pub week: Option<Week>,
}

/// How the numbers of a series are written: text with `{YYYY}`, `{YY}`, `{MM}`, `{ENTITY}`, `{WEEK}`, and once the
/// counter as `{N…}`, as wide as it has letters and wider when it needs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, examples("FAC-{YYYY}-{NNNN}"))]
pub struct Pattern(String);

/// The text is no pattern of numbers.
#[derive(Debug, thiserror::Error)]
#[error(
    "a number's pattern has the year ({{YYYY}} or {{YY}}), one counter such as {{NNNN}}, letters, digits, - / . _, and 40 characters at most"
)]
pub struct InvalidPattern;

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let tokens: Vec<_> = tokens(&text).ok_or(InvalidPattern)?;
        let counters = tokens.iter().filter(|token| matches!(token, Token::Counter(_))).count();
        let has_year = tokens.iter().any(|token| matches!(token, Token::Field("YYYY" | "YY" | "WEEK")));
        if counters == 1 && has_year && text.len() <= 40 { Ok(Self(text)) } else { Err(InvalidPattern) }
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

enum Token<'a> {
    Text(&'a str),
    Field(&'a str),
    Counter(usize),
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find('{').unwrap_or(rest.len());
        let (before, after) = rest.split_at(plain);
        if !before.chars().all(|c| c.is_ascii_alphanumeric() || "-/._".contains(c)) {
            return None;
        }
        found.push(Token::Text(before));
        let Some(open) = after.strip_prefix('{') else { break };
        let (name, behind) = open.split_once('}')?;
        found.push(match name {
            "YYYY" | "YY" | "MM" | "ENTITY" | "WEEK" => Token::Field(name),
            _ if (1..=10).contains(&name.len()) && name.bytes().all(|b| b == b'N') => Token::Counter(name.len()),
            _ => return None,
        });
        rest = behind;
    }
    Some(found)
}

impl Pattern {
    /// The number `value` of its series.
    pub fn number(&self, value: i64, naming: &Naming<'_>) -> String {
        let on = naming.on;
        let tokens = tokens(&self.0).unwrap_or_default();
        let write = |token: &Token<'_>| match token {
            Token::Text(text) => (*text).to_owned(),
            Token::Counter(width) => format!("{value:0width$}"),
            Token::Field("YYYY") => format!("{:04}", on.jiff().year()),
            Token::Field("YY") => format!("{:02}", on.jiff().year().rem_euclid(100)),
            Token::Field("MM") => format!("{:02}", on.jiff().month()),
            Token::Field("ENTITY") => naming.entity.to_owned(),
            Token::Field(_) => naming.week.unwrap_or_else(|| Week::of(on)).to_string(),
        };
        tokens.iter().map(write).collect()
    }
}

/// One place of a number, as a pattern allows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// This character.
    Char(char),
    /// A digit.
    Digit,
    /// Any number of digits, none among them: a counter grows.
    MoreDigits,
}

impl Pattern {
    /// Whether it names the year of issue: without it, a counter that begins anew each year repeats its numbers.
    pub fn names_year(&self) -> bool {
        let tokens = tokens(&self.0).unwrap_or_default();
        tokens.iter().any(|token| matches!(token, Token::Field("YYYY" | "YY")))
    }

    /// Whether some number could be written by both, in any year.
    pub fn meets(&self, other: &Self, entity: &str) -> bool {
        let (one, two) = (self.places(entity), other.places(entity));
        let mut seen = vec![vec![false; two.len() + 1]; one.len() + 1];
        let mut open = vec![(0, 0)];
        while let Some((a, b)) = open.pop() {
            if std::mem::replace(&mut seen[a][b], true) {
                continue;
            }
            if (a, b) == (one.len(), two.len()) {
                return true;
            }
            let (here, there) = (one.get(a).copied(), two.get(b).copied());
            // Digits that need not be there.
            open.extend((here == Some(Place::MoreDigits)).then_some((a + 1, b)));
            open.extend((there == Some(Place::MoreDigits)).then_some((a, b + 1)));
            if let (Some(here), Some(there)) = (here, there)
                && here.shares(there)
            {
                let next = |at, place| if place == Place::MoreDigits { at } else { at + 1 };
                open.push((next(a, here), next(b, there)));
            }
        }
        false
    }

    fn places(&self, entity: &str) -> Vec<Place> {
        let mut places = Vec::new();
        for token in tokens(&self.0).unwrap_or_default() {
            match token {
                Token::Text(text) => places.extend(text.chars().map(Place::Char)),
                Token::Field("ENTITY") => places.extend(entity.chars().map(Place::Char)),
                Token::Field("YYYY") => places.extend([Place::Digit; 4]),
                Token::Field("YY" | "MM") => places.extend([Place::Digit; 2]),
                Token::Field(_) => {
                    places.extend([Place::Digit; 4]);
                    places.extend([Place::Char('-'), Place::Char('W'), Place::Digit, Place::Digit]);
                }
                Token::Counter(width) => {
                    places.extend(std::iter::repeat_n(Place::Digit, width));
                    places.push(Place::MoreDigits);
                }
            }
        }
        places
    }
}

impl Place {
    /// Whether one character may stand in both.
    fn shares(self, other: Self) -> bool {
        match (self, other) {
            // Numbers are told apart whatever their case.
            (Self::Char(one), Self::Char(two)) => one.eq_ignore_ascii_case(&two),
            (Self::Char(c), Self::Digit | Self::MoreDigits) | (Self::Digit | Self::MoreDigits, Self::Char(c)) => {
                c.is_ascii_digit()
            }
            (Self::Digit | Self::MoreDigits, Self::Digit | Self::MoreDigits) => true,
        }
    }
}

/// How entities write their numbers, by the entity's code; a series without an entry is written as the specifications say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberPatterns {
    /// Entity, series, pattern.
    #[serde(default)]
    pub per_entity: BTreeMap<String, BTreeMap<Series, Pattern>>,
}

impl Setting for NumberPatterns {
    const KEY: &'static str = "billing.number_patterns";
}

impl NumberPatterns {
    /// Whether `entity` writes the numbers of `series` its own way.
    pub fn is_own(&self, entity: &str, series: Series) -> bool {
        self.per_entity.get(entity).is_some_and(|patterns| patterns.contains_key(&series))
    }

    /// The same with another pattern of a series; none is that of the specifications.
    #[must_use]
    pub fn with(mut self, entity: &str, series: Series, pattern: Option<Pattern>) -> Self {
        let own = self.per_entity.entry(entity.to_owned()).or_default();
        match pattern {
            Some(pattern) => own.insert(series, pattern),
            None => own.remove(&series),
        };
        self.per_entity.retain(|_, patterns| !patterns.is_empty());
        self
    }

    /// How `entity` writes the numbers of `series`.
    pub fn of(&self, entity: &str, series: Series) -> Pattern {
        let own = self.per_entity.get(entity).and_then(|patterns| patterns.get(&series));
        own.cloned().unwrap_or_else(|| Pattern(series.default_pattern().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(on: &str) -> Naming<'static> {
        Naming { entity: "ZR7", on: on.parse().unwrap(), week: None }
    }

    #[test]
    fn numbers_are_written_as_the_specifications_say() {
        let patterns = NumberPatterns::default();
        let written = |series, value| patterns.of("ZR7", series).number(value, &naming("2026-02-11"));
        assert_eq!(written(Series::Invoice, 147), "FAC-2026-0147");
        assert_eq!(written(Series::CreditNote, 1), "AV-2026-0001");
        assert_eq!(written(Series::Quote, 12_345), "DEV-2026-12345");
        assert_eq!(written(Series::ProForma, 7), "PRE-26-0007");
        assert_eq!(written(Series::Leads, 1), "ZR7-202602-0001");
        assert_eq!(written(Series::Intercompany, 1), "IC-ZR7-2026-W07-0001");
    }

    #[test]
    fn every_default_is_a_pattern() {
        for series in Series::ALL {
            assert!(Pattern::try_from(series.default_pattern().to_owned()).is_ok(), "{series:?}");
        }
    }

    #[test]
    fn patterns_that_could_write_one_number_meet() {
        let pattern = |text: &str| Pattern::try_from(text.to_owned()).unwrap();
        let rows = [
            ("FAC-{YYYY}-{NNNN}", "FAC-{YYYY}-{NNNN}", true),
            ("FAC-{YYYY}-{NNNN}", "fac-{YY}{YY}-{NNNNNN}", true),
            ("FAC-{YYYY}-{NNNN}", "AV-{YYYY}-{NNNN}", false),
            ("{YYYY}-{NNNN}", "FAC-{YYYY}-{NNNN}", false),
            ("{YYYY}{NNNN}", "{YY}{MM}{NNNN}", true),
            ("{YYYY}{NN}", "{YY}{N}", true),
            ("{ENTITY}-{YYYY}-{N}", "ZR{NNN}-{YYYY}-{YY}", false),
            ("{ENTITY}-{YYYY}-{N}", "ZR{N}-{YYYY}-{YY}", true),
            ("IC-{WEEK}-{N}", "IC-{YYYY}-{N}", false),
            ("IC-{WEEK}-{N}", "IC-{YYYY}-W{MM}-{NN}", true),
            ("A{YYYY}-{N}", "A{YYYY}.{N}", false),
        ];
        for (one, two, meet) in rows {
            assert_eq!(pattern(one).meets(&pattern(two), "ZR7"), meet, "{one} {two}");
            assert_eq!(pattern(two).meets(&pattern(one), "ZR7"), meet, "{two} {one}");
        }
        for (at, one) in Series::ALL.iter().copied().enumerate() {
            for two in &Series::ALL[at + 1..] {
                assert!(
                    !pattern(one.default_pattern()).meets(&pattern(two.default_pattern()), "ZR7"),
                    "{one:?} {two:?}"
                );
            }
        }
        assert!(!pattern("IC-{WEEK}-{N}").names_year());
    }

    #[test]
    fn a_pattern_needs_its_year_and_one_counter() {
        for bad in ["FAC-{NNNN}", "FAC-{YYYY}", "{YYYY}{NN}{NN}", "{YYYY}-{X}-{N}", "{YYYY-{N}", "F C-{YYYY}-{N}", ""] {
            assert!(Pattern::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let own: NumberPatterns = serde_json::from_str(r#"{"per_entity": {"ZR7": {"invoice": "{YY}/{N}"}}}"#).unwrap();
        assert_eq!(own.of("ZR7", Series::Invoice).number(3, &naming("2026-02-11")), "26/3");
        assert_eq!(own.of("MDL", Series::Invoice).number(3, &naming("2026-02-11")), "FAC-2026-0003");
    }
}
