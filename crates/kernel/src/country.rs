//! Countries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A country of ISO 3166-1, by its two letters. Reading trims and folds case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(transparent)]
#[sqlx(transparent)]
#[schema(value_type = String, example = "FR")]
pub struct Country(String);

/// The text is no country of ISO 3166-1.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no country of ISO 3166-1: two letters, such as FR")]
pub struct UnknownCountry(String);

/// The member states of the European Union.
const EUROPEAN_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Countries whose addresses have no postal code, or often none.
const WITHOUT_POSTAL_CODES: [&str; 12] = ["AE", "AO", "BJ", "BF", "CD", "CG", "CI", "CM", "HK", "LB", "QA", "TG"];

impl Country {
    /// The two letters.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Whether it is a member state of the European Union. Monaco is not one, and counts as France for its VAT
    /// (directive 2006/112/CE, art. 7): see [`Self::for_vat`].
    pub fn is_in_european_union(&self) -> bool {
        EUROPEAN_UNION.contains(&self.code())
    }

    /// The country whose VAT is due there.
    #[must_use]
    pub fn for_vat(&self) -> Self {
        if self.code() == "MC" { Self::france() } else { self.clone() }
    }

    /// Whether its addresses have a postal code.
    pub fn has_postal_codes(&self) -> bool {
        !WITHOUT_POSTAL_CODES.contains(&self.code())
    }

    /// France.
    pub fn france() -> Self {
        Self("FR".to_owned())
    }

    /// Whether it is France.
    pub fn is_france(&self) -> bool {
        self.code() == "FR"
    }
}

impl Default for Country {
    fn default() -> Self {
        Self::france()
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        match iso_country::Country::from_str(&code) {
            Ok(country) if country != iso_country::Country::Unspecified => Ok(Self(code)),
            _ => Err(UnknownCountry(code)),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_one_of_iso_3166() {
        for code in ["FR", " fr ", "LB", "GB", "GR", "RE"] {
            assert_eq!(code.parse::<Country>().unwrap().code(), code.trim().to_uppercase());
        }
        for code in ["", "XX", "FRA", "F", "EL", "UK"] {
            assert!(code.parse::<Country>().is_err(), "{code:?}");
        }
        assert!(EUROPEAN_UNION.iter().all(|code| code.parse::<Country>().is_ok()));
    }

    #[test]
    fn monaco_counts_as_france_for_vat() {
        let monaco: Country = "MC".parse().unwrap();
        assert!(!monaco.is_in_european_union());
        assert!(monaco.for_vat().is_france());
    }
}
