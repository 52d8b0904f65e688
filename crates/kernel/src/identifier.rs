//! The numbers that companies and bank accounts are known by. Each is checked when it is read, and kept without blanks.

use serde::{Deserialize, Serialize};

/// The text is not the number it should be.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct InvalidIdentifier(pub &'static str);

/// Defines a word that is kept as text and read by a function that checks it.
macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $example:literal, $read:path;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = String, example = $example)]
        pub struct $name(String);

        impl $name {
            /// The number as it is stored: upper case, without blanks.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::InvalidIdentifier;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $read(&$crate::identifier::compact(text)).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use identifiers;

identifiers! {
    /// The nine digits of a French company (INSEE); the last one is a check (Luhn).
    Siren, "732829320", siren;
    /// The fourteen digits of a French establishment (INSEE): its company's SIREN, five of its own with a check (Luhn).
    /// Those of La Poste have another check, for it has more establishments than the first one can tell apart.
    Siret, "73282932000074", siret;
    /// The code of a company's main activity in France (NAF rev. 2): four digits and a letter.
    ActivityCode, "4322B", activity_code;
    /// A bank account's number (ISO 13616), without blanks.
    Iban, "FR7630006000011234567890189", iban;
    /// A bank's code (ISO 9362): 8 or 11 characters.
    Bic, "AGRIFRPP", bic;
}

/// La Poste, whose establishments are checked by the plain sum of their digits.
const LA_POSTE: &str = "356000000";

impl Siret {
    /// The company that the establishment belongs to.
    pub fn siren(&self) -> Siren {
        Siren(self.0.chars().take(9).collect())
    }
}

impl Iban {
    /// In groups of four, as it is printed.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

/// Without the blanks, dots and hyphens that people write for reading, in capitals.
pub(crate) fn compact(text: &str) -> String {
    let written = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\u{a0}' | '\u{202f}'));
    written.flat_map(char::to_uppercase).collect()
}

fn siren(text: &str) -> Result<String, InvalidIdentifier> {
    let Some(digits) = digits(text, 9) else { return Err(InvalidIdentifier("must have nine digits")) };
    if luhn(&digits) { Ok(text.to_owned()) } else { Err(InvalidIdentifier("is no SIREN: its check digit is wrong")) }
}

fn siret(text: &str) -> Result<String, InvalidIdentifier> {
    let Some(digits) = digits(text, 14) else { return Err(InvalidIdentifier("must have fourteen digits")) };
    let company = digits.get(..9).unwrap_or_default();
    let is_of_la_poste = text.starts_with(LA_POSTE) && digits.iter().sum::<u32>().is_multiple_of(5);
    if luhn(company) && (luhn(&digits) || is_of_la_poste) {
        return Ok(text.to_owned());
    }
    Err(InvalidIdentifier("is no SIRET: its check digit is wrong"))
}

fn activity_code(text: &str) -> Result<String, InvalidIdentifier> {
    let is_code = text.len() == 5
        && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
        && text.as_bytes().get(4).is_some_and(u8::is_ascii_uppercase);
    if is_code {
        Ok(text.to_owned())
    } else {
        Err(InvalidIdentifier("must have four digits and a letter, such as 4322B"))
    }
}

fn iban(text: &str) -> Result<String, InvalidIdentifier> {
    let parsed = text.parse::<iban::Iban>();
    parsed
        .map(|_| text.to_owned())
        .map_err(|_| InvalidIdentifier("is no IBAN: its length or its check digits are wrong"))
}

fn bic(text: &str) -> Result<String, InvalidIdentifier> {
    let bytes = text.as_bytes();
    let is_bic = matches!(bytes.len(), 8 | 11)
        && bytes.iter().take(4).all(u8::is_ascii_alphanumeric)
        && text.get(4..6).is_some_and(|country| country.parse::<crate::Country>().is_ok() || country == "XK")
        && bytes.iter().skip(6).all(u8::is_ascii_alphanumeric);
    if is_bic { Ok(text.to_owned()) } else { Err(InvalidIdentifier("must have 8 or 11 characters, such as AGRIFRPP")) }
}

/// The digits of a text that has nothing else.
pub(crate) fn digits(text: &str, count: usize) -> Option<Vec<u32>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    digits.filter(|digits| digits.len() == count)
}

/// The check of Luhn (ISO/IEC 7812-1): every second digit from the right counts double.
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn check<T: FromStr>(rows: &[(&str, bool)]) {
        for (text, fine) in rows {
            assert_eq!(text.parse::<T>().is_ok(), *fine, "{text:?}");
        }
    }

    #[test]
    fn a_siren_has_nine_digits_and_its_check() {
        check::<Siren>(&[
            ("732829320", true),
            ("732 829 320", true),
            ("356000000", true),
            ("732829321", false),
            ("73282932", false),
            ("7328293200", false),
            ("73282932A", false),
            ("", false),
        ]);
    }

    #[test]
    fn a_siret_begins_with_a_siren_and_has_its_check_but_for_la_poste() {
        check::<Siret>(&[
            ("73282932000074", true),
            ("732 829 320 00074", true),
            ("73282932000075", false),
            ("7328293200007", false),
            ("35600000000048", true),
            // Luhn fails; the sum of its digits is a multiple of five.
            ("35600000009075", true),
            ("35600000009076", false),
            ("٣٥٦٠٠٠٠٠٠٠٠٠٤٨", false),
        ]);
        assert_eq!("73282932000074".parse::<Siret>().unwrap().siren().as_str(), "732829320");
    }

    #[test]
    fn an_activity_has_four_digits_and_a_letter() {
        check::<ActivityCode>(&[
            ("4322B", true),
            ("43.22b", true),
            ("4322", false),
            ("43222", false),
            ("A322B", false),
        ]);
    }

    #[test]
    fn an_iban_has_its_length_and_its_check_and_is_kept_without_blanks() {
        check::<Iban>(&[
            ("FR76 3000 6000 0112 3456 7890 189", true),
            ("fr7630006000011234567890189", true),
            ("FR7630006000011234567890188", false),
            ("FR76300060000112345678901", false),
            ("LB62099900000001001901229114", true),
            ("DE89370400440532013000", true),
            ("", false),
        ]);
        let iban: Iban = "FR76 3000 6000 0112 3456 7890 189".parse().unwrap();
        assert_eq!(iban.as_str(), "FR7630006000011234567890189");
        assert_eq!(iban.grouped(), "FR76 3000 6000 0112 3456 7890 189");
    }

    #[test]
    fn a_bic_names_a_bank_in_a_country() {
        check::<Bic>(&[
            ("AGRIFRPP", true),
            ("BNPAFRPPXXX", true),
            ("agrifrpp", true),
            ("AGRIXXPP", false),
            ("AGRIFRP", false),
            ("AGRIFRPPX", false),
            ("ÀGRIFRPP", false),
        ]);
    }
}
