//! How numbers are written. Pure.

use std::collections::BTreeMap;

use kernel::{Date, Week};
use platform::setting::Setting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is numbered by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// Quotes.
    Quote,
    /// Pro-formas.
    ProForma,
    /// Invoices and deposit invoices.
    Invoice,
    /// Credit notes.
    CreditNote,
    /// Invoices to buyers of leads (spec/leads.md 5.12).
    Leads,
    /// Invoices between entities (spec/leads.md 5.11).
    Intercompany,
    /// Credit notes between entities.
    IntercompanyCredit,
}

impl Series {
    /// Every series.
    pub const ALL: [Self; 7] = [
        Self::Quote,
        Self::ProForma,
        Self::Invoice,
        Self::CreditNote,
        Self::Leads,
        Self::Intercompany,
        Self::IntercompanyCredit,
    ];

    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::ProForma => "pro_forma",
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
            Self::Leads => "leads",
            Self::Intercompany => "intercompany",
            Self::IntercompanyCredit => "intercompany_credit",
        }
    }

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

    /// The year whose counter gives the number. What is named after the week it bills never begins anew: a week may be billed in
    /// the year after it.
    pub fn year(self, on: Date) -> i32 {
        match self {
            Self::Intercompany | Self::IntercompanyCredit => 0,
            Self::Quote | Self::ProForma | Self::Invoice | Self::CreditNote | Self::Leads => {
                i32::from(on.jiff().year())
            }
        }
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
    fn a_pattern_needs_its_year_and_one_counter() {
        for bad in ["FAC-{NNNN}", "FAC-{YYYY}", "{YYYY}{NN}{NN}", "{YYYY}-{X}-{N}", "{YYYY-{N}", "F C-{YYYY}-{N}", ""] {
            assert!(Pattern::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let own: NumberPatterns = serde_json::from_str(r#"{"per_entity": {"ZR7": {"invoice": "{YY}/{N}"}}}"#).unwrap();
        assert_eq!(own.of("ZR7", Series::Invoice).number(3, &naming("2026-02-11")), "26/3");
        assert_eq!(own.of("MDL", Series::Invoice).number(3, &naming("2026-02-11")), "FAC-2026-0003");
    }
}
