//! Where somebody is, and how he is written to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Country;

/// A postal address. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Number and street.
    pub line1: String,
    /// What else the postman needs.
    pub line2: String,
    /// The postal code.
    pub postal_code: String,
    /// The town.
    pub city: String,
    /// The country; France unless told.
    pub country: Country,
}

/// The most characters of one line of an address.
const LINE_CHARS: usize = 200;

impl Address {
    /// The same with outer blanks gone.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            line1: trim(self.line1),
            line2: trim(self.line2),
            postal_code: trim(self.postal_code),
            city: trim(self.city),
            country: self.country,
        }
    }

    /// What is wrong with it, as the name of its line and a sentence. A French postal code has five digits.
    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        let lines =
            [("line1", &self.line1), ("line2", &self.line2), ("postal_code", &self.postal_code), ("city", &self.city)];
        if let Some((line, _)) = lines.into_iter().find(|(_, text)| text.chars().count() > LINE_CHARS) {
            return Some((line, "must have at most 200 characters"));
        }
        let code = self.postal_code.as_bytes();
        let is_french = code.is_empty() || (code.len() == 5 && code.iter().all(u8::is_ascii_digit));
        (self.country.is_france() && !is_french).then_some(("postal_code", "must have five digits in France"))
    }

    /// The lines that an invoice asks for and that are empty.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let lines = [("line1", &self.line1), ("postal_code", &self.postal_code), ("city", &self.city)];
        let has_codes = self.country.has_postal_codes();
        let empty = lines.map(|(line, text)| (text.is_empty() && (line != "postal_code" || has_codes)).then_some(line));
        empty.into_iter().flatten()
    }
}

/// A language that documents are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// The stored form: two letters of ISO 639-1.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            _ => Err("must be fr or en"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> Address {
        Address {
            line1: "1 rue de la Paix".into(),
            postal_code: "75002".into(),
            city: "Paris".into(),
            ..Address::default()
        }
    }

    #[test]
    fn a_french_address_has_a_postal_code_of_five_digits() {
        assert_eq!(paris().refusal(), None);
        for code in ["7500", "750022", "7500A"] {
            let address = Address { postal_code: code.into(), ..paris() };
            assert_eq!(address.refusal().map(|(line, _)| line), Some("postal_code"), "{code}");
        }
        let london = Address { postal_code: "SW1A 1AA".into(), country: "GB".parse().unwrap(), ..paris() };
        assert_eq!(london.refusal(), None);
        let long = Address { line2: "x".repeat(201), ..paris() };
        assert_eq!(long.refusal().map(|(line, _)| line), Some("line2"));
    }

    #[test]
    fn what_is_missing_is_told_line_by_line() {
        assert_eq!(paris().missing().count(), 0);
        assert_eq!(Address::default().missing().collect::<Vec<_>>(), ["line1", "postal_code", "city"]);
        let beirut = Address { postal_code: String::new(), country: "LB".parse().unwrap(), ..paris() };
        assert_eq!(beirut.missing().count(), 0);
    }
}
